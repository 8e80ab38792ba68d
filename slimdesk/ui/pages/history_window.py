"""A window on builds over time: sizes as lines, the builds as a table, and what changed between two of them. Not modal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QStackedWidget, QWidget

from slimdesk.basics.errors import OutputError
from slimdesk.basics.escaping import visible
from slimdesk.basics.units import UNKNOWN, format_bytes, format_change, format_exact, format_seconds, plural
from slimdesk.operations.history import BuildChange, PackageChange, Series, changes_between, series_of
from slimdesk.project.budget import budget_of
from slimdesk.ui.desk import Desk
from slimdesk.ui.models.recents import day
from slimdesk.ui.models.rows import Column, Rows
from slimdesk.ui.pages.history_chart import SizeChart
from slimdesk.ui.theme.tokens import Token
from slimdesk.ui.widgets.buttons import SegmentedSwitch
from slimdesk.ui.widgets.diff_view import DiffView
from slimdesk.ui.widgets.headers import TabBar
from slimdesk.ui.widgets.layout import column, line, panel, row
from slimdesk.ui.widgets.notice import EmptyState
from slimdesk.ui.widgets.splitter import RememberedSplitter
from slimdesk.ui.widgets.table import Table
from slimdesk.ui.widgets.text import Elided, Text
from slimdesk.workspace.history import Measured
from slimdesk.workspace.settings import SIZE_KINDS

_SIZE = (1120, 760)
_VERDICTS: dict[str, tuple[str, tuple[str, Token]]] = {
    "runs": ("runs", ("check-circle-fill", "good")),
    "fails": ("fails", ("x-circle-fill", "bad")),
    "not-proven": ("not proven", ("warning-fill", "warn")),
}
_ALL = "All components"
REFERENCES = ("yours", "baseline")
# A reference that is more times larger than all others is not drawn at first.
_FAR = 3


@dataclass(frozen=True, slots=True)
class BuildRow:
    """One build; `before` is the one before it of the same variant. `size`: the kind that is shown."""

    build: Measured
    before: Measured | None
    size: str

    @property
    def bytes(self) -> int | None:
        """Bytes of the kind that is shown."""
        return self.build.sizes.get(self.size)

    @property
    def grown(self) -> int | None:
        """Bytes more than the build before; None where one is not known."""
        before = self.before.sizes.get(self.size) if self.before is not None else None
        return None if before is None or self.bytes is None else self.bytes - before


def open_history(desk: Desk, place: str, component: str | None = None) -> HistoryWindow:
    """Open a window on the builds of the project at `place`; of one component first, if it is named."""
    window = HistoryWindow(desk, place, component)
    window.resize(*_SIZE)
    window.show()
    return window


def open_image_history(desk: Desk, place: str, name: str) -> HistoryWindow:
    """Open a window on the sizes of an image whenever it was read and had changed."""
    window = HistoryWindow(desk, place, None, image=name)
    window.resize(*_SIZE)
    window.show()
    return window


class HistoryWindow(QDialog):
    """The chart, the table, the change. `results` are all builds that are known, oldest first."""

    def __init__(self, desk: Desk, place: str, component: str | None = None, *, image: str = "") -> None:
        super().__init__(desk.window, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._desk, self._place, self._image = desk, place, image
        self.results: list[Measured] = []
        self._wanted = component
        self._series: tuple[Series, ...] = ()
        self._limit: int | None = None
        name = image or Path(place).name or place
        self.setWindowTitle(f"Size over time – {visible(name, 80)}")
        self.setAccessibleName("Size over time")
        self.words = Elided("", "body", "text2")
        self.component = QComboBox()
        self.component.setAccessibleName("Component")
        self.component.currentTextChanged.connect(lambda _text: self._show())
        self.kind = SegmentedSwitch(
            "Size", [(kind, kind.capitalize()) for kind in SIZE_KINDS], desk.workspace.current_size
        )
        self.kind.chosen.connect(lambda kind: desk.change_settings(current_size=kind))
        self.reference = QCheckBox("Reference")
        self.reference.setToolTip(
            "Draw the reference as well; where it is many times larger, the others are hard to tell apart"
        )
        self.reference.toggled.connect(lambda _on: self._draw())
        self.chart = SizeChart()
        self.chart.picked.connect(self._pick)
        self.rows: Rows[BuildRow] = Rows(_columns())
        self.table = Table("Builds", self.rows)
        self.table.selected.connect(self._selected)
        self.change = ChangePane(desk)
        self._split = RememberedSplitter(desk, "history", [self.table, self.change], [560, 520])
        self._empty = EmptyState(
            "chart-line",
            "Nothing was built yet",
            "Close",
            self.close,
            hint="Every build and its sizes will stand here.",
        )
        whole = QWidget()
        parts = column(self.chart, line(), self._split, spacing=0)
        parts.setStretch(2, 1)
        whole.setLayout(parts)
        self._body = QStackedWidget()
        self._body.addWidget(self._empty)
        self._body.addWidget(whole)
        head = row(
            Text("Size over time", "section"),
            self.words,
            self.component,
            self.reference,
            self.kind,
            margins=(16, 10, 16, 10),
            spacing=12,
        )
        head.setStretch(1, 1)
        self.setLayout(column(panel(head, "bar"), line(), self._body, spacing=0))
        stop = desk.workspace.observe(("recents", "size"), self._changed)
        self.destroyed.connect(stop)
        self.read()

    def read(self) -> None:
        """Read the history again."""
        history = self._desk.workspace.history
        try:
            if self._image:
                self.results = [
                    Measured("", self._image, "image", one.made, one.image_id, dict(one.sizes))
                    for one in history.analyses(self._place)
                ]
            else:
                self.results = history.results(self._place)
        except OutputError as error:
            self._desk.fail(error)
        names = list(dict.fromkeys(one.component for one in self.results))
        wanted = self.component.currentText() or self._wanted
        self.component.blockSignals(True)
        self.component.clear()
        self.component.addItems([*([_ALL] if len(names) > 1 else []), *names])
        if wanted in (_ALL, *names):
            self.component.setCurrentText(wanted)
        self.component.blockSignals(False)
        self.component.setVisible(len(names) > 1)
        self._show()

    def _changed(self) -> None:
        self.kind.choose(self._desk.workspace.current_size)
        self.read()

    def _show(self) -> None:
        kind = self._desk.workspace.current_size
        chosen = self.component.currentText()
        shown = [one for one in self.results if chosen in ("", _ALL, one.component)]
        self._body.setCurrentIndex(1 if shown else 0)
        series = series_of(shown, kind)
        if [one.title for one in series] != [one.title for one in self._series]:
            self._choose_reference(series)
        self._series, self._limit = series, self._budget(chosen, kind)
        self._draw()
        rows = build_rows(shown, kind)
        self.rows.show_rows(rows)
        self.words.setText(_said(series, len(shown)))
        if rows:
            self.table.selectRow(0)

    def _choose_reference(self, series: Sequence[Series]) -> None:
        """Leave the reference out at first where it is so large that the others would lie on the ground."""
        references = [one for one in series if one.family in REFERENCES]
        others = [point.size for one in series if one not in references for point in one.points]
        largest = max((point.size for one in references for point in one.points), default=0)
        self.reference.setVisible(bool(references and others))
        self.reference.blockSignals(True)
        self.reference.setChecked(not others or largest <= _FAR * max(others))
        self.reference.blockSignals(False)

    def _draw(self) -> None:
        drawn = [one for one in self._series if self.reference.isChecked() or one.family not in REFERENCES]
        self.chart.show_series(drawn or self._series, self._limit)

    def _budget(self, chosen: str, kind: str) -> int | None:
        project = self._desk.workspace.project
        if project is None or str(project.root) != self._place:
            return None
        component = project.component(chosen) if chosen and chosen != _ALL else None
        budget = budget_of(component) if component is not None else None
        return budget.limit if budget is not None and budget.kind == kind else None

    def _pick(self, build: Measured) -> None:
        self.table.choose(lambda one: one.build is build)

    def _selected(self, chosen: BuildRow | None) -> None:
        self.chart.choose(chosen.build if chosen is not None else None)
        earlier = (
            []
            if chosen is None
            else [
                one
                for one in self.results
                if (one.component, one.family) == (chosen.build.component, chosen.build.family)
                and one.made < chosen.build.made
            ]
        )
        self.change.show_build(chosen.build if chosen is not None else None, earlier[::-1])


class ChangePane(QWidget):
    """What differs between a build and an earlier one of the same variant."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._build: Measured | None = None
        self._earlier: Sequence[Measured] = ()
        self.setAccessibleName("What changed")
        self.since = QComboBox()
        self.since.setAccessibleName("Compared with")
        self.since.currentIndexChanged.connect(lambda _index: self._compare())
        self.words = Text("", "body", "text2", wrap=True)
        self.tabs = TabBar("What changed", [("packages", "Packages"), ("dockerfile", "Dockerfile")])
        self.tabs.chosen.connect(self._choose)
        self.packages: Rows[PackageChange] = Rows(_package_columns())
        self.table = Table("Packages that changed", self.packages)
        self.diff = DiffView()
        self.diff.setProperty("kind", "bare")
        self._said = Text("", "body", "text2", wrap=True)
        self._said.setAlignment(Qt.AlignmentFlag.AlignCenter)
        told = QWidget()
        told.setLayout(column(1, self._said, 1, margins=24))
        self._body = QStackedWidget()
        for part in (told, self.table, self.diff):
            self._body.addWidget(part)
        self._change: BuildChange | None = None
        head = row(Text("What changed since", "strong"), self.since, 1, margins=(16, 8, 16, 0))
        words = row(self.words, margins=(16, 4, 16, 4))
        words.setStretch(0, 1)
        body = column(head, words, self.tabs, self._body, spacing=0)
        body.setStretch(3, 1)
        self.setLayout(body)

    def show_build(self, build: Measured | None, earlier: Sequence[Measured]) -> None:
        """Show another build; `earlier` ones of the same variant, newest first."""
        self._build, self._earlier = build, earlier
        self.since.blockSignals(True)
        self.since.clear()
        for at, one in enumerate(earlier):
            self.since.addItem(f"{'the build before, ' if at == 0 else ''}{_moment(one)}")
        self.since.blockSignals(False)
        self.since.setEnabled(bool(earlier))
        self._compare()

    def _compare(self) -> None:
        at = self.since.currentIndex()
        self._change = None
        if self._build is not None and 0 <= at < len(self._earlier):
            try:
                self._change = changes_between(self._desk.workspace.history, self._earlier[at], self._build)
            except OutputError as error:
                self._desk.fail(error)
        change = self._change
        self.words.setText(_sizes_in_words(change) if change is not None else "")
        self.packages.show_rows(change.packages or () if change is not None else ())
        self.diff.setPlainText((change.dockerfile or "") if change is not None else "")
        count = len(change.packages) if change is not None and change.packages else None
        self.tabs.count("packages", count)
        self._choose(self.tabs.value)

    def _choose(self, key: str) -> None:
        change = self._change
        found = None if change is None else change.packages if key == "packages" else change.dockerfile
        if change is not None and found:
            self._body.setCurrentIndex(1 if key == "packages" else 2)
            return
        self._body.setCurrentIndex(0)
        if self._build is None:
            self._said.setText("Choose a build.")
        elif change is None:
            self._said.setText("This is the first build of this variant that is known.")
        elif found is None:
            what = "Packages were" if key == "packages" else "The Dockerfile was"
            self._said.setText(f"{what} not kept of one of these builds.")
        else:
            what = "The packages are" if key == "packages" else "The Dockerfile is"
            self._said.setText(f"{what} the same.")


