"""How to use an image: commands and files with what verify has proved, to copy or to save; and its way to a registry."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QLineEdit, QPlainTextEdit

from slimdesk.basics.escaping import visible
from slimdesk.basics.files import write_whole
from slimdesk.operations.push import why_no_name
from slimdesk.operations.use_it import Proven, Recipe, recipes, registry_of
from slimdesk.ui.desk import Desk
from slimdesk.ui.dialogs import pick_new_file
from slimdesk.ui.theme.fonts import set_font
from slimdesk.ui.widgets.buttons import Button, PrimaryButton, SegmentedSwitch
from slimdesk.ui.widgets.layout import column, line, panel, row
from slimdesk.ui.widgets.text import Icon, Text

TITLE = "Use it"
_SIZE = (900, 620)


class UseItDialog(QDialog):
    """Accepted = push the image as `name`."""

    def __init__(self, desk: Desk, one: Proven) -> None:
        super().__init__(desk.window)
        self._desk = desk
        self._one = one
        self._recipes: tuple[Recipe, ...] = ()
        self.setWindowTitle(TITLE)
        self.setAccessibleName(TITLE)
        self.field = QLineEdit(one.name)
        self.field.setAccessibleName("Image name")
        self.field.setToolTip(
            "With a registry in front, such as registry.example.com/team/shop:1.0, it can be pushed"
        )
        self.field.textChanged.connect(self._renamed)
        self.problem = Text("", "small", "bad", wrap=True)
        self.choices = SegmentedSwitch("What for", [(one.key, one.title) for one in recipes(one)])
        self.choices.chosen.connect(self._show)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName("What to run or to save")
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        set_font(self.text, "mono")
        self.note = Text("", "small", "text2", wrap=True)
        self.copy = Button("Copy", "copy", self._copy)
        self.write = Button("Save as file…", "floppy-disk", lambda: desk.spawn(self._write()))
        self.push = PrimaryButton(
            "Push", "export", self.accept, tip="Tag the image with this name and push it"
        )
        proved = row(
            Icon("check-circle-fill" if one.runs else "warning-fill", "good" if one.runs else "warn"),
            Text(_proved_words(one), "body", "text2", wrap=True),
        )
        proved.setStretch(1, 1)
        head = column(
            Text(f"Use {visible(one.image, 120)}", "section", wrap=True), proved,
            row(Text("Image name", "body"), self.field), self.problem, margins=(20, 14, 20, 10), spacing=8,
        )  # fmt: skip
        body = column(
            row(self.choices, 1, self.copy, self.write),
            self.text,
            self.note,
            margins=(20, 10, 20, 8),
            spacing=8,
        )
        close = Button("Close", clicked=self.reject)
        self.setLayout(
            column(
                panel(head),
                line(),
                body,
                line(),
                row(1, close, self.push, margins=(20, 10, 20, 14)),
                spacing=0,
            )
        )
        room = desk.window.size()
        self.resize(min(_SIZE[0], room.width()), min(_SIZE[1], room.height()))
        self._renamed()

    @property
    def name(self) -> str:
        """The name to be pushed as."""
        return self.field.text().strip()

    @property
    def recipe(self) -> Recipe:
        """What is shown."""
        return next(one for one in self._recipes if one.key == self.choices.value)

    def _renamed(self) -> None:
        why = why_no_name(self.name)
        self.problem.setText(f"No name for an image: {why}" if why else "")
        self.problem.setVisible(bool(why))
        self.push.allow(
            not why and registry_of(self.name) is not None,
            "Put the registry in front of the name first, such as registry.example.com/team/shop:1.0",
        )
        if not why:
            self._recipes = recipes(replace(self._one, name=self.name))
            self._show()

    def _show(self, *_: object) -> None:
        shown = self.recipe
        self.text.setPlainText(shown.text)
        self.note.setText(shown.note)
        self.note.setVisible(bool(shown.note))
        self.write.setVisible(bool(shown.file))
        self.write.setToolTip(f"Usually {shown.file}" if shown.file else "")
        self.copy.setText("Copy")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.recipe.text)
        self.copy.setText("Copied")

    async def _write(self) -> None:
        shown = self.recipe
        path = await pick_new_file(
            self, f"Save {shown.title}", Path(shown.file).name, ("YAML (*.yaml *.yml)",)
        )
        if path is not None:
            await self._desk.blocking(write_whole, path, shown.text)
            self._desk.notify(
                "good", f"{visible(path.name, 100)} is written.", visible(str(path.parent), 300)
            )


def _proved_words(one: Proven) -> str:
    if not one.runs:
        return "Not proved yet: verify it, and how it is run stands here too."
    proved = [f"it runs as {visible(one.user, 40)}" if one.user else "it runs"]
    if one.port is not None:
        answer = f" with {one.http_status}" if one.http_status else ""
        proved.append(f"it answers on port {one.port}{answer}")
    if one.read_only:
        proved.append("its root may be read-only")
    return f"Proved by verify: {', '.join(proved)}. Nothing else is set."
