"""What a program that could not be started says of itself."""

import stat
import struct

import pytest

from slimdesk.operations.explain_program import of_program

PROGRAM = stat.S_IFREG | 0o755
LOADER = "/lib64/ld-linux-x86-64.so.2"


def elf(machine=62, loader=LOADER):
    name = loader.encode() + b"\0"
    head = b"\x7fELF\x02\x01\x01" + bytes(9)
    head += struct.pack("<HHIQQQIHHHHHH", 3, machine, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    return head + struct.pack("<IIQQQQQQ", 3 if loader else 1, 4, 120, 0, 0, len(name), len(name), 1) + name


def explained(head, mode=PROGRAM, machine="amd64", there=("/bin/sh",)):
    return of_program("/app/server", mode, head, machine, lambda name: name in there)


@pytest.mark.parametrize(
    ("head", "kind", "words"),
    [
        (b"#!/bin/sh\r\necho\r\n", "windows-line-ends", "Windows line ends"),
        (b"#!/bin/bash\necho\n", "no-loader", "a script for /bin/bash, which is not in the image"),
        (b"#!/bin/sh\necho\n", None, ""),
        (b"#! \n", "no-loader", "names no program"),
        (b"#!/usr/bin/env -S A=1 python3\n", "no-loader", "/usr/bin/env"),
        (b"not a program", "wrong-platform", "neither a program nor a script"),
        (b"", "wrong-platform", "is empty"),
        (elf(183, ""), "wrong-platform", "made for arm64, and this engine's processor is amd64"),
        (elf(3, ""), None, ""),
        (elf(62, ""), None, ""),
        (elf(), "no-loader", f"linked against glibc: it is loaded by {LOADER}"),
        (elf(62, "/lib/ld-musl-x86_64.so.1"), "no-loader", "a family with musl"),
    ],
)
def test_its_first_bytes_say_why(head, kind, words):
    found = explained(head)
    assert (found.kind if found else None) == kind
    if found is not None:
        assert words in found.message
        assert found.message.startswith("/app/server")


def test_what_env_looks_up():
    there = ("/bin/sh", "/usr/bin/env")
    found = explained(b"#!/usr/bin/env -S A=1 python3 -u\n", there=there)
    assert "a script for python3" in found.message
    assert explained(b"#!/usr/bin/env python3\n", there=(*there, "python3")) is None


def test_a_loader_that_is_there_is_no_reason():
    assert explained(elf(), there=(LOADER,)) is None


def test_modes_and_folders():
    assert "folder" in explained(b"", stat.S_IFDIR | 0o755).message
    assert "mode 0644" in explained(b"#!/bin/sh\n", stat.S_IFREG | 0o644).message


def test_an_engine_whose_processor_is_not_known():
    assert explained(elf(183, ""), machine="") is None


def test_names_cannot_write_controls():
    found = explained(b"#!/bin/\x1b[31mred\n")
    assert "\x1b" not in found.message
