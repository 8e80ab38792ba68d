"""Node.js projects: packages, workspaces, front ends and lone scripts, with what starts, builds and serves them.

Facts of a component, besides those that every language has (version, port, entrypoint, env, env_required, health_path);
paths are from the project's root, those of `output` and `asset` from the component's folder:
- packages: `package_manager`, `package_manager_version`, `lockfile`, `manager_file`, `manager_folder`, `yarn_path`,
  `yarn_linker`, `npmrc`, `dependencies` and `development_dependencies` (counts), `native`, `native_compiled`,
  `decided_script`, `development_peer`, `git_dependency`, `prisma`, `prisma_schema`, `prisma_output`; `install_script` with `hook_script` and
  `development_script` (those that an image leaves out) and `install_file` (what they need; `.` is everything)
- workspace: `workspace`, `workspace_package`, `workspace_member`, `workspace_dependency`, `workspace_build`,
  `workspace_root_dependencies`
- build: `build` (a command), `output`, `asset`, `layout` (next, next-standalone, nuxt: their output makes up the image)
- start: `start` (the script), `start_script`, `start_env` (NAME=VALUE), `also_runs`, `runtime` (node, bun, deno),
  `module_type` (esm, cjs), `typescript_runner`, `development_runner`, `port_env`, `host_env`
- code: `framework`, `browser`, `program`, `shell`, `writes_tmp`, `writes_files`, `handles_sigterm`
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, replace

from slimdesk.project.languages.node_build import Build, find_build
from slimdesk.project.languages.node_facts import describe
from slimdesk.project.languages.node_frameworks import (
    Framework,
    server_framework,
    web_tool,
)
from slimdesk.project.languages.node_manager import Manager, find_manager
from slimdesk.project.languages.node_nx import find_nx
from slimdesk.project.languages.node_package import Package, lone_package, read_deno, read_package
from slimdesk.project.languages.node_source import read_sources
from slimdesk.project.languages.node_start import Layout, Start, from_command, from_file, from_scripts
from slimdesk.project.languages.node_unit import Unit
from slimdesk.project.languages.node_workspace import Workspace, find_workspaces
from slimdesk.project.languages.web_kind import RENDERING, hands_out_files, static_tool
from slimdesk.project.languages.web_output import angular_server
from slimdesk.project.manifests import read_procfile
from slimdesk.project.model import Component, Evidence
from slimdesk.project.walk import Tree, folder_of, join, normal

MAX_PACKAGES = 2_000

_START_SCRIPTS = (
    "start:prod",
    "start:production",
    "start-prod",
    "serve:prod",
    "prod",
    "production",
    "start",
    "start:server",
    "server",
    "serve",
)
_DEVELOPMENT_SCRIPTS = ("start:dev", "dev", "develop", "watch")
_FILES = (
    "server",
    "app",
    "index",
    "main",
    "src/server",
    "src/main",
    "src/index",
    "src/app",
    "bin/www",
    "lib/index",
    "api/index",
)
_LONE = (
    "server.js",
    "server.mjs",
    "server.cjs",
    "index.js",
    "index.mjs",
    "index.cjs",
    "app.js",
    "app.mjs",
    "app.cjs",
    "main.js",
    "main.mjs",
    "main.cjs",
)
_NODE_CODE = re.compile(
    r"\brequire\(\s*['\"]|^[ \t]*import\s[^\n]{0,500}?from\s*['\"](?:node:|[a-z@])|\bprocess\.|\bmodule\.exports\b|^#![^\n]{0,100}\bnode\b",
    re.MULTILINE,
)
_BUN_CODE = re.compile(r"\bBun\.|from\s*['\"]bun(?:[:'\"])")
_TYPESCRIPT = (".ts", ".mts", ".cts", ".tsx")
# Sources that say what a script at the root belongs to, when the script itself does not.
_OTHER_SOURCES = (
    "*.html",
    "*.htm",
    "*.py",
    "*.go",
    "*.rb",
    "*.java",
    "*.kt",
    "*.cs",
    "*.rs",
    "*.php",
    "*.c",
    "*.cpp",
    "*.vue",
    "*.svelte",
)
_BROWSER_CODE = re.compile(r"\b(?:document|window)\.")
_ASIDE = re.compile(
    r"(?:^|/)(?:(?:[\w-]+-)?examples?|extras?|samples?|demos?|__?fixtures?_?_?|fixtures?|tests?|__tests__|e2e|testdata|docs?|documentation|templates?"
    r"|benchmarks?|playgrounds?|sandbox|scripts|tools|\.github|\.storybook)(?:/|$)"
)
# Programs for a desk or a phone, which no container runs.
_NOT_FOR_CONTAINERS = ("electron", "expo", "react-native", "@tauri-apps/cli", "nw", "@ionic/cli")


@dataclass(frozen=True, slots=True)
class NodeLanguage:
    """Finds the components of a tree that run on Node.js, and front ends that are built with it."""

    profile: str = "node"

    def find(self, tree: Tree) -> Iterable[Component]:
        """Every component, in order of its path."""
        packages: dict[str, Package] = {}
        for path in sorted(tree.named("package.json"), key=lambda path: (path.count("/"), path))[
            :MAX_PACKAGES
        ]:
            package = read_package(tree, path)
            if package is not None:
                packages[package.folder] = package
        workspaces = find_workspaces(tree, packages)
        found = []
        for folder in sorted(packages):
            unit = _unit(tree, packages, workspaces, folder)
            if unit is not None:
                found.append(unit)
        for package in packages.values():
            applications = _nx_applications(tree, packages, package)
            if applications:
                # The root itself is then no program.
                found = [unit for unit in found if unit.package is not package] + applications
        found.extend(_deno_projects(tree, packages))
        found.extend(
            _lone_scripts(tree, {**packages, **{unit.package.folder: unit.package for unit in found}})
        )
        usual = [unit for unit in found if not _ASIDE.search(unit.package.folder)]
        return [describe(tree, unit) for unit in (usual or found)]


LANGUAGE = NodeLanguage()


def _unit(tree: Tree, packages: dict[str, Package], workspaces: list[Workspace], folder: str) -> Unit | None:
    """Decide whether a package is deployed, and gather what is needed to describe it."""
    package = packages[folder]
    own = next((one for one in workspaces if one.root is package), None)
    joined = [one for one in workspaces if any(member is package for member in one.members)]
    workspace = max(joined, key=lambda one: len(one.root.folder), default=None)
    if package.has(*_NOT_FOR_CONTAINERS) and server_framework(package) is None:
        tree.problem(
            f"{package.path} is a desktop or mobile application, which no container runs", package.path
        )
        return None
    framework = server_framework(package)
    static = static_tool(tree, package, framework)
    if static is not None:
        return _web(tree, package, workspace, static)
    build = find_build(tree, package)
    inside = [one for one in packages if one != folder and (folder == "." or one.startswith(f"{folder}/"))]
    layout = Layout(tree, package, build.compiler if build else None, build.outputs if build else ())
    manager = find_manager(tree, package, workspace.root if workspace else package)
    start = _framework_start(layout, framework) or _start(tree, layout, own is not None)
    if start is not None and manager.name == "bun":
        start = _on_bun(tree, package, start)
    tool = web_tool(package)
    if tool is not None and tool not in RENDERING and (start is None or hands_out_files(start.words)):
        own_server = framework is not None and framework.port is not None
        if framework is None or (not own_server and read_sources(tree, folder, None, inside).serves is None):
            return _web(tree, package, workspace, tool)
    belongs = own is not None or workspace is not None
    named = start is not None and start.script in _START_SCRIPTS
    if belongs and not (named or framework is not None or _is_private_program(package)):
        # A library of the workspace: what it says is said by those that use it.
        return None
    entry = join(folder, start.file) if start is not None and start.file is not None else None
    sources = read_sources(tree, folder, entry, inside)
    serves = framework is not None and sources.serves is not None
    if start is None and not serves and ("start" not in package.scripts or belongs):
        return None
    if belongs and not (named or serves or _is_private_program(package)):
        return None
    return Unit(
        package=package,
        workspace=workspace,
        manager=manager,
        framework=framework,
        build=_with_entry(layout, build, start),
        start=start,
        sources=sources,
    )


def _with_entry(layout: Layout, build: Build | None, start: Start | None) -> Build | None:
    """Add the folder that the start needs and that is not there: the build must make it."""
    if build is None:
        return None
    file = start.file if start is not None else None
    outputs = build.outputs
    if file is not None and not file.startswith("dist/") and _is_foreign_vite(layout, build):
        # A framework's own Vite build writes where the framework says, such as .output or build.
        outputs = tuple(one for one in outputs if one != "dist")
    if file is not None and not file.startswith(("node_modules/", "..", "/")):
        needed = start is not None and not layout.is_file(file)
        if build.script is None and not layout.is_output(file):
            # A compiler that nobody calls, and a program that does not need it.
            return None
        if needed and not layout.is_output(file):
            outputs = (*outputs, file.partition("/")[0])
        # A build whose output the program does not start from may still make what it serves.
    outputs = tuple(
        one for one in outputs if one == "." or not any(one.startswith(f"{other}/") for other in outputs)
    )
    return Build(build.script, build.text, build.evidence, outputs, build.compiler)


def _is_foreign_vite(layout: Layout, build: Build) -> bool:
    """Whether Vite builds no page of the package's own, so that its usual folder is only a guess."""
    own = layout.tree.has(join(layout.package.folder, "index.html"))
    return "vite build" in build.text and "--outDir" not in build.text and not own


