"""Results with their age: a build, an analysis, a verification, each with what it was made from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from slimdesk.basics import clock
from slimdesk.workspace.fingerprint import Fingerprint

if TYPE_CHECKING:
    from slimdesk.engine.model import BuildResult
    from slimdesk.image.model import Image
    from slimdesk.verify.model import Verification

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class VariantId:
    """Which variant: `family` is a family's word, or `yours` or `baseline` for a reference; platform None = the engine's."""

    component: str
    family: str
    debug: bool = False
    platform: str | None = None

    @property
    def reference(self) -> bool:
        """Whether the others are measured against it."""
        return self.family in ("yours", "baseline")


@dataclass(frozen=True, slots=True)
class Made(Generic[T]):
    """A result, what it was made from and when (UTC)."""

    value: T
    fingerprint: Fingerprint
    when: dt.datetime = field(default_factory=clock.now)

    def older(self, now: Fingerprint | None) -> tuple[str, ...]:
        """Return what has changed since, in words; empty where it still holds or nothing is known."""
        return () if now is None else self.fingerprint.changed(now)


@dataclass(frozen=True, slots=True)
class VariantResults:
    """All that is known of one variant; `now` is what it would be made from at this moment."""

    build: Made[BuildResult] | None = None
    analysis: Made[Image] | None = None
    verification: Made[Verification] | None = None
    now: Fingerprint | None = None

    @property
    def changes(self) -> tuple[str, ...]:
        """What has changed since it was built; such a result is shown as "older" and is in no verdict."""
        return self.build.older(self.now) if self.build else ()
