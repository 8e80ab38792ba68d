"""Which family can serve a Java program, with which Java, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass

from slimdesk.basics.escaping import visible
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage, Family
from slimdesk.project.model import Component, Fact
from slimdesk.recipes.fit_words import unavailable
from slimdesk.recipes.java_facts import PLAIN, start, stated
from slimdesk.recipes.model import Fit

WORD = "java"
JLINK = "jlink"
# The order in which families that fit are recommended, before what the project's own needs add.
_RANKS: dict[Family, int] = {
    "distroless": 0, "chainguard": 10, "hardened": 15, "slim": 20, "alpine": 30, "full": 60,
}  # fmt: skip
_SHELL_PENALTY = 60
_MUSL_PENALTY = 40

_WHAT: dict[Family, str] = {
    "full": "Temurin's whole JDK on Ubuntu: compiler, shell and tools stay in the image, by far the largest.",
    "slim": "Temurin's Java runtime on Ubuntu, with a shell and apt; there is no Debian form of it.",
    "alpine": "Temurin's Java runtime on Alpine: small, with a shell, and with musl as its C library.",
    "distroless": "The Java runtime, fonts and certificates alone: no shell, no package manager, and a user of its own.",
    "chainguard": "A Wolfi image without a shell that is rebuilt daily.",
    "hardened": "Docker's hardened Java runtime: no shell, with versions and end-of-life dates; free, with a Docker account.",
}
_LINKED: dict[Family, str] = {
    "distroless": "A Java runtime with only the modules that the program uses, made by jlink, on fonts and certificates: no shell.",
    "chainguard": "A Java runtime with only the modules that the program uses, made by jlink, on Chainguard's C library: no shell, no fonts.",
    "slim": "A Java runtime with only the modules that the program uses, made by jlink, on Debian with a shell; no fonts.",
    "alpine": "A Java runtime with only the modules that the program uses, made by jlink for musl, on Alpine; no fonts.",
}
# Newest Java that a Gradle release runs on. Source: docs.gradle.org/current/userguide/compatibility.html, 2026-08.
_GRADLE_RUNS = (
    ((9, 1), 25),
    ((8, 14), 24),
    ((8, 10), 23),
    ((8, 8), 22),
    ((8, 5), 21),
    ((8, 3), 20),
    ((7, 6), 19),
    ((7, 5), 18),
    ((7, 3), 17),
)
_OLDEST_GRADLE_JAVA = 16


@dataclass(frozen=True, slots=True)
class Choice:
    """A Java that a family has, and why that one."""

    version: str
    reason: str


def fit(component: Component, family: Family, catalog: Catalog) -> Fit:
    """Say whether `family` can serve `component`, and with which images."""
    refusal = _never(component, family)
    if refusal is not None:
        return unavailable(family, refusal)
    linked = uses_jlink(component) and family in _LINKED
    offered = catalog.versions("full" if linked else family, WORD)
    choice = choose(component, offered, catalog)
    if choice is None:
        return unavailable(family, _no_version(component, family, offered))
    base = _linked_base(catalog, family) if linked else catalog.find(family, WORD, choice.version)
    build = builder(component, choice.version, catalog)
    if base is None or build is None:
        return unavailable(
            family, f"The catalogue has no {family} image for Java {choice.version} that is still supported."
        )
    if linked and family == "alpine" and catalog.find("alpine", WORD, choice.version, "builder") is None:
        return unavailable(
            family, f"The catalogue has no Alpine image with a JDK {choice.version} to link a runtime with."
        )
    refusal = _packages_needed(component, base)
    if refusal is not None:
        return unavailable(family, refusal)
    reasons, rank = [f"{_LINKED[family] if linked else _WHAT[family]} {choice.reason}"], _RANKS[family]
    for reason, penalty in _limits(component, base, linked=linked):
        reasons.append(reason)
        rank += penalty
    return Fit(
        family,
        available=True,
        reason=" ".join(reasons),
        base=base,
        builder=build,
        rank=rank,
        needs=_needs(component),
    )


def uses_jlink(component: Component) -> bool:
    """Whether the project asks for a runtime of its own."""
    return bool(component.value("runtime") == JLINK)


def choose(component: Component, offered: tuple[str, ...], catalog: Catalog) -> Choice | None:
    """Return the Java to take: the one that the project names if it is offered, else the next newer one.

    A newer Java runs what an older one compiled, and its compiler still writes for the older one (--release).
    """
    numbers = sorted(int(name) for name in offered if name.isdecimal())
    wanted = wanted_release(component)
    if wanted is None:
        default = catalog.default(WORD)
        name = default if default in offered else str(numbers[-1]) if numbers else None
        return None if name is None else Choice(name, f"Java {name}, because the project names none.")
    fact = component.fact("version")
    place = f" ({visible(str(fact.evidence), 120)})" if fact is not None and fact.evidence is not None else ""
    if wanted in numbers:
        return Choice(str(wanted), f"Java {wanted}, as the project says{place}.")
    later = next((number for number in numbers if number > wanted), None)
    if later is None:
        return None
    why = "is no longer supported" if catalog.ended(WORD, str(wanted)) else "has no image here"
    return Choice(
        str(later), f"Java {later}, which runs what is written for {wanted}{place}: {wanted} {why}."
    )


def wanted_release(component: Component) -> int | None:
    """Return the Java release that the project states."""
    match = re.match(r"(?:1\.)?(\d{1,2})(?!\d)", component.version or "")
    return int(match.group(1)) if match else None


def builder(component: Component, version: str, catalog: Catalog) -> BaseImage | None:
    """Return the image to build in: with Maven or Gradle inside, or the JDK alone where a wrapper brings the tool."""
    wrapper = component.value("wrapper")
    manager = component.package_manager
    word = manager if manager in ("maven", "gradle") and wrapper is None else WORD
    if manager == "gradle":
        newest = _gradle_limit(component) if wrapper is not None else 99
        names = [name for name in catalog.versions("full", word, "builder") if name.isdecimal()]
        able = [name for name in names if int(name) <= newest]
        version = version if version in able or not able else max(able, key=int)
    return catalog.find("full", word, version, "builder")


def _gradle_limit(component: Component) -> int:
    """Return the newest Java that the wrapper's Gradle runs on."""
    match = re.match(r"(\d+)\.(\d+)", str(component.value("wrapper_release", "")))
    if match is None:
        return 99
    release = (int(match.group(1)), int(match.group(2)))
    return next((java for least, java in _GRADLE_RUNS if release >= least), _OLDEST_GRADLE_JAVA)


