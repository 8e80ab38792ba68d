"""Which family can serve a Node.js component, with which Node.js, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass

from slimdesk.basics.escaping import visible
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage, Family
from slimdesk.project.languages.node_versions import NodeRange, parse_range
from slimdesk.project.model import Component, Fact
from slimdesk.recipes.model import Fit

WORD = "node"
# Folders that COPY, WORKDIR and a shell all take as they stand.
PLAIN = re.compile(r"[A-Za-z0-9_@.][A-Za-z0-9_@+=./-]*", re.ASCII)

# Facts of which each needs a compiler, Git or OpenSSL while packages are installed.
NEEDS_TOOLS = ("native_compiled", "git_dependency", "prisma")

# The order in which families that fit are recommended, before what the project's own needs add.
_RANKS: dict[Family, int] = {
    "distroless": 0, "hardened": 10, "slim": 20, "chainguard": 30, "alpine": 40, "full": 50,
}  # fmt: skip
_WITHOUT_SHELL_PENALTY = 60
_MUSL_PENALTY = 5

_WHAT: dict[Family, str] = {
    "full": "The official image on Debian with compilers, Git and Python: everything works, and most of it is never used.",
    "slim": "The official image on a small Debian: a shell and apt stay for emergencies.",
    "alpine": "Small, with the C library musl, for which Node.js calls its own builds experimental.",
    "distroless": "Node.js and the C and C++ libraries alone: no shell, no npm, and a user of its own.",
    "chainguard": "A Wolfi image that is rebuilt daily; the free one holds npm and a busybox shell too.",
    "hardened": "Docker's hardened image: Node.js without a shell, with versions and end-of-life dates.",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A major version of Node.js that a family has; `older` is the ended one that the project asks for instead."""

    version: str
    older: str | None = None


def fit(component: Component, family: Family, catalog: Catalog) -> Fit:
    """Say whether `family` can serve `component`, and with which images."""
    refusal = _never(component, family)
    if refusal is not None:
        return Fit(family, available=False, reason=refusal)
    choice = choose_version(component, family, catalog)
    base = catalog.find(family, WORD, choice.version) if choice is not None else None
    if choice is None or base is None:
        return Fit(family, available=False, reason=_no_version(component, family, catalog))
    build = builder(component, base, catalog)
    if build is None:
        return Fit(
            family,
            available=False,
            reason=f"The catalogue has no image to build for Node.js {choice.version} on {base.libc}.",
        )
    refusal = _shell_needed(component, base)
    if refusal is not None:
        return Fit(family, available=False, reason=refusal)
    reasons = [_WHAT[family]]
    rank = _RANKS[family]
    if choice.older is not None:
        reasons.append(
            f"It brings Node.js {choice.version}; the {visible(choice.older, 40)} that the project asks for has ended."
        )
    elif catalog.default(WORD) != choice.version:
        reasons.append(f"It brings Node.js {choice.version}.")
    limits = _limits(component, base)
    if limits:
        reasons += limits
        rank += _WITHOUT_SHELL_PENALTY
    native = stated(component, "native")
    if native is not None and base.libc == "musl":
        reasons.append(
            f"{_named(native)} has a compiled part, which must exist for musl or is compiled in the build."
        )
        rank += _MUSL_PENALTY
    return Fit(family, available=True, reason=" ".join(reasons), base=base, builder=build, rank=rank)


def choose_version(component: Component, family: Family, catalog: Catalog) -> Choice | None:
    """Return the version to take: the catalogue's default if it is allowed, else the newest that is, even majors first."""
    names = sorted(
        (name for name in catalog.versions(family, WORD) if name.isdecimal()),
        key=lambda name: (name != catalog.default(WORD), int(name) % 2, -int(name)),
    )
    wanted = parse_range(component.version)
    if wanted is None:
        return Choice(names[0]) if names else None
    for allowed in (wanted.newest_fits, wanted.touches):
        for name in names:
            if allowed(int(name)):
                return Choice(name)
    nearest = _nearest(wanted, catalog)
    return Choice(nearest, component.version) if nearest is not None and nearest in names else None


def builder(component: Component, base: BaseImage, catalog: Catalog) -> BaseImage | None:
    """Return the image to install and build in: the same major version and C library as `base`, no newer than it.

    Debian's slim image is enough unless something is compiled or fetched with Git while packages are installed.
    """
    if base.libc == "musl":
        return catalog.find("alpine", WORD, base.version, "builder")
    needs_tools = any(component.fact(key) for key in NEEDS_TOOLS)
    family: Family = "full" if needs_tools or base.family == "full" else "slim"
    return catalog.find(family, WORD, base.version, "builder")


def _never(component: Component, family: Family) -> str | None:
    """Return why no image of this family can hold the component, whatever its version."""
    if family == "scratch":
        return (
            "Node.js is an interpreter that needs a C library, and scratch holds no file at all: "
            "distroless is the smallest that works."
        )
    if family == "chiselled":
        return "The chiselled images are for .NET: none of them holds Node.js."
    folder = component.folder
    if folder and not PLAIN.fullmatch(folder):
        return f"The folder {visible(folder, 80)} has a name that a Dockerfile cannot take. Rename it."
    return None


def _no_version(component: Component, family: Family, catalog: Catalog) -> str:
    names = catalog.versions(family, WORD)
    if not names:
        return "The catalogue has no Node.js image of this family that is still supported."
    stated = f"the project asks for {visible(component.version or '', 60)}"
    fact = component.fact("version")
    place = f" ({fact.evidence})" if fact is not None and fact.evidence is not None else ""
    if family == "chainguard":
        return f"Chainguard's free image follows the newest Node.js, now {names[0]}, and {stated}{place}."
    return f"It has Node.js {', '.join(names)}, and {stated}{place}."


def _nearest(wanted: NodeRange, catalog: Catalog) -> str | None:
    """Return the supported version that follows what is wanted, if all of that has ended; None if it is yet to come."""
    known = sorted(int(name) for name in catalog.versions("full", WORD) if name.isdecimal())
    later = [major for major in known if wanted.ends_before(major)]
    return str(later[0]) if later and not any(wanted.touches(major) for major in known) else None


def _shell_needed(component: Component, base: BaseImage) -> str | None:
    if base.shell and base.package_manager is not None:
        return None
    if component.entrypoint is None and not base.shell:
        start = component.fact("start")
        place = f" ({start.evidence})" if start is not None and start.evidence is not None else ""
        return f"What starts the program is known only as an npm script{place}, and this image has no npm. Set entrypoint."
    browser = next((fact for fact in component.all("browser") if not str(fact.value).endswith("-core")), None)
    if browser is not None:
        return f"{_named(browser)} starts a browser, whose libraries this image cannot install."
    return None


def _limits(component: Component, base: BaseImage) -> list[str]:
    """Return what a part of the program will miss in an image without a shell or programs."""
    if base.shell:
        return []
    found = []
    shell = stated(component, "shell")
    if shell is not None:
        found.append(f"The code starts a shell ({shell.evidence}), and there is none: that part will fail.")
    program = stated(component, "program")
    if program is not None:
        found.append(f"The code calls {program.value} ({program.evidence}), which the image does not hold.")
    return found


def stated(component: Component, key: str) -> Fact | None:
    """Return the first fact of that key; None if it says no, as a correction may."""
    fact = component.fact(key)
    return None if fact is None or fact.value is False else fact


def _named(fact: Fact) -> str:
    if fact.value is True:
        return f"A package ({fact.evidence})"
    return (
        f"{visible(str(fact.value), 80)} ({fact.evidence})" if fact.evidence else visible(str(fact.value), 80)
    )
