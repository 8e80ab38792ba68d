"""Trees from a list: the program that makes it, what it says of links and modes, and lists that lie."""

from __future__ import annotations

import os
import platform
import stat
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slimdesk.basics.errors import ArchiveError
from slimdesk.basics.resources import resource
from slimdesk.image.listed import MAGIC, RECORD, listed_tree
from slimdesk.image.table import Kind

END = RECORD.pack(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


def record(
    path: bytes,
    mode: int = stat.S_IFREG | 0o644,
    size: int = 0,
    *,
    links: int = 1,
    inode: int = 1,
    target: bytes = b"",
) -> bytes:
    return RECORD.pack(mode, 0, 0, links, 1, inode, size, 7, len(path), len(target)) + path + target


def listed(folder: Path, into: Path) -> bytes:
    """What the program says of a folder."""
    if platform.system() != "Linux" or platform.machine() not in ("x86_64", "aarch64"):
        pytest.skip("the program runs on Linux, amd64 and arm64")
    name = "linux-amd64" if platform.machine() == "x86_64" else "linux-arm64"
    program = into / "list"
    program.write_bytes(resource(f"listing/{name}").read_bytes())
    program.chmod(0o755)
    subprocess.run([program, folder, into / "entries"], check=True)
    return (into / "entries").read_bytes()


def test_the_program_lists_a_folder_as_it_is(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "a" / "deep" / "er").mkdir(parents=True)
    (root / "a" / "file").write_bytes(b"x" * 1234)
    (root / "a" / "linked").hardlink_to(root / "a" / "file")
    (root / "ümläut with blanks\nand a line").write_bytes(b"yy")
    (root / "link").symlink_to("a/file")
    (root / "a" / "file").chmod(0o4755)
    os.mkfifo(root / "pipe")
    table = listed_tree(listed(root, tmp_path))
    found = {
        table.path(node): (table.kind[node], table.size[node])
        for node in range(1, len(table))
        if table.kind[node] != Kind.HARD_LINK and table.path(node) not in ("/a/file", "/a/linked")
    }
    assert found == {
        "/a": (Kind.FOLDER, 0),
        "/a/deep": (Kind.FOLDER, 0),
        "/a/deep/er": (Kind.FOLDER, 0),
        "/link": (Kind.SYMLINK, 0),
        "/pipe": (Kind.FIFO, 0),
        "/ümläut with blanks\nand a line": (Kind.FILE, 2),
    }
    both = [table.find("/a/file"), table.find("/a/linked")]
    assert sorted(table.kind[node] for node in both if node) == [Kind.FILE, Kind.HARD_LINK]
    assert {table.body(node) for node in both if node} == {min(both, key=lambda node: table.kind[node or 0])}
    assert {table.mode(node) for node in both if node} == {0o4755}
    assert table.link(table.find("/link") or 0) == "a/file"
    assert (table.live_bytes(), table.shadowed_bytes()) == (1236, 0)
    assert set(table.layer) == set(table.hidden_by) == {-1}


def test_the_program_lists_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    table = listed_tree(listed(tmp_path / "root", tmp_path))
    assert len(table) == 1
    assert table.live_bytes() == 0


def test_the_program_lists_many_files_beyond_its_buffer(tmp_path: Path) -> None:
    root = tmp_path / "root"
    for number in range(2000):
        folder = root / f"folder-{number % 20}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"a-rather-long-name-for-a-file-{number}").touch()
    table = listed_tree(listed(root, tmp_path))
    assert table.files[0] == 2000


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "something else"),
        (b"SDLIST2\n" + END, "something else"),
        (MAGIC, "cut off"),
        (MAGIC + record(b"a"), "cut off"),
        (MAGIC + record(b"a")[:-1], "cut off"),
        (MAGIC + record(b"") + END, "cut off"),
        (
            MAGIC + record(b"a") + RECORD.pack(0, 0, 0, 0, 0, 0, 3, 0, 0, 0),
            "3 of its entries could not be read",
        ),
    ],
)
def test_a_list_that_is_none(text: bytes, why: str) -> None:
    with pytest.raises(ArchiveError, match=why):
        listed_tree(text, "app:1")


def test_sizes_that_lie_do_no_harm() -> None:
    text = MAGIC + record(b"a", size=(1 << 63) - 1) + record(b"b", size=5, inode=2) + END
    with pytest.raises(ArchiveError, match="impossible sizes"):
        listed_tree(text)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.binary(min_size=1, max_size=12),
            st.integers(0, 0xFFFF),
            st.integers(0, 1 << 40),
            st.integers(1, 3),
        )
    )
)
def test_whatever_it_lists_is_a_tree_or_an_error(rows: list[tuple[bytes, int, int, int]]) -> None:
    text = MAGIC
    for path, mode, size, inode in rows:
        text += record(path, mode, size, links=inode, inode=inode)
    try:
        table = listed_tree(text + END)
    except (ArchiveError, struct.error):
        return
    assert table.live_bytes() >= 0
    assert table.end[0] == len(table)
