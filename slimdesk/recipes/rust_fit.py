"""Which families can serve a Rust program, and with which compiler image."""

from __future__ import annotations

from slimdesk.basics.escaping import visible
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage, Family
from slimdesk.project.model import Component, Fact
from slimdesk.recipes.fit_words import FULL, SLIM, first_place, lacks_programs, names, unavailable
from slimdesk.recipes.go_facts import missing_programs
from slimdesk.recipes.model import Fit
from slimdesk.recipes.rust_facts import needed_packages, wanted_toolchain

# The order in which families are recommended; a login counts against one.
_RANKS: dict[Family, int] = {
    "distroless": 0,
    "chainguard": 1,
    "scratch": 2,
    "slim": 3,
    "alpine": 4,
    "hardened": 5,
    "full": 9,
    "chiselled": 99,
}
_SHELL_MISSED = 20
# Families whose program is linked to musl, statically: they are compiled in Rust's Alpine image.
MUSL: frozenset[Family] = frozenset({"alpine", "scratch", "hardened"})


def builder_for(family: Family, catalog: Catalog) -> BaseImage | None:
    """Return the compiler image whose C library is that of the family."""
    kind: Family = "alpine" if family in MUSL else "full" if family == "full" else "slim"
    return catalog.find(kind, "rust", role="builder")


def fit(component: Component, family: Family, catalog: Catalog) -> Fit:
    """Say whether `family` can serve the Rust program `component`."""
    if family == "chiselled":
        return unavailable(
            family, "Ubuntu's chiselled images are published for .NET; for Rust, distroless is the same idea."
        )
    libraries = tuple(component.all("system_library"))
    static = family in ("scratch", "hardened")
    if static and libraries:
        lacking = needed_packages(component, alpine=True, static=True)
        missing = (*lacking.unknown, *lacking.no_archive)
        if missing:
            return unavailable(
                family,
                f"The program is linked to {names(missing)}{first_place(libraries)}, which Alpine has not for static linking. "
                f"{_advice(libraries)}",
            )
    base = _base(catalog, family)
    builder = builder_for(family, catalog)
    if base is None or builder is None:
        return unavailable(
            family, f"The catalogue has no {family} image for Rust programs that is still supported."
        )
    rank = _RANKS[family]
    sentences = [_what_it_is(family, dynamic=bool(libraries))]
    if libraries and family in ("distroless", "chainguard"):
        sentences.append(
            f"{names(fact.value for fact in libraries)}{first_place(libraries)}: what the image lacks of it is copied in."
        )
    missed = missing_programs(component, base)
    if missed:
        rank += _SHELL_MISSED
        sentences.append(lacks_programs(missed))
    fetched = wanted_toolchain(component, builder)
    if fetched is not None:
        sentences.append(
            f"The project asks for Rust {visible(fetched, 40)}, which rustup fetches during the build."
        )
    return Fit(family, available=True, reason=" ".join(sentences), base=base, builder=builder, rank=rank)


def _base(catalog: Catalog, family: Family) -> BaseImage | None:
    if family == "full":
        return catalog.find("full", "rust")
    if family in MUSL:
        return catalog.find(family, "static")
    return catalog.find(family, "cxx")


def _what_it_is(family: Family, *, dynamic: bool) -> str:
    musl = "compiled against musl, whose memory allocator is slower under many threads"
    return {
        "full": FULL,
        "slim": SLIM,
        "alpine": f"A small image with a shell; the program is {musl}."
        if dynamic
        else f"A small image with a shell; the program is static, {musl}.",
        "distroless": "It holds the C library and libgcc that a Rust program is linked to, OpenSSL, certificates and time "
        "zones, and no shell.",
        "chainguard": "It holds the C library and libgcc, is rebuilt daily, and has no shell; only the newest build is free.",
        "hardened": f"It holds certificates and time zones and no shell; free, with a Docker account. The program is static, {musl}.",
        "scratch": f"The program alone, the smallest that is possible: static, {musl}. Certificates and /tmp are copied in.",
        "chiselled": "",
    }[family]


def _advice(libraries: tuple[Fact, ...]) -> str:
    names = {str(fact.value) for fact in libraries}
    if "openssl" in names:
        return "With rustls in place of OpenSSL, or its feature vendored, the program needs no library."
    if "sqlite3" in names:
        return "With the feature bundled of rusqlite or libsqlite3-sys the program brings SQLite itself."
    return "A crate that brings its own copy (a feature vendored, bundled or static) or one in pure Rust would make it possible."
