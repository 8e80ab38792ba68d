"""From a file, a folder or a save stream to an Image: choose, read the layers, stack them, add up."""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slimdesk.basics.errors import ArchiveError, StreamBroken
from slimdesk.basics.escaping import visible
from slimdesk.basics.units import plural
from slimdesk.image.blobs import Blobs, FolderBlobs, StreamBlobs, TarBlobs, looks_like_tar
from slimdesk.image.bodies import TOO_LARGE, Budget
from slimdesk.image.chosen_layers import note_left_out, read_layers, verify
from slimdesk.image.dive import dive_figures
from slimdesk.image.findings import find_all
from slimdesk.image.heap import reuse_freed_memory
from slimdesk.image.history import base_layers, instruction_of, layer_history
from slimdesk.image.inflate import compression_of, inflate
from slimdesk.image.layer_reader import PIECE, LayerReader, ParsedLayer, Watch, file_pieces
from slimdesk.image.manifest import Candidate, choose, config_of, diff_ids_of
from slimdesk.image.merge import merge
from slimdesk.image.model import DownloadFrom, Image, Layer, Sizes, SourceKind
from slimdesk.image.packages import Contents, read_packages
from slimdesk.image.packages.look import Look
from slimdesk.image.stack import stack
from slimdesk.image.tarstream import CutOff
from slimdesk.image.what_matters import what_matters

if TYPE_CHECKING:
    from slimdesk.image.known import KnownBlobs, LayerStore, RecordingBlobs
    from slimdesk.image.painter import Painter

