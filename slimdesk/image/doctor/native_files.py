"""Where native modules lie: what Python, Node.js, Ruby and PHP load into their own process, and what Java unpacks from jars."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from slimdesk.basics.escaping import visible
from slimdesk.image.doctor.patient import Patient, clean
from slimdesk.image.elf_summary import ElfSummary, summarise
from slimdesk.image.packages.elf import MAGIC
from slimdesk.image.packages.zips import content, entries
from slimdesk.image.starting import variable

# Of one module, of one jar, and of all that is looked into: torch alone has gigabytes of libraries, which are no modules.
_LARGEST, _LARGEST_JAR, _MOST_BYTES = 64 << 20, 192 << 20, 256 << 20
_MOST_FOLDERS, _MOST_JARS, _MOST_IN_A_JAR, _DEPTH = 40, 400, 200, 2
_PYTHONS = ("3", *(f"3.{minor}" for minor in range(6, 21)))
_SITES = ("site-packages", "dist-packages")
_MODULE = re.compile(r"/(?:(?!lib)[^/]+\.so|[^/]+\.node)$")
_SHARED = re.compile(r"\.so(?:\.[\d.]+)?$")
_PACKAGE = re.compile(
    r"/node_modules/(?P<node>(?:@[^/]+/)?[^/]+)/(?!.*/node_modules/)"
    r"|/(?:site|dist)-packages/(?P<python>[^/.]+)"
    r"|/(?:gems|extensions/[^/]+/[^/]+)/(?P<gem>[A-Za-z0-9][\w.-]*?)-\d[^/]*/"
    r"|/extensions/[^/]+/(?P<php>[^/]+)\.so$"
)
# One package of several for as many platforms, of which the fitting one is loaded: @img/sharp-linuxmusl-x64.
_PLATFORM = re.compile(r"-linux(?:musl)?(?:-\w+)*$")
_EXTENSION = re.compile(r"(?m)^\s*(?:zend_)?extension\s*=\s*[\"']?([^\s\"';]+)")
_CONF_D = "/usr/local/etc/php/conf.d"


@dataclass(frozen=True, slots=True)
class Native:
    """A module: its path (`app.jar!/x/lib.so` inside a jar), the package that it belongs to, and what it says of itself."""

    path: str
    package: str
    elf: ElfSummary

    @property
    def in_jar(self) -> bool:
        """Whether it is unpacked by the program before it is loaded."""
        return "!/" in self.path


@dataclass(frozen=True, slots=True)
class Natives:
    """modules: those that were looked into. libraries: names of all shared libraries beside them. passed_over: too large, or too many.

    cut_off: not all folders were gone through.
    """

    folders: tuple[str, ...]
    modules: tuple[Native, ...]
    libraries: frozenset[str]
    passed_over: int
    cut_off: bool = False


class _Choice:
    """Says of each file whether it is to be read, as long as there is room; remembers the libraries beside."""

    def __init__(self) -> None:
        self.libraries: set[str] = set()
        self.passed_over = 0
        self.was_cut_off = False
        self._left = _MOST_BYTES

    def __call__(self, path: str, size: int) -> bool:
        """Whether a file is a module that is to be read."""
        if _SHARED.search(path):
            self.libraries.add(posixpath.basename(path))
        jar = path.endswith((".jar", ".war"))
        if not jar and not _MODULE.search(path):
            return False
        if size > (_LARGEST_JAR if jar else _LARGEST) or size > self._left:
            self.passed_over += 1
            return False
        self._left -= size
        return True

    def cut_off(self) -> None:
        """Remember that not all was gone through."""
        self.was_cut_off = True


def natives(patient: Patient) -> Natives:
    """Look for the modules of what the image starts; blocking, each folder is read once."""
    folders = tuple(dict.fromkeys(_folders(patient)))[:_MOST_FOLDERS]
    choice = _Choice()
    found: list[Native] = []
    enabled = _php_extensions(patient)
    for path, body in patient.files.matching(folders, choice):
        if path.endswith((".jar", ".war")):
            found += _of_jar(path, body, _DEPTH)
        elif body[:4] == MAGIC:
            package = _package(path)
            elf = summarise(body)
            # What no ini file enables is never loaded.
            if elf is not None and ("/php/extensions/" not in path or enabled is None or package in enabled):
                found.append(Native(path, package, elf))
    return Natives(folders, tuple(found), frozenset(choice.libraries), choice.passed_over, choice.was_cut_off)


def _folders(patient: Patient) -> Iterator[str]:
    """Folders that exist, links followed: of Python's, Node.js', Ruby's and PHP's packages, and jars."""
    config = patient.config
    workdir = config.working_dir or "/"
    prefixes = [
        posixpath.dirname(clean(folder))
        for folder in (variable(config, "PATH") or "").split(":")[:_MOST_FOLDERS]
        if folder.endswith("/bin")
    ]
    prefixes += [
        one for one in (variable(config, "VIRTUAL_ENV"), clean(f"{workdir}/.venv"), "/usr/local") if one
    ]
    places = [
        f"{prefix}/lib/python{version}/{site}"
        for prefix in dict.fromkeys(prefixes)
        if prefix not in ("/", "") and _is_folder(patient, f"{prefix}/lib")
        for version in _PYTHONS
        for site in _SITES
    ]
    places += [one for one in (variable(config, "PYTHONPATH") or "").split(":") if len(one) > 1]
    starts = [workdir, *(posixpath.dirname(path) for path in _started(patient))]
    for start in starts:
        above = clean(start)
        while True:
            places.append(clean(f"{above}/node_modules"))
            if above == "/":
                break
            above = posixpath.dirname(above)
    for name in ("GEM_HOME", "BUNDLE_PATH"):
        places += [one for one in (variable(config, name),) if one and one != "/"]
    places += [clean(f"{workdir}/vendor/bundle"), "/usr/local/lib/php/extensions"]
    for place in dict.fromkeys(places):
        real = patient.real(place)
        if real not in (None, "/") and _is_folder(patient, place):
            yield real or place
    yield from _jars(patient)


def _started(patient: Patient) -> Iterator[str]:
    """Absolute paths among the words of what is started: a script, a jar."""
    for words in patient.chain:
        for word in words[1:8]:
            if "/" in word and not word.startswith("-") and "://" not in word:
                yield posixpath.join(patient.config.working_dir or "/", word)


def _jars(patient: Patient) -> Iterator[str]:
    """The archives of a Java command: behind -jar, and the class path's; `*` is a whole folder."""
    for words in patient.chain:
        if posixpath.basename(words[0]) != "java":
            continue
        named = list(words[1:])
        for option, word in pairwise(named):
            parts = word.split(":") if option in ("-cp", "-classpath", "--class-path") else []
            parts += [word, f"{posixpath.dirname(word) or '.'}/lib"] if option == "-jar" else []
            for part in parts[:_MOST_JARS]:
                path = posixpath.join(patient.config.working_dir or "/", part.removesuffix("*"))
                real = patient.real(path)
                if real is not None and real != "/" and part.endswith((".jar", ".war", "*", "/lib")):
                    yield real


