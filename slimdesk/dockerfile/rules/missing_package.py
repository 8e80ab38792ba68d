"""Packages that the stage's release does not have any more: the install fails.

Debian's names were checked against its package lists of November 2026. Alpine's are by the pattern of its wiki and of what
people report, not confirmed against its own index.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.commands import commands, installed
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.images import codename, short_name
from slimdesk.dockerfile.references import Reference
from slimdesk.dockerfile.rules.ended_base import has_ended
from slimdesk.dockerfile.view import StageView, View

RULE = "missing-package"

# Python 2 left with 3.12, the packages named after it a little later.
_ALPINE_SINCE = 16
_RELEASES = ("buster", "bullseye", "bookworm", "trixie")
# Package -> the first release without it, and what to install instead ("" = nothing of that kind is there).
_GONE: dict[str, tuple[str, str]] = {
    "python": ("bookworm", "python3"),
    "python-dev": ("bookworm", "python3-dev"),
    "python-pip": ("bullseye", "python3-pip"),
    "python-setuptools": ("bookworm", "python3-setuptools"),
    "python-virtualenv": ("bullseye", "python3-venv"),
    "python2": ("bookworm", "python3"),
    "python2.7": ("bookworm", "python3"),
    "python3.7": ("bullseye", "python3"),
    "python3.8": ("buster", "python3"),
    "python3.9": ("bookworm", "python3"),
    "python3.10": ("buster", "python3"),
    "python3.11": ("trixie", "python3"),
    "python3.12": ("buster", "python3"),
    "openjdk-7-jdk": ("buster", "default-jdk-headless"),
    "openjdk-8-jdk": ("buster", "default-jdk-headless"),
    "openjdk-8-jre": ("buster", "default-jre-headless"),
    "openjdk-8-jre-headless": ("buster", "default-jre-headless"),
    "openjdk-11-jdk": ("bookworm", "default-jdk-headless"),
    "openjdk-11-jre": ("bookworm", "default-jre-headless"),
    "openjdk-11-jre-headless": ("bookworm", "default-jre-headless"),
    "openjdk-17-jdk": ("trixie", "openjdk-21-jdk"),
    "openjdk-17-jre": ("trixie", "openjdk-21-jre"),
    "openjdk-17-jre-headless": ("trixie", "openjdk-21-jre-headless"),
    "libssl1.0.0": ("buster", "libssl-dev"),
    "libssl1.1": ("bookworm", "libssl3"),
    "libicu63": ("bullseye", "libicu-dev"),
    "libicu67": ("bookworm", "libicu-dev"),
    "libicu72": ("trixie", "libicu76"),
    "libffi6": ("bullseye", "libffi-dev"),
    "libffi7": ("bookworm", "libffi8"),
    "libwebp6": ("bookworm", "libwebp7"),
    "libtiff5": ("bookworm", "libtiff6"),
    "libpng12-0": ("buster", "libpng16-16"),
    "libgl1-mesa-glx": ("trixie", "libgl1"),
    "libncurses5": ("trixie", "libncurses6"),
    "libmysqlclient-dev": ("buster", "default-libmysqlclient-dev"),
    "mysql-client": ("buster", "default-mysql-client"),
    "mysql-server": ("buster", "default-mysql-server"),
    "netcat": ("bookworm", "netcat-openbsd"),
    "software-properties-common": ("trixie", ""),
    "wkhtmltopdf": ("trixie", ""),
    "chromium-browser": ("buster", "chromium"),
    "nodejs-legacy": ("buster", "nodejs"),
    "php7.3": ("bullseye", "php"),
    "php7.4": ("bookworm", "php"),
    "ttf-dejavu": ("bullseye", "fonts-dejavu"),
}
_ALPINE: dict[str, str] = {
    "python": "python3",
    "python-dev": "python3-dev",
    "python2": "python3",
    "python2-dev": "python3-dev",
    "py-pip": "py3-pip",
    "py2-pip": "py3-pip",
    "build-essential": "build-base",
    "libpq-dev": "postgresql-dev",
    "libssl-dev": "openssl-dev",
    "libffi-devel": "libffi-dev",
    "openjdk7": "openjdk21",
    "mysql-dev": "mariadb-dev",
}
_DEBIAN = frozenset(
    {"node", "python", "golang", "rust", "php", "ruby", "debian", "gcc", "nginx", "buildpack-deps"}
)


def check(view: View) -> Iterator[Finding]:
    """An error for each package that is known to be gone from the release that the stage stands on."""
    for stage in view.stages:
        release = _release(stage, view)
        if release is None:
            continue
        for run in stage.own("RUN"):
            for command in commands(run):
                found = installed(command)
                for name in found[1] if found else ():
                    instead = _instead(name, release, found[0] if found else "")
                    if instead is None:
                        continue
                    message = f"{'Alpine' if release == 'alpine' else f'Debian {release}'} has no package {name}: the build fails here"
                    fix = (
                        f"Install {instead}"
                        if instead
                        else "Leave it out, or take the program from its own image"
                    )
                    yield Finding(RULE, "error", message, line=run.line, fix=fix)


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """The package that took its place; without one the name is left out where others stay."""
    run = view.at(finding.line)
    name = re.search(r"has no package (\S+):", finding.message)
    if run is None or name is None:
        return ()
    instead = (
        (finding.fix or "").removeprefix("Install ") if (finding.fix or "").startswith("Install ") else ""
    )
    return lines.substituted(
        run, rf"(?<![\w.+/-]){re.escape(name[1])}(?![\w.+-])" + ("" if instead else r"[ \t]?"), instead
    )


def _instead(name: str, release: str, manager: str) -> str | None:
    if release == "alpine":
        return _ALPINE.get(name) if manager == "apk" else None
    if manager not in ("apt", "apt-get"):
        return None
    gone = _GONE.get(name)
    return gone[1] if gone and _RELEASES.index(release) >= _RELEASES.index(gone[0]) else None


def _release(stage: StageView, view: View) -> str | None:
    """The Debian release of an official image, or alpine; None where the tag does not say, or is too old to tell."""
    if stage.image is None:
        return None
    name, tag = short_name(stage.image), stage.image.tag or ""
    if name == "alpine" or "alpine" in tag:
        series = re.search(r"3\.(\d+)", tag if name == "alpine" else tag.partition("alpine")[2])
        return (
            "alpine" if (int(series[1]) >= _ALPINE_SINCE if series else _moves(stage.image, view)) else None
        )
    if name not in _DEBIAN:
        return None
    found = codename(name, tag)
    said = found in tag or name == "debian"
    return found if found in _RELEASES and (said or _moves(stage.image, view)) else None


def _moves(image: Reference, view: View) -> bool:
    """Whether a tag is rebuilt on the newest release: no full version such as 3.9.10, and no version that has ended."""
    return not re.match(r"v?\d+\.\d+\.\d+", image.tag or "") and not has_ended(image, view.catalog)
