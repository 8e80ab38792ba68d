"""Native modules of Python, Node.js, Ruby, PHP and Java can be loaded: machine, C library, and the libraries that they need.

One that fails is told by package: an error where none of a package's modules can be loaded, else a warning, as it may be one
that is never used. A package that brings modules for several machines is judged by those for this one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding, Severity
from slimdesk.basics.units import plural
from slimdesk.image.doctor.libraries import Search, follow, missing_of, offered_glibc, search_of, version
from slimdesk.image.doctor.native_files import Native, Natives, natives
from slimdesk.image.doctor.patient import Patient, Symptom
from slimdesk.image.doctor.scripts import scripts
from slimdesk.image.elf_summary import ElfSummary

_MOST_TOLD = 10
_RULE = "native-module"


@dataclass(frozen=True, slots=True)
class _Fault:
    """What keeps a module from being loaded, as the end of a sentence, and what to do."""

    words: str
    fix: str


def find(patient: Patient) -> Iterator[Symptom]:
    """Yield a finding per package whose modules cannot be loaded."""
    seen = natives(patient)
    program = _program(patient)
    packages: dict[str, list[Native]] = {}
    for one in seen.modules:
        packages.setdefault(one.package, []).append(one)
    search = search_of(patient, *program) if program is not None else None
    told = 0
    for name, modules in packages.items():
        finding = _of_package(patient, name, modules, search, seen)
        if finding is None:
            continue
        told += 1
        if told <= _MOST_TOLD:
            yield Symptom(finding, patient.keyword)
    if told > _MOST_TOLD:
        message = f"{plural(told - _MOST_TOLD, 'other package')} with native modules that cannot be loaded"
        yield Symptom(Finding(_RULE, "warning", message))
    if seen.passed_over:
        message = f"{plural(seen.passed_over, 'native module')} too large to be looked into"
        yield Symptom(Finding("not-looked-into", "info", message))
    if seen.cut_off:
        message = "The packages are too large to be gone through: there may be native modules that were not looked into"
        yield Symptom(Finding("not-looked-into", "info", message))


def _program(patient: Patient) -> tuple[str, ElfSummary] | None:
    """What loads the modules: the first started program, or reader of a started script, that is linked."""
    paths = [path for words in patient.chain if (path := patient.command(words[0]))]
    paths += [path for one in scripts(patient) if (path := patient.command(one.program))]
    for path in paths:
        elf = patient.elf(path)
        if elf is not None and elf.linked and elf.interpreter and patient.is_file(elf.interpreter):
            return path, elf
    return None


def _of_package(
    patient: Patient, name: str, modules: Sequence[Native], search: Search | None, seen: Natives
) -> Finding | None:
    wanted = _machine(patient)
    fitting = [one for one in modules if not wanted or one.elf.architecture == wanted]
    if not fitting:
        machines = ", ".join(dict.fromkeys(visible(one.elf.architecture, 20) for one in modules))
        other = _Fault(
            f"is made for {machines}, the image for {visible(wanted, 20)}",
            "Install it inside the build, for the image's platform, instead of copying what another machine installed",
        )
        return _finding(name, modules, other, whole=True)
    if search is None:
        return None
    fitting = [
        one for one in fitting if _libc(one.elf) in ("", "musl" if search.musl else "glibc")
    ] or fitting
    faults = [(one, fault) for one in fitting if (fault := _fault(one, search, seen)) is not None]
    if not faults or (faults[0][0].in_jar and len(faults) < len(fitting)):
        # A jar brings several builds of one library, and chooses when it runs.
        return None
    return _finding(name, [one for one, _ in faults], faults[0][1], whole=len(faults) == len(fitting))


def _fault(one: Native, search: Search, seen: Natives) -> _Fault | None:
    libc, own = _libc(one.elf), "musl" if search.musl else "glibc"
    if libc and libc != own:
        distribution = "Debian" if libc == "glibc" else "Alpine"
        return _Fault(
            f"is built for {libc}, the image has {own}",
            f"Install it in a build stage with {own}, or choose a family with {libc} (built on {distribution})",
        )
    offered = offered_glibc(search)
    if one.elf.glibc and offered and version(one.elf.glibc) > version(offered):
        return _Fault(
            f"asks for glibc {one.elf.glibc} or later, the image has {offered}",
            "Build it on the distribution release that it runs on, or choose a newer base",
        )
    # What stands beside it may be loaded before it, by the package itself.
    missing = [library for library in missing_of(search, one.path, one.elf) if library not in seen.libraries]
    if missing:
        shown = ", ".join(visible(library, 80) for library in missing[:4])
        return _Fault(
            f"needs {'libraries that are' if len(missing) > 1 else 'a library that is'} not in the image: {shown}",
            "Install the package that brings it in the final stage, or COPY it from the build stage with what it needs",
        )
    deeper = follow(search, one.path, one.elf, seen.folders)
    if deeper:
        library, who = deeper
        return _Fault(
            f"needs {visible(library, 80)} by way of {visible(who, 120)}, and it is not in the image",
            "COPY it too, or install the package of the library instead of copying it",
        )
    return None


def _finding(name: str, modules: Sequence[Native], fault: _Fault, *, whole: bool) -> Finding:
    path = visible(modules[0].path, 200)
    what = f"The native {'module' if len(modules) == 1 else 'modules'} of {name} cannot be loaded"
    count = f" (and {plural(len(modules) - 1, 'other')})" if len(modules) > 1 else ""
    message = f"{what}: {path}{count} {fault.words}"
    # A jar unpacks what it needs when it is used, and often does without; PHP goes on without an extension.
    spared = modules[0].in_jar or "/php/extensions/" in modules[0].path
    severity: Severity = "error" if whole and not spared else "warning"
    return Finding(_RULE, severity, message, path=path, fix=fault.fix)


def _machine(patient: Patient) -> str:
    platform = (patient.platform or "").split("/")
    return platform[1] if len(platform) > 1 else patient.config.architecture or ""


def _libc(elf: ElfSummary) -> str:
    """The C library that a module was linked with, "" where it does not say."""
    # musl's own name; glibc's is libc.so.6.
    if any(one == "libc.so" or one.startswith("libc.musl-") for one in elf.needed):
        return "musl"
    return "glibc" if elf.glibc or "libc.so.6" in elf.needed else ""
