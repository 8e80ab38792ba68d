"""Variants: the reference, then a row per family; below, what the chosen one is made of and the proof that it runs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QWidget

from slimdesk.basics.errors import CatalogError
from slimdesk.basics.job import Job
from slimdesk.image.compare import LEAST
from slimdesk.operations.ranking import Ranked
from slimdesk.operations.variant_matrix import ranking_of
from slimdesk.operations.variants import Variants
from slimdesk.ui.actions import Action
from slimdesk.ui.desk import Desk
from slimdesk.ui.models.rows import Rows
from slimdesk.ui.models.variants import VariantRow, columns, variant_rows
from slimdesk.ui.pages.leave_out_dialog import watch_promises
from slimdesk.ui.pages.page import Page
from slimdesk.ui.pages.variants_apko import save_apko
from slimdesk.ui.pages.variants_chart import show_chart
from slimdesk.ui.pages.variants_compare import comparable, compare_ticked
from slimdesk.ui.pages.variants_detail import VariantDetail
from slimdesk.ui.pages.variants_fetch import FetchWords
from slimdesk.ui.pages.variants_fix_row import FixButtons
from slimdesk.ui.pages.variants_menu import fill_row_menu
from slimdesk.ui.pages.variants_reference import fill_reference_menu, reference_words
from slimdesk.ui.pages.variants_save import save_variant
from slimdesk.ui.pages.variants_saved import SavedWatch
from slimdesk.ui.pages.variants_table import (
    VariantDelegate,
    choose_family,
    hide_columns,
    show_variants,
    span_sentences,
)
from slimdesk.ui.pages.variants_tools import VariantsTools
from slimdesk.ui.pages.variants_use import VariantsUse
from slimdesk.ui.pages.variants_verdict import action_words, answers, best_row, to_open, to_save
from slimdesk.ui.pages.variants_weights import WeightsDialog
from slimdesk.ui.pages.variants_work import VariantsWork
from slimdesk.ui.theme.icons import icon
from slimdesk.ui.widgets.buttons import Button, PrimaryButton
from slimdesk.ui.widgets.figures import Answer, VerdictStrip
from slimdesk.ui.widgets.layout import column
from slimdesk.ui.widgets.notice import EmptyState, NoticeArea, notice_of
from slimdesk.ui.widgets.splitter import RememberedSplitter
from slimdesk.ui.widgets.table import Table
from slimdesk.workspace.history import about_image
from slimdesk.workspace.workspace import OpenedImage, Topic

if TYPE_CHECKING:
    import asyncio

REFRESH_MS = 100
FETCH_MS = 300
WIDE = 1300
WATCHED: tuple[Topic, ...] = ("project", "component", "ticks", "choices", "edits", "results", "size", "settings")  # fmt: skip


class VariantsPage(Page):
    """Shows the workspace's variants; `variants` does what is done with them."""

    def __init__(self, desk: Desk, variants: Variants | None = None) -> None:
        super().__init__(desk)
        # Made before what is in it: whatever gets another parent is styled anew, with all that it holds.
        self._content = QWidget(self)
        self.variants = variants or Variants(desk.workspace)
        self._rows: list[VariantRow] = []
        self._ranking: tuple[Ranked, ...] = ()
        self._told: list[Answer] = []
        self._problem = ""
        self._open_image = Button("Open image", "cube", self.open_image)
        self._main = PrimaryButton("Build all fitting", "play", self._main_action)
        self._verdict = VerdictStrip("Verdict", (self._open_image, self._main))
        self._fetch = FetchWords(desk, self.variants, self._ticked)
        self.tools = VariantsTools(
            build_fitting=self.build_fitting,
            build_ticked=self.build_ticked,
            verify=self.verify_ticked,
            choose_reference=self.choose_reference,
            weigh=self.weigh,
            compare=self.compare_ticked,
            choose_size=lambda kind: desk.change_settings(current_size=kind),
            fetch=self._fetch,
        )
        self.weights: WeightsDialog | None = None
        self._model: Rows[VariantRow] = self._new_model("baseline")
        self.table = self._new_table()
        self._fixes = FixButtons(self.table, self.fix)
        self.detail = VariantDetail(desk, self.variants)
        self._split = RememberedSplitter(
            desk, "variants", [self.table, self.detail], [345, 400],
            orientation=Qt.Orientation.Vertical, collapses=1, parent=self._content,
        )  # fmt: skip
        self._empty = EmptyState(
            "stack",
            "No component is open",
            "Open a folder…",
            lambda: desk.actions.run("open-folder"),
            hint="Open a project, then choose a base-image family for it here",
        )
        self._notices, self._saved_notices = NoticeArea(), NoticeArea()
        self.work = VariantsWork(desk, self.variants, self.show_log)
        self.detail.mending.ended.connect(self.work.keep)
        self.saved = SavedWatch(desk, self._saved_notices, self._later)
        self.detail.saved = self.saved
        self.use = VariantsUse(desk, self.variants, lambda: self.current, lambda: best_row(self._rows))
        layout = column(self._verdict, self._notices, self._saved_notices, self.tools, self._split, spacing=0)
        layout.setStretch(4, 1)
        self._content.setLayout(layout)
        self.setLayout(column(self._content, self._empty, spacing=0))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self._refresh_soon)
        self._preparing: asyncio.Task[None] | None = None
        self._asking = QTimer(self)
        self._asking.setSingleShot(True)
        self._asking.setInterval(FETCH_MS)
        self._asking.timeout.connect(self._fetch.ask)
        self._stop = [
            self.workspace.observe(WATCHED, self._later),
            self.workspace.observe(
                ("engine", "project", "component", "ticks", "choices"), self._asking.start
            ),
            self.workspace.observe("project", self._look_again),
            self.workspace.observe(("project", "component"), self.saved.ask),
            self.workspace.jobs.observe(self._job_changed),
        ]
        watch_promises(desk)
        if self.variants.ready():
            self.refresh()
        else:
            self._empty.hide()
            self._refresh_soon()
        self.saved.ask()
        self._asking.start()

    # What a page offers

    def actions_offered(self) -> Sequence[Action]:
        """Build, verify, save and open, also by keyboard."""
        page = "variants"
        return (
            Action("build-ticked", "Build ticked variants", self.build_ticked, "play", ("Ctrl+B",), "Build", self._why_not, page=page),
            Action("build-fitting", "Build all fitting variants", self.build_fitting, "stack", ("Ctrl+Shift+B",), "Build", self._why_not, page=page, words="matrix cancel"),
            Action("rank-by", "What counts in the ranking…", self.weigh, "sliders-horizontal", (), "View", self._why_not, page=page, words="weights size security debug compatibility"),
            Action("verify-ticked", "Verify ticked variants", self.verify_ticked, "shield-check", ("Ctrl+Return", "Ctrl+Enter"), "Build", self._why_not, page=page),
            self.detail.mending.action(),
            Action("save-dockerfile", "Save into the project…", self.save, "floppy-disk", ("Ctrl+S",), "File", self._why_not, page=page),
            Action("open-variant", "Open the chosen variant's image", self.open_image, "cube", (), "Go", self._why_not, page=page),
            Action("compare-ticked", "Compare ticked variants", self.compare_ticked, "git-diff", (), "Go", self._why_not, page=page, words="difference"),
            Action("debug-variants", "Show or hide debug variants", self.toggle_debug, "terminal-window", (), "View", self._why_not, page=page, words="shell busybox"),
            Action("size-chart", "Chart of the sizes…", self.show_chart, "chart-bar-horizontal", (), "View", self._why_not, page=page),
            Action("compare-families", "Compare families…", self.detail.compare_families, "columns", (), "View", page=page, words="distroless alpine slim difference"),
            Action("save-apko", "Save apko.yaml…", self.save_apko, "floppy-disk", (), "File", self._why_no_apko, page=page, words="wolfi chainguard"),
            Action("merge-saved", "Bring the saved Dockerfile up to date…", self.saved.merge, "arrow-clockwise", (), "File", self.saved.why_no_merge, page=page, words="merge"),
            Action("refresh-pins", "Refresh pins", self.detail.refresh_pins, "arrow-clockwise", (), "Build", self._why_not, page=page, words="digest"),
            Action("measure-against", "Measure against…", self.choose_reference, "swap", (), "Build", self._why_not, page=page),
            *self.use.actions(page),
            Action("back-to-generated", "Back to the generated Dockerfile", self.detail.back_to_generated, "arrow-counter-clockwise", (), "Edit", self._why_not, page=page),
        )  # fmt: skip

    def panes(self) -> Sequence[QWidget]:
        """The table, then the Dockerfile."""
        return (self.table, *self.detail.panes())

    def entered(self) -> None:
        """Take the focus; what was not shown was not checked."""
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self._later()

    def reload(self) -> None:
        """Read the project again."""
        if self.desk.opener is not None:
            self.desk.opener.read_again()

    # What is done

    def build_ticked(self) -> None:
        """Build the ticked variants, and the reference if nothing is known of it: a factor needs it."""
        families = list(self._ticked())
        reference = self.variants.reference()
        if (
            families
            and self.workspace.results(reference).analysis is None
            and reference.family not in families
        ):
            families.insert(0, reference.family)
        if families:
            self.build(families)

    def build_fitting(self) -> None:
        """Build, measure and verify every family that fits, and the reference; stop all while something is at work."""
        if self._at_work:
            self.variants.cancel_all()
            return
        families = self.variants.fitting()
        if families:
            self.workspace.tick(families[1:])
            self.build(families)

    def weigh(self) -> None:
        """Let the person say what counts when variants are ranked."""
        if self.weights is None:
            self.weights = WeightsDialog(self)
            self.weights.changed.connect(lambda weights: self.desk.change_settings(weights=weights))
            self.weights.reset.connect(lambda: self.desk.change_settings(weights={}))
        self._show_weights()
        self.weights.show_below(self.tools.weights)

    def build(self, families: Sequence[str]) -> None:
        """Build these variants."""
        self.work.build(families)

    def show_log(self, family: str) -> None:
        """Choose a variant and open its log."""
        self.desk.go("variants")
        self.workspace.select(family)
        self.refresh()
        self.detail.tabs.choose("log")

    def choose_reference(self) -> None:
        """Let the person choose what the others are measured against."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fill_reference_menu(menu, self.variants, self.workspace)
        menu.popup(self.tools.against.mapToGlobal(self.tools.against.rect().bottomLeft()))

    def verify_ticked(self) -> None:
        """Verify what is ticked and built; else the chosen row."""
        built = [
            row.variant.family
            for row in self._rows
            if row.results.build is not None and row.results.build.value.image_id
        ]
        ticked = [family for family in self._ticked() if family in built]
        chosen = (
            [self.current.variant.family] if self.current and self.current.variant.family in built else []
        )
        if not (ticked or chosen):
            self.desk.notify("info", "Nothing to verify yet.", "Build a variant first.")
            return
        self.verify(ticked or chosen)

    def verify(self, families: Sequence[str]) -> None:
        """Verify these built variants."""
        self.work.verify(families)

    def fix(self, family: str) -> None:
        """Mend a variant that fails for a known cause, and show what comes of it."""
        self.workspace.select(family)
        self.detail.mending.fix(family)

    def show_chart(self) -> None:
        """Show the measured sizes as a chart."""
        self.desk.spawn(show_chart(self.desk, self._rows))

    def toggle_debug(self) -> None:
        """Show the variants with a shell, or those without."""
        self.workspace.choose(debug=not self.workspace.choices.debug)

    def open_image(self) -> None:
        """Open the chosen variant's image on the Image page; of an unbuilt one, the best one's."""
        chosen = to_open(self.current, self._rows)
        if chosen is None or chosen.image is None:
            self.desk.notify("info", "There is no image yet.", "Build a variant first.")
            return
        build = chosen.results.build
        where = build.value.tag if build else chosen.image.location
        self.workspace.show_image(OpenedImage(where, chosen.image, chosen.variant))
        self.desk.spawn(self.workspace.remember_image(where, about_image(chosen.image)))
        self.desk.go("image")

    def compare_ticked(self) -> None:
        """Show the ticked, measured variants side by side."""
        compare_ticked(self.desk, self._rows)

    def save(self) -> None:
        """Save the chosen variant's Dockerfile and .dockerignore into the project; of an unavailable one, the best one's."""
        chosen = to_save(self.current, self._rows)
        if chosen is not None and self.workspace.project is not None:
            self.desk.spawn(self._save(chosen))

    @property
    def current(self) -> VariantRow | None:
        """The chosen row."""
        item = self.table.item
        return item if isinstance(item, VariantRow) else None

    def _name_actions(self) -> None:
        there = best_row(self._rows) is not None
        opening, saving = action_words(self.current, self._rows)
        words, picture = ("Cancel all", "x") if self._at_work else ("Build all fitting", "play")
        self._main.setText(saving if there else words)
        self._main.setIcon(icon("floppy-disk" if there else picture, "on_accent"))
        self._open_image.setText(opening)
        self._open_image.setVisible(there)
        # Until there is something to take, the verdict itself offers it.
        self.tools.all.setVisible(there)

    @property
    def _at_work(self) -> bool:
        return any(row.busy for row in self._rows)

    async def _save(self, chosen: VariantRow) -> None:
        if await save_variant(self.desk, self.variants, chosen):
            self.saved.ask()

    def save_apko(self) -> None:
        """Save apko.yaml and the Dockerfile on top of what apko makes of it."""
        if self._rows:
            self.desk.spawn(save_apko(self.desk, self.variants))

    def _main_action(self) -> None:
        if best_row(self._rows) is not None:
            self.save()
            return
        self.build_fitting()

    def _refresh_soon(self) -> None:
        """Show it once the texts are made: nine of another component take longer than a frame."""
        if not self.isEnabled():
            return
        if self.variants.ready():
            self.refresh()
        elif self._preparing is None or self._preparing.done():
            self._preparing = self.desk.spawn(self._prepare())

    async def _prepare(self) -> None:
        await self.variants.prepare()
        self.refresh()

    def refresh(self) -> None:
        """Show the workspace as it is."""
        self._timer.stop()
        try:
            table = self.variants.table()
        except CatalogError as error:
            self.desk.fail(error)
            table = None
        self._content.setVisible(table is not None)
        self._empty.setVisible(table is None)
        if table is None:
            self._rows = []
            return
        reference = self.variants.reference()
        ticks = self._ticked()
        self._ranking = ranking_of(self.variants)
        self._show_weights()
        self._rows = variant_rows(
            table,
            reference,
            ticks=ticks,
            results=self.workspace.results,
            text_of=self.variants.text,
            job_of=self.variants.job_of,
            variant_of=self.variants.variant,
            size_kind=self.workspace.current_size,
            picked=self.variants.picked_image(),
            checked_of=self.variants.checked,
            ranking=self._ranking,
            proving=self.variants.proving,
            scan_of=self.workspace.scan_of,
            fix_of=self.detail.mending.in_the_row,
        )
        measured = self._rows[0].size is not None or all(row.size is None for row in self._rows)
        wanted = columns(self.workspace.current_size, reference.family, measured=measured)
        if [column.title for column in wanted] != [column.title for column in self._model.columns]:
            self._model.columns = wanted
            self._model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(wanted) - 1)
        show_variants(self.table, self._rows, self.width())
        self._span()
        best = best_row(self._rows)
        advised = best.variant.family if best else table.recommended or self._rows[0].variant.family
        choose_family(self.table, self.workspace.selected or advised)
        self._show_verdict()
        self.tools.show_state(self._rows, ticks, self.workspace.current_size, reference_words(self.variants))
        self.tools.compare.setVisible(len(comparable(self._rows)) >= LEAST)
        self._tell_own_problem()
        self.detail.show_row(self.current)
        unchecked = [row.variant.family for row in self._rows if row.text is not None and row.checked is None]
        if self.isVisible() and self.isEnabled():
            self.work.check(unchecked, self.current.variant.family if self.current else "", self._later)

    def _show_verdict(self) -> None:
        self._name_actions()
        told = answers(self._rows)
        if told != self._told:
            self._told = told
            self._verdict.show_answers(told)

    def _show_weights(self) -> None:
        if self.weights is None:
            return
        settings = self.workspace.settings
        self.weights.show_weights(self.variants.weights(), own=bool(settings.weights))
        self.weights.show_ranking(self._ranking)

    def _tell_own_problem(self) -> None:
        """A Dockerfile of the project that cannot be read is no reference; say so, once."""
        problem = self.variants.own_problem()
        words = str(problem or "")
        if words == self._problem:
            return
        self._problem = words
        self._notices.clear()
        if problem is not None:
            self._notices.show_notice(notice_of(problem))

    def _span(self) -> None:
        span_sentences(self.table, self._model)
        self._fixes.show_rows()

    def _ticked(self) -> tuple[str, ...]:
        """Return the ticked variants; where nobody has ticked yet, the recommended family."""
        ticks = self.workspace.ticks
        if ticks is not None:
            shown = {row.variant.family for row in self._rows if row.available}
            return tuple(family for family in ticks if not shown or family in shown)
        table = self.variants.table()
        return () if table is None or table.recommended is None else (table.recommended,)

    def _tick(self, item: VariantRow, ticked: bool) -> None:
        others = [family for family in self._ticked() if family != item.variant.family]
        self.workspace.tick([*others, item.variant.family] if ticked else others)

    def _new_model(self, reference: str) -> Rows[VariantRow]:
        return Rows(
            columns(self.workspace.current_size, reference),
            muted=lambda item: not item.available,
            # Asked anew: a second key press comes before the rows are shown again.
            ticked=lambda item: item.variant.family in self._ticked() if item.available else None,
            tick=self._tick,
        )

    def _new_table(self) -> Table:
        table = Table("Variants", self._model, menus=self._menu)
        table.setItemDelegate(VariantDelegate(table))
        table.selected.connect(self._selected)
        table.opened.connect(self._open_row)
        table.model().layoutChanged.connect(self._span)
        return table

    def _open_row(self, item: object) -> None:
        """Open this row's image and no other's."""
        if not isinstance(item, VariantRow):
            return
        if item.image is not None:
            self.open_image()
        elif not item.available:
            self.desk.notify("info", f"{item.title.capitalize()} is not available.", item.reason)
        else:
            offer = () if item.busy else (("Build", partial(self.build, [item.variant.family])),)
            self.desk.notify("info", f"{item.title.capitalize()} is not built yet.", actions=offer)

    def _selected(self, item: object) -> None:
        if isinstance(item, VariantRow):
            self.workspace.select(item.variant.family)
            self.detail.show_row(item)
            self._name_actions()

    def _menu(self, menu: QMenu, item: Any) -> None:
        if isinstance(item, VariantRow):
            fill_row_menu(menu, item, self)
            self.use.fill(menu)

    def _later(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _job_changed(self, job: Job | None) -> None:
        if job is None or job.kind in ("build", "verify"):
            self._later()

    def _look_again(self) -> None:
        self.desk.spawn(self.variants.look_again())

    def _why_not(self) -> str:
        return "" if self._rows else "open a project with a component first"

    def _why_no_apko(self) -> str:
        row = next((row for row in self._rows if row.variant.family == "chainguard"), None)
        return self._why_not() or ("" if row is None or row.available else row.reason)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Hide what matters least where there is no room."""
        super().resizeEvent(event)
        hide_columns(self.table, self.width())
        self.detail.set_wide(self.width() >= WIDE)
