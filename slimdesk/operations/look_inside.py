"""Look at one file of an image: its bytes, its text, what a program needs, what an archive in it holds. Nothing is unpacked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from slimdesk.basics.escaping import visible
from slimdesk.basics.job import Reporter
from slimdesk.image.elf_summary import ElfSummary, summarise
from slimdesk.image.inside import Place, file_at, place_of
from slimdesk.image.listing import Listing, list_archive
from slimdesk.image.model import Image
from slimdesk.image.picture_size import MAX_BYTES, PictureSize, picture_size
from slimdesk.image.tarheader import Header
from slimdesk.image.text_guess import TextGuess, guess_text
from slimdesk.operations.image_bodies import Holder, bare, gone, holder, read_bodies
from slimdesk.operations.worker import Told, in_worker

if TYPE_CHECKING:
    from slimdesk.engine.engine import Engine

# What is handed to the window at once; a longer file is read part by part.
WINDOW = 512 << 10
# What of a file is held while it is looked at; a longer program or archive is shown without its summary.
HELD = 384 << 20


@dataclass(frozen=True, slots=True)
class FileLook:
    """One file, from byte `start` of `size`. path: as the image has it, links followed. layer: which brought these bytes.

    data: at most WINDOW bytes. text: of `data`, None if that is no text. program, listing: of the whole file, None if it is no
    such thing. picture: its stated size; its bytes are in `picture_data` where they may be decoded. note: what was left out.
    """

    path: str
    layer: int
    size: int
    start: int
    data: bytes
    mode: int
    text: TextGuess | None = None
    program: ElfSummary | None = None
    listing: Listing | None = None
    picture: PictureSize | None = None
    picture_data: bytes = b""
    note: str = ""


async def look_inside(
    image: Image,
    path: str,
    *,
    layer: int | None = None,
    start: int = 0,
    engine: Engine | None = None,
    reporter: Reporter | None = None,
) -> FileLook:
    """Look at a file of an image that has been read. `start` is the first byte wanted; only 0 brings summaries.

    path: absolute. layer: the copy that this layer brought, also where a later one hides it; else the visible file.
    engine: for an image of an engine. Raises BadInput (no such file, no file), ArchiveError, EngineError, StreamBroken.
    """
    node = file_at(image.table, path, layer)
    place = place_of(image.table, node)
    found = image.table.path(node)
    # A container shows what is visible in the end; a copy that is hidden, only the layers.
    visible_in_end = image.table.hidden_by[node] < 0
    async with holder(image, engine, layers=not visible_in_end) as held:
        what = f"Reading {visible(found, 80)}"
        wanted = _Wanted(place, found, start)
        look: FileLook = await in_worker(what, _look, held, bare(image), wanted, reporter=reporter)
    return look


@dataclass(frozen=True, slots=True)
class _Wanted:
    place: Place
    path: str
    start: int


def _look(told: Told, held: Holder, image: Image, wanted: _Wanted) -> FileLook:
    """Run in the worker."""

    def take(_: bytes, header: Header, pieces: Iterator[bytes]) -> tuple[Header, bytes]:
        return header, _held(pieces, wanted.start)

    found = read_bodies(held, image, {wanted.place: wanted.path}, take, told)
    if wanted.place not in found:
        raise gone(wanted.path)
    header, body = found[wanted.place]
    return _seen(wanted, header, body)


def _held(pieces: Iterator[bytes], start: int) -> bytes:
    """Return the bytes from `start` on: all that may be held of a whole file, else one window."""
    most = WINDOW if start else HELD
    parts: list[bytes] = []
    passed = size = 0
    for piece in pieces:
        rest = piece[max(0, start - passed) :] if passed < start else piece
        passed += len(piece)
        if rest:
            parts.append(rest[: most - size])
            size += len(parts[-1])
        if size >= most:
            break
    return b"".join(parts)


def _seen(wanted: _Wanted, header: Header, body: bytes) -> FileLook:
    data = body[:WINDOW]
    plain = FileLook(
        wanted.path, wanted.place[0], header.size, wanted.start, data, header.mode, guess_text(data)
    )
    if wanted.start:
        return plain

    if len(body) < header.size:
        return replace(plain, note=f"Larger than {HELD >> 20} MiB: shown part by part, without a summary.")
    picture = picture_size(data)
    shown = picture is not None and not picture.too_large and len(body) <= MAX_BYTES
    return replace(
        plain,
        program=summarise(body),
        listing=list_archive(body),
        picture=picture,
        picture_data=body if shown else b"",
    )
