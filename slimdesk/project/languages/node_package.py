"""package.json as data: every value is checked and made harmless when it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slimdesk.project.manifests import key_line, read_json, words_of
from slimdesk.project.model import Evidence
from slimdesk.project.walk import Tree, folder_of, join

MAX_SCRIPT = 2_000
MAX_NAMES = 2_000


@dataclass(frozen=True, slots=True)
class Package:
    """One package.json. `folder` is its own; the names in `development` are devDependencies."""

    folder: str
    path: str
    text: str
    data: Mapping[str, Any]
    name: str | None
    scripts: Mapping[str, str]
    dependencies: Mapping[str, str]
    development: Mapping[str, str]

    def has(self, *names: str) -> bool:
        """Whether one of the packages is asked for, for production or development."""
        return any(name in self.dependencies or name in self.development for name in names)

    def wanted(self, name: str) -> str | None:
        """Return the version range that is asked for."""
        return self.dependencies.get(name) or self.development.get(name)

    def value(self, *keys: str) -> str | None:
        """Return a nested text value as one harmless line."""
        data: Any = self.data
        for key in keys:
            data = data.get(key) if isinstance(data, Mapping) else None
        return words_of(data)

    def evidence(self, *keys: str) -> Evidence:
        """Where a key stands; the whole file if it is not found."""
        return Evidence(self.path, key_line(self.text, *keys))

    def dependency_evidence(self, name: str) -> Evidence:
        """Where a dependency is asked for."""
        group = next(
            (key for key in ("dependencies", "optionalDependencies") if name in _mapping(self.data, key)),
            "devDependencies",
        )
        return self.evidence(group, name)

    @property
    def is_module(self) -> bool:
        """Whether its .js files are ECMAScript modules."""
        return self.data.get("type") == "module"


def read_package(tree: Tree, path: str) -> Package | None:
    """Read one package.json; None (and a problem of the tree) if it cannot be parsed."""
    data = read_json(tree, path)
    if data is None:
        return None
    production = _texts(data, "dependencies") | _texts(data, "optionalDependencies")
    return Package(
        folder=folder_of(path),
        path=path,
        text=tree.text(path) or "",
        data=data,
        name=words_of(data.get("name"), 214),
        scripts=_texts(data, "scripts", MAX_SCRIPT),
        dependencies=production,
        development={
            key: value for key, value in _texts(data, "devDependencies").items() if key not in production
        },
    )


def read_deno(tree: Tree, path: str) -> Package | None:
    """Read a deno.json as a package whose scripts are its tasks."""
    data = read_json(tree, path, comments=True)
    if data is None:
        return None
    name, text = words_of(data.get("name"), 214), tree.text(path) or ""
    return Package(folder_of(path), path, text, data, name, _texts(data, "tasks", MAX_SCRIPT), {}, {})


def lone_package(folder: str) -> Package:
    """A folder without a package.json."""
    return Package(folder, join(folder, "package.json"), "", {}, None, {}, {}, {})


def _mapping(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key)
    return value if isinstance(value, Mapping) else {}


def _texts(data: Mapping[str, Any], key: str, limit: int = 300) -> dict[str, str]:
    found = {}
    for name, value in list(_mapping(data, key).items())[:MAX_NAMES]:
        clean_name, clean = words_of(name, 214), words_of(value, limit) if isinstance(value, str) else None
        if clean_name is not None and clean is not None:
            found[clean_name] = clean
    return found
