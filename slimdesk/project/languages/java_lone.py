"""Java without Maven or Gradle: a lone Main.java, or a folder of packages that javac compiles."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.basics.escaping import slug
from slimdesk.project.languages import java_config, java_source
from slimdesk.project.languages.java_component import Runnable
from slimdesk.project.languages.java_frameworks import CLASSES
from slimdesk.project.languages.java_source import SourceFile
from slimdesk.project.languages.java_versions import from_tools
from slimdesk.project.model import Evidence
from slimdesk.project.walk import Tree, folder_of, join

MAX_MAINS = 20
MAX_LIBRARIES = 200
BUILDS = ("pom.xml", "build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts")
OTHER_BUILDS = {
    "build.xml": "Ant",
    "build.sbt": "sbt",
    "WORKSPACE": "Bazel",
    "MODULE.bazel": "Bazel",
    "build.mill": "Mill",
    "project.clj": "Leiningen",
}
# A project of another language: a Java file somewhere in it is a helper or an example.
_OTHERS = (
    "package.json",
    "pyproject.toml",
    "Cargo.toml",
    "composer.json",
    "Gemfile",
    "go.mod",
    "CMakeLists.txt",
)
_ASIDE = frozenset(
    {
        "test",
        "tests",
        "testdata",
        "example",
        "examples",
        "samples",
        "sample",
        "docs",
        "doc",
        "android",
        "ios",
        "fixtures",
        "third_party",
        "vendor",
    }
)
_IMPORT = re.compile(
    r"(?m)^[ \t]{0,20}import[ \t]{1,20}(?:static[ \t]{1,20})?([a-z_]\w{0,60}(?:\.\w{1,60}){1,12})"
)
_OF_THE_JDK = re.compile(
    r"(?:java|javax|jdk|sun|com\.sun|org\.w3c\.dom|org\.xml\.sax|org\.ietf\.jgss|netscape)(?:\.|$)"
)
_NAMELESS = frozenset({"src", "main", "java", "app"})


def runnables(tree: Tree) -> Iterator[Runnable]:
    """Every program of sources that no build tool owns."""
    owned = [folder_of(path) for path in tree.named(*BUILDS)]
    if "." in owned or not any(True for _ in tree.named("*.java")):
        return
    files = [
        file
        for file in java_source.sources(tree, ".", (".java",))
        if not _within(file.path, owned) and not _ASIDE.intersection(folder_of(file.path).split("/"))
    ]
    roots: dict[str, list[SourceFile]] = {}
    for file in files:
        root = source_root(file)
        if root is not None:
            roots.setdefault(root, []).append(file)
    other = next(((path, OTHER_BUILDS[path]) for path in OTHER_BUILDS if tree.has(path)), None)
    for root, found in roots.items():
        mains = java_source.mains(found)
        if root != "." and any(tree.has(name) for name in _OTHERS):
            continue
        if len(mains) > MAX_MAINS:
            tree.problem(
                f"Only the first {MAX_MAINS} of {len(mains)} Java programs in {root} were looked at", root
            )
        for main in mains[:MAX_MAINS]:
            yield _runnable(tree, root, main, found, several=len(mains) > 1, other=other)


def source_root(file: SourceFile) -> str | None:
    """Return the folder from which the packages begin; None if the file does not lie where its package says."""
    folder = folder_of(file.path)
    if not file.package:
        return folder
    packages = file.package.replace(".", "/")
    if folder == packages:
        return "."
    return folder[: -len(packages) - 1] if folder.endswith(f"/{packages}") else None


def _runnable(
    tree: Tree,
    root: str,
    main: SourceFile,
    files: list[SourceFile],
    *,
    several: bool,
    other: tuple[str, str] | None,
) -> Runnable:
    folder = _project_folder(root)
    main_class, line = main.main_class or ("Main", 1)
    name = main_class.rpartition(".")[2] if several or folder == "." else folder.rsplit("/", 1)[-1]
    if folder == "." and not several:
        name = tree.root.name
    one = Runnable(slug(name, "app"), folder, folder, None, CLASSES)
    one.files = [main] if several else files
    one.main_class, one.main_place = main_class, Evidence(main.path, line)
    one.config = java_config.read_config(tree, folder)
    facts = one.facts
    inside = "." if root == folder else root if folder == "." else root.removeprefix(f"{folder}/")
    facts.add("source_root", inside, main.path)
    facts.add("source", main.path, main.path, line)
    if several:
        facts.add("source_alone", True, main.path, line)
    libraries = [
        entry.path
        for holder in ("lib", "libs")
        for entry in tree.under(join(folder, holder))
        if entry.path.endswith(".jar") and folder_of(entry.path) == join(folder, holder)
    ]
    for path in libraries[:MAX_LIBRARIES]:
        facts.add("library", path, path)
    for holder in ("resources", "src/main/resources"):
        entry = next(iter(tree.under(join(folder, holder))), None)
        if entry is not None and holder != inside:
            facts.add("resources", holder, entry.path)
    _release(tree, one, files)
    _unknown_imports(one, files, several=several, has_libraries=bool(libraries))
    if other is not None:
        facts.problem(
            f"It is built by {other[1]}, which SlimDesk does not run: the sources are compiled with javac alone, and what {other[1]} adds is missing",
            other[0],
        )
    return one


def _project_folder(root: str) -> str:
    for tail in ("src/main/java", "src/java", "src", "java"):
        if root == tail:
            return "."
        if root.endswith(f"/{tail}"):
            return root[: -len(tail) - 1]
    return root


def _release(tree: Tree, one: Runnable, files: list[SourceFile]) -> None:
    for number, place in from_tools(tree, one.folder):
        one.release, one.release_place = number, place
        return
    needed = max(files, key=lambda file: file.needs_java)
    if needed.needs_java:
        one.release, one.release_place = (
            needed.needs_java,
            Evidence(needed.path, (needed.main_class or ("", 1))[1]),
        )


def _unknown_imports(one: Runnable, files: list[SourceFile], *, several: bool, has_libraries: bool) -> None:
    if has_libraries:
        return
    own = {file.package for file in files if file.package}
    heads = {package.split(".")[0] for package in own}
    for file in one.files if several else files:
        for match in _IMPORT.finditer(file.code):
            name = match.group(1)
            if (
                _OF_THE_JDK.match(name)
                or any(name.startswith(f"{package}.") for package in own)
                or name.split(".")[0] in heads
            ):
                continue
            one.facts.add("import", name.rpartition(".")[0], file.path, file.line(match.start(1)))
            one.facts.problem(
                f"It imports {name}, which is not part of Java, and no pom.xml, Gradle build or lib folder says where it comes from: "
                "put its jar into lib, or add a pom.xml",
                file.path,
                file.line(match.start(1)),
            )
            return


def _within(path: str, owned: list[str]) -> bool:
    return any(path.startswith(f"{folder}/") for folder in owned)
