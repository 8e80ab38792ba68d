"""Rust: cargo packages and workspaces; one component for each package that has a program worth shipping."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from slimdesk.project.facts import FactList
from slimdesk.project.languages.native_source import Source
from slimdesk.project.languages.rust_manifest import (
    Binary,
    Locked,
    Package,
    Workspace,
    read_lock,
    read_package,
    read_toolchain,
    read_workspaces,
)
from slimdesk.project.languages.rust_native import native_needs, reached_from
from slimdesk.project.languages.rust_source import files_below, read_usage
from slimdesk.project.manifests import key_line, read_toml
from slimdesk.project.model import Component
from slimdesk.project.walk import Tree, common_folder, folder_of, join

FRAMEWORKS = (
    "axum", "actix-web", "rocket", "warp", "poem", "salvo", "tide", "loco-rs", "tonic", "hyper", "tiny_http", "rouille", "clap", "structopt",
)  # fmt: skip
_SERVERS = frozenset(FRAMEWORKS) - {"clap", "structopt", "hyper", "tonic"}
_TLS_CLIENTS = (
    "reqwest",
    "hyper-tls",
    "hyper-rustls",
    "ureq",
    "native-tls",
    "rustls",
    "lettre",
    "aws-config",
    "octocrab",
    "isahc",
    "surf",
)
# chrono-tz holds its own table; these read the system's.
_ZONES = ("tzfile", "jiff")
_HELPERS = frozenset({
    "xtask", "example", "examples", "sample", "samples", "demo", "demos", "test", "tests", "testing", "bench", "benches", "benchmark",
    "benchmarks", "fuzz", "tools", "tool", "scripts", "ci", "docs", "e2e", "integration-tests", "contrib", "fixtures", "testdata",
})  # fmt: skip
# A main file that listens: of several programs the one that serves is shipped.
_SERVING = re.compile(
    r"TcpListener|HttpServer|\bwarp::serve|\baxum::|\brocket::|#\[launch\]|Server::(?:http|bind|builder)"
)
_NO_IMAGE = re.compile(r"#!\[no_std\]|#!\[no_main\]")
ROCKET_PORT = 8000
MAX_PACKAGES = 400
MAX_COMPONENTS = 60
_VERSION = re.compile(r"\d+(?:\.\d+){0,2}", re.ASCII)


class Rust:
    """The language profile `rust`."""

    profile = "rust"

    def find(self, tree: Tree) -> Iterable[Component]:
        """Every cargo package with a program."""
        files = [file for file in tree.named("Cargo.toml") if "testdata" not in file.split("/")]
        if len(files) > MAX_PACKAGES:
            tree.problem(f"Only the first {MAX_PACKAGES} Cargo packages were looked at")
        files = [file for file in files[:MAX_PACKAGES] if not _is_vendored(tree, file)]
        workspaces = read_workspaces(tree, files)
        packages = [one for file in files if (one := read_package(tree, file, workspaces)) is not None]
        _tell_missing_members(tree, workspaces, packages)
        return list(_components(tree, packages, workspaces))


LANGUAGE = Rust()


def _components(tree: Tree, packages: list[Package], workspaces: list[Workspace]) -> Iterator[Component]:
    with_programs = [one for one in packages if one.binaries]
    best = min((_distance(one) for one in with_programs), default=0)
    programs = [one for one in with_programs if _distance(one) > best or _shipped(tree, one)]
    chosen = [one for one in programs if _distance(one) == best]
    if len(chosen) > MAX_COMPONENTS:
        tree.problem(
            f"Only the first {MAX_COMPONENTS} of {len(chosen)} Rust packages with programs were looked at"
        )
    for package in packages:
        if package not in programs:
            for message, line in package.problems:
                tree.problem(message, package.file, line)
    if packages and not programs and not any(package.problems for package in packages):
        first = packages[0]
        if first.library and not _of_another_language(tree, first.folder):
            tree.problem(
                "The Cargo package is a library: it has no program, and there is nothing to ship", first.file
            )
    by_folder = {package.folder: package for package in packages}
    for package in chosen[:MAX_COMPONENTS]:
        yield _component(tree, package, by_folder, workspaces)


def _component(
    tree: Tree, package: Package, by_folder: dict[str, Package], workspaces: list[Workspace]
) -> Component:
    facts = FactList()
    for message, line in package.problems:
        facts.problem(message, package.file, line)
    root = package.workspace.folder if package.workspace else package.folder
    chosen, others = _choice(tree, package)
    facts.add("package", package.name, package.file, package.name_line)
    for binary in (chosen, *others):
        facts.add("binary", binary.name, binary.file, binary.line)
    facts.add("features", tuple(chosen.features) or None, chosen.file, chosen.line)
    facts.add("edition", package.edition, package.file, key_line(tree.text(package.file) or "", "edition"))
    version = _versions(tree, package, root, facts)
    if package.workspace is not None:
        facts.add("workspace", root, package.workspace.file, package.workspace.line)
    near = _near(package, by_folder)
    context = _context(package, root, near, workspaces, facts)
    lock = _lock(tree, package, root, facts)
    _natives(package, near, lock, facts)
    _layout(tree, package, near, facts)
    files = _sources(tree, package, chosen, near)
    framework = _framework(package, facts)
    port = read_usage(tree, files, package.folder, facts)
    if package.depends("rocket"):
        port = _rocket(tree, package, facts, port)
    elif port is not None and framework in (None, "clap", "structopt") and not _listens(files):
        # A number beside the word port in a client: nothing listens.
        facts.facts = [fact for fact in facts.facts if fact.key not in ("port", "other_port")]
        port = None
    _serves(package, files, facts, port)
    return Component(
        name=package.name if len(package.binaries) > 1 or chosen.name == package.name else chosen.name,
        path=package.folder,
        profile="rust",
        context=context,
        version=version,
        package_manager="cargo",
        framework=framework,
        entrypoint=(f"/{chosen.name}",),
        port=port,
        facts=tuple(facts.facts),
        problems=tuple(facts.problems),
    )


def _choice(tree: Tree, package: Package) -> tuple[Binary, tuple[Binary, ...]]:
    """The program to ship, and the others to choose from: default-run, the package's own name, one that listens, else the first."""
    binaries = package.binaries
    wanted = (package.default_run, package.name)
    chosen = next((one for name in wanted for one in binaries if one.name == name), None)
    if chosen is None:
        chosen = next((one for one in binaries if _SERVING.search(tree.text(one.path) or "")), binaries[0])
    return chosen, tuple(one for one in binaries if one is not chosen)


