"""Makes resources/sample/reports.tar.zst, the image that the program can open with no engine.

It looks like a Python service whose Dockerfile has the usual faults: a compiler that is installed and purged again, a
repository and tests that are copied and deleted, a `chown -R` that copies every file. Contents repeat, so that 60 MB
become a few kB. Run it with the tests' Python; the same input gives the same archive.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import tarfile
from pathlib import Path

import zstandard

TARGET = Path(__file__).resolve().parents[3] / "resources" / "sample" / "reports.tar.zst"
TIME = 1_760_000_000
KB, MB = 1000, 1_000_000
NAME = "reports:2.4"

Files = dict[str, int]

# Which package each of Debian's files is of, so that the archive has records like a real image.
DEBIAN = {
    "perl-base": ("5.40.1-6", "usr/bin/perl"),
    "bash": ("5.2.37-2+b5", "usr/bin/bash"),
    "openssl": ("3.5.1-1+deb13u1", "usr/bin/openssl"),
    "tar": ("1.35+dfsg-3.1", "usr/bin/tar", "usr/share/locale/de/LC_MESSAGES/tar.mo", "usr/share/locale/fr/LC_MESSAGES/tar.mo"),
    "libc6": ("2.41-12", "usr/lib/x86_64-linux-gnu/libc.so.6"),
    "libssl3t64": ("3.5.1-1+deb13u1", "usr/lib/x86_64-linux-gnu/libcrypto.so.3", "usr/lib/x86_64-linux-gnu/libssl.so.3"),
    "libstdc++6": ("14.2.0-19", "usr/lib/x86_64-linux-gnu/libstdc++.so.6"),
    "tzdata": ("2025b-4+deb13u1", "usr/share/zoneinfo/tzdata.zi"),
}  # fmt: skip
WHEELS = {
    "pyarrow": ("21.0.0", "Apache-2.0"),
    "numpy": ("2.3.3", "BSD-3-Clause"),
    "pandas": ("2.3.3", "BSD-3-Clause"),
    "babel": ("2.17.0", "BSD-3-Clause"),
    "fastapi": ("0.118.3", "MIT"),
}

BASE: Files = {
    "usr/bin/perl": 4_020 * KB,
    "usr/bin/bash": 1_300 * KB,
    "usr/bin/openssl": 1_100 * KB,
    "usr/bin/tar": 530 * KB,
    "usr/lib/x86_64-linux-gnu/libc.so.6": 2_000 * KB,
    "usr/lib/x86_64-linux-gnu/libcrypto.so.3": 5_800 * KB,
    "usr/lib/x86_64-linux-gnu/libssl.so.3": 900 * KB,
    "usr/lib/x86_64-linux-gnu/libstdc++.so.6": 2_500 * KB,
    "usr/share/doc/copyright.gz": 700 * KB,
    "usr/share/locale/de/LC_MESSAGES/tar.mo": 90 * KB,
    "usr/share/locale/fr/LC_MESSAGES/tar.mo": 88 * KB,
    "usr/share/zoneinfo/tzdata.zi": 110 * KB,
    "etc/passwd": 840,
}
PYTHON: Files = {
    "usr/local/bin/python3": 30 * KB,
    "usr/local/lib/libpython3.13.so.1.0": 6_300 * KB,
    "usr/local/lib/python3.13/ssl.py": 52 * KB,
    "usr/local/lib/python3.13/asyncio/base_events.py": 80 * KB,
    "usr/local/lib/python3.13/ensurepip/_bundled/pip-25.2-py3-none-any.whl": 1_750 * KB,
    "usr/local/lib/python3.13/idlelib/help.html": 77 * KB,
}
COMPILER: Files = {
    "usr/libexec/gcc/x86_64-linux-gnu/14/cc1": 9_400 * KB,
    "usr/bin/x86_64-linux-gnu-ld": 1_900 * KB,
    "usr/lib/x86_64-linux-gnu/libc.a": 6_200 * KB,
    "usr/include/linux/everything.h": 1_400 * KB,
    "var/lib/apt/lists/deb.debian.org_debian_dists_trixie_main_Packages": 2_900 * KB,
}
PACKAGES = "usr/local/lib/python3.13/site-packages/"
DEPENDENCIES: Files = {
    PACKAGES + "pyarrow/libarrow.so": 9_200 * KB,
    PACKAGES + "pyarrow/libparquet.so": 2_000 * KB,
    PACKAGES + "pyarrow/include/arrow/api.h": 900 * KB,
    PACKAGES + "pyarrow/tests/test_parquet.py": 800 * KB,
    PACKAGES + "numpy/_core/_multiarray_umath.so": 2_100 * KB,
    PACKAGES + "numpy/tests/test_all.py": 500 * KB,
    PACKAGES + "pandas/_libs/groupby.so": 640 * KB,
    PACKAGES + "pandas/tests/frame/test_api.py": 1_200 * KB,
    PACKAGES + "babel/locale-data/all.dat": 6_100 * KB,
    PACKAGES + "fastapi/applications.py": 180 * KB,
    "root/.cache/pip/http-v2/a/pyarrow.whl": 2_800 * KB,
    "root/.cache/pip/http-v2/c/pandas.whl": 1_600 * KB,
}
APP: Files = {
    "app/.git/objects/pack/pack-1f3a.pack": 1_700 * KB,
    "app/reports/main.py": 14 * KB,
    "app/reports/templates/invoice.html": 22 * KB,
    "app/reports/static/fonts/Inter.woff2": 340 * KB,
    "app/tests/fixtures/january.csv": 620 * KB,
    "app/tests/test_reports.py": 31 * KB,
    "app/requirements.txt": 210,
}
KEPT: Files = {name: size for name, size in APP.items() if not name.startswith("app/.git/")}

HISTORY = [
    "# debian.sh --arch 'amd64' out/ 'trixie' '@1760000000'",
    "RUN /bin/sh -c set -eux; ./configure --enable-shared; make -j; make install # buildkit",
    "RUN /bin/sh -c apt-get update && apt-get install -y gcc libc6-dev # buildkit",
    "COPY . /app # buildkit",
    "RUN /bin/sh -c pip install -r requirements.txt # buildkit",
    "RUN /bin/sh -c apt-get purge -y gcc libc6-dev && rm -rf /var/lib/apt/lists /app/.git # buildkit",
    "RUN /bin/sh -c chown -R 1000:1000 /app # buildkit",
]


def records() -> tuple[dict[str, str], dict[str, str]]:
    """Texts of the base and of the dependencies: the package records and the release."""
    base = {
        "etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nNAME="Debian GNU/Linux"\nVERSION_ID="13"\nID=debian\n'
    }
    status = []
    for name, (version, *paths) in DEBIAN.items():
        kilobytes = sum(BASE[path] for path in paths) // 1024
        status.append(
            f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n"
            f"Installed-Size: {kilobytes}\nMaintainer: Debian\nDescription: {name}\n"
        )
        base[f"var/lib/dpkg/info/{name}.list"] = "".join(f"/{path}\n" for path in paths)
    base["var/lib/dpkg/status"] = "\n".join(status)
    wheels = {}
    for name, (version, licence) in WHEELS.items():
        folder = f"{name}-{version}.dist-info"
        own = [path.removeprefix(PACKAGES) for path in DEPENDENCIES if path.startswith(f"{PACKAGES}{name}/")]
        wheels[f"{PACKAGES}{folder}/METADATA"] = (
            f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\nLicense-Expression: {licence}\n"
        )
        rows = [f"{path},,{DEPENDENCIES[PACKAGES + path]}" for path in own]
        wheels[f"{PACKAGES}{folder}/RECORD"] = (
            "\n".join([*rows, f"{folder}/METADATA,,", f"{folder}/RECORD,,"]) + "\n"
        )
    return base, wheels


BASE_TEXTS, WHEEL_TEXTS = records()
TEXTS = {**BASE_TEXTS, **WHEEL_TEXTS}
BASE |= {name: len(text) for name, text in BASE_TEXTS.items()}
DEPENDENCIES |= {name: len(text) for name, text in WHEEL_TEXTS.items()}


def content(name: str, size: int) -> bytes:
    """A record's text, else bytes that differ from file to file and compress to almost nothing."""
    if name in TEXTS:
        return TEXTS[name].encode()
    seed = hashlib.sha256(name.encode()).digest()
    return (seed * (size // len(seed) + 1))[:size]


def layer(files: Files, removed: tuple[str, ...] = (), owner: int = 0) -> bytes:
    """One layer's tar: folders before what is in them, then the marks of what it removes."""
    buffer = io.BytesIO()
    folders: set[str] = set()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name in sorted(files) + sorted(removed):
            parts = name.split("/")
            for depth in range(1, len(parts)):
                folder = "/".join(parts[:depth])
                if folder not in folders:
                    folders.add(folder)
                    tar.addfile(member(folder, owner, kind=tarfile.DIRTYPE))
            if name in files:
                info = member(name, owner, files[name])
                tar.addfile(info, io.BytesIO(content(name, files[name])))
            else:
                tar.addfile(member("/".join([*parts[:-1], f".wh.{parts[-1]}"]), owner))
    return buffer.getvalue()


def member(name: str, owner: int, size: int = 0, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    """A header with fixed times and owners."""
    info = tarfile.TarInfo(name)
    info.size, info.type, info.mtime = size, kind, TIME
    info.uid = info.gid = owner
    program = "/bin/" in name or "/libexec/" in name
    info.mode = 0o755 if kind == tarfile.DIRTYPE or program else 0o644
    return info


def image() -> bytes:
    """The whole archive as docker save since 25 writes it, uncompressed."""
    gone = ("usr/libexec/gcc", "usr/bin/x86_64-linux-gnu-ld", "usr/lib/x86_64-linux-gnu/libc.a", "usr/include",
            "var/lib/apt/lists", "app/.git")  # fmt: skip
    layers = [
        layer(BASE),
        layer(PYTHON),
        layer(COMPILER),
        layer(APP),
        layer(DEPENDENCIES),
        layer({}, gone),
        layer(KEPT, owner=1000),
    ]
    digests = [hashlib.sha256(data).hexdigest() for data in layers]
    created = "2025-10-09T08:53:20Z"
    history: list[dict[str, object]] = [{"created": created, "created_by": text} for text in HISTORY]
    history.append({"created": created, "created_by": 'CMD ["python3" "-m" "reports"]', "empty_layer": True})
    config = {
        "architecture": "amd64",
        "os": "linux",
        "created": created,
        "config": {
            "Cmd": ["python3", "-m", "reports"],
            "Env": ["PATH=/usr/local/bin:/usr/bin:/bin", "PYTHON_VERSION=3.13.9"],
            "ExposedPorts": {"8000/tcp": {}},
            "WorkingDir": "/app",
            "Labels": {
                "org.opencontainers.image.base.name": "python:3.13-trixie",
                "io.slimdesk.base.layers": "2",
            },
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}" for digest in digests]},
        "history": history,
    }
    document = json.dumps(config, sort_keys=True).encode()
    config_name = f"blobs/sha256/{hashlib.sha256(document).hexdigest()}"
    names = [f"blobs/sha256/{digest}" for digest in digests]
    manifest = [{"Config": config_name, "RepoTags": [NAME], "Layers": names}]
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name, data in [
            *zip(names, layers, strict=True),
            (config_name, document),
            ("manifest.json", json.dumps(manifest).encode()),
        ]:
            tar.addfile(member(name, 0, len(data)), io.BytesIO(data))
    return buffer.getvalue()


def main() -> int:
    """Write the sample and say how large it is."""
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(zstandard.ZstdCompressor(level=19).compress(image()))
    print(f"{TARGET.name}: {TARGET.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
