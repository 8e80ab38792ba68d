"""One layer's tar, read as it arrives: names, sizes and links into columns, file bodies passed over."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field

from slimdesk.basics.errors import ArchiveError
from slimdesk.image.bodies import Bodies, Budget, Kept
from slimdesk.image.header_rows import HEAD, MODE, SIZE, USUAL_TYPES, Rows, Sums, size_of
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
    owner_numbers,
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
_HARD_LINK, _SYMLINK = int(Kind.HARD_LINK), int(Kind.SYMLINK)
_OWNERS_KEPT = 1 << 16
# As many headers are read together, where no piece of a stream ends before.
_ROWS = 1024
_DOT, _SLASH = ord("."), ord("/")
_FILE_TYPE, _FOLDER_TYPE = ord("0"), ord("5")
# The longest name, and places in a header's end, which begins with the type.
_NAME = 100
_MAGIC, _VERSION_AT = slice(101, 106), 106
_PREFIX_AT, _PREFIX = 189, slice(189, 344)


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
        self._sums = Sums()

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

        The hot loop: of an ordinary header it takes what leads to the next one, and gathers the rest in rows that are read
        together. From its type on a header is the same for one file after the other, and for one folder after the other: such
        an end is looked into once. Whatever is not ordinary goes to _unusual.
        """
        rows = Rows(position)
        add_head, add_name = rows.heads.append, rows.names.append
        add_size, add_end = rows.sizes.append, rows.ends.append
        usual = USUAL_TYPES
        file_end = folder_end = prefix = b""
        base = 0
        pending = self._is_pending()
        while True:
            if position + BLOCK > length:
                if refill is not None and len(rows.heads) < _ROWS:
                    base += position
                    position = 0
                    data = refill(base)
                    length = len(data)
                if position + BLOCK > length:
                    if not rows.heads:
                        return base + position
                    base, position, data, length = self._place_after(
                        rows, base + position, data, length, refill
                    )
                    file_end = folder_end = b""
                    continue
            end = data[position + HEAD : position + BLOCK]
            head = data[position : position + HEAD]
            if end == file_end and not pending:
                end = file_end
                try:
                    size = int(head[SIZE], 8)
                except ValueError:
                    size = -1
            elif end == folder_end and not pending:
                end = folder_end
                size = 0
            elif pending or end[0] not in usual or end[_MAGIC] != b"ustar":
                size = -1
            else:
                if end[_PREFIX_AT] and end[_VERSION_AT] == 0:
                    prefix = end[_PREFIX].split(b"\0", 1)[0]
                elif end[0] == _FILE_TYPE:
                    file_end = end
                elif end[0] == _FOLDER_TYPE:
                    folder_end = end
                size = size_of(head) if end[0] == _FILE_TYPE else 0
                rows.see(end)
            stop = head.find(b"\0")
            if not 0 <= stop <= _NAME:
                stop = _NAME
            if stop and head[stop - 1] == _SLASH:
                if end[0] == _FOLDER_TYPE:
                    stop -= 1
                else:
                    size = -1
            if size < 0:
                if rows.heads:
                    base, position, data, length = self._place_after(
                        rows, base + position, data, length, refill
                    )
                    file_end = folder_end = prefix = b""
                    continue
                rows.links.clear()
                position = self._one(head + end, data, position, length, pending=pending)
                if self.ended:
                    return base + position
                pending = self._is_pending()
                rows.first = base + position
                prefix = b""
                continue
            if prefix:
                add_name(prefix + b"/" + head[:stop])
                prefix = b""
            elif head[0] == _SLASH:
                add_name(head[1:stop])
            elif head[0] == _DOT and head[1] == _SLASH:
                add_name(head[2:stop])
            else:
                add_name(head[:stop])
            add_head(head)
            add_size(size)
            add_end(end)
            position += BLOCK + ((size + 511) & -512)

    def _is_pending(self) -> bool:
        """Whether the next block belongs to what came before it."""
        return self._record is not None or self._extended or bool(self._overrides)

    def _one(self, block: bytes, data: bytes, position: int, length: int, *, pending: bool) -> int:
        """Read one block that is no row; returns the new position."""
        if pending or block[HEAD] not in USUAL_TYPES:
            return self._unusual(block, data, position, length)
        # Base-256 numbers, v7, odd padding: the slow reader decides.
        return self._add_header(decode(block), position + BLOCK, data)

    def _place_after(
        self, rows: Rows, stop: int, data: bytes, length: int, refill: Refill | None
    ) -> tuple[int, int, bytes, int]:
        """Add the rows; return from where on `data` stands, where the next header is in it, `data`, and its length."""
        after = self._add_rows(rows, data, stop)
        rows.clear(after)
        return (0, after, data, length) if refill is None else (after, 0, b"", 0)

    def _add_rows(self, rows: Rows, data: bytes, stop: int) -> int:
        """Add ordinary entries, which seem to end at `stop`, to the columns; returns where they do.

        Where the slow reader finds that one of them ends elsewhere than it seemed, the rows after it are none.
        """
        odd = rows.read(self._sums)
        owners = self._owners(rows, odd)
        position, done = rows.first, 0
        for row in sorted(odd):
            self._add_run(rows, slice(done, row), owners, position, data)
            position += sum(BLOCK + ((size + 511) & -512) for size in rows.sizes[done:row])
            after = position + BLOCK + ((rows.sizes[row] + 511) & -512)
            position = self._add_header(decode(rows.heads[row] + rows.ends[row]), position + BLOCK, data)
            done = row + 1
            if position != after:
                return position
        self._add_run(rows, slice(done, len(rows.heads)), owners, position, data)
        return stop

    def _add_run(self, rows: Rows, run: slice, owners: dict[bytes, int], position: int, data: bytes) -> None:
        """Add the rows of a run, the first of which stands at `position`."""
        columns, keys, sizes = self.columns, rows.keys[run], rows.sizes[run]
        before = len(columns.keys) - run.start
        if self._bodies:
            self._look(self._bodies, rows, run, position, data)
        columns.keys += keys
        columns.kinds += bytes(map(rows.kind_of.__getitem__, rows.ends[run]))
        columns.sizes.extend(sizes)
        columns.mtimes.extend(rows.times[run])
        columns.owners.extend(map(owners.__getitem__, rows.owners[run]))
        columns.files += sum(sizes)
        self.name_bytes += sum(map(len, keys))
        for row, link in rows.links.items():
            if run.start <= row < run.stop:
                hard = rows.kind_of[rows.ends[row]] == _HARD_LINK
                columns.links[before + row] = clean_key(link) if hard else link
                self.name_bytes += len(link) + _LINK_BYTES
        self._bound()

    def _look(self, bodies: Bodies, rows: Rows, run: slice, position: int, data: bytes) -> None:
        """Begin the bodies that matter of a run."""
        choose, heads, sizes, keys = bodies.choose, rows.heads, rows.sizes, rows.keys
        before = len(self.columns.keys) - run.start
        for row in range(run.start, run.stop):
            position += BLOCK
            size = sizes[row]
            if not size:
                continue
            interest = choose(keys[row], heads[row][MODE])
            if interest is not None:
                bodies.begin(interest, before + row, keys[row], size, data[position : position + size])
            position += (size + 511) & -512

    def _owners(self, rows: Rows, odd: set[int]) -> dict[bytes, int]:
        """Return the index of each owner that rows have; adds to `odd` the rows whose owner is no number."""
        found = {}
        for text in {*rows.owners}:
            known = self._owner_of.get(text)
            try:
                found[text] = self._new_owner(owner_numbers(text), text) if known is None else known
            except TarError:
                odd.update(row for row, other in enumerate(rows.owners) if other == text)
        return found

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
        numbers = header.mode, header.uid, header.gid
        columns.owners.append(self._new_owner(numbers, b"%d:%d:%d" % numbers))
        columns.files += size
        self.name_bytes += len(key)
        self._bound()
        return position

    def _new_owner(self, numbers: tuple[int, int, int], text: bytes) -> int:
        columns, known = self.columns, self._owner_of.get(text)
        if known is not None:
            return known
        if len(self._owner_of) >= _OWNERS_KEPT:
            self._owner_of.clear()
        mode, user, group = numbers
        columns.owner_mode.append(mode)
        columns.owner_uid.append(user)
        columns.owner_gid.append(group)
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

    def _bound(self) -> None:
        """Raise ArchiveError where there is more than can be held."""
        columns = self.columns
        if len(columns.keys) > self._left or self.name_bytes > MAX_NAME_BYTES or columns.files >= 1 << 62:
            raise too_many(self._label)


def too_many(label: str) -> ArchiveError:
    """There are more entries, or longer names, than can be held in memory."""
    return ArchiveError(
        f"{label} holds too much",
        f"SlimDesk reads images of up to {MAX_ENTRIES:,} files with names of ordinary length",
        "Look at a smaller image",
    )
