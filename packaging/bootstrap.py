"""Makes SlimDesk's own virtual environment and sees to what Qt needs. Standard library alone, and readable by Python 3.8.

Both README commands stand on this file: `run.py` opens the program, `test.py` runs the test suite.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / "slimdesk-installed"

# What the PySide6 wheels load and a bare Linux lacks: shared library -> Debian's package.
QT_LIBRARIES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
}
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
OTHER_SYSTEMS = {
    "dnf": "sudo dnf install glib2 mesa-libEGL mesa-libGL libxkbcommon-x11 xcb-util-cursor xcb-util-wm"
    " xcb-util-keysyms xcb-util-image xcb-util-renderutil dbus-libs fontconfig dejavu-sans-fonts",
    "pacman": "sudo pacman -S glib2 libglvnd libxkbcommon-x11 xcb-util-cursor xcb-util-wm xcb-util-keysyms"
    " xcb-util-image xcb-util-renderutil dbus fontconfig ttf-dejavu",
    "zypper": "sudo zypper install libgthread-2_0-0 Mesa-libEGL1 Mesa-libGL1 libxkbcommon-x11-0 libxcb-cursor0"
    " libxcb-icccm4 libxcb-keysyms1 libxcb-image0 libxcb-render-util0 libdbus-1-3 fontconfig dejavu-fonts",
}


class SetupError(Exception):
    """Something that the person has to do first; its text says what."""


def say(text: str) -> None:
    """Print one line at once, on standard error: standard output belongs to the program."""
    print(text, file=sys.stderr, flush=True)


def use_new_enough_python() -> None:
    """Go on with this Python if it is new enough, else start again with one that is, else say which is needed."""
    if sys.version_info >= OLDEST:
        return
    for minor in range(OLDEST[1] + 4, OLDEST[1] - 1, -1):
        name = "python3.{}".format(minor)
        found = shutil.which(name)
        if found:
            command = [found] + sys.argv
        elif os.name == "nt" and shutil.which("py"):
            command = ["py", "-3.{}".format(minor)] + sys.argv
            if subprocess.call(command[:2] + ["-c", ""], stderr=subprocess.DEVNULL):
                continue
        else:
            continue
        say(
            "Python {}.{} is too old for SlimDesk; going on with {}.".format(
                sys.version_info[0], sys.version_info[1], name
            )
        )
        sys.exit(subprocess.call(command))
    raise SetupError(
        "SlimDesk needs Python {}.{} or later; this is {}.{}.\n"
        "Install a newer one (https://www.python.org/downloads/, or your system's package python3.11) and call it by"
        " its name, for example: python3.11 {}".format(
            OLDEST[0], OLDEST[1], sys.version_info[0], sys.version_info[1], " ".join(sys.argv)
        )
    )


def venv_python() -> Path:
    """Return the virtual environment's interpreter."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def prepare(groups: tuple[str, ...] = ()) -> None:
    """Make or repair the virtual environment with the package and the named dependency groups of pyproject.toml."""
    wanted = _fingerprint(groups)
    if _works(venv_python()) and STAMP.is_file() and wanted in STAMP.read_text().split():
        return
    _make_venv()
    requirements = _group_requirements(groups)
    say("Installing SlimDesk into {} …".format(VENV))
    command = [
        str(venv_python()),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--editable",
        str(ROOT),
    ]
    for attempt in (1, 2, 3):
        if subprocess.call(command + requirements, cwd=str(ROOT)) == 0:
            break
        if attempt == 3:
            raise SetupError(
                "pip could not install what SlimDesk needs (its message stands above).\n"
                "Behind a proxy or with a company's own package index or certificate, tell pip: "
                "`python3 -m pip config set global.proxy|index-url|cert VALUE`, then start this again."
            )
        say("That did not work; trying again.")
    STAMP.write_text("\n".join([wanted] + ([_fingerprint(())] if groups else [])) + "\n")


def ensure_qt_libraries() -> None:
    """Install the shared libraries and the font that Qt needs, where that is allowed; else say how."""
    if not sys.platform.startswith("linux"):
        return
    missing = missing_qt_packages()
    if missing:
        install_packages(missing, "Qt needs some libraries of the system")


