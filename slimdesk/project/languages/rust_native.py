"""Crates that bring or need C: which library they are linked to, and which tools their build scripts call.

Read from Cargo.lock, which names what is really built: a -sys crate that depends on `cc` compiles its own copy of the
library, one that has only pkg-config looks for the system's (each crate's own build.rs).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from slimdesk.project.languages.rust_manifest import Locked


class Native(NamedTuple):
    """One thing that a crate needs: kind `library` (linked at run time too) or `tool` (while building alone)."""

    kind: str
    name: str
    crate: str
    line: int | None


# Crate -> library, by its pkg-config or linker name, and the dependency whose presence means that the crate brings its own.
_LIBRARIES: dict[str, tuple[str, str | None]] = {
    "openssl-sys": ("openssl", "openssl-src"),
    "pq-sys": ("libpq", "pq-src"),
    "mysqlclient-sys": ("mysqlclient", "mysqlclient-src"),
    "libsqlite3-sys": ("sqlite3", "cc"),
    "libudev-sys": ("libudev", None),
    "alsa-sys": ("alsa", None),
    "libdbus-sys": ("dbus-1", "cc"),
    "libusb1-sys": ("libusb-1.0", None),
    "zmq-sys": ("libzmq", "zeromq-src"),
    "glib-sys": ("glib-2.0", None),
    "gio-sys": ("glib-2.0", None),
    "cairo-sys-rs": ("cairo", None),
    "pango-sys": ("pango", None),
    "gdk-pixbuf-sys": ("gdk-pixbuf-2.0", None),
    "gtk-sys": ("gtk+-3.0", None),
    "gtk4-sys": ("gtk4", None),
    "gstreamer-sys": ("gstreamer-1.0", None),
    "libxml": ("libxml-2.0", None),
    "krb5-sys": ("krb5", None),
    "libgssapi-sys": ("krb5", None),
    "sasl2-sys": ("libsasl2", "duct"),
    "pcap": ("libpcap", None),
    "ffmpeg-sys-next": ("libavcodec", None),
    "magick_rust": ("MagickWand", None),
    "opencv": ("opencv4", None),
    "leptonica-sys": ("lept", None),
    "tesseract-sys": ("tesseract", None),
    "libvips": ("vips", None),
    "gdal-sys": ("gdal", None),
    "proj-sys": ("proj", "cmake"),
    "geos-sys": ("geos", "geos-src"),
    "libseccomp-sys": ("libseccomp", None),
    "libsystemd-sys": ("libsystemd", None),
    "systemd": ("libsystemd", None),
    "hidapi": ("hidapi", None),
    "fontconfig-sys": ("fontconfig", None),
    "yeslogic-fontconfig-sys": ("fontconfig", None),
    "freetype-sys": ("freetype2", "cc"),
    "odbc-sys": ("odbc", None),
    "libpulse-sys": ("libpulse", None),
    "rdkafka-sys": ("", None),
}
# Crate -> tools that its build script, or that of a crate above it, calls.
_TOOLS: dict[str, tuple[str, ...]] = {
    "cmake": ("cmake", "make", "c++"),
    "bindgen": ("libclang",),
    "clang-sys": ("libclang",),
    "prost-build": ("protoc",),
    "tonic-build": ("protoc",),
    "protobuf-codegen": ("protoc",),
    "openssl-src": ("perl", "make"),
    "autotools": ("autotools", "make"),
    "link-cplusplus": ("c++",),
    "cxx": ("c++",),
    "librocksdb-sys": ("c++",),
    "rdkafka-sys": ("c++", "make"),
    "tikv-jemalloc-sys": ("make",),
    "jemalloc-sys": ("make",),
    "libsodium-sys": ("make",),
    "pkg-config": ("pkg-config",),
    "duckdb": ("c++",),
    "libduckdb-sys": ("c++",),
    "v8": ("c++",),
    "nasm-rs": ("nasm",),
}
_BRINGS_PROTOC = ("protoc-bin-vendored", "protobuf-src")


def native_needs(lock: Mapping[str, list[Locked]], reached: frozenset[str]) -> Iterator[Native]:
    """Every library and tool that the crates `reached` need, each once."""
    seen: set[tuple[str, str]] = set()
    for crate in sorted(reached):
        entries = lock.get(crate, [])
        line = entries[0].line if entries else None
        needs = frozenset(name for entry in entries for name in entry.needs)
        library, own = _LIBRARIES.get(crate, ("", None))
        found = [("library", library)] if library and own not in needs else []
        found += [("tool", tool) for tool in _TOOLS.get(crate, ())]
        for kind, name in found:
            if name == "protoc" and any(one in lock for one in _BRINGS_PROTOC):
                continue
            if (kind, name) not in seen:
                seen.add((kind, name))
                yield Native(kind, name, crate, line)


def reached_from(lock: Mapping[str, list[Locked]], names: frozenset[str]) -> frozenset[str]:
    """Return these crates and all that they depend on, as Cargo.lock says."""
    found: set[str] = set()
    waiting = [name for name in names if name in lock]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        waiting.extend(need for entry in lock.get(name, []) for need in entry.needs if need not in found)
    return frozenset(found)
