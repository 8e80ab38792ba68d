"""All sources are copied before the dependencies are installed, so every change of a line installs them again."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.commands import Command, commands
from slimdesk.dockerfile.flags import flag_values
from slimdesk.dockerfile.model import Instruction
from slimdesk.dockerfile.view import View

RULE = "copy-order"

_INSTALLS: dict[str, tuple[str, ...]] = {
    "npm": ("ci", "install", "i"),
    "yarn": ("install", ""),
    "pnpm": ("install", "i", "fetch"),
    "bun": ("install",),
    "poetry": ("install",),
    "uv": ("sync",),
    "pdm": ("install", "sync"),
    "pipenv": ("install", "sync"),
    "bundle": ("install",),
    "composer": ("install",),
    "dotnet": ("restore",),
    "cargo": ("fetch",),
}


def check(view: View) -> Iterator[Finding]:
    """A warning for the first install of a stage that comes after the whole context and after no other install."""
    for stage in view.stages:
        whole: Instruction | None = None
        for instruction in stage.inherited("COPY", "ADD", "RUN"):
            if instruction.keyword != "RUN":
                if whole is None and _is_whole(instruction):
                    whole = instruction
                continue
            if not any(map(_installs, commands(instruction))):
                continue
            if whole is not None and instruction in stage.stage.instructions:
                message = "All sources are copied before the dependencies are installed: every change installs them again"
                fix = "Copy the manifest and its lock file, install, then copy the rest"
                yield Finding(RULE, "warning", message, line=whole.line, fix=fix)
            break


def _installs(command: Command) -> bool:
    words = command.words
    if any(command.runs(program, *verbs) for program, verbs in _INSTALLS.items()):
        return not {"-g", "--global"} & set(words)
    if command.runs("pip", "install") or command.runs("pip3", "install"):
        return "-r" in words or "--requirement" in words
    if command.runs("go", "mod"):
        return "download" in words
    return any(word.startswith(("dependency:go-offline", "dependency:resolve")) for word in words)


def _is_whole(copy: Instruction) -> bool:
    return not flag_values(copy.flags, "from") and any(
        source.strip("\"'") in (".", "./", "/", "*", "./*") for source in copy.arguments[:-1]
    )
