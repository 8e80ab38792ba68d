"""A folder of a running container, as a helper beside it lists it: also what is mounted there, and what is in memory."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from typing import Literal

from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import visible
from slimdesk.debug.sections import Script, read_text
from slimdesk.debug.survey import Survey

EntryKind = Literal["file", "folder", "link", "other"]
# More than that nobody reads; the tool stops there, so that a mail spool does not fill the memory.
MOST = 20_000
# $2 is what stands before each path (the target's root, or nothing where / is it), $3 the folder.
_LIST = r"""
cd -- "$2$3" 2>/dev/null || { echo "$1 refused"; ls -d -- "$2$3" 2>&1; exit 0; }
echo "$1 begin"
find . ! -name . -prune -exec stat -c "$1 entry
%f %s %u %g %Y
%n
%N" {} +  2>/dev/null | head -n "$4"
"""
_READ = r"""
if [ -d "$2$3" ]; then echo "$1 folder"; exit 0; fi
if [ ! -r "$2$3" ]; then echo "$1 refused"; ls -d -- "$2$3" 2>&1; exit 0; fi
echo "$1 file"; head -c "$4" -- "$2$3"
"""


@dataclass(frozen=True, slots=True)
class FolderEntry:
    """One entry. `name` is as it stands (show it with `visible`), `mode` its permission bits, `modified` seconds since 1970.

    `target` is where a link leads, "" for anything else.
    """

    name: str
    kind: EntryKind
    size: int
    mode: int
    uid: int
    gid: int
    modified: int
    target: str = ""


def listing(survey: Survey, path: str) -> Script:
    """Return what lists a folder of the target. Raises BadInput for a path that is not absolute."""
    return _among_files(survey, _LIST, path, str(MOST * 4))


def reading(survey: Survey, path: str, limit: int) -> Script:
    """Return what reads the first `limit` bytes of a file of the target. Raises BadInput for a path that is not absolute."""
    return _among_files(survey, _READ, path, str(limit))


def parse_listing(asked: Script, out: bytes, path: str) -> tuple[FolderEntry, ...]:
    """Read the answer: folders first, then by name. Raises BadInput with the reason where it cannot be listed."""
    found = []
    for name, body in asked.parts(out):
        if name == "refused":
            raise BadInput(
                f"{visible(path, 200)} cannot be listed", _reason(body), "Choose a folder that is there"
            )
        if name == "entry":
            entry = _entry(read_text(body))
            if entry is not None:
                found.append(entry)
    return tuple(sorted(found, key=lambda one: (one.kind != "folder", one.name)))


def parse_reading(asked: Script, out: bytes, path: str) -> bytes:
    """Return the file's bytes. Raises BadInput with the reason where it cannot be read."""
    begin = f"{asked.mark} file\n".encode()
    if out.startswith(begin):
        return out[len(begin) :]
    for name, body in asked.parts(out):
        why = "it is a folder" if name == "folder" else _reason(body)
        raise BadInput(f"{visible(path, 200)} cannot be read", why, "Choose a file that is there")
    raise BadInput(f"{visible(path, 200)} cannot be read", "the helper did not answer", "Try again")


def _among_files(survey: Survey, text: str, path: str, last: str) -> Script:
    if not path.startswith("/") or "\0" in path:
        raise BadInput(
            f"{visible(path, 100)} is no path in the container", "", "Give an absolute one, such as /etc"
        )
    if survey.files == "yes":
        return ChrootScript(text, ("", path, last), survey=survey)
    # Links to absolute paths lead to the toolbox's own files then: this is as far as these tools see.
    return Script(text, (f"/proc/{survey.app}/root", path, last))


@dataclass(frozen=True, slots=True)
class ChrootScript(Script):
    """A script that runs among the target's files with the helper's tools, so that its links lead where they do there."""

    survey: Survey | None = None

    @property
    def command(self) -> tuple[str, ...]:
        """The words to run in the helper."""
        if self.survey is None:
            return Script(self.text, self.arguments, self.mark).command
        shell = f"/proc/{self.survey.own}/root{self.survey.shell}"
        text = f"PATH='{self.survey.path}'; export PATH\n{self.text}"
        return (
            "chroot",
            f"/proc/{self.survey.app}/root",
            shell,
            "-c",
            text,
            "sh",
            self.mark,
            *self.arguments,
        )


def _entry(text: str) -> FolderEntry | None:
    """First the numbers, then the name (which may hold ends of line), then the name as stat quotes it with a link's target."""
    numbers, _, rest = text.rstrip("\n").partition("\n")
    words = numbers.split()
    if len(words) != 5:
        return None
    try:
        mode, size, uid, gid, modified = int(words[0], 16), *(int(word) for word in words[1:])
    except ValueError:
        return None
    kind: EntryKind = (
        "link"
        if stat.S_ISLNK(mode)
        else "folder"
        if stat.S_ISDIR(mode)
        else "file"
        if stat.S_ISREG(mode)
        else "other"
    )
    name, shown = _halves(rest)
    target = shown.partition(" -> ")[2].strip("'\"") if kind == "link" else ""
    name = name.removeprefix("./")
    return FolderEntry(name, kind, size, stat.S_IMODE(mode), uid, gid, modified, target) if name else None


def _halves(text: str) -> tuple[str, str]:
    """Split the name from itself once more: BusyBox repeats it as it is, coreutils in quotes with what is odd escaped."""
    at = text.find("\n")
    while at >= 0:
        name, shown = text[:at], text[at + 1 :]
        if shown.removeprefix("'").startswith(name):
            return name, shown
        at = text.find("\n", at + 1)
    name, _, shown = text.rpartition("\n")
    return name or shown, shown


def _reason(body: bytes) -> str:
    said = read_text(body).lower()
    if "permission denied" in said:
        return "its user may not enter it"
    if "no such file" in said:
        return "it is not there"
    return "it is no folder" if said.strip() else "it is not there"
