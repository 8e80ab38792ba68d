"""What a source answered when its image was read, and a source that answers the same without being read again.

A source is known by what vouches for it: a file or folder by the marks that its system keeps (a change of any byte changes
them), an engine's image by its ID. A digest that an archive merely states vouches for nothing.
"""

from __future__ import annotations

import base64
import json
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from slimdesk.image.blobs import Blobs
from slimdesk.image.layer_cache import NotUsable, decode, encode
from slimdesk.image.layer_reader import ParsedLayer
from slimdesk.image.manifest import diff_ids_of

# A file that was changed just before it was read might be changed once more within one tick of its clock.
_SETTLED = 2.0
_MAX_RECORD = 32 << 20


class LayerStore(Protocol):
    """Where cached layers and records of sources are kept. No call raises for want of a store: then nothing is known."""

    def layer(self, digest: str) -> bytes | None:
        """Return the layer whose blob, or whose tar, has that digest."""

    def newest(self, diff_id: str) -> str | None:
        """Return the digest of the blob, of all that hold this tar, that was used last."""

    def keep_layer(self, diff_id: str, digest: str, packed: bytes) -> None:
        """Keep a layer under the digests that were hashed."""

    def source(self, place: str) -> bytes | None:
        """Return the record of a source."""

    def keep_source(self, place: str, record: bytes) -> None:
        """Keep the record of a source."""


class NotKnown(LookupError):
    """The record of a source does not answer this."""


@dataclass(slots=True)
class Answers:
    """documents, has: by name; layers: by name, the digest of the blob. folder: an OCI layout that stands as a folder."""

    folder: bool
    documents: dict[str, bytes | None] = field(default_factory=dict)
    has: dict[str, bool] = field(default_factory=dict)
    layers: dict[str, str] = field(default_factory=dict)

    def packed(self, marks: dict[str, str | None]) -> bytes | None:
        """Return them as bytes, with the marks of the files they were read from; None where that is too much to keep."""
        record = {
            "folder": self.folder,
            "documents": {
                name: None if document is None else base64.b64encode(document).decode()
                for name, document in self.documents.items()
            },
            "has": self.has,
            "layers": self.layers,
            "marks": marks,
        }
        packed = json.dumps(record).encode()
        return packed if len(packed) <= _MAX_RECORD else None


class RecordingBlobs:
    """Passes all questions on and remembers the answers; layers are packed before the merge uses them up."""

    def __init__(self, blobs: Blobs, store: LayerStore) -> None:
        self.folder = blobs.folder
        self.seekable = blobs.seekable
        self._store = store
        self.answers = Answers(blobs.folder)
        self.packed: dict[str, tuple[str, str, bytes]] = {}
        self.complete = True
        self._blobs = blobs

    def close(self) -> None:
        """The source is closed by who opened it."""

    def has(self, name: str) -> bool:
        """Pass on."""
        answer = self.answers.has[name] = self._blobs.has(name)
        return answer

    def document(self, name: str) -> bytes | None:
        """Pass on."""
        answer = self.answers.documents[name] = self._blobs.document(name)
        return answer

    def start(self, name: str) -> bytes:
        """Pass on."""
        return self._blobs.start(name)

    def digest(self, name: str) -> str | None:
        """Pass on."""
        return self._blobs.digest(name)

    def stop(self) -> None:
        """Pass on."""
        self._blobs.stop()

    def layer(self, name: str, stated: str | None = None) -> ParsedLayer | None:
        """Pass on; of a layer that another image has brought already, its hash alone is taken."""
        known = cached_layer(self._store, stated) if stated and self.seekable else None
        if known is not None and known.digest == stated and self._blobs.digest(name) == stated:
            self.answers.layers[name] = stated or ""
            return known
        layer = self._blobs.layer(name, stated)
        if layer is None or name in self.answers.layers:
            return layer
        packed = encode(layer)
        if packed is None or layer.digest is None or layer.diff_id is None:
            self.complete = False
        else:
            self.answers.layers[name] = layer.digest
            self.packed[layer.digest] = (layer.diff_id, layer.digest, packed)
        return layer


class KnownBlobs:
    """Answers from a record and the store. Raises NotKnown where they do not have the answer."""

    seekable = False

    def __init__(self, answers: Answers, store: LayerStore) -> None:
        self.folder = answers.folder
        self._answers = answers
        self._store = store
        self._layers: dict[str, ParsedLayer] = {}

    def close(self) -> None:
        """Nothing is held open."""

    def has(self, name: str) -> bool:
        """Whether there is a file of that name."""
        if name not in self._answers.has:
            raise NotKnown(name)
        return self._answers.has[name]

    def document(self, name: str) -> bytes | None:
        """Return a small file whole."""
        if name not in self._answers.documents:
            raise NotKnown(name)
        return self._answers.documents[name]

    def start(self, name: str) -> bytes:
        """Nothing is read."""
        raise NotKnown(name)

    def digest(self, name: str) -> str | None:
        """Nothing is read."""
        raise NotKnown(name)

    def stop(self) -> None:
        """Nothing is read."""

    def layer(self, name: str, stated: str | None = None) -> ParsedLayer | None:  # noqa: ARG002
        """Return a layer as it was read before."""
        digest = self._answers.layers.get(name)
        if digest is None:
            raise NotKnown(name)
        if digest not in self._layers:
            layer = cached_layer(self._store, digest)
            if layer is None:
                raise NotKnown(name)
            self._layers[digest] = layer
        return self._layers[digest]


