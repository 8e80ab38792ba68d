"""CMakeLists.txt as data, without running CMake: programs, libraries that are looked for, what is downloaded and installed.

Conditions are not judged: what stands in an if() counts. Variables that are set to a plain text in the same project are
followed. The grammar is that of https://cmake.org/cmake/help/latest/manual/cmake-language.7.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from slimdesk.project.languages.cpp_names import boost_library, cmake_library, cmake_tool, linked_library
from slimdesk.project.walk import Tree, folder_of, join, normal

MAX_FILES = 100
MAX_COMMANDS = 3_000
_COMMAND = re.compile(r"(?m)^[ \t]{0,80}([A-Za-z_]\w{0,80})[ \t]{0,20}\(")
# Possessive, with ends that may be missing: linear on any input.
_COMMENT = re.compile(r'("(?:[^"\\]++|\\(?s:.))*+"?)|\#\[(=*+)\[(?:(?!\]\2\])(?s:.))*+(?:\]\2\])?|\#[^\n]*+')
_WORD = re.compile(r'"((?:[^"\\]++|\\(?s:.))*+)"|([^\s"()]++)')
_VARIABLE = re.compile(r"\$\{(\w{1,80})\}")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}", re.ASCII)
_ASIDE = frozenset({
    "test", "tests", "testing", "unittest", "unittests", "example", "examples", "sample", "samples", "demo", "demos", "bench", "benchmark", "benchmarks",
    "third_party", "thirdparty", "3rdparty", "external", "externals", "extern", "vendor", "deps", "dependencies", "submodules", "lib_deps", "fuzz",
    "fuzzing", "docs", "doc", "bindings", "python", "contrib",
})  # fmt: skip
_TEST_NAME = re.compile(
    r"(?i)(?:^|[_-])(?:unit)?(?:tests?|bench(?:marks?)?|examples?|demo|fuzz\w*|samples?)(?:$|[_-])|Tests?$"
)
_LOOKS = frozenset(
    {"find_package", "pkg_check_modules", "pkg_search_module", "find_library", "target_link_libraries"}
)
_LINKING = frozenset(
    {"set", "string", "target_link_options", "target_link_libraries", "add_link_options", "link_libraries"}
)
_STATIC = re.compile(r"(?<![\w-])-static(?![\w-])")


@dataclass(frozen=True, slots=True)
class Found:
    """A name, and where it stands."""

    name: str
    path: str
    line: int


@dataclass(slots=True)
class Build:
    """What the files of a build system say: of CMake, Meson, autotools or make."""

    system: str
    folder: str
    file: str
    name: str | None = None
    name_line: int | None = None
    programs: list[Found] = field(default_factory=list)
    aside: list[Found] = field(default_factory=list)
    libraries: list[Found] = field(default_factory=list)
    tools: list[Found] = field(default_factory=list)
    fetches: list[Found] = field(default_factory=list)
    installed: set[str] = field(default_factory=set)
    static: Found | None = None
    standard: Found | None = None
    cxx: bool = False
    sources: dict[str, list[str]] = field(default_factory=dict)
    problems: list[tuple[str, str, int | None]] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    own_libraries: Found | None = None
    prepared: bool = True

    def library(self, name: str | None, path: str, line: int) -> None:
        """Add a library, once."""
        if name is not None and all(one.name != name for one in self.libraries):
            self.libraries.append(Found(name, path, line))

    def tool(self, name: str | None, path: str, line: int) -> None:
        """Add a tool, once."""
        if name is not None and all(one.name != name for one in self.tools):
            self.tools.append(Found(name, path, line))


def read_cmake(tree: Tree, file: str) -> Build:
    """Read a CMakeLists.txt and those that it adds."""
    build = Build("cmake", folder_of(file), file)
    variables: dict[str, str] = {}
    waiting = [(file, False)]
    seen = {file}
    while waiting and len(seen) <= MAX_FILES:
        path, aside = waiting.pop(0)
        for command, words, line in _commands(tree.text(path) or ""):
            resolved = [_resolved(word, variables) for word in words]
            _apply(build, variables, command, resolved, (path, line), aside=aside)
            below = _added(tree, command, resolved, folder_of(path))
            if below is not None and below not in seen:
                seen.add(below)
                inner = below[len(build.folder) + 1 :] if build.folder != "." else below
                waiting.append((below, aside or bool(_ASIDE.intersection(inner.lower().split("/")[:-1]))))
    _with_file_names(build)
    build.programs.sort(key=lambda one: (one.name != build.name, one.name not in build.installed))
    return build


def _added(tree: Tree, command: str, words: list[str], folder: str) -> str | None:
    if command == "add_subdirectory" and words:
        inside = normal(join(folder, words[0]))
        path = join(inside, "CMakeLists.txt") if inside else ""
        return path if tree.has(path) else None
    if command == "include" and words and words[0].endswith(".cmake"):
        inside = normal(join(folder, words[0].removeprefix("/")))
        return inside if inside and tree.has(inside) else None
    return None


def _apply(
    build: Build,
    variables: dict[str, str],
    command: str,
    words: list[str],
    place: tuple[str, int],
    *,
    aside: bool,
) -> None:
    path, line = place
    first = words[0] if words else ""
    if command == "project" and first:
        variables["PROJECT_NAME"] = first
        if build.name is None and _NAME.fullmatch(first):
            build.name, build.name_line = first, line
            variables["CMAKE_PROJECT_NAME"] = first
            languages = {word.upper() for word in words[1:]}
            build.cxx = "CXX" in languages or not languages.intersection({"C", "ASM", "NONE"})
    elif command == "set" and len(words) >= 2:
        _set(build, variables, words, place)
    elif command == "add_executable" and first and not {"IMPORTED", "ALIAS"}.intersection(words):
        if _NAME.fullmatch(first):
            found = Found(first, path, line)
            helper = aside or _TEST_NAME.search(first) is not None
            (build.aside if helper else build.programs).append(found)
            build.sources[first] = [word for word in words[1:] if re.search(r"\.(?:c|cc|cpp|cxx|C)$", word)]
    elif command == "add_library" and "SHARED" in words[1:2] and not aside:
        build.own_libraries = build.own_libraries or Found(first[:100], path, line)
    elif command == "set_target_properties" and "OUTPUT_NAME" in words[:-1]:
        build.renamed[first] = words[words.index("OUTPUT_NAME") + 1]
    elif command in _LOOKS and not aside:
        _looked_for(build, command, words, place)
    elif command in ("fetchcontent_declare", "externalproject_add", "cpmaddpackage", "cpmfindpackage"):
        build.fetches.append(Found(first[:80] or "a package", path, line))
    elif command == "install" and first in ("TARGETS", "PROGRAMS"):
        build.installed.update(words[1:])
    elsewhere = aside or build.static is not None or command not in _LINKING
    if not elsewhere and any(_STATIC.search(word) for word in words):
        build.static = Found("-static", path, line)


def _looked_for(build: Build, command: str, words: list[str], place: tuple[str, int]) -> None:
    """Add what a command looks for on the system, or links."""
    path, line = place
    if command == "find_package" and words and words[0]:
        _found_package(build, words, place)
    elif command in ("pkg_check_modules", "pkg_search_module"):
        build.tool("pkg-config", path, line)
        for word in words[1:]:
            if not word.isupper():
                build.library(linked_library(re.split(r"[<>=]", word)[0]), path, line)
    elif command == "find_library" and len(words) >= 2:
        names = words[2:] if words[1] == "NAMES" else words[1:]
        if names:
            build.library(linked_library(names[0]), path, line)
    elif command == "target_link_libraries":
        _linked(build, words[1:], place)


def _set(build: Build, variables: dict[str, str], words: list[str], place: tuple[str, int]) -> None:
    if len(words) == 2 or "CACHE" in words[2:3]:
        variables[words[0]] = words[1]
    if words[0] in ("CMAKE_CXX_STANDARD", "CMAKE_C_STANDARD") and words[1].isdigit():
        kind = "C++" if "CXX" in words[0] else "C"
        if build.standard is None or kind == "C++":
            build.standard = Found(f"{kind}{words[1]}", *place)


def _found_package(build: Build, words: list[str], place: tuple[str, int]) -> None:
    name = words[0]
    if name.lower() == "boost":
        components = _after(words, "COMPONENTS") + _after(words, "OPTIONAL_COMPONENTS")
        for component in components:
            build.library(
                boost_library(component) if component not in ("headers", "system") else "boost-headers",
                *place,
            )
        if not components:
            build.library("boost-headers", *place)
        return
    build.tool(cmake_tool(name), *place)
    build.library(cmake_library(name), *place)
    if name.lower() in ("protobuf", "grpc"):
        build.tool("protoc", *place)
        if name.lower() == "grpc":
            build.tool("grpc-plugin", *place)


def _linked(build: Build, words: list[str], place: tuple[str, int]) -> None:
    """Plain names that no find_package explains: -lz, or a known library by its linker name."""
    for word in words:
        name = word.removeprefix("-l")
        if "::" in name or name.isupper() or name.startswith(("$", "-")) or not name:
            continue
        library = linked_library(name)
        if word.startswith("-l") or (library is not None and library != name):
            build.library(library, *place)


def _with_file_names(build: Build) -> None:
    """Call programs by the names of their files, which OUTPUT_NAME gives."""
    for at, found in enumerate(build.programs):
        name = build.renamed.get(found.name, found.name)
        if name != found.name and _NAME.fullmatch(name):
            build.programs[at] = Found(name, found.path, found.line)
            build.sources[name] = build.sources.get(found.name, [])
            if found.name in build.installed:
                build.installed.add(name)


def _after(words: list[str], mark: str) -> list[str]:
    if mark not in words:
        return []
    rest = words[words.index(mark) + 1 :]
    end = next(
        (
            at
            for at, word in enumerate(rest)
            if word in ("REQUIRED", "QUIET", "COMPONENTS", "OPTIONAL_COMPONENTS", "CONFIG")
        ),
        len(rest),
    )
    return [word for word in rest[:end] if re.fullmatch(r"[a-z][a-z0-9_]{0,40}", word)]


def _resolved(word: str, variables: dict[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name in (
            "CMAKE_CURRENT_SOURCE_DIR",
            "CMAKE_SOURCE_DIR",
            "PROJECT_SOURCE_DIR",
            "CMAKE_CURRENT_LIST_DIR",
        ):
            return "."
        return variables.get(name, match.group())[:200]

    return _VARIABLE.sub(value, word)[:500] if "${" in word else word[:500]


def _commands(text: str) -> Iterator[tuple[str, list[str], int]]:
    code = _COMMENT.sub(lambda match: match.group(1) or "\n" * match.group().count("\n"), text)
    at, line = 0, 1
    for match in islice(_COMMAND.finditer(code), MAX_COMMANDS):
        if match.start() < at:
            continue
        line += code.count("\n", at, match.start(1))
        at = match.start(1)
        end = _closed(code, match.end())
        words = [
            one.group(1) if one.group(1) is not None else one.group(2)
            for one in islice(_WORD.finditer(code, match.end(), end), 500)
        ]
        yield match.group(1).lower(), words, line


def _closed(code: str, at: int) -> int:
    """Return where the parenthesis that was opened before `at` is closed."""
    depth, quoted = 1, False
    for position in range(at, min(len(code), at + 20_000)):
        sign = code[position]
        if sign == '"' and code[position - 1] != "\\":
            quoted = not quoted
        elif not quoted and sign == "(":
            depth += 1
        elif not quoted and sign == ")":
            depth -= 1
            if depth == 0:
                return position
    return min(len(code), at + 20_000)
