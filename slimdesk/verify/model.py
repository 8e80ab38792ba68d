"""How an image is to be run, and the verdict on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from slimdesk.verify.diagnose import Diagnosis

Verdict = Literal["runs", "fails", "not-proven"]
Kind = Literal["service", "command"]


@dataclass(frozen=True, slots=True)
class RunProfile:
    """How production would start it. `environment` may hold secrets: it is never written anywhere.

    `port` None = a command that must end with `exit_code`; else a service that must answer on it. `http` None = try
    GET /, and where nothing speaks HTTP, TCP. `timeout` is in seconds. `required` are variables that the code cannot do
    without: if one is not set and the program ends, that is no fault of the image.
    """

    port: int | None = None
    http: str | None = None
    status: int | None = None
    expect: str | None = None
    exit_code: int = 0
    timeout: float = 30.0
    environment: dict[str, str] = field(default_factory=dict)
    volumes: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    stdin: str | None = None
    read_only: bool = False
    platform: str | None = None
    required: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        """A service has a port."""
        return "command" if self.port is None else "service"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `passed` None = not done."""

    name: str
    passed: bool | None
    seconds: float | None
    message: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The verdict, and all that led to it. `exit_code` None: it was still running. Times are seconds.

    `user` is what the image says it runs as, "0" where it says nothing. `first_answer` is counted from the start; of
    several runs it is the median. Of the checks `user` and `stops` are advice: they do not decide the verdict. `fault` is
    what went wrong in the image's own run; None if nothing did.
    """

    verdict: Verdict
    reason: str
    kind: Kind
    port: int | None = None
    http_status: int | None = None
    exit_code: int | None = None
    first_answer: float | None = None
    seconds: float = 0.0
    user: str | None = None
    emulated: bool = False
    checks: tuple[Check, ...] = ()
    log: tuple[str, ...] = ()
    fault: Diagnosis | None = None
