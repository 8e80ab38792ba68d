"""How the image is started: exec form, the right path, a program that may be executed, a user that needs no entry."""

from __future__ import annotations

import posixpath
from dataclasses import replace

from slimdesk.dockerfile.compose import user
from slimdesk.dockerfile.model import Instruction
from slimdesk.recipes.fixes_files import destinations
from slimdesk.recipes.fixes_model import Ailing, Change, Put

_STARTS = ("ENTRYPOINT", "CMD")
_SHELL_SIGNS = frozenset("$&|;<>()`\"'*?~\\")
# Debian's nobody; distroless' nonroot.
_NOBODY = 65532


def without_shell(ailing: Ailing) -> Change | None:
    """ENTRYPOINT and CMD in exec form, where their words are plain."""
    reason = "The image has no shell, so the program is started by itself."
    puts = []
    for one in _starts(ailing):
        if one.form != "shell" or not one.arguments:
            continue
        words = one.arguments[-1].removeprefix("exec ").split()
        if _SHELL_SIGNS & set(one.arguments[-1]) or not words:
            return None
        puts.append(_instead(one, replace(one, arguments=tuple(words), form="exec", heredocs=(), layout=())))
    return Change("Start it without a shell", reason, tuple(puts)) if puts else None


def program(ailing: Ailing) -> Change | None:
    """The path at which the program was copied in."""
    wanted = ailing.subject
    if not wanted:
        return None
    name = posixpath.basename(wanted)
    places = [
        place
        for one in ailing.stage.instructions
        if one.keyword in ("COPY", "ADD") and not one.heredocs
        for place in _paths(ailing, one)
    ]
    found = list(dict.fromkeys(place for place in places if posixpath.basename(place) == name))
    if len(found) != 1 or found[0] == wanted:
        return None
    start = next(
        (one for one in _starts(ailing) if one.form == "exec" and one.arguments[:1] == (wanted,)), None
    )
    if start is None:
        return None
    reason = f"The program is at {found[0]}; there is no {wanted}."
    line = replace(start, arguments=(found[0], *start.arguments[1:]))
    return Change(f"Start {found[0]}", reason, (_instead(start, line),))


def executable(ailing: Ailing) -> Change | None:
    """The permission to execute what was copied."""
    for one in reversed(ailing.stage.instructions):
        if one.keyword in ("COPY", "ADD") and not one.heredocs and ailing.subject in _paths(ailing, one):
            reason = f"{ailing.subject} is started, and nobody may execute it."
            flags = tuple(flag for flag in one.flags if not flag.startswith("--chmod="))
            line = replace(one, flags=(*flags, "--chmod=0755"))
            return Change(f"Make {ailing.subject} executable", reason, (_instead(one, line),))
    return None


def numeric_user(ailing: Ailing) -> Change | None:
    """A user by number instead of a name that the image does not know."""
    last = next((one for one in reversed(ailing.stage.instructions) if one.keyword == "USER"), None)
    if last is None or last.arguments[0].partition(":")[0] in ("0", "root"):
        return None
    base = ailing.base
    uid, gid = (base.run_user, base.run_group) if base is not None else (_NOBODY, _NOBODY)
    reason = f"The image has no entry for {last.arguments[0]} in /etc/passwd; a number needs none."
    return Change(f"Run as {uid}:{gid}", reason, (_instead(last, user(uid, gid, reason)),))


def _starts(ailing: Ailing) -> tuple[Instruction, ...]:
    """The last ENTRYPOINT and the last CMD of the stage, in the order of the file."""
    found = [
        next((one for one in reversed(ailing.stage.instructions) if one.keyword == keyword), None)
        for keyword in _STARTS
    ]
    return tuple(sorted((one for one in found if one is not None), key=lambda one: one.line))


def _paths(ailing: Ailing, one: Instruction) -> tuple[str, ...]:
    """Where a COPY puts its files, relative ones below the WORKDIR in force."""
    found = destinations(one)
    if found:
        return found
    folder = "/"
    for other in ailing.stage.instructions:
        if other is one:
            break
        if other.keyword == "WORKDIR":
            folder = posixpath.join(folder, other.arguments[0])
    *sources, target = one.arguments
    placed = posixpath.normpath(posixpath.join(folder, target))
    if target.endswith("/") or target == "." or len(sources) > 1:
        return tuple(posixpath.join(placed, posixpath.basename(source.rstrip("/"))) for source in sources)
    return (placed,)


def _instead(old: Instruction, new: Instruction) -> Put:
    return Put(old.line, (new,), old.end_line)
