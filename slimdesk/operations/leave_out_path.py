"""Leave files and folders out: the COPY that brings it and its line in .dockerignore, or the RUN that makes it."""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import listed
from slimdesk.dockerfile.flags import flag_values
from slimdesk.dockerfile.ignore import Ignore
from slimdesk.dockerfile.model import Instruction
from slimdesk.dockerfile.parse import parse
from slimdesk.image.model import Image
from slimdesk.operations.leave_out_package import ignore_path
from slimdesk.operations.leave_out_words import Change, changes_of, read_text
from slimdesk.operations.variant_notes import instructions_of_layers, shipped_stages
from slimdesk.operations.variant_text import VariantText
from slimdesk.project.model import Component, Project
from slimdesk.recipes.ignore import dockerignore
from slimdesk.recipes.leave_out_dockerfile import with_removal, with_removal_at_end, without_source
from slimdesk.recipes.leave_out_ignore import with_pattern, without_kept
from slimdesk.recipes.leave_out_manifest import CannotTakeOut
from slimdesk.recipes.leave_out_origin import Exists, Origin, origin_of

_NOT_FOUND = "No instruction of the Dockerfile is seen to bring it"


@dataclass(frozen=True, slots=True)
class Way:
    """How paths are kept out. of_base: all lie below what the Dockerfile adds. gone: which of the places go, by their number."""

    brings: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    reason: str = ""
    cautions: tuple[str, ...] = ()
    of_base: bool = False
    gone: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """One path by its number, as it is shown, and what brings it; made: the instruction that its layer comes of."""

    number: int
    shown: str
    origin: Origin
    made: Instruction | None

    @property
    def through(self) -> str:
        return f"line {self.made.line}, {self.made.keyword}" if self.made is not None else "the Dockerfile"


def way_of_paths(
    project: Project,
    component: Component,
    image: Image,
    text: VariantText,
    places: Sequence[tuple[str, int]],
) -> Way:
    """Return how paths of the image, each with its layer, are kept out: as many of them as can be.

    Raises CannotTakeOut where none can, BadInput for a .dockerignore that Docker refuses.
    """
    shipped = shipped_stages(text.dockerfile, text.target)
    if not shipped:
        return Way(reason=_NOT_FOUND)
    by_layer = instructions_of_layers(text.dockerfile, shipped, image)
    exists = sent(project, text)
    found: list[_Place] = []
    of_base = 0
    for number, (path, layer) in enumerate(places):
        made = by_layer.get(layer)
        if made is None and by_layer and 0 <= layer < min(by_layer):
            of_base += 1
            continue
        origin = _origin(text, shipped, path, made, exists)
        if origin is not None and origin.kind != "base":
            found.append(_Place(number, visible(path, 200), origin, made))
    if not found:
        return Way(of_base=True) if of_base else Way(reason=_NOT_FOUND)
    return _kept_out(project, component, text, found, shipped=shipped, whole=len(places))


def _origin(
    text: VariantText, shipped: list[int], path: str, made: Instruction | None, exists: Exists
) -> Origin | None:
    stage = next(
        (
            number
            for number in shipped
            if made is not None and any(one is made for one in text.dockerfile.stages[number].instructions)
        ),
        shipped[-1],
    )
    origin = origin_of(text.dockerfile, stage, path, exists, made)
    if origin is None and made is not None:
        origin = origin_of(text.dockerfile, shipped[-1], path, exists)
    return origin


def _kept_out(
    project: Project,
    component: Component,
    text: VariantText,
    places: Sequence[_Place],
    *,
    shipped: list[int],
    whole: int,
) -> Way:
    """Put the changes for all places together: from the last line up, so that the lines above keep their numbers."""
    steps: dict[tuple[int, str], list[_Place]] = {}
    for one in places:
        steps.setdefault(_step(text, one.origin, shipped), []).append(one)
    after = text.text
    brings: list[str] = []
    whys: list[str] = []
    ignored: list[str] = []
    cautions: list[str] = []
    gone: list[int] = []
    refused: CannotTakeOut | None = None
    for (_, how), group in sorted(steps.items(), key=lambda step: -step[0][0]):
        origin = group[0].origin
        try:
            if how.startswith(_IGNORED):
                _refuse_pattern(origin)
                ignored_change(project, component, origin.path, text.path)
                ignored.append(origin.path)
            else:
                after, why = _changed(text, after, group, how)
                whys.append(why)
        except CannotTakeOut as error:
            refused = refused or error
            continue
        brings.append(_brings(group))
        gone += [one.number for one in group]
        if origin.kind == "context":
            cautions += (*_named_elsewhere(text, origin), *read_from(component, origin.path))
        elif text.path is None:
            cautions.append(f"The Dockerfile of {text.family} becomes your own text")
    if refused is not None and not gone:
        raise refused
    changes = [changes_of(text, after, "; ".join(dict.fromkeys(whys)), project.root)] if whys else []
    if ignored:
        changes.append(ignored_change(project, component, ignored, text.path))
    if len(gone) < whole:
        cautions.append(f"{whole - len(gone)} of {whole} places stay: they cannot be left out in this way")
    return Way(
        tuple(brings), tuple(changes), cautions=tuple(dict.fromkeys(cautions)), gone=tuple(sorted(gone))
    )


_IGNORED, _END, _RUN = ".dockerignore", "end", "run"


