"""The Dockerfile that a component has: its stages, its text with what is found at each line, quick fixes, the rewrite."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QComboBox, QWidget

from slimdesk.basics.errors import DockerfileError, SlimDeskError
from slimdesk.basics.escaping import visible
from slimdesk.basics.units import format_bytes, plural
from slimdesk.operations.checks import Told
from slimdesk.operations.own_dockerfile import OwnDockerfile, StageOutline, dockerfile_paths, read_own
from slimdesk.project.model import Component, Project
from slimdesk.ui.desk import Desk
from slimdesk.ui.pages.rewrite_dialog import MOST_LETTERS, rewrite_own
from slimdesk.ui.pages.variants_save import confirm_files, read_now, write_files
from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.cards import lined, said
from slimdesk.ui.widgets.dockerfile_text import DockerfileText
from slimdesk.ui.widgets.headers import SectionHeader, ToolBar
from slimdesk.ui.widgets.layout import column, panel, row
from slimdesk.ui.widgets.splitter import RememberedSplitter
from slimdesk.ui.widgets.text import Elided, Icon, Tag, Text, Tone
from slimdesk.ui.widgets.told_list import ToldList
from slimdesk.workspace.results import VariantId

MOST_PATHS = 3


class DockerfilePane(QWidget):
    """Reads when it is shown. Signals: `written` when a file was changed, `counted(int, worst severity)` when it was checked."""

    written = Signal()
    counted = Signal(int, str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._component: Component | None = None
        self._project: Project | None = None
        self._read_for: tuple[object, ...] = ()
        self._size_shown = ""
        self.shown: OwnDockerfile | None = None
        self.paths = QComboBox()
        self.paths.setAccessibleName("Which Dockerfile")
        self.paths.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.paths.currentIndexChanged.connect(lambda _index: self.read())
        self._path = Elided("", "mono")
        self.facts = Elided("", "small", "text2")
        self.rewrite = Button(
            "Rewrite as multi-stage…",
            "git-diff",
            self.rewrite_it,
            tip="See the multi-stage Dockerfile beside this one",
        )
        outside = Button("Open in editor", "arrow-square-out", self.open_outside, kind="flat")
        self._bar = ToolBar(Icon("file-text"), self._path, self.paths, self.facts, self.rewrite, outside)
        self.code = DockerfileText("Dockerfile of the project")
        self.fix_all = Button("Fix all…", "wrench", self._fix_all, kind="flat")
        self._head = SectionHeader("Findings", surface="bar", rule=True, actions=(self.fix_all,))
        self.findings = ToldList()
        self.findings.line_wanted.connect(self.code.light)
        self.findings.fix_wanted.connect(lambda told: self.desk.spawn(self._fix(told)))
        side = panel(column(self._head, self.findings, spacing=0))
        self._split = RememberedSplitter(
            desk, "project-dockerfile", [self.code, side], [560, 440], collapses=1
        )
        self.setLayout(column(self._bar, self._split, spacing=0))

    def show_component(self, project: Project | None, component: Component | None) -> bool:
        """Be about another component; False if it has no Dockerfile. It is read when the pane is seen."""
        self._project, self._component = project, component
        self._read_for = ()
        paths = dockerfile_paths(component) if component is not None else ()
        chosen = self.paths.currentText()
        self.paths.blockSignals(True)
        self.paths.clear()
        self.paths.addItems(list(paths))
        self.paths.setCurrentIndex(paths.index(chosen) if chosen in paths else 0)
        self.paths.blockSignals(False)
        self.paths.setVisible(len(paths) > 1)
        self._path.setVisible(len(paths) == 1)
        self._path.setText(visible(paths[0]) if paths else "")
        if paths and self.isVisible():
            self.read()
        return bool(paths)

    @property
    def path(self) -> Path | None:
        """The file that is shown."""
        if self._project is None or not self.paths.currentText():
            return None
        return self._project.root / self.paths.currentText()

    def read(self) -> None:
        """Read and check the chosen file, unless that has been done."""
        project, component, path = self._project, self._component, self.paths.currentText()
        if project is None or component is None or not path:
            return
        wanted = (project, component, path)
        if self._read_for == wanted:
            return
        self._read_for = wanted
        self.facts.setText("reading…")
        self.desk.spawn(self._read(project, component, path))

    async def _read(self, project: Project, component: Component, path: str) -> None:
        wanted = (project, component, path)
        try:
            found = await self.desk.blocking(read_own, project, component, path)
        except SlimDeskError:
            if self._read_for == wanted:
                self._show_nothing()
            raise
        if self._read_for == wanted:
            self._show(found)

    def _show_nothing(self) -> None:
        self.shown = None
        self.facts.setText("cannot be read")
        self.code.show_text("", None)
        self.code.show_marks({})
        self.fix_all.hide()
        self.rewrite.allow(False, "It cannot be read")
        self._head.count.set("")
        self.findings.show_cards(())

    def _show(self, found: OwnDockerfile) -> None:
        again = self.shown is not None and self.shown.path == found.path
        top = self.code.verticalScrollBar().value() if again else 0
        self.shown = found
        self.code.show_text(found.text[:MOST_LETTERS], None)
        self.code.verticalScrollBar().setValue(top)
        self.code.show_findings(tuple(one.finding for one in found.told))
        fixable = [one for one in found.told if one.fix is not None]
        self.fix_all.setVisible(len(fixable) > 1)
        self.fix_all.setText(f"Fix all {len(fixable)}…")
        self.rewrite.allow(found.error is None, "It cannot be read: mend it first")
        if found.error is not None:
            self._show_error(found.error, mendable=found.readable is not None)
            return
        self.facts.setText(plural(len(found.stages), "stage"))
        self._head.count.set(str(len(found.told)), _tone(found.told))
        self._show_told(found)
        self.counted.emit(len(found.told), found.told[0].finding.severity if found.told else "")

    def _show_told(self, found: OwnDockerfile) -> None:
        self._size_shown = self._size()
        above: list[Callable[[], QWidget]] = [partial(self._stage, one) for one in found.stages]
        if found.lint_missing:
            above.append(partial(said, lint_words(found.lint_missing)))
        self.findings.show_told(found.told, "Nothing to complain about.", above=above)

    def _show_error(self, error: DockerfileError, *, mendable: bool) -> None:
        self.facts.setText("BuildKit would refuse it")
        self._head.count.set("1", "bad")
        line = error.line or 1
        self.code.light(line)
        self.code.show_marks({line: ("error", visible(error.why or error.what))})
        self.findings.show_told((), "", above=[partial(self._error, error, mendable)])
        self.counted.emit(1, "error")

    def _error(self, error: DockerfileError, mendable: bool) -> QWidget:
        mend = Button("Mend it…", "wrench", lambda: self.desk.spawn(self._mend())) if mendable else None
        return error_card(error, mend, self.code.light)

    def _stage(self, stage: StageOutline) -> QWidget:
        name = Button(visible(stage.name, 40), clicked=partial(self.code.light, stage.line), kind="link")
        name.setAccessibleName(f"Show stage {visible(stage.name, 40)}")
        tag = Tag("ships", "good") if stage.ships else Tag("stays behind")
        base = Text(f"on {visible(stage.base, 80)}", "mono", "text2", wrap=True)
        head = row(name, tag, 1, Text(self._bytes(stage), "small", "text2"))
        words = Text(_story(stage), "small", "text2", wrap=True)
        return lined(Icon("stack", "text2"), column(head, base, words, spacing=2))

    def measured_again(self) -> None:
        """Show what the image weighs now, if that is another figure than before."""
        found = self.shown
        if found is not None and found.error is None and self._size() != self._size_shown:
            self._show_told(found)

    def _bytes(self, stage: StageOutline) -> str:
        """What the stage weighs in the image that was built of it: known where one stage makes up the whole image."""
        if not stage.ships:
            return "0 B shipped"
        alone = self.shown is not None and sum(one.ships for one in self.shown.stages) == 1
        return self._size_shown if alone else ""

    def _size(self) -> str:
        """The image that was built of this Dockerfile, in the current size."""
        workspace = self.desk.workspace
        if self._component is None:
            return ""
        results = workspace.results(VariantId(self._component.name, "yours"))
        older = results.analysis is None or bool(results.changes)
        size = None if older or results.analysis is None else workspace.size_of(results.analysis.value.sizes)
        return "not measured" if size is None else f"{format_bytes(size)}, {workspace.current_size}"

    def open_outside(self) -> None:
        """Open the file with the person's editor, else with the desktop's program for it."""
        if self.path is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.path)))

    # Changes

    def rewrite_it(self) -> None:
        """Show the multi-stage Dockerfile beside this one."""
        if self._project is not None and self._component is not None and self.path is not None:
            self.desk.spawn(self._rewritten(self._project, self._component, self.path))

    async def _rewritten(self, project: Project, component: Component, path: Path) -> None:
        if await rewrite_own(self.desk, project, component, path):
            self.written.emit()

    def _fix_all(self) -> None:
        self.desk.spawn(self._write_changed("Fix all", self._all_fixed))

    async def _fix(self, told: Told) -> None:
        from slimdesk.dockerfile.fixes import apply

        fix = told.fix
        if fix is not None:
            await self._write_changed(fix.title, lambda text: apply(text, fix))

    async def _mend(self) -> None:
        readable = self.shown.readable if self.shown is not None else None
        if readable is not None:
            await self._write_changed("Mend the Dockerfile", lambda _text: readable)

    def _all_fixed(self, text: str) -> str:
        from slimdesk.dockerfile.fixes import mend
        from slimdesk.dockerfile.surroundings import look_around
        from slimdesk.operations.catalog import catalog_for

        if self._project is None or self._component is None:
            return text
        around = look_around(self._project.root / self._component.context, self.path)
        return mend(text, catalog_for(self._project.root), around).text

    async def _write_changed(self, title: str, change: object) -> None:
        """Show what `change` makes of the text, and write it; a file that changed meanwhile is read again instead."""
        path, shown, project = self.path, self.shown, self._project
        if path is None or shown is None or project is None or not callable(change):
            return
        now = await self.desk.blocking(read_now, path)
        if now.replace("\r\n", "\n") != shown.text:
            self.desk.notify(
                "info", f"{path.name} has changed meanwhile.", "It is read again: choose once more."
            )
            self._read_for = ()
            self.read()
            return
        new = await self.desk.blocking(change, shown.text)
        if new == shown.text:
            self.desk.notify("info", "Nothing can be mended without you.", "Open it in an editor.")
            return
        if "\r\n" in now:
            new = new.replace("\n", "\r\n")
        if await confirm_files(self.desk.window, visible(title, 90), [(path, new)], project.root):
            kept = await self.desk.blocking(write_files, [(path, new)])
            names = ", ".join(one.name for one in kept)
            self.desk.notify(
                "good", f"{path.name} is written.", f"What stood there is in {names}." if names else ""
            )
            self._read_for = ()
            self.written.emit()


def lint_words(reason: str) -> str:
    """Return the quiet line about hadolint that did not look at a text."""
    words = visible(reason)
    return f"{words[:1].upper()}{words[1:]}: these are SlimDesk's own findings."


def error_card(error: DockerfileError, button: QWidget | None, go_to: object) -> QWidget:
    """Return what BuildKit would say: the reason, the line with a caret below the place, and what to do."""
    words = column(spacing=6)
    words.addWidget(Text(_sentence(visible(error.why or error.what)), "strong", wrap=True))
    if error.line is not None and callable(go_to):
        place = Button(f"line {error.line}", clicked=partial(go_to, error.line), kind="link")
        place.setAccessibleName(f"Show line {error.line}")
        words.addLayout(row(place, 1))
    if error.caret:
        shown = "\n".join(visible(one, 400) for one in error.caret.splitlines())
        caret = Text(shown, "mono", "text")
        caret.setAccessibleName(f"The line, and the place in it: column {error.column}")
        words.addWidget(caret)
    if error.todo:
        words.addWidget(Text(_sentence(visible(error.todo)), "body", "text2", wrap=True))
    if button is not None:
        words.addLayout(row(button, 1))
    return lined(Icon("x-circle-fill", "bad", 16, "Error"), words)


def _story(stage: StageOutline) -> str:
    lines = f"Lines {stage.line} to {stage.end_line}" if stage.end_line > stage.line else f"Line {stage.line}"
    sources = dict.fromkeys(source for _, source in stage.takes)
    taken = {source: [path for path, of in stage.takes if of == source] for source in sources}
    told = [lines, *(f"takes {_few(paths)} from {visible(source, 60)}" for source, paths in taken.items())]
    if stage.given:
        told.append(f"{_few(stage.given)} {'is' if len(stage.given) == 1 else 'are'} copied out of it")
    elif not stage.ships:
        told.append("nothing is copied out of it")
    return f"{'; '.join(told)}."


def _few(paths: Sequence[str]) -> str:
    shown = ", ".join(visible(path, 60) for path in paths[:MOST_PATHS])
    return f"{shown} and {len(paths) - MOST_PATHS} more" if len(paths) > MOST_PATHS else shown


def _tone(told: Sequence[Told]) -> Tone:
    worst = told[0].finding.severity if told else "info"
    return "bad" if worst == "error" else "warn" if worst == "warning" else "text2"


def _sentence(text: str) -> str:
    begun = text[:1].upper() + text[1:]
    return begun if begun.endswith((".", "?", "!")) else f"{begun}."
