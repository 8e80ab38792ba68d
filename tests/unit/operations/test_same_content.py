"""Files that hold the same under several paths."""

import json

import pytest
from unit.image.images import Picture, layer, old_save

from slimdesk.basics.errors import ArchiveError
from slimdesk.cli import main
from slimdesk.image.read import Wanted, read_path
from slimdesk.operations import duplicates
from slimdesk.operations.duplicates import same_content

ONE = layer(
    [
        ("a/lib.so", b"same" * 1000),
        ("b/lib.so", b"same" * 1000),
        ("b/hard", "=b/lib.so"),
        ("b/soft", "->lib.so"),
        ("c/other", b"else" * 1000),
        ("d/hidden", b"same" * 1000),
        ("e/empty", b""),
        ("f/empty", b""),
        ("g/alone", b"x" * 77),
    ]
)
TWO = layer([("d/.wh.hidden", b""), ("h/lib.so", b"same" * 1000), ("i/1", b"12"), ("i/2", b"12")])


@pytest.fixture(params=[None, "gzip"])
def path(request, tmp_path):
    file = tmp_path / "image.tar"
    file.write_bytes(old_save([Picture([ONE, TWO], compression=request.param)]))
    return file


async def test_groups_are_told_with_the_bytes_that_they_waste(path):
    found = await same_content(read_path(path, Wanted(fast=True)))
    assert [(one.size, one.paths, one.wasted) for one in found] == [
        (4000, ("/a/lib.so", "/b/lib.so", "/h/lib.so"), 8000),
        (2, ("/i/1", "/i/2"), 2),
    ]


async def test_nothing_is_read_where_no_two_sizes_are_equal(tmp_path, monkeypatch):
    file = tmp_path / "image.tar"
    file.write_bytes(old_save([Picture([layer([("a", b"1"), ("b", b"22")])])]))
    monkeypatch.delattr(duplicates, "in_worker")
    assert await same_content(read_path(file, Wanted(fast=True))) == ()


async def test_an_archive_that_is_gone_is_an_error(path):
    image = read_path(path, Wanted(fast=True))
    path.unlink()
    with pytest.raises(ArchiveError, match="cannot be read"):
        await same_content(image)


def test_the_command_line_tells_it(path, capsys):
    assert main(["analyze", str(path), "--fast", "--same-content", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["same_content"][0] == {
        "size": 4000, "paths": ["/a/lib.so", "/b/lib.so", "/h/lib.so"], "wasted": 8000,
    }  # fmt: skip
    assert main(["analyze", str(path), "--fast", "--same-content"]) == 0
    out = capsys.readouterr().out
    assert "2 groups of files hold the same; one copy of each would save 8.00 kB" in out
    assert "3 of 4.00 kB: /a/lib.so, /b/lib.so, /h/lib.so" in out
    assert main(["analyze", str(path), "--fast", "--json"]) == 0
    assert "same_content" not in json.loads(capsys.readouterr().out)
