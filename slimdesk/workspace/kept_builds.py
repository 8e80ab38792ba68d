"""What is kept of a build beside its sizes: its Dockerfile and its packages, so that two builds can be told apart later."""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slimdesk.image.harmless import HIDDEN, harmless

if TYPE_CHECKING:
    from slimdesk.image.model import Image

_MAX_TEXT = 200_000
_MAX_PACKAGES = 20_000
_MAX_BYTES = 16_000_000
# NAME=VALUE, and the old form of ENV with a blank.
_PAIR = re.compile(r"""([A-Za-z_][A-Za-z0-9_]*)=("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\s"']+)""")
_OLD_ENV = re.compile(r"^(\s*ENV\s+)([A-Za-z_]\w*)([ \t]+)(?!=)(\S.*)$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class KeptPackage:
    """A package of an earlier build; `size` is live bytes, None = not known."""

    type: str
    name: str
    version: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class BuildDetails:
    """The Dockerfile's text without secrets, and the packages of the image; packages None = they were not read."""

    dockerfile: str = ""
    packages: tuple[KeptPackage, ...] | None = None

    def pack(self) -> bytes:
        """Return it as bytes for the file."""
        packages = (
            None
            if self.packages is None
            else [[one.type, one.name, one.version, one.size] for one in self.packages[:_MAX_PACKAGES]]
        )
        return zlib.compress(json.dumps({"dockerfile": self.dockerfile, "packages": packages}).encode(), 6)


def details_of(dockerfile: str, image: Image) -> BuildDetails:
    """Return what is kept of a build; values that look like secrets are left out of the Dockerfile."""
    packages = image.packages
    return BuildDetails(
        without_secrets(dockerfile[:_MAX_TEXT]),
        None
        if packages is None
        else tuple(KeptPackage(one.type, one.name, one.version, one.size) for one in packages),
    )


def unpacked(data: bytes) -> BuildDetails | None:
    """Return what `pack` made; None for anything else."""
    try:
        inflate = zlib.decompressobj()
        whole = json.loads(inflate.decompress(data, _MAX_BYTES))
        packages = whole["packages"]
        return BuildDetails(
            str(whole["dockerfile"]),
            None
            if packages is None
            else tuple(
                KeptPackage(str(kind), str(name), str(version), size if isinstance(size, int) else None)
                for kind, name, version, size in packages
            ),
        )
    except (zlib.error, ValueError, TypeError, KeyError, RecursionError):
        return None


def without_secrets(text: str) -> str:
    """Return a Dockerfile with the values of variables that are named like secrets, and logins in addresses, hidden."""

    def pair(match: re.Match[str]) -> str:
        name, value = match.groups()
        return match.group() if harmless(name, value) == value else f"{name}={HIDDEN}"

    def old(match: re.Match[str]) -> str:
        head, name, blank, value = match.groups()
        return match.group() if harmless(name, value) == value else f"{head}{name}{blank}{HIDDEN}"

    return harmless("", _OLD_ENV.sub(old, _PAIR.sub(pair, text)))
