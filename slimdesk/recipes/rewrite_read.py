"""What an author's Dockerfile says that a multi-stage one must say as well."""

from __future__ import annotations

import posixpath
import re
import shlex
from dataclasses import dataclass, field

from slimdesk.dockerfile.commands import Command, commands, first_program, installed
from slimdesk.dockerfile.flags import flag_values
from slimdesk.dockerfile.images import program
from slimdesk.dockerfile.model import Dockerfile, Instruction
from slimdesk.dockerfile.view import View, look

_SHELL_SIGNS = frozenset("&|;<>()`*?~\n")
_SHELLS = frozenset({"sh", "bash", "ash", "dash"})
# Commands that every recipe carries out in its own way.
_BUILDS = frozenset({
    "npm", "npx", "yarn", "pnpm", "bun", "corepack", "go", "cargo", "rustup", "mvn", "mvnw", "gradle", "gradlew", "javac", "jar", "pip", "pip3",
    "poetry", "uv", "pipenv", "pdm", "cmake", "make", "gcc", "g++", "cc", "c++", "clang", "meson", "ninja", "bundle", "gem", "composer", "dotnet",
    "tsc", "vite", "ng", "deno", "configure", "docker-php-ext-install", "install-php-extensions", "rustc",
})  # fmt: skip
_TIDY = frozenset({
    "apt-get", "apt", "apk", "dnf", "yum", "rm", "cd", "set", "true", "useradd", "adduser", "groupadd", "addgroup", "chown", "chmod", "echo",
    "export", "ls", "sudo", "ldconfig", "strip", "update-ca-certificates", "dpkg-reconfigure", "pwd",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the file's final image has: each instruction as it stands, with its line.

    `packages` are (name, line) of all package managers in the stages that make it; `manager` is apt or apk, None if it
    installs nothing. `start` are the words that the container starts with, None if only a shell can tell. `unknown`
    are commands that no recipe carries out. `workdir` is where the program ran.
    """

    manager: str | None = None
    packages: tuple[tuple[str, int], ...] = ()
    variables: tuple[Instruction, ...] = ()
    arguments: tuple[Instruction, ...] = ()
    labels: tuple[Instruction, ...] = ()
    volumes: tuple[Instruction, ...] = ()
    ports: tuple[Instruction, ...] = ()
    copies: tuple[Instruction, ...] = ()
    folders: dict[int, str] = field(default_factory=dict)
    signal: Instruction | None = None
    health: Instruction | None = None
    user: Instruction | None = None
    start: tuple[str, ...] | None = None
    start_line: int | None = None
    start_text: str = ""
    unknown: tuple[tuple[str, int], ...] = ()
    build_arguments: tuple[Instruction, ...] = ()
    workdir: str = "/"


def read_wishes(dockerfile: Dockerfile) -> Wishes:
    """Read the final image's wishes; the Dockerfile was parsed. Arguments of FROM are no wish: the catalogue chooses bases."""
    view = look(dockerfile)
    final = view.final
    manager, packages = _packages(view)
    start, line, text = _start(view)
    folders, workdir = _folders(view)
    return Wishes(
        manager=manager,
        packages=packages,
        variables=tuple(final.inherited("ENV")),
        arguments=tuple(final.inherited("ARG")),
        labels=tuple(final.inherited("LABEL", "MAINTAINER")),
        volumes=tuple(final.inherited("VOLUME")),
        ports=tuple(final.inherited("EXPOSE")),
        copies=tuple(final.inherited("COPY", "ADD")),
        folders=folders,
        signal=final.last("STOPSIGNAL"),
        health=final.last("HEALTHCHECK"),
        user=final.last("USER"),
        start=start,
        start_line=line,
        start_text=text,
        unknown=_unknown(view),
        build_arguments=tuple(
            one for stage in view.stages if stage.index in view.needed for one in stage.own("ARG")
        ),
        workdir=workdir,
    )


def _packages(view: View) -> tuple[str | None, tuple[tuple[str, int], ...]]:
    """Those of the final image: what a build stage installs, its recipe knows."""
    found: dict[str, int] = {}
    manager: str | None = None
    for run in view.final.inherited("RUN"):
        for command in commands(run):
            one = installed(command)
            if one is None:
                continue
            manager = "apk" if one[0] == "apk" else "apt" if one[0].startswith("apt") else "other"
            for name in one[1]:
                found.setdefault(name, run.line)
    return manager, tuple(found.items())


def _start(view: View) -> tuple[tuple[str, ...] | None, int | None, str]:
    entry, command = view.final.last("ENTRYPOINT"), view.final.last("CMD")
    said = entry or command
    if said is None:
        return None, None, ""
    first = _words(entry) if entry is not None else view.final.facts.entrypoint or ()
    # ENTRYPOINT in shell form ignores CMD; docker-entrypoint.sh of an official image hands over to it.
    if first and program(first) == "docker-entrypoint.sh":
        first = ()
    more = () if command is None or (entry is not None and entry.form == "shell") else _words(command)
    text = " ".join((*(entry.arguments if entry else ()), *(command.arguments if command else ())))
    if first is None or more is None or not (*first, *more):
        return None, said.line, text
    return (*first, *more), said.line, text


def _words(instruction: Instruction) -> tuple[str, ...] | None:
    """Words of exec form, or of a shell form that needs no shell; sh -c of a plain command too. None if only a shell can tell."""
    words = instruction.arguments
    if instruction.form == "exec":
        if len(words) == 3 and program(words) in _SHELLS and words[1] == "-c":
            return _plain(words[2])
        return None if words and program(words) in _SHELLS else words
    return _plain(words[0]) if words else ()


def _plain(text: str) -> tuple[str, ...] | None:
    bare = text.strip().removeprefix("exec ")
    if _SHELL_SIGNS & set(bare) or "$" in bare:
        return None
    try:
        return tuple(shlex.split(bare))
    except ValueError:
        return None


def _folders(view: View) -> tuple[dict[int, str], str]:
    """The folder in force at each COPY of the final image, by line, and at its end."""
    here = "/"
    found: dict[int, str] = {}
    for one in view.final.inherited("WORKDIR", "COPY", "ADD"):
        if one.keyword == "WORKDIR":
            here = posixpath.normpath(posixpath.join(here, one.arguments[0].strip("\"'")))
        else:
            found[one.line] = here
    return found, here


def _unknown(view: View) -> tuple[tuple[str, int], ...]:
    """Commands, of every stage that is built, that are neither building nor tidying up."""
    found: list[tuple[str, int]] = []
    for stage in view.stages:
        if stage.index not in view.needed:
            continue
        for run in stage.own("RUN"):
            found.extend((" ".join(one.words), run.line) for one in commands(run) if _is_unknown(one))
    return tuple(found)


def _is_unknown(command: Command) -> bool:
    tool = first_program(command)
    if not tool or tool in _BUILDS or tool in _TIDY or installed(command) is not None:
        return False
    if re.fullmatch(r"python3?(?:\.\d+)?", tool):
        return not re.search(r"-m (?:pip|venv|ensurepip)\b|setup\.py", " ".join(command.words))
    return True


def copied_from_context(copy: Instruction) -> bool:
    """Whether a COPY takes files of the build context."""
    return not flag_values(copy.flags, "from") and not copy.heredocs