def build_rows(results: Sequence[Measured], size: str) -> list[BuildRow]:
    """Return a row per build, newest first, each with the one before it of the same variant."""
    last: dict[tuple[str, str], Measured] = {}
    rows = []
    for one in results:
        key = (one.component, one.family)
        rows.append(BuildRow(one, last.get(key), size))
        last[key] = one
    return rows[::-1]


def _columns() -> list[Column[BuildRow]]:
    def verdict(one: BuildRow) -> tuple[str, tuple[str, Token] | None]:
        return _VERDICTS.get(one.build.verdict or "", (UNKNOWN, None))

    return [
        Column("when", "When", lambda one: _moment(one.build), lambda one: one.build.made, width=112, tone=lambda _one: "text2"),
        Column("variant", "Variant", lambda one: visible(f"{one.build.component}:{one.build.family}"), width=120, grows=True, font="strong"),
        Column("size", "Size", lambda one: format_bytes(one.bytes), lambda one: one.bytes, right=True, width=78, cell_tip=_sizes_tip,
               tip="By the current size"),
        Column("grown", "Change", _grown, lambda one: one.grown, right=True, width=82, tone=lambda one: "warn" if (one.grown or 0) > 0 else None,
               cell_tip=lambda one: format_exact(one.grown), tip="Against the build before of the same variant"),
        Column("runs", "Still runs", lambda one: verdict(one)[0], width=98, picture=lambda one: verdict(one)[1]),
        Column("seconds", "Build", lambda one: format_seconds(one.build.seconds), lambda one: one.build.seconds, right=True, width=76),
    ]  # fmt: skip


