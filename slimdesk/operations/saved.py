"""A Dockerfile that stands in the project, against what SlimDesk would write now: unchanged, edited, or left behind.

Its comment (`recipes.provenance`) says what it was made with and marks the lines of then, so this works wherever the
repository is, whichever SlimDesk wrote it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from slimdesk import __version__
from slimdesk.basics.errors import BadInput, UnavailableFamily
from slimdesk.basics.escaping import visible
from slimdesk.basics.files import keep_original, write_whole
from slimdesk.basics.finding import Finding
from slimdesk.catalog.model import Family
from slimdesk.dockerfile.merge import BETWEEN, THEIRS, YOURS, Conflict, Merged, merge_units
from slimdesk.dockerfile.model import Dockerfile
from slimdesk.dockerfile.parse import parse
from slimdesk.dockerfile.units import Unit, lines_of, units_of
from slimdesk.operations.detect import choose_component
from slimdesk.operations.explain import read_dockerfile
from slimdesk.operations.generate import generate_dockerfile
from slimdesk.project.corrections import apply_settings
from slimdesk.project.model import Component, Project
from slimdesk.recipes.model import Generated, Options
from slimdesk.recipes.provenance import Provenance, is_comment, is_heading, read_comment
from slimdesk.recipes.references import images_needed

State = Literal["generated", "edited", "moved-on", "edited-and-moved-on", "not-ours"]
STATE_WORDS: dict[State, str] = {
    "generated": "as generated",
    "edited": "edited by you",
    "moved-on": "the project has moved on",
    "edited-and-moved-on": "edited by you, and the project has moved on",
    "not-ours": "not written by SlimDesk",
}
What = Literal["base", "port", "entry point", "user", "build"]
_WHAT: dict[str, What] = {
    "FROM": "base", "EXPOSE": "port", "ENTRYPOINT": "entry point", "CMD": "entry point",
    "HEALTHCHECK": "entry point", "USER": "user", "RUN": "build", "COPY": "build", "ADD": "build", "ENV": "build",
    "ARG": "build", "WORKDIR": "build",
}  # fmt: skip
_COMPARED: tuple[tuple[tuple[str, ...], What], ...] = (
    (("USER",), "user"), (("EXPOSE",), "port"), (("ENTRYPOINT", "CMD"), "entry point"),
)  # fmt: skip
_PINNED = re.compile(r"[^\s=,\"']+@sha256:[0-9a-f]{64}")
_FROM_IMAGE = re.compile(r"--from=[^\s,]*[/:.]")


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Something that the project wants otherwise now. `was` and `now` are instructions; one may be empty."""

    what: What
    was: str
    now: str
    line: int | None = None

    def __str__(self) -> str:
        """A sentence."""
        place = f"line {self.line}: " if self.line else ""
        if not self.was:
            return f"{self.what}: {self.now} is missing"
        if not self.now:
            return f"{self.what}: {place}{self.was} is no longer wanted"
        return f"{self.what}: {place}{self.was} would be {self.now} now"


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a saved Dockerfile.

    `generated` is what SlimDesk writes now with the recorded options; None where it cannot, and then `problem` says why.
    `merged` is the text with the project's changes and the person's lines, `conflicts` the places in it where both stand
    between marks. `disagreements` are what version, port, entry point or base make wrong in the file.
    """

    path: Path
    text: str
    state: State
    recorded: Provenance | None
    component: Component
    generated: Generated | None
    merged: str
    conflicts: tuple[Conflict, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    findings: tuple[Finding, ...] = ()
    problem: UnavailableFamily | None = None

    @property
    def moved_on(self) -> bool:
        """Whether the project, or SlimDesk, wants something else than what was written then."""
        return self.state in ("moved-on", "edited-and-moved-on")

    @property
    def diff(self) -> str:
        """From the file to the merged text, unified; empty where there is nothing to bring in."""
        lines = difflib.unified_diff(
            lines_of(self.text),
            lines_of(self.merged),
            f"{self.path.name} (saved)",
            f"{self.path.name} (now)",
            lineterm="",
        )
        return "".join(f"{line}\n" for line in lines)


def saved_path(project: Project, component: Component) -> Path:
    """Return where the component's Dockerfile stands, or would stand."""
    fact = component.fact("dockerfile")
    return project.root / str(fact.value) if fact else project.root / component.context / "Dockerfile"


def provenance_of(text: str) -> Provenance | None:
    """Return what a Dockerfile's comment says; None without one. Raises BadInput for one that cannot be read."""
    line = next((one for one in lines_of(text) if is_comment(one)), None)
    return None if line is None else read_comment(line)


