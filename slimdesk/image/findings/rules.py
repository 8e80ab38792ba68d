"""Bodies that findings look at."""

from __future__ import annotations

from slimdesk.image.interests import Rule

LOOKS: tuple[Rule, ...] = ()
