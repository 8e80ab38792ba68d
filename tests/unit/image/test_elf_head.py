"""The first bytes of ELF files: processor and loader."""

import struct

import pytest

from slimdesk.image.elf_head import ElfHead, read_head


def elf(machine=62, loader="/lib64/ld-linux-x86-64.so.2", wide=True, order="<"):
    """A head as linkers write it: the header, one load segment, the loader's name."""
    size, count = (56, 2) if wide else (32, 2)
    start = 64 if wide else 52
    name = loader.encode() + b"\0" if loader else b""
    place = start + size * count
    magic = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1]) + bytes(9)
    if wide:
        head = magic + struct.pack(
            f"{order}HHIQQQIHHHHHH", 3, machine, 1, 0, 64, 0, 0, 64, size, count, 0, 0, 0
        )
        load = struct.pack(f"{order}IIQQQQQQ", 1, 5, 0, 0, 0, 0, 0, 0)
        interp = struct.pack(f"{order}IIQQQQQQ", 3, 4, place, 0, 0, len(name), len(name), 1)
    else:
        head = magic + struct.pack(
            f"{order}HHIIIIIHHHHHH", 2, machine, 1, 0, 52, 0, 0, 52, size, count, 0, 0, 0
        )
        load = struct.pack(f"{order}IIIIIIII", 1, 0, 0, 0, 0, 0, 5, 0)
        interp = struct.pack(f"{order}IIIIIIII", 3, place, 0, 0, len(name), len(name), 4, 1)
    return head + load + (interp if name else load) + name


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (elf(), ElfHead("amd64", "/lib64/ld-linux-x86-64.so.2")),
        (elf(183, "/lib/ld-musl-aarch64.so.1"), ElfHead("arm64", "/lib/ld-musl-aarch64.so.1")),
        (elf(62, ""), ElfHead("amd64", "")),
        (elf(40, "/lib/ld-linux.so.3", wide=False), ElfHead("arm", "/lib/ld-linux.so.3")),
        (elf(22, "/lib/ld64.so.1", order=">"), ElfHead("s390x", "/lib/ld64.so.1")),
        (elf(65000, ""), ElfHead("", "")),
    ],
)
def test_processor_and_loader(body, expected):
    assert read_head(body) == expected


@pytest.mark.parametrize(
    "body", [b"", b"\x7fELF", b"#!/bin/sh\n", b"\x7fELF\x07\x01" + bytes(60), elf()[:30]]
)
def test_what_is_none_or_damaged(body):
    assert read_head(body) is None


def test_every_cut_is_survived():
    whole = elf()
    for end in range(len(whole)):
        read_head(whole[:end])
    # Tables that state far more than there is.
    assert read_head(whole[:56] + b"\xff\xff" + whole[58:64]) is None
