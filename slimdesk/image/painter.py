"""Makes pictures of an image while it is being read: from its history, from a listing, from the layers as they come."""

from __future__ import annotations

import threading
import time
from array import array
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from slimdesk.basics.units import plural
from slimdesk.image.history import base_layers, instruction_of, layer_history
from slimdesk.image.layer import LayerColumns
from slimdesk.image.layer_reader import ParsedLayer
from slimdesk.image.manifest import config_of, diff_ids_of
from slimdesk.image.merge import merge
from slimdesk.image.model import SourceKind
from slimdesk.image.picture import LayerSoFar, OnPicture, Picture
from slimdesk.image.stack import stack
from slimdesk.image.table import FileTable

# Seconds from one picture to the next, and how many times as long as making one has to pass before the next is made.
PAUSE = 0.33
SHARE = 12
# Beyond this many entries only a whole image is merged: it takes seconds, and much memory.
MAX_ENTRIES = 400_000

NO_ORDER = "The order of the layers is not known before the end of the archive."
NOT_LISTED = "The engine could not list the files ahead: they come layer by layer."
NO_TREE = "The files are not known yet."
NO_LAYERS = "Which layer holds which file, and what is hidden, is not known yet."
NO_PACKAGES = "Packages and findings are not known yet."


class Painter:
    """Gets what becomes known, from any thread, and hands over pictures through `on_picture`, in one thread at a time.

    bases: see slimdesk.image.read.Wanted. total: bytes that there are to read, where that is known.
    """

    def __init__(
        self,
        on_picture: OnPicture,
        name: str,
        source: SourceKind,
        bases: Sequence[Sequence[str]] = (),
        total: int | None = None,
    ) -> None:
        self._on_picture = on_picture
        self._bases = bases
        self._lock = threading.Lock()
        self._picture = Picture(name, source, total=total, unknown=(NO_TREE, NO_PACKAGES))
        self._known = False
        self._layers: dict[str, LayerColumns] = {}
        self._listed = False
        self._next = 0.0
        self._waiting = False
        self._ended = False

    def image(self, config: dict[str, Any], stated: Sequence[int | None] = ()) -> None:
        """Take the configuration: now the layers and their order are known. Only the first one counts.

        stated: what the engine says of each layer's size in bytes, as far as it does.
        """
        with self._lock:
            if self._known:
                return
            self._known = True
            self._picture = described(self._picture, config, stated, self._bases)
            self._fill()
            self._tell()

    def layer(self, layer: ParsedLayer) -> None:
        """Take a layer that has been read to its end, before its columns are used up."""
        if layer.diff_id is None:
            return
        with self._lock:
            if layer.diff_id in self._layers or self._ended:
                return
            self._layers[layer.diff_id] = _copied(layer.columns)
            self._fill()
            self._waiting = True
            self._show_waiting()

    def listing(self, table: FileTable) -> None:
        """Take the whole tree as a container sees it."""
        with self._lock:
            self._listed = True
            self._picture = replace(
                self._picture, table=table, tree="listing", unknown=(NO_LAYERS, NO_PACKAGES)
            )
            self._tell()

    def no_listing(self) -> None:
        """Take note that the tree comes from the layers alone."""
        with self._lock:
            if not self._listed:
                self._picture = replace(self._picture, unknown=(NOT_LISTED, *self._picture.unknown))
                self._tell()

    def progress(self, done: int, total: int | None) -> None:
        """Take how many bytes have been read, and of how many; the next picture tells it, and what waited for it."""
        with self._lock:
            if total is None:
                total = self._picture.total
            self._picture = replace(self._picture, done=done, total=total)
            self._show_waiting()

    def end(self) -> None:
        """No picture comes any more."""
        with self._lock:
            self._ended = True
            self._layers.clear()

    def _show_waiting(self) -> None:
        """Show the layers that came since the last picture, if it is time."""
        if self._waiting and time.monotonic() >= self._next:
            self._waiting = False
            self._merge()
            self._tell()

    def _tell(self) -> None:
        if not self._ended:
            self._next = max(self._next, time.monotonic() + PAUSE)
            self._on_picture(self._picture)

    def _fill(self) -> None:
        """Note which layers have been read; of an archive that tells no order yet, those that came."""
        read = self._layers
        if not self._known:
            came = (
                LayerSoFar(index, diff_id, None, None, None, True, len(columns), columns.files)
                for index, (diff_id, columns) in enumerate(read.items())
            )
            self._picture = replace(self._picture, layers=tuple(came))
            return
        layers = tuple(
            replace(layer, read=True, entries=len(columns), files=columns.files)
            if (columns := read.get(layer.diff_id or "")) is not None
            else layer
            for layer in self._picture.layers
        )
        self._picture = replace(self._picture, layers=layers)

    def _merge(self) -> None:
        """Stack the layers read so far, unless the whole tree is known from elsewhere or there are too many entries."""
        shown = [
            (layer.index, self._layers[layer.diff_id or ""]) for layer in self._picture.layers if layer.read
        ]
        if self._listed or sum(len(columns) for _, columns in shown) > MAX_ENTRIES:
            return
        began = time.monotonic()
        table = merge(stack([_copied(columns) for _, columns in shown])).table
        numbers = [index for index, _ in shown]
        if numbers != list(range(len(numbers))):
            table = replace(
                table,
                layer=_renumbered(table.layer, numbers),
                hidden_by=_renumbered(table.hidden_by, numbers),
            )
        left = len(self._picture.layers) - len(shown)
        verb = "is" if left == 1 else "are"
        unknown = (
            *(() if self._known else (NO_ORDER,)),
            *(
                (f"{plural(left, 'layer')} of {len(self._picture.layers)} {verb} not read yet.",)
                if left
                else ()
            ),
            NO_PACKAGES,
        )
        self._picture = replace(self._picture, table=table, tree="layers", unknown=unknown)
        now = time.monotonic()
        self._next = now + (now - began) * SHARE


def described(
    picture: Picture, config: dict[str, Any], stated: Sequence[int | None], bases: Sequence[Sequence[str]]
) -> Picture:
    """Return the picture with the layers that a configuration names (OCI image-spec, config.md), nothing of them read."""
    settings = config_of(config)
    diff_ids = diff_ids_of(config)
    base = base_layers(diff_ids, bases, settings.labels)
    texts = layer_history(config.get("history"), len(diff_ids))
    layers = tuple(
        LayerSoFar(
            index=index,
            diff_id=diff_id,
            created_by=texts[index],
            instruction=instruction_of(texts[index]),
            base=None if base is None else index < base,
            files=stated[index] if len(stated) == len(diff_ids) else None,
        )
        for index, diff_id in enumerate(diff_ids)
    )
    platform = "/".join(part for part in (settings.os, settings.architecture, settings.variant) if part)
    return replace(picture, layers=layers, config=settings, platform=platform or None)


def _copied(columns: LayerColumns) -> LayerColumns:
    """A merge uses up the keys, and what was kept of bodies is of no use here."""
    return replace(columns, keys=list(columns.keys), kept={})


def _renumbered(column: array[int], numbers: Sequence[int]) -> array[int]:
    return array("h", [numbers[value] if value >= 0 else value for value in column])
