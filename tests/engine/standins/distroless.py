"""Distroless on Debian 13, put together as its Bazel rules do it: the files of unpacked packages and a few of its own.

Source: GoogleContainerTools/distroless, */*.bzl and */config.bzl, 2026-08-21. What differs from the real images: a layer
per image of the chain instead of one per package; the certificates are this machine's; Node.js comes from npm's copy of
the official binaries; the debug images' busybox is Debian's static one (glibc) and brings its own list of tools.
"""

import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from engine import engines
from engine.standins import packages, toolchains
from engine.standins.store import Image, Layer, Tree

STATIC = ("base-files", "netbase", "tzdata", "tzdata-legacy", "media-types")
NOSSL = ("libc6",)
BASE = ("libssl3t64", "libzstd1", "zlib1g")
CC = ("libgomp1", "libstdc++6", "libgcc-s1", "gcc-14-base")
PYTHON = (
    *(
        "libbz2-1.0",
        "libdb5.3t64",
        "libexpat1",
        "liblzma5",
        "libsqlite3-0",
        "libuuid1",
        "libncursesw6",
        "libtinfo6",
    ),
    *(
        "libcom-err2",
        "libcrypt1",
        "libc-bin",
        "libgssapi-krb5-2",
        "libk5crypto3",
        "libkeyutils1",
        "libkrb5-3",
    ),
    *("libkrb5support0", "libnsl2", "libreadline8t64", "libtirpc3t64", "libffi8", "libpython3.13-minimal"),
    *("libpython3.13-stdlib", "python3.13-minimal", "python3.13-venv"),
)
NODE_SERIES = ("24",)
AUTHORITIES = "etc/ssl/certs/ca-certificates.crt"

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENVIRONMENT = {"PATH": PATH, "SSL_CERT_FILE": f"/{AUTHORITIES}"}
PASSWD = (
    "root:x:0:0:root:/root:/sbin/nologin\n"
    "nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\n"
    "nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n"
)
GROUP = "root:x:0:\nnobody:x:65534:\ntty:x:5:\nstaff:x:50:\nnonroot:x:65532:\n"
NSSWITCH = (
    "# /etc/nsswitch.conf\n\npasswd:         compat\ngroup:          compat\nshadow:         compat\n\n"
    "hosts:          files dns\n"
)
OS_RELEASE = (
    'PRETTY_NAME="Distroless"\nNAME="Debian GNU/Linux"\nID="debian"\nVERSION_ID="13"\n'
    'VERSION="Debian GNU/Linux 13 (trixie)"\nHOME_URL="https://github.com/GoogleContainerTools/distroless"\n'
    'SUPPORT_URL="https://github.com/GoogleContainerTools/distroless/blob/master/README.md"\n'
    'BUG_REPORT_URL="https://github.com/GoogleContainerTools/distroless/issues/new"\n'
)
ALL = (*STATIC, "ca-certificates", *NOSSL, *BASE, *CC, *PYTHON)


def make() -> list[Image]:
    """Assemble static, base-nossl, base, cc, nodejs and python3, each in its four variants."""
    debs = packages.download(ALL)
    shell = _busybox_layer()
    static = Image((), (_static_layer(debs),))
    nossl = static.plus(_layer(debs, NOSSL, "base-nossl"))
    base = static.plus(_layer(debs, (*NOSSL, *BASE), "base"))
    gcc = base.plus(_layer(debs, CC, "cc"))
    images = [
        *variants("static", static, shell),
        *variants("base-nossl", nossl, shell),
        *variants("base", base, shell),
        *variants("cc", gcc, shell),
    ]
    for series in NODE_SERIES:
        node = gcc.plus(_node_layer(series))
        images += variants(f"nodejs{series}", node, shell, entrypoint=["/nodejs/bin/node"])
    python = gcc.plus(_python_layer(debs))
    images += variants("python3", python, shell, entrypoint=["/usr/bin/python3.13"], LANG="C.UTF-8")
    return images


def tags() -> tuple[str, ...]:
    """Every name that `make` assembles."""
    names = ["static", "base-nossl", "base", "cc", "python3", *(f"nodejs{series}" for series in NODE_SERIES)]
    return tuple(
        _tag(name, variant) for name in names for variant in ("latest", "nonroot", "debug", "debug-nonroot")
    )


def inputs() -> list[str]:
    """What the images are made of, for their key."""
    return [
        packages.fingerprint(ALL, closure=False),
        packages.authorities_fingerprint(),
        *(toolchains.newest_node(series) for series in NODE_SERIES),
    ]


