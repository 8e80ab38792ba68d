"""Images that were made to hang, fill or mislead the reader: a right result or one sentence, in bounded time and memory."""

from __future__ import annotations

import contextlib
import io
import json
import tarfile
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.image.images import (
    Picture,
    archive,
    compressed,
    layer,
    member,
    oci_files,
    old_save,
    sha,
    write_folder,
)

from slimdesk.basics.errors import ArchiveError, BadInput, SlimDeskError
from slimdesk.image import inflate, layer_reader, manifest, merge
from slimdesk.image.layer import LayerColumns
from slimdesk.image.layer_reader import LayerReader
from slimdesk.image.read import Wanted, read_path, read_stream
from slimdesk.image.stack import stack
from slimdesk.image.table import Kind


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(data: bytes) -> Path:
        path = tmp_path / "image.tar"
        path.write_bytes(data)
        return path

    return write


# --- names and links --------------------------------------------------------------------------------------------------------


def test_names_of_every_hostile_kind_stay_inside_and_are_told_apart(saved: Callable[[bytes], Path]) -> None:
    entries = [
        ("../../etc/escaped", 1),
        ("/absolute", 2),
        ("a/../../b", 3),
        ("line\nbreak", 4),
        ("bad\udcff\udcfe", 5),
        ("d/" * 1999 + "f", 6),
        ("n" * 4000, 7),
        ("tab\tand\x1b[31m", 8),
    ]
    tar = layer(entries, tarfile.PAX_FORMAT)
    image = read_path(saved(old_save([Picture([tar])])))
    table = image.table
    assert image.sizes.live == sum(size for _, size in entries)
    paths = {
        table.path(node): table.size[node] for node in range(len(table)) if table.kind[node] == Kind.FILE
    }
    assert paths == {
        "/etc/escaped": 1,
        "/absolute": 2,
        "/b": 3,
        "/line\nbreak": 4,
        "/bad\udcff\udcfe": 5,
        "/" + "d/" * 1999 + "f": 6,
        "/" + "n" * 4000: 7,
        "/tab\tand\x1b[31m": 8,
    }


def test_links_in_circles_and_out_of_the_image(saved: Callable[[bytes], Path]) -> None:
    tar = layer(
        [
            ("one", "->two"),
            ("two", "->one"),
            ("self", "->self"),
            ("out", "->../../../etc/passwd"),
            ("h1", "=h2"),
            ("h2", "=h1"),
            ("h3", "=h3"),
            ("h4", "=../../../../etc/shadow"),
            ("bin/sh", "->../bin/sh"),
            ("proc", "->/proc/self/root"),
        ]
    )
    image = read_path(saved(old_save([Picture([tar], config={"Entrypoint": ["/one/two", "/bin/sh"]})])))
    assert image.sizes.live == 0
    assert image.table.link(image.table.find("/out") or 0) == "../../../etc/passwd"
    assert image.verified


def test_a_path_is_followed_through_linked_folders(saved: Callable[[bytes], Path]) -> None:
    tar = layer(
        [
            ("bin", "->usr/bin"),
            ("usr/bin/tool", 5),
            ("usr/sbin", "->../usr/./bin"),
            ("up", "->../../usr"),
            ("abs", "->/usr"),
            ("one", "->two"),
            ("two", "->one"),
            ("self", "->self"),
            ("gone", "->nowhere"),
        ]
    )
    table = read_path(saved(old_save([Picture([tar])]))).table
    tool = table.find("/usr/bin/tool")
    assert tool is not None
    for path in ("/bin/tool", "usr/sbin/tool", "/up/bin/tool", "/abs/sbin/tool", "/usr/bin/../bin/tool"):
        assert table.find_through_links(path) == tool, path
    assert table.find_through_links("/bin") == table.find("/bin")
    for path in ("/one/tool", "/self/tool", "/gone/tool", "/bin/none"):
        assert table.find_through_links(path) is None, path


