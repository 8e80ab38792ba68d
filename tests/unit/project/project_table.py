"""Reads the table of projects in tests/data/project_table: what each holds, and what is to be found in it.

A file holds projects one after another:

    === what it is, in words
    > name | path | profile | version | package manager | framework | entry point | port
    + web+api
    -- path of a file --
    its text

`>` is a component, `-` in its columns what the project does not say, `+` a pair that can become one image.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from slimdesk.project.model import Component, Project

FOLDER = Path(__file__).parents[2] / "data" / "project_table"
COLUMNS = 8
_FILE = re.compile(r"-- (\S.*) --$")


@dataclass(frozen=True, slots=True)
class Row:
    """One project: `components` are rows of eight columns, `joined` names of pairs, `files` texts by path."""

    title: str
    components: tuple[tuple[str, ...], ...]
    joined: tuple[str, ...]
    files: dict[str, str]

    def write(self, parent: Path) -> Path:
        """Write the files into a folder `project` below `parent`, and return it."""
        root = parent / "project"
        for name, text in self.files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return root


def found(project: Project) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
    """What detection found, in the table's form."""
    return tuple(map(_columns, project.components)), tuple(one.name for one in project.joined)


def _columns(one: Component) -> tuple[str, ...]:
    words = None if one.entrypoint is None else " ".join(one.entrypoint)
    values = (
        one.name,
        one.path,
        one.profile,
        one.version,
        one.package_manager,
        one.framework,
        words,
        one.port,
    )
    return tuple("-" if value is None else str(value) for value in values)


def read_table() -> list[Row]:
    """Every project of every file."""
    return [row for path in sorted(FOLDER.glob("*.txt")) for row in _read(path)]


def _read(path: Path) -> list[Row]:
    rows = []
    for block in re.split(r"(?m)^=== ", path.read_text())[1:]:
        title, _, rest = block.partition("\n")
        components, joined, files, name = [], [], {}, ""
        for line in rest.split("\n"):
            file = _FILE.match(line)
            if file:
                name = file.group(1)
                files[name] = ""
            elif name:
                files[name] += line + "\n"
            elif line.startswith("> "):
                components.append(tuple(column.strip() for column in line[2:].split(" | ")))
            elif line.startswith("+ "):
                joined.append(line[2:])
        files = {name: text.rstrip("\n") + "\n" for name, text in files.items()}
        rows.append(Row(f"{path.stem}: {title}", tuple(components), tuple(joined), files))
    return rows
