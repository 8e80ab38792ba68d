"""How long until the window is there, against a bare PySide6 window with one label, measured in turn in one run.

    python tests/benchmarks/bench_start.py [--runs 10] [--loose]

Prints milliseconds from the start of the process to the end of the first paint: the least of all runs, and the median.
`window` is the frame as `slimdesk` opens it, `page` is the Start page inside it. Exit 1 if the window takes more than
twice the bare one's time.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

BARE = """
import os, sys, time
from PySide6.QtWidgets import QApplication, QLabel

class Label(QLabel):
    def paintEvent(self, event):
        super().paintEvent(event)
        print(time.time(), flush=True)
        os._exit(0)

application = QApplication(["bare"])
label = Label("Hello")
label.resize(1280, 800)
label.show()
application.exec()
"""

OURS = """
import os, sys, time
from slimdesk import app
from slimdesk.ui.{module} import {name} as Painted

before = Painted.paintEvent

def paint(self, event):
    before(self, event)
    print(time.time(), flush=True)
    os._exit(0)

Painted.paintEvent = paint
app.main([])
"""

SCRIPTS = {
    "bare": BARE,
    "window": OURS.format(module="frame.window", name="MainWindow"),
    "page": OURS.format(module="pages.start", name="StartPage"),
}


def once(script: str, home: str) -> float:
    """Seconds from the start of the process to the first paint."""
    began = time.time()
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "SLIMDESK_HOME": home},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return float(done.stdout.split()[-1]) - began


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument(
        "--loose", action="store_true", help="for machines that are shared: five times the limit"
    )
    wanted = parser.parse_args()
    runs = wanted.runs
    times: dict[str, list[float]] = {name: [] for name in SCRIPTS}
    with tempfile.TemporaryDirectory() as home:
        for _ in range(runs + 1):
            for name, script in SCRIPTS.items():
                times[name].append(once(script, home))
    # The first round compiles and warms caches.
    least = {name: min(found[1:]) for name, found in times.items()}
    for name, found in times.items():
        median = statistics.median(found[1:])
        print(
            f"{name:8} least {least[name] * 1000:6.0f} ms   median {median * 1000:6.0f} ms"
            f"   {least[name] / least['bare']:.2f} times bare"
        )
    return 0 if least["window"] <= (10 if wanted.loose else 2) * least["bare"] else 1


if __name__ == "__main__":
    sys.exit(main())
