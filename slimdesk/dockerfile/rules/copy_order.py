"""All sources are copied before the dependencies are installed, so every change of a line installs them again."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.flags import flag_values
from slimdesk.dockerfile.model import Instruction
from slimdesk.dockerfile.rules.package_lists import command_text
from slimdesk.dockerfile.view import View

RULE = "copy-order"

_INSTALLS = re.compile(
    r"\bnpm\s+(?:ci|install|i)\b(?!\s+(?:-g|--global))|\byarn\s+install\b|\byarn\s*(?:$|&&|;)|\bpnpm\s+(?:install|i|fetch)\b"
    r"|\bbun\s+install\b|\bpip3?\s+install\s[^;&|]*-r\s|\bpoetry\s+install\b|\buv\s+sync\b|\bpdm\s+(?:install|sync)\b"
    r"|\bpipenv\s+(?:install|sync)\b|\bgo\s+mod\s+download\b|\bcargo\s+fetch\b|\bbundle\s+install\b"
    r"|\bcomposer\s+install\b|\bdotnet\s+restore\b|\bdependency:(?:go-offline|resolve)\b"
)


def check(view: View) -> Iterator[Finding]:
    """A warning for the first install of a stage that comes after the whole context and after no other install."""
    for stage in view.stages:
        whole: Instruction | None = None
        for instruction in stage.inherited("COPY", "ADD", "RUN"):
            if instruction.keyword != "RUN":
                if whole is None and _is_whole(instruction):
                    whole = instruction
                continue
            if not _INSTALLS.search(command_text(instruction)):
                continue
            if whole is not None and instruction in stage.stage.instructions:
                message = "All sources are copied before the dependencies are installed: every change installs them again"
                fix = "Copy the manifest and its lock file, install, then copy the rest"
                yield Finding(RULE, "warning", message, line=whole.line, fix=fix)
            break


def _is_whole(copy: Instruction) -> bool:
    return not flag_values(copy.flags, "from") and any(
        source.strip("\"'") in (".", "./", "/", "*", "./*") for source in copy.arguments[:-1]
    )
