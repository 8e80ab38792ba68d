"""Real Docker engines of the tests' own: fetched, started beside whatever runs here, and removed again.

`modern` is Debian's newest docker.io (28 or later) with the containerd image store, unpacked from its packages and never
installed; `classic` is the same program with the classic store; `debian` is the engine that this Debian has installed
(20.10 on Debian 12). Each has its own socket, data, bridge and addresses, and leaves the firewall's own chains alone.
It takes root on Debian; elsewhere `why_not` says so in a sentence.

As a script: `python tests/engine/engines.py start modern --root DIR` prints DOCKER_HOST; `stop --root DIR` ends it.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import fcntl
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from engine import bridges
from engine.bridges import SYSTEM_PATH, environment, run, which

KINDS = ("modern", "classic", "debian")
SUITE = "forky"  # its docker.io is linked against a C library that Debian 12 has; only its runc is not
PACKAGES = ("docker.io", "containerd", "busybox-static")
PROGRAMS = (
    "usr/sbin/dockerd",
    "usr/sbin/docker-proxy",
    "usr/bin/containerd",
    "usr/bin/containerd-shim-runc-v2",
)
BUSYBOX = "root/usr/bin/busybox"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")

# The engines that are there for all tests of this run: kind -> DOCKER_HOST.
shared: dict[str, str] = {}


class EngineStartError(Exception):
    """An engine for the tests could not be had; the text says why."""


@dataclass(frozen=True)
class Running:
    """One engine that runs: what it takes to reach it and to remove it."""

    kind: str
    root: Path
    number: int
    pid: int

    @property
    def socket(self) -> Path:
        return self.root / "d.sock"

    @property
    def host(self) -> str:
        """What DOCKER_HOST must say."""
        return f"unix://{self.socket}"

    @property
    def bridge(self) -> str:
        return f"slimdesk{self.number}"


def why_not(kind: str) -> str | None:
    """Why this machine cannot start such an engine, in a sentence; None if it can."""
    if not sys.platform.startswith("linux"):
        return "the tests' own engines run on Linux only"
    if os.geteuid() != 0:
        return "starting a Docker engine for the tests takes root"
    for program in ("iptables", "ip", "runc"):
        if which(program) is None:
            return f"the program {program} is missing (Debian: docker.io, iptables, iproute2)"
    if kind == "debian":
        return None if which("dockerd") else "Debian's package docker.io is not installed"
    if not (cached_programs() / "dockerd").exists() and (which("apt-get") is None or not KEYRING.exists()):
        return "a modern engine is fetched with Debian's apt, which is not here"
    return None


def cache_folder() -> Path:
    """Return the folder that keeps downloads between runs, outside the checkout."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "slimdesk-tests"


def cached_programs() -> Path:
    """Return the folder of links to the modern engine's programs."""
    return cache_folder() / f"engine-{SUITE}" / "bin"


def start(
    kind: str, root: Path, *, dies_with_us: bool = False, more: tuple[str, ...] = (), own_pids: bool = False
) -> Running:
    """Start an engine in `root`, or return the one that already runs there. Raises EngineStartError.

    `more` are further arguments of dockerd. With `own_pids` it sees no process of this machine but its own.
    """
    reason = why_not(kind)
    if reason:
        raise EngineStartError(reason)
    root = root.resolve()
    root.mkdir(parents=True, exist_ok=True)
    known = _recorded(root)
    if known and _is_engine(known.pid):
        return known
    programs = [str(fetch())] if kind != "debian" else []
    if len(str(root / "d.sock")) > 100:
        raise EngineStartError(f"{root} is too long a path for a socket")
    with _locked("running.lock"):
        _sweep()
        number = _free_number()
        running = Running(kind, root, number, 0)
        bridges.add(running.bridge, running.number)
        try:
            running = _launch(running, programs, dies_with_us, more, own_pids=own_pids)
        except BaseException:
            bridges.remove(running.bridge, running.number)
            raise
        _record(running)
    try:
        _wait_until_it_answers(running)
    except EngineStartError:
        stop(running)
        raise
    return running


