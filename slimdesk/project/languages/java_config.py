"""What the configuration of Spring Boot, Quarkus and Micronaut says: ports, paths, and variables without a default.

application.properties, application.yml and their forms for profiles, in src/main/resources and in config/.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from slimdesk.basics.escaping import without_controls
from slimdesk.project.facts import FactList
from slimdesk.project.manifests import key_line, read_yaml
from slimdesk.project.model import Evidence
from slimdesk.project.walk import Tree, join

_NAME = re.compile(r"(?:application|bootstrap)(?:-([\w-]{1,60}))?\.(properties|ya?ml)$")
_PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][\w.-]{0,100})(:?)([^{}]{0,200})\}")
_LINE = re.compile(r"[ \t]*([\w.\[\]%\"-]{1,200})[ \t]*[=:][ \t]*(.*)")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{1,99}")
# Profiles of development and tests are not those of production.
_NOT_SHIPPED = re.compile(r"(?:^|[-_])(?:dev|development|local|test|testing|it|ci|h2|e2e)(?:$|[-_])")
FOLDERS = ("src/main/resources", "src/main/resources/config", "config", ".")
MAX_LINES = 3_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting: its dotted key, its text, where it stands, and the profile that its file is for."""

    key: str
    value: str
    place: Evidence
    profile: str | None = None


def read_config(tree: Tree, folder: str) -> list[Entry]:
    """Return every setting of a module, those without a profile first."""
    found: list[Entry] = []
    for below in FOLDERS:
        holder = folder if below == "." else join(folder, below)
        for path in tree.named("application*", "bootstrap*"):
            parent, _, name = path.rpartition("/")
            match = _NAME.match(name)
            if match and (parent or ".") == holder:
                read = _properties if match.group(2) == "properties" else _yaml
                found += read(tree, path, match.group(1))
    return sorted(found, key=lambda entry: entry.profile is not None)


def shipped(entry: Entry) -> bool:
    """Whether a setting can hold in production."""
    return entry.profile is None or _NOT_SHIPPED.search(entry.profile) is None


def number(entries: list[Entry], *keys: str) -> tuple[int, Evidence] | None:
    """Return the first port among the keys, with the default of a placeholder: ${PORT:8080}."""
    for key in keys:
        for entry in entries:
            if entry.key != key or not shipped(entry):
                continue
            text = entry.value.strip().strip("\"'")
            match = _PLACEHOLDER.fullmatch(text)
            text = match.group(3) if match else text
            inner = re.search(r":(\d{2,5})\}*$", text) if "${" in text else None
            text = inner.group(1) if inner else text
            if text.isascii() and text.isdigit() and 0 < int(text[:6]) < 65_536:
                return int(text), entry.place
    return None


def text(entries: list[Entry], *keys: str) -> tuple[str, Evidence] | None:
    """Return the first setting among the keys."""
    for key in keys:
        for entry in entries:
            if entry.key == key and shipped(entry) and entry.value.strip():
                return entry.value.strip().strip("\"'"), entry.place
    return None


def add_environment(entries: list[Entry], facts: FactList) -> None:
    """Add each variable that a placeholder names; one without a default is required."""
    for entry in entries:
        if not shipped(entry):
            continue
        for match in _PLACEHOLDER.finditer(entry.value):
            name, colon, _ = match.groups()
            if not _VARIABLE.fullmatch(name):
                continue
            facts.add("env", name, entry.place.path, entry.place.line)
            if not colon and entry.profile is None:
                facts.add("env_required", name, entry.place.path, entry.place.line)


def _properties(tree: Tree, path: str, profile: str | None) -> Iterator[Entry]:
    lines = (tree.text(path) or "").splitlines()[:MAX_LINES]
    for at, line in enumerate(lines, 1):
        if line.lstrip().startswith(("#", "!")):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        key, own = match.group(1).replace('"', ""), profile
        if key.startswith("%"):
            # Quarkus: %dev.quarkus.http.port
            own, _, key = key[1:].partition(".")
            own = None if own == "prod" else own
        yield Entry(key, without_controls(match.group(2))[:500], Evidence(path, at), own)


def _yaml(tree: Tree, path: str, profile: str | None) -> Iterator[Entry]:
    data = read_yaml(tree, path)
    if not data:
        return
    body = tree.text(path) or ""
    count = 0
    stack: list[tuple[tuple[str, ...], Any]] = [((), data)]
    while stack and count < MAX_LINES:
        keys, value = stack.pop(0)
        if isinstance(value, dict):
            stack[:0] = [((*keys, str(key)[:200]), one) for key, one in value.items()]
            continue
        count += 1
        if isinstance(value, (str, int, float)) and not isinstance(value, bool):
            own, words = profile, keys
            if words and words[0].startswith("%"):
                own, words = words[0][1:], words[1:]
                own = None if own == "prod" else own
            line = key_line(body, *keys) if len(keys) < 12 else None
            yield Entry(".".join(words), without_controls(str(value))[:500], Evidence(path, line), own)
        elif isinstance(value, list):
            stack[:0] = [((*keys, str(at)), one) for at, one in enumerate(value[:50])]
