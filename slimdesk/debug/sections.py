"""A script's answer in named parts: what each part holds is untrusted, so the line between them is a word nobody can guess."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Script:
    """A POSIX shell script for a helper, and the word that begins a part of its answer: `mark NAME`, a line of its own."""

    text: str
    arguments: tuple[str, ...] = ()
    mark: str = field(default_factory=lambda: secrets.token_hex(12))

    @property
    def command(self) -> tuple[str, ...]:
        """The words to run; in the script $1 is the mark, the arguments follow."""
        return ("sh", "-c", self.text, "sh", self.mark, *self.arguments)

    def parts(self, out: bytes) -> list[tuple[str, bytes]]:
        """Return (name, bytes) of each part of what it wrote, in order; what stands before the first is left out."""
        begin = f"{self.mark} ".encode()
        found = []
        for piece in (b"\n" + out).split(b"\n" + begin)[1:]:
            name, _, body = piece.partition(b"\n")
            found.append((name.decode("utf-8", "replace"), body))
        return found


def read_text(data: bytes) -> str:
    """Return bytes that somebody else wrote as text; what is no UTF-8 is replaced."""
    return data.decode("utf-8", "replace")
