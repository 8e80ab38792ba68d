"""Looking into a container without typing: tables, masked secrets, names, HTTP, and the helper that goes with the tab."""

import asyncio

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QMenu
from window.played_container import Helper, container

from slimdesk.basics.errors import BadInput, EngineError
from slimdesk.debug.environment import MASK, variable
from slimdesk.debug.http_probe import HttpAnswer
from slimdesk.debug.limits import Limits, ProcessLimit
from slimdesk.debug.mounts import Mount
from slimdesk.debug.name_check import NameAnswer
from slimdesk.debug.processes import Process
from slimdesk.debug.sockets import Socket
from slimdesk.operations import inspect_container
from slimdesk.ui.pages.debug_inspections import INSPECTIONS, InspectionPane
from slimdesk.ui.pages.debug_inspections_tables import limit_lines
from slimdesk.ui.pages.debug_shell import ShellArea
from slimdesk.ui.widgets.buttons import Button

PROCESSES = (
    Process(1, 0, "api", "sleeping", 65532, 65532, 7, 7_000_000, 0.02, 120.0, "/api --port 8080"),
    Process(9, 1, "old", "ended, not collected", 65532, 65532, 1, None, None, None, "[old]"),
)
SOCKETS = (
    Socket("tcp6", "::", 8080, "::", 0, True, "listening", 65532, 1, "api"),
    Socket("tcp", "127.0.0.1", 9090, "0.0.0.0", 0, True, "listening", 65532, 1, "api"),
    Socket("tcp", "172.17.0.2", 41000, "172.17.0.3", 5432, False, "established", 65532, None, None),
)


@pytest.fixture
async def opened(window, monkeypatch):
    """A pane over a helper of the test's own, and all that was asked."""
    answers = {
        "list_processes": PROCESSES,
        "list_sockets": SOCKETS,
        "read_environment": (variable("DB_PASSWORD", "sesame"), variable("TZ", "Europe/Berlin")),
        "list_mounts": (
            Mount("/", "overlay", "overlay", False, "ro", False),
            Mount("/proc", "proc", "proc", True, "rw", True),
        ),
        "read_limits": Limits(100, 95, 0, None, None, None, 7, ()),
    }
    for name, answer in answers.items():

        async def ask(_helper, answer=answer):
            if isinstance(answers.get("error"), Exception):
                raise answers.pop("error")
            return answer

        monkeypatch.setattr(inspect_container, name, ask)
    helpers = []

    async def open_one(_self):
        helpers.append(Helper())
        return helpers[-1]

    monkeypatch.setattr(InspectionPane, "_open", open_one)
    area = ShellArea(window.desk)
    area.resize(760, 480)
    area.show()
    area.show_container(container())
    area.helpers, area.answers = helpers, answers
    yield area
    await area.tabs.close_all()
    area.deleteLater()
    QApplication.sendPostedEvents(None, int(QEvent.Type.DeferredDelete.value))


async def shown(area, key, settled):
    """Look at something, and wait for the answer."""
    answered = []
    pane = area.look(key)
    pane.settled.connect(lambda: answered.append(1))
    await settled(lambda: answered)
    return pane


def cells(section, column):
    model = section.table.model()
    return [model.index(number, column).data() for number in range(model.rowCount())]


