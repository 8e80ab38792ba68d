"""Nx workspaces with one package.json: each application is a project.json, built by `nx build`, at its own output path.

Source: nx.dev, "Project configuration" (targets, options.outputPath, defaults per executor).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from slimdesk.project.languages.node_build import Build
from slimdesk.project.languages.node_package import Package
from slimdesk.project.manifests import key_line, read_json, words_of
from slimdesk.project.model import Evidence
from slimdesk.project.walk import Tree, folder_of, join, normal

MAX_PROJECTS = 200
_PAGES = re.compile(r"vite|angular|web:|rspack|rsbuild|next:build")
_PROGRAM = re.compile(r"esbuild|@nx/js:|@nrwl/js:|webpack|@nx/node|@nrwl/node|nest")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class NxApp:
    """One application. `package` is the root's with the application's name; `output` its folder from the root."""

    package: Package
    folder: str
    output: str
    build: Build
    is_page: bool
    tool: str


def find_nx(tree: Tree, root: Package) -> Iterator[NxApp]:
    """Yield the applications of an Nx workspace whose only package.json is `root`."""
    if not root.has("nx") or not tree.has(join(root.folder, "nx.json")):
        return
    for path in list(tree.named("project.json"))[:MAX_PROJECTS]:
        folder = folder_of(path)
        data = read_json(tree, path, comments=True)
        if data is None or folder == root.folder or tree.has(join(folder, "package.json")):
            continue
        app = _app(tree, root, path, data)
        if app is not None:
            yield app


def _app(tree: Tree, root: Package, path: str, data: Mapping[str, Any]) -> NxApp | None:
    name = words_of(data.get("name")) or folder_of(path).rpartition("/")[2]
    targets = data.get("targets")
    target = targets.get("build") if isinstance(targets, dict) else None
    if data.get("projectType") != "application" or not isinstance(target, dict) or not _NAME.fullmatch(name):
        return None
    executor = words_of(target.get("executor")) or ""
    options = target.get("options")
    options = options if isinstance(options, dict) else {}
    stated = options.get("outputPath")
    told = words_of(stated.get("base")) if isinstance(stated, dict) else words_of(stated)
    output = normal(told or f"dist/{folder_of(path)}")
    if output in (None, "."):
        return None
    node = options.get("target") == "node" or options.get("platform") == "node"
    is_page = not node and _PAGES.search(executor) is not None and ":next" not in executor
    if not is_page and not _PROGRAM.search(executor):
        return None
    if "angular" in executor and executor.endswith(":application"):
        output = f"{output}/browser"
    place = Evidence(path, key_line(tree.text(path) or "", "outputPath"))
    build = Build(None, f"nx build {name}", place, (str(output),), command=f"npx nx build {name}")
    package = replace(root, name=name, scripts={})
    tool = "@angular/cli" if "angular" in executor else "vite"
    return NxApp(package, folder_of(path), str(output), build, is_page, tool)
