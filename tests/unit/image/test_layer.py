"""One layer's tar: every header form, and tars that lie."""

from __future__ import annotations

import io
import struct
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.image.images import layer, member

from slimdesk.basics.errors import ArchiveError
from slimdesk.image import layer as layers
from slimdesk.image.layer import LayerColumns, LayerParser, clean_key
from slimdesk.image.table import Kind
from slimdesk.image.tarheader import TarError, checksum_holds, parse_number, parse_pax


def read(tar: bytes, step: int | None = None) -> LayerColumns:
    parser = LayerParser("Layer test")
    for start in range(0, len(tar), step or max(1, len(tar))):
        parser.feed(tar[start : start + (step or len(tar))])
    return parser.finish()


def names(columns: LayerColumns) -> list[str]:
    return [key.replace(b"\0", b"/").decode("utf-8", "surrogateescape") for key in columns.keys]


def resum(block: bytes) -> bytes:
    """Give a header the checksum that it should have."""
    blank = block[:148] + b" " * 8 + block[156:]
    return block[:148] + b"%06o\0 " % sum(blank) + block[156:]


def header(
    name: bytes = b"x", size: bytes = b"00000000000\0", kind: bytes = b"0", magic: bytes = b"ustar\x0000"
) -> bytes:
    block = name.ljust(100, b"\0") + b"0000644\0" * 1 + b"0000000\0" * 2 + size.ljust(12, b"\0")
    block += b"00000000000\0" + b" " * 8 + kind + b"\0" * 100 + magic
    return resum(block.ljust(512, b"\0"))


MEMBERS = [
    ("usr/", 0o755),
    ("usr/bin/tool", b"x" * 1500),
    ("usr/bin/other", "=usr/bin/tool"),
    ("usr/lib/link.so", "->link.so.1"),
    ("dev/null", "char"),
    ("dev/sda", "block"),
    ("run/pipe", "fifo"),
    ("empty", 0),
]


@pytest.mark.parametrize("kind", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("step", [None, 1 << 20, 4096, 512, 511, 100, 7])
def test_every_format_in_pieces_of_any_length(kind: int, step: int | None) -> None:
    long_name = "deep/" * 60 + "ü" * 50
    tar = layer(
        [*MEMBERS, (long_name, b"y" * 513), ("after", 1)],
        kind if kind != tarfile.USTAR_FORMAT else tarfile.PAX_FORMAT,
    )
    columns = read(tar, step)
    assert names(columns) == [name.rstrip("/") for name, _ in MEMBERS] + [long_name, "after"]
    assert list(columns.sizes) == [0, 1500, 0, 0, 0, 0, 0, 0, 513, 1]
    assert [Kind(kind) for kind in columns.kinds] == [
        Kind.FOLDER, Kind.FILE, Kind.HARD_LINK, Kind.SYMLINK, Kind.CHARACTER_DEVICE, Kind.BLOCK_DEVICE, Kind.FIFO,
        Kind.FILE, Kind.FILE, Kind.FILE,
    ]  # fmt: skip
    assert columns.links == {2: b"usr\0bin\0tool", 3: b"link.so.1"}
    assert columns.files == 2014


def test_plain_ustar_with_a_prefix() -> None:
    name = "p" * 120 + "/" + "n" * 90
    assert names(read(layer([(name, 3)], tarfile.USTAR_FORMAT))) == [name]


def test_names_are_cleaned_and_never_leave_the_root() -> None:
    tar = layer(
        [
            ("./", 0o755),
            ("./a/./b", 1),
            ("/abs", 1),
            ("../../etc/x", 1),
            ("c//d", 1),
            ("e/../f", 1),
            ("..x", 1),
        ]
    )
    assert names(read(tar)) == ["", "a/b", "abs", "etc/x", "c/d", "f", "..x"]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        (b"..", b""),
        (b"a/../../b", b"b"),
        (b"./.", b""),
        (b".a/..b/c.", b".a\0..b\0c."),
        (b"a/", b"a"),
        (b"//", b""),
    ],
)
def test_clean_key(name: bytes, key: bytes) -> None:
    assert clean_key(name) == key


