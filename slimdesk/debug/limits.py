"""What a container may use and has used: its control group (versions 1 and 2) and its process's own limits.

Sources: kernel documentation, admin-guide/cgroup-v2.rst and cgroup-v1/; proc_pid_limits(5).
"""

from __future__ import annotations

from dataclasses import dataclass

from slimdesk.basics.escaping import visible
from slimdesk.debug.sections import Script, read_text

_FILES = (
    "memory.max", "memory.current", "memory.events", "cpu.max", "cpu.stat", "pids.max", "pids.current",
    "memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.oom_control",
    "cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us", "cpu/cpu.stat", "pids/pids.max", "pids/pids.current",
)  # fmt: skip
_TEXT = r"""
echo "$1 limits"; cat "/proc/$2/limits"
cd "/proc/$2/root/sys/fs/cgroup" 2>/dev/null || exit 0
mark=$1; shift 2
for name in "$@"; do if [ -r "$name" ]; then echo; echo "$mark $name"; cat "$name"; fi; done
"""
# What version 1 says instead of "no limit": the largest number of whole pages.
_NO_LIMIT = 1 << 60


@dataclass(frozen=True, slots=True)
class ProcessLimit:
    """A limit of the process itself (`ulimit`); None = unlimited. `unit` may be empty."""

    name: str
    soft: int | None
    hard: int | None
    unit: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What it may use and uses. Memory in bytes, `cpus` in processors, None = no limit, or for a use: not told.

    `oom_kills` is how often the kernel ended one of its processes for want of memory, `throttled` the seconds that it
    had to wait for its share of the processors.
    """

    memory: int | None
    memory_used: int | None
    oom_kills: int | None
    cpus: float | None
    throttled: float | None
    pids: int | None
    pids_used: int | None
    process: tuple[ProcessLimit, ...]


def script(app: int) -> Script:
    """Return what asks for the limits of that process."""
    return Script(_TEXT, (str(app), *_FILES))


def parse(asked: Script, out: bytes) -> Limits:
    """Read the answer; what an engine does not tell is None."""
    told = {name: read_text(body) for name, body in asked.parts(out)}
    second = "memory.max" in told or "cpu.max" in told or "pids.max" in told
    if second:
        cpus, throttled = _share(told.get("cpu.max", "")), _field(told.get("cpu.stat"), "throttled_usec")
        return Limits(
            memory=_number(told.get("memory.max")),
            memory_used=_number(told.get("memory.current")),
            oom_kills=_field(told.get("memory.events"), "oom_kill"),
            cpus=cpus,
            throttled=None if throttled is None else throttled / 1e6,
            pids=_number(told.get("pids.max")),
            pids_used=_number(told.get("pids.current")),
            process=_process_limits(told.get("limits", "")),
        )
    throttled = _field(told.get("cpu/cpu.stat"), "throttled_time")
    quota = f"{told.get('cpu/cpu.cfs_quota_us', '').strip()} {told.get('cpu/cpu.cfs_period_us', '').strip()}"
    return Limits(
        memory=_number(told.get("memory/memory.limit_in_bytes")),
        memory_used=_number(told.get("memory/memory.usage_in_bytes")),
        oom_kills=_field(told.get("memory/memory.oom_control"), "oom_kill"),
        cpus=_share(quota),
        throttled=None if throttled is None else throttled / 1e9,
        pids=_number(told.get("pids/pids.max")),
        pids_used=_number(told.get("pids/pids.current")),
        process=_process_limits(told.get("limits", "")),
    )


def _process_limits(text: str) -> tuple[ProcessLimit, ...]:
    """Columns of fixed width: 25 for the name, 20 each for the two limits (fs/proc/base.c)."""
    found = []
    for line in text.splitlines()[1:]:
        name, soft, hard, unit = (
            line[:25].strip(),
            line[26:46].strip(),
            line[47:67].strip(),
            line[68:].strip(),
        )
        if name.startswith("Max ") and soft and hard:
            found.append(ProcessLimit(visible(name[4:], 40), _number(soft), _number(hard), visible(unit, 20)))
    return tuple(found)


def _share(text: str) -> float | None:
    quota, _, period = text.strip().partition(" ")
    if not (quota.isascii() and quota.isdigit() and period.isascii() and period.isdigit()):
        return None
    return int(quota) / int(period) if int(period) else None


def _number(text: str | None) -> int | None:
    word = (text or "").strip()
    if not (word.isascii() and word.isdigit()) or len(word) > 20:
        return None
    return int(word) if int(word) < _NO_LIMIT else None


def _field(text: str | None, name: str) -> int | None:
    for line in (text or "").splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return _number(value)
    return None
