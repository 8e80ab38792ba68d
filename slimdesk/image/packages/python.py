"""Python distributions: *.dist-info (METADATA, RECORD) and *.egg-info (PKG-INFO), as PyPA's specifications have them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from slimdesk.image.interests import Rule
from slimdesk.image.layer import clean_key
from slimdesk.image.packages.look import Claim, Found, Look
from slimdesk.image.packages.texts import body_of, paragraphs, text, whole

_METADATA, _RECORD, _TOP = "python-metadata", "python-record", "python-top-level"
_LICENCE = "License :: "
_NEEDS = "Requires-Dist"
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_EXTRA = re.compile(r"\bextra\s*==")


def _in_dist_info(key: bytes) -> bool:
    folder = key.rpartition(b"\0")[0]
    return folder.endswith((b".dist-info", b".egg-info"))


RULES = (
    Rule(whole(_METADATA, 4 << 20), names=frozenset((b"METADATA", b"PKG-INFO")), fits=_in_dist_info),
    Rule(whole(_METADATA, 4 << 20), endings=frozenset((b"egg-info",))),
    Rule(whole(_RECORD), names=frozenset((b"RECORD", b"installed-files.txt")), fits=_in_dist_info),
    Rule(whole(_TOP, 1 << 20), names=frozenset((b"top_level.txt",)), fits=_in_dist_info),
)


def read(look: Look) -> Iterator[Claim]:
    """Yield distributions with the files of their RECORD; without one, with the folders that they are known to bring."""
    beside = {word: {_folder(found): found for found in look.found(word)} for word in (_RECORD, _TOP)}
    for found in look.found(_METADATA):
        fields = next(paragraphs(_head(found)), {})
        name, version = fields.get("Name"), fields.get("Version")
        if not name or not version:
            continue
        folder = _folder(found) if not found.path.endswith(".egg-info") else found.path
        requires, may_require = _needs(found)
        claim = Claim(
            name, version, "pypi", found.path, found.node,
            licence=_licence(found, fields), requires=requires, may_require=may_require,
        )  # fmt: skip
        record, top = beside[_RECORD].get(folder), beside[_TOP].get(folder)
        site = look.paths.folder(clean_key(folder.rpartition("/")[0].encode("utf-8", "surrogateescape")))
        own = look.paths.file(clean_key(folder.encode("utf-8", "surrogateescape")))
        if own is not None:
            claim.trees.append(own)
        if record is not None:
            claim.nodes = list(_recorded(record, folder, look))
        elif site is not None:
            tops = body_of(top).split() if top else [name.replace("-", "_").encode()]
            children = look.paths.below(site)
            for word in tops[:1000]:
                claim.trees += [children[one] for one in (word, word + b".py") if one in children]
        yield claim


def _head(found: Found) -> str:
    # The description follows an empty line and may look like anything.
    return text(body_of(found)).replace("\r\n", "\n").lstrip("\n").partition("\n\n")[0]


def _folder(found: Found) -> str:
    return found.path.rpartition("/")[0]


def _needs(found: Found) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of Requires-Dist (core metadata specification), and those that only an extra asks for."""
    plain: dict[str, None] = {}
    extras: dict[str, None] = {}
    for line in _head(found).split("\n"):
        key, _, value = line.partition(":")
        match = _NAME.match(value.strip()) if key == _NEEDS else None
        if match:
            into = extras if _EXTRA.search(value) else plain
            into[re.sub(r"[-_.]+", "-", match.group()).lower()] = None
    return tuple(plain), tuple(name for name in extras if name not in plain)


def _licence(found: Found, fields: dict[str, str]) -> str | None:
    stated = fields.get("License-Expression") or fields.get("License")
    if stated and stated.upper() != "UNKNOWN":
        return stated
    for line in _head(found).split("\n"):
        key, _, value = line.partition(":")
        if key == "Classifier" and value.strip().startswith(_LICENCE):
            return value.rpartition("::")[2].strip()
    return None


def _recorded(record: Found, folder: str, look: Look) -> Iterator[int]:
    base = folder.rpartition("/")[0] + "/" if record.path.endswith("/RECORD") else folder + "/"
    try:
        for row in csv.reader(io.StringIO(text(body_of(record)))):
            if row and row[0]:
                path = row[0] if row[0].startswith("/") else base + row[0]
                node = look.paths.find(clean_key(path.encode("utf-8", "surrogateescape")))
                if node is not None and not look.table.is_folder(node):
                    yield node
    except csv.Error:
        return