def _is_folder(patient: Patient, path: str) -> bool:
    real = patient.real(path)
    node = None if real is None else patient.stat(real)
    return node is not None and node.is_folder


def _package(path: str) -> str:
    words = [word for match in _PACKAGE.finditer(path) for word in match.groups() if word]
    word = words[-1] if words else ""
    return visible(_PLATFORM.sub("", word) or posixpath.basename(path), 80)


def _php_extensions(patient: Patient) -> frozenset[str] | None:
    """Names that ini files enable; None where there are no such files."""
    names = [one for one in patient.files.names(_CONF_D) if one.endswith(".ini")]
    if not names:
        return None
    texts = [patient.text(f"{_CONF_D}/{one}") for one in names[:200]]
    words = (match[1] for text in texts for match in _EXTENSION.finditer(text))
    return frozenset(posixpath.basename(word).removesuffix(".so") for word in words)


def _of_jar(path: str, body: bytes, depth: int) -> Iterator[Native]:
    """Yield the libraries in a jar, and in the jars in it."""
    package = visible(posixpath.basename(path).removesuffix(".jar"), 80)
    seen = 0
    for entry in entries(body):
        name = entry.name.decode("utf-8", "replace")
        if seen >= _MOST_IN_A_JAR:
            return
        if name.endswith(".jar") and depth > 1:
            inner = content(body, entry, _LARGEST)
            if inner is not None:
                yield from _of_jar(f"{path}!/{name}", inner, depth - 1)
        elif name.endswith((".so", ".jnilib")):
            seen += 1
            inner = content(body, entry, _LARGEST)
            elf = summarise(inner) if inner is not None and inner[:4] == MAGIC else None
            if elf is not None:
                yield Native(f"{path}!/{name}", package, elf)
