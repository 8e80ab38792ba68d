"""A real registry (Debian's docker-registry) on 127.0.0.1, with or without a password; fetched once, never installed.

The engine talks to 127.0.0.1 over plain HTTP without being told to.
"""

import base64
import contextlib
import http.client
import json
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from engine.engines import cache_folder
from engine.ports import free_port

USER, PASSWORD = "ada", "s3cret"
# bcrypt of PASSWORD, the one form that docker-registry takes.
HTPASSWD = f"{USER}:$2b$04$ArfOmqhCC4WoXI9nvIs6Hutj07lUoVf3AZoTIAc59NTiw.nf49Xfy\n"


class NoRegistryError(Exception):
    """The registry could not be had; the text says why."""


@dataclass(frozen=True)
class Registry:
    """One registry that runs; `host` is what stands before the first slash of a name."""

    host: str
    process: subprocess.Popen
    log: Path


def program() -> Path:
    """Return docker-registry, from Debian's package. Raises NoRegistryError."""
    installed = shutil.which("docker-registry")
    if installed:
        return Path(installed)
    folder = cache_folder() / "docker-registry"
    found = folder / "usr/bin/docker-registry"
    if found.exists():
        return found
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise NoRegistryError("docker-registry is fetched with Debian's apt, which is not here")
    work = folder.with_name(f"docker-registry.{time.monotonic_ns()}")
    work.mkdir(parents=True)
    try:
        for attempt in range(3):
            done = subprocess.run(
                ["apt-get", "download", "docker-registry"],
                cwd=work,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode == 0:
                break
            time.sleep(1 + attempt)
        packages = list(work.glob("docker-registry_*.deb"))
        if not packages:
            raise NoRegistryError(f"docker-registry could not be fetched: {done.stderr.strip()[-200:]}")
        subprocess.run(["dpkg-deb", "-x", packages[0], work / "tree"], check=True, capture_output=True)
        with contextlib.suppress(OSError):
            # Another run may have been faster.
            (work / "tree").rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return found


@contextlib.contextmanager
def running(root, *, password=False):
    """Run a registry that keeps its images in `root`; ends it at the end. Raises NoRegistryError."""
    root.mkdir(parents=True, exist_ok=True)
    port = free_port()
    config = {
        "version": "0.1",
        "log": {"level": "warn"},
        "storage": {"filesystem": {"rootdirectory": str(root / "images")}, "delete": {"enabled": True}},
        "http": {"addr": f"127.0.0.1:{port}"},
    }
    if password:
        (root / "htpasswd").write_text(HTPASSWD)
        config["auth"] = {"htpasswd": {"realm": "here", "path": str(root / "htpasswd")}}
    # JSON is YAML.
    (root / "config.yml").write_text(json.dumps(config))
    log = root / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [program(), "serve", root / "config.yml"], stdout=output, stderr=output, cwd=root
        )
    try:
        _wait(port, process, log)
        yield Registry(f"127.0.0.1:{port}", process, log)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(port, process, log):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/v2/")
            status = connection.getresponse().status
            connection.close()
            if status in (200, 401):
                return
        time.sleep(0.05)
    raise NoRegistryError(f"docker-registry did not start: {log.read_text(errors='replace')[-300:]}")


def log_in(folder, host, user=USER, password=PASSWORD):
    """Write a Docker client configuration that knows the registry's password."""
    folder.mkdir(parents=True, exist_ok=True)
    auth = base64.b64encode(f"{user}:{password}".encode()).decode()
    (folder / "config.json").write_text(json.dumps({"auths": {host: {"auth": auth}}}))