def test_members_of_the_archive_that_link_in_circles(saved: Callable[[bytes], Path]) -> None:
    names = [("manifest.json", "->index.json"), ("index.json", "->manifest.json")]
    for data in (
        archive(names),
        archive([("manifest.json", "->manifest.json")]),
        archive([("manifest.json", "->/etc/passwd")]),
    ):
        with pytest.raises(ArchiveError, match="not an image"):
            read_path(saved(data))
        with pytest.raises(ArchiveError, match="not an image"):
            read_stream([data], "x")


def test_a_layout_folder_whose_blobs_lead_out_of_it(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "layout", oci_files([Picture([layer([("a", 1)])])]))
    blob = folder / "blobs" / "sha256"
    moved = tmp_path / "elsewhere"
    blob.rename(moved)
    blob.symlink_to(moved)
    with pytest.raises(ArchiveError):
        read_path(folder)


def test_devices_pipes_duplicates_and_marks_of_nothing(saved: Callable[[bytes], Path]) -> None:
    lower = layer([("dev/sda", "block"), ("dev/tty", "char"), ("pipe", "fifo"), ("twice", 5), ("twice", 9)])
    upper = layer(
        [(".wh.nothing", 0), ("no/such/.wh.thing", 0), ("void/.wh..wh..opq", 0), (".wh.", 0), (".wh...", 0)]
    )
    image = read_path(saved(old_save([Picture([lower, upper])])))
    assert (image.sizes.files, image.sizes.live, image.shadowed) == (14, 9, 5)
    kinds = [
        Kind(image.table.kind[image.table.find(path) or 0]) for path in ("/dev/sda", "/dev/tty", "/pipe")
    ]
    assert kinds == [Kind.BLOCK_DEVICE, Kind.CHARACTER_DEVICE, Kind.FIFO]
    assert image.table.find("/no") is None


def test_a_device_that_states_a_size_has_none(saved: Callable[[bytes], Path]) -> None:
    info, _ = member("dev/x", "char")
    info.size = 1 << 40
    header = info.tobuf(tarfile.GNU_FORMAT)
    tar = header + layer([("after", 3)])
    image = read_path(saved(old_save([Picture([tar])])))
    assert image.sizes.files == 3
    assert image.table.find("/after") is not None


# --- what goes on and on ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["gzip", "zstd"])
@pytest.mark.parametrize("fast", [False, True])
def test_a_layer_that_inflates_without_end(
    how: str, fast: bool, saved: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inflate, "RATIO_MATTERS", 8 << 20)
    info, _ = member("zeros", 0)
    info.size = 64 << 20
    tar = info.tobuf() + bytes(info.size) + bytes(1024)
    data = old_save([Picture([tar], compression=how)])
    assert len(data) < 100_000
    with pytest.raises(ArchiveError, match="unpacks to more than") as caught:
        read_path(saved(data), Wanted(fast=fast))
    assert "times what is stored" in str(caught.value)


def test_a_large_layer_that_compresses_as_files_do_is_no_bomb(
    saved: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inflate, "RATIO_MATTERS", 1 << 20)
    tar = layer([("text", b"".join(b"%d lines of text\n" % number for number in range(200_000)))])
    assert read_path(saved(old_save([Picture([tar], compression="gzip")]))).verified