async def test_one_tab_and_one_helper_for_all_questions(opened, settled):
    pane = await shown(opened, "processes", settled)
    assert cells(pane.section, 1) == ["/api --port 8080", "[old]"]
    assert pane.facts.text() == "2 processes"
    QAbstractItemModelTester(pane.section.rows, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert await shown(opened, "ports", settled) is pane
    assert cells(pane.section, 0) == ["8080", "9090"]
    assert cells(pane.section, 3) == ["everywhere", "inside only"]
    await shown(opened, "connections", settled)
    assert cells(pane.section, 2) == ["172.17.0.3:5432"]
    await shown(opened, "mounts", settled)
    assert pane.facts.text() == "1 mount; its root is read-only"
    assert len(opened.helpers) == 1
    opened.tabs.close_tab(pane)
    await settled(lambda: opened.helpers[0].closed)
    assert not opened.tabs.panes


async def test_another_container_has_a_tab_of_its_own(opened, settled):
    first = await shown(opened, "processes", settled)
    opened.show_container(container("web", identity="e" * 64))
    second = await shown(opened, "processes", settled)
    assert second is not first
    assert [pane.title for pane in opened.tabs.panes] == ["shop-api-1 inspected", "web inspected"]


async def test_secrets_are_masked_until_asked_for(opened, settled):
    pane = await shown(opened, "environment", settled)
    section = pane.section
    assert cells(section, 1) == [MASK, "Europe/Berlin"]
    assert pane.facts.text() == "2 variables, 1 masked"
    menu = QMenu()
    section._menu(menu, section.rows.rows[0])
    menu.actions()[0].trigger()
    assert QGuiApplication.clipboard().text() == "sesame"
    menu.deleteLater()
    section.reveal.setChecked(True)
    assert cells(section, 1) == ["sesame", "Europe/Berlin"]
    assert pane.facts.text() == "2 variables"


async def test_words_narrow_the_answer(opened, settled):
    pane = await shown(opened, "processes", settled)
    pane.filter.setText("port")
    assert cells(pane.section, 1) == ["/api --port 8080"]


async def test_a_helper_that_is_gone_is_opened_anew(opened, settled):
    pane = await shown(opened, "processes", settled)
    opened.answers["error"] = EngineError("The helper did not answer", "it has ended with the container")
    await shown(opened, "processes", settled)
    notice = pane.notices.notices[0]
    assert "ended with the container" in notice.text.lower()
    assert opened.helpers[0].closed
    next(one for one in notice.findChildren(Button) if one.text() == "Ask again").click()
    await settled(lambda: not pane.notices.notices)
    assert len(opened.helpers) == 2


async def test_a_helper_that_cannot_be_opened_says_why(opened, settled, monkeypatch):
    async def refused(_self):
        raise EngineError("The engine allows no helper", "it forbids sharing processes")

    monkeypatch.setattr(InspectionPane, "_open", refused)
    pane = await shown(opened, "files", settled)
    assert "forbids" in pane.notices.notices[0].text


async def test_closing_while_it_opens_leaves_no_helper(opened, settled, monkeypatch):
    begun, undone = [], []

    async def slow(_self):
        begun.append(1)
        try:
            await asyncio.sleep(60)
        finally:
            undone.append(1)

    monkeypatch.setattr(InspectionPane, "_open", slow)
    pane = opened.look("processes")
    await settled(lambda: begun)
    opened.tabs.close_tab(pane)
    await settled(lambda: undone and not opened.tabs.panes)


async def test_a_name_is_asked_for(opened, settled, monkeypatch):
    asked = []

    async def check(_helper, name):
        asked.append(name)
        if " " in name:
            raise BadInput("This is no host name", "", "Write it as in example.com")
        return NameAnswer(name, ("172.17.0.3",), ("127.0.0.11",), ("corp",), False, f"{name} resolves.")

    monkeypatch.setattr(inspect_container, "check_name", check)
    pane = await shown(opened, "name", settled)
    section = pane.section
    assert not asked
    section.name.setText("db")
    section.ask.click()
    await settled(lambda: section.sentence.text() == "db resolves.")
    assert "172.17.0.3" in section.lines.toPlainText()
    section.name.setText("no name")
    section.ask.click()
    await settled(lambda: pane.notices.notices)
    assert "example.com" in pane.notices.notices[0].text
    assert not opened.helpers[0].closed


async def test_http_is_asked_at_the_published_port(opened, settled, monkeypatch):
    asked = []

    async def probe(_helper, port, path, *, secure):
        asked.append((port, path, secure))
        return HttpAnswer(
            f"http://127.0.0.1:{port}{path}", 200, ("HTTP/1.1 200 OK",), "It answers: HTTP 200."
        )

    monkeypatch.setattr(inspect_container, "probe_http", probe)
    pane = await shown(opened, "http", settled)
    assert asked == [(8080, "/", False)]
    pane.section.path.setText("/healthz")
    pane.section.secure.setChecked(True)
    pane.section.ask.click()
    await settled(lambda: asked[1:] == [(8080, "/healthz", True)])
    assert pane.section.sentence.text() == "It answers: HTTP 200."


async def test_what_does_not_run_is_not_looked_into(opened):
    opened.show_container(container(state="exited"))
    assert opened.look("processes") is None
    assert all(action.refused() == "it does not run" for action in opened.actions_offered())
    assert len(opened.actions_offered()) == len(INSPECTIONS)


def test_limits_in_words():
    found = limit_lines(
        Limits(100_000_000, 95_000_000, 1, 0.5, 2.0, None, 7, (ProcessLimit("cpu time", None, None, "seconds"),
               ProcessLimit("stack size", 8_388_608, None, "bytes")))
    )  # fmt: skip
    by_name = {one.name: one for one in found}
    assert by_name["Memory"].near
    assert by_name["Processes ended for want of memory"].near
    assert by_name["Processors"].limit == "0.5 processors"
    assert by_name["Processes and threads"].limit == "none"
    assert by_name["CPU time"].limit == "none"
    assert by_name["Stack size"].limit == "8.39 MB".replace(" ", "\u2009")
    assert not by_name["Stack size"].near