def _linked_base(catalog: Catalog, family: Family) -> BaseImage | None:
    if family == "distroless":
        return catalog.find(family, JLINK)
    return catalog.find(family, "musl" if family == "alpine" else "cxx")


def _never(component: Component, family: Family) -> str | None:
    if family == "scratch":
        return (
            "Java needs a virtual machine and a C library, and scratch holds no file. GraalVM's native-image can compile a program into one "
            "static binary for it: that takes a GraalVM with musl, the native profile of Spring Boot, Quarkus or Micronaut, every use of "
            "reflection stated, and minutes per build. Distroless is the smallest that works as it is."
        )
    if family == "chiselled":
        return "Ubuntu's chiselled images are published for .NET; its chiselled Java starts through Pebble, and distroless is the same idea without it."
    if component.value("war") is True:
        place = _place(component.fact("war"))
        return f"It is a war{place}: a servlet container has to run it. Let it start by itself (Spring Boot's plugin, embedded Tomcat), or take the official tomcat image."
    if start(component, "java") is None:
        problem = next((one for one in component.problems), None)
        more = f" {visible(problem.message, 300)}." if problem else ""
        return f"What starts the program was not found; state main_class or entrypoint first.{more}"
    folder = component.folder
    if folder and not PLAIN.fullmatch(folder):
        return f"The folder {visible(folder, 80)} has a name that a Dockerfile cannot take. Rename it."
    return None


def _no_version(component: Component, family: Family, offered: tuple[str, ...]) -> str:
    place = _place(component.fact("version"))
    wanted = wanted_release(component)
    if family == "chainguard" and not offered:
        return (
            "Chainguard's free image holds only the newest Java; the one that the catalogue knows has ended, and versions with long support "
            "are not free. A runtime of its own fits on Chainguard's C library: set runtime to jlink."
        )
    if not offered:
        return f"The catalogue has no {family} image for Java that is still supported."
    return f"It has Java {', '.join(offered)}, and the project asks for {wanted}{place}."


def _packages_needed(component: Component, base: BaseImage) -> str | None:
    browser = stated(component, "browser")
    if browser is not None and base.package_manager != "apt":
        return f"{visible(str(browser.value), 60)}{_place(browser)} starts a browser, whose libraries this image cannot install."
    return None


def _limits(component: Component, base: BaseImage, *, linked: bool) -> list[tuple[str, int]]:
    """What a part of the program will miss in this image, each with what it costs in rank."""
    found: list[tuple[str, int]] = []
    shell, program = stated(component, "shell"), stated(component, "program")
    if shell is not None and not base.shell:
        found.append(
            (
                f"The code starts a shell{_place(shell)}, and there is none: that part will fail.",
                _SHELL_PENALTY,
            )
        )
    if program is not None and not base.shell:
        found.append(
            (
                f"The code calls {visible(str(program.value), 60)}{_place(program)}, which the image does not hold.",
                _SHELL_PENALTY,
            )
        )
    library = stated(component, "system_library")
    if library is not None and base.family in ("distroless", "alpine", "chainguard", "hardened"):
        found.append(
            (
                f"netty-tcnative{_place(library)} loads OpenSSL, which this image does not have; netty-tcnative-boringssl-static brings its own.",
                _MUSL_PENALTY,
            )
        )
    native = stated(component, "native_library") or stated(component, "jni") or stated(component, "native")
    if native is not None and base.libc == "musl":
        name = "The code" if native.value is True else visible(str(native.value), 60)
        found.append(
            (
                f"{name}{_place(native)} loads native code, which is mostly compiled for glibc and not for musl: verify it.",
                _MUSL_PENALTY,
            )
        )
    fonts = stated(component, "fonts")
    if fonts is not None and linked and base.family != "distroless":
        found.append((f"It draws text{_place(fonts)}, and this image has no fonts.", _SHELL_PENALTY))
    elif fonts is not None and base.family == "alpine":
        found.append((f"It draws text{_place(fonts)} with the one font that this image has.", 0))
    return found


def _needs(component: Component) -> tuple[str, ...]:
    hosts = dict.fromkeys(str(fact.value) for fact in component.all("private_repository"))
    return tuple(f"access to {visible(host, 100)} during the build" for host in hosts)


def _place(fact: Fact | None) -> str:
    return "" if fact is None or fact.evidence is None else f" ({visible(str(fact.evidence), 120)})"
