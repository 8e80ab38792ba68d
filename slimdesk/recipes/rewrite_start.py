"""The words that an author's container starts with, as the recipe's image can start them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from slimdesk.dockerfile.images import program
from slimdesk.dockerfile.rules.development_server import replacement
from slimdesk.project.model import Component
from slimdesk.recipes.rewrite_read import Wishes

_INTERPRETERS = re.compile(r"python[\d.]*|node|nodejs|ruby|php")
_SERVERS = frozenset(
    {
        "gunicorn",
        "uvicorn",
        "hypercorn",
        "celery",
        "streamlit",
        "waitress-serve",
        "daphne",
        "fastapi",
        "granian",
        "puma",
        "rackup",
    }
)
_RUNNERS = frozenset(
    {
        "npm",
        "yarn",
        "pnpm",
        "npx",
        "mvn",
        "mvnw",
        "gradle",
        "gradlew",
        "bundle",
        "poetry",
        "uv",
        "pipenv",
        "cargo",
        "go",
        "nginx",
        "serve",
        "http-server",
    }
)


@dataclass(frozen=True, slots=True)
class Start:
    """`words` are the component's new ones, None if the component's own stay; with what to tell of it."""

    words: tuple[str, ...] | None
    kind: Literal["kept", "changed", "dropped"]
    reason: str


def start_of(component: Component, wishes: Wishes) -> Start:
    """Decide between the author's words and what the project says of itself."""
    own, words = component.entrypoint, wishes.start
    if words is None:
        if own is None:
            return Start(None, "dropped", "Only a shell can tell what it starts; say it in exec form.")
        return Start(None, "changed", f"The final image starts {' '.join(own)} itself, without a shell.")
    server = replacement(" ".join(words))
    if server is not None:
        return Start(None, "changed", "It is a server for development; the recipe starts the program itself.")
    name = program(words)
    if own is not None and _same(own, words):
        return Start(None, "kept", "The project starts so.")
    if component.profile == "web" or name in _RUNNERS:
        return Start(
            None,
            "changed",
            "The recipe starts the program itself: signals reach it, and its tool is not needed.",
        )
    if component.profile in ("python", "node", "ruby", "php") and (
        _INTERPRETERS.fullmatch(name) or name in _SERVERS
    ):
        return Start(_tidy(words), "kept", "The final image starts the same words.")
    more = _arguments(words)
    if more and own is not None and own[1:] != more:
        return Start((*own, *more), "kept", f"The program is started with {' '.join(more)}.")
    if own is None and component.profile in ("go", "rust", "cpp"):
        return Start((f"./{name}", *more), "kept", "The final image starts the same program.")
    return Start(None, "changed", "The recipe starts the program that it builds.")


def _same(own: tuple[str, ...], words: tuple[str, ...]) -> bool:
    return (program(own), *own[1:]) == (program(words), *words[1:])


def _tidy(words: tuple[str, ...]) -> tuple[str, ...]:
    """The interpreter by its name: where it is differs between images."""
    name = program(words)
    if re.fullmatch(r"python[\d.]*", name):
        return ("python", *(word for word in words[1:] if word != "-u"))
    return ("node" if name in ("node", "nodejs") else name, *words[1:])


def _arguments(words: tuple[str, ...]) -> tuple[str, ...]:
    """What follows the program: behind -jar FILE for Java."""
    if program(words) == "java":
        if "-jar" in words:
            return words[words.index("-jar") + 2 :]
        return ()
    return words[1:]
