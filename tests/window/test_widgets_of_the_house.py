"""The widgets that pages are made of."""

from dataclasses import dataclass

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QLabel, QWidget

from slimdesk.basics.errors import BuildFailed
from slimdesk.ui.models.roles import Role, SizeBar
from slimdesk.ui.models.rows import Column, Rows
from slimdesk.ui.theme import current
from slimdesk.ui.widgets.buttons import Button, IconButton, SegmentedSwitch
from slimdesk.ui.widgets.figures import Answer, Figure, FigureStrip, VerdictStrip
from slimdesk.ui.widgets.headers import TabBar, ToolBar
from slimdesk.ui.widgets.notice import EmptyState, Notice, NoticeArea, notice_of
from slimdesk.ui.widgets.size_bar import SizeBarView
from slimdesk.ui.widgets.splitter import RememberedSplitter
from slimdesk.ui.widgets.table import Table
from slimdesk.ui.widgets.text import Elided, Text


@pytest.fixture(autouse=True)
def dressed(qapp, theme):
    current().start(theme)


@dataclass(frozen=True)
class Row:
    name: str
    size: int | None


ROWS = [Row("slim", 104), Row("alpine", 23), Row("hardened", None), Row("scratch", 12)]


def columns():
    return [
        Column("name", "Family", lambda one: one.name, font="strong", width=120, grows=True),
        Column(
            "size",
            "Files",
            lambda one: "–" if one.size is None else f"{one.size} MB",
            sort=lambda one: one.size,
            right=True,
        ),
        Column(
            "bar",
            "",
            lambda _one: "",
            bar=lambda one: one.size and SizeBar(one.size, 104, label=f"{one.size} MB"),
        ),
    ]


@pytest.fixture
def table(qtbot):
    rows = Rows(columns(), ROWS, muted=lambda one: one.size is None)
    made = Table("Variants", rows)
    made.resize(600, 300)
    qtbot.addWidget(made)
    made.show()
    return made


def shown(table):
    model = table.model()
    return [model.index(number, 0).data() for number in range(model.rowCount())]


def test_the_model_keeps_qts_rules(qapp):
    ticks = set()
    rows = Rows(
        columns(), ROWS, ticked=lambda one: one.name in ticks, tick=lambda one, _on: ticks.add(one.name)
    )
    QAbstractItemModelTester(rows, QAbstractItemModelTester.FailureReportingMode.Warning)
    rows.show_rows(ROWS[:2])
    rows.show_rows(ROWS[2:])
    rows.setData(rows.index(0, 0), Qt.CheckState.Checked, int(Qt.ItemDataRole.CheckStateRole))
    assert ticks == {"hardened"}
    assert rows.data(rows.index(0, 0), int(Qt.ItemDataRole.AccessibleTextRole)) == "Family: hardened"


def test_what_is_not_known_is_last_both_ways(table):
    table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert shown(table) == ["scratch", "alpine", "slim", "hardened"]
    table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert shown(table) == ["slim", "alpine", "scratch", "hardened"]


def test_a_filter_keeps_rows_that_have_all_words(table):
    table.sorted_rows.find("s 1")
    assert shown(table) == ["slim", "scratch"]
    table.sorted_rows.find("")
    table.sorted_rows.keep(lambda one: one.size is not None)
    assert len(shown(table)) == 3


def test_a_choice_is_told_and_survives_fresh_rows(table, qtbot):
    with qtbot.waitSignal(table.selected) as told:
        assert table.choose(lambda one: one.name == "alpine")
    assert told.args[0].name == "alpine"
    table.rows_model.show_rows([Row("slim", 1), Row("alpine", 2), Row("x", 3), Row("y", 4)])
    assert table.item.name == "alpine"
    assert not table.choose(lambda one: one.name == "nothing")


def test_enter_opens_and_ctrl_c_copies(table, qtbot):
    table.choose(lambda one: one.name == "slim")
    with qtbot.waitSignal(table.opened) as told:
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert told.args[0].name == "slim"
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "slim\t104 MB\t104 MB"


