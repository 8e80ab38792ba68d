"""From the known cause of a failed start to the least change of the Dockerfile that mends it: one row per cause.

A cause is a kind of `verify.diagnose` and what it is about. Nothing here tries anything: whoever asks builds and verifies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from slimdesk.basics.errors import DockerfileError, SlimDeskError
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage
from slimdesk.dockerfile.edits import apply_edits
from slimdesk.dockerfile.model import Dockerfile, Instruction
from slimdesk.dockerfile.parse import parse
from slimdesk.recipes import fixes_files, fixes_packages, fixes_start
from slimdesk.recipes.fixes_model import MARK, PRAGMA, Ailing, Change, Mend

_BY_CAUSE: dict[str, Callable[[Ailing], Change | None]] = {
    "no-tmp": fixes_files.temporary,
    "no-certificates": fixes_files.certificates,
    "no-time-zones": fixes_files.time_zones,
    "no-passwd": fixes_files.passwd,
    "no-permission": fixes_files.writable,
    "no-library": fixes_packages.library,
    "no-fonts": fixes_packages.fonts,
    "no-shell": fixes_start.without_shell,
    "no-program": fixes_start.program,
    "not-executable": fixes_start.executable,
    "no-user": fixes_start.numeric_user,
}


def mend_of(
    cause: tuple[str, str],
    text: str,
    target: str,
    catalog: Catalog,
    *,
    base: BaseImage | None = None,
    user: str = "0",
    reference: Callable[[str], str] = str,
) -> Mend | None:
    """Return the mend of a Dockerfile whose image failed for `cause` (kind, subject); None where none is known.

    `target` is the stage that ships, `base` the catalogue's image below it if it has one, `user` what the image runs as,
    `reference` turns an image's name into what is to be written (mirrors, digests). The result was read back: BuildKit
    takes it.
    """
    make = _BY_CAUSE.get(cause[0])
    if make is None:
        return None
    try:
        ailing = Ailing.of(cause, text, target, catalog, base=base, user=user, reference=reference)
        change = make(ailing)
        if change is None:
            return None
        mended = apply_edits(text, ailing.edits(change))
        parse(mended)
    except (DockerfileError, SlimDeskError, ValueError):
        return None
    if mended == text:
        return None
    return Mend(cause[0], cause[1], change.title, change.reason, change.lines, mended)


def general_mend(cause: tuple[str, str], catalog: Catalog, base: str = "", user: str = "0") -> Mend | None:
    """Return the mend for an image whose Dockerfile is not known; `base` is the image that it says it stands on."""
    first = f"FROM {base or 'scratch'}\n"
    numeric = f"USER {user}\n" if user.replace(":", "").isdigit() and user != "0" else ""
    known = next((one for one in catalog.images if base and one.reference == base), None)
    return mend_of(cause, f"{first}{numeric}", "", catalog, base=known, user=user)


def with_mend_reasons(dockerfile: Dockerfile, text: str) -> Dockerfile:
    """Give instructions below a mend's comment the reason that it says."""
    lines = text.split("\n")

    def told(one: Instruction) -> Instruction:
        comments = [line.strip() for line in lines[max(0, one.line - 3) : max(0, one.line - 1)]]
        above = next((line for line in reversed(comments) if not line.startswith(PRAGMA)), "")
        return replace(one, reason=above.removeprefix(MARK)) if above.startswith(MARK) else one

    def each(found: Sequence[Instruction]) -> tuple[Instruction, ...]:
        return tuple(told(one) for one in found)

    stages = tuple(replace(stage, instructions=each(stage.instructions)) for stage in dockerfile.stages)
    return replace(dockerfile, stages=stages)
