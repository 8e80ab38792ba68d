"""COPY --from and --mount=from= that mean no stage, or not the one that the author had in mind."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.images import OFFICIAL
from slimdesk.dockerfile.references import parse_reference
from slimdesk.dockerfile.stages import Use
from slimdesk.dockerfile.view import View

RULE = "copy-from"


def check(view: View) -> Iterator[Finding]:
    """Errors for stages that are not there or come later, warnings for names that are no stage, hints for numbers."""
    names = [stage.name for stage in view.dockerfile.stages if stage.name]
    for index, found in enumerate(view.uses):
        for use in found:
            finding = _no_stage(use, names) if use.stage is None else _stage(use, use.stage, index, view)
            if finding is not None:
                yield finding


def _stage(use: Use, stage: int, index: int, view: View) -> Finding | None:
    count = len(view.stages)
    line = use.instruction.line
    if not 0 <= stage < count:
        message = f"There is no stage {use.word}: the stages are numbered from 0 to {count - 1}"
        return Finding(RULE, "error", message, line=line, fix="Name the stage with FROM … AS NAME")
    if stage >= index:
        message = f"The stage {use.word} is not finished here"
        return Finding(RULE, "error", message, line=line, fix="Move that stage before this one")
    if use.word.isdigit():
        name = view.stages[stage].stage.name
        message = f"--from={use.word} counts stages: one more in front, and it means another"
        fix = f"--from={name}" if name else "Name the stage with FROM … AS NAME"
        return Finding(RULE, "info", message, line=line, fix=fix)
    return None


def _no_stage(use: Use, names: list[str]) -> Finding | None:
    """A plain word that is no stage is fetched from Docker Hub: an official image, or a slip of the pen."""
    reference = parse_reference(use.word)
    if reference is None or reference.tag or reference.digest or "/" in use.word or "." in use.word:
        return None
    close = difflib.get_close_matches(use.word.lower(), names, 1)
    line = use.instruction.line
    if close:
        message = f"There is no stage {use.word}: an image of that name would be fetched"
        return Finding(RULE, "error", message, line=line, fix=f"--from={close[0]}")
    if use.word in OFFICIAL or use.word == "scratch":
        return None
    message = f"{use.word} is no stage here: an image of that name is fetched from Docker Hub"
    return Finding(RULE, "warning", message, line=line, fix="Name the stage, or write the image with its tag")


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """The stage that was meant."""
    one = view.at(finding.line)
    fix = finding.fix or ""
    if one is None or not fix.startswith("--from="):
        return ()
    return lines.substituted(one, r"--from=\S+", fix) or lines.substituted(
        one, r"\bfrom=[^,\s]+", fix.removeprefix("--")
    )
