"""The command palette, the job strip, the list of jobs, the log."""

import asyncio
import datetime as dt

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from slimdesk.basics.errors import BuildFailed
from slimdesk.engine.model import ImageRecord
from slimdesk.project.model import Component, Project
from slimdesk.ui.actions import cap_text
from slimdesk.ui.frame.job_panel import LogWindow
from slimdesk.ui.frame.keys import KeysDialog
from slimdesk.ui.frame.matching import best, match


def titles(palette):
    return [line.title for line in palette._model.lines]


@pytest.mark.parametrize(
    ("query", "text", "spans"),
    [
        ("deb", "Open debug shell", ((5, 8),)),
        ("op fo", "Open folder…", ((0, 2), (5, 7))),
        ("bug", "Open debug shell", ((7, 10),)),
        ("", "anything", ()),
    ],
)
def test_letters_are_found_where_words_begin_first(query, text, spans):
    assert match(query, text).spans == spans


@pytest.mark.parametrize(
    ("query", "text"), [("xyz", "Open folder"), ("op zz", "Open folder"), ("fdr", "a f b d c r")]
)
def test_what_is_not_meant_is_not_found(query, text):
    assert match(query, text) is None


def test_the_best_comes_first():
    items = ["undebug", "Open debug shell", "debug"]
    assert [item for item, _ in best("deb", items, str, 2)] == ["debug", "Open debug shell"]
    assert [item for item, _ in best("", items, str, 2)] == ["undebug", "Open debug shell"]


async def test_a_command_is_found_and_run_from_the_keyboard(window):
    window.open_palette()
    palette = window.palette_box
    assert palette.isVisible()
    QTest.keyClicks(palette.field, "go settings")
    assert titles(palette)[:2] == ["Commands", "Go to Settings"]
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert window.page == "settings"


async def test_what_cannot_be_done_stays_with_its_reason_and_does_not_run(window):
    window.open_palette("close the project")
    palette = window.palette_box
    line = palette._model.lines[1]
    assert "no project is open" in line.found.detail
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()
    QTest.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not palette.isVisible()


async def test_images_and_files_are_found(window, tmp_path, settled):
    (tmp_path / "internal").mkdir()
    (tmp_path / "internal" / "debug.go").write_text("package internal")
    window.workspace.set_engine_images(
        (ImageRecord("sha256:1", ("api:distroless",), dt.datetime.now(dt.UTC), 14_900_000, {}),)
    )
    window.workspace.show_project(Project(tmp_path, (Component("api", ".", "go"),)))
    await settled(lambda: window.sources._files)
    palette = window.palette_box
    window.open_palette("@dist")
    assert titles(palette) == ["Images", "api:distroless"]
    palette.field.setText("/debug")
    assert titles(palette) == ["Files", "debug.go"]
    assert palette._model.lines[1].found.detail == "internal"
    palette.field.setText("no such thing at all")
    assert titles(palette) == []
    QTest.keyClick(palette.field, Qt.Key.Key_Down)
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    palette.shut()


async def test_a_resting_pointer_chooses_nothing_and_a_moved_one_does(window):
    window.open_palette(">")
    palette = window.palette_box
    first = palette.list.currentIndex().row()
    palette.list.entered.emit(palette._model.index(first + 3, 0))
    assert palette.list.currentIndex().row() == first
    QCursor.setPos(QCursor.pos() + QPoint(9, 9))
    palette.list.entered.emit(palette._model.index(first + 3, 0))
    assert palette.list.currentIndex().row() == first + 3
    palette.shut()


async def test_arrows_go_round(window):
    window.open_palette(">")
    palette = window.palette_box
    first = palette.list.currentIndex().row()
    QTest.keyClick(palette.field, Qt.Key.Key_Up)
    assert palette.list.currentIndex().row() == len(palette._model.lines) - 1
    QTest.keyClick(palette.field, Qt.Key.Key_Down)
    assert palette.list.currentIndex().row() == 1
    assert first >= 1
    palette.shut()


async def nap(job):
    job.progress("step 6 of 9, go build", 6, 9, "steps")
    job.log("first line\nsecond line")
    await asyncio.sleep(60)


async def broken(job):
    job.log("npm ERR! missing script")
    raise BuildFailed("Step 3 failed", "npm exited 1")


async def fine(job):
    job.summary = "9 steps, 5 from cache"


