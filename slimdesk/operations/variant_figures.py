"""What a measured image holds that matters for a choice: read from the image itself, not from the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from slimdesk.catalog.model import Libc
from slimdesk.image.compare import Side, set_id_files, shells
from slimdesk.image.model import Image, Sizes
from slimdesk.image.table import FileTable

_PROGRAMS = ("bin", "sbin", "usr/bin", "usr/sbin", "usr/local/bin", "usr/local/sbin")
_MANAGERS = ("apk", "apt-get", "dnf", "microdnf", "pacman", "tdnf", "yum", "zypper")
_LIBRARIES = ("lib", "lib64", "usr/lib", "usr/lib64")
# What programs often expect of a system, and where it stands (docs.docker.com/build/building/base-images, "scratch").
_USUAL = {
    "CA certificates": (
        "etc/ssl/certs/ca-certificates.crt",
        "etc/ssl/cert.pem",
        "etc/pki/tls/certs/ca-bundle.crt",
    ),
    "time zones": ("usr/share/zoneinfo",),
    "a passwd entry": ("etc/passwd",),
    "/tmp": ("tmp",),  # noqa: S108 - of an image
}
USUAL = tuple(_USUAL)


@dataclass(frozen=True, slots=True)
class Figures:
    """What is in one image. Sizes are bytes; None = not known.

    `shells` are their names; `managers` package managers by name; `usual` which of `USUAL` are there. `user` is what the
    image runs as, "0" where it says nothing; `base_bytes` what the base image's layers hold, of `files`.
    """

    sizes: Sizes
    layers: int
    packages: int | None
    set_id_files: int | None
    shells: tuple[str, ...]
    managers: tuple[str, ...]
    libc: Libc
    usual: tuple[str, ...]
    user: str
    base_bytes: int | None = None

    @property
    def root(self) -> bool:
        """Whether it runs as root."""
        return self.user.split(":")[0] in ("", "0", "root")


def figures_of(image: Image) -> Figures:
    """Return the figures of an image that was read."""
    table = image.table
    side = Side(image.name or image.location, image)
    words = shells(side) or "none"
    base = [layer.sizes.files for layer in image.layers if layer.base]
    return Figures(
        sizes=image.sizes,
        layers=len(image.layers),
        packages=None if image.packages is None else len(image.packages),
        set_id_files=set_id_files(side),
        shells=() if words == "none" else tuple(words.split(", ")),
        managers=tuple(
            name for name in _MANAGERS if any(_there(table, f"{one}/{name}") for one in _PROGRAMS)
        ),
        libc=_libc(table),
        usual=tuple(word for word, paths in _USUAL.items() if any(_there(table, path) for path in paths)),
        user=image.config.user or "0",
        base_bytes=None if image.base_layers is None else sum(base),
    )


def _there(table: FileTable, path: str) -> bool:
    node = table.find(path)
    return node is not None and not table.is_hidden(node)


def _libc(table: FileTable) -> Libc:
    """Say it by the loader: every dynamically linked program names it, by a path that the architecture's ABI fixes."""
    names = set(_loaders(table))
    if any(fnmatchcase(name, "ld-linux*.so.*") or fnmatchcase(name, "ld64.so.*") for name in names):
        return "glibc"
    return "musl" if any(fnmatchcase(name, "ld-musl-*.so.1") for name in names) else "none"


def _loaders(table: FileTable) -> Iterator[str]:
    for folder in _LIBRARIES:
        node = table.find(folder)
        if node is None or not table.is_folder(node):
            continue
        for child in table.children(node):
            if table.is_hidden(child):
                continue
            name = table.name(child)
            if name.startswith("ld"):
                yield name
            elif name.endswith(("-linux-gnu", "-linux-gnueabihf")) and table.is_folder(child):
                yield from (table.name(one) for one in table.children(child) if not table.is_hidden(one))
