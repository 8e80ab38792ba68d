"""Base images whose tag moves: the same Dockerfile builds something else tomorrow."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.finding import Finding
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