def _start(tree: Tree, layout: Layout, is_root: bool) -> Start | None:
    """Say how the package starts: its scripts, a Procfile, main, bin, its development script, at last the usual files."""
    package = layout.package
    start = from_scripts(layout, _START_SCRIPTS)
    if start is not None:
        return start
    procfile = join(package.folder, "Procfile")
    for process in read_procfile(tree, procfile):
        if process.name == "web":
            start = from_command(layout, process.command, Evidence(procfile, process.line))
            if start is not None:
                return start
    if is_root or web_tool(package) is not None:
        return None
    main = package.value("main")
    if main is not None:
        start = from_file(layout, main, package.evidence("main"))
        if start is not None:
            return start
    commands = package.data.get("bin")
    command = (
        commands
        if isinstance(commands, str)
        else next(iter(commands.values()), None)
        if isinstance(commands, dict)
        else None
    )
    if isinstance(command, str):
        start = from_file(layout, command, package.evidence("bin"))
        if start is not None:
            return start
    start = from_scripts(layout, _DEVELOPMENT_SCRIPTS)
    if start is not None:
        return start
    for file in _FILES:
        for ending in (".js", ".mjs", ".cjs", ".ts", ".mts", ""):
            if layout.is_file(file + ending):
                return from_file(layout, file + ending, Evidence(join(package.folder, file + ending)))
    return None


