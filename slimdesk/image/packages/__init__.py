"""What an image's packages are: one kind of package per file, each with RULES and `read(look) -> Iterator[Claim]`, listed here.

The packages of the distribution come first: what they own is theirs, and a language's package that is part of one of
them is not counted a second time (as trivy has it, pkg/fanal/applier: files that the system installed).
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from slimdesk.basics.escaping import visible
from slimdesk.image.package import Package
from slimdesk.image.table import Kind

if TYPE_CHECKING:
    from types import ModuleType

    from slimdesk.image.packages.look import Claim, Look

MAX_PACKAGES = 100_000
MAX_REQUIRED = 1_000
_TEXT = 256


@dataclass(frozen=True, slots=True, eq=False)
class Contents:
    """The packages of an image; owner: for each node of the table the index of its package, -1 for none."""

    packages: tuple[Package, ...] = ()
    owner: array[int] = field(default_factory=lambda: array("i"))


@cache
def system_readers() -> tuple[ModuleType, ...]:
    """Return the readers of distributions' packages; imported when they are asked for, as headers alone need none."""
    from slimdesk.image.packages import apk, dpkg, rpm

    return dpkg, apk, rpm


@cache
def readers() -> tuple[ModuleType, ...]:
    """Return all readers, in the order in which they are asked."""
    from slimdesk.image.packages import composer, gem, go, java, node, nuget, python, rust

    return *system_readers(), python, node, java, go, rust, composer, gem, nuget


def read_packages(look: Look) -> Contents:
    """Read the packages and share the files out among them; each file belongs to one at most."""
    table = look.table
    owner = array("i", [-1]) * len(table)
    claims: list[Claim] = []
    seen: set[tuple[str, str, str, int]] = set()
    for reader in readers():
        system = reader in system_readers()
        first = len(claims)
        for claim in islice(reader.read(look), MAX_PACKAGES - first):
            identity = (claim.type, claim.name, claim.version, claim.node if claim.sized else -1)
            if (not system and _belongs(owner, claim.node, first)) or (identity in seen and not claim.nodes):
                continue
            seen.add(identity)
            index = len(claims)
            claims.append(claim)
            for one in claim.nodes:
                if owner[one] < 0:
                    owner[one] = index
            for tree in claim.trees:
                for one in look.tree_files(tree):
                    # A package inside another of the same kind takes what is its own.
                    if owner[one] < 0 or owner[one] >= first:
                        owner[one] = index
    if len(claims) >= MAX_PACKAGES:
        look.notes.append(f"Only the first {MAX_PACKAGES:,} packages were read.")
    return Contents(_packages(claims, owner, look), owner)


def _belongs(owner: array[int], node: int, first: int) -> bool:
    """Whether a package of another kind, read before, owns a record."""
    return 0 <= owner[node] < first


def _packages(claims: Sequence[Claim], owner: array[int], look: Look) -> tuple[Package, ...]:
    sizes, files = [0] * len(claims), [0] * len(claims)
    table = look.table
    for one, index in enumerate(owner):
        if index >= 0 and table.hidden_by[one] < 0 and table.kind[one] != Kind.FOLDER:
            sizes[index] += table.size[one]
            files[index] += 1
    return tuple(
        Package(
            name=visible(claim.name, _TEXT),
            version=visible(claim.version, _TEXT),
            type=claim.type,
            purl=purl_of(claim),
            size=_size(claim, sizes[index]),
            path=visible(claim.path, 4096),
            licence=visible(claim.licence, _TEXT) if claim.licence else None,
            files=files[index],
            requires=tuple(visible(name, _TEXT) for name in claim.requires[:MAX_REQUIRED]),
            may_require=tuple(visible(name, _TEXT) for name in claim.may_require[:MAX_REQUIRED]),
        )
        for index, claim in enumerate(claims)
    )


def _size(claim: Claim, owned: int) -> int | None:
    if not claim.sized:
        return None
    return max(0, owned - claim.less) if claim.size is None else claim.size


def purl_of(claim: Claim) -> str:
    """Return a package's purl (purl-spec), percent-encoded and lower-cased as its type wants it."""
    from packageurl import PackageURL

    namespace = visible(claim.namespace, _TEXT) if claim.namespace else None
    name = visible(claim.name, _TEXT)
    if claim.type in ("npm", "golang", "composer") and "/" in name:
        namespace, _, name = name.rpartition("/")
    # A slash would part a name in two; only a hostile record has one here.
    name = name.replace("/", "_").strip()
    try:
        return PackageURL(
            claim.type,
            namespace or None,
            name or "unknown",
            visible(claim.version, _TEXT) or None,
            {key: visible(value, _TEXT) for key, value in claim.qualifiers.items() if value} or None,
        ).to_string()
    except ValueError:
        return f"pkg:{claim.type}/unknown"
