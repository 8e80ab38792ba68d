"""Which families can serve a C or C++ program, with which compiler image, and whether it is linked statically."""

from __future__ import annotations

from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage, Family
from slimdesk.project.model import Component
from slimdesk.recipes.fit_words import FULL, SLIM, first_place, lacks_programs, names, unavailable
from slimdesk.recipes.go_facts import missing_programs
from slimdesk.recipes.model import Fit
from slimdesk.recipes.native_packages import LIBRARIES, packages_for

_RANKS: dict[Family, int] = {
    "distroless": 0,
    "scratch": 1,
    "chainguard": 2,
    "slim": 3,
    "alpine": 4,
    "hardened": 5,
    "full": 9,
    "chiselled": 99,
}
_SHELL_MISSED = 20
_MUSL_RISK = 10
# Libraries whose Debian package holds an archive that needs no further library; those without a library need none.
_ARCHIVES = frozenset(
    {"zlib", "sqlite3", "bzip2", "liblzma", "libzstd", "liblz4", "expat", "uuid", "jansson", "fmt"}
)


def obstacle(component: Component) -> str | None:
    """Return why the program cannot be linked statically, in a sentence; None if it can."""
    if component.value("static") is True:
        return None
    lookups = tuple(component.all("name_lookup"))
    if lookups:
        return (
            f"The program calls {names(fact.value for fact in lookups)}{first_place(lookups)}, for which glibc loads libraries "
            "at run time even into a static program."
        )
    libraries = [fact for fact in component.all("system_library") if not has_archive(str(fact.value))]
    if libraries:
        return (
            f"The program is linked to {names(fact.value for fact in libraries)}{first_place(libraries)}, which Debian has "
            "not as an archive that a static program could take in alone."
        )
    return None


def has_archive(name: str) -> bool:
    """Whether a library can be linked statically on Debian, or is made of headers alone."""
    known = LIBRARIES.get(name)
    return (
        name in _ARCHIVES
        or name == "boost-headers"
        or (known is not None and not known.debian and name not in ("boost", "opencv4", "absl"))
    )


def is_static(component: Component, family: Family) -> bool:
    """Whether the variant of `family` is linked statically: where the base has no C library, or the project does so itself."""
    if component.value("static") is True:
        return True
    if obstacle(component) is not None:
        return False
    # Without libraries there is nothing to share: the smallest distroless image will do.
    alone = family == "distroless" and component.fact("system_library") is None
    return alone or family in ("scratch", "alpine", "chainguard", "hardened")


def builder_for(component: Component, family: Family, catalog: Catalog) -> BaseImage | None:
    """Return the compiler image: Alpine's own where the program is linked to Alpine's libraries, else GCC's on Debian."""
    musl = family == "alpine" and not is_static(component, family)
    return catalog.find("alpine" if musl else "full", "cpp", role="builder")


def fit(component: Component, family: Family, catalog: Catalog) -> Fit:
    """Say whether `family` can serve the program `component`."""
    if family == "chiselled":
        return unavailable(
            family,
            "Ubuntu's chiselled images are published for .NET; for C and C++, distroless is the same idea.",
        )
    static = is_static(component, family)
    blocked = obstacle(component)
    if family == "scratch" and blocked is not None:
        return unavailable(family, f"{blocked} scratch holds no library at all.")
    cxx = component.value("cxx") is True
    base = _base(catalog, family, static=static, cxx=cxx)
    builder = builder_for(component, family, catalog)
    if base is None or builder is None:
        what = "C++ programs" if cxx else "C programs"
        return unavailable(
            family, f"The catalogue has no {family} image for {what} that need their libraries at run time."
        )
    libraries = tuple(component.all("system_library"))
    if builder.libc == "musl":
        lacking = packages_for(libraries, (), alpine=True).unknown
        if lacking:
            return unavailable(
                family,
                f"SlimDesk does not know Alpine's package of {names(lacking)}{first_place(libraries)}.",
            )
    rank = _RANKS[family]
    sentences = [_what_it_is(family, static=static, cxx=cxx)]
    if libraries and not static and family in ("distroless", "chainguard", "hardened"):
        sentences.append(
            f"Of {names(fact.value for fact in libraries)}{first_place(libraries)} the build copies in what the image lacks."
        )
    missed = missing_programs(component, base)
    if missed:
        rank += _SHELL_MISSED
        sentences.append(lacks_programs(missed))
    if builder.libc == "musl":
        rank += _MUSL_RISK
        sentences.append(
            "Code that expects glibc may not compile with musl, or behave differently: verify it."
        )
    return Fit(family, available=True, reason=" ".join(sentences), base=base, builder=builder, rank=rank)


def _base(catalog: Catalog, family: Family, *, static: bool, cxx: bool) -> BaseImage | None:
    if family == "full":
        return catalog.find("full", "cpp")
    if static:
        return catalog.find(family, "static")
    if family == "alpine":
        return catalog.find(family, "musl")
    return catalog.find(family, "cxx" if cxx else "glibc")


def _what_it_is(family: Family, *, static: bool, cxx: bool) -> str:
    library = "the C and C++ libraries" if cxx else "the C library"
    if family == "full":
        return FULL
    if family == "slim":
        return SLIM
    if static:
        return {
            "alpine": "A small image with a shell; the program is static, so that Alpine's other C library does not matter.",
            "distroless": "The program is static: this image adds only certificates, time zones, a user and /tmp, about 2 MB.",
            "chainguard": "The program is static; the image holds certificates and time zones, is rebuilt daily, and has no shell.",
            "hardened": "The program is static; the image holds certificates and time zones and no shell; free, with a Docker account.",
            "scratch": "The program alone, static, the smallest that is possible; there is nothing to look around with.",
        }[family]
    return {
        "alpine": "A small image with a shell; the program is compiled on Alpine against its C library.",
        "distroless": f"It holds {library} of the same Debian that compiles the program, certificates and time zones, and no shell.",
        "chainguard": f"It holds {library}, newer than those that the program is compiled with, and no shell; only the newest build is free.",
        "hardened": f"It holds {library} and no shell; free, with a Docker account.",
    }[family]
