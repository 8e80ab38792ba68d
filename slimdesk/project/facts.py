"""Collecting facts with their evidence: no doubles, no endless values, nothing that a terminal would obey."""

from __future__ import annotations

from collections.abc import Iterable

from slimdesk.basics.escaping import without_controls
from slimdesk.project.model import Evidence, Fact, Problem, Value

MAX_FACTS = 500
MAX_OF_ONE_KEY = 100
MAX_VALUE = 300


class FactList:
    """Facts and problems of one component while it is read."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.problems: list[Problem] = []
        self._known: set[tuple[str, Value]] = set()
        self._counts: dict[str, int] = {}

    def add(self, key: str, value: Value, path: str | None = None, line: int | None = None) -> None:
        """Add one fact unless the same key already has that value; too long a value is left out."""
        clean = harmless(value)
        count = self._counts.get(key, 0)
        if clean is None or (key, clean) in self._known:
            return
        if count >= MAX_OF_ONE_KEY or len(self.facts) >= MAX_FACTS:
            return
        self._known.add((key, clean))
        self._counts[key] = count + 1
        self.facts.append(Fact(key, clean, None if path is None else Evidence(path, line)))

    def extend(self, facts: Iterable[Fact]) -> None:
        """Take over facts that were collected before, as they are."""
        for fact in facts:
            self._known.add((fact.key, fact.value))
            self._counts[fact.key] = self._counts.get(fact.key, 0) + 1
            self.facts.append(fact)

    def once(self, key: str, value: Value, path: str | None = None, line: int | None = None) -> None:
        """Add one fact unless the key already has a value."""
        if key not in self._counts:
            self.add(key, value, path, line)

    def problem(self, message: str, path: str | None = None, line: int | None = None) -> None:
        """Note something that could not be read or decided, once."""
        problem = Problem(message, None if path is None else Evidence(path, line))
        if problem not in self.problems:
            self.problems.append(problem)

    def has(self, key: str) -> bool:
        """Whether the key has a value."""
        return key in self._counts


def harmless(value: Value) -> Value:
    """Return the value without control characters; None for an empty or an overlong text."""
    if isinstance(value, str):
        text = without_controls(value).strip()
        return text if 0 < len(text) <= MAX_VALUE else None
    if isinstance(value, tuple):
        words = tuple(without_controls(word) for word in value)
        return words if words and all(len(word) <= MAX_VALUE for word in words) else None
    return value
