"""`slimdesk analyze` from the outside: JSON with every key, words, gates and exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from unit.image.images import Picture, layer, old_save

from slimdesk.cli import main

LAYERS = [layer([("a/", 0o755), ("a/f", 1000), ("b", 9000)]), layer([("a/.wh.f", 0)])]
HISTORY = [{"created_by": "COPY . . # buildkit"}, {"created_by": "RUN /bin/sh -c rm a/f # buildkit"}]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "app.tar"
    config = {"Entrypoint": ["/bin/sh", "-c", "exec app"], "User": ""}
    path.write_bytes(old_save([Picture(LAYERS, history=HISTORY, config=config)]))
    return path


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any], str]:
    status = main(["analyze", *words, "--json"])
    out, err = capsys.readouterr()
    return status, json.loads(out), err


def test_every_key_is_there(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, found, _ = answer(capsys, str(archive))
    assert status == 0
    assert list(found) == [
        "schema", "source", "name", "image_id", "platform", "verified", "sizes", "shadowed", "score", "dive",
        "layers", "packages", "packages_known", "config", "findings", "gates", "could_save",
    ]  # fmt: skip
    assert found["schema"] == 1
    assert found["source"] == "docker-archive"
    assert found["verified"] is True
    assert set(found["sizes"]) == {"download", "unpacked", "files", "live", "download_from"}
    assert (found["sizes"]["files"], found["sizes"]["live"], found["shadowed"]) == (10_000, 9_000, 1_000)
    assert found["score"] == 0.9
    assert set(found["dive"]) == {"efficiency", "wasted_bytes", "user_wasted_percent"}
    assert found["dive"]["user_wasted_percent"] is None
    for at, entry in enumerate(found["layers"]):
        assert entry["index"] == at
        assert {"index", "diff_id", "digest", "created_by", "base", "entries", "sizes", "shadowed"} <= set(
            entry
        )
        assert set(entry["sizes"]) == {"download", "unpacked", "files", "download_from"}
    assert found["layers"][0]["created_by"] == "COPY . . # buildkit"
    assert [finding["rule"] for finding in found["findings"]] == ["shell-form", "root-user"]
    assert set(found["findings"][0]) == {"rule", "severity", "message", "path", "line", "bytes", "fix"}
    assert (found["packages"], found["gates"]) == ([], [])


def test_fast_says_that_it_checked_nothing(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, found, _ = answer(capsys, str(archive), "--fast")
    assert found["verified"] is False
    assert found["sizes"]["download"] is None
    assert found["sizes"]["download_from"] is None
    assert found["layers"][0]["diff_id"].startswith("sha256:")


@pytest.mark.parametrize(
    ("words", "passed"),
    [
        (["--max-files", "10kB"], True),
        (["--max-files", "9.9kB"], False),
        (["--max-live", "9kB", "--max-shadowed", "1kB"], True),
        (["--max-shadowed", "999"], False),
        (["--max-download", "1MB", "--max-unpacked", "1MB"], True),
        (["--min-score", "0.9"], True),
        (["--min-score", "0.91"], False),
        (["--forbid-debug"], True),
        (["--fail-on", "error"], False),
    ],
)
def test_gates(words: list[str], passed: bool, archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, found, err = answer(capsys, str(archive), *words)
    assert status == (0 if passed else 1)
    assert all(set(gate) == {"rule", "limit", "value", "passed"} for gate in found["gates"])
    assert all(gate["passed"] for gate in found["gates"]) is passed
    assert bool(err.strip()) is not passed


def test_a_dive_ci_file(archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = tmp_path / "dive-ci"
    rules.write_text("rules:\n  lowestEfficiency: 0.95\n  highestWastedBytes: 20MB\n")
    status, found, _ = answer(capsys, str(archive), "--dive-ci", str(rules))
    gates = {gate["rule"]: gate for gate in found["gates"]}
    assert status == 1
    assert gates["dive:lowestEfficiency"]["value"] == pytest.approx(0.9)
    assert not gates["dive:lowestEfficiency"]["passed"]
    assert gates["dive:highestWastedBytes"] == {
        "rule": "dive:highestWastedBytes", "limit": 20_000_000, "value": 1000, "passed": True,
    }  # fmt: skip
    # dive's own default, and no share where only the first layer holds bytes: not a number is not above it.
    assert gates["dive:highestUserWastedPercent"] == {
        "rule": "dive:highestUserWastedPercent", "limit": 0.1, "value": None, "passed": True,
    }  # fmt: skip
    # dive fails only beyond a limit: what is met exactly passes.
    rules.write_text("rules:\n  lowestEfficiency: 0.9\n  highestWastedBytes: 1kB\n")
    status, found, _ = answer(capsys, str(archive), "--dive-ci", str(rules))
    assert (status, [gate["passed"] for gate in found["gates"]]) == (0, [True, True, True])
    rules.write_text("rules:\n  lowestefficiency: disabled\n  highestUserWastedPercent: 'off'\n")
    status, found, _ = answer(capsys, str(archive), "--dive-ci", str(rules))
    assert (status, found["gates"]) == (0, [])
    rules.write_text("rules:\n  lowestEfficiency: many\n")
    assert main(["analyze", str(archive), "--dive-ci", str(rules)]) == 2


def test_a_dive_ci_file_is_never_read_unasked(
    archive: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (archive.parent / ".dive-ci").write_text("rules:\n  lowestEfficiency: 1.0\n")
    monkeypatch.chdir(archive.parent)
    status, found, _ = answer(capsys, str(archive))
    assert (status, found["gates"]) == (0, [])


def test_words(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", str(archive), "--max-files", "1kB"]) == 1
    out, err = capsys.readouterr()
    assert "app:1  (docker-archive, linux/amd64)" in out
    assert "files       10.0 kB  all files of all layers" in out
    assert "score         0.900" in out
    assert "RUN rm a/f" in out
    assert "error: ENTRYPOINT is in shell form, but the image has no /bin/sh" in out
    assert "FAILED  max-files: 10.0 kB of at most 1.00 kB" in out
    assert "slimdesk analyze: Files is 10.0 kB, more than 1.00 kB." in err


@pytest.mark.parametrize(
    "words",
    [
        ["/nothing/there"],
        ["{folder}"],
        ["{archive}", "--fast", "--max-download", "1MB"],
        ["{archive}", "--platform", "linux/s390x"],
    ],
)
def test_bad_calls_leave_standard_output_empty(
    words: list[str], archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [word.format(folder=archive.parent, archive=archive) for word in words]
    assert main(["analyze", *words, "--json"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.strip().splitlines()[-1].startswith("slimdesk analyze: ")


@pytest.mark.parametrize("words", [["--max-files", "lots"], ["--min-score", "2"], ["--fail-on", "bad"]])
def test_words_that_mean_nothing(words: list[str], archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["analyze", str(archive), *words])
    assert caught.value.code == 2
    assert capsys.readouterr().out == ""


def test_a_file_is_read_without_heavy_imports(archive: Path) -> None:
    code = (
        "import sys; from slimdesk.cli import main; main(['analyze', sys.argv[1], '--fast', '--json']);"
        "heavy = {'docker', 'PySide6', 'matplotlib', 'numpy', 'asyncio', 'yaml', 'zstandard'} & set(sys.modules);"
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(archive)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_hundred_thousand_files_in_little_memory(tmp_path: Path) -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("this system does not tell a process's own memory")
    entry = tar_header(b"x")
    names = (
        b"usr/lib/package%03d/part%02d/module_%06d.py" % (number // 500, number % 20, number)
        for number in range(100_000)
    )
    body = b"".join(tar_header(name) for name in names) + bytes(1024)
    config = b'{"os": "linux", "architecture": "amd64", "rootfs": {"diff_ids": []}}'
    manifest = b'[{"Config": "c.json", "Layers": ["l.tar"]}]'
    path = tmp_path / "many.tar"
    with path.open("wb") as file:
        for name, data in ((b"l.tar", body), (b"c.json", config), (b"manifest.json", manifest)):
            file.write(tar_header(name, len(data)) + data + bytes(-len(data) % len(entry)))
        file.write(bytes(1024))
    code = (
        "import sys; from slimdesk.cli import main; main(['analyze', sys.argv[1], '--fast', '--json']);"
        # Not ru_maxrss: that one knows the process, this one, that it was forked from.
        "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["layers"][0]["entries"] == 100_000
    # In kB; 43 MB where this was written.
    memory = int(done.stderr.split()[-1]) * 1024
    assert memory < 120_000_000


def tar_header(name: bytes, size: int = 0) -> bytes:
    block = name.ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + b"%011o\0" % size + b"14000000000\0"
    block = (block + b" " * 8 + b"0" + bytes(100) + b"ustar\x0000").ljust(512, b"\0")
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def shop(folder: Path, manifest: str = "heavy==1.0\n") -> Path:
    """A project that asks for a heavy package."""
    root = folder / "shop"
    root.mkdir()
    (root / "requirements.txt").write_text(manifest)
    (root / "main.py").write_text("import heavy\n")
    return root


@pytest.fixture
def python_image(tmp_path: Path) -> Path:
    site = "usr/lib/python3/site-packages"
    members = [
        (f"{site}/heavy/__init__.py", 25_000_000),
        (f"{site}/heavy-1.0.dist-info/METADATA", b"Metadata-Version: 2.1\nName: heavy\nVersion: 1.0\n"),
        (f"{site}/heavy-1.0.dist-info/RECORD", b"heavy/__init__.py,,\nheavy-1.0.dist-info/METADATA,,\n"),
    ]
    path = tmp_path / "shop.tar"
    path.write_bytes(old_save([Picture([layer(members)], config={"User": "1"})]))
    return path


def test_a_project_names_the_line_that_brought_what_is_heavy(
    python_image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, without, _ = answer(capsys, str(python_image))
    assert not [one for one in without["findings"] if one["rule"] == "heavy-dependency"]
    status, found, _ = answer(capsys, str(python_image), "--project", str(shop(tmp_path)))
    assert status == 0
    (heavy,) = (one for one in found["findings"] if one["rule"] == "heavy-dependency")
    assert "asked for in requirements.txt:1" in heavy["message"]
    assert heavy["bytes"] > 25_000_000


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--project", "shop", "--fast"), "needs the packages"),
        (("--component", "web"), "--project DIR"),
        (("--project", "shop", "--component", "moon"), "moon"),
        (("--project", "nowhere"), "nowhere"),
    ],
)
def test_a_project_that_cannot_be_used_is_a_sentence(
    python_image: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    words: tuple[str, ...],
    why: str,
) -> None:
    shop(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["analyze", str(python_image), *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert why in err


def test_an_image_of_another_project_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "other.tar"
    config = {"Labels": {"io.slimdesk.project": "0" * 16}}
    path.write_bytes(old_save([Picture(LAYERS, history=HISTORY, config=config)]))
    assert main(["analyze", str(path), "--project", str(shop(tmp_path))]) == 2
    assert "built from another project" in capsys.readouterr().err
