"""The processes of a container, from /proc as a helper beside it sees them (proc(5))."""

from __future__ import annotations

import re
from dataclasses import dataclass

from slimdesk.basics.escaping import visible
from slimdesk.debug.sections import Script, read_text

_TEXT = r"""
read -r up _ </proc/uptime; echo "$1 uptime"; echo "$up"
for d in /proc/[0-9]*; do echo; echo "$1 ${d#/proc/}"; cat "$d/stat" "$d/status" "$d/cgroup" "$d/cmdline" 2>/dev/null; done
"""
_CUT = 4_000
_TICKS = 100.0  # per second: what the kernel shows to programs is always so (USER_HZ)
_END = re.compile(rb"^nonvoluntary_ctxt_switches:\t\d+\n", re.MULTILINE)
_GROUPS = re.compile(rb"(?:\d+:[^\n:]*:[^\n]*\n)*")
_STATES = {
    "R": "running",
    "S": "sleeping",
    "D": "waiting for a device",
    "T": "stopped",
    "t": "traced",
    "Z": "ended, not collected",
    "I": "idle",
}


@dataclass(frozen=True, slots=True)
class Process:
    """One process, numbered as in the container's PID namespace.

    `memory` is resident bytes, `cpu` the seconds of processor it used, `age` seconds since its start; None = not told.
    `command` is one line, made harmless.
    """

    pid: int
    parent: int
    name: str
    state: str
    uid: int
    gid: int
    threads: int
    memory: int | None
    cpu: float | None
    age: float | None
    command: str


def script() -> Script:
    """Return what asks for them."""
    return Script(_TEXT)


def parse(asked: Script, out: bytes, target: str, helper: str) -> tuple[Process, ...]:
    """Read the answer. `target` and `helper` are container IDs: of the helper's own processes none is shown.

    Where none can be told to be the target's (a control group of its own), all but the helper's are.
    """
    uptime: float | None = None
    of_target: list[Process] = []
    others: list[Process] = []
    for name, body in asked.parts(out):
        if name == "uptime":
            uptime = _float(read_text(body))
        elif name.isdigit():
            found = _process(int(name), body, uptime)
            if found is None:
                continue
            process, groups = found
            if target.encode() in groups:
                of_target.append(process)
            elif helper.encode() not in groups:
                others.append(process)
    chosen = of_target or others
    return tuple(sorted(chosen, key=lambda one: one.pid))


def _process(pid: int, body: bytes, uptime: float | None) -> tuple[Process, bytes] | None:
    begin = body.find(b"\nName:\t")
    end = _END.search(body, begin + 1) if begin >= 0 else None
    if end is None:
        return None
    status = dict(_fields(read_text(body[begin : end.end()])))
    groups = _GROUPS.match(body, end.end())
    after = groups.end() if groups else end.end()
    words = [read_text(word) for word in body[after:].rstrip(b"\n").rstrip(b"\0").split(b"\0")]
    name = status.get("Name", "")
    # Its name may hold anything, also a closing bracket: the last one ends it.
    numbers = read_text(body[:begin]).rpartition(")")[2].split()
    used = _sum(numbers, 11, 12)
    started = _at(numbers, 19)
    return (
        Process(
            pid=pid,
            parent=_first(status.get("PPid")) or 0,
            name=visible(name, 64),
            state=_STATES.get(status.get("State", "")[:1], "ended"),
            uid=_first(status.get("Uid")) or 0,
            gid=_first(status.get("Gid")) or 0,
            threads=_first(status.get("Threads")) or 1,
            memory=None if (pages := _first(status.get("VmRSS"))) is None else pages * 1024,
            cpu=None if used is None else used / _TICKS,
            age=None if uptime is None or started is None else max(0.0, uptime - started / _TICKS),
            command=visible(" ".join(words).strip(), _CUT) or f"[{visible(name, 64)}]",
        ),
        body[end.end() : after],
    )


def _fields(text: str) -> list[tuple[str, str]]:
    pairs = (line.partition(":") for line in text.splitlines())
    return [(key, value.strip()) for key, _, value in pairs]


def _first(text: str | None) -> int | None:
    word = (text or "").split()[:1]
    return int(word[0]) if word and word[0].isascii() and word[0].isdigit() else None


def _at(numbers: list[str], place: int) -> int | None:
    return _first(numbers[place]) if place < len(numbers) else None


def _sum(numbers: list[str], *places: int) -> int | None:
    found = [_at(numbers, place) for place in places]
    return None if None in found else sum(number for number in found if number is not None)


def _float(text: str) -> float | None:
    try:
        return float(text.split(maxsplit=1)[0])
    except (ValueError, IndexError):
        return None
