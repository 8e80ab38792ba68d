"""What an app says it lacks: a variable that is not set, or another service that does not answer.

Read from its log. Such an end says nothing about the image that the app was in.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

_NAME = r"(?P<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)"
_QUOTED = rf"[\"'`]?{_NAME}[\"'`]?"
_LACKS = (
    r"(?:is|are|was)? ?(?:not set|not defined|not provided|not found|undefined|unset|required|missing|empty)"
)
_VARIABLE = tuple(
    re.compile(pattern)
    for pattern in (
        rf"KeyError: '{_NAME}'",
        rf"(?<![\w.]){_QUOTED}(?: environment variable| env(?:ironment)? var(?:iable)?)? (?:is|are|was|has)(?: been)? (?:not (?:been )?(?:set|defined|provided|configured)|undefined|unset|required|missing|empty|mandatory)",
        rf"(?<![\w.]){_QUOTED}(?: environment variable)? (?:must|needs to|has to|should) be (?:set|defined|provided|configured|specified|non-empty)",
        rf"(?i:environment variables?|env(?:ironment)? vars?|env)[: ]+{_QUOTED}[: ]+(?:is )?{_LACKS}",
        rf"(?i:missing|required|undefined|unset|no)(?i: required| mandatory)?(?i: environment variables?| env(?:ironment)? vars?| env| variables?| configuration| config)(?:\(s\))?:? {_QUOTED}",
        rf"(?i:required key) {_NAME} (?i:missing value)",  # Go: kelseyhightower/envconfig
        rf"(?i:could not resolve placeholder) '{_NAME}'",  # Spring
        rf"(?i:set the) {_QUOTED} (?i:environment variable)",  # django-environ
        rf"(?<![\w.]){_NAME} not found\. Declare it as envvar",  # python-decouple
        rf"(?<![\w.]){_NAME}: (?:parameter (?:not set|null or not set)|unbound variable)",  # shells
        rf"^\s*{_NAME}: (?:Required|undefined|Invalid input: expected string, received undefined)$",  # envalid, zod
        rf"(?i:please set|you must set|must set|expected|cannot read) {_QUOTED}(?: |$|,|\.)",
    )
)
_HEADING = re.compile(
    r"(?i)missing (?:required )?(?:environment variables?|env(?:ironment)? vars?):?$|validation errors? for"
)
_LISTED = re.compile(rf"^\s*(?:[-*] )?{_NAME}(?::|$)")
_FIELD = re.compile(r"^[A-Za-z][A-Za-z0-9_]*$")

_ADDRESS = r"(?P<where>[\w.-]+:\d{2,5}|\[[0-9a-f:]+\]:\d{2,5})"
_SERVICE = tuple(
    re.compile(pattern)
    for pattern in (
        r"dial tcp:? (?:lookup )?(?P<where>[\w.\[\]:-]+?)(?: on [\w.:\[\]]+)?: .*(?:connection refused|no such host|i/o timeout|server misbehaving|no route to host|Temporary failure)",
        rf"ECONNREFUSED {_ADDRESS}",
        rf"Error -?\d+ connecting to {_ADDRESS}",  # redis-py
        r"(?:ENOTFOUND|EAI_AGAIN) (?P<where>[\w.-]+)",
        r"(?i:could not connect to|connection to server at|can't connect to|failed to connect to|error connecting to|cannot connect to)[^\n]{0,40}?[\"'( ](?P<where>[\w.-]+(?::\d+)?)[\"')]?",
        rf"(?i:connection refused)[^\n]{{0,60}}?{_ADDRESS}",
        rf"{_ADDRESS}[^\n]{{0,60}}?(?i:connection refused)",
        r"could not translate host name \"(?P<where>[\w.-]+)\"",
    )
)


def missing_variables(log: Iterable[str], given: Collection[str] = ()) -> tuple[str, ...]:
    """Return the names that the log says are not set, in order; those in `given` are set and left out."""
    lines = list(log)
    listed = _listed(lines)
    found: dict[str, None] = {}
    for number, line in enumerate(lines):
        for pattern in _VARIABLE:
            found.update((match.group("name"), None) for match in pattern.finditer(line))
        if number in listed:
            found[listed[number]] = None
    return tuple(name for name in found if len(name) > 2 and name not in given)


def unreachable_service(log: Sequence[str]) -> str | None:
    """Return what the log says could not be reached, such as db:5432; None if it says no such thing."""
    for line in reversed(log):
        for pattern in _SERVICE:
            match = pattern.search(line)
            if match:
                return match.group("where").strip("[]")
    return None


def _listed(lines: Sequence[str]) -> dict[int, str]:
    """Names that stand on lines of their own below a heading (envalid, pydantic-settings), by their line."""
    below = False
    found: dict[int, str] = {}
    for number, line in enumerate(lines):
        if _HEADING.search(line):
            below = True
        elif below and line.strip():
            follows = lines[number + 1] if number + 1 < len(lines) else ""
            if _FIELD.match(line) and "Field required" in follows:
                found[number] = line.upper()
            elif match := _LISTED.match(line):
                found[number] = match.group("name")
    return found
