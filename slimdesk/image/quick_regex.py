r"""Whether a regular expression can be trusted to end soon, whatever text it is tried on.

Python's engine tries one way after the other; a repeat of something that itself repeats, such as `(a+)+$`, has more ways
than anybody can wait for. A repeat within a repeat is let through where a plain letter begins each round that the inner
one cannot take, as in `\.so(\.\d+)*`: then there is only one way to divide a text into rounds.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

# Repeats side by side (`.*a.*b.*`) multiply: each one more is another power of the text's length.
MOST_REPEATS = 4
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
_SPACES = b" \t\n\r\f\v"


def is_quick(pattern: str) -> bool:
    """Tell it of a pattern that `re.compile` takes."""
    # The parser behind `re.compile` has no public name; what it is asked for is the pattern's shape alone.
    parser: Any = importlib.import_module("re._parser")
    repeats: list[str] = []
    return _quick(parser.parse(pattern), repeats, inside=False) and len(repeats) <= MOST_REPEATS


def _quick(items: Sequence[Any], repeats: list[str], *, inside: bool) -> bool:
    for operation, argument in items:
        name = str(operation)
        if name in _REPEATS:
            _, most, body = argument
            if int(most) <= 1:
                if not _quick(body, repeats, inside=inside):
                    return False
                continue
            if inside:
                return False
            repeats.append(name)
            if not (_quick(body, repeats, inside=True) or _rounds_are_plain(body)):
                return False
        elif name == "BRANCH":
            if inside or not all(_quick(branch, repeats, inside=inside) for branch in argument[1]):
                return False
        elif name in ("SUBPATTERN", "ATOMIC_GROUP", "ASSERT", "ASSERT_NOT"):
            body = (
                argument[3] if name == "SUBPATTERN" else argument if name == "ATOMIC_GROUP" else argument[1]
            )
            if not _quick(body, repeats, inside=inside):
                return False
        elif name.startswith("GROUPREF"):
            return False
    return True


def _rounds_are_plain(body: Sequence[Any]) -> bool:
    """Whether each round begins with a letter that nothing after it in the round can take."""
    items = list(body)
    while len(items) == 1 and str(items[0][0]) == "SUBPATTERN":
        items = list(items[0][1][3])
    if not items or str(items[0][0]) != "LITERAL":
        return False
    letter = int(items[0][1])
    for operation, argument in items[1:]:
        inner = list(argument[2]) if str(operation) in _REPEATS else [(operation, argument)]
        # Case is ignored where these patterns are used.
        cases = {letter, ord(chr(letter).lower()[0]), ord(chr(letter).upper()[0])}
        if len(inner) != 1 or any(_takes(inner[0], one) for one in cases):
            return False
    return len(items) <= 2


def _takes(item: Any, letter: int) -> bool:
    """Whether one item of a pattern may take a letter; yes in doubt."""
    name, argument = str(item[0]), item[1]
    if name == "LITERAL":
        return int(argument) == letter
    if name == "IN":
        return any(_takes(one, letter) for one in argument)
    if name == "RANGE":
        return bool(argument[0] <= letter <= argument[1])
    if name == "CATEGORY":
        one = bytes([letter]) if letter < 128 else b""
        kinds = {
            "CATEGORY_DIGIT": one.isdigit(),
            "CATEGORY_SPACE": one in _SPACES,
            "CATEGORY_WORD": one.isalnum() or one == b"_",
        }
        return kinds.get(str(argument), True)
    return True
