"""What is kept of files that may be executed: what they need to start, and what compilers wrote into them."""

from __future__ import annotations

from slimdesk.image.bodies import MAX_BODY, Interest
from slimdesk.image.interests import Rule
from slimdesk.image.packages import go, rust
from slimdesk.image.packages.elf import MAGIC, read_elf
from slimdesk.image.packages.program_facts import WORD, Program

_HEAD = 4096
_SHEBANG = 256


def _wanted(start: bytes, size: int) -> int:
    if start == MAGIC:
        return size if size <= MAX_BODY else _HEAD
    return min(size, _SHEBANG) if start[:2] == b"#!" else 0


def _look(_: bytes, body: bytes, size: int) -> Program | None:
    if body[:2] == b"#!":
        words = body[2:].split(b"\n", 1)[0].split()
        return Program(interpreter=words[0].decode("utf-8", "replace")) if words else None
    elf = read_elf(body)
    if elf is None:
        return None
    whole = len(body) == size
    found = Program(
        loader=elf.loader,
        go=go.build_info(elf) if whole else None,
        rust=rust.audit_data(elf) if whole else None,
    )
    return found if found != Program() else None


def _weight(value: object) -> int:
    if not isinstance(value, Program):
        return 0
    return 256 + (len(value.go.modules) if value.go else 0) + (len(value.rust) if value.rust else 0)


def _is_no_library(key: bytes) -> bool:
    return b".so" not in key[key.rfind(b"\0") + 1 :]


RULES = (
    Rule(
        Interest(WORD, _look, MAX_BODY, wanted=_wanted, weighs=_weight), executable=True, fits=_is_no_library
    ),
)
