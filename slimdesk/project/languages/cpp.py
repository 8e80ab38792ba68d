"""C and C++: projects of CMake, Meson, autotools and make, and lone programs; one component for each that makes a program.

Code that another language's build compiles (a Python extension, node-gyp, cgo, a Rust build script) is that language's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from slimdesk.basics.escaping import slug
from slimdesk.project.facts import FactList
from slimdesk.project.languages.cpp_builds import read_autotools, read_make, read_meson
from slimdesk.project.languages.cpp_cmake import Build, Found, read_cmake
from slimdesk.project.languages.cpp_source import (
    C_NAMES,
    CXX_NAMES,
    line_of_main,
    read_file,
    read_usage,
    sources_below,
)
from slimdesk.project.languages.native_source import Source
from slimdesk.project.manifests import key_line
from slimdesk.project.model import Component
from slimdesk.project.walk import Tree, folder_of, join, normal

# Their presence says that C code near them is built by, and for, another language or a device.
_HARD = (
    "go.mod", "Cargo.toml", "pom.xml", "build.gradle", "build.gradle.kts", "setup.py", "binding.gyp", "extconf.rb", "config.m4", "mix.exs",
    "pubspec.yaml", "*.csproj", "stack.yaml", "*.cabal", "dune-project", "Package.swift", "build.zig", "Makefile.PL", "rebar.config", "DESCRIPTION",
    "platformio.ini", "sdkconfig.defaults", "prj.conf", "*.ino", "Kbuild", "Kconfig", "AndroidManifest.xml", "project.clj", "build.sbt",
)  # fmt: skip
# Often there for tools alone.
_SOFT = ("package.json", "pyproject.toml", "Gemfile", "composer.json", "requirements.txt")
_EXTENSION = re.compile(
    r"scikit-build|scikit_build|mesonpy|meson-python|nanobind|pybind11|maturin|cibuildwheel|node-gyp|cmake-js|node-addon-api"
)
_MAKEFILES = ("Makefile", "makefile", "GNUmakefile")
_OTHER_SOURCES = (
    "*.py",
    "*.js",
    "*.ts",
    "*.go",
    "*.rs",
    "*.java",
    "*.rb",
    "*.php",
    "*.cs",
    "*.kt",
    "*.swift",
)
_OUTSIDE = ("tests", "test", "testdata", "examples", "example", "third_party", "thirdparty", "external", "extern", "vendor", "deps", "docs",
            "node_modules", "subprojects", "submodules", "contrib", "3rdparty", "samples", "benchmarks")  # fmt: skip
_PRESETS = ("CMakePresets.json",)
MAX_BUILDS = 60
MAX_FILES_FOR_MAIN = 200


class Cpp:
    """The language profile `cpp`."""

    profile = "cpp"

    def find(self, tree: Tree) -> Iterable[Component]:
        """Every build of C or C++ that makes a program for Linux, and a lone program."""
        found: list[Component] = []
        taken: list[str] = []
        if next(tree.named(*C_NAMES, *CXX_NAMES), None) is None:
            return []
        owners = _Owners(tree)
        for build in _builds(tree, owners):
            if any(_inside(build.folder, folder) for folder in taken):
                continue
            component = _component(tree, build)
            if component is not None:
                found.append(component)
                taken.append(build.folder)
        if not found:
            found.extend(_lone(tree, owners))
        return found


LANGUAGE = Cpp()


class _Owners:
    """Which folders belong to another language."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.hard = {folder_of(path) for path in tree.named(*_HARD) if not _is_aside(folder_of(path))}
        self.soft = {folder_of(path) for path in tree.named(*_SOFT)}

    def owned(self, folder: str, *, make: bool) -> bool:
        """Whether C code in the folder is built by another language's tool; a Makefile is the first suspect."""
        above = folder
        while True:
            if above in self.hard:
                return True
            if above == ".":
                break
            above = folder_of(above)
        return folder in self.soft and (make or self._extension(folder))

    def _extension(self, folder: str) -> bool:
        texts = (self.tree.text(join(folder, name)) or "" for name in ("package.json", "pyproject.toml"))
        return any(_EXTENSION.search(text) for text in texts)


