"""composer.json and composer.lock: the PHP that is asked for, packages, extensions, and what starts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from slimdesk.project.manifests import key_line, read_json, words_of
from slimdesk.project.model import Evidence
from slimdesk.project.walk import Tree, join

MAX_PACKAGES = 3_000


@dataclass(slots=True)
class Composer:
    """What the files of one folder say. `extensions` and `packages` are those that run, not those for development."""

    folder: str
    path: str | None = None
    lock: str | None = None
    kind: str = ""
    name: str | None = None
    version: tuple[str, Evidence] | None = None
    pin: tuple[str, Evidence] | None = None
    packages: dict[str, Evidence] = field(default_factory=dict)
    extensions: dict[str, Evidence] = field(default_factory=dict)
    programs: list[str] = field(default_factory=list)
    local: list[str] = field(default_factory=list)

    def has(self, *names: str) -> Evidence | None:
        """Return where the first of these packages is required."""
        return next((self.packages[name] for name in names if name in self.packages), None)


def read_composer(tree: Tree, folder: str) -> Composer:
    """Read the folder's composer.json and composer.lock; what is not there stays empty."""
    found = Composer(folder)
    path = join(folder, "composer.json")
    data = read_json(tree, path) if tree.has(path) else None
    if data is not None:
        found.path = path
        text = tree.text(path) or ""
        found.kind = str(data.get("type", "")) if isinstance(data.get("type"), str) else ""
        found.name = words_of(data.get("name"))
        _require(data.get("require"), path, text, found)
        _platform(data, path, text, found)
        programs = data.get("bin", [])
        found.programs = [
            one for one in (programs if isinstance(programs, list) else [programs]) if isinstance(one, str)
        ][:10]
        found.local = _local_folders(data.get("repositories"))
        lock = join(folder, "composer.lock")
        if tree.has(lock):
            found.lock = lock
            _read_lock(tree, lock, found)
    version = join(folder, ".php-version")
    if (match := re.match(r"\d+\.\d+(?:\.\d+)?", (tree.text(version) or "").strip())) is not None:
        found.pin = (match.group(), Evidence(version, 1))
    return found


def _require(value: Any, path: str, text: str, found: Composer) -> None:
    for name, constraint in (value if isinstance(value, dict) else {}).items():
        if not isinstance(name, str) or len(name) > 200:
            continue
        evidence = Evidence(path, key_line(text, "require", name))
        if name in ("php", "php-64bit"):
            said = words_of(constraint)
            if said:
                found.version = (said, evidence)
        elif name.startswith("ext-"):
            found.extensions.setdefault(_extension(name), evidence)
        else:
            found.packages[name.lower()] = evidence


def _platform(data: dict[str, Any], path: str, text: str, found: Composer) -> None:
    """config.platform.php: the PHP that Composer resolves for."""
    config = data.get("config")
    platform = config.get("platform") if isinstance(config, dict) else None
    stated = platform.get("php") if isinstance(platform, dict) else None
    if isinstance(stated, str) and re.fullmatch(r"\d+\.\d+(?:\.\d+)?", stated) and found.version is None:
        found.version = (f"^{stated}", Evidence(path, key_line(text, "platform", "php")))


def _read_lock(tree: Tree, path: str, found: Composer) -> None:
    data = read_json(tree, path)
    packages = data.get("packages") if data else None
    for package in (packages if isinstance(packages, list) else [])[:MAX_PACKAGES]:
        if not isinstance(package, dict):
            continue
        require = package.get("require")
        for name in require if isinstance(require, dict) else ():
            if isinstance(name, str) and name.startswith("ext-"):
                found.extensions.setdefault(_extension(name), Evidence(path))
        name = package.get("name")
        if isinstance(name, str):
            found.packages.setdefault(name.lower()[:200], Evidence(path))


def _extension(name: str) -> str:
    return name.removeprefix("ext-").lower().replace("zend-opcache", "opcache")[:60]


def _local_folders(value: Any) -> list[str]:
    """Folders of path repositories, whose packages must be there before Composer installs."""
    rows = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [
        row["url"]
        for row in list(rows)[:50]
        if isinstance(row, dict) and row.get("type") == "path" and isinstance(row.get("url"), str)
    ]
