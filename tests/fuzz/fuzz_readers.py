"""Coverage-guided fuzzing of the readers of images with atheris (libFuzzer). Run by hand, as long as you like:

    python tests/fuzz/fuzz_readers.py [CORPUS] [-max_total_time=600] [-rss_limit_mb=1024]

Each input is one archive. Its first byte says how the rest is given to the reader: as a file, as a stream, as one layer, or
as the documents and layers of an archive whose tar headers are right. Anything but an image or one of SlimDesk's own errors
is a crash; libFuzzer writes the input to crash-<hash> in the working folder, which then belongs into tests/data/images/fuzz.
"""

from __future__ import annotations

import contextlib
import io
import sys
import tarfile
import tempfile
from pathlib import Path

import atheris

from slimdesk.basics.errors import SlimDeskError

# What is imported in here, and what that imports, tells the fuzzer which branches an input took.
with atheris.instrument_imports(include=["slimdesk.image"]):
    from slimdesk.image.layer import LayerParser
    from slimdesk.image.read import Wanted, read_path, read_stream

SHAPES = 5
PLATFORM = "linux/amd64"


def with_right_headers(data: bytes) -> bytes:
    """Take the bytes as the parts of an archive, so that the search need not find checksums by chance."""
    provider = atheris.FuzzedDataProvider(data)
    names = ("manifest.json", "index.json", "c.json", "l.tar", "blobs/sha256/x", "oci-layout")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for _ in range(provider.ConsumeIntInRange(1, 5)):
            info = tarfile.TarInfo(names[provider.ConsumeIntInRange(0, len(names) - 1)])
            body = provider.ConsumeBytes(provider.ConsumeIntInRange(0, 4096))
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
    return buffer.getvalue()


def entries(data: bytes) -> bytes:
    """Take the bytes as the headers of a layer: names, types, sizes and links as they come, the sums right."""
    provider = atheris.FuzzedDataProvider(data)
    tar = bytearray()
    for _ in range(provider.ConsumeIntInRange(0, 12)):
        header = bytearray(512)
        for start, length in ((0, 100), (100, 24), (124, 24), (157, 100), (257, 8), (345, 155)):
            field = provider.ConsumeBytes(provider.ConsumeIntInRange(0, length))
            header[start : start + len(field)] = field
        header[156] = provider.ConsumeIntInRange(0, 255)
        header[148:156] = b"        "
        header[148:156] = b"%06o\0 " % sum(header)
        tar += header
        body = provider.ConsumeBytes(provider.ConsumeIntInRange(0, 1024))
        tar += body + bytes(-len(body) % 512)
    return bytes(tar)


def one_input(data: bytes) -> None:
    """Read one input; what it raises beyond SlimDesk's own errors is a crash."""
    if not data:
        return
    shape, body = data[0] % SHAPES, data[1:]
    with contextlib.suppress(SlimDeskError):
        if shape == 0:
            _as_file(body)
        elif shape == 1:
            read_stream((body[start : start + 97] for start in range(0, len(body), 97)), "fuzz")
        elif shape == 2:
            parser = LayerParser("Layer")
            parser.feed(body)
            parser.finish()
        elif shape == 3:
            _as_file(with_right_headers(body))
        else:
            _as_file(_image_of(entries(body)))


def _image_of(tar: bytes) -> bytes:
    buffer = io.BytesIO()
    documents = {
        "l.tar": tar,
        "c.json": b"{}",
        "manifest.json": b'[{"Config":"c.json","Layers":["l.tar","l.tar"]}]',
    }
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, body in documents.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return buffer.getvalue()


def _as_file(data: bytes) -> None:
    path = Path(_folder, "image.tar")
    path.write_bytes(data)
    image = read_path(path, Wanted(platform=PLATFORM, fast=bool(len(data) % 2)))
    if not 0 <= (image.sizes.live or 0) <= image.sizes.files:
        raise AssertionError("more bytes live than there are")


def main() -> None:
    """Hand over to libFuzzer, which ends the process without coming back."""
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


_folder = tempfile.mkdtemp(prefix="slimdesk-fuzz-")

if __name__ == "__main__":
    main()
