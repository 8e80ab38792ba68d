"""A package that an image holds."""

from __future__ import annotations

from dataclasses import dataclass

# What chains are made of is no part of the answer.
_UNTOLD = ("requires", "may_require")


@dataclass(frozen=True, slots=True)
class Package:
    """One installed package; its texts are harmless to show.

    type: as purls spell it: deb, apk, rpm, pypi, npm, maven, golang, cargo, composer, gem, nuget. size: live bytes of its files; None where its bytes
    cannot be told from those of the program that holds it. path: the record it was read from; `app.jar!/lib/x.jar` is inside
    another file. licence: as the package states it. files: how many files it owns. requires: names of the packages that it
    states it needs, of its own type; may_require: those that somebody may ask for besides (an extra, a peer). Whether they
    are there is another question.
    """

    name: str
    version: str
    type: str
    purl: str
    size: int | None
    path: str | None
    licence: str | None = None
    files: int = 0
    requires: tuple[str, ...] = ()
    may_require: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """All keys of a package in the command line's JSON."""
        return {name: getattr(self, name) for name in self.__slots__ if name not in _UNTOLD}
