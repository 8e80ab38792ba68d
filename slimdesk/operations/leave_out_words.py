"""What comes of asking to leave something out: the changes, the gain, and what to say of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from slimdesk.catalog.model import Family
from slimdesk.operations.leave_out_gain import NOTHING, Gain
from slimdesk.operations.variant_text import VariantText

MAX_FILE = 32 << 20
# The byte order mark that some editors put in front.
_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Change:
    """One file: its path from the project, the text that it has ("" where there is none) and would have, and why.

    `variant`: it is no file but the Dockerfile of a variant that SlimDesk writes, which an edit freezes.
    """

    path: str
    before: str
    after: str
    why: str
    variant: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The answer. `brings`: sentences without a full stop, from the place in the project to the image.

    gain: what the next build gains. reason: why there are no changes, "" where there are some. cautions: what may break.
    commands: what a person runs after it. family: a base image without it, where only that helps.
    """

    what: str
    brings: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    gain: Gain = NOTHING
    reason: str = ""
    cautions: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    family: Family | None = None


def shown(text: str) -> str:
    """Return a file's text as it can be shown: bytes that are no UTF-8 become replacement marks."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def changes_of(text: VariantText, after: str, why: str, root: Path | None = None) -> Change:
    """Return the change of a Dockerfile: the project's file, or the text of a variant that SlimDesk writes or a person edits."""
    if text.path is None or text.edited:
        return Change(f"Dockerfile of {text.family}", text.text, after, why, variant=True)
    path = text.path
    name = path.relative_to(root).as_posix() if root is not None and path.is_relative_to(root) else path.name
    now = read_text(path)
    plain = (now or "").removeprefix(_MARK).replace("\r\n", "\n")
    if now is None or now == text.text or plain != text.text:
        return Change(name, text.text, after, why)
    # It was read with plain line ends; it is written with its own.
    own = after.replace("\n", "\r\n") if "\r\n" in now else after
    return Change(name, now, f"{_MARK if now.startswith(_MARK) else ''}{own}", why)


def read_text(path: Path) -> str | None:
    """Return a file's text; None where there is none, it is a link, too large or unreadable. Undecodable bytes stay as they are."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_FILE:
            return None
        return path.read_bytes().decode("utf-8", errors="surrogateescape")
    except OSError:
        return None


def sentence(text: str) -> str:
    """Return words as a sentence begins."""
    return f"{text[:1].upper()}{text[1:]}"
