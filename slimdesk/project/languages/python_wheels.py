"""Which pinned packages are too old for the newest Python: they have no wheel for it, and their sources rarely fit it."""

from __future__ import annotations

from packaging.version import InvalidVersion, Version

PYTHONS = ("3.12", "3.13")
# Of each of PYTHONS, the first release that runs on it. The first four: the project's own release notes (distutils is gone
# from Python 3.12, cgi from 3.13; docs.python.org, What's New); the others: the first release with a wheel for Linux (the files
# that pypi.org/simple/NAME lists, 2026-11), because older sources
# rarely fit a newer Python (those that do, or that need no compiler, are left out).
FIRST = {
    "django": ("4.0", "4.2"), "pydantic": ("2.4", "2.8"), "pydantic-core": ("2.10", "2.20"), "sqlalchemy": ("2.0.0", "2.0.31"),
    "asyncpg": ("0.29.0", "0.30.0"), "bitarray": ("2.8.2", "2.9.3"), "cffi": ("1.16.0", "1.17.0"),
    "ciso8601": ("2.3.1", "2.3.3"), "frozenlist": ("1.4.1", "1.4.1"), "gevent": ("23.7.0", "24.10.1"),
    "greenlet": ("3.0.0", "3.1.0"), "grpcio": ("1.59.0", "1.66.2"), "hiredis": ("2.3.2", "3.1.0"),
    "httptools": ("0.6.1", "0.6.2"), "kiwisolver": ("1.4.5", "1.4.7"), "lz4": ("4.3.3", "4.4.3"),
    "msgpack": ("1.0.6", "1.1.0"), "multidict": ("6.0.5", "6.0.5"),
    "numpy": ("1.26.0", "2.1.0"), "pandas": ("2.1.1", "2.2.3"), "pyyaml": ("6.0.1", "6.0.1"),
    "regex": ("2023.10.3", "2024.9.11"), "setproctitle": ("1.3.3", "1.3.4"), "ujson": ("5.8.0", "5.10.0"),
    "uvloop": ("0.18.0", "0.21.0"), "zstandard": ("0.22.0", "0.23.0"),
}  # fmt: skip
# A line of releases of its own: from the first on they run on both.
_ALSO = {"pydantic": ("1.10.19", "2.0"), "sqlalchemy": ("0", "2.0")}
KNOWN = frozenset(FIRST)


def too_old_for(name: str, pinned: str) -> tuple[str, str] | None:
    """Return the oldest Python that the pinned release does not run on, and the first release that does; None if it runs."""
    try:
        version = Version(pinned)
    except InvalidVersion:
        return None
    low, high = _ALSO.get(name, ("0", "0"))
    if name not in FIRST or Version(low) <= version < Version(high):
        return None
    found = zip(PYTHONS, FIRST[name], strict=True)
    return next(((python, first) for python, first in found if version < Version(first)), None)
