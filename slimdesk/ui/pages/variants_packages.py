"""Packages that the images get besides: added by name, with what they bring in bytes, before the build and after it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from slimdesk.basics.job import Job
from slimdesk.basics.units import format_bytes, plural
from slimdesk.catalog.model import Family
from slimdesk.image.model import Image
from slimdesk.operations.connect import connected
from slimdesk.operations.packages import Costs, measured, package_costs
from slimdesk.project.package_names import wrong_package
from slimdesk.recipes.model import Options
from slimdesk.ui.desk import Desk
from slimdesk.ui.widgets.buttons import Button, IconButton
from slimdesk.ui.widgets.layout import clear, column, row
from slimdesk.ui.widgets.text import Elided, Text

SHOWN = 8


class PackagesPane(QWidget):
    """Names, a field for another one, and what they cost. Signals: `changed(names)`, `cost_wanted`."""

    changed = Signal(tuple)
    cost_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Packages")
        self._names: tuple[str, ...] = ()
        self._stated: tuple[str, ...] = ()
        self._shown: object = None
        self._field = QLineEdit()
        self._field.setPlaceholderText("libpq5, ffmpeg, fonts-dejavu-core")
        self._field.setAccessibleName("A package to add")
        self._field.returnPressed.connect(self._add)
        self._add_button = Button("Add", "plus", self._add)
        self._wrong = Text("", "small", "bad", wrap=True)
        self._wrong.hide()
        self._list = column(spacing=3)
        self._cost = Text("", "small", "text2", wrap=True)
        self._ask = Button("What do they bring?", "package", self.cost_wanted.emit, kind="flat")
        self.setLayout(
            column(
                Text("Packages", "strong"),
                self._list,
                row(self._field, self._add_button),
                self._wrong,
                self._cost,
                row(self._ask, 1),
                margins=(16, 4, 16, 12),
                spacing=8,
            )
        )

    def show_packages(
        self, names: tuple[str, ...], stated: tuple[str, ...], cost: str, frozen: str, *, can_ask: bool
    ) -> None:
        """Show what was chosen here and what slimdesk.toml states; `cost` is a sentence; `frozen` why nothing can change."""
        shown = (names, stated, cost, frozen, can_ask)
        if shown == self._shown:
            return
        self._shown, self._names, self._stated = shown, names, stated
        clear(self._list)
        for name in stated:
            self._list.addLayout(row(Elided(name, "mono"), Text("slimdesk.toml", "small", "text3")))
        for name in names:
            away = IconButton("x", f"Remove {name}", self._remover(name))
            away.setEnabled(not frozen)
            self._list.addLayout(row(Elided(name, "mono"), away))
        self._field.setEnabled(not frozen)
        self._add_button.setEnabled(not frozen)
        self._field.setToolTip(
            frozen or "A package of the base image's own kind: Debian's names for distroless and slim"
        )
        self._cost.setText(cost)
        self._cost.setVisible(bool(cost))
        self._ask.setVisible(can_ask)

    def _add(self) -> None:
        words = tuple(self._field.text().replace(",", " ").split())
        wanted = tuple(dict.fromkeys((*self._names, *words)))
        wrong = wrong_package(wanted)
        self._wrong.setText(f"{wrong}." if wrong else "")
        self._wrong.setVisible(bool(wrong))
        if wrong is None and wanted != self._names:
            self._field.clear()
            self.changed.emit(wanted)

    def _remover(self, name: str) -> Callable[[], None]:
        return lambda: self.changed.emit(tuple(one for one in self._names if one != name))


def said_of(costs: Costs) -> str:
    """Return in a sentence what packages bring to their base image."""
    if costs.packages is None:
        return f"Not known before the build: {costs.reason}."
    if not costs.packages:
        return f"{costs.base.reference} has them already."
    more = [one.name for one in costs.packages if one.because]
    with_others = (
        f" with {plural(len(more), 'other')} ({', '.join(more[:SHOWN])}{'…' if len(more) > SHOWN else ''})"
    )
    what = ", ".join(one.name for one in costs.packages if not one.because) or ", ".join(costs.names)
    return (
        f"{what}{with_others if more else ''}: {format_bytes(costs.download)} to fetch, "
        f"at most {format_bytes(costs.unpacked)} on disk."
    )


def said_after(image: Image | None) -> str:
    """Return in a sentence what the packages' layer of a built image holds; empty where there is none."""
    layer = measured(image) if image is not None else None
    return "" if layer is None else f"In this image: {format_bytes(layer.sizes.files)} of files, measured."


async def ask_costs(desk: Desk, family: Family, options: Options) -> str:
    """Ask the distribution, through the engine, as a job; return the sentence. Raises SlimDeskError."""
    workspace = desk.workspace
    project, component = workspace.project, workspace.component
    if project is None or component is None:
        return ""

    async def work(job: Job) -> str:
        async with connected(workspace.settings.context) as engine:
            found = await package_costs(engine, project, component, family, options=options, reporter=job)
        job.summary = said_of(found)
        return job.summary

    return await desk.job(f"Ask what the packages of {component.name}:{family} bring", "read", work)
