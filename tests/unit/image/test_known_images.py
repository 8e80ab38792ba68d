"""Images that were read before: what is taken from the store, and when it is not."""

from __future__ import annotations

import dataclasses
import os
import pickle
import time
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
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

from slimdesk.basics.errors import ArchiveError, BadInput
from slimdesk.image import blobs, layer_cache, layer_reader
from slimdesk.image.layer_cache import NotUsable, decode, encode
from slimdesk.image.layer_reader import LayerReader
from slimdesk.image.model import Image
from slimdesk.image.read import Wanted, read_known, read_path, read_stream
from slimdesk.image.table import FileTable
from slimdesk.workspace.analysis_cache import AnalysisCache

LOWER = layer([("a/", 0o755), ("a/f", 1000), ("b", 10), ("é" * 40, 5), ("s", "->a/f")])
UPPER = layer([("a/.wh.f", 0), ("b", 20), ("l", "=b"), ("d/.wh..wh..opq", 0), ("tty", "char")])
PICTURE = Picture([LOWER, UPPER], config={"User": "1"})


@pytest.fixture
def store(tmp_path: Path) -> AnalysisCache:
    return AnalysisCache(tmp_path / "layers.sqlite")


@pytest.fixture
def read_layers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the layers whose bytes were read."""
    seen: list[str] = []
    real = LayerReader.read

    def read(self: LayerReader, pieces: object, label: str) -> object:
        seen.append(label)
        return real(self, pieces, label)  # type: ignore[arg-type]

    monkeypatch.setattr(layer_reader.LayerReader, "read", read)
    return seen


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slimdesk.image.known._SETTLED", 0.0)


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    # The clock of a file system may be a few milliseconds behind.
    time.sleep(0.02)
    return path


def same(one: Image, other: Image) -> None:
    for field in dataclasses.fields(Image):
        if field.name != "table":
            assert getattr(one, field.name) == getattr(other, field.name), field.name
    for field in dataclasses.fields(FileTable):
        assert getattr(one.table, field.name) == getattr(other.table, field.name), field.name


FORMS: dict[str, Callable[[], bytes]] = {
    "plain": lambda: old_save([PICTURE]),
    "compressed layers": lambda: archive(
        oci_files([Picture([LOWER, UPPER], compression="gzip")], docker=True)
    ),
    "compressed as a whole": lambda: compressed(old_save([PICTURE]), "zstd"),
    "one layer twice": lambda: old_save([Picture([LOWER, UPPER, LOWER])]),
}


@pytest.mark.parametrize("form", FORMS)
def test_an_unchanged_archive_is_not_read_again(
    form: str, tmp_path: Path, store: AnalysisCache, read_layers: list[str]
) -> None:
    path = written(tmp_path / "image.tar", FORMS[form]())
    first = read_path(path, store=store)
    assert read_layers
    read_layers.clear()
    second = read_path(path, store=store)
    assert read_layers == []
    assert second.verified
    same(first, second)
    same(first, read_path(path))


def test_an_unchanged_layout_folder_is_not_read_again(
    tmp_path: Path, store: AnalysisCache, read_layers: list[str]
) -> None:
    path = write_folder(tmp_path / "layout", oci_files([PICTURE]))
    time.sleep(0.02)
    first = read_path(path, store=store)
    read_layers.clear()
    second = read_path(path, store=store)
    assert read_layers == []
    assert second.source == "oci-layout"
    same(first, second)
    (path / "manifest.json").write_bytes(b"{}")
    with pytest.raises(ArchiveError, match=r"manifest\.json"):
        read_path(path, store=store)


def test_a_changed_archive_is_read_again_even_if_its_length_and_time_are_the_same(
    tmp_path: Path, store: AnalysisCache
) -> None:
    path = written(tmp_path / "image.tar", old_save([PICTURE]))
    before = path.stat()
    first = read_path(path, store=store)
    other = Picture(
        [LOWER.replace(b"x" * 1000, b"y" * 1000), UPPER],
        config={"User": "1"},
        diff_ids=PICTURE.diff_ids or [sha(LOWER), sha(UPPER)],
    )
    data = old_save([other])
    assert len(data) == before.st_size
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    second = read_path(path, store=store)
    assert first.verified
    assert not second.verified
    assert second.layers[0].diff_id != first.layers[0].diff_id


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Digests of blobs that were hashed without being read as layers."""
    seen: list[str] = []

    def digest_of(*args: Any) -> str:
        seen.append(layer_reader.digest_of(*args))
        return seen[-1]

    monkeypatch.setattr(blobs, "digest_of", digest_of)
    return seen