def stop(running: Running, *, keep_data: bool = False) -> None:
    """End the engine, its containers and its network; without `keep_data` its folder goes as well."""
    _end(running.pid)
    # Containers' shims outlive a killed dockerd; they are known by the engine's own folder.
    for pid in _processes_of(running.root):
        _end(pid, signal.SIGKILL)
    _unmount(running.root)
    with _locked("running.lock"):
        bridges.remove(running.bridge, running.number)
        _record_file(running.number).unlink(missing_ok=True)
    (running.root / "engine.json").unlink(missing_ok=True)
    if not keep_data:
        _throw_away(running.root)


def _throw_away(root: Path) -> None:
    """Remove an engine's folder without waiting: unpacked images are hundreds of thousands of files."""
    gone = root.with_name(f"{root.name}.{time.monotonic_ns()}.gone")
    try:
        root.rename(gone)
    except OSError:
        shutil.rmtree(root, ignore_errors=True)
        return
    # The shell ends at once, so that nobody has to wait for a child.
    script = 'nice -n 19 rm -rf -- "$1" >/dev/null 2>&1 </dev/null &'
    subprocess.run(["/bin/sh", "-c", script, "sh", str(gone)], check=False, start_new_session=True)


def kill(running: Running) -> None:
    """End the engine as a crash would: no goodbye to anybody."""
    _end(running.pid, signal.SIGKILL)


def fetch() -> Path:
    """Return the folder with the modern engine's programs, fetched and unpacked at the first call."""
    folder = cached_programs()
    with _locked("fetch.lock"):
        if (folder / "dockerd").exists() and (folder.parent / BUSYBOX).exists():
            return folder
        for attempt in range(3):
            work = folder.parent / "work"
            shutil.rmtree(work, ignore_errors=True)
            try:
                _fetch_into(work, folder)
            except subprocess.CalledProcessError as error:
                if attempt == 2:
                    said = (error.stderr or error.stdout or "").strip().splitlines()
                    raise EngineStartError(
                        f"a modern engine could not be fetched: {said[-1:] or error}"
                    ) from error
                time.sleep(2)
            else:
                break
            finally:
                shutil.rmtree(work, ignore_errors=True)
    return folder


def busybox() -> Path:
    """Return a statically linked busybox: the smallest thing that an image can run."""
    installed = Path("/bin/busybox")
    if installed.exists() and b"/ld-linux" not in installed.read_bytes()[:4096]:
        return installed
    return fetch().parent / BUSYBOX


def _fetch_into(work: Path, folder: Path) -> None:
    for name in ("lists/partial", "cache/archives/partial", "debs"):
        (work / name).mkdir(parents=True)
    (work / "status").touch()
    (work / "sources.list").write_text(f"deb [signed-by={KEYRING}] {debian_mirror()} {SUITE} main\n")
    # An apt state of its own: the machine's lists stay as they are, its proxies and mirrors are obeyed.
    options = {
        "Dir::Etc::sourcelist": work / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State": work,
        "Dir::State::status": work / "status",
        "Dir::State::lists": work / "lists",
        "Dir::Cache": work / "cache",
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
        "Acquire::Retries": "5",
        # Signed all the same: a mirror that lags behind is good enough for tests.
        "Acquire::Check-Valid-Until": "false",
    }
    apt = ["apt-get", "-qq", *(word for name, value in options.items() for word in ("-o", f"{name}={value}"))]
    run([*apt, "update"])
    run([*apt, "download", *PACKAGES], cwd=work / "debs")
    tree = folder.parent / "root"
    shutil.rmtree(tree, ignore_errors=True)
    for package in sorted((work / "debs").glob("*.deb")):
        run(["dpkg-deb", "-x", str(package), str(tree)])
    # Only these four: the package's own runc would shadow the machine's, which is the one that runs here.
    folder.mkdir(parents=True, exist_ok=True)
    for program in reversed(PROGRAMS):
        link = folder / Path(program).name
        link.unlink(missing_ok=True)
        link.symlink_to(tree / program)


