"""Bytes, seconds, ratios, factors and lists in words, and sizes back from words.

Decimal units, as Docker's: kB = 1000 bytes. Three significant digits. A value that is not known is an en dash,
never a zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

UNKNOWN = "–"
THIN_SPACE = "\u2009"
MINUS = "\u2212"
TIMES = "×"

_DECIMAL = ("B", "kB", "MB", "GB", "TB", "PB")
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kKMGTP]?)(i?)[bB]?\s*", re.ASCII)
_POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5}


def format_bytes(count: float | None, space: str = THIN_SPACE) -> str:
    """862 MB, 14.9 MB, 1.10 kB, 0 B; a dash for None."""
    if count is None:
        return UNKNOWN
    sign = MINUS if count < 0 else ""
    value = abs(float(count))
    unit = 0
    while value >= 999.5 and unit < len(_DECIMAL) - 1:
        value /= 1000
        unit += 1
    number = f"{value:.0f}" if unit == 0 else _three_digits(value)
    return f"{sign}{number}{space}{_DECIMAL[unit]}"


def format_exact(count: int | None) -> str:
    """12 345 678 bytes, with thin spaces between the groups."""
    if count is None:
        return UNKNOWN
    return f"{count:,}".replace(",", THIN_SPACE) + (" byte" if count == 1 else " bytes")


def format_seconds(seconds: float | None) -> str:
    """38 ms under a second, 2.1 s under a minute, 1:12 above, 1:02:03 from an hour."""
    if seconds is None:
        return UNKNOWN
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f}{THIN_SPACE}ms"
    if seconds < 59.95:
        return f"{seconds:.1f}{THIN_SPACE}s"
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def format_factor(size: int | None, reference: int | None) -> str:
    """57.9× smaller or 1.20× larger than the reference; a dash where one is not known or empty."""
    if not size or not reference:
        return UNKNOWN
    if size == reference:
        return f"1{TIMES}"
    if size < reference:
        return f"{_three_digits(reference / size)}{TIMES} smaller"
    return f"{_three_digits(size / reference)}{TIMES} larger"


def format_change(size: int | None, reference: int | None) -> str:
    """−98.3 % or +20.0 % against the reference."""
    if size is None or not reference:
        return UNKNOWN
    return format_percent((size - reference) / reference, signed=True)


def format_percent(ratio: float | None, *, signed: bool = False) -> str:
    """A ratio 0..1 as 12.5 %, with its sign if asked."""
    if ratio is None:
        return UNKNOWN
    percent = ratio * 100
    number = f"{abs(percent):.1f}"
    sign = "" if float(number) == 0 else MINUS if percent < 0 else "+" if signed else ""
    return f"{sign}{number}{THIN_SPACE}%"


def parse_size(text: str) -> int:
    """Bytes from 50MB, 50 MiB, 1.5GB or 1024; raises ValueError."""
    match = _SIZE.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is not a size such as 50MB or 512kB")
    number, prefix, binary = match.groups()
    base = 1024 if binary else 1000
    return round(float(number) * float(base ** _POWERS[prefix.upper()]))


def plural(count: int, one: str, many: str = "") -> str:
    """1 file, 2 files, 0 files."""
    return f"{count:,}".replace(",", THIN_SPACE) + " " + (one if count == 1 else many or one + "s")


def listed(words: Iterable[str], most: int = 4) -> str:
    """Return names as people list them: a, b, c and 3 more."""
    names = list(dict.fromkeys(words))
    if len(names) > most + 1:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _three_digits(value: float) -> str:
    if value >= 99.95:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"
