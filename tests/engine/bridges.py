"""The network of an engine of the tests' own: a bridge, addresses and rules beside those of whatever runs here."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

# Where programs of root's live; a desktop's PATH often lacks them.
SYSTEM_PATH = os.pathsep.join(
    [os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin"]
)


def pool(number: int) -> str:
    """Return the addresses that the engine gives to networks."""
    return f"172.31.{number}.0/24"


def add(bridge: str, number: int) -> None:
    """Make the bridge and the rules. Raises subprocess.CalledProcessError."""
    address = _subnet(number).replace(".0/24", ".1/24")
    run(["ip", "link", "add", bridge, "type", "bridge"])
    run(["ip", "addr", "add", address, "dev", bridge])
    run(["ip", "link", "set", bridge, "mtu", uplink_mtu(), "up"])
    for words in _rules(number):
        run(["iptables", "-w", *words[:2], "-I", *words[2:]])


def remove(bridge: str, number: int) -> None:
    """Take both away; what is not there is no error."""
    for words in _rules(number):
        command = ["iptables", "-w", *words[:2], "-D", *words[2:]]
        subprocess.run(command, check=False, capture_output=True, env=environment())
    command = ["ip", "link", "del", bridge]
    subprocess.run(command, check=False, capture_output=True, env=environment())


def uplink_mtu() -> str:
    """Return the MTU of this machine's way out."""
    route = subprocess.run(["ip", "route", "show", "default"], check=False, capture_output=True, text=True,
                           env=environment())  # fmt: skip
    device = re.search(r"\bdev (\S+)", route.stdout)
    if device:
        with contextlib.suppress(OSError):
            return Path(f"/sys/class/net/{device.group(1)}/mtu").read_text().strip()
    return "1500"


def run(words: list[str], cwd: Path | None = None) -> str:
    """Run one of the machine's programs and return what it wrote. Raises subprocess.CalledProcessError."""
    done = subprocess.run(words, cwd=cwd, check=True, capture_output=True, text=True, env=environment())
    return done.stdout


def environment() -> dict[str, str]:
    """Return the environment in which they run."""
    return {**os.environ, "PATH": SYSTEM_PATH, "LC_ALL": "C.UTF-8"}


def which(program: str) -> str | None:
    """Return where a program is; None where it is not."""
    return shutil.which(program, path=SYSTEM_PATH)


def _subnet(number: int) -> str:
    return f"172.30.{number}.0/24"


def _rules(number: int) -> Iterator[list[str]]:
    """Rules that let containers out; the engine itself manages none, so that two engines do not share chains."""
    for net in (_subnet(number), pool(number)):
        yield ["-t", "nat", "POSTROUTING", "-s", net, "!", "-d", net, "-j", "MASQUERADE"]
        yield ["-t", "filter", "FORWARD", "-s", net, "-j", "ACCEPT"]
        yield ["-t", "filter", "FORWARD", "-d", net, "-j", "ACCEPT"]
