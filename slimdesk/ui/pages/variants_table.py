"""How the cells of the Variants table are drawn where a family's row differs from other tables."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen

from slimdesk.ui.models.roles import Role, SizeBar
from slimdesk.ui.models.rows import Rows
from slimdesk.ui.models.variants import RUNS_WIDTH, SCAN_WIDTH, VariantRow
from slimdesk.ui.theme.fonts import font, scaled
from slimdesk.ui.theme.icons import paint_icon
from slimdesk.ui.theme.theme import current
from slimdesk.ui.theme.tokens import Token
from slimdesk.ui.widgets.cells import PAD, CellDelegate
from slimdesk.ui.widgets.size_bar import paint_bar
from slimdesk.ui.widgets.table import Table

Index = QModelIndex | QPersistentModelIndex
_ICON = 16
_BUSY_BAR = 4
RAIL = 76
_TAGS: dict[str, tuple[Token, Token]] = {
    "debug": ("bad", "bad_soft"),
    "older": ("warn", "warn_soft"),
}

# Hidden one after the other where the window is narrow: the figures that matter least.
NARROW = (
    ("layers", 1584),
    ("packages", 1518),
    ("user", 1440),
    ("findings", 1272),
    ("shell", 1192),
    ("build", 1138),
    ("place", 1072),
    ("base", 1024),
)
# What the column "Still runs" takes besides, while a row of it offers a fix or says what one came to.
FIX_WIDTH = 132


SCANS = "cve"


def hide_columns(table: Table, width: int) -> None:
    """Hide what matters least in a page of that width, and share the room among what stays."""
    keys = [column.key for column in table.rows_model.columns]
    scanned = _scanned(table)
    left = width - (scaled(SCAN_WIDTH) if scanned else 0) - (scaled(FIX_WIDTH) if _mended(table) else 0)
    for key, least in NARROW:
        table.setColumnHidden(keys.index(key), left < scaled(least - RAIL))
    table.setColumnHidden(keys.index(SCANS), not scanned)
    table.share_width()


def show_variants(table: Table, rows: Sequence[VariantRow], width: int) -> None:
    """Show these rows; the column of vulnerabilities is there as soon as one image was scanned."""
    before = _mended(table)
    table.rows_model.show_rows(rows)
    keys = [column.key for column in table.rows_model.columns]
    if before != _mended(table):
        table.setColumnWidth(keys.index("runs"), scaled(RUNS_WIDTH + (0 if before else FIX_WIDTH)))
    if table.isColumnHidden(keys.index(SCANS)) == _scanned(table) or before != _mended(table):
        hide_columns(table, width)


def _scanned(table: Table) -> bool:
    return any(isinstance(row, VariantRow) and row.scan is not None for row in table.rows_model.rows)


def _mended(table: Table) -> bool:
    rows = table.rows_model.rows
    return any(isinstance(row, VariantRow) and (row.fix is not None or bool(row.fixed)) for row in rows)


def choose_family(table: Table, family: str) -> None:
    """Choose a family's row without telling, unless it is chosen already."""
    item = table.item
    if not isinstance(item, VariantRow) or item.variant.family != family:
        table.blockSignals(True)
        table.choose(lambda one: one.variant.family == family)
        table.blockSignals(False)


