"""A small image with everything that the Image page tells: a base, own layers, deleted, overwritten and re-owned files."""

from unit.image.images import Picture, layer, member, old_save

from slimdesk.image.history import BASE_LAYERS_LABEL
from slimdesk.image.read import Wanted, read_path

BASE = layer(
    [
        ("usr/", 0o755),
        ("usr/lib/", 0o755),
        ("usr/lib/libc.so.6", 400_000),
        ("usr/lib/libz.so.1", 90_000),
        ("etc/", 0o755),
        ("etc/passwd", 1_000),
    ]
)
TOOLS = layer(
    [("usr/lib/gcc/12/cc1", 300_000), ("usr/lib/gcc/12/empty", 0), ("usr/bin/tool", b"#!/bin/sh\n" * 9_000)]
)
APP = layer(
    [
        ("app/main.py", 150_000),
        ("app/data.json", 60_000),
        ("app/latest", "->main.py"),
        ("app/evil\nrm -rf ~", 0),
        ("usr/lib/.wh.gcc", 0),
        ("etc/passwd", 2_000),
    ]
)
OWNED = layer([member("app/main.py", 150_000, uid=1000, gid=1000)])
HISTORY = [
    {"created_by": "/bin/sh -c #(nop) ADD file:" + "0" * 64 + " in / "},
    {"created_by": "RUN /bin/sh -c apt-get update && apt-get install -y gcc # buildkit"},
    {"created_by": "COPY . /app # buildkit"},
    {"created_by": "RUN /bin/sh -c chown -R app:app /app # buildkit"},
]
CONFIG = {
    "Cmd": ["python3", "/app/main.py"],
    "Env": ["A=b\x1b[31m"],
    "Labels": {BASE_LAYERS_LABEL: "1", "org.opencontainers.image.base.name": "debian:13"},
}


def write(folder, *, base=True, name="shop:1"):
    """Write it as docker save does and return the path."""
    config = CONFIG if base else {**CONFIG, "Labels": {}}
    path = folder / "shop.tar"
    path.write_bytes(old_save([Picture([BASE, TOOLS, APP, OWNED], name, HISTORY, config)]))
    return path


def read(folder, *, base=True):
    """Write it and read it again."""
    return read_path(write(folder, base=base), Wanted())
