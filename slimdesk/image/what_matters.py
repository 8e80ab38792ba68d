"""What SlimDesk looks at in an image: the rules of all package readers and findings."""

from __future__ import annotations

from functools import cache

from slimdesk.image.bodies import Choose
from slimdesk.image.interests import chooser


@cache
def what_matters() -> Choose:
    """Return what answers for each file of an image whether its body is looked at, and why."""
    # Imported when the first image is read, not when the program starts.
    from slimdesk.image.findings.rules import LOOKS
    from slimdesk.image.packages import programs, readers, release

    rules = [rule for reader in readers() for rule in reader.RULES]
    return chooser([*rules, *release.RULES, *LOOKS, *programs.RULES])
