"""A base image as data, and the words for its kinds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, get_args

Family = Literal["full", "slim", "alpine", "distroless", "chainguard", "hardened", "chiselled", "scratch"]
FAMILIES: tuple[Family, ...] = get_args(Family)
Libc = Literal["glibc", "musl", "none"]
Role = Literal["runtime", "builder"]
Lack = Literal["ca-certificates", "time-zones", "tmp", "passwd"]


@dataclass(frozen=True, slots=True)
class BaseImage:
    """One image of the catalogue, for one language version where it has one.

    `serves` are the words that recipes ask for: static (a static binary), glibc (a C binary), cxx (a C++ binary),
    go, node, python, … (that toolchain or interpreter), musl (a binary linked to Alpine's). `user` and `group` are the
    ids it starts as if nothing is said, `run_user` and `run_group` the unprivileged ones that a Dockerfile should set.
    `interpreter` is the program that runs the language there, as a path or a name on PATH. `product` is the word
    under which `version` stands in the life-cycle table. `lacks` names what programs often need and the image has
    not: ca-certificates, time-zones, tmp, passwd. `size_download` is the compressed size in bytes that its
    publisher states, with `size_source`. `own` marks an entry of the person's own.
    """

    family: Family
    role: Role
    serves: tuple[str, ...]
    name: str
    tag: str | None
    version: str | None
    libc: Libc
    libc_version: str | None
    shell: bool
    user: int
    group: int
    run_user: int = 65532
    run_group: int = 65532
    product: str | None = None
    entrypoint: tuple[str, ...] | None = None
    interpreter: str | None = None
    package_manager: str | None = None
    codename: str | None = None
    debug_tag: str | None = None
    debug_entrypoint: tuple[str, ...] | None = None
    debug_shell: str | None = None
    platforms: tuple[str, ...] = ()
    lacks: tuple[Lack, ...] = ()
    needs: tuple[str, ...] = ()
    note: str | None = None
    end_of_life: dt.date | None = None
    size_download: int | None = None
    size_source: str | None = None
    source: str | None = None
    own: bool = False

    @property
    def reference(self) -> str:
        """name:tag as FROM takes it; scratch has no tag."""
        return self.name if self.tag is None else f"{self.name}:{self.tag}"

    @property
    def debug_reference(self) -> str | None:
        """The same image with a shell; None where there is none. An image with a shell is its own debug image."""
        if self.debug_tag is not None:
            return f"{self.name}:{self.debug_tag}"
        return self.reference if self.shell else None


@dataclass(frozen=True, slots=True)
class Cycle:
    """One release series of a product, such as Debian 13; `ends` None = no end is announced."""

    name: str
    ends: dt.date | None = None
    codename: str | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """A language or a distribution with its release series, newest first; `default` is the one to take unasked."""

    name: str
    title: str
    default: str
    cycles: tuple[Cycle, ...]

    def cycle(self, name: str) -> Cycle | None:
        """Return the series of that name."""
        return next((cycle for cycle in self.cycles if cycle.name == name), None)