def test_all_layers_together_are_bounded(
    saved: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    layers = [layer([(f"{index}/{number}", 1) for number in range(40)]) for index in range(3)]
    data = old_save([Picture(layers, compression="gzip")])
    for name, value, words in (
        ("MAX_ENTRIES", 100, "holds too much"),
        ("MAX_NAME_BYTES", 300, "holds too much"),
        ("MAX_UNPACKED", 3 * len(layers[0]) - 1, "All layers unpack to more"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(layer_reader, name, value)
            with pytest.raises(ArchiveError, match=words):
                read_path(saved(data))
            with pytest.raises(ArchiveError, match=words):
                read_stream([data], "x")
    assert read_path(saved(data)).verified


def test_names_through_folders_without_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge, "MAX_IMPLIED", 50_000)
    columns = LayerColumns()
    for number in range(100):
        columns.keys.append(b"%d\0" % number + b"a\0" * 1900 + b"f")
        columns.kinds.append(Kind.FILE)
        columns.sizes.append(1)
        columns.mtimes.append(0)
        columns.owners.append(0)
    columns.owner_mode.append(0o644)
    columns.owner_uid.append(0)
    columns.owner_gid.append(0)
    with pytest.raises(ArchiveError, match="holds too much"):
        merge.merge(stack([columns]))


def test_links_count_as_names_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slimdesk.image.layer.MAX_NAME_BYTES", 50_000)
    reader = LayerReader(fast=True)
    tar = layer([(f"l{number}", "->" + "t" * 90) for number in range(400)])
    with pytest.raises(ArchiveError, match="holds too much"):
        reader.read([tar], "Layer")


def test_one_document_under_a_thousand_names_is_parsed_within_bounds(
    saved: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifest, "MAX_BYTES", 100_000)
    digests = [f"sha256:{number:064x}" for number in range(200)]
    body = json.dumps({"manifests": [], "filling": "x" * 5000}).encode()
    files: list[tuple[str, bytes | str]] = [("one", body)]
    files += [("blobs/" + digest.replace(":", "/"), "=one") for digest in digests]
    files.append(
        ("index.json", json.dumps({"manifests": [{"digest": digest} for digest in digests]}).encode())
    )
    with pytest.raises(ArchiveError, match="the index"):
        read_path(saved(archive(files)))


def test_an_index_that_names_itself(saved: Callable[[bytes], Path]) -> None:
    digest = "sha256:" + "1" * 64
    inner = json.dumps({"manifests": [{"digest": digest}, {"digest": digest}]}).encode()
    files = [("blobs/sha256/" + "1" * 64, inner), ("index.json", inner)]
    with pytest.raises(ArchiveError, match="holds no image"):
        read_path(saved(archive(files)))


# --- side by side ---------------------------------------------------------------------------------------------------------------


def test_of_several_damaged_layers_the_lowest_is_named_and_nothing_is_left_running(
    saved: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    good = layer([(f"f{number}", 5000) for number in range(300)])
    layers = [good + bytes(512 * index) for index in range(6)]
    picture = Picture(layers, compression="gzip")
    files = dict(oci_files([picture]))
    for index in (2, 4):
        name = "blobs/" + sha(picture.blobs()[index]).replace(":", "/")
        files[name] = files[name][:-40]
    before = threading.active_count()
    with pytest.raises(ArchiveError, match="cut off") as caught:
        read_path(saved(archive(files.items())))
    assert sha(picture.blobs()[2])[7:15] in str(caught.value)
    deadline = time.monotonic() + 60
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before


@pytest.mark.parametrize("cores", [1, 2, 4])
def test_the_same_whatever_the_number_of_cores(
    cores: int, saved: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    layers = [layer([(f"d{index}/f{number}", number) for number in range(200)]) for index in range(7)]
    for how in (None, "gzip", "zstd"):
        image = read_path(saved(old_save([Picture([*layers, layers[0]], compression=how)])))
        assert image.verified
        assert [one.diff_id for one in image.layers] == [sha(tar) for tar in [*layers, layers[0]]]
        assert image.sizes.files == 8 * sum(range(200))


def test_bodies_pass_in_constant_memory(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    size = 96 << 20

    def pieces() -> Iterator[bytes]:
        info, _ = member("large", 0)
        info.size = size
        yield info.tobuf()
        for _ in range(size >> 20):
            yield b"abcd" * (1 << 18)
        yield bytes(1024)

    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
        info = tarfile.TarInfo("l.tar")
        info.size = size + 512 + 1024
        tar.addfile(info, _Pieces(pieces()))  # type: ignore[arg-type]
        config = tarfile.TarInfo("c.json")
        config.size = 2
        tar.addfile(config, io.BytesIO(b"{}"))
        document = b'[{"Config": "c.json", "Layers": ["l.tar"]}]'
        info = tarfile.TarInfo("manifest.json")
        info.size = len(document)
        tar.addfile(info, io.BytesIO(document))
    tracemalloc.start()
    try:
        image = read_path(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert image.sizes.files == size
    assert peak < 64 << 20


class _Pieces:
    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def read(self, count: int) -> bytes:
        while len(self._rest) < count:
            self._rest += next(self._pieces)
        data, self._rest = self._rest[:count], self._rest[count:]
        return data


# --- anything ---------------------------------------------------------------------------------------------------------------------

SMALL = layer(
    [("a/", 0o755), ("a/f", 700), ("b", "->a/f"), ("c", "=a/f"), ("a/.wh.x", 0)], tarfile.PAX_FORMAT
)
SEEDS = [
    old_save([Picture([SMALL, SMALL])]),
    archive(oci_files([Picture([SMALL], compression="gzip")], nested=True, attestation=True, docker=True)),
    archive(oci_files([Picture([SMALL], compression="zstd")])),
    compressed(old_save([Picture([SMALL])]), "gzip"),
    compressed(old_save([Picture([SMALL])]), "zstd"),
]
BOUNDED = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def outcome(path: Path, data: bytes) -> None:
    """Read it in every way: an image whose figures agree with one another, or one of our sentences."""
    path.write_bytes(data)
    for wanted in (Wanted(platform="linux/amd64"), Wanted(platform="linux/amd64", fast=True)):
        try:
            image = read_path(path, wanted)
        except (ArchiveError, BadInput):
            continue
        assert 0 <= (image.sizes.live or 0) <= image.sizes.files
        assert image.shadowed == sum(one.shadowed for one in image.layers)
    with contextlib.suppress(SlimDeskError):
        read_stream((data[start : start + 700] for start in range(0, len(data), 700)), "x")


@BOUNDED
@given(st.data())
def test_flipped_bits_anywhere_in_an_archive(tmp_path: Path, data: st.DataObject) -> None:
    seed = bytearray(data.draw(st.sampled_from(SEEDS)))
    for _ in range(data.draw(st.integers(1, 4))):
        seed[data.draw(st.integers(0, len(seed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    outcome(tmp_path / "image.tar", bytes(seed))


@BOUNDED
@given(st.sampled_from(SEEDS), st.integers(0, 1 << 20), st.integers(0, 1 << 20))
def test_parts_left_out_of_an_archive(tmp_path: Path, seed: bytes, one: int, other: int) -> None:
    start, stop = sorted((one % len(seed), other % len(seed)))
    outcome(tmp_path / "image.tar", seed[:start] + seed[stop:])
    outcome(tmp_path / "image.tar", seed[:stop])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 1 << 70) | st.floats(allow_nan=True) | st.text(max_size=8)
    | st.sampled_from(["c.json", "l.tar", "blobs/sha256/x", "../x", "\ud800", "\udcff/x", "sha256:x", "sha256:" + "0" * 64]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(
            ["Config", "config", "Layers", "layers", "RepoTags", "manifests", "digest", "mediaType", "annotations",
             "platform", "os", "architecture", "rootfs", "diff_ids", "history", "created_by", "empty_layer", "Labels",
             "Entrypoint", "ExposedPorts", "artifactType", "LayerSources"]
        ),
        inner,
        max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip


@BOUNDED
@given(manifest_json=JSON, index=JSON, config=JSON)
def test_documents_of_any_shape(tmp_path: Path, manifest_json: object, index: object, config: object) -> None:
    files = [
        ("c.json", json.dumps(config).encode()),
        ("l.tar", SMALL),
        ("blobs/sha256/x", json.dumps(index).encode()),
        ("blobs/sha256/" + "0" * 64, json.dumps(config).encode()),
        ("index.json", json.dumps(index).encode()),
    ]
    outcome(tmp_path / "image.tar", archive(files))
    for document in (manifest_json, [manifest_json], [{"Config": "c.json", "Layers": ["l.tar"]}]):
        outcome(tmp_path / "image.tar", archive([*files, ("manifest.json", json.dumps(document).encode())]))