def test_bytes_that_are_not_utf_8_are_kept() -> None:
    info, body = member("x", 1)
    tar = layer([(info, body)]).replace(b"x" + b"\0" * 99, b"\xff\xfe" + b"\0" * 98, 1)
    assert names(read(resum(tar[:512]) + tar[512:])) == ["\udcff\udcfe"]


def test_whiteouts_of_all_kinds() -> None:
    tar = layer(
        [
            ("a/.wh.gone", 0),
            ("b/.wh..wh..opq", 0),
            (".wh..wh..opq", 0),
            (".wh..wh.aufs", 0),
            (".wh..wh.plnk/", 0o700),
            (".wh..wh.plnk/12.34", 3),
            (".wh.", 0),
            ("c/.wh...", 0),
            ("d/x.wh.y", 5),
        ]
    )
    columns = read(tar)
    assert list(zip(names(columns), map(Kind, columns.kinds), strict=True)) == [
        ("a/gone", Kind.WHITEOUT),
        ("b", Kind.OPAQUE),
        ("", Kind.OPAQUE),
        ("d/x.wh.y", Kind.FILE),
    ]


def test_owners_modes_and_times() -> None:
    tar = layer(
        [
            member("a", 1, uid=1000, gid=2000, mode=0o4755, mtime=5),
            member("b", 1, uid=3_000_000_000, gid=0, mtime=-5),
            member("c", 1, uid=1000, gid=2000, mode=0o4755, mtime=1 << 34),
        ]
    )
    columns = read(tar)
    owners = [(columns.owner_mode[at], columns.owner_uid[at], columns.owner_gid[at]) for at in columns.owners]
    assert owners == [(0o4755, 1000, 2000), (0o644, 3_000_000_000, 0), (0o4755, 1000, 2000)]
    assert list(columns.mtimes) == [5, -5, 1 << 34]


def test_pax_says_size_owner_and_time() -> None:
    info, body = member("x", 10)
    info.pax_headers = {
        "size": "10",
        "uid": "77",
        "mtime": "12.5",
        "comment": "a=b\nc",
        "SCHILY.xattr.user.a": "1",
    }
    columns = read(layer([(info, body), member("y", 1)], tarfile.PAX_FORMAT))
    assert (list(columns.sizes), columns.mtimes[0]) == ([10, 1], 12)
    assert columns.owner_uid[columns.owners[0]] == 77


def test_a_global_pax_header_is_passed_over() -> None:
    buffer = io.BytesIO()
    with tarfile.open(
        fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"comment": "git"}
    ) as tar:
        tar.addfile(*_with_file(member("x", 1)))
    assert names(read(buffer.getvalue())) == ["x"]


def _with_file(pair: tuple[tarfile.TarInfo, bytes]) -> tuple[tarfile.TarInfo, io.BytesIO]:
    return pair[0], io.BytesIO(pair[1])


def test_sparse_files_count_with_their_real_size() -> None:
    # Old GNU: the map goes on in one more block, 512 bytes are stored, the file has a megabyte.
    block = bytearray(header(b"old", b"00000001000\0", b"S", b"ustar  \0"))
    block[482:483] = b"\1"
    block[483:495] = b"%011o\0" % 1_000_000
    old = resum(bytes(block)) + b"\0" * 512 + b"d" * 512
    # PAX 1.0: the stored body begins with the map.
    info = tarfile.TarInfo("GNUSparseFile.0/new")
    info.pax_headers = {
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.name": "new",
        "GNU.sparse.realsize": "2000000",
    }
    body = b"0\n".ljust(512, b"\0")
    info.size = len(body)
    columns = read(old + layer([(info, body), ("z", 1)], tarfile.PAX_FORMAT))
    assert names(columns) == ["old", "new", "z"]
    assert list(columns.sizes) == [1_000_000, 2_000_000, 1]


def test_v7_headers_and_a_folder_told_by_its_slash() -> None:
    columns = read(
        header(b"d/", kind=b"\0", magic=b"\0" * 8)
        + header(b"d/f", b"00000000003\0", b"\0", b"\0" * 8)
        + b"abc".ljust(512, b"\0")
    )
    assert list(zip(names(columns), map(Kind, columns.kinds), list(columns.sizes), strict=True)) == [
        ("d", Kind.FOLDER, 0),
        ("d/f", Kind.FILE, 3),
    ]


