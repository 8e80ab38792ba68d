"""The chosen variant: Dockerfile, .dockerignore, findings, how it is run, build log; proof and options beside them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QStackedWidget, QWidget

from slimdesk.basics import clock
from slimdesk.basics.errors import EngineError
from slimdesk.basics.units import format_bytes, plural
from slimdesk.dockerfile.fixes import apply
from slimdesk.operations.checks import Told
from slimdesk.operations.saved import pins_of
from slimdesk.operations.variant_notes import line_notes, with_findings, with_own_comment
from slimdesk.operations.variant_pins import pin_words
from slimdesk.operations.variant_texts import family_of
from slimdesk.operations.variants import Variants
from slimdesk.ui.desk import Desk
from slimdesk.ui.models.variants import SIZE_WORDS, VariantRow
from slimdesk.ui.pages.families_dialog import show_families
from slimdesk.ui.pages.variants_advice import AdvicePane
from slimdesk.ui.pages.variants_fix import FixArea
from slimdesk.ui.pages.variants_fix_services import ServicesBeside
from slimdesk.ui.pages.variants_packages import PackagesPane, ask_costs, said_after
from slimdesk.ui.pages.variants_saved import SavedWatch
from slimdesk.ui.pages.variants_side import OptionsPane, ProofPane, RunForm, SidePane
from slimdesk.ui.theme.fonts import set_font
from slimdesk.ui.widgets.buttons import IconButton
from slimdesk.ui.widgets.dockerfile_view import DockerfileView
from slimdesk.ui.widgets.headers import TabBar
from slimdesk.ui.widgets.layout import column, row
from slimdesk.ui.widgets.log_view import LogView
from slimdesk.ui.widgets.text import Elided
from slimdesk.ui.widgets.told_list import ToldList, said
from slimdesk.verify.model import RunProfile

if TYPE_CHECKING:
    import asyncio

EDIT_MS = 400
WIDE_LINE = 72


class VariantDetail(QWidget):
    """Shows one row of the page; edits go to the workspace."""

    def __init__(self, desk: Desk, variants: Variants) -> None:
        super().__init__()
        self.desk = desk
        self.variants = variants
        self._row: VariantRow | None = None
        self._logged: tuple[int, int] = (-1, 0)
        self._counted: tuple[int | None, bool] = (None, False)
        self._asks = ""
        self._asks_pins, self._no_pins = False, ""
        self.saved: SavedWatch | None = None
        self._asked: asyncio.Task[None] | None = None
        self.dockerfile = DockerfileView()
        self.dockerfile.remember(desk, "dockerfile-columns")
        self.ignore = QPlainTextEdit()
        self.ignore.setAccessibleName(".dockerignore")
        self.ignore.setProperty("kind", "bare")
        self.ignore.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        set_font(self.ignore, "mono")
        self.findings = ToldList("Findings", fix_word="Fix")
        self._listed: tuple[object, ...] | None = None
        self.log = LogView("Build log")
        self.run_form, self.beside = RunForm(), ServicesBeside(desk, variants)
        running = QWidget()
        running.setLayout(column(self.run_form, self.beside, spacing=0))
        self.advice = AdvicePane()
        self._narrow = QWidget()
        self._narrow.setLayout(row(spacing=0))
        self.proof, self.options, self.packages = ProofPane(), OptionsPane(), PackagesPane()
        self._costs: dict[tuple[object, ...], str] = {}
        self.proof.asked.connect(self.show_run_form)
        self.tabs = TabBar(
            "Parts of the variant",
            [("dockerfile", "Dockerfile"), ("ignore", ".dockerignore"), ("findings", "Findings"), ("advice", "Advice"), ("run", "How it runs"), ("log", "Build log"), ("side", "Proof and options")],
            (
                self._state_text(),
                IconButton("arrow-counter-clockwise", "Back to the generated text", self.back_to_generated),
                IconButton("copy", "Copy the text", self.copy_text),
                IconButton("arrow-square-out", "Open outside", self.open_outside),
            ),
        )  # fmt: skip
        # Made before what is in them: whatever gets another parent is styled anew, with all that it holds.
        left = QWidget(self)
        self._stack = QStackedWidget(left)
        # However much a tab would like, the splitter stays where the person put it.
        self._stack.setMinimumHeight(80)
        self._pages: dict[str, QWidget] = {
            "dockerfile": self.dockerfile, "ignore": self.ignore, "findings": self.findings,
            "advice": self.advice, "run": running, "log": self.log, "side": self._narrow,
        }  # fmt: skip
        for page in self._pages.values():
            self._stack.addWidget(page)
        self._side = SidePane(self.proof, self.options, self.packages)
        self._wide: bool | None = None
        self.mending = FixArea(desk, variants, self.beside)
        left.setLayout(column(self.tabs, self.mending, self._stack, spacing=0))
        self._body = row(left, spacing=0)
        self.setLayout(self._body)
        self._body.setStretch(0, 1)
        self.set_wide(True)
        self.tabs.chosen.connect(self._open_tab)
        self.findings.line_wanted.connect(self.show_line)
        self.findings.fix_wanted.connect(self.fix)
        self.options.pins_wanted.connect(self.refresh_pins)
        self.advice.preferred.connect(lambda word: self.desk.workspace.choose(prefer=word))
        self.advice.comparison_wanted.connect(self.compare_families)
        self.options.changed.connect(lambda name, value: self.desk.workspace.choose(**{name: value}))
        self.packages.changed.connect(lambda names: self.desk.workspace.choose(packages=names))
        self.packages.cost_wanted.connect(lambda: self.desk.spawn(self._ask_costs()))
        self.run_form.changed.connect(self._profile_changed)
        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.setInterval(EDIT_MS)
        self._typed.timeout.connect(self._keep_edit)
        self.dockerfile.edited.connect(lambda _text: self._typed.start())
        self._ignore_typed = QTimer(self)
        self._ignore_typed.setSingleShot(True)
        self._ignore_typed.setInterval(EDIT_MS)
        self._ignore_typed.timeout.connect(self._keep_ignore)
        self.ignore.textChanged.connect(self._ignore_changed)
        self._showing = False

    def _state_text(self) -> Elided:
        self._state = Elided("", "small", "text2")
        self._state.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return self._state

    def compare_families(self) -> None:
        """Show the families side by side."""
        table = self.variants.table()
        self.desk.spawn(show_families(self.desk, table.recommended if table else None))

    def _open_tab(self, key: str) -> None:
        self._stack.setCurrentWidget(self._pages[key])
        if key == "advice":
            self._ask_advice()
        if key == "findings" and self._row is not None:
            self._show_findings(self._row)

    def _ask_advice(self) -> None:
        if self._asked is None or self._asked.done():
            self._asked = self.desk.spawn(self._advise())

    async def _advise(self) -> None:
        choices = None
        while choices != (choices := self.desk.workspace.choices):
            found = await self.variants.advice()
        if self._row is not None:
            prefer = choices.prefer
            self.advice.show_advice(found, self.variants.table(), self._row.variant.family, prefer)

    def show_run_form(self) -> None:
        """Open the tab that says how it is run."""
        self.tabs.choose("run")

    def set_wide(self, wide: bool) -> None:
        """Show proof and options beside the rest, or as a tab."""
        if wide == self._wide:
            return
        self._wide = wide
        self._side.set_wide(wide)
        if wide:
            self._body.addWidget(self._side)
        else:
            layout = self._narrow.layout()
            if layout is not None:
                layout.addWidget(self._side)
        self._side.show()
        if wide and self.tabs.value == "side":
            self.tabs.choose("dockerfile")
        self.tabs.show_tab("side", not wide)

    def panes(self) -> tuple[QWidget, ...]:
        """Where F6 goes: what the open tab shows."""
        key = self.tabs.value
        places: dict[str, QWidget] = {"dockerfile": self.dockerfile.editor}
        return (places.get(key, self._pages[key]),)

    def show_row(self, shown: VariantRow | None) -> None:
        """Show a variant; what is being typed stays."""
        if self._row is not None and shown is not None and self._row.variant.family != shown.variant.family:
            self._flush()
        other = self._row is None or shown is None or self._row.variant != shown.variant
        self._row = shown
        self.beside.show_component()
        self.mending.show_row(shown)
        if shown is None:
            return
        if other:
            self._no_pins = ""
        self._showing = True
        text = shown.text
        if text is None:
            problem = self.variants.why_no_text(shown.variant.family) if shown.available else ""
            reason = problem or shown.reason
            what = f"{shown.title} is not available for this component."
            if shown.picked is not None:
                what, reason = (
                    f"{shown.picked} was picked as the reference.",
                    "It is measured as it is: there is no Dockerfile to show.",
                )
            lines = (line for words in (what, reason) for line in wrap(words, WIDE_LINE))
            self.dockerfile.show_text("\n".join(f"# {line}" for line in lines), ())
            self.dockerfile.set_read_only(True)
            self.ignore.setPlainText("")
            self.ignore.setReadOnly(True)
            self._state.setText("")
            self._state.setToolTip("")
        else:
            kind = shown.size_kind
            notes = line_notes(
                self.saved.explained(text) if self.saved is not None else text.dockerfile,
                text.target,
                shown.image if not shown.results.changes else None,
                kind,
            )
            notes = with_own_comment(with_findings(notes, text.findings), text.text)
            if text.problem is not None:
                notes = ()
            self.dockerfile.set_read_only(False)
            if not self._typed.isActive():
                self.dockerfile.show_text(text.text, notes, SIZE_WORDS[kind])
            self.ignore.setReadOnly(False)
            if not self._ignore_typed.isActive() and self.ignore.toPlainText() != text.dockerignore:
                self.ignore.setPlainText(text.dockerignore)
            self._state.setText(self._words(shown))
            self._state.set_tone("bad" if text.problem else "warn" if shown.results.changes else "text2")
        self.dockerfile.show_findings([one.finding for one in shown.told])
        self._show_findings(shown)
        when = shown.results.verification.when if shown.results.verification else None
        self.proof.show_verification(
            shown.verification,
            _ago((clock.now() - when).total_seconds()) if when else "",
            built=shown.image is not None,
        )
        needs = ""
        if shown.verification is not None and shown.verification.verdict == "not-proven":
            needs = shown.verification.reason
        frozen = ""
        if text is not None and text.edited:
            frozen = (
                "The Dockerfile is edited: options apply to generated ones. Go back to generated to use them."
            )
        elif shown.reference:
            frozen = "The reference is built as it is." if shown.variant.family == "yours" else ""
        self.options.show_choices(self.desk.workspace.choices, frozen)
        self._show_packages(shown, frozen)
        self._show_pins(shown, frozen)
        self.run_form.show_profile(self.variants.profile(), self.desk.workspace.component, needs)
        asks = "question" if needs or self.run_form.unset else ""
        if asks != self._asks:
            self._asks = asks
            self.tabs.picture("run", asks)
        self._show_log(shown, other)
        if self.tabs.value == "advice":
            self._ask_advice()
        self._showing = False

    def _show_pins(self, shown: VariantRow, frozen: str) -> None:
        text = shown.text
        if text is None or not (self.desk.workspace.choices.pin or pins_of(text.text)):
            self.options.show_pins("")
            return
        asked = self.variants.pins(shown.variant.family)
        words = self._no_pins or pin_words(
            text.text, asked, clock.now(), wanted=self.desk.workspace.choices.pin and not frozen
        )
        warn = bool(self._no_pins) or (
            asked is not None and any(one.severity == "warning" for one in asked.findings)
        )
        self.options.show_pins(words, warn=warn, busy=self._asks_pins)

    def refresh_pins(self) -> None:
        """Ask for the digests of the chosen variant anew."""
        self.desk.spawn(self._refresh_pins())

    async def _refresh_pins(self) -> None:
        """Ask for the digests of the chosen variant; without an engine a sentence says so in its place."""
        shown, component = self._row, self.desk.workspace.component
        if shown is None or component is None or self._asks_pins:
            return
        family = shown.variant.family
        self._asks_pins, self._no_pins = True, ""
        self.options.show_pins("The registries are being asked.", busy=True)
        try:
            await self.desk.job(
                f"Ask for the digests of {component.name}:{family}",
                "read",
                partial(self.variants.refresh_pins, family),
            )
        except EngineError as error:
            self._no_pins = f"The digests are not known: {error.what}. {error.todo}".strip()
        finally:
            self._asks_pins = False
            if self._row is not None:
                self.show_row(self._row)

    def _show_packages(self, shown: VariantRow, frozen: str) -> None:
        component, names = self.desk.workspace.component, self.desk.workspace.choices.packages
        stated = component.value("packages", ()) if component is not None else ()
        asked = tuple(dict.fromkeys((*stated, *names)))
        cost = self._costs.get(self._cost_key(shown), "")
        built = said_after(shown.image) if asked and not shown.results.changes else ""
        can_ask = bool(asked) and not cost and not frozen and not shown.reference
        words = " ".join(part for part in (cost, built) if part)
        self.packages.show_packages(names, tuple(stated), words, frozen, can_ask=can_ask)

    def _cost_key(self, shown: VariantRow) -> tuple[object, ...]:
        return (shown.variant.component, shown.variant.family, self.desk.workspace.choices.packages)

    async def _ask_costs(self) -> None:
        shown = self._row
        family = family_of(shown.variant.family) if shown is not None else None
        if shown is None or family is None:
            return
        key = self._cost_key(shown)
        self._costs[key] = await ask_costs(self.desk, family, self.variants.options(shown.variant.family))
        if self._row is not None:
            self.show_row(self._row)

    def _show_findings(self, shown: VariantRow) -> None:
        """Count them on the tab; list them where the tab is open."""
        told = shown.told
        worst = any(one.finding.severity != "info" for one in told)
        counted = (None if shown.text is None else len(told), worst)
        if counted != self._counted:
            self._counted = counted
            self.tabs.count("findings", counted[0], "warn" if worst else "text2")
        lacks = shown.checked.lint_missing if shown.checked is not None else ""
        problem = str(shown.text.problem or "") if shown.text is not None else ""
        listed = (told, lacks, problem, shown.text is None)
        if self.tabs.value != "findings" or listed == self._listed:
            return
        self._listed = listed
        nothing = "There is no Dockerfile to check." if shown.text is None else "The checks found nothing."
        if problem:
            nothing = f"It is checked once it can be read: {problem}"
        above = (
            (said(f"{lacks[:1].upper()}{lacks[1:]}, so its findings are not among these."),) if lacks else ()
        )
        self.findings.show_told(told, nothing, above=above)

    def show_line(self, line: int) -> None:
        """Open the Dockerfile at a line."""
        self.tabs.choose("dockerfile")
        self.dockerfile.go_to(line)
        self.dockerfile.editor.setFocus()

    def fix(self, told: Told) -> None:
        """Make a quick fix, as one edit that Ctrl+Z takes back."""
        self._flush()
        text = self._row.text if self._row is not None else None
        if text is None or told.fix is None or told not in (self._row.told if self._row else ()):
            return
        if self.dockerfile.text() != text.text.replace("\r\n", "\n"):
            self.desk.notify("info", "The text has changed since it was checked.", "Choose the fix again.")
            return
        self.dockerfile.replace_text(apply(text.text, told.fix), self.dockerfile.notes)
        self._flush()

    def back_to_generated(self) -> None:
        """Drop the person's text, as one step that Ctrl+Z brings back."""
        if self._row is None or self._row.text is None:
            return
        family = self._row.variant.family
        plain = self.variants.plain_text(family)
        if plain is None:
            return
        if self.tabs.value == "ignore":
            self._ignore_typed.stop()
            self._showing = True
            cursor = QTextCursor(self.ignore.document())
            cursor.select(QTextCursor.SelectionType.Document)
            cursor.insertText(plain.dockerignore)
            self._showing = False
            self.desk.workspace.edit(family, None, ".dockerignore")
            return
        # Of one that nobody edited, what is left to take out are its fixes.
        unmended = not self._row.text.edited and plain.mends > 0
        plain = self.variants.unmended_text(family) or plain if unmended else plain
        self._typed.stop()
        self._showing = True
        self.dockerfile.replace_text(
            plain.text, line_notes(plain.dockerfile, plain.target, None, self._row.size_kind)
        )
        self._showing = False
        self._typed.stop()
        self.desk.workspace.edit(family, None)
        if unmended:
            self.desk.workspace.mend(family, ())

    def copy_text(self) -> None:
        """Put the shown text on the clipboard."""
        texts = {
            "dockerfile": self.dockerfile.text,
            "ignore": self.ignore.toPlainText,
            "log": self.log.toPlainText,
        }
        QGuiApplication.clipboard().setText(texts.get(self.tabs.value, self.dockerfile.text)())

    def open_outside(self) -> None:
        """Open the saved file, or the folder it would be saved in."""
        project = self.desk.workspace.project
        if project is None or self._row is None or self._row.text is None:
            return
        path: Path = self._row.text.path or project.root / self._row.text.context / "Dockerfile"
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path if path.is_file() else path.parent)))

    def _words(self, shown: VariantRow) -> str:
        text = shown.text
        if text is None:
            return ""
        if text.problem is not None:
            return str(text.problem)
        state = "the project's own" if shown.variant.family == "yours" else "generated"
        saved = self.saved.words(shown) if self.saved is not None else ""
        if text.edited or text.ignore_edited:
            state = "edited"
        elif saved:
            state = saved
        if text.mends and not text.edited:
            state = f"{state}, {plural(text.mends, 'fix', 'fixes')}"
        built = ""
        if shown.results.changes:
            built = f", built from something older: {', '.join(shown.results.changes)} changed"
        elif shown.size is not None:
            built = f", {format_bytes(shown.size)} {SIZE_WORDS[shown.size_kind]}"
        return f"{shown.title}, {state}{built}"

    def _show_log(self, shown: VariantRow, other: bool) -> None:
        job = shown.job
        if job is None:
            if other:
                error = shown.results.build.value.error if shown.results.build else None
                self.log.show_lines(error.log if error else ())
                self._logged = (-1, 0)
            return
        total = job.dropped_lines + len(job.lines)
        number, seen = self._logged
        if other or number != job.number or seen > total:
            self.log.show_lines(tuple(job.lines))
        elif total > seen:
            new = total - seen
            self.log.append_lines(list(job.lines)[-new:])
        self._logged = (job.number, total)

    def _profile_changed(self, profile: object) -> None:
        component = self.desk.workspace.component
        if component is not None and isinstance(profile, RunProfile):
            self.variants.profiles[component.name] = profile

    def _ignore_changed(self) -> None:
        if not self._showing:
            self._ignore_typed.start()

    def _keep_edit(self) -> None:
        if self._row is None or self._row.text is None or self._showing:
            return
        family = self._row.variant.family
        plain = self.variants.plain_text(family)
        text = self.dockerfile.text()
        if plain is not None:
            self.desk.workspace.edit(family, None if text == plain.text else text)

    def _keep_ignore(self) -> None:
        if self._row is None or self._row.text is None:
            return
        family = self._row.variant.family
        plain = self.variants.plain_text(family)
        text = self.ignore.toPlainText()
        if plain is not None:
            self.desk.workspace.edit(family, None if text == plain.dockerignore else text, ".dockerignore")

    def _flush(self) -> None:
        """Keep what is being typed before another variant is shown."""
        if self._typed.isActive():
            self._typed.stop()
            self._keep_edit()
        if self._ignore_typed.isActive():
            self._ignore_typed.stop()
            self._keep_ignore()


def _ago(seconds: float) -> str:
    if seconds < 60:
        return "just now"
    minutes = round(seconds / 60)
    return f"{minutes} min ago" if minutes < 60 else f"{round(minutes / 60)} h ago"