def test_what_changed_just_before_the_reading_is_hashed_next_time(
    tmp_path: Path,
    store: AnalysisCache,
    read_layers: list[str],
    hashed: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("slimdesk.image.known._SETTLED", 60.0)
    path = written(tmp_path / "image.tar", old_save([PICTURE]))
    first = read_path(path, store=store)
    assert hashed == []
    read_layers.clear()
    second = read_path(path, store=store)
    assert read_layers == []
    assert sorted(hashed) == sorted([sha(LOWER), sha(UPPER)])
    same(first, second)


@pytest.mark.parametrize("how", [None, "gzip", "zstd"])
def test_a_layer_that_another_image_brought_is_hashed_not_read(
    how: str | None, tmp_path: Path, store: AnalysisCache, read_layers: list[str], hashed: list[str]
) -> None:
    base = Picture([LOWER], compression=how)
    read_path(written(tmp_path / "base.tar", archive(oci_files([base]))), store=store)
    read_layers.clear()
    both = Picture([LOWER, UPPER], compression=how)
    path = written(tmp_path / "app.tar", archive(oci_files([both])))
    image = read_path(path, store=store)
    assert len(read_layers) == 1
    assert hashed == [sha(both.blobs()[0])]
    assert image.verified
    hashed.clear()
    same(image, read_path(path, store=store))
    assert hashed == []
    same(image, read_path(path))


def test_a_blob_that_only_claims_to_be_a_known_layer_is_read(
    tmp_path: Path, store: AnalysisCache, read_layers: list[str]
) -> None:
    read_path(written(tmp_path / "base.tar", archive(oci_files([Picture([LOWER])]))), store=store)
    forged = [(name, UPPER if data == LOWER else data) for name, data in oci_files([Picture([LOWER])])]
    read_layers.clear()
    image = read_path(written(tmp_path / "forged.tar", archive(forged)), store=store)
    assert len(read_layers) == 1
    assert not image.verified
    assert image.layers[0].diff_id == sha(UPPER)


def test_fast_neither_takes_nor_keeps(tmp_path: Path, store: AnalysisCache) -> None:
    path = written(tmp_path / "image.tar", old_save([PICTURE]))
    read_path(path, Wanted(fast=True), store=store)
    assert not store.path.exists()
    read_path(path, store=store)
    assert not read_path(path, Wanted(fast=True), store=store).verified


def test_another_platform_of_a_known_archive_is_read(tmp_path: Path, store: AnalysisCache) -> None:
    pictures = [
        Picture([LOWER], platform=("linux", "amd64", "")),
        Picture([UPPER], platform=("linux", "arm64", "")),
    ]
    path = written(tmp_path / "image.tar", archive(oci_files(pictures)))
    for _ in range(2):
        for platform, tar in (("linux/amd64", LOWER), ("linux/arm64", UPPER)):
            image = read_path(path, Wanted(platform=platform), store=store)
            assert [layer.diff_id for layer in image.layers] == [sha(tar)]
    with pytest.raises(BadInput, match="linux/s390x"):
        read_path(path, Wanted(platform="linux/s390x"), store=store)


def test_an_engines_image_is_known_by_its_id(store: AnalysisCache) -> None:
    data = archive(oci_files([PICTURE], docker=True))
    wanted = Wanted(platform="linux/amd64")
    assert read_known("app:1", "sha256:one", wanted, store) is None
    first = read_stream([data], "app:1", "sha256:one", wanted, store=store)
    known = read_known("app:1", "sha256:one", wanted, store)
    assert known is not None
    same(first, known)
    renamed = read_known("again:2", "sha256:one", wanted, store)
    assert renamed is not None
    assert (renamed.name, renamed.location, renamed.image_id) == ("again:2", "again:2", "sha256:one")
    assert read_known("app:1", "sha256:two", wanted, store) is None
    assert read_known("app:1", "sha256:one", Wanted(platform="linux/arm64"), store) is None
    assert read_known("app:1", "sha256:one", Wanted(fast=True, platform="linux/amd64"), store) is None


def test_an_engines_new_image_of_known_layers_is_known(store: AnalysisCache) -> None:
    wanted = Wanted(platform="linux/amd64")
    first = read_stream(
        [archive(oci_files([PICTURE], docker=True))], "app:1", "sha256:one", wanted, store=store
    )
    config = {
        "os": "linux",
        "architecture": "amd64",
        "config": {"User": "7", "Labels": {"new": "label"}},
        "rootfs": {"type": "layers", "diff_ids": [sha(LOWER), sha(UPPER)]},
        "history": [
            {"created_by": "COPY a / # buildkit"},
            {"created_by": "USER 7", "empty_layer": True},
            {"created_by": "RUN rm a/f # buildkit"},
        ],
    }
    assert read_known("app:2", "sha256:two", wanted, store) is None
    image = read_known("app:2", "sha256:two", wanted, store, config)
    assert image is not None
    assert image.verified
    assert (image.name, image.image_id, image.source) == ("app:2", "sha256:two", "engine")
    assert image.config.user == "7"
    assert image.platform == "linux/amd64"
    assert image.sizes == first.sizes
    assert [layer.instruction for layer in image.layers] == ["COPY a /", "RUN rm a/f"]
    config["rootfs"] = {"diff_ids": [sha(LOWER), "sha256:new"]}
    assert read_known("app:3", "sha256:three", wanted, store, config) is None
    store.clear()
    config["rootfs"] = {"diff_ids": [sha(LOWER), sha(UPPER)]}
    assert read_known("app:2", "sha256:two", wanted, store, config) is None


def test_without_its_layers_a_record_is_worth_nothing(tmp_path: Path, store: AnalysisCache) -> None:
    wanted = Wanted()
    read_stream([old_save([PICTURE])], "app:1", "sha256:one", wanted, store=store)
    record = store.source("engine:sha256:one:")
    assert record is not None
    store.clear()
    store.keep_source("engine:sha256:one:", record)
    assert read_known("app:1", "sha256:one", wanted, store) is None
    for rubbish in (b"", b"{", b"[]", b'{"folder": 1}', b'{"documents": {"a": 1}}'):
        store.keep_source("engine:sha256:one:", rubbish)
        assert read_known("app:1", "sha256:one", wanted, store) is None


# --- a layer as bytes -----------------------------------------------------------------------------------------------------


def parsed(tar: bytes) -> layer_reader.ParsedLayer:
    reader = LayerReader(fast=False)
    try:
        return reader.read([tar], "Layer")
    finally:
        reader.close()


def test_a_layer_comes_back_as_it_was() -> None:
    tar = layer(
        [
            *((f"d{number % 7}/f{number}", number) for number in range(3000)),
            member("x", 3, uid=7, mode=0o4755),
            ("l", "=x"),
        ]
    )
    one = parsed(tar)
    packed = encode(one)
    assert packed is not None
    assert len(packed) < len(tar) / 20
    other = decode(packed)
    for field in dataclasses.fields(one):
        if field.name != "columns":
            assert getattr(one, field.name) == getattr(other, field.name)
    for field in dataclasses.fields(one.columns):
        mine, theirs = getattr(one.columns, field.name), getattr(other.columns, field.name)
        assert mine == theirs, field.name
        assert type(mine) is type(theirs)
        if isinstance(mine, array):
            assert mine.typecode == theirs.typecode


def test_an_empty_layer_comes_back() -> None:
    packed = encode(parsed(layer([])))
    assert packed is not None
    assert len(decode(packed).columns) == 0


def test_damaged_bytes_are_no_layer() -> None:
    packed = encode(parsed(LOWER))
    assert packed is not None
    for position in range(0, len(packed), 3):
        damaged = bytearray(packed)
        damaged[position] ^= 0x55
        with pytest.raises(NotUsable):
            decode(bytes(damaged))
    for length in range(0, len(packed) - 1, 5):
        with pytest.raises(NotUsable):
            decode(packed[:length])


def test_a_layer_that_was_not_hashed_or_is_too_large_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = parsed(LOWER)
    assert encode(dataclasses.replace(whole, diff_id=None)) is None
    monkeypatch.setattr(layer_cache, "MAX_BYTES", 10)
    assert encode(whole) is None


def test_nothing_but_our_own_data_classes_is_made_of_what_was_kept() -> None:
    whole = parsed(LOWER)
    whole.columns.kept = {0: ("w", {"a": [1, b"x", None, ("t", 1.5)]})}
    packed = encode(whole)
    assert packed is not None
    assert decode(packed).columns.kept == whole.columns.kept
    for value in (os.system, pickle.Unpickler, LayerReader):
        whole.columns.kept = {0: ("w", value)}
        packed = encode(whole)
        assert packed is not None
        with pytest.raises(NotUsable):
            decode(packed)
