"""What stands behind FROM: names of images and platforms, and the variables in them.

The grammar of names is github.com/distribution/reference, that of platforms github.com/containerd/platforms.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from slimdesk.dockerfile.model import Dockerfile
from slimdesk.dockerfile.shellwords import RequiredVariable, WordError, expand
from slimdesk.dockerfile.statement import Refused

_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_DOMAIN = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[(?:[a-fA-F0-9:]+)\])(?::[0-9]+)?"
_DIGEST = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
_REFERENCE = re.compile(
    rf"(?P<name>(?:(?P<domain>{_DOMAIN})/)?(?P<path>{_PART}(?:/{_PART})*))(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}}))?"
    rf"(?:@(?P<digest>{_DIGEST}))?"
)
# A name of 255, a tag of 128, and room for any digest.
_LONGEST = 1000
_PLATFORM_PART = re.compile(r"[A-Za-z0-9_.-]+")
_PLATFORM_FIRST = re.compile(r"[A-Za-z0-9_.-]+(?:\([A-Za-z0-9_.+%-]*\))?")
_SYSTEMS = frozenset({
    "aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "linux", "nacl", "netbsd", "openbsd",
    "plan9", "solaris", "windows", "zos", "macos", "wasip1",
})  # fmt: skip
_ARCHITECTURES = frozenset({
    "386", "amd64", "amd64p32", "arm", "armbe", "arm64", "arm64be", "ppc64", "ppc64le", "loong64", "mips", "mipsle", "mips64",
    "mips64le", "mips64p32", "mips64p32le", "ppc", "riscv", "riscv64", "s390", "s390x", "sparc", "sparc64", "wasm",
    "i386", "x86_64", "x86-64", "aarch64", "armhf", "armel",
})  # fmt: skip
# BuildKit sets these itself for FROM.
PLATFORM_ARGUMENTS = frozenset(
    f"{side}{part}"
    for side in ("TARGET", "BUILD")
    for part in ("PLATFORM", "OS", "ARCH", "VARIANT", "OSVERSION")
) | {"TARGETSTAGE"}


@dataclass(frozen=True, slots=True)
class Reference:
    """The name of an image; `name` without tag and digest."""

    name: str
    tag: str | None = None
    digest: str | None = None

    @property
    def last(self) -> str:
        """The last part of the name."""
        return self.name.rpartition("/")[2]


def parse_reference(text: str) -> Reference | None:
    """Take an image's name apart; None if it is not one."""
    match = _REFERENCE.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None or re.fullmatch("[0-9a-f]{64}", text) or len(match["name"]) > 255:
        return None
    domain = match["domain"]
    # Without a dot, a port or capitals the first part is not a host, so it has to be lower case: it is.
    if domain and not (re.search(r"[.:A-Z]", domain) or domain == "localhost" or re.fullmatch(_PART, domain)):
        return None
    return Reference(match["name"], match["tag"], match["digest"])


def global_arguments(dockerfile: Dockerfile, escape: str = "\\") -> dict[str, str | None]:
    """Return the ARGs before the first FROM with their defaults; None has none. Raises Refused."""
    values: dict[str, str | None] = {}
    for instruction in dockerfile.arguments:
        for word in instruction.arguments:
            name, equals, default = word.partition("=")
            if not equals:
                values.setdefault(name, None)
                continue
            try:
                values[name] = expand(default, values.get, escape)
            except RequiredVariable:
                values[name] = None
            except WordError as error:
                raise Refused(f"ARG {word} cannot be read: {error}") from None
    return values


def resolved(word: str, values: Mapping[str, str | None], escape: str = "\\") -> str | None:
    """Return a word of FROM with the defaults in place; None if only the build can know it. Raises Refused."""
    unknown = False

    def lookup(name: str) -> str | None:
        nonlocal unknown
        value = values.get(name)
        if value is None and (name in values or name in PLATFORM_ARGUMENTS):
            unknown = True
        return value

    try:
        text = expand(word, lookup, escape)
    except RequiredVariable as error:
        if unknown:
            return None
        raise Refused(str(error)) from None
    except WordError as error:
        raise Refused(f"{word} cannot be read: {error}") from None
    return None if unknown else text


def is_platform(text: str) -> bool:
    """Whether a text is a platform such as linux/amd64, linux/arm/v7, or one word that is a system or a processor."""
    parts = text.split("/")
    if len(parts) > 3 or not _PLATFORM_FIRST.fullmatch(parts[0]):
        return False
    if len(parts) == 1:
        return parts[0].partition("(")[0].lower() in _SYSTEMS or parts[0].lower() in _ARCHITECTURES
    return all(_PLATFORM_PART.fullmatch(part) for part in parts[1:])
