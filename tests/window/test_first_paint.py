"""What is heavy is not loaded before the window is there."""

import os
import subprocess
import sys

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
