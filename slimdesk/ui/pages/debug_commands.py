"""The commands to take along: the same shell by hand, with docker, docker debug, cdebug and kubectl."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from slimdesk.basics.errors import SlimDeskError
from slimdesk.ui.desk import Desk
from slimdesk.ui.pages.debug_commands_pod import UNKNOWN_POD, ask_pod, known_pod
from slimdesk.ui.pages.debug_shell_opening import chosen_toolbox
from slimdesk.ui.widgets.buttons import Button, IconButton
from slimdesk.ui.widgets.layout import clear, column, panel, row
from slimdesk.ui.widgets.text import Text

if TYPE_CHECKING:
    from slimdesk.debug.commands import Commands
    from slimdesk.debug.kubectl import PodTarget
    from slimdesk.debug.plan import ShellPlan
    from slimdesk.engine.model import ContainerRecord


class CommandsCard(QWidget):
    """Shows the lines for one container; it hides where there are none.

    Signals: `run_wanted(title, line)`: the line is to be run in the embedded terminal.
    """

    run_wanted = Signal(str, str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._key: tuple[str, bool, str] = ("", False, "")
        self._asking: asyncio.Task[None] | None = None
        self._container: ContainerRecord | None = None
        self._plan: ShellPlan | None = None
        self._host = ""
        self._pods: dict[str, PodTarget] = {}
        self.commands: Commands | None = None
        self._lines = column(spacing=4)
        self.setLayout(
            column(Text("The same by hand", "section"), self._lines, margins=(16, 12, 16, 12), spacing=6)
        )
        desk.workspace.observe("settings", self._again)
        self.hide()

    def show_container(self, container: ContainerRecord | None) -> None:
        """Show the lines for a shell beside this container."""
        self._container = container
        self._again()

    def _again(self) -> None:
        container = self._container
        there = container is not None and container.running
        key = (container.container_id if container else "", there, chosen_toolbox(self.desk))
        if key == self._key:
            return
        self._key = key
        if self._asking is not None:
            self._asking.cancel()
        if container is None or not there:
            self.hide()
            return
        self._asking = self.desk.spawn(self._ask(container))

    async def _ask(self, container: ContainerRecord) -> None:
        from slimdesk.operations.connect import connected
        from slimdesk.operations.debug_shell import plan_shell

        try:
            async with connected(self.desk.workspace.settings.context) as engine:
                self._plan = await plan_shell(engine, container.container_id, chosen_toolbox(self.desk))
                self._host = engine.settings.host
        except SlimDeskError:
            # It is gone by now, or its engine: the list says so.
            self._key = ("", False, "")
            self.hide()
            return
        self._show()

    @property
    def pod(self) -> PodTarget | None:
        """Where the same container runs in a cluster, as far as it is known."""
        if self._plan is None:
            return None
        record = self._plan.target.record
        return self._pods.get(record.container_id) or known_pod(record.labels, record.user)

    def _show(self) -> None:
        from slimdesk.debug.commands import commands_for
        from slimdesk.operations.local_program import why_not

        plan = self._plan
        if plan is None:
            return
        found = commands_for(plan.target, plan.toolbox, plan.way, pid=plan.pid, pod=self.pod)
        self.commands = found
        clear(self._lines)
        self._add("Docker", found.docker)
        self._add("Docker Debug", found.docker_debug)
        if found.cdebug is not None:
            self._add("cdebug", found.cdebug)
        run = IconButton("play", "Run the Kubernetes command here", self.run_kubectl)
        reason = why_not("kubectl")
        run.allow(not reason, reason)
        fill = Button("Pod…", clicked=self.choose_pod, kind="flat", tip="Say which pod and container it is")
        fill.setProperty("compact", True)
        self._add("Kubernetes", found.kubectl.line, fill, run)
        for words in (found.kubectl.reason, *found.notes):
            if words:
                self._lines.addWidget(Text(words, "small", "text2", wrap=True))
        self.show()

    def _add(self, name: str, line: str, *more: QWidget) -> None:
        copy = IconButton("copy", f"Copy the {name} command", partial(_copy, line))
        outside = IconButton(
            "arrow-square-out",
            f"Open the {name} command in the system's terminal",
            partial(self.open_outside, name, line),
        )
        head = row(Text(name, "strong"), 1, *more, copy, outside, spacing=0)
        self._lines.addLayout(head)
        words = Text(shown(line), "mono", wrap=True)
        words.setAccessibleName(f"The {name} command")
        self._lines.addWidget(panel(column(words, margins=8), "well"))

    # Running

    def open_outside(self, name: str, line: str) -> None:
        """Run a line in the system's own terminal."""
        self.desk.spawn(self._open_outside(name, line))

    async def _open_outside(self, name: str, line: str) -> None:
        from slimdesk.operations.system_terminal import open_terminal, with_engine

        if name == "Kubernetes" and not await self._has_pod():
            return
        if name == "Kubernetes" and self.commands is not None:
            line = self.commands.kubectl.line
        else:
            line = with_engine(line, self._host)
        terminal = await self.desk.blocking(open_terminal, line)
        self.desk.notify("info", f"{name} runs in {terminal}.")

    def run_kubectl(self) -> None:
        """Run the kubectl line in the embedded terminal; asks which pod it is where that is not known."""
        self.desk.spawn(self._run_kubectl())

    async def _run_kubectl(self) -> None:
        if await self._has_pod() and self.commands is not None and self.pod is not None:
            self.run_wanted.emit(f"{self.pod.pod} kubectl", self.commands.kubectl.line)

    def choose_pod(self) -> None:
        """Ask which pod and container it is."""
        self.desk.spawn(self._choose_pod())

    async def _has_pod(self) -> bool:
        if self.pod is not None and self.pod.pod != UNKNOWN_POD:
            return True
        return await self._choose_pod()

    async def _choose_pod(self) -> bool:
        plan, known = self._plan, self.pod
        if plan is None or known is None:
            return False
        chosen = await ask_pod(self.desk.window, known)
        if chosen is None:
            return False
        self._pods[plan.target.record.container_id] = chosen
        if plan is self._plan:
            self._show()
        return plan is self._plan


def shown(line: str) -> str:
    """Return a line with each of its options on a line of its own, as a POSIX shell takes it too."""
    return line.replace(" --", " \\\n  --").replace(" \\\n  --rm", " --rm")


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
