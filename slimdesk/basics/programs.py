"""Finding programs: on PATH, and where their installers put them (a program started from a desktop has a short PATH)."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path


def find_program(
    name: str, environment: Mapping[str, str] = os.environ, more: tuple[str, ...] = ()
) -> str | None:
    """Return the path of a program; `more` are folders that its own installer uses."""
    places = [environment.get("PATH", ""), *install_places(environment), *more]
    return shutil.which(name, path=os.pathsep.join(place for place in places if place))


def install_places(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Return the folders where installers of command-line programs put them on this system."""
    home = environment.get("HOME") or str(Path.home())
    if sys.platform == "win32":
        programs = environment.get("ProgramFiles", r"C:\Program Files")
        local = environment.get("LOCALAPPDATA", rf"{home}\AppData\Local")
        return (
            rf"{programs}\Docker\Docker\resources\bin",
            rf"{home}\.rd\bin",
            rf"{home}\scoop\shims",
            rf"{local}\Microsoft\WinGet\Links",
        )
    return (
        "/usr/local/bin",
        "/usr/bin",
        "/opt/homebrew/bin",
        "/home/linuxbrew/.linuxbrew/bin",
        "/Applications/Docker.app/Contents/Resources/bin",
        "/opt/google-cloud-sdk/bin",
        "/usr/lib/google-cloud-sdk/bin",
        "/snap/bin",
        f"{home}/.docker/bin",
        f"{home}/.rd/bin",
        f"{home}/.orbstack/bin",
        f"{home}/google-cloud-sdk/bin",
        f"{home}/.local/bin",
        f"{home}/bin",
        f"{home}/go/bin",
    )