def _versions(tree: Tree, package: Package, root: str, facts: FactList) -> str | None:
    """The version that the project states: its toolchain file's, else the least that Cargo.toml asks for."""
    toolchain = read_toolchain(tree, dict.fromkeys((package.folder, root, ".")))
    if toolchain is not None:
        facts.add("toolchain", toolchain.channel, toolchain.file, toolchain.line)
    stated = package.rust_version
    if stated is not None and not _VERSION.fullmatch(stated):
        facts.problem(
            "rust-version in Cargo.toml is not a version such as 1.85", package.rust_file, package.rust_line
        )
        stated = None
    if stated is not None:
        facts.add("rust_version", stated, package.rust_file, package.rust_line)
    if toolchain is not None:
        facts.add("version", toolchain.channel, toolchain.file, toolchain.line)
        return toolchain.channel
    if stated is not None:
        facts.add("version", stated, package.rust_file, package.rust_line)
    return stated


def _near(package: Package, by_folder: dict[str, Package]) -> list[Package]:
    """The package, and the local packages that it is built from, nearest first."""
    found = [package]
    for one in found:
        for dependency in one.dependencies:
            other = by_folder.get(dependency.folder or "")
            if other is not None and other not in found:
                found.append(other)
    return found


def _context(
    package: Package, root: str, near: list[Package], workspaces: list[Workspace], facts: FactList
) -> str:
    """The folder that holds all that cargo reads: the workspace's, or one above a path dependency."""
    folders = [package.folder, root]
    for one in near:
        for dependency in one.dependencies:
            if dependency.folder is not None:
                folders.append(dependency.folder)
                if (
                    dependency.folder != root
                    and not f"{dependency.folder}/".startswith(f"{root}/")
                    and root != "."
                ):
                    facts.add("path_dependency", dependency.folder, one.file, dependency.line)
        if one.workspace is not None:
            folders.append(one.workspace.folder)
    for workspace in workspaces:
        if workspace.folder == root:
            for folder in workspace.patched:
                folders.append(folder)
                facts.add("patched", folder, workspace.file)
    return common_folder(folders)


