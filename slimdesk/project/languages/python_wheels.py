"""Which pinned packages are too old for the newest Python: they have no wheel for it, and their sources rarely fit it."""

from __future__ import annotations

from packaging.version import InvalidVersion, Version

# Releases from the first and before the second do not start on Python 3.13, or need Rust to be compiled for it: Django's cgi module is gone
# (docs.python.org, What's New in 3.13), Pydantic calls typing's internals, SQLAlchemy's TypingOnly check fails.
BREAKS = {
    "django": ("0", "4.2"),
    "pydantic": ("0", "2.8"),
    "sqlalchemy": ("2.0", "2.0.31"),
    "pydantic-core": ("0", "2.20"),
}
# Pydantic 1 of this release and later starts.
_PYDANTIC_1 = ("1.10.19", "2.0")

# The first release with a wheel for CPython 3.13 on Linux (the files that pypi.org/simple/NAME lists, 2026-11).
SINCE = "3.13"
FIRST_WHEEL = {
    "asyncpg": "0.30.0", "bitarray": "2.9.3", "cffi": "1.17.0", "ciso8601": "2.3.3", "frozenlist": "1.4.1", "gevent": "24.10.1",
    "greenlet": "3.1.0", "grpcio": "1.66.2", "hiredis": "3.1.0", "httptools": "0.6.2", "kiwisolver": "1.4.7", "lz4": "4.4.3",
    "markupsafe": "3.0.0", "msgpack": "1.1.0", "multidict": "6.0.5", "numpy": "2.1.0", "pandas": "2.2.3", "pyyaml": "6.0.2",
    "rapidfuzz": "3.9.6", "regex": "2024.9.11", "setproctitle": "1.3.4", "ujson": "5.10.0", "uvloop": "0.21.0", "wrapt": "1.14.2",
    "zstandard": "0.23.0",
}  # fmt: skip
KNOWN = frozenset({*BREAKS, *FIRST_WHEEL})


def lifted_by(name: str, pinned: str) -> str | None:
    """Return the first release of the package that runs on Python 3.13, if the pinned one does not; else None."""
    low, high = BREAKS.get(name, ("0", FIRST_WHEEL.get(name)))
    try:
        version = Version(pinned)
    except InvalidVersion:
        return None
    if high is None or not Version(low) <= version < Version(high):
        return None
    if name == "pydantic" and Version(_PYDANTIC_1[0]) <= version < Version(_PYDANTIC_1[1]):
        return None
    return high