def test_space_and_the_box_tick(qtbot):
    ticks = {"slim"}

    def tick(one, on):
        (ticks.add if on else ticks.discard)(one.name)

    rows = Rows(columns(), ROWS, ticked=lambda one: one.name in ticks if one.size else None, tick=tick)
    table = Table("Variants", rows)
    table.resize(600, 300)
    qtbot.addWidget(table)
    table.show()
    table.choose(lambda one: one.name == "slim")
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert ticks == set()
    box = table.visualRect(table.model().index(1, 0))
    qtbot.mouseClick(
        table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(box.left() + 14, box.center().y())
    )
    assert ticks == {"alpine"}
    gone = table.visualRect(table.model().index(2, 0))
    qtbot.mouseClick(
        table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(gone.left() + 14, gone.center().y())
    )
    assert ticks == {"alpine"}


def test_a_table_paints_all_its_kinds_of_cells(table, theme):
    picture = table.grab().toImage()
    tokens = current().tokens
    found = {
        picture.pixelColor(x, y).name().upper()
        for x in range(0, picture.width(), 2)
        for y in range(0, picture.height(), 2)
    }
    assert tokens["mark"] in found
    assert tokens["s3"] in found
    assert tokens["s1"] in found


def test_the_growing_column_takes_what_is_left(table):
    before = table.columnWidth(0)
    table.resize(900, 300)
    assert table.columnWidth(0) > before
    assert table.columnWidth(1) == 100


def test_a_switch_tells_what_the_person_chose_only(qtbot):
    switch = SegmentedSwitch("Size", (("files", "Files"), ("live", "Live"), ("download", "Download")), "live")
    qtbot.addWidget(switch)
    assert switch.value == "live"
    with qtbot.assertNotEmitted(switch.chosen):
        switch.choose("files")
    buttons = switch.findChildren(QWidget)
    with qtbot.waitSignal(switch.chosen) as told:
        qtbot.mouseClick(
            next(one for one in buttons if one.accessibleName() == "Size: Live"), Qt.MouseButton.LeftButton
        )
    assert told.args == ["live"]
    switch.allow("download", False, "It was not measured")
    assert any(one.accessibleDescription() == "It was not measured" for one in buttons)


def test_a_button_that_is_not_allowed_says_why(qtbot):
    for button in (Button("Build", tip="Build it"), IconButton("copy", "Copy")):
        qtbot.addWidget(button)
        button.allow(False, "No engine answers")
        assert not button.isEnabled()
        assert "No engine answers" in button.toolTip()
        assert button.accessibleDescription() == "No engine answers"
        button.allow(True)
        assert button.isEnabled()


def test_a_long_reason_stands_below_the_sentence_and_a_short_one_beside_it(qtbot):
    sentence, reason = (
        "The tools are not on this engine and could not be fetched.",
        "It cannot be reached. " * 12,
    )
    notice = Notice("bad", sentence, reason, actions=[("Use Alpine", lambda: None)])
    qtbot.addWidget(notice)
    notice.resize(900, 40)
    notice.show()
    labels = {one.text(): one for one in notice.findChildren(QLabel)}
    head, body = labels[sentence], labels[reason]
    qtbot.waitUntil(lambda: head.y() + head.height() <= body.y())
    assert head.width() >= head.fontMetrics().horizontalAdvance(sentence)
    assert notice.sizeHint().height() < 300
    short = Notice("bad", sentence, "It is far away.")
    qtbot.addWidget(short)
    short.resize(900, 40)
    short.show()
    labels = {one.text(): one for one in short.findChildren(QLabel)}
    assert labels["It is far away."].x() > labels[sentence].x() + labels[sentence].width() - 1


