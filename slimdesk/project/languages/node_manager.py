"""Which package manager installs a Node.js project, and which Node.js it asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from slimdesk.project.languages.node_package import Package
from slimdesk.project.manifests import read_json, read_tool_versions, words_of
from slimdesk.project.model import Evidence, Problem
from slimdesk.project.walk import Tree, join

# Lock file -> manager, in the order in which one wins over another that lies beside it.
LOCK_FILES = {
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "bun.lock": "bun",
    "bun.lockb": "bun",
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
    "deno.lock": "deno",
}
_MANAGERS = frozenset({"npm", "yarn", "pnpm", "bun"})
# Digests after + are corepack's; a range is not allowed there.
_PACKAGE_MANAGER = re.compile(
    r"(npm|yarn|pnpm|bun)@v?(\d+(?:\.\d+){0,2}(?:-[0-9A-Za-z.]+)?)(?:\+\S*)?", re.ASCII
)
_VERSION_FILE = re.compile(
    r"\s*(v?\d[0-9A-Za-z.x*-]{0,30}|lts/[A-Za-z0-9*-]{1,20}|lts|node|stable|current|latest)\s*"
)
_YARN_PATH = re.compile(r"(?m)^yarnPath:\s*[\"']?([A-Za-z0-9_./-]{1,200})[\"']?\s*$")
_NODE_LINKER = re.compile(r"(?m)^nodeLinker:\s*[\"']?(node-modules|pnp|pnpm)[\"']?\s*$")


@dataclass(frozen=True, slots=True)
class Manager:
    """A package manager: its name, its version if the project states one, and its lock file.

    `yarn_path` is yarn's own program inside the project; `linker` is yarn's way to lay packages out (None for yarn 1);
    `uses_folder` says that it needs the project's .yarn (its program, plugins or patches).
    """

    name: str
    evidence: Evidence | None = None
    version: str | None = None
    lock_file: str | None = None
    lock_evidence: Evidence | None = None
    yarn_path: str | None = None
    linker: str | None = None
    uses_folder: bool = False
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Stated:
    """A Node.js version as a file states it, such as >=20 or lts/jod."""

    version: str
    evidence: Evidence


def find_manager(tree: Tree, package: Package, root: Package) -> Manager:
    """Say which manager installs `package`, whose workspace root is `root` (itself, if it is no member)."""
    stated, stated_version, evidence = _stated_manager(root)
    locks = [name for name in LOCK_FILES if tree.has(join(root.folder, name))]
    if not locks and root.folder != package.folder:
        locks = [name for name in LOCK_FILES if tree.has(join(package.folder, name))]
    problems = []
    chosen = next((name for name in locks if LOCK_FILES[name] == stated), None)
    if chosen is None and stated is None:
        chosen = next(iter(locks), None)
    others = [name for name in locks if chosen is not None and LOCK_FILES[name] != LOCK_FILES[chosen]]
    if chosen and others:
        problems.append(
            Problem(
                f"There are lock files of several package managers; {chosen} is taken and {', '.join(others)} is not used",
                Evidence(join(root.folder, others[0])),
            )
        )
    if chosen is None and stated is not None and locks:
        problems.append(
            Problem(
                f"package.json asks for {stated}, and there is no lock file of {stated}: {locks[0]} is not used",
                evidence,
            )
        )
    name = stated or (LOCK_FILES[chosen] if chosen else "npm")
    lock = None if chosen is None else join(root.folder, chosen)
    lock_evidence = None if lock is None else Evidence(lock)
    version = stated_version or _version_of_lock(tree, name, lock)
    yarn_path, linker = _yarn_settings(tree, root.folder) if name == "yarn" else (None, None)
    if name == "yarn" and linker is None and _is_berry(tree, lock, version, yarn_path):
        linker = "pnp"
    if name == "npm" and lock is not None:
        problems.extend(_lock_problems(tree, root, lock))
    return Manager(
        name=name,
        evidence=evidence or lock_evidence,
        version=version,
        lock_file=lock,
        lock_evidence=lock_evidence,
        yarn_path=yarn_path,
        linker=linker,
        uses_folder=name == "yarn" and _uses_yarn_folder(tree, root, lock),
        problems=tuple(problems),
    )


def stated_versions(tree: Tree, folders: Iterable[str], packages: Iterable[Package]) -> list[Stated]:
    """Return what the files say about the Node.js version, the most exact first.

    Pins (.nvmrc, .node-version, .tool-versions, volta) stand before package.json's engines.
    """
    folders = list(dict.fromkeys(folders))
    packages = list(packages)
    found = []
    for folder in folders:
        for name in (".nvmrc", ".node-version"):
            path = join(folder, name)
            lines = (tree.text(path) or "").splitlines()[:20]
            for number, line in enumerate(lines, 1):
                match = _VERSION_FILE.fullmatch(line.split("#")[0])
                if match:
                    found.append(Stated(match.group(1), Evidence(path, number)))
                    break
        path = join(folder, ".tool-versions")
        tools = read_tool_versions(tree, path)
        for tool in ("nodejs", "node"):
            if tool in tools and _VERSION_FILE.fullmatch(tools[tool][0]):
                found.append(Stated(tools[tool][0], Evidence(path, tools[tool][1])))
                break
    for keys in (("volta", "node"), ("engines", "node"), ("devEngines", "runtime", "version")):
        for package in packages:
            value = package.value(*keys)
            if value is not None and len(value) <= 100:
                found.append(Stated(value, package.evidence(*keys)))
    return found


def _stated_manager(package: Package) -> tuple[str | None, str | None, Evidence | None]:
    match = _PACKAGE_MANAGER.fullmatch(package.value("packageManager") or "")
    if match:
        return match.group(1), match.group(2), package.evidence("packageManager")
    for name in ("yarn", "pnpm", "npm"):
        version = package.value("volta", name)
        if version and name != "npm":
            return name, version, package.evidence("volta", name)
    named = package.value("devEngines", "packageManager", "name")
    if named in _MANAGERS:
        return named, None, package.evidence("devEngines", "packageManager")
    return None, None, None


def _version_of_lock(tree: Tree, manager: str, lock: str | None) -> str | None:
    """Return the major version that writes such a lock file.

    pnpm: lockfileVersion 5.x by 6 and 7, 6.0 by 8, 9.0 by 9 and later (pnpm.io, "Lockfile"). yarn: `__metadata:` is
    berry's; its versions 4 and 5 come from yarn 2, 6 from 3, 8 from 4.
    """
    if lock is None:
        return None
    head = (tree.text(lock) or "")[:4000]
    if manager == "pnpm":
        match = re.search(r"(?m)^lockfileVersion:\s*['\"]?(\d+)", head)
        return {"5": "7", "6": "8", "9": "10"}.get(match.group(1)) if match else None
    if manager == "yarn" and "__metadata:" in head:
        match = re.search(r"(?m)^\s+version:\s*['\"]?(\d+)", head)
        number = int(match.group(1)) if match else 8
        return "4" if number >= 7 else "3" if number == 6 else "2"
    return "1" if manager == "yarn" else None


def _is_berry(tree: Tree, lock: str | None, version: str | None, yarn_path: str | None) -> bool:
    if version is not None:
        return not re.match(r"[01](\.|$)", version)
    if lock is not None:
        return "__metadata:" in (tree.text(lock) or "")[:4000]
    return yarn_path is not None


def _yarn_settings(tree: Tree, folder: str) -> tuple[str | None, str | None]:
    # Read with patterns: the file is small and flat, and a damaged one must not hide the lock file.
    text = tree.text(join(folder, ".yarnrc.yml")) or ""
    program, linker = _YARN_PATH.search(text), _NODE_LINKER.search(text)
    path = program.group(1) if program else None
    if path is not None and (path.startswith("/") or ".." in path.split("/")):
        path = None
    return path, linker.group(1) if linker else None


def _uses_yarn_folder(tree: Tree, root: Package, lock: str | None) -> bool:
    settings = tree.text(join(root.folder, ".yarnrc.yml")) or ""
    if ".yarn/releases" in settings or ".yarn/plugins" in settings:
        return True
    return ".yarn/patches" in root.text or (lock is not None and ".yarn/patches" in (tree.text(lock) or ""))


def _lock_problems(tree: Tree, root: Package, lock: str) -> list[Problem]:
    """Say where npm ci would refuse the lock file: it is damaged, or it does not name what package.json asks for."""
    data = read_json(tree, lock)
    if data is None:
        return [
            Problem(
                f"{lock} cannot be read, so npm ci will refuse it: run npm install and commit what it writes",
                Evidence(lock),
            )
        ]
    packages = data.get("packages")
    top = packages.get("") if isinstance(packages, dict) else None
    if not isinstance(top, dict):
        return []
    locked: dict[str, str | None] = {}
    for group in ("dependencies", "devDependencies", "optionalDependencies"):
        named = top.get(group)
        if isinstance(named, dict):
            locked.update({name: words_of(value) for name, value in named.items() if isinstance(name, str)})
    asked = {**root.development, **root.dependencies}
    wrong = [name for name, wanted in asked.items() if locked.get(name) != wanted]
    if not wrong:
        return []
    return [
        Problem(
            f"{lock} does not fit package.json ({', '.join(sorted(wrong)[:5])}), so npm ci will refuse it: "
            "run npm install and commit what it writes",
            root.dependency_evidence(min(wrong)),
        )
    ]
