"""The table of a component's facts: values are corrected in place, Enter opens the evidence."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QStyleOptionViewItem, QWidget

from slimdesk.ui.models.facts import FactRow
from slimdesk.ui.models.roles import Role
from slimdesk.ui.models.rows import Column, Rows
from slimdesk.ui.theme.fonts import set_font
from slimdesk.ui.widgets.cells import CellDelegate
from slimdesk.ui.widgets.table import Table

Index = QModelIndex | QPersistentModelIndex


FACT_COLUMNS: tuple[Column[FactRow], ...] = (
    Column("fact", "Fact", lambda one: one.title, width=186, font=lambda one: "strong" if one.heading else "body",
           picture=lambda one: ("question", "warn") if one.asks else None),
    Column("value", "Value", lambda one: one.value, width=200, grows=True, tone=lambda one: "warn" if one.asks else None, cell_tip=lambda one: one.tip or one.value,
           tip="Double-click or F2 corrects a value"),
    Column("evidence", "Evidence", lambda one: one.place, width=190, grows=True, font="mono", link=lambda one: one.path is not None,
           cell_tip=lambda one: one.place, tip="The file and line that says so"),
)  # fmt: skip


class FactsModel(Rows[FactRow]):
    """Facts that can be corrected in place."""

    def __init__(self, correct: object) -> None:
        super().__init__(FACT_COLUMNS)
        self._correct = correct

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Values that can be corrected are editable; headings cannot even be chosen."""
        item = self.row(index)
        if item is None:
            return Qt.ItemFlag.NoItemFlags
        if item.heading:
            return Qt.ItemFlag.ItemIsEnabled
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == 1 and item.correctable else flags

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """What the editor starts with is the value."""
        if role == Qt.ItemDataRole.EditRole:
            item = self.row(index)
            return item.value if item is not None and item.value != "not known" else ""
        return super().data(index, role)

    def setData(self, index: Index, value: object, role: int = int(Qt.ItemDataRole.EditRole)) -> bool:  # noqa: N802
        """Hand the person's text on; the model changes when the project has been read again."""
        item = self.row(index)
        if role != Qt.ItemDataRole.EditRole or item is None or not callable(self._correct):
            return False
        self._correct(item, str(value))
        return True


class FactsTable(Table):
    """Enter opens the evidence; a double click or F2 corrects, where there is something to correct."""

    evidence_wanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Open the evidence, or what any table does."""
        editing = self.state() == QAbstractItemView.State.EditingState
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not editing:
            self.evidence_wanted.emit()
        elif event.key() == Qt.Key.Key_F2:
            self.correct()
        else:
            super().keyPressEvent(event)

    def correct(self) -> None:
        """Edit the chosen value, wherever in its row the cursor is."""
        index = self.currentIndex().siblingAtColumn(1)
        if index.isValid() and index.flags() & Qt.ItemFlag.ItemIsEditable:
            self.setCurrentIndex(index)
            self.edit(index)


class FactDelegate(CellDelegate):
    """Corrects in the type of the value."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:  # noqa: N802
        """Return a line to type into."""
        del option
        editor = QLineEdit(parent)
        set_font(editor, "mono")
        item = index.data(Role.ITEM)
        editor.setAccessibleName(f"Correct {item.title}" if item is not None else "Correct")
        return editor
