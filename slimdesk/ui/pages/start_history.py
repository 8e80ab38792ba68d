"""The part of Start that shows the sizes of a project over time, once there is something to show."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from slimdesk.basics.errors import OutputError
from slimdesk.operations.history import Series, series_of
from slimdesk.ui.desk import Desk
from slimdesk.ui.pages.history_chart import SizeChart
from slimdesk.ui.pages.history_window import REFERENCES, open_history
from slimdesk.ui.theme.fonts import fix_height
from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.headers import SectionHeader
from slimdesk.ui.widgets.layout import column
from slimdesk.ui.widgets.text import Elided

_HEIGHT = 200


class OverTime(QWidget):
    """The chart of one project; hidden where no variant was built twice."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.place = ""
        self.chart = SizeChart()
        fix_height(self.chart, _HEIGHT)
        self.chart.picked.connect(lambda _build: self.open())
        self.words = Elided("", "body", "text2")
        more = Button(
            "What changed…",
            "chart-line",
            self.open,
            kind="flat",
            tip="Every build, and what changed between two",
        )
        self.setLayout(
            column(SectionHeader("Size over time", actions=(self.words, more)), self.chart, spacing=0)
        )
        self.hide()

    def show_project(self, place: str, name: str) -> None:
        """Show another project's builds; read from the history."""
        self.place = place
        series: tuple[Series, ...] = ()
        kind = self._desk.workspace.current_size
        try:
            if place:
                series = series_of(self._desk.workspace.history.results(place), kind)
        except OutputError as error:
            self._desk.fail(error)
        # What stands beside its reference is told by the table above; here it is the course of time.
        drawn = [one for one in series if one.family not in REFERENCES and len(one.points) > 1]
        self.setVisible(bool(drawn))
        self.chart.show_series(drawn)
        self.words.setText(f"{name}, {kind}")

    def open(self) -> None:
        """Open the window with every build."""
        open_history(self._desk, self.place)