def _builds(tree: Tree, owners: _Owners) -> Iterator[Build]:
    """Builds from the outermost folder inwards; of several in one folder CMake first, make last."""
    kinds = (("CMakeLists.txt",), ("meson.build",), ("configure.ac", "configure.in"), _MAKEFILES)
    places = [
        (folder_of(path), rank, path)
        for rank, names in enumerate(kinds)
        for path in tree.named(*names)
        if not _is_aside(folder_of(path))
    ]
    places.sort(key=lambda one: (0 if one[0] == "." else one[0].count("/") + 1, one[0], one[1]))
    if len(places) > MAX_BUILDS * 5:
        places = places[: MAX_BUILDS * 5]
    done: list[str] = []
    for folder, rank, path in places:
        if len(done) >= MAX_BUILDS:
            return
        if any(_inside(folder, one) for one in done) or owners.owned(folder, make=rank == 3):
            continue
        build = (
            read_cmake(tree, path)
            if rank == 0
            else read_meson(tree, path)
            if rank == 1
            else read_autotools(tree, path)
            if rank == 2
            else read_make(tree, path)
        )
        if build is not None and (build.programs or build.aside or _has_main(tree, folder)):
            yield build
            if build.programs:
                done.append(folder)


def _component(tree: Tree, build: Build) -> Component | None:
    if not build.programs:
        if build.system == "make":
            if not _has_main(tree, build.folder):
                return None
            build.programs.append(Found(_folder_name(tree, build.folder), build.file, 1))
            build.problems.append((
                "It is not clear which program the Makefile makes: set binary in slimdesk.toml", build.file, None
            ))  # fmt: skip
        elif build.aside and not _is_library(build):
            build.programs = build.aside
        else:
            tree.problem(
                "This C or C++ project makes a library and no program: there is nothing to ship", build.file
            )
            return None
    facts = FactList()
    for message, path, line in build.problems:
        facts.problem(message, path, line)
    facts.add("build_system", build.system, build.file)
    facts.add("project", build.name, build.file, build.name_line)
    chosen = build.programs[0]
    for program in build.programs:
        facts.add("binary", program.name, program.path, program.line)
    first = [
        inside
        for source in build.sources.get(chosen.name, ())
        if (inside := normal(join(folder_of(chosen.path), source))) is not None
    ]
    sources = _main_first(list(sources_below(tree, build.folder, first)))
    _kind(build, sources, facts)
    for found in build.libraries:
        facts.add("system_library", found.name, found.path, found.line)
    for found in build.tools:
        facts.add("build_tool", found.name, found.path, found.line)
    for found in build.fetches:
        facts.add("fetches", found.name, found.path, found.line)
    if build.static is not None:
        facts.add("static", True, build.static.path, build.static.line)
    if build.own_libraries is not None:
        facts.add("own_libraries", True, build.own_libraries.path, build.own_libraries.line)
    if build.system == "autotools":
        facts.add("configure", build.prepared, build.file)
    _managers(tree, build, facts)
    framework, port = read_usage(tree, sources, build.folder, facts)
    name = build.name if build.name and build.system != "make" else chosen.name
    return Component(
        name=name,
        path=build.folder,
        profile="cpp",
        context=build.folder,
        version=build.standard.name if build.standard else None,
        package_manager=build.system,
        framework=framework,
        entrypoint=(f"/{chosen.name}",),
        port=port,
        facts=tuple(facts.facts),
        problems=tuple(facts.problems),
    )


def _kind(build: Build, sources: list[Source], facts: FactList) -> None:
    """Say whether it is C++, from the sources themselves."""
    endings = tuple(name.removeprefix("*") for name in CXX_NAMES)
    place = next((one for one in sources if one.path.endswith(endings)), None)
    cxx = build.cxx and place is not None
    facts.add("cxx", cxx, place.path if cxx and place else build.file)
    if build.standard is not None:
        facts.add("version", build.standard.name, build.standard.path, build.standard.line)
    main = next(((one.path, line) for one in sources if (line := line_of_main(one))), None)
    if main is not None:
        facts.add("main", main[0], main[0], main[1])


