"""Run the whole test suite: `python3 packaging/test.py [--matrix] [PYTEST ARGUMENTS]`.

Makes the virtual environment at the first call. The engine tests use the engine that is there or start Debian's own
as root; where they cannot run, the summary says so by name. SLIMDESK_ENGINE=required makes that a failure.

Without arguments for pytest the tests that build real projects run beside all others, and the benchmarks after both: their
figures are of a machine that does nothing else. With arguments it is one run of pytest.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time

import bootstrap

# What the engine tests start engines and assemble base images with: program -> Debian's package.
ENGINE_TOOLS = {
    "dockerd": "docker.io",
    "iptables": "iptables",
    "ip": "iproute2",
    "debootstrap": "debootstrap",
}


def main() -> int:
    """Set up, then hand over to pytest."""
    words = sys.argv[1:]
    matrix = "--matrix" in words
    words = [word for word in words if word != "--matrix"]
    try:
        bootstrap.use_new_enough_python()
        bootstrap.prepare(("dev",))
        bootstrap.ensure_qt_libraries()
        ensure_engine_tools()
    except (bootstrap.SetupError, KeyboardInterrupt) as error:
        return bootstrap.stopped(error)
    environment = dict(os.environ)
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    # The engine tests' fixtures find programs of root's there; a user's PATH often lacks them.
    environment["PATH"] = os.pathsep.join(
        [environment.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"]
    )
    tier = "" if matrix else "not matrix"
    if words or not sys.platform.startswith("linux") or (os.cpu_count() or 1) < 2:
        return subprocess.call(_pytest(tier, *words), cwd=str(bootstrap.ROOT), env=environment)
    try:
        codes = _side_by_side(tier, environment)
        if any(codes):
            bootstrap.say("\nTests failed: see above. The benchmarks were left out.")
            return max(codes, key=abs)
        benchmarks = _pytest(tier, BENCHMARKS)
        return subprocess.call(benchmarks, cwd=str(bootstrap.ROOT), env=environment)
    except KeyboardInterrupt as error:
        return bootstrap.stopped(error)


FOLDERS = ("tests/unit", "tests/fuzz", "tests/window", "tests/engine")
# Those that have tests of the mark "builds".
BUILDING = ("tests/window", "tests/engine")
BENCHMARKS = "tests/benchmarks"


def _pytest(marks: str, *words: str) -> list[str]:
    """Pytest's command for the tests of that tier; "" are all."""
    return [str(bootstrap.venv_python()), "-m", "pytest", *(("-m", marks) if marks else ()), *words]


def _side_by_side(tier: str, environment: dict[str, str]) -> list[int]:
    """Run what builds projects beside everything else; print the one as it comes, then the other. Returns both exit codes."""
    also = " and " + tier if tier else ""
    slowest = "--durations=40"
    first = _pytest("not builds" + also, slowest, *FOLDERS)
    second = _pytest("builds" + also, slowest, *BUILDING)
    with tempfile.TemporaryFile() as told:
        beside = subprocess.Popen(
            second,
            cwd=str(bootstrap.ROOT),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=subprocess.STDOUT,
            # What measures time in the first is not to be held up by compilers.
            preexec_fn=_gives_way,  # noqa: PLW1509 - one thread here
        )
        try:
            code = subprocess.call(first, cwd=str(bootstrap.ROOT), env=environment)
            bootstrap.say("\nThe tests that build real projects, which ran beside these:")
            place = 0
            while True:
                ended = beside.poll() is not None
                place = _printed_from(told.fileno(), place)
                if ended:
                    return [code, beside.returncode]
                time.sleep(0.2)
        except BaseException:
            # Ctrl+C has reached it as well, and it ends its engines first.
            with contextlib.suppress(subprocess.TimeoutExpired):
                beside.wait(30)
            beside.kill()
            beside.wait()
            raise


def _gives_way() -> None:
    os.nice(5)


def _printed_from(told: int, place: int) -> int:
    """Print what was written to the file since then; returns how far it got."""
    while True:
        piece = os.pread(told, 1 << 16, place)
        if not piece:
            sys.stdout.flush()
            return place
        sys.stdout.buffer.write(piece)
        place += len(piece)


def ensure_engine_tools() -> None:
    """As root on Debian, install what the engine tests need; without that they say why they did not run."""
    if not (sys.platform.startswith("linux") and os.geteuid() == 0 and bootstrap.is_debian()):
        return
    missing = [package for program, package in ENGINE_TOOLS.items() if not _found(program)]
    if not os.path.exists("/bin/busybox"):
        missing.append("busybox-static")
    if not missing:
        return
    try:
        bootstrap.install_packages(missing, "The engine tests need a Docker engine and its tools")
    except bootstrap.SetupError as error:
        if os.environ.get("SLIMDESK_ENGINE") == "required":
            raise
        bootstrap.say("{}\nThe engine tests will not run.".format(error))


def _found(program: str) -> bool:
    return shutil.which(program) is not None or os.path.exists("/usr/sbin/" + program)


if __name__ == "__main__":
    sys.exit(main())
