"""Which files of an image match what a person typed: words, a glob, or a regular expression."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from time import perf_counter

from slimdesk.basics.errors import BadInput
from slimdesk.image.quick_regex import is_quick
from slimdesk.image.table import ROOT, FileTable

# In how many names the clock is looked at once, and after how many seconds others have their turn.
_SOME = 200
_TURN = 0.004
# File systems allow no more in a name, a kernel no more in a path; what is longer is in no container.
_LONGEST_NAME, _LONGEST_PATH = 255, 4_096


def pattern_of(text: str, *, regex: bool = False) -> re.Pattern[bytes] | None:
    """Return what names (paths, where `text` holds a slash) are searched for; None for nothing typed.

    `*.so` and `[Tt]ests` are globs over names, `usr/*/pip` over paths; anything else is a part of a name, whatever its
    case. With `regex` it is a regular expression of Python's, whatever its case; a path begins with a slash.

    Raises BadInput for a regular expression that is none, or that could take for ever on a name made for that.
    """
    if not text.strip():
        return None
    if regex:
        return _regex(text.strip())
    wanted = text.strip().strip("/") if over_paths(text) else text.strip().rstrip("/").lstrip("/")
    if not _is_glob(text):
        return re.compile(re.escape(wanted.encode("utf-8", "surrogateescape")), re.IGNORECASE)
    glob = f"*/{wanted}" if over_paths(text) else wanted
    return re.compile(fnmatch.translate(glob).encode("utf-8", "surrogateescape"), re.IGNORECASE)


def _is_glob(text: str) -> bool:
    return any(mark in text for mark in "*?[")


def over_paths(text: str, *, regex: bool = False) -> bool:
    """Whether whole paths are searched, not names alone."""
    return "/" in text if regex else "/" in text.strip("/")


def matching(table: FileTable, text: str, *, regex: bool = False) -> Iterator[bytearray | None]:
    """Find what matches `text`, in slices: None while there is more to do, at last one byte per node.

    What stands in a folder that matches is matched too. Raises what `pattern_of` raises.
    """
    found = bytearray(len(table))
    pattern = pattern_of(text, regex=regex)
    if pattern is None:
        found[:] = b"\x01" * len(table)
        yield found
        return
    with_path = over_paths(text, regex=regex)
    # A glob says of itself where it begins; asked at every letter it would take as many times as long.
    test = pattern.search if regex or not _is_glob(text) else pattern.match
    longest = (_LONGEST_PATH if with_path else _LONGEST_NAME) if regex else None
    paths: dict[int, bytes] = {ROOT: b""}
    end = table.end
    node, since, turn = 1, 0, perf_counter() + _TURN
    while node < len(table):
        name = table.name_bytes(node)
        if with_path:
            name = paths[table.parent[node]] + b"/" + name
            if table.is_folder(node):
                paths[node] = name
        if (longest is None or len(name) <= longest) and test(name):
            stop = end[node]
            found[node:stop] = b"\x01" * (stop - node)
            node = stop
        else:
            node += 1
        since += 1
        if since >= _SOME:
            since = 0
            if perf_counter() > turn:
                yield None
                turn = perf_counter() + _TURN
    yield found


def _regex(text: str) -> re.Pattern[bytes]:
    try:
        pattern = re.compile(text.encode("utf-8", "surrogateescape"), re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise BadInput(
            "This is no regular expression", str(error), "Correct it, or search for words"
        ) from None
    if not is_quick(text):
        raise BadInput(
            "This regular expression could take for ever",
            "It repeats something that itself repeats or has alternatives, or repeats too often",
            "Write it with fewer repeats",
        )
    return pattern
