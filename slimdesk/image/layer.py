"""One layer's tar, read as it arrives: names, sizes and links into columns, file bodies passed over."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from zlib import adler32

from slimdesk.basics.errors import ArchiveError
from slimdesk.image.bodies import Bodies, Budget, Kept
from slimdesk.image.table import Kind
from slimdesk.image.tarheader import (
    BLOCK,
    LONG_LINK,
    LONG_NAME,
    RECORD_TYPES,
    SPARSE,
    ZERO_BLOCK,
    Header,
    Overrides,
    TarError,
    decode,
)

# Three million entries with names of ordinary length stay below 700 MB; no image that people ship comes near.
MAX_ENTRIES = 3_000_000
MAX_NAME_BYTES = 300_000_000
# What a link takes beside its text.
_LINK_BYTES = 100
# After its end mark a tar is padded to at most some ten kB; what goes on and on is a trap.
MAX_PADDING = 64 << 20

WHITEOUT_PREFIX = b".wh."
OPAQUE_NAME = b".wh..wh..opq"
META_PREFIX = b".wh..wh."

_FILE, _FOLDER = int(Kind.FILE), int(Kind.FOLDER)
_USUAL_TYPES = frozenset(b"0125346")
_KIND = {
    ord("0"): _FILE,
    ord("1"): int(Kind.HARD_LINK),
    ord("2"): int(Kind.SYMLINK),
    ord("3"): int(Kind.CHARACTER_DEVICE),
    ord("4"): int(Kind.BLOCK_DEVICE),
    ord("5"): _FOLDER,
    ord("6"): int(Kind.FIFO),
}
_OWNERS_KEPT = 1 << 16
# How often names and sizes are added up while a tar is walked.
_REFILLS = 1024
_DOT = ord(".")


Refill = Callable[[int], bytes]
"""Returns bytes from a place in a tar on: at least one header, unless the tar ends before."""


@dataclass(slots=True, eq=False)
class LayerColumns:
    """The entries of one layer in the order of its tar.

    keys: clean paths, no slash at either end, each slash written as NUL, so that sorting them gives tree order; a whiteout
    has the path that it removes, an opaque mark that of its folder. kinds: see Kind. links: entry -> what a link says (hard
    links: a key). owners: entry -> index into owner_mode, owner_uid, owner_gid. files: sum of the sizes. kept: what was kept of
    the bodies that mattered.
    """

    keys: list[bytes] = field(default_factory=list)
    kinds: bytearray = field(default_factory=bytearray)
    sizes: array[int] = field(default_factory=lambda: array("q"))
    mtimes: array[int] = field(default_factory=lambda: array("q"))
    owners: array[int] = field(default_factory=lambda: array("I"))
    owner_mode: array[int] = field(default_factory=lambda: array("H"))
    owner_uid: array[int] = field(default_factory=lambda: array("I"))
    owner_gid: array[int] = field(default_factory=lambda: array("I"))
    links: dict[int, bytes] = field(default_factory=dict)
    files: int = 0
    kept: Kept = field(default_factory=dict)

    def __len__(self) -> int:
        """Number of entries; still right when the keys have been given up."""
        return len(self.kinds)


def clean_key(name: bytes) -> bytes:
    """Return a path as a key: rooted, without `.` and empty parts, never leaving the root through `..`."""
    if b"." not in name and b"//" not in name:
        return name.strip(b"/").replace(b"/", b"\0")
    parts: list[bytes] = []
    for part in name.split(b"/"):
        if part == b"..":
            if parts:
                parts.pop()
        elif part not in (b"", b"."):
            parts.append(part)
    return b"\0".join(parts)


class LayerParser:
    """Takes the bytes of an uncompressed layer in pieces of any length.

    `skip` is the number of bytes that hold no header and may be left out by the caller, who then sets it to 0.
    `name_bytes` is what names and links take so far. `entries_left` bounds what an image may hold altogether. `budget` says
    which bodies are looked at; without it none is, and with it nothing may be left out.
    """

    def __init__(self, label: str, entries_left: int = MAX_ENTRIES, budget: Budget | None = None) -> None:
        self.columns = LayerColumns()
        self._bodies = Bodies(budget) if budget else None
        self.skip = 0
        self.ended = False
        self._label = label
        self._rest = b""
        self._offset = 0
        self._padding = 0
        self._left = entries_left
        self.name_bytes = 0
        self._overrides = Overrides()
        self._record: bytearray | None = None
        self._record_type = 0
        self._record_size = 0
        self._extended = False
        self._sparse_stored = 0
        self._owner_of: dict[bytes, int] = {}

    def feed(self, data: bytes) -> None:
        """Read the next piece. Raises ArchiveError where it is no tar, lies, or holds too much."""
        if self.ended:
            self._pad(len(data))
            return
        length = len(data)
        position = self.skip
        if self._bodies and self._bodies.open:
            self._bodies.more(data)
        if position >= length:
            self.skip = position - length
            return
        if self._rest:
            data = self._rest + data
            length = len(data)
            self._rest = b""
        try:
            position = self._headers(data, position, length)
        except TarError as error:
            raise self._damaged(error) from error
        if self.ended:
            self._pad(max(0, length - position))
        elif position >= length:
            self.skip = position - length
        else:
            self.skip = 0
            self._rest = data[position:]

    def walk(self, refill: Refill, end: int) -> None:
        """Read all headers of a tar that stands somewhere, asking for what is needed of its `end` bytes; bodies are passed over.

        Raises ArchiveError, and what `refill` raises.
        """
        try:
            offset = self._headers(b"", 0, 0, refill)
        except TarError as error:
            raise self._damaged(error) from error
        if not self.ended:
            self.skip = max(0, offset - end)
            self._rest = b"\0" if offset < end else b""

    def finish(self) -> LayerColumns:
        """Return the columns; raises ArchiveError if the tar stopped in the middle of something."""
        # The padding of a last body may be missing; half a header or body may not.
        if not self.ended and (
            self._rest or self.skip >= BLOCK or self._record is not None or self._extended
        ):
            raise ArchiveError(
                f"{self._label} is cut off",
                f"it ends in the middle of entry {max(1, len(self.columns.keys))}",
                "Save or download it again",
            )
        if self._overrides and not self.ended:
            raise ArchiveError(
                f"{self._label} is cut off", "a long name has no entry", "Save or download it again"
            )
        if self._bodies:
            self.columns.kept = self._bodies.kept
        return self.columns

    def _damaged(self, error: TarError) -> ArchiveError:
        read = len(self.columns.keys)
        return ArchiveError(
            f"{self._label} is damaged" if read else f"{self._label} is neither a tar nor compressed",
            f"{error} after entry {read}" if read else str(error),
            "Save or pull the image again",
        )

    def _headers(self, data: bytes, position: int, length: int, refill: Refill | None = None) -> int:
        """Read the headers in `data`, and where there is a `refill` all that it brings; return the place after the last.

        The hot loop: an ordinary header costs some two microseconds. Whatever is not ordinary goes to _unusual.
        """
        columns = self.columns
        add_key, add_kind = columns.keys.append, columns.kinds.append
        add_size, add_time, add_owner = columns.sizes.append, columns.mtimes.append, columns.owners.append
        owner_of, kind_of, usual = self._owner_of, _KIND, _USUAL_TYPES
        overrides = self._overrides
        bodies = self._bodies
        choose = bodies.choose if bodies else None
        files = linked = 0
        before = len(columns.keys)
        left = self._left - before
        base = refills = 0
        while True:
            if position + BLOCK > length:
                if refill is None:
                    break
                base += position
                position = 0
                data = refill(base)
                length = len(data)
                refills += 1
                if not refills % _REFILLS:
                    self._account(before, files, linked)
                    before, files, linked = len(columns.keys), 0, 0
                if length < BLOCK:
                    break
            block = data[position : position + BLOCK]
            type_ = block[156]
            if type_ not in usual or self._record is not None or self._extended or overrides:
                position = self._unusual(block, data, position, length)
                left = self._left - len(columns.keys)
                if self.ended:
                    break
                continue
            position += BLOCK
            try:
                stated = int(block[148:154], 8)
                size = int(block[124:135], 8) if type_ == 48 else 0
                mtime = int(block[136:147], 8)
                plain = (
                    ((adler32(block) & 0xFFFF) - (adler32(block[148:156], 0) & 0xFFFF) + 255 - stated) % 65521
                    == 0
                    and size >= 0 <= mtime
                    and block[257:262] == b"ustar"
                )
            except ValueError:
                plain = False
            if not plain:
                # Base-256 numbers, v7, odd padding: the slow reader decides.
                position = self._add_header(decode(block), position, data)
                left = self._left - len(columns.keys)
                continue
            name = block[:100]
            stop = name.find(b"\0")
            if stop >= 0:
                name = name[:stop]
            if block[345] and block[262] == 0:
                name = block[345:500].split(b"\0", 1)[0] + b"/" + name
            kind = kind_of[type_]
            # Looking for a number, or with find: `bytes in bytes` makes an error and drops it.
            if _DOT in name or name.find(b"//") >= 0:
                if name.find(b".wh.") >= 0:
                    position = self._add_header(decode(block), position, data)
                    left = self._left - len(columns.keys)
                    continue
                if name[:2] == b"./":
                    name = name[2:]
                if name.find(b"/.") >= 0 or name.find(b"//") >= 0 or name[:1] == b".":
                    key = clean_key(name)
                else:
                    key = name.strip(b"/").replace(b"/", b"\0")
            else:
                key = name.strip(b"/").replace(b"/", b"\0")
            if kind == 1:
                if name.endswith(b"/"):
                    kind = _FOLDER
                    size = 0
                else:
                    start = position
                    position += (size + 511) & -512
                    if not key:
                        continue
                    files += size
                    if choose is not None and bodies and size:
                        interest = choose(key, block[100:108])
                        if interest is not None:
                            bodies.begin(interest, len(columns.keys), key, size, data[start : start + size])
            elif not key:
                if kind != _FOLDER:
                    continue
            elif kind != _FOLDER:
                link = block[157:257].split(b"\0", 1)[0]
                linked += len(link) + _LINK_BYTES
                if kind == 3:
                    columns.links[len(columns.keys)] = clean_key(link)
                elif kind == 2:
                    columns.links[len(columns.keys)] = link
            owner_text = block[100:124]
            owner = owner_of.get(owner_text)
            if owner is None:
                owner = self._new_owner(decode(block), owner_text)
            add_key(key)
            add_kind(kind)
            add_size(size)
            add_time(mtime)
            add_owner(owner)
            left -= 1
            if left < 0:
                self._too_many()
        self._account(before, files, linked)
        return base + position

    def _account(self, before: int, files: int, linked: int) -> None:
        """Add up what the entries from `before` on take."""
        self.columns.files += files
        self.name_bytes += sum(map(len, self.columns.keys[before:])) + linked
        if self.name_bytes > MAX_NAME_BYTES or self.columns.files >= 1 << 62:
            self._too_many()

    def _unusual(self, block: bytes, data: bytes, position: int, length: int) -> int:
        """Records before a header, sparse maps, the end mark, and headers with records; returns the new position."""
        if self._extended:
            # A map of a GNU sparse file goes on in further blocks, each with a flag that tells whether one more comes.
            self._extended = bool(block[504])
            return position + BLOCK + (0 if self._extended else self._body_after_map())
        if self._record is not None:
            wanted = self._record_size + -self._record_size % BLOCK
            take = min(wanted - len(self._record), length - position)
            take -= take % BLOCK
            self._record += data[position : position + take]
            if len(self._record) >= wanted:
                body = bytes(self._record[: self._record_size])
                self._record = None
                self._overrides.take(self._record_type, body)
            return position + take
        if block == ZERO_BLOCK:
            self.ended = True
            return position + BLOCK
        header = decode(block, self._overrides)
        if header.type in RECORD_TYPES:
            if header.stored:
                self._record, self._record_type, self._record_size = bytearray(), header.type, header.stored
            elif header.type in (LONG_NAME, LONG_LINK):
                raise TarError("a long name is empty")
            return position + BLOCK
        self._overrides.clear()
        if header.type == SPARSE and block[482]:
            self._extended = True
            self._sparse_stored = header.stored
            self._add_header(header, 0)
            return position + BLOCK
        return self._add_header(header, position + BLOCK, data)

    def _body_after_map(self) -> int:
        return (self._sparse_stored + 511) & -512

    def _add_header(self, header: Header, position: int, data: bytes = b"") -> int:
        """Add one entry, whose body begins at `position` of `data`; returns where it ends."""
        columns = self.columns
        name, kind = header.name, int(header.kind)
        start = position
        position += (header.stored + 511) & -512
        key = clean_key(name)
        self.name_bytes += len(header.link) + _LINK_BYTES if header.link else 0
        if b".wh." in key:
            folder, separator, base = key.rpartition(b"\0")
            if base.startswith(WHITEOUT_PREFIX):
                removed = base[len(WHITEOUT_PREFIX) :]
                if base == OPAQUE_NAME:
                    key, kind = folder, int(Kind.OPAQUE)
                elif base.startswith(META_PREFIX) or removed in (b"", b".", b".."):
                    # What AUFS kept for itself, and marks that name nothing.
                    return position
                else:
                    key, kind = folder + separator + removed, int(Kind.WHITEOUT)
            elif any(part.startswith(META_PREFIX) for part in key.split(b"\0")):
                return position
        if not key and kind not in (_FOLDER, int(Kind.OPAQUE)):
            return position
        if kind == Kind.HARD_LINK:
            columns.links[len(columns.keys)] = clean_key(header.link)
        elif kind == Kind.SYMLINK:
            columns.links[len(columns.keys)] = header.link
        size = header.size if kind == _FILE else 0
        if self._bodies and kind == _FILE and 0 < size == header.stored:
            interest = self._bodies.choose(key, b"%o" % header.mode)
            if interest is not None:
                self._bodies.begin(interest, len(columns.keys), key, size, data[start : start + size])
        columns.keys.append(key)
        columns.kinds.append(kind)
        columns.sizes.append(size)
        columns.mtimes.append(header.mtime)
        columns.owners.append(self._new_owner(header, b"%d:%d:%d" % (header.mode, header.uid, header.gid)))
        columns.files += size
        if len(columns.keys) > self._left:
            self._too_many()
        return position

    def _new_owner(self, header: Header, text: bytes) -> int:
        columns, known = self.columns, self._owner_of.get(text)
        if known is not None:
            return known
        if len(self._owner_of) >= _OWNERS_KEPT:
            self._owner_of.clear()
        columns.owner_mode.append(header.mode)
        columns.owner_uid.append(header.uid)
        columns.owner_gid.append(header.gid)
        self._owner_of[text] = len(columns.owner_mode) - 1
        return self._owner_of[text]

    def _pad(self, count: int) -> None:
        self.skip = 0
        self._padding += count
        if self._padding > MAX_PADDING:
            raise ArchiveError(
                f"{self._label} goes on without end",
                "after its last file there is nothing but filling",
                "Do not trust this image",
            )

    def _too_many(self) -> None:
        raise too_many(self._label)


def too_many(label: str) -> ArchiveError:
    """There are more entries, or longer names, than can be held in memory."""
    return ArchiveError(
        f"{label} holds too much",
        f"SlimDesk reads images of up to {MAX_ENTRIES:,} files with names of ordinary length",
        "Look at a smaller image",
    )
