"""From a folder to a Project: one walk, every language, then what all languages share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from slimdesk.basics import clock
from slimdesk.basics.escaping import slug, visible
from slimdesk.basics.units import plural
from slimdesk.project.calls import find_calls
from slimdesk.project.claims import claim
from slimdesk.project.common import with_common_facts
from slimdesk.project.compose import read_compose
from slimdesk.project.corrections import apply_file
from slimdesk.project.joining import joined
from slimdesk.project.languages.registry import languages
from slimdesk.project.locks import tell_damaged_locks
from slimdesk.project.model import Component, Project
from slimdesk.project.services import find_services
from slimdesk.project.walk import Tree, walk

MAX_CLOSED = 5
_TEST_FOLDERS = frozenset({"testdata", "test", "tests", "__tests__", "fixtures", "e2e"})


def detect(root: Path) -> Project:
    """Read what the folder says of itself. Raises ProjectError if it cannot be opened."""
    started = clock.monotonic()
    return read(walk(root), started)


def read(tree: Tree, started: float | None = None) -> Project:
    """Read what a walked folder says of itself; `started` is a `clock.monotonic()`."""
    started = clock.monotonic() if started is None else started
    found = claim(tree, (component for language in languages() for component in language.find(tree)))
    compose = read_compose(tree)
    components = with_common_facts(tree, with_unique_names(found), compose)
    components = apply_file(tree, components)
    if not components:
        tree.problem(_nothing(tree))
    tell_damaged_locks(tree)
    _tell_closed(tree)
    return Project(
        tree.root,
        components,
        joined=joined(tree, components),
        services=find_services(tree, compose, components),
        problems=tuple(tree.problems),
        calls=find_calls(tree, components, compose),
        files_seen=len(tree.files),
        seconds=clock.monotonic() - started,
    )


def _tell_closed(tree: Tree) -> None:
    """Say which files look like secrets; keys that tests bring are nobody's."""
    closed = [path for path in tree.closed if not _TEST_FOLDERS.intersection(path.split("/")[:-1])]
    if not closed:
        return
    shown = ", ".join(visible(path, 80) for path in closed[:MAX_CLOSED])
    more = len(closed) - MAX_CLOSED
    rest = f" and {plural(more, 'other')}" if more > 0 else ""
    said = "look like secrets and were" if len(closed) > 1 else "looks like secrets and was"
    tree.problem(f"{shown}{rest} {said} left closed", closed[0])


def _nothing(tree: Tree) -> str:
    if not tree.files:
        return "The folder is empty: open the one that holds the application's sources"
    known = ", ".join(language.profile for language in languages())
    return f"Nothing was found here that SlimDesk can build; it looks for projects of {known}"


def with_unique_names(components: Iterable[Component]) -> tuple[Component, ...]:
    """Give each component a name of the form [a-z0-9][a-z0-9._-]{0,62} that no other has; the first keeps its own."""
    taken: set[str] = set()
    places: set[tuple[str, str]] = set()
    named = []
    for component in components:
        base = slug(component.name)
        parts = [part for part in component.path.split("/") if part != "."]
        # services/shop/backend and services/mail/backend: shop-backend, mail-backend.
        above = [f"{part}-{base}" for part in reversed(parts) if slug(part) != base]
        profile = f"{base}-{component.profile}"
        same_place = (base, component.path) in places
        places.add((base, component.path))
        choices = [base, profile, *above] if same_place else [base, *above, profile]
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