def _framework_start(layout: Layout, framework: Framework | None) -> Start | None:
    """Return the start of a framework whose build makes a server of its own, whatever the start script is."""
    package = layout.package
    if framework is None:
        return None
    evidence = package.dependency_evidence(framework.package)
    if framework.label == "nuxt":
        return Start(("node", ".output/server/index.mjs"), evidence)
    if framework.label == "sveltekit":
        return from_scripts(layout, _START_SCRIPTS) or Start(
            ("node", f"{_svelte_out(layout)}/index.js"), evidence
        )
    if framework.label == "angular":
        server = angular_server(layout.tree, package)
        return None if server is None else Start(("node", server[0]), server[1])
    if framework.label == "astro":
        return from_scripts(layout, _START_SCRIPTS) or Start(("node", "dist/server/entry.mjs"), evidence)
    if framework.label == "next":
        return from_scripts(layout, _START_SCRIPTS) or Start(
            ("node", "node_modules/next/dist/bin/next", "start"), evidence
        )
    return None


def _svelte_out(layout: Layout) -> str:
    """Return where SvelteKit's adapter for Node.js writes: its option `out`, else build."""
    for ending in ("js", "ts", "mjs"):
        text = layout.tree.text(join(layout.package.folder, f"svelte.config.{ending}")) or ""
        match = re.search(r"\bout\s*:\s*['\"]([A-Za-z0-9_./-]{1,100})['\"]", text)
        path = normal(match.group(1)) if match else None
        if path not in (None, "."):
            return str(path)
    return "build"


