"""A project as data: components and services, and the facts that were read from its files.

Paths are POSIX strings relative to the project's folder; `.` is the folder itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Value = str | int | bool | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where something was read: a file, and its line from 1; line None is the whole file."""

    path: str
    line: int | None = None

    def __str__(self) -> str:
        return self.path if self.line is None else f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the project says of itself."""

    key: str
    value: Value
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read or decided, as a sentence."""

    message: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """A database, broker or web server that the project uses: advice, no Dockerfile.

    `kind` is database, broker, cache, web-server or other; `image` the official image to take.
    """

    name: str
    kind: str
    image: str | None
    advice: str
    evidence: Evidence | None = None


CallKind = Literal[
    "entrypoint", "arguments", "healthcheck", "probe", "post-start", "pre-stop", "init", "process", "exec"
]
CallSource = Literal["dockerfile", "compose", "kubernetes", "procfile", "script"]


@dataclass(frozen=True, slots=True)
class Call:
    """Something around the image that starts a program inside it.

    `kind` says when: entrypoint replaces what the image starts, arguments are handed to it, init runs before it in a
    container of its own, process is a Procfile's line, exec is a person or a script from outside. `words` is argv as
    the file has it; `script` the text that a shell is given, be it a line or a script file's (`file`). `shell`: a shell
    is needed to start it. `programs` are the programs that it needs, by name, in order; `tasks` the words of
    `project.calls_tasks` for what it does. `stands_for` is the text of the package.json script that it runs. `component` is the component's name, None where it is not known.
    """

    kind: CallKind
    source: CallSource
    words: tuple[str, ...]
    evidence: Evidence | None
    component: str | None = None
    script: str | None = None
    file: str | None = None
    shell: bool = False
    programs: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    stands_for: str | None = None


@dataclass(frozen=True, slots=True)
class Component:
    """One deployable part of a project.

    `path` is its own folder, `context` the folder that its build needs (a workspace member's is the workspace root).
    `version` is the language version as the project states it; `entrypoint` is argv; `port` is None for a command.
    `parts` are the components that become one image, the one that serves last, its profile and start being this one's.
    """

    name: str
    path: str
    profile: str
    context: str = "."
    version: str | None = None
    package_manager: str | None = None
    framework: str | None = None
    entrypoint: tuple[str, ...] | None = None
    port: int | None = None
    facts: tuple[Fact, ...] = ()
    problems: tuple[Problem, ...] = ()
    parts: tuple[Component, ...] = ()

    def fact(self, key: str) -> Fact | None:
        """Return the first fact of that key."""
        return next((fact for fact in self.facts if fact.key == key), None)

    def value(self, key: str, default: Any = None) -> Any:
        """Return the value of the first fact of that key."""
        fact = self.fact(key)
        return default if fact is None or fact.value is None else fact.value

    @property
    def folder(self) -> str:
        """Its own folder as the build sees it: from the context, empty for the context itself."""
        return self.from_context(self.path) or ""

    def from_context(self, path: str) -> str | None:
        """Return a path of the project as the build sees it: empty for the context itself, None for one outside of it."""
        if path == self.context:
            return ""
        if self.context in (".", ""):
            return "" if path == "." else path
        prefix = f"{self.context}/"
        return path.removeprefix(prefix) if path.startswith(prefix) else None

    def evidence(self, key: str) -> Evidence | None:
        """Return where the first fact of that key was read."""
        fact = self.fact(key)
        return None if fact is None else fact.evidence

    def all(self, key: str) -> Iterator[Fact]:
        """Every fact of that key."""
        return (fact for fact in self.facts if fact.key == key)


@dataclass(frozen=True, slots=True)
class Project:
    """What one walk over a folder found. `seconds` is how long that took.

    `joined` are the pairs of components that can become one image, each a component with `parts`. `calls` are what
    starts programs inside the images from around them.
    """

    root: Path
    components: tuple[Component, ...] = ()
    joined: tuple[Component, ...] = ()
    services: tuple[Service, ...] = ()
    problems: tuple[Problem, ...] = ()
    calls: tuple[Call, ...] = ()
    files_seen: int = 0
    seconds: float = 0.0

    def component(self, name: str) -> Component | None:
        """Return the component of that name or path, or the joined one of that name."""
        found = next((one for one in self.components if name in (one.name, one.path)), None)
        return found or next((one for one in self.joined if one.name == name), None)
