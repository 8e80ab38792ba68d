"""`slimdesk report`: images, archives and matrices; formats by name and by ending; what cannot be written or made."""

import errno
import json
import os
import signal
import sys
from pathlib import Path

import pytest
from unit.cli.contract import SAMPLE_ARCHIVE, ask
from unit.report.report_samples import matrix, save

from slimdesk.basics.errors import OutputError
from slimdesk.basics.job import Silent
from slimdesk.image.read import Wanted
from slimdesk.operations.matrix import keep_matrix
from slimdesk.operations.report import report_of_images, write_report


@pytest.fixture
def two(tmp_path):
    return save(tmp_path / "a.tar", ("x", 500)), save(tmp_path / "b.tar", ("x", 50), tag="app:2")


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("SLIMDESK_HOME", str(tmp_path / "home"))
    folder = tmp_path / "shop"
    folder.mkdir()
    keep_matrix(matrix(project=str(folder)))
    return folder


def test_the_first_of_several_is_the_reference(two, capfd):
    answer = ask(capfd, "report", *two, "--json")
    assert answer.status == 0
    assert [(one["name"], one["reference"]) for one in answer.json["images"]] == [
        ("app:1", True),
        ("app:2", False),
    ]
    assert answer.json["images"][1]["reduction"] == {"ratio": 0.9, "factor": 10.0}
    assert answer.json["kind"] == "comparison"


@pytest.mark.parametrize(
    ("name", "begin"),
    [
        ("r.html", b"\n<!DOCTYPE html>"),
        ("r.pdf", b"%PDF"),
        ("r.md", b"## "),
        ("r.csv", b"image,"),
        ("r.sarif", b"{"),
        ("r.cdx.json", b"{"),
        ("r.json", b"{"),
    ],
)
def test_the_ending_tells_the_format(tmp_path, capfd, name, begin):
    target = tmp_path / "deep" / name
    answer = ask(capfd, "report", SAMPLE_ARCHIVE, "--output", target)
    assert answer.status == 0
    assert answer.out == ""
    assert str(target) in answer.err
    assert target.read_bytes().startswith(begin.lstrip())
    if name == "r.cdx.json":
        assert json.loads(target.read_text())["bomFormat"] == "CycloneDX"


def test_json_beside_a_file_says_what_was_written(tmp_path, capfd):
    target = tmp_path / "r.html"
    answer = ask(capfd, "report", SAMPLE_ARCHIVE, "--output", target, "--json")
    assert answer.json["written"] == {"path": str(target), "format": "html", "bytes": target.stat().st_size}


def test_markdown_goes_to_standard_output(two, capfd):
    answer = ask(capfd, "report", *two, "--format", "md", "--sections", "summary", "--title", "Weekly")
    assert answer.out.startswith("## `Weekly`")
    assert "10.0× smaller than `app:1`" in answer.out
    assert "Layers" not in answer.out


def test_a_folder_is_its_newest_matrix(project, capfd):
    answer = ask(capfd, "report", project, "--json")
    assert answer.json["kind"] == "project"
    assert answer.json["images"][0]["name"] == "baseline"
    assert answer.json["images"][3]["older"] == ["Dockerfile"]
    assert ask(capfd, "report", project, "--component", "other", "--json").status == 2


def test_a_folder_without_a_matrix_says_how_to_get_one(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("SLIMDESK_HOME", str(tmp_path / "home"))
    answer = ask(capfd, "report", tmp_path, "--format", "md")
    assert answer.status == 2
    assert "slimdesk matrix" in answer.err
    assert answer.out == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["{a}", "--output", "x.docx"], "The format is not known"),
        (["{a}"], "The format is not known"),
        (["{a}", "{b}", "--format", "cyclonedx"], "of one image"),
        (["{a}", "--format", "md", "--json"], "two answers"),
        (["{a}", "--format", "md", "--sections", "nothing"], "names no sections"),
        (["{a}", "--format", "md", "--component", "x"], "--component"),
        (["{a}", "--format", "docx"], "docx"),
        (["nothing.tar", "--format", "md"], "nothing.tar"),
        (["{a}", "{a}", "{a}", "{a}", "{a}", "{a}", "{b}", "--format", "md"], "1 to 6"),
    ],
)
def test_bad_calls_are_one_sentence(two, tmp_path, monkeypatch, capfd, words, said):
    monkeypatch.chdir(tmp_path)
    answer = ask(capfd, "report", *(word.format(a=two[0], b=two[1]) for word in words))
    assert answer.status == 2
    assert said in answer.err
    assert answer.out == ""
    assert not list(tmp_path.glob("x.docx"))


def test_a_full_disk_leaves_the_old_report(two, tmp_path, monkeypatch, capfd):
    target = tmp_path / "out" / "r.html"
    target.parent.mkdir()
    target.write_text("old")

    def full(_file):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    answer = ask(capfd, "report", *two, "--output", target)
    assert answer.status == 2
    assert "No space left" in answer.err
    assert [path.name for path in target.parent.iterdir()] == ["r.html"]
    assert target.read_text() == "old"


def test_a_place_where_nothing_may_be_written(two, tmp_path, capfd):
    (tmp_path / "file").write_text("")
    answer = ask(capfd, "report", *two, "--output", Path(tmp_path / "file" / "r.html"))
    assert answer.status == 2
    assert "was not written" in answer.err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")
def test_a_file_that_breaks_off_half_way_is_not_left_there(two, tmp_path):
    import resource

    report = report_of_images(list(two), Wanted(), Silent())
    target = tmp_path / "out" / "r.html"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(OutputError, match="was not written"):
            write_report(report, "html", target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert list(target.parent.iterdir()) == []
    assert write_report(report, "html", target) == target.stat().st_size
