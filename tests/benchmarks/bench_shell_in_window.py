"""How fast a log of 100 MB goes through a shell of the Debug page, and how long the window stands still meanwhile.

`python tests/benchmarks/bench_shell_in_window.py [--megabytes 100] [--rounds 3] [--loose]` with DOCKER_HOST set, on an engine
that has busybox:1-musl. `cat` of the log is typed into the embedded terminal; "nowhere" is the same exec stream read with
docker-py into a buffer, in a thread that does nothing else. A timer that should fire every 5 ms measures how late the loop is;
"own" is what its thread worked between two ticks (the delay on a machine that does nothing else). Exit 1 where the best round
is above 1.5 times, 30 ms (99th percentile), or 150 MB of growth; with --loose, for shared machines, five times that.
"""

import argparse
import asyncio
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyside6")
sys.path.insert(0, str(Path(__file__).parent))

from bench_debug_shell import LINE, TOOLBOX, nowhere
from bench_terminal import TICK, megabytes

from slimdesk.basics.job import Silent
from slimdesk.engine.engine import Engine
from slimdesk.engine.model import ContainerSpec
from slimdesk.operations.debug_shell import open_shell
from slimdesk.operations.sidecar import beside

# Times the bare stream, milliseconds of the 99th percentile, MB of growth.
LIMITS = (1.5, 30.0, 150.0)


async def until(test, seconds=600.0):
    """Wait until it is so."""
    end = time.monotonic() + seconds
    while not test():
        if time.monotonic() > end:
            raise TimeoutError
        await asyncio.sleep(TICK)


async def in_the_window(engine, target, command):
    """Seconds that the output takes, p99 delay and p99 of own work in milliseconds, growth in MB."""
    from slimdesk.ui.pages.debug_terminals import TerminalTabs
    from slimdesk.ui.theme import theme

    theme.current().start("light")
    tabs = TerminalTabs()
    tabs.resize(900, 680)
    tabs.show()
    pane = tabs.open_tab("log", open_shell(engine, target, TOOLBOX, columns=120, rows=40))
    await until(lambda: "# " in pane.terminal.shown_text() + " ")
    delays, own = [], []

    async def watch():
        while True:
            due, used = time.perf_counter() + TICK, time.thread_time()
            await asyncio.sleep(TICK)
            delays.append((time.perf_counter() - due) * 1000)
            own.append((time.thread_time() - used) * 1000)

    before = megabytes()
    watching = asyncio.ensure_future(watch())
    began = time.monotonic()
    pane.terminal.typed.emit(f"{command}; exit\n".encode())
    await until(lambda: pane.ending)
    took = time.monotonic() - began
    watching.cancel()
    grown = megabytes() - before
    await tabs.close_all()
    tabs.deleteLater()
    delays.sort()
    own.sort()
    return took, delays[int(len(delays) * 0.99)], own[int(len(own) * 0.99)], grown


async def measure(size, rounds, factor):
    """Print a line per round; return whether the best of them is within the limits."""
    found = []
    engine = await Engine.connect()
    make = f"yes '{LINE}' | head -c {size * 1_000_000} >/tmp/log; sleep 3600"
    target = await engine.create(ContainerSpec(TOOLBOX, command=("sh", "-c", make), init=True))
    try:
        await engine.start(target)
        for _ in range(rounds):
            helper = await beside(engine, target, TOOLBOX, Silent())
            place = f"/proc/{helper.survey.app}/root/tmp/log"
            # Once all of it is written.
            await helper.run(
                ["sh", "-c", f"until [ $(wc -c <{place}) = {size}000000 ]; do sleep 1; done"], 120
            )
            bare = await asyncio.to_thread(nowhere, engine.settings.host, helper.container, f"cat {place}")
            await helper.close()
            took, late, own, grown = await in_the_window(engine, target, "cat /tmp/log")
            found.append((took / bare, min(late, own), grown))
            print(
                f"{size} MB: nowhere {bare:.1f} s, terminal {took:.1f} s ({took / bare:.2f} times); "
                f"p99 delay {late:.1f} ms, own {own:.1f} ms; grown by {grown:.0f} MB",
                flush=True,
            )
    finally:
        await engine.remove(target)
    best = [min(column) for column in zip(*found, strict=True)]
    return all(value <= limit * factor for value, limit in zip(best, LIMITS, strict=True))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--loose", action="store_true")
    arguments = parser.parse_args()
    from slimdesk import app

    app.make_application()
    with asyncio.Runner(loop_factory=app.make_loop) as runner:
        good = runner.run(measure(arguments.megabytes, arguments.rounds, 5 if arguments.loose else 1))
    sys.exit(not good)