def _lock(tree: Tree, package: Package, root: str, facts: FactList) -> dict[str, list[Locked]]:
    path = join(root, "Cargo.lock")
    if tree.has(path):
        facts.add("lock_file", path, path)
    else:
        facts.problem(
            "Cargo.lock is missing, so each build takes the newest crates that fit; write it with cargo generate-lockfile "
            "and commit it",
            package.file,
        )
    for dependency in package.dependencies:
        if dependency.git is not None:
            facts.add("git_dependency", dependency.name, package.file, dependency.line)
    return read_lock(tree, path)


def _natives(package: Package, near: list[Package], lock: dict[str, list[Locked]], facts: FactList) -> None:
    """Libraries and tools of -sys crates; without a lock file those that Cargo.toml itself names."""
    if lock:
        reached = reached_from(lock, frozenset({package.name}))
    else:
        names = {dependency.name for one in near for dependency in one.dependencies}
        reached = frozenset(names)
    # A lock file of nothing, or one that could not be read, says nothing.
    locked = (str(fact.value) for fact in facts.facts if fact.key == "lock_file" and lock)
    path = next(locked, package.file)
    for need in native_needs(lock, reached):
        line = need.line
        if not lock:
            dependency = package.depends(need.crate)
            line = dependency.line if dependency else None
        facts.add("system_library" if need.kind == "library" else "build_tool", need.name, path, line)
        if need.kind == "library":
            facts.add("native_crate", need.crate, path, line)
    for name in _TLS_CLIENTS:
        if name in reached:
            entries = lock.get(name)
            facts.once("ca_certificates", True, path, entries[0].line if entries else None)
    for name in _ZONES:
        if name in reached:
            entries = lock.get(name)
            facts.once("time_zones", True, path, entries[0].line if entries else None)


def _layout(tree: Tree, package: Package, near: list[Package], facts: FactList) -> None:
    """What the build needs besides: build scripts, vendored crates, cargo's own settings."""
    for one in near:
        if one.build_script is not None:
            facts.add("build_script", one.build_script, one.build_script)
    root = package.workspace.folder if package.workspace else package.folder
    vendor = join(root, "vendor")
    mark = next(
        (entry.path for entry in tree.under(vendor) if entry.path.endswith("/.cargo-checksum.json")), None
    )
    if mark is not None:
        facts.add("vendored", True, mark)
        facts.add("vendor_folder", vendor, mark)
    release = package.profile.get("release")
    settings = release if isinstance(release, dict) else {}
    file = package.workspace.file if package.workspace else package.file
    text = tree.text(file) or ""
    for key in ("strip", "lto", "panic", "opt-level", "codegen-units"):
        value = settings.get(key)
        if isinstance(value, (str, int, bool)):
            facts.add(f"profile_{key}", value if isinstance(value, (bool, int)) else value[:40], file,
                      key_line(text, "profile.release", key) or key_line(text, key))  # fmt: skip


def _sources(tree: Tree, package: Package, chosen: Binary, near: list[Package]) -> list[Source]:
    """The program's main file, its package's sources, then those of the local packages it is built from."""
    others = [one.path for one in package.binaries if one is not chosen]
    folder = join(package.folder, "src")
    main_folder = folder_of(chosen.path)
    base = folder if chosen.path.startswith(f"{folder}/") or main_folder == package.folder else main_folder
    files = list(files_below(tree, base, first=chosen.path, without=others))
    for one in near[1:20]:
        away = [binary.path for binary in one.binaries]
        files += files_below(tree, join(one.folder, "src"), without=away)
    return files


def _framework(package: Package, facts: FactList) -> str | None:
    for name in FRAMEWORKS:
        dependency = package.depends(name)
        if dependency is not None:
            facts.add("framework", name, package.file, dependency.line)
            return name
    return None