def state_of(
    project: Project,
    component: Component | None,
    path: Path,
    *,
    family: Family | Literal["recommended", "recorded"] | None = "recorded",
    given: Options | None = None,
    digests: Mapping[str, str] | None = None,
) -> Saved:
    """Compare the Dockerfile at `path` with what would be written now.

    `component` None is the one that the file's comment names. `family` and `given` are said over what the comment
    records; `digests` replace the pins of the file. Raises BadInput for a file that cannot be read or compared,
    DockerfileError where BuildKit would refuse it, CatalogError.
    """
    text = read_dockerfile(path)
    _refuse_marks(text, path)
    dockerfile = parse(text, str(path))
    recorded = provenance_of(text)
    given = given or Options()
    if recorded is None:
        return _foreign((project, component, path), text, dockerfile, family, given)
    settings = {**recorded.options.settings, **given.settings}
    corrected = apply_settings(project, settings) if settings else project
    found = _component(corrected, recorded)
    if component is not None and (component.name, component.path) != (found.name, found.path):
        raise BadInput(
            f"{path} is the Dockerfile of {found.name}",
            f"{component.name} was asked for",
            "Name its own Dockerfile with --output",
        )
    options = replace(
        _over(recorded.options, given),
        settings=settings,
        digests=pins_of(text) if digests is None else digests,
    )
    chosen = recorded.family if family == "recorded" else family
    everything = units_of(text, dockerfile)
    body = tuple(unit for unit in everything if not _is_ours(unit))
    edited = [unit.mark for unit in body] != list(recorded.lines)
    try:
        made = generate_dockerfile(corrected, found, chosen, options)
    except UnavailableFamily as error:
        state: State = "edited-and-moved-on" if edited else "moved-on"
        return Saved(path, text, state, recorded, found, None, text, problem=error)
    now = tuple(unit for unit in units_of(made.text, made.dockerfile) if not _is_ours(unit))
    moved = [unit.mark for unit in now] != list(recorded.lines)
    # What the file says of itself takes part as lines of the person's, so its place is kept; at the end that goes without saying.
    at_end = is_comment(everything[-1].lines[0]) and not everything[-1].keyword
    merged = merge_units(recorded.lines, everything[:-1] if at_end else everything, now)
    return Saved(
        path=path,
        text=text,
        state=_state(edited=edited, moved=moved),
        recorded=recorded,
        component=found,
        generated=made,
        merged=_joined(merged, made, text),
        conflicts=merged.conflicts,
        disagreements=_disagreements(recorded, body, now),
        findings=_unpinned(recorded, made),
    )


def save_merged(saved: Saved, text: str | None = None) -> Path | None:
    """Write the merged text, or `text` in which conflicts are decided; return where the old one is kept.

    None where there was nothing to write. Raises OutputError.
    """
    wanted = saved.merged if text is None else text
    if wanted == saved.text:
        return None
    kept = keep_original(saved.path)
    write_whole(saved.path, wanted)
    return kept


def pins_of(text: str) -> dict[str, str]:
    """Return the digests that stand in a Dockerfile: name:tag -> sha256:…."""
    found = {}
    for line in lines_of(text):
        if not line.lstrip().startswith("#") or line.lstrip("# \t").startswith("syntax"):
            for word in _PINNED.findall(line):
                name, _, digest = word.partition("@")
                found[name] = digest
    return found


def _refuse_marks(text: str, path: Path) -> None:
    """A merge that nobody has finished is no Dockerfile."""
    at = next((number for number, line in enumerate(lines_of(text), 1) if line.rstrip() == YOURS), None)
    if at is not None:
        raise BadInput(
            f"{path}:{at} has places of a merge that wait for your choice",
            todo=f"Keep one of the two versions, and take away the lines {YOURS}, {BETWEEN} and {THEIRS}",
        )


def _state(*, edited: bool, moved: bool) -> State:
    if moved:
        return "edited-and-moved-on" if edited else "moved-on"
    return "edited" if edited else "generated"


def _component(project: Project, recorded: Provenance) -> Component:
    """The component that the comment names: a name may come from the folder's, which differs between checkouts."""
    named = [one for one in project.components if one.name == recorded.component]
    there = [one for one in project.components if one.path == recorded.path]
    of_profile = [one for one in there if one.profile == recorded.profile]
    for found in ([one for one in named if one in there], named, of_profile):
        if len(found) == 1:
            return found[0]
    try:
        return choose_component(project, recorded.component)
    except BadInput as error:
        raise BadInput(
            f"The Dockerfile was made for {visible(recorded.component, 60)} in {visible(recorded.path, 100)}",
            "the project has no such component any more",
            f"{error.why[:1].upper()}{error.why[1:]}. Generate it anew with --component" if error.why else "",
        ) from None


def _over(recorded: Options, given: Options) -> Options:
    """The recorded options, and what was asked for besides."""
    return replace(
        recorded,
        debug=recorded.debug or given.debug,
        debugger=recorded.debugger or given.debugger,
        cache_mounts=recorded.cache_mounts and given.cache_mounts,
        healthcheck=recorded.healthcheck or given.healthcheck,
        platform=given.platform or recorded.platform,
        packages=tuple(dict.fromkeys((*recorded.packages, *given.packages))),
        mirrors={**recorded.mirrors, **given.mirrors},
        default_mirrors=given.default_mirrors,
        labels={**recorded.labels, **given.labels},
    )


