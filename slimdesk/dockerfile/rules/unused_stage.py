"""Stages that the last one does not need."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.view import View

RULE = "unused-stage"

# Stages that people build on purpose with --target.
_MEANT = ("debug", "dev", "test", "lint", "ci", "prod", "final", "runtime", "release", "export")


def check(view: View) -> Iterator[Finding]:
    """A hint for a stage that only --target reaches; a warning where it has no name to give to --target."""
    for stage in view.stages:
        name = stage.stage.name
        if stage.index in view.needed or (name or "").startswith(_MEANT):
            continue
        called = f"The stage {name}" if name else f"Stage {stage.index}"
        message = f"{called} is not built: nothing of it is copied into a later one"
        fix = f"COPY --from={name or stage.index} what it makes, or take the stage away"
        yield Finding(RULE, "info" if name else "warning", message, line=stage.first.line, fix=fix)
