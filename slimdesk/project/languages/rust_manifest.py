"""Cargo.toml, Cargo.lock and rust-toolchain as data: packages, their programs, and the workspace they stand in.

The rules are those of https://doc.rust-lang.org/cargo/reference/manifest.html and workspaces.html; what has the wrong type
is passed over, and what keeps cargo from building becomes a problem of the package.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from slimdesk.project.manifests import key_line, read_toml, words_of
from slimdesk.project.walk import Tree, folder_of, join, normal

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,99}", re.ASCII)
_CHANNEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]{0,60}", re.ASCII)
MAX_BINARIES = 60
MAX_LOCKED = 5_000


@dataclass(frozen=True, slots=True)
class Binary:
    """One program of a package: its name, its main file, where that is said, and the features without which it is not built."""

    name: str
    path: str
    file: str
    line: int | None = None
    features: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dependency:
    """One dependency as Cargo.toml writes it; `folder` is that of a path dependency."""

    name: str
    line: int | None
    folder: str | None = None
    git: str | None = None
    features: tuple[str, ...] = ()


@dataclass(slots=True)
class Package:
    """One [package] of a Cargo.toml, with what it inherits from its workspace."""

    folder: str
    file: str
    name: str
    name_line: int | None = None
    edition: str | None = None
    rust_version: str | None = None
    rust_line: int | None = None
    rust_file: str | None = None
    default_run: str | None = None
    binaries: tuple[Binary, ...] = ()
    library: bool = False
    build_script: str | None = None
    dependencies: tuple[Dependency, ...] = ()
    profile: dict[str, Any] = field(default_factory=dict)
    metadata: frozenset[str] = frozenset()
    workspace: Workspace | None = None
    problems: list[tuple[str, int | None]] = field(default_factory=list)

    def depends(self, *names: str) -> Dependency | None:
        """Return the first direct dependency of one of these names."""
        return next((one for one in self.dependencies if one.name in names), None)


@dataclass(slots=True)
class Workspace:
    """One [workspace]: the folders of members, of default members, and those that are excluded."""

    folder: str
    file: str
    line: int | None
    members: tuple[str, ...] = ()
    default_members: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    package: dict[str, Any] = field(default_factory=dict)
    dependencies: dict[str, Any] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)
    patched: tuple[str, ...] = ()

    def holds(self, folder: str) -> bool:
        """Whether a package in `folder` belongs to it: cargo takes each one below that is not excluded."""
        inside = self.folder in (".", folder) or folder.startswith(f"{self.folder}/")
        return inside and not any(folder == away or folder.startswith(f"{away}/") for away in self.excluded)


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of Cargo.lock, by name: what it depends on, and its line."""

    name: str
    version: str
    needs: frozenset[str]
    line: int | None


@dataclass(frozen=True, slots=True)
class Toolchain:
    """What rust-toolchain.toml (or the older rust-toolchain) asks rustup for."""

    channel: str
    file: str
    line: int | None


def read_workspaces(tree: Tree, files: Iterable[str]) -> list[Workspace]:
    """Every [workspace] of the tree, the outermost first."""
    found = []
    for file in files:
        data = read_toml(tree, file)
        table = data.get("workspace") if data else None
        if data is not None and isinstance(table, dict):
            found.append(_workspace(tree, file, data, table))
    return sorted(found, key=lambda one: one.folder.count("/") + (one.folder != "."))


def read_package(tree: Tree, file: str, workspaces: Iterable[Workspace]) -> Package | None:
    """Read one Cargo.toml; None where it has no [package] (a virtual workspace) or cannot be read."""
    data = read_toml(tree, file)
    table = data.get("package") if data else None
    if data is None or not isinstance(table, dict):
        return None
    folder, text = folder_of(file), tree.text(file) or ""
    workspace = _workspace_of(folder, table, workspaces)
    name = words_of(table.get("name")) or ""
    package = Package(folder, file, name, key_line(text, "package", "name"), workspace=workspace)
    if not _NAME.fullmatch(name):
        package.problems.append(("Cargo.toml gives the package no name that cargo takes", package.name_line))
        package.name = re.sub(r"[^A-Za-z0-9_-]", "-", name)[:60].strip("-") or "app"
    inherited = workspace.package if workspace else {}
    package.edition = words_of(_inherited(table, "edition", inherited))
    package.rust_version = words_of(_inherited(table, "rust-version", inherited), 40)
    own = not isinstance(table.get("rust-version"), dict)
    if package.rust_version is not None:
        package.rust_file = file if own or workspace is None else workspace.file
        package.rust_line = key_line(tree.text(package.rust_file) or "", "rust-version")
    package.default_run = words_of(table.get("default-run"))
    metadata = table.get("metadata")
    package.metadata = frozenset(str(key) for key in metadata) if isinstance(metadata, dict) else frozenset()
    package.library = isinstance(data.get("lib"), dict) or tree.has(join(folder, "src/lib.rs"))
    package.build_script = _build_script(tree, folder, table)
    package.dependencies = _dependencies(data, folder, text, workspace, package)
    package.binaries = _binaries(tree, package, data, table, text)
    profiles = workspace.profile if workspace and workspace.folder != folder else data.get("profile")
    package.profile = profiles if isinstance(profiles, dict) else {}
    return package