def static_tree(debs: dict[str, Path]) -> Tree:
    """The contents of distroless static."""
    tree = Tree()
    for name in STATIC:
        _unpack(tree, debs[name], name)
    # Of ca-certificates only the bundle, its copyright and the record: the rest needs a shell to be of use.
    with packages.contents(debs["ca-certificates"]) as files:
        tree.add(files, keep=lambda name: name == "usr/share/doc/ca-certificates/copyright")
    _record(tree, debs["ca-certificates"], "ca-certificates")
    tree.file(AUTHORITIES, packages.HOST_BUNDLE)
    tree.file("usr/lib/os-release", OS_RELEASE)
    tree.link("etc/os-release", "../usr/lib/os-release")
    tree.file("etc/passwd", PASSWD)
    tree.file("etc/group", GROUP)
    tree.file("etc/nsswitch.conf", NSSWITCH)
    tree.folder("root", 0o700)
    tree.folder("home", 0o755)
    tree.folder("home/nonroot", 0o700, 65532, 65532)
    tree.folder("tmp", 0o1777)
    return tree


def busybox_tree(folder: str) -> Tree:
    """A static busybox with a link per tool."""
    program = engines.busybox()
    tree = Tree()
    tree.file(f"{folder}/busybox", program, 0o755)
    listed = subprocess.run([program, "--list"], check=True, capture_output=True, text=True).stdout
    for tool in listed.split():
        if tool != "busybox":
            tree.link(f"{folder}/{tool}", "busybox")
    return tree


def _static_layer(debs: dict[str, Path]) -> Layer:
    return static_tree(debs).layer("distroless static")


def _layer(debs: dict[str, Path], names: Iterable[str], what: str) -> Layer:
    return unpacked(debs, names).layer(f"distroless {what}")


def unpacked(debs: dict[str, Path], names: Iterable[str]) -> Tree:
    """The files and records of packages."""
    tree = Tree()
    for name in names:
        _unpack(tree, debs[name], name)
    return tree


def _python_layer(debs: dict[str, Path]) -> Layer:
    tree = Tree()
    for name in PYTHON:
        _unpack(tree, debs[name], name)
    tree.link("usr/bin/python", "/usr/bin/python3.13")
    tree.link("usr/bin/python3", "/usr/bin/python3.13")
    # Without the linker's cache ctypes.util.find_library finds nothing: the real image has it, made in the image.
    with tempfile.TemporaryDirectory() as folder:
        for name in (*STATIC, *NOSSL, *BASE, *CC, *PYTHON):
            subprocess.run(["dpkg-deb", "-x", debs[name], folder], check=True, capture_output=True)
        subprocess.run(["/sbin/ldconfig", "-X", "-r", folder], check=True, capture_output=True)
        tree.file("etc/ld.so.cache", (Path(folder) / "etc/ld.so.cache").read_bytes())
    return tree.layer("distroless python3")


def _node_layer(series: str) -> Layer:
    tree = Tree()
    with toolchains.node_archive(toolchains.newest_node(series)) as archive:
        tree.add(archive, strip=1, under="nodejs", keep=lambda name: name in ("bin/node", "LICENSE"))
    tree.entries["nodejs/bin/node"][0].mode = 0o755
    return tree.layer(f"distroless nodejs{series}")


def _busybox_layer() -> Layer:
    return busybox_tree("busybox").layer("distroless busybox")


def variants(
    name: str, image: Image, shell: Layer, entrypoint: list[str] | None = None, **environment: str
) -> list[Image]:
    """The image as latest, nonroot, debug and debug-nonroot."""
    start = entrypoint
    made = []
    for variant, user, folder in (("", "0", "/"), ("nonroot", "65532", "/home/nonroot")):
        values = {**ENVIRONMENT, **environment}
        config = {"User": user, "WorkingDir": folder}
        made.append(
            image.with_config([_tag(name, variant or "latest")], Env=_env(values), Entrypoint=start, **config)
        )
        values["PATH"] = f"{PATH}:/busybox"
        debug = f"debug-{variant}" if variant else "debug"
        made.append(
            image.plus(shell).with_config(
                [_tag(name, debug)], Env=_env(values), Entrypoint=start or ["/busybox/sh"], **config
            )
        )
    return made


def _tag(name: str, variant: str) -> str:
    return f"gcr.io/distroless/{name}-debian13:{variant}"


def _env(values: dict[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in values.items()]


def _unpack(tree: Tree, package: Path, name: str) -> None:
    with packages.contents(package) as files:
        tree.add(files)
    _record(tree, package, name)


def _record(tree: Tree, package: Path, name: str) -> None:
    control = packages.control(package)
    tree.file(f"var/lib/dpkg/status.d/{name}", control["control"])
    if "md5sums" in control:
        tree.file(f"var/lib/dpkg/status.d/{name}.md5sums", control["md5sums"])
