"""How fast a terminal takes a log, and how long the window stands still meanwhile.

    python tests/benchmarks/bench_terminal.py [--bytes 100000000] [--core ghostty|plain|both] [--loose]

The widget, 120x40 and shown offscreen, is fed a coloured log in the pieces of 16 kB in which an engine sends it. A timer
that should fire every 5 ms measures how late the loop is. Prints for each core the MB/s of the core alone and of the whole
widget, the 99th percentile and the largest delay in milliseconds, the same of what the loop's own thread worked between two
ticks (the delay on a machine that does nothing else), and by how much the process has grown in MB; exit 1 above 30 ms (99th
percentile), 100 ms (largest) or 150 MB. With --loose, for machines that are shared, the thread's own work is judged: 150 ms,
500 ms, 300 MB.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyside6")

if TYPE_CHECKING:
    from slimdesk.terminal.screen import Screen

TICK = 0.005
PIECE = 16_384
LIMITS = {False: (30.0, 100.0, 150.0), True: (150.0, 500.0, 300.0)}


def log(size: int) -> bytes:
    """Return `size` bytes of a coloured log."""
    lines = "".join(
        f"\x1b[32m2026-11-21T16:44:{i % 60:02d}Z\x1b[0m \x1b[1;34mINFO\x1b[0m request {i} "
        f"GET /api/products/{i * 7} 200 {i % 90}ms\r\n"
        for i in range(10_000)
    ).encode()
    return lines * (size // len(lines)) + lines[: size % len(lines)]


def make(core: str) -> Screen:
    """Return a screen over the named core."""
    from slimdesk.terminal.ghostty import GhosttyScreen
    from slimdesk.terminal.plain import PlainScreen

    return GhosttyScreen(120, 40) if core == "ghostty" else PlainScreen(120, 40)


def core_alone(core: str, data: bytes) -> float:
    """Return MB/s of the core without a window."""
    screen = make(core)
    began = time.perf_counter()
    for start in range(0, len(data), PIECE):
        screen.feed(data[start : start + PIECE])
    seconds = time.perf_counter() - began
    screen.close()
    return len(data) / 1e6 / seconds


def megabytes() -> float:
    """Return what the process holds."""
    with Path("/proc/self/statm").open(encoding="ascii") as words:
        return int(words.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def measure(core: str, data: bytes) -> dict[str, float | str]:
    """Feed the widget, and watch the loop."""
    from slimdesk.ui.theme import theme
    from slimdesk.ui.widgets.terminal import TerminalWidget

    theme.current().start("light")
    widget = TerminalWidget(screen=make(core))
    widget.resize(900, 680)
    widget.show()
    await asyncio.sleep(0.3)
    delays: list[float] = []
    own: list[float] = []
    before = megabytes()

    async def watch() -> None:
        while True:
            due, used = time.perf_counter() + TICK, time.thread_time()
            await asyncio.sleep(TICK)
            delays.append((time.perf_counter() - due) * 1000)
            own.append((time.thread_time() - used) * 1000)

    watching = asyncio.create_task(watch())
    began = time.perf_counter()
    for start in range(0, len(data), PIECE):
        await widget.feed(data[start : start + PIECE])
    seconds = time.perf_counter() - began
    watching.cancel()
    grown = megabytes() - before
    widget.shut()
    widget.deleteLater()
    delays.sort()
    own.sort()
    return {
        "core": core,
        "widget_mb_per_second": round(len(data) / 1e6 / seconds, 1),
        "p99_ms": round(delays[int(len(delays) * 0.99)], 1),
        "max_ms": round(delays[-1], 1),
        "own_p99_ms": round(own[int(len(own) * 0.99)], 1),
        "own_max_ms": round(own[-1], 1),
        "grown_mb": round(grown, 1),
    }


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--bytes", type=int, default=100_000_000)
    parser.add_argument("--core", choices=("ghostty", "plain", "both"), default="ghostty")
    parser.add_argument("--loose", action="store_true")
    options = parser.parse_args()
    from slimdesk import app
    from slimdesk.terminal import ghostty

    cores = ("ghostty", "plain") if options.core == "both" else (options.core,)
    app.make_application()
    p99, largest, growth = LIMITS[options.loose]
    good = True
    for core in cores:
        if core == "ghostty" and not ghostty.available():
            print("ghostty: pyghostty has no wheel for this machine")
            continue
        data = log(options.bytes if core == "ghostty" else options.bytes // 10)
        alone = core_alone(core, data)
        with asyncio.Runner(loop_factory=app.make_loop) as runner:
            found = runner.run(measure(core, data))
        print(json.dumps({**found, "core_mb_per_second": round(alone, 1)}))
        whose = "own_" if options.loose else ""
        good = good and float(found[f"{whose}p99_ms"]) <= p99 and float(found[f"{whose}max_ms"]) <= largest
        good = good and float(found["grown_mb"]) <= growth
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
