"""Changes to the lines of a Dockerfile's text, as a quick fix makes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from slimdesk.dockerfile.model import Instruction


@dataclass(frozen=True, slots=True)
class Edit:
    """Lines `start_line` to `end_line` (from 1, both included) become `text`, whose lines end with a newline.

    `end_line` = `start_line` - 1 puts the text before `start_line`; an empty text takes the lines away.
    """

    start_line: int
    end_line: int
    text: str


@dataclass(frozen=True, slots=True)
class Lines:
    """A Dockerfile's text, line by line."""

    lines: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Lines:
        """Split at the newlines that BuildKit knows."""
        lines = text.split("\n")
        if lines and lines[-1] == "":
            lines.pop()
        return cls(tuple(lines))

    def at(self, instruction: Instruction) -> str:
        """The instruction as it stands, its continuations and heredocs included, with newlines."""
        return "".join(f"{line}\n" for line in self.lines[instruction.line - 1 : instruction.end_line])

    def replaced(self, instruction: Instruction, text: str) -> Edit:
        """The edit that puts `text` in the instruction's place."""
        return Edit(instruction.line, instruction.end_line, ended(text))

    def substituted(
        self, instruction: Instruction, pattern: str, by: str | Callable[[re.Match[str]], str], count: int = 0
    ) -> tuple[Edit, ...]:
        """The edit that substitutes a pattern in the instruction's lines; none where it does not occur."""
        old = self.at(instruction)
        new = re.sub(pattern, by, old, count=count)
        return () if new == old else (self.replaced(instruction, new),)

    def removed(self, instruction: Instruction) -> Edit:
        """The edit that takes the instruction away."""
        return Edit(instruction.line, instruction.end_line, "")

    def before(self, instruction: Instruction, text: str) -> Edit:
        """The edit that puts lines before the instruction."""
        return Edit(instruction.line, instruction.line - 1, ended(text))

    def after(self, instruction: Instruction, text: str) -> Edit:
        """The edit that puts lines behind the instruction."""
        return Edit(instruction.end_line + 1, instruction.end_line, ended(text))


def ended(text: str) -> str:
    """Return the text with a newline at its end, if it is not empty."""
    return text if not text or text.endswith("\n") else f"{text}\n"


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with all edits made; they speak of the text as it is given.

    Raises ValueError for edits that overlap or lie outside of the text.
    """
    lines = list(Lines.of(text).lines)
    ordered = sorted(edits, key=lambda edit: (edit.start_line, edit.end_line))
    before = 0
    for edit in ordered:
        if not before < edit.start_line <= len(lines) + 1 or not edit.start_line - 1 <= edit.end_line <= len(
            lines
        ):
            raise ValueError(f"an edit of the lines {edit.start_line} to {edit.end_line} does not fit")
        before = max(before, edit.end_line)
    for edit in reversed(ordered):
        lines[edit.start_line - 1 : edit.end_line] = edit.text.split("\n")[:-1] if edit.text else []
    return "".join(f"{line}\n" for line in lines)
