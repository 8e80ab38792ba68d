"""The bodies of chosen files, from every form of archive; which copy of a path is meant."""

import gzip
import io

import pytest
from unit.image.images import Picture, archive, layer, member, oci_files, old_save, write_folder

from slimdesk.basics.errors import ArchiveError, BadInput
from slimdesk.image.inside import catch, catch_stream, file_at, place_of, versions
from slimdesk.image.read import Wanted, read_path, read_stream

LOW = layer(
    [
        ("etc/", 0o755),
        ("etc/app.conf", b"old\n"),
        ("etc/gone", b"gone\n"),
        ("bin/tool", b"\x7fELF..."),
        ("bin/link", "->tool"),
        ("bin/same", "=bin/tool"),
        ("long/" + "n" * 180, b"a long name\n"),
    ]
)
HIGH = layer([("etc/app.conf", b"new, and longer\n"), ("etc/.wh.gone", b""), ("empty", b"")])


def whole(key, header, pieces):
    return b"".join(pieces)


def forms(tmp_path, how):
    picture = Picture([LOW, HIGH], compression=how)
    saved = tmp_path / "saved.tar"
    saved.write_bytes(old_save([picture]))
    packed = tmp_path / "saved.tar.gz"
    packed.write_bytes(gzip.compress(old_save([picture])))
    oci = tmp_path / "oci.tar"
    oci.write_bytes(archive(oci_files([picture])))
    folder = write_folder(tmp_path / "layout", oci_files([picture]))
    return [saved, packed, oci, folder]


@pytest.mark.parametrize("how", [None, "gzip", "zstd"])
def test_bodies_come_from_every_form_of_archive(tmp_path, how):
    for path in forms(tmp_path, how):
        image = read_path(path, Wanted(fast=True))
        table = image.table
        wanted = {
            place_of(table, file_at(table, name)): body
            for name, body in {
                "/etc/app.conf": b"new, and longer\n",
                "/bin/link": b"\x7fELF...",
                "/bin/same": b"\x7fELF...",
                "/long/" + "n" * 180: b"a long name\n",
                "/empty": b"",
            }.items()
        }
        old = place_of(table, file_at(table, "/etc/app.conf", 0))
        assert catch(path, image, [*wanted, old], whole) == {**wanted, old: b"old\n"}


def test_a_stream_of_an_engine_gives_hidden_copies_too(tmp_path):
    data = old_save([Picture([LOW, HIGH])])
    image = read_stream(iter([data]), "app:1", "sha256:" + "0" * 64, Wanted(fast=True))
    place = place_of(image.table, file_at(image.table, "/etc/gone", 0))
    pieces = (data[at : at + 700] for at in range(0, len(data), 700))
    assert catch_stream(pieces, image, [place], whole) == {place: b"gone\n"}


def test_every_copy_of_a_path_is_told_with_what_hides_it(tmp_path):
    path = tmp_path / "image.tar"
    path.write_bytes(old_save([Picture([LOW, HIGH])]))
    table = read_path(path, Wanted(fast=True)).table
    assert [(one.layer, one.size, one.hidden_by) for one in versions(table, "/etc/app.conf")] == [
        (0, 4, 1),
        (1, 16, None),
    ]
    assert [(one.layer, one.hidden_by) for one in versions(table, "/etc/gone")] == [(0, 1)]
    assert table.path(file_at(table, "/etc/gone")) == "/etc/gone"
    assert versions(table, "/nothing") == ()


def test_of_two_entries_of_one_path_the_last_counts(tmp_path):
    path = tmp_path / "image.tar"
    path.write_bytes(old_save([Picture([layer([("a", b"first"), ("b", b"x"), ("a", b"last")])])]))
    image = read_path(path, Wanted(fast=True))
    place = place_of(image.table, file_at(image.table, "/a"))
    assert catch(path, image, [place], whole) == {place: b"last"}


def test_a_taker_may_stop_early_and_the_next_body_is_still_right(tmp_path):
    path = tmp_path / "image.tar"
    path.write_bytes(old_save([Picture([layer([("a", b"a" * 3_000_000), ("b", b"b")])], compression="gzip")]))
    image = read_path(path, Wanted(fast=True))
    places = [place_of(image.table, file_at(image.table, name)) for name in ("/a", "/b")]
    found = catch(path, image, places, lambda key, header, pieces: (header.size, next(pieces)[:1]))
    assert found == {places[0]: (3_000_000, b"a"), places[1]: (1, b"b")}


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/nothing", "no file"),
        ("/etc", "folder"),
        ("/loop", "no file|link"),
        ("/pipe", "pipe"),
        ("/../../etc/passwd", "no file"),
    ],
)
def test_what_is_no_file_is_refused_in_words(tmp_path, path, says):
    file = tmp_path / "image.tar"
    content = layer([("etc/", 0o755), ("loop", "->loop"), ("pipe", "fifo"), ("other", b"")])
    file.write_bytes(old_save([Picture([content])]))
    table = read_path(file, Wanted(fast=True)).table
    with pytest.raises(BadInput, match=says):
        file_at(table, path)


def test_a_hard_link_to_nothing_has_no_bytes(tmp_path):
    file = tmp_path / "image.tar"
    file.write_bytes(old_save([Picture([layer([("b", "=nowhere")])])]))
    table = read_path(file, Wanted(fast=True)).table
    with pytest.raises(BadInput, match="no bytes of its own"):
        place_of(table, file_at(table, "/b"))


def test_another_archive_in_its_place_is_noticed(tmp_path):
    path = tmp_path / "image.tar"
    path.write_bytes(old_save([Picture([LOW, HIGH])]))
    image = read_path(path, Wanted(fast=True))
    place = place_of(image.table, file_at(image.table, "/etc/app.conf"))
    path.write_bytes(old_save([Picture([HIGH, LOW])]))
    with pytest.raises(ArchiveError, match="another image"):
        catch(path, image, [place], whole)
    path.unlink()
    with pytest.raises(ArchiveError, match="cannot be read"):
        catch(path, image, [place], whole)


def test_a_cut_off_archive_is_told_and_nothing_hangs(tmp_path):
    path = tmp_path / "image.tar.gz"
    data = old_save([Picture([layer([("a", bytes(range(256)) * 4000)])])])
    path.write_bytes(gzip.compress(data))
    image = read_path(path, Wanted(fast=True))
    place = place_of(image.table, file_at(image.table, "/a"))
    path.write_bytes(gzip.compress(data)[:400])
    with pytest.raises(ArchiveError, match="cut off"):
        catch(path, image, [place], whole)


def test_a_sparse_file_is_refused_and_its_neighbours_are_read(tmp_path):
    block = bytearray(member("hole", b"")[0].tobuf())
    block[156:157] = b"S"
    block[386:398], block[398:410] = b"%011o\0" % 4096, b"%011o\0" % 0
    block[483:495] = b"%011o\0" % 4096
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    content = io.BytesIO(bytes(block) + layer([("after", b"there")]))
    path = tmp_path / "image.tar"
    path.write_bytes(old_save([Picture([content.getvalue()])]))
    image = read_path(path, Wanted(fast=True))
    after = place_of(image.table, file_at(image.table, "/after"))
    assert catch(path, image, [after], whole) == {after: b"there"}
    hole = place_of(image.table, file_at(image.table, "/hole"))
    with pytest.raises(BadInput, match="stored in parts"):
        catch(path, image, [hole], whole)
