"""How a cell is drawn: icon, text, second text, bar, tick; the row's hover and choice below it."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QCheckBox,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionButton,
    QStyleOptionViewItem,
    QTableView,
)

from slimdesk.ui.models.roles import Role, SizeBar
from slimdesk.ui.theme.fonts import FontRole, font
from slimdesk.ui.theme.icons import paint_icon
from slimdesk.ui.theme.theme import current
from slimdesk.ui.theme.tokens import Token
from slimdesk.ui.widgets.size_bar import HEIGHT, paint_bar

Index = QModelIndex | QPersistentModelIndex
PAD = 8
# How much further in the first column stands, so that it is in line with the page's titles.
EDGE = 8
ICON = 16


class CellDelegate(QStyledItemDelegate):
    """Draws any cell of a `Rows` model. `two_lines` puts the second text below the first.

    Subclass and override `paint_content` for a column of its own; the background is drawn already.
    """

    def __init__(self, view: QTableView, *, two_lines: bool = False) -> None:
        super().__init__(view)
        self._view = view
        self._two_lines = two_lines

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw background, rule and content."""
        painter.save()
        rect = option.rect
        state = option.state
        self._background(painter, rect, index, state)
        painter.setClipRect(rect)
        muted = bool(index.data(Role.MUTED))
        edge = EDGE if index.column() == 0 else 0
        area = rect.adjusted(PAD + edge, 0, -PAD, -1)
        area = self._paint_tick(painter, area, index)
        self.paint_content(painter, area, index, muted)
        painter.restore()

    def paint_content(self, painter: QPainter, area: QRect, index: Index, muted: bool) -> None:
        """Draw what the cell says into `area`."""
        picture = index.data(Role.PICTURE)
        if picture:
            name, role = picture
            square = QRect(area.left(), area.center().y() - ICON // 2 + 1, ICON, ICON)
            paint_icon(painter, square, name, "text3" if muted else role)
            area = area.adjusted(ICON + PAD, 0, 0, 0)
        bar = index.data(Role.BAR)
        if isinstance(bar, SizeBar):
            area = self._paint_bar(painter, area, bar)
        self._paint_texts(painter, area, index, muted)

    def _background(self, painter: QPainter, rect: QRect, index: Index, state: QStyle.StateFlag) -> None:
        theme = current()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.color("sel"))
        elif getattr(self._view, "hover_row", -1) == index.row():
            painter.fillRect(rect, theme.color("hover"))
        painter.setPen(theme.color("line"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())

    def _paint_tick(self, painter: QPainter, area: QRect, index: Index) -> QRect:
        value = index.data(Qt.ItemDataRole.CheckStateRole)
        if value is None:
            return area
        box = QStyleOptionButton()
        side = 16
        square = QRect(area.left() - 2, area.center().y() - side // 2 + 1, side, side)
        box.rect = square
        checked = Qt.CheckState(value)
        flags = QStyle.StateFlag.State_Enabled
        if checked == Qt.CheckState.Checked:
            flags |= QStyle.StateFlag.State_On
        else:
            flags |= QStyle.StateFlag.State_Off
        box.state = flags
        tick_box = _tick_box()
        tick_box.style().drawPrimitive(QStyle.PrimitiveElement.PE_IndicatorCheckBox, box, painter, tick_box)
        return area.adjusted(side + PAD, 0, 0, 0)

    def _paint_bar(self, painter: QPainter, area: QRect, bar: SizeBar) -> QRect:
        shape = font("strong" if bar.strong else "body")
        label = max(QFontMetrics(shape).horizontalAdvance(bar.label), bar.label_width) if bar.label else 0
        width = max(24, area.width() - label - (PAD if label else 0))
        track = QRect(area.left(), area.center().y() - HEIGHT // 2 + 1, width, HEIGHT)
        paint_bar(painter, track, bar)
        if bar.label:
            painter.setFont(shape)
            painter.setPen(current().color("text"))
            painter.drawText(
                area.adjusted(width + PAD, 0, 0, 0),
                int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter),
                bar.label,
            )
        return area.adjusted(area.width(), 0, 0, 0)

    def _paint_texts(self, painter: QPainter, area: QRect, index: Index, muted: bool) -> None:
        text = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        second = str(index.data(Role.SECOND) or "")
        if area.width() <= 0 or not (text or second):
            return
        role: FontRole = index.data(Role.FONT) or "body"
        tone: Token = "text3" if muted else index.data(Role.TONE) or "text"
        if index.data(Role.LINK):
            tone = "accent_text"
        right = bool(
            int(index.data(Qt.ItemDataRole.TextAlignmentRole) or 0) & int(Qt.AlignmentFlag.AlignRight)
        )
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        shape = font(role)
        metrics = QFontMetrics(shape)
        theme = current()
        if self._two_lines and second:
            small = font("small")
            lower = QFontMetrics(small)
            gap = 1
            top = area.center().y() - (metrics.height() + gap + lower.height()) // 2 + 1
            first = QRect(area.left(), top, area.width(), metrics.height())
            below = QRect(area.left(), first.bottom() + gap, area.width(), lower.height())
            _line(painter, first, text, role=role, tone=tone, align=side)
            painter.setFont(small)
            painter.setPen(theme.color("text3" if muted else "text2"))
            painter.drawText(
                below, int(side), lower.elidedText(second, Qt.TextElideMode.ElideMiddle, area.width())
            )
            return
        if not second:
            _line(painter, area, text, role=role, tone=tone, align=side | Qt.AlignmentFlag.AlignVCenter)
            return
        # Text shaping rounds up: a label that just fits must not lose its last letters.
        width = min(area.width(), metrics.horizontalAdvance(text) + 4)
        _line(
            painter,
            QRect(area.left(), area.top(), width, area.height()),
            text,
            role=role,
            tone=tone,
            align=Qt.AlignmentFlag.AlignVCenter,
        )
        rest = area.adjusted(width + (PAD if text else 0), 0, 0, 0)
        grey: Token = "text3" if muted else "text2"
        _line(painter, rest, second, role="body", tone=grey, align=Qt.AlignmentFlag.AlignVCenter)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 - Qt's name
        """Room for the text, the icon and the padding (for `fit` columns)."""
        role: FontRole = index.data(Role.FONT) or "body"
        width = QFontMetrics(font(role)).horizontalAdvance(str(index.data(Qt.ItemDataRole.DisplayRole) or ""))
        if index.data(Role.PICTURE):
            width += ICON + PAD
        return QSize(width + 2 * PAD, super().sizeHint(option, index).height())


def _line(
    painter: QPainter, area: QRect, text: str, *, role: FontRole, tone: Token, align: Qt.AlignmentFlag
) -> None:
    if area.width() <= 0:
        return
    shape = font(role)
    painter.setFont(shape)
    painter.setPen(current().color(tone))
    cut = QFontMetrics(shape).elidedText(text, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area, int(align) | int(Qt.TextFlag.TextSingleLine), cut)


@cache
def _tick_box() -> QCheckBox:
    """Return a box that lends its style; it is never shown."""
    return QCheckBox()
