"""What an image is, once it has been read: layers, sizes, configuration and the merged file tree."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import Literal

from slimdesk.basics.finding import Finding
from slimdesk.image.package import Package
from slimdesk.image.table import ROOT, Entry, FileTable, Kind

__all__ = [
    "ROOT",
    "DiveFigures",
    "DownloadFrom",
    "Entry",
    "FileTable",
    "Image",
    "ImageConfig",
    "Kind",
    "Layer",
    "Package",
    "Sizes",
    "SourceKind",
]

SourceKind = Literal["engine", "docker-archive", "oci-archive", "oci-layout"]
DownloadFrom = Literal["blobs", "compressed"]


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """The parts of the image's configuration that say how it starts (OCI image-spec, config.md). Untrusted text."""

    user: str = ""
    entrypoint: tuple[str, ...] | None = None
    command: tuple[str, ...] | None = None
    environment: tuple[str, ...] = ()
    working_dir: str = ""
    exposed_ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    stop_signal: str | None = None
    shell: tuple[str, ...] | None = None
    healthcheck: tuple[str, ...] | None = None
    created: str | None = None
    architecture: str | None = None
    os: str | None = None
    variant: str | None = None


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes; None = not known. A layer has no `live` of its own.

    download: compressed blobs, as a registry sends them. unpacked: uncompressed tars. files: sizes of all entries of all
    layers. live: visible at the end, hard links once. `download_from` says whether the blobs were there compressed or
    SlimDesk compressed them to measure.
    """

    download: int | None
    unpacked: int
    files: int
    live: int | None = None
    download_from: DownloadFrom | None = None


@dataclass(frozen=True, slots=True)
class DiveFigures:
    """dive's own three figures, computed as dive 0.13 computes them; the last a ratio as dive's own.

    `user_wasted_percent` is None when no layer above the first holds bytes.
    """

    efficiency: float
    wasted_bytes: int
    user_wasted_percent: float | None


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer, lowest first. `shadowed` = bytes that it adds and that a later entry hides.

    diff_id: SHA-256 of the uncompressed tar: what we hashed if the image is verified, else what the configuration states.
    digest: that of the blob as stored (the registry's name for it where the blob is compressed).
    created_by: the history's text as it stands; instruction: the same, tidied to read like the Dockerfile's line.
    base: whether the base image brought it; None = not known. entries: files, folders, links and whiteouts.
    """

    index: int
    diff_id: str | None
    digest: str | None
    media_type: str | None
    created_by: str | None
    instruction: str | None
    base: bool | None
    entries: int
    sizes: Sizes
    shadowed: int


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """An image that has been read. `location` is where it can be read again: a path, or the engine's name for it.

    image_id: the engine's Id, or the digest of the configuration for a file. verified: every layer was hashed and is what
    the image says it is. score: live / files, None without files. warnings: sentences for the person.

    packages: None if they were not read (headers alone were). package_of: for each node of the table the index of its
    package, -1 for none; empty if they were not read. findings: what is worth telling, the gravest first; could_save: live
    bytes that following them would gain, each byte counted once.
    """

    source: SourceKind
    location: str
    name: str | None
    image_id: str | None
    platform: str | None
    verified: bool
    config: ImageConfig
    layers: tuple[Layer, ...]
    sizes: Sizes
    shadowed: int
    score: float | None
    dive: DiveFigures
    table: FileTable
    warnings: tuple[str, ...] = ()
    packages: tuple[Package, ...] | None = None
    package_of: array[int] = field(default_factory=lambda: array("i"))
    findings: tuple[Finding, ...] = ()
    could_save: int = 0

    @property
    def base_layers(self) -> int | None:
        """How many of the lowest layers the base image brought; None = not known."""
        if not self.layers or self.layers[0].base is None:
            return None
        return sum(1 for layer in self.layers if layer.base)
