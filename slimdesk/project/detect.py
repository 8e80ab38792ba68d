"""From a folder to a Project: one walk, every language, then what all languages share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from slimdesk.basics import clock
from slimdesk.basics.escaping import slug
from slimdesk.project.corrections import apply_file
from slimdesk.project.languages.registry import languages
from slimdesk.project.model import Component, Project
from slimdesk.project.walk import Tree, walk


def detect(root: Path) -> Project:
    """Read what the folder says of itself. Raises ProjectError if it cannot be opened."""
    started = clock.monotonic()
    return read(walk(root), started)


def read(tree: Tree, started: float | None = None) -> Project:
    """Read what a walked folder says of itself; `started` is a `clock.monotonic()`."""
    started = clock.monotonic() if started is None else started
    found = [component for language in languages() for component in language.find(tree)]
    components = apply_file(tree, with_unique_names(found))
    if not components:
        tree.problem("Nothing was found here that SlimDesk can build")
    return Project(
        tree.root, components, (), tuple(tree.problems), len(tree.files), clock.monotonic() - started
    )


def with_unique_names(components: Iterable[Component]) -> tuple[Component, ...]:
    """Give each component a name of the form [a-z0-9][a-z0-9._-]{0,62} that no other has; the first keeps its own."""
    taken: set[str] = set()
    named = []
    for component in components:
        base = slug(component.name)
        folder = component.path.rsplit("/", 1)[-1]
        parent = component.path.rpartition("/")[0].rsplit("/", 1)[-1]
        choices = [base, f"{base}-{component.profile}"]
        choices += [f"{part}-{base}" for part in (folder, parent) if part not in (".", "")]
        number = 2
        name = ""
        while not name:
            for choice in choices:
                candidate = slug(choice)
                if candidate not in taken:
                    name = candidate
                    break
            choices = [f"{base[:58]}-{number}"]
            number += 1
        taken.add(name)
        named.append(replace(component, name=name))
    return tuple(named)
