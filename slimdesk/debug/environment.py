"""The environment that a container's process really has; what looks like a secret is masked until somebody asks."""

from __future__ import annotations

import re
from dataclasses import dataclass

from slimdesk.basics.escaping import visible
from slimdesk.debug.sections import Script, read_text

MASK = "••••••"
# Rather one too many: a name that is none costs one click.
_NAME = re.compile(
    r"pass(?!ive)|pwd$|secret|token|key|cred|auth|private|dsn|salt|signature|cookie|conn(?:ection)?_?str",
    re.IGNORECASE,
)
_VALUE = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@|-----BEGIN |(?i:password|pwd)=[^;\s]")
_HARMLESS = re.compile(r"PUBLIC_KEY|_FILE$|_PATH$|_DIR$|^PWD$|^OLDPWD$|^SSH_AUTH_SOCK$")
_LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable. `secret`: it looks like one."""

    name: str
    value: str
    secret: bool

    def shown(self, *, reveal: bool = False) -> str:
        """Return the value as one harmless line, masked unless asked for."""
        return visible(self.value, _LONGEST) if reveal or not self.secret else MASK


def script(app: int) -> Script:
    """Return what asks for the environment of that process."""
    return Script('echo "$1 environ"; cat "/proc/$2/environ"', (str(app),))


def parse(asked: Script, out: bytes) -> tuple[Variable, ...]:
    """Read the answer, sorted by name; the process may have changed its own since its start."""
    found = []
    for name, body in asked.parts(out):
        if name == "environ":
            found = [
                variable(*read_text(word).partition("=")[::2]) for word in body.split(b"\0") if b"=" in word
            ]
    return tuple(sorted(found, key=lambda one: one.name))


def variable(name: str, value: str) -> Variable:
    """Return a variable with whether it looks like a secret."""
    by_name = bool(_NAME.search(name)) and not _HARMLESS.search(name) and bool(value)
    return Variable(visible(name, 200), value, by_name or bool(_VALUE.search(value)))
