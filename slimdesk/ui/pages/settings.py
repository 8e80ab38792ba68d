"""Settings: everything takes effect at once; there is nothing to save."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHeaderView,
    QLayout,
    QLineEdit,
    QRadioButton,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import visible
from slimdesk.basics.programs import find_program
from slimdesk.dockerfile.hadolint import find_hadolint
from slimdesk.scan import scanners
from slimdesk.ui.desk import Desk
from slimdesk.ui.frame.engine_chip import engine_title
from slimdesk.ui.pages.page import Page
from slimdesk.ui.pages.variants_advice import wish_switch
from slimdesk.ui.theme.fonts import fix_height, fix_width, most_width, scaled, set_font
from slimdesk.ui.theme.tokens import Token
from slimdesk.ui.widgets.buttons import Button, SegmentedSwitch
from slimdesk.ui.widgets.headers import PageHeader
from slimdesk.ui.widgets.layout import clear, column, line, row
from slimdesk.ui.widgets.notice import Notice, sentence
from slimdesk.ui.widgets.text import Icon, Text
from slimdesk.workspace.settings import DefaultOptions, mirror_table

_LABEL = 200
_WIDTH = 860

SIZES = {
    "download": "Compressed layers, as a registry sends them. What docker pull fetches.",
    "unpacked": "The uncompressed layer archives. What Trivy calls size.",
    "files": "The sizes of all files in all layers. What dive and Syft show.",
    "live": "The files visible at the end, each hard-linked body once. What a container sees.",
}
_OPTIONS = (
    ("cache_mounts", "Cache mounts", "Package managers keep their downloads between builds"),
    ("healthcheck", "HEALTHCHECK", "A check in the image; written without a shell where there is none"),
    ("debug", "Debug variant", "The same image with a shell"),
    ("pin", "Pin base images by digest", "FROM name:tag@sha256:…, so that a build can be repeated"),
)
_TOOLS = (
    ("hadolint", "Lints Dockerfiles"),
    ("trivy", "Scans for vulnerabilities"),
    ("grype", "Scans for vulnerabilities"),
    ("docker-scout", "Asks Docker's service about vulnerabilities"),
    ("syft", "Lists packages"),
    ("docker-buildx", "Builds for other platforms"),
    ("docker", "The command line, for the commands that SlimDesk shows"),
)


class SettingsPage(Page):
    """One column of sections."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._appearance = SegmentedSwitch(
            "Appearance",
            (("system", "System"), ("light", "Light"), ("dark", "Dark")),
            self.workspace.settings.appearance,
        )
        self._appearance.chosen.connect(lambda value: desk.change_settings(appearance=value))
        zoom = row(
            Button("Smaller", "minus", lambda: desk.actions.run("zoom-out")),
            Button("Larger", "plus", lambda: desk.actions.run("zoom-in")),
            Button("As the system has it", clicked=lambda: desk.actions.run("zoom-reset"), kind="flat"),
            1,
        )
        self._size = SegmentedSwitch(
            "Current size", [(key, key.capitalize()) for key in SIZES], self.workspace.current_size
        )
        self._size.chosen.connect(lambda value: desk.change_settings(current_size=value))
        self._size_words = Text("", "small", "text2", wrap=True)
        self._engine = column(spacing=6)
        self._options: dict[str, QCheckBox] = {}
        self._mirrors = MirrorTable(desk)
        self._editor = QLineEdit(self.workspace.settings.editor)
        self._editor.setPlaceholderText("The system's own program for the file")
        self._editor.setAccessibleName("Editor command")
        self._editor.editingFinished.connect(lambda: desk.change_settings(editor=self._editor.text().strip()))
        self._proxies = column(spacing=4)
        self._tools = column(spacing=6)
        sections = column(
            _section("Appearance", (("Theme", row(self._appearance, 1)), ("Size of type", zoom))),
            _section(
                "Sizes",
                (("Current size", column(row(self._size, 1), self._size_words, spacing=4)),),
                "The one kind of size that bars, factors and verdicts use, on every page.",
            ),
            _section("Engine", (("Context", self._engine),)),
            _section(
                "Mirrors",
                (("", column(self._mirrors, spacing=6)),),
                "Base images are fetched from the prefix instead of the registry or name on the left.",
            ),
            _section(
                "Proxies",
                (("", self._proxies),),
                "From Docker's client configuration and the environment; they go into builds as build arguments.",
            ),
            _section("New Dockerfiles", (("", self._option_boxes()),), "What a component starts with."),
            _section(
                "Files",
                (("Open with", self._editor),),
                "A command such as code --goto; the file and line follow.",
            ),
            _section(
                "Tools found",
                (("", self._tools),),
                "SlimDesk uses them where they are; it needs none of them.",
            ),
            1,
            margins=(20, 8, 20, 24),
            spacing=0,
        )
        inside = QWidget()
        most_width(inside, _WIDTH)
        inside.setLayout(sections)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(inside)
        self._scroll.setAccessibleName("Settings")
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setLayout(column(PageHeader("Settings"), self._scroll, spacing=0))
        self.workspace.observe("settings", self._show)
        self.workspace.observe("engine", self._show_engine)
        self._show()

    def entered(self) -> None:
        """Look for the tools, and read the proxies."""
        self.desk.spawn(self._look())

    def panes(self) -> Sequence[QWidget]:
        """One pane."""
        return (self._appearance.findChildren(QWidget)[0],)

    def reload(self) -> None:
        """Look again."""
        self.desk.spawn(self._look())
        if self.desk.opener is not None:
            self.desk.opener.ask_engine()

    def _show(self) -> None:
        settings = self.workspace.settings
        self._appearance.choose(settings.appearance)
        self._size.choose(settings.current_size)
        self._size_words.setText(SIZES[settings.current_size])
        for key, box in self._options.items():
            blocked = box.blockSignals(True)
            box.setChecked(getattr(settings.options, key))
            box.blockSignals(blocked)
        self._wish.choose(settings.options.prefer)
        self._show_engine()

    def _show_engine(self) -> None:
        clear(self._engine)
        status = self.workspace.engine
        if status is None:
            summary: tuple[str, Token, str] = ("circle-fill", "line_strong", engine_title(status))
        elif status.reachable:
            summary = ("circle-fill", "good", f"{engine_title(status)} at {visible(status.endpoint or '')}")
        else:
            summary = (
                "warning-fill",
                "warn",
                sentence(visible(status.reason or "The engine does not answer")),
            )
        line_of = row(Icon(summary[0], summary[1], 12), Text(summary[2], wrap=True))
        line_of.setStretch(1, 1)
        self._engine.addLayout(line_of)
        own = self.workspace.settings.context
        choices: list[tuple[str | None, str, str]] = [(None, "As docker itself chooses", "")]
        for one in status.contexts if status else ():
            # What was just said of the engine in use is not said again.
            told = status is not None and one.reason == status.reason
            why = "" if one.reachable else "does not answer"
            if why and one.reason and not told:
                why = f"{why}: {visible(one.reason)}"
            choices.append((one.name, visible(one.name), why or visible(one.endpoint)))
        if own is not None and own not in [key for key, _, _ in choices]:
            choices.append((own, visible(own), "chosen before, not there now"))
        stops: list[QWidget] = [self._size.findChildren(QWidget)[-1]]
        for key, word, more in choices:
            button = QRadioButton(word)
            stops.append(button)
            button.setChecked(own == key)
            button.setAccessibleDescription(more)
            button.clicked.connect(lambda _checked=False, name=key: self._use(name))
            said = Text(more, "small", "text2", wrap=True) if more else None
            line_of = row(button, said)
            line_of.addStretch(0 if said is not None else 1)
            if said is not None:
                line_of.setStretch(1, 1)
            self._engine.addLayout(line_of)
        again = Button("Ask again", "arrow-clockwise", lambda: self.desk.actions.run("ask-engine"))
        self._engine.addLayout(row(again, 1, margins=(0, 4, 0, 0)))
        # What is made anew would come last.
        for before, after in pairwise((*stops, again, self._mirrors.table)):
            QWidget.setTabOrder(before, after)

    def _use(self, name: str | None) -> None:
        if self.desk.opener is not None and name != self.workspace.settings.context:
            self.desk.opener.use_context(name)

    def _option_boxes(self) -> QLayout:
        boxes = column(spacing=8)
        for key, word, why in _OPTIONS:
            box = QCheckBox(word)
            box.setAccessibleDescription(why)
            box.toggled.connect(lambda checked, name=key: self._option(name, checked))
            self._options[key] = box
            boxes.addLayout(row(box, Text(why, "small", "text2"), 1))
        self._wish = wish_switch()
        self._wish.chosen.connect(lambda word: self._option("prefer", word))
        boxes.addLayout(row(Text("What matters most", "body", "text2"), self._wish, 1, margins=(0, 4, 0, 0)))
        return boxes

    def _option(self, key: str, value: bool | str) -> None:
        options: DefaultOptions = replace(self.workspace.settings.options, **{key: value})  # type: ignore[arg-type]
        self.desk.change_settings(options=options)

    async def _look(self) -> None:
        found = await asyncio.to_thread(lambda: {name: _program(name) for name, _ in _TOOLS})
        proxies = await asyncio.to_thread(_proxies)
        clear(self._tools)
        for name, what in _TOOLS:
            path = found[name]
            picture = "check-circle-fill" if path else "minus-circle"
            role: Token = "good" if path else "text3"
            word = Text(name, "mono")
            fix_width(word, 120)
            where = Text(visible(path) if path else f"not found. {what}", "small", "text2")
            self._tools.addLayout(
                row(Icon(picture, role, 16, "Found" if path else "Not found"), word, where, 1)
            )
        clear(self._proxies)
        for name, value in proxies:
            word = Text(name, "mono")
            fix_width(word, 120)
            self._proxies.addLayout(row(word, Text(value, "mono", "text2"), 1))
        if not proxies:
            self._proxies.addWidget(Text("None set", "body", "text2"))


