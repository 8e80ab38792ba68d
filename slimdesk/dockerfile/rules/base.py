"""What a rule is: a module with a name, a check, and perhaps a quick fix."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.view import View


class Rule(Protocol):
    """One thing to look for. Findings carry the rule's name and a line; the file's path is put in by `check`."""

    RULE: str

    def check(self, view: View) -> Iterable[Finding]:
        """Return what is wrong, in the order of the file."""


@runtime_checkable
class Mender(Protocol):
    """A rule that can also mend what it finds."""

    RULE: str

    def mend(self, view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
        """Return the edits that take this finding of the rule's away; none where a person has to decide."""
