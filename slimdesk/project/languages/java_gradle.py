"""Gradle builds, read as text: settings, build files in Groovy and Kotlin, version catalogues, gradle.properties.

A build file is a program, and running it is out of the question: what stands in it as a literal is read, and what does
not is said to be unknown, with what to state instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from slimdesk.project.languages.java_versions import release
from slimdesk.project.manifests import read_toml
from slimdesk.project.model import Evidence
from slimdesk.project.patterns import bounded
from slimdesk.project.walk import Tree, folder_of, join, normal

BUILD_FILES = ("build.gradle.kts", "build.gradle")
SETTINGS = ("settings.gradle.kts", "settings.gradle")
CATALOG = "gradle/libs.versions.toml"
MAX_TEXT = 200_000
MAX_MATCHES = 300
MAX_PROJECTS = 200
MAX_BLOCKS = 20

_QUIET = re.compile(
    r'("(?:[^"\\\n]++|\\.)*+"|\'(?:[^\'\\\n]++|\\.)*+\')|//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+(?:\*/)?', re.DOTALL
)
_INCLUDE = bounded(r"(?m)^\s*include\s*\(?((?:\s*['\"][\w:./-]+['\"]\s*,?)+)")
_NAMED = re.compile(r"['\"]([\w:./-]{1,120})['\"]")
_ROOT_NAME = bounded(r"rootProject\.name\s*=\s*['\"]([^'\"\n]+)['\"]")
_PLUGIN_ID = bounded(
    r"""\bid\s*\(?\s*['"]([\w.-]+)['"]\s*\)?(?:\s*version\s*\(?\s*['"]([\w.+-]+)['"])?(\s*\)?\s*apply\s*\(?\s*false)?"""
)
_PLUGIN_ALIAS = bounded(r"\balias\s*\(\s*libs\.plugins\.([\w.]+)\s*\)(\s*apply\s*\(?\s*false)?")
_PLUGIN_APPLY = bounded(r"""\bapply\s*(?:\(\s*)?plugin\s*[:=]\s*['"]([\w.-]+)['"]""")
_PLUGIN_KOTLIN = bounded(
    r"""\bkotlin\s*\(\s*['"](\w+)['"]\s*\)(?:\s*version\s*\(?\s*['"]([\w.+-]+)['"])?(\s*apply\s*\(?\s*false)?"""
)
_PLUGIN_WORD = bounded(r"(?m)^\s*`?(application|java|java-library|war|groovy|scala)`?\s*$")
_DEPENDENCY = bounded(
    r"""\b(?:implementation|api|runtimeOnly|compile|runtime|providedRuntime)\s*\(?\s*(?:platform|enforcedPlatform|kotlin)?\s*\(?\s*['"]([\w.-]+):([\w.-]+)(?::([\w.+$\{\}-]+))?['"]"""
)
_DEPENDENCY_ALIAS = bounded(
    r"\b(?:implementation|api|runtimeOnly)\s*\(?\s*(?:platform\s*\(\s*)?libs\.((?!versions|plugins|bundles)[\w.]+)"
)
_BUNDLE = bounded(r"\b(?:implementation|api|runtimeOnly)\s*\(?\s*libs\.bundles\.([\w.]+)")
_PROJECT = bounded(r"""\bproject\s*\(\s*(?:path\s*[:=]\s*)?['"]([:\w./-]+)['"]""")
_PROJECT_ACCESSOR = bounded(r"\b(?:implementation|api|runtimeOnly)\s*\(?\s*projects\.([\w.]+)")
_MAIN_CLASS = bounded(r"""\bmainClass(?:Name)?\s*(?:=|\.set\s*\(|\()\s*['"]([\w.$]+)['"]""")
_MANIFEST_MAIN = bounded(r"""['"]?Main-Class['"]?\s*(?::|=|to|,)\s*['"]([\w.$]+)['"]""")
_RELEASES = tuple(
    bounded(pattern)
    for pattern in (
        r"\blanguageVersion(?:\.set\s*\(|\s*=|\s*\()\s*JavaLanguageVersion\.of\s*\(\s*([^)\n]+)\)",
        r"\bjvmToolchain\s*\(\s*(\d+)\s*\)",
        r"\boptions\.release(?:\.set\s*\(|\s*=)\s*([^)\n]+)",
        r"\btargetCompatibility\s*(?:=|\s)\s*([^\n]+)",
        r"\bsourceCompatibility\s*(?:=|\s)\s*([^\n]+)",
        r"\bjvmTarget\s*(?:\.set\s*\(|=)\s*([^\n]+)",
    )
)
_LITERAL = re.compile(
    r"""(?:JavaVersion\.(?:VERSION_|toVersion)?|JvmTarget\.JVM_)?['"]?((?:1[._])?\d{1,2})['"]?"""
)
_CATALOG_VERSION = re.compile(r"libs\.versions\.([\w.]{1,80}?)(?:\.get)?(?:\.(?:toInt|toInteger|asInt))?")
_OF_PROPERTY = re.compile(
    r"""(?:project\.)?(?:property|findProperty|providers\.gradleProperty)['"]([\w.]{1,80})['"]"""
)
_SHARED = re.compile(r"\b(?:subprojects|allprojects)\s{0,9}\{")
_BRACE = re.compile(r"[{}]")
_NAME = re.compile(r"[A-Za-z_][\w.]{0,80}$")
_VERSION = bounded(r"""(?m)^\s*version\s*=?\s*['"]([\w.+-]+)['"]""")
_REPOSITORY = bounded(r"""\burl\s*(?:=|\s)?\s*(?:uri\s*\(\s*)?['"]https?://([\w.-]+)""")
_LAYERS_OFF = bounded(r"\blayered\s*\{[^}]{0,300}\benabled\s*(?:=|\.set\s*\()\s*(?:false|False)")


@dataclass(slots=True)
class GradleProject:
    """One project of a build: its path such as :app, its folder, and what its build file says."""

    path: str
    folder: str
    file: str | None
    text: str = ""
    shared: list[tuple[str, str]] = field(default_factory=list)
    plugins: dict[str, tuple[str | None, Evidence]] = field(default_factory=dict)
    dependencies: dict[str, Evidence] = field(default_factory=dict)
    projects: list[str] = field(default_factory=list)

    def texts(self) -> list[tuple[str, str]]:
        """Path and text of every file that configures this project, its own first."""
        own = [(self.file, self.text)] if self.file else []
        return [*own, *self.shared]

    def find(self, pattern: re.Pattern[str]) -> tuple[re.Match[str], Evidence] | None:
        """Return the first match in its files, and where it stands."""
        for path, text in self.texts():
            match = pattern.search(text)
            if match:
                return match, Evidence(
                    path, text.count("\n", 0, match.start(1) if match.lastindex else match.start()) + 1
                )
        return None


@dataclass(slots=True)
class GradleBuild:
    """A build: its root folder, its settings file, and its projects."""

    folder: str
    settings: str | None
    projects: list[GradleProject] = field(default_factory=list)
    catalog: dict[str, dict[str, object]] = field(default_factory=dict)
    properties: dict[str, tuple[str, int]] = field(default_factory=dict)


def read_builds(tree: Tree) -> list[GradleBuild]:
    """Return every Gradle build of the tree; those for Android are not programs for containers and are left out."""
    roots: dict[str, str | None] = {}
    for path in tree.named(*SETTINGS):
        roots.setdefault(folder_of(path), path)
    for path in tree.named(*BUILD_FILES):
        folder = folder_of(path)
        if not any(root in (".", folder) or folder.startswith(f"{root}/") for root in roots):
            roots[folder] = None
    builds = []
    for folder, settings in sorted(roots.items()):
        if folder.rsplit("/", 1)[-1] in ("buildSrc", "build-logic", "buildLogic"):
            continue
        build = _build(tree, folder, settings)
        if build.projects and not any(_is_android(project) for project in build.projects):
            builds.append(build)
    return builds


def java_release(build: GradleBuild, project: GradleProject) -> tuple[int | None, Evidence | None]:
    """Return the Java release that a project states; (None, place) where it stands but is no literal that can be read."""
    unknown: Evidence | None = None
    for pattern in _RELEASES:
        found = project.find(pattern)
        if found is None:
            continue
        number = _number(build, project, found[0].group(1))
        if number is not None:
            return number, found[1]
        unknown = unknown or found[1]
    return None, unknown


def main_class(project: GradleProject) -> tuple[str, Evidence] | None:
    """Return the class that the build file starts."""
    for pattern in (_MAIN_CLASS, _MANIFEST_MAIN):
        found = project.find(pattern)
        if found is not None:
            return found[0].group(1), found[1]
    return None


def repositories(project: GradleProject) -> Iterator[tuple[str, Evidence]]:
    """Hosts of the repositories that are named by their address."""
    for path, text in project.texts():
        for match in islice(_REPOSITORY.finditer(text), 30):
            yield match.group(1), Evidence(path, text.count("\n", 0, match.start(1)) + 1)


def without_layers(project: GradleProject) -> bool:
    """Whether Spring Boot's layers are switched off."""
    return project.find(_LAYERS_OFF) is not None


def project_name(build: GradleBuild, project: GradleProject, tree: Tree) -> str:
    """Return the name of a project: rootProject.name for the root, else the last part of its path."""
    if project.path != ":":
        return project.path.rpartition(":")[2]
    text = tree.text(build.settings) or "" if build.settings else ""
    match = _ROOT_NAME.search(text)
    return (
        match.group(1)
        if match
        else (build.folder.rsplit("/", 1)[-1] if build.folder != "." else tree.root.name)
    )


def _build(tree: Tree, folder: str, settings: str | None) -> GradleBuild:
    build = GradleBuild(folder, settings)
    catalog = join(folder, CATALOG)
    if tree.has(catalog):
        data = read_toml(tree, catalog) or {}
        build.catalog = {key: value for key, value in data.items() if isinstance(value, dict)}
    for number, line in enumerate((tree.text(join(folder, "gradle.properties")) or "").splitlines()[:500], 1):
        key, equals, value = line.partition("=")
        if equals and not line.lstrip().startswith("#"):
            build.properties[key.strip()[:100]] = (value.strip()[:200], number)
    paths = {":": folder}
    text = _quiet(tree.text(settings) or "") if settings else ""
    for match in islice(_INCLUDE.finditer(text), MAX_MATCHES):
        for name in _NAMED.findall(match.group(1)):
            path = ":" + name.strip(":").replace("/", ":")
            inside = normal(join(folder, path.strip(":").replace(":", "/")))
            moved = re.search(
                rf"""project\s{{0,9}}\(\s{{0,9}}['"]{re.escape(path)}['"]\s{{0,9}}\)\.projectDir\s{{0,9}}=\s{{0,9}}(?:new\s{{1,9}})?[Ff]ile\s{{0,9}}\((?:\s{{0,9}}(?:settingsDir|rootDir)\s{{0,9}},)?\s{{0,9}}['"]([\w./-]{{1,200}})['"]""",
                text,
            )
            if moved:
                inside = normal(join(folder, moved.group(1)))
            if inside is None:
                tree.problem(
                    f"{settings} includes {name!r}, which is outside of the project",
                    settings,
                    text.count("\n", 0, match.start()) + 1,
                )
            elif len(paths) < MAX_PROJECTS:
                paths.setdefault(path, inside)
    root_text: tuple[str, str] | None = None
    conventions = _conventions(tree, folder)
    for path, inside in paths.items():
        file = next((join(inside, name) for name in BUILD_FILES if tree.has(join(inside, name))), None)
        own = _quiet((tree.text(file) or "")[:MAX_TEXT]) if file else ""
        project = GradleProject(path, inside, file, own)
        if path == ":":
            root_text = (file, own) if file else None
            if file is None and len(paths) > 1:
                continue
        elif root_text is not None and re.search(r"\b(?:subprojects|allprojects)\b", root_text[1]):
            project.shared.append(root_text)
        project.shared += [
            one for name, one in conventions.items() if re.search(rf"['\"`]{re.escape(name)}['\"`]", own)
        ]
        _read(build, project)
        build.projects.append(project)
    return build


def _conventions(tree: Tree, folder: str) -> dict[str, tuple[str, str]]:
    """The plugins that the build brings itself, as scripts: name -> (path, text)."""
    found: dict[str, tuple[str, str]] = {}
    for holder in ("buildSrc", "build-logic", "buildLogic"):
        for entry in tree.under(join(folder, holder)):
            name = entry.path.rsplit("/", 1)[-1]
            if name.endswith((".gradle.kts", ".gradle")) and "/src/main/" in entry.path:
                found[name.partition(".gradle")[0]] = (
                    entry.path,
                    _quiet((tree.text(entry.path) or "")[:MAX_TEXT]),
                )
    return found


def _read(build: GradleBuild, project: GradleProject) -> None:
    shared = {id(one) for one in project.shared}
    for holder in project.texts():
        path, text = holder
        from_root = id(holder) in shared and path.endswith(BUILD_FILES)
        for name, version, place, applied in _plugins(build, path, text):
            if applied and not (from_root and not _in_shared_block(text, name)):
                project.plugins.setdefault(name, (version, place))
            elif version is not None and name not in project.plugins:
                project.plugins.setdefault(f"{name} (version)", (version, place))
        if from_root and not re.search(r"\bdependencies\b", text):
            continue
        for match in islice(_DEPENDENCY.finditer(text), MAX_MATCHES):
            place = Evidence(path, text.count("\n", 0, match.start(1)) + 1)
            _depend(project, match.group(1), match.group(2), place)
        for pattern, section in ((_DEPENDENCY_ALIAS, "libraries"), (_BUNDLE, "bundles")):
            for match in islice(pattern.finditer(text), MAX_MATCHES):
                place = Evidence(path, text.count("\n", 0, match.start(1)) + 1)
                for group, name in _catalogued(build, section, match.group(1)):
                    _depend(project, group, name, place)
        for match in islice(_PROJECT.finditer(text), MAX_MATCHES):
            project.projects.append(":" + match.group(1).strip(":"))
        for match in islice(_PROJECT_ACCESSOR.finditer(text), MAX_MATCHES):
            project.projects.append(":" + match.group(1).replace(".", ":"))


def _plugins(build: GradleBuild, path: str, text: str) -> Iterator[tuple[str, str | None, Evidence, bool]]:
    for match in islice(_PLUGIN_ID.finditer(text), MAX_MATCHES):
        yield match.group(1), match.group(2), _place(path, text, match), match.group(3) is None
    for match in islice(_PLUGIN_KOTLIN.finditer(text), MAX_MATCHES):
        yield (
            f"org.jetbrains.kotlin.{match.group(1)}",
            match.group(2),
            _place(path, text, match),
            match.group(3) is None,
        )
    for match in islice(_PLUGIN_APPLY.finditer(text), MAX_MATCHES):
        yield match.group(1), None, _place(path, text, match), True
    for match in islice(_PLUGIN_WORD.finditer(text), MAX_MATCHES):
        yield match.group(1), None, _place(path, text, match), True
    plugins = build.catalog.get("plugins", {})
    for match in islice(_PLUGIN_ALIAS.finditer(text), MAX_MATCHES):
        entry = next((value for key, value in plugins.items() if _accessor(key) == match.group(1)), None)
        name, version = None, None
        if isinstance(entry, str):
            name, _, version = entry.partition(":")
        elif isinstance(entry, dict):
            name, version = entry.get("id"), _catalog_version(build, entry.get("version"))
        if isinstance(name, str):
            yield (
                name[:200],
                version if isinstance(version, str) else None,
                _place(path, text, match),
                match.group(2) is None,
            )


def _catalogued(build: GradleBuild, section: str, accessor: str) -> Iterator[tuple[str, str]]:
    entries = build.catalog.get(section, {})
    accessor = accessor.removesuffix(".get")
    entry = next((value for key, value in entries.items() if _accessor(key) == accessor), None)
    if section == "bundles" and isinstance(entry, list):
        for word in entry[:50]:
            yield from _catalogued(build, "libraries", _accessor(str(word)))
        return
    module = entry if isinstance(entry, str) else entry.get("module") if isinstance(entry, dict) else None
    if isinstance(module, str) and ":" in module:
        yield module.split(":")[0][:200], module.split(":")[1][:200]
    elif (
        isinstance(entry, dict) and isinstance(entry.get("group"), str) and isinstance(entry.get("name"), str)
    ):
        yield entry["group"][:200], entry["name"][:200]


def _catalog_version(build: GradleBuild, version: object) -> str | None:
    if isinstance(version, dict):
        ref = version.get("ref")
        stated = (
            build.catalog.get("versions", {}).get(ref)
            if isinstance(ref, str)
            else version.get("strictly") or version.get("require")
        )
        return stated if isinstance(stated, str) else None
    return version if isinstance(version, str) else None


def _depend(project: GradleProject, group: str, name: str, place: Evidence) -> None:
    for word in (group, f"{group}:{name}"):
        project.dependencies.setdefault(word, place)


def _number(build: GradleBuild, project: GradleProject, expression: str) -> int | None:
    """Return the release that an expression stands for: a literal, a version of the catalogue, or a property."""
    words = re.sub(r"[(){}\s,;]", "", expression)
    literal = _LITERAL.fullmatch(words)
    if literal:
        return release(literal.group(1).replace("_", "."))
    catalogued = _CATALOG_VERSION.fullmatch(words)
    if catalogued:
        versions = build.catalog.get("versions", {})
        return release(
            next((value for key, value in versions.items() if _accessor(key) == catalogued.group(1)), None)
        )
    named = _OF_PROPERTY.match(words)
    name = named.group(1) if named else words.strip("\"'$").removesuffix(".toInteger").removesuffix(".toInt")
    if not _NAME.fullmatch(name):
        return None
    if name in build.properties:
        return release(build.properties[name][0])
    for _, text in project.texts():
        stated = re.search(
            rf"""\b{re.escape(name.rpartition(".")[2])}\s{{0,9}}=\s{{0,9}}['"]?((?:1\.)?\d{{1,2}})\b""", text
        )
        if stated:
            return release(stated.group(1))
    return None


def _in_shared_block(text: str, name: str) -> bool:
    """Whether a plugin is applied inside subprojects { } or allprojects { } of the root's build file."""
    end = 0
    for match in islice(_SHARED.finditer(text), MAX_BLOCKS):
        if match.start() < end:
            continue
        depth, end = 1, len(text)
        for brace in _BRACE.finditer(text, match.end()):
            depth += 1 if brace.group() == "{" else -1
            if depth == 0:
                end = brace.start()
                break
        if text.find(name, match.end(), end) >= 0:
            return True
    return False


def _is_android(project: GradleProject) -> bool:
    return (
        any(name.startswith("com.android.") for name in project.plugins)
        or "com.android.tools.build:gradle" in project.text
    )


def _accessor(key: str) -> str:
    return re.sub(r"[-_]", ".", key)


def _place(path: str, text: str, match: re.Match[str]) -> Evidence:
    return Evidence(path, text.count("\n", 0, match.start(1)) + 1)


def _quiet(text: str) -> str:
    """Blank the comments; lines keep their numbers."""
    return _QUIET.sub(
        lambda match: match.group(1) if match.group(1) is not None else re.sub(r"[^\n]", " ", match.group()),
        text,
    )
