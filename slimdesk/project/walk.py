"""One bounded walk over a project's folder: what files there are, and safe ways to read them."""

from __future__ import annotations

import fnmatch
import os
import re
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from slimdesk.basics.errors import ProjectError
from slimdesk.project.ignored import looks_secret, skip_reason
from slimdesk.project.model import Evidence, Problem

MAX_FILES = 200_000
# Links, sockets and folders cost time too, and a folder of them must end.
MAX_ENTRIES = 2 * MAX_FILES
MAX_READ = 1_048_576
MAX_PROBLEMS = 50
MAX_NOTED = 1_000


class FileEntry(NamedTuple):
    """One regular file: POSIX path relative to the root, which is absolute."""

    path: str
    root: str

    @property
    def size(self) -> int:
        """Its size in bytes, asked for now: few files' matters. 0 if it has gone."""
        try:
            return os.stat(f"{self.root}/{self.path}", follow_symlinks=False).st_size  # noqa: PTH116 - the root may be /
        except (OSError, ValueError):
            return 0


@dataclass(slots=True)
class Tree:
    """The files of a project, in order of their path.

    `skipped` names folders that were not descended into, and why; `closed` names files that look like secrets and
    are never read. Both are bounded.
    """

    root: Path
    files: dict[str, FileEntry]
    problems: list[Problem] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)
    parsed: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False)
    _texts: dict[str, str | None] = field(default_factory=dict, repr=False)
    _paths: list[str] = field(default_factory=list, repr=False)
    _names: dict[str, list[str]] = field(default_factory=dict, repr=False)

    def has(self, path: str) -> bool:
        """Whether there is a regular file at `path`."""
        return _plain(path) in self.files

    def has_folder(self, path: str) -> bool:
        """Whether there is a folder at `path` that holds a file, or that was left out of the walk."""
        path = _plain(path).rstrip("/")
        return path in (".", "") or path in self.skipped or next(iter(self.under(path)), None) is not None

    def text(self, path: str) -> str | None:
        """Return the file's text (UTF-8, damaged bytes replaced), at most 1 MiB of it; None if it cannot be read.

        Why it could not goes into `problems`, once. Files that look like secrets are never read.
        """
        path = _plain(path)
        if path not in self._texts:
            data = self.data(path, MAX_READ)
            self._texts[path] = None if data is None else data.decode("utf-8-sig", errors="replace")
        return self._texts[path]

    def data(self, path: str, limit: int) -> bytes | None:
        """Return at most `limit` bytes of the file, kept nowhere; None as for `text`."""
        path = _plain(path)
        if path not in self.files or looks_secret(path):
            return None
        try:
            with open(f"{self.files[path].root}/{path}", "rb") as file:  # noqa: PTH123 - thousands are opened
                return file.read(limit)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            self.problem(f"{path} could not be read: {reason}", path)
            return None

    def problem(self, message: str, path: str | None = None, line: int | None = None) -> None:
        """Note something that could not be read, once, with its place."""
        problem = Problem(message, None if path is None else Evidence(path, line))
        if len(self.problems) < MAX_PROBLEMS and problem not in self.problems:
            self.problems.append(problem)

    def under(self, folder: str) -> Iterator[FileEntry]:
        """Every file below `folder`, in order of its path."""
        folder = _plain(folder).rstrip("/")
        if folder in (".", ""):
            yield from self.files.values()
            return
        paths = self._sorted()
        prefix = folder + "/"
        for at in range(bisect_left(paths, prefix), len(paths)):
            if not paths[at].startswith(prefix):
                return
            yield self.files[paths[at]]

    def named(self, *patterns: str) -> Iterator[str]:
        """Paths whose last part fits one of the patterns (fnmatch, case-sensitive), in order."""
        if not self._names:
            for path in self.files:
                self._names.setdefault(path.rsplit("/", 1)[-1], []).append(path)
        found: set[str] = set()
        wild = [pattern for pattern in patterns if any(sign in pattern for sign in "*?[")]
        for pattern in patterns:
            if pattern not in wild:
                found.update(self._names.get(pattern, ()))
        if wild:
            fits = re.compile("|".join(fnmatch.translate(pattern) for pattern in wild)).match
            for name, paths in self._names.items():
                if fits(name):
                    found.update(paths)
        yield from sorted(found)

    def _sorted(self) -> list[str]:
        if len(self._paths) != len(self.files):
            self._paths = sorted(self.files)
        return self._paths


