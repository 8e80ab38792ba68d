"""Pieces that come and go are read into memory that is there already."""

import sys

import pytest

from slimdesk.image.heap import reuse_freed_memory

PIECE = 1 << 20


@pytest.mark.skipif(sys.platform != "linux", reason="what is told is told to glibc")
def test_a_freed_piece_is_not_handed_back_to_the_system():
    import resource

    if not reuse_freed_memory():
        pytest.skip("this C library takes no such word")
    for _ in range(4):
        b"".join([b"x" * PIECE, b"y" * PIECE])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(50):
        b"".join([b"x" * PIECE, b"y" * PIECE])
    # Fetched anew, the pages of 50 times 4 MiB would be some 50 000.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before < 5_000


def test_asking_twice_is_answered_the_same():
    assert reuse_freed_memory() == reuse_freed_memory()


def test_another_system_is_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert reuse_freed_memory.__wrapped__() is False
