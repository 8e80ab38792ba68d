"""Who brought a package: the chain from a line of a manifest through what each package says it needs.

A chain is the shortest one. Python's packages are found by their normalised name; Node's as Node.js looks for them: in the
package's own node_modules, then in each folder above (nodejs.org, "Loading from node_modules folders").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from slimdesk.basics.escaping import visible
from slimdesk.basics.graph import reached
from slimdesk.image.package import Package
from slimdesk.project.dependencies import Declared

_MODULES = "/node_modules/"


@dataclass(frozen=True, slots=True)
class Brought:
    """What brought a package: the line of a manifest, and the packages from there to it, itself last.

    Without a `declared` nothing known asks for the package; then `chain` begins where no other needs it.
    """

    declared: Declared | None
    chain: tuple[int, ...]


class Chains:
    """The packages of an image and who needs whom; made once, asked many times. `declared`: what the project asks for."""

    def __init__(self, packages: Sequence[Package], declared: Iterable[Declared] = ()) -> None:
        self._packages = packages
        self._names: dict[tuple[str, str], list[int]] = {}
        self._places: dict[str, int] = {}
        for index, package in enumerate(packages):
            self._names.setdefault((package.type, _plain(package.name, package.type)), []).append(index)
            if package.type == "npm" and package.path:
                self._places[package.path.rpartition("/")[0]] = index
        self._certain = tuple(tuple(self._needed(one, one.requires)) for one in packages)
        self._needs = list(self._certain)
        self._roots: list[tuple[Declared, tuple[int, ...]]] = [
            (one, found) for one in declared if (found := tuple(self._declared(one)))
        ]
        # An extra or a peer brings only what nothing needs for certain: else everything would hang on everything.
        certain, _ = self._reach(self._roots)
        for index, one in enumerate(packages):
            more = tuple(found for found in self._needed(one, one.may_require) if found not in certain)
            self._needs[index] += more
        self._above, self._by = self._reach(self._roots)
        self._reached: dict[Declared, frozenset[int]] = {}

    @property
    def roots(self) -> Sequence[tuple[Declared, tuple[int, ...]]]:
        """What the project asks for and the image holds, with the packages of that name that it means."""
        return self._roots

    def brought(self, package: int) -> Brought:
        """Return the shortest chain to a package."""
        declared = self._by.get(package)
        if declared is None:
            return Brought(None, (package,))
        chain = [package]
        while self._above[chain[-1]] >= 0:
            chain.append(self._above[chain[-1]])
        return Brought(declared, tuple(reversed(chain)))

    def words(self, package: int) -> str:
        """Return the chain as people read it: requirements.txt:4 → torch → nvidia-cudnn; "" where nothing known asks for it."""
        brought = self.brought(package)
        if brought.declared is None:
            return ""
        names = [visible(self._packages[index].name, 60) for index in brought.chain]
        if len(names) > 6:
            names = [*names[:3], "…", *names[-2:]]
        place = visible(str(brought.declared.evidence), 120)
        return " → ".join([f"{place} (indirect)" if brought.declared.indirect else place, *names])

    def alone(self, declared: Iterable[Declared]) -> tuple[int, ...]:
        """Return the packages that only these bring: they go where the lines of `declared` go.

        What nothing known asks for (it is the base's, or a command installed it by name) stays, with all that it needs.
        """
        gone = set(declared)
        with_them, _ = self._reach([root for root in self._roots if root[0] in gone])
        without, _ = self._reach([root for root in self._roots if root[0] not in gone])
        stays = {*without, *self._strangers()}
        return tuple(sorted(index for index in with_them if index not in stays))

    def _strangers(self) -> set[int]:
        """The packages that nothing known asks for, and what they need."""
        unasked = (index for index in range(len(self._packages)) if index not in self._above)
        return reached(unasked, self._certain.__getitem__)

    def reached(self, declared: Declared) -> frozenset[int]:
        """Return all packages that one line brings, whoever else brings them too."""
        known = self._reached.get(declared)
        if known is None:
            above, _ = self._reach([root for root in self._roots if root[0] == declared])
            known = self._reached[declared] = frozenset(above)
        return known

    def named(self, name: str, kind: str | None = None) -> tuple[int, ...]:
        """Return the packages of a name, of one type where one is given."""
        kinds = [kind] if kind else sorted({package.type for package in self._packages})
        return tuple(index for one in kinds for index in self._names.get((one, _plain(name, one)), ()))

    def _reach(
        self, roots: Sequence[tuple[Declared, tuple[int, ...]]]
    ) -> tuple[dict[int, int], dict[int, Declared]]:
        """Walk from the roots, what ships before what builds: package -> the one that brought it (-1), and its root."""
        above: dict[int, int] = {}
        by: dict[int, Declared] = {}
        waiting: list[int] = []
        for development in (False, True):
            for declared, packages in roots:
                if declared.development is development:
                    for index in packages:
                        if index not in above:
                            above[index], by[index] = -1, declared
                            waiting.append(index)
            at = 0
            while at < len(waiting):
                one = waiting[at]
                at += 1
                for needed in self._needs[one]:
                    if needed not in above:
                        above[needed], by[needed] = one, by[one]
                        waiting.append(needed)
            waiting.clear()
        return above, by

    def _needed(self, package: Package, names: Iterable[str]) -> Iterable[int]:
        for name in names:
            if package.type == "npm":
                found = self._beside(package, name)
                yield from () if found is None else (found,)
            else:
                yield from self._names.get((package.type, _plain(name, package.type)), ())

    def _beside(self, package: Package, name: str) -> int | None:
        folder = (package.path or "").rpartition("/")[0]
        while True:
            found = self._places.get(f"{folder}{_MODULES}{name}")
            if found is not None:
                return found
            at = folder.rfind("/")
            if at < 0:
                break
            folder = folder[:at]
        # pnpm keeps each package in a store of its own and links them: the link's place is no record's place.
        known = self._names.get(("npm", name), ())
        return known[0] if known else None

    def _declared(self, one: Declared) -> Iterable[int]:
        known = self._names.get((one.type, _plain(one.name, one.type)), ())
        if one.type != "npm":
            return known
        outer = [index for index in known if (self._packages[index].path or "").count(_MODULES) <= 1]
        return outer or known


def _plain(name: str, kind: str) -> str:
    if kind == "pypi":
        return re.sub(r"[-_.]+", "-", name).lower()
    if kind == "nuget":
        return name.lower()
    return name
