"""A small image with packages of two kinds, files of none, and things worth telling."""

from unit.image.images import Picture, layer, old_save

from slimdesk.image.read import Wanted, read_path

STATUS = "\n".join(
    f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\nDescription: x\n"
    for name, version in (("libssl3", "3.5.1-1"), ("tzdata", "2026a-1"))
).encode()
SITE = "usr/lib/python3/site-packages"
MEMBERS = [
    ("etc/os-release", b'ID=debian\nVERSION_ID="13"\n'),
    ("var/lib/dpkg/status", STATUS),
    ("var/lib/dpkg/info/libssl3.list", b"/usr/lib/libssl.so.3\n/usr/lib/libcrypto.so.3\n"),
    ("var/lib/dpkg/info/tzdata.list", b"/usr/share/zoneinfo/UTC\n"),
    ("usr/lib/libssl.so.3", 100_000),
    ("usr/lib/libcrypto.so.3", 400_000),
    ("usr/share/zoneinfo/UTC", 2_000),
    (f"{SITE}/flask/app.py", 50_000),
    (f"{SITE}/flask-3.1.0.dist-info/METADATA", b"Name: flask\nVersion: 3.1.0\nLicense-Expression: BSD-3-Clause\n"),
    (f"{SITE}/flask-3.1.0.dist-info/RECORD", b"flask/app.py,,\nflask-3.1.0.dist-info/METADATA,,\n"),
    ("root/.cache/pip/http/wheel", 300_000),
    ("app/main.bin", 700_000),
]  # fmt: skip


def read_packaged(folder, *, fast=False):
    """Write it as docker save does and read it."""
    path = folder / "packaged.tar"
    path.write_bytes(old_save([Picture([layer(MEMBERS)], "shop:2", [{"created_by": "COPY . /"}], {})]))
    return read_path(path, Wanted(fast=fast))
