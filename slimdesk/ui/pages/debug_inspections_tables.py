"""The answers that are tables: processes, open ports, connections, environment, mounts, limits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QMenu

from slimdesk.basics.units import UNKNOWN, format_bytes, format_exact, format_seconds, plural
from slimdesk.debug.environment import Variable
from slimdesk.debug.limits import Limits, ProcessLimit
from slimdesk.debug.mounts import Mount
from slimdesk.debug.processes import Process
from slimdesk.debug.sockets import Socket
from slimdesk.ui.models.rows import Column, Rows
from slimdesk.ui.pages.debug_inspections_section import Section
from slimdesk.ui.widgets.layout import column
from slimdesk.ui.widgets.table import Table

if TYPE_CHECKING:
    from slimdesk.operations.sidecar import Sidecar


class TableSection(Section):
    """An answer that is a table; `facts` says in a few words what is in it."""

    def __init__(
        self,
        name: str,
        columns: Sequence[Column[Any]],
        ask: Callable[[Sidecar], Awaitable[Sequence[Any]]],
        facts: Callable[[Sequence[Any]], str],
        *,
        menus: Callable[[QMenu, Any], None] | None = None,
        live: bool = False,
    ) -> None:
        super().__init__(live=live)
        self._ask, self._facts = ask, facts
        self.rows: Rows[Any] = Rows(columns)
        self.table = Table(name, self.rows, menus=menus)
        self.setLayout(column(self.table, spacing=0))
        self.setFocusProxy(self.table)

    async def read(self, helper: Sidecar) -> str:
        """Ask, and show the answer."""
        found = list(await self._ask(helper))
        self.rows.show_rows(found)
        return self._facts(found)

    def keep_words(self, words: str) -> None:
        """Keep the rows that have these words."""
        self.table.sorted_rows.find(words)


def processes() -> Section:
    """Return the table of processes."""

    async def ask(helper: Sidecar) -> Sequence[Process]:
        from slimdesk.operations.inspect_container import list_processes

        return await list_processes(helper)

    columns: list[Column[Process]] = [
        Column("pid", "PID", lambda one: str(one.pid), sort=lambda one: one.pid, right=True, width=60,
               tip="Its number in the container's own PID namespace"),
        Column("command", "Command", lambda one: one.command, width=150, grows=True, font="mono", cell_tip=lambda one: one.command),
        Column("user", "User", lambda one: f"{one.uid}:{one.gid}", sort=lambda one: one.uid, width=104,
               tip="User and group, as numbers"),
        Column("memory", "Memory", lambda one: format_bytes(one.memory), sort=lambda one: one.memory, right=True,
               width=80, tip="Resident: what it holds of the machine's memory", cell_tip=lambda one: format_exact(one.memory)),
        Column("cpu", "CPU time", lambda one: format_seconds(one.cpu), sort=lambda one: one.cpu, right=True, width=80,
               tip="Processor time since its start"),
        Column("age", "Age", lambda one: format_seconds(one.age), sort=lambda one: one.age, right=True, width=70,
               tip="Since its start"),
        Column("state", "State", lambda one: one.state, width=80, tone=lambda one: "warn" if "ended" in one.state else None),
        Column("threads", "Threads", lambda one: str(one.threads), sort=lambda one: one.threads, right=True, width=66),
    ]  # fmt: skip
    return TableSection(
        "Processes", columns, ask, lambda found: plural(len(found), "process", "processes"), live=True
    )


def ports() -> Section:
    """Return the table of what listens."""

    async def ask(helper: Sidecar) -> Sequence[Socket]:
        from slimdesk.operations.inspect_container import list_sockets

        return [one for one in await list_sockets(helper) if one.listening]

    def facts(found: Sequence[Socket]) -> str:
        inside = sum(one.inside_only for one in found)
        told = plural(len(found), "open port")
        return f"{told}, {inside} reached from inside only" if inside else told

    columns: list[Column[Socket]] = [
        Column("port", "Port", lambda one: str(one.port), sort=lambda one: one.port, right=True, width=70, font="strong"),
        Column("protocol", "Protocol", lambda one: one.protocol, width=80),
        Column("address", "Address", lambda one: one.address, width=130, font="mono"),
        Column("reach", "Reached from", lambda one: "inside only" if one.inside_only else "everywhere", width=110,
               tone=lambda one: "warn" if one.inside_only else None,
               tip="What listens on the loopback address is not reached through a published port"),
        Column("program", "Program", _program, width=140, grows=True),
    ]  # fmt: skip
    return TableSection("Open ports", columns, ask, facts, live=True)


def connections() -> Section:
    """Return the table of connections."""

    async def ask(helper: Sidecar) -> Sequence[Socket]:
        from slimdesk.operations.inspect_container import list_sockets

        return [one for one in await list_sockets(helper) if not one.listening]

    columns: list[Column[Socket]] = [
        Column("protocol", "Protocol", lambda one: one.protocol, width=80),
        Column("here", "Here", lambda one: _place(one.address, one.port), width=160, font="mono"),
        Column("there", "There", lambda one: _place(one.remote, one.remote_port), width=160, font="mono", grows=True),
        Column("state", "State", lambda one: one.state, width=150),
        Column("program", "Program", _program, width=130, grows=True),
    ]  # fmt: skip
    return TableSection(
        "Connections", columns, ask, lambda found: plural(len(found), "connection"), live=True
    )


def _place(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _program(one: Socket) -> str:
    return UNKNOWN if one.program is None else f"{one.program} ({one.pid})"


class EnvironmentSection(TableSection):
    """The variables; what looks like a secret is masked until asked for."""

    def __init__(self) -> None:
        async def ask(helper: Sidecar) -> Sequence[Variable]:
            from slimdesk.operations.inspect_container import read_environment

            return await read_environment(helper)

        def facts(found: Sequence[Variable]) -> str:
            secrets = sum(one.secret for one in found)
            told = plural(len(found), "variable")
            return f"{told}, {secrets} masked" if secrets and not self.reveal.isChecked() else told

        columns: list[Column[Variable]] = [
            Column("name", "Name", lambda one: one.name, width=200, font="mono_strong"),
            Column("value", "Value", self._shown, width=240, grows=True, font="mono", cell_tip=self._shown,
                   tone=lambda one: "text3" if one.secret and not self.reveal.isChecked() else None),
        ]  # fmt: skip
        super().__init__("Environment", columns, ask, facts, menus=self._menu)
        self.reveal = QCheckBox("Show secrets")
        self.reveal.toggled.connect(self._reveal)
        self.tools = (self.reveal,)

    def _shown(self, one: Variable) -> str:
        return one.shown(reveal=self.reveal.isChecked())

    def _reveal(self, _shown: bool) -> None:
        self.rows.refresh()
        self.told.emit(self._facts(self.rows.rows))

    def _menu(self, menu: QMenu, one: Variable) -> None:
        copy = menu.addAction("Copy the value", lambda: QGuiApplication.clipboard().setText(one.value))
        copy.setToolTip("Also where it is masked")


def mounts() -> Section:
    """Return the table of mounts."""

    async def ask(helper: Sidecar) -> Sequence[Mount]:
        from slimdesk.operations.inspect_container import list_mounts

        return await list_mounts(helper)

    def facts(found: Sequence[Mount]) -> str:
        root = next((one for one in found if one.path == "/"), None)
        told = plural(sum(not one.own for one in found), "mount")
        return told if root is None or root.writable else f"{told}; its root is read-only"

    columns: list[Column[Mount]] = [
        Column("path", "Path", lambda one: one.path, width=150, grows=True, font="mono", cell_tip=lambda one: one.path,
               tone=lambda one: "text3" if one.own else None),
        Column("kind", "Kind", lambda one: one.kind, width=74),
        Column("writable", "Writable", lambda one: "yes" if one.writable else "no", width=74),
        Column("source", "From", lambda one: one.source, width=140, grows=True, font="mono", cell_tip=lambda one: one.source),
        Column("own", "By", lambda one: "the engine" if one.own else "its start", width=90,
               tip="What every engine mounts by itself is grey; the rest was asked for when it was started"),
        Column("options", "Options", lambda one: one.options, width=150, cell_tip=lambda one: one.options),
    ]  # fmt: skip
    return TableSection("Mounts", columns, ask, facts)


@dataclass(frozen=True, slots=True)
class Limit:
    """One line of the limits, in words; `near`: more than nine tenths of it are used, or it was hit."""

    name: str
    limit: str
    used: str
    near: bool = False
    tip: str = ""


def limits() -> Section:
    """Return the table of limits."""

    async def ask(helper: Sidecar) -> Sequence[Limit]:
        from slimdesk.operations.inspect_container import read_limits

        return limit_lines(await read_limits(helper))

    columns: list[Column[Limit]] = [
        Column("name", "What", lambda one: one.name, width=220, grows=True, font="strong", cell_tip=lambda one: one.tip),
        Column("limit", "Limit", lambda one: one.limit, right=True, width=150),
        Column("used", "Used", lambda one: one.used, right=True, width=150, tone=lambda one: "warn" if one.near else None),
    ]  # fmt: skip
    return TableSection("Limits", columns, ask, _near, live=True)


def limit_lines(found: Limits) -> list[Limit]:
    """Return the container's limits first, then those of its process."""
    cpus = "none" if found.cpus is None else f"{found.cpus:g} processors"
    waited = "" if found.throttled is None else f"waited {format_seconds(found.throttled)}"
    lines = [
        Limit(
            "Memory",
            _most(found.memory, format_bytes),
            format_bytes(found.memory_used),
            _is_near(found.memory_used, found.memory),
            "Of all its processes together; more, and the kernel ends one of them",
        ),
        Limit(
            "Processes ended for want of memory",
            "",
            UNKNOWN if found.oom_kills is None else str(found.oom_kills),
            bool(found.oom_kills),
        ),
        Limit("Processors", cpus, waited or UNKNOWN, bool(found.throttled and found.cpus)),
        Limit(
            "Processes and threads",
            _most(found.pids, str),
            UNKNOWN if found.pids_used is None else str(found.pids_used),
            _is_near(found.pids_used, found.pids),
        ),
    ]
    return lines + [_of_process(one) for one in found.process]


def _of_process(one: ProcessLimit) -> Limit:
    def words(number: int) -> str:
        return format_bytes(number) if one.unit == "bytes" else f"{number} {one.unit}".rstrip()

    soft, hard = _most(one.soft, words), _most(one.hard, words)
    tip = (
        f"ulimit of the process itself; it may raise it to {hard}"
        if soft != hard
        else "ulimit of the process itself"
    )
    return Limit((one.name[:1].upper() + one.name[1:]).replace("Cpu", "CPU"), soft, "", tip=tip)


def _most(value: int | None, words: Callable[[int], str]) -> str:
    return "none" if value is None else words(value)


def _is_near(used: int | None, most: int | None) -> bool:
    return used is not None and most is not None and used > 0.9 * most


def _near(found: Sequence[Limit]) -> str:
    near = [one.name.lower() for one in found if one.near]
    return f"Close to its limit: {', '.join(near)}" if near else "Nothing is close to its limit"
