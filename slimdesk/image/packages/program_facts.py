"""What is kept of a file that may be executed: the look at it and the readers of packages both know these words."""

from __future__ import annotations

from dataclasses import dataclass

WORD = "program"


@dataclass(frozen=True, slots=True)
class BuildInfo:
    """go: release such as go1.26.1, empty if not known. modules: lines of path, mod, dep and =>, parted by tabs."""

    go: str
    modules: str


@dataclass(frozen=True, slots=True)
class Program:
    """interpreter: of a script. loader: of a linked program. go: text of its build information. rust: JSON of cargo-auditable."""

    interpreter: str | None = None
    loader: str | None = None
    go: BuildInfo | None = None
    rust: bytes | None = None