async def test_the_strip_shows_the_newest_running_job_and_cancels_it(window, settled):
    strip = window.strip
    assert strip._title.text() == "No running jobs"
    window.desk.run_job("Build api:slim", "build", nap)
    window.desk.run_job("Build api:alpine", "build", nap)
    await settled(lambda: strip._title.text() == "Build api:alpine")
    assert strip._step.text() == "step 6 of 9, go build"
    assert strip._bar.value() == 667
    assert strip._more.text() == "1 more running"
    strip._cancel.click()
    await settled(lambda: strip._title.text() == "Build api:slim")
    strip._cancel.click()
    await settled(lambda: strip._title.text() == "No running jobs")
    assert "cancelled" in strip._step.text()


async def test_a_failure_stays_until_it_is_seen(window, settled):
    window.desk.run_job("Build api:slim", "build", broken)
    await settled(lambda: window.strip._title.text() == "Build api:slim")
    assert window.strip._step.text() == "Step 3 failed: npm exited 1."
    window.toggle_jobs()
    await settled(lambda: window.strip._title.text() == "No running jobs")


async def test_the_list_shows_all_jobs_newest_first(window, settled):
    window.desk.run_job("Good", "build", fine)
    window.desk.run_job("Bad", "verify", broken)
    window.desk.run_job("Long", "build", nap)
    await settled(lambda: len(window.workspace.jobs.finished) == 2)
    window.toggle_jobs()
    table = window.panel.table
    rows = [[table.model().index(row, column).data() for column in range(6)] for row in range(3)]
    assert [row[0] for row in rows] == ["Long", "Bad", "Good"]
    assert [row[4] for row in rows] == ["Cancel", "Copy error", ""]
    assert rows[2][1] == "9 steps, 5 from cache"
    window.panel._linked(table.model().index(1, 0).data(0x100 + 8), "cancel")
    assert "npm ERR! missing script" in QGuiApplication.clipboard().text()
    table.choose(lambda job: job.title == "Long")
    QTest.keyClick(table, Qt.Key.Key_Delete)
    await settled(lambda: not window.workspace.jobs.running)
    window.panel._clear.click()
    await settled(lambda: table.model().rowCount() == 0)
    assert not window.panel._clear.isEnabled()
    window.toggle_jobs()
    assert not window.panel.isVisible()


async def test_a_log_follows_can_be_searched_and_is_harmless(window, settled):
    async def talk(job):
        for number in range(200):
            job.log(f"line {number} \x1b[31mred\x1b[0m")
            await asyncio.sleep(0)
        await asyncio.sleep(60)

    window.desk.run_job("Talk", "build", talk)
    await settled(
        lambda: window.workspace.jobs.running and len(window.workspace.jobs.running[0].lines) == 200
    )
    job = window.workspace.jobs.running[0]
    window.show_log(job)
    window.show_log(job)
    logs = window.findChildren(LogWindow)
    assert len(logs) == 1
    log = logs[0]
    assert log._text.toPlainText().splitlines()[-1] == "line 199 red"
    log._find.setText("line 42 ")
    log._find_next()
    assert log._text.textCursor().selectedText() == "line 42 "
    job.log("one more")
    await settled(lambda: log._text.toPlainText().endswith("one more"))
    job.cancel()
    await settled(lambda: not log._cancel.isEnabled())
    log.close()


async def test_ten_thousand_lines_do_not_stall_the_window(window):
    async def flood(job):
        for number in range(10_000):
            job.log(f"line {number}")
            job.progress(f"line {number}", number, 10_000)
            if number % 100 == 0:
                await asyncio.sleep(0)

    loop = asyncio.get_running_loop()
    before = loop.time()
    await window.desk.run_job("Flood", "build", flood)
    assert loop.time() - before < 5
    assert (
        any("Flood" in one.text() for one in window.strip.findChildren(QLabel))
        or window.workspace.jobs.finished
    )


async def test_f1_lists_the_keys_as_they_are_bound(window, settled):
    window.commands.run("keys")
    (dialog,) = window.findChildren(KeysDialog)
    words = [one.text() for one in dialog.findChildren(QLabel)]
    for one in window.commands.offered():
        for keys in one.keys:
            assert cap_text(keys) in words, one.key
    assert {"Open folder", "Leave the terminal", "Tick the row"} <= set(words)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    await settled(lambda: not window.findChildren(KeysDialog))
