"""The libraries that a program needs, and theirs, are found as its loader would look for them, and are new enough.

Order of glibc's loader (ld.so(8)): DT_RPATH where there is no DT_RUNPATH, LD_LIBRARY_PATH, DT_RUNPATH, what ldconfig was told,
the folders it knows. musl's (ldso/dynlink.c): LD_LIBRARY_PATH, run paths of it and of what needs it, /etc/ld-musl-ARCH.path or its own three folders.
"""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field

from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.basics.units import plural
from slimdesk.image.doctor.patient import Patient, Symptom, clean
from slimdesk.image.doctor.scripts import scripts
from slimdesk.image.elf_summary import ElfSummary
from slimdesk.image.starting import variable

_MOST = 400
_MOST_ROUNDS = 6
_MOST_CONFIGURATIONS = 64
_MULTIARCH = {
    "amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu", "386": "i386-linux-gnu", "arm": "arm-linux-gnueabihf",
    "ppc64le": "powerpc64le-linux-gnu", "s390x": "s390x-linux-gnu", "riscv64": "riscv64-linux-gnu",
}  # fmt: skip
_MUSL_FOLDERS = ("/lib", "/usr/local/lib", "/usr/lib")


@dataclass(slots=True)
class Search:
    """The search of the program at `path`: who asks for what, and what was found where.

    followed: places whose needs are known to be there.
    """

    patient: Patient
    musl: bool
    usual: tuple[str, ...]
    path: str
    elf: ElfSummary
    missing: dict[str, str] = field(default_factory=dict)
    found: dict[str, str] = field(default_factory=dict)
    followed: set[str] = field(default_factory=set)


def find(patient: Patient) -> Iterator[Symptom]:
    """Yield an error per program whose libraries are missing, or whose C library is too old."""
    programs = [path for words in patient.chain if (path := patient.command(words[0]))]
    programs += [path for one in scripts(patient) if (path := patient.command(one.program))]
    for path in dict.fromkeys(programs):
        elf = patient.elf(path)
        if elf is None:
            yield from _unread(patient, path)
        elif elf.linked and elf.interpreter and patient.is_file(elf.interpreter):
            yield from _of(patient, path, elf)


def _unread(patient: Patient, path: str) -> Iterator[Symptom]:
    node = patient.stat(path)
    if node is not None and node.is_file and node.size and patient.body(path) is None:
        name = visible(path, 120)
        message = f"{name} is too large to be looked into: what it needs is not known"
        yield Symptom(Finding("not-looked-into", "info", message, path=name), doubt=True)


def search_of(patient: Patient, path: str, elf: ElfSummary) -> Search:
    """Return the search of a program, whose loader is known to be found."""
    musl = "musl" in (elf.interpreter or "")
    search = Search(patient, musl, _usual(patient, elf, musl=musl), path, elf)
    # The loader of musl is its C library as well.
    search.found.update(
        dict.fromkeys(("libc.so", posixpath.basename(elf.interpreter or "")), elf.interpreter or "")
    )
    return search


def missing_of(search: Search, path: str, elf: ElfSummary) -> list[str]:
    """Return the libraries that a module needs itself and its loader would not find."""
    # What the program needs is loaded already; its DT_RPATH holds for what it loads later.
    handed = _expanded(search.elf.old_run_path if not search.elf.run_path else (), search.path)
    handed = (*handed, *_expanded(elf.old_run_path if not elf.run_path else (), path))
    known = {*search.found, *search.elf.needed}
    return [one for one in elf.needed if one not in known and _place(search, one, path, elf, handed) is None]


def follow(search: Search, path: str, elf: ElfSummary, own: tuple[str, ...]) -> tuple[str, str] | None:
    """Return a library that is missing further down, and what needs it; the libraries of packages (`own`) are not followed."""
    one = Search(search.patient, search.musl, search.usual, search.path, search.elf, followed=search.followed)
    one.found.update(search.found)
    asking: list[tuple[str, ElfSummary, tuple[str, ...]]] = [(path, elf, ())]
    for _ in range(_MOST_ROUNDS):
        asking = [
            (place, found, handed)
            for place, found, handed in _round(one, asking)
            if not place.startswith(tuple(f"{folder}/" for folder in own)) and place not in search.followed
        ]
        missing = next(((library, who) for library, who in one.missing.items() if who != path), None)
        if missing is not None or not asking:
            search.followed.update(one.found.values() if missing is None else ())
            return missing
    return None


def offered_glibc(search: Search) -> str | None:
    """Return the newest symbol version of the image's glibc; None where it has none that says so."""
    place = search.found.get("libc.so.6") or _place(search, "libc.so.6", search.path, search.elf, ())
    elf = search.patient.elf(place) if place else None
    return elf.defines_glibc if elf is not None else None


