"""Running a scanner's program on an image in a file: with its log as it comes, and stopped at once when asked. Blocking."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

from slimdesk.basics.escaping import log_line, visible
from slimdesk.scan.model import NotScanned, Scan, Unreadable
from slimdesk.scan.read_json import MAX_ANSWER
from slimdesk.scan.scanner import Form, Scanner

# The longest that any one image may take, in seconds.
PATIENCE = 3600.0
_KEPT = 60


class Run:
    """One call of one scanner. `run` in a thread, `stop` from any other; `told` hears the program's lines."""

    def __init__(
        self, scanner: Scanner, program: Path, told: Callable[[str], object] = lambda _: None
    ) -> None:
        self._scanner = scanner
        self._program = program
        self._told = told
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._stopped = False
        self._lines: deque[str] = deque(maxlen=_KEPT)

    def scan(self, image: Path, form: Form, *, network: bool) -> Scan | NotScanned:
        """Scan the image in a file or a layout's folder, and read what it found."""
        name = self._scanner.name
        if self._scanner.needs_network and not network:
            return NotScanned(
                name, f"{name} asks a service on the network", "Allow it to use the network, then scan again"
            )
        with tempfile.TemporaryDirectory(prefix="slimdesk-scan-") as folder:
            answer = Path(folder) / "answer.json"
            # It runs in another folder than ours.
            command = self._scanner.command(self._program, image.absolute(), form, answer)
            try:
                status = self._call(command, network=network)
                said = "\n".join(self._lines)
                if status not in self._scanner.answers:
                    return NotScanned(name, *self._scanner.refusal(status, said))
                if not answer.is_file():
                    return NotScanned(name, f"{name} wrote no answer")
                if answer.stat().st_size > MAX_ANSWER:
                    return NotScanned(name, f"{name}'s answer is longer than 512 MB")
                found = self._scanner.parse(answer.read_bytes())
                return self._with_version(found, network=network)
            except Unreadable as error:
                return NotScanned(name, f"{name}: {error}")
            except (OSError, subprocess.TimeoutExpired) as error:
                return NotScanned(name, f"{name} could not be run: {visible(str(error), 200)}")

    def update(self, *, java: bool) -> str:
        """Let it fetch its databases, with the network; `java`: that of Java archives, too. Return why that failed, or ""."""
        if self._scanner.update is None:
            return ""
        try:
            for command in self._scanner.update(self._program, java):
                status = self._call(command, network=True)
                if status != 0:
                    return self._scanner.refusal(status, "\n".join(self._lines))[0]
        except (OSError, subprocess.TimeoutExpired) as error:
            return visible(str(error), 200)
        return ""

    def stop(self) -> None:
        """End it, with whatever it started; may be called more than once and from any thread."""
        with self._lock:
            self._stopped = True
            process = self._process
        if process is not None:
            _kill(process)

    def _call(self, command: list[str], *, network: bool) -> int:
        self._lines.clear()
        with self._lock:
            if self._stopped:
                return -1
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=self._scanner.variables(network=network),
                # Not in the checkout or wherever we are: a scanner takes its settings from there.
                cwd=tempfile.gettempdir(),
                start_new_session=sys.platform != "win32",
            )
            self._process = process
        patience = threading.Timer(PATIENCE, _kill, (process,))
        patience.daemon = True
        patience.start()
        try:
            with process:
                for line in process.stderr or ():
                    text = log_line(line[:2000].decode("utf-8", "replace"))
                    self._lines.append(text)
                    self._told(text)
                return process.wait()
        finally:
            patience.cancel()
            _kill(process)
            self._process = None

    def _with_version(self, found: Scan, *, network: bool) -> Scan:
        """Add the version and the database's date where the answer had not both."""
        from dataclasses import replace

        ask, read = self._scanner.version, self._scanner.about_itself
        if ask is None or read is None or (found.version and found.database):
            return found
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            done = subprocess.run(
                ask(self._program),
                capture_output=True,
                stdin=subprocess.DEVNULL,
                env=self._scanner.variables(network=network),
                timeout=20,
                check=False,
            )
            version, database = read(done.stdout)
            return replace(found, version=found.version or version, database=found.database or database)
        return found


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    with contextlib.suppress(OSError):
        if sys.platform != "win32":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
