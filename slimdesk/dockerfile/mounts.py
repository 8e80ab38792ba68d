"""RUN --mount: what it asks for, and what BuildKit refuses of it.

Rules of moby/buildkit frontend/dockerfile/instructions/commands_runmount.go (v0.33).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from slimdesk.dockerfile.shellwords import WordError, check_word
from slimdesk.dockerfile.statement import Refused, did_you_mean

_TYPES = ("bind", "cache", "tmpfs", "secret", "ssh")
_KEYS = frozenset({
    "type", "from", "source", "src", "target", "dst", "destination", "readonly", "ro", "readwrite", "rw", "required",
    "size", "id", "sharing", "mode", "uid", "gid", "env",
})  # fmt: skip
_SWITCHES = frozenset({"readonly", "ro", "readwrite", "rw", "required"})
_TRUTH = frozenset({"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"})
_SIZE = re.compile(r"[0-9]+(?:\.[0-9]+)? ?[bBkKmMgGtTpP]?[iI]?[bB]?")


@dataclass(frozen=True, slots=True)
class Mount:
    """What --mount asks for; `options` are the keys in lower case, a switch without a value is true."""

    options: Mapping[str, str]

    @property
    def kind(self) -> str:
        """Its type: bind, cache, tmpfs, secret, ssh, or a word with a variable."""
        return self.options.get("type", "bind").lower()

    @property
    def source_stage(self) -> str | None:
        """The stage or image that it takes its files from."""
        return self.options.get("from") or None

    @property
    def source(self) -> str | None:
        """What is mounted."""
        return self.options.get("source") or self.options.get("src") or None

    @property
    def target(self) -> str | None:
        """Where it is mounted."""
        return next(
            (self.options[key] for key in ("target", "dst", "destination") if self.options.get(key)), None
        )


def parse_mount(value: str) -> Mount:
    """Take the value of --mount apart without judging its keys. Raises Refused."""
    options: dict[str, str] = {}
    for field in _comma_fields(value):
        key, equals, text = field.partition("=")
        if key.lower() == "from" and "$" in text[:-1]:
            raise Refused(
                "from= of --mount takes no variable", "Name a stage that begins with FROM and the variable"
            )
        options[key.lower()] = text if equals else "true"
    return Mount(options)


def check_mount(value: str) -> None:
    """Raise Refused for keys and values that BuildKit refuses; what depends on a variable is not judged."""
    kind = "bind"
    for field in _comma_fields(value):
        key, equals, text = field.partition("=")
        key = key.lower()
        if not equals and key not in _SWITCHES:
            raise Refused(f"--mount: {field} has no value", f"Write {field}=VALUE")
        if key not in _KEYS:
            raise Refused(f"--mount has no key {key}", did_you_mean(key, _KEYS))
        try:
            check_word(text)
        except WordError as error:
            raise Refused(f"{text} cannot be read: {error}") from None
        if set("$'\"\\") & set(text):
            continue
        if key == "type":
            kind = text.lower()
            if kind not in _TYPES:
                raise Refused(f"there is no mount of type {text}", did_you_mean(kind, _TYPES))
        else:
            _check_option(kind, key, text if equals else "true")
    if "$" not in value:
        _check_whole(parse_mount(value))


def _check_option(kind: str, key: str, text: str) -> None:
    if key in _SWITCHES and text not in _TRUTH:
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


def _check_whole(mount: Mount) -> None:
    kind, options = mount.kind, mount.options
    if kind in ("bind", "tmpfs"):
        for key in ("mode", "uid", "gid"):
            if key in options:
                raise Refused(f"a {kind} mount has no {key}")
    if kind in ("bind", "cache", "tmpfs") and mount.target == "/":
        raise Refused("nothing can be mounted on /", "Give a folder below it")
    if kind == "secret":
        if options.get("from") or options.get("sharing"):
            raise Refused("a secret mount has neither from nor sharing")
        if not (mount.source or mount.target or options.get("id")):
            raise Refused("a secret mount needs id, source or target", "Write --mount=type=secret,id=NAME")
        if mount.source and options.get("id"):
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
