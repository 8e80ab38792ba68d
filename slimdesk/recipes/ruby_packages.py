"""The system's packages that gems with C code need: to compile, and when they run.

Names of Debian 13 (packages.debian.org/trixie) and Alpine 3.24 (pkgs.alpinelinux.org).
"""

from __future__ import annotations

from slimdesk.catalog.model import BaseImage
from slimdesk.project.model import Component

# gem -> (Debian: to build, to run; Alpine: to build, to run).
LIBRARIES: dict[str, tuple[str, str, str, str]] = {
    "pg": ("libpq-dev", "libpq5", "libpq-dev", "libpq"),
    "mysql2": ("default-libmysqlclient-dev", "libmariadb3", "mariadb-dev", "mariadb-connector-c"),
    "sqlite3": ("libsqlite3-dev", "libsqlite3-0", "sqlite-dev", "sqlite-libs"),
    "nokogiri": ("libxml2-dev libxslt1-dev", "libxml2 libxslt1.1", "libxml2-dev libxslt-dev", "libxml2 libxslt"),
    "rmagick": ("libmagickwand-dev", "imagemagick", "imagemagick-dev", "imagemagick"),
    "ruby-vips": ("", "libvips42t64", "", "vips"),
    "image_processing": ("", "libvips42t64", "", "vips"),
    "mini_magick": ("", "imagemagick", "", "imagemagick"),
    "tiny_tds": ("freetds-dev", "libsybdb5", "freetds-dev", "freetds"),
    "charlock_holmes": ("libicu-dev", "libicu76", "icu-dev", "icu-libs"),
    "curb": ("libcurl4-openssl-dev", "libcurl4t64", "curl-dev", "libcurl"),
    "ffi": ("libffi-dev", "libffi8", "libffi-dev", "libffi"),
    "rdkafka": ("zlib1g-dev", "", "bash zlib-dev", ""),
    "snappy": ("libsnappy-dev", "libsnappy1v5", "snappy-dev", "snappy"),
    "gpgme": ("libgpgme-dev", "libgpgme11t64", "gpgme-dev", "gpgme"),
    "idn-ruby": ("libidn-dev", "libidn12", "libidn-dev", "libidn"),
}  # fmt: skip
# Ruby itself loads it (psych); the official images have it, headers only in the full one.
_YAML = ("libyaml-dev", "yaml-dev")


def build_packages(component: Component, builder: BaseImage) -> list[str]:
    """Return what a build stage must install; nothing where no gem has C code."""
    names = [str(fact.value) for fact in component.all("native")]
    column = 2 if builder.package_manager == "apk" else 0
    found = [package for name in names if name in LIBRARIES for package in LIBRARIES[name][column].split()]
    if component.fact("rails_assets"):
        # The assets are built by the application itself, which loads its gems: also those that only need a library to run.
        found += [
            package
            for name in names
            if name in LIBRARIES and not LIBRARIES[name][column]
            for package in LIBRARIES[name][column + 1].split()
        ]
    compiles = bool(found) or component.fact("compiled") is not None or bool(names)
    if builder.family == "alpine":
        git = ["git"] if component.fact("git_gem") else []
        return [*(["build-base", _YAML[1]] if compiles else []), *found, *git]
    if builder.family in ("chainguard", "hardened"):
        tools = "build-base" if builder.package_manager == "apk" else "build-essential"
        return [tools, _YAML[1] if builder.package_manager == "apk" else _YAML[0], *found] if compiles else []
    # The full image brings the headers of most (buildpack-deps); apt is asked for what it lacks.
    return [package for package in found if package not in _IN_FULL]


# buildpack-deps:trixie, Dockerfile of 2025-11-13.
_IN_FULL = frozenset({
    "libpq-dev", "default-libmysqlclient-dev", "libsqlite3-dev", "libxml2-dev", "libxslt1-dev", "libcurl4-openssl-dev", "libffi-dev",
    "libmagickwand-dev", "zlib1g-dev", "libyaml-dev",
})  # fmt: skip


def runtime_packages(component: Component, manager: str | None) -> list[str]:
    """Return the libraries and programs that the gems load when they run."""
    column = 3 if manager == "apk" else 1
    names = (str(fact.value) for fact in component.all("native"))
    found = [package for name in names if name in LIBRARIES for package in LIBRARIES[name][column].split()]
    return list(dict.fromkeys(found))
