"""The flags of each instruction: which there are, what they take, and what BuildKit refuses of them.

Tables of moby/buildkit frontend/dockerfile/instructions/parse.go, bflag.go and commands_run*.go (v0.33).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from slimdesk.dockerfile.statement import Refused

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

_MOUNT_TYPES = ("bind", "cache", "tmpfs", "secret", "ssh")
_MOUNT_KEYS = frozenset({
    "type", "from", "source", "src", "target", "dst", "destination", "readonly", "ro", "readwrite", "rw", "required",
    "size", "id", "sharing", "mode", "uid", "gid", "env",
})  # fmt: skip
_TRUTH = frozenset({"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"})
_SIZE = re.compile(r"[0-9]+(?:\.[0-9]+)? ?[bBkKmMgGtTpP]?[iI]?[bB]?")
_DURATION = re.compile(r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+|[+-]?0")
_DURATION_PART = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class Mount:
    """What --mount asks for; `options` are the other keys with their values, in lower case and by their first name."""

    kind: str
    options: Mapping[str, str]

    @property
    def target(self) -> str | None:
        """Where it is mounted."""
        return next(
            (self.options[key] for key in ("target", "dst", "destination") if key in self.options), None
        )


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
            raise Refused(f"{keyword} has no flag --{name}", _suggestion(name, known))
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


def parse_mount(value: str) -> Mount:
    """Take the value of --mount apart; what depends on a variable is not judged. Raises Refused."""
    kind = "bind"
    options: dict[str, str] = {}
    for field in _comma_fields(value):
        key, equals, text = field.partition("=")
        key = key.lower()
        if key not in _MOUNT_KEYS:
            raise Refused(f"--mount has no key {key}", _suggestion(key, _MOUNT_KEYS, ""))
        if not equals and key not in ("readonly", "ro", "readwrite", "rw", "required"):
            raise Refused(f"--mount: {field} has no value", f"Write {key}=VALUE")
        if key == "from" and "$" in text[:-1]:
            raise Refused(
                "from= of --mount takes no variable", "Name a stage that begins with FROM and the variable"
            )
        if "$" in text:
            options[key] = text
            continue
        if key == "type":
            kind = text.lower()
            if kind not in _MOUNT_TYPES:
                raise Refused(f"there is no mount of type {text}", _suggestion(kind, _MOUNT_TYPES, ""))
            continue
        _check_mount_option(kind, key, text if equals else "true")
        options[key] = text if equals else "true"
    if "$" not in value:
        _check_mount(kind, options)
    return Mount(kind, options)


def _check_mount_option(kind: str, key: str, text: str) -> None:
    if key in ("readonly", "ro", "readwrite", "rw", "required") and text not in _TRUTH:
        raise Refused(f"--mount: {key} takes true or false, not {text}")
    if key == "required" and kind not in ("secret", "ssh"):
        raise Refused(f"a {kind} mount has no key required")
    if key == "size" and (kind != "tmpfs" or not _SIZE.fullmatch(text)):
        raise Refused(f"size={text} does not fit a {kind} mount", "Only a tmpfs mount has a size")
    if key == "sharing" and text.lower() not in ("shared", "private", "locked"):
        raise Refused(f"sharing={text} is not known", "Write shared, private or locked")
    if key == "mode" and not re.fullmatch("[0-7]+", text):
        raise Refused(f"mode={text} is not an octal number")
    if key in ("uid", "gid") and (not re.fullmatch("[0-9]+", text) or int(text) >= 2**32):
        raise Refused(f"{key}={text} is not a number")


def _check_mount(kind: str, options: Mapping[str, str]) -> None:
    if kind in ("bind", "tmpfs"):
        for key in ("mode", "uid", "gid"):
            if key in options:
                raise Refused(f"a {kind} mount has no {key}")
    source = options.get("source") or options.get("src")
    if kind == "secret":
        if options.get("from") or options.get("sharing"):
            raise Refused("a secret mount has neither from nor sharing")
        target = next((options[key] for key in ("target", "dst", "destination") if options.get(key)), None)
        if not (source or target or options.get("id")):
            raise Refused("a secret mount needs id, source or target", "Write --mount=type=secret,id=NAME")
        if source and options.get("id"):
            raise Refused("a secret mount has either source or id")
    if options.get("sharing") and kind != "cache":
        raise Refused(f"a {kind} mount has no sharing", "Only a cache mount has it")


def _comma_fields(value: str) -> list[str]:
    """One line of comma-separated values as RFC 4180 has it."""
    if not value:
        raise Refused("--mount has no value", "Write --mount=type=cache,target=PATH")
    fields: list[str] = []
    at = 0
    while True:
        if not value.startswith('"', at):
            end = value.find(",", at)
            field = value[at:] if end < 0 else value[at:end]
            if '"' in field:
                raise Refused("a quote of --mount stands inside a value", "Quote the whole of KEY=VALUE")
            fields.append(field)
            if end < 0:
                return fields
            at = end + 1
            continue
        parts: list[str] = []
        at += 1
        while True:
            end = value.find('"', at)
            if end < 0:
                raise Refused("a quote of --mount is not closed")
            parts.append(value[at:end])
            at = end + 1
            if not value.startswith('"', at):
                break
            parts.append('"')
            at += 1
        fields.append("".join(parts))
        if at == len(value):
            return fields
        if value[at] != ",":
            raise Refused("a quote of --mount stands inside a value", "Quote the whole of KEY=VALUE")
        at += 1


def _suggestion(word: str, known: Iterable[str], prefix: str = "--") -> str:
    close = difflib.get_close_matches(word, list(known), 1)
    return f"Did you mean {prefix}{close[0]}?" if close else ""