class MirrorTable(QWidget):
    """Upstream and prefix, side by side; a wrong line is told below and nothing is kept until it is mended."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.table = QTableWidget(0, 2)
        self.table.setAccessibleName("Mirrors")
        self.table.setHorizontalHeaderLabels(["Registry or name", "Fetched from"])
        head = self.table.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        fix_height(head, 28)
        set_font(head, "small")
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(scaled(30))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setTabKeyNavigation(False)
        set_font(self.table, "mono")
        for upstream, prefix in sorted(desk.workspace.settings.mirrors.items()):
            self._add(upstream, prefix)
        self.table.itemChanged.connect(self._changed)
        self._problem = column(spacing=0)
        add = Button("Add a mirror", "plus", self.add)
        self._remove_button = Button("Remove", "minus", self._remove, kind="flat")
        self.setLayout(column(self.table, self._problem, row(add, self._remove_button, 1), spacing=6))
        self._fit()

    def add(self, upstream: str = "docker.io", prefix: str = "") -> None:
        """Begin a new line."""
        blocked = self.table.blockSignals(True)
        self._add(upstream, prefix)
        self.table.blockSignals(blocked)
        self._fit()
        last = self.table.rowCount() - 1
        self.table.setCurrentCell(last, 1)
        cell = self.table.item(last, 1)
        if cell is not None:
            self.table.editItem(cell)

    def _add(self, upstream: str, prefix: str) -> None:
        number = self.table.rowCount()
        self.table.insertRow(number)
        for place, text in enumerate((upstream, prefix)):
            self.table.setItem(number, place, QTableWidgetItem(text))

    def _remove(self) -> None:
        if self.table.currentRow() >= 0:
            self.table.removeRow(self.table.currentRow())
            self._fit()
            self._changed()

    def _changed(self) -> None:
        clear(self._problem)
        lines = {}
        for number in range(self.table.rowCount()):
            cells = [self.table.item(number, place) for place in (0, 1)]
            texts = [cell.text() if cell is not None else "" for cell in cells]
            lines[texts[0]] = texts[1]
        try:
            table = mirror_table(lines)
        except BadInput as error:
            self._problem.addWidget(Notice("warn", str(error), closable=False))
            return
        self._desk.change_settings(mirrors=table)

    def _fit(self) -> None:
        rows = self.table.rowCount() * self.table.verticalHeader().defaultSectionSize()
        self.table.setFixedHeight(rows + self.table.horizontalHeader().height() + 2)
        any_row = self.table.rowCount() > 0
        self.table.setVisible(any_row)
        self._remove_button.setVisible(any_row)


def _section(title: str, lines: Sequence[tuple[str, QLayout | QWidget]], about: str = "") -> QWidget:
    box = column(spacing=10)
    head = Text(title, "section")
    box.addLayout(column(head, Text(about, "small", "text2", wrap=True) if about else None, spacing=2))
    for label, content in lines:
        inner = QWidget()
        if isinstance(content, QWidget):
            inner.setLayout(row(content))
        else:
            inner.setLayout(content)
        if label:
            name = Text(label, "body", "text2")
            fix_width(name, _LABEL)
            one = row(name, inner)
            one.setAlignment(name, Qt.AlignmentFlag.AlignTop)
            one.setStretch(1, 1)
            name.setContentsMargins(0, 5, 0, 0)
            box.addLayout(one)
        else:
            box.addWidget(inner)
    section = QWidget()
    section.setLayout(column(box, line(), margins=(0, 14, 0, 0), spacing=16))
    return section


def _program(name: str) -> str | None:
    """Return where a program is, looked for wherever SlimDesk looks when it needs it; blocking."""
    known = next((one for one in scanners() if name in (one.programs or (one.name,))), None)
    found = (
        known.find() if known is not None else find_hadolint() if name == "hadolint" else find_program(name)
    )
    return str(found) if found else None


def _proxies() -> list[tuple[str, str]]:
    """Return the proxies by name, without passwords; blocking."""
    import os
    import re

    from slimdesk.engine.endpoint import client_configuration

    found: dict[str, str] = {}
    configured = client_configuration().get("proxies", {})
    default = configured.get("default", {}) if isinstance(configured, dict) else {}
    if isinstance(default, dict):
        found.update({str(key): f"{value} (Docker's client configuration)" for key, value in default.items()})
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        value = os.environ.get(name) or os.environ.get(name.lower())
        if value:
            found[name] = f"{value} (environment)"
    hidden = re.compile(r"//[^/@\s]*@")
    return [(visible(name), visible(hidden.sub("//…@", value), 200)) for name, value in found.items()]
