"""A Dockerfile that comes without its folder: what was repaired, what is wrong with it, and the better one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QDialog, QStackedWidget, QWidget

from slimdesk.basics.errors import BadInput, DockerfileError, OutputError, ProjectError, SlimDeskError
from slimdesk.basics.escaping import visible
from slimdesk.basics.units import plural
from slimdesk.catalog.model import FAMILIES, Family
from slimdesk.dockerfile.clutter import Repair
from slimdesk.dockerfile.fixes import Fix, apply
from slimdesk.dockerfile.syntax_fixes import SyntaxFix
from slimdesk.operations.checks import Told
from slimdesk.operations.detect import open_project
from slimdesk.operations.explain import read_dockerfile
from slimdesk.operations.own_dockerfile import OwnDockerfile
from slimdesk.operations.paste import Pasted, worth_reading
from slimdesk.operations.rewrite import save_text
from slimdesk.project.model import Component, Project
from slimdesk.ui.desk import Desk
from slimdesk.ui.dialogs import finished, pick_folder, pick_new_file
from slimdesk.ui.pages.pasted_reading import Looked, fitting_component, judged, look
from slimdesk.ui.pages.project_dockerfile import error_card, lint_words
from slimdesk.ui.pages.rewrite_dialog import NotesList, fit_dialog
from slimdesk.ui.widgets.buttons import Button, PrimaryButton, SegmentedSwitch
from slimdesk.ui.widgets.cards import lined, said
from slimdesk.ui.widgets.dockerfile_text import DockerfileText
from slimdesk.ui.widgets.layout import column, line, row
from slimdesk.ui.widgets.side_by_side import SideBySide
from slimdesk.ui.widgets.splitter import RememberedSplitter
from slimdesk.ui.widgets.text import Icon, Text
from slimdesk.ui.widgets.told_list import ToldList

MAX_LETTERS = 200_000
EDIT_MS = 400
VIEWS = (("pasted", "As it came"), ("mended", "Mended"), ("stages", "Multi-stage"), ("sides", "Side by side"))


def paste_dockerfile(desk: Desk) -> None:
    """Show what is on the clipboard, if that is a Dockerfile; else say what would be."""
    text = QGuiApplication.clipboard().text()
    if not text.strip():
        desk.notify(
            "info",
            "The clipboard is empty.",
            "Copy a Dockerfile, from an article for example, and paste it here.",
        )
    elif len(text) > MAX_LETTERS:
        desk.notify(
            "info", "What is on the clipboard is too long for a Dockerfile.", "Drop the file instead."
        )
    else:
        desk.spawn(_show_pasted(desk, text))


async def _show_pasted(desk: Desk, text: str) -> None:
    if await desk.blocking(worth_reading, text):
        await show_text(desk, text, "Pasted Dockerfile")
    else:
        why = "One has a FROM line and at least one more instruction."
        desk.notify("info", "What is on the clipboard is no Dockerfile.", why)


async def show_file(desk: Desk, path: Path) -> None:
    """Show a Dockerfile that was dropped or opened. Raises BadInput if it cannot be read."""
    text = await desk.blocking(read_dockerfile, path)
    if len(text) > MAX_LETTERS:
        raise BadInput(f"{visible(path.name)} is not shown", "it is too long for a Dockerfile")
    await show_text(desk, text, visible(path.name), path)


async def show_text(desk: Desk, text: str, title: str, path: Path | None = None) -> None:
    """Show a text until the person closes it."""
    dialog = PastedDialog(desk, title, path)
    # It opens at once: checking takes a moment where hadolint is installed.
    reading = desk.spawn(dialog.take(text))
    try:
        await finished(dialog)
    finally:
        dialog.stop()
        reading.cancel()


class PastedDialog(QDialog):
    """Four views of one text; what is left of the middle is shown, what is right of it says why."""

    def __init__(self, desk: Desk, title: str, path: Path | None = None) -> None:
        super().__init__(desk.window)
        self.desk = desk
        self.looked: Looked | None = None
        self._path = path
        self._target: tuple[Project, Component] | None = None
        self._repairs: tuple[Repair, ...] = ()
        self._family: Family | None = None
        self._stale: set[str] = set()
        self._showing = False
        self._number = 0
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.summary = Text("", "body", "text2", wrap=True)
        self.families = QComboBox()
        self.families.setAccessibleName("Family of the base image")
        self.families.activated.connect(lambda _index: self._choose_family())
        self._family_word = Text("Family", "body", "text2")
        self.views = SegmentedSwitch("What is shown", VIEWS)
        self.views.chosen.connect(self._show_view)
        self.pasted = DockerfileText("The Dockerfile as it came", editable=True)
        self.mended = DockerfileText("The mended Dockerfile", editable=True)
        self.stages = DockerfileText("The multi-stage Dockerfile")
        self.sides = SideBySide("As it came", "Multi-stage")
        self.faults = ToldList("What is wrong with it", fix_word="Fix")
        self.left = ToldList("What is left after mending", fix_word="Fix")
        self.notes = NotesList()
        self._texts, self._reasons = QStackedWidget(), QStackedWidget()
        for view in (self.pasted, self.mended, self.stages, self.sides):
            self._texts.addWidget(view)
        for reason in (self.faults, self.left, self.notes):
            self._reasons.addWidget(reason)
        self.faults.line_wanted.connect(self.pasted.light)
        self.left.line_wanted.connect(self.mended.light)
        self.faults.fix_wanted.connect(self._fix)
        self.left.fix_wanted.connect(self._fix_mended)
        split = RememberedSplitter(desk, "pasted", [self._texts, self._reasons], [680, 440], collapses=1)
        self._said = Text("", "small", "text2", wrap=True)
        folder = Button("Open a folder for it…", "folder-open", lambda: desk.spawn(self._open_folder()))
        folder.setToolTip("With its project the multi-stage Dockerfile is made from facts, not guessed")
        close = Button("Close", clicked=self.reject)
        copy = Button("Copy", "copy", self._copy)
        self.save = PrimaryButton("Save as…", "floppy-disk", lambda: desk.spawn(self._save()))
        head = column(
            row(Text(title, "section"), 1, self._family_word, self.families, self.views),
            self.summary,
            margins=(20, 16, 20, 12),
            spacing=6,
        )
        foot = row(self._said, folder, close, copy, self.save, margins=(20, 10, 20, 14))
        foot.setStretch(0, 1)
        body = column(head, line(), split, line(), foot, spacing=0)
        body.setStretch(2, 1)
        self.setLayout(body)
        fit_dialog(self, desk)
        self._typed, self._typed_mended = QTimer(self), QTimer(self)
        for timer, editor, act in (
            (self._typed, self.pasted, self._ask),
            (self._typed_mended, self.mended, self._judge_mended),
        ):
            timer.setSingleShot(True)
            timer.setInterval(EDIT_MS)
            timer.timeout.connect(act)
            editor.textChanged.connect(lambda timer=timer: self._edited(timer))
        self._show_view("pasted")

    async def take(self, text: str) -> None:
        """Read a text that just came, and show it."""
        self._put(text)
        self.summary.setText("It is being read…")
        for key, _ in VIEWS[1:]:
            self.views.allow(key, False, "It is being read")
        self._number += 1
        number = self._number
        try:
            looked = await self.desk.blocking(lambda: look(text, None, self._target, repair=True))
        except SlimDeskError as error:
            self.summary.setText(str(error))
            return
        # What the person has typed meanwhile is read on its own.
        if number != self._number or self._typed.isActive():
            return
        self._put(looked.pasted.text)
        self._show(looked)

    def _put(self, text: str) -> None:
        self._showing = True
        self.pasted.show_text(text, None)
        self._showing = False

    def stop(self) -> None:
        """Read no more: it is closed."""
        self._number += 1
        self._typed.stop()
        self._typed_mended.stop()

    def text(self) -> str:
        """Return the text that Copy and Save as take: the one that is shown; beside one another, the new one."""
        key = self.views.value
        view = {"pasted": self.pasted, "mended": self.mended}.get(key, self.stages)
        return view.toPlainText()

    # Reading again

    def _edited(self, timer: QTimer) -> None:
        if not self._showing:
            timer.start()

    def _ask(self) -> None:
        self.desk.spawn(self._look_again())

    def _choose_family(self) -> None:
        self._family = next((one for one in FAMILIES if one == self.families.currentText()), None)
        self._ask()

    async def _look_again(self) -> None:
        self._number += 1
        number, text = self._number, self.pasted.toPlainText()
        family, target = self._family, self._target
        looked = await self.desk.blocking(lambda: look(text, family, target, repair=False))
        if number == self._number:
            self._show(looked)

    def _judge_mended(self) -> None:
        self.desk.spawn(self._look_at_mended())

    async def _look_at_mended(self) -> None:
        number, text = self._number, self.mended.toPlainText()
        found = await self.desk.blocking(judged, text, self._target)
        if number == self._number:
            self._show_checked(found, self.mended, self.left)

    # Showing

    def _show(self, looked: Looked) -> None:
        before = self.looked.mended if self.looked is not None else None
        self.looked = looked
        pasted = looked.pasted
        if pasted.repairs:
            self._repairs = pasted.repairs
        repairs = [
            partial(said, f"{one.title} ({plural(one.lines, 'line')}).", "check") for one in self._repairs
        ]
        slips = self._slips() if looked.own.error is not None else []
        self._show_checked(looked.own, self.pasted, self.faults, repairs, slips)
        has_more = looked.mended is not None
        # What the person made of the mended text stays as long as the one that came is the same.
        if looked.mended is not None and (before is None or before.text != looked.mended.text):
            self._showing = True
            self.mended.replace_text(looked.mended.text)
            self._showing = False
            self._stale.add("mended")
        done = pasted.rewrite
        reason = pasted.rewritten.reason if pasted.rewritten is not None else "it cannot be read yet"
        self.views.allow("mended", has_more, "It cannot be read yet: see what is wrong")
        for key in ("stages", "sides"):
            self.views.allow(key, done is not None, visible(reason))
        if done is not None:
            self.stages.show_text(done.text, None)
            self.stages.show_findings(done.findings_after)
            self._stale |= {"sides", "notes"}
            self.families.clear()
            self.families.addItems(list(dict.fromkeys((*looked.families, done.family))))
            self.families.setCurrentText(done.family)
        elif self.views.value in ("stages", "sides"):
            self.views.choose("pasted")
            self._show_view("pasted")
        self.summary.setText(self._summary(looked))
        self._fill(self.views.value)
        self._show_family()

    def _fill(self, key: str) -> None:
        """Make what a view needs when it is seen, not before."""
        looked = self.looked
        done = looked.pasted.rewrite if looked is not None else None
        if key == "mended" and "mended" in self._stale and looked is not None and looked.mended is not None:
            self._stale.discard("mended")
            done_so_far = looked.pasted.rewritten.fixes if looked.pasted.rewritten is not None else ()
            made = [partial(_mend, one) for one in done_so_far]
            self._show_checked(looked.mended, self.mended, self.left, [*self._slips(), *made])
        if key in ("stages", "sides") and "notes" in self._stale and done is not None:
            self._stale.discard("notes")
            self.notes.show_notes(done.notes)
        if key == "sides" and "sides" in self._stale and done is not None:
            self._stale.discard("sides")
            self.sides.show_texts(self.pasted.toPlainText(), done.text)

    def _show_checked(
        self,
        found: OwnDockerfile,
        view: DockerfileText,
        side: ToldList,
        above: Sequence[Callable[[], QWidget]] = (),
        below: Sequence[Callable[[], QWidget]] = (),
    ) -> None:
        """Mark the lines of a view and list what is found; `below` stands under what BuildKit refuses."""
        if found.error is not None:
            place = found.error.line or 1
            view.show_marks({place: ("error", visible(found.error.why or found.error.what))})
            side.show_told((), "", above=[*above, partial(_error, found, found.error, view), *below])
            # Who is typing keeps the cursor where it is.
            view.light(place, go=not view.hasFocus())
            return
        view.show_findings(tuple(one.finding for one in found.told))
        if view.lit is not None:
            view.light(None)
        lacks = [partial(said, lint_words(found.lint_missing))] if found.lint_missing else []
        side.show_told(found.told, "Nothing is wrong with it.", above=[*above, *lacks])

    def _slips(self) -> list[Callable[[], QWidget]]:
        """What mending would change so that it can be read."""
        fixes = self.looked.pasted.syntax_fixes if self.looked is not None else ()
        return [partial(_slip, one) for one in fixes]

    def _summary(self, looked: Looked) -> str:
        pasted = looked.pasted
        if pasted.mended is None:
            return "BuildKit would refuse it, and what was meant is not plain: mend the line that is marked."
        count = len(looked.own.told)
        words = (
            "BuildKit would refuse it; “Mended” is how it can be built."
            if pasted.error is not None
            else f"{plural(count, 'fault')} found."
            if count
            else "Nothing is wrong with it."
        )
        if looked.mended is not None and pasted.error is None and count:
            words += f" Mended, {plural(len(looked.mended.told), 'fault')} would be left."
        if looked.refused:
            return f"{words} {visible(looked.refused)}"
        return f"{words} {self._about_rewrite(pasted)}"

    def _about_rewrite(self, pasted: Pasted) -> str:
        done = pasted.rewrite
        if done is None:
            return visible(pasted.rewritten.reason) + "." if pasted.rewritten is not None else ""
        base = visible(done.generated.dockerfile.stages[-1].base, 80)
        if self._target is None:
            return f"The multi-stage one is on {base}; its project was guessed from this text alone."
        return f"The multi-stage one is on {base}, for {visible(self._target[1].name, 60)}."

    def _show_view(self, key: str) -> None:
        places = {"pasted": (0, 0), "mended": (1, 1), "stages": (2, 2), "sides": (3, 2)}
        text, reason = places[key]
        self._texts.setCurrentIndex(text)
        self._reasons.setCurrentIndex(reason)
        self._fill(key)
        self._show_family()

    def _show_family(self) -> None:
        shown = self.views.value in ("stages", "sides") and self.families.count() > 0
        self.families.setVisible(shown)
        self._family_word.setVisible(shown)

    # What can be done

    def _fix(self, told: Told) -> None:
        if (
            told.fix is not None
            and self.looked is not None
            and self.pasted.toPlainText() == self.looked.own.text
        ):
            self.pasted.replace_text(apply(self.looked.own.text, told.fix))

    def _fix_mended(self, told: Told) -> None:
        mended = self.looked.mended if self.looked is not None else None
        if told.fix is not None and mended is not None and self.mended.toPlainText() == mended.text:
            self.mended.replace_text(apply(mended.text, told.fix))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text())
        self._said.setText("It is on the clipboard.")

    async def _save(self) -> None:
        text = self.text()
        folder = self._target[0].root / self._target[1].context if self._target is not None else None
        start = self._path or (folder / "Dockerfile" if folder is not None else Path("Dockerfile"))
        path = await pick_new_file(self, "Save the Dockerfile", str(start))
        if path is None:
            return
        try:
            kept = await self.desk.blocking(lambda: save_text(text, path, force=True))
        except OutputError as error:
            self._said.setText(str(error))
            return
        where = f"It is written to {visible(str(path))}."
        self._said.setText(f"{where} What stood there is in {visible(kept.name)}." if kept else where)

    async def _open_folder(self) -> None:
        start = str(self._path.parent) if self._path is not None else ""
        folder = await pick_folder(self, "Open the folder that the Dockerfile is for", start)
        if folder is None or self.looked is None:
            return
        try:
            project = await self.desk.blocking(open_project, folder)
            component = await self.desk.blocking(fitting_component, project, self.looked.pasted)
            if component is None:
                raise ProjectError(f"{visible(folder.name)} holds no component", "nothing in it can be built")
        except SlimDeskError as error:
            self._said.setText(str(error))
            return
        self._target = (project, component)
        if self.desk.opener is not None:
            self.desk.opener.open_path(str(folder))
        self._said.setText(f"Made for {visible(component.name, 60)} of {visible(project.root.name, 60)}.")
        await self._look_again()


def _error(found: OwnDockerfile, error: DockerfileError, view: DockerfileText) -> QWidget:
    mend = None
    if found.readable is not None:
        mend = Button("Mend it", "wrench", lambda: view.replace_text(found.readable or ""))
    return error_card(error, mend, view.light)


def _slip(one: SyntaxFix) -> QWidget:
    title = Text(f"Line {one.line}: {visible(one.title, 200)}", "body", wrap=True)
    why = Text(f"BuildKit: {visible(one.why, 300)}", "small", "text2", wrap=True)
    return lined(Icon("wrench", "text2"), column(title, why, spacing=2))


def _mend(fix: Fix) -> QWidget:
    title = Text(visible(fix.title, 300), "body", wrap=True)
    why = Text(visible(fix.finding.message, 300), "small", "text2", wrap=True)
    return lined(Icon("check", "good", 16, "Mended"), column(title, why, spacing=2))
