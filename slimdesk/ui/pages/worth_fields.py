"""The three numbers that worth is calculated with, as fields that remember what was in them."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal

from slimdesk.report.worth import Assumptions, kept_numbers
from slimdesk.ui.desk import Desk
from slimdesk.ui.theme.fonts import fix_width
from slimdesk.ui.widgets.number_field import NumberField

_MEGABIT = 1_000_000.0
_MOST = 1_000_000
_WIDE = 120


class WorthFields(QObject):
    """Bandwidth in Mbit/s, nodes, versions. Signals: `changed()` when one of them has another value."""

    changed = Signal()

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        before = kept_numbers(desk.workspace.settings.worth)
        self.bandwidth, self.nodes, self.versions = NumberField(), NumberField(), NumberField()
        self.bandwidth.setSuffix(" Mbit/s")
        for field, name, value in (
            (self.bandwidth, "Bandwidth of a node", before.bandwidth / _MEGABIT),
            (self.nodes, "Nodes that pull", before.nodes),
            (self.versions, "Versions that a registry keeps", before.versions),
        ):
            field.setRange(1, _MOST)
            field.setValue(round(min(_MOST, value)))
            field.setAccessibleName(name)
            field.setGroupSeparatorShown(True)
            field.setAlignment(Qt.AlignmentFlag.AlignCenter)
            fix_width(field, _WIDE)
            field.valueChanged.connect(lambda _value: self.changed.emit())

    @property
    def all(self) -> tuple[NumberField, NumberField, NumberField]:
        """The fields, in the order in which they are read."""
        return self.bandwidth, self.nodes, self.versions

    @property
    def numbers(self) -> Assumptions:
        """What they say."""
        return Assumptions(self.bandwidth.value() * _MEGABIT, self.nodes.value(), self.versions.value())

    def remember(self) -> None:
        """Keep them in the settings."""
        now = self.numbers
        values = {"bandwidth": now.bandwidth, "nodes": now.nodes, "versions": now.versions}
        if values != self._desk.workspace.settings.worth:
            self._desk.change_settings(worth=values)
