"""The first terminal of a process, which may be asked for by several threads at once."""

import subprocess
import sys

SCRIPT = """
import threading
from slimdesk.terminal.make import make_screen

made, start = [], threading.Barrier(4)

def make():
    start.wait()
    made.append(make_screen(20, 4))

threads = [threading.Thread(target=make) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
for screen in made:
    screen.feed(b"a line\\r\\n" * 9)
    screen.scroll_to(1)
print(len(made), len({screen.name for screen in made}), {screen.top() for screen in made})
"""


def test_threads_that_make_the_first_at_once():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert done.stdout == "4 1 {1}\n", done.stderr
