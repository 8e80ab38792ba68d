"""What is known of a base image from its name alone: shell, C library, user, what it starts.

The catalogue knows its own images exactly; for the rest of the world the names follow patterns (docker-library tags,
distroless, Chainguard, Docker Hardened Images, .NET). What the name does not say is None.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage, Libc
from slimdesk.dockerfile.references import Reference

Version = tuple[int, ...]

# glibc of each release: distroless lock files and packages.debian.org, packages.ubuntu.com; Wolfi of August 2026.
GLIBC: dict[str, Version] = {
    "buster": (2, 28), "bullseye": (2, 31), "bookworm": (2, 36), "trixie": (2, 41),
    "focal": (2, 31), "jammy": (2, 35), "noble": (2, 39), "wolfi": (2, 43),
}  # fmt: skip
_DEBIAN = {"10": "buster", "11": "bullseye", "12": "bookworm", "13": "trixie"}
_UBUNTU = {"20.04": "focal", "22.04": "jammy", "24.04": "noble"}

# Official images that carry a compiler or a development kit in every tag.
_TOOLCHAINS = {
    "golang": "go", "rust": "rust", "gcc": "c", "maven": "java", "gradle": "java", "buildpack-deps": "c", "swift": "swift",
    "haskell": "haskell", "erlang": "erlang", "elixir": "elixir",
}  # fmt: skip
_INTERPRETERS = {"python": "python", "node": "node", "ruby": "ruby", "php": "php"}
_JAVA = frozenset({"eclipse-temurin", "openjdk", "amazoncorretto", "ibm-semeru-runtimes", "sapmachine"})
_SYSTEMS = frozenset(
    {"debian", "ubuntu", "nginx", "httpd", "redis", "postgres", "mysql", "mariadb", "tomcat", "caddy"}
)
OFFICIAL = (
    frozenset(_TOOLCHAINS)
    | frozenset(_INTERPRETERS)
    | _JAVA
    | _SYSTEMS
    | {"alpine", "busybox", "composer", "docker"}
)
_WEB_SERVERS = frozenset({"nginx", "httpd", "caddy", "nginx-unprivileged", "static-web-server"})

_CHAINGUARD_SHELL = frozenset({
    "busybox", "busybox-static", "wolfi-base", "go", "rust", "gcc-glibc", "jdk", "maven", "gradle", "node",
    "dotnet-runtime", "dotnet-sdk", "git", "curl", "bash", "min-toolkit-debug",
})  # fmt: skip
_CHAINGUARD_ROOT = frozenset({"wolfi-base", "go", "gcc-glibc"})
_CHAINGUARD_TOOLS = {
    "go": "go",
    "rust": "rust",
    "gcc-glibc": "c",
    "jdk": "java",
    "maven": "java",
    "gradle": "java",
}


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """`shell` is whether /bin/sh is there; `user` whom it runs as, as USER has it; `language` what it builds or runs.

    `toolchain`: it carries a compiler or a development kit. `serves_files`: a web server, which runs nothing else.
    """

    shell: bool | None = None
    libc: Libc | None = None
    glibc: Version | None = None
    user: str | None = None
    language: str | None = None
    toolchain: bool = False
    serves_files: bool = False
    entrypoint: tuple[str, ...] | None = None


SCRATCH = ImageFacts(shell=False, libc="none", user="0")


def image_facts(reference: Reference, catalog: Catalog | None = None) -> ImageFacts:
    """Return what the name says; the catalogue's word goes first where it has this very image."""
    guessed = _by_name(reference)
    if catalog is None:
        return guessed
    known = next((image for image in catalog.images if _is(image, reference)), None)
    return guessed if known is None else _from_catalog(known, guessed)


def short_name(reference: Reference) -> str:
    """Return the name of an official image without its registry: python, not docker.io/library/python."""
    for prefix in ("docker.io/library/", "index.docker.io/library/", "docker.io/", "library/"):
        if reference.name.startswith(prefix):
            return reference.name.removeprefix(prefix)
    return reference.name


def _is(image: BaseImage, reference: Reference) -> bool:
    return image.name == short_name(reference) and image.tag == (reference.tag or "latest")


def _from_catalog(image: BaseImage, guessed: ImageFacts) -> ImageFacts:
    version = tuple(int(part) for part in re.findall(r"\d+", image.libc_version or ""))
    return ImageFacts(
        shell=image.shell,
        libc=image.libc,
        glibc=version if image.libc == "glibc" and version else guessed.glibc,
        user=str(image.user),
        language=guessed.language,
        toolchain=guessed.toolchain,
        serves_files=guessed.serves_files,
        entrypoint=image.entrypoint or guessed.entrypoint,
    )


def _by_name(reference: Reference) -> ImageFacts:
    name, tag = short_name(reference), reference.tag or ""
    host, _, rest = name.partition("/")
    if name == "scratch":
        return SCRATCH
    if name.startswith("gcr.io/distroless/"):
        return _distroless(reference.last, tag)
    if name.startswith("cgr.dev/"):
        return _chainguard(reference.last, tag)
    if host == "dhi.io":
        return _hardened(reference.last, tag)
    if name.startswith("mcr.microsoft.com/dotnet/"):
        return _dotnet(reference.last, tag)
    if rest and reference.last in _WEB_SERVERS:
        shell = None if reference.last == "static-web-server" else True
        user = "101" if reference.last == "nginx-unprivileged" else None
        return ImageFacts(shell=shell, user=user, serves_files=True)
    return _official(name, tag) if name in OFFICIAL else ImageFacts()


