"""Listings that fail: each is an EngineError, for the layers bring the same later."""

import io
import tarfile

import pytest

from slimdesk.basics.errors import EngineError
from slimdesk.basics.resources import resource
from slimdesk.engine.endpoint import in_use
from slimdesk.engine.listing import _LEFT, Listing, unpacked
from slimdesk.engine.wire import put_bytes


def test_an_engine_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    with pytest.raises(EngineError):
        Listing(in_use(), "debian:13", "linux/amd64").run()


@pytest.mark.parametrize(
    ("name", "platform"), [("debian:13", "windows/amd64"), ("a:1 AS x\nRUN evil", "linux/amd64")]
)
def test_what_cannot_be_listed_is_not_asked_for(tmp_path, monkeypatch, name, platform):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    with pytest.raises(EngineError, match="no program that lists"):
        Listing(in_use(), name, platform).run()


def packed(name, body=b"list"):
    into = io.BytesIO()
    with tarfile.open(fileobj=into, mode="w") as tar:
        info = tarfile.TarInfo(name)
        info.size = len(body)
        tar.addfile(info, io.BytesIO(body))
    return bytearray(into.getvalue())


@pytest.mark.parametrize("answer", [bytearray(b"no tar"), bytearray(2048), packed("other")])
def test_an_answer_that_is_none(answer):
    with pytest.raises(EngineError, match="something else"):
        unpacked(answer, "debian:13")


def test_the_list_is_what_the_engine_packed():
    assert unpacked(packed("entries"), "debian:13") == b"list"


def test_what_the_engine_still_holds_is_taken_out_of_its_cache_a_moment_later(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    monkeypatch.setattr("slimdesk.engine.listing._AGAIN", (0.0, 0.0, 0.0, 0.0))
    record = put_bytes(1, b"abc123") + put_bytes(9, _LEFT.encode())
    others = put_bytes(1, b"def456") + put_bytes(9, b"mount / from exec /bin/sh")
    asked = []
    pruned = iter([[], [put_bytes(1, b"abc123")]])

    def ask(_listing, method, message):
        asked.append((method, message))
        return [put_bytes(1, record) + put_bytes(1, others)] if method == "DiskUsage" else next(pruned)

    monkeypatch.setattr(Listing, "_ask", ask)
    Listing(in_use(), "debian:13", "linux/amd64").tidy()
    chosen = put_bytes(1, b"id==abc123")
    assert asked == [("DiskUsage", b""), ("Prune", chosen), ("Prune", chosen)]


def test_the_programs_come_with_the_notices_of_what_is_linked_into_them():
    notices = resource("listing/LICENCES.txt").read_text(encoding="utf-8")
    for word in ("musl as a whole is licensed", "Rich Felker", "Zig contributors"):
        assert word in notices
