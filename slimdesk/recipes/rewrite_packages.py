"""The packages that an author's Dockerfile installs: which the program needs when it runs, which only the build did."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from slimdesk.recipes.rewrite_read import Wishes

# Compilers and tools of the build: the recipe's build stage has what it needs.
_BUILD = re.compile(
    r"(?:build-essential|build-base|g?cc|g\+\+|clang|llvm.*|make|cmake|ninja.*|meson|autoconf|automake|libtool|pkg-?config|pkgconf|git|.*-dev(?:el)?"
    r"|musl-dev|linux-headers.*|cargo|rustc?|golang.*|maven|gradle|default-jdk.*|openjdk-?\d+-?(?:jdk|jre).*|openjdk\d+.*|default-jre.*|nodejs|npm|yarn|python.*|py3?-.*"
    r"|gnupg2?|wget|curl|unzip|zip|xz-utils|tar|apt-transport-https|lsb-release|software-properties-common|dirmngr|sudo|vim.*|nano|less|man-db"
    r"|apt-utils|procps|htop|net-tools|iputils-ping|telnet|strace|ruby.*|php.*|dotnet.*|shadow|patch|file|rsync|nginx)"
)
_BRINGS = re.compile(
    r"ca-certificates(?:-bundle)?|tzdata|libc6(?:-compat)?|libstdc\+\+6?|libgcc(?:-s1)?|gcompat|netbase|openssl|locales|tini|dumb-init|bash|gosu|su-exec"
)
# Alpine's name -> Debian's: what programs load or call most often.
_ALPINE: Mapping[str, str] = {
    "libpq": "libpq5", "ffmpeg": "ffmpeg", "imagemagick": "imagemagick", "sqlite-libs": "libsqlite3-0", "sqlite": "sqlite3",
    "libxml2": "libxml2", "libxslt": "libxslt1.1", "libjpeg-turbo": "libjpeg62-turbo", "postgresql-client": "postgresql-client",
    "vips": "libvips42t64", "ghostscript": "ghostscript", "graphviz": "graphviz", "libsodium": "libsodium23",
}  # fmt: skip
# A development package says which library the program loads.
_LIBRARY: Mapping[str, str] = {
    "libpq-dev": "libpq5", "postgresql-dev": "libpq5", "default-libmysqlclient-dev": "libmariadb3", "libmysqlclient-dev": "libmariadb3",
    "libmariadb-dev": "libmariadb3", "libsodium-dev": "libsodium23", "libmagic-dev": "libmagic1t64",
}  # fmt: skip
_RENAMED: Mapping[str, str] = {
    "libgl1-mesa-glx": "libgl1", "libglib2.0-0": "libglib2.0-0t64", "libpng12-0": "libpng16-16", "libtiff5": "libtiff6",
    "libwebp6": "libwebp7", "libffi7": "libffi8", "ttf-dejavu": "fonts-dejavu-core", "fonts-dejavu": "fonts-dejavu-core",
    "mysql-client": "default-mysql-client", "netcat": "netcat-openbsd", "libmagic1": "libmagic1t64",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sorted:
    """`runtime` are names of Debian 13 for the final image; `renamed` maps the author's word to one of them.

    `reasons` says of every other package why it is left out; `lines` are all, with the line that installs each.
    """

    runtime: tuple[str, ...]
    renamed: Mapping[str, str]
    reasons: Mapping[str, str]
    lines: tuple[tuple[str, int], ...]


def sort_packages(wishes: Wishes, profile: str) -> Sorted:
    """Sort what the author's final image installs."""
    runtime: dict[str, None] = {}
    renamed: dict[str, str] = {}
    reasons: dict[str, str] = {}
    for name, _ in wishes.packages:
        if name in _LIBRARY and profile in ("python", "ruby", "php", "cpp"):
            renamed[name] = _LIBRARY[name]
            runtime[_LIBRARY[name]] = None
        elif _BUILD.fullmatch(name):
            reasons[name] = (
                "It is a tool for building or for people at a terminal; the program does not need it to run."
            )
        elif _BRINGS.fullmatch(name):
            reasons[name] = "The recipe sees to it, or an image without a shell has no use for it."
        elif wishes.manager == "apk":
            if name in _ALPINE:
                renamed[name] = _ALPINE[name]
                runtime[_ALPINE[name]] = None
            else:
                reasons[name] = (
                    "It is Alpine's name; add Debian's name of it (--package) if the program needs it."
                )
        elif wishes.manager != "apt":
            reasons[name] = (
                "It is another system's name; add Debian's name of it (--package) if the program needs it."
            )
        elif name in _RENAMED:
            renamed[name] = _RENAMED[name]
            runtime[_RENAMED[name]] = None
        elif re.fullmatch(r"[a-z0-9][a-z0-9+._-]+", name):
            runtime[name] = None
    return Sorted(tuple(runtime), renamed, reasons, wishes.packages)
