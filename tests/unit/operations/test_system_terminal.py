"""The system's own terminal: which one, with which words, and that a line runs in it."""

import subprocess
import time

import pytest

from slimdesk.basics.errors import BadInput, OutputError
from slimdesk.operations import system_terminal
from slimdesk.operations.system_terminal import find_terminal, open_terminal, with_engine

X = {"DISPLAY": ":1"}
LINE = "docker run --rm -it busybox:1-musl sh -c 'echo \"$HOME\"'"


def _has(*names):
    return lambda name: f"/usr/bin/{name}" if name in names else None


@pytest.mark.parametrize(
    ("there", "before"),
    [
        (("x-terminal-emulator", "xterm"), ("/usr/bin/x-terminal-emulator", "-e")),
        (("gnome-terminal", "xterm"), ("/usr/bin/gnome-terminal", "--")),
        (("konsole",), ("/usr/bin/konsole", "-e")),
        (("xterm",), ("/usr/bin/xterm", "-e")),
        (("wezterm",), ("/usr/bin/wezterm", "start", "--")),
    ],
)
def test_the_first_that_is_there_is_taken(there, before):
    found = find_terminal(LINE, platform="linux", environment=X, which=_has(*there))
    assert found.argv[: len(before)] == before
    assert found.argv[len(before) : -1] == ("sh", "-c")
    assert found.argv[-1].startswith(f"{LINE}; ")


def test_the_persons_own_choice_goes_first():
    environment = {"WAYLAND_DISPLAY": "wayland-0", "TERMINAL": "foot"}
    assert (
        find_terminal(LINE, platform="linux", environment=environment, which=_has("foot", "xterm")).name
        == "foot"
    )
    environment["TERMINAL"] = "gone"
    assert find_terminal(LINE, platform="linux", environment=environment, which=_has("xterm")).name == "xterm"


def test_without_a_session_or_a_terminal_it_is_said():
    with pytest.raises(BadInput, match="no graphical session"):
        find_terminal(LINE, platform="linux", environment={}, which=_has("xterm"))
    with pytest.raises(BadInput, match="No terminal was found"):
        find_terminal(LINE, platform="linux", environment=X, which=_has())


def test_other_systems():
    script = find_terminal(LINE, platform="darwin", environment={}, which=_has()).argv[-1]
    assert 'do script "docker run' in script
    assert '\\"$HOME\\"' in script
    assert find_terminal(LINE, platform="win32", environment={}, which=_has("wt")).argv[0] == "/usr/bin/wt"
    assert find_terminal(LINE, platform="win32", environment={}, which=_has()).argv[0] == "cmd"


def test_a_line_runs_in_it_and_is_not_waited_for(tmp_path, monkeypatch):
    fake = tmp_path / "xterm"
    fake.write_text('#!/bin/sh\nshift\nexec "$@" </dev/null\n')
    fake.chmod(0o755)
    monkeypatch.setattr(
        system_terminal, "find_terminal",
        lambda line: find_terminal(line, platform="linux", environment=X, which=lambda name: str(fake) if name == "xterm" else None),
    )  # fmt: skip
    mark = tmp_path / "it's done"
    begun = time.monotonic()
    assert open_terminal(f'echo yes > "{mark}"') == "xterm"
    assert time.monotonic() - begun < 5
    deadline = time.monotonic() + 60
    while not (mark.exists() and mark.read_text()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert mark.read_text() == "yes\n"
    fake.unlink()
    with pytest.raises(OutputError, match="could not be started"):
        open_terminal("true")


def test_the_engine_goes_with_the_line():
    line = with_engine("echo $DOCKER_HOST", "unix:///a b/d.sock")
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "unix:///a b/d.sock"
    assert with_engine("true", "") == "true"
