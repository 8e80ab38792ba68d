"""What every scanner has: where its program is, how it is called without the network, and how its answer is read."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from slimdesk.basics.programs import find_program
from slimdesk.scan.model import Scan

Form = Literal["docker-archive", "oci-archive", "oci-layout"]

# Programs that are let loose on an image ask nobody unless the person said so; Go's client obeys these.
NO_NETWORK = {
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "http_proxy": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "NO_PROXY": "",
    "no_proxy": "",
}


@dataclass(frozen=True, slots=True)
class Scanner:
    """One scanner.

    command: (program, image, its form, where the answer is to be written) -> the call. update: (program, whether the image
    holds Java archives) -> the calls that fetch its databases; None where it has none of its own. parse: its answer -> Scan,
    raises Unreadable. refusal: (exit status, last lines of standard error) -> (reason, what to do). environment: what keeps
    it off the network and quiet. forms: how it takes images, the best first. programs, places: the names of its program and
    the folders that its own installer uses. needs_network: it cannot answer without asking its maker. answers: exit statuses
    that come with an answer. version, about_itself: the call that tells its version and its database's date, where the
    answer has not both, and how that is read. called: its name in an answer, where that is another.
    """

    name: str
    command: Callable[[Path, Path, Form, Path], list[str]]
    parse: Callable[[bytes], Scan]
    refusal: Callable[[int, str], tuple[str, str]]
    forms: tuple[Form, ...]
    update: Callable[[Path, bool], list[list[str]]] | None = None
    environment: Mapping[str, str] | None = None
    programs: tuple[str, ...] = ()
    places: Callable[[Mapping[str, str]], tuple[str, ...]] = lambda _environment: ()
    needs_network: bool = False
    answers: tuple[int, ...] = (0,)
    version: Callable[[Path], list[str]] | None = None
    about_itself: Callable[[bytes], tuple[str, str | None]] | None = None
    called: str = ""

    @property
    def title(self) -> str:
        """What it is called in an answer of its own."""
        return self.called or self.name

    def find(self, environment: Mapping[str, str] | None = None) -> Path | None:
        """Return its program: on PATH, or where installers put it."""
        given = os.environ if environment is None else environment
        for name in self.programs or (self.name,):
            found = find_program(name, given, self.places(given))
            if found is not None:
                return Path(found)
        return None

    def variables(self, *, network: bool, environment: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the environment that its program gets."""
        given = dict(os.environ if environment is None else environment)
        if network:
            return given
        return {**given, **NO_NETWORK, **(self.environment or {})}
