"""A container's log on screen: bounded, fast, selected by line and letter, kept in place while lines come."""

import datetime as dt
import time

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from slimdesk.engine.logs import LogLine
from slimdesk.ui.models.log_lines import LogFilter
from slimdesk.ui.theme import current
from slimdesk.ui.widgets.log_lines_view import LogLinesView

NOW = dt.datetime(2026, 11, 21, 16, 0, tzinfo=dt.UTC)


def lines(count, text="INFO line {}", start=0):
    return [LogLine("stdout", NOW, text.format(number)) for number in range(start, start + count)]


@pytest.fixture
async def view(qapp):
    current().start("light") if current().appearance == "system" else current().choose("light")
    widget = LogLinesView("Log")
    widget.resize(640, 240)
    widget.show()
    QApplication.processEvents()
    yield widget
    widget.close()
    widget.deleteLater()


async def test_a_flood_is_bounded_and_leaves_the_window_free(view):
    flood = lines(120_000)
    stalls = []
    for start in range(0, len(flood), 500):
        began = time.thread_time()
        view.add(flood[start : start + 500])
        QApplication.processEvents()
        stalls.append(time.thread_time() - began)
    view._settle()
    assert len(view.lines.lines) <= 105_000
    assert view.lines.dropped >= 15_000
    assert view.lines.lines[-1].text == "INFO line 119999"
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()
    # Twelve seconds' worth of ten thousand lines a second; loose, for machines that do much else.
    assert sorted(stalls)[len(stalls) * 9 // 10] < 0.05


async def test_who_scrolled_away_stays_there_as_lines_come(view, settled):
    told = []
    view.followed.connect(told.append)
    view.add(lines(200))
    view._settle()
    assert view.following
    view.verticalScrollBar().setValue(10)
    assert told == [False]
    view.add(lines(200, start=200))
    view._settle()
    assert view.verticalScrollBar().value() == 10
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_End)
    assert told == [False, True]
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()


async def test_what_the_bound_cuts_off_moves_nothing_on_screen(view):
    view.lines.most = 1000
    view.add(lines(6000))
    view._settle()
    view.verticalScrollBar().setValue(5800)
    shown = view.text_of(5800)
    view.add(lines(10, start=6000))
    view._settle()
    assert view.lines.first == 5010
    assert view.lines.first + view.verticalScrollBar().value() == 5800
    assert view.text_of(5800) == shown


async def test_letters_are_selected_with_the_mouse_and_copied(view):
    view.add(lines(3))
    view._settle()
    wide, high = view._wide, view._height
    first = QPointF(12 + 13 * wide, 6 + high / 2).toPoint()
    last = QPointF(12 + 17 * wide, 6 + high * 1.5).toPoint()
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=first)
    QTest.mouseMove(view.viewport(), last)
    view.mouseMoveEvent(_moved(last))
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=last)
    chosen = view.selected_text.splitlines()
    assert chosen[0] == "INFO line 0"
    assert chosen[1].endswith(" INFO")
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == view.selected_text
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=first + QPoint(4, 0))
    assert view.selected_text == "INFO"


def _moved(point):
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent

    where = QPointF(point)
    left = Qt.MouseButton.LeftButton
    return QMouseEvent(QEvent.Type.MouseMove, where, where, left, left, Qt.KeyboardModifier.NoModifier)


async def test_long_lines_wrap_also_where_letters_are_wide(view):
    text = "x" * 300
    rows = view._cut(text)
    assert rows == [(0, 300)]
    view.wrap(True)
    rows = view._cut(text)
    assert len(rows) > 2
    assert "".join(text[start:end] for start, end in rows) == text
    wide = "日本語" * 60
    assert "".join(wide[start:end] for start, end in view._cut(wide)) == wide
    view.add([LogLine("stderr", None, wide), LogLine("stdout", NOW, text)])
    view._settle()
    assert view.horizontalScrollBar().maximum() == 0
    assert not view.grab().isNull()


async def test_searching_goes_round_and_marks_the_line(view):
    view.add(lines(50))
    view.show_only(LogFilter(words="line 4"))
    found = []
    for _ in range(12):
        assert view.find_next()
        found.append(view._hit)
    assert found[:3] == [4, 40, 41] or found[0] in range(40, 50)
    assert sorted(set(found)) == [4, *range(40, 50)]
    assert view.find_next(-1)
    view.show_only(LogFilter(words="nowhere"))
    assert not view.find_next()


async def test_nothing_says_why(view):
    assert not view.grab().isNull()
    view.copy()
    view.add(lines(2))
    view.clear()
    assert view.lines.end == 0
    assert view.following
