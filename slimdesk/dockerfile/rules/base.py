"""What a rule is: a module with a name and a check."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.view import View


class Rule(Protocol):
    """One thing to look for. Findings carry the rule's name and a line; the file's path is put in by `check`."""

    RULE: str

    def check(self, view: View) -> Iterable[Finding]:
        """Return what is wrong, in the order of the file."""
