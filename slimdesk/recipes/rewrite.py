"""An author's Dockerfile becomes the multi-stage one of the recipe, with what the author's says besides.

The recipe knows how the language is built; the author knows which variables, labels, ports, packages, files and words
the program needs. Both are kept, and each line of the old file is accounted for: kept, changed or left out, and why.
"""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from slimdesk.basics.errors import BadInput, UnavailableFamily
from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import Family
from slimdesk.dockerfile.check import check
from slimdesk.dockerfile.model import Dockerfile, Stage
from slimdesk.dockerfile.parse import parse
from slimdesk.dockerfile.units import lines_of
from slimdesk.dockerfile.view import look
from slimdesk.dockerfile.write import write
from slimdesk.project.model import Component
from slimdesk.recipes.generate import fits, generate, recommended
from slimdesk.recipes.lint_exceptions import is_pragma
from slimdesk.recipes.model import Generated, Options
from slimdesk.recipes.provenance import is_heading
from slimdesk.recipes.rewrite_merge import Merging, Note, with_build_arguments
from slimdesk.recipes.rewrite_packages import Sorted, sort_packages
from slimdesk.recipes.rewrite_read import Wishes, read_wishes
from slimdesk.recipes.rewrite_start import start_of

_BODY_END = ("USER", "EXPOSE", "LABEL", "HEALTHCHECK", "ENTRYPOINT", "CMD")


@dataclass(frozen=True, slots=True)
class Rewrite:
    """The multi-stage Dockerfile beside the author's: `diff` is unified, findings are of the old and the new text."""

    text: str
    dockerignore: str
    diff: str
    family: Family
    generated: Generated
    notes: tuple[Note, ...]
    findings_before: tuple[Finding, ...]
    findings_after: tuple[Finding, ...]

    @property
    def kept(self) -> tuple[Note, ...]:
        """What stands in the new one as well."""
        return tuple(note for note in self.notes if note.kind == "kept")


def rewrite(
    text: str,
    component: Component,
    catalog: Catalog,
    options: Options | None = None,
    family: Family | None = None,
    *,
    name: str = "Dockerfile",
    own_ignore: str | None = None,
) -> Rewrite:
    """Rewrite a Dockerfile for a component; `family` None takes the recommended one. `name` is the file's, for evidence.

    Raises DockerfileError for a text that BuildKit refuses, UnavailableFamily if no family serves the component,
    BadInput for what cannot be written.
    """
    old = parse(text, name)
    wishes = read_wishes(old)
    notes: list[Note] = []
    chosen = options or Options()
    if wishes.health is not None and wishes.health.form is not None:
        chosen = replace(chosen, healthcheck=True)
    informed = _informed(component, wishes, name, notes)
    sorted_packages = sort_packages(wishes, component.profile)
    chosen, taken = _family(informed, family, catalog, chosen, sorted_packages)
    generated = generate(informed, taken, catalog, chosen, own_ignore)
    stages = _merged(generated, wishes, informed, name, notes)
    dockerfile: Dockerfile = replace(generated.dockerfile, stages=stages)
    written, placed = _written(dockerfile, lines_of(generated.text))
    _tell_packages(sorted_packages, chosen, notes)
    _tell_rest(old, wishes, notes)
    before = check(old, catalog)
    return Rewrite(
        written,
        generated.dockerignore,
        unified(text, written, name),
        taken,
        replace(generated, dockerfile=placed, text=written),
        tuple(sorted(notes, key=lambda note: note.line or 0)),
        before,
        check(placed, catalog),
    )


def _written(dockerfile: Dockerfile, recipe: list[str]) -> tuple[str, Dockerfile]:
    """Write it between the recipe's two comments; the marks of the last stand for the recipe's own lines. Raises BadInput."""
    first = next(filter(is_heading, recipe), "")
    said = next(filter(is_pragma, recipe), "")
    try:
        return write(dockerfile, first, lambda _: recipe[-1], pragma=said)
    except ValueError as error:
        raise BadInput(
            "The Dockerfile was not rewritten", str(error), "Shorten what it says, or take the line away"
        ) from None


