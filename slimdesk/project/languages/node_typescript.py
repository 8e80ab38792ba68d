"""Where TypeScript's compiler puts what it makes of a source file (tsconfig.json: outDir, rootDir, include)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from slimdesk.project.languages.node_package import Package
from slimdesk.project.manifests import read_json, words_of
from slimdesk.project.model import Evidence
from slimdesk.project.walk import Tree, common_folder, folder_of, join, normal

MAX_EXTENDS = 5
_SOURCE = re.compile(r"(?<!\.d)\.([cm]?)tsx?$")


@dataclass(frozen=True, slots=True)
class Compiler:
    """The folders, relative to the package, that tsc reads from and writes to; None: beside the source."""

    out_dir: str | None
    root_dir: str
    evidence: Evidence

    def output_of(self, source: str) -> str | None:
        """Return the JavaScript file that comes of a source, both relative to the package."""
        match = _SOURCE.search(source)
        if match is None:
            return None
        script = f"{source[: match.start()]}.{match.group(1)}js"
        if self.out_dir is None:
            return script
        if self.root_dir == ".":
            inside = script
        elif script.startswith(f"{self.root_dir}/"):
            inside = script[len(self.root_dir) + 1 :]
        else:
            return None
        return join(self.out_dir, inside)


def find_compiler(tree: Tree, package: Package, build: str = "") -> Compiler | None:
    """Read the tsconfig that the build command names, else tsconfig.build.json or tsconfig.json."""
    named = re.search(r"\btsc\b[^&|;]*?(?:\s-p|\s--project|\s-b|\s--build)[\s=]+([A-Za-z0-9_./-]+)", build)
    names = ["tsconfig.json"]
    if re.search(r"\bnest build\b", build):
        names.insert(0, "tsconfig.build.json")
    if named:
        path = normal(join(package.folder, named.group(1)))
        if path is not None:
            name = path if path.endswith(".json") else join(path, "tsconfig.json")
            names.insert(0, name.removeprefix(f"{package.folder}/"))
    for name in names:
        path = normal(join(package.folder, name))
        if path is not None and tree.has(path):
            return _compiler(tree, package, path, build)
    if re.search(r"\btsc\b", build):
        return Compiler(_flag(build, "outDir"), _flag(build, "rootDir") or ".", package.evidence("scripts"))
    return None


def _compiler(tree: Tree, package: Package, path: str, build: str) -> Compiler:
    out_dir, out_from = _option(tree, path, "outDir")
    root_dir, _ = _option(tree, path, "rootDir")
    out_dir = _flag(build, "outDir") or _inside(package.folder, out_dir)
    root = _flag(build, "rootDir") or _inside(package.folder, root_dir)
    return Compiler(out_dir, root or _common_root(tree, package, path, out_dir), Evidence(out_from or path))


def _option(tree: Tree, path: str, name: str) -> tuple[str | None, str | None]:
    """Return a compiler option as a path from the project's root, and the file that sets it; extends are followed."""
    for _ in range(MAX_EXTENDS):
        data = read_json(tree, path, comments=True)
        if data is None:
            return None, None
        options = data.get("compilerOptions")
        value = words_of(options.get(name)) if isinstance(options, dict) else None
        if value is not None:
            return normal(join(folder_of(path), value.replace("${configDir}", "."))), path
        base = data.get("extends")
        base = base[-1] if isinstance(base, list) and base else base
        if not isinstance(base, str) or not base.startswith("."):
            return None, None
        target = normal(join(folder_of(path), base))
        if target is None:
            return None, None
        path = target if tree.has(target) else f"{target}.json"
    return None, None


def _common_root(tree: Tree, package: Package, path: str, out_dir: str | None) -> str:
    """Return what tsc takes as rootDir when it is not set: the deepest folder that holds every source it compiles."""
    data = read_json(tree, path, comments=True) or {}
    include = [one for one in data.get("include") or data.get("files") or [] if isinstance(one, str)]
    roots = [
        clean for one in include[:50] if (clean := normal(one.split("*")[0].rstrip("/") or ".")) is not None
    ]
    exclude = data.get("exclude")
    left_out = [
        clean
        for one in (exclude if isinstance(exclude, list) else [])[:50]
        if isinstance(one, str) and (clean := normal(one.split("*")[0].rstrip("/") or "."))
    ]
    start = 0 if package.folder == "." else len(package.folder) + 1
    folders = []
    for file in tree.under(package.folder):
        inside = file.path[start:]
        if not _SOURCE.search(inside) or (out_dir and inside.startswith(f"{out_dir}/")):
            continue
        if any(inside == one or inside.startswith(f"{one}/") for one in left_out if one != "."):
            continue
        if "**/*spec.ts" in (exclude or []) and inside.endswith("spec.ts"):
            continue
        if not roots or any(root in (".", inside) or inside.startswith(f"{root}/") for root in roots):
            folders.append(folder_of(inside))
    return common_folder(folders)


def _flag(build: str, name: str) -> str | None:
    match = re.search(rf"--{name}[\s=]+([A-Za-z0-9_./-]+)", build, re.IGNORECASE)
    return normal(match.group(1)) if match else None


def _inside(folder: str, path: str | None) -> str | None:
    if path is None or folder == ".":
        return path
    if path == folder:
        return "."
    return path[len(folder) + 1 :] if path.startswith(f"{folder}/") else None
