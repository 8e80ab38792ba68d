"""A table of two columns, what is known and its value: an image's configuration, what is known of a program."""

from __future__ import annotations

from dataclasses import dataclass

from slimdesk.ui.models.rows import Column, Rows
from slimdesk.ui.widgets.cells import CellDelegate
from slimdesk.ui.widgets.table import Table


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `tip` says what the name means. Texts are harmless."""

    name: str
    value: str
    tip: str = ""


def line_table(title: str, head: str, width: int) -> tuple[Table, Rows[Line]]:
    """Return a table named `title` and its model; `head` stands above the names, which get `width` px for 10 pt type."""
    rows: Rows[Line] = Rows(
        [
            Column(
                "name", head, lambda one: one.name, width=width, font="strong",
                cell_tip=lambda one: one.tip or one.name,
            ),
            Column(
                "value", "Value", lambda one: one.value, width=400, grows=True, font="mono",
                cell_tip=lambda one: one.value,
            ),
        ]
    )  # fmt: skip
    table = Table(title, rows, sortable=False)
    table.setItemDelegate(CellDelegate(table))
    return table, rows
