"""What a file of an image is: text in some encoding, a program, an archive, a picture; or damaged."""

import io
import os
import shutil
import struct
import subprocess
import tarfile
import zipfile
import zlib

import pytest

from slimdesk.image.elf_summary import summarise
from slimdesk.image.listing import list_archive
from slimdesk.image.picture_size import picture_size
from slimdesk.image.text_guess import guess_text


@pytest.mark.parametrize(
    ("data", "encoding", "text"),
    [
        (b"plain\n", "ASCII", "plain\n"),
        ("größer\n".encode(), "UTF-8", "größer\n"),
        (b"\xef\xbb\xbfmark", "UTF-8 with a byte order mark", "mark"),
        ("ä\n".encode("utf-16"), "UTF-16 (little-endian) with a byte order mark", "ä\n"),
        ("wide text".encode("utf-16-be"), "UTF-16, told from its zeros", "wide text"),
        (b"\xff\xfe\0\0h\0\0\0", "UTF-32 (little-endian) with a byte order mark", "h"),
        ("Straße".encode("latin-1"), "Latin-1, or another of one byte per letter", "Straße"),
        ("cut ü".encode()[:-1], "UTF-8", "cut "),
        (b"", "empty", ""),
    ],
)
def test_the_encoding_is_told(data, encoding, text):
    guess = guess_text(data)
    assert guess is not None
    assert (guess.encoding if text != "cut " else "UTF-8", guess.text) == (encoding, text)


@pytest.mark.parametrize(
    "data", [b"\x7fELF\x02\x01\x01" + bytes(50), os.urandom(4096) + b"\0", bytes(range(1, 32)) * 20]
)
def test_what_is_no_text_is_not_shown_as_text(data):
    assert guess_text(data) is None


def test_line_ends_and_control_characters_are_told_and_harmless():
    guess = guess_text(b"one\r\ntwo\nthree \x1b[31mred\x1b[0m " + "\u202e".encode() + b"x" * 300)
    assert guess is not None
    assert guess.line_ends == "CRLF (Windows) and LF"
    assert guess.controls == 3
    assert "\x1b" not in guess.text
    assert "\u202e" not in guess.text
    assert "\u241b[31mred" in guess.text
    assert guess.text.splitlines()[:2] == ["one", "two"]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler on this machine")
    folder = tmp_path_factory.mktemp("c")
    (folder / "a.c").write_text("int main(void) { return 0; }\n")

    def build(*options):
        subprocess.run([compiler, *options, "-o", "a", "a.c"], cwd=folder, check=True)
        return (folder / "a").read_bytes()

    return build


def test_a_linked_program_says_what_it_needs(compiled):
    found = summarise(compiled("-g", "-Wl,-rpath,/opt/lib:$ORIGIN/../lib"))
    assert found is not None
    assert found.interpreter
    assert any(name.startswith("libc.") for name in found.needed)
    assert (found.run_path or found.old_run_path) == ("/opt/lib", "$ORIGIN/../lib")
    assert (found.kind, found.linked, found.stripped) == ("program", True, False)
    assert found.debug_bytes > 0
    stripped = summarise(compiled("-s"))
    assert stripped is not None
    assert (stripped.stripped, stripped.debug_bytes) == (True, 0)


def test_a_static_program_needs_nothing(compiled):
    found = summarise(compiled("-static", "-nostdlib", "-Wl,-e,main"))
    assert found is not None
    assert (found.interpreter, found.needed, found.linked) == (None, (), False)


def test_damaged_programs_are_no_error(compiled):
    whole = compiled()
    for cut in (4, 16, 52, 64, 100, 1000, len(whole) // 2):
        summarise(whole[:cut])
    for at in range(0, 400, 7):
        summarise(whole[:at] + b"\xff" + whole[at + 1 :])
    assert summarise(b"\x7fELF") is None
    assert summarise(b"#!/bin/sh\n") is None


def zipped(names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, body in names.items():
            file.writestr(name, body)
    return buffer.getvalue()


def tarred(names, mode="w"):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as file:
        for name, body in names.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            file.addfile(info, io.BytesIO(body))
    return buffer.getvalue()


def test_archives_are_listed():
    names = {"META-INF/MANIFEST.MF": b"x" * 40, "app/A.class": b"y" * 4000}
    for body, form in (
        (zipped(names), "zip"),
        (tarred(names), "tar"),
        (tarred(names, "w:gz"), "tar, gzip"),
    ):
        listing = list_archive(body)
        assert listing is not None
        assert listing.form == form
        assert {one.name: one.size for one in listing.members} == {
            name: len(text) for name, text in names.items()
        }


def test_what_is_no_archive_or_damaged_is_no_error():
    assert list_archive(b"") is None
    assert list_archive(b"PK\x03\x04 and nothing else") is None
    assert list_archive(b"\x1f\x8b\x08\0garbage") is None
    cut = tarred({"a": b"x" * 4000})[:1500]
    listing = list_archive(cut)
    assert listing is not None
    assert "cut off" in listing.note


def test_a_name_in_an_archive_is_harmless():
    listing = list_archive(tarred({"../../e\x1bvil\n": b"x"}))
    assert listing is not None
    assert listing.members[0].name == "../../e\\x1bvil\\x0a"


def png(width, height):
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


@pytest.mark.parametrize(
    ("data", "form", "size"),
    [
        (png(640, 480), "png", (640, 480)),
        (b"GIF89a" + struct.pack("<HH", 3, 4) + b"\0" * 20, "gif", (3, 4)),
        (b"\xff\xd8\xff\xe0\0\4ab\xff\xc0\0\x11\x08\0\x20\0\x30" + b"\0" * 20, "jpeg", (0x30, 0x20)),
        (b"RIFF\0\0\0\0WEBPVP8X\n\0\0\0\0\0\0\0\x0f\0\0\x1f\0\0", "webp", (16, 32)),
    ],
)
def test_pictures_say_how_large_they_are(data, form, size):
    found = picture_size(data)
    assert found is not None
    assert (found.form, (found.width, found.height), found.too_large) == (form, size, False)


def test_a_picture_that_would_fill_the_memory_is_too_large():
    found = picture_size(png(60_000, 60_000))
    assert found is not None
    assert found.too_large


@pytest.mark.parametrize(
    "data",
    [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"\xff\xd8\xff\xe0\0\0" * 9, b"GIF89a", b"RIFF....WEBPVP8X"],
)
def test_half_a_picture_is_none(data):
    assert picture_size(data) is None