def _of(patient: Patient, path: str, elf: ElfSummary) -> Iterator[Symptom]:
    search = search_of(patient, path, elf)
    musl = search.musl
    asking: list[tuple[str, ElfSummary, tuple[str, ...]]] = [(path, elf, ())]
    while asking and len(search.found) < _MOST:
        asking = _round(search, asking)
    name = visible(path, 120)
    if search.missing:
        words = [
            f"{visible(library, 80)} (for {visible(who, 120)})" if who != path else visible(library, 80)
            for library, who in search.missing.items()
        ]
        shown = ", ".join(words[:6]) + (f" and {plural(len(words) - 6, 'other')}" if len(words) > 6 else "")
        message = f"{name} needs {'libraries that are' if len(words) > 1 else 'a library that is'} not in the image: {shown}"
        glibc = musl and any(library.startswith(("libc.so.6", "ld-linux")) for library in search.missing)
        fix = (
            "It was built for glibc: choose a family with glibc, or build it on Alpine"
            if glibc
            else "COPY them from the build stage, install their packages, or link it statically"
        )
        yield Symptom(Finding("library-missing", "error", message, path=name, fix=fix), patient.keyword)
    yield from _too_old(search, path, elf)


def _round(
    search: Search, asking: list[tuple[str, ElfSummary, tuple[str, ...]]]
) -> list[tuple[str, ElfSummary, tuple[str, ...]]]:
    """Look for what these need; returns what was found new, with the run paths that it inherits."""
    new: dict[str, tuple[str, ...]] = {}
    for path, elf, above in asking:
        # DT_RPATH goes on to what is needed in turn, DT_RUNPATH does not; musl takes both so.
        handed = (*_expanded(elf.old_run_path if elf.old_run_path and not elf.run_path else (), path), *above)
        if search.musl:
            handed = (*_expanded(elf.run_path, path), *handed)
        for library in elf.needed:
            if library in search.found or library in search.missing:
                continue
            place = _place(search, library, path, elf, handed)
            if place is None:
                search.missing[library] = path
            else:
                search.found[library] = place
                new[place] = handed
    search.patient.fetch(new)
    found = []
    for place, handed in new.items():
        elf_there = search.patient.elf(place)
        if elf_there is not None:
            found.append((place, elf_there, handed))
    return found


def _place(search: Search, library: str, path: str, elf: ElfSummary, handed: tuple[str, ...]) -> str | None:
    patient = search.patient
    if "/" in library:
        return patient.real(library) if patient.is_file(library) else None
    given = tuple((variable(patient.config, "LD_LIBRARY_PATH") or "").replace(";", ":").split(":"))
    named = tuple(folder for folder in given if folder)
    own = _expanded(elf.run_path, path)
    for folder in (*handed, *named, *own, *search.usual):
        place = clean(f"{folder}/{library}")
        if patient.is_file(place):
            return patient.real(place)
    return None


def _expanded(folders: tuple[str, ...], path: str) -> tuple[str, ...]:
    origin = posixpath.dirname(path)
    return tuple(folder.replace("${ORIGIN}", origin).replace("$ORIGIN", origin) for folder in folders)


def _usual(patient: Patient, elf: ElfSummary, *, musl: bool) -> tuple[str, ...]:
    if musl:
        name = posixpath.basename(elf.interpreter or "").removesuffix(".so.1")
        told = patient.text(f"/etc/{name}.path").replace("\n", ":").split(":")
        return tuple(folder for folder in told if folder) or _MUSL_FOLDERS
    triplet = _MULTIARCH.get(elf.architecture)
    known = (f"/lib/{triplet}", f"/usr/lib/{triplet}") if triplet else ()
    wide = ("/lib64", "/usr/lib64") if elf.bits == 64 else ()
    return (
        *_configured(patient),
        *known,
        *wide,
        "/lib",
        "/usr/lib",
        posixpath.dirname(elf.interpreter or "/lib"),
    )


def _configured(patient: Patient) -> tuple[str, ...]:
    """Return the folders that ldconfig was told of (ld.so.conf, with what it includes)."""
    folders: list[str] = []
    waiting = ["/etc/ld.so.conf"]
    seen: set[str] = set()
    while waiting and len(seen) < _MOST_CONFIGURATIONS:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        for line in patient.text(path).splitlines():
            words = line.split("#", 1)[0].split()
            if words[:1] == ["include"]:
                for pattern in words[1:]:
                    folder, _, name = clean(posixpath.join("/etc", pattern)).rpartition("/")
                    names = fnmatch.filter(patient.files.names(folder or "/"), name)
                    waiting += [f"{folder}/{one}" for one in sorted(names)]
            elif words and words[0].startswith("/"):
                folders.append(words[0])
    return tuple(folders)


def _too_old(search: Search, path: str, elf: ElfSummary) -> Iterator[Symptom]:
    """Yield an error where a newer glibc is asked for than there is."""
    libc = search.found.get("libc.so.6")
    offered = search.patient.elf(libc) if libc else None
    if offered is None or offered.defines_glibc is None:
        return
    asking = [(path, elf)] + [
        (place, one)
        for place in search.found.values()
        if place and place != libc and (one := search.patient.elf(place)) is not None
    ]
    for place, one in asking:
        if one.glibc and version(one.glibc) > version(offered.defines_glibc):
            name = visible(place, 120)
            message = f"{name} asks for glibc {one.glibc} or later, the image has {offered.defines_glibc}"
            fix = "Build it on the distribution release that it runs on, or choose a newer base"
            yield Symptom(
                Finding("glibc-too-old", "error", message, path=name, fix=fix), search.patient.keyword
            )
            return


def version(text: str) -> tuple[int, ...]:
    """Return a version such as 2.36 as numbers."""
    return tuple(map(int, text.split(".")))