def folder_of(path: str) -> str:
    """Return the folder of a file's path; `.` for the root."""
    folder, _, name = path.rpartition("/")
    if name and folder and folder[0] not in "/." and "//" not in folder and "/." not in path:
        # A path of the walk: asked for each of many thousand files.
        return folder
    return str(PurePosixPath(path).parent)


def join(folder: str, name: str) -> str:
    """Return the path of `name` in `folder`, where `.` is the root."""
    return name if folder in (".", "") else f"{folder}/{name}"


def line_of(text: str, needle: str, start: int = 0) -> int | None:
    """Return the line, from 1, on which `needle` first stands."""
    at = text.find(needle, start)
    return None if at < 0 else text.count("\n", 0, at) + 1


def normal(path: str) -> str | None:
    """Return a relative path with `.` and `..` resolved; None if it is absolute or leaves the root."""
    path = path.replace("\\", "/")
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        return None
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts) or "."


def common_folder(paths: Iterable[str]) -> str:
    """Return the deepest folder that holds all the folders given."""
    split = [[part for part in path.split("/") if part not in ("", ".")] for path in paths]
    if not split:
        return "."
    shared: list[str] = []
    for parts in zip(*split, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return "/".join(shared) or "."


def walk(root: Path) -> Tree:
    """Read the folder's names once, nearest first. Symbolic links are not followed; what cannot be read becomes a problem.

    Raises ProjectError if `root` is not a folder that can be read.
    """
    tree = Tree(_opened(root), {})
    base = os.fspath(tree.root)
    found: list[FileEntry] = []
    folders = deque([""])
    seen = 0
    while folders:
        folder = folders.popleft()
        below: list[str] = []
        names: set[str] = set()
        prefix = f"{folder}/" if folder else ""
        try:
            with os.scandir(f"{base}/{folder}") as entries:
                for entry in entries:
                    seen += 1
                    name = entry.name
                    if entry.is_file(follow_symlinks=False):
                        names.add(name)
                        found.append(FileEntry(prefix + name, base))
                        if len(tree.closed) < MAX_NOTED and looks_secret(name):
                            tree.closed.append(prefix + name)
                    elif entry.is_dir(follow_symlinks=False):
                        below.append(name)
                    if len(found) > MAX_FILES or seen > MAX_ENTRIES:
                        break
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            tree.problem(f"The folder {folder or '.'} could not be read: {reason}", folder or ".")
        if len(found) > MAX_FILES or seen > MAX_ENTRIES:
            del found[MAX_FILES:]
            tree.problem(
                f"The folder holds more than {len(found)} files, and only these were looked at: "
                "open a folder further down to see the rest"
            )
            break
        for name in sorted(below):
            reason = skip_reason(base, prefix + name, name, names)
            if reason is None:
                folders.append(prefix + name)
            elif len(tree.skipped) < MAX_NOTED:
                tree.skipped[prefix + name] = reason
    found.sort()
    tree.files = {entry.path: entry for entry in found}
    return tree


def _opened(root: Path) -> Path:
    try:
        root = root.resolve(strict=True)
        if not root.is_dir():
            raise ProjectError(f"{root} is not a folder", todo="Open the folder that the file is in")
        os.scandir(root).close()
    except FileNotFoundError:
        raise ProjectError(f"There is no folder {root}", todo="Check the path") from None
    except PermissionError:
        raise ProjectError(
            f"{root} cannot be opened", "permission denied", "Ask its owner for read access"
        ) from None
    except (OSError, RuntimeError, ValueError) as error:
        raise ProjectError(f"{root} cannot be opened", str(error), "Check the path") from error
    return root


def _plain(path: str) -> str:
    return path.removeprefix("./")
