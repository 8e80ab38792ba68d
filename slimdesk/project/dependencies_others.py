"""What Cargo.toml, composer.json, a Gemfile and .NET's project files ask for, each with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from slimdesk.project.manifests import key_line, read_json, read_toml
from slimdesk.project.model import Evidence
from slimdesk.project.toml_lines import line_of_key
from slimdesk.project.walk import Tree, join

DOTNET = (".csproj", ".fsproj", ".vbproj")
_MOST = 2_000
_GROUPS = {"dependencies": False, "build-dependencies": True, "dev-dependencies": True}
_GEM = re.compile(r"""(?m)^[ \t]*gem[ \t(]+["']([A-Za-z0-9_.-]{1,200})["']""")
_REFERENCE = re.compile(r"""<PackageReference\s[^>]{0,300}?\bInclude\s{0,3}=\s{0,3}["']([\w.-]{1,200})["']""")


@dataclass(frozen=True, slots=True)
class Asked:
    """A dependency by its name and its type as purls spell it. `development`: it is asked for to build or test alone."""

    name: str
    type: str
    evidence: Evidence
    development: bool = False


def other_dependencies(tree: Tree, folder: str) -> Iterator[Asked]:
    """Yield what the manifests of a folder ask for; what cannot be read asks for nothing."""
    yield from _cargo(tree, join(folder, "Cargo.toml"))
    yield from _composer(tree, join(folder, "composer.json"))
    yield from _matched(tree, join(folder, "Gemfile"), _GEM, "gem")
    prefix = "" if folder in (".", "") else f"{folder}/"
    for path in tree.files:
        if path.endswith(DOTNET) and path.startswith(prefix) and "/" not in path[len(prefix) :]:
            yield from _matched(tree, path, _REFERENCE, "nuget")


def _cargo(tree: Tree, path: str) -> Iterator[Asked]:
    document = read_toml(tree, path) if tree.has(path) else None
    text = tree.text(path) if document else None
    if document is None or text is None:
        return
    tables: list[tuple[tuple[str, ...], Any]] = [((), document)]
    targets = document.get("target")
    if isinstance(targets, dict):
        tables += [(("target", name), one) for name, one in targets.items()]
    for above, table in tables:
        for group, development in _GROUPS.items():
            asked = table.get(group) if isinstance(table, dict) else None
            for name, how in list(asked.items())[:_MOST] if isinstance(asked, dict) else ():
                # [dependencies] rand_09 = { package = "rand", version = "0.9" }
                real = how.get("package") if isinstance(how, dict) else None
                line = line_of_key(text, (*above, group, name))
                yield Asked(
                    real if isinstance(real, str) else name, "cargo", Evidence(path, line), development
                )


def _composer(tree: Tree, path: str) -> Iterator[Asked]:
    document = read_json(tree, path) if tree.has(path) else None
    text = tree.text(path) if document else None
    for group, development in (("require", False), ("require-dev", True)):
        asked = document.get(group) if document else None
        for name in list(asked)[:_MOST] if isinstance(asked, dict) else ():
            # php and ext-… are no packages.
            if "/" in name:
                line = key_line(text or "", group, name)
                yield Asked(name.lower(), "composer", Evidence(path, line), development)


def _matched(tree: Tree, path: str, pattern: re.Pattern[str], kind: str) -> Iterator[Asked]:
    text = (tree.text(path) if tree.has(path) else None) or ""
    line, at = 1, 0
    for match in pattern.finditer(text):
        line += text.count("\n", at, match.start(1))
        at = match.start(1)
        yield Asked(match[1], kind, Evidence(path, line))