def test_a_tar_without_an_end_mark_and_without_the_last_padding() -> None:
    tar = layer([("a", 3)])
    assert names(read(tar[:1024])) == ["a"]
    assert names(read(tar[: 512 + 3])) == ["a"]
    assert names(read(b"")) == []
    assert names(read(b"\0" * 1024)) == []


@pytest.mark.parametrize("length", [100, 511, 512 + 1000, 512 + 2047])
def test_a_tar_that_is_cut_off_is_told(length: int) -> None:
    with pytest.raises(ArchiveError, match="cut off"):
        read(layer([("a", 3000)])[:length])


@pytest.mark.parametrize(
    "tar",
    [
        b"no tar at all".ljust(2048, b"!"),
        header(size=b"\x80" + b"\0" * 3 + b"\xff" * 8),
        header(size=b"\xff" * 12),
        header(size=b"0000000999\0\0"),
        resum(header()).replace(b"ustar", b"rustu", 1),
        header(b"././@PaxHeader", b"77777777777\0", b"x"),
        header(b"p", b"00000000010\0", b"x") + b"99 path=".ljust(512, b"\0"),
        header(b"p", b"00000000013\0", b"x") + b"11 size=-1\n".ljust(512, b"\0") + header(),
        header(b"p", b"00000000014\0", b"x") + b"12 size=1e9\n".ljust(512, b"\0") + header(),
        header(b"././@LongLink", b"00000000000\0", b"L"),
        header() + b"\x01" * 512,
    ],
)
def test_headers_that_lie_are_refused_in_words(tar: bytes) -> None:
    with pytest.raises(ArchiveError) as caught:
        read(tar)
    assert str(caught.value).startswith("Layer test ")


def test_more_entries_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    tar = layer([(f"f{number}", 0) for number in range(20)])
    parser = LayerParser("Layer test", entries_left=19)
    with pytest.raises(ArchiveError, match="holds too much"):
        parser.feed(tar)
    monkeypatch.setattr(layers, "MAX_NAME_BYTES", 30)
    with pytest.raises(ArchiveError, match="holds too much"):
        read(tar)


def test_filling_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "MAX_PADDING", 100_000)
    parser = LayerParser("Layer test")
    parser.feed(layer([("a", 1)]))
    parser.feed(b"\0" * 50_000)
    with pytest.raises(ArchiveError, match="without end"):
        parser.feed(b"\0" * 60_000)


def test_a_caller_may_jump_over_bodies() -> None:
    tar = layer([("a", 100_000), ("b", 7)])
    parser = LayerParser("Layer test")
    parser.feed(tar[:512])
    jumped = parser.skip
    parser.skip = 0
    parser.feed(tar[512 + jumped :])
    assert names(parser.finish()) == ["a", "b"]
    assert jumped == 100_352


def test_numbers_and_records() -> None:
    assert parse_number(b"0000644\0") == 0o644
    assert parse_number(b"   644 \0") == 0o644
    assert parse_number(b"\x80" + (1 << 40).to_bytes(11, "big")) == 1 << 40
    assert parse_number(b"\0" * 12) == 0
    with pytest.raises(TarError):
        parse_number(b"0_10\0")
    assert parse_pax(b"10 path=\xff\n12 a=b=c\nx \n") == {b"path": b"\xff", b"a": b"b=c\nx "}
    assert checksum_holds(header())
    assert not checksum_holds(b"\x02" + header()[1:])


def test_a_sum_over_signed_bytes_holds_too() -> None:
    block = header(b"\xff" * 50)
    blank = block[:148] + b" " * 8 + block[156:]
    signed = sum(struct.unpack("512b", blank))
    assert checksum_holds(block[:148] + b"%06o\0 " % signed + block[156:])


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=3000), st.integers(1, 700))
def test_random_bytes_are_read_or_refused(data: bytes, step: int) -> None:
    try:
        read(data, step)
    except ArchiveError:
        return


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_bit_flips_are_read_or_refused(data: st.DataObject) -> None:
    tar = bytearray(layer([*MEMBERS, ("n" * 150, 5)], tarfile.PAX_FORMAT))
    for _ in range(data.draw(st.integers(1, 4))):
        tar[data.draw(st.integers(0, len(tar) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        read(bytes(tar), data.draw(st.sampled_from([None, 512, 100])))
    except ArchiveError:
        return
