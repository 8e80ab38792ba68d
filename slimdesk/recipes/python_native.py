"""What compiled packages need on each family: a compiler and headers to build with, libraries to run with."""

from __future__ import annotations

from slimdesk.catalog.model import BaseImage, Family
from slimdesk.dockerfile.compose import run
from slimdesk.dockerfile.model import Instruction
from slimdesk.project.model import Component, Evidence
from slimdesk.recipes.native_packages import LIBRARIES
from slimdesk.recipes.packages_apk import apk_names

# Of the same name on Debian and on Alpine.
_SAME = frozenset({"cmake", "ffmpeg", "make", "poppler-utils", "tesseract-ocr"})
_ALPINE_DEV = {
    "default-libmysqlclient-dev": "mariadb-dev",
    "pkg-config": "pkgconf",
    **{
        known.debian_dev: known.alpine_dev
        for known in LIBRARIES.values()
        if known.debian_dev and known.alpine_dev
    },
}


def build_packages(component: Component) -> tuple[str, ...]:
    """Debian's packages that the project's packages are compiled against."""
    return tuple(dict.fromkeys(str(fact.value) for fact in component.all("build_package")))


def run_packages(component: Component) -> tuple[str, ...]:
    """Debian's packages that they load when they run."""
    return tuple(dict.fromkeys(str(fact.value) for fact in component.all("runtime_package")))


def unknown_on_alpine(component: Component) -> str | None:
    """Return the first package whose name on Alpine is not known; None if all are."""
    for name in run_packages(component):
        if name not in _SAME and apk_names((name,), wolfi=False) == (name,):
            return name
    return next(
        (name for name in build_packages(component) if name not in _SAME and name not in _ALPINE_DEV), None
    )


def compiler_packages(component: Component, builder: BaseImage) -> Instruction | None:
    """Install a compiler and headers in the build stage, where its image has none and something is compiled."""
    headers = build_packages(component)
    fact = component.fact("build_package") or component.fact("native") or component.fact("no_musl_wheel")
    evidence = fact.evidence if fact is not None else None
    if builder.family == "alpine":
        if not headers and component.fact("native") is None and component.fact("no_musl_wheel") is None:
            return None
        names = (
            "gcc",
            "g++",
            "musl-dev",
            "linux-headers",
            *(_ALPINE_DEV.get(name, name) for name in headers),
        )
        reason = "A compiler: these packages have no wheel for musl, Alpine's C library"
        return run(reason, f"apk add --no-cache {' '.join(dict.fromkeys(names))}", evidence=evidence)
    compilers = ("gcc", "g++", "libc6-dev") if component.fact("native") and builder.family == "slim" else ()
    if not compilers and not headers:
        return None
    # Unpinned on purpose: Debian keeps only the newest revision of a package, a pinned one stops building (DL3008).
    return run(
        "Libraries and headers to compile against",
        "apt-get update",
        f"apt-get install -y --no-install-recommends {' '.join((*compilers, *headers))}",
        "rm -rf /var/lib/apt/lists/*",
        evidence=evidence,
    )


def added_packages(component: Component, family: Family) -> dict[str, Evidence | None]:
    """What the final stage on Alpine gets besides, in its own names; Debian's bases get it from the facts."""
    if family != "alpine":
        return {}
    places = {str(fact.value): fact.evidence for fact in component.all("runtime_package")}
    return {apk_names((name,), wolfi=False)[0]: place for name, place in places.items()}


def musl(component: Component) -> tuple[str, int]:
    """Return what the lock file says of wheels for musl, as a sentence, and how much that counts against Alpine."""
    missing = list(component.all("no_musl_wheel"))
    if missing:
        names = ", ".join(str(fact.value) for fact in missing[:3])
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        have, are = ("has", "is") if len(missing) == 1 else ("have", "are")
        return (
            f"{names}{more} {have} no wheel for musl ({missing[0].evidence}) and {are} compiled there, which takes time and may fail.",
            5,
        )
    checked = component.fact("musl_wheels")
    if checked is not None:
        return f"Every package that {checked.evidence} names has a wheel for it.", 0
    return "", 0
