"""Alpine's and Wolfi's packages: apk's installed database (apk-tools, doc/apk-v2.5)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.image.interests import Rule
from slimdesk.image.layer import clean_key
from slimdesk.image.packages.look import Claim, Found, Look
from slimdesk.image.packages.texts import body_of, text, whole

_WORD = "apk"
_CONSTRAINT = re.compile(r"[<>=~]")
# apk-tools 3 keeps it below /usr where /lib is a link.
_KEYS = (b"lib\0apk\0db\0installed", b"usr\0lib\0apk\0db\0installed")

RULES = (Rule(whole(_WORD, 64 << 20), names=frozenset((b"installed",)), fits=_KEYS.__contains__),)


def read(look: Look) -> Iterator[Claim]:
    """Yield installed packages with their files: F: names a folder, R: a file in it."""
    for found in look.found(_WORD):
        blocks = [block.split("\n") for block in text(body_of(found)).split("\n\n")]
        provided = _provided(blocks)
        for block in blocks:
            claim = _claim(block, found, look)
            if claim:
                claim.requires = _needs(block, claim.name, provided)
                yield claim


def _provided(blocks: list[list[str]]) -> dict[str, str]:
    """What stands for which package: its name, and what it provides, such as so:libssl.so.3 and cmd:curl (apk, letters P and p)."""
    found: dict[str, str] = {}
    for block in blocks:
        name = next((line[2:] for line in block if line.startswith("P:")), "")
        words = next((line[2:].split() for line in block if line.startswith("p:")), [])
        if name:
            found[name] = name
            for word in words:
                found.setdefault(_bare(word), name)
    return found


def _needs(block: list[str], name: str, provided: dict[str, str]) -> tuple[str, ...]:
    words = next((line[2:].split() for line in block if line.startswith("D:")), [])
    # With an exclamation mark it is what must not be there.
    names = (provided.get(_bare(word)) for word in words if not word.startswith("!"))
    return tuple(dict.fromkeys(one for one in names if one is not None and one != name))


def _bare(word: str) -> str:
    return _CONSTRAINT.split(word, maxsplit=1)[0]


def _claim(lines: list[str], found: Found, look: Look) -> Claim | None:
    fields: dict[str, str] = {}
    nodes: dict[int, None] = {}
    folder = ""
    for line in lines:
        letter, colon, value = line.partition(":")
        if not colon:
            continue
        if letter == "F":
            folder = value
        elif letter == "R":
            node = look.paths.find(clean_key(f"{folder}/{value}".encode("utf-8", "replace")))
            if node is not None and not look.table.is_folder(node):
                nodes[node] = None
        else:
            fields.setdefault(letter, value)
    if not fields.get("P") or not fields.get("V"):
        return None
    distribution = look.release.get("ID") or "alpine"
    release = look.release.get("VERSION_ID")
    qualifiers = {"arch": fields.get("A", "")}
    if release:
        qualifiers["distro"] = f"{distribution}-{release}"
    return Claim(
        fields["P"],
        fields["V"],
        "apk",
        found.path,
        found.node,
        namespace=distribution,
        licence=fields.get("L"),
        qualifiers=qualifiers,
        nodes=list(nodes),
    )
