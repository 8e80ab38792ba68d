"""Debian's packages: dpkg's database, and distroless' status.d (GoogleContainerTools/distroless PACKAGE_METADATA.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.image.interests import Rule
from slimdesk.image.layer import clean_key
from slimdesk.image.packages.look import Claim, Found, Look
from slimdesk.image.packages.texts import body_of, paragraphs, text, whole

_RELATED = re.compile(r"[a-z0-9][a-z0-9+.-]+", re.ASCII)
_FOLDER = b"var\0lib\0dpkg\0"
_STATUS, _STATUS_D, _LISTS = "dpkg-status", "dpkg-status.d", "dpkg-lists"


def _is_status_d(key: bytes) -> bool:
    return not key.endswith((b".md5sums", b".preinst", b".postinst", b".list")) and key.count(b"\0") == 4


def _is_list(key: bytes) -> bool:
    return key.startswith((_FOLDER + b"info\0", _FOLDER + b"status.d\0"))


RULES = (
    Rule(whole(_STATUS, 32 << 20), names=frozenset((b"status",)), fits=(_FOLDER + b"status").__eq__),
    Rule(whole(_LISTS), endings=frozenset((b"list", b"md5sums")), fits=_is_list),
    Rule(whole(_STATUS_D, 1 << 20), prefixes=(_FOLDER + b"status.d\0",), fits=_is_status_d),
)


def read(look: Look) -> Iterator[Claim]:
    """Yield installed packages; their files are those of their lists, else of their md5sums."""
    found = list(_installed(look))
    real = {claim.name for claim, _ in found}
    virtual: dict[str, list[str]] = {}
    for claim, provides in found:
        for name in provides:
            virtual.setdefault(name, []).append(claim.name)
    for claim, _ in found:
        # A virtual package (Debian policy 3.6) is there by those that provide it.
        claim.requires = tuple(
            dict.fromkeys(
                one
                for name in claim.requires
                for one in ((name,) if name in real else virtual.get(name, (name,)))
                if one != claim.name
            )
        )
        yield claim


def _installed(look: Look) -> Iterator[tuple[Claim, tuple[str, ...]]]:
    """Yield each package with what it provides."""
    lists = _lists(look)
    for found in (*look.found(_STATUS), *look.found(_STATUS_D)):
        single = found.path.startswith("/var/lib/dpkg/status.d/")
        for fields in paragraphs(text(body_of(found))):
            claim = _claim(fields, found, look, single=single)
            if claim is None:
                continue
            keys = [claim.name, f"{claim.name}:{fields.get('Architecture', '')}"]
            if single:
                # A record of status.d is named as the package is, or by a hash of it.
                keys.append(found.path.rpartition("/")[2])
            taken: dict[int, None] = {}
            for source in [lists[key] for key in dict.fromkeys(keys) if key in lists]:
                taken.update(dict.fromkeys(_files(source, look)))
                taken[source.node] = None
            if single:
                taken[found.node] = None
            claim.nodes = list(taken)
            yield claim, _related(fields, "Provides")


def _lists(look: Look) -> dict[str, Found]:
    lists: dict[str, Found] = {}
    for found in look.found(_LISTS):
        name, _, ending = found.path.rpartition("/")[2].rpartition(".")
        if ending == "list" or name not in lists:
            lists[name] = found
    return lists


def _claim(fields: dict[str, str], found: Found, look: Look, *, single: bool) -> Claim | None:
    name, version = fields.get("Package"), fields.get("Version")
    # "deinstall ok config-files" has left nothing but settings behind.
    if not name or not version or (not single and not fields.get("Status", "").endswith(" installed")):
        return None
    distribution = look.release.get("ID") or "debian"
    release = look.release.get("VERSION_ID")
    qualifiers = {"arch": fields.get("Architecture", "")}
    if release:
        qualifiers["distro"] = f"{distribution}-{release}"
    return Claim(
        name, version, "deb", found.path, found.node, namespace=distribution, qualifiers=qualifiers,
        requires=_related(fields, "Pre-Depends", "Depends"), may_require=_related(fields, "Recommends"),
    )  # fmt: skip


def _related(fields: dict[str, str], *keys: str) -> tuple[str, ...]:
    """Names of relations such as `a (>= 1) | b, c:any` (Debian policy 7.1), every alternative."""
    found: dict[str, None] = {}
    for key in keys:
        for relation in re.split(r"[,|]", fields.get(key, "")):
            match = _RELATED.match(relation.strip())
            if match:
                found[match.group()] = None
    return tuple(found)


def _files(source: Found, look: Look) -> Iterator[int]:
    sums = source.path.endswith(".md5sums")
    for line in body_of(source).split(b"\n"):
        path = line.partition(b"  ")[2] if sums else line
        node = look.paths.find(clean_key(path)) if path.strip(b"/. ") else None
        if node is not None and not look.table.is_folder(node):
            yield node
