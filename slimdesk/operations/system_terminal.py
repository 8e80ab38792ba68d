"""Run a command in the system's own terminal window: found, and started without waiting for it.

Debian's alternative x-terminal-emulator comes first, then desktops' own; on macOS Terminal, on Windows the Windows Terminal
or a console. The window stays open when the command ends, so that its last words can be read.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from slimdesk.basics.errors import BadInput, OutputError
from slimdesk.basics.escaping import shell_word

# Program -> what stands before the words of the command. gnome-terminal and its kin take `--`, xterm and its kin `-e`.
_LINUX: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("xdg-terminal-exec", ()),
    ("x-terminal-emulator", ("-e",)),
    ("gnome-terminal", ("--",)),
    ("kgx", ("--",)),
    ("ptyxis", ("--",)),
    ("konsole", ("-e",)),
    ("xfce4-terminal", ("-x",)),
    ("mate-terminal", ("-x",)),
    ("kitty", ()),
    ("alacritty", ("-e",)),
    ("foot", ()),
    ("wezterm", ("start", "--")),
    ("xterm", ("-e",)),
)
_WAIT = 'printf "\\n[ended: %s] " "$?"; read -r _'


@dataclass(frozen=True, slots=True)
class Terminal:
    """A terminal that is there: its name for people, and the words that start `line` (a POSIX shell's) in it."""

    name: str
    argv: tuple[str, ...]


def find_terminal(
    line: str,
    *,
    platform: str = sys.platform,
    environment: Mapping[str, str] = os.environ,
    which: Callable[[str], str | None] = shutil.which,
) -> Terminal:
    """Return the terminal that will run `line` and how it is started. Raises BadInput where there is none."""
    if platform == "darwin":
        return Terminal("Terminal", ("osascript", "-e", _apple_script(line)))
    if platform == "win32":
        found = which("wt")
        if found:
            return Terminal("Windows Terminal", (found, "cmd", "/k", line))
        return Terminal("Command Prompt", ("cmd", "/c", "start", "SlimDesk", "cmd", "/k", line))
    if not environment.get("DISPLAY") and not environment.get("WAYLAND_DISPLAY"):
        raise BadInput(
            "No terminal can be opened", "there is no graphical session", "Copy the command instead"
        )
    shell = ("sh", "-c", f"{line}; {_WAIT}")
    own = environment.get("TERMINAL", "")
    if own and which(own):
        return Terminal(Path(own).name, (str(which(own)), "-e", *shell))
    for program, before in _LINUX:
        path = which(program)
        if path:
            return Terminal(program, (path, *before, *shell))
    raise BadInput(
        "No terminal was found",
        f"none of {', '.join(name for name, _ in _LINUX)} is on PATH",
        "Install one, set TERMINAL, or copy the command",
    )


def open_terminal(line: str) -> str:
    """Run a line in the system's terminal; return the terminal's name. It lives on when SlimDesk ends.

    Raises BadInput where there is none, OutputError if it does not start.
    """
    terminal = find_terminal(line)
    try:
        started = subprocess.Popen(
            terminal.argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise OutputError(
            f"{terminal.name} could not be started", error.strerror or "", "Copy the command instead"
        ) from error
    # Somebody must take note of its end, or it stays in the process table until ours.
    threading.Thread(target=started.wait, name="system-terminal", daemon=True).start()
    return terminal.name


def _apple_script(line: str) -> str:
    quoted = line.replace("\\", "\\\\").replace('"', '\\"')
    return f'tell application "Terminal"\nactivate\ndo script "{quoted}"\nend tell'


def with_engine(line: str, host: str) -> str:
    """Return the line for that engine: a terminal of the system's knows nothing of the one chosen here."""
    return f"DOCKER_HOST={shell_word(host)}; export DOCKER_HOST; {line}" if host else line
