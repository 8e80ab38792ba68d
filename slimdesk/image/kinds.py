"""What kind of thing a file is, told from its path: what the treemap colours and the table of sizes by kind are made of."""

from __future__ import annotations

import re
from array import array
from enum import IntEnum

from slimdesk.image.table import ROOT, FileTable, Kind


class FileKind(IntEnum):
    """Kinds in the order of a legend; a file has exactly one."""

    PROGRAM = 0
    LIBRARY = 1
    PYTHON = 2
    NODE = 3
    JAVA = 4
    WEB = 5
    DATA = 6
    DOCUMENTATION = 7
    TESTS = 8
    PACKAGE_DATABASE = 9
    BUILD_LEFTOVER = 10
    DEBUG_SYMBOLS = 11
    CONFIGURATION = 12
    OTHER = 13


TITLES: dict[FileKind, str] = {
    FileKind.PROGRAM: "Programs",
    FileKind.LIBRARY: "Libraries",
    FileKind.PYTHON: "Python code",
    FileKind.NODE: "JavaScript code",
    FileKind.JAVA: "Java archives",
    FileKind.WEB: "Web assets",
    FileKind.DATA: "Data",
    FileKind.DOCUMENTATION: "Docs and locales",
    FileKind.TESTS: "Tests",
    FileKind.PACKAGE_DATABASE: "Package database",
    FileKind.BUILD_LEFTOVER: "Build leftovers",
    FileKind.DEBUG_SYMBOLS: "Debug symbols",
    FileKind.CONFIGURATION: "Configuration",
    FileKind.OTHER: "Other",
}

# Folders whose whole content is of one kind; the longest that fits wins.
_FOLDERS: tuple[tuple[str, FileKind], ...] = (
    ("usr/share/doc", FileKind.DOCUMENTATION),
    ("usr/share/man", FileKind.DOCUMENTATION),
    ("usr/share/info", FileKind.DOCUMENTATION),
    ("usr/share/locale", FileKind.DOCUMENTATION),
    ("usr/share/i18n", FileKind.DOCUMENTATION),
    ("usr/share/lintian", FileKind.DOCUMENTATION),
    ("usr/share/bug", FileKind.DOCUMENTATION),
    ("usr/share/gtk-doc", FileKind.DOCUMENTATION),
    ("usr/local/share/doc", FileKind.DOCUMENTATION),
    ("usr/local/share/man", FileKind.DOCUMENTATION),
    ("usr/lib/locale", FileKind.DOCUMENTATION),
    ("var/lib/dpkg", FileKind.PACKAGE_DATABASE),
    ("var/lib/apt", FileKind.PACKAGE_DATABASE),
    ("var/lib/rpm", FileKind.PACKAGE_DATABASE),
    ("usr/lib/sysimage/rpm", FileKind.PACKAGE_DATABASE),
    ("lib/apk", FileKind.PACKAGE_DATABASE),
    ("usr/lib/apk", FileKind.PACKAGE_DATABASE),
    ("var/cache", FileKind.BUILD_LEFTOVER),
    ("var/log", FileKind.BUILD_LEFTOVER),
    ("var/tmp", FileKind.BUILD_LEFTOVER),
    ("tmp", FileKind.BUILD_LEFTOVER),
    ("root/.cache", FileKind.BUILD_LEFTOVER),
    ("root/.npm", FileKind.BUILD_LEFTOVER),
    ("root/.m2", FileKind.BUILD_LEFTOVER),
    ("root/.gradle", FileKind.BUILD_LEFTOVER),
    ("root/go/pkg", FileKind.BUILD_LEFTOVER),
    ("go/pkg", FileKind.BUILD_LEFTOVER),
    ("usr/include", FileKind.BUILD_LEFTOVER),
    ("usr/local/include", FileKind.BUILD_LEFTOVER),
    ("usr/local/go/test", FileKind.TESTS),
    ("usr/lib/debug", FileKind.DEBUG_SYMBOLS),
    ("etc", FileKind.CONFIGURATION),
    ("usr/share/zoneinfo", FileKind.DATA),
    ("bin", FileKind.PROGRAM),
    ("sbin", FileKind.PROGRAM),
    ("usr/bin", FileKind.PROGRAM),
    ("usr/sbin", FileKind.PROGRAM),
    ("usr/local/bin", FileKind.PROGRAM),
    ("usr/local/sbin", FileKind.PROGRAM),
    ("usr/libexec", FileKind.PROGRAM),
    ("usr/lib/gcc", FileKind.BUILD_LEFTOVER),
)
_BY_FOLDER = {folder.encode(): kind for folder, kind in _FOLDERS}

