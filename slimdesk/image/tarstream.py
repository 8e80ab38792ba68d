"""A tar that flows by once, member by member."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from slimdesk.basics.errors import ArchiveError
from slimdesk.image.tarheader import (
    BLOCK,
    MAX_RECORD,
    RECORD_TYPES,
    ZERO_BLOCK,
    Header,
    Overrides,
    TarError,
    decode,
)


class CutOff(ArchiveError):
    """The bytes stop before the archive does."""


class TarStream:
    """Members of a tar that flows by: iterate the headers, take `body()` of the ones that matter."""

    def __init__(self, pieces: Iterable[bytes], label: str) -> None:
        self._pieces = iter(pieces)
        self._label = label
        self._rest = b""
        self._left = 0
        self._padding = 0
        self.broken = False

    def __iter__(self) -> Iterator[Header]:
        """Yield headers with what the records before them say."""
        overrides = Overrides()
        first = True
        while True:
            for _ in self.body():
                pass
            self._exactly(self._padding)
            self._padding = 0
            block = self._first_block() if first else self._exactly(BLOCK, may_end=True)
            if not block or block == ZERO_BLOCK:
                # The end mark is read up to the end, so that the sender is not stopped in the middle.
                for _ in self._pieces:
                    pass
                return
            header = decoded(block, overrides, self._label, first=first)
            first = False
            padding = -header.stored % BLOCK
            if header.type in RECORD_TYPES:
                if header.stored > MAX_RECORD:
                    raise damaged(self._label)
                overrides.take(header.type, self._exactly(header.stored))
                self._exactly(padding)
                continue
            overrides.clear()
            self._left, self._padding = header.stored, padding
            yield header

    def body(self) -> Iterator[bytes]:
        """Yield what is left of the present member's bytes."""
        while self._left:
            piece = self._rest or next(self._pieces, b"")
            if not piece:
                piece = self._next()
            if len(piece) > self._left:
                self._rest = piece[self._left :]
                piece = piece[: self._left]
            else:
                self._rest = b""
            self._left -= len(piece)
            yield piece

    def _next(self) -> bytes:
        for piece in self._pieces:
            if piece:
                return piece
        self.broken = True
        raise cut_off(self._label)

    def _first_block(self) -> bytes:
        try:
            return self._exactly(BLOCK)
        except CutOff:
            raise not_an_image(self._label) from None

    def _exactly(self, count: int, *, may_end: bool = False) -> bytes:
        data = self._rest
        while len(data) < count:
            piece = next(self._pieces, None)
            if piece is None:
                if may_end and not data:
                    return b""
                self.broken = True
                raise cut_off(self._label)
            data += piece
        self._rest = data[count:]
        return data[:count]


def decoded(block: bytes, overrides: Overrides, label: str, *, first: bool) -> Header:
    """Decode a member's header; raises ArchiveError, which for the `first` one says that this is no image."""
    try:
        return decode(block, overrides)
    except TarError as error:
        raise (not_an_image(label) if first else damaged(label)) from error


def cut_off(label: str) -> ArchiveError:
    """The archive ends early."""
    return CutOff(f"{label} is cut off", "it ends in the middle of a file", "Save or download it again")


def damaged(label: str) -> ArchiveError:
    """A header in the middle is none."""
    return ArchiveError(f"{label} is damaged", "a tar header in it is not one", "Save or download it again")


def not_an_image(label: str) -> ArchiveError:
    """This is something else."""
    return ArchiveError(
        f"{label} is not an image",
        "it is neither what docker save writes nor an OCI layout",
        "Choose an archive made by docker save, podman save, skopeo or buildx",
    )
