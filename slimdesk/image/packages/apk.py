"""Alpine's and Wolfi's packages: apk's installed database (apk-tools, doc/apk-v2.5)."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.image.interests import Rule
from slimdesk.image.layer import clean_key
from slimdesk.image.packages.look import Claim, Found, Look
from slimdesk.image.packages.texts import body_of, text, whole

_WORD = "apk"
# apk-tools 3 keeps it below /usr where /lib is a link.
_KEYS = (b"lib\0apk\0db\0installed", b"usr\0lib\0apk\0db\0installed")

RULES = (Rule(whole(_WORD, 64 << 20), names=frozenset((b"installed",)), fits=_KEYS.__contains__),)


def read(look: Look) -> Iterator[Claim]:
    """Yield installed packages with their files: F: names a folder, R: a file in it."""
    for found in look.found(_WORD):
        for block in text(body_of(found)).split("\n\n"):
            claim = _claim(block.split("\n"), found, look)
            if claim:
                yield claim


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
