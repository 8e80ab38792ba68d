"""Some seconds of the fuzzers in the normal run, from files that the unit tests write and all that once broke a reader."""

from __future__ import annotations

import importlib.util
import io
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from unit.image.images import Picture, archive, compressed, layer, oci_files, old_save

from slimdesk.basics.resources import resource

FOUND = Path(__file__).parents[1] / "data" / "images"

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="atheris has no wheel for this Python and system"
)


def small_layer() -> bytes:
    return layer([("a/", 0o755), ("a/f", 70), ("b", "->a/f"), ("c", "=a/f"), ("a/.wh.x", 0), ("n" * 120, 3)])


def archives() -> list[bytes]:
    small = small_layer()
    return [
        old_save([Picture([small])]),
        archive(oci_files([Picture([small], compression="gzip")], nested=True, docker=True)),
        compressed(old_save([Picture([small])]), "zstd"),
    ]


def run(fuzzer: str, seeds: Iterable[bytes], found: Path, folder: Path, seconds: int) -> None:
    """Run one fuzzer; what it finds it leaves in its folder, and ends with a status that says so."""
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(seeds):
        (corpus / str(number)).write_bytes(seed)
    for one in found.glob("*") if found.is_dir() else ():
        shutil.copy(one, corpus / one.name)
    script = Path(__file__).with_name(fuzzer)
    done = subprocess.run(
        [sys.executable, script, corpus, f"-max_total_time={seconds}", "-rss_limit_mb=1024", "-timeout=60"],
        cwd=folder,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=600,
        check=False,
        env={**os.environ, "PYTHONPATH": str(script.parents[2]), "TMPDIR": str(folder)},
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert not [*folder.glob("crash-*"), *folder.glob("oom-*"), *folder.glob("timeout-*")]


def test_the_readers_of_images_stand_it(tmp_path: Path) -> None:
    seeds = [bytes([shape]) + seed for seed in archives() for shape in range(2)]
    run("fuzz_readers.py", [*seeds, b"\2" + small_layer()], FOUND / "fuzz", tmp_path, 14)


def test_what_looks_inside_of_images_stands_it(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("a/b.txt", "x" * 40, zipfile.ZIP_DEFLATED)
    seeds = [
        b"\0" + resource("listing/linux-amd64").read_bytes(),
        b"\1" + "h\xe4l\u202elo\n".encode(),
        b"\1" + "hello".encode("utf-16"),
        b"\2" + packed.getvalue(),
        b"\2" + compressed(small_layer(), "gzip"),
        b"\3\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xc0\0\x11\x08\0\x10\0\x10\3",
        b"\4" + bytes(range(200)),
        b'\5{"schema": 1, "source": "oci-layout", "layers": [], "sizes": {}, "files": []}',
        *(b"\6" + seed for seed in archives()),
    ]
    run("fuzz_inside.py", seeds, FOUND / "fuzz-inside", tmp_path, 8)