# Folder names that say the kind wherever they stand.
_BY_NAME: dict[bytes, FileKind] = {
    b"tests": FileKind.TESTS,
    b"test": FileKind.TESTS,
    b"__tests__": FileKind.TESTS,
    b"testdata": FileKind.TESTS,
    b"__pycache__": FileKind.BUILD_LEFTOVER,
    b".git": FileKind.BUILD_LEFTOVER,
    b".cache": FileKind.BUILD_LEFTOVER,
    b"_cacache": FileKind.BUILD_LEFTOVER,
    b"CMakeFiles": FileKind.BUILD_LEFTOVER,
    b"locale-data": FileKind.DOCUMENTATION,
    b"LC_MESSAGES": FileKind.DOCUMENTATION,
    b"docs": FileKind.DOCUMENTATION,
    b"examples": FileKind.DOCUMENTATION,
    b"include": FileKind.BUILD_LEFTOVER,
}

_BY_SUFFIX: dict[bytes, FileKind] = {
    **dict.fromkeys((b"so", b"dll", b"dylib"), FileKind.LIBRARY),
    **dict.fromkeys((b"py", b"pyi", b"pth"), FileKind.PYTHON),
    **dict.fromkeys(
        (b"js", b"mjs", b"cjs", b"ts", b"mts", b"cts", b"jsx", b"tsx", b"node", b"wasm"), FileKind.NODE
    ),
    **dict.fromkeys((b"jar", b"war", b"ear", b"class", b"jmod", b"jsa"), FileKind.JAVA),
    **dict.fromkeys(
        (
            b"html",
            b"htm",
            b"css",
            b"svg",
            b"png",
            b"jpg",
            b"jpeg",
            b"gif",
            b"webp",
            b"ico",
            b"woff",
            b"woff2",
        ),
        FileKind.WEB,
    ),
    **dict.fromkeys((b"md", b"rst", b"txt", b"mo", b"po", b"pod", b"1", b"3", b"8"), FileKind.DOCUMENTATION),
    **dict.fromkeys(
        (
            b"json",
            b"csv",
            b"parquet",
            b"sqlite",
            b"db",
            b"xml",
            b"dat",
            b"npy",
            b"pkl",
            b"onnx",
            b"pt",
            b"bin",
            b"pem",
            b"crt",
        ),
        FileKind.DATA,
    ),
    **dict.fromkeys(
        (
            b"a",
            b"o",
            b"la",
            b"h",
            b"hpp",
            b"c",
            b"cc",
            b"cpp",
            b"pyc",
            b"pyo",
            b"whl",
            b"deb",
            b"rpm",
            b"apk",
            b"tgz",
            b"log",
            b"map",
        ),
        FileKind.BUILD_LEFTOVER,
    ),
    **dict.fromkeys((b"debug", b"dbg", b"pdb"), FileKind.DEBUG_SYMBOLS),
    **dict.fromkeys((b"conf", b"cfg", b"ini", b"yaml", b"yml", b"toml", b"service"), FileKind.CONFIGURATION),
}

_VERSIONED_LIBRARY = re.compile(rb"\.so(\.\d+)+$")
_UNSET = 255


def file_kinds(table: FileTable) -> array[int]:
    """Return one FileKind per node, as a column of bytes; a folder has the kind that its place says, else OTHER.

    An executable file without a telling name counts as a program: an ELF binary and a script alike.
    """
    kinds = array("B", bytes([_UNSET]) * len(table))
    parents, table_kinds = table.parent, table.kind
    paths: dict[int, bytes] = {ROOT: b""}
    for node in range(1, len(table)):
        name = table.name_bytes(node)
        parent = parents[node]
        inherited = kinds[parent]
        if table_kinds[node] == Kind.FOLDER:
            folder = paths.get(parent)
            kind = inherited
            if folder is not None and folder.count(b"/") < 4:
                # Only short paths are in the list of folders; deeper ones need no path.
                path = folder + b"/" + name if folder else name
                paths[node] = path
                kind = _BY_FOLDER.get(path, kind)
            kinds[node] = _BY_NAME.get(name, kind) if kind in (_UNSET, FileKind.LIBRARY) else kind
        else:
            kinds[node] = _of_file(name, inherited, executable=bool(table.mode(node) & 0o111))
    for node in range(len(kinds)):
        if kinds[node] == _UNSET:
            kinds[node] = FileKind.OTHER
    return kinds


def _of_file(name: bytes, inherited: int, *, executable: bool) -> int:
    if inherited == FileKind.DEBUG_SYMBOLS:
        return inherited
    suffix = name.rpartition(b".")[2].lower() if b"." in name else b""
    if suffix == b"so" or _VERSIONED_LIBRARY.search(name):
        return FileKind.LIBRARY
    if inherited not in (_UNSET, FileKind.PROGRAM):
        return inherited
    by_suffix = _BY_SUFFIX.get(suffix)
    if by_suffix is not None:
        return by_suffix
    if inherited == FileKind.PROGRAM or executable:
        return FileKind.PROGRAM
    return FileKind.OTHER
