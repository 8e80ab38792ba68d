"""The build context as a tree: what is sent, what .dockerignore leaves out, in bytes and files."""

import os
import sys
import time

import pytest

from slimdesk.basics.errors import BadInput
from slimdesk.dockerfile.ignore import Ignore
from slimdesk.engine.context import entries
from slimdesk.image.treemap import layout
from slimdesk.operations import context_size as subject
from slimdesk.operations.context_size import LEFT_OUT, SENT, context_files, context_of, context_size
from slimdesk.operations.detect import open_project


def write(folder, sizes):
    for name, size in sizes.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)


def of(files, path):
    node = files.table.find(path)
    return files.table.live[node], files.table.layer[node]


def test_what_is_sent_and_what_is_not(tmp_path):
    write(tmp_path, {"a/b.txt": 10, "a/keep.txt": 5, "node_modules/x/y.js": 100, "z": 1})
    files = context_of(tmp_path, "**/node_modules\na\n!a/keep.txt\n")
    assert (files.size.sent, files.size.left_out, files.size.files, files.size.whole) == (6, 110, 2, True)
    assert of(files, "/node_modules") == (100, LEFT_OUT)
    assert of(files, "/node_modules/x/y.js") == (100, LEFT_OUT)
    assert of(files, "/a") == (15, SENT)
    assert of(files, "/a/b.txt") == (10, LEFT_OUT)
    assert of(files, "/a/keep.txt") == (5, SENT)
    assert len(layout(files.table, 400, 300)) > 3


def test_it_is_what_the_engine_is_sent(tmp_path):
    write(
        tmp_path,
        {f"d{a}/e{b}/f{c}.txt": a + b * 10 + c for a in range(4) for b in range(4) for c in range(3)},
    )
    (tmp_path / "link").symlink_to("d0")
    text = "d1\n!d1/e2\nd2/*\n**/f1.txt\n"
    files = context_of(tmp_path, text)
    sent = [one for one in entries(tmp_path, Ignore.parse(text)) if one.kind == "file"]
    links = len(os.fsencode((tmp_path / "link").readlink()))
    assert files.size.sent == sum(one.size for one in sent) + links
    assert files.size.files == len(sent) + 1


def test_a_folder_nobody_may_read_a_loop_and_odd_names_end_no_count(tmp_path):
    write(tmp_path, {"a": 1, "closed/b": 1})
    (tmp_path / "loop").symlink_to(".")
    (tmp_path / os.fsdecode(b"\xff\n")).write_bytes(b"xx")
    (tmp_path / "closed").chmod(0)
    try:
        files = context_of(tmp_path, "")
    finally:
        (tmp_path / "closed").chmod(0o755)
    assert files.size.sent >= 3


@pytest.mark.skipif(sys.platform == "win32", reason="Windows bounds the length of a path")
def test_a_deep_folder_is_no_recursion(tmp_path):
    place = tmp_path
    for _ in range(400):
        place /= "d"
    place.mkdir(parents=True)
    (place / "f").write_bytes(b"xxx")
    assert context_of(tmp_path, "").size.sent == 3


def test_counting_ends_at_a_bound_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(subject, "MAX_FILES", 20)
    write(tmp_path, {f"f{number}": 1 for number in range(50)})
    assert not context_of(tmp_path, "").size.whole


def test_many_files_take_little_time(tmp_path):
    for folder in range(40):
        (tmp_path / f"d{folder}").mkdir()
        for number in range(250):
            (tmp_path / f"d{folder}" / f"f{number}").touch()
    began = time.process_time()
    files = context_of(tmp_path, "**/node_modules\n*.log\nd3*/f1*\n")
    assert files.size.files < 10_000
    assert len(files.table) == 10_041
    # 0.1 s where nothing else runs.
    assert time.process_time() - began < 2


async def test_it_is_read_in_a_process_of_its_own(tmp_path):
    (tmp_path / "go.mod").write_text("module a\n\ngo 1.26\n")
    (tmp_path / "main.go").write_text("package main\n\nfunc main() {}\n")
    project = open_project(tmp_path)
    files = await context_files(project, project.components[0])
    assert files.size == context_size(project, project.components[0])
    assert files.table.find("/main.go") is not None
    (tmp_path / ".dockerignore").write_text("[\n")
    with pytest.raises(BadInput):
        await context_files(project, project.components[0])