# Imported where they are used, for a fast reading needs none of them: slimdesk.image.known and ahead.


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to read and how. fast: headers only, nothing is hashed. bases: diff IDs of possible base images."""

    fast: bool = False
    platform: str | None = None
    ref: str | None = None
    bases: tuple[tuple[str, ...], ...] = ()


def read_path(
    path: Path,
    wanted: Wanted | None = None,
    watch: Watch | None = None,
    store: LayerStore | None = None,
    painter: Painter | None = None,
) -> Image:
    """Read a docker-save archive (plain, gzip, zstd; a pipe too) or an OCI layout (folder, tar).

    store: where layers are kept for the next time. What was hashed once and has not changed since is not read again; with
    `fast` nothing is hashed, so nothing is kept or taken from it. painter: shows the image while it is read.

    Blocking. Raises ArchiveError (not an image, cut off, damaged), BadInput (no image that fits in it).
    """
    wanted = wanted or Wanted()
    used = None if wanted.fast else store
    label = path.name if path.is_dir() else visible(path.name)
    if used:
        from slimdesk.image.known import keep, known_path, marks_of, place_of

        image = _known(known_path(used, path), label, str(path), wanted)
        if image:
            return image
    started = time.time()
    recorder = _Recorder(used, painter)
    try:
        image = _read_path(path, wanted, watch, recorder)
    except OSError as error:
        raise ArchiveError(
            f"{visible(path.name)} cannot be read",
            error.strerror or str(error),
            "Check the path and its permissions",
        ) from error
    if used and recorder.blobs:
        keep(used, place_of(path), recorder.blobs, marks_of(path, recorder.blobs.answers, started))
    return image


def read_stream(
    pieces: Iterable[bytes],
    name: str,
    image_id: str | None = None,
    wanted: Wanted | None = None,
    watch: Watch | None = None,
    *,
    store: LayerStore | None = None,
    painter: Painter | None = None,
) -> Image:
    """Read what an engine sends for `docker save`, as it comes.

    store: where layers are kept for the next time; see `read_known`. The stream itself brings all layers whatever is known of
    them, for an engine's interface has no other way to give some of them. painter: shows the image while it flows.

    Blocking. Raises StreamBroken if it stops in the middle, ArchiveError if it is no image, and what `pieces` raises.
    """
    from slimdesk.image.ahead import ahead

    wanted = wanted or Wanted()
    reader = _reader(wanted, watch)
    with closing(reader):
        try:
            # Fetched in a thread of its own, so that the engine never waits for a layer to be inflated.
            with closing(ahead(pieces)) as fetched:
                blobs = StreamBlobs(reader.count(fetched), name, reader, painter.layer if painter else None)
        except CutOff as error:
            raise StreamBroken(
                f"{visible(name)} could not be read to its end",
                "the engine stopped sending in the middle",
                "See whether the engine still runs, then try again",
            ) from error
        if store is None or image_id is None or wanted.fast:
            return _image(blobs, name, name, wanted, engine_id=image_id, engine=True, painter=painter)
        from slimdesk.image.known import RecordingBlobs, engine_place, keep

        recorded = RecordingBlobs(blobs, store)
        image = _image(recorded, name, name, wanted, engine_id=image_id, engine=True, painter=painter)
        keep(store, engine_place(image_id, wanted.platform), recorded, {})
        return image


def read_known(
    name: str, image_id: str, wanted: Wanted, store: LayerStore, config: dict[str, Any] | None = None
) -> Image | None:
    """Return an engine's image from what is known of it, without asking for its stream; None if it is not known.

    image_id: what the engine says now that it holds under the name. config: its configuration as the engine tells it; with
    it an image that was never read is known as well, if other images brought all its layers.
    """
    if wanted.fast:
        return None
    from slimdesk.image.known import engine_place, known_image, vouched_image

    known = known_image(store, engine_place(image_id, wanted.platform))
    image = _known(known, name, name, wanted, engine_id=image_id)
    if image or not config:
        return image
    return _known(vouched_image(store, config), name, name, wanted, engine_id=image_id)


def _known(
    known: KnownBlobs | None, label: str, location: str, wanted: Wanted, engine_id: str | None = None
) -> Image | None:
    if known is None:
        return None
    from slimdesk.image.known import NotKnown

    try:
        return _image(known, label, location, wanted, engine_id=engine_id, engine=engine_id is not None)
    except NotKnown:
        # Dropped to make room, or another platform's: it is read like any other.
        return None


def _read_path(path: Path, wanted: Wanted, watch: Watch | None, recorder: _Recorder) -> Image:
    """Read it now; `recorder` gets what the source answers."""
    if path.is_dir():
        reader = _reader(wanted, watch)
        with closing(reader), closing(FolderBlobs(path, reader)) as blobs:
            return _image(recorder.of(blobs), path.name, str(path), wanted, painter=recorder.painter)
    with path.open("rb") as file:
        start = file.read(512)
        flows = not file.seekable()
        pieces = chain((start,), iter(partial(file.read, PIECE), b"")) if flows else file_pieces(file)
        reader = _reader(wanted, watch, None if flows else path.stat().st_size)
        with closing(reader):
            kept = _Recorder(None, recorder.painter) if flows else recorder
            return _from_file(path, start, pieces, reader, wanted, recorder=kept, flows=flows)


class _Recorder:
    """Puts what is to be remembered between a source and its reader; without a store there is nothing between them.

    painter: shows the image while it is read.
    """

    def __init__(self, store: LayerStore | None, painter: Painter | None = None) -> None:
        self.painter = painter
        self.blobs: RecordingBlobs | None = None
        self._store = store

    def of(self, blobs: Blobs) -> Blobs:
        """Return what the reader is to ask."""
        if self._store is None:
            return blobs
        from slimdesk.image.known import RecordingBlobs

        self.blobs = RecordingBlobs(blobs, self._store)
        return self.blobs


def _reader(wanted: Wanted, watch: Watch | None, total: int | None = None) -> LayerReader:
    reuse_freed_memory()
    budget = None if wanted.fast else Budget(what_matters())
    return LayerReader(fast=wanted.fast, watch=watch, total=total, budget=budget)


def _from_file(
    path: Path,
    start: bytes,
    pieces: Iterable[bytes],
    reader: LayerReader,
    wanted: Wanted,
    *,
    recorder: _Recorder,
    flows: bool,
) -> Image:
    label, painter = visible(path.name), recorder.painter
    how = compression_of(start)
    if how is not None:
        counted = inflate(reader.count(pieces), how, label)
        flowed = StreamBlobs(counted, label, reader, painter.layer if painter else None)
        return _image(recorder.of(flowed), label, str(path), wanted, painter=painter)
    if not looks_like_tar(start):
        raise ArchiveError(
            f"{label} is not an image",
            "it is no tar archive, and neither gzip nor zstd",
            "Choose an archive made by docker save, podman save, skopeo or buildx",
        )
    if flows:
        flowed = StreamBlobs(reader.count(pieces), label, reader, painter.layer if painter else None)
        return _image(flowed, label, str(path), wanted, painter=painter)
    with closing(TarBlobs(path, reader)) as blobs:
        return _image(recorder.of(blobs), label, str(path), wanted, painter=painter)


def _image(
    blobs: Blobs,
    label: str,
    location: str,
    wanted: Wanted,
    *,
    engine_id: str | None = None,
    engine: bool = False,
    painter: Painter | None = None,
) -> Image:
    chosen, warnings = choose(blobs, label, wanted.platform, wanted.ref)
    if painter:
        painter.image(chosen.config)
    parsed = read_layers(blobs, label, chosen, fast=wanted.fast, on_layer=painter.layer if painter else None)
    if painter:
        painter.end()
    notes = list(warnings)
    note_left_out(parsed, notes)
    stated = diff_ids_of(chosen.config)
    verified = not wanted.fast and verify(chosen, parsed, stated, notes)
    diff_ids = [
        layer.diff_id or (stated[index] if index < len(stated) else None)
        for index, layer in enumerate(parsed)
    ]
    stacked = stack([layer.columns for layer in parsed])
    dive = dive_figures(stacked)
    merged = merge(stacked)
    settings = config_of(chosen.config)
    bases = base_layers([text or "" for text in diff_ids], wanted.bases, settings.labels)
    texts = layer_history(chosen.config.get("history"), len(parsed))
    layers = tuple(
        Layer(
            index=index,
            diff_id=diff_ids[index],
            digest=layer.digest or chosen.layers[index].digest,
            media_type=chosen.layers[index].media_type,
            created_by=texts[index],
            instruction=instruction_of(texts[index]),
            base=None if bases is None else index < bases,
            entries=len(layer.columns),
            sizes=_layer_sizes(layer),
            shadowed=merged.shadowed[index],
        )
        for index, layer in enumerate(parsed)
    )
    live = merged.table.live_bytes()
    sizes = _sizes(layers, live)
    look = Look(merged.table, merged.kept)
    contents = None if wanted.fast else _contents(look, notes)
    image = Image(
        source="engine" if engine else _source_kind(blobs, chosen),
        location=location,
        name=location if engine else (chosen.names[0] if chosen.names else None),
        image_id=engine_id or chosen.image_id,
        platform=chosen.platform,
        verified=verified,
        config=settings,
        layers=layers,
        sizes=sizes,
        shadowed=sizes.files - live,
        score=live / sizes.files if sizes.files else None,
        dive=dive,
        table=merged.table,
        warnings=tuple(notes),
        packages=contents.packages if contents else None,
        package_of=contents.owner if contents else array("i"),
    )
    found = find_all(image, look)
    return replace(image, findings=found.findings, could_save=found.could_save)


def _contents(look: Look, notes: list[str]) -> Contents:
    """Read the packages from what was kept; says in `notes` what could not be read."""
    contents = read_packages(look)
    notes += look.notes
    missed = sum(1 for _ in look.found(TOO_LARGE))
    if missed:
        notes.append(f"Too large to be looked into for packages: {plural(missed, 'file')}.")
    return contents


def _layer_sizes(layer: ParsedLayer) -> Sizes:
    if layer.compression:
        return Sizes(layer.stored, layer.unpacked, layer.columns.files, download_from="blobs")
    return Sizes(
        layer.compressed,
        layer.unpacked,
        layer.columns.files,
        download_from=None if layer.compressed is None else "compressed",
    )


def _sizes(layers: Sequence[Layer], live: int) -> Sizes:
    parts = [layer.sizes.download for layer in layers]
    known = [part for part in parts if part is not None]
    download = sum(known) if len(known) == len(parts) else None
    how: DownloadFrom | None = None
    if download is not None:
        how = "compressed" if any(layer.sizes.download_from == "compressed" for layer in layers) else "blobs"
    return Sizes(
        download=download,
        unpacked=sum(layer.sizes.unpacked for layer in layers),
        files=sum(layer.sizes.files for layer in layers),
        live=live,
        download_from=how,
    )


def _source_kind(blobs: Blobs, chosen: Candidate) -> SourceKind:
    if blobs.folder:
        return "oci-layout"
    return "docker-archive" if chosen.docker else "oci-archive"


def is_image_file(path: Path) -> bool:
    """Whether a path looks like something `read_path` reads, from its first bytes or its OCI marker alone."""
    try:
        if path.is_dir():
            return (path / "oci-layout").is_file() or (path / "index.json").is_file()
        with path.open("rb") as file:
            start = file.read(512)
    except OSError:
        return False
    return compression_of(start) is not None or (len(start) == 512 and looks_like_tar(start))
