"""What the scripts share that drive the program's window, offscreen, in a process of their own."""

import asyncio
import json
import os
import sys
import time

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_API"] = "pyside6"

from slimdesk import app


def tell(**words):
    """Print a line of JSON for the test that waits for it."""
    print(json.dumps(words), flush=True)


async def until(test, what, seconds=120.0):
    """Wait until `test` holds; `what` is the error where it never does, or gives its words."""
    end = time.monotonic() + seconds
    while not test():
        if time.monotonic() > end:
            raise TimeoutError(what() if callable(what) else what)
        await asyncio.sleep(0.005)


def run(main):
    """Run `main` with the words of the command line on the program's own loop."""
    app.make_application()
    with asyncio.Runner(loop_factory=app.make_loop) as runner:
        runner.run(main(*sys.argv[1:]))