def debian_mirror() -> str:
    """Return the Debian mirror that this machine's own apt is configured with. Raises EngineStartError."""
    listed = run(["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE)", "Created-By: Packages"])
    for line in listed.splitlines():
        site, _, release = line.partition(" ")
        if site.rstrip("/").endswith("debian") and "security" not in release:
            return site
    raise EngineStartError("this machine's apt has no Debian mirror")


def _launch(
    running: Running, programs: list[str], dies_with_us: bool, more: tuple[str, ...], *, own_pids: bool
) -> Running:
    root = running.root
    run = root / "run"
    run.mkdir(exist_ok=True)
    # A crash leaves them; dockerd and containerd refuse to start beside an old one.
    for stale in (run / "dockerd.pid", run / "exec" / "containerd" / "containerd.pid", running.socket):
        stale.unlink(missing_ok=True)
    config = {
        "features": {"containerd-snapshotter": running.kind == "modern"},
        "default-address-pools": [{"base": bridges.pool(running.number), "size": 28}],
    }
    (root / "daemon.json").write_text(json.dumps({} if running.kind == "debian" else config))
    words = [
        *("dockerd", "--config-file", root / "daemon.json", "--data-root", root / "data"),
        *("--exec-root", run / "exec", "--pidfile", run / "dockerd.pid", "-H", running.host),
        *("--iptables=false", "--ip6tables=false", "--bridge", running.bridge, "--mtu", bridges.uplink_mtu()),
        *("--shutdown-timeout", "2", "--max-concurrent-downloads", "3"),
    ]
    if programs:
        words += ["--userland-proxy-path", Path(programs[0]) / "docker-proxy"]
    else:
        words += [
            "--default-address-pool",
            f"base={bridges.pool(running.number)},size=28",
            "--storage-driver",
            "overlay2",
        ]
    variables = {**os.environ, "PATH": os.pathsep.join([*programs, SYSTEM_PATH])}
    # People meet 29's floor; 28 takes it from the variable, 20.10 does not know it.
    variables.setdefault("DOCKER_MIN_API_VERSION", "1.44")
    words = [str(shutil.which("dockerd", path=variables["PATH"])), *words[1:], *more]
    if own_pids:
        words = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", *words]
    # unshare takes no SIGTERM, and what it started ends with it.
    by = signal.SIGKILL if own_pids else signal.SIGTERM
    with (run / "log").open("ab") as log:
        process = subprocess.Popen(
            [str(word) for word in words],
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=partial(_die_with_parent, by) if dies_with_us else None,  # noqa: PLW1509 - one thread here
        )
    pid = _only_child(process) if own_pids else process.pid
    _children[pid] = process
    return Running(running.kind, root, running.number, pid)


def _only_child(process: subprocess.Popen[bytes]) -> int:
    """The engine that unshare started; all else that it holds ends with it."""
    while process.poll() is None:
        found = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        if found:
            return int(found[0])
        time.sleep(0.01)
    raise EngineStartError("this machine gives an engine no processes of its own (unshare --pid)")


# So that an ended engine of ours does not stay behind as a zombie.
_children: dict[int, subprocess.Popen[bytes]] = {}


def _die_with_parent(by: signal.Signals) -> None:
    ctypes.CDLL(None).prctl(1, by)  # PR_SET_PDEATHSIG


