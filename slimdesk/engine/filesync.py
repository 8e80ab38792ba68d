"""Files for BuildKit, as it asks for them: what changed since the last build, and nothing else.

The protocol is fsutil's (tonistiigi/fsutil, receive.go and send.go): we send a STAT for every entry in the order of paths,
then an empty one; BuildKit compares them with what it has kept (size and time of change, so those are the real ones) and
asks with REQ for contents, by the number of the STAT; we send DATA, an empty one at a file's end; FIN from both ends it.
Packet: 1 type, 2 stat, 3 ID, 4 data. Stat: 1 path, 2 mode, 3 uid, 4 gid, 5 size, 6 time, 7 link.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from slimdesk.basics.errors import BadInput
from slimdesk.engine.context import ContextEntry, Ignored, changed, entries, unreadable
from slimdesk.engine.wire import fields, number, put_bytes, put_message, put_number, text

STAT, REQ, DATA, FIN, ERR = range(5)
PIECE = 128 * 1024

# Go's os.FileMode: what is not a permission bit has its own places (pkg.go.dev/io/fs#FileMode).
_GO_KIND = {"file": 0, "folder": 1 << 31, "link": 1 << 27}
_GO_SPECIAL = ((0o4000, 1 << 23), (0o2000, 1 << 22), (0o1000, 1 << 20))
_WILD = frozenset("*?[\\")


class Folder:
    """A folder that BuildKit may read: files in memory, or the project's folder as .dockerignore leaves it."""

    def __init__(
        self, memory: dict[str, bytes], root: Path | None = None, ignored: Ignored | None = None
    ) -> None:
        self._memory = memory
        self._root = root
        self._ignored = ignored

    def entries(self, follow: list[str]) -> Iterator[ContextEntry]:
        """Every entry, or those that the paths in `follow` (what the Dockerfile copies) need."""
        if self._root is None or self._ignored is None or follow == [".dockerignore"]:
            for path, content in sorted(self._memory.items()):
                yield ContextEntry(path, "", "file", 0o644, len(content), changed_ns=_mark(content))
            return
        wanted = _followed(self._root, follow)
        for entry in entries(self._root, self._ignored):
            if wanted is None or _serves(entry.path, wanted):
                yield entry

    def read(self, entry: ContextEntry) -> Iterator[bytes]:
        """Return a file's content in pieces, none of them empty: DATA without bytes would be the file's end.

        Raises BadInput if it cannot be read or became shorter.
        """
        if not entry.source:
            if content := self._memory[entry.path]:
                yield content
            return
        left = entry.size
        try:
            with Path(entry.source).open("rb") as file:
                while left and (piece := file.read(min(PIECE, left))):
                    left -= len(piece)
                    yield piece
        except OSError as error:
            raise unreadable(entry.path, error) from error
        if left:
            raise changed(entry.path)


class Transfer:
    """One run of the protocol, without its transport: packets go into `take`, packets come out of `packets`."""

    def __init__(self, folder: Folder, follow: list[str], sent: Callable[[int], None]) -> None:
        self._folder = folder
        self._sent = sent
        self._stats = folder.entries(follow)
        self._files: dict[int, ContextEntry] = {}
        self._asked: deque[int] = deque()
        self._told = False
        self.ended = False
        self.problem: BadInput | None = None
        self._running = self._run()

    def take(self, packet: bytes) -> None:
        """Take one packet of BuildKit's."""
        found = dict(fields(packet))
        kind = number(found.get(1))
        if kind == REQ:
            self._asked.append(number(found.get(3)))
        elif kind in (FIN, ERR):
            self.ended = True

    def next_packet(self) -> bytes | None:
        """Return the next packet to send; None while there is nothing to say."""
        try:
            return next(self._running)
        except BadInput as error:
            self.problem, self.ended = error, True
            return put_number(1, ERR) + put_bytes(4, str(error).encode())
        except StopIteration:
            return None

    def _run(self) -> Iterator[bytes | None]:
        for index, entry in enumerate(self._stats):
            if entry.kind == "file":
                self._files[index] = entry
            yield put_message(2, _stat(entry))
        # The type of a STAT is 0 and therefore not written: an empty packet is the last STAT.
        yield b""
        while True:
            if not self._asked:
                yield None
                continue
            asked = self._asked.popleft()
            if asked not in self._files:
                raise BadInput("The build context could not be sent", f"there is no file number {asked}")
            entry = self._files.pop(asked)
            head = put_number(1, DATA) + put_number(3, asked)
            for piece in self._folder.read(entry):
                yield head + put_bytes(4, piece)
                self._sent(len(piece))
            yield head


def farewell() -> bytes:
    """Return the packet that answers BuildKit's FIN."""
    return put_number(1, FIN)


def _stat(entry: ContextEntry) -> bytes:
    mode = _GO_KIND[entry.kind] | entry.mode & 0o777
    for bit, place in _GO_SPECIAL:
        if entry.mode & bit and entry.kind != "link":
            mode |= place
    target = entry.target.encode("utf-8", "surrogateescape")
    return (
        put_bytes(1, entry.path.encode("utf-8", "surrogateescape"))
        + put_number(2, mode)
        + put_number(5, len(target) if entry.kind == "link" else entry.size)
        + put_number(6, entry.changed_ns)
        + put_bytes(7, target)
    )


def _mark(content: bytes) -> int:
    """A time that changes with the content: BuildKit takes a file of the same size and time for the same file."""
    import zlib

    return (1_000_000_000 + zlib.crc32(content) % 500_000_000) * 1_000_000_000 + zlib.adler32(
        content
    ) % 1_000_000_000


def _followed(root: Path, follow: list[str]) -> tuple[str, ...] | None:
    """Return the paths to send, with what the symbolic links on their way point to; None = everything."""
    found: set[str] = set()
    waiting = [path.strip("/") for path in follow]
    if not waiting:
        return None
    while waiting:
        path = waiting.pop()
        if path in ("", ".") or _WILD & set(path):
            return None
        if path in found:
            continue
        if len(found) > 10_000:
            return None
        found.add(path)
        parts = PurePosixPath(path).parts
        for depth in range(1, len(parts) + 1):
            link = root.joinpath(*parts[:depth])
            if link.is_symlink():
                target = _target(parts[: depth - 1], str(link.readlink()), parts[depth:])
                if target is None:
                    return None
                waiting.append(target)
    return tuple(found)


def _target(above: tuple[str, ...], link: str, rest: tuple[str, ...]) -> str | None:
    """Where a link leads inside the context: absolute links begin at its root, and no way leads above it."""
    way = [] if link.startswith("/") else list(above)
    for part in (*PurePosixPath(link.replace("\\", "/")).parts, *rest):
        if part == "..":
            del way[-1:]
        elif part not in ("/", "."):
            way.append(part)
    return "/".join(way) or None


def _serves(path: str, wanted: tuple[str, ...]) -> bool:
    """Whether an entry is one of the paths, below one, or a folder above one."""
    return any(path == one or path.startswith(f"{one}/") or one.startswith(f"{path}/") for one in wanted)


def metadata(packet: bytes) -> tuple[int, int, str]:
    """Return type, ID and the text of a packet; for tests and error messages."""
    found = dict(fields(packet))
    return number(found.get(1)), number(found.get(3)), text(found.get(4))