def _rocket(tree: Tree, package: Package, facts: FactList, port: int | None) -> int:
    """Rocket's port: that of Rocket.toml, else 8000 (https://rocket.rs/guide/v0.5/configuration/)."""
    path = join(package.folder, "Rocket.toml")
    data = read_toml(tree, path) if tree.has(path) else None
    text = tree.text(path) or "" if data else ""
    stated = None
    for table in ("release", "default", "global"):
        section = data.get(table) if data else None
        value = section.get("port") if isinstance(section, dict) else None
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 65_536:
            stated = value
            facts.facts = [fact for fact in facts.facts if fact.key != "port"]
            facts.add("port", value, path, key_line(text, table, "port"))
            break
    if data is not None:
        facts.add("runtime_file", "Rocket.toml", path)
    dependency = package.depends("rocket")
    if stated is None and port is None:
        facts.add("port", ROCKET_PORT, package.file, dependency.line if dependency else None)
    facts.problems = [one for one in facts.problems if "It listens on" not in one.message]
    return stated or port or ROCKET_PORT


def _listens(files: list[Source]) -> bool:
    words = ("TcpListener", "HttpServer", "Server::http", "UdpSocket", "axum::serve", "Server::bind")
    return any(word in file.code for file in files for word in words)


def _serves(package: Package, files: list[Source], facts: FactList, port: int | None) -> None:
    """Say that it serves, so that a port that another file states is taken; and where PORT alone names it."""
    framework = next((name for name in FRAMEWORKS if name in _SERVERS and package.depends(name)), None)
    if framework is None and not _listens(files):
        return
    dependency = package.depends(framework) if framework else None
    if framework is not None and (
        _listens(files) or framework in ("rocket", "warp", "tiny_http", "rouille", "actix-web")
    ):
        facts.add("serves", True, package.file, dependency.line if dependency else None)
    elif port is not None:
        facts.add("serves", True, files[0].path if files else package.file)
    asked = next((fact for fact in facts.facts if fact.key == "port_env_read"), None)
    if asked is not None and asked.evidence is not None and port is None:
        facts.add("port_env", "PORT", asked.evidence.path, asked.evidence.line)
        facts.once("port_guess", 8080, asked.evidence.path, asked.evidence.line)


def _shipped(tree: Tree, package: Package) -> bool:
    """Whether its programs run in a container; what does not becomes a problem of the tree."""
    if package.depends("tauri"):
        tree.problem(
            "This is a desktop program (Tauri): it needs a screen, and no image is made of it", package.file
        )
        return False
    if tree.has(join(package.folder, "Trunk.toml")) or {"leptos"} & package.metadata:
        tree.problem(
            "This is compiled to WebAssembly for browsers, which SlimDesk does not build yet", package.file
        )
        return False
    text = tree.text(package.binaries[0].path) or ""
    if _NO_IMAGE.search(text[:5_000]):
        tree.problem(
            "This program runs without an operating system (no_std, no_main): no image is made of it",
            package.file,
        )
        return False
    return True


def _distance(package: Package) -> int:
    """Return 0 for a program that is worth shipping, 1 for one that only default members push back, 2 for a helper."""
    base = package.workspace.folder if package.workspace else "."
    inner = package.folder if base == "." else package.folder[len(base) + 1 :]
    if package.name in _HELPERS or _HELPERS.intersection(inner.split("/")):
        return 2
    defaults = package.workspace.default_members if package.workspace else ()
    return int(bool(defaults) and package.folder not in defaults)


def _tell_missing_members(tree: Tree, workspaces: list[Workspace], packages: list[Package]) -> None:
    folders = {package.folder for package in packages}
    for workspace in workspaces:
        for member in workspace.members:
            if member not in folders and not tree.has(join(member, "Cargo.toml")):
                line = key_line(tree.text(workspace.file) or "", "members")
                tree.problem(
                    f"The workspace names the member {member}, which has no Cargo.toml", workspace.file, line
                )


def _is_vendored(tree: Tree, file: str) -> bool:
    return tree.has(join(folder_of(file), ".cargo-checksum.json"))


def _of_another_language(tree: Tree, folder: str) -> bool:
    """Whether the package is a native module of another language's project."""
    names = ("pyproject.toml", "package.json", "Gemfile", "mix.exs")
    return any(tree.has(join(folder, name)) or tree.has(name) for name in names)
