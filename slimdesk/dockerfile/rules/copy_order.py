"""All sources are copied before the dependencies are installed, so every change of a line installs them again."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.commands import Command, commands
from slimdesk.dockerfile.edits import Edit, Lines
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


_MANIFESTS = {
    "npm": "package*.json", "yarn": "package.json yarn.lock", "pnpm": "package.json pnpm-lock.yaml", "bun": "package.json bun.lock",
    "poetry": "pyproject.toml poetry.lock", "pipenv": "Pipfile Pipfile.lock", "bundle": "Gemfile Gemfile.lock",
    "composer": "composer.json composer.lock", "go": "go.mod go.sum",
}  # fmt: skip


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """Move the copy of everything behind the install, and copy the manifests before it."""
    whole = view.at(finding.line)
    stage = next((one for one in view.stages if whole in one.stage.instructions), None)
    if whole is None or stage is None or len(whole.arguments) != 2:
        return ()
    own = stage.stage.instructions
    later = own[own.index(whole) + 1 :]
    install = next(
        (one for one in later if one.keyword == "RUN" and any(map(_installs, commands(one)))), None
    )
    between = later[: later.index(install)] if install is not None else ()
    # Something else that runs in between may need the sources.
    if (
        install is None
        or len(commands(install)) > 1
        or any(one.keyword in ("RUN", "COPY", "ADD") for one in between)
    ):
        return ()
    manifests = _manifests(commands(install)[0])
    if manifests is None:
        return ()
    target = whole.arguments[1].rstrip("/") + "/"
    return (
        lines.replaced(whole, f"COPY {manifests} {target}"),
        lines.after(install, lines.at(whole)),
    )


def _manifests(command: Command) -> str | None:
    """The files that an install reads; None where that is not plain."""
    if command.runs("pip", "install") or command.runs("pip3", "install"):
        names = [word for flag, word in pairwise(command.words) if flag in ("-r", "--requirement")]
        return (
            names[0]
            if len(names) == 1 and not {"-e", "."} & set(command.words) and "/" not in names[0]
            else None
        )
    return next((names for program, names in _MANIFESTS.items() if command.after(program) is not None), None)
