"""Builder images: Debian 13, the packages that the official images' own Dockerfiles install, and the toolchain.

Sources: buildpack-deps 2025-11-13, golang and docker-node 2026-08-19, python 2026-06-23 (the Dockerfiles of Debian 13).
apt runs in an engine, as it does for the real ones; Go and Node.js are laid on top as files. CPython is compiled from
Debian's source package of the same series, with the official configure line but without profile-guided and link-time
optimisation, which take most of an hour.

Where this machine trusts authorities of its own, Node.js images name them in NODE_EXTRA_CA_CERTS: npm asks no system
bundle, and no registry could be reached without it.
"""

from engine.standins import client, debian, musl, packages, store, toolchains
from engine.standins.store import Image, Tree

PRIVATE = "localhost/slimdesk-standin"  # images that are steps on the way to others
CURL = ("ca-certificates", "curl", "gnupg", "netbase", "sq", "wget")
SCM = ("git", "mercurial", "openssh-client", "subversion", "procps")
BUILDPACK = (
    *(
        "autoconf",
        "automake",
        "bzip2",
        "default-libmysqlclient-dev",
        "dpkg-dev",
        "file",
        "g++",
        "gcc",
        "imagemagick",
    ),
    *(
        "libbz2-dev",
        "libc6-dev",
        "libcurl4-openssl-dev",
        "libdb-dev",
        "libevent-dev",
        "libffi-dev",
        "libgdbm-dev",
    ),
    *("libglib2.0-dev", "libgmp-dev", "libjpeg-dev", "libkrb5-dev", "liblzma-dev", "libmagickcore-dev"),
    *(
        "libmagickwand-dev",
        "libmaxminddb-dev",
        "libncurses5-dev",
        "libncursesw5-dev",
        "libpng-dev",
        "libpq-dev",
    ),
    *(
        "libreadline-dev",
        "libsqlite3-dev",
        "libssl-dev",
        "libtool",
        "libwebp-dev",
        "libxml2-dev",
        "libxslt-dev",
    ),
    *("libyaml-dev", "make", "patch", "unzip", "xz-utils", "zlib1g-dev"),
)
GO = ("g++", "gcc", "libc6-dev", "make", "pkg-config")
PYTHON = ("libbluetooth-dev", "tk-dev", "uuid-dev")
PYTHON_SLIM = ("ca-certificates", "netbase", "tzdata")
PATH = musl.PATH
YARN = "1.22.22"

# From the official image's Dockerfile (docker-library/python 3.13/trixie), without --enable-optimizations and --with-lto.
COMPILE_PYTHON = r"""
set -eux; mkdir -p /usr/src/python; tar --extract --directory /usr/src/python --strip-components=1 --file /python.tar.xz;
cd /usr/src/python; gnuArch="$(dpkg-architecture --query DEB_BUILD_GNU_TYPE)";
./configure --build="$gnuArch" --enable-loadable-sqlite-extensions --enable-option-checking=fatal --enable-shared
 --with-ensurepip > /dev/null;
make -s -j "$(nproc)" "EXTRA_CFLAGS=$(dpkg-buildflags --get CFLAGS) -fno-omit-frame-pointer"
 "LDFLAGS=-Wl,--strip-all" > /dev/null;
rm python;
make -s "EXTRA_CFLAGS=$(dpkg-buildflags --get CFLAGS)" "LDFLAGS=-Wl,-rpath='\$\$ORIGIN/../lib' -Wl,--strip-all" python
 > /dev/null;
make -s install DESTDIR=/tree > /dev/null;
find /tree -depth \( \( -type d -a \( -name test -o -name tests -o -name idle_test \) \) -o \( -type f -a
 \( -name '*.pyc' -o -name '*.pyo' -o -name 'libpython*.a' \) \) \) -exec rm -rf '{}' + ;
for src in idle3 pip3 pydoc3 python3 python3-config; do
 ln -sf "$src" "/tree/usr/local/bin/$(echo "$src" | tr -d 3)"; done; rm -rf /usr/src/python
"""
# Which packages hold the libraries that CPython is linked to, tkinter's aside (the same file, slim variant).
LIST_LIBRARIES = r"""
ldconfig && find /usr/local -type f -executable -not \( -name '*tkinter*' \) -exec ldd '{}' ';'
 | awk '/=>/ { so = $(NF-1); if (index(so, "/usr/local/") == 1) { next }; gsub("^/(usr/)?", "", so); printf "*%s\n", so }'
 | sort -u | xargs -rt dpkg-query --search | awk 'sub(":$", "", $1) { print $1 }' | sort -u > /packages
"""
# docker-library/node's entry point, 2026-08-19.
NODE_ENTRYPOINT = """#!/bin/sh
set -e

# Run command with node if the first argument contains a "-" or is not a system command. The last
# part inside the "{}" is a workaround for the following bug in ash/dash:
# https://bugs.debian.org/cgi-bin/bugreport.cgi?bug=874264
if [ "${1#-}" != "${1}" ] || [ -z "$(command -v "${1}")" ] || { [ -f "${1}" ] && ! [ -x "${1}" ]; }; then
  set -- node "$@"
fi

exec "$@"
"""