def _on_bun(tree: Tree, package: Package, start: Start) -> Start:
    """Return the start by Bun where no script names Node.js and the code is for Bun, or TypeScript as it stands."""
    if start.program != "node" or start.script is not None or start.file is None:
        return start
    text = tree.text(join(package.folder, start.file)) or ""
    if not start.file.endswith(_TYPESCRIPT) and not _BUN_CODE.search(text):
        return start
    return replace(start, words=("bun", start.file), program="bun", runner=None)


def _is_private_program(package: Package) -> bool:
    """Whether a workspace member is a program rather than a library: it is private and has a command."""
    return package.data.get("private") is True and bool(package.data.get("bin"))


def _web(tree: Tree, package: Package, workspace: Workspace | None, tool: str) -> Unit:
    return Unit(
        package=package,
        workspace=workspace,
        manager=find_manager(tree, package, workspace.root if workspace else package),
        web_tool=tool,
        build=find_build(tree, package),
    )


def _nx_applications(tree: Tree, packages: dict[str, Package], root: Package) -> list[Unit]:
    """Return the applications of an Nx workspace that have no package.json of their own."""
    found = []
    for app in find_nx(tree, root):
        manager = find_manager(tree, root, root)
        if app.is_page:
            found.append(Unit(app.package, None, manager, web_tool=app.tool, build=app.build))
            continue
        start = Start(("node", f"{app.output}/main.js"), app.build.evidence)
        inside = [one for one in packages if one != app.folder and one.startswith(f"{app.folder}/")]
        sources = read_sources(tree, app.folder, None, inside)
        framework = server_framework(root)
        found.append(Unit(app.package, None, manager, None, framework, app.build, start, sources))
    return found


def _deno_projects(tree: Tree, packages: dict[str, Package]) -> list[Unit]:
    """Return the folders with a deno.json and no package.json that have a task that starts something."""
    found = []
    for path in list(tree.named("deno.json", "deno.jsonc"))[:MAX_PACKAGES]:
        package = read_deno(tree, path) if folder_of(path) not in packages else None
        if package is None:
            continue
        start = next(
            (
                Start(("deno", *words), package.evidence("tasks", name), name, program="deno")
                for name in ("start", "serve", "prod", "dev")
                if (words := _deno_words(package.scripts.get(name, "")))
            ),
            None,
        )
        if start is not None:
            lock = join(package.folder, "deno.lock")
            place = Evidence(lock) if tree.has(lock) else None
            manager = Manager("deno", package.evidence(), None, lock if place else None, place)
            build = package.scripts.get("build")
            made = None if build is None else Build("build", build, package.evidence("tasks", "build"))
            sources = read_sources(tree, package.folder)
            found.append(Unit(package, None, manager, start=start, build=made, sources=sources))
    return found


def _deno_words(task: str) -> list[str]:
    """Return what follows deno in a task; empty if it starts something else or a quote never ends."""
    try:
        words = shlex.split(task)
    except ValueError:
        return []
    # An image does not wait for its files to change.
    return [word for word in words[1:] if not word.startswith("--watch")] if words[:1] == ["deno"] else []


def _is_all_there_is(tree: Tree, path: str, text: str) -> bool:
    """Whether a script at the root that could run anywhere, such as one that prints a line, is the whole project."""
    return bool(text.strip()) and "/" not in path and not any(True for _ in tree.named(*_OTHER_SOURCES))


def _lone_scripts(tree: Tree, packages: dict[str, Package]) -> list[Unit]:
    """Scripts without a package.json: at the root, or one folder below it."""
    found = []
    taken: set[str] = set()
    for name in _LONE:
        for path in tree.named(name):
            folder = folder_of(path)
            if path.count("/") > 1 or folder in taken or folder in packages or "." in packages:
                continue
            text = tree.text(path) or ""
            if (
                tree.has(join(folder, "index.html"))
                or not (_NODE_CODE.search(text) or _is_all_there_is(tree, path, text))
                or _BROWSER_CODE.search(text)
            ):
                continue
            package = lone_package(folder)
            layout = Layout(tree, package, None, ())
            start = from_file(layout, name, Evidence(path))
            sources = read_sources(tree, folder, path, [one for one in packages if one != folder])
            if path.count("/") == 1 and sources.serves is None:
                continue
            taken.add(folder)
            found.append(
                Unit(package, None, find_manager(tree, package, package), None, None, None, start, sources)
            )
    return found
