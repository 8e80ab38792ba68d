"""Which families can serve a Go program, and with which compiler image."""

from __future__ import annotations

import re
from dataclasses import dataclass

from slimdesk.basics.escaping import visible
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage, Family
from slimdesk.project.model import Component, Fact
from slimdesk.recipes.fit_words import FULL, SLIM, first_place, lacks_programs, names, unavailable
from slimdesk.recipes.go_facts import copies_time_zones, missing_programs
from slimdesk.recipes.go_libraries import packages_for
from slimdesk.recipes.model import Fit

# Libraries that distroless base and cc hold beside glibc (base-images.md 1.1: libssl3t64, zlib1g, libzstd1).
_IN_BASE = frozenset({"ssl", "crypto", "libssl", "libcrypto", "openssl", "z", "zlib", "zstd", "libzstd"})
_SERIES = re.compile(r"(?:go)?(\d+)\.(\d+)")
# The order in which families are recommended: small and without a shell first; a login counts against one.
_RANKS: dict[Family, int] = {
    "distroless": 0,
    "chainguard": 1,
    "scratch": 2,
    "alpine": 3,
    "slim": 4,
    "hardened": 5,
    "full": 9,
    "chiselled": 99,
}
_SHELL_MISSED = 20
_MUSL_RISK = 10


@dataclass(frozen=True, slots=True)
class Compiler:
    """The builder image, and whether Go must fetch a newer release of itself (GOTOOLCHAIN=auto), in a sentence."""

    image: BaseImage
    fetches: bool
    reason: str


def compiler(component: Component, catalog: Catalog, family: Family) -> Compiler | None:
    """Choose the golang image of `family` (full or alpine): the project's release series if it is supported.

    An older series is compiled with the newest Go (the Go 1 compatibility promise, go.dev/doc/go1compat); for one
    that the catalogue does not know yet the newest image fetches the toolchain. None if the catalogue has no image.
    """
    versions = catalog.versions(family, "go", "builder")
    newest = catalog.find(family, "go", versions[0], "builder") if versions else None
    if newest is None:
        return None
    wanted = wanted_series(component)
    if wanted is None:
        return Compiler(newest, fetches=False, reason=f"Go {newest.version}: the project names no version.")
    name = f"{wanted[0]}.{wanted[1]}"
    exact = catalog.find(family, "go", name, "builder")
    if exact is not None:
        return Compiler(exact, fetches=False, reason=f"Go {name}, as the project says.")
    if wanted < (_series(newest.version) or wanted):
        why = "is no longer supported" if catalog.ended("go", name) else "has no image in the catalogue"
        return Compiler(
            newest,
            fetches=False,
            reason=f"Go {newest.version}: Go {name} {why}, and newer releases compile what it compiled.",
        )
    return Compiler(
        newest,
        fetches=True,
        reason=f"The newest Go that the catalogue knows ({newest.version}); it fetches Go {name} by itself.",
    )


def wanted_series(component: Component) -> tuple[int, int] | None:
    """Return the release series that go.mod asks for: its toolchain line, else its go line."""
    series = [_series(component.value("toolchain")), _series(component.version)]
    return max((one for one in series if one is not None), default=None)


def fetches(component: Component, builder: BaseImage) -> bool:
    """Whether the project asks for a newer Go than the builder image holds."""
    wanted, held = wanted_series(component), _series(builder.version)
    return wanted is not None and held is not None and wanted > held


def uses_cgo(component: Component) -> bool:
    """Whether the program is linked to C code."""
    return component.value("cgo") is True