def _official(name: str, tag: str) -> ImageFacts:
    musl = name == "alpine" or "alpine" in tag
    language = _TOOLCHAINS.get(name) or _INTERPRETERS.get(name) or ("java" if name in _JAVA else None)
    # The full images of the interpreters stand on buildpack-deps; the slim ones do not.
    full = name in _INTERPRETERS and not musl and "slim" not in tag
    kit = name in _JAVA and "jre" not in tag
    entrypoint = {"node": ("docker-entrypoint.sh",), "nginx": ("/docker-entrypoint.sh",)}.get(name)
    return ImageFacts(  # noqa: S604 - a fact, no call of a shell
        shell=True,
        libc="musl" if musl else None if name == "busybox" else "glibc",
        glibc=None if musl else GLIBC.get(codename(name, tag)),
        user="0",
        language=language,
        toolchain=name in _TOOLCHAINS or full or kit,
        serves_files=name in _WEB_SERVERS,
        entrypoint=entrypoint,
    )


def codename(name: str, tag: str) -> str:
    """The release that an official image stands on: in its tag, or the default of November 2026."""
    written = next((word for word in GLIBC if word in tag), "")
    if written:
        return written
    number = tag.split("-", 1)[0]
    if name == "debian":
        return _DEBIAN.get(number.split(".", 1)[0], "trixie" if number in ("", "latest", "stable") else "")
    if name == "ubuntu":
        return _UBUNTU.get(number, "")
    if name == "node":
        return "trixie" if number.split(".", 1)[0] in ("26", "", "latest") else "bookworm"
    if name in ("golang", "python", "rust", "ruby", "php"):
        return "trixie"
    return ""


def _distroless(last: str, tag: str) -> ImageFacts:
    base, _, release = last.partition("-debian")
    language = next((word for word in ("java", "node", "python") if base.startswith(word)), None)
    entrypoint = {
        "java": ("/usr/bin/java", "-jar"),
        "node": ("/nodejs/bin/node",),
        "python": ("/usr/bin/python3.13",),
    }.get(language or "")
    if base == "java-base":
        entrypoint = None
    libc: Libc = "none" if base == "static" else "glibc"
    # The debug images have /busybox/sh and still no /bin/sh.
    return ImageFacts(
        shell=False,
        libc=libc,
        glibc=GLIBC.get(_DEBIAN.get(release or "13", "")) if libc == "glibc" else None,
        user="65532" if "nonroot" in tag else "0",
        language=language,
        entrypoint=entrypoint,
    )


def _chainguard(last: str, tag: str) -> ImageFacts:
    entrypoint = {"jre": ("/usr/bin/java",), "node": ("/usr/bin/node",), "python": ("/usr/bin/python",)}.get(
        last
    )
    libc: Libc = "none" if last == "static" else "glibc"
    return ImageFacts(
        shell="-dev" in tag or last in _CHAINGUARD_SHELL,
        libc=libc,
        glibc=GLIBC["wolfi"] if libc == "glibc" else None,
        user="0" if last in _CHAINGUARD_ROOT else "65532",
        language={"jre": "java"}.get(last) or _INTERPRETERS.get(last) or _CHAINGUARD_TOOLS.get(last),
        toolchain=last in _CHAINGUARD_TOOLS,
        serves_files=last in _WEB_SERVERS,
        entrypoint=entrypoint,
    )


def _hardened(last: str, tag: str) -> ImageFacts:
    development = "-dev" in tag or last in ("debian-base", "alpine-base", "busybox")
    musl = "alpine" in tag or last == "alpine-base"
    return ImageFacts(
        shell=development,
        libc="none" if last == "static" else "musl" if musl else "glibc",
        glibc=None if musl or last == "static" else GLIBC["trixie"],
        user="0" if "-dev" in tag else "65532",
        language=_INTERPRETERS.get(last) or _TOOLCHAINS.get(last) or ("java" if last in _JAVA else None),
        toolchain=last in _TOOLCHAINS and development,
        serves_files=last in _WEB_SERVERS,
    )


def _dotnet(last: str, tag: str) -> ImageFacts:
    bare = "chiseled" in tag or "distroless" in tag
    musl = "alpine" in tag
    codename = next((word for word in GLIBC if word in tag), "")
    return ImageFacts(
        shell=not bare,
        libc="musl" if musl else "glibc",
        glibc=None if musl else GLIBC.get(codename),
        user="1654" if bare else "0",
        language="dotnet",
        toolchain=last == "sdk",
    )


def program(words: tuple[str, ...] | None) -> str:
    """Return the last part of the program's path."""
    return posixpath.basename(words[0]) if words else ""


def with_shell(reference: Reference) -> str | None:
    """Return an image of the same kind that has a shell, for one that has none; None if its kind is not known."""
    last, number = reference.last, re.search(r"\d+", reference.last)
    if reference.name == "scratch":
        return "debian:trixie-slim"
    if not reference.name.startswith("gcr.io/distroless/"):
        return None
    if last.startswith("nodejs"):
        return f"node:{number[0] if number else '24'}-slim"
    if last.startswith("python"):
        return "python:3.13-slim-trixie"
    if last.startswith("java") and not last.startswith("java-base"):
        return f"eclipse-temurin:{number[0] if number else '21'}-jre-noble"
    return "debian:trixie-slim"