def unified(old: str, new: str, name: str = "Dockerfile") -> str:
    """Return the unified difference of two texts."""
    lines = difflib.unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), name, f"{name} (rewritten)"
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def _family(
    component: Component, family: Family | None, catalog: Catalog, options: Options, found: Sorted
) -> tuple[Options, Family]:
    """The family, and the options with the packages that the image gets; apk's names only fit Alpine."""
    wanted = replace(options, packages=tuple(dict.fromkeys((*options.packages, *found.runtime))))
    if family is not None:
        return wanted, family
    try:
        return wanted, recommended(fits(component, catalog, wanted.packages)).family
    except UnavailableFamily:
        if not found.runtime:
            raise
        return options, recommended(fits(component, catalog)).family


def _informed(component: Component, wishes: Wishes, name: str, notes: list[Note]) -> Component:
    """The component with what only the Dockerfile says: its port and its words."""
    changed = component
    port = next(
        (
            int(found[0])
            for one in wishes.ports
            for word in one.arguments
            if (found := re.match(r"\d+", word))
        ),
        None,
    )
    if port is not None and component.port is None and 0 < port < 65_536:
        changed = replace(changed, port=port)
    start = start_of(changed, wishes)
    if start.words is not None:
        changed = replace(changed, entrypoint=start.words)
    if wishes.start_line is not None:
        notes.append(
            Note(start.kind, f"start: {visible(wishes.start_text, 120)}", start.reason, wishes.start_line)
        )
    del name
    return changed


def _merged(
    generated: Generated, wishes: Wishes, component: Component, name: str, notes: list[Note]
) -> tuple[Stage, ...]:
    """The recipe's stages with the author's instructions in them."""
    *before, final = generated.dockerfile.stages
    at_work = _workdir(final)
    move = _mover(wishes.workdir, at_work)
    adding = Merging(generated, final, wishes, component, name, notes, move)
    body = list(final.instructions)
    early = [*adding.arguments(), *adding.variables()]
    late = [*adding.copies(), *adding.volumes()]
    body[1:1] = early
    end = next((at for at, one in enumerate(body) if one.keyword in _BODY_END and at > len(early)), len(body))
    body[end:end] = late
    last = next(
        (at for at, one in enumerate(body) if one.keyword in ("LABEL", "HEALTHCHECK", "ENTRYPOINT", "CMD")),
        len(body),
    )
    body[last:last] = [*adding.ports(), *adding.labels(), *adding.signal()]
    body = adding.user(body)
    adding.health(body)
    stages = [with_build_arguments(stage, adding) for stage in before]
    return (*stages, replace(final, instructions=tuple(body)))


def _tell_packages(found: Sorted, options: Options, notes: list[Note]) -> None:
    for name, line in found.lines:
        if name in found.runtime and name in options.packages:
            notes.append(Note("kept", f"package {name}", "The program may call or load it.", line))
        elif name in found.renamed and found.renamed[name] in options.packages:
            notes.append(Note("changed", f"package {name}", f"It is {found.renamed[name]} there.", line))
        else:
            notes.append(
                Note(
                    "dropped",
                    f"package {name}",
                    found.reasons.get(name, "The chosen base takes no packages."),
                    line,
                )
            )


def _tell_rest(old: Dockerfile, wishes: Wishes, notes: list[Note]) -> None:
    """Bases, and commands that no recipe carries out."""
    view = look(old)
    shipped = "The recipe builds in one stage and ships another."
    notes.extend(
        Note("changed", f"FROM {visible(stage.stage.base, 100)}", shipped, stage.first.line)
        for stage in view.stages
        if stage.index in view.needed and len(stage.chain) == 1
    )
    unknown = "No recipe does this: add it to the build stage if the program needs it."
    notes.extend(Note("dropped", f"RUN {visible(text, 120)}", unknown, line) for text, line in wishes.unknown)


def _workdir(final: Stage) -> str:
    here = "/"
    for one in final.instructions:
        if one.keyword == "WORKDIR":
            here = posixpath.normpath(posixpath.join(here, one.arguments[0].strip("\"'")))
    return here


def _mover(old: str, new: str) -> Callable[[str], str]:
    """Paths below the author's folder are below the recipe's."""
    if old == "/" or new in ("/", old):
        return lambda text: text
    pattern = re.compile(rf"(?<![\w./-]){re.escape(old)}(?=/|$|[\"':\s])")
    return lambda text: pattern.sub(new, text)
