"""COPY --from a place where the stage made nothing."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.commands import command_text, commands, first_program
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.model import Instruction
from slimdesk.dockerfile.view import StageView, View

RULE = "copy-path"

# Folders that base images bring, or that tools fill without being told.
_SYSTEM = frozenset({
    "bin", "boot", "dev", "etc", "home", "lib", "lib64", "media", "mnt", "opt", "proc", "root", "run", "sbin", "srv", "sys",
    "tmp", "usr", "var", "go",
})  # fmt: skip
_KNOWN = frozenset({
    "go", "cargo", "rustup", "npm", "npx", "yarn", "pnpm", "corepack", "mvn", "mvnw", "gradle", "gradlew", "javac", "java", "jar",
    "jlink", "pip", "pip3", "python", "python3", "poetry", "uv", "gcc", "g++", "cc", "c++", "clang", "apt-get", "apt", "apk", "mkdir",
    "cp", "mv", "rm", "chmod", "chown", "ls", "echo", "touch", "ln", "strip", "tsc", "ng", "dotnet", "true", "cd", "export", "useradd",
    "adduser", "addgroup", "groupadd", "set", "test", "cat", "sed", "tar",
})  # fmt: skip


def check(view: View) -> Iterator[Finding]:
    """An error where all that the stage does is known and none of it is near the path."""
    for stage in view.stages:
        if stage.index not in view.needed:
            continue
        for use in view.uses[stage.index]:
            if use.stage is None or use.instruction.keyword != "COPY" or not 0 <= use.stage < stage.index:
                continue
            source = view.stages[use.stage]
            if source.facts.shell is None or not _understood(source):
                continue
            for path in use.instruction.arguments[:-1]:
                better = _better(path, source)
                if better is not None:
                    name = source.stage.name or str(source.index)
                    message = f"The stage {name} makes nothing at {path}; it works in {_folder(source)}"
                    yield Finding(
                        RULE, "error", message, line=use.instruction.line, fix=f"{path} -> {better}"
                    )


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """The path below the stage's own folder."""
    copy = view.at(finding.line)
    old, arrow, new = (finding.fix or "").partition(" -> ")
    if copy is None or not arrow:
        return ()
    return lines.substituted(copy, rf"(?<=[\s\"]){re.escape(old)}(?=[\s\"])", new.replace("\\", "\\\\"), 1)


def _understood(stage: StageView) -> bool:
    """Whether every command of the stage is one whose places are known: a script of the project's may write anywhere."""
    for run in stage.inherited("RUN"):
        for command in commands(run):
            tool = first_program(command)
            if tool and tool not in _KNOWN:
                return False
    return not any(one.heredocs for one in stage.inherited("RUN", "COPY"))


def _folder(stage: StageView) -> str:
    """The folder in force at the stage's end."""
    here = "/"
    for one in stage.inherited("WORKDIR"):
        here = posixpath.join(here, one.arguments[0].strip("\"'"))
    return posixpath.normpath(here)


def _better(path: str, stage: StageView) -> str | None:
    """The path that was probably meant; None if this one may be there, or nothing better is known."""
    text = path.strip("\"'")
    if "$" in text or not text:
        return None
    absolute = posixpath.normpath(posixpath.join("/", text))
    top = absolute.split("/")[1]
    folder = _folder(stage)
    built = _wrong_output(absolute, folder, stage)
    if built is not None:
        return built
    if not top or top in _SYSTEM or "*" in top or "$" in folder:
        return None
    touched = _touched(stage)
    if any(_near(absolute, place) for place in touched) or folder == "/":
        return None
    rest = absolute.lstrip("/")
    # /src/target/app.jar where the stage works in /app: the same file below its own folder.
    inner = rest.partition("/")[2]
    if (
        inner
        and not text.startswith(("./", top))
        and top in ("src", "app", "build", "workspace", "code", "usr", "project", "work", "builder")
    ):
        return posixpath.join(folder, inner)
    return posixpath.join(folder, rest)


def _wrong_output(absolute: str, folder: str, stage: StageView) -> str | None:
    """Maven writes to target, Gradle to build/libs."""
    tools = {first_program(command) for run in stage.inherited("RUN") for command in commands(run)}
    maven, gradle = bool(tools & {"mvn", "mvnw"}), bool(tools & {"gradle", "gradlew"})
    if maven and not gradle and "/build/libs/" in absolute:
        return absolute.replace("/build/libs/", "/target/")
    if gradle and not maven and absolute.startswith(f"{folder.rstrip('/')}/target/"):
        return absolute.replace("/target/", "/build/libs/")
    return None


def _touched(stage: StageView) -> set[str]:
    """The folders and files that its instructions name."""
    places: set[str] = set()
    here = "/"
    for one in stage.inherited("WORKDIR", "COPY", "ADD", "RUN", "ENV", "VOLUME"):
        if one.keyword == "WORKDIR":
            here = posixpath.join(here, one.arguments[0].strip("\"'"))
            places.add(posixpath.normpath(here))
        elif one.keyword in ("COPY", "ADD"):
            places.add(posixpath.normpath(posixpath.join(here, one.arguments[-1].strip("\"'"))))
        else:
            places.update(_paths(one))
    places.discard("/")
    return places


def _paths(one: Instruction) -> set[str]:
    found = re.findall(r"(?<![\w.$}~])/[\w.@+-]+(?:/[\w.@+*-]+)*", command_text(one))
    return {posixpath.normpath(path) for path in found}


def _near(path: str, place: str) -> bool:
    return path == place or path.startswith(f"{place}/") or place.startswith(f"{path}/")
