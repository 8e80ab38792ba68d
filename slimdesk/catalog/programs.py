"""Which programs a base image holds, and which package brings one that it lacks: from resources/catalog/programs.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from slimdesk.basics.resources import resource
from slimdesk.catalog.model import BaseImage

PROGRAMS = "programs.toml"
# Where images that are published look for programs (distroless and the official images set this PATH).
_ON_PATH = frozenset(
    {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/opt/java/openjdk/bin"}
)


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs of an image: names that are found on PATH, and full paths of others by their name."""

    names: frozenset[str]
    elsewhere: Mapping[str, str]

    def has(self, word: str) -> bool:
        """Whether a command's first word starts something: a name on PATH, or the full path of what is there."""
        folder, slash, name = word.rpartition("/")
        if not slash:
            return name in self.names
        return self.elsewhere.get(name) == word or (name in self.names and (folder in _ON_PATH or not folder))

    def holds(self, name: str) -> bool:
        """Whether a program of that name is in the image, on PATH or not."""
        return name in self.names or name in self.elsewhere


@lru_cache(maxsize=256)
def programs_of(image: BaseImage) -> Programs:
    """Return the programs of a base image; one of the person's own is taken for what its package manager says."""
    data = _data()
    names: set[str] = set()
    elsewhere: dict[str, str] = {}
    for row in data["image"]:
        if not _fits(row, image):
            continue
        for one in row.get("sets", ()):
            names.update(data["set"][one]["programs"].split())
        names.update(row.get("programs", "").split())
        elsewhere.update({path.rsplit("/", 1)[-1]: path for path in row.get("elsewhere", ())})
    if image.own and image.package_manager in ("apt", "apk"):
        for one in ("debian",) if image.package_manager == "apt" else ("busybox", "alpine"):
            names.update(data["set"][one]["programs"].split())
    if image.interpreter is not None:
        folder, _, program = image.interpreter.rpartition("/")
        if not folder or folder in _ON_PATH:
            names.add(program)
        elif program not in names:
            elsewhere[program] = image.interpreter
    return Programs(frozenset(names), elsewhere)


def package_with(program: str, manager: str | None) -> str | None:
    """Return the package of apt or apk that brings a program; None where it is not known."""
    found = _data().get("package", {}).get(program, {}).get(manager)
    return found if isinstance(found, str) else None


def programs_in(packages: Iterable[str], manager: str) -> frozenset[str]:
    """Return the programs that packages of apt or apk bring, as far as they are known."""
    wanted = set(packages)
    table = _data().get("package", {})
    return frozenset(program for program, by in table.items() if by.get(manager) in wanted)


def _fits(row: Mapping[str, Any], image: BaseImage) -> bool:
    version = image.version or ""
    return (
        image.family in row.get("family", (image.family,))
        and image.name in row.get("name", (image.name,))
        and version in row.get("versions", (version,))
        and ("serves" not in row or bool(set(image.serves).intersection(row["serves"])))
    )


@cache
def _data() -> dict[str, Any]:
    with resource(f"catalog/{PROGRAMS}").open("rb") as file:
        return tomllib.load(file)
