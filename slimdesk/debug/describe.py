"""What `kubectl describe pod` says, as data: the states of each container and the events, each with its line.

The text is for people and has no grammar; its form is that of kubectl's describe.go (describeContainers, DescribeEvents): two
blanks per level, `Key:` padded to a column, events as a table at the end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from slimdesk.basics.escaping import log_line

MAX_TEXT = 1 << 20
MAX_LINES = 20_000
MAX_LINE = 1_000
_KEY = re.compile(r"^( *)([A-Z][\w -]{0,40}?):(?:\s+(.*))?$")
_NAME = re.compile(r"^  ([a-z0-9][a-z0-9.-]{0,252}):$")
# Columns stand at least two blanks apart (kubectl's tab writer).
_COLUMNS = re.compile(r" {2,}")
_KINDS = ("Normal", "Warning")
_CONTAINERS = ("Containers", "Init Containers", "Ephemeral Containers")


@dataclass(frozen=True, slots=True)
class State:
    """A container's state: `name` is Running, Waiting or Terminated; `last` = the one before its restart."""

    container: str
    name: str
    line: int
    reason: str = ""
    message: str = ""
    exit_code: int | None = None
    last: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its kind (Normal, Warning), its reason and what it says."""

    kind: str
    reason: str
    message: str
    line: int


@dataclass(frozen=True, slots=True)
class Description:
    """What was read; empty where the text is no `kubectl describe pod`."""

    states: tuple[State, ...] = ()
    events: tuple[Event, ...] = ()
    pod: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""

    def __bool__(self) -> bool:
        return bool(self.states or self.events or self.reason)


def read_description(text: str) -> Description:
    """Read the text; what is not understood is passed over."""
    lines = [log_line(one[:MAX_LINE]) for one in text[:MAX_TEXT].splitlines()[:MAX_LINES]]
    head = _head(lines)
    return Description(
        tuple(_states(lines)),
        tuple(_events(lines)),
        head.get("Name", ""),
        head.get("Status", ""),
        head.get("Reason", ""),
        head.get("Message", ""),
    )


def _head(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in lines:
        match = _KEY.match(text)
        if match and not match.group(1):
            if match.group(2) in _CONTAINERS:
                break
            found.setdefault(match.group(2), (match.group(3) or "").strip())
    return found


def _states(lines: list[str]) -> list[State]:
    found: list[State] = []
    inside, container = False, ""
    block: dict[str, str] = {}
    place = 0

    def end() -> None:
        if block:
            code = block.get("Exit Code", "")
            number = int(code) if code.isdigit() and len(code) < 6 else None
            found.append(
                State(
                    container, block["name"], place, block.get("Reason", ""), block.get("Message", ""), number,
                    last=block["key"] == "Last State",
                )
            )  # fmt: skip
            block.clear()

    for number, text in enumerate(lines, 1):
        name = _NAME.match(text)
        match = _KEY.match(text)
        depth, key = (len(match.group(1)), match.group(2)) if match else (-1, "")
        if match and depth == 0:
            end()
            inside = key in _CONTAINERS
        elif inside and name:
            end()
            container = name.group(1)
        elif inside and match and depth == 4:
            end()
            if key in ("State", "Last State"):
                block.update(key=key, name=(match.group(3) or "").strip())
                place = number
        elif inside and match and depth == 6 and block:
            block[key] = (match.group(3) or "").strip()
        elif inside and block and "Message" in block and text.startswith(" " * 8):
            block["Message"] += f" {text.strip()}"
    end()
    return found


def _events(lines: list[str]) -> list[Event]:
    found = []
    for number, text in enumerate(lines, 1):
        if not text.startswith("  "):
            continue
        cells = _COLUMNS.split(text.strip(), maxsplit=4)
        if len(cells) == 5 and cells[0] in _KINDS:
            found.append(Event(cells[0], cells[1], cells[4].strip(), number))
    return found
