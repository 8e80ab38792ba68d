"""The Dockerfile with reasons and bytes beside its lines, and the views of logs, files and differences."""

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from slimdesk.operations.variant_notes import LineNote
from slimdesk.ui.theme import current
from slimdesk.ui.widgets.code_view import CodeView, colours
from slimdesk.ui.widgets.diff_view import DiffView, unified
from slimdesk.ui.widgets.dockerfile_view import DockerfileView
from slimdesk.ui.widgets.log_view import SHOWN, LogView

TEXT = 'FROM golang:1.26 AS build\nRUN go build \\\n    -o /shop .\n\nFROM scratch\nCOPY --from=build /shop /shop\nENTRYPOINT ["/shop"]\n'
NOTES = (
    LineNote(1, 1, "Go as go.mod:3 asks", None, shipped=False, place="go.mod:3"),
    LineNote(2, 3, "Builds it", None, shipped=False),
    LineNote(5, 5, "Nothing but the program", 400_000, base=True),
    LineNote(6, 6, "The program", 5_000),
    LineNote(7, 7, "Exec form"),
)


@pytest.fixture
def view(qtbot, qapp):
    current().start("light")
    made = DockerfileView()
    qtbot.addWidget(made)
    made.resize(900, 300)
    made.show_text(TEXT, NOTES)
    made.show()
    return made


def tips(monkeypatch, column, point):
    shown = []
    monkeypatch.setattr(QToolTip, "showText", lambda _where, text, *_: shown.append(text))
    QApplication.sendEvent(column, QHelpEvent(QEvent.Type.ToolTip, point, column.mapToGlobal(point)))
    return shown


@pytest.mark.parametrize("appearance", ["light", "dark"])
def test_it_is_drawn_in_both_themes_and_follows_a_switch(view, appearance):
    current().choose(appearance)
    assert not view.grab().isNull()
    current().choose("light")


def test_lines_of_the_columns_agree_with_those_of_the_code(view):
    editor = view.editor
    for line in (1, 4, 7):
        block = editor.document().findBlockByNumber(line - 1)
        box = editor.document().documentLayout().blockBoundingRect(block)
        top = box.top() - editor.verticalScrollBar().value()
        assert view.line_rect(line, line, 10).top() == pytest.approx(top, abs=1)


def test_the_tooltip_tells_the_reason_with_its_evidence_and_the_exact_bytes(view, monkeypatch):
    first = view.line_rect(1, 1, 100).center()
    assert tips(monkeypatch, view._reasons, first) == ["Go as go.mod:3 asks (go.mod:3)"]
    base = view.line_rect(5, 5, 100).center()
    (bytes_tip,) = tips(monkeypatch, view._bytes, base)
    assert bytes_tip.replace("\u2009", "").replace(",", "").replace("\u202f", "").startswith("400000")
    assert tips(monkeypatch, view._bytes, first) == [
        "This stage is left behind: nothing of it ships but what is copied from it"
    ]
    last = view.line_rect(7, 7, 100).center()
    assert tips(monkeypatch, view._bytes, last) == ["Not measured: it is known once this is built"]


def test_a_click_in_any_column_chooses_the_instruction(view):
    chosen = []
    view.line_chosen.connect(chosen.append)
    view.choose_at(view.line_rect(6, 6, 10).center().y())
    assert view.current_line() == 6
    assert chosen == [6]
    assert view.background(6) == current().color("sel")
    assert view.background(2) == current().color("s2")
    assert view.background(7) is None
    view.choose_at(10_000)
    assert view.current_line() == 6


def test_loading_is_no_edit_typing_is_and_a_replacement_can_be_undone(view):
    edits = []
    view.edited.connect(edits.append)
    view.show_text("FROM a\n", ())
    assert edits == []
    view.editor.insertPlainText("# x\n")
    assert edits[-1] == "# x\nFROM a\n"
    view.replace_text("FROM b\n", ())
    assert view.text() == "FROM b\n"
    view.editor.undo()
    assert view.text() == "# x\nFROM a\n"
    view.set_read_only(True)
    assert view.editor.isReadOnly()


def test_lines_far_away_and_an_empty_text_are_harmless(view):
    view.go_to(999)
    view.show_text("", ())
    assert not view.grab().isNull()
    assert view.note_at(1) is None
    view.show_text("FROM a\n" * 400, tuple(LineNote(n, n, "why", n) for n in range(1, 401)))
    view.go_to(400)
    assert view.current_line() == 400
    assert not view.grab().isNull()


def test_a_log_of_any_length_shows_its_newest_lines(qtbot):
    log = LogView("Log")
    qtbot.addWidget(log)
    log.append_lines([f"line {number}" for number in range(SHOWN + 5_000)])
    log.flush()
    text = log.toPlainText().splitlines()
    assert len(text) == SHOWN
    assert text[-1] == f"line {SHOWN + 4_999}"
    log.show_lines(["only this"])
    log.flush()
    assert log.toPlainText() == "only this"


def test_a_difference_has_signs_and_says_where_there_is_none(qtbot):
    assert unified("a\nb\n", "a\nc\n", "x")[-2:] == ["-b", "+c"]
    view = DiffView()
    qtbot.addWidget(view)
    view.show_files([("Dockerfile", "", "FROM a\n"), ("same", "x\n", "x\n")])
    assert "+FROM a" in view.toPlainText()
    assert view.toPlainText().endswith("same: no change")
    assert view.isReadOnly()


def test_code_is_coloured_where_the_language_is_known(qtbot):
    code = CodeView("Evidence")
    qtbot.addWidget(code)
    code.resize(300, 200)
    code.show_text("package main\n// note\n", 2)
    spans = colours("package main\n// note\n", "main.go")
    assert (13, len("// note\n"), "code_comment") in spans or (13, 7, "code_comment") in spans
    code.show_colours(spans)
    assert not code.grab().isNull()
    assert colours("anything", "no.such-language") == []
    assert colours("x" * 300_000, "main.go") == []
    code.show_text("short", 99)
    assert not code.grab().isNull()


def test_the_columns_widths_are_kept(view, qtbot):
    class Memory(dict):
        recall = dict.get
        keep = dict.__setitem__

    memory = Memory()
    view.remember(memory, "columns")
    view._split.moveSplitter(300, 1)
    assert memory["columns"] == view._split.sizes()
    other = DockerfileView()
    qtbot.addWidget(other)
    other.resize(900, 300)
    other.remember(memory, "columns")
    other.show()
    assert other._split.sizes() == memory["columns"]


def test_the_lit_line_of_a_file_stays_in_sight_in_a_smaller_view(qtbot, qapp):
    view = CodeView("Evidence")
    qtbot.addWidget(view)
    view.resize(600, 800)
    view.show()
    view.show_text("\n".join(f"line {number}" for number in range(1, 60)), 19)
    view.resize(600, 120)
    qtbot.waitUntil(lambda: 0 <= view.cursorRect().top() < view.viewport().height())
