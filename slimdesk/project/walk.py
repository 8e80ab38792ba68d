"""One bounded walk over a project's folder: what files there are, and safe ways to read them."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from slimdesk.basics.errors import ProjectError
from slimdesk.project.model import Problem

MAX_FILES = 200_000
MAX_READ = 1_048_576

IGNORED_FOLDERS = frozenset({
    ".git", ".hg", ".svn", "node_modules", "bower_components", "__pycache__", ".venv", "venv", ".tox", ".nox",
    ".mypy_cache", ".pytest_cache", ".ruff_cache", ".next", ".nuxt", ".svelte-kit", ".turbo", ".gradle", ".idea",
    ".vscode", ".cache", "site-packages", ".yarn", ".pnpm-store", ".terraform",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One regular file: POSIX path relative to the root, size in bytes, mtime in nanoseconds."""

    path: str
    size: int
    mtime_ns: int


@dataclass(slots=True)
class Tree:
    """The files of a project, in order of their path."""

    root: Path
    files: dict[str, FileEntry]
    problems: list[Problem] = field(default_factory=list)
    _texts: dict[str, str | None] = field(default_factory=dict)

    def has(self, path: str) -> bool:
        """Whether there is a regular file at `path`."""
        return _plain(path) in self.files

    def text(self, path: str) -> str | None:
        """Return the file's text (UTF-8, damaged bytes replaced), at most 1 MiB of it; None if it cannot be read.

        Why it could not goes into `problems`, once.
        """
        path = _plain(path)
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path]

    def under(self, folder: str) -> Iterator[FileEntry]:
        """Every file below `folder`."""
        prefix = "" if folder in (".", "") else folder.rstrip("/") + "/"
        return (entry for path, entry in self.files.items() if path.startswith(prefix))

    def named(self, *patterns: str) -> Iterator[str]:
        """Paths whose last part fits one of the patterns (fnmatch, case-sensitive)."""
        for path in self.files:
            name = path.rsplit("/", 1)[-1]
            if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns):
                yield path

    def _read(self, path: str) -> str | None:
        if path not in self.files:
            return None
        try:
            with (self.root / path).open("rb") as file:
                data = file.read(MAX_READ)
        except OSError as error:
            self.problems.append(Problem(f"{path} could not be read: {error.strerror or error}"))
            return None
        return data.decode("utf-8-sig", errors="replace")


def folder_of(path: str) -> str:
    """Return the folder of a file's path; `.` for the root."""
    return str(PurePosixPath(path).parent)


def join(folder: str, name: str) -> str:
    """Return the path of `name` in `folder`, where `.` is the root."""
    return name if folder in (".", "") else f"{folder}/{name}"


def line_of(text: str, needle: str, start: int = 0) -> int | None:
    """Return the line, from 1, on which `needle` first stands."""
    at = text.find(needle, start)
    return None if at < 0 else text.count("\n", 0, at) + 1


def walk(root: Path) -> Tree:
    """Read the folder's names once. Symbolic links are not followed; unreadable folders become problems.

    Raises ProjectError if `root` is not a folder that can be read.
    """
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
    except (OSError, RuntimeError) as error:
        raise ProjectError(f"{root} cannot be opened", str(error)) from error
    tree = Tree(root, {})
    found: list[FileEntry] = []
    folders = [""]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(root / folder) as entries:
                for entry in entries:
                    path = f"{folder}/{entry.name}" if folder else entry.name
                    if entry.is_symlink():
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        if entry.name not in IGNORED_FOLDERS and not _is_virtual_environment(entry.path):
                            folders.append(path)
                    elif entry.is_file(follow_symlinks=False):
                        status = entry.stat(follow_symlinks=False)
                        found.append(FileEntry(path, status.st_size, status.st_mtime_ns))
        except OSError as error:
            tree.problems.append(Problem(f"The folder {folder} could not be read: {error.strerror or error}"))
        if len(found) >= MAX_FILES:
            tree.problems.append(Problem(f"Only the first {MAX_FILES} files were looked at"))
            break
    tree.files = {entry.path: entry for entry in sorted(found, key=lambda entry: entry.path)}
    return tree


def _is_virtual_environment(folder: str) -> bool:
    return os.path.isfile(os.path.join(folder, "pyvenv.cfg"))  # noqa: PTH113, PTH118 - called per folder


def _plain(path: str) -> str:
    return path.removeprefix("./")