def fit(component: Component, family: Family, catalog: Catalog) -> Fit:
    """Say whether `family` can serve the Go program `component`."""
    if family == "chiselled":
        return unavailable(
            family,
            "Ubuntu's chiselled images are published for .NET; for Go, distroless is the same idea and smaller.",
        )
    cgo = uses_cgo(component)
    if cgo and family == "scratch":
        place = first_place(component.all("cgo"))
        return unavailable(
            family,
            f"The program uses C code through cgo{place}, so it needs a C library at run time; scratch has none.",
        )
    needs_cxx = cgo and component.value("cgo_cxx") is True
    if cgo and family in ("distroless", "chainguard", "hardened"):
        libraries = _libraries_out_of_reach(component, family)
        if libraries:
            return unavailable(
                family,
                f"The program is linked to {names(fact.value for fact in libraries)}{first_place(libraries)}, which this image does not hold "
                "and has no package manager to add.",
            )
    base = _base(catalog, family, cgo=cgo, cxx=needs_cxx, component=component)
    if base is None:
        what = "C++ programs" if needs_cxx else "C programs" if cgo else "static programs"
        return unavailable(family, f"The catalogue has no {family} image for {what} that is still supported.")
    builder = compiler(component, catalog, "alpine" if cgo and family == "alpine" else "full")
    if builder is None:
        return unavailable(family, "The catalogue has no Go image that is still supported to compile with.")
    rank = _RANKS[family]
    sentences = [_what_it_is(family, cgo=cgo, cxx=needs_cxx)]
    missing = missing_programs(component, base)
    if missing:
        rank += _SHELL_MISSED
        sentences.append(lacks_programs(missing))
    if copies_time_zones(component, base):
        place = first_place(component.all("time_zones"))
        sentences.append(f"The time zones that the program asks for{place} are copied in.")
    if cgo and family == "alpine":
        rank += _MUSL_RISK
        sentences.append("C code that expects glibc may behave differently with musl: verify it.")
    if builder.fetches:
        sentences.append(builder.reason)
    return Fit(
        family=family,
        available=True,
        reason=" ".join(sentences),
        base=base,
        builder=builder.image,
        rank=rank,
        needs=_sign_ins(component),
    )


def _sign_ins(component: Component) -> tuple[str, ...]:
    fact = component.fact("private_modules")
    if fact is None:
        return ()
    return (
        (
            f"A sign-in for the private modules {visible(str(fact.value), 80)} ({fact.evidence}): "
            "docker build --secret id=netrc,src=$HOME/.netrc; it reaches the build alone"
        ),
    )


def missing_libraries(component: Component) -> tuple[Fact, ...]:
    """Return the facts of C libraries that no image without a package manager holds."""
    return tuple(
        fact
        for fact in component.all("system_library")
        if str(fact.value).removeprefix("lib") not in _IN_BASE
    )


def _libraries_out_of_reach(component: Component, family: Family) -> tuple[Fact, ...]:
    """Libraries that neither the image nor a package that can be copied into it holds."""
    if family == "distroless":
        # Debian's packages are unpacked for it, where it is known which.
        return tuple(fact for fact in missing_libraries(component) if packages_for((fact,), alpine=False)[2])
    # Chainguard's and DHI's hold the C library alone.
    return tuple(component.all("system_library"))


def _base(
    catalog: Catalog, family: Family, *, cgo: bool, cxx: bool, component: Component
) -> BaseImage | None:
    if family == "full":
        found = compiler(component, catalog, "full")
        return None if found is None else catalog.find("full", "go", found.image.version)
    if not cgo:
        return catalog.find(family, "static")
    if family == "alpine":
        return catalog.find(family, "musl")
    return catalog.find(family, "cxx" if cxx else "glibc")


def _what_it_is(family: Family, *, cgo: bool, cxx: bool) -> str:
    library = "the C and C++ libraries" if cxx else "the C library"
    if family == "full":
        return FULL
    if family == "slim":
        return SLIM
    if family == "alpine":
        kind = "compiled on Alpine against its C library" if cgo else "a static program needs no C library"
        return f"A small image with a shell; {kind}."
    if cgo:
        return {
            "distroless": f"It holds {library} that the program is linked to, certificates and time zones, and no shell.",
            "chainguard": f"It holds {library}, is rebuilt daily, and has no shell; only the newest build is free.",
            "hardened": f"It holds {library} and no shell; free, with a Docker account.",
        }[family]
    return {
        "distroless": "A Go program without cgo needs no C library: this image adds only certificates, time zones, "
        "a user and /tmp, about 2 MB, and no shell.",
        "chainguard": "It holds certificates and time zones, is rebuilt daily, and has no shell; "
        "only the newest build is free.",
        "hardened": "It holds certificates and time zones and no shell; free, with a Docker account.",
        "scratch": "The program alone, the smallest that is possible. Certificates and /tmp are copied in; "
        "there is nothing to look around with.",
    }[family]


def _series(version: object) -> tuple[int, int] | None:
    match = _SERIES.match(version) if isinstance(version, str) else None
    return (int(match.group(1)), int(match.group(2))) if match else None
