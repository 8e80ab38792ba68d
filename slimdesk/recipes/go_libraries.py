"""C libraries that Go programs link to: the packages that hold them, to compile with and to run with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from slimdesk.project.model import Fact


class Packages(NamedTuple):
    """Names of packages; development ones bring the headers."""

    debian_dev: str
    debian: str
    alpine_dev: str
    alpine: str


# Debian 13 and Alpine 3.24; the keys are pkg-config and linker names without their lib prefix.
_KNOWN = {
    "sqlite3": Packages("libsqlite3-dev", "libsqlite3-0", "sqlite-dev", "sqlite-libs"),
    "pcap": Packages("libpcap-dev", "libpcap0.8t64", "libpcap-dev", "libpcap"),
    "vips": Packages("libvips-dev", "libvips42t64", "vips-dev", "vips"),
    "zmq": Packages("libzmq3-dev", "libzmq5", "zeromq-dev", "libzmq"),
    "rdkafka": Packages("librdkafka-dev", "librdkafka1", "librdkafka-dev", "librdkafka"),
    "git2": Packages("libgit2-dev", "libgit2-1.9", "libgit2-dev", "libgit2"),
    "webp": Packages("libwebp-dev", "libwebp7", "libwebp-dev", "libwebp"),
    "ssl": Packages("libssl-dev", "libssl3t64", "openssl-dev", "libssl3"),
    "crypto": Packages("libssl-dev", "libssl3t64", "openssl-dev", "libcrypto3"),
    "openssl": Packages("libssl-dev", "libssl3t64", "openssl-dev", "libssl3"),
    "z": Packages("zlib1g-dev", "zlib1g", "zlib-dev", "zlib"),
    "zlib": Packages("zlib1g-dev", "zlib1g", "zlib-dev", "zlib"),
    "zstd": Packages("libzstd-dev", "libzstd1", "zstd-dev", "zstd-libs"),
    "lz4": Packages("liblz4-dev", "liblz4-1", "lz4-dev", "lz4-libs"),
    "systemd": Packages("libsystemd-dev", "libsystemd0", "", ""),
    "usb-1.0": Packages("libusb-1.0-0-dev", "libusb-1.0-0", "libusb-dev", "libusb"),
    "xml2": Packages("libxml2-dev", "libxml2", "libxml2-dev", "libxml2"),
}


def packages_for(
    libraries: Iterable[Fact], *, alpine: bool
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return (packages to compile with, packages to run with, libraries whose package is not known)."""
    build: dict[str, None] = {}
    run: dict[str, None] = {}
    unknown: dict[str, None] = {}
    for fact in libraries:
        name = str(fact.value)
        known = _KNOWN.get(name) or _KNOWN.get(name.removeprefix("lib"))
        dev, needed = ("", "") if known is None else (known[2], known[3]) if alpine else (known[0], known[1])
        if dev and needed:
            build[dev] = None
            run[needed] = None
        else:
            unknown[name] = None
    return tuple(build), tuple(run), tuple(unknown)
