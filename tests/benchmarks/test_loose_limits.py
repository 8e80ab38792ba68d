"""The benchmarks themselves, small, and with five times their limits: what has become much slower is noticed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.parametrize(
    "words",
    [
        (
            "bench_analyze.py",
            "--files",
            "5000",
            "--megabytes",
            "100",
            "--rounds",
            "1",
            "--dive",
            "",
            "--loose",
        ),
        ("bench_start.py", "--runs", "3", "--loose"),
        ("bench_detect.py", "--files", "20000", "--loose"),
        ("bench_compare.py", "--files", "20000", "--runs", "1", "--loose"),
        (
            "bench_window.py",
            "--lines",
            "2000",
            "--bytes",
            "100000000",
            "--files",
            "5000",
            "--many",
            "300000",
            "--loose",
        ),
        ("bench_terminal.py", "--bytes", "20000000", "--core", "both", "--loose"),
    ],
    ids=lambda words: words[0].removesuffix(".py"),
)
def test_it_is_within_five_times_its_limit(words, tmp_path):
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "SLIMDESK_HOME": str(tmp_path),
        "TMPDIR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, HERE / words[0], *words[1:]],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
        env=environment,
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
