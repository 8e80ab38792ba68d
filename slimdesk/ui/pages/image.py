"""Image: what is in it and where its bytes are. Layers, files and treemap, one choice shared by the three."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QStackedWidget, QWidget

from slimdesk.basics.errors import SlimDeskError
from slimdesk.basics.escaping import visible
from slimdesk.basics.job import Job
from slimdesk.basics.resources import resource
from slimdesk.image.model import Image
from slimdesk.image.picture import Picture
from slimdesk.image.table import ROOT
from slimdesk.ui.actions import Action
from slimdesk.ui.desk import Desk
from slimdesk.ui.models.packages import NOT_READ, node_of_package
from slimdesk.ui.pages.image_acts import NodeActs
from slimdesk.ui.pages.image_contents import ContentsPane
from slimdesk.ui.pages.image_dockerfile import NOT_KNOWN as NO_DOCKERFILE
from slimdesk.ui.pages.image_dockerfile import DockerfilePane
from slimdesk.ui.pages.image_export import Exporter
from slimdesk.ui.pages.image_findings import FindingList
from slimdesk.ui.pages.image_header import ImageFigures, ImageHeader
from slimdesk.ui.pages.image_more import configuration_table, settings_of
from slimdesk.ui.pages.image_packages import PackageList
from slimdesk.ui.pages.image_reading import ImageReader, ReadingBar, name_of
from slimdesk.ui.pages.image_same import SameList
from slimdesk.ui.pages.image_states import NoImage, NotRead, Reading
from slimdesk.ui.pages.image_view import ImageView, Prepared, prepare
from slimdesk.ui.pages.page import Page
from slimdesk.ui.pages.report_dialog import export_report
from slimdesk.ui.pages.report_of_pages import image_report
from slimdesk.ui.widgets.headers import TabBar
from slimdesk.ui.widgets.layout import column
from slimdesk.ui.widgets.notice import Notice, NoticeArea
from slimdesk.workspace.history import about_image
from slimdesk.workspace.workspace import OpenedImage

SAMPLE = "sample/reports.tar.zst"
_TABS = ("contents", "packages", "findings", "dockerfile", "same", "configuration")
_WIDE = 1330
_POLISHED_AT_ONCE = 8


class ImagePage(Page):
    """Shows `workspace.image`; an image that has not been read yet is read first, as a job."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.view = ImageView(desk)
        self._opened: OpenedImage | None = None
        self._shown_image: Image | None = None
        self._task: asyncio.Task[None] | None = None
        self._so_far: Picture | None = None
        self._reader = ImageReader(desk, self.view, self._follow, self._show_picture)
        self.header = ImageHeader(self.view.hide_base, self._fill_export)
        self.figures = ImageFigures()
        self.reading_bar = ReadingBar(self._cancel)
        self.notices = NoticeArea()
        self.tabs = TabBar(
            "Image",
            [
                ("contents", "Contents"),
                ("packages", "Packages"),
                ("findings", "Findings"),
                ("dockerfile", "Dockerfile"),
                ("same", "Same content"),
                ("configuration", "Configuration"),
            ],
        )
        self.acts = NodeActs(desk, self.view)
        self.contents = ContentsPane(
            desk, self.view, self.acts, self.show_filter, lambda: self.header.hide_base.setChecked(False)
        )
        self.layers, self.files, self.map = self.contents.layers, self.contents.files, self.contents.map
        self._exporter = Exporter(desk, self.view, self.map)
        self.packages = PackageList(self.acts)
        self.findings = FindingList(self.acts)
        self.dockerfile = DockerfilePane(desk)
        self.same = SameList(desk, self.acts)
        self.configuration, self._setting_rows = configuration_table()
        self._body = QStackedWidget()
        for pane in (
            self.contents,
            self.packages,
            self.findings,
            self.dockerfile,
            self.same,
            self.configuration,
        ):
            self._body.addWidget(pane)
        whole = QWidget()
        parts = column(
            self.header, self.figures, self.reading_bar, self.notices, self.tabs, self._body, spacing=0
        )
        parts.setStretch(5, 1)
        whole.setLayout(parts)
        self._reading = Reading(self._cancel)
        self._failed = NotRead(self.reload, lambda: desk.actions.run("open-archive"))
        self._none = NoImage(
            lambda: desk.actions.run("open-archive"),
            lambda: desk.actions.run("pick-image"),
            self.open_sample,
        )
        self._pages = QStackedWidget()
        for page in (self._none, self._reading, self._failed, whole):
            self._pages.addWidget(page)
        self._whole = whole
        self._warmed = False
        self.setLayout(column(self._pages, spacing=0))
        self._connect()
        self.workspace.observe("image", self._image_changed)
        self.workspace.observe("results", self._tell_age)
        self.workspace.observe(("project", "size"), self._project_changed)
        self.workspace.observe("engine", self._engine_changed)
        self._engine_changed()
        self._image_changed()

    def _connect(self) -> None:
        view = self.view
        self.tabs.chosen.connect(self._open_tab)
        self.packages.picked.connect(self._pick_package)
        self.packages.opened.connect(self._open_package)
        self.findings.picked.connect(view.select)
        self.findings.opened.connect(self._open_place)
        self.same.picked.connect(view.select)
        self.same.opened.connect(self._open_place)
        self.same.counted.connect(lambda count: self.tabs.count("same", count if count > 0 else None))
        self.dockerfile.layer_wanted.connect(self._show_layer)

    def _fill_export(self, menu: QMenu) -> None:
        self._exporter.fill(menu)

    # What a page offers

    def actions_offered(self) -> Sequence[Action]:
        """Copy, zoom, export, also from the palette."""
        page = "image"
        return (
            Action("open-sample-image", "Open the sample image", self.open_sample, "package", (), "File"),
            Action("copy-path", "Copy the chosen path", self.map.copy_path, "copy", ("Ctrl+Shift+C",), "Edit", self._no_choice, page=page),
            Action("look-inside", "Look inside the chosen file", lambda: self.acts.look(self.view.node), "eye", (), "View", lambda: self.acts.why_not_look(self.view.node), page=page),
            Action("save-node", "Save the chosen file or folder…", lambda: self.acts.save(self.view.node), "download-simple", (), "File", lambda: self.acts.why_not_save(self.view.node), page=page),
            Action("leave-out", "Leave the chosen file or folder out…", lambda: self.acts.leave_out(self.view.node), "minus", (), "Edit", self._no_leaving, page=page),
            Action("same-content", "List the files that hold the same", self._compare_contents, "copy", (), "View", self.acts.why_not_read, page=page),
            Action("doctor", "Is the image likely to run?", self.acts.doctor, "question", (), "View", self.acts.why_not_read, page=page),
            Action("image-whole", "Show the whole image in the treemap", lambda: self.view.zoom(ROOT), "arrow-up", (), "View", self._no_image, page=page),
            Action("image-all", "Show all layers and files", self.show_all, "stack", (), "View", self._no_image, page=page),
            Action("image-base", "Hide or show the base image", self.header.hide_base.toggle, "stack", (), "View", self._no_base, page=page),
            Action("image-report", "Export a report…", self.export_report, "export", ("Ctrl+E",), "File", self._no_image, page=page, words="html pdf markdown json csv sarif cyclonedx sbom"),
            Action("export-png", "Export the treemap as PNG…", lambda: self._exporter.export("png"), "export", (), "File", self._no_image, page=page),
            Action("export-svg", "Export the treemap as SVG…", lambda: self._exporter.export("svg"), "export", (), "File", self._no_image, page=page),
            Action("export-json", "Export the analysis as JSON…", lambda: self._exporter.export("json"), "export", (), "File", self._no_image, page=page),
        )  # fmt: skip

    def export_report(self) -> None:
        """Ask what a report on the image is to be, and write it."""
        export_report(self.desk, partial(image_report, self.workspace))

    def open_sample(self) -> None:
        """Open the small archive that comes with the program; it needs no engine."""
        if self.desk.opener is not None:
            self.desk.opener.open_path(str(resource(SAMPLE)))

    def panes(self) -> Sequence[QWidget]:
        """Layers, files, treemap."""
        return self.contents.panes()

    def entered(self) -> None:
        """Take the focus."""
        if self.view.image is not None:
            self.map.map.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_filter(self) -> None:
        """Go to the field that filters the packages where they are open, else to that of the files."""
        if self.tabs.value == "packages":
            self.packages.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.packages.filter.selectAll()
            return
        self.tabs.choose("contents")
        self.contents.show_filter()

    def reload(self) -> None:
        """Read the image again."""
        opened = self.workspace.image
        if opened is not None:
            self.workspace.show_image(replace(opened, image=None))

    def show_all(self) -> None:
        """Take back whatever narrows what is shown."""
        self.contents.show_all()

    # Opening

    def _image_changed(self) -> None:
        opened = self.workspace.image
        if opened is None:
            self._stop()
            self._opened = None
            self._show_nothing()
            self._pages.setCurrentWidget(self._none)
        elif opened.image is not None:
            if opened.image is not self._shown_image:
                self._stop()
                self._opened = opened
                self._task = self.desk.spawn(self._show_soon(opened, opened.image))
        elif self._opened is not opened:
            self._stop()
            self._opened = opened
            self._reading.begin(name_of(opened.where))
            self._pages.setCurrentWidget(self._reading)
            self._task = self.desk.spawn(self._read(opened))

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._reader.stop()
        self._so_far = None

    def _cancel(self) -> None:
        self._stop()
        self.workspace.show_image(None)

    async def _show_soon(self, opened: OpenedImage, image: Image) -> None:
        prepared = await self.desk.blocking(prepare, image, self.view.wanted_first)
        await self._warm()
        await self._show_image(image, opened, prepared)

    async def _read(self, opened: OpenedImage) -> None:
        name = name_of(opened.where)
        try:
            image, prepared = await self._reader.read(opened, f"Read {visible(name, 60)}", self._warm)
        except SlimDeskError as error:
            if self._opened is opened:
                self._so_far = None
                self._not_read(name, error)
            return
        except asyncio.CancelledError:
            if self._opened is opened:
                self.workspace.show_image(None)
            raise
        if self._opened is not opened:
            return
        read = replace(opened, image=image)
        self._opened = read
        self._shown_image = image
        self.workspace.show_image(read)
        self.desk.spawn(self.workspace.remember_image(opened.where, about_image(image)))
        await self._show_image(image, read, prepared)

    def _follow(self, job: Job) -> None:
        if self._so_far is None:
            self._reading.follow(job)

    async def _show_picture(self, picture: Picture, image: Image, prepared: Prepared) -> None:
        """Show what is known so far of the image that is being read, part by part; another image cancels it."""
        opened, first = self._opened, self._so_far is None
        if opened is None:
            return
        self.reading_bar.show_picture(picture)
        self.figures.show_picture(picture, image)
        await asyncio.sleep(0)
        self.contents.say_known(picture)
        if not first:
            self._so_far = picture
            self.view.renew(image, prepared)
            return
        self.notices.clear()
        self.header.show_image(image, opened.where)
        self._setting_rows.show_rows(settings_of(image))
        for key in ("packages", "findings", "dockerfile", "same"):
            self.tabs.count(key, None)
            self.tabs.allow(key, False, "Known when the whole image has been read")
        self.tabs.choose("contents")
        await asyncio.sleep(0)
        # From here on the view is this image's: what follows renews it.
        self._so_far = picture
        self.view.open(image, prepared)
        await asyncio.sleep(0)
        await self._appear()

    def _not_read(self, name: str, error: SlimDeskError) -> None:
        self._show_nothing()
        self._failed.say(
            f"{name} could not be read", " ".join(part for part in (error.what, error.why) if part)
        )
        self._pages.setCurrentWidget(self._failed)
        self.desk.fail(error)

    # Showing

    def _compare_contents(self) -> None:
        self.tabs.choose("same")
        if not self.same.rows.rows:
            self.same.compare()

    def _show_nothing(self) -> None:
        self._shown_image = None
        self.same.show_image(None)
        self.reading_bar.hide()
        self.notices.clear()
        self.view.open(None)

    def _project_changed(self) -> None:
        """The Dockerfile of the image on show may have become known, or changed."""
        opened, image = self._opened, self._shown_image
        if opened is not None and image is not None:
            self.desk.spawn(self._find_dockerfile(opened, image))

    async def _show_image(self, image: Image, opened: OpenedImage, prepared: Prepared) -> None:
        """Fill the page part by part, so that the window answers in between; another image cancels it."""
        self._shown_image = image
        # What acts on the image by itself must not have the one of before in the turns that follow.
        self.same.show_image(image)
        growing, self._so_far = self._so_far is not None, None
        self.reading_bar.hide()
        self.contents.say_known(None)
        self.notices.clear()
        self.header.show_image(image, opened.where)
        self.figures.show_image(image, self._engine_size(image))
        await asyncio.sleep(0)
        self.findings.show_image(image)
        grave = [one for one in image.findings if one.severity != "info"]
        self.tabs.allow("findings", True)
        self.tabs.count("findings", len(image.findings) or None, "warn" if grave else "text2")
        self.packages.show_image(image)
        self.tabs.count("packages", len(image.packages or ()) or None)
        self.tabs.allow("packages", image.packages is not None, NOT_READ)
        self.tabs.allow("same", True)
        self._setting_rows.show_rows(settings_of(image))
        for warning in image.warnings[:3]:
            self.notices.show_notice(Notice("warn", visible(warning, 300)))
        await asyncio.sleep(0)
        if growing:
            self.view.renew(image, prepared)
        else:
            self.view.open(image, prepared)
        await asyncio.sleep(0)
        await self._appear()
        self._tell_age()
        if self.isVisible() and not growing:
            self.entered()
        await self._find_dockerfile(opened, image)

    async def _appear(self) -> None:
        """Bring the page up; layers and files are painted a turn later each, for all at once would be felt."""
        if self._pages.currentWidget() is self._whole:
            return
        later = (self.layers, self.files)
        for pane in later:
            pane.setUpdatesEnabled(False)
        try:
            self._pages.setCurrentWidget(self._whole)
            for pane in later:
                await asyncio.sleep(0)
                pane.setUpdatesEnabled(True)
        finally:
            for pane in later:
                pane.setUpdatesEnabled(True)

    async def _find_dockerfile(self, opened: OpenedImage, image: Image) -> None:
        known = await self.dockerfile.find_for(opened, image)
        if image is self._shown_image:
            self.tabs.allow("dockerfile", known is not None, NO_DOCKERFILE)
            self.layers.layers.lines = known.lines if known is not None else {}
            if known is None and self.tabs.value == "dockerfile":
                self.tabs.choose("contents")

    async def _warm(self) -> None:
        """Style what will be shown while the image is being read: all at once it would be felt."""
        if self._warmed:
            return
        self._warmed = True
        self._whole.resize(self._pages.size())
        for number, child in enumerate(self._whole.findChildren(QWidget)):
            child.ensurePolished()
            if number % _POLISHED_AT_ONCE == 0:
                await asyncio.sleep(0)

    def _engine_size(self, image: Image) -> int | None:
        if image.source != "engine":
            return None
        return next(
            (one.size for one in self.workspace.engine_images if one.image_id == image.image_id), None
        )

    def _tell_age(self) -> None:
        """Say that a later build would give another image, and what has changed."""
        opened = self._opened
        if opened is None or opened.variant is None or self._shown_image is None:
            return
        results = self.workspace.results(opened.variant)
        if results.analysis is None or results.analysis.value is not self._shown_image:
            return
        changes = results.analysis.older(results.now)
        if changes:
            self.notices.show_notice(
                Notice(
                    "info",
                    "This image is older than the project.",
                    f"Changed since: {visible(', '.join(changes), 200)}.",
                )
            )

    def _engine_changed(self) -> None:
        status = self.workspace.engine
        reached = status is not None and status.reachable
        self._none.engine_button.allow(reached, "No engine answers; archives can be opened without one")

    def _pick_package(self, index: int) -> None:
        if self.view.image is not None:
            self.view.select(node_of_package(self.view.image, index))

    def _open_package(self, index: int) -> None:
        self.tabs.choose("contents")
        self.contents.open_package(index)

    def _open_place(self, node: int) -> None:
        self.tabs.choose("contents")
        self.contents.open_place(node)

    def _show_layer(self, layer: int) -> None:
        self.tabs.choose("contents")
        self.contents.show_layer(layer)

    def _open_tab(self, key: str) -> None:
        self._body.setCurrentIndex(_TABS.index(key))

    def _no_image(self) -> str:
        if self._so_far is not None:
            return "wait until the image has been read"
        return "" if self.view.image is not None else "open an image first"

    def _no_choice(self) -> str:
        return "" if self.view.node >= ROOT else "choose a file first"

    def _no_leaving(self) -> str:
        return self._no_choice() or self.acts.why_not_leave_out()

    def _no_base(self) -> str:
        known = self.view.image is not None and self.view.image.base_layers is not None
        return "" if known else "it is not known which layers the base brought"

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Leave out what there is no room for."""
        super().resizeEvent(event)
        width = self.width()
        self.figures.set_wide(width >= _WIDE)
        self.header.set_wide(width >= 900)
        self.contents.fit(width)
