"""A finding: something worth telling, with its severity, its place and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Finding:
    """`rule` is a stable word such as shell-form; `bytes` is what the fix would gain, where that is known.

    paths: all its places where there are several, as they stand in the image (not made harmless), in no JSON.
    """

    rule: str
    severity: Severity
    message: str
    path: str | None = None
    line: int | None = None
    bytes: int | None = None
    fix: str | None = None
    paths: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """All keys of a finding in the command line's JSON."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "paths"}
