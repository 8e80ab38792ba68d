"""Does a name resolve from inside a container? Its own files are read, and its name servers asked, with the helper's tools."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import visible
from slimdesk.debug.sections import Script, read_text

# Through the target's root where that may be looked at, else the helper's own: an engine gives both the same.
_TEXT = r"""
for name in resolv.conf hosts; do echo "$1 $name"
  cat "/proc/$2/root/etc/$name" 2>/dev/null || cat "/etc/$name" 2>/dev/null; echo
done
echo; echo "$1 answer"
if command -v nslookup >/dev/null 2>&1; then nslookup "$3" 2>&1; echo; echo "$1 ended $?"
elif command -v getent >/dev/null 2>&1; then getent ahosts "$3" 2>&1; echo; echo "$1 ended $?"
else echo; echo "$1 missing"; fi
"""
_NAME = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?"
)


@dataclass(frozen=True, slots=True)
class NameAnswer:
    """What came of one name. `from_hosts`: /etc/hosts has it, the name servers do not matter. `reason` is a sentence."""

    name: str
    addresses: tuple[str, ...]
    servers: tuple[str, ...]
    search: tuple[str, ...]
    from_hosts: bool
    reason: str


def script(app: int, name: str) -> Script:
    """Return what asks for the name beside that process. Raises BadInput for what is no host name."""
    if not _NAME.fullmatch(name):
        raise BadInput(
            f"{visible(name, 60)} is no host name",
            "",
            "Write it as in example.com, without a scheme or a port",
        )
    return Script(_TEXT, (str(app), name))


def parse(asked: Script, out: bytes, name: str) -> NameAnswer:
    """Read the answer; a name that does not resolve has no addresses, and the reason why."""
    told = {part.split(" ")[0]: read_text(body) for part, body in asked.parts(out)}
    configuration = told.get("resolv.conf", "")
    servers = tuple(visible(word, 60) for word in _values(configuration, "nameserver"))
    search = tuple(visible(word, 100) for line in _values(configuration, "search") for word in line.split())
    listed = _from_hosts(told.get("hosts", ""), name)
    answer = told.get("answer", "")
    addresses = listed or _addresses(answer)
    if listed:
        reason = f"{name} stands in /etc/hosts."
    elif addresses:
        reason = f"{name} resolves."
    elif "missing" in told:
        reason = "The toolbox has neither nslookup nor getent: take another to ask name servers."
    else:
        # Cut off while it waited for an answer.
        reason = _why_not(answer if "ended" in told else f"{answer} timed out", name, servers)
    return NameAnswer(name, addresses, servers, search, bool(listed), reason)


def _why_not(answer: str, name: str, servers: tuple[str, ...]) -> str:
    low = answer.lower()
    if not servers:
        return "The container has no name server: it has no network, or an empty /etc/resolv.conf."
    asked = ", ".join(servers)
    if "timed out" in low or "no servers could be reached" in low or "unreachable" in low:
        return f"The name server {asked} does not answer: it cannot be reached from the container's network."
    if "refused" in low:
        return f"The name server {asked} refuses to answer."
    if "nxdomain" in low or "can't find" in low or "not known" in low or "no answer" in low:
        hint = (
            ""
            if "." in name.rstrip(".")
            else " Containers find one another by name in a network of their own only, not in the default one."
        )
        return f"The name server {asked} does not know {name}.{hint}"
    return f"{name} does not resolve."


def _values(text: str, key: str) -> list[str]:
    lines = (line.split("#")[0].split(None, 1) for line in text.splitlines())
    return [words[1].strip() for words in lines if len(words) == 2 and words[0] == key]


def _from_hosts(text: str, name: str) -> tuple[str, ...]:
    wanted = name.rstrip(".").lower()
    found = []
    for line in text.splitlines():
        words = line.split("#")[0].split()
        if len(words) > 1 and wanted in (word.lower() for word in words[1:]) and _is_address(words[0]):
            found.append(words[0])
    return tuple(dict.fromkeys(found))


def _addresses(text: str) -> tuple[str, ...]:
    """Of nslookup those after the name (the first is the server's own), of getent the first word of each line."""
    found = []
    begun = "Server:" not in text
    for line in text.splitlines():
        begun = begun or line.startswith("Name:")
        word = re.sub(r"^Address(?: \d+)?:\s*", "", line).split()[:1]
        if begun and word and _is_address(word[0]):
            found.append(word[0])
    return tuple(dict.fromkeys(found))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