def read_lock(tree: Tree, file: str) -> dict[str, list[Locked]]:
    """Return the packages of Cargo.lock by name; empty where there is none or it is damaged."""
    data = read_toml(tree, file) if tree.has(file) else None
    entries = data.get("package") if data else None
    if not isinstance(entries, list):
        return {}
    lines = (
        {
            match.group(1): (tree.text(file) or "").count("\n", 0, match.start()) + 1
            for match in re.finditer(r'(?m)^name = "([^"\n]{1,100})"', tree.text(file) or "")
        }
        if len(entries) <= MAX_LOCKED
        else {}
    )
    found: dict[str, list[Locked]] = {}
    for entry in entries[:MAX_LOCKED]:
        name = words_of(entry.get("name")) if isinstance(entry, dict) else None
        if name is None:
            continue
        needs = entry.get("dependencies")
        words = (
            [word.split(" ")[0] for word in needs if isinstance(word, str)] if isinstance(needs, list) else []
        )
        version = words_of(entry.get("version"), 60) or ""
        found.setdefault(name, []).append(Locked(name, version, frozenset(words), lines.get(name)))
    return found


def read_toolchain(tree: Tree, folders: Iterable[str]) -> Toolchain | None:
    """Return the toolchain that the nearest rust-toolchain file asks for."""
    for folder in folders:
        file = join(folder, "rust-toolchain.toml")
        legacy = join(folder, "rust-toolchain")
        if tree.has(file):
            return _channel_of(read_toml(tree, file), file, tree.text(file) or "")
        if tree.has(legacy):
            text = (tree.text(legacy) or "").strip()
            if "[" in text:
                return _channel_of(read_toml(tree, legacy), legacy, text)
            return Toolchain(text, legacy, 1) if _CHANNEL.fullmatch(text) else None
    return None


def _channel_of(data: dict[str, Any] | None, file: str, text: str) -> Toolchain | None:
    table = data.get("toolchain") if data else None
    channel = table.get("channel") if isinstance(table, dict) else None
    if not isinstance(channel, str) or not _CHANNEL.fullmatch(channel):
        return None
    return Toolchain(channel, file, key_line(text, "channel"))


def _workspace(tree: Tree, file: str, data: dict[str, Any], table: dict[str, Any]) -> Workspace:
    folder, text = folder_of(file), tree.text(file) or ""
    found = Workspace(folder, file, key_line(text, "workspace"))
    found.members = tuple(_folders(tree, found, table.get("members"), "members"))
    found.default_members = tuple(_folders(tree, found, table.get("default-members"), "default-members"))
    found.excluded = tuple(_folders(tree, found, table.get("exclude"), "exclude"))
    for key in ("package", "dependencies"):
        if isinstance(table.get(key), dict):
            setattr(found, key, table[key])
    if isinstance(data.get("profile"), dict):
        found.profile = data["profile"]
    found.patched = tuple(_patched(data, folder))
    return found


def _folders(tree: Tree, workspace: Workspace, words: Any, key: str) -> Iterable[str]:
    """The folders that a list of paths and patterns names; one outside of the project is a problem."""
    for word in words[:200] if isinstance(words, list) else ():
        if not isinstance(word, str):
            continue
        path = normal(join(workspace.folder, word))
        if path is None:
            line = key_line(tree.text(workspace.file) or "", key)
            tree.problem(
                "The workspace names a folder outside of the project, which a build cannot see",
                workspace.file,
                line,
            )
        elif any(sign in path for sign in "*?["):
            depth = path.count("/")
            for manifest in tree.named("Cargo.toml"):
                folder = folder_of(manifest)
                if folder.count("/") == depth and fnmatchcase(folder, path):
                    yield folder
        else:
            yield path


def _workspace_of(folder: str, table: dict[str, Any], workspaces: Iterable[Workspace]) -> Workspace | None:
    named = table.get("workspace")
    wanted = normal(join(folder, named)) if isinstance(named, str) else None
    fitting = [one for one in workspaces if one.folder == wanted or (wanted is None and one.holds(folder))]
    return max(fitting, key=lambda one: len(one.folder) if one.folder != "." else 0, default=None)


def _inherited(table: dict[str, Any], key: str, workspace: dict[str, Any]) -> Any:
    value = table.get(key)
    if isinstance(value, dict):
        return workspace.get(key) if value.get("workspace") is True else None
    return value