def _managers(tree: Tree, build: Build, facts: FactList) -> None:
    """Package managers of C++, presets, and submodules that were not fetched."""
    for name in ("vcpkg.json", "conanfile.txt", "conanfile.py"):
        path = join(build.folder, name)
        if tree.has(path):
            facts.add("cpp_manager", name.split(".")[0].removesuffix("file"), path)
    for name in _PRESETS:
        path = join(build.folder, name)
        if tree.has(path):
            facts.add("presets", name, path, key_line(tree.text(path) or "", "configurePresets"))
    modules = join(build.folder, ".gitmodules")
    text = tree.text(modules) or ""
    for match in re.finditer(r"(?m)^\s{0,20}path\s{0,20}=\s{0,20}([^\s#]{1,200})", text):
        inside = normal(join(build.folder, match.group(1)))
        if inside is not None and not tree.has_folder(inside):
            facts.problem(
                f"The submodule {match.group(1)} is empty; fetch it with: git submodule update --init --recursive",
                modules,
                text.count("\n", 0, match.start(1)) + 1,
            )


def _lone(tree: Tree, owners: _Owners) -> Iterator[Component]:
    """A program of one folder without any build file: the sources beside main are compiled together."""
    if (
        "." in owners.hard
        or "." in owners.soft
        or any("/" not in path for path in tree.named(*_OTHER_SOURCES))
    ):
        return
    if any(
        "/" not in path for path in tree.named("CMakeLists.txt", "meson.build", "configure.ac", *_MAKEFILES)
    ):
        return
    paths = [path for path in tree.named(*C_NAMES, *CXX_NAMES) if "/" not in path][:MAX_FILES_FOR_MAIN]
    sources = [one for path in paths if (one := read_file(tree, path)) is not None]
    mains = [one for one in sources if line_of_main(one) is not None]
    if not mains:
        return
    mains.sort(key=lambda one: not one.path.startswith("main."))
    others = {one.path for one in mains}
    shown = mains[:1] if mains[0].path.startswith("main.") else mains[:10]
    for main in shown:
        facts = FactList()
        stem = main.path.rsplit(".", 1)[0]
        name = _plain(tree.root.name if stem == "main" else stem)
        together = [one for one in sources if one is main or one.path not in others]
        facts.add("build_system", "compiler", main.path)
        facts.add("binary", name, main.path, line_of_main(main))
        facts.add("main", main.path, main.path, line_of_main(main))
        endings = tuple(pattern.removeprefix("*") for pattern in CXX_NAMES)
        cxx = next((one.path for one in together if one.path.endswith(endings)), None)
        facts.add("cxx", cxx is not None, cxx or main.path)
        for one in together if len(shown) == 1 else [main]:
            facts.add("source", one.path, one.path)
        framework, port = read_usage(tree, [main, *(one for one in together if one is not main)], ".", facts)
        yield Component(
            name=name, path=".", profile="cpp", framework=framework, entrypoint=(f"/{name}",), port=port,
            facts=tuple(facts.facts), problems=tuple(facts.problems),
        )  # fmt: skip


def _main_first(sources: list[Source]) -> list[Source]:
    return sorted(sources, key=lambda one: line_of_main(one) is None)


def _has_main(tree: Tree, folder: str) -> bool:
    return any(line_of_main(source) is not None for source in sources_below(tree, folder))


def _is_library(build: Build) -> bool:
    """Whether the only programs are tests and examples of a library."""
    return build.system == "cmake" and not build.installed


def _is_aside(folder: str) -> bool:
    return any(part in _OUTSIDE or part.startswith("cmake-build") for part in folder.lower().split("/"))


def _inside(folder: str, other: str) -> bool:
    return other in (".", folder) or folder.startswith(f"{other}/")


def _folder_name(tree: Tree, folder: str) -> str:
    return _plain(tree.root.name if folder == "." else folder.rsplit("/", 1)[-1])


def _plain(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}", name, re.ASCII) else slug(name)