def test_notices_stand_newest_first_and_close(qtbot):
    area = NoticeArea()
    qtbot.addWidget(area)
    for number in range(5):
        area.show_notice(Notice("info", f"Notice {number}"))
    assert [one.text for one in area.notices] == ["Notice 4", "Notice 3", "Notice 2"]
    area.show_notice(Notice("info", "Notice 3"))
    assert [one.text for one in area.notices] == ["Notice 3", "Notice 4"]
    close = next(one for one in area.notices[0].findChildren(IconButton))
    qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
    assert [one.text for one in area.notices] == ["Notice 4"]
    area.clear()
    assert not area.isVisible()


def test_an_error_is_told_with_why_and_what_to_do_and_can_be_copied(qtbot):
    notice = notice_of(BuildFailed("the build failed", "npm ci exited 1\x1b[31m", "Look at the log"))
    qtbot.addWidget(notice)
    assert notice.text == "The build failed. Npm ci exited 1\\x1b[31m. Look at the log."
    copy = next(one for one in notice.findChildren(Button) if one.text() == "Copy")
    qtbot.mouseClick(copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == notice.text


def test_details_unfold(qtbot):
    notice = Notice("warn", "Something", details="line 1\nline 2")
    qtbot.addWidget(notice)
    notice.show()
    before = notice.sizeHint().height()
    more = next(one for one in notice.findChildren(Button) if one.text() == "Details")
    qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    assert notice.sizeHint().height() > before


def test_words_never_become_markup(qtbot):
    text = Text("<b>bold</b><img src=x>")
    qtbot.addWidget(text)
    assert text.textFormat() == Qt.TextFormat.PlainText


def test_a_long_line_gives_way_and_keeps_its_whole_text(qtbot):
    line = Elided("a very long line of text that cannot fit into so little room")
    qtbot.addWidget(line)
    line.resize(80, 20)
    line.show()
    assert line.text().startswith("a very long")
    assert line.toolTip() == line.text() == line.accessibleName()
    line.resize(2000, 20)
    assert line.toolTip() == ""


class Memory:
    def __init__(self):
        self.kept = {}

    def recall(self, key):
        return self.kept.get(key)

    def keep(self, key, values):
        self.kept[key] = tuple(values)


def test_a_splitter_remembers_and_collapses(qtbot):
    memory = Memory()
    splitter = RememberedSplitter(memory, "image.left", (QWidget(), QWidget()), (300, 500))
    qtbot.addWidget(splitter)
    splitter.resize(805, 200)
    splitter.show()
    splitter.toggle()
    assert splitter.sizes()[1] == 0
    assert memory.kept["image.left"][1] == 0
    splitter.toggle()
    assert splitter.sizes()[1] > 0
    memory.kept["image.left"] = (600, 200)
    again = RememberedSplitter(memory, "image.left", (QWidget(), QWidget()), (300, 500))
    qtbot.addWidget(again)
    again.resize(805, 200)
    again.show()
    assert again.sizes()[0] > again.sizes()[1]


def test_tabs_with_counts(qtbot):
    tabs = TabBar("Pane", (("file", "Dockerfile"), ("findings", "Findings")))
    qtbot.addWidget(tabs)
    tabs.show()
    with qtbot.waitSignal(tabs.chosen) as told:
        tabs.choose("findings")
    assert told.args == ["findings"]
    tabs.count("findings", 3, "warn")
    tabs.count("findings", None)
    tabs.allow("findings", False, "Not scanned")
    assert not tabs.grab().isNull()


def test_figures_and_verdict_say_what_they_are(qtbot):
    strip = FigureStrip("Sizes", (Figure("14.9 MB", "Files", "14 900 000 bytes"),), SizeBarView("Sizes"))
    verdict = VerdictStrip("Verdict")
    verdict.show_answers((Answer("Take distroless", "It runs", "star-fill"), Answer("57.9× smaller")))
    verdict.show_answers((Answer("Nothing built yet"),))
    for widget in (strip, verdict):
        qtbot.addWidget(widget)
        widget.show()
        assert not widget.grab().isNull()
    names = [one.accessibleName() for one in strip.findChildren(QWidget)]
    assert "Files: 14.9 MB" in names


def test_figures_that_change_keep_their_cells_and_others_come_and_go(qtbot):
    strip = FigureStrip("Sizes", (Figure("2 MB", "Read", "so far"), Figure("3", "Layers")))
    qtbot.addWidget(strip)
    strip.resize(900, 55)
    strip.show()

    def said():
        return [cell.accessibleName() for cell, _ in strip._shown if cell.isVisible()]

    first = strip._shown[0][0]
    strip.show_figures((Figure("9 MB", "Files", "9 000 000 bytes", "warn"),))
    assert said() == ["Files: 9 MB"]
    assert strip._shown[0][0] is first
    assert first.toolTip() == "9 000 000 bytes"
    assert {label.property("tone") for label in first.findChildren(Text)} == {"warn", "text2"}
    strip.show_figures((Figure("9 MB", "Files"), Figure("4", "Layers"), Figure("1 MB", "Shadowed")))
    assert said() == ["Files: 9 MB", "Layers: 4", "Shadowed: 1 MB"]
    assert {label.property("tone") for label in first.findChildren(Text)} == {"text", "text2"}


def test_an_empty_state_does_what_it_says(qtbot):
    done = []
    empty = EmptyState("cube", "No image is open", "Open…", lambda: done.append(1), hint="Or drop one here")
    qtbot.addWidget(empty)
    qtbot.mouseClick(empty.button, Qt.MouseButton.LeftButton)
    assert done == [1]
    empty.say("Nothing here")
    assert empty.accessibleName() == "Nothing here"


def test_a_bar_says_its_numbers(qtbot):
    view = SizeBarView("Layers")
    qtbot.addWidget(view)
    view.show_bar(SizeBar(own=30_000_000, full=100_000_000, base=20_000_000, shadowed=10_000_000))
    view.resize(200, 8)
    view.show()
    assert not view.grab().isNull()
    assert "50.0" in view.accessibleName()
    assert Role.BAR in set(Role)


def tool_bar(qtbot):
    """A bar with a label that yields, two flat buttons with icons, and a switch; and what it is made of."""
    label = Text("What is measured")
    parts = [
        Button("Build seven ticked", "play", kind="flat", tip="Build them"),
        Button("Verify again", "shield-check", kind="flat"),
        SegmentedSwitch("Size", [("files", "Files"), ("live", "Live")]),
    ]
    bar = ToolBar(*parts[:2], 1, label, parts[2], yields=(label,))
    qtbot.addWidget(bar)
    bar.resize(900, 44)
    bar.show()
    return bar, label, *parts


def test_a_tool_bar_leaves_out_what_yields_and_then_words_but_cuts_nothing(qtbot):
    bar, label, build, verify, switch = tool_bar(qtbot)
    whole = [build.width(), verify.width()]
    assert label.isVisible()
    bar.resize(sum(whole) + switch.width() + 60, 44)
    qtbot.waitUntil(lambda: not label.isVisible() and [build.width(), verify.width()] == whole)
    bar.resize(whole[0] + switch.width() + 90, 44)
    qtbot.waitUntil(lambda: verify.width() == verify.least_width() and build.width() == whole[0])
    assert switch.width() == switch.sizeHint().width()
    assert (verify.text(), verify.accessibleName(), verify.toolTip()) == ("Verify again",) * 3
    bar.resize(900, 44)
    qtbot.waitUntil(lambda: label.isVisible() and [build.width(), verify.width()] == whole)


def test_a_button_that_shows_its_icon_alone_still_says_what_it_would_do(qtbot):
    button = Button("Build ticked", "play", kind="flat", tip="Build them")
    qtbot.addWidget(button)
    button.shorten(True)
    button.setText("Build 4 ticked")
    assert button.toolTip() == "Build 4 ticked\nBuild them"
    button.allow(False, "Tick a family first")
    assert button.toolTip() == "Build 4 ticked\nTick a family first"
    assert button.accessibleName() == "Build 4 ticked"
    button.shorten(False)
    assert (button.text(), button.toolTip()) == ("Build 4 ticked", "Tick a family first")