class VariantDelegate(CellDelegate):
    """Name, star and tags of a family; a progress bar before the step; the sign right before its number."""

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self._table = table

    def paint_content(self, painter: QPainter, area: QRect, index: Index, muted: bool) -> None:
        """Draw what the cell says."""
        item = index.data(Role.ITEM)
        key = self._table.rows_model.columns[index.column()].key
        if isinstance(item, VariantRow) and key == "family":
            self._paint_family(painter, area, item, str(index.data(Role.SECOND) or ""))
        elif isinstance(item, VariantRow) and key == "size" and item.busy:
            super().paint_content(painter, _paint_progress(painter, area, item), index, muted)
        elif key == "findings" and index.data(Role.PICTURE):
            text = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
            name, role = index.data(Role.PICTURE)
            width = QFontMetrics(font("body")).horizontalAdvance(text) + _ICON + PAD
            square = QRect(area.right() - width + 1, area.center().y() - _ICON // 2 + 1, _ICON, _ICON)
            paint_icon(painter, square, name, role)
            self._paint_texts(painter, area, index, muted)
        else:
            place = self._table.indexWidget(index)
            if place is not None:
                # Its words end before the button.
                area = area.adjusted(0, 0, -place.childrenRect().width() - PAD, 0)
            super().paint_content(painter, area, index, muted)

    def _paint_family(self, painter: QPainter, area: QRect, item: VariantRow, words: str) -> None:
        if not item.available:
            area = _paint_dead_box(painter, area)
        area = self._word(painter, area, item.title, "text" if item.available else "text3", strong=True)
        if item.recommended:
            square = QRect(area.left(), area.center().y() - _ICON // 2 + 1, _ICON, _ICON)
            paint_icon(painter, square, "star-fill", "accent")
            area = area.adjusted(_ICON + PAD, 0, 0, 0)
        for word in words.split():
            if word in _TAGS:
                area = _paint_tag(painter, area, word, *_TAGS[word])
            else:
                area = self._word(painter, area, word, "text2", strong=False)

    def _word(self, painter: QPainter, area: QRect, text: str, tone: Token, *, strong: bool) -> QRect:
        if area.width() <= 0:
            return area
        shape = font("strong" if strong else "small")
        painter.setFont(shape)
        painter.setPen(current().color(tone))
        metrics = QFontMetrics(shape)
        # Text shaping rounds up: a label that just fits must not lose its last letters.
        width = metrics.horizontalAdvance(text) + 4
        cut = metrics.elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter), cut)
        return area.adjusted(width + PAD - 2, 0, 0, 0)


def span_sentences(table: Table, rows: Rows[VariantRow]) -> None:
    """Let sentences run over the columns to their right; sorting moves rows, so that it is called anew then."""
    first = [column.key for column in rows.columns].index("size")
    wide = len(rows.columns) - first
    table.clearSpans()
    for number in range(table.model().rowCount()):
        item = table.sorted_rows.index(number, 0).data(Role.ITEM)
        if isinstance(item, VariantRow) and item.spans:
            table.setSpan(number, first, 1, wide)


def _paint_dead_box(painter: QPainter, area: QRect) -> QRect:
    theme = current()
    square = QRectF(area.left() - 1.5, area.center().y() - _ICON // 2 + 1.5, _ICON - 1, _ICON - 1)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color("line")))
    painter.setBrush(theme.color("s3"))
    painter.drawRoundedRect(square, 3, 3)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    return area.adjusted(_ICON + PAD, 0, 0, 0)


def _paint_tag(painter: QPainter, area: QRect, word: str, tone: Token, fill: Token) -> QRect:
    shape = font("small")
    metrics = QFontMetrics(shape)
    width = metrics.horizontalAdvance(word) + 12
    if width > area.width():
        return area.adjusted(area.width(), 0, 0, 0)
    height = metrics.height() + 2
    rect = QRectF(area.left(), area.center().y() - height / 2 + 1, width, height)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(current().color(fill))
    painter.drawRoundedRect(rect, 3, 3)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    painter.setFont(shape)
    painter.setPen(current().color(tone))
    painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), word)
    return area.adjusted(width + PAD, 0, 0, 0)


def _paint_progress(painter: QPainter, area: QRect, item: VariantRow) -> QRect:
    """Draw how far the job is where the size bar will stand; nothing is drawn where that is not known."""
    job = item.job
    if job is None or not job.current.total:
        return area
    width = min(160, area.width() // 4)
    done = round(1000 * min(1.0, job.current.done / job.current.total))
    track = QRect(area.left(), area.center().y() - _BUSY_BAR // 2 + 1, width, _BUSY_BAR)
    paint_bar(painter, track, SizeBar(done, 1000))
    return area.adjusted(width + 2 * PAD, 0, 0, 0)
