"""Open ports and connections of a container, from /proc/net as its network namespace has it (proc_net(5))."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal

from slimdesk.basics.escaping import visible
from slimdesk.debug.sections import Script, read_text

Protocol = Literal["tcp", "tcp6", "udp", "udp6"]
_PROTOCOLS: tuple[Protocol, ...] = ("tcp", "tcp6", "udp", "udp6")
_TEXT = r"""
for name in tcp tcp6 udp udp6; do echo "$1 $name"; cat "/proc/$2/net/$name" 2>/dev/null; done
echo "$1 fds"; ls -l /proc/[0-9]*/fd 2>/dev/null
for d in /proc/[0-9]*; do read -r comm 2>/dev/null <"$d/comm" && echo "$1 comm ${d#/proc/}" && echo "$comm"; done
"""
_ROW = re.compile(
    r"^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) ([0-9A-F]+):([0-9A-F]{4}) ([0-9A-F]{2}) \S+ \S+ \S+\s+(\d+)\s+\d+ (\d+)",
    re.MULTILINE,
)
_FOLDER = re.compile(r"^/proc/(\d+)/fd:$")
_SOCKET = re.compile(r" -> socket:\[(\d+)\]$")
# linux/include/net/tcp_states.h
_STATES = {
    1: "established", 2: "connecting", 3: "accepting", 4: "closing", 5: "closing", 6: "closed lately",
    7: "closed", 8: "closed by the other side", 9: "closing", 10: "listening", 11: "closing", 12: "accepting",
}  # fmt: skip
_LISTENING, _UNCONNECTED = 10, 7


@dataclass(frozen=True, slots=True)
class Socket:
    """One socket. `listening` is a TCP one that accepts, or a UDP one without a partner; `state` is in words.

    `pid` and `program` say whose it is, None where nobody here holds it (the engine's own name server, or one just closed).
    """

    protocol: Protocol
    address: str
    port: int
    remote: str
    remote_port: int
    listening: bool
    state: str
    uid: int
    pid: int | None
    program: str | None

    @property
    def inside_only(self) -> bool:
        """Whether nothing outside of the container reaches it: it listens on the loopback address."""
        return self.listening and self.address != "?" and ipaddress.ip_address(self.address).is_loopback


def script(app: int) -> Script:
    """Return what asks for the sockets in the network namespace of that process."""
    return Script(_TEXT, (str(app),))


def parse(asked: Script, out: bytes) -> tuple[Socket, ...]:
    """Read the answer: listening ones first, by port."""
    parts = asked.parts(out)
    names = {int(name[5:]): visible(read_text(body).strip(), 64) for name, body in parts if _is_comm(name)}
    holders: dict[str, int] = {}
    for name, body in parts:
        if name == "fds":
            holders = _holders(read_text(body))
    found: list[Socket] = []
    for name, body in parts:
        for protocol in _PROTOCOLS:
            if name == protocol:
                found += [_socket(protocol, row, holders, names) for row in _ROW.finditer(read_text(body))]
    return tuple(sorted(found, key=lambda one: (not one.listening, one.port, one.protocol, one.remote)))


def _socket(protocol: Protocol, row: re.Match[str], holders: dict[str, int], names: dict[int, str]) -> Socket:
    state = int(row[5], 16)
    tcp = protocol.startswith("tcp")
    listening = state == (_LISTENING if tcp else _UNCONNECTED)
    pid = holders.get(row[7])
    words = _STATES.get(state, "unknown") if tcp else ("receiving" if listening else "connected")
    return Socket(
        protocol=protocol,
        address=_address(row[1]),
        port=int(row[2], 16),
        remote=_address(row[3]),
        remote_port=int(row[4], 16),
        listening=listening,
        state=words,
        uid=int(row[6]),
        pid=pid,
        program=None if pid is None else names.get(pid),
    )


def _address(text: str) -> str:
    """Words of 32 bits, each as this machine stores them (proc_net(5)); all that Docker runs on are little-endian."""
    try:
        raw = bytes.fromhex(text)
        words = b"".join(raw[at : at + 4][::-1] for at in range(0, len(raw), 4))
        address = ipaddress.ip_address(words)
    except ValueError:
        return "?"
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def _holders(text: str) -> dict[str, int]:
    found: dict[str, int] = {}
    pid: int | None = None
    for line in text.splitlines():
        folder = _FOLDER.match(line)
        if folder:
            pid = int(folder[1])
            continue
        socket = _SOCKET.search(line)
        # The first that has it: a parent that listens and hands it to its workers.
        if socket and pid is not None and pid < found.get(socket[1], pid + 1):
            found[socket[1]] = pid
    return found


def _is_comm(name: str) -> bool:
    return name.startswith("comm ") and name[5:].isascii() and name[5:].isdigit()
