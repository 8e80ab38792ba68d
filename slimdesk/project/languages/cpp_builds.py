"""meson.build, configure.ac with Makefile.am, and Makefiles as data, without running them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from slimdesk.project.languages.cpp_cmake import Build, Found
from slimdesk.project.languages.cpp_names import boost_library, linked_library
from slimdesk.project.patterns import bounded
from slimdesk.project.walk import Tree, folder_of, join, line_of

MAX_MATCHES = 200
_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}"
_TEST = re.compile(r"(?i)(?:^|[_-])(?:unit)?(?:tests?|bench\w*|examples?|fuzz\w*)(?:$|[_-])")
_ASIDE = frozenset(
    {"test", "tests", "examples", "example", "bench", "benchmarks", "docs", "subprojects", "fuzz", "demos"}
)

_MESON_PROJECT = bounded(r"\bproject\(\s*'([^'\n]{1,100})'\s*,([^)]{0,600})")
_MESON_PROGRAM = bounded(rf"\bexecutable\(\s*(?:'({_NAME})'|meson\.project_name\(\))")
_MESON_DEPENDENCY = bounded(r"\bdependency\(\s*'([A-Za-z0-9+._-]{1,60})'([^)]{0,300})")
_MESON_LIBRARY = bounded(r"\bfind_library\(\s*'([A-Za-z0-9+._-]{1,60})'")
_MESON_MODULES = bounded(r"modules\s*:\s*(?:'([a-z_0-9]+)'|\[([^\]]{0,200})\])")
_MESON_OPTION = bounded(r"'(cpp|c)_std=([a-z+0-9]+)'")

_AC_INIT = bounded(r"\bAC_INIT\(\s*\[?([^\],)\s]{1,100})")
_AC_LIBRARY = bounded(
    r"\b(?:AC_CHECK_LIB|AC_SEARCH_LIBS)\(\s*\[?([A-Za-z0-9+._-]{1,60})\]?\s*,\s*\[?\s*([A-Za-z0-9_+. -]{0,80})"
)
_PKG = bounded(r"\bPKG_CHECK_MODULES\(\s*\[?\w+\]?\s*,\s*\[?([^\])\n]{1,200})")
_AM_PROGRAMS = bounded(rf"(?m)^(?:bin|sbin)_PROGRAMS\s*\+?=\s*((?:{_NAME}[ \t]*(?:\\\n\s*)?)+)")

_SIGNS = re.compile(
    r"\$[({](?:CC|CXX)[)}]|(?<![\w-])(?:gcc|g\+\+|clang(?:\+\+)?|cc|c\+\+)(?![\w.+-])|%\.o\b|\.c(?:pp|c|xx)?\b"
)
_NOT_FOR_LINUX = re.compile(
    r"arm-none-eabi|avr-gcc|\bobj-m\b|-nostdlib|-ffreestanding|xtensa-|riscv\d*-unknown-elf|mingw|emcc\b|devkitpro",
    re.IGNORECASE,
)
_VARIABLE = bounded(
    rf"(?mi)^(?:export\s+)?(TARGET|TARGET_EXEC|BIN|BINARY|PROG|PROGRAM|EXEC|EXE|EXECUTABLE|NAME|APP|OUT|OUTPUT|PROJECT)\s*[:?]?=\s*((?:[\w.$(){{}}-]+/)*)({_NAME})\s*$"
)
_OUTPUT = bounded(rf"(?m)^\t[^#\n]*?-o\s+((?:[\w.$(){{}}-]+/)*)({_NAME}|\$@)(?=\s|$)")
_RULE = bounded(rf"(?m)^((?:{_NAME}[ \t]?)+):(?!=)[^\n]*\n(?=\t)")
_DEFAULT = bounded(rf"(?m)^all\s*:\s*({_NAME})")
_LINKED = re.compile(r"(?<![\w-])-l([A-Za-z][A-Za-z0-9_+.-]{0,40})")
_PKG_CONFIG = bounded(r"\bpkg-config\b[^\n)`]*?\s((?:[a-z][\w.+-]*[ \t]*){1,8})[)`\n]")
_STATIC = re.compile(r"(?<![\w-])-static(?![\w-])")
_PHONY = frozenset(
    {
        "all",
        "clean",
        "install",
        "uninstall",
        "test",
        "check",
        "run",
        "build",
        "debug",
        "release",
        "help",
        "dist",
        "distclean",
        "format",
        "lint",
        "docs",
        "depend",
        "default",
        "docker",
        "mrproper",
    }
)
_NO_PROGRAM = re.compile(r"\.(?:o|a|so|d|c|cpp|h|txt|md|tar|gz)$")


def read_meson(tree: Tree, file: str) -> Build:
    """Read a meson.build and those below it."""
    build = Build("meson", folder_of(file), file)
    for path in _below(tree, file, "meson.build"):
        text = _without_comments(tree.text(path) or "")
        inner = path[len(build.folder) + 1 :] if build.folder != "." else path
        aside = bool(_ASIDE.intersection(inner.split("/")[:-1]))
        if "subprojects" in inner.split("/"):
            continue
        project = _MESON_PROJECT.search(text)
        if project is not None and path == file:
            build.name, build.name_line = project.group(1), _line(text, project)
            build.cxx = "cpp" in project.group(2)
            standard = _MESON_OPTION.search(project.group(2))
            if standard is not None:
                build.standard = Found(standard.group(2), path, _line(text, project))
        for match in islice(_MESON_PROGRAM.finditer(text), MAX_MATCHES):
            name = match.group(1) or build.name or ""
            found = Found(name, path, _line(text, match))
            (build.aside if aside or _TEST.search(name) else build.programs).append(found)
            if (
                "install : true" in text[match.start() : match.start() + 600]
                or "install: true" in text[match.start() : match.start() + 600]
            ):
                build.installed.add(name)
        for match in () if aside else islice(_MESON_DEPENDENCY.finditer(text), MAX_MATCHES):
            _meson_dependency(build, match, path, _line(text, match))
        for match in () if aside else islice(_MESON_LIBRARY.finditer(text), MAX_MATCHES):
            build.library(linked_library(match.group(1)), path, _line(text, match))
        _note_static(build, text, path)
    for wrap in tree.named("*.wrap"):
        if wrap.startswith(join(build.folder, "subprojects/")):
            build.fetches.append(Found(wrap.rsplit("/", 1)[-1].removesuffix(".wrap"), wrap, 1))
    build.programs.sort(key=lambda one: (one.name != build.name, one.name not in build.installed))
    return build


def _meson_dependency(build: Build, match: re.Match[str], path: str, line: int) -> None:
    name = match.group(1)
    if name == "boost":
        modules = _MESON_MODULES.search(match.group(2))
        words = re.findall(r"[a-z_0-9]+", (modules.group(1) or modules.group(2)) if modules else "")
        for word in words or ["headers"]:
            build.library(boost_library(word), path, line)
        return
    build.tool("pkg-config", path, line)
    build.library(linked_library(name), path, line)


def read_autotools(tree: Tree, file: str) -> Build:
    """Read a configure.ac (or .in) and the Makefile.am files below it."""
    build = Build("autotools", folder_of(file), file)
    text = re.sub(r"(?m)(?:^|\s)(?:dnl\b|#)[^\n]*", "", tree.text(file) or "")
    named = _AC_INIT.search(text)
    if named is not None:
        build.name, build.name_line = named.group(1), line_of(tree.text(file) or "", "AC_INIT")
    build.cxx = "AC_PROG_CXX" in text
    for match in islice(_AC_LIBRARY.finditer(text), MAX_MATCHES):
        # AC_SEARCH_LIBS names the function first, then the libraries.
        names = match.group(2).split() if match.group().startswith("AC_SEARCH") else [match.group(1)]
        for name in names[:1]:
            build.library(linked_library(name), file, line_of(tree.text(file) or "", match.group()[:20]) or 1)
    for match in islice(_PKG.finditer(text), MAX_MATCHES):
        build.tool("pkg-config", file, 1)
        for word in re.findall(r"(?:^|\s)([a-zA-Z][\w.+-]*)(?!\s*\()", match.group(1)):
            build.library(
                linked_library(word), file, line_of(tree.text(file) or "", "PKG_CHECK_MODULES") or 1
            )
    for path in _below(tree, join(build.folder, "Makefile.am"), "Makefile.am"):
        made = tree.text(path) or ""
        for match in islice(_AM_PROGRAMS.finditer(made), MAX_MATCHES):
            for name in match.group(1).replace("\\", " ").split():
                if re.fullmatch(_NAME, name):
                    build.programs.append(Found(name, path, _line(made, match)))
        _note_links(build, made, path)
        _note_static(build, made, path)
    if not build.programs and build.name and re.fullmatch(_NAME, build.name):
        build.programs.append(Found(build.name, file, build.name_line or 1))
    build.programs.sort(key=lambda one: one.name != build.name)
    build.prepared = tree.has(join(build.folder, "configure"))
    return build


def read_make(tree: Tree, file: str) -> Build | None:
    """Read a Makefile; None where it does not compile C or C++ for Linux."""
    text = tree.text(file) or ""
    code = re.sub(r"(?m)(?<!\\)#[^\n]*", "", text)
    if not _SIGNS.search(code) or _NOT_FOR_LINUX.search(code):
        return None
    build = Build("make", folder_of(file), file)
    build.cxx = re.search(r"\$[({]CXX[)}]|g\+\+|clang\+\+|\.(?:cpp|cc|cxx)\b", code) is not None
    seen: set[str] = set()
    for name, line in _made(code):
        if name not in seen and name not in _PHONY and not _NO_PROGRAM.search(name):
            seen.add(name)
            (build.aside if _TEST.search(name) else build.programs).append(Found(name, file, line))
    _note_links(build, code, file)
    for match in islice(_PKG_CONFIG.finditer(code), MAX_MATCHES):
        build.tool("pkg-config", file, _line(code, match))
        for word in match.group(1).split():
            if not word.startswith("-"):
                build.library(linked_library(word), file, _line(code, match))
    _note_static(build, code, file)
    return build


def _made(code: str) -> Iterator[tuple[str, int]]:
    """Names of programs that a Makefile makes, the likeliest first."""
    variables = {
        match.group(1): (match.group(3), _line(code, match))
        for match in islice(_VARIABLE.finditer(code), MAX_MATCHES)
    }
    default = _DEFAULT.search(code)
    yield from variables.values()
    if default is not None:
        yield default.group(1), _line(code, default)
    for match in islice(_OUTPUT.finditer(code), MAX_MATCHES):
        if match.group(2) != "$@":
            yield match.group(2), _line(code, match)
    for match in islice(_RULE.finditer(code), MAX_MATCHES):
        for name in match.group(1).split():
            yield name, _line(code, match)


def _note_links(build: Build, code: str, path: str) -> None:
    for match in islice(_LINKED.finditer(code), MAX_MATCHES):
        build.library(linked_library(match.group(1)), path, _line(code, match))


def _note_static(build: Build, code: str, path: str) -> None:
    match = _STATIC.search(code)
    if match is not None and build.static is None:
        build.static = Found("-static", path, _line(code, match))


def _below(tree: Tree, file: str, name: str) -> list[str]:
    folder = folder_of(file)
    prefix = "" if folder == "." else f"{folder}/"
    found = [path for path in tree.named(name) if path.startswith(prefix)]
    return sorted(found, key=lambda path: (path.count("/"), path))[:100]


def _without_comments(text: str) -> str:
    return re.sub(r"('[^'\n]*+')|#[^\n]*+", lambda match: match.group(1) or "", text)


def _line(text: str, match: re.Match[str]) -> int:
    return text.count("\n", 0, match.start()) + 1
