"""Opening things, and keeping in touch with the engine: what happens between a click and a page that shows it."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from slimdesk.basics.errors import BadInput, OutputError, SlimDeskError
from slimdesk.basics.escaping import visible
from slimdesk.basics.resources import resource
from slimdesk.basics.units import plural
from slimdesk.ui.desk import Desk
from slimdesk.workspace.session import read_session, write_session
from slimdesk.workspace.workspace import OpenedImage

if TYPE_CHECKING:
    from slimdesk.basics.job import Job
    from slimdesk.project.model import Project

_SAVE_MS = 500
_LIST_SECONDS = 0.3


class Opening(QObject):
    """The `Opener` of the program (see ui.desk). `start` begins to watch the engine, once the window is there."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._workspace = desk.workspace
        self._watching: asyncio.Task[None] | None = None
        self._listing: asyncio.Task[None] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._dirty = False
        self._saver = QTimer(self)
        self._saver.setSingleShot(True)
        self._saver.setInterval(_SAVE_MS)
        self._saver.timeout.connect(lambda: desk.spawn(self.save_session()))
        self._stop_watching = self._workspace.observe(
            ("component", "ticks", "choices", "edits"), self._changed
        )

    def start(self) -> None:
        """Begin to watch the engine."""
        self.ask_engine()

    async def stop(self) -> None:
        """Keep what is to be kept; nothing is begun any more."""
        self._saver.stop()
        for task in (self._watching, self._listing, self._reading):
            if task is not None:
                task.cancel()
        await self.save_session()
        self._stop_watching()
        self._saver.stop()

    def open_path(self, path: str) -> None:
        """Open a folder (project or OCI layout), an archive, or a Dockerfile without its project."""
        place = Path(path).expanduser()
        if place.is_dir() and not (place / "oci-layout").is_file():
            self._read(place)
        elif place.is_file() and _is_dockerfile(place):
            self._desk.spawn(_show_dockerfile(self._desk, place))
        elif place.exists():
            self._show_image(str(place.absolute()))
        else:
            self._desk.fail(
                BadInput(f"{visible(path)} was not found", todo="Choose another folder or archive")
            )

    def open_image(self, name: str) -> None:
        """Open an image of the engine by name."""
        self._show_image(name)

    def open_sample(self) -> None:
        """Open the bundled sample project: a copy in the data folder, so that it may be changed."""
        self._desk.spawn(self._open_sample())

    def read_again(self) -> None:
        """Read the open project again; ticks, edits and results stay."""
        project = self._workspace.project
        if project is not None:
            self._read(project.root)

    def ask_engine(self) -> None:
        """Ask the engine how it is, now, and keep watching it."""
        if self._watching is not None:
            self._watching.cancel()
        self._watching = self._desk.spawn(self._watch())

    def use_context(self, name: str | None) -> None:
        """Use another Docker context, from now on."""
        self._desk.change_settings(context=name)
        self._workspace.set_engine(None)
        self._workspace.set_engine_images(())
        self.ask_engine()

    async def save_session(self) -> None:
        """Keep ticks, options and edits, if they changed."""
        project = self._workspace.project
        if not self._dirty or project is None:
            return
        self._dirty = False
        self._saver.stop()
        try:
            await asyncio.to_thread(write_session, project.root, self._workspace.session)
        except OutputError as error:
            self._desk.fail(error)

    def _changed(self) -> None:
        if self._workspace.project is not None:
            self._dirty = True
            self._saver.start()

    def _read(self, folder: Path) -> None:
        if self._reading is not None:
            self._reading.cancel()
        name = visible(folder.name or str(folder), 60)
        page = self._desk.page
        self._reading = self._desk.run_job(
            f"Read {name}", "read", lambda job: self._read_project(job, folder, page)
        )

    async def _read_project(self, job: Job, folder: Path, page: str) -> None:
        """`page`: the one it was asked for on. Who has gone to another meanwhile is left there."""
        from slimdesk.operations.detect import open_project

        await self.save_session()
        job.progress(f"Looking through {visible(folder.name)}")
        project = await asyncio.to_thread(open_project, folder)
        session = await asyncio.to_thread(read_session, project.root)
        again = self._workspace.project is not None and self._workspace.project.root == project.root
        self._workspace.show_project(project, session)
        self._dirty = False
        self._desk.spawn(self._workspace.remember_project(project.root, about_project(project)))
        job.summary = (
            f"{plural(len(project.components), 'component')}, {plural(project.files_seen, 'file')} seen"
        )
        if not again and self._desk.page == page:
            self._desk.go("project")

    def _show_image(self, where: str) -> None:
        self._workspace.show_image(OpenedImage(where))
        self._desk.go("image")

    async def _open_sample(self) -> None:
        target = await asyncio.to_thread(_copy_sample)
        self._read(target)

    async def _watch(self) -> None:
        # docker-py and its company take a quarter of a second to import: not on the window's thread.
        await asyncio.to_thread(_load_engine)
        from slimdesk.engine.model import EngineStatus
        from slimdesk.operations.engine import watch_engine

        async with contextlib.aclosing(watch_engine(self._workspace.settings.context)) as states:
            async for state in states:
                if isinstance(state, EngineStatus):
                    self._workspace.set_engine(state)
                    if not state.reachable:
                        self._workspace.set_engine_images(())
                        continue
                self._list_soon()

    def _list_soon(self) -> None:
        if self._listing is None or self._listing.done():
            self._listing = self._desk.spawn(self._list())

    async def _list(self) -> None:
        from slimdesk.operations.connect import connected

        await asyncio.sleep(_LIST_SECONDS)
        # An engine that goes away meanwhile is told by its state, not by an error.
        with contextlib.suppress(SlimDeskError):
            async with connected(self._workspace.settings.context) as engine:
                self._workspace.set_engine_images(await engine.images())


def about_project(project: Project) -> dict[str, object]:
    """Return what Start shows of a project."""
    return {
        "components": [component.name for component in project.components],
        "profiles": list(dict.fromkeys(component.profile for component in project.components)),
    }


def _is_dockerfile(path: Path) -> bool:
    from slimdesk.operations.paste import is_dockerfile_name

    return is_dockerfile_name(path.name)


async def _show_dockerfile(desk: Desk, path: Path) -> None:
    from slimdesk.ui.pages.pasted import show_file

    await show_file(desk, path)


def _load_engine() -> None:
    import slimdesk.operations.analyze
    import slimdesk.operations.engine  # noqa: F401 - loaded here, used on the loop


def _copy_sample() -> Path:
    import shutil

    from slimdesk.workspace.places import folder

    target = folder("data") / "sample" / "harbour"
    if not target.exists():
        try:
            shutil.copytree(resource("sample/harbour"), target)
        except OSError as error:
            raise OutputError(
                "The sample project could not be copied",
                error.strerror or str(error),
                "Free some space, or open another folder",
            ) from error
    return target