def install(*names: str) -> str:
    """The RUN of an official Dockerfile that installs packages."""
    return (
        "RUN set -eux; apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "
        f"--no-install-recommends {' '.join(names)} > /dev/null; rm -rf /var/lib/apt/lists/*"
    )


# Images that apt makes: name -> Dockerfile. Their bases are stand-ins too.
INSTALLED = {
    "buildpack-deps:trixie-curl": f"FROM debian:trixie\n{install(*CURL)}\n",
    "buildpack-deps:trixie-scm": f"FROM buildpack-deps:trixie-curl\n{install(*SCM)}\n",
    "buildpack-deps:trixie": f"FROM buildpack-deps:trixie-scm\n{install(*BUILDPACK)}\n",
    f"{PRIVATE}/golang-base:trixie": f"FROM buildpack-deps:trixie-scm\n{install(*GO)}\n",
    f"{PRIVATE}/python-base:trixie": f"FROM buildpack-deps:trixie\n{install(*PYTHON)}\n",
}
PACKAGES = {
    "buildpack-deps:trixie-curl": CURL,
    "buildpack-deps:trixie-scm": SCM,
    "buildpack-deps:trixie": BUILDPACK,
    f"{PRIVATE}/golang-base:trixie": GO,
    f"{PRIVATE}/python-base:trixie": PYTHON,
}


def cpython_dockerfile() -> str:
    """One layer: /usr/local of a compiled CPython."""
    command = " ".join(COMPILE_PYTHON.split("\n")).strip()
    return (
        f"FROM {PRIVATE}/python-base:trixie AS build\nCOPY python.tar.xz /\nRUN {command}\n"
        "FROM scratch\nCOPY --from=build /tree/ /\n"
    )


def python_dockerfile(series: str, *, slim: bool) -> str:
    """The official python image, full or slim, around the compiled CPython."""
    tree = f"FROM {PRIVATE}/cpython:{series} AS cpython\n"
    environment = f"ENV PATH=/usr/local/bin:{PATH}\n"
    end = 'RUN ldconfig; python3 --version; pip3 --version\nCMD ["python3"]\n'
    if not slim:
        return f"{tree}FROM {PRIVATE}/python-base:trixie\n{environment}COPY --from=cpython / /\n{end}"
    listing = " ".join(LIST_LIBRARIES.split("\n")).strip()
    libraries = f"FROM {PRIVATE}/python-base:trixie AS libraries\nCOPY --from=cpython / /\nRUN {listing}\n"
    needed = install("$(cat /libraries)").replace(
        "RUN ", "RUN --mount=type=bind,from=libraries,source=/packages,target=/libraries "
    )
    return (
        f"{tree}{libraries}FROM debian:trixie-slim\n{environment}{install(*PYTHON_SLIM)}\n{needed}\n"
        f"COPY --from=cpython / /\n{end}"
    )


def make_installed(host: str, tag: str) -> list[Image]:
    """Make one of INSTALLED."""
    client.build(host, INSTALLED[tag], tag)
    return list(client.save(host, [tag]))


