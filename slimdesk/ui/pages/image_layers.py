"""The list of layers: number, swatch, the instruction that made it, what it adds, what of that is shadowed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import QHeaderView, QMenu, QStyleOptionViewItem

from slimdesk.basics.escaping import visible
from slimdesk.image.model import Image, Layer
from slimdesk.image.picture import LayerSoFar
from slimdesk.ui.models.image_colors import Coloring
from slimdesk.ui.models.layers import ADDS, BAR, SHADOWED, TEXT, LayerTree
from slimdesk.ui.models.roles import Role, SizeBar
from slimdesk.ui.theme.fonts import fix_height, font, scaled, set_font
from slimdesk.ui.theme.theme import current
from slimdesk.ui.widgets.size_bar import HEIGHT, paint_bar
from slimdesk.ui.widgets.tree import Tree, TreeDelegate
from slimdesk.ui.widgets.treemap_paint import tile_color

_SWATCH = 10
_BAR, _SHORT_BAR, _ROOMY = 64, 40, 440
_KEYWORD = re.compile(r"[A-Z]+(?= |$)")


class LayerList(Tree):
    """Signals: `picked(layer index)`, -1 when none is chosen any more."""

    picked = Signal(int)

    def __init__(self) -> None:
        self.layers = LayerTree()
        super().__init__("Layers", self.layers, 26, 20)
        self.coloring: Coloring | None = None
        self.setItemDelegate(_LayerDelegate(self))
        self.draw_lines(True)
        head = self.header()
        set_font(head, "small")
        fix_height(head, 28)
        head.setSectionResizeMode(TEXT, QHeaderView.ResizeMode.Stretch)
        head.setMinimumSectionSize(40)
        for section, width in ((BAR, _BAR), (ADDS, 76), (SHADOWED, 82)):
            head.setSectionResizeMode(section, QHeaderView.ResizeMode.Fixed)
            head.resizeSection(section, scaled(width))
        self.selectionModel().currentChanged.connect(self._current)
        self.clicked.connect(self._clicked)
        self.customContextMenuRequested.connect(self._menu)
        self._last = -1
        self._showing = False
        self._by_key = False

    def show_image(
        self, image: Image | None, coloring: Coloring | None, so_far: Sequence[LayerSoFar] = ()
    ) -> None:
        """Show another image's layers; `so_far` is what is known of them while they are being read."""
        self._showing = True
        self.coloring = coloring
        self.layers.show_image(image, so_far)
        for row in range(self.layers.rowCount()):
            index = self.layers.index(row, 0)
            self.setFirstColumnSpanned(row, QModelIndex(), True)
            self.setExpanded(index, True)
        self._last = -1
        self._showing = False

    def mark(self, layer: int, *, chosen: bool = False) -> None:
        """Show which layer a chosen file comes from, without narrowing anything to it; `chosen`: narrowed it is."""
        self._showing = True
        if chosen:
            self._last = layer
        index = self.layers.index_of(layer) if layer >= 0 else QModelIndex()
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)
        else:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        self._showing = False

    def forget(self) -> None:
        """Choose none."""
        self._last = -1
        self.mark(-1)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Give the instructions the room, where there is little."""
        super().resizeEvent(event)
        bar = _BAR if self.viewport().width() >= scaled(_ROOMY) else _SHORT_BAR
        self.header().resizeSection(BAR, scaled(bar))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape shows all layers again; Ctrl+C copies the instruction."""
        layer = self.layers.layer(self.currentIndex())
        if event.key() == Qt.Key.Key_Escape and self._last >= 0:
            self._all()
        elif event.matches(QKeySequence.StandardKey.Copy) and layer is not None:
            _copy(layer.instruction)
        else:
            # A click is left to `clicked`, which knows of second ones.
            self._by_key = True
            super().keyPressEvent(event)
            self._by_key = False

    def _current(self, index: QModelIndex) -> None:
        if self._by_key and not self._showing:
            layer = self.layers.layer(index)
            self._tell(layer.index if layer else -1)

    def _clicked(self, index: QModelIndex) -> None:
        layer = self.layers.layer(index)
        # A second click on the layer that is shown alone brings the others back.
        self._tell(-1 if layer is None or layer.index == self._last else layer.index)

    def _tell(self, layer: int) -> None:
        if layer != self._last:
            self._last = layer
            self.picked.emit(layer)

    def _all(self) -> None:
        self.forget()
        self.picked.emit(-1)

    def _menu(self, where: QPoint) -> None:
        layer = self.layers.layer(self.at(where))
        if layer is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Show this layer alone", lambda: self._tell(layer.index))
        menu.addAction("Show all layers", self._all)
        menu.addSeparator()
        menu.addAction("Copy instruction", lambda: _copy(layer.instruction)).setEnabled(
            bool(layer.instruction)
        )
        menu.addAction("Copy diff ID", lambda: _copy(layer.diff_id)).setEnabled(bool(layer.diff_id))
        menu.popup(self.viewport().mapToGlobal(where))


