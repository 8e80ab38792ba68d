"""The multi-stage Dockerfile beside the author's own: the difference, what was kept, changed and dropped and why, and saving it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QDialog, QStackedWidget, QWidget
from shiboken6 import isValid

from slimdesk.basics.errors import BadInput, UnavailableFamily
from slimdesk.basics.escaping import visible
from slimdesk.basics.units import plural
from slimdesk.catalog.model import FAMILIES, Family
from slimdesk.operations.catalog import catalog_for
from slimdesk.operations.explain import read_dockerfile
from slimdesk.operations.rewrite import Rewritten, rewrite_in
from slimdesk.project.model import Component, Project
from slimdesk.recipes.generate import fits
from slimdesk.recipes.rewrite_merge import Note
from slimdesk.ui.desk import Desk
from slimdesk.ui.dialogs import finished
from slimdesk.ui.pages.variants_save import read_now, write_files
from slimdesk.ui.theme.tokens import Token
from slimdesk.ui.widgets.buttons import Button, PrimaryButton, SegmentedSwitch
from slimdesk.ui.widgets.cards import Cards, lined, said
from slimdesk.ui.widgets.diff_view import DiffView
from slimdesk.ui.widgets.dockerfile_text import DockerfileText
from slimdesk.ui.widgets.layout import TOP, column, line, panel, row
from slimdesk.ui.widgets.side_by_side import SideBySide
from slimdesk.ui.widgets.splitter import RememberedSplitter
from slimdesk.ui.widgets.text import Icon, Tag, Text

_SIZE = (1180, 720)
_WIDEST = (1720, 1000)
_SHARE = 0.92
# A text that is longer is shown up to here, or not at all, so that the window stays quick.
MOST_LETTERS = 300_000
KINDS: tuple[tuple[str, str, str, Token], ...] = (
    ("kept", "Kept", "check", "good"),
    ("changed", "Changed", "arrow-right", "accent_text"),
    ("dropped", "Left out", "minus", "warn"),
)


async def rewrite_own(desk: Desk, project: Project, component: Component, path: Path) -> bool:
    """Show the rewrite of a component's Dockerfile; True if it was saved."""
    available = await desk.blocking(_available, project, component)
    text = await desk.blocking(read_dockerfile, path)
    if len(text) > MOST_LETTERS:
        raise BadInput(f"{visible(path.name)} is not shown beside its rewrite", "it is too long for that")
    dialog = RewriteDialog(desk, project, component, path, text=text, available=available)
    await asyncio.sleep(0)
    try:
        await dialog.rewrite(None)
    except BaseException:
        dialog.deleteLater()
        raise
    if not await finished(dialog):
        return False
    kept = await desk.blocking(write_files, dialog.files())
    names = ", ".join(one.name for one in kept)
    desk.notify("good", f"{path.name} is written.", f"What stood there is in {names}." if names else "")
    return True


