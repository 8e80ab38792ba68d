"""Files and folders out of an image: whole or not at all, nothing outside, said what was left out."""

import asyncio
import io
import stat
import tarfile

import pytest
from unit.image.images import Picture, layer, member, old_save

from slimdesk.basics.errors import BadInput, OutputError
from slimdesk.basics.job import Silent
from slimdesk.image.inside import file_at, place_of
from slimdesk.image.read import Wanted, read_path
from slimdesk.operations import save_files
from slimdesk.operations.image_bodies import Holder, bare
from slimdesk.operations.save_files import free_name, save_file, save_folder

CONTENT = [
    ("app/", 0o755),
    ("app/bin/", 0o755),
    member("app/bin/tool", b"#!tool", mode=0o4755),
    ("app/bin/same", "=app/bin/tool"),
    ("app/data.txt", b"data"),
    ("app/link", "->data.txt"),
    ("app/bin/up", "->../data.txt"),
    ("app/absolute", "->/app/bin/tool"),
    ("app/out", "->../etc/passwd"),
    ("app/far", "->/etc/passwd"),
    ("app/sly", "->here/../../etc"),
    ("app/here", "->."),
    ("app/deep/er/file", b"deep"),
    ("app/pipe", "fifo"),
    ("app/device", "char"),
    ("app/lost", "=nowhere"),
    ("etc/passwd", b"root"),
]
REMOVED = [("app/.wh.data.txt", b""), ("app/new", b"new")]


@pytest.fixture
def image(tmp_path):
    path = tmp_path / "image.tar"
    path.write_bytes(old_save([Picture([layer(CONTENT)], compression="gzip")]))
    return read_path(path, Wanted(fast=True))


@pytest.fixture(autouse=True)
def in_place(monkeypatch):
    """What a worker would do is done here: its start is tested elsewhere."""

    async def here(what, work, *arguments, reporter=None):
        return work(lambda *_: None, *arguments)

    monkeypatch.setattr(save_files, "in_worker", here)


def leftovers(folder):
    return [one.name for one in folder.iterdir() if one.name.startswith(".slimdesk")]


async def test_a_file_is_saved_without_its_set_uid_bit(image, tmp_path):
    target = tmp_path / "tool"
    saved = await save_file(image, "/app/bin/tool", target)
    assert (saved.files, saved.bytes, target.read_bytes()) == (1, 6, b"#!tool")
    assert stat.S_IMODE(target.stat().st_mode) == 0o755
    assert leftovers(tmp_path) == []


async def test_a_folder_is_saved_with_links_that_stay_inside(image, tmp_path):
    target = tmp_path / "out"
    saved = await save_folder(image, "/app", target)
    names = sorted(one.relative_to(target).as_posix() for one in target.rglob("*"))
    assert names == [
        "absolute", "bin", "bin/same", "bin/tool", "bin/up", "data.txt", "deep", "deep/er", "deep/er/file", "here", "link",
    ]  # fmt: skip
    assert (target / "absolute").read_bytes() == b"#!tool"
    assert (target / "bin/up").read_bytes() == b"data"
    assert (target / "bin/same").read_bytes() == b"#!tool"
    assert all(one.resolve().is_relative_to(target.resolve()) for one in target.rglob("*"))
    assert saved.files == 4
    told = " ".join(saved.left_out)
    for name in ("out", "far", "sly", "pipe", "device", "lost"):
        assert f"{name} was left out" in told
    assert leftovers(tmp_path) == []


async def test_a_folder_as_tar_keeps_links_as_they_are(image, tmp_path):
    target = tmp_path / "app.tar"
    saved = await save_folder(image, "/app", target, as_tar=True)
    with tarfile.open(target) as tar:
        kinds = {one.name: one for one in tar}
        assert tar.extractfile("data.txt").read() == b"data"
    assert kinds["out"].linkname == "../etc/passwd"
    assert kinds["bin/tool"].islnk()
    assert kinds["bin/same"].size == 6
    assert kinds["bin/tool"].mode == 0o755
    assert "pipe" not in kinds
    assert saved.files == 3


async def test_only_what_is_visible_is_saved(tmp_path):
    path = tmp_path / "image.tar"
    path.write_bytes(old_save([Picture([layer(CONTENT), layer(REMOVED)])]))
    image = read_path(path, Wanted(fast=True))
    target = tmp_path / "out"
    await save_folder(image, "/app", target)
    assert not (target / "data.txt").exists()
    assert (target / "new").read_bytes() == b"new"
    old = tmp_path / "old"
    await save_file(image, "/app/data.txt", old, layer=0)
    assert old.read_bytes() == b"data"


async def test_the_whole_image_can_be_saved(image, tmp_path):
    target = tmp_path / "all"
    await save_folder(image, "/", target)
    assert (target / "etc/passwd").read_bytes() == b"root"
    assert (target / "app/far").resolve() == (target / "etc/passwd").resolve()


async def test_a_folder_that_is_there_is_never_touched(image, tmp_path):
    target = tmp_path / "out"
    target.mkdir()
    (target / "mine").write_text("mine")
    with pytest.raises(OutputError, match="there already"):
        await save_folder(image, "/app", target)
    assert (target / "mine").read_text() == "mine"
    assert free_name(target) == tmp_path / "out-2"


async def test_what_is_not_there_is_said(image, tmp_path):
    with pytest.raises(BadInput, match="no folder"):
        await save_folder(image, "/app/data.txt", tmp_path / "out")
    with pytest.raises(BadInput, match="no file"):
        await save_file(image, "/app/nothing", tmp_path / "out")
    with pytest.raises(OutputError, match="out was not written"):
        await save_file(image, "/app/data.txt", tmp_path / "missing" / "out")
    assert not (tmp_path / "out").exists()


async def test_a_full_disk_is_a_sentence_and_leaves_nothing(image, tmp_path, monkeypatch):
    class Full(io.BytesIO):
        def write(self, _data):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(save_files, "_file", lambda _path, _target: Full())
    for saving in (
        save_file(image, "/app/data.txt", tmp_path / "a"),
        save_folder(image, "/app", tmp_path / "b"),
    ):
        with pytest.raises(OutputError, match="disk is full"):
            await saving
    assert sorted(one.name for one in tmp_path.iterdir()) == ["image.tar"]


async def test_a_target_without_room_is_refused_before_anything_is_written(image, tmp_path, monkeypatch):
    class Usage:
        free = 1

    monkeypatch.setattr(save_files.shutil, "disk_usage", lambda _folder: Usage)
    with pytest.raises(OutputError, match="Free some space"):
        await save_folder(image, "/app", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_worker_needs_nothing_of_the_tree(image):
    place = place_of(image.table, file_at(image.table, "/app/data.txt"))
    thin = bare(image)
    assert len(thin.table) == 1
    from slimdesk.operations.image_bodies import read_bodies

    held = Holder(path=__import__("pathlib").Path(image.location))
    found = read_bodies(
        held, thin, {place: "/app/data.txt"}, lambda _k, _h, pieces: b"".join(pieces), lambda *_: None
    )
    assert found == {place: b"data"}


async def test_a_real_worker_saves_and_is_ended_when_cancelled(image, tmp_path, monkeypatch):
    monkeypatch.undo()
    saved = await save_file(image, "/app/data.txt", tmp_path / "data", reporter=Silent())
    assert saved.target.read_bytes() == b"data"
    task = asyncio.ensure_future(save_folder(image, "/app", tmp_path / "out"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert leftovers(tmp_path) == []
    assert not (tmp_path / "out").exists()
