"""The head of the Compare page: one column per image with its size, factor and bar, all bars on one scale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QMenu, QSizePolicy

from slimdesk.basics.units import UNKNOWN, format_bytes, format_change, format_exact, format_factor
from slimdesk.image.compare import MOST, SIZE_WORDS, Side, size_of
from slimdesk.ui.models.compare_rows import letters
from slimdesk.ui.models.roles import SizeBar
from slimdesk.ui.models.variants import short_name
from slimdesk.ui.theme.fonts import fix_height
from slimdesk.ui.widgets.buttons import Button, menu_button
from slimdesk.ui.widgets.layout import clear, column, line, row
from slimdesk.ui.widgets.size_bar import SizeBarView
from slimdesk.ui.widgets.text import Elided, Tag, Text
from slimdesk.workspace.settings import SizeKind

_ROOMY, _TIGHT = 330, 190
_AROUND = 84


class CompareColumn(QFrame):
    """One image under a name that no other column has, which opens a menu that `fill` writes."""

    def __init__(self, letter: str, side: Side, name: str, fill: Callable[[QMenu], None]) -> None:
        super().__init__()
        self.side = side
        self._letter = Tag(letter)
        base, bracket, mark = name.partition(" (")
        self._name = f"{short_name(base)}{bracket}{mark}"
        self._more = ""
        self.menu = Button(self._name, kind="flat", tip=name)
        self.menu.set_caret("caret-down")
        self.menu.setAccessibleName(f"Image {letter}: {name}")
        self.menu.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.menu.setMinimumWidth(40)
        menu_button(self.menu, fill)
        self._factor = Text("", "strong")
        self._change = Text("", "body", "text2")
        self._size = Text("", "verdict")
        self._word = Text("", "body", "text2")
        self._others = Elided("", "small", "text2")
        self._bar = SizeBarView(f"Size of {name}", 8)
        head = row(self._letter, self.menu, 1, self._factor, self._change, spacing=6)
        figures = row(self._size, self._word, 1, self._others, spacing=6)
        figures.setStretch(3, 20)
        self.setLayout(column(1, head, figures, self._bar, 1, margins=(16, 6, 16, 8), spacing=4))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_sizes(self, kind: SizeKind, reference: Side, full: int) -> None:
        """Show the current size, the factor against the reference, and the bar on a scale of `full` bytes."""
        size, first = size_of(self.side.image.sizes, kind), size_of(reference.image.sizes, kind)
        known = size is not None
        self._size.setText(format_bytes(size) if known else "not measured")
        self._size.set_font("verdict" if known else "section")
        self._size.setToolTip("\n".join(f"{word}: {format_exact(value)}" for word, value in self._sizes()))
        self._word.setText(kind)
        others = [
            f"{format_bytes(value)} {word}"
            for word, value in self._sizes()
            if word != kind and value is not None
        ]
        self._more = " · ".join(others[:2])
        is_reference = self.side is reference
        self._factor.setText("" if is_reference else format_factor(size, first))
        self._factor.setToolTip(
            "" if is_reference else f"{format_factor(size, first)} than {reference.name}, {kind}"
        )
        change = format_change(size, first)
        self._change.setText("reference" if is_reference else "" if change == UNKNOWN else change)
        base = size if is_reference else None
        self._arrange()
        self._bar.show_bar(SizeBar(0 if is_reference else size or 0, full, base) if known else None)

    def _sizes(self) -> list[tuple[str, int | None]]:
        return [
            (word, size_of(self.side.image.sizes, word)) for word in ("unpacked", "download", "files", "live")
        ]

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Leave out what there is no room for."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Put the factor beside the name, or where it is narrow in place of the other sizes; shorten the name."""
        wide = self.width() >= _ROOMY
        self._factor.setVisible(wide)
        self._change.setVisible(wide)
        factor = f"{self._factor.text()}  {self._change.text()}".strip()
        self._others.setText(self._more if wide else factor)
        self._others.setVisible(self.width() >= _TIGHT)
        self._word.setVisible(self.width() >= _TIGHT)
        taken = [self._letter, *([self._factor, self._change] if wide else [])]
        room = self.width() - sum(one.sizeHint().width() for one in taken) - _AROUND
        metrics = self.menu.fontMetrics()
        # What tells images apart stands at the end: the whole name, else its last part, else its tag.
        names = (self._name, self._name.rsplit("/", 1)[-1], self._name.rsplit(":", 1)[-1])
        name = next((one for one in names if metrics.horizontalAdvance(one) <= room), names[-1])
        self.menu.setText(metrics.elidedText(name, Qt.TextElideMode.ElideLeft, max(40, room)))


class CompareColumns(QFrame):
    """All columns, and what changes them: `add` fills the menu of Add image, `fill` that of an image, `swap` swaps."""

    def __init__(
        self, add: Callable[[QMenu], None], fill: Callable[[int, QMenu], None], swap: Callable[[], object]
    ) -> None:
        super().__init__()
        self.setProperty("surface", "bar")
        self.setProperty("rule", "bottom")
        self.setAccessibleName("Compared images")
        self._fill = fill
        self.columns: list[CompareColumn] = []
        self._cells = row(spacing=0)
        self.add = Button("Add image", "plus")
        menu_button(self.add, add)
        self.swap = Button("Swap", "swap", swap, kind="flat", tip="Swap the two images that are compared")
        tail = QFrame()
        tail.setLayout(column(1, self.add, self.swap, 1, margins=(12, 6, 12, 6), spacing=4))
        outer = row(self._cells, tail, spacing=0)
        outer.setStretch(0, 1)
        self.setLayout(outer)
        fix_height(self, 92)

    def show_sides(self, sides: Sequence[Side], names: Sequence[str], kind: SizeKind) -> None:
        """Show these images under these names."""
        if [one.side for one in self.columns] != list(sides):
            clear(self._cells)
            self.columns = []
            for number, letter in enumerate(letters(len(sides))):
                cell = CompareColumn(letter, sides[number], names[number], partial(self._fill, number))
                self._cells.addWidget(cell, 1)
                self._cells.addWidget(line("vertical"))
                self.columns.append(cell)
        full = max((size_of(side.image.sizes, kind) or 0 for side in sides), default=0)
        for cell in self.columns:
            cell.show_sizes(kind, sides[0], full)
        self.add.allow(len(sides) < MOST, f"{MOST} are as many as there is room for")


KINDS = tuple((word, word.capitalize()) for word in SIZE_WORDS)
