"""A Dockerfile as data: stages of instructions, each with the reason why it is there.

The same model comes from the parser and from the recipes; lines are 0 until it is parsed or written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from slimdesk.project.model import Evidence

Form = Literal["exec", "shell"]


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction. `keyword` is in capitals; `flags` are whole words such as --from=build.

    `arguments`: the words of exec form; one text for shell form; else the words as written. `layout` is how a long
    shell command is broken over lines when it is written (joined by a continuation). `heredocs` are their bodies.
    """

    keyword: str
    arguments: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    form: Form | None = None
    heredocs: tuple[str, ...] = ()
    layout: tuple[str, ...] = ()
    line: int = 0
    end_line: int = 0
    reason: str = ""
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """One FROM and what follows it; its first instruction is the FROM itself."""

    instructions: tuple[Instruction, ...]
    name: str | None = None
    base: str = "scratch"
    platform: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """Directives (syntax, escape, check), the ARGs before the first FROM, and the stages in order."""

    stages: tuple[Stage, ...]
    directives: dict[str, str] = field(default_factory=dict)
    arguments: tuple[Instruction, ...] = ()

    def instructions(self) -> Iterator[Instruction]:
        """Every instruction in the order of the file."""
        yield from self.arguments
        for stage in self.stages:
            yield from stage.instructions

    def stage(self, name: str) -> Stage | None:
        """Return the stage of that name."""
        return next((stage for stage in self.stages if stage.name == name), None)
