"""What is heavy is not loaded before the window is there."""

import os
import subprocess
import sys

import pytest

DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
SCRIPT = """
import os, sys
from slimdesk import app
from slimdesk.ui.frame.window import MainWindow

before = MainWindow.paintEvent

def paint(self, event):
    before(self, event)
    print(" ".join(sorted(sys.modules)), flush=True)
    os._exit(0)

MainWindow.paintEvent = paint
app.main([])
"""
HEAVY = {
    "docker",
    "requests",
    "matplotlib",
    "numpy",
    "pygments",
    "yaml",
    "jinja2",
    "zstandard",
    "qtawesome",
    "sqlite3",
}


def test_nothing_heavy_is_loaded_at_the_first_paint(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "SLIMDESK_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    loaded = set(done.stdout.split())
    assert "slimdesk.ui.frame.window" in loaded
    assert loaded & HEAVY == set()
    assert not any(name.startswith("slimdesk.ui.pages.start") for name in loaded)


def test_a_word_that_is_not_understood_is_a_sentence():
    done = subprocess.run(
        [sys.executable, "-m", "slimdesk", "--colour"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert "--colour is not understood" in done.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a display")
def test_without_a_display_a_sentence_says_so_and_the_process_is_not_aborted():
    bare = {key: value for key, value in os.environ.items() if key not in DISPLAYS}
    done = subprocess.run(
        [sys.executable, "-m", "slimdesk"], capture_output=True, text=True, check=False, timeout=60, env=bare
    )
    assert done.returncode == 2
    assert "no display" in done.stderr
    assert "slimdesk --help" in done.stderr


def test_of_two_words_it_is_the_command_that_is_not_understood():
    done = subprocess.run(
        [sys.executable, "-m", "slimdesk", "biuld", "."],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "biuld is not understood" in done.stderr
