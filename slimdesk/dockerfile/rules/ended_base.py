"""Base images that get no updates any more."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.read import version_key
from slimdesk.dockerfile.images import short_name
from slimdesk.dockerfile.references import Reference
from slimdesk.dockerfile.view import View

RULE = "ended-base"

_PRODUCTS = {
    "golang": "go", "node": "node", "python": "python", "php": "php", "ruby": "ruby", "eclipse-temurin": "java",
    "debian": "debian", "ubuntu": "ubuntu", "alpine": "alpine",
}  # fmt: skip
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
