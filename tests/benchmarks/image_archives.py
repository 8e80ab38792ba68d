"""Archives to measure by: docker-save archives of many files that compress as real ones do."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import random
import shutil
import sys
import tarfile
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

IMAGE = "slimdesk/bench:files"
FILES, BYTES, LAYERS = 75_000, 2_100_000_000, 5


class Contents:
    """File bodies that compress as real ones do: a third noise, the rest text and machine code."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        text = b"the quick brown fox jumps over the lazy dog, and %d more of them\n"
        self._pool = self.chance.randbytes(1 << 20) + b"".join(text % number for number in range(16_000))
        self._pool += Path(sys.executable).resolve().read_bytes()[: 4 << 20]

    def body(self, size: int) -> bytes:
        start = self.chance.randrange(len(self._pool))
        body = self._pool[start : start + size]
        while len(body) < size:
            body += self._pool[: size - len(body)]
        return body


def write_layer(path: Path, number: int, contents: Contents, files: int, total: int) -> None:
    """One layer as a tar of files in folders as deep as site-packages are."""
    chance = contents.chance
    weights = [min(chance.paretovariate(1.2), 500.0) for _ in range(files)]
    scale = total / sum(weights)
    # An engine cannot unpack a layer that removes what it brings itself.
    removed = range(number * 20, number * 20 + 20) if number else range(0)
    packages = [package for package in range(300) if package not in removed]
    names = sorted(
        f"usr/lib/python3.{chance.randrange(3)}/package{chance.choice(packages)}/part{chance.randrange(5)}/file{number}_{index}.py"
        for index in range(files)
    )
    folders: set[str] = set()
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
        for name, weight in zip(names, weights, strict=True):
            parts = name.split("/")
            for depth in range(1, len(parts)):
                folder = "/".join(parts[:depth])
                if folder not in folders:
                    folders.add(folder)
                    info = tarfile.TarInfo(folder)
                    info.type, info.mode = tarfile.DIRTYPE, 0o755
                    tar.addfile(info)
            info = tarfile.TarInfo(name)
            info.size, info.mtime = int(weight * scale), 1_700_000_000 + chance.randrange(10_000)
            tar.addfile(info, io.BytesIO(contents.body(info.size)))
        for package in removed:
            tar.addfile(tarfile.TarInfo(f"usr/lib/python3.0/.wh.package{package}"))


def make_archive(path: Path, *, gzipped: bool = False, files: int = FILES, total: int = BYTES) -> None:
    """A docker-save archive as engines before 25 write it, or as jib does, with gzipped layers."""
    contents = Contents(1)
    with (
        tempfile.TemporaryDirectory(dir=path.parent) as folder,
        tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar,
    ):
        names, diff_ids = [], []
        for number in range(LAYERS):
            file = Path(folder, f"{number}.tar")
            write_layer(file, number, contents, files // LAYERS, total // LAYERS)
            with file.open("rb") as opened:
                diff_ids.append("sha256:" + hashlib.file_digest(opened, "sha256").hexdigest())
            names.append(f"{number:064x}.tar.gz" if gzipped else f"{number:064x}/layer.tar")
            if gzipped:
                from isal import igzip

                packed = file.with_suffix(".gz")
                with file.open("rb") as plain, igzip.open(packed, "wb", compresslevel=2) as into:
                    shutil.copyfileobj(plain, into, 1 << 20)
                file.unlink()
                file = packed
            tar.add(file, names[-1])
            file.unlink()
        config = {
            "os": "linux",
            "architecture": "amd64",
            "config": {},
            "history": [{"created_by": f"COPY part{number} /"} for number in range(LAYERS)],
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
        }
        manifest = [{"Config": "config.json", "RepoTags": [IMAGE], "Layers": names}]
        for name, document in (("config.json", config), ("manifest.json", manifest)):
            data = json.dumps(document).encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


def load_image() -> None:
    """Give the engine such an archive as IMAGE, unless it has it."""
    import docker
    import docker.errors

    client = docker.APIClient(version="auto", timeout=900, **_host())
    try:
        client.inspect_image(IMAGE)
    except docker.errors.ImageNotFound:
        print(f"Making {IMAGE}: {BYTES / 1e9:.1f} GB, {FILES} files", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "image.tar")
            make_archive(path)
            with path.open("rb") as file:
                for line in client.load_image(file):
                    if "error" in line:
                        raise SystemExit(line["error"]) from None
    finally:
        client.close()


@contextlib.contextmanager
def fresh_copies(name: str, count: int) -> Iterator[list[str]]:
    """As many images as wanted, each with one small layer of its own on top: nothing of them is in a build cache yet."""
    import docker

    client = docker.APIClient(version="auto", timeout=900, **_host())
    names = [f"slimdesk/bench:fresh-{uuid.uuid4().hex[:12]}" for _ in range(count)]
    try:
        for copy in names:
            held = client.create_container(name, command=["none"])["Id"]
            try:
                body = io.BytesIO()
                with tarfile.open(fileobj=body, mode="w") as tar:
                    mark = tarfile.TarInfo("fresh.txt")
                    mark.size = len(copy)
                    tar.addfile(mark, io.BytesIO(copy.encode()))
                client.put_archive(held, "/", body.getvalue())
                client.commit(held, *copy.split(":"))
            finally:
                client.remove_container(held)
        yield list(names)
    finally:
        for copy in names:
            with contextlib.suppress(docker.errors.ImageNotFound):
                client.remove_image(copy)
        client.close()


def _host() -> dict[str, str]:
    return {"base_url": os.environ["DOCKER_HOST"]} if os.environ.get("DOCKER_HOST") else {}
