"""Run the whole test suite: `python3 packaging/test.py [--matrix] [PYTEST ARGUMENTS]`.

Makes the virtual environment at the first call. The engine tests use the engine that is there or start Debian's own
as root; where they cannot run, the summary says so by name. SLIMDESK_ENGINE=required makes that a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

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
    command = [str(bootstrap.venv_python()), "-m", "pytest"]
    if not matrix:
        command += ["-m", "not matrix"]
    return subprocess.call(command + words, cwd=str(bootstrap.ROOT), env=environment)


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
