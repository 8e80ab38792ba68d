"""Coverage-guided fuzzing of what looks inside of images with atheris (libFuzzer). Run by hand, as long as you like:

    python tests/fuzz/fuzz_inside.py [CORPUS] [-max_total_time=600] [-rss_limit_mb=1024]

Each input is one file body; its first byte says who reads it: the summary of ELF files, the guess of a text's encoding, the
list of an archive's files, the size of a picture, the list of files that an engine gives, the JSON of an earlier analysis, or
the same archive read twice: first as an image, then for the bodies of its files. Anything but an answer or one of SlimDesk's
own errors is a crash; libFuzzer writes the input to crash-<hash> in the working folder, which then belongs into
tests/data/images/fuzz-inside.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from pathlib import Path

import atheris

from slimdesk.basics.errors import SlimDeskError

# What is imported in here, and what that imports, tells the fuzzer which branches an input took.
with atheris.instrument_imports(include=["slimdesk.image"]):
    from slimdesk.image.earlier import read_earlier
    from slimdesk.image.elf_summary import summarise
    from slimdesk.image.inside import catch, place_of
    from slimdesk.image.listed import MAGIC, RECORD, listed_tree
    from slimdesk.image.listing import list_archive
    from slimdesk.image.picture_size import picture_size
    from slimdesk.image.read import Wanted, read_path
    from slimdesk.image.table import Kind
    from slimdesk.image.text_guess import guess_text


def list_of(data: bytes) -> bytes:
    """Take the bytes as records of an engine's list: kinds, names and numbers as they come, the lengths right."""
    provider = atheris.FuzzedDataProvider(data)
    text = bytearray(MAGIC)
    for _ in range(provider.ConsumeIntInRange(0, 20)):
        mode = provider.ConsumeIntInRange(1, 0xFFFF)
        numbers = [provider.ConsumeIntInRange(0, (1 << 32) - 1) for _ in range(2)]
        links = provider.ConsumeIntInRange(0, 3)
        device, inode = provider.ConsumeIntInRange(0, 2), provider.ConsumeIntInRange(0, 4)
        size, changed = provider.ConsumeInt(8) & ((1 << 64) - 1), provider.ConsumeInt(8)
        path = provider.ConsumeBytes(provider.ConsumeIntInRange(0, 40))
        link = provider.ConsumeBytes(provider.ConsumeIntInRange(0, 20))
        text += (
            RECORD.pack(mode, *numbers, links, device, inode, size, changed, len(path), len(link))
            + path
            + link
        )
    return bytes(text) + RECORD.pack(*[0] * 10)


def elf(data: bytes) -> None:
    """As it is, and behind the first bytes that an ELF file has."""
    summarise(data)
    summarise(b"\x7fELF\x02\x01\x01\0" + bytes(8) + data)


def text(data: bytes) -> None:
    """What may be shown holds nothing that would change how other text is shown."""
    found = guess_text(data)
    if found is not None and any(sign in found.text for sign in "\0\x1b\r\u202e\ufeff"):
        raise AssertionError("a control character in what is shown")


def archive(data: bytes) -> None:
    """Names that are listed are harmless."""
    found = list_archive(data)
    for member in found.members if found else ():
        if any(ord(sign) < 32 for sign in member.name):
            raise AssertionError("a control character in a name")


def listing(data: bytes) -> None:
    """Records as they come, and ones whose lengths are right."""
    for body in (MAGIC + data, list_of(data)):
        with contextlib.suppress(SlimDeskError):
            table = listed_tree(body)
            for node in range(len(table)):
                if not node < table.end[node] <= len(table):
                    raise AssertionError("a tree that is none")


def earlier(data: bytes) -> None:
    """The JSON of `slimdesk analyze`."""
    path = Path(_folder, "earlier.json")
    path.write_bytes(data)
    read_earlier(path)


def twice(data: bytes) -> None:
    """What the image says of its files is what is found in it."""
    path = Path(_folder, "image.tar")
    path.write_bytes(data)
    image = read_path(path, Wanted(platform="linux/amd64", fast=True))
    places = {}
    for node in range(len(image.table)):
        if (
            image.table.kind[node] == Kind.FILE
            and image.table.hidden_by[node] < 0
            and image.table.layer[node] >= 0
        ):
            places[place_of(image.table, node)] = image.table.size[node]
    found = catch(path, image, places, lambda _key, _header, pieces: sum(map(len, pieces)))
    for place, size in found.items():
        if size != places[place]:
            raise AssertionError(f"{size} bytes at {place}, not {places[place]}")


READERS = (elf, text, archive, picture_size, listing, earlier, twice)


def one_input(data: bytes) -> None:
    """Read one input; what it raises beyond SlimDesk's own errors is a crash."""
    if data:
        with contextlib.suppress(SlimDeskError):
            READERS[data[0] % len(READERS)](data[1:])


def main() -> None:
    """Hand over to libFuzzer, which ends the process without coming back."""
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


_folder = tempfile.mkdtemp(prefix="slimdesk-fuzz-")

if __name__ == "__main__":
    main()
