"""What each file of an image is there for: the Go toolchain, shared libraries, documentation, the application.

Told from where it stands and from the kind of package that owns it; folders are looked at one by one, files through whole
columns. A comparison says with it where the bytes are and what went away; each reason belongs to one of five parts.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from slimdesk.image.difference_model import names_of
from slimdesk.image.model import Image
from slimdesk.image.table import ROOT, FileTable, Kind

if TYPE_CHECKING:
    import numpy as np

    Column = np.ndarray[Any, np.dtype[Any]]


class Part(IntEnum):
    """The five parts of an image, in the order of a legend."""

    OS = 0
    RUNTIME = 1
    DEPENDENCIES = 2
    APPLICATION = 3
    OTHER = 4


PARTS: dict[Part, str] = {
    Part.OS: "Operating system",
    Part.RUNTIME: "Runtime",
    Part.DEPENDENCIES: "Dependencies",
    Part.APPLICATION: "Application",
    Part.OTHER: "Other",
}


class Reason(IntEnum):
    """A file has exactly one."""

    OTHER = 0
    PROGRAMS = 1
    LIBRARIES = 2
    C_TOOLCHAIN = 3
    GO_TOOLCHAIN = 4
    RUST_TOOLCHAIN = 5
    JDK = 6
    VERSION_CONTROL = 7
    PACKAGE_MANAGER = 8
    PACKAGE_DATABASE = 9
    DOCUMENTATION = 10
    CERTIFICATES = 11
    CONFIGURATION = 12
    PERL = 13
    PYTHON = 14
    NODE = 15
    NPM = 16
    JAVA = 17
    DOTNET = 18
    RUBY = 19
    PHP = 20
    PYTHON_PACKAGES = 21
    NODE_MODULES = 22
    GEMS = 23
    JARS = 24
    COMPOSER = 25
    SOURCES = 26
    CACHES = 27
    APPLICATION = 28


_R = Reason
TITLES: dict[Reason, str] = {
    _R.OTHER: "Other files",
    _R.PROGRAMS: "Programs",
    _R.LIBRARIES: "Shared libraries",
    _R.C_TOOLCHAIN: "C toolchain, headers",
    _R.GO_TOOLCHAIN: "Go toolchain",
    _R.RUST_TOOLCHAIN: "Rust toolchain",
    _R.JDK: "Java development tools",
    _R.VERSION_CONTROL: "Version control tools",
    _R.PACKAGE_MANAGER: "Package managers",
    _R.PACKAGE_DATABASE: "Package databases",
    _R.DOCUMENTATION: "Docs, locales",
    _R.CERTIFICATES: "Certificates, time zones",
    _R.CONFIGURATION: "Configuration",
    _R.PERL: "Perl",
    _R.PYTHON: "Python",
    _R.NODE: "Node.js",
    _R.NPM: "npm, Yarn, Corepack",
    _R.JAVA: "Java runtime",
    _R.DOTNET: ".NET",
    _R.RUBY: "Ruby",
    _R.PHP: "PHP",
    _R.PYTHON_PACKAGES: "Python packages",
    _R.NODE_MODULES: "Node.js packages",
    _R.GEMS: "Ruby gems",
    _R.JARS: "Java libraries",
    _R.COMPOSER: "PHP packages",
    _R.SOURCES: "Sources, module cache",
    _R.CACHES: "Caches, logs",
    _R.APPLICATION: "Application",
}

_RUNTIMES = (_R.PYTHON, _R.NODE, _R.JAVA, _R.DOTNET, _R.RUBY, _R.PHP, _R.PERL)
_DEPENDENCIES = (_R.PYTHON_PACKAGES, _R.NODE_MODULES, _R.GEMS, _R.JARS, _R.COMPOSER)
_ELSE = (_R.OTHER, _R.CACHES, _R.SOURCES, _R.C_TOOLCHAIN, _R.GO_TOOLCHAIN, _R.RUST_TOOLCHAIN, _R.JDK, _R.NPM)
PART_OF: dict[Reason, Part] = {
    **dict.fromkeys(Reason, Part.OS),
    **dict.fromkeys(_RUNTIMES, Part.RUNTIME),
    **dict.fromkeys(_DEPENDENCIES, Part.DEPENDENCIES),
    **dict.fromkeys(_ELSE, Part.OTHER),
    _R.APPLICATION: Part.APPLICATION,
}

# Folders by their path, the longest that fits wins; and by their name, wherever they stand.
_PLACES: dict[bytes, Reason] = {
    **dict.fromkeys(
        (b"bin", b"sbin", b"usr/bin", b"usr/sbin", b"usr/local/bin", b"usr/local/sbin", b"usr/libexec", b"lib", b"lib64",
         b"usr/lib", b"usr/lib64", b"usr/lib32", b"usr/local/lib", b"usr/games"), _R.PROGRAMS,
    ),
    **dict.fromkeys(
        (b"usr/lib/gcc", b"usr/libexec/gcc", b"usr/include", b"usr/local/include", b"usr/lib/llvm", b"usr/share/cmake",
         b"usr/share/aclocal", b"usr/share/autoconf", b"usr/share/automake", b"usr/share/libtool", b"usr/lib/pkgconfig",
         b"usr/share/pkgconfig", b"usr/src", b"usr/lib/bfd-plugins"), _R.C_TOOLCHAIN,
    ),
    **dict.fromkeys((b"usr/local/go", b"usr/lib/go"), _R.GO_TOOLCHAIN),
    **dict.fromkeys((b"go", b"root/go", b"root/.cargo/registry", b"usr/local/cargo/registry", b"root/.m2", b"root/.gradle",
                     b"home/gradle/.gradle", b"usr/local/cargo/git", b"root/.nuget"), _R.SOURCES),
    **dict.fromkeys((b"usr/local/cargo", b"usr/local/rustup", b"usr/lib/rustlib", b"root/.rustup", b"root/.cargo"), _R.RUST_TOOLCHAIN),
    **dict.fromkeys((b"usr/lib/git-core", b"usr/share/git-core", b"usr/share/gitweb", b"usr/share/subversion",
                     b"usr/lib/python3/dist-packages/mercurial", b"usr/lib/python3/dist-packages/hgext"), _R.VERSION_CONTROL),
    **dict.fromkeys((b"usr/lib/apt", b"usr/lib/dpkg", b"usr/share/dpkg", b"usr/libexec/dpkg", b"etc/apt", b"etc/dpkg", b"usr/lib/rpm",
                     b"etc/apk", b"usr/share/apk", b"etc/yum.repos.d", b"usr/lib/python3/dist-packages/dnf"), _R.PACKAGE_MANAGER),
    **dict.fromkeys((b"var/lib/dpkg", b"var/lib/apt", b"var/lib/rpm", b"usr/lib/sysimage/rpm", b"lib/apk", b"usr/lib/apk", b"var/lib/db"), _R.PACKAGE_DATABASE),
    **dict.fromkeys((b"usr/share/doc", b"usr/share/man", b"usr/share/info", b"usr/share/locale", b"usr/share/i18n", b"usr/lib/locale",
                     b"usr/share/lintian", b"usr/share/bug", b"usr/local/share/doc", b"usr/local/share/man", b"usr/share/gtk-doc",
                     b"usr/share/common-licenses", b"usr/local/share/locale", b"usr/local/man"), _R.DOCUMENTATION),
    **dict.fromkeys((b"etc/ssl", b"usr/share/zoneinfo", b"usr/share/ca-certificates", b"usr/local/share/ca-certificates", b"etc/pki",
                     b"usr/lib/ssl"), _R.CERTIFICATES),
    b"etc": _R.CONFIGURATION,
    **dict.fromkeys((b"usr/share/perl", b"usr/share/perl5", b"usr/lib/perl5", b"usr/local/lib/perl5", b"usr/local/share/perl", b"etc/perl"), _R.PERL),
    **dict.fromkeys((b"usr/local/lib/node_modules/npm", b"usr/local/lib/node_modules/corepack", b"usr/lib/node_modules/npm",
                     b"usr/lib/node_modules/corepack", b"opt/yarn", b"usr/share/npm"), _R.NPM),
    **dict.fromkeys((b"usr/local/include/node", b"usr/share/node_modules", b"usr/share/nodejs", b"nodejs"), _R.NODE),
    **dict.fromkeys((b"usr/lib/jvm", b"opt/java", b"opt/jdk", b"opt/jre", b"opt/openjdk", b"usr/java", b"jre", b"javaruntime"), _R.JAVA),
    **dict.fromkeys((b"usr/share/dotnet", b"usr/lib/dotnet", b"root/.dotnet"), _R.DOTNET),
    **dict.fromkeys((b"usr/local/lib/ruby", b"usr/lib/ruby"), _R.RUBY),
    **dict.fromkeys((b"usr/local/bundle", b"var/lib/gems"), _R.GEMS),
    **dict.fromkeys((b"usr/local/lib/php", b"usr/lib/php", b"usr/local/include/php", b"usr/local/etc/php", b"usr/local/php"), _R.PHP),
    **dict.fromkeys((b"var/cache", b"var/log", b"var/tmp", b"tmp", b"root/.cache", b"root/.npm", b"usr/local/share/.cache"), _R.CACHES),
    **dict.fromkeys((b"app", b"srv", b"var/www", b"usr/src/app", b"usr/share/nginx/html", b"workspace", b"usr/app", b"code", b"opt/app",
                     b"home", b"usr/local/tomcat/webapps", b"deployments"), _R.APPLICATION),
}  # fmt: skip
_NAMES: dict[bytes, Reason] = {
    b"site-packages": _R.PYTHON_PACKAGES,
    b"dist-packages": _R.PYTHON_PACKAGES,
    b"node_modules": _R.NODE_MODULES,
    b"gems": _R.GEMS,
    b"_cacache": _R.CACHES,
    b".cache": _R.CACHES,
    b".git": _R.VERSION_CONTROL,
    b"BOOT-INF": _R.JARS,
}
_UNDER_JAVA = {b"jmods": _R.JDK, b"include": _R.JDK, b"demo": _R.JDK, b"sample": _R.JDK}
_JDK_FILES = frozenset(
    (b"src.zip", b"ct.sym", b"javac", b"javadoc", b"jar", b"jdb", b"jshell", b"jlink", b"jmod", b"jpackage", b"javap", b"jdeps",
     b"jarsigner", b"jconsole")
)  # fmt: skip
_PACKAGE_TYPES = {
    "pypi": _R.PYTHON_PACKAGES,
    "npm": _R.NODE_MODULES,
    "gem": _R.GEMS,
    "maven": _R.JARS,
    "composer": _R.COMPOSER,
}
# Names of operating system packages that say what all of their files are for, by how they begin.
_PACKAGE_STARTS: tuple[tuple[tuple[str, ...], Reason], ...] = (
    (("gcc", "g++", "cpp", "binutils", "libc6-dev", "libc-dev", "libc-bin-dev", "linux-libc-dev", "linux-headers", "make", "cmake",
      "libgcc-", "libstdc++-", "musl-dev", "build-base", "build-essential", "autoconf", "automake", "libtool", "llvm-", "clang",
      "patch", "dpkg-dev", "pkg-config", "pkgconf", "lib32gcc", "libasan", "libtsan", "liblsan", "libubsan", "libhwasan"), _R.C_TOOLCHAIN),
    (("git", "mercurial", "subversion", "libsvn", "openssh-client"), _R.VERSION_CONTROL),
    (("apt", "libapt-pkg", "dpkg", "apk-tools", "libapk", "dnf", "libdnf", "microdnf", "yum", "rpm", "librpm"), _R.PACKAGE_MANAGER),
    (("perl", "libperl"), _R.PERL),
    (("ca-certificates", "tzdata"), _R.CERTIFICATES),
    (("npm", "yarn", "corepack"), _R.NPM),
    (("nodejs", "libnode"), _R.NODE),
    (("openjdk-", "temurin-", "java-common", "zulu", "msopenjdk", "amazon-corretto"), _R.JAVA),
    (("dotnet", "aspnetcore", "netstandard"), _R.DOTNET),
    (("ruby", "libruby"), _R.RUBY),
    (("php",), _R.PHP),
    (("golang", "go-"), _R.GO_TOOLCHAIN),
    (("rustc", "cargo", "libstd-rust"), _R.RUST_TOOLCHAIN),
    (("python3", "libpython3", "python-3", "python2"), _R.PYTHON),
)  # fmt: skip
_PYTHON_NAME = (b"python", b"pip", b"idle", b"pydoc", b"2to3")
_BY_PROGRAM: dict[bytes, Reason] = {
    b"node": _R.NODE, b"nodejs": _R.NODE, b"npm": _R.NPM, b"npx": _R.NPM, b"yarn": _R.NPM, b"yarnpkg": _R.NPM, b"corepack": _R.NPM,
    b"ruby": _R.RUBY, b"php": _R.PHP, b"php-fpm": _R.PHP, b"git": _R.VERSION_CONTROL, b"hg": _R.VERSION_CONTROL, b"svn": _R.VERSION_CONTROL,
    b"apt": _R.PACKAGE_MANAGER, b"apt-get": _R.PACKAGE_MANAGER, b"dpkg": _R.PACKAGE_MANAGER, b"apk": _R.PACKAGE_MANAGER, b"perl": _R.PERL,
    b"deno": _R.NODE, b"bun": _R.NODE, b"dotnet": _R.DOTNET,
}  # fmt: skip
_UNSET = 255
# Looked up for each folder, where asking the enumeration would take most of the time.
_PROGRAMS, _NPM, _JAVA, _APPLICATION = (int(one) for one in (_R.PROGRAMS, _R.NPM, _R.JAVA, _R.APPLICATION))
_DEEP = 5


def reasons(image: Image, names: list[bytes] | None = None) -> array[int]:
    """Return one Reason per node, as a column of bytes. names: those of all nodes, if they are known already."""
    import numpy as np

    table = image.table
    parents = table.parent
    names = names or names_of(table)
    kinds = np.frombuffer(table.kind, dtype=np.uint8)
    told = bytearray([_UNSET]) * len(table)
    paths: dict[int, bytes] = {ROOT: b""}
    for node in np.flatnonzero(kinds == Kind.FOLDER).tolist():
        if node == ROOT:
            continue
        parent, name = parents[node], names[node]
        inherited = told[parent]
        place = paths.get(parent)
        if place is not None:
            path = place + b"/" + name if place else name
            if path.count(b"/") < _DEEP:
                paths[node] = path
            inherited = _place(path, name, inherited)
        told[node] = _named(name, inherited)
    codes = np.frombuffer(told, dtype=np.uint8)
    files = np.flatnonzero(kinds != Kind.FOLDER)
    around = codes[np.frombuffer(parents, dtype=np.int32)[files]]
    codes[files] = around
    _by_package(image, codes, files)
    _by_file(image, names, codes, files)
    return array("B", told)


def live_by_reason(image: Image, codes: array[int]) -> dict[Reason, int]:
    """Live bytes per reason, those without any left out."""
    import numpy as np

    seen = np.frombuffer(image.table.hidden_by, dtype=np.int16) < 0
    sizes = np.where(seen, np.frombuffer(image.table.size, dtype=np.int64), 0)
    sums = np.bincount(np.frombuffer(codes, dtype=np.uint8), weights=sizes, minlength=len(Reason))
    return {reason: int(sums[reason]) for reason in Reason if sums[reason]}


def by_part(sizes: dict[Reason, int]) -> dict[Part, int]:
    """Add up the five parts."""
    parts = dict.fromkeys(Part, 0)
    for reason, size in sizes.items():
        parts[PART_OF[reason]] += size
    return parts


def _place(path: bytes, name: bytes, inherited: int) -> int:
    known = _PLACES.get(path)
    if known is not None:
        return known
    if inherited == _PROGRAMS and name.startswith(b"python3") and path.count(b"/") <= 3:
        return _R.PYTHON
    if inherited == _PROGRAMS and name in (b"perl", b"perl-base"):
        return _R.PERL
    return inherited


def _named(name: bytes, inherited: int) -> int:
    if inherited == _NPM:
        return inherited
    if inherited == _JAVA:
        return _UNDER_JAVA.get(name, inherited)
    if name == b"vendor" and inherited == _APPLICATION:
        return _R.COMPOSER
    return _NAMES.get(name, inherited)


def _by_package(image: Image, codes: Column, files: Column) -> None:
    """A package says more than a place, except where the place is of documentation or records."""
    import numpy as np

    if not image.packages or len(image.package_of) != len(image.table):
        return
    whole = np.array([_of_package(one.type, one.name) for one in image.packages], dtype=np.uint8)
    owner = np.frombuffer(image.package_of, dtype=np.int32)[files]
    said = np.where(owner >= 0, whole[np.maximum(owner, 0)], _UNSET)
    kept = np.isin(codes[files], (_R.DOCUMENTATION, _R.PACKAGE_DATABASE, _R.JDK, _R.NPM, _R.CACHES))
    codes[files] = np.where((said != _UNSET) & ~kept, said, codes[files])


def _of_package(kind: str, name: str) -> int:
    if kind in _PACKAGE_TYPES:
        return _PACKAGE_TYPES[kind]
    if kind in ("deb", "apk", "rpm"):
        for beginnings, reason in _PACKAGE_STARTS:
            if name.startswith(beginnings):
                return reason
        if name.endswith(("-dev", "-devel", "-headers")):
            return _R.C_TOOLCHAIN
    return _UNSET


def _by_file(image: Image, names: list[bytes], codes: Column, files: Column) -> None:
    import numpy as np

    inherited = codes[files]
    open_to = np.isin(inherited, (_R.PROGRAMS, _R.OTHER, _UNSET))
    told = _by_ending(image.table, files[open_to])
    nodes, before = files[open_to], inherited[open_to]
    # In the folders of programs and libraries an archive of classes is one of the system's.
    told[(told == _R.JARS) & (before == _R.PROGRAMS)] = _UNSET
    codes[nodes] = np.where(told != _UNSET, told, before)
    programs = files[codes[files] == _PROGRAMS]
    codes[programs] = np.fromiter(
        (_of_program(names[node]) for node in programs.tolist()), np.uint8, len(programs)
    )
    for node in files[codes[files] == _R.JAVA].tolist():
        if names[node] in _JDK_FILES:
            codes[node] = _R.JDK
    unset = np.flatnonzero(codes == _UNSET)
    layers = np.frombuffer(image.table.layer, dtype=np.int16)[unset]
    own = layers >= (image.base_layers or 0)
    codes[unset] = np.where(own & _outside(image, unset), _R.APPLICATION, _R.OTHER)


def _by_ending(table: FileTable, nodes: Column) -> Column:
    """Tell by the endings of names, all at once; _UNSET where they say nothing. A shared library stays one whatever follows."""
    import numpy as np

    text = np.frombuffer(b"\0" * _LONGEST + table.name_text, dtype=np.uint8)
    starts = np.frombuffer(table.name_starts, dtype=np.uint32).astype(np.int64)
    ends = starts[nodes + 1] + _LONGEST
    lengths = ends - starts[nodes] - _LONGEST
    told = np.full(len(nodes), _UNSET, dtype=np.uint8)
    for ending, reason in _ENDINGS:
        fits = lengths >= len(ending)
        for back, letter in enumerate(reversed(ending), 1):
            fits &= text[ends - back] == letter
        told[fits] = reason
    dots = (
        np.flatnonzero((text[:-2] == ord(".")) & (text[1:-1] == ord("s")) & (text[2:] == ord("o"))) - _LONGEST
    )
    owner = np.searchsorted(starts, dots, side="right") - 1
    # Of "a.s" and "o", two names that follow each other, neither is a library.
    shared = np.zeros(len(table), dtype=bool)
    shared[owner[dots + 3 <= starts[owner + 1]]] = True
    told[shared[nodes]] = _R.LIBRARIES
    return told


_ENDINGS: tuple[tuple[bytes, Reason], ...] = (
    *((b"." + end, _R.C_TOOLCHAIN) for end in (b"a", b"o", b"la", b"h", b"pc")),
    *((b"." + end, _R.JARS) for end in (b"jar", b"war", b"ear")),
)
_LONGEST = max(len(ending) for ending, _ in _ENDINGS)


def _of_program(name: bytes) -> int:
    known = _BY_PROGRAM.get(name)
    if known is not None:
        return known
    return _R.PYTHON if name.startswith(_PYTHON_NAME) else _PROGRAMS


_SYSTEM = (b"usr", b"var", b"etc", b"bin", b"sbin", b"lib", b"lib64", b"lib32", b"boot", b"dev", b"proc", b"sys", b"run", b"media", b"mnt")  # fmt: skip


def _outside(image: Image, nodes: Iterable[int]) -> Column:
    """Whether each node stands outside the folders of the operating system."""
    import numpy as np

    table = image.table
    system = np.zeros(len(table), dtype=bool)
    for child in table.children():
        if table.name_bytes(child) in _SYSTEM and table.is_folder(child):
            system[child : table.end[child]] = True
    outside: Column = ~system[np.asarray(nodes, dtype=np.int64)]
    return outside
