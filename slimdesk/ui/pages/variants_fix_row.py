"""The button in the row of a variant that fails for a known cause."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QWidget

from slimdesk.operations.fix_variant import FIX
from slimdesk.ui.models.roles import Role
from slimdesk.ui.models.variants import VariantRow
from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.cells import PAD
from slimdesk.ui.widgets.layout import row
from slimdesk.ui.widgets.table import Table

# The column that says whether it runs.
PLACE = "runs"


class FixButtons:
    """One per table: a real button in each row that has a fix, which Tab reaches behind the table."""

    def __init__(self, table: Table, fix: Callable[[str], object]) -> None:
        self._table = table
        self._fix = fix

    def show_rows(self) -> None:
        """Put a button where one is missing, and take away those whose row has no fix any more."""
        table = self._table
        column = [one.key for one in table.rows_model.columns].index(PLACE)
        before: QWidget = table
        for number in range(table.sorted_rows.rowCount()):
            index = table.sorted_rows.index(number, column)
            item, there = index.data(Role.ITEM), table.indexWidget(index)
            if not isinstance(item, VariantRow) or item.fix is None or item.spans or item.busy:
                if there is not None:
                    _take_away(table, index, there)
                continue
            family = item.variant.family
            if not isinstance(there, _Place) or there.family != family:
                there = _Place(family, partial(self._fix, family))
                table.setIndexWidget(index, there)
            there.button.setAccessibleName(f"{FIX}: {item.title}, {item.fix.title}")
            there.button.setToolTip(f"{item.fix.title}. {item.fix.reason}")
            QWidget.setTabOrder(before, there.button)
            before = there.button


class _Place(QWidget):
    """As large as its cell, whose words are seen through it; the button stands at its right."""

    def __init__(self, family: str, clicked: Callable[[], object]) -> None:
        super().__init__()
        self.family = family
        self.button = Button(FIX, None, clicked, kind="link")
        self.setLayout(row(0, self.button, margins=(0, 0, PAD, 1)))


def _take_away(table: Table, index: QModelIndex, there: QWidget) -> None:
    focused: QWidget | None = table.window().focusWidget()
    if focused is not None and there.isAncestorOf(focused):
        table.setFocus()
    there.hide()
    # PySide's type does not know that nothing may stand there.
    table.setIndexWidget(index, None)  # type: ignore[arg-type]
