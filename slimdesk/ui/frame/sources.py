"""What the palette finds beside commands: images of the engine and opened before, files of the open project."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import format_bytes
from slimdesk.ui.desk import Desk, Opener
from slimdesk.ui.frame.palette import Found, Palette, Source

_FILES = 20_000


class Sources:
    """Lists that are ready when the palette opens: they are read in the background whenever what they show changes."""

    def __init__(self, desk: Desk, opener: Opener, palette: Palette) -> None:
        self._desk, self._opener = desk, opener
        self._files: list[Found] = []
        self._root: Path | None = None
        palette.add_source(Source("Images", "@", self._images))
        palette.add_source(Source("Files", "/", lambda: self._files))
        desk.workspace.observe("project", self._project_changed)
        self._project_changed()

    def _images(self) -> Sequence[Found]:
        workspace = self._desk.workspace
        found: dict[str, Found] = {}
        for record in workspace.engine_images:
            for tag in record.tags:
                found[tag] = Found(
                    visible(tag),
                    lambda name=tag: self._opener.open_image(name),  # type: ignore[misc]
                    "cube",
                    f"{format_bytes(record.size)} says the engine",
                )
        for recent in workspace.history.recents("image"):
            if recent.place not in found:
                archive = "/" in recent.place and Path(recent.place).is_absolute()
                opening = self._opener.open_path if archive else self._opener.open_image
                found[recent.place] = Found(
                    visible(Path(recent.place).name if archive else recent.place),
                    lambda place=recent.place, run=opening: run(place),  # type: ignore[misc]
                    "archive" if archive else "cube",
                    visible(str(Path(recent.place).parent)) if archive else "opened before",
                )
        return list(found.values())

    def _project_changed(self) -> None:
        project = self._desk.workspace.project
        self._root = project.root if project else None
        self._files = []
        if project is not None:
            self._desk.spawn(self._list_files(project.root))

    async def _list_files(self, root: Path) -> None:
        paths = await asyncio.to_thread(_walk, root)
        if root == self._root:
            self._files = [self._file(root, path) for path in paths]

    def _file(self, root: Path, path: str) -> Found:
        folder, _, name = path.rpartition("/")
        place = root / path
        return Found(
            visible(name),
            lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(place))),
            "file-text",
            visible(folder),
            words=visible(folder),
        )


def _walk(root: Path) -> list[str]:
    from slimdesk.basics.errors import SlimDeskError
    from slimdesk.project.walk import walk

    try:
        return sorted(walk(root).files)[:_FILES]
    except SlimDeskError:
        return []
