"""What BuildKit refuses only when it comes to an instruction, so only in stages that are built.

Rules of moby/buildkit frontend/dockerfile/dockerfile2llb/convert.go, convert_copy.go and convert_expose.go (v0.33).
What depends on a variable is not judged.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable

from slimdesk.dockerfile.flags import flag_values
from slimdesk.dockerfile.lines import is_heredoc
from slimdesk.dockerfile.model import Instruction
from slimdesk.dockerfile.mounts import check_mount
from slimdesk.dockerfile.shellwords import WordError, check_word, expanded_words
from slimdesk.dockerfile.statement import Refused

_REMOTE = re.compile(r"https?://|git://|ssh://|[A-Za-z0-9.-]+@")
_DIGITS = {"sha256": 64, "sha384": 96, "sha512": 128}
_SYMBOLIC_MODE = re.compile(r"[augo]*(?:[-+=][rstwXxugo]*)+(?:,[augo]*(?:[-+=][rstwXxugo]*)+)*")
_SIGNALS = frozenset({
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL", "PROF",
    "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1", "USR2",
    "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX",
    *(f"RTMIN+{number}" for number in range(1, 16)), *(f"RTMAX-{number}" for number in range(1, 15)),
})  # fmt: skip


def check_building(instruction: Instruction, escape: str = "\\") -> None:
    """Raise Refused if BuildKit would refuse to carry the instruction out."""
    check = _CHECKS.get(instruction.keyword)
    if check is not None:
        check(instruction, escape)


def _words(instruction: Instruction, escape: str) -> None:
    for word in instruction.arguments:
        _readable(word, escape)


def _readable(word: str, escape: str) -> None:
    try:
        check_word(word, escape)
    except WordError as error:
        raise Refused(f"{word} cannot be read: {error}", "Check its quotes and variables") from None


def _defaults(instruction: Instruction, escape: str) -> None:
    for word in instruction.arguments:
        _readable(word.partition("=")[2], escape)


def _mounts(instruction: Instruction, escape: str) -> None:
    del escape
    for value in flag_values(instruction.flags, "mount"):
        check_mount(value)


def _files(instruction: Instruction, escape: str) -> None:
    sources = instruction.arguments[:-1]
    for word in instruction.arguments:
        if not is_heredoc(word):
            _readable(word, escape)
    for name in ("chown", "chmod", "checksum"):
        for value in flag_values(instruction.flags, name):
            _readable(value, escape)
    for mode in flag_values(instruction.flags, "chmod"):
        if mode and not set("$'\"\\") & set(mode):
            octal = re.fullmatch("[0-7]+", mode) and int(mode, 8) <= 0o7777
            if not octal and not _SYMBOLIC_MODE.fullmatch(mode):
                raise Refused(f"--chmod={mode} is not a mode", "Write an octal number such as 0755")
    if instruction.keyword == "ADD":
        _check_checksum(instruction.flags, sources)
        return
    for source in sources:
        if source.startswith(("http://", "https://", "git://", "git@")):
            raise Refused(f"COPY cannot fetch {source}", "ADD can")


def _check_checksum(flags: tuple[str, ...], sources: tuple[str, ...]) -> None:
    for checksum in flag_values(flags, "checksum"):
        if not checksum or "$" in checksum or any("$" in source for source in sources):
            continue
        if len(sources) != 1 or not _REMOTE.match(sources[0]):
            raise Refused("--checksum needs one source, from the network", "Leave it out for local files")
        if sources[0].startswith("http") and not sources[0].partition("#")[0].endswith(".git"):
            algorithm, _, digits = checksum.partition(":")
            if len(digits) != _DIGITS.get(algorithm, -1) or not re.fullmatch("[0-9a-f]+", digits):
                raise Refused(
                    f"--checksum={checksum} is not a digest", "Write sha256: and 64 hexadecimal digits"
                )


def _signal(instruction: Instruction, escape: str) -> None:
    _words(instruction, escape)
    written = instruction.arguments[0]
    if "$" in written:
        return
    text = " ".join(expanded_words(written, _unset, escape)) if set("'\"\\") & set(written) else written
    name = text.upper().removeprefix("SIG")
    if name not in _SIGNALS and (not re.fullmatch(r"[+-]?[0-9]+", text) or int(text) == 0):
        raise Refused(f"there is no signal {text}", "Write it as SIGTERM or 15")


def _ports(instruction: Instruction, escape: str) -> None:
    _words(instruction, escape)
    for written in instruction.arguments:
        if "$" not in written:
            for port in expanded_words(written, _unset, escape):
                _check_port(port)


def _unset(name: str) -> str | None:
    del name
    return None


def _check_port(text: str) -> None:
    *hosts, last = text.split(":")
    ports, _, protocol = last.partition("/")
    if protocol.lower() not in ("", "tcp", "udp", "sctp"):
        raise Refused(f"EXPOSE {text}: {protocol} is not a protocol", "Write tcp, udp or sctp")
    span = _port_range(ports, text)
    if hosts and hosts[-1]:
        host = _port_range(hosts[-1], text)
        if host[1] - host[0] != span[1] - span[0] and span[0] != span[1]:
            raise Refused(f"EXPOSE {text}: the two ranges differ in length")
    address = ":".join(hosts[:-1])
    if address:
        bare = address[1:-1] if address.startswith("[") and address.endswith("]") else address
        try:
            ipaddress.ip_address(bare)
        except ValueError:
            raise Refused(f"EXPOSE {text}: {address} is not an address", "Write the port alone") from None


def _port_range(text: str, whole: str) -> tuple[int, int]:
    first, dash, last = text.partition("-")
    ends = (first, last if dash else first)
    if not all(re.fullmatch(r"\+?[0-9]{1,9}", end) and int(end) <= 65535 for end in ends):
        raise Refused(f"EXPOSE {whole} is not a port", "Write a number from 0 to 65535, such as 8080")
    low, high = int(ends[0]), int(ends[1])
    if high < low:
        raise Refused(f"EXPOSE {whole}: the range runs backwards")
    return low, high


_CHECKS: dict[str, Callable[[Instruction, str], None]] = {
    "ADD": _files,
    "ARG": _defaults,
    "COPY": _files,
    "ENV": _words,
    "EXPOSE": _ports,
    "LABEL": _words,
    "RUN": _mounts,
    "STOPSIGNAL": _signal,
    "USER": _words,
    "VOLUME": _words,
    "WORKDIR": _words,
}
