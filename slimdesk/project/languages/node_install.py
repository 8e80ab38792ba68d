"""What an installation needs to know: compiled packages, the project's own install scripts, registries, local packages."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from slimdesk.project.languages.node_frameworks import NATIVE, needs_prisma_engine
from slimdesk.project.languages.node_manager import Manager
from slimdesk.project.languages.node_package import Package
from slimdesk.project.manifests import read_json
from slimdesk.project.model import Evidence, Fact, Problem
from slimdesk.project.walk import Tree, join, line_of

INSTALL_SCRIPTS = ("preinstall", "install", "postinstall", "prepare")

# Stands for any of _FOR_CHECKOUTS among the tools of a script.
_CHECKOUT = "(checkout)"
# Tools of install scripts that need no file of the project, or only these.
_TOOL_FILES = {
    "husky": (), "is-ci": (), "lefthook": (), "simple-git-hooks": (), "ts-patch": (), "only-allow": (), "echo": (), "exit": (),
    "ngcc": (), "electron-builder": (), "true": (), "opencollective": (), "skip-ci": (), "yarn-deduplicate": (),
    "patch-package": ("patches",), "prisma": ("prisma",),
}  # fmt: skip
_HOOKS = frozenset({
    "husky", "is-ci", "lefthook", "simple-git-hooks", "echo", "exit", "true", "opencollective", "skip-ci", "only-allow",
    _CHECKOUT,
})  # fmt: skip
# What writes types and hooks into a developer's checkout; the build writes them itself (commands of Nuxt, SvelteKit, Astro,
# React Router, Next.js and Git).
_FOR_CHECKOUTS = re.compile(
    r"(?:nuxt|nuxi)\s+prepare\b|svelte-kit\s+sync\b|astro\s+sync\b|(?:react-router|next)\s+typegen\b|git\s+config\b"
)
_BUILDS = re.compile(r"\b(?:run|yarn|pnpm)\s+(?:run\s+)?build\b|\btsc\b|\bnest build\b|\btsup\b")
_FROM_GIT = re.compile(r"git(?:\+\w+)?:|github:|gitlab:|bitbucket:|[\w-]+/[\w.-]+(?:#|$)|.+\.git(?:#|$)")
_PRISMA_OUTPUT = re.compile(r"generator\s+\w{1,60}\s*\{[^}]{0,2000}?\boutput\s*=\s*\"([^\"\n]{1,200})\"")
_TOKEN = re.compile(r"(?m)^[^#;\n]*(?:_authToken|_auth|_password)\s*=\s*(?!\$\{)\S")


@dataclass(frozen=True, slots=True)
class InstallScript:
    """One install script of the project, and the files that it needs (None: nobody knows).

    `kind`: hook is for a developer's checkout or does what the build does anyway, development needs a tool of
    devDependencies, production is needed wherever packages are installed.
    """

    name: str
    evidence: Evidence
    files: tuple[str, ...] | None
    kind: Literal["hook", "development", "production"]


def install_scripts(tree: Tree, package: Package) -> Iterator[InstallScript]:
    """Yield the scripts that a package manager runs by itself while it installs."""
    for name in INSTALL_SCRIPTS:
        text = package.scripts.get(name)
        if text is None:
            continue
        tools = [word for word in _tools(text) if word not in ("exec", "run")]
        files: set[str] | None = set()
        for tool in tools:
            needed = _TOOL_FILES.get(tool)
            if needed is None or files is None:
                files = None
            else:
                files.update(one for one in needed if tree.has_folder(join(package.folder, one)))
        kind: Literal["hook", "development", "production"] = "production"
        if (tools and all(tool in _HOOKS for tool in tools)) or (name == "prepare" and _BUILDS.search(text)):
            kind = "hook"
        elif name == "prepare" or _BUILDS.search(text) or any(tool in package.development for tool in tools):
            kind = "development"
        if kind == "hook":
            files = set()
        yield InstallScript(
            name, package.evidence("scripts", name), None if files is None else tuple(sorted(files)), kind
        )


def native_packages(tree: Tree, package: Package, root: Package, manager: Manager) -> list[Fact]:
    """Return facts `native` (a compiled package), `native_compiled` (one that the installation often compiles).

    `decided_script` is a compiled package for which the root's package.json says itself whether its scripts run.
    """
    found = {name: package.dependency_evidence(name) for name in NATIVE if name in package.dependencies}
    if manager.name == "npm" and manager.lock_file is not None:
        for name, evidence in _locked_native(tree, manager.lock_file):
            found.setdefault(name, evidence)
    facts = [Fact("native", name, evidence) for name, evidence in found.items()]
    facts += [Fact("native_compiled", name, evidence) for name, evidence in found.items() if not NATIVE[name]]
    facts += [fact for fact in _decided(root) if fact.value in found]
    gyp = join(package.folder, "binding.gyp")
    if tree.has(gyp):
        facts += [
            Fact("native", "binding.gyp", Evidence(gyp)),
            Fact("native_compiled", "binding.gyp", Evidence(gyp)),
        ]
    return facts


def _decided(root: Package) -> list[Fact]:
    """Return `decided_script` for what npm's allowScripts names: `name`, `name@1.2.3` or `name@1 || 2`."""
    stated = root.data.get("allowScripts")
    if not isinstance(stated, dict):
        return []
    place = root.evidence("allowScripts")
    names = (name[:1] + name[1:].partition("@")[0] for name in stated if isinstance(name, str))
    return [Fact("decided_script", name, place) for name in dict.fromkeys(names)]