def _build_script(tree: Tree, folder: str, table: dict[str, Any]) -> str | None:
    named = table.get("build")
    if named is False:
        return None
    name = named if isinstance(named, str) else "build.rs"
    path = normal(join(folder, name))
    return path if path is not None and tree.has(path) else None


def _dependencies(
    data: dict[str, Any], folder: str, text: str, workspace: Workspace | None, package: Package
) -> tuple[Dependency, ...]:
    tables = [data.get("dependencies"), data.get("build-dependencies")]
    targets = data.get("target")
    if isinstance(targets, dict):
        tables += [one.get("dependencies") for one in targets.values() if isinstance(one, dict)]
    shared = workspace.dependencies if workspace else {}
    found: list[Dependency] = []
    for table in tables:
        for key, value in table.items() if isinstance(table, dict) else ():
            line = key_line(text, key)
            above, base = value, folder
            if isinstance(value, dict) and value.get("workspace") is True and workspace is not None:
                above, base = shared.get(key, {}), workspace.folder
            detail = above if isinstance(above, dict) else {}
            named = detail.get("package")
            path = detail.get("path")
            inside = normal(join(base, path)) if isinstance(path, str) else None
            if isinstance(path, str) and inside is None:
                package.problems.append((
                    "Cargo.toml takes a package from a folder outside of the project, which a build cannot see", line
                ))  # fmt: skip
            git = words_of(detail.get("git"))
            own = value.get("features") if isinstance(value, dict) else None
            features = [*_texts(detail.get("features")), *(_texts(own) if value is not detail else ())]
            name = named if isinstance(named, str) else key
            found.append(Dependency(str(name)[:100], line, inside, git, tuple(features)))
    return tuple(found[:1000])


def _binaries(
    tree: Tree, package: Package, data: dict[str, Any], table: dict[str, Any], text: str
) -> tuple[Binary, ...]:
    folder = package.folder
    found: dict[str, Binary] = {}
    taken: set[str] = set()
    stated = data.get("bin")
    for entry in stated[:MAX_BINARIES] if isinstance(stated, list) else ():
        name = words_of(entry.get("name")) if isinstance(entry, dict) else None
        if name is None or not _NAME.fullmatch(name):
            continue
        path = _main_of(tree, package, name, entry.get("path"))
        line = (
            text.count("\n", 0, text.find(f'"{name}"')) + 1 if f'"{name}"' in text else key_line(text, "bin")
        )
        if path is None:
            package.problems.append((f"The main file of the program {name} is not there", line))
            continue
        found[name] = Binary(name, path, package.file, line, tuple(_texts(entry.get("required-features"))))
        taken.add(path)
    if table.get("autobins") is not False:
        for name, path in _inferred(tree, package):
            if path not in taken and name not in found and len(found) < MAX_BINARIES:
                found[name] = Binary(name, path, path)
    if not found and tree.has(join(folder, "main.rs")) and not package.library:
        package.problems.append(("cargo looks for src/main.rs, and main.rs stands beside Cargo.toml", None))
    return tuple(found.values())


def _inferred(tree: Tree, package: Package) -> Iterable[tuple[str, str]]:
    """Programs that cargo finds by where their file stands."""
    main = join(package.folder, "src/main.rs")
    if tree.has(main):
        yield package.name, main
    prefix = join(package.folder, "src/bin") + "/"
    for entry in tree.under(prefix.rstrip("/")):
        inside = entry.path[len(prefix) :]
        name, slash, rest = inside.partition("/")
        if not slash and name.endswith(".rs") and _NAME.fullmatch(name[:-3]):
            yield name[:-3], entry.path
        elif rest == "main.rs" and _NAME.fullmatch(name):
            yield name, entry.path


def _main_of(tree: Tree, package: Package, name: str, path: Any) -> str | None:
    if isinstance(path, str):
        inside = normal(join(package.folder, path))
        return inside if inside is not None and tree.has(inside) else None
    choices = [f"src/bin/{name}.rs", f"src/bin/{name}/main.rs"]
    if name == package.name or not any(tree.has(join(package.folder, one)) for one in choices):
        choices.append("src/main.rs")
    return next((join(package.folder, one) for one in choices if tree.has(join(package.folder, one))), None)


def _patched(data: dict[str, Any], folder: str) -> Iterable[str]:
    """Local folders that stand in for packages of a registry."""
    tables = data.get("patch")
    for source in tables.values() if isinstance(tables, dict) else ():
        for value in source.values() if isinstance(source, dict) else ():
            path = value.get("path") if isinstance(value, dict) else None
            inside = normal(join(folder, path)) if isinstance(path, str) else None
            if inside is not None:
                yield inside


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)][:50] if isinstance(value, list) else []
