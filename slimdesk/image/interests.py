"""Rules for which bodies are looked at, put together for a quick answer per file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from slimdesk.image.bodies import Choose, Interest


@dataclass(frozen=True, slots=True)
class Rule:
    r"""Files that an interest is about, by the key of their path (NUL for slash, no slash in front).

    names: last parts. endings: what follows the last dot, in small letters. prefixes: how keys begin. `fits` has the last
    word. executable: any file that somebody may execute, where no other rule speaks for it.
    """

    interest: Interest
    names: frozenset[bytes] = frozenset()
    endings: frozenset[bytes] = frozenset()
    prefixes: tuple[bytes, ...] = ()
    fits: Callable[[bytes], bool] | None = None
    executable: bool = False


def chooser(rules: Iterable[Rule]) -> Choose:
    """Return a function that answers for one file in under a microsecond."""
    by_name: dict[bytes, list[Rule]] = {}
    by_ending: dict[bytes, list[Rule]] = {}
    by_prefix: list[tuple[bytes, Rule]] = []
    executable: Rule | None = None
    for rule in rules:
        for name in rule.names:
            by_name.setdefault(name, []).append(rule)
        for ending in rule.endings:
            by_ending.setdefault(ending, []).append(rule)
        by_prefix += [(prefix, rule) for prefix in rule.prefixes]
        if rule.executable:
            executable = rule
    starts = tuple(prefix for prefix, _ in by_prefix)

    def choose(key: bytes, mode: bytes) -> Interest | None:
        name = key[key.rfind(b"\0") + 1 :]
        rules = by_name.get(name)
        if rules:
            for rule in rules:
                if rule.fits is None or rule.fits(key):
                    return rule.interest
        dot = name.rfind(b".")
        if dot >= 0:
            rules = by_ending.get(name[dot + 1 :].lower())
            if rules:
                for rule in rules:
                    if rule.fits is None or rule.fits(key):
                        return rule.interest
        if key.startswith(starts):
            for prefix, rule in by_prefix:
                if key.startswith(prefix) and (rule.fits is None or rule.fits(key)):
                    return rule.interest
        if executable is not None:
            # The last three octal digits; an odd one lets somebody execute.
            for digit in mode.strip(b" \0")[-3:]:
                if digit & 1:
                    return executable.interest if executable.fits is None or executable.fits(key) else None
        return None

    return choose
