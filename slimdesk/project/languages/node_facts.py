"""From what was gathered about a package to a component: facts with evidence, and sentences for what is missing."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from pathlib import PurePosixPath

from slimdesk.project.languages.node_build import find_assets
from slimdesk.project.languages.node_frameworks import (
    BROWSERS,
    PROGRAMS,
    WEB_TOOLS,
)
from slimdesk.project.languages.node_install import (
    development_peers,
    git_packages,
    install_scripts,
    native_packages,
    npmrc_facts,
    outside_packages,
    prisma_facts,
)
from slimdesk.project.languages.node_manager import Stated, stated_versions
from slimdesk.project.languages.node_package import Package
from slimdesk.project.languages.node_port import read_port
from slimdesk.project.languages.node_start import Layout, environment_of
from slimdesk.project.languages.node_unit import Unit
from slimdesk.project.languages.node_versions import parse_range
from slimdesk.project.languages.web_facts import PORT, web_facts
from slimdesk.project.model import Component, Evidence, Fact, Problem
from slimdesk.project.walk import Tree, join

_STANDALONE = re.compile(r"\boutput\s*:\s*[^,\n]{0,200}?['\"]standalone['\"]")
_PRISMA_ENV = re.compile(r"\benv\(\s*\"([A-Z][A-Z0-9_]{0,99})\"\s*\)")
# Framework -> (folder of files that are routes, path that they answer under), and what such a file is called.
_ROUTE_FOLDERS = {
    "next": tuple((folder, "/api") for folder in ("app/api", "src/app/api", "pages/api", "src/pages/api")),
    "nuxt": (("server/api", "/api"), ("server/routes", "")),
    "sveltekit": (("src/routes", ""), ("src/routes/api", "/api")),
    "astro": (("src/pages", ""), ("src/pages/api", "/api")),
}
_ROUTE_ENDINGS = {
    "next": ("/route.ts", "/route.js", ".ts", ".js", "/index.ts"),
    "nuxt": (".ts", ".js", ".get.ts", ".get.js"),
    "sveltekit": ("/+server.ts", "/+server.js"),
    "astro": (".ts", ".js"),
}
_RUN = {"deno": "deno task", "npm": "npm run", "yarn": "yarn run", "pnpm": "pnpm run", "bun": "bun run"}


def describe(tree: Tree, unit: Unit) -> Component:
    """Return the component of a unit."""
    package, root = unit.package, unit.workspace.root if unit.workspace else unit.package
    stated = stated_versions(tree, (package.folder, root.folder), _distinct(package, root))
    facts: list[Fact] = [Fact("version", one.version, one.evidence) for one in stated[:1]]
    problems = _version_problems(stated) + list(unit.manager.problems)
    facts += _manager_facts(tree, unit, root)
    facts += _workspace_facts(unit)
    label = _label(unit)
    if label is not None and unit.framework is not None:
        facts.append(Fact("framework", label, package.dependency_evidence(unit.framework.package)))
    elif label is not None:
        facts.append(Fact("framework", label, _web_evidence(unit)))
    facts += _build_facts(tree, unit)
    if unit.web_tool is not None:
        more, more_problems = _web(tree, unit, root)
        port = next((fact.value for fact in more if fact.key == "port"), PORT)
        return Component(
            name=_name(unit), path=package.folder, profile="web", context=root.folder,
            version=stated[0].version if stated else None, package_manager=unit.manager.name, framework=label,
            port=port if isinstance(port, int) else PORT,
            facts=(*facts, *more), problems=(*problems, *more_problems),
        )  # fmt: skip
    entrypoint, start_facts, start_problems = _start(tree, unit)
    facts += start_facts
    problems += start_problems
    port, port_facts, port_problems = read_port(tree, unit)
    facts += port_facts
    problems += port_problems
    more, more_problems = _install(tree, unit, root)
    facts += more
    facts += _running(tree, unit, {fact.value for fact in facts if fact.key in ("port_env", "host_env")})
    problems += more_problems
    return Component(
        name=_name(unit),
        path=package.folder,
        profile="node",
        context=root.folder,
        version=stated[0].version if stated else None,
        package_manager=unit.manager.name if unit.has_manifest else None,
        framework=label,
        entrypoint=entrypoint,
        port=port,
        facts=tuple(facts),
        problems=tuple(problems),
    )


def _web(tree: Tree, unit: Unit, root: Package) -> tuple[list[Fact], list[Problem]]:
    """Return what a front end has instead of a start: what is served, and how."""
    package = unit.package
    facts, problems = web_facts(tree, package, _label(unit) or "", unit.build.text if unit.build else "")
    if unit.build is not None and unit.build.command is not None:
        folder = Fact("output_folder", unit.build.outputs[0], unit.build.evidence)
        facts = [folder if fact.key == "output_folder" else fact for fact in facts]
    if unit.build is None:
        problems.append(
            Problem(
                f"{package.path} has no build script: set build, such as npm run build",
                package.evidence("scripts"),
            )
        )
    more, more_problems = _install(tree, unit, root)
    return [*facts, *more], [*problems, *more_problems]


def _distinct(package: Package, root: Package) -> tuple[Package, ...]:
    return (package,) if package is root else (package, root)


def _name(unit: Unit) -> str:
    if unit.package.name:
        return unit.package.name.rpartition("/")[2] or unit.package.name
    name = PurePosixPath(unit.package.folder).name
    if name:
        return name
    words = [
        word for word in unit.start_words[1:] if word not in ("run", "serve") and not word.startswith("-")
    ]
    file = words[0] if words else None
    return PurePosixPath(file).stem if file else "app"


def _label(unit: Unit) -> str | None:
    if unit.framework is not None:
        return unit.framework.label
    if unit.web_tool is not None:
        return WEB_TOOLS.get(unit.web_tool, unit.web_tool)
    return "http" if unit.sources.serves is not None else None


def _web_evidence(unit: Unit) -> Evidence | None:
    if unit.web_tool is not None:
        return unit.package.dependency_evidence(unit.web_tool)
    return unit.sources.serves


def _version_problems(stated: list[Stated]) -> list[Problem]:
    """Say where two files ask for Node.js versions that cannot be the same."""
    if len(stated) < 2:
        return []
    first = stated[0]
    wanted = parse_range(first.version)
    for other in stated[1:]:
        theirs = parse_range(other.version)
        if wanted and theirs and not any(wanted.touches(n) and theirs.touches(n) for n in range(4, 60)):
            return [
                Problem(
                    f"{first.evidence} asks for Node.js {first.version} and {other.evidence} for {other.version}: "
                    f"{first.version} is taken",
                    other.evidence,
                )
            ]
    return []


def _manager_facts(tree: Tree, unit: Unit, root: Package) -> list[Fact]:
    manager = unit.manager
    if not unit.has_manifest:
        return []
    facts = [Fact("package_manager", manager.name, manager.evidence or root.evidence())]
    if manager.name == "deno":
        facts.append(Fact("manifest", unit.package.path, unit.package.evidence()))
    if manager.version is not None:
        facts.append(Fact("package_manager_version", manager.version, manager.evidence))
    if manager.lock_file is not None:
        facts.append(Fact("lockfile", manager.lock_file, manager.lock_evidence))
    if manager.yarn_path is not None:
        facts.append(Fact("yarn_path", manager.yarn_path, Evidence(join(root.folder, ".yarnrc.yml"))))
    if manager.linker is not None:
        facts.append(Fact("yarn_linker", manager.linker, Evidence(join(root.folder, ".yarnrc.yml"))))
    if manager.uses_folder:
        facts.append(
            Fact("manager_folder", join(root.folder, ".yarn"), Evidence(join(root.folder, ".yarnrc.yml")))
        )
    for name in (".yarnrc.yml", ".yarnrc", ".pnpmfile.cjs", "pnpm-workspace.yaml", "bunfig.toml"):
        path = join(root.folder, name)
        if tree.has(path):
            facts.append(Fact("manager_file", path, Evidence(path)))
    return facts


def _workspace_facts(unit: Unit) -> list[Fact]:
    if unit.workspace is None:
        return []
    space = unit.workspace
    facts = [Fact("workspace", space.root.folder, space.evidence)]
    if unit.package.name:
        facts.append(Fact("workspace_package", unit.package.name, unit.package.evidence("name")))
    facts += [Fact("workspace_member", one.folder, Evidence(one.path)) for one in space.members]
    for one in space.needed_by(unit.package):
        facts.append(Fact("workspace_dependency", one.folder, Evidence(one.path)))
        if "build" in one.scripts:
            facts.append(Fact("workspace_build", one.folder, one.evidence("scripts", "build")))
    return facts


def _build_facts(tree: Tree, unit: Unit) -> list[Fact]:
    build = unit.build
    if build is None:
        return []
    script = build.script
    run = _RUN.get(unit.manager.name, "npm run")
    command = build.command or ("npx tsc" if script is None else f"{run} {script}")
    facts = [Fact("build", command, build.evidence)]
    facts += [Fact("output", one, build.evidence) for one in build.outputs]
    assets = find_assets(tree, unit.package, build.outputs) if unit.web_tool is None else []
    facts += [Fact("asset", one, Evidence(join(unit.package.folder, one))) for one in assets]
    return facts


def _start(tree: Tree, unit: Unit) -> tuple[tuple[str, ...] | None, list[Fact], list[Problem]]:
    package, start = unit.package, unit.start
    facts: list[Fact] = []
    problems: list[Problem] = []
    if start is None:
        text = package.scripts.get("start")
        why = (
            ""
            if text is None
            else f": its start script, {text[:120]}, needs a shell or a program that is not known"
        )
        problems.append(
            Problem(
                f"{package.path} does not say which file starts the program{why}. Set entrypoint, such as node server.js",
                package.evidence("scripts", "start") if text else package.evidence(),
            )
        )
        if text is not None:
            facts.append(Fact("start", text, package.evidence("scripts", "start")))
        return None, facts, problems
    entrypoint = start.words
    layout = _layout(tree, unit)
    if layout is not None:
        facts.append(layout)
        if layout.value == "next-standalone":
            entrypoint = ("node", "server.js")
    if start.script is not None:
        facts.append(Fact("start", package.scripts[start.script], start.evidence))
        facts.append(Fact("start_script", start.script, start.evidence))
    facts.append(Fact("entrypoint", entrypoint, start.evidence))
    facts.append(Fact("runtime", start.program, start.evidence))
    if unit.has_manifest:
        facts.append(Fact("module_type", "esm" if package.is_module else "cjs", package.evidence("type")))
    facts += [
        Fact("start_env", f"{name}={value}", start.evidence) for name, value in environment_of(start).items()
    ]
    if start.runner is not None:
        place = package.dependency_evidence(start.runner)
        facts.append(Fact("typescript_runner", start.runner, place))
        if start.runner not in package.dependencies:
            facts.append(Fact("development_runner", start.runner, place))
    for command in start.also:
        facts.append(Fact("also_runs", command, start.evidence))
        problems.append(
            Problem(
                f"The start script also runs {command}; the image does not: run that as a step of its own",
                start.evidence,
            )
        )
    if start.reads_env_file:
        problems.append(
            Problem(
                "The start script reads a .env file, which no image should hold: give the variables when it is started",
                start.evidence,
            )
        )
    problems += _missing_entry(tree, unit)
    return entrypoint, facts, problems


def _missing_entry(tree: Tree, unit: Unit) -> list[Problem]:
    start = unit.start
    file = start.file if start is not None else None
    if start is None or file is None or start.program != "node" or file.startswith("node_modules/"):
        return []
    layout = Layout(tree, unit.package, None, unit.build.outputs if unit.build is not None else ())
    if layout.is_file(file) or layout.is_output(file):
        return []
    path = join(unit.package.folder, file)
    return [
        Problem(
            f"{path} is what the project starts, but there is no such file and no build that makes it",
            start.evidence,
        )
    ]


def _layout(tree: Tree, unit: Unit) -> Fact | None:
    label = unit.framework.label if unit.framework is not None else None
    if label == "nuxt":
        return Fact("layout", "nuxt", unit.package.dependency_evidence("nuxt"))
    if label != "next":
        return None
    for ending in ("js", "mjs", "ts", "cjs"):
        path = join(unit.package.folder, f"next.config.{ending}")
        text = tree.text(path) or ""
        match = _STANDALONE.search(text)
        if match is not None:
            return Fact("layout", "next-standalone", Evidence(path, text.count("\n", 0, match.start()) + 1))
    return Fact("layout", "next", unit.package.dependency_evidence("next"))


def _install(tree: Tree, unit: Unit, root: Package) -> tuple[list[Fact], list[Problem]]:
    package = unit.package
    if not unit.has_manifest:
        problems = []
        if unit.sources.serves is None and unit.start is None:
            problems.append(Problem("There is no package.json", package.evidence()))
        return [], problems
    facts = [
        Fact("dependencies", len(package.dependencies), package.evidence("dependencies")),
        Fact(
            "development_dependencies",
            len({**root.development, **package.development}),
            package.evidence("devDependencies"),
        ),
    ]
    facts += native_packages(tree, package, root, unit.manager)
    facts += development_peers(tree, package, unit.manager)
    facts += git_packages(package) + prisma_facts(tree, package)
    if root is not package and root.dependencies:
        facts.append(
            Fact("workspace_root_dependencies", len(root.dependencies), root.evidence("dependencies"))
        )
    for script in install_scripts(tree, root):
        facts.append(Fact("install_script", script.name, script.evidence))
        if script.kind != "production":
            facts.append(Fact(f"{script.kind}_script", script.name, script.evidence))
        facts += [
            Fact("install_file", one, script.evidence)
            for one in (script.files if script.files is not None else (".",))
        ]
    npmrc, problems = npmrc_facts(tree, root.folder)
    facts += npmrc
    names = (
        frozenset(one.name for one in unit.workspace.members if one.name)
        if unit.workspace
        else frozenset[str]()
    )
    problems += outside_packages(package, names)
    if unit.manager.lock_file is None and package.dependencies:
        problems.append(
            Problem(
                "There is no lock file, so each build may install other versions: commit the one that the package manager writes",
                package.evidence("dependencies"),
            )
        )
    return facts, problems


def _running(tree: Tree, unit: Unit, taken: AbstractSet[object]) -> list[Fact]:
    package, sources = unit.package, unit.sources
    facts = [
        Fact("browser", name, package.dependency_evidence(name))
        for name in BROWSERS
        if name in package.dependencies
    ]
    facts += [
        Fact("program", program, package.dependency_evidence(name))
        for name, program in PROGRAMS.items()
        if name in package.dependencies
    ]
    if sources.health is not None:
        facts.append(Fact("health_path", sources.health.value, sources.health.evidence))
    else:
        facts += _routed_health(tree, unit)
    for key, evidence in (
        ("shell", sources.shell),
        ("writes_tmp", sources.tmp),
        ("writes_files", sources.writes),
        ("handles_sigterm", sources.sigterm),
    ):
        if evidence is not None:
            facts.append(Fact(key, True, evidence))
    env = {name: evidence for name, evidence in sources.env.items() if name not in taken}
    required = dict(sources.required)
    schema = join(package.folder, "prisma/schema.prisma")
    text = tree.text(schema) or ""
    for match in _PRISMA_ENV.finditer(text):
        place = Evidence(schema, text.count("\n", 0, match.start()) + 1)
        env.setdefault(match.group(1), place)
        required.setdefault(match.group(1), place)
    facts += [Fact("env", name, evidence) for name, evidence in env.items()]
    facts += [Fact("env_required", name, evidence) for name, evidence in required.items()]
    return facts


def _routed_health(tree: Tree, unit: Unit) -> list[Fact]:
    """Return the health path of a framework whose routes are files (nextjs.org, "Route Handlers"; nuxt.com, "server")."""
    label = unit.framework.label if unit.framework is not None else ""
    for folder, path in _ROUTE_FOLDERS.get(label, ()):
        for name in ("health", "healthz", "healthcheck", "ready", "livez"):
            for ending in _ROUTE_ENDINGS.get(label, ()):
                file = join(unit.package.folder, f"{folder}/{name}{ending}")
                if tree.has(file):
                    return [Fact("health_path", f"{path}/{name}", Evidence(file))]
    return []