def _is_ours(unit: Unit) -> bool:
    return not unit.keyword and (is_comment(unit.lines[0]) or is_heading(unit.lines[0]))


def _joined(merged: Merged, made: Generated, text: str) -> str:
    """The merged lines with the new comment and the new first line where the old ones stood; the comment else at the end."""
    written = lines_of(made.text)
    comment = next(line for line in reversed(written) if is_comment(line))
    first = next((line for line in written if is_heading(line)), "")
    at = next((number for number, line in enumerate(merged.lines) if is_comment(line)), None)
    lines = [first if first and is_heading(line) else line for line in merged.lines]
    before = lines if at is None else lines[:at]
    after = [] if at is None else [line for line in lines[at:] if not is_comment(line)]
    lines = [*before, comment, *after]
    end = "\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\n"
    return "".join(f"{line}{end}" for line in lines)


def _disagreements(
    recorded: Provenance, body: Sequence[Unit], now: Sequence[Unit]
) -> tuple[Disagreement, ...]:
    """What the file lacks although nobody took it out, and what stands in it that nobody wants any more."""
    then = set(recorded.lines)
    written, wanted = {unit.mark for unit in body}, {unit.mark for unit in now}
    missing = [unit for unit in now if unit.mark not in written and unit.mark not in then]
    stale = [unit for unit in body if unit.mark not in wanted and unit.mark in then]
    found: list[Disagreement] = []
    for keyword in dict.fromkeys(unit.keyword for unit in (*stale, *missing)):
        old = [unit for unit in stale if unit.keyword == keyword]
        new = [unit for unit in missing if unit.keyword == keyword]
        for number in range(max(len(old), len(new))):
            one = old[number] if number < len(old) else None
            other = new[number] if number < len(new) else None
            what = _what((other or one, one))
            # Another release of SlimDesk may write another build that does the same.
            if what is not None and (what != "build" or recorded.version == __version__):
                found.append(
                    Disagreement(what, _words(one), _words(other), one.line if one is not None else None)
                )
    return tuple(found)


def _what(units: Iterable[Unit | None]) -> What | None:
    first = next(unit for unit in units if unit is not None)
    if first.keyword == "COPY" and _FROM_IMAGE.search(first.lines[0]):
        return "base"
    return _WHAT.get(first.keyword)


def _words(unit: Unit | None) -> str:
    if unit is None:
        return ""
    return visible(" ".join(line.strip().removesuffix("\\").strip() for line in unit.lines), 160)


def _unpinned(recorded: Provenance, made: Generated) -> tuple[Finding, ...]:
    if not recorded.pin:
        return ()
    return tuple(
        Finding(
            "not-pinned",
            "warning",
            f"{name} is new in this Dockerfile and not pinned yet.",
            fix="Add --pin, which asks the engine for its digest.",
        )
        for name in images_needed(made.dockerfile, made.target)
        if "@" not in name
    )


def _foreign(
    found: tuple[Project, Component | None, Path],
    text: str,
    dockerfile: Dockerfile,
    family: Family | Literal["recommended", "recorded"] | None,
    given: Options,
) -> Saved:
    """A Dockerfile without our comment is compared by what its last stage stands on, runs and listens on."""
    project, component, path = found
    if family == "recorded":
        raise BadInput(
            f"{path} was not written by SlimDesk",
            "it has no comment that says what it was made with",
            "Name the family to compare it with, such as --family recommended",
        )
    corrected = apply_settings(project, given.settings) if given.settings else project
    chosen = choose_component(corrected, component.name if component else None)
    made = generate_dockerfile(corrected, chosen, family, given)
    lines = tuple(_last_stage(dockerfile, made.dockerfile))
    # Nothing is known of what stood there before: the proposal is the new text.
    return Saved(path, text, "not-ours", None, chosen, made, made.text, disagreements=lines)


def _last_stage(mine: Dockerfile, other: Dockerfile) -> Iterable[Disagreement]:
    last, wanted = mine.stages[-1], other.stages[-1]
    plain = re.compile(r"@sha256:[0-9a-f]{64}")
    if plain.sub("", last.base) != plain.sub("", wanted.base):
        yield Disagreement("base", f"FROM {last.base}", f"FROM {wanted.base}", last.line)
    for keywords, what in _COMPARED:
        old = [one for one in last.instructions if one.keyword in keywords]
        new = [one for one in wanted.instructions if one.keyword in keywords]
        if what == "user":
            # The last one holds.
            old, new = old[-1:], new[-1:]
        if [one.arguments for one in old] != [one.arguments for one in new]:
            shown = [
                "; ".join(" ".join((one.keyword, *one.arguments)) for one in side) for side in (old, new)
            ]
            line = old[-1].line if old else None
            yield Disagreement(what, visible(shown[0], 160), visible(shown[1], 160), line)
