"""Start: what was opened before, how to open something else, the engine, and what SlimDesk holds on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QAction,
    QGuiApplication,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QLineEdit, QMenu, QScrollArea, QSizePolicy, QWidget

from slimdesk.basics.errors import OutputError
from slimdesk.basics.escaping import visible
from slimdesk.basics.resources import resource
from slimdesk.basics.units import UNKNOWN, format_bytes, plural
from slimdesk.ui.actions import Action, cap_text, shortcut_text
from slimdesk.ui.desk import Desk
from slimdesk.ui.dialogs import ask, pick_folder
from slimdesk.ui.frame.engine_chip import engine_title
from slimdesk.ui.models.recents import (
    ImageRow,
    ProjectRow,
    image_columns,
    image_rows,
    project_columns,
    project_rows,
)
from slimdesk.ui.models.rows import Rows
from slimdesk.ui.pages.debug_run_offer import offer_run_and_debug
from slimdesk.ui.pages.history_window import open_history, open_image_history
from slimdesk.ui.pages.page import Page
from slimdesk.ui.pages.start_drop import DropTarget
from slimdesk.ui.pages.start_history import OverTime
from slimdesk.ui.pages.start_measures import measure_actions
from slimdesk.ui.theme.fonts import fix_height, fix_width, most_width
from slimdesk.ui.theme.icons import icon
from slimdesk.ui.widgets.buttons import Button, PrimaryButton
from slimdesk.ui.widgets.headers import PageHeader, SectionHeader
from slimdesk.ui.widgets.layout import clear, column, panel, row
from slimdesk.ui.widgets.notice import EmptyState, sentence
from slimdesk.ui.widgets.table import Table
from slimdesk.ui.widgets.text import Elided, Icon, KeyCap, Text

_SIDE = 300
_LISTS = 1400
_BUILDERS = {"buildkit": "BuildKit", "buildx": "buildx", "Podman": "Buildah"}


class StartPage(Page):
    """Two lists at the left, cards at the right."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        run = desk.actions.run
        folder = PrimaryButton(
            f"Open folder…   {shortcut_text('Ctrl+O')}", "folder-open", lambda: run("open-folder")
        )
        folder.setAccessibleName("Open folder")
        self._engine_image = Button("Pick engine image…", "cube", lambda: run("pick-image"))
        archive = Button("Open image archive…", "archive", lambda: run("open-archive"))
        header = PageHeader("Start", actions=(folder, archive, self._engine_image))
        self._filter = QLineEdit()
        self._filter.setPlaceholderText("Filter recent")
        self._filter.setAccessibleName("Filter recent projects and images")
        self._filter.setClearButtonEnabled(True)
        self._filter.addAction(icon("magnifying-glass"), QLineEdit.ActionPosition.LeadingPosition)
        fix_width(self._filter, 240)
        self._filter.textChanged.connect(self._filtered)
        self._project_rows: Rows[ProjectRow] = Rows(
            project_columns(lambda: self.workspace.current_size), muted=lambda one: one.missing
        )
        self._projects = Table(
            "Recent projects", self._project_rows, two_lines=True, menus=self._project_menu
        )
        self._projects.opened.connect(self._open_project)
        self._projects.linked.connect(self._linked)
        self._projects.selected.connect(self._show_over_time)
        self.over_time = OverTime(self.desk)
        self._image_rows: Rows[ImageRow] = Rows(
            image_columns(lambda: self.workspace.current_size), muted=lambda one: one.missing
        )
        self._images = Table("Recent images", self._image_rows, menus=self._image_menu)
        self._images.opened.connect(self._open_image)
        self._no_projects = EmptyState(
            "folder-open",
            "No project opened yet",
            "Open folder…",
            lambda: run("open-folder"),
            hint="SlimDesk reads what a project needs, writes slim Dockerfiles for it, builds them, and shows where the bytes are.",
            beside=Button(
                "Open the sample project",
                "package",
                lambda: self.desk.actions.run("open-sample"),
                kind="flat",
            ),
        )
        self._no_images = EmptyState(
            "cube",
            "No image opened yet",
            "Open image archive…",
            lambda: run("open-archive"),
            hint="What is in an image, layer by layer, and what could go.",
            beside=Button("Open the sample image", "cube", self._open_sample_image, kind="flat"),
        )
        for empty in (self._no_projects, self._no_images):
            fix_height(empty, 210)
        lists = QWidget()
        lists.setProperty("surface", "page")
        lists.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        most_width(lists, _LISTS)
        lists.setLayout(
            column(
                SectionHeader("Projects", actions=(self._filter,), rule=True),
                self._projects,
                self._no_projects,
                row(margins=(0, 8, 0, 0)),
                self.over_time,
                SectionHeader("Images", rule=True),
                self._images,
                self._no_images,
                1,
                spacing=0,
            )
        )
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(lists)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._side = self._cards()
        body = row(self._scroll, self._side, spacing=0)
        body.setStretch(0, 1)
        self.setLayout(column(header, body, spacing=0))
        self.workspace.observe(("recents", "size"), self._recents_changed)
        self.workspace.observe(("engine", "engine-images"), self._show_engine)
        self._show_recents()
        self._show_engine()

    def entered(self) -> None:
        """Look again: folders may have come back."""
        self._show_recents()

    def actions_offered(self) -> Sequence[Action]:
        """Clean up, and what can be asked of measured images, are offered from anywhere."""
        return (
            *measure_actions(self.desk),
            Action(
                "clean-up",
                "Remove what SlimDesk built…",
                lambda: self.desk.spawn(self._clean_up()),
                "trash",
                menu="File",
                refused=self._cannot_clean,
                words="clean prune images",
            ),
        )

    def panes(self) -> Sequence[QWidget]:
        """Projects, images, the cards; of an empty list what it offers."""
        offers = [one.button for one in (self._no_projects, self._no_images) if one.button is not None]
        return (self._projects, self._images, *offers, self._sample)

    def reload(self) -> None:
        """Read the lists again."""
        self._show_recents()
        if self.desk.opener is not None:
            self.desk.opener.ask_engine()

    def _open_sample_image(self) -> None:
        if self.desk.opener is not None:
            self.desk.opener.open_path(str(resource("sample/reports.tar.zst")))

    def show_filter(self) -> None:
        """Go to the filter."""
        self._filter.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Give the cards a little less in a narrow window."""
        super().resizeEvent(event)
        fix_width(self._side, _SIDE if self.width() > 1250 else 280)

    # The cards

    def _cards(self) -> QFrame:
        self._sample = Button(
            "Open the sample project", "package", lambda: self.desk.actions.run("open-sample")
        )
        sample_image = Button("Open the sample image", "cube", self._open_sample_image)
        self._new_here = panel(
            column(
                Text("New here?", "strong"),
                Text(
                    "A Go service and a Python report, and an image to look into: without an engine, too.",
                    "body",
                    "text2",
                    wrap=True,
                ),
                row(self._sample, 1),
                row(sample_image, 1),
                margins=14,
                spacing=8,
            ),
            "card",
        )
        self._engine_icon = Icon("circle-fill", "good", 12)
        self._engine_name = Text("", "strong")
        self._engine_facts = column(spacing=6)
        self._held = Text("", "body")
        self._clean = Button("Clean up…", clicked=lambda: self.desk.actions.run("clean-up"), kind="link")
        held = column(
            row(Text("Built by SlimDesk", "body", "text2"), 1, self._held), row(1, self._clean), spacing=2
        )
        self._held_line = panel(held)
        engine = panel(
            column(
                row(self._engine_icon, self._engine_name, 1),
                self._engine_facts,
                self._held_line,
                margins=14,
                spacing=6,
            ),
            "card",
        )
        keys = column(Text("Keyboard", "strong"), spacing=8)
        for words, keys_text in (
            ("Command palette", cap_text("Ctrl+K")),
            ("Open folder", cap_text("Ctrl+O")),
            ("Paste a Dockerfile", cap_text("Ctrl+V")),
            ("Go to a page", f"{cap_text('Ctrl+1')} … 6"),
            ("Jobs", cap_text("Ctrl+J")),
            ("Next pane", "F6"),
            ("All keys", "F1"),
        ):
            keys.addLayout(row(Text(words, "body", "text2", select=False), 1, KeyCap(keys_text)))
        cards = QWidget()
        cards.setLayout(
            column(
                DropTarget(self._dropped, lambda: self.desk.actions.run("paste-dockerfile")),
                self._new_here,
                engine,
                keys,
                1,
                margins=(20, 16, 20, 16),
                spacing=16,
            )
        )
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(cards)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        side = panel(row(scroll), "bar", "left")
        fix_width(side, _SIDE)
        side.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        return side

    def _show_engine(self) -> None:
        status = self.workspace.engine
        reachable = status is not None and status.reachable
        clear(self._engine_facts)
        self._engine_name.setText(engine_title(status))
        if status is None:
            self._engine_icon.set("circle-fill", "line_strong")
        elif not reachable:
            self._engine_icon.set("warning-fill", "warn", "Not reachable")
            self._engine_facts.addWidget(
                Text(sentence(visible(status.reason or "")), "body", "text2", wrap=True)
            )
            self._engine_facts.addWidget(
                Text("Facts, Dockerfiles and image archives work without one.", "body", "text2", wrap=True)
            )
            again = Button("Ask again", "arrow-clockwise", lambda: self.desk.actions.run("ask-engine"))
            self._engine_facts.addLayout(row(again, 1))
        else:
            self._engine_icon.set("circle-fill", "good", "Reachable")
            images = self.workspace.engine_images
            for name, value in (
                ("Context", status.context),
                ("Platform", status.platform),
                ("Builder", _BUILDERS.get(status.builder or status.product, UNKNOWN)),
                ("Image store", status.store),
                ("Images", f"{len(images)}" if images else UNKNOWN),
            ):
                text = Elided(str(value or UNKNOWN), "body")
                text.setAlignment(Qt.AlignmentFlag.AlignRight)
                self._engine_facts.addLayout(row(Text(name, "body", "text2"), text))
        self._engine_image.allow(reachable, "No engine answers")
        self._show_held()

    def _show_held(self) -> None:
        ours = [
            one
            for one in self.workspace.engine_images
            if any(key.startswith("io.slimdesk.") for key in one.labels)
        ]
        reachable = self.workspace.engine is not None and self.workspace.engine.reachable
        self._held_line.setVisible(reachable)
        total = sum(one.size for one in ours)
        self._held.setText(f"{len(ours)}, {format_bytes(total)}" if ours else "none")
        self._held.setToolTip("The sum of the engine's own figures; layers may be shared")
        self._clean.setVisible(bool(ours))

    # The lists

    def _recents_changed(self) -> None:
        # Where the page is not in sight, it looks when it is entered.
        if self.isVisible():
            self._show_recents()

    def _show_recents(self) -> None:
        history = self.workspace.history
        projects: list[ProjectRow] = []
        images: list[ImageRow] = []
        try:
            projects = project_rows(history.recents("project"), history, self.workspace.current_size)
            images = image_rows(history.recents("image"))
        except OutputError as error:
            self.desk.fail(error)
        self._project_rows.show_rows(projects)
        self._image_rows.show_rows(images)
        self._filtered(self._filter.text())
        for table, empty, rows in (
            (self._projects, self._no_projects, projects),
            (self._images, self._no_images, images),
        ):
            table.setVisible(bool(rows))
            empty.setVisible(not rows)
        self._filter.setVisible(bool(projects or images))
        # The empty lists offer the same.
        self._new_here.setVisible(bool(projects or images))
        self._show_over_time(self._projects.item)
        problem = history.take_problem()
        if problem:
            self.desk.notify("warn", f"{problem}.")

    def _show_over_time(self, chosen: ProjectRow | None) -> None:
        """Show the chosen project's sizes over time; where none is chosen, those of the newest that has any."""
        rows = (
            [chosen]
            if chosen is not None
            else [one for one in self._project_rows.rows if one.best is not None]
        )
        shown = rows[0] if rows else None
        self.over_time.show_project(shown.place if shown else "", shown.name if shown else "")

    def _filtered(self, text: str) -> None:
        for table in (self._projects, self._images):
            table.sorted_rows.find(text)
            table.fit_height()

    def _open_project(self, one: ProjectRow) -> None:
        if one.missing:
            self.desk.spawn(self._locate(one))
        elif self.desk.opener is not None:
            self.desk.opener.open_path(one.place)

    def _open_image(self, one: ImageRow) -> None:
        if self.desk.opener is None:
            return
        if one.archive:
            self.desk.opener.open_path(one.place)
        else:
            self.desk.opener.open_image(one.place)

    def _linked(self, one: ProjectRow, key: str) -> None:
        if key == "best":
            self.desk.spawn(self._locate(one))

    async def _locate(self, one: ProjectRow) -> None:
        path = await pick_folder(self.desk.window, f"Where is {one.name} now?")
        if path is not None:
            await self.workspace.note(self.workspace.history.moved, one.place, str(path))
            if self.desk.opener is not None:
                self.desk.opener.open_path(str(path))

    def _project_menu(self, menu: QMenu, one: ProjectRow) -> None:
        self._menu(
            menu, one.place, lambda: self._open_project(one), lambda: self._forget("project", one.place)
        )
        self._add_over_time(menu, lambda: open_history(self.desk, one.place))

    def _image_menu(self, menu: QMenu, one: ImageRow) -> None:
        self._menu(menu, one.place, lambda: self._open_image(one), lambda: self._forget("image", one.place))
        self._add_over_time(menu, lambda: open_image_history(self.desk, one.place, one.name))
        if not one.archive:
            offer_run_and_debug(menu, self.desk, one.place)

    def _add_over_time(self, menu: QMenu, opening: Callable[[], object]) -> None:
        line = QAction(icon("chart-line"), "Size over time…", menu)
        line.triggered.connect(lambda _checked=False: opening())
        menu.addAction(line)

    def _menu(self, menu: QMenu, place: str, opening: object, forgetting: object) -> None:
        for words, picture, act in (
            ("Open", "folder-open", opening),
            ("Copy path", "copy", lambda: QGuiApplication.clipboard().setText(place)),
            ("Take off this list", "minus", forgetting),
        ):
            line = QAction(icon(picture), words, menu)
            line.triggered.connect(act)
            menu.addAction(line)

    def _forget(self, kind: str, place: str) -> None:
        history = self.workspace.history
        self.desk.spawn(
            self.workspace.note(history.forget, "project" if kind == "project" else "image", place)
        )

    def _dropped(self, paths: Sequence[str]) -> None:
        if self.desk.opener is not None and paths:
            self.desk.opener.open_path(paths[0])

    # Clean up

    def _cannot_clean(self) -> str:
        status = self.workspace.engine
        return "" if status is not None and status.reachable else "no engine answers"

    async def _clean_up(self) -> None:
        from slimdesk.operations.clean import clean, held
        from slimdesk.operations.connect import connected

        async with connected(self.workspace.settings.context) as engine:
            found = await held(engine)
            if not found:
                self.desk.notify("info", "SlimDesk holds no image on this engine.")
                return
            total = sum(one.bytes for one in found)
            names = [one.tag or one.image_id for one in found]
            shown = [*names[:12], *([f"and {len(names) - 12} more"] if len(names) > 12 else [])]
            agreed = await ask(
                self.desk.window,
                "Remove what SlimDesk built?",
                f"{plural(len(found), 'image')}, {format_bytes(total)} says the engine. Nothing else is removed.",
                f"Remove {plural(len(found), 'image')}",
                details=shown,
            )
            if not agreed:
                return
            done = await self.desk.job("Clean up", "clean", lambda job: clean(engine, None, job))
        kept = f" {plural(len(done.kept), 'image')} in use stayed." if done.kept else ""
        self.desk.notify(
            "good", f"{plural(len(done.removed), 'image')} removed, {format_bytes(done.bytes)}.{kept}"
        )
