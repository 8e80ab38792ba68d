"""Base images that get no updates any more."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.read import version_key
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.images import OFFICIAL, short_name
from slimdesk.dockerfile.references import Reference
from slimdesk.dockerfile.view import View

RULE = "ended-base"

_PRODUCTS = {
    "golang": "go", "node": "node", "python": "python", "php": "php", "ruby": "ruby", "eclipse-temurin": "java",
    "debian": "debian", "ubuntu": "ubuntu", "alpine": "alpine", "nginx": "nginx",
    "nginxinc/nginx-unprivileged": "nginx",
}  # fmt: skip
_LONG_ENDED = frozenset({"wheezy", "jessie", "stretch", "buster", "bullseye"})
_DOTNET = "mcr.microsoft.com/dotnet/"


def check(view: View) -> Iterator[Finding]:
    """A warning for each base whose publisher has stopped, or whose version has ended by the catalogue's dates."""
    for stage in view.stages:
        if stage.image is None or len(stage.chain) > 1:
            continue
        found = _dead_name(stage.image) or (_ended(stage.image, view.catalog) if view.catalog else None)
        if found is not None:
            message, fix = found
            yield Finding(RULE, "warning", message, line=stage.first.line, fix=fix)
            continue
        release = _old_release(stage.image, view.catalog)
        if release is not None:
            message = f"{short_name(stage.image)}:{stage.image.tag} stands on Debian {release}, which gets no updates any more"
            yield Finding(
                RULE, "warning", message, line=stage.first.line, fix="Take the same version on trixie"
            )


def has_ended(image: Reference, catalog: Catalog | None) -> bool:
    """Whether an image is known to get no updates any more."""
    return _dead_name(image) is not None or (catalog is not None and _ended(image, catalog) is not None)


def _dead_name(image: Reference) -> tuple[str, str] | None:
    """Names that are dead whatever their tag. Sources: distroless SUPPORT_POLICY.md, docker-library/openjdk README."""
    name, tag = short_name(image), image.tag or ""
    if name == "openjdk" and not re.search(r"-(?:ea|rc)\b|^\d+-(?:ea|rc)", tag):
        return "The openjdk images have had no updates since 2022", "Take eclipse-temurin of the same version"
    if name.startswith("adoptopenjdk/") or name == "adoptopenjdk":
        return (
            "AdoptOpenJDK's images have had no updates since 2021",
            "Take eclipse-temurin of the same version",
        )
    if name in ("maven", "gradle") and "openjdk" in tag:
        return f"{name} images with openjdk are not built any more", f"Take {name}:VERSION-eclipse-temurin-21"
    if name == "centos":
        return (
            "CentOS images have had no updates since 2021",
            "Take a supported system such as debian:trixie-slim",
        )
    if name.startswith("gcr.io/distroless/"):
        old = re.search(r"-debian(8|9|10|11|12)$", image.last)
        if old:
            new = image.last.removesuffix(old[0])
            return (
                f"Distroless images on Debian {old[1]} get no updates any more",
                f"Take {image.name.removesuffix(image.last)}{new}-debian13",
            )
        if re.match(r"(?:java(?:8|11)|nodejs(?:14|16|18|20)?)(?:-|$)", image.last) and image.last != "nodejs":
            return (
                f"{image.name} gets no updates any more",
                "Take a newer version, such as nodejs24 or java21",
            )
    return None


def _old_release(image: Reference, catalog: Catalog | None) -> str | None:
    """The Debian release in an official image's tag, if it has ended."""
    if short_name(image) not in OFFICIAL:
        return None
    words = (image.tag or "").split("-")
    old = next((word for word in words if word in _LONG_ENDED), None)
    if old is not None or catalog is None or "debian" not in catalog.products:
        return old
    cycles = catalog.products["debian"].cycles
    return next(
        (one.codename for one in cycles if one.codename in words and catalog.ended("debian", one.name)), None
    )