def _wait_until_it_answers(running: Running, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answers(running.socket):
            return
        if not _alive(running.pid):
            break
        time.sleep(0.1)
    with contextlib.suppress(OSError):
        lines = (running.root / "run" / "log").read_text(errors="replace").splitlines()
        raise EngineStartError("the engine did not start: " + " | ".join(lines[-4:]))
    raise EngineStartError("the engine did not start")


def answers(path: Path) -> bool:
    """Whether an engine answers a ping on that socket."""
    connection = http.client.HTTPConnection("engine")
    connection.sock = socket.socket(socket.AF_UNIX)
    try:
        connection.sock.settimeout(5)
        connection.sock.connect(str(path))
        connection.request("GET", "/_ping")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _end(pid: int, first: signal.Signals = signal.SIGTERM, seconds: float = 20) -> None:
    for number in (first, signal.SIGKILL):
        if not _alive(pid):
            break
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + seconds
        while _alive(pid) and time.monotonic() < deadline:
            time.sleep(0.05)
    child = _children.pop(pid, None)
    if child:
        child.wait(timeout=5)


def _alive(pid: int) -> bool:
    child = _children.get(pid)
    if child:
        return child.poll() is None
    try:
        return pid > 0 and Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _is_engine(pid: int) -> bool:
    try:
        return _alive(pid) and b"dockerd" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _processes_of(root: Path) -> Iterator[int]:
    mine = os.fsencode(str(root)) + b"/"
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes()
                if mine in words and (
                    b"containerd" in words.split(b"\0")[0] or b"docker" in words.split(b"\0")[0]
                ):
                    yield int(folder.name)


def _mounts() -> list[str]:
    return [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()][::-1]


def _unmount(root: Path) -> None:
    for mount in [name for name in _mounts() if name.startswith(f"{root}/")]:
        subprocess.run(["umount", "-l", mount], check=False, capture_output=True, env=environment())


def _free_number() -> int:
    links = {path.name for path in Path("/sys/class/net").iterdir()}
    for number in range(20, 200):
        if f"slimdesk{number}" not in links and not _record_file(number).exists():
            return number
    raise EngineStartError("too many engines of the tests are running")


def _record_file(number: int) -> Path:
    return cache_folder() / "running" / f"{number}.json"


def _record(running: Running) -> None:
    text = json.dumps({**asdict(running), "root": str(running.root), "owner": os.getpid()})
    _record_file(running.number).parent.mkdir(parents=True, exist_ok=True)
    _record_file(running.number).write_text(text)
    (running.root / "engine.json").write_text(text)


def _recorded(root: Path) -> Running | None:
    try:
        known = json.loads((root / "engine.json").read_text())
    except (OSError, ValueError):
        return None
    return Running(known["kind"], Path(known["root"]), known["number"], known["pid"])


def _sweep() -> None:
    """Take away what engines have left that were killed together with their tests: bridge, rules, containers and mounts."""
    for path in (cache_folder() / "running").glob("*.json"):
        known = json.loads(path.read_text())
        running = Running(known["kind"], Path(known["root"]), known["number"], known["pid"])
        # One that was killed by a test that still runs is that test's.
        if not _is_engine(running.pid) and not _alive(known.get("owner", 0)):
            for pid in _processes_of(running.root):
                _end(pid, signal.SIGKILL)
            _unmount(running.root)
            bridges.remove(running.bridge, running.number)
            path.unlink(missing_ok=True)
    # Pytest gives folders of former runs this name before it removes them, which a mount would prevent.
    for mount in _mounts():
        if "/pytest-of-" in mount and "/garbage-" in mount:
            subprocess.run(["umount", "-l", mount], check=False, capture_output=True, env=environment())


@contextlib.contextmanager
def _locked(name: str) -> Iterator[None]:
    cache_folder().mkdir(parents=True, exist_ok=True)
    with (cache_folder() / name).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Start or stop an engine from a shell."""
    parser = argparse.ArgumentParser(description="A Docker engine beside whatever runs on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    starting = commands.add_parser("start")
    starting.add_argument("kind", choices=KINDS)
    starting.add_argument("--root", type=Path, required=True)
    stopping = commands.add_parser("stop")
    stopping.add_argument("--root", type=Path, required=True)
    args = parser.parse_args()
    try:
        if args.command == "start":
            print(start(args.kind, args.root).host)
        else:
            running = _recorded(args.root.resolve())
            if running is None:
                print(f"no engine runs in {args.root}", file=sys.stderr)
                return 1
            stop(running)
    except EngineStartError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
