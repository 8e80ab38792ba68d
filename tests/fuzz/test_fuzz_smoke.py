"""Twenty seconds of the fuzzer in the normal run, from the archives that the unit tests write and all that once broke a reader."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from unit.image.images import Picture, archive, compressed, layer, oci_files, old_save

SECONDS = 20
FUZZER = Path(__file__).with_name("fuzz_readers.py")
FOUND = Path(__file__).parents[1] / "data" / "images" / "fuzz"


@pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="atheris has no wheel for this Python and system"
)
def test_the_fuzzer_finds_nothing_in_twenty_seconds(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    small = layer([("a/", 0o755), ("a/f", 70), ("b", "->a/f"), ("c", "=a/f"), ("a/.wh.x", 0), ("n" * 120, 3)])
    seeds = [
        old_save([Picture([small])]),
        archive(oci_files([Picture([small], compression="gzip")], nested=True, docker=True)),
        compressed(old_save([Picture([small])]), "zstd"),
    ]
    for number, seed in enumerate(seeds):
        for shape in range(2):
            (corpus / f"{number}-{shape}").write_bytes(bytes([shape]) + seed)
    (corpus / "layer").write_bytes(b"\2" + small)
    for found in FOUND.glob("*") if FOUND.is_dir() else ():
        shutil.copy(found, corpus / found.name)
    root = FUZZER.parents[2]
    run = subprocess.run(
        [sys.executable, FUZZER, corpus, f"-max_total_time={SECONDS}", "-rss_limit_mb=1024", "-timeout=60"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=600,
        check=False,
        env={**os.environ, "PYTHONPATH": str(root), "TMPDIR": str(tmp_path)},
    )
    assert run.returncode == 0, run.stderr[-4000:]
    assert not list(tmp_path.glob("crash-*"))
    assert not list(tmp_path.glob("oom-*"))