def development_peers(tree: Tree, package: Package, manager: Manager) -> list[Fact]:
    """Return facts `development_peer`: tools of development that `npm ci --omit=dev` installs all the same.

    npm's lock file marks them devOptional: something that ships names them as an optional peer, as @prisma/client does prisma
    (docs.npmjs.com, "package-lock.json": dev, optional, devOptional).
    """
    if manager.name != "npm" or manager.lock_file is None:
        return []
    packages = (read_json(tree, manager.lock_file) or {}).get("packages")
    if not isinstance(packages, dict):
        return []
    found = []
    for name in package.development:
        entry = packages.get(f"node_modules/{name}")
        if name not in package.dependencies and isinstance(entry, dict) and entry.get("devOptional") is True:
            found.append(Fact("development_peer", name, package.dependency_evidence(name)))
    return found


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
            tool = words[0].removeprefix("./node_modules/.bin/")
            found.append(_CHECKOUT if _FOR_CHECKOUTS.match(" ".join((tool, *words[1:3]))) else tool)
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


def git_packages(package: Package) -> list[Fact]:
    """Return facts `git_dependency` for packages that are taken from a Git repository."""
    return [
        Fact("git_dependency", name, package.dependency_evidence(name))
        for name, wanted in {**package.development, **package.dependencies}.items()
        if _FROM_GIT.match(wanted)
    ]


def prisma_facts(tree: Tree, package: Package) -> list[Fact]:
    """Return `prisma` (its client needs an engine), `prisma_schema` and `prisma_output` (it is written elsewhere)."""
    wanted = package.dependencies.get("@prisma/client")
    if wanted is None:
        return []
    facts = []
    if needs_prisma_engine(package):
        facts.append(Fact("prisma", wanted, package.dependency_evidence("@prisma/client")))
    schema = join(package.folder, "prisma/schema.prisma")
    text = tree.text(schema)
    if text is not None and package.has("prisma"):
        facts.append(Fact("prisma_schema", schema, Evidence(schema)))
        match = _PRISMA_OUTPUT.search(text, 0, 100_000)
        if match is not None:
            place = Evidence(schema, text.count("\n", 0, match.start(1)) + 1)
            facts.append(Fact("prisma_output", match.group(1), place))
    return facts
