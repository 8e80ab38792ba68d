"""Headers read many at once come out as if each were read alone, wherever the odd ones stand among them."""

import io
import tarfile

import pytest

from slimdesk.basics.errors import ArchiveError
from slimdesk.image.header_rows import keys_of
from slimdesk.image.layer import LayerParser
from slimdesk.image.table import Kind


def header(name, size=0, type_=b"0", link="", **fields):
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname, info.mtime = size, type_, link, 1_700_000_000
    for field, value in fields.items():
        setattr(info, field, value)
    return info


def tar(*entries):
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for info in entries:
            archive.addfile(info, io.BytesIO(b"x" * info.size) if info.isreg() else None)
    return held.getvalue()


def whole(data):
    parser = LayerParser("Layer test")
    parser.feed(data)
    return parser.finish()


def block_by_block(data):
    parser = LayerParser("Layer test")
    for start in range(0, len(data), 512):
        parser.feed(data[start : start + 512])
    return parser.finish()


def walked(data):
    parser = LayerParser("Layer test")
    parser.walk(lambda place: data[place : place + 4096], len(data))
    return parser.finish()


READERS = (whole, block_by_block, walked)


def told(columns):
    owners = list(zip(columns.owner_mode, columns.owner_uid, columns.owner_gid, strict=True))
    return (
        columns.keys,
        bytes(columns.kinds),
        list(columns.sizes),
        list(columns.mtimes),
        [owners[owner] for owner in columns.owners],
        columns.links,
        columns.files,
    )


def usual(count, folder="app"):
    return [header(f"{folder}/file{index}", index % 700) for index in range(count)]


ODD = [
    header("app/.wh.gone"),
    header("app/../etc/passwd", 3),
    header("app//twice", 600),
    header("./app/./x", 600),
    header("/absolute", 5),
    header("app/\1/control", 7),
    header("app/.hidden/file", 9),
    header("a/b", 700, uid=70_000, mode=0o4755, uname="someone"),
    header("bin/sh", type_=tarfile.SYMTYPE, link="busybox"),
    header("bin/", type_=tarfile.DIRTYPE, mode=0o755),
    header("app/twin", type_=tarfile.LNKTYPE, link="/app//file1"),
    header(f"{'long' * 20}/{'path' * 20}", 8),
]


@pytest.mark.parametrize("odd", ODD, ids=lambda info: repr(info.name[:20]))
def test_an_odd_entry_among_usual_ones_is_read_as_it_is_alone(odd):
    data = tar(*usual(1500), odd, *usual(20, "more"))
    alone = told(whole(tar(odd)))
    first = told(whole(data))
    assert [told(read(data)) for read in READERS[1:]] == [first, first]
    keys, kinds, sizes, times, owners, links, files = first
    assert keys[:1500] == [b"app\0file%d" % index for index in range(1500)]
    assert (keys[1500:-20], kinds[1500:-20], sizes[1500:-20]) == (alone[0], alone[1], alone[2])
    assert (times[1500:-20], owners[1500:-20]) == (alone[3], alone[4])
    assert list(links.values()) == list(alone[5].values())
    assert set(links) <= {1500}
    assert files == sum(sizes)


def test_every_kind_of_odd_entry_beside_one_another():
    data = tar(*ODD, *usual(5), *ODD)
    assert told(block_by_block(data)) == told(whole(data)) == told(walked(data))
    columns = whole(data)
    assert columns.links[8] == b"busybox"
    assert columns.kinds[0] == Kind.WHITEOUT


@pytest.mark.parametrize("read", READERS)
def test_a_wrong_sum_ends_it_after_all_that_is_right(read):
    data = bytearray(tar(*usual(3), header("app/bad", 4), *usual(3)))
    at = data.index(b"app/bad")
    data[at + 130] ^= 1
    with pytest.raises(ArchiveError, match=r"there is no tar header after entry 3\."):
        read(bytes(data))


@pytest.mark.parametrize("read", READERS)
def test_an_owner_that_is_no_number_ends_it_after_all_that_is_right(read):
    data = bytearray(tar(*usual(3), header("app/bad", 4)))
    at = data.index(b"app/bad")
    data[at + 108 : at + 115] = b"nobody "
    data[at + 148 : at + 156] = b" " * 8
    data[at + 148 : at + 156] = b"%06o\0 " % sum(data[at : at + 512])
    with pytest.raises(ArchiveError, match=r"not octal after entry 3\."):
        read(bytes(data))


def test_paths_that_are_not_clean_are_named_and_the_others_are_keys():
    keys, odd = keys_of(
        [b"a/b", b"", b"a/./b", b"c", b".d/e", b"a/..", b"f//g", b"x/.wh.y", b"z.wh.", b"end/"]
    )
    assert odd == {1, 2, 5, 6, 7, 9}
    assert [key for row, key in enumerate(keys) if row not in odd] == [b"a\0b", b"c", b".d\0e", b"z.wh."]


def test_a_name_that_holds_the_mark_between_names_leaves_all_to_the_slow_reader():
    keys, odd = keys_of([b"a", b"b/\1/c"])
    assert len(keys) == 2
    assert odd == {0, 1}
