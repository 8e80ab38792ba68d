"""`slimdesk report`: images, archives and matrices; formats by name and by ending; what cannot be written or made."""

import errno
import json
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest
from unit.cli.contract import SAMPLE_ARCHIVE, ask
from unit.report.report_samples import matrix, save
from unit.scan.scan_files import WRITES, stand_in
from unit.scan.test_scan_operation import ANSWER

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


def test_a_folder_of_several_components_is_all_of_them_unless_one_is_named(project, capfd):
    keep_matrix(matrix(project=str(project), component="web+api"))
    answer = ask(capfd, "report", project, "--json")
    assert answer.json["images"] == []
    assert [one["component"] for one in answer.json["components"]] == ["shop", "web+api"]
    assert answer.json["title"] == "shop: 2 components"
    one = ask(capfd, "report", project, "--component", "web+api", "--json").json
    assert (one["component"], len(one["images"]), one["components"]) == ("web+api", 4, [])
    assert ask(capfd, "report", project, "--format", "cyclonedx").status == 2


def test_the_parts_of_one_image_are_in_its_report(tmp_path, capfd):
    folder = tmp_path / "pier"
    shutil.copytree(Path(__file__).parents[2] / "data" / "services" / "react-spring", folder)
    (joined,) = ask(capfd, "detect", folder, "--json").json["joined"]
    keep_matrix(matrix(project=str(folder), component=joined["name"]))
    notes = ask(capfd, "report", folder, "--json").json["notes"]
    assert not [note for note in notes if "is not in this report" in note]


def test_components_that_were_not_built_are_named(project, capfd):
    for name in ("api", "batch"):
        (project / name).mkdir()
        (project / name / "go.mod").write_text(f"module example.com/{name}\n\ngo 1.25\n")
        (project / name / "main.go").write_text("package main\n\nfunc main() {}\n")
    keep_matrix(matrix(project=str(project), component="api"))
    notes = ask(capfd, "report", project, "--json").json["notes"]
    assert "batch is not in this report: its variants were not built together yet." in notes
    assert not [note for note in notes if note.startswith("api ")]
    one = ask(capfd, "report", project, "--component", "./api", "--json").json
    assert one["component"] == "api"


def test_worth_with_the_callers_numbers(two, project, capfd):
    answer = ask(capfd, "report", *two, "--nodes", "7", "--bandwidth", "8Mbit", "--json")
    made = answer.json["worth"]
    assert made["assumptions"] == {"bandwidth": 8e6, "nodes": 7, "versions": 30}
    assert made["images"][0]["sent_new"] == 7 * answer.json["images"][0]["sizes"]["download"]
    text = ask(capfd, "report", project, "--worth", "--format", "md").out
    assert "nodes × download × 8 ÷ bandwidth" in text
    assert ask(capfd, "report", *two, "--json").json["worth"] is None


@pytest.fixture
def scanner(tmp_path, monkeypatch):
    """A stand-in for trivy that counts its calls, in the only folder where scanners are looked for."""
    monkeypatch.setenv("SLIMDESK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("slimdesk.basics.programs.install_places", lambda _environment: ())
    text = json.dumps(ANSWER)
    calls = tmp_path / "calls"
    begin = f'PATH=/usr/bin:/bin\necho "$*" >> {calls}\n{WRITES}'
    stand_in(tmp_path / "bin", "trivy", f"{begin}\ncat > \"$answer\" <<'END'\n{text}\nEND")
    return lambda: (
        sum(1 for line in calls.read_text().splitlines() if "image" in line) if calls.exists() else 0
    )


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script")
def test_a_scan_is_run_once_for_the_same_layers(two, scanner, tmp_path, capfd):
    assert ask(capfd, "report", *two, "--json").json["images"][0]["scan"] is None
    assert scanner() == 0
    made = ask(capfd, "report", *two, "--json", "--scan").json
    assert [one["scan"]["total"] for one in made["images"]] == [2, 2]
    assert scanner() == 2
    copy = tmp_path / "copy.tar"
    copy.write_bytes(Path(two[0]).read_bytes())
    again = ask(capfd, "report", copy, "--json", "--scan=trivy").json["images"][0]["scan"]
    assert (again["made"], again["total"]) == (made["images"][0]["scan"]["made"], 2)
    assert scanner() == 2
    assert ask(capfd, "scan", two[0], "--json").json["made"] >= again["made"]
    assert scanner() == 3
    refused = ask(capfd, "report", copy, "--json", "--scan=grype").json["images"][0]["scan"]
    assert (refused["scanned"], refused["reason"]) == (False, "grype was not found")


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script")
def test_what_has_no_layers_to_look_through_is_not_scanned(two, scanner, tmp_path, capfd):
    earlier = tmp_path / "earlier.json"
    earlier.write_text(json.dumps(ask(capfd, "analyze", two[0], "--json").json))
    made = ask(capfd, "report", earlier, "--json", "--scan").json["images"][0]["scan"]
    assert made["reason"] == "an analysis of earlier has no layers to look through"
    assert made["counts"] is None
    assert scanner() == 0


def test_images_of_a_project_that_no_engine_has_are_not_scanned(project, monkeypatch, capfd):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    found = ask(capfd, "report", project, "--json", "--scan").json["images"]
    assert [one["scan"] and one["scan"]["scanned"] for one in found] == [False, False, None, False]
    assert "docker.sock" in found[0]["scan"]["reason"]


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
        (["--scan", "{a}"], "is no scanner"),
        (["{a}", "--format", "md", "--scan=clair"], "is no scanner"),
        (["{a}", "--format", "md", "--network"], "--network is for the scanner"),
        (["{a}", "--format", "md", "--sections", "worth"], "Add --worth"),
        (["{a}", "--format", "md", "--sections", "vulnerabilities,summary"], "Add --scan"),
        (["{a}", "--format", "md", "--bandwidth", "fast"], "is no bandwidth"),
        (["{a}", "--format", "md", "--nodes", "0"], "nodes must be from 1"),
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
