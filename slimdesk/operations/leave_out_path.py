"""Leave a file or folder out: the COPY that brings it and its line in .dockerignore, or the RUN that makes it."""

from __future__ import annotations

import fnmatch
import posixpath
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from slimdesk.basics.escaping import visible
from slimdesk.dockerfile.flags import flag_values
from slimdesk.dockerfile.ignore import Ignore
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
    """How a path is kept out. of_base: it lies below all that the Dockerfile adds."""

    brings: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    reason: str = ""
    cautions: tuple[str, ...] = ()
    of_base: bool = False


def way_of_path(
    project: Project, component: Component, image: Image, text: VariantText, *, path: str, layer: int
) -> Way:
    """Return how a path of the image is kept out. Raises CannotTakeOut, BadInput for a .dockerignore that Docker refuses."""
    shipped = shipped_stages(text.dockerfile, text.target)
    if not shipped:
        return Way(reason=_NOT_FOUND)
    by_layer = instructions_of_layers(text.dockerfile, shipped, image)
    made = by_layer.get(layer)
    if made is None and by_layer and 0 <= layer < min(by_layer):
        return Way(of_base=True)
    stage = next(
        (
            number
            for number in shipped
            if made is not None and any(one is made for one in text.dockerfile.stages[number].instructions)
        ),
        shipped[-1],
    )
    exists = sent(project, text)
    origin = origin_of(text.dockerfile, stage, path, exists, made)
    if origin is None and made is not None:
        origin = origin_of(text.dockerfile, shipped[-1], path, exists)
    if origin is None or origin.kind == "base":
        return Way(reason=_NOT_FOUND)
    shown = visible(path, 200)
    through = f"line {made.line}, {made.keyword}" if made is not None else "the Dockerfile"
    if origin.kind == "context":
        brings = (f"{visible(origin.path, 200)} of the build context comes to {shown} by {through}",)
        return _from_context(project, component, text, origin, brings)
    return _made(project, text, origin, shipped, through)


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
    project: Project, component: Component, path: str, dockerfile: Path | None = None
) -> Change:
    """Return the .dockerignore with a line that leaves a path of the context out, and the build still without it.

    dockerfile: the project's own, which may have a NAME.dockerignore beside it; None for what SlimDesk generates.
    Raises CannotTakeOut where the build lets it in again.
    """
    name = ignore_path(component)
    if dockerfile is not None:
        beside = dockerfile.with_name(f"{dockerfile.name}.dockerignore")
        if beside.is_file() and beside.is_relative_to(project.root):
            name = beside.relative_to(project.root).as_posix()
    before = read_text(project.root / name) or ""
    after = with_pattern(without_kept(before) if before else before, path)
    if dockerfile is None and not Ignore.parse(dockerignore(component, (), after)).excludes(path):
        read = next(
            (
                str(fact.evidence)
                for fact in component.facts
                if fact.evidence and _below(_in_context(fact.evidence.path, component), path)
            ),
            "",
        )
        raise CannotTakeOut(
            f"The build needs {visible(path, 100)}" + (f": {read} says how it is built" if read else "")
        )
    return Change(name, before, after, f"{visible(path, 100)} is not sent to the engine")


def _from_context(
    project: Project, component: Component, text: VariantText, origin: Origin, brings: tuple[str, ...]
) -> Way:
    cautions = (*_named_elsewhere(text, origin), *read_from(component, origin.path))
    word = posixpath.normpath(origin.source).strip("/")
    if origin.instruction is not None and word != "." and _below(word, origin.path):
        # Docker refuses a COPY whose source .dockerignore leaves out.
        after = without_source(text.text, origin.instruction, origin.source)
        change = changes_of(text, after, f"{visible(origin.source, 100)} is not copied", project.root)
        return Way(brings, (change,), cautions=cautions)
    if word != "." and fnmatch.fnmatch(origin.path, word):
        line = origin.instruction.line if origin.instruction is not None else 0
        raise CannotTakeOut(
            f"Line {line} copies {visible(origin.source, 80)}: name there what is needed instead"
        )
    return Way(brings, (ignored_change(project, component, origin.path, text.path),), cautions=cautions)


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


def _made(project: Project, text: VariantText, origin: Origin, shipped: list[int], through: str) -> Way:
    line = origin.instruction.line if origin.instruction is not None else 0
    brings = (
        f"A RUN makes {visible(origin.path, 200)}"
        + (f", line {line}" if line else "")
        + f"; it ships by {through}",
    )
    if origin.stage in shipped:
        if origin.instruction is None:
            return Way(brings, reason=_NOT_FOUND)
        after = with_removal(text.text, origin.instruction, origin.path)
        why = "removed before its layer is closed"
    else:
        after = with_removal_at_end(text.text, text.dockerfile, origin.stage, origin.path)
        why = "removed before it is copied out of its stage"
    caution = () if text.path is not None else (f"The Dockerfile of {text.family} becomes your own text",)
    return Way(brings, (changes_of(text, after, why, project.root),), cautions=caution)


def _in_context(path: str, component: Component) -> str:
    return path if component.context == "." else path.removeprefix(f"{component.context}/")


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")