def _step(text: VariantText, origin: Origin, shipped: list[int]) -> tuple[int, str]:
    """The line that a change is made at, and how; places with the same one go by one change."""
    line = origin.instruction.line if origin.instruction is not None else 0
    if origin.kind == "context":
        word = _source(origin)
        named = origin.instruction is not None and word != "." and _below(word, origin.path)
        # Docker refuses a COPY whose source .dockerignore leaves out.
        return (line, f"copy {origin.source}") if named else (-1, f"{_IGNORED} {origin.path}")
    if origin.stage in shipped:
        return line, _RUN
    return text.dockerfile.stages[origin.stage].instructions[-1].line, _END


def _changed(text: VariantText, after: str, group: Sequence[_Place], how: str) -> tuple[str, str]:
    origin = group[0].origin
    paths = [one.origin.path for one in group]
    if how == _END:
        why = "removed before it is copied out of its stage"
        return with_removal_at_end(after, text.dockerfile, origin.stage, *paths), why
    if origin.instruction is None:
        raise CannotTakeOut(_NOT_FOUND)
    if how == _RUN:
        return with_removal(after, origin.instruction, *paths), "removed before its layer is closed"
    why = f"{visible(origin.source, 100)} is not copied"
    return without_source(after, _again(after, origin.instruction), origin.source), why


def _again(text: str, instruction: Instruction) -> Instruction:
    """The instruction as it stands after changes below it, and perhaps in it."""
    return next((one for one in parse(text).instructions() if one.line == instruction.line), instruction)


def _brings(group: Sequence[_Place]) -> str:
    first = group[0]
    origin = first.origin
    paths = listed([visible(one.origin.path, 200) for one in group])
    if origin.kind == "context":
        return f"{paths} of the build context comes to {first.shown} by {first.through}"
    line = origin.instruction.line if origin.instruction is not None else 0
    return f"A RUN makes {paths}" + (f", line {line}" if line else "") + f"; it ships by {first.through}"


def sent(project: Project, text: VariantText) -> Exists:
    """Return what tells of a path of the build context whether it is there and sent."""
    root = project.root / text.context
    ignore = Ignore.parse(text.dockerignore)

    def exists(path: str) -> Literal["file", "folder"] | None:
        place = posixpath.normpath(path)
        if place == ".." or place.startswith(("../", "/")) or "\0" in place:
            return None
        try:
            found = root / place
            kind: Literal["file", "folder"] | None = (
                "folder"
                if found.is_dir() and not found.is_symlink()
                else "file"
                if found.is_file() or found.is_symlink()
                else None
            )
        except (OSError, ValueError):
            return None
        if kind is None or place == ".":
            return kind
        out = ignore.prunes(place) if kind == "folder" else ignore.excludes(place)
        return None if out else kind

    return exists


def ignored_change(
    project: Project, component: Component, paths: str | Sequence[str], dockerfile: Path | None = None
) -> Change:
    """Return the .dockerignore with lines that leave paths of the context out, and the build still without them.

    dockerfile: the project's own, which may have a NAME.dockerignore beside it; None for what SlimDesk generates.
    Raises CannotTakeOut where the build lets one in again.
    """
    wanted = [paths] if isinstance(paths, str) else list(dict.fromkeys(paths))
    name = ignore_path(component)
    if dockerfile is not None:
        beside = dockerfile.with_name(f"{dockerfile.name}.dockerignore")
        if beside.is_file() and beside.is_relative_to(project.root):
            name = beside.relative_to(project.root).as_posix()
    before = read_text(project.root / name) or ""
    after = without_kept(before) if before else before
    for path in wanted:
        after = with_pattern(after, path)
    for path in wanted if dockerfile is None else ():
        if not Ignore.parse(dockerignore(component, (), after)).excludes(path):
            raise CannotTakeOut(_needed(component, path))
    sent = "is" if len(wanted) == 1 else "are"
    return Change(
        name, before, after, f"{listed([visible(one, 100) for one in wanted])} {sent} not sent to the engine"
    )


def _needed(component: Component, path: str) -> str:
    read = next(
        (
            str(fact.evidence)
            for fact in component.facts
            if fact.evidence and _below(_in_context(fact.evidence.path, component), path)
        ),
        "",
    )
    return f"The build needs {visible(path, 100)}" + (f": {read} says how it is built" if read else "")


def _source(origin: Origin) -> str:
    return posixpath.normpath(origin.source).strip("/")


def _refuse_pattern(origin: Origin) -> None:
    word = _source(origin)
    if word != "." and fnmatch.fnmatch(origin.path, word):
        line = origin.instruction.line if origin.instruction is not None else 0
        raise CannotTakeOut(
            f"Line {line} copies {visible(origin.source, 80)}: name there what is needed instead"
        )


def read_from(component: Component, path: str) -> tuple[str, ...]:
    """Return, as sentences, what SlimDesk knows of the component from a path of its build context."""
    return tuple(
        f"{fact.key} was read from {fact.evidence}"
        for fact in component.facts
        if fact.evidence and _below(_in_context(fact.evidence.path, component), path)
    )[:3]


def _named_elsewhere(text: VariantText, origin: Origin) -> tuple[str, ...]:
    """Other instructions that copy what is to be left out, by its name: they would miss it."""
    found = []
    for one in text.dockerfile.instructions():
        if one.keyword not in ("COPY", "ADD") or flag_values(one.flags, "from") or one is origin.instruction:
            continue
        for word in one.arguments[:-1]:
            source = posixpath.normpath(word).strip("/")
            if source != "." and (_below(source, origin.path) or fnmatch.fnmatch(origin.path, source)):
                found.append(f"Line {one.line} copies {visible(word, 80)}, and would miss it")
    return tuple(found[:2])


def _in_context(path: str, component: Component) -> str:
    return path if component.context == "." else path.removeprefix(f"{component.context}/")


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")
