""".NET: console programs, ASP.NET Core, workers, F# and Visual Basic; each project that starts something is a component."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from slimdesk.project.code_search import Hit, files_in, search, shallow_first
from slimdesk.project.facts import FactList
from slimdesk.project.languages.dotnet_project import DotnetProject, closure, read_project, shared_files
from slimdesk.project.manifests import key_line, read_json
from slimdesk.project.model import Component
from slimdesk.project.patterns import bounded
from slimdesk.project.walk import Tree, common_folder, folder_of, join

WEB_PORT = 8080
PROJECTS = ("*.csproj", "*.fsproj", "*.vbproj")
SOURCES = (".cs", ".fs", ".vb")
SIDE_FOLDERS = frozenset(
    {
        "test",
        "tests",
        "samples",
        "sample",
        "examples",
        "benchmarks",
        "benchmark",
        "docs",
        "templates",
        "testassets",
    }
)
_MODERN = re.compile(r"net(?:coreapp)?(\d{1,2})\.(\d{1,2})(?:-([a-z]+)[\d.]*)?")
_WINDOWS = ("UseWPF", "UseWindowsForms", "UseMaui")
# A target of the project file that builds a front end, as the templates with React and Angular have it.
_RUNS_NPM = bounded(r"""<Exec\b[^>\n]*\bCommand="[^"\n]*\b(?:npm|npx|yarn|pnpm)\b""")
# Packages that load more than the chiselled image has, with what a person should know.
NATIVE = {
    "SkiaSharp.NativeAssets.Linux": "loads fontconfig, which small images lack; SkiaSharp.NativeAssets.Linux.NoDependencies does not",
    "System.Drawing.Common": "works on Windows alone since .NET 7; ImageSharp or SkiaSharp take its place",
    "Microsoft.Playwright": "starts a browser, which no small image has; Microsoft's own Playwright image has one",
    "PuppeteerSharp": "starts a browser, which no small image has",
    "DinkToPdf": "loads wkhtmltopdf's libraries, which small images lack",
}
# Packages that refuse to run without cultures (Microsoft.Data.SqlClient: "Globalization Invariant Mode is not supported").
NEEDS_CULTURES = (
    "Microsoft.Data.SqlClient",
    "System.Data.SqlClient",
    "Microsoft.EntityFrameworkCore.SqlServer",
    "Humanizer",
    "Humanizer.Core",
    "NodaTime.Bcl",
)
PATTERNS = {
    "port": bounded(
        r"""\b(?:ListenAnyIP|ListenLocalhost|Listen)\s*\(\s*(?:IPAddress\.\w+\s*,\s*)?(\d{2,5})"""
    ),
    "urls": bounded(r"""\b(?:UseUrls|Urls\.Add|\.Run|RunAsync)\s*\(\s*["'](https?://[^"'\n]+)["']"""),
    "health": bounded(
        r"""\bMap(?:HealthChecks|Get)\s*\(\s*["'](/?(?:health|healthz|health-check|hc|ping|livez?|ready|readyz|status|alive))["']"""
    ),
    "env": bounded(r"""\bGetEnvironmentVariable\s*\(\s*"([A-Za-z_]\w*)"\s*\)"""),
    "connection": bounded(r"""\bGetConnectionString\s*\(\s*"([A-Za-z_]\w*)"\s*\)"""),
    "culture": bounded(
        r"""\b(?:new\s+CultureInfo\s*\(\s*"[a-z]|GetCultureInfo\s*\(\s*"[a-z]|UseRequestLocalization|CreateSpecificCulture\s*\()"""
    ),
    "zones": bounded(
        r"""\b(?:FindSystemTimeZoneById|GetSystemTimeZones|ConvertTimeBySystemTimeZoneId|TryFindSystemTimeZoneById)\b"""
    ),
    "shell": bounded(r"""\bProcess\.Start\s*\(|\bnew\s+ProcessStartInfo\b"""),
    "http": bounded(r"""\b(?:HttpClient|AddHttpClient)\b"""),
    "tmp": bounded(r"""\bPath\.GetTemp(?:Path|FileName)\b"""),
}


class Dotnet:
    """The profile dotnet."""

    profile = "dotnet"

    def find(self, tree: Tree) -> Iterator[Component]:
        """Every project that starts something; tests, benchmarks, orchestrators and libraries are left out."""
        paths = list(tree.named(*PROJECTS))[:500]
        plain = [path for path in paths if not SIDE_FOLDERS & set(path.lower().split("/")[:-1])]
        known = {
            path: project for path in plain or paths if (project := read_project(tree, path)) is not None
        }
        referenced = {path for one in known.values() for path in one.references}
        for project in known.values():
            if project.is_test or _orchestrates(project):
                continue
            if project.sdk.startswith("microsoft.net.sdk.blazorwebassembly"):
                if project.path not in referenced:
                    tree.problem(
                        f"{project.path} becomes static files that a browser runs (Blazor WebAssembly): SlimDesk builds no image for it yet",
                        project.path,
                        project.sdk_line,
                    )
                continue
            if project.is_program and _runs_on_linux(tree, project):
                yield _component(tree, project, known)
        if not paths and (script := _single_file(tree)):
            yield script


LANGUAGE = Dotnet()


def version_of(project: DotnetProject) -> tuple[str, str] | None:
    """Return (10.0, net10.0), the newest target framework that runs on Linux."""
    found = [
        (int(match.group(1)), int(match.group(2)), word)
        for word in project.targets
        if (match := _MODERN.fullmatch(word)) and not match.group(3)
    ]
    if not found:
        return None
    major, minor, word = max(found)
    return f"{major}.{minor}", word


def _runs_on_linux(tree: Tree, project: DotnetProject) -> bool:
    desktop = next((name for name in _WINDOWS if project.yes(name)), None)
    platforms = [word for word in project.targets if "-" in word or re.fullmatch(r"net\d{2,3}", word)]
    place = project.place(desktop or "TargetFramework") or project.place("TargetFrameworks")
    if desktop or (platforms and version_of(project) is None):
        said = desktop or platforms[0]
        tree.problem(
            f"{project.path} is for a desktop or a phone ({said}), or for Windows alone: no Linux image can run it",
            place.path if place else project.path,
            place.line if place else 1,
        )
        return False
    return True


def _orchestrates(project: DotnetProject) -> bool:
    return (
        project.sdk.startswith("aspire.apphost")
        or project.yes("IsAspireHost")
        or project.package("Aspire.Hosting.AppHost") is not None
    )


def _component(tree: Tree, project: DotnetProject, known: dict[str, DotnetProject]) -> Component:
    facts = FactList()
    everything = closure(tree, project, known)
    found = version_of(project)
    place = project.place("TargetFramework") or project.place("TargetFrameworks")
    if found:
        facts.add("version", found[0], place.path if place else None, place.line if place else None)
        facts.add("target_framework", found[1], place.path if place else None, place.line if place else None)
        if len(project.targets) > 1:
            facts.add("several_targets", True, place.path if place else None, place.line if place else None)
    else:
        facts.problem(
            "No TargetFramework was found that runs on Linux: state it in the project file",
            project.path,
            project.sdk_line,
        )
    facts.add("project", project.path, project.path)
    assembly = _assembly(project)
    named = project.place("AssemblyName")
    facts.add("assembly", assembly, named.path if named else project.path, named.line if named else None)
    facts.add("package_manager", "nuget", project.path)
    framework = _framework(project)
    if framework:
        facts.add("framework", framework, project.path, project.sdk_line)
    _publishing(facts, project)
    text = tree.text(project.path) or ""
    if (npm := _RUNS_NPM.search(text)) is not None:
        facts.add("node_build", True, project.path, text.count("\n", 0, npm.start()) + 1)
    context = _restore_files(tree, facts, project, everything)
    sources = _sources(tree, everything)
    hits = search(tree, sources, PATTERNS)
    _needs(tree, facts, project, everything, hits)
    port = _port(tree, facts, project, hits) if project.is_web else None
    native = facts.has("aot") or facts.has("self_contained")
    argv = (f"./{assembly}",) if native else ("dotnet", f"{assembly}.dll")
    facts.add("start", argv, project.path, project.sdk_line)
    return Component(
        name=project.stem,
        path=project.folder,
        profile="dotnet",
        context=context,
        version=found[0] if found else None,
        package_manager="nuget",
        framework=framework,
        entrypoint=argv if found else None,
        port=port,
        facts=tuple(facts.facts),
        problems=tuple(facts.problems),
    )


def _assembly(project: DotnetProject) -> str:
    stated = project.text("AssemblyName") or ""
    stated = stated.replace("$(MSBuildProjectName)", project.stem)
    return stated if stated and "$(" not in stated and "/" not in stated else project.stem


def _framework(project: DotnetProject) -> str | None:
    if project.is_web:
        return "ASP.NET Core"
    if project.sdk.startswith("microsoft.net.sdk.worker"):
        return "Worker"
    return None


def _publishing(facts: FactList, project: DotnetProject) -> None:
    for key, name in (
        ("aot", "PublishAot"),
        ("self_contained", "SelfContained"),
        ("trimmed", "PublishTrimmed"),
        ("single_file", "PublishSingleFile"),
        ("invariant", "InvariantGlobalization"),
    ):
        place = project.place(name)
        if project.yes(name) and place:
            facts.add(key, True, place.path, place.line)
    # Trimming needs the runtime inside; an older SDK took a runtime identifier for that wish too.
    trimmed = project.place("PublishTrimmed")
    if project.yes("PublishTrimmed") and trimmed:
        facts.add("self_contained", True, trimmed.path, trimmed.line)
    if project.yes("RestorePackagesWithLockFile") and (place := project.place("RestorePackagesWithLockFile")):
        facts.add("locked", True, place.path, place.line)


def _restore_files(
    tree: Tree, facts: FactList, project: DotnetProject, everything: list[DotnetProject]
) -> str:
    """Add what `dotnet restore` reads, and return the folder that holds all that the build needs."""
    shared: dict[str, None] = {}
    folders = [project.folder]
    for one in everything:
        facts.add("restore_file", one.path, one.path)
        folders += [one.folder, *one.outside]
        shared.update(dict.fromkeys(shared_files(tree, one.folder)))
        for lost, place in one.lost.items():
            facts.problem(
                f"{one.path} refers to {lost}, which is not in the folder that was opened: open a folder further up",
                place.path,
                place.line,
            )
    for path in shared:
        name = path.rsplit("/", 1)[-1]
        if name == "global.json":
            _global_json(tree, facts, path)
        else:
            facts.add("restore_file", path, path)
        folders.append(folder_of(folder_of(path)) if "/.config/" in f"/{path}" else folder_of(path))
    solution = _solution(tree, project.folder)
    if solution:
        facts.add("solution", solution, solution)
        folders.append(folder_of(solution))
    return common_folder(folders)


def _global_json(tree: Tree, facts: FactList, path: str) -> None:
    """A pinned SDK is seldom the one in the image; the recipe decides whether the file may stay."""
    data = read_json(tree, path, comments=True) or {}
    text = tree.text(path) or ""
    sdk = data.get("sdk")
    version = sdk.get("version") if isinstance(sdk, dict) else None
    rolls = sdk.get("rollForward") if isinstance(sdk, dict) else None
    line = key_line(text, "sdk", "version")
    if not isinstance(version, str) or data.get("msbuild-sdks"):
        facts.add("restore_file", path, path)
        return
    facts.add("sdk_pin", path, path, line)
    facts.add("sdk_version", version, path, line)
    if isinstance(rolls, str):
        facts.add("sdk_roll_forward", rolls, path, key_line(text, "sdk", "rollForward"))


def _solution(tree: Tree, folder: str) -> str | None:
    """Return the nearest solution above a project's folder."""
    while True:
        found = files_in(tree, folder, "*.sln", "*.slnx")
        if found or folder in (".", ""):
            return found[0] if found else None
        folder = folder_of(folder)


def _sources(tree: Tree, everything: list[DotnetProject]) -> list[str]:
    paths = [
        entry.path
        for one in everything
        for entry in tree.under(one.folder)
        if entry.path.endswith(SOURCES) and not {"Migrations", "migrations"} & set(entry.path.split("/"))
    ]
    return shallow_first(dict.fromkeys(paths))


def _needs(
    tree: Tree,
    facts: FactList,
    project: DotnetProject,
    everything: list[DotnetProject],
    hits: dict[str, list[Hit]],
) -> None:
    def first(key: str, fact: str) -> None:
        if hits[key]:
            facts.add(fact, True, hits[key][0].path, hits[key][0].line)

    if not facts.has("invariant"):
        first("culture", "cultures")
        for one in everything:
            if (evidence := one.package(*NEEDS_CULTURES)) is not None:
                facts.add("cultures", True, evidence.path, evidence.line)
    first("zones", "time_zones")
    first("shell", "shell")
    first("tmp", "writes_tmp")
    first("http", "ca_certificates")
    for one in everything:
        for name, why in NATIVE.items():
            if (evidence := one.package(name)) is not None:
                facts.add("native", name, evidence.path, evidence.line)
                facts.problem(f"{name} {why}", evidence.path, evidence.line)
        if (evidence := one.package("Grpc.Tools")) is not None:
            facts.add("glibc_tool", "Grpc.Tools", evidence.path, evidence.line)
    for hit in hits["env"]:
        if hit.text not in ("ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT", "ASPNETCORE_URLS", "PORT"):
            facts.add("env", hit.text, hit.path, hit.line)
    for hit in hits["connection"]:
        facts.add("env", f"ConnectionStrings__{hit.text}", hit.path, hit.line)
    health = min(hits["health"], key=lambda hit: len(hit.text), default=None)
    if health is not None:
        facts.add("health_path", "/" + health.text.lstrip("/"), health.path, health.line)
    if tree.has(join(project.folder, "Properties/launchSettings.json")):
        facts.add(
            "launch_settings",
            join(project.folder, "Properties/launchSettings.json"),
            join(project.folder, "Properties/launchSettings.json"),
        )


def _port(tree: Tree, facts: FactList, project: DotnetProject, hits: dict[str, list[Hit]]) -> int:
    """Return the port that the configuration or the code states; else the images' own 8080.

    launchSettings.json counts for nothing: it is read by `dotnet run` on the developer's machine alone.
    """
    own = [hit for hit in hits["port"] if 0 < int(hit.text) < 65_536]
    for path, url, line in _configured(tree, project.folder):
        if (port := _port_of(url)) is not None:
            facts.add("port", port, path, line)
            facts.add("fixed_port", True, path, line)
            _tell_localhost(facts, url, path, line)
            return port
    if own:
        facts.add("port", int(own[0].text), own[0].path, own[0].line)
        facts.add("fixed_port", True, own[0].path, own[0].line)
        return int(own[0].text)
    for hit in hits["urls"]:
        if hit.text.startswith("http://") and (port := _port_of(hit.text)) is not None:
            facts.add("port", port, hit.path, hit.line)
            facts.add("fixed_port", True, hit.path, hit.line)
            _tell_localhost(facts, hit.text, hit.path, hit.line)
            return port
    facts.add("port", WEB_PORT, project.path, project.sdk_line)
    return WEB_PORT


def _configured(tree: Tree, folder: str) -> Iterator[tuple[str, str, int | None]]:
    for name in ("appsettings.Production.json", "appsettings.json"):
        path = join(folder, name)
        data = read_json(tree, path, comments=True) if tree.has(path) else None
        if not data:
            continue
        text = tree.text(path) or ""
        kestrel = data.get("Kestrel")
        endpoints = kestrel.get("Endpoints") if isinstance(kestrel, dict) else None
        for endpoint, value in (endpoints if isinstance(endpoints, dict) else {}).items():
            url = value.get("Url") if isinstance(value, dict) else None
            if isinstance(url, str) and url.startswith("http://"):
                yield path, url, key_line(text, "Kestrel", str(endpoint), "Url")
        urls = data.get("Urls", data.get("urls"))
        if isinstance(urls, str):
            for url in urls.split(";"):
                if url.startswith("http://"):
                    yield path, url, key_line(text, "Urls") or key_line(text, "urls")


def _port_of(url: str) -> int | None:
    match = re.match(r"https?://(?:\[[^\]]{0,60}\]|[^:/]{0,200})(?::(\d{1,5}))?(?:/|$)", url.strip())
    if match is None:
        return None
    port = int(match.group(1) or 80)
    return port if 0 < port < 65_536 else None


def _tell_localhost(facts: FactList, url: str, path: str, line: int | None) -> None:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return
    if host in ("localhost", "127.0.0.1", "::1"):
        facts.problem(
            "It listens on localhost, where nobody outside the container reaches it: write http://+ and the port",
            path,
            line,
        )


def _single_file(tree: Tree) -> Component | None:
    """A lone .cs file, which `dotnet run app.cs` takes since .NET 10."""
    files = [path for path in tree.files if path.endswith(".cs") and "/" not in path]
    if len(files) != 1:
        return None
    path = files[0]
    text = tree.text(path) or ""
    facts = FactList()
    facts.add("project", path, path)
    facts.add("single_source", path, path)
    facts.add("assembly", path.removesuffix(".cs"), path)
    facts.add("package_manager", "nuget", path)
    facts.add("restore_file", path, path)
    web = re.search(r"(?m)^#:sdk Microsoft\.NET\.Sdk\.Web\b", text)
    argv = ("dotnet", f"{path.removesuffix('.cs')}.dll")
    facts.add("start", argv, path)
    if web:
        line = text.count("\n", 0, web.start()) + 1
        facts.add("framework", "ASP.NET Core", path, line)
        facts.add("port", WEB_PORT, path, line)
    return Component(
        name=path.removesuffix(".cs"),
        path=".",
        profile="dotnet",
        version="10.0",
        package_manager="nuget",
        framework="ASP.NET Core" if web else None,
        entrypoint=argv,
        port=WEB_PORT if web else None,
        facts=tuple(facts.facts),
    )
