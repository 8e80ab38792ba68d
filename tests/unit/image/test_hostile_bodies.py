"""Files of an image are anybody's: whatever bytes they hold, looking at them ends, with an answer or with none."""

import io
import struct
import tarfile
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.image.images import Picture, layer, old_save

from slimdesk.basics.errors import SlimDeskError
from slimdesk.image.elf_summary import summarise
from slimdesk.image.inside import catch, file_at, place_of
from slimdesk.image.listing import list_archive
from slimdesk.image.picture_size import picture_size
from slimdesk.image.read import Wanted, read_path
from slimdesk.image.text_guess import guess_text

FEW = settings(max_examples=150, deadline=None)
CONTROLS = set(map(chr, [*range(9), *range(0x0B, 0x20), *range(0x7F, 0xA0)]))


def elf(segments=b"", count=0, machine=62):
    head = (
        b"\x7fELF\x02\x01\x01"
        + bytes(9)
        + struct.pack("<HHIQQQIHHHHHH", 3, machine, 1, 0, 64, 64, 0, 64, 56, count, 64, count, 0)
    )
    return head + segments


def a_zip():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("a" * 40, b"x" * 400)
    return buffer.getvalue()


def a_tar():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as file:
        file.addfile(tarfile.TarInfo("a"))
    return buffer.getvalue()


BEGINNINGS = st.sampled_from([
    b"", b"\x7fELF\x02\x01\x01", b"\x7fELF\x01\x02", elf(), elf(b"\xff" * 300, 5), a_zip(), a_tar(), b"\x1f\x8b\x08\0",
    b"\x28\xb5\x2f\xfd", b"\xff\xfe", b"\xef\xbb\xbf", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF1234WEBPVP8X", b"BM",
])  # fmt: skip


@FEW
@given(BEGINNINGS, st.binary(max_size=600))
def test_any_bytes_are_told_apart_without_an_error(start, rest):
    data = start + rest
    guess = guess_text(data)
    if guess is not None:
        assert not CONTROLS & set(guess.text)
        assert not {"\u202e", "\u200b", "\u2066"} & set(guess.text)
    size = picture_size(data)
    assert size is None or size.width >= 0 <= size.height
    summarise(data)
    listing = list_archive(data)
    for member in listing.members if listing else ():
        assert not CONTROLS & set(member.name)


@FEW
@given(
    st.sampled_from([elf(b"\0" * 400, 5), a_zip(), a_tar()]),
    st.integers(0, 2000),
    st.binary(min_size=1, max_size=8),
)
def test_damage_anywhere_is_no_error(whole, at, damage):
    at %= len(whole)
    data = whole[:at] + damage + whole[at + len(damage) :]
    summarise(data)
    list_archive(data)
    list_archive(data[:at])


@FEW
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "../c", "/d", "e/./f", "./e/f", "x\n", "a/b"]), st.binary(max_size=40)
        ),
        max_size=6,
    )
)
def test_the_body_that_is_read_is_the_one_that_the_tree_shows(tmp_path_factory, members):
    path = tmp_path_factory.mktemp("image") / "image.tar"
    path.write_bytes(old_save([Picture([layer(members)])]))
    image = read_path(path, Wanted(fast=True))
    table = image.table
    visible = [node for node in range(len(table)) if table.kind[node] == 1 and table.hidden_by[node] < 0]
    wanted = {place_of(table, file_at(table, table.path(node))): table.size[node] for node in visible}
    found = catch(path, image, wanted, lambda _key, _header, pieces: b"".join(pieces))
    assert {place: len(body) for place, body in found.items()} == wanted


@FEW
@given(st.integers(0, 6000), st.binary(min_size=1, max_size=30))
def test_an_archive_that_was_damaged_since_is_told(tmp_path_factory, at, damage):
    path = tmp_path_factory.mktemp("image") / "image.tar"
    data = old_save([Picture([layer([("a", b"x" * 700), ("b", b"y" * 10)])])])
    path.write_bytes(data)
    image = read_path(path, Wanted(fast=True))
    places = [place_of(image.table, file_at(image.table, name)) for name in ("/a", "/b")]
    at %= len(data)
    path.write_bytes(data[:at] + damage + data[at + len(damage) :])
    try:
        found = catch(path, image, places, lambda _key, _header, pieces: b"".join(pieces))
    except SlimDeskError:
        return
    assert set(found) <= set(places)


def test_a_compressed_archive_that_goes_on_and_on_is_given_up(monkeypatch):
    from isal import igzip

    from slimdesk.image import listing

    monkeypatch.setattr(listing, "_MAX_UNPACKED", 1 << 20)
    body = bytearray(a_tar()[:512])
    body[124:136] = b"77777777777\0"
    body[148:156] = b" " * 8
    body[148:156] = b"%06o\0 " % sum(body)
    found = list_archive(igzip.compress(bytes(body) + bytes(4 << 20)))
    assert found is not None
    assert "goes on" in found.note or "cut off" in found.note


@pytest.mark.parametrize("count", [1, 70_000])
def test_a_long_dynamic_section_is_bounded(count):
    dynamic = struct.pack("<QQ", 1, 0) * count
    segment = struct.pack("<IIQQQQQQ", 2, 4, 120, 120, 120, len(dynamic), len(dynamic), 8)
    found = summarise(elf(segment, 1) + dynamic)
    assert found is None or len(found.needed) <= 1000


def test_tables_that_state_thousands_of_millions_of_entries_end_soon():
    # One section, .gnu.version_r, that says it has 2**32 - 1 entries, each pointing at itself.
    section = struct.pack("<IIQQQQIIQQ", 0, 0x6FFFFFFE, 0, 0, 64, 1 << 30, 0, 0xFFFFFFFF, 8, 0)
    head = bytearray(elf())
    struct.pack_into("<Q", head, 40, 64)
    struct.pack_into("<HHH", head, 58, 64, 60_000, 0)
    for body in (bytes(head) + section * 60_000, bytes(head) + section + b"x" * (4 << 20)):
        assert summarise(body) is None or summarise(body).glibc is None
