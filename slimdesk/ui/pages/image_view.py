"""What the three views of an image share: what is shown of it, the colours, the folder that fills the map, the choice."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from slimdesk.image.changes import file_changes
from slimdesk.image.kinds import file_kinds
from slimdesk.image.matching import matching, pattern_of
from slimdesk.image.model import Image
from slimdesk.image.table import ROOT, FileTable
from slimdesk.ui.desk import Desk
from slimdesk.ui.models.files_view import Columns, Shown, Wanted, shown_nodes
from slimdesk.ui.models.image_colors import Coloring, Way, by_change, by_kind, by_layer, by_package
from slimdesk.ui.models.packages import packages_known

# From here on columns are computed beside the loop: below it, it takes less than a frame.
LARGE = 20_000

Prepared = tuple[Coloring, Shown]

_MAKERS: dict[Way, Callable[[Image], Coloring]] = {
    "layer": by_layer,
    "kind": lambda image: by_kind(image.table),
    "package": by_package,
    "change": by_change,
}


class ImageView(QObject):
    """One for the page. `open` shows an image; everything else changes what is seen of it.

    Signals: `opened` another image; `renewed` more is known of the same; `changed` other nodes or sums; `colored`; `selected`;
    `zoomed`.
    """

    opened = Signal()
    renewed = Signal()
    changed = Signal()
    colored = Signal()
    selected = Signal()
    zoomed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.image: Image | None = None
        self.wanted = Wanted()
        self.shown: Shown | None = None
        self.coloring: Coloring | None = None
        self.way: Way = "layer"
        self.node = -1
        self.root = ROOT
        self._asked_way: Way | None = None
        self._matched: tuple[str, bool, bytearray] | None = None
        self._kinds: array[int] | None = None
        self._changes: array[int] | None = None
        self._colorings: dict[Way, Coloring] = {}
        self._work: asyncio.Task[Any] | None = None

    def open(self, image: Image | None, prepared: Prepared | None = None) -> None:
        """Show an image from its beginning, or none; `prepared` is what `prepare` made of it elsewhere."""
        if self._work is not None:
            self._work.cancel()
            self._work = None
        self.image = image
        self.wanted = self.wanted_first
        self.node, self.root = -1, ROOT
        self._matched = self._kinds = self._changes = None
        self._colorings = {}
        self.shown = self.coloring = None
        self.way = "layer"
        self._asked_way = None
        if image is not None:
            self._take(prepared or prepare(image, self.wanted))
        self.opened.emit()

    def renew(self, image: Image, prepared: Prepared) -> None:
        """Show the same image with more known of it: what was chosen, zoomed and wanted stays, as far as it is there."""
        before = self.image
        if before is None:
            self.open(image, prepared)
            return
        if self._work is not None:
            self._work.cancel()
            self._work = None
        self.node, self.root = (
            _same_place(before.table, node, image.table) for node in (self.node, self.root)
        )
        self.root = max(self.root, ROOT)
        self._matched = self._kinds = self._changes = None
        self._colorings = {}
        self.wanted = replace(self.wanted, left_out=frozenset(), package=None)
        self.image = image
        self._take(prepared)
        self.renewed.emit()
        if not self.wanted.everything or self.wanted.shadowed != self.wanted_first.shadowed:
            self._again(self._compute)

    def way_for(self, *, listed: bool) -> Way:
        """Return how an image that is read should be coloured: as asked for; one whose layers are not known by kind."""
        if listed:
            return "kind"
        return self._asked_way or "layer"

    def _take(self, prepared: Prepared) -> None:
        self.coloring, self.shown = prepared
        self.way = self.coloring.way
        self._colorings[self.way] = self.coloring
        if self.root != ROOT and self.shown.count[self.root] == 0:
            self.root = ROOT

    @property
    def wanted_first(self) -> Wanted:
        """What another image begins with."""
        return Wanted(shadowed=self.wanted.shadowed)

    def want(self, **values: Any) -> None:
        """Change what is shown. Raises BadInput for a regular expression that is none; what is shown stays."""
        wanted = replace(self.wanted, **values)
        if wanted != self.wanted:
            pattern_of(wanted.text, regex=wanted.regex)
            self.wanted = wanted
            self._again(self._compute)

    def want_layer(self, layer: int | None) -> None:
        """Narrow to a layer, in the way that was chosen last: alone, or the image up to it; None for all layers."""
        whole = self.wanted.up_to is not None
        self.want(layer=None if whole else layer, up_to=layer if whole else None)

    def color(self, way: Way) -> None:
        """Colour by something else; what the legend left out comes back."""
        if way == self.way or self.image is None:
            return
        self.way = self._asked_way = way
        self._again(self._recolor)

    def select(self, node: int) -> None:
        """Choose a node in all three views; -1 for none."""
        if node != self.node:
            self.node = node
            self.selected.emit()

    def zoom(self, node: int) -> None:
        """Let a folder fill the map."""
        if node != self.root:
            self.root = node
            self.zoomed.emit()

    def leave_out(self, codes: frozenset[int]) -> None:
        """Hide or show again what a mark of the legend stands for."""
        out = self.wanted.left_out
        self.want(left_out=out - codes if codes <= out else out | codes)

    def leave_only(self, codes: frozenset[int]) -> None:
        """Leave out all that the other marks of the legend stand for; where it is so already, show all again."""
        if self.coloring is None:
            return
        others = frozenset().union(*(entry.codes for entry in self.coloring.legend)) - codes
        self.want(left_out=frozenset() if self.wanted.left_out == others else others)

    def hide_base(self, hidden: bool) -> None:
        """Hide or show what the base image brought."""
        base = self.image.base_layers if self.image is not None else None
        self.want(base_layers=(base or 0) if hidden else 0)

    def _again(self, work: Any) -> None:
        """Run the last wish; one before it that has not ended is dropped."""
        if self._work is not None:
            self._work.cancel()
        small = self.image is None or len(self.image.table) < LARGE
        if small:
            self._work = None
            coroutine = work(in_thread=False)
            try:
                coroutine.send(None)
            except StopIteration:
                return
            raise RuntimeError("small images are computed at once")
        self._work = self._desk.spawn(work(in_thread=True))

    async def _recolor(self, *, in_thread: bool) -> None:
        image = self.image
        if image is None:
            return
        if self.way not in self._colorings:
            make = _MAKERS[self.way]
            self._colorings[self.way] = await self._desk.blocking(make, image) if in_thread else make(image)
        self.coloring = self._colorings[self.way]
        if self.wanted.left_out:
            self.wanted = replace(self.wanted, left_out=frozenset())
            await self._compute(in_thread=in_thread)
        self.colored.emit()

    async def _compute(self, *, in_thread: bool) -> None:
        image, wanted = self.image, self.wanted
        if image is None:
            return
        matched = await self._find(image, wanted, in_thread) if wanted.text.strip() else None
        if wanted.kinds and self._kinds is None:
            self._kinds = await self._made(file_kinds, image, in_thread)
        if (wanted.changes or wanted.layer is not None) and self._changes is None:
            self._changes = await self._made(file_changes, image, in_thread)
        columns = Columns(
            codes=self.coloring.codes if self.coloring else None,
            matched=matched,
            owner=image.package_of if packages_known(image) else None,
            kinds=self._kinds,
            changes=self._changes,
        )
        if in_thread:
            self.shown = await self._desk.blocking(shown_nodes, image.table, wanted, columns)
        else:
            self.shown = shown_nodes(image.table, wanted, columns)
        if self.shown.count[self.root] == 0:
            self.root = ROOT
        self.changed.emit()

    async def _made(
        self, make: Callable[[FileTable], array[int]], image: Image, in_thread: bool
    ) -> array[int]:
        return await self._desk.blocking(make, image.table) if in_thread else make(image.table)

    async def _find(self, image: Image, wanted: Wanted, in_thread: bool) -> bytearray | None:
        text, regex = wanted.text, wanted.regex
        if self._matched is not None and self._matched[:2] == (text, regex):
            return self._matched[2]
        found = None
        for found in matching(image.table, text, regex=regex):
            if found is None and in_thread:
                # In slices on the loop: a search in a thread would hold the interpreter longer at a time.
                await asyncio.sleep(0)
        if found is not None:
            self._matched = (text, regex, found)
        return found


def prepare(image: Image, wanted: Wanted, way: Way = "layer") -> Prepared:
    """Compute what `ImageView.open` shows first; may run in a thread, and loads numpy, which takes a while the first time."""
    return _MAKERS[way](image), shown_nodes(image.table, wanted)


def _same_place(before: FileTable, node: int, table: FileTable) -> int:
    """Return the node of another tree that has the path of a node; -1 where there is none."""
    if node <= ROOT:
        return node
    found = table.find(before.path_bytes(node))
    return -1 if found is None else found
