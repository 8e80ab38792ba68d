"""Debian 13 packages from the mirror that this machine's own apt is configured with.

The apt state is one of our own, so the machine's lists stay as they are; signatures are checked. What a list of packages
means today (names, versions, checksums) is asked at most once a week: it is part of the key under which a stand-in is kept.
"""

import hashlib
import io
import json
import os
import subprocess
import tarfile
import time
import urllib.request
from collections.abc import Iterable
from pathlib import Path

from engine import engines
from engine.standins import store

SUITE = "trixie"
FRESH = 7 * 24 * 3600  # seconds
HOST_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
HOST_EXTRAS = Path("/usr/local/share/ca-certificates")


class PackagesError(OSError):
    """Debian's packages could not be had; the text says why."""


def sources() -> dict[str, str]:
    """The one-line sources of Debian 13: suite -> `URL suite main`, from the machine's own mirrors."""
    main = engines.debian_mirror().rstrip("/")
    lines = {SUITE: f"{main} {SUITE} main", f"{SUITE}-updates": f"{main} {SUITE}-updates main"}
    security = _security_mirror()
    if security:
        lines[f"{SUITE}-security"] = f"{security} {SUITE}-security main"
    return lines


def fingerprint(names: Iterable[str], *, closure: bool) -> str:
    """A digest of what these packages (with all they depend on, if `closure`) are today."""
    words = sorted(set(names))

    def ask() -> str:
        command = ["install", "-y", "--no-install-recommends"] if closure else ["download"]
        listed = _apt("--print-uris", *command, *words)
        facts = sorted(tuple(line.split()[1:4:2]) for line in listed.splitlines() if line.startswith("'"))
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    return store.remembered(f"{SUITE} {'closure' if closure else 'alone'} {' '.join(words)}", FRESH, ask)


def download(names: Iterable[str]) -> dict[str, Path]:
    """Fetch these packages alone; name -> .deb."""
    words = sorted(set(names))
    folder = store.folder() / "debs"
    folder.mkdir(exist_ok=True)
    listed = _apt("--print-uris", "download", *words)
    files = {
        line.split()[1].partition("_")[0]: line.split()[1]
        for line in listed.splitlines()
        if line.startswith("'")
    }
    missing = [name for name in words if not (folder / files[name]).exists()]
    if missing:
        _apt("download", *missing, cwd=folder)
    return {name: folder / files[name] for name in words}


def download_source(package: str) -> Path:
    """Fetch the upstream archive of a source package."""
    folder = store.folder() / "sources"
    folder.mkdir(exist_ok=True)
    listed = _apt("--print-uris", "source", package)
    name = next(
        line.split()[1] for line in listed.splitlines() if ".orig.tar." in line and ".asc" not in line
    )
    if not (folder / name).exists():
        _apt("source", "--download-only", package, cwd=folder)
    return folder / name


def fetch_source(package: str) -> Path:
    """Fetch the upstream archive of a source package by itself: mirrors may have it and lack Debian's part."""
    listed = _apt("--print-uris", "source", package)
    line = next(line for line in listed.splitlines() if ".orig.tar." in line and ".asc" not in line)
    url, name, _, checksum = line.split()[:4]
    path = store.folder() / "sources" / name
    path.parent.mkdir(exist_ok=True)
    if not path.exists():
        with urllib.request.urlopen(url.strip("'"), timeout=120) as answer:
            content = answer.read()
        kind, _, expected = checksum.partition(":")
        if hashlib.new(kind.removesuffix("Sum").lower(), content).hexdigest() != expected:
            raise PackagesError(f"the source of {package} is not what Debian says it is")
        path.write_bytes(content)
    return path


def source_version(package: str) -> str:
    """The file name of the upstream archive of a source package: it holds the version."""

    def ask() -> str:
        listed = _apt("--print-uris", "source", package)
        return next(
            line.split()[1] for line in listed.splitlines() if ".orig.tar." in line and ".asc" not in line
        )

    return store.remembered(f"{SUITE} source {package}", FRESH, ask)


def contents(package: Path) -> tarfile.TarFile:
    """The files of a .deb."""
    return _opened("--fsys-tarfile", package)


def control(package: Path) -> dict[str, bytes]:
    """The control files of a .deb: name -> content."""
    with _opened("--ctrl-tarfile", package) as archive:
        return {
            Path(member.name).name: archive.extractfile(member).read()
            for member in archive
            if member.isfile()
        }


def extra_authorities() -> dict[str, bytes]:
    """Certificates that this machine trusts beyond Debian's own: file name -> PEM."""
    return {path.name: path.read_bytes() for path in sorted(HOST_EXTRAS.glob("*.crt"))}


def authorities_fingerprint() -> str:
    """A digest of the certificates that stand-ins carry."""
    digest = hashlib.sha256(HOST_BUNDLE.read_bytes() if HOST_BUNDLE.exists() else b"")
    for name, content in extra_authorities().items():
        digest.update(name.encode() + b"\0" + content)
    return digest.hexdigest()


def _opened(option: str, package: Path) -> tarfile.TarFile:
    data = subprocess.run(["dpkg-deb", option, package], check=True, capture_output=True).stdout
    return tarfile.open(fileobj=io.BytesIO(data), mode="r:")


def _security_mirror() -> str | None:
    listed = _run(["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE)", "Created-By: Packages"])
    for line in listed.splitlines():
        site, _, release = line.partition(" ")
        if "security" in release and "debian" in site:
            return site.rstrip("/")
    return None


def _apt(*words: str, cwd: Path | None = None) -> str:
    root = store.folder() / "apt"
    listing = root / "sources.list"
    lines = sources()
    text = "".join(f"deb [signed-by={engines.KEYRING}] {line}\n" for line in lines.values())
    text += "".join(f"deb-src [signed-by={engines.KEYRING}] {line}\n" for line in lines.values())
    options = {
        "Dir::Etc::sourcelist": listing,
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State": root,
        "Dir::State::status": root / "status",
        "Dir::State::lists": root / "lists",
        "Dir::Cache": root / "cache",
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
        # Signed all the same: a mirror that lags behind is good enough for tests.
        "Acquire::Check-Valid-Until": "false",
        "Acquire::Retries": "5",
    }
    program = [
        "apt-get",
        "-qq",
        *(word for name, value in options.items() for word in ("-o", f"{name}={value}")),
    ]
    with store.locked("apt"):
        stamp = root / "updated"
        current = listing.exists() and listing.read_text() == text
        if not (current and stamp.exists() and time.time() - stamp.stat().st_mtime < 3600):
            for name in ("lists/partial", "cache/archives/partial"):
                (root / name).mkdir(parents=True, exist_ok=True)
            (root / "status").touch()
            listing.write_text(text)
            _run([*program, "update"])
            stamp.touch()
        return _run([*program, *words], cwd=cwd)


def _run(words: list[str], cwd: Path | None = None) -> str:
    environment = {**os.environ, "PATH": engines.SYSTEM_PATH, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(words, cwd=cwd, check=False, capture_output=True, text=True, env=environment)
    if done.returncode:
        said = [line for line in (done.stderr or done.stdout).splitlines() if line.startswith("E:")]
        raise PackagesError(f"apt could not do its part: {' '.join(said) or done.stderr[-300:]}")
    return done.stdout
