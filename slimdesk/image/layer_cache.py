"""A layer that has been read, as compact bytes and back again, so that it need not be read a second time.

The bytes are for this machine and this version of SlimDesk alone: a store throws them away when either changes.
"""

from __future__ import annotations

import io
import json
import pickle
import sys
from array import array
from collections.abc import Iterable, Iterator
from itertools import accumulate, pairwise
from typing import Any
from zlib import crc32

from slimdesk.image.layer import LayerColumns
from slimdesk.image.layer_reader import ParsedLayer

MAGIC = b"SDL4"
_HEAD = len(MAGIC) + 4
# A layer that takes more room than this is read again; it would push too much else out.
MAX_BYTES = 96 << 20
_COLUMNS = ("sizes", "mtimes", "owners", "owner_mode", "owner_uid", "owner_gid")
_KEYS_AT_ONCE = 20_000
_OURS = "slimdesk.image."


class NotUsable(ValueError):
    """These bytes are no cached layer, or not one of this machine."""


def encode(layer: ParsedLayer) -> bytes | None:
    """Return a layer as compressed bytes; None for one that is too large to be worth it, or was never hashed."""
    if layer.diff_id is None or layer.digest is None:
        return None
    import zstandard

    columns = layer.columns
    lengths = array("I", map(len, columns.keys))
    link_entries = array("I", columns.links)
    link_lengths = array("I", map(len, columns.links.values()))
    kept = pickle.dumps(columns.kept, protocol=5) if columns.kept else b""
    parts: list[bytes | bytearray | array[int]] = [columns.kinds, lengths, link_entries, link_lengths]
    parts += [getattr(columns, name) for name in _COLUMNS]
    text = sum(lengths)
    links = sum(link_lengths)
    sizes = [*(memoryview(part).nbytes for part in parts), text, links, len(kept)]
    if sum(sizes) > MAX_BYTES:
        return None
    about = {
        "order": sys.byteorder,
        "compression": layer.compression,
        "stored": layer.stored,
        "unpacked": layer.unpacked,
        "diff_id": layer.diff_id,
        "digest": layer.digest,
        "compressed": layer.compressed,
        "files": columns.files,
        "sizes": sizes,
    }
    head = json.dumps(about).encode()
    whole = zstandard.ZstdCompressor(level=3).compressobj()
    packed = bytearray()
    packed += whole.compress(len(head).to_bytes(4, "little") + head)
    for part in parts:
        packed += whole.compress(memoryview(part).cast("B"))
    for piece in _joined(columns.keys):
        packed += whole.compress(piece)
    packed += whole.compress(b"".join(columns.links.values()))
    packed += whole.compress(kept)
    packed += whole.flush()
    return MAGIC + crc32(packed).to_bytes(4, "little") + packed


def decode(packed: bytes) -> ParsedLayer:
    """Undo `encode`. Raises NotUsable."""
    import zstandard

    body = packed[_HEAD:]
    if not packed.startswith(MAGIC) or packed[len(MAGIC) : _HEAD] != crc32(body).to_bytes(4, "little"):
        raise NotUsable("not a cached layer, or a damaged one")
    try:
        data = zstandard.ZstdDecompressor().decompressobj().decompress(body)
        start = 4 + int.from_bytes(data[:4], "little")
        about: dict[str, Any] = json.loads(data[4:start])
        if about["order"] != sys.byteorder or start + sum(about["sizes"]) != len(data):
            raise NotUsable("another machine's")
        bounds = pairwise(accumulate(about["sizes"], initial=start))
        view = memoryview(data)
        parts = [view[begin:end] for begin, end in bounds]
        columns = _columns(parts, about["files"])
        return ParsedLayer(
            columns=columns,
            compression=about["compression"],
            stored=about["stored"],
            unpacked=about["unpacked"],
            diff_id=about["diff_id"],
            digest=about["digest"],
            compressed=about["compressed"],
        )
    except (zstandard.ZstdError, ValueError, LookupError, TypeError, AttributeError, EOFError) as error:
        raise NotUsable(str(error)) from error
    except (pickle.UnpicklingError, ImportError, MemoryError) as error:
        raise NotUsable(str(error)) from error


def _columns(parts: list[memoryview], files: int) -> LayerColumns:
    kinds, lengths, link_entries, link_lengths, *numbers, text, links, kept = parts
    columns = LayerColumns(kinds=bytearray(kinds), files=files)
    columns.keys = list(_split(bytes(text), _array("I", lengths)))
    columns.links = dict(
        zip(_array("I", link_entries), _split(bytes(links), _array("I", link_lengths)), strict=True)
    )
    for name, part in zip(_COLUMNS, numbers, strict=True):
        setattr(columns, name, _array(getattr(columns, name).typecode, part))
    if kept:
        columns.kept = _Reader(io.BytesIO(kept)).load()
    counts = {len(columns.keys), len(columns.kinds), len(columns.sizes), len(columns.owners)}
    if len(counts) != 1:
        raise NotUsable("columns of different lengths")
    return columns


class _Reader(pickle.Unpickler):
    """Reads what looks at bodies kept. The file is the person's own, yet nothing but our own data classes is made of it."""

    def find_class(self, module: str, name: str) -> Any:
        """Return one of our own data classes. Raises UnpicklingError for anything else."""
        if module.startswith(_OURS) and "." not in name:
            found = super().find_class(module, name)
            if isinstance(found, type) and hasattr(found, "__dataclass_fields__"):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is not kept in a cache")


def _array(code: str, part: memoryview) -> array[int]:
    numbers = array(code)
    numbers.frombytes(part)
    return numbers


def _split(text: bytes, lengths: Iterable[int]) -> Iterator[bytes]:
    for start, stop in pairwise(accumulate(lengths, initial=0)):
        yield text[start:stop]


def _joined(keys: list[bytes]) -> Iterator[bytes]:
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        yield b"".join(keys[start : start + _KEYS_AT_ONCE])
