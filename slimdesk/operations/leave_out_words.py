"""What comes of asking to leave something out: the changes, the gain, and what to say of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from slimdesk.catalog.model import Family
from slimdesk.operations.leave_out_gain import NOTHING, Gain
from slimdesk.operations.variant_text import VariantText


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


def changes_of(text: VariantText, after: str, why: str, root: Path | None = None) -> Change:
    """Return the change of a Dockerfile: the project's file, or the text of a variant that SlimDesk writes."""
    if text.path is None:
        return Change(f"Dockerfile of {text.family}", text.text, after, why, variant=True)
    path = text.path
    name = path.relative_to(root).as_posix() if root is not None and path.is_relative_to(root) else path.name
    return Change(name, text.text, after, why)