def _ended(image: Reference, catalog: Catalog) -> tuple[str, str] | None:
    name, tag = short_name(image), image.tag or ""
    product = "dotnet" if name.startswith(_DOTNET) else _PRODUCTS.get(name)
    if product is None or product not in catalog.products:
        return None
    title = catalog.products[product].title
    newer = f"Take {title} {catalog.default(product)}" if catalog.default(product) else "Take a newer version"
    for version in _versions(product, tag, catalog):
        ended = catalog.ended(product, version)
        if ended is not None:
            return f"{title} {version} has had no updates since {ended.isoformat()}", newer
    oldest = min((version_key(cycle.name) for cycle in catalog.products[product].cycles), default=())
    number = next(_versions(product, tag, catalog), "")
    written = version_key(number)
    # python:3 is the newest 3, not one before 3.10.
    if oldest and len(written) >= len(oldest) and written[: len(oldest)] < oldest:
        known = ".".join(map(str, oldest))
        return (
            f"{title} {number} gets no updates any more: the oldest that the catalogue knows is {known}",
            newer,
        )
    return None


def _versions(product: str, tag: str, catalog: Catalog) -> Iterator[str]:
    """The names of release series that a tag may mean, the longest first."""
    number = re.match(r"v?(\d+(?:\.\d+)*)", tag)
    if number:
        parts = number[1].split(".")
        for count in range(min(2, len(parts)), 0, -1):
            yield ".".join(parts[:count])
    for cycle in catalog.products[product].cycles:
        if cycle.codename and tag.split("-", 1)[0] == cycle.codename:
            yield cycle.name


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """The image that took its place, or the newest series of the same language."""
    first = view.at(finding.line)
    stage = next((one for one in view.stages if one.first is first), None)
    if first is None or stage is None or stage.image is None:
        return ()
    new = successor(stage.image, view.catalog)
    return (
        ()
        if new is None
        else lines.substituted(first, rf"(?<=\s){re.escape(first.arguments[0])}(?=\s)", new, 1)
    )


def successor(image: Reference, catalog: Catalog | None) -> str | None:
    """Return the image to take instead of one that has ended; None if that is not plain."""
    name, tag = short_name(image), image.tag or ""
    number = re.match(r"(\d+)", re.sub(r"^(?:jdk|jre|openjdk)-?", "", tag))
    java = number[1] if number and number[1] in ("8", "11", "17", "21", "25") else "21"
    if name in ("openjdk", "adoptopenjdk") or name.startswith("adoptopenjdk/"):
        written = re.search(r"(\d+)", image.last)
        java = written[1] if name.startswith("adoptopenjdk/") and written and not number else java
        return f"eclipse-temurin:{java}-{'jre' if 'jre' in tag + image.last else 'jdk'}{'-alpine' if 'alpine' in tag else '-noble'}"
    if name in ("maven", "gradle"):
        wanted = re.search(r"openjdk-?(\d+)|jdk-?(\d+)", tag)
        version = next((one for one in wanted.groups() if one), "21") if wanted else "21"
        return f"maven:3.9-eclipse-temurin-{version}" if name == "maven" else f"gradle:9-jdk{version}"
    if name == "centos":
        return "debian:trixie-slim"
    if name.startswith("gcr.io/distroless/"):
        return _distroless(image)
    release = _old_release(image, catalog)
    if release is not None and name != "debian" and (catalog is None or _ended(image, catalog) is None):
        return f"{image.name}:{tag.replace(release, 'trixie')}"
    product = "dotnet" if name.startswith(_DOTNET) else _PRODUCTS.get(name)
    default = catalog.default(product) if catalog is not None and product is not None else None
    if name == "debian":
        return "debian:trixie-slim" if "slim" in tag else "debian:trixie"
    if default is None:
        return None
    variant = "alpine" if "alpine" in tag else "slim" if "slim" in tag else ""
    if product == "dotnet":
        return f"{image.name}:{default}.0" if "." not in default else f"{image.name}:{default}"
    kind = "-jre" if "jre" in tag else "-jdk" if "jdk" in tag else ""
    return f"{image.name}:{default}{kind}{'-' + variant if variant and name != 'alpine' else ''}"


def _distroless(image: Reference) -> str:
    base = re.sub(r"-debian\d+$", "", image.last)
    number = re.search(r"\d+$", base)
    if base.startswith("java") and base != "java-base":
        base = f"java{number[0] if number and number[0] in ('17', '21', '25') else '21'}"
    elif base.startswith("nodejs"):
        base = f"nodejs{number[0] if number and number[0] in ('22', '24', '26') else '24'}"
    return (
        f"gcr.io/distroless/{base}-debian13:{image.tag if image.tag and image.tag != 'latest' else 'nonroot'}"
    )
