"""Kubernetes quantities: 128Mi of memory, 500m of a processor.

Grammar: k8s.io/apimachinery/pkg/api/resource, Quantity: a signed decimal, then a binary suffix (Ki Mi Gi Ti Pi Ei), a
decimal one (n u m k M G T P E) or an exponent.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal

_QUANTITY = re.compile(
    r"([+-]?\d{1,30}(?:\.\d{0,30})?|[+-]?\.\d{1,30})(?:([KMGTPE]i|[numkMGTPE])|[eE]([+-]?\d{1,2}))?", re.ASCII
)
_DECIMAL = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}


def quantity(text: str) -> float:
    """Return the number that a quantity stands for. Raises ValueError."""
    match = _QUANTITY.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    number, suffix, exponent = match.groups()
    value = Decimal(number)
    if suffix in _BINARY:
        value *= 1024 ** _BINARY[suffix]
    elif suffix:
        value = value.scaleb(_DECIMAL[suffix])
    elif exponent:
        value = value.scaleb(int(exponent))
    return float(value)


def whole_bytes(text: str) -> int:
    """Return a quantity of bytes, rounded up as Kubernetes does. Raises ValueError for one below 0 or beyond 2^63."""
    value = quantity(text)
    if not 0 <= value < 2**63:
        raise ValueError(text)
    return math.ceil(value)
