"""Command lines run in a POSIX shell with a terminal, as a person would: for the commands that SlimDesk shows."""

import contextlib
import os
import pty
import select
import shutil
import signal
import subprocess
import time

import pytest

needs_docker = pytest.mark.skipif(
    shutil.which("docker") is None, reason="there is no docker command line here"
)


def typed(host, line, text, wanted):
    """Run a line in a POSIX shell with a terminal, type into it, and return what came."""
    ours, theirs = pty.openpty()
    running = subprocess.Popen(["sh", "-c", line], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
                               env={**os.environ, "DOCKER_HOST": host})  # fmt: skip
    os.close(theirs)
    said = b""
    deadline = time.monotonic() + 30
    sent = False
    try:
        with contextlib.suppress(OSError):
            while time.monotonic() < deadline:
                if not select.select([ours], [], [], 0.5)[0]:
                    continue
                piece = os.read(ours, 65_536)
                if not piece:
                    break
                said += piece
                # Typed once the prompt is there; behind it busybox asks where the cursor is.
                if not sent and said.replace(b"\x1b[6n", b"").rstrip().endswith((b"$", b"#")):
                    os.write(ours, text.encode() + b"\nexit\n")
                    sent = True
        running.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
    finally:
        os.close(ours)
    assert wanted.encode() in said, said.decode("utf-8", "replace")
    return said.decode("utf-8", "replace")