class RewriteDialog(QDialog):
    """Accepted = save; `files` are what is to be written."""

    def __init__(
        self,
        desk: Desk,
        project: Project,
        component: Component,
        path: Path,
        *,
        text: str,
        available: tuple[Family, ...],
    ) -> None:
        super().__init__(desk.window)
        self.desk = desk
        self._project, self._component, self._path, self._text = project, component, path, text
        self.found: Rewritten | None = None
        title = f"Rewrite {path.name} as multi-stage"
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.summary = Text("", "body", "text2", wrap=True)
        self.families = QComboBox()
        self.families.setAccessibleName("Family of the base image")
        self.families.addItems(list(available))
        self.families.setEnabled(bool(available))
        self.families.activated.connect(lambda _index: desk.spawn(self.rewrite(self._family())))
        self.views = SegmentedSwitch(
            "How it is shown",
            [("sides", "Side by side"), ("unified", "One below the other"), ("text", "The new text")],
        )
        self.views.chosen.connect(self._show_view)
        self.sides = SideBySide("Your Dockerfile", "Multi-stage")
        self.diff = DiffView()
        self.diff.setProperty("kind", "bare")
        self.text = DockerfileText("The multi-stage Dockerfile")
        self._stack = QStackedWidget()
        for view in (self.sides, self.diff, self.text):
            self._stack.addWidget(view)
        self.notes = NotesList()
        split = RememberedSplitter(
            desk, "rewrite", [self._stack, self.notes], [760, 380], collapses=1, parent=self
        )
        self._save = PrimaryButton("Save into project…", "floppy-disk", self.accept)
        self._copy = Button("Copy", "copy", self._copy_text)
        self._said = Text("", "small", "text2", wrap=True)
        close = Button("Close", clicked=self.reject)
        head = column(
            row(Text(title, "section"), 1, Text("Family", "body", "text2"), self.families, self.views),
            self.summary,
            margins=(20, 16, 20, 12),
            spacing=6,
        )
        foot = row(self._said, close, self._copy, self._save, margins=(20, 10, 20, 14))
        foot.setStretch(0, 1)
        body = column(head, line(), split, line(), foot, spacing=0)
        body.setStretch(2, 1)
        self.setLayout(body)
        fit_dialog(self, desk)

    async def rewrite(self, family: Family | None) -> None:
        """Rewrite for a family, None the recommended one, and show what came of it."""
        try:
            found = await self.desk.blocking(self._rewritten, family)
        except UnavailableFamily as error:
            if not isValid(self):
                return
            self.summary.setText(str(error))
            if self.found is not None and self.found.rewrite is not None:
                self.families.setCurrentText(self.found.rewrite.family)
            return
        self.found = found
        files = await self.desk.blocking(_with_now, self.files(), self._project.root)
        if self.found is found and isValid(self):
            # Closed meanwhile, there is nothing to show it in.
            await self._show(found, files)

    def _rewritten(self, family: Family | None) -> Rewritten:
        return rewrite_in(
            self._project,
            self._component,
            self._text,
            name=self._path.name,
            family=family,
            dockerfile=self._path,
        )

    def files(self) -> list[tuple[Path, str]]:
        """Return what would be written: the Dockerfile where it stands, and a .dockerignore that belongs to it."""
        if self.found is None:
            return []
        done = self.found.rewrite
        if done is None:
            return [(self._path, self.found.mended)]
        found = [(self._path, done.text)]
        if done.dockerignore.strip():
            ignore = self._project.root / self._component.context / ".dockerignore"
            found.append((ignore, done.dockerignore))
        return found

    async def _show(self, found: Rewritten, files: list[tuple[str, str, str]]) -> None:
        """Fill view by view, so that the window answers in between; another family chosen meanwhile ends it."""
        done = found.rewrite
        new = found.mended if done is None else done.text
        if done is not None:
            self.families.setCurrentText(done.family)
            self.summary.setText(_summary(found))
        else:
            self.summary.setText(
                f"{visible(found.reason)} These are the quick fixes alone: "
                f"{plural(len(found.fixes), 'line')} mended, {plural(len(found.left), 'finding')} left."
            )
        findings = done.findings_after if done is not None else found.left
        fills: tuple[Callable[[], object], ...] = (
            lambda: self.sides.show_texts(self._text.replace("\r\n", "\n"), new),
            lambda: self.diff.show_files([one for one in files if one[1] != one[2]]),
            lambda: self.text.show_text(new, None),
            lambda: self.text.show_findings(findings),
            lambda: self.notes.show_notes(done.notes if done is not None else ()),
        )
        for fill in fills:
            fill()
            await asyncio.sleep(0)
            if self.found is not found or not isValid(self):
                return
        changed = [name for name, before, after in files if before != after]
        kept = [name for name, before, after in files if before and before != after]
        words = f"Save writes {' and '.join(changed)}." if changed else "There is nothing to write."
        if kept:
            words += f" What stands there now is kept with .orig at its name's end ({', '.join(kept)})."
        self._said.setText(words)
        self._save.allow(bool(changed), "There is nothing to write")

    def _family(self) -> Family | None:
        return next((one for one in FAMILIES if one == self.families.currentText()), None)

    def _show_view(self, key: str) -> None:
        self._stack.setCurrentWidget({"sides": self.sides, "unified": self.diff, "text": self.text}[key])

    def _copy_text(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self._said.setText("The new text is on the clipboard.")


def fit_dialog(dialog: QDialog, desk: Desk) -> None:
    """Make a dialog as large as its window has room for."""
    room = desk.window.size()
    width = max(_SIZE[0], min(_WIDEST[0], round(room.width() * _SHARE)))
    height = max(_SIZE[1], min(_WIDEST[1], round(room.height() * _SHARE)))
    dialog.resize(min(width, room.width()), min(height, room.height()))


class NotesList(Cards):
    """What became of each line of the old text, in three groups, with reasons."""

    def __init__(self) -> None:
        super().__init__("What was kept, changed and left out")

    def show_notes(self, notes: tuple[Note, ...]) -> None:
        """Show them."""
        makers: list[Callable[[], QWidget]] = []
        for kind, title, picture, tone in KINDS:
            here = [note for note in notes if note.kind == kind]
            if here:
                makers.append(partial(_group, title, len(here)))
                makers += [partial(_note, note, picture, tone, title) for note in here]
        self.show_cards(makers or [partial(said, "No line of it was taken over into a recipe.")])


def _group(title: str, count: int) -> QWidget:
    head = row(Text(title, "strong"), Tag(str(count)), 1, margins=(16, 8, 16, 8))
    return panel(head, "bar", "bottom")


def _note(note: Note, picture: str, tone: Token, meaning: str) -> QWidget:
    what = Text(visible(note.what, 300), "mono", wrap=True)
    head = row(what, spacing=8)
    head.setStretch(0, 1)
    if note.line:
        head.addWidget(Text(f"line {note.line}", "small", "text3"), 0, TOP)
    reason = Text(visible(note.reason, 600), "small", "text2", wrap=True)
    return lined(Icon(picture, tone, 14, meaning), column(head, reason, spacing=2))


def _summary(found: Rewritten) -> str:
    done = found.rewrite
    if done is None:
        return ""
    before, after = len(done.findings_before), len(done.findings_after)
    base = visible(done.generated.dockerfile.stages[-1].base, 80)
    words = f"On {base}: {plural(before, 'finding')} before, {after or 'none'} after."
    if found.guessed:
        words += " The project was guessed from the Dockerfile alone."
    return words


def _available(project: Project, component: Component) -> tuple[Family, ...]:
    found = fits(component, catalog_for(project.root))
    return tuple(fit.family for fit in found if fit.available)


def _with_now(files: list[tuple[Path, str]], root: Path) -> list[tuple[str, str, str]]:
    """Return (name, what stands there now, what would) of each file."""
    return [
        (str(path.relative_to(root)) if path.is_relative_to(root) else str(path), read_now(path), new)
        for path, new in files
    ]
