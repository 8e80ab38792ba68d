import os
from pathlib import Path

import pytest

from slimdesk.basics.errors import OutputError
from slimdesk.basics.files import keep_original, write_whole


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "deep" / "Dockerfile"
    write_whole(path, "one")
    write_whole(path, "two")
    assert path.read_text() == "two"
    assert [entry.name for entry in path.parent.iterdir()] == ["Dockerfile"]


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "Dockerfile"
    write_whole(path, "old")

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left on device") as caught:
        write_whole(path, "new")
    assert "free some space" in str(caught.value)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_is_as_readable_as_any_other(tmp_path):
    path = tmp_path / "new"
    write_whole(path, "x")
    plain = tmp_path / "plain"
    plain.write_text("x")
    assert path.stat().st_mode == plain.stat().st_mode


def test_an_executable_file_stays_so(tmp_path):
    path = tmp_path / "script"
    path.write_text("x")
    path.chmod(0o755)
    write_whole(path, "y")
    assert path.stat().st_mode & 0o777 == 0o755


def test_originals_are_never_lost(tmp_path):
    path = tmp_path / "Dockerfile"
    assert keep_original(path) is None
    for text in ("one", "two"):
        path.write_text(text)
        keep_original(path)
    assert (tmp_path / "Dockerfile.orig").read_text() == "one"
    assert (tmp_path / "Dockerfile.orig.1").read_text() == "two"


def test_a_folder_that_is_a_file_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="was not written"):
        write_whole(Path(tmp_path / "file" / "Dockerfile"), "x")
