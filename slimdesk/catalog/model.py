"""A base image as data, and the words for its kinds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, get_args

Family = Literal["full", "slim", "alpine", "distroless", "chainguard", "hardened", "chiselled", "scratch"]
FAMILIES: tuple[Family, ...] = get_args(Family)
Libc = Literal["glibc", "musl", "none"]
Role = Literal["runtime", "builder"]


@dataclass(frozen=True, slots=True)
class BaseImage:
    """One image of the catalogue, for one language version where it has one.

    `serves` are the words that recipes ask for: static (a static binary), glibc (a C binary), cxx (a C++ binary),
    go, node, python, … (that toolchain or interpreter). `user` is the user id it starts as if nothing is said.
    `size_download` is the compressed size in bytes that its publisher states, with `size_source`.
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
    entrypoint: tuple[str, ...] | None = None
    interpreter: str | None = None
    package_manager: str | None = None
    codename: str | None = None
    debug_tag: str | None = None
    debug_entrypoint: tuple[str, ...] | None = None
    debug_shell: str | None = None
    platforms: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    note: str | None = None
    end_of_life: dt.date | None = None
    size_download: int | None = None
    size_source: str | None = None
    source: str | None = None

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
