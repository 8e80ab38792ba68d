"""compose.yaml as far as detection needs it: what is built, what is pulled, ports and variables, each with its line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from slimdesk.project.manifests import key_line, read_yaml, words_of
from slimdesk.project.walk import Tree, folder_of, join, normal

PATTERNS = (
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
    "docker-compose.*.y*ml",
    "compose.*.y*ml",
)
_ASIDE = frozenset({".devcontainer", ".github", "testdata"})
MAX_FILES = 20
MAX_SERVICES = 200
_DEFAULT = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*:?-([^{}]*)\}")
_PORT = re.compile(r"(?:.*:)?(\d{1,5})(?:-\d{1,5})?(?:/(?:tcp|udp))?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")


@dataclass(frozen=True, slots=True)
class ComposeService:
    """One service: `context` is the folder that is built, None where an image is taken as it is; ports are the container's."""

    name: str
    file: str
    line: int | None
    image: str | None = None
    context: str | None = None
    dockerfile: str | None = None
    ports: tuple[tuple[int, int | None], ...] = ()
    environment: tuple[tuple[str, str, int | None], ...] = ()


def read_compose(tree: Tree) -> tuple[ComposeService, ...]:
    """Read every compose file of the tree."""
    found: list[ComposeService] = []
    for file in compose_files(tree):
        data = read_yaml(tree, file)
        services = (data or {}).get("services")
        if not isinstance(services, dict):
            continue
        text = tree.text(file) or ""
        for key, service in list(services.items())[:MAX_SERVICES]:
            name = words_of(key, 100)
            if name and isinstance(service, dict):
                found.append(_service(file, text, name, service))
    return tuple(found)


def compose_files(tree: Tree) -> list[str]:
    """Return the compose files that say what the project runs, not what a development container or CI starts."""
    files = [path for path in tree.named(*PATTERNS) if not _ASIDE.intersection(path.split("/")[:-1])]
    return files[:MAX_FILES]


def with_defaults(text: str) -> str:
    """Return a text with ${NAME:-default} replaced by its default, once."""
    return _DEFAULT.sub(lambda match: match.group(1), text)


def _service(file: str, text: str, name: str, service: dict[str, Any]) -> ComposeService:
    line = key_line(text, "services", name)
    image = words_of(service.get("image"))
    context, dockerfile = _build(folder_of(file), service.get("build"))
    return ComposeService(
        name=name,
        file=file,
        line=line,
        image=with_defaults(image) if image else None,
        context=context,
        dockerfile=dockerfile,
        ports=tuple(_ports(text, name, service)),
        environment=tuple(_environment(text, name, service.get("environment"))),
    )


def _build(folder: str, build: Any) -> tuple[str | None, str | None]:
    if isinstance(build, dict):
        context, file = words_of(build.get("context", ".")), words_of(build.get("dockerfile"))
    else:
        context, file = words_of(build), None
    if context is None:
        return None, None
    place = normal(join(folder, with_defaults(context)))
    if place is None:
        return None, None
    return place, normal(join(place, file)) if file else join(place, "Dockerfile")


def _ports(text: str, name: str, service: dict[str, Any]) -> list[tuple[int, int | None]]:
    found: list[tuple[int, int | None]] = []
    for key in ("ports", "expose"):
        entries = service.get(key)
        for entry in entries[:20] if isinstance(entries, list) else []:
            target = entry.get("target") if isinstance(entry, dict) else entry
            word = words_of(target, 100)
            match = _PORT.fullmatch(with_defaults(word)) if word else None
            if match and 0 < int(match.group(1)) < 65_536:
                found.append((int(match.group(1)), key_line(text, "services", name, key)))
    return found


def _environment(text: str, name: str, environment: Any) -> list[tuple[str, str, int | None]]:
    pairs: list[tuple[Any, Any]] = []
    if isinstance(environment, dict):
        pairs = list(environment.items())[:100]
    elif isinstance(environment, list):
        pairs = [
            (entry.partition("=")[0], entry.partition("=")[2])
            for entry in environment[:100]
            if isinstance(entry, str)
        ]
    found = []
    for key, value in pairs:
        if isinstance(key, str) and _NAME.fullmatch(key):
            start = key_line(text, "services", name, "environment")
            found.append((key, with_defaults(words_of(value, 500) or ""), _line_after(text, key, start)))
    return found


def _line_after(text: str, word: str, start: int | None) -> int | None:
    lines = text.splitlines()
    first = start or 1
    for number, line in enumerate(lines[first - 1 : first + 200], first):
        if re.search(rf"(?<![A-Za-z0-9_]){re.escape(word)}(?![A-Za-z0-9_])", line):
            return number
    return start
