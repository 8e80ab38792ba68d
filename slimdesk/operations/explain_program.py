"""Why a program in a container cannot be started, from its first bytes: the engine's own message leaves several causes open."""

from __future__ import annotations

import stat
from collections.abc import Callable
from functools import partial

from slimdesk.basics.errors import SlimDeskError
from slimdesk.basics.escaping import visible
from slimdesk.engine.details import ContainerDetails
from slimdesk.engine.endpoint import Endpoint
from slimdesk.engine.engine import Engine
from slimdesk.engine.file_out import ContainerFiles, FileStat
from slimdesk.engine.threads import in_thread
from slimdesk.image.elf_head import HEAD, read_head
from slimdesk.image.table import Kind
from slimdesk.image.tarstream import TarStream
from slimdesk.verify.diagnose import Diagnosis

# Of these the message does not say which of several causes it is.
OPEN = ("no-loader", "wrong-platform", "not-executable")
# Processors that run the programs of others too.
_ALSO = {"amd64": ("386",), "arm64": ("arm",)}
_USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_LONGEST_LINE = 256
_MOST_LINKS = 8


async def look_closer(engine: Engine, container: str, found: Diagnosis) -> Diagnosis:
    """Return what the program itself tells of why it was not started; `found` where that is nothing more, or it cannot be read."""
    if found.kind not in OPEN:
        return found
    try:
        details = await engine.container_details(container)
        closer = await in_thread(
            partial(_look, engine.settings, details, engine.known.platform or "", found), name="look"
        )
    except SlimDeskError:
        return found
    return closer or found


def of_program(
    path: str, mode: int, head: bytes, machine: str, found: Callable[[str], bool]
) -> Diagnosis | None:
    """Return why a file cannot be started, None where nothing speaks against it.

    `mode` is stat(2)'s, `head` its first bytes, `machine` the engine's processor as platforms name it ("" = not known);
    `found` tells whether a path, or a name on PATH, is there.
    """
    name = visible(path, 120)
    if stat.S_ISDIR(mode):
        return _told("not-executable", f"{name} is a folder. Name a program in it.", path)
    if not mode & 0o111:
        words = f"{name} may be executed by nobody (mode {stat.S_IMODE(mode):04o}). Set its mode in the image: COPY --chmod=0755."
        return _told("not-executable", words, path)
    if head[:2] == b"#!":
        return _of_script(name, path, head, found)
    elf = read_head(head)
    if elf is None:
        what = "is empty" if not head else "is neither a program nor a script that begins with #!"
        return _told("wrong-platform", f"{name} {what}.", path)
    if machine and elf.architecture and elf.architecture not in (machine, *_ALSO.get(machine, ())):
        words = f"{name} is made for {elf.architecture}, and this engine's processor is {machine}. Build it for linux/{machine}."
        return _told("wrong-platform", words, path)
    if elf.loader and not found(elf.loader):
        libc = "musl" if "musl" in elf.loader else "glibc"
        words = (
            f"{name} is linked against {libc}: it is loaded by {visible(elf.loader, 120)}, which is not in the image. "
            f"Link it statically (CGO_ENABLED=0 for Go, a musl target for Rust), or choose a family with {libc}."
        )
        return _told("no-loader", words, path)
    return None


def _of_script(name: str, path: str, head: bytes, found: Callable[[str], bool]) -> Diagnosis | None:
    line = head[2:_LONGEST_LINE].split(b"\n", 1)[0]
    if line.endswith(b"\r"):
        words = (
            f"{name} is a script with Windows line ends: its first line asks for a program whose name ends in one. "
            "Save it with LF alone (.gitattributes: *.sh text eol=lf)."
        )
        return _told("windows-line-ends", words, path)
    asked = line.decode("utf-8", "replace").split()
    if not asked:
        return _told("no-loader", f"{name} is a script whose first line names no program behind #!.", path)
    behind_env = [word for word in asked[1:] if not word.startswith("-") and "=" not in word]
    needed = [asked[0], *(behind_env[:1] if asked[0].endswith("/env") else ())]
    missing = next((one for one in needed if not found(one)), None)
    if missing is None:
        return None
    words = (
        f"{name} is a script for {visible(missing, 120)}, which is not in the image. "
        "Name the program itself as a JSON list, or choose a family that has it."
    )
    return _told("no-loader", words, path)


def _told(kind: str, message: str, path: str) -> Diagnosis:
    return Diagnosis(kind, message, image=True, subject=path)


def _look(endpoint: Endpoint, details: ContainerDetails, platform: str, found: Diagnosis) -> Diagnosis | None:
    path = found.subject or (details.command[0] if details.command else "")
    folders = (dict(details.environment).get("PATH") or _USUAL_PATH).split(":")
    with ContainerFiles(endpoint, details.record.container_id) as files:
        here = _there(files, folders, path)
        if here is None:
            return None
        place, told = here
        head = b"" if stat.S_ISDIR(told.mode) else _first_bytes(files, place)
        machine = platform.partition("/")[2].partition("/")[0]
        return of_program(
            path, told.mode, head, machine, lambda name: _there(files, folders, name) is not None
        )


def _first_bytes(files: ContainerFiles, place: str) -> bytes:
    with files.tar(place) as pieces:
        stream = TarStream(pieces, visible(place, 80))
        for header in stream:
            if header.kind != Kind.FILE:
                break
            head = bytearray()
            for piece in stream.body():
                head += piece
                if len(head) >= HEAD:
                    break
            return bytes(head[:HEAD])
    return b""


def _there(files: ContainerFiles, folders: list[str], name: str) -> tuple[str, FileStat] | None:
    """Return where a program is, links followed, and what stands there."""
    candidates = [name] if "/" in name else [f"{one}/{name}" for one in folders if one.startswith("/")]
    for place in candidates:
        path = place
        told = files.stat(path) if path.startswith("/") else None
        for _ in range(_MOST_LINKS):
            if told is None or not stat.S_ISLNK(told.mode):
                break
            path = told.target
            told = files.stat(path)
        if told is not None and not stat.S_ISLNK(told.mode):
            return path, told
    return None
