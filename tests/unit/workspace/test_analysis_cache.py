"""The cache of layers: bounded, droppable, never in the way."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from slimdesk.workspace import analysis_cache
from slimdesk.workspace.analysis_cache import AnalysisCache


@pytest.fixture
def cache(tmp_path: Path) -> AnalysisCache:
    return AnalysisCache(tmp_path / "deep" / "layers.sqlite", maximum=10_000)


def test_a_layer_is_found_by_the_digest_of_its_blob_and_of_its_tar(cache: AnalysisCache) -> None:
    assert cache.layer("sha256:blob") is None
    assert not cache.path.exists()
    cache.keep_layer("sha256:tar", "sha256:blob", b"packed")
    assert cache.layer("sha256:blob") == b"packed"
    assert cache.layer("sha256:tar") == b"packed"
    assert cache.layer("sha256:other") is None
    cache.keep_layer("sha256:tar", "sha256:tar", b"plain")
    assert cache.layer("sha256:tar") == b"plain"
    assert cache.layer("sha256:blob") == b"packed"


def test_the_blob_that_was_used_last_speaks_for_a_tar(
    cache: AnalysisCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cache.newest("tar") is None
    now = [1000.0]
    monkeypatch.setattr(analysis_cache.time, "time", lambda: now[0])
    cache.keep_layer("tar", "tar", b"plain")
    now[0] += 1
    cache.keep_layer("tar", "blob", b"packed")
    assert cache.newest("tar") == "blob"
    now[0] += 1
    assert cache.layer("tar") == b"plain"
    assert cache.newest("tar") == "tar"
    assert cache.newest("blob") is None


def test_sources_have_records(cache: AnalysisCache) -> None:
    assert cache.source("path:/x") is None
    cache.keep_source("path:/x", b"one")
    cache.keep_source("path:/x", b"two")
    assert cache.source("path:/x") == b"two"
    assert cache.size() == 3


def test_what_was_used_longest_ago_goes_first(cache: AnalysisCache, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(analysis_cache.time, "time", lambda: now[0])
    for number in range(9):
        now[0] += 1
        cache.keep_layer(f"d{number}", f"d{number}", bytes(1000))
    now[0] += 1
    assert cache.layer("d0")
    now[0] += 1
    cache.keep_layer("new", "new", bytes(2000))
    assert cache.layer("d0")
    assert cache.layer("new")
    assert cache.layer("d1") is None
    assert cache.size() <= 10_000


def test_the_file_shrinks_with_what_it_holds(tmp_path: Path) -> None:
    cache = AnalysisCache(tmp_path / "layers.sqlite", maximum=1_000_000)
    for number in range(20):
        cache.keep_layer(f"d{number}", f"d{number}", os.urandom(200_000))
    assert cache.path.stat().st_size < 1_400_000


def test_another_versions_cache_is_dropped(cache: AnalysisCache, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.keep_layer("d", "d", b"packed")
    monkeypatch.setattr(analysis_cache, "_known_maker", ["another"])
    assert cache.layer("d") is None
    cache.keep_layer("d", "d", b"new")
    assert cache.layer("d") == b"new"


@pytest.mark.parametrize(
    "contents", [b"not a database at all" * 100, b"", b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_damaged_file_is_dropped(cache: AnalysisCache, contents: bytes) -> None:
    cache.path.parent.mkdir(parents=True)
    cache.path.write_bytes(contents)
    assert cache.layer("d") is None
    cache.keep_layer("d", "d", b"packed")
    assert cache.layer("d") == b"packed"


def test_somebody_elses_database_of_that_name_is_dropped(cache: AnalysisCache) -> None:
    cache.path.parent.mkdir(parents=True)
    other = sqlite3.connect(cache.path)
    other.execute("CREATE TABLE layer (x)")
    other.commit()
    other.close()
    cache.keep_layer("d", "d", b"packed")
    assert cache.layer("d") == b"packed"


def test_a_locked_file_or_a_folder_that_cannot_be_made_is_no_error(
    cache: AnalysisCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analysis_cache, "_PATIENCE", 0.0)
    cache.keep_layer("d", "d", b"packed")
    holder = sqlite3.connect(cache.path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    assert cache.layer("d") is None
    cache.keep_layer("e", "e", b"packed")
    holder.execute("ROLLBACK")
    holder.close()
    assert cache.layer("d") == b"packed"
    (tmp_path / "file").write_bytes(b"")
    nowhere = AnalysisCache(tmp_path / "file" / "layers.sqlite")
    nowhere.keep_layer("d", "d", b"packed")
    assert nowhere.layer("d") is None
    assert nowhere.size() == 0


def test_nobody_else_may_read_it(cache: AnalysisCache) -> None:
    cache.keep_source("path:/private", b"x")
    if os.name == "posix":
        assert cache.path.stat().st_mode & 0o077 == 0


def test_clear_forgets_everything(cache: AnalysisCache) -> None:
    cache.clear()
    cache.keep_layer("d", "d", b"packed")
    cache.clear()
    assert cache.layer("d") is None
