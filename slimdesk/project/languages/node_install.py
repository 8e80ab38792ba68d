"""What an installation needs to know: compiled packages, the project's own install scripts, registries, local packages."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from slimdesk.project.languages.node_frameworks import NATIVE
from slimdesk.project.languages.node_manager import Manager
from slimdesk.project.languages.node_package import Package
from slimdesk.project.manifests import read_json
from slimdesk.project.model import Evidence, Fact, Problem
from slimdesk.project.walk import Tree, join, line_of

INSTALL_SCRIPTS = ("preinstall", "install", "postinstall", "prepare")

# Tools of install scripts that need no file of the project, or only these.
_TOOL_FILES = {
    "husky": (), "is-ci": (), "lefthook": (), "simple-git-hooks": (), "ts-patch": (), "only-allow": (), "echo": (), "exit": (),
    "ngcc": (), "electron-builder": (), "true": (), "opencollective": (), "skip-ci": (), "yarn-deduplicate": (),
    "patch-package": ("patches",), "prisma": ("prisma",), "nuxt": None, "nuxi": None,
}  # fmt: skip
_TOKEN = re.compile(r"(?m)^[^#;\n]*(?:_authToken|_auth|_password)\s*=\s*(?!\$\{)\S")


@dataclass(frozen=True, slots=True)
class InstallScript:
    """One install script of the project: the files it needs (None: nobody knows), and whether only development needs it."""

    name: str
    evidence: Evidence
    files: tuple[str, ...] | None
    development: bool


def install_scripts(tree: Tree, package: Package) -> Iterator[InstallScript]:
    """Yield the scripts that a package manager runs by itself while it installs."""
    for name in INSTALL_SCRIPTS:
        text = package.scripts.get(name)
        if text is None:
            continue
        tools = [word for word in _tools(text) if word not in ("npx", "exec", "run")]
        files: set[str] | None = set()
        for tool in tools:
            needed = _TOOL_FILES.get(tool)
            if needed is None or files is None:
                files = None
            else:
                files.update(one for one in needed if tree.has_folder(join(package.folder, one)))
        development = name == "prepare" or any(tool in package.development for tool in tools)
        development = development or any(word in text for word in ("husky", "lefthook", "run build", "tsc"))
        yield InstallScript(
            name,
            package.evidence("scripts", name),
            None if files is None else tuple(sorted(files)),
            development,
        )


def native_packages(tree: Tree, package: Package, manager: Manager) -> list[Fact]:
    """Return facts `native` (a compiled package) and `native_compiled` (one that the installation often compiles)."""
    found = {name: package.dependency_evidence(name) for name in NATIVE if name in package.dependencies}
    if manager.name == "npm" and manager.lock_file is not None:
        for name, evidence in _locked_native(tree, manager.lock_file):
            found.setdefault(name, evidence)
    facts = [Fact("native", name, evidence) for name, evidence in found.items()]
    facts += [Fact("native_compiled", name, evidence) for name, evidence in found.items() if not NATIVE[name]]
    gyp = join(package.folder, "binding.gyp")
    if tree.has(gyp):
        facts += [
            Fact("native", "binding.gyp", Evidence(gyp)),
            Fact("native_compiled", "binding.gyp", Evidence(gyp)),
        ]
    return facts


def npmrc_facts(tree: Tree, folder: str) -> tuple[list[Fact], list[Problem]]:
    """Return fact `npmrc` where there is a .npmrc, and a problem where it holds a secret itself."""
    path = join(folder, ".npmrc")
    text = tree.text(path)
    if text is None:
        return [], []
    secret = _TOKEN.search(text)
    if secret is None:
        return [Fact("npmrc", path, Evidence(path))], []
    line = text.count("\n", 0, secret.start()) + 1
    return [Fact("npmrc", path, Evidence(path, line))], [
        Problem(
            f"{path} holds a password or token: it stays in the cache of the build. Write ${{NPM_TOKEN}} in its place "
            "and keep the value outside the project",
            Evidence(path, line),
        )
    ]


def outside_packages(package: Package, members: frozenset[str]) -> list[Problem]:
    """Return problems for packages that are taken from a folder outside of the build context."""
    problems = []
    for name, wanted in {**package.development, **package.dependencies}.items():
        if name not in members and re.match(r"(?:file|link|portal):(?:\.\./|/)", wanted):
            problems.append(
                Problem(
                    f"{name} is taken from {wanted.partition(':')[2]}, outside of the build context: make both members of "
                    "one workspace, or publish it",
                    package.dependency_evidence(name),
                )
            )
    return problems


def _tools(text: str) -> list[str]:
    """Return the programs that a script calls, in order."""
    found = []
    for part in re.split(r"&&|\|\||;|\||&", text):
        try:
            words = shlex.split(part)
        except ValueError:
            return [text]
        words = [word for word in words if not re.match(r"[A-Za-z_]\w*=", word)]
        if words[:1] == ["npx"]:
            words = [word for word in words[1:] if not word.startswith("-")]
        if words:
            found.append(words[0].removeprefix("./node_modules/.bin/"))
    return found


def _locked_native(tree: Tree, lock: str) -> Iterator[tuple[str, Evidence]]:
    packages = (read_json(tree, lock) or {}).get("packages")
    if not isinstance(packages, dict):
        return
    text = tree.text(lock) or ""
    for path, entry in packages.items():
        name = path.rpartition("node_modules/")[2] if isinstance(path, str) else ""
        if name in NATIVE and isinstance(entry, dict) and not entry.get("dev"):
            yield name, Evidence(lock, line_of(text, f'"{path}"'))
