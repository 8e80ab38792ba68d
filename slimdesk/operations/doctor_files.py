"""The files of an engine's image as the doctor asks for them: each by itself, through a container that is not started."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from slimdesk.basics.errors import ImageNotFound
from slimdesk.engine.file_out import ContainerFiles
from slimdesk.image.doctor.patient import Choice, FileNode
from slimdesk.image.layer_reader import Watch
from slimdesk.image.table import Kind
from slimdesk.image.tarheader import Header
from slimdesk.image.tarstream import TarStream

# Names in a folder that are looked at; a folder of configuration has few.
_MOST_NAMES = 2000
# The engine sends folders with all that is in them, some hundred megabytes a second.
_MOST_STREAMED = 1 << 30


class ContainerTree:
    """Blocking, for a worker."""

    def __init__(self, files: ContainerFiles, told: Watch) -> None:
        self._files = files
        self._told = told
        self._read = 0

    def stat(self, path: str) -> FileNode | None:
        """Return what stands there, a last link not followed."""
        found = self._files.stat(path)
        return None if found is None else FileNode(found.mode, found.size, found.target)

    def owner(self, path: str) -> tuple[int, int] | None:
        """Return uid and gid of what stands there: only its tar header says them."""
        try:
            with self._files.tar(path) as pieces:
                header = next(iter(TarStream(pieces, path)), None)
        except ImageNotFound:
            return None
        return None if header is None else (header.uid, header.gid)

    def bodies(self, paths: Iterable[str], limit: int) -> dict[str, bytes]:
        """Return the bodies of files."""
        found: dict[str, bytes] = {}
        for path in paths:
            node = self.stat(path)
            if node is None or not node.is_file or node.size > limit:
                continue
            with self._files.tar(path) as pieces:
                stream = TarStream(pieces, path)
                for header in stream:
                    if header.kind == Kind.FILE:
                        found[path] = b"".join(stream.body())
                        break
            self._read += node.size
            self._told("", self._read, None)
        return found

    def matching(self, places: tuple[str, ...], wanted: Choice) -> Iterator[tuple[str, bytes]]:
        """Yield (path, body) of the files at and below some places that are wanted, as the engine sends each place."""
        seen: set[str] = set()
        streamed = 0
        for place in places:
            if streamed > _MOST_STREAMED or any(place.startswith(f"{other}/") for other in places):
                continue
            above = place.rpartition("/")[0].encode("utf-8", "surrogateescape")
            with self._files.tar(place) as pieces:
                stream = TarStream(pieces, place)
                for header in stream:
                    path = (above + b"/" + header.name.strip(b"/")).decode("utf-8", "surrogateescape")
                    if header.kind == Kind.FILE and path not in seen and wanted(path, header.size):
                        seen.add(path)
                        yield path, b"".join(stream.body())
                    streamed += header.size
                    self._read += header.size
                    self._told("", self._read, None)
                    if streamed > _MOST_STREAMED:
                        wanted.cut_off()
                        break

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names in a folder."""
        node = self.stat(folder)
        if node is None or not node.is_folder:
            return ()
        names: set[str] = set()
        with self._files.tar(folder) as pieces:
            for header in TarStream(pieces, folder):
                name = _below(header)
                if name:
                    names.add(name)
                if len(names) >= _MOST_NAMES:
                    break
        return tuple(names)


def _below(header: Header) -> str:
    """Return the name directly below the folder that the engine sends; it names all after that folder's last part."""
    parts = header.name.strip(b"/").split(b"/")
    return parts[1].decode("utf-8", "surrogateescape") if len(parts) > 1 else ""
