"""Saving a file or a folder of an image: where to, a name that is free, and what was left out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from slimdesk.basics.escaping import without_controls
from slimdesk.basics.job import Job
from slimdesk.basics.units import format_bytes, plural
from slimdesk.image.layer import clean_key
from slimdesk.image.model import Image
from slimdesk.image.packages.look import Paths
from slimdesk.operations.save_files import Saved, free_name, save_file, save_folder
from slimdesk.ui.desk import Desk
from slimdesk.ui.dialogs import ask, pick_folder, pick_new_file
from slimdesk.workspace.workspace import OpenedImage

if TYPE_CHECKING:
    from slimdesk.engine.engine import Engine

_RESERVED = '<>:"/\\|?*'


def open_save(
    desk: Desk,
    opened: OpenedImage,
    path: str,
    layer: int | None = None,
    *,
    as_tar: bool = False,
    parent: QWidget | None = None,
) -> None:
    """Ask where to, and save a file or folder of the image as a job. `as_tar`: a folder as one tar file."""
    if opened.image is not None:
        desk.spawn(_save(desk, opened.image, path, layer, as_tar=as_tar, parent=parent or desk.window))


class Running:
    """What a window reads; it outlives the window for as long as it takes to end it."""

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None
        self.job: Job | None = None

    def stop(self) -> None:
        """End it."""
        if self.job is not None:
            self.job.cancel()
        if self.task is not None:
            self.task.cancel()


@contextlib.asynccontextmanager
async def engine_of(desk: Desk, image: Image) -> AsyncIterator[Engine | None]:
    """Connect to the engine where the image is one of its own."""
    if image.source != "engine":
        yield None
        return
    from slimdesk.operations.connect import connected

    async with connected(desk.workspace.settings.context) as engine:
        yield engine


async def _save(
    desk: Desk, image: Image, path: str, layer: int | None, *, as_tar: bool, parent: QWidget
) -> None:
    table = image.table
    folder = (
        layer is None and Paths(table).folder(clean_key(path.encode("utf-8", "surrogateescape"))) is not None
    )
    name = file_name(path) or file_name(image.name or "") or "image"
    target = await (
        _folder_target(desk, name, parent)
        if folder and not as_tar
        else _file_target(name, parent, as_tar=folder)
    )
    if target is None:
        return

    async def work(job: Job) -> Saved:
        async with engine_of(desk, image) as engine:
            if folder:
                return await save_folder(image, path, target, as_tar=as_tar, engine=engine, reporter=job)
            return await save_file(image, path, target, layer=layer, engine=engine, reporter=job)

    saved = await desk.job(f"Save {name[:60]}", "read", work)
    words = f"{plural(saved.files, 'file')}, {format_bytes(saved.bytes)}, in {saved.target.parent}."
    if saved.left_out:
        details = "\n".join(saved.left_out)
        desk.notify(
            "warn", f"{saved.target.name} is saved, but not all of it.", saved.left_out[0], details=details
        )
    else:
        desk.notify("good", f"{saved.target.name} is saved.", words)


async def _file_target(name: str, parent: QWidget, *, as_tar: bool) -> Path | None:
    if as_tar:
        return await pick_new_file(parent, "Save folder as tar", f"{name}.tar", ("tar archives (*.tar)",))
    return await pick_new_file(parent, "Save file", name)


async def _folder_target(desk: Desk, name: str, parent: QWidget) -> Path | None:
    """Ask for the folder to save into; where one of that name is in it already, another name is offered."""
    into = await pick_folder(parent, f"Save folder {name} into")
    if into is None:
        return None
    target = into / name
    free = await desk.blocking(free_name, target)
    if free == target:
        return target
    text = f"There is a {name} in {into.name or into} already, and a folder is never replaced."
    return free if await ask(parent, "Save beside it?", text, f"Save as {free.name}") else None


def file_name(path: str) -> str:
    """Return the last part of a path as a name that any file system takes; empty for the root."""
    last = without_controls(path.rstrip("/").rpartition("/")[2])
    return "".join("_" if letter in _RESERVED else letter for letter in last).strip(" .")[:120]