def missing_qt_packages() -> list[str]:
    """Return the Debian packages of the libraries that cannot be loaded, and of a font if there is none."""
    missing = [package for library, package in QT_LIBRARIES.items() if not _loads(library)]
    if not any(_has_font(Path(folder).expanduser()) for folder in FONT_FOLDERS):
        missing.append("fonts-dejavu-core")
    return missing


def install_packages(packages: list[str], why: str) -> None:
    """Install Debian packages: as root at once, else with sudo after asking; elsewhere say the one command."""
    line = "apt-get install --no-install-recommends " + " ".join(packages)
    if not is_debian():
        for manager, command in OTHER_SYSTEMS.items():
            if shutil.which(manager):
                raise SetupError("{}. Install them, then start this again:\n  {}".format(why, command))
        raise SetupError(
            "{}: {}. Install them with your system's package manager.".format(why, ", ".join(packages))
        )
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    prefix = [] if as_root else ["sudo"]
    if not as_root:
        if not (shutil.which("sudo") and sys.stdin is not None and sys.stdin.isatty()):
            raise SetupError("{}. Install them, then start this again:\n  sudo {}".format(why, line))
        say("{}:\n  sudo {}".format(why, line))
        if input("Install them now? [y/N] ").strip().lower() not in ("y", "yes"):
            raise SetupError("Then install them yourself and start this again.")
    else:
        say("{}; installing {}.".format(why, " ".join(packages)))
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    install = prefix + line.split() + ["--yes", "-qq", "-o", "Dpkg::Use-Pty=0"]
    for attempt in (1, 2, 3):
        subprocess.call(prefix + ["apt-get", "update", "-qq"], env=environment, stdout=sys.stderr.fileno())
        if subprocess.call(install, env=environment, stdout=sys.stderr.fileno()) == 0:
            return
        say("That did not work{}.".format("; trying again" if attempt < 3 else ""))
    raise SetupError("apt-get could not install them (its message stands above):\n  {}".format(line))


def is_debian() -> bool:
    """Whether this is Debian, Ubuntu or a system that says it is like them."""
    try:
        text = Path("/etc/os-release").read_text(encoding="utf-8")
    except OSError:
        return False
    words: list[str] = []
    for line in text.splitlines():
        key, _, value = line.partition("=")
        if key in ("ID", "ID_LIKE"):
            words += value.strip().strip('"').split()
    return bool({"debian", "ubuntu"} & set(words)) and shutil.which("apt-get") is not None


def has_display() -> bool:
    """Whether a window can be shown here."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def stopped(error: BaseException) -> int:
    """Say why the set-up ended; the exit status is 1, or 130 after Ctrl+C."""
    say("Stopped." if isinstance(error, KeyboardInterrupt) else str(error))
    return 130 if isinstance(error, KeyboardInterrupt) else 1


def _make_venv() -> None:
    if _works(venv_python()):
        return
    say("Making a virtual environment in {} …".format(VENV))
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    if subprocess.call(command, stdout=subprocess.DEVNULL) == 0 and _works(venv_python()):
        return
    if is_debian():
        install_packages(["python3-venv"], "Debian keeps Python's venv module in a package of its own")
        if subprocess.call(command) == 0:
            return
    raise SetupError("`{}` failed (its message stands above).".format(" ".join(command)))


def _works(python: Path) -> bool:
    if not python.exists():
        return False
    # An interrupted `venv` leaves an interpreter without pip.
    return subprocess.call([str(python), "-c", "import pip"], stderr=subprocess.DEVNULL) == 0


def _fingerprint(groups: tuple[str, ...]) -> str:
    """What was installed: the project file, the groups, the place and the Python that did it."""
    text = "\n".join(
        [(ROOT / "pyproject.toml").read_text(encoding="utf-8"), ",".join(groups), str(ROOT), sys.version]
    )
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _group_requirements(groups: tuple[str, ...]) -> list[str]:
    # Debian 12's pip knows no --group. tomllib is there: use_new_enough_python() has been called.
    if not groups:
        return []
    import tomllib  # noqa: PLC0415 - not in the Python 3.8 that may read this file

    with (ROOT / "pyproject.toml").open("rb") as file:
        table = tomllib.load(file)["dependency-groups"]
    return [requirement for group in groups for requirement in table[group]]


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _has_font(folder: Path) -> bool:
    return any(
        name.lower().endswith((".ttf", ".otf", ".ttc"))
        for _, _, names in os.walk(str(folder))
        for name in names
    )
