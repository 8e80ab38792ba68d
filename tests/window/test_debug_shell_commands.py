"""The commands to take along: what is shown is what is copied, run here, or in the system's terminal."""

import contextlib
import types

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit
from window.played_container import container

from slimdesk.debug.plan import plan
from slimdesk.engine.details import parse_details
from slimdesk.operations import debug_shell
from slimdesk.ui.pages.debug_commands import CommandsCard, shown
from slimdesk.ui.widgets.buttons import IconButton, PrimaryButton
from slimdesk.ui.widgets.text import Text


@pytest.fixture
async def card(window, monkeypatch):
    made = CommandsCard(window.desk)
    made.asked = []

    async def plan_shell(_engine, target, toolbox):
        made.asked.append((target[:1], toolbox))
        return plan(parse_details(made.wanted, {}), toolbox)

    @contextlib.asynccontextmanager
    async def connected(_context=None):
        yield types.SimpleNamespace(settings=types.SimpleNamespace(host="unix:///here.sock"))

    monkeypatch.setattr(debug_shell, "plan_shell", plan_shell)
    monkeypatch.setattr("slimdesk.operations.connect.connected", connected)
    monkeypatch.setattr("slimdesk.operations.local_program.why_not", lambda _program: "")
    yield made
    made.deleteLater()
    QApplication.sendPostedEvents(None, int(QEvent.Type.DeferredDelete.value))


async def show(card, settled, record):
    card.wanted = record
    card.show_container(record)
    await settled(lambda: card.commands is not None)


def button(card, name):
    return next(
        one for one in card.findChildren(IconButton) if one.accessibleName() == name and not one.isHidden()
    )


async def test_each_line_is_copied_as_it_is(card, settled):
    await show(card, settled, container())
    for name, line in (
        ("Docker", card.commands.docker),
        ("Docker Debug", card.commands.docker_debug),
        ("cdebug", card.commands.cdebug),
        ("Kubernetes", card.commands.kubectl.line),
    ):
        button(card, f"Copy the {name} command").click()
        assert QGuiApplication.clipboard().text() == line
        assert shown(line) in [one.text() for one in card.findChildren(Text)]


def test_a_line_is_shown_in_pieces_that_a_shell_takes_too():
    assert shown("docker run --rm -it --pid container:a x") == "docker run --rm -it \\\n  --pid container:a x"


async def test_it_hides_for_what_does_not_run_and_follows_the_tools(card, settled, window):
    await show(card, settled, container())
    assert not card.isHidden()
    card.show_container(container())
    assert len(card.asked) == 1
    window.desk.change_settings(toolbox="alpine:3.24")
    await settled(lambda: "alpine:3.24" in card.commands.docker)
    card.show_container(container(state="exited"))
    assert card.isHidden()


async def test_kubectl_is_told_which_pod_it_is(card, settled):
    lines = []
    card.run_wanted.connect(lambda title, line: lines.append((title, line)))
    await show(card, settled, container())
    assert " POD " in card.commands.kubectl.line
    button(card, "Run the Kubernetes command here").click()
    dialogs = []

    def found():
        dialogs[:] = [
            one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()
        ]
        return dialogs

    await settled(found)
    dialog = dialogs[0]
    accept = dialog.findChild(PrimaryButton)
    assert not accept.isEnabled()
    fields = {one.accessibleName(): one for one in dialog.findChildren(QLineEdit)}
    fields["Pod"].setText("shop-api-7d9f")
    fields["Container"].setText("api")
    fields["Namespace"].setText("shop")
    accept.click()
    await settled(lambda: lines)
    assert lines[0][0] == "shop-api-7d9f kubectl"
    assert "-n shop shop-api-7d9f" in lines[0][1]
    # It is known from now on.
    button(card, "Run the Kubernetes command here").click()
    await settled(lambda: len(lines) == 2)


async def test_a_pod_of_this_machines_kubelet_is_known(card, settled):
    labels = {
        "io.kubernetes.pod.name": "web-0",
        "io.kubernetes.container.name": "web",
        "io.kubernetes.pod.namespace": "default",
    }
    await show(card, settled, container(labels=labels))
    assert " web-0 " in card.commands.kubectl.line
    assert "--target=web" in card.commands.kubectl.line


async def test_the_systems_terminal_is_told_of_the_engine(card, settled, monkeypatch, window):
    lines = []

    def open_terminal(line):
        lines.append(line)
        return "xterm"

    monkeypatch.setattr("slimdesk.operations.system_terminal.open_terminal", open_terminal)
    await show(card, settled, container())
    button(card, "Open the Docker command in the system's terminal").click()
    await settled(lambda: window.notices.notices)
    assert lines == [f"DOCKER_HOST=unix:///here.sock; export DOCKER_HOST; {card.commands.docker}"]
    assert "xterm" in window.notices.notices[0].text