class _LayerDelegate(TreeDelegate):
    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw a group's head over the whole row, else one cell of a layer."""
        view = self.view
        if not isinstance(view, LayerList):
            return
        painter.save()
        layer = view.layers.layer(index)
        if layer is None:
            self._group(painter, option.rect, index)
        elif index.column() == TEXT:
            self._instruction(painter, option.rect, layer, view.coloring, str(index.data()))
        elif index.column() == BAR:
            bar = index.data(Role.BAR)
            if isinstance(bar, SizeBar):
                area = option.rect.adjusted(4, 0, -4, 0)
                paint_bar(
                    painter,
                    QRect(area.left(), area.center().y() - HEIGHT // 2 + 1, area.width(), HEIGHT),
                    bar,
                )
        else:
            painter.setFont(font(index.data(Role.FONT) or "body"))
            painter.setPen(current().color(index.data(Role.TONE) or "text"))
            painter.drawText(
                option.rect.adjusted(4, 0, -8, 0),
                int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter),
                str(index.data() or ""),
            )
        painter.restore()

    def _group(self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex) -> None:
        theme = current()
        summary = str(index.data(Role.SECOND) or "")
        area = rect.adjusted(8, 0, -8, 0)
        painter.setFont(font("body"))
        painter.setPen(theme.color("text2"))
        width = QFontMetrics(font("body")).horizontalAdvance(summary)
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(area, middle | int(Qt.AlignmentFlag.AlignRight), summary)
        strong = font("strong")
        painter.setFont(strong)
        painter.setPen(theme.color("text"))
        cut = QFontMetrics(strong).elidedText(
            str(index.data() or ""), Qt.TextElideMode.ElideRight, area.width() - width - 12
        )
        painter.drawText(area, middle, cut)

    def _instruction(
        self, painter: QPainter, rect: QRect, layer: Layer, coloring: Coloring | None, text: str
    ) -> None:
        theme = current()
        number = font("body")
        painter.setFont(number)
        painter.setPen(theme.color("text2"))
        # The tree's indentation is the number's room.
        wide = QFontMetrics(number).horizontalAdvance("00")
        area = QRect(rect.left() - 18, rect.top(), rect.width() + 18, rect.height())
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(
            QRect(area.left(), area.top(), wide + 4, area.height()),
            middle | int(Qt.AlignmentFlag.AlignRight),
            str(layer.index),
        )
        left = area.left() + wide + 10
        if coloring is not None and coloring.way == "layer":
            square = QRect(left, area.center().y() - _SWATCH // 2 + 1, _SWATCH, _SWATCH)
            painter.fillRect(square, tile_color(coloring.paint(min(layer.index, 255))))
        left += _SWATCH + 8
        mono = font("mono")
        metrics = QFontMetrics(mono)
        painter.setFont(mono)
        room = QRect(left, area.top(), max(0, area.right() - left), area.height())
        found = _KEYWORD.match(text)
        if found:
            painter.setPen(theme.color("code_keyword"))
            painter.drawText(room, middle, found.group())
            room = room.adjusted(metrics.horizontalAdvance(found.group() + " "), 0, 0, 0)
            text = text[found.end() :].lstrip()
        painter.setPen(theme.color("text" if layer.instruction else "text3"))
        painter.drawText(room, middle, metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width()))


def _copy(text: str | None) -> None:
    QGuiApplication.clipboard().setText(visible(text or ""))
