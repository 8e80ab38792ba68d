"""The Debug page over a played engine: the list is live, what is chosen is told about, and what is done is done."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QMenu
from window.containers_played import PlayedEngine, line, played, record
from window.states import REACHABLE, UNREACHABLE
from window.test_accessible_names import nameless

from slimdesk.basics.errors import StreamBroken
from slimdesk.operations.build import made_labels
from slimdesk.operations.container_look import ChangedFile
from slimdesk.operations.detect import open_project
from slimdesk.ui.models.containers import name_of
from slimdesk.ui.models.roles import Role
from slimdesk.ui.widgets.buttons import Button


@pytest.fixture
async def engine(monkeypatch):
    found = PlayedEngine(
        record("api", minutes=2, ports={8080: 18080}),
        record("db", image="postgres:18-alpine", minutes=1),
        record("crashed", state="exited", exit_code=3, image="shop/api:scratch"),
    )
    found.shells = {"id-db": "/bin/sh"}
    found.lines["id-api"] = [
        line("INFO ready"),
        line("ERROR lost", 1, "stderr"),
        line("  at main.go:7", 1, "stderr"),
    ]
    found.lines["id-crashed"] = [line("panic: no config")]
    played(monkeypatch, found)
    return found


@pytest.fixture
async def page(window, engine, settled):
    window.workspace.set_engine(REACHABLE)
    window.go("debug")
    opened = window.page_of("debug")
    await settled(lambda: len(opened.containers.rows.rows) == 3)
    await settled(lambda: all(one.shell is not None for one in opened.containers.rows.rows))
    return opened


def names(page):
    rows = page.containers.table.sorted_rows
    return [name_of(rows.index(number, 0).data(Role.ITEM).record) for number in range(rows.rowCount())]


def words(widget):
    return "\n".join(one.text() for one in widget.findChildren(QLabel) if one.isVisibleTo(widget))


def dialogs():
    return [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]


async def test_the_newest_container_is_chosen_and_told_about(page, settled):
    assert names(page) == ["api", "db", "crashed"]
    assert page.chosen.name == "api"
    assert page.workspace.container == "id-api"
    assert [one.shell for one in page.containers.rows.rows] == ["", "/bin/sh", ""]
    page.show_details(True)
    await settled(lambda: "read-only, /tmp in memory" in words(page.details))
    await settled(lambda: "34.0\u2009MB of 256\u2009MB" in words(page.details))
    said = words(page.details)
    for part in ("none", "65532:65532", "/api", "8080 → localhost:18080"):
        assert part in said


async def test_the_list_follows_the_engine_and_keeps_the_choice(page, engine, settled):
    page.containers.choose("id-db")
    engine.change(record("new", minutes=9), "start")
    await settled(lambda: names(page) == ["new", "api", "db", "crashed"])
    assert page.chosen.name == "db"
    engine.change(replace(engine.found["id-db"], health="unhealthy"), "health_status: unhealthy")
    await settled(lambda: page.chosen.health == "unhealthy")
    await engine.remove("id-db")
    await settled(lambda: "db" not in names(page))
    assert page.chosen.name == "new"


async def test_one_that_is_still_to_come_is_chosen_though_the_chosen_one_goes_first(page, engine, settled):
    page.containers.choose("id-crashed")
    page.workspace.choose_container("id-new")
    await engine.remove("id-crashed")
    await settled(lambda: "crashed" not in names(page))
    assert page.chosen.name == "api"
    engine.change(record("new", minutes=9), "start")
    await settled(lambda: "new" in names(page))
    assert page.chosen.name == "new"
    assert page.workspace.container == "id-new"


async def test_one_that_is_still_to_come_is_not_chosen_over_what_was_chosen_meanwhile(page, engine, settled):
    page.workspace.choose_container("id-new")
    page.containers.choose("id-db")
    engine.change(record("new", minutes=9), "start")
    await settled(lambda: "new" in names(page))
    assert page.chosen.name == "db"


async def test_a_lost_engine_keeps_the_list_and_says_so(page, engine, settled):
    engine.told.put_nowait(StreamBroken("The engine's events have ended", "it closed the connection"))
    await settled(lambda: page.containers._old.isVisibleTo(page))
    assert names(page) == ["api", "db", "crashed"]
    await settled(lambda: not page.containers._old.isVisibleTo(page))


async def test_without_an_engine_the_page_says_what_to_do(window):
    window.workspace.set_engine(UNREACHABLE)
    window.go("debug")
    page = window.page_of("debug")
    assert "No engine answers" in words(page)
    assert "Start Docker" in words(page)
    assert "Ask again" in [one.text() for one in page.findChildren(Button) if one.isVisibleTo(page)]


async def test_the_filter_finds_by_name_image_and_state(page):
    page.containers.filter.setText("postgres")
    assert names(page) == ["db"]
    page.containers.filter.setText("no shell")
    assert names(page) == ["api", "crashed"]
    page.containers.filter.setText("nothing like that")
    assert "Nothing has these words" in words(page.containers)


async def test_why_it_does_not_run_stands_above_the_terminals(page, engine, settled):
    page.containers.choose("id-crashed")
    await settled(lambda: page.problem.notices)
    told = page.problem.notices[0].text
    assert told.startswith("Exited 3.")
    assert "no config" in told
    look = [one for one in page.problem.findChildren(Button) if one.text() == "Look inside"]
    opened = []
    page.shell.open_in = opened.append
    look[0].click()
    assert [one.name for one in opened] == ["crashed"]
    page.containers.choose("id-api")
    await settled(lambda: not page.problem.notices)


async def test_stop_and_restart_are_jobs(page, engine, settled):
    page.stop()
    await settled(lambda: page.chosen.exit_code == 143)
    assert engine.done == [("stop", "id-api")]
    assert page.details.start.isVisibleTo(page.details)
    assert not page.details.stop.isEnabled()
    page.restart()
    await settled(lambda: ("start", "id-api") in engine.done)


async def test_removing_can_be_undone(page, engine, settled, monkeypatch):
    page.containers.choose("id-crashed")
    page.remove()
    await settled(lambda: names(page) == ["api", "db"])
    undo = [one for one in page.desk.window.notices.findChildren(Button) if one.text() == "Undo"]
    undo[0].click()
    await settled(lambda: names(page) == ["api", "db", "crashed"])
    assert engine.done == []
    monkeypatch.setattr("slimdesk.ui.pages.debug_containers_acts.PATIENCE", 0.0)
    page.containers.choose("id-crashed")
    QTest.keyClick(page.containers.table, Qt.Key.Key_Delete)
    await settled(lambda: engine.done == [("remove", "id-crashed")])


async def test_a_running_one_is_removed_after_a_question(page, engine, settled):
    page.remove()
    await settled(dialogs)
    asked = dialogs()[0]
    assert "Remove api?" in words(asked)
    asked.reject()
    await settled(lambda: not dialogs())
    assert engine.done == []
    page.remove()
    await settled(dialogs)
    dialogs()[0].accept()
    await settled(lambda: engine.done == [("remove", "id-api")])


async def test_the_log_is_followed_graded_and_searched(page, engine, settled):
    logs = page.below.logs
    await settled(lambda: logs.view.lines.end == 3)
    engine.more_lines["id-api"].put_nowait((line("WARN slow", 2), line("DEBUG q", 3)))
    await settled(lambda: logs.view.lines.end == 5)
    menu = QMenu()
    logs._fill(menu)
    choose = {one.text(): one for one in menu.actions()}
    choose["Warnings and worse"].trigger()
    assert [one.text for one in logs.view.lines.shown] == ["ERROR lost", "  at main.go:7", "WARN slow"]
    choose["All levels"].trigger()
    logs.search.setText("main.go")
    assert logs.view.lines.count() == 1
    assert logs.view.find_next()
    assert not logs.follow.isChecked()
    logs.view.select_all()
    logs.view.copy()
    copied = QApplication.clipboard().text().splitlines()
    assert [one[13:] for one in copied] == [
        "INFO ready",
        "ERROR lost",
        "  at main.go:7",
        "WARN slow",
        "DEBUG q",
    ]


async def test_a_container_started_anew_goes_on_in_the_same_log(page, engine, settled):
    logs = page.below.logs
    await settled(lambda: logs.view.lines.end == 3)
    engine.more_lines.pop("id-api")
    later = replace(engine.found["id-api"], started_at=engine.found["id-api"].started_at.replace(hour=17))
    engine.change(later, "start")
    await settled(lambda: "id-api" in engine.more_lines)
    engine.more_lines["id-api"].put_nowait((line("ERROR lost", 1), line("INFO again", 9)))
    await settled(lambda: logs.view.lines.end == 4)
    assert logs.view.lines.shown[-1].text == "INFO again"


async def test_the_log_is_saved_as_it_is_shown(page, settled, monkeypatch, tmp_path):
    logs = page.below.logs
    await settled(lambda: logs.view.lines.end == 3)

    async def picked(*_args, **_more):
        return tmp_path / "api.log"

    monkeypatch.setattr("slimdesk.ui.pages.debug_logs_pane.pick_new_file", picked)
    logs.save()
    await settled((tmp_path / "api.log").exists)
    assert (tmp_path / "api.log").read_text().splitlines()[1].endswith("ERROR lost")


async def test_events_and_changed_files_are_told(page, engine, settled):
    engine.changed["id-crashed"] = (
        ChangedFile("/data/cache", "added", 5_000_000),
        ChangedFile("/etc/x", "removed"),
    )
    page.containers.choose("id-crashed")
    page.below.tabs.choose("events")
    rows = page.below.events.rows
    await settled(lambda: len(rows.rows) == 4)
    assert rows.rows[0].what == "Ended with exit code 3"
    assert {one.what for one in rows.rows} >= {"Created", "Started", "Was sent a signal"}
    page.below.tabs.choose("changes")
    await settled(lambda: len(page.below.changes.rows.rows) == 2)
    assert "1 file, 5.00\u2009MB" in page.below.changes._sum.text()
    engine.changed["id-crashed"] = StreamBroken("The engine went away")
    page.below.changes.ask()
    await settled(lambda: "What changed is not known" in words(page.below.changes))


async def test_details_give_way_and_come_back(page):
    assert not page.details.isVisibleTo(page)
    page.show_details(True)
    assert page.details.isVisibleTo(page)
    assert page.desk.recall("debug-details-narrow") == (1,)
    page.details.hidden.emit()
    assert not page.details.isVisibleTo(page)


async def test_the_keys_of_a_debug_shell_work_from_anywhere(page, window):
    opened = []
    page.shell.open_in = opened.append
    window.go("start")
    assert window.commands["debug-shell"].keys == ("Ctrl+Shift+D",)
    window.commands.run("debug-shell")
    assert [one.name for one in opened] == ["api"]
    assert page.isVisible()
    held = []
    page.shell.open_held = lambda target, name: held.append((target, name))
    page.workspace.want_debug("shop/api:scratch")
    assert held == [("shop/api:scratch", "shop/api:scratch")]


async def test_only_own_containers_on_demand(page, engine, settled):
    own = record("mine", minutes=5, labels={"io.slimdesk.made": "container"})
    engine.found[own.container_id] = own
    page.show_own(True)
    await settled(lambda: names(page) == ["mine"])
    assert "SlimDesk's" in words(page.containers)
    page.show_own(False)
    await settled(lambda: len(names(page)) == 4)


async def test_a_variant_of_the_open_project_leads_to_its_debug_variant(
    page, engine, settled, window, tmp_path
):
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "go.mod").write_text("module example.com/shop\n\ngo 1.26\n")
    (folder / "main.go").write_text("package main\n\nfunc main() {}\n")
    project = open_project(folder)
    window.workspace.show_project(project)
    labels = made_labels(folder, project.components[0], "distroless", "x")
    engine.change(record("own", image="slimdesk/shop:distroless", minutes=20, labels=labels), "start")
    page.containers.choose("id-own")
    page.show_details(True)
    await settled(lambda: page.chosen.name == "own" and page.variant.isVisibleTo(page))
    assert "debug variant of distroless" in words(page.variant)
    page.variant.build.click()
    assert window.workspace.choices.debug
    assert window.workspace.selected == "distroless"
    assert window._page == "variants"


async def test_a_debug_image_is_marked(page, engine, settled):
    engine.change(record("tools", minutes=20, labels={"io.slimdesk.debug": "true"}), "start")
    await settled(lambda: "tools" in names(page))
    one = next(one for one in page.containers.rows.rows if one.record.name == "tools")
    assert one.tag == ("debug image", "bad")
    page.containers.filter.setText("debug image")
    assert names(page) == ["tools"]
    page.containers.choose("id-tools")
    page.show_details(True)
    assert "not to be shipped" in words(page.details)
    assert not page.containers.grab().isNull()


async def test_the_menu_of_a_container_offers_what_can_be_done(page):
    menu = QMenu()
    page._fill_container(menu, page.chosen)
    found = {one.text().split("\t")[0]: one for one in menu.actions() if one.text()}
    assert "Open http://localhost:18080" in found
    found["Copy its name"].trigger()
    assert QApplication.clipboard().text() == "api"
    assert found["Stop the chosen container"].isEnabled()
    page.containers.choose("id-crashed")
    menu.clear()
    page._fill_container(menu, page.chosen)
    found = {one.text().split("\t")[0]: one for one in menu.actions() if one.text()}
    assert not found["Stop the chosen container"].isEnabled()
    assert found["Open its image"].isEnabled()


async def test_every_control_has_a_name_with_containers_in_sight(page):
    page.show_details(True)
    assert nameless(page) == []
    for key in ("events", "changes"):
        page.below.tabs.choose(key)
        assert nameless(page) == []


async def test_another_engine_that_does_not_answer_has_no_containers(page, window, settled):
    window.workspace.set_engine(UNREACHABLE)
    assert names(page) == ["api", "db", "crashed"]
    window.workspace.set_engine(replace(UNREACHABLE, endpoint="tcp://elsewhere:2376"))
    assert names(page) == []
    assert "No engine answers" in words(page)
    window.workspace.set_engine(REACHABLE)
    await settled(lambda: names(page) == ["api", "db", "crashed"])