def _package_columns() -> list[Column[PackageChange]]:
    return [
        Column("name", "Package", lambda one: one.name, width=150, grows=True, font="strong", cell_tip=lambda one: f"{one.type} {one.name}",
               picture=lambda one: ("plus", "warn") if one.before is None else ("minus", "good") if one.after is None else ("arrow-right", "text2")),
        Column("before", "Before", lambda one: one.before or UNKNOWN, width=110, font="mono", cell_tip=lambda one: one.before or ""),
        Column("after", "After", lambda one: one.after or UNKNOWN, width=110, font="mono", cell_tip=lambda one: one.after or ""),
        Column("grew", "Bytes", lambda one: _signed(one.grew), lambda one: one.grew, right=True, width=80, cell_tip=lambda one: format_exact(one.grew)),
    ]  # fmt: skip


def _grown(one: BuildRow) -> str:
    if one.grown is None or one.before is None:
        return UNKNOWN
    return "same" if one.grown == 0 else _signed(one.grown)


def _signed(count: int | None) -> str:
    return f"{'+' if count is not None and count > 0 else ''}{format_bytes(count)}"


def _moment(one: Measured) -> str:
    words = day(one.made)
    return words if ":" in words else f"{words} {one.made.astimezone():%H:%M}"


def _sizes_tip(one: BuildRow) -> str:
    return "\n".join(f"{kind.capitalize()}: {format_exact(one.build.sizes.get(kind))}" for kind in SIZE_KINDS)


def _sizes_in_words(change: BuildChange) -> str:
    parts = [
        f"{kind} {format_bytes(before)} → {format_bytes(after)} ({format_change(after, before)})"
        for kind, (before, after) in change.sizes.items()
        if before != after
    ]
    return "; ".join(parts) if parts else "All sizes are the same."


def _said(series: Sequence[Series], builds: int) -> str:
    words = f"{plural(builds, 'build')} of {plural(len(series), 'variant')}" if builds else ""
    grown = [one for one in series if len(one.points) > 1 and one.points[-1].size > one.points[-2].size]
    if grown:
        worst = max(grown, key=lambda one: one.points[-1].size - one.points[-2].size)
        words += f"; {worst.title} grew by {format_bytes(worst.points[-1].size - worst.points[-2].size)} in its last build"
    return words
