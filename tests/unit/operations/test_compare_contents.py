"""Contents settle what times and names leave open: read from an archive, in a worker, for both sides."""

import pytest
from unit.cli.contract import ask
from unit.image.images import Picture, layer, member, old_save, program, write_folder

from slimdesk.basics.errors import BadInput
from slimdesk.basics.job import Silent
from slimdesk.image.compare import Pair
from slimdesk.image.difference_model import Change
from slimdesk.image.earlier import read_earlier
from slimdesk.image.read import read_path
from slimdesk.operations.compare import side_of
from slimdesk.operations.compare_contents import with_contents

ONE = [
    member("same", b"aaaa", mtime=1), member("other", b"bbbb", mtime=1), program("opt/old-name", b"tool" * 99),
    member("a/LICENSE", b"MIT", mtime=1), member("b/LICENSE", b"BSD", mtime=1),
]  # fmt: skip
TWO = [
    member("same", b"aaaa", mtime=2), member("other", b"cccc", mtime=2), program("usr/new-name", b"tool" * 99),
    member("c/LICENSE", b"BSD", mtime=2),
]  # fmt: skip


@pytest.fixture
def save(tmp_path):
    def saved(name, *layers, **picture):
        path = tmp_path / name
        path.write_bytes(old_save([Picture([layer(one) for one in layers], **picture)]))
        return path

    return saved


def paths(pair, change):
    return [pair.files.path(row) for row in pair.files.rows(change)]


async def test_contents_tell_what_changed_and_what_moved(save):
    pair = Pair(
        side_of(read_path(save("a.tar", ONE))), side_of(read_path(save("b.tar", TWO, compression="gzip")))
    )
    assert sorted(paths(pair, Change.MAYBE)) == ["/other", "/same"]
    found = await with_contents(pair, None, Silent())
    assert found.files.proven
    assert paths(found, Change.CHANGED) == ["/other"]
    assert sorted(paths(found, Change.MOVED)) == ["/c/LICENSE", "/usr/new-name"]
    moved = {
        found.files.path(row): found.files.path(int(found.files.partner[row]))
        for row in found.files.rows(Change.MOVED)
    }
    assert moved == {"/c/LICENSE": "/b/LICENSE", "/usr/new-name": "/opt/old-name"}
    assert paths(found, Change.REMOVED) == ["/a/LICENSE"]


async def test_of_copies_in_several_layers_the_visible_one_counts(save):
    before = save("a.tar", [member("x", b"old!", mtime=1)], [member("x", b"new!", mtime=1)])
    after = save("b.tar", [member("x", b"new!", mtime=2)])
    found = await with_contents(Pair(side_of(read_path(before)), side_of(read_path(after))), None, Silent())
    assert found.files.identical


async def test_an_analysis_of_earlier_has_no_contents(save, tmp_path, capfd):
    path = save("a.tar", ONE)
    kept = tmp_path / "a.json"
    kept.write_text(ask(capfd, "analyze", path, "--json", "--files").out)
    with pytest.raises(BadInput, match="holds none"):
        await with_contents(Pair(read_earlier(kept), side_of(read_path(path))), None, Silent())


def test_the_command_line_reads_them_when_asked(save, capfd):
    one, two = save("a.tar", ONE), save("b.tar", TWO)
    (plain,) = ask(capfd, "compare", one, two, "--json").json["differences"]
    (read,) = ask(capfd, "compare", one, two, "--contents", "--json").json["differences"]
    assert len(plain["not_compared"]) == 2
    assert read["not_compared"] == []
    assert all(row["proven"] for row in read["moved"])
    assert [row["path"] for row in read["changed"]] == ["/other"]


def test_a_layout_in_a_folder_is_read_as_well(tmp_path, capfd, save):
    from unit.image.images import oci_files

    folder = write_folder(tmp_path / "layout", oci_files([Picture([layer(TWO)])]))
    answer = ask(capfd, "compare", save("a.tar", ONE), folder, "--contents", "--json")
    assert [row["path"] for row in answer.json["differences"][0]["changed"]] == ["/other"]