def cached_layer(store: LayerStore, digest: str) -> ParsedLayer | None:
    """Return the layer that was hashed to this digest, as blob or as tar; None if the store has none."""
    packed = store.layer(digest)
    if packed is None:
        return None
    try:
        layer = decode(packed)
    except NotUsable:
        return None
    return layer if digest in (layer.digest, layer.diff_id) else None


def keep(
    store: LayerStore, place: str, recorded: RecordingBlobs, marks: dict[str, str | None] | None
) -> None:
    """Keep the layers that were read, and what the source answered if all of it can be answered again.

    marks: None for a source that nothing vouches for; then its layers alone are kept.
    """
    for diff_id, digest, packed in recorded.packed.values():
        store.keep_layer(diff_id, digest, packed)
    record = recorded.answers.packed(marks) if recorded.complete and marks is not None else None
    if record is not None:
        store.keep_source(place, record)


def known_path(store: LayerStore, path: Path) -> KnownBlobs | None:
    """Return a path's image as it was read before; None if it is not known or any of its files has changed."""
    record = _record(store.source(place_of(path)))
    if record is None:
        return None
    answers, marks = record
    if not marks or any(mark_of(path / name if name else path) != mark for name, mark in marks.items()):
        return None
    return KnownBlobs(answers, store)


def known_image(store: LayerStore, place: str) -> KnownBlobs | None:
    """Return an engine's image as it was read before; None if it is not known."""
    record = _record(store.source(place))
    return None if record is None else KnownBlobs(record[0], store)


def vouched_image(store: LayerStore, config: dict[str, Any]) -> KnownBlobs | None:
    """Return an image that an engine describes, all of whose layers other images brought; None if one is not known.

    config: an image configuration (OCI image-spec, config.md) put together from the engine's answers.
    """
    diff_ids = diff_ids_of(config)
    # Another store may hold the same tar plain, or compressed in another way: the engine in use was most likely the last.
    digests = {diff_id: store.newest(diff_id) for diff_id in diff_ids}
    layers = {diff_id: digest for diff_id, digest in digests.items() if digest}
    if len(layers) != len(digests):
        return None
    manifest = [{"Config": "config", "Layers": diff_ids}]
    documents = {"manifest.json": json.dumps(manifest).encode(), "config": json.dumps(config).encode()}
    answers = Answers(
        folder=False,
        documents=dict(documents),
        has={"manifest.json": True, "index.json": False},
        layers=layers,
    )
    return KnownBlobs(answers, store)


def place_of(path: Path) -> str:
    """Name a path as a source."""
    return f"path:{path.absolute()}"


def engine_place(image_id: str, platform: str | None) -> str:
    """Name an engine's image as a source. Its ID is the digest of what it is, so the engine does not matter."""
    return f"engine:{image_id}:{platform or ''}"


def marks_of(path: Path, answers: Answers, started: float) -> dict[str, str | None] | None:
    """Return the marks of all files that an answer came from; None where one may have changed since the reading began.

    started: seconds since 1970.
    """
    names = [*answers.documents, *answers.has, *answers.layers] if answers.folder else [""]
    marks = {name: mark_of(path / name if name else path) for name in names}
    for mark in marks.values():
        if mark is not None and max(map(int, mark.split(":")[3:])) / 1e9 > started - _SETTLED:
            return None
    return marks


def mark_of(path: Path) -> str | None:
    """Device, number, length and times of a regular file; None for anything else."""
    try:
        about = path.stat()
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(about.st_mode):
        return None
    return f"{about.st_dev}:{about.st_ino}:{about.st_size}:{about.st_mtime_ns}:{about.st_ctime_ns}"


def _record(packed: bytes | None) -> tuple[Answers, dict[str, Any]] | None:
    if packed is None:
        return None
    try:
        record = json.loads(packed)
        documents: Iterable[tuple[str, str | None]] = record["documents"].items()
        answers = Answers(
            folder=bool(record["folder"]),
            documents={name: None if text is None else base64.b64decode(text) for name, text in documents},
            has=dict(record["has"]),
            layers=dict(record["layers"]),
        )
        return answers, dict(record["marks"])
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
