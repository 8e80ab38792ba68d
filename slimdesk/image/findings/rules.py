"""Bodies that findings look at."""

from __future__ import annotations

from slimdesk.image.findings import dev_dependencies, secret_looks
from slimdesk.image.interests import Rule

LOOKS: tuple[Rule, ...] = (*secret_looks.LOOKS, *dev_dependencies.LOOKS)
