"""What FROM and COPY --from refer to: names of images, stages, and variables in them.

The grammar of names is github.com/distribution/reference; what is refused is what BuildKit's
dockerfile2llb/convert.go (v0.33) refuses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from slimdesk.dockerfile.flags import flag_values
from slimdesk.dockerfile.model import Dockerfile, Instruction, Stage
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
    match = _REFERENCE.fullmatch(text)
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


def stage_of(word: str, before: Sequence[Stage]) -> int | None:
    """Return the index of the stage that a name or a number means; None if it means an image."""
    if re.fullmatch(r"[+-]?[0-9]+", word):
        return int(word)
    # Of several stages of one name the last is meant.
    return next(
        (index for index in range(len(before) - 1, -1, -1) if before[index].name == word.lower()), None
    )


def bases(dockerfile: Dockerfile) -> list[str | int | None]:
    """Return for each stage what it stands on: the index of a stage, an image's name, or None if only the build knows."""
    escape = dockerfile.directives.get("escape", "\\")
    values = global_arguments(dockerfile, escape)
    found: list[str | int | None] = []
    for index, stage in enumerate(dockerfile.stages):
        base = resolved(stage.base, values, escape)
        earlier = None if base is None else _named(base, dockerfile.stages[:index])
        found.append(base if earlier is None else earlier)
    return found


def _named(base: str, before: Sequence[Stage]) -> int | None:
    """FROM takes names of stages only, never their numbers."""
    return next(
        (index for index in range(len(before) - 1, -1, -1) if before[index].name == base.lower()), None
    )


def check_references(dockerfile: Dockerfile) -> tuple[Instruction, Refused] | None:
    """Return the first FROM or COPY that BuildKit refuses for what it names, with the reason."""
    escape = dockerfile.directives.get("escape", "\\")
    try:
        values = global_arguments(dockerfile, escape)
    except Refused as refused:
        return dockerfile.arguments[0], refused
    for index, stage in enumerate(dockerfile.stages):
        first = stage.instructions[0]
        try:
            _check_base(stage, values, dockerfile.stages[:index], escape)
        except Refused as refused:
            return first, refused
        for instruction in stage.instructions[1:]:
            try:
                _check_source(instruction, index, dockerfile.stages)
            except Refused as refused:
                return instruction, refused
    return None


def _check_base(stage: Stage, values: Mapping[str, str | None], before: Sequence[Stage], escape: str) -> None:
    base = resolved(stage.base, values, escape)
    if base == "":
        raise Refused(
            f"the base image {stage.base} is empty",
            "Declare its variable with ARG NAME=VALUE before the first FROM",
        )
    if base is not None and _named(base, before) is None and parse_reference(base) is None:
        raise Refused(f"{base} is not the name of an image", _about_name(base))
    if stage.platform is not None:
        platform = resolved(stage.platform, values, escape)
        if platform is not None and not is_platform(platform):
            raise Refused(f"{platform or stage.platform} is not a platform", "Write it as linux/amd64")


def _about_name(base: str) -> str:
    return "Names of images are written in lower case" if base.lower() != base else ""


def is_platform(text: str) -> bool:
    """Whether a text is a platform such as linux/amd64, linux/arm/v7, or one word that is a system or a processor."""
    parts = text.split("/")
    if len(parts) > 3 or not _PLATFORM_FIRST.fullmatch(parts[0]):
        return False
    if len(parts) == 1:
        return parts[0].partition("(")[0].lower() in _SYSTEMS or parts[0].lower() in _ARCHITECTURES
    return all(_PLATFORM_PART.fullmatch(part) for part in parts[1:])


def _check_source(instruction: Instruction, index: int, stages: Sequence[Stage]) -> None:
    if instruction.keyword != "COPY":
        return
    for source in flag_values(instruction.flags, "from"):
        if "$" in source or "'" in source or '"' in source:
            raise Refused(
                f"--from={source} takes no variable", "Name a stage that begins with FROM and the variable"
            )
        meant = stage_of(source, stages)
        if meant is None:
            continue
        if not 0 <= meant < len(stages):
            raise Refused(
                f"there is no stage {source}", f"The stages are numbered from 0 to {len(stages) - 1}"
            )
        if meant >= index:
            raise Refused(
                f"--from={source} names a stage that is not finished there", "Move that stage before this one"
            )
