"""Compare: two to six images side by side, where their bytes are, what went away and what came."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QMenu, QStackedWidget, QWidget

from slimdesk.basics.errors import SlimDeskError
from slimdesk.basics.escaping import visible
from slimdesk.basics.job import Job
from slimdesk.basics.units import plural
from slimdesk.image.compare import LEAST, MOST, Pair, Side
from slimdesk.ui.actions import Action
from slimdesk.ui.desk import Desk
from slimdesk.ui.models.compare import PairView
from slimdesk.ui.models.compare_rows import Where, brief, letters, side_columns, side_rows
from slimdesk.ui.models.rows import Rows
from slimdesk.ui.pages.compare_columns import KINDS, CompareColumns
from slimdesk.ui.pages.compare_export import write_comparison
from slimdesk.ui.pages.compare_lists import CompareLists
from slimdesk.ui.pages.compare_map import DifferenceMap
from slimdesk.ui.pages.compare_pairs import PairSwitch
from slimdesk.ui.pages.compare_pick import built_variants, fill_pick_menu
from slimdesk.ui.pages.compare_reading import Sides
from slimdesk.ui.pages.compare_states import NoComparison
from slimdesk.ui.pages.image_states import Reading
from slimdesk.ui.pages.page import Page
from slimdesk.ui.pages.report_dialog import export_report
from slimdesk.ui.pages.report_of_pages import compared_report
from slimdesk.ui.pages.share_picture import share_compared
from slimdesk.ui.theme.fonts import scaled
from slimdesk.ui.widgets.buttons import Button, SegmentedSwitch, menu_button
from slimdesk.ui.widgets.headers import ToolBar
from slimdesk.ui.widgets.layout import clear, column, row
from slimdesk.ui.widgets.notice import Notice, NoticeArea
from slimdesk.ui.widgets.splitter import RememberedSplitter
from slimdesk.ui.widgets.table import Table
from slimdesk.ui.widgets.text import Text
from slimdesk.workspace.workspace import OpenedImage

_WIDE = 1290
_ROW = 28


class ComparePage(Page):
    """Shows `workspace.compared`; images that have not been read yet are read first, as a job."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.sides: list[Side] = []
        self.view: PairView | None = None
        self._read = Sides(desk)
        self._pair = (0, 1)
        self._where: Where = "kind"
        self._task: asyncio.Task[None] | None = None
        self._job: Job | None = None
        self._gone: set[str] = set()
        self.columns = CompareColumns(self._fill_add, self._fill_column, self.swap)
        self.notices = NoticeArea()
        self._title = Text("Where the bytes are", "section")
        self.where = SegmentedSwitch(
            "Rows",
            [
                ("kind", "Kinds"),
                ("part", "Parts"),
                ("folder", "Folders"),
                ("layer", "Layers"),
                ("figure", "Figures"),
            ],
        )
        self.where.tip("kind", "Live bytes by what the files are there for")
        self.where.tip("part", "Live bytes of operating system, runtime, dependencies and application")
        self.where.tip("folder", "Live bytes of the folders, two levels deep")
        self.where.tip("layer", "Bytes of all files, layer by layer from the bottom")
        self.where.tip("figure", "All sizes and counts, an image per column")
        self.where.chosen.connect(self._choose_where)
        self._size_word = Text("Size", "body", "text2")
        self.size_switch = SegmentedSwitch("Size", KINDS, self.workspace.current_size)
        self.size_switch.chosen.connect(lambda kind: desk.change_settings(current_size=kind))
        self._pair_word = Text("Difference", "body", "text2")
        self.pairs = PairSwitch()
        self.pairs.chosen.connect(self._choose_pair)
        self._export = Button("Export…", "export")
        menu_button(self._export, self._fill_export)
        bar = ToolBar(
            self._title,
            self.where,
            1,
            self._size_word,
            self.size_switch,
            self._pair_word,
            self.pairs,
            self._export,
            yields=(self._size_word, self._title, self._pair_word),
        )
        self._table_place = row(spacing=0)
        holder = QFrame()
        holder.setLayout(self._table_place)
        self.map = DifferenceMap(desk)
        self.lists = CompareLists()
        self._upper = RememberedSplitter(desk, "compare", [holder, self.map], [620, 680], collapses=1)
        self._split = RememberedSplitter(
            desk, "compare-lists", [self._upper, self.lists], [330, 300],
            orientation=Qt.Orientation.Vertical, collapses=0,
        )  # fmt: skip
        self._split.setStretchFactor(0, 1)
        self._split.setStretchFactor(1, 1)
        whole = QWidget()
        parts = column(self.columns, self.notices, bar, self._split, spacing=0)
        parts.setStretch(3, 1)
        whole.setLayout(parts)
        self._whole = whole
        self._none = NoComparison(partial(self._fill_pick, desk), self.compare_built)
        self._reading = Reading(self._cancel)
        self._pages = QStackedWidget()
        for page in (self._none, self._reading, whole):
            self._pages.addWidget(page)
        self.setLayout(column(self._pages, spacing=0))
        self._table: Table | None = None
        self._connect()
        self._changed()

    def _connect(self) -> None:
        self.lists.picked.connect(self.map.select)
        self.lists.contents.connect(self.read_contents)
        self.map.chosen.connect(self.lists.choose_row)
        self.workspace.observe("compare", self._changed)
        self.workspace.observe("size", self._size_changed)
        self.workspace.observe("engine-images", self._engine_changed)
        self.workspace.observe(("results", "component"), self._offer_built)

    # What a page offers

    def actions_offered(self) -> Sequence[Action]:
        """Export, swap and reading contents, also from the palette."""
        page = "compare"
        return (
            Action("compare-swap", "Swap the two compared images", self.swap, "swap", (), "Edit", self._why_not, page=page),
            Action("compare-built", "Compare all built variants", self.compare_built, "git-diff", (), "Go", self._why_not_built),
            Action("compare-contents", "Read contents of what may have changed or moved", self.read_contents, "files", (), "View", self._why_no_contents, page=page),
            Action("compare-report", "Export a report…", self.export_report, "export", ("Ctrl+E",), "File", self._why_not, page=page, words="html pdf markdown json csv sarif"),
            Action("compare-picture", "Copy as picture…", self.copy_picture, "copy", (), "File", self._why_not, page=page, words="svg png markdown before after share"),
            Action("compare-md", "Export the comparison as Markdown…", partial(self.export, "md"), "export", (), "File", self._why_not, page=page),
            Action("compare-json", "Export the comparison as JSON…", partial(self.export, "json"), "export", (), "File", self._why_not, page=page),
            Action("compare-csv", "Export the differing files as CSV…", partial(self.export, "csv"), "export", (), "File", self._why_not, page=page),
        )  # fmt: skip

    def panes(self) -> Sequence[QWidget]:
        """Upper table, treemap, lists."""
        upper = [self._table] if self._table is not None else []
        return (*upper, self.map.map, self.lists.file_table)

    def show_filter(self) -> None:
        """Go to the field that filters."""
        if self.lists.tabs.value == "map":
            self.lists.tabs.choose("removed")
        self.lists.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.lists.filter.selectAll()

    def reload(self) -> None:
        """Read the images again."""
        self.workspace.compare([replace(one, image=None) for one in self.workspace.compared])

    def drop_paths(self, paths: Sequence[str]) -> bool:
        """Compare archives, layouts and analyses that were dropped here."""
        from slimdesk.image.earlier import is_json
        from slimdesk.image.read import is_image_file

        fit = [path for path in paths if is_json(Path(path)) or is_image_file(Path(path))]
        if not fit or len(fit) < len(paths):
            return False
        self.add(*(OpenedImage(str(Path(path).absolute())) for path in fit))
        return True

    # What is compared

    def add(self, *opened: OpenedImage) -> None:
        """Compare these as well, as far as there is room."""
        together = [*self.workspace.compared, *opened]
        if len(together) > MOST:
            left = plural(len(together) - MOST, "image")
            self.desk.notify("info", f"{MOST} images are as many as there is room for.", f"{left} left out.")
        self.workspace.compare(together[:MOST])

    def swap(self) -> None:
        """Exchange the two images whose difference is shown."""
        images, (one, two) = list(self.workspace.compared), self._pair
        if max(one, two) < len(images):
            images[one], images[two] = images[two], images[one]
            self.workspace.compare(images)

    def compare_built(self) -> None:
        """Compare all built variants of the component, the reference first."""
        found = [opened for _, _, opened in built_variants(self.workspace)]
        found.sort(key=lambda one: not (one.variant is not None and one.variant.reference))
        if len(found) < LEAST:
            self.desk.notify("info", "There is nothing to compare yet.", self._why_not_built())
            return
        self.workspace.compare(found[:MOST])

    def _replace(self, number: int, opened: OpenedImage | None) -> None:
        images = list(self.workspace.compared)
        if opened is None:
            del images[number]
        else:
            images[number] = opened
        self.workspace.compare(images)

    def _make_first(self, number: int) -> None:
        images = list(self.workspace.compared)
        self.workspace.compare([images[number], *images[:number], *images[number + 1 :]])

    def _show_image(self, number: int) -> None:
        self.workspace.show_image(self.workspace.compared[number])
        self.desk.go("image")

    def _fill_pick(self, desk: Desk, menu: QMenu) -> None:
        fill_pick_menu(menu, desk, self.add)

    def _fill_add(self, menu: QMenu) -> None:
        without = frozenset(one.where for one in self.workspace.compared)
        fill_pick_menu(menu, self.desk, self.add, without=without)

    def _fill_column(self, number: int, menu: QMenu) -> None:
        menu.addAction("Open on the Image page", partial(self._show_image, number)).setEnabled(
            not self.sides[number].earlier
        )
        menu.addAction("Make it the reference", partial(self._make_first, number)).setEnabled(number > 0)
        other = menu.addMenu("Take another instead")
        other.setToolTipsVisible(True)
        without = frozenset(one.where for one in self.workspace.compared)
        fill_pick_menu(other, self.desk, partial(self._replace, number), without=without)
        menu.addSeparator()
        menu.addAction("Remove from the comparison", partial(self._replace, number, None))

    # Reading

    def _changed(self) -> None:
        self._stop()
        compared = self.workspace.compared
        if len(compared) < LEAST:
            self.sides, self.view = [], None
            self._none.show_chosen([one.where for one in compared])
            self._offer_built()
            self._pages.setCurrentWidget(self._none)
            return
        sides = [self._read.known(one) for one in compared]
        if all(side is not None for side in sides):
            self._show_sides([side for side in sides if side is not None])
            return
        self._reading.begin(plural(sum(1 for side in sides if side is None), "image"))
        self._pages.setCurrentWidget(self._reading)
        self._task = self.desk.spawn(self._read_all(compared))

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _cancel(self) -> None:
        self._stop()
        self.workspace.compare([one for one in self.workspace.compared if one.image is not None])

    async def _read_all(self, compared: tuple[OpenedImage, ...]) -> None:
        read: list[OpenedImage] = []
        failed: list[tuple[OpenedImage, SlimDeskError]] = []

        async def work(job: Job) -> None:
            self._job = job
            ended = job.observe(self._reading.follow)
            known: dict[str, OpenedImage] = {}
            try:
                for one in compared:
                    try:
                        if one.where not in known:
                            known[one.where] = await self._read.read(one, job)
                        read.append(replace(one, image=known[one.where].image))
                    except SlimDeskError as error:
                        failed.append((one, error))
            finally:
                ended()
            job.summary = plural(len(read), "image")

        try:
            await self.desk.job(f"Read {plural(len(compared), 'image')} to compare", "analyse", work)
        except asyncio.CancelledError:
            self._job = None
            if self.workspace.compared == compared:
                self.workspace.compare([one for one in compared if one.image is not None])
            raise
        self._job = self._task = None
        for _, error in failed:
            self.desk.fail(error)
        if self.workspace.compared == compared:
            self.workspace.compare(read)

    # Showing

    def _show_sides(self, sides: list[Side]) -> None:
        from slimdesk.operations.compare import distinct

        self._read.forget_all_but(sides)
        self.sides = sides
        self.names = [side.name for side in distinct(sides)]
        if max(self._pair) >= len(sides):
            self._pair = (0, len(sides) - 1)
        self.notices.clear()
        self.columns.show_sides(sides, self.names, self.workspace.current_size)
        self.pairs.show_pairs(self.names, self._pair)
        self._tell()
        self._task = self.desk.spawn(self._show_pair())

    async def _show_pair(self) -> None:
        one, two = self._pair
        before, after = self.sides[one], self.sides[two]
        view = self._read.view(before, after)
        if view is None:
            view = await self._read.prepare(before, after)
        self._task = None
        self._show_view(view)

    def _show_view(self, view: PairView) -> None:
        one, two = self._pair
        marks = letters(len(self.sides))
        names = [f"{mark} {name}" for mark, name in zip(marks, brief(self.names), strict=True)]
        self.view = view
        self._show_table()
        self.map.show_view(view, f"{marks[one]} → {marks[two]}")
        self.lists.show_view(view, (names[one], names[two]))
        self._pages.setCurrentWidget(self._whole)
        self._arrange()

    def _show_table(self) -> None:
        """Make the upper table anew: its columns are the images."""
        clear(self._table_place)
        sized = self._where != "figure"
        columns = side_columns(brief(self.names), self.names, self._pair, sized=sized)
        rows: Rows[object] = Rows(columns)  # type: ignore[arg-type]
        rows.show_rows(side_rows(self._where, self.sides, self._pair))
        self._table = Table("Where the bytes are", rows, sortable=False)
        self._table.verticalHeader().setDefaultSectionSize(scaled(_ROW))
        self._table.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideRight)
        self._table_place.addWidget(self._table)

    def _choose_pair(self, one: int, two: int) -> None:
        self._pair = (one, two)
        self.pairs.show_pairs(self.names, self._pair)
        self._stop()
        self._task = self.desk.spawn(self._show_pair())

    def _choose_where(self, where: str) -> None:
        self._where = where  # type: ignore[assignment]
        if self.view is not None:
            self._show_table()

    def _size_changed(self) -> None:
        self.size_switch.choose(self.workspace.current_size)
        if self.sides:
            self.columns.show_sides(self.sides, self.names, self.workspace.current_size)

    def _tell(self) -> None:
        """Say what makes a comparison less than it seems."""
        platforms = sorted({side.image.platform for side in self.sides if side.image.platform})
        if len(platforms) > 1:
            self.notices.show_notice(
                Notice("warn", "These images are of different platforms.", visible(", ".join(platforms), 120))
            )
        ids = [side.image.image_id for side in self.sides]
        if ids[0] is not None and len(set(ids)) == 1:
            self.notices.show_notice(
                Notice("info", "All of these are the same image.", f"Its ID is {ids[0]}.")
            )
        for side in self.sides:
            if not side.files_known:
                self.notices.show_notice(
                    Notice(
                        "info",
                        f"{side.name} is an analysis without files.",
                        "Sizes, layers and packages are compared. `slimdesk analyze --json --files` keeps the files as well.",
                    )
                )

    def _engine_changed(self) -> None:
        """Say that an image was removed while it is compared."""
        status = self.workspace.engine
        if status is None or not status.reachable or not self.sides:
            return
        there = {one.image_id for one in self.workspace.engine_images}
        for side in self.sides:
            image = side.image
            if image.source != "engine" or image.image_id is None:
                continue
            if image.image_id in there:
                self._gone.discard(image.image_id)
            elif image.image_id not in self._gone and there:
                self._gone.add(image.image_id)
                self.notices.show_notice(
                    Notice(
                        "warn",
                        f"{side.name} is no longer in the engine under a name.",
                        "What was read of it is still compared.",
                    )
                )

    def _offer_built(self) -> None:
        self._none.allow_built(self._why_not_built())

    # Contents

    def read_contents(self) -> None:
        """Read the bodies of files that may have changed or moved, and say which did."""
        if self.view is not None and not self._why_no_contents():
            self._stop()
            self._task = self.desk.spawn(self._read_contents(self.view))

    async def _read_contents(self, view: PairView) -> None:
        from slimdesk.operations.compare_contents import with_contents
        from slimdesk.ui.models.compare import view_of

        async def work(job: Job) -> Pair:
            self._job = job
            return await with_contents(view.pair, self.workspace.settings.context, job)

        try:
            pair = await self.desk.job("Read contents to compare", "read", work)
        finally:
            self._job = None
        self._task = None
        if self.view is view:
            settled = await self.desk.blocking(view_of, pair)
            self._read.keep(settled)
            self._show_view(settled)

    # Export

    def _fill_export(self, menu: QMenu) -> None:
        for key in ("compare-report", "compare-picture", "compare-md", "compare-json", "compare-csv"):
            menu.addAction(self.desk.actions.menu_action(key, menu))

    def export_report(self) -> None:
        """Ask what a report on the comparison is to be, and write it."""
        pair = self.view.pair if self.view is not None else None
        export_report(
            self.desk, partial(compared_report, self.workspace, self.workspace.compared, self.sides, pair)
        )

    def copy_picture(self) -> None:
        """Show the pair as before and after, to copy or to save."""
        compared, (one, two) = self.workspace.compared, self._pair
        opened, sides = [compared[one], compared[two]], [self.sides[one], self.sides[two]]
        self.desk.spawn(share_compared(self.desk, opened, sides))

    def export(self, kind: str) -> None:
        """Write the comparison to a file that the person names."""
        if self.view is not None:
            self.desk.spawn(write_comparison(self.desk, kind, self.names[0], self.sides))

    def _why_not(self) -> str:
        return "" if self.view is not None else "pick two images first"

    def _why_not_built(self) -> str:
        if len(built_variants(self.workspace)) >= LEAST:
            return ""
        return "open a project first" if self.workspace.project is None else "build two variants first"

    def _why_no_contents(self) -> str:
        if self.view is None or not self.view.pair.files_known:
            return "files of both images must be known"
        if self.view.pair.before.earlier or self.view.pair.after.earlier:
            return "an analysis of earlier holds no contents"
        return ""

    def _arrange(self) -> None:
        """Let the treemap be a tab where there is no room beside the table."""
        wide = self.width() >= _WIDE
        if wide and self.map.parent() is not self._upper:
            self.lists.take_map(None)
            self._upper.addWidget(self.map)
            self.map.show()
            self._upper.setSizes([620, max(400, self.width() - 620)])
        elif not wide and self.view is not None and self.map.parent() is self._upper:
            self.lists.take_map(self.map)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Leave out what there is no room for."""
        super().resizeEvent(event)
        if self.view is not None:
            self._arrange()
