"""The treemap: painted once into a pixmap; what is under the pointer and what is chosen are drawn on top."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import format_bytes, plural
from slimdesk.image.table import ROOT, FileTable
from slimdesk.image.treemap import GROUP, PADDING, Layout, layout
from slimdesk.ui.models.files_view import Shown
from slimdesk.ui.models.image_colors import Coloring
from slimdesk.ui.theme.fonts import font
from slimdesk.ui.theme.theme import current
from slimdesk.ui.widgets.treemap_paint import Ground, Pens, Picture, edges, ground_of, head_height, written

Work = Callable[[], "Laid"]
Done = Callable[["Laid"], None]
_RESIZE_MS = 60
_NOTCH = 120


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """Where everything stands, and its tiles filled, if there are colours for them; pens: what is written with."""

    tiles: Layout
    ground: Ground | None
    pens: Pens


def at_once(work: Work, done: Done) -> None:
    """Lay out here and now."""
    done(work())


class Treemap(QWidget):
    """Shows a subtree of a FileTable. `lay_out` runs the layout, at once or elsewhere, and hands on what comes out.

    Signals: `chosen(node)` by a click or a key; `zoomed(node)` when another folder is to fill the map; `pointed(node)`,
    -1 for nothing; `asked(node, global position)` for a context menu; `looked(node)` by the space bar.
    """

    chosen = Signal(int)
    zoomed = Signal(int)
    pointed = Signal(int)
    asked = Signal(int, object)
    looked = Signal(int)

    def __init__(self, name: str = "Treemap", lay_out: Callable[[Work, Done], None] = at_once) -> None:
        super().__init__()
        self._name = name
        self._lay_out = lay_out
        self._table: FileTable | None = None
        self._shown: Shown | None = None
        self._coloring: Coloring | None = None
        self._root = ROOT
        self._tiles: Layout | None = None
        self._pixmap: QPixmap | None = None
        self._placing = False
        self._selected = -1
        self._selected_tile: int | None = None
        self._hover: int | None = None
        self._round = 0
        self._turned = 0
        self.empty_words = "Nothing to show"
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(320, 200)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_RESIZE_MS)
        self._later.timeout.connect(self.relayout)
        current().changed.connect(self.repaint_tiles)

    # What is shown

    def show_files(
        self, table: FileTable | None, shown: Shown | None, coloring: Coloring | None, root: int = ROOT
    ) -> None:
        """Show what is `shown` of a table, below `root`."""
        if table is not self._table:
            # Until its own stand, no tile may speak of another table's nodes; the old picture stays so long.
            self._tiles = self._selected_tile = self._hover = None
        self._table, self._shown, self._coloring = table, shown, coloring
        self._root = root
        if table is None or shown is None:
            self._pixmap = None
            self._round += 1
            self.update()
            return
        self.relayout()

    def color_by(self, coloring: Coloring) -> None:
        """Change the colours alone."""
        self._coloring = coloring
        self.repaint_tiles()

    def zoom_to(self, root: int) -> None:
        """Let another folder fill the map; does not tell."""
        self._root = root
        self.relayout()

    @property
    def root(self) -> int:
        """The folder that fills the map."""
        return self._root

    @property
    def tiles(self) -> Layout | None:
        """Where everything stands."""
        return self._tiles

    @property
    def picture(self) -> Picture | None:
        """What is drawn, for an export."""
        if self._table is None or self._shown is None or self._coloring is None or self._tiles is None:
            return None
        return Picture(self._table, self._tiles, self._coloring)

    def relayout(self) -> None:
        """Place all tiles anew and paint them."""
        table, shown = self._table, self._shown
        if table is None or shown is None or self.width() < 2 or self.height() < 2:
            return
        self._later.stop()
        area, root, head = (float(self.width()), float(self.height())), self._root, head_height()
        self._placing = True
        self._draw(lambda: _bare(table, area, root, shown, head))

    def repaint_tiles(self) -> None:
        """Paint all tiles again where they stand; larger type needs other heads, and so other places."""
        tiles = self._tiles
        if tiles is None or self._placing or tiles.head != head_height():
            self.relayout()
        else:
            self._draw(lambda: tiles)

    def _draw(self, placed: Callable[[], Layout]) -> None:
        """Place and fill the tiles, where that runs; what another wish has overtaken is dropped."""
        table, coloring = self._table, self._coloring
        if table is None:
            return
        self._round += 1
        turn, size, ratio, pens = self._round, self.size(), self.devicePixelRatioF(), Pens()

        def work() -> Laid:
            tiles = placed()
            if coloring is None:
                return Laid(tiles, None, pens)
            return Laid(tiles, ground_of(Picture(table, tiles, coloring), size, ratio, pens), pens)

        def done(laid: Laid) -> None:
            if turn == self._round:
                self._take(laid)

        self._lay_out(work, done)

    def _take(self, laid: Laid) -> None:
        self._tiles, self._placing = laid.tiles, False
        self._hover = None
        self._find_selected()
        if laid.ground is not None:
            self._pixmap = QPixmap.fromImage(written(laid.ground, laid.pens))
        self.update()

    # Choosing

    @property
    def selected(self) -> int:
        """The chosen node, -1 for none."""
        return self._selected

    def select(self, node: int) -> None:
        """Mark a node; does not tell."""
        self._selected = node
        self._find_selected()
        self.update()

    def _find_selected(self) -> None:
        self._selected_tile = None
        if self._tiles is not None and self._table is not None and self._selected > ROOT:
            self._selected_tile = self._tiles.tile_of(self._table, self._selected)

    def node_at(self, x: float, y: float) -> int | None:
        """Return the node under a point: a file, a folder by its head, the folder of a group."""
        tile = self._tiles.at(x, y) if self._tiles is not None else None
        return None if tile is None else self._node(tile)

    def _node(self, tile: int) -> int:
        tiles = self._tiles
        if tiles is None:
            return -1
        return tiles.top[tile] if tiles.node[tile] == GROUP else tiles.node[tile]

    def _rect(self, tile: int) -> QRectF:
        return edges(self._tiles, tile) if self._tiles is not None else QRectF()

    # Qt's side

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return a comfortable size."""
        return QSize(640, 480)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the pixmap, then what lies on top."""
        painter = QPainter(self)
        theme = current()
        if self._pixmap is None or (self._tiles is not None and not len(self._tiles)):
            painter.fillRect(self.rect(), theme.color("s1"))
            painter.setFont(font("body"))
            painter.setPen(theme.color("text2"))
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), self.empty_words)
            painter.end()
            return
        if self._pixmap.deviceIndependentSize().toSize() == self.size():
            painter.drawPixmap(0, 0, self._pixmap)
        else:
            # While the window is being resized the old picture stands in.
            painter.drawPixmap(self.rect(), self._pixmap)
        if self._hover is not None:
            self._frame(painter, self._hover, theme.color("text"), 1)
        if self._selected_tile is not None:
            self._frame(painter, self._selected_tile, theme.color("text"), 2)
        if self.hasFocus() and self._selected_tile is None:
            painter.setPen(QPen(theme.color("ring"), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()

    def _frame(self, painter: QPainter, tile: int, color: QColor, width: int) -> None:
        rect = self._rect(tile)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inset = width / 2
        painter.setPen(QPen(color, width))
        painter.drawRect(rect.adjusted(inset, inset, -inset - 1, -inset - 1))
        if width > 1 and self.hasFocus():
            painter.setPen(QPen(current().color("s1"), 1))
            painter.drawRect(rect.adjusted(2.5, 2.5, -3.5, -3.5))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Place tiles anew, a moment after the last change."""
        super().resizeEvent(event)
        if self._table is None:
            return
        if self._pixmap is None:
            self.relayout()
        else:
            self._later.start()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Light up the tile under the pointer."""
        at = event.position()
        tile = self._tiles.at(at.x(), at.y()) if self._tiles is not None else None
        self._point(tile)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Nothing is under the pointer any more."""
        self._point(None)
        super().leaveEvent(event)

    def _point(self, tile: int | None) -> None:
        if tile == self._hover:
            return
        for one in (self._hover, tile):
            if one is not None:
                self.update(self._rect(one).toAlignedRect().adjusted(-1, -1, 1, 1))
        self._hover = tile
        self.pointed.emit(-1 if tile is None else self._node(tile))

    def event(self, event: QEvent) -> bool:
        """Explain a group, whose name stands nowhere else; and follow the type: heads are as high as their words."""
        if event.type() == QEvent.Type.ApplicationFontChange and self._table is not None:
            self.repaint_tiles()
        if event.type() == QEvent.Type.ToolTip and self._hover is not None and self._tiles is not None:
            tile = self._hover
            if self._tiles.node[tile] == GROUP:
                words = f"{plural(self._tiles.count[tile], 'small entry', 'small entries')}, {format_bytes(self._tiles.size[tile])}"
                QToolTip.showText(event.globalPos(), words, self, self._rect(tile).toRect())  # type: ignore[attr-defined]
                return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Choose."""
        if event.button() == Qt.MouseButton.LeftButton:
            node = self.node_at(event.position().x(), event.position().y())
            if node is not None:
                self._choose(node)
        elif event.button() == Qt.MouseButton.BackButton:
            self.zoom_out()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Zoom into the folder that is under the pointer, of a file the one around it."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._zoom_at(event.position())

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """One notch up zooms one folder in towards the pointer, one down zooms out."""
        self._turned += event.angleDelta().y()
        if abs(self._turned) >= _NOTCH:
            inward, self._turned = self._turned > 0, 0
            if inward:
                self._step_in(event.position())
            else:
                self.zoom_out()
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        """Ask for a menu about the tile."""
        node = self.node_at(event.pos().x(), event.pos().y())
        if event.reason() == QContextMenuEvent.Reason.Keyboard or node is None:
            node = self._selected
        if node >= 0:
            self._choose(node)
            self.asked.emit(node, event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Arrows move, Enter zooms in, Backspace out, Home shows all, Space looks inside."""
        key = Qt.Key(event.key())
        steps = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_Down: (0, 1),
        }
        if key in steps and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self._move(*steps[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Plus):
            if self._selected_tile is not None:
                self._zoom_at(self._rect(self._selected_tile).center())
        elif key in (Qt.Key.Key_Backspace, Qt.Key.Key_Minus):
            self.zoom_out()
        elif key == Qt.Key.Key_Home:
            self._zoom(ROOT)
        elif key == Qt.Key.Key_Space and self._selected >= ROOT:
            self.looked.emit(self._selected)
        else:
            super().keyPressEvent(event)

    def zoom_out(self) -> None:
        """Show the folder above."""
        if self._table is not None and self._root > ROOT:
            above = self._table.parent[self._root]
            # A chain of folders with one child each would look the same at each step.
            while (
                above > ROOT
                and self._shown is not None
                and self._shown.weight[above] == self._shown.weight[self._root]
            ):
                above = self._table.parent[above]
            self._zoom(above)

    def _choose(self, node: int) -> None:
        if node != self._selected:
            self.select(node)
            self._say()
            self.chosen.emit(node)

    def _zoom_at(self, at: QPointF) -> None:
        node = self.node_at(at.x(), at.y())
        table = self._table
        if node is None or table is None:
            return
        folder = node if table.is_folder(node) else table.parent[node]
        if folder == self._root and not table.is_folder(node):
            return
        self._zoom(max(folder, ROOT))

    def _step_in(self, at: QPointF) -> None:
        node, table = self.node_at(at.x(), at.y()), self._table
        if node is None or table is None:
            return
        folders = [step for step in table.ancestors(node) if step > self._root and table.is_folder(step)]
        shown = self._shown
        for folder in folders:
            if shown is None or shown.weight[folder] < shown.weight[self._root]:
                self._zoom(folder)
                return

    def _zoom(self, node: int) -> None:
        if node != self._root:
            self.zoomed.emit(node)

    def _move(self, across: int, down: int) -> None:
        """Choose the nearest tile in a direction; the first press chooses the largest."""
        tiles = self._tiles
        if tiles is None:
            return
        leaves = [tile for tile in range(len(tiles)) if tiles.last[tile] == tile + 1]
        if not leaves:
            return
        if self._selected_tile is None:
            self._choose(self._node(max(leaves, key=lambda tile: tiles.width[tile] * tiles.height[tile])))
            return
        here = self._rect(self._selected_tile)
        center = here.center()
        best, least = -1, float("inf")
        for tile in leaves:
            if tile == self._selected_tile:
                continue
            x, y, width, height = tiles.x[tile], tiles.y[tile], tiles.width[tile], tiles.height[tile]
            if across:
                ahead = x - here.right() if across > 0 else here.left() - (x + width)
                aside = max(0.0, y - center.y(), center.y() - (y + height))
            else:
                ahead = y - here.bottom() if down > 0 else here.top() - (y + height)
                aside = max(0.0, x - center.x(), center.x() - (x + width))
            if ahead < -2:
                continue
            distance = max(0.0, ahead) + 3 * aside
            if distance < least and self._node(tile) != self._selected:
                best, least = tile, distance
        if best >= 0:
            self._choose(self._node(best))

    def _say(self) -> None:
        """Tell a screen reader what is chosen."""
        if self._table is not None and self._shown is not None and self._selected >= 0:
            size = format_bytes(self._shown.weight[self._selected])
            self.setAccessibleDescription(f"{visible(self._table.path(self._selected))}, {size}")

    def tile_rect(self, node: int) -> QRect | None:
        """Return where the tile of a node stands, for tests and for what lies on top."""
        if self._tiles is None or self._table is None:
            return None
        tile = self._tiles.tile_of(self._table, node)
        return None if tile is None else self._rect(tile).toRect()


def _bare(table: FileTable, area: tuple[float, float], root: int, shown: Shown, head: float) -> Layout:
    """Lay out without a head for the whole: the line above the map says what fills it."""

    def placed(wide: float, high: float) -> Layout:
        return layout(
            table,
            wide,
            high,
            root,
            weight=shown.weight,
            live=shown.live,
            hidden_by=shown.hidden_by,
            head=head,
        )

    width, height = area
    tiles = placed(width + 2 * PADDING, height + head + PADDING)
    if not len(tiles) or not tiles.header[0]:
        return placed(width, height)
    tiles.x[:] = array("f", [x - PADDING for x in tiles.x])
    tiles.y[:] = array("f", [y - head for y in tiles.y])
    return tiles
