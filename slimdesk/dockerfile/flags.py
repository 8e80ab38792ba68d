"""The flags of each instruction: which there are, what they take, and what BuildKit refuses of them.

Tables of moby/buildkit frontend/dockerfile/instructions/parse.go, bflag.go and commands_run*.go (v0.33).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal

from slimdesk.dockerfile.mounts import parse_mount
from slimdesk.dockerfile.statement import Refused, did_you_mean

Kind = Literal["bool", "text", "texts"]

_COPY: dict[str, Kind] = {"chown": "text", "chmod": "text", "link": "bool", "exclude": "texts"}
FLAGS: Mapping[str, Mapping[str, Kind]] = {
    "FROM": {"platform": "text"},
    "RUN": {"mount": "texts", "network": "text", "security": "text", "device": "texts"},
    "COPY": {**_COPY, "from": "text", "parents": "bool"},
    "ADD": {**_COPY, "keep-git-dir": "bool", "checksum": "text", "unpack": "bool"},
    "HEALTHCHECK": dict.fromkeys(
        ("interval", "timeout", "start-period", "start-interval", "retries"), "text"
    ),
}
# BuildKit never looks at the flags of these.
UNCHECKED = frozenset({"ARG", "STOPSIGNAL"})

_DURATION = re.compile(r"[+-]?(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+|[+-]?0")
_DURATION_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def flag_values(flags: Iterable[str], name: str) -> tuple[str, ...]:
    """Return the values of a flag, in order; a flag without = has the value true."""
    found = (flag[2:].partition("=") for flag in flags)
    return tuple(value if equals else "true" for key, equals, value in found if key == name)


def check_flags(keyword: str, flags: Iterable[str]) -> None:
    """Raise Refused if an instruction does not know a flag, is given it twice, or cannot take its value."""
    if keyword in UNCHECKED:
        return
    known = FLAGS.get(keyword, {})
    seen: set[str] = set()
    for flag in flags:
        name, equals, value = flag[2:].partition("=")
        kind = known.get(name)
        if kind is None:
            raise Refused(f"{keyword} has no flag --{name}", did_you_mean(name, known, "--"))
        if name in seen and kind != "texts":
            raise Refused(f"the flag --{name} is given twice")
        seen.add(name)
        if kind == "bool":
            if equals and value.lower() not in ("true", "false"):
                raise Refused(f"--{name} takes true or false, not {value or 'nothing'}")
        elif not equals:
            raise Refused(f"--{name} has no value", f"Write --{name}=VALUE")
        _check_value(keyword, name, value)


def _check_value(keyword: str, name: str, value: str) -> None:
    if keyword == "HEALTHCHECK":
        _check_health(name, value)
    elif name == "network" and value not in ("default", "none", "host"):
        raise Refused(f"--network={value} is not known", "Write default, none or host")
    elif name == "security" and value not in ("insecure", "sandbox"):
        raise Refused(f"--security={value} is not known", "Write insecure or sandbox")
    elif name == "mount":
        parse_mount(value)


def _check_health(name: str, value: str) -> None:
    if not value:
        return
    if name == "retries":
        if not re.fullmatch(r"[+-]?[0-9]+", value) or not 0 <= int(value) < 2**31:
            raise Refused(f"--retries={value} is not a number from 0")
        return
    if not _DURATION.fullmatch(value):
        raise Refused(f"--{name}={value} is not a duration", "Write it as 30s, 1m30s or 500ms")
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in _DURATION_PART.findall(value))
    if seconds and (value.startswith("-") or seconds < 1e-3):
        raise Refused(f"--{name}={value} is shorter than 1ms")
