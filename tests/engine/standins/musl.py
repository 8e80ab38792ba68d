"""Small images around a static binary: a stand-in for Alpine, for busybox, and for Chainguard's static.

Alpine has no stand-in of its own packages: no mirror of them can be counted on. This one has what a static program (and
Go's own toolchain, which is static) meets there: musl, a busybox under /bin with ash as /bin/sh, certificates, /etc/passwd
with Alpine's users, no time zones, no glibc. It has no apk, so a Dockerfile that installs packages does not build on it;
its busybox is Debian's, larger than Alpine's and linked to glibc's resolver, which needs more than this image has. Its size
is therefore not compared with the real one's.

Chainguard's static holds the classes of files that distroless static does (certificates, time zones, users, /tmp) from
another distribution; here they are Debian's. Neither has a library, so a static program cannot tell them apart.
"""

from engine.standins import distroless, packages, toolchains
from engine.standins.store import Image, Layer, Tree

RELEASE = "3.24"
GO_SERIES = ("1.27",)
DEBS = ("musl",)
PASSWD = (
    "root:x:0:0:root:/root:/bin/sh\n"
    "bin:x:1:1:bin:/bin:/sbin/nologin\n"
    "daemon:x:2:2:daemon:/sbin:/sbin/nologin\n"
    "nobody:x:65534:65534:nobody:/:/sbin/nologin\n"
)
GROUP = (
    "root:x:0:root\nbin:x:1:root,bin,daemon\ndaemon:x:2:root,bin,daemon\nnogroup:x:65533:\nnobody:x:65534:\n"
)
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def make_alpine() -> list[Image]:
    """Assemble alpine:3.24."""
    return [
        _alpine().with_config([f"alpine:{RELEASE}"], Env=[f"PATH={PATH}"], Cmd=["/bin/sh"], WorkingDir="/")
    ]


def make_busybox() -> list[Image]:
    """Assemble busybox:1-musl."""
    tree = distroless.busybox_tree("bin")
    tree.file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n")
    tree.file("etc/group", "root:x:0:\nnogroup:x:65534:\n")
    tree.folder("tmp", 0o1777)
    tree.folder("root", 0o700)
    image = Image(("busybox:1-musl",), (tree.layer("busybox"),))
    return [image.with_config(image.tags, Env=[f"PATH={PATH}"], Cmd=["sh"])]


def make_chainguard_static() -> list[Image]:
    """Assemble cgr.dev/chainguard/static:latest."""
    names = (*distroless.STATIC, "ca-certificates")
    tree = distroless.static_tree(packages.download(names))
    kept = ("etc/", "usr/share/zoneinfo/", "home", "root", "tmp", "usr/lib/os-release")
    tree.entries = {name: entry for name, entry in tree.entries.items() if name.startswith(kept)}
    tree.file(
        "usr/lib/os-release",
        'ID=wolfi\nNAME="Wolfi"\nPRETTY_NAME="Wolfi (stand-in)"\nVERSION_ID="20230201"\n',
    )
    image = Image(("cgr.dev/chainguard/static:latest",), (tree.layer("chainguard static"),))
    environment = [f"PATH={PATH}", "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"]
    return [image.with_config(image.tags, Env=environment, User="65532", WorkingDir="/")]


def make_golang(series: str) -> list[Image]:
    """Assemble golang:<series>-alpine3.24: Go's static toolchain on the stand-in for Alpine."""
    return [golang_on(_alpine(), series, f"golang:{series}-alpine{RELEASE}")]


def golang_on(image: Image, series: str, tag: str) -> Image:
    """Put Go on an image as golang's own Dockerfile does."""
    version = toolchains.newest_go(series)
    tree = Tree()
    toolchains.add_go(tree, version)
    go = tree.layer(f"COPY /target/ / # go{version}")
    folder = Tree()
    for path in ("go", "go/src", "go/bin"):
        folder.folder(path, 0o1777)
    environment = [
        f"PATH=/go/bin:/usr/local/go/bin:{PATH}",
        f"GOLANG_VERSION={version}",
        "GOTOOLCHAIN=local",
        "GOPATH=/go",
    ]
    command = ["/bin/sh"] if "alpine" in tag else ["bash"]
    return image.plus(go, folder.layer('RUN mkdir -p "$GOPATH/src" "$GOPATH/bin"')).with_config(
        [tag], Env=environment, WorkingDir="/go", Cmd=command
    )


def inputs() -> list[str]:
    """What these images are made of, for their key."""
    return [
        packages.fingerprint((*DEBS, *distroless.STATIC, "ca-certificates"), closure=False),
        packages.authorities_fingerprint(),
    ]


def _alpine() -> Image:
    tree = distroless.busybox_tree("bin")
    with packages.contents(packages.download(DEBS)["musl"]) as files:
        tree.add(files, keep=lambda name: name.startswith(("lib/", "usr/lib/")) and "doc" not in name)
    _move_libraries(tree)
    tree.file("etc/passwd", PASSWD)
    tree.file("etc/group", GROUP)
    tree.file("etc/nsswitch.conf", "hosts: files dns\n")
    tree.file("etc/alpine-release", f"{RELEASE}.0\n")
    tree.file(
        "etc/os-release",
        f'NAME="Alpine Linux"\nID=alpine\nVERSION_ID={RELEASE}.0\nPRETTY_NAME="Alpine Linux v{RELEASE} (stand-in)"\n',
    )
    tree.file("etc/ssl/certs/ca-certificates.crt", packages.HOST_BUNDLE)
    tree.link("etc/ssl/cert.pem", "certs/ca-certificates.crt")
    tree.link("usr/bin/env", "../../bin/busybox")
    for path, mode in (("tmp", 0o1777), ("var/tmp", 0o1777), ("root", 0o700), ("home", 0o755), ("proc", 0o555),
                       ("sys", 0o555), ("dev", 0o755), ("run", 0o755), ("usr/local/bin", 0o755)):  # fmt: skip
        tree.folder(path, mode)
    layer: Layer = tree.layer("alpine minirootfs")
    return Image((), (layer,))


def _move_libraries(tree: Tree) -> None:
    """Debian has usr/lib and a link /lib; Alpine has a folder /lib with the loader in it."""
    for name in [name for name in tree.entries if name.startswith("usr/lib/")]:
        entry, data = tree.entries.pop(name)
        entry.name = name.removeprefix("usr/")
        if entry.issym() and "linux-musl" in entry.linkname:
            entry.linkname = entry.linkname.replace("/usr/lib/", "/lib/")
        tree.entries[entry.name] = (entry, data)
