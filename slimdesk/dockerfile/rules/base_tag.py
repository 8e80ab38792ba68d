"""Base images whose tag moves: the same Dockerfile builds something else tomorrow."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.images import short_name
from slimdesk.dockerfile.view import View

RULE = "base-tag"


def check(view: View) -> Iterator[Finding]:
    """A warning for a missing tag and for latest; a hint where the publisher offers nothing else."""
    for stage in view.stages:
        image = stage.image
        if image is None or stage.scratch or image.digest is not None or len(stage.chain) > 1:
            continue
        if image.name.startswith("gcr.io/distroless/"):
            if "-debian" not in image.last:
                message = f"{image.name} means whatever Debian is current: today 13, one day another"
                fix = f"FROM {image.name}-debian13:{image.tag or 'nonroot'}"
                yield Finding(RULE, "warning", message, line=stage.first.line, fix=fix)
            continue
        if image.tag not in (None, "latest", "latest-dev"):
            continue
        if image.name.startswith("cgr.dev/chainguard/"):
            message = f"{image.name} is free as latest only, which follows every new version"
            yield Finding(RULE, "info", message, line=stage.first.line, fix="Pin its digest: NAME@sha256:…")
        elif image.tag is None:
            message = (
                f"{short_name(image)} has no tag, so it is latest: whatever is newest on the day of the build"
            )
            yield Finding(RULE, "warning", message, line=stage.first.line, fix=f"FROM {image.name}:VERSION")
        else:
            message = f"{short_name(image)}:{image.tag} is whatever is newest on the day of the build"
            yield Finding(RULE, "warning", message, line=stage.first.line, fix=f"FROM {image.name}:VERSION")


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """The name with its release, or the series that the catalogue takes unasked; a stage's platform and name stay."""
    first = view.at(finding.line)
    fix = finding.fix or ""
    stage = next((one for one in view.stages if one.first is first), None)
    if first is None or stage is None or stage.image is None or not fix.startswith("FROM "):
        return ()
    new = fix.removeprefix("FROM ")
    if new.endswith(":VERSION"):
        version = _version(short_name(stage.image), view)
        if version is None:
            return ()
        new = f"{stage.image.name}:{version}"
    return lines.substituted(first, rf"(?<=\s){re.escape(first.arguments[0])}(?=\s)", new, 1)


def _version(name: str, view: View) -> str | None:
    """A tag that stays: the catalogue's series of a language, or a release of a system."""
    product = {
        "golang": "go",
        "node": "node",
        "python": "python",
        "php": "php",
        "ruby": "ruby",
        "alpine": "alpine",
    }.get(name)
    if name in ("debian", "ubuntu"):
        return {"debian": "trixie", "ubuntu": "24.04"}[name]
    if name == "nginx":
        return "1.30"
    if name in ("eclipse-temurin", "maven", "gradle"):
        return {"eclipse-temurin": "21-jdk", "maven": "3.9-eclipse-temurin-21", "gradle": "9-jdk21"}[name]
    if view.catalog is None or product is None:
        return None
    return view.catalog.default(product)