def make_cpython(host: str, series: str) -> list[Image]:
    """Compile CPython: the longest step of all, kept by itself."""
    tag = f"{PRIVATE}/cpython:{series}"
    source = packages.download_source(f"python{series}")
    client.build(host, cpython_dockerfile(), tag, {"python.tar.xz": source})
    return list(client.save(host, [tag]))


def make_python(host: str, series: str, *, slim: bool) -> list[Image]:
    """Make python:<series>-trixie or -slim-trixie."""
    tag = f"python:{series}-{'slim-' if slim else ''}trixie"
    client.build(host, python_dockerfile(series, slim=slim), tag)
    return list(client.save(host, [tag]))


def make_golang(base: Image, series: str) -> list[Image]:
    """Make golang:<series>-trixie from its base."""
    return [musl.golang_on(base, series, f"golang:{series}-trixie")]


def make_node(base: Image, series: str, *, slim: bool) -> list[Image]:
    """Make node:<series>-trixie or -slim from its base."""
    version = toolchains.newest_node(series)
    users = Tree()
    entries = {
        "etc/passwd": "node:x:1000:1000::/home/node:/bin/bash\n",
        "etc/group": "node:x:1000:\n",
        "etc/shadow": "node:!:20000:0:99999:7:::\n",
        "etc/gshadow": "node:!::\n",
    }
    for path, line in entries.items():
        mode = 0o640 if path.endswith("shadow") else 0o644
        users.file(path, store.read_file(base, path).decode() + line, mode, 0, 42 if mode == 0o640 else 0)
    users.folder("home/node", 0o755, 1000, 1000)
    node = Tree()
    with toolchains.node_archive(version) as archive:
        wanted = ("bin/node", "LICENSE", "include/", "share/")
        node.add(archive, strip=1, under="usr/local", keep=lambda name: name.startswith(wanted))
    node.entries["usr/local/bin/node"][0].mode = 0o755
    if slim:
        # As the official slim image: OpenSSL's headers of other architectures are removed.
        foreign = "usr/local/include/node/openssl/archs/"
        own = {"x64": "linux-x86_64", "arm64": "linux-aarch64"}[toolchains.NODE_ARCHITECTURE]
        for path in [path for path in node.entries if path.startswith(foreign)]:
            if not path.startswith(f"{foreign}{own}"):
                del node.entries[path]
    node.link("usr/local/bin/nodejs", "/usr/local/bin/node")
    for package, programs in (
        ("npm", {"npm": "npm-cli.js", "npx": "npx-cli.js"}),
        ("corepack", {"corepack": "corepack.js"}),
    ):
        release = toolchains.remembered_npm(package)
        with toolchains.npm_archive(package, release) as archive:
            node.add(archive, strip=1, under=f"usr/local/lib/node_modules/{package}")
        for name, script in programs.items():
            folder = "bin" if package == "npm" else "dist"
            node.link(f"usr/local/bin/{name}", f"../lib/node_modules/{package}/{folder}/{script}")
            node.entries[f"usr/local/lib/node_modules/{package}/{folder}/{script}"][0].mode = 0o755
    yarn = Tree()
    with toolchains.npm_archive("yarn", YARN) as archive:
        yarn.add(archive, strip=1, under=f"opt/yarn-v{YARN}")
    for name in ("yarn", "yarnpkg"):
        yarn.link(f"usr/local/bin/{name}", f"/opt/yarn-v{YARN}/bin/{name}")
    entry = Tree()
    entry.file("usr/local/bin/docker-entrypoint.sh", NODE_ENTRYPOINT, 0o755)
    environment = [f"PATH={PATH}", f"NODE_VERSION={version}", f"YARN_VERSION={YARN}"]
    if packages.extra_authorities():
        environment.append(f"NODE_EXTRA_CA_CERTS=/{debian.EXTRA_BUNDLE}")
    return [
        base.plus(
            users.layer("RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --create-home node"),
            node.layer(f"RUN install node {version}"),
            yarn.layer(f"RUN install yarn {YARN}"),
            entry.layer("COPY docker-entrypoint.sh /usr/local/bin/"),
        ).with_config(
            [f"node:{series}-trixie{'-slim' if slim else ''}"],
            Env=environment,
            Entrypoint=["docker-entrypoint.sh"],
            Cmd=["node"],
        )
    ]
