"""Which instruction brings a path into an image: followed back through COPY, stage by stage, to the build context or a RUN."""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from slimdesk.dockerfile.flags import flag_values
from slimdesk.dockerfile.model import Dockerfile, Instruction

Exists = Callable[[str], Literal["file", "folder"] | None]
"""What of the context stands at a path, relative and with /, and is sent; None for nothing."""

_HOPS = 20


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a path comes from.

    kind: `context`, a file or folder of the build context (`path` relative to it); `run`, made while building in the
    stage of number `stage` (`path` absolute in there); `base`, brought by the image that this stage stands on.
    instruction: what brings it there, None for a base. source: the word of a COPY that names it, "" for a RUN.
    """

    kind: Literal["context", "run", "base"]
    path: str
    stage: int
    instruction: Instruction | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class _Copy:
    """A COPY or ADD: where its sources are taken from (a stage's number, "context" or "foreign") and where they go."""

    instruction: Instruction
    origin: int | Literal["context", "foreign"]
    sources: tuple[str, ...]
    target: str
    folder: bool


def origin_of(
    dockerfile: Dockerfile, stage: int, path: str, exists: Exists, instruction: Instruction | None = None
) -> Origin | None:
    """Follow an absolute path of a stage back; `instruction` is the one that made its layer, where that is known.

    None where it comes from another image that a COPY names.
    """
    return _followed(dockerfile, stage, path, exists, instruction, _HOPS)


def _followed(  # noqa: PLR0917 - a step takes all of its place along
    dockerfile: Dockerfile,
    stage: int,
    path: str,
    exists: Exists,
    only: Instruction | None,
    hops: int,
) -> Origin | None:
    if hops <= 0:
        return None
    made: Origin | None = None
    copied: Origin | None = None
    foreign = False
    found = dockerfile.stages[stage]
    for one, workdir in reversed(list(_with_workdirs(dockerfile, stage))):
        if only is not None and one is not only:
            continue
        if one.keyword == "RUN" and made is None:
            made = Origin("run", path, stage, one)
        elif one.keyword in ("COPY", "ADD"):
            copy = _copy(dockerfile, stage, one, workdir)
            for source, back in _backwards(copy, path, exists):
                if copy.origin == "context":
                    return Origin("context", back, stage, one, source)
                if copy.origin == "foreign":
                    foreign = True
                    continue
                deeper = _followed(dockerfile, int(copy.origin), f"/{back}", exists, None, hops - 1)
                if deeper is not None and deeper.kind == "context":
                    return deeper
                # What a COPY names is likelier than what a RUN beside it may have made.
                copied = copied or deeper
    if copied is not None or made is not None or only is not None:
        return copied or made
    if foreign:
        return None
    below = next(
        (
            number
            for number, other in enumerate(dockerfile.stages[:stage])
            if other.name and other.name.lower() == found.base.lower()
        ),
        None,
    )
    if below is not None:
        return _followed(dockerfile, below, path, exists, None, hops - 1)
    return Origin("base", path, stage)


def _with_workdirs(dockerfile: Dockerfile, stage: int) -> Iterator[tuple[Instruction, str]]:
    workdir = _workdir_of_base(dockerfile, stage, _HOPS)
    for one in dockerfile.stages[stage].instructions[1:]:
        if one.keyword == "WORKDIR" and one.arguments:
            workdir = posixpath.normpath(posixpath.join(workdir, one.arguments[0]))
        yield one, workdir


def _workdir_of_base(dockerfile: Dockerfile, stage: int, hops: int) -> str:
    base = dockerfile.stages[stage].base.lower()
    for number, other in enumerate(dockerfile.stages[:stage]):
        if hops > 0 and other.name and other.name.lower() == base:
            workdir = _workdir_of_base(dockerfile, number, hops - 1)
            for one in other.instructions[1:]:
                if one.keyword == "WORKDIR" and one.arguments:
                    workdir = posixpath.normpath(posixpath.join(workdir, one.arguments[0]))
            return workdir
    return "/"


def _copy(dockerfile: Dockerfile, stage: int, one: Instruction, workdir: str) -> _Copy:
    source = next(iter(flag_values(one.flags, "from")), None)
    origin: int | Literal["context", "foreign"] = "context"
    if source is not None:
        names = {
            other.name.lower(): number for number, other in enumerate(dockerfile.stages[:stage]) if other.name
        }
        number = int(source) if source.isascii() and source.isdecimal() else names.get(source.lower())
        origin = number if number is not None and number < stage else "foreign"
    target = one.arguments[-1] if one.arguments else "/"
    folder = target.endswith("/") or len(one.arguments) > 2 or posixpath.basename(target) in (".", "..", "")
    return _Copy(one, origin, one.arguments[:-1], posixpath.normpath(posixpath.join(workdir, target)), folder)


def _backwards(copy: _Copy, path: str, exists: Exists) -> Iterator[tuple[str, str]]:
    """Yield (word of the COPY, path at its source, relative) that `path` may come from; of the context only what is there."""
    below = path == copy.target or path.startswith(copy.target.rstrip("/") + "/")
    if not below:
        return
    rest = path[len(copy.target.rstrip("/")) :].strip("/")
    for word in copy.sources:
        source = posixpath.normpath("/" + word).strip("/")
        if flag_values(copy.instruction.flags, "parents"):
            candidates = [rest]
        elif any(sign in source for sign in "*?["):
            candidates = _matched(source, rest)
        else:
            name = posixpath.basename(source)
            as_folder = posixpath.join(source, rest) if rest else source
            candidates = [as_folder] if not (rest == name and exists(source) == "file") else [source]
            if rest == name and copy.origin != "context":
                candidates.append(source)
        for candidate in candidates:
            if copy.origin != "context" or exists(candidate) is not None:
                yield word, candidate


def _matched(pattern: str, rest: str) -> list[str]:
    """What a wildcard of files, or of folders whose contents are copied, may stand for: names are in `rest`."""
    head = posixpath.dirname(pattern)
    first = rest.split("/", maxsplit=1)[0]
    return [posixpath.join(head, rest)] if fnmatch.fnmatch(first, posixpath.basename(pattern)) else []
