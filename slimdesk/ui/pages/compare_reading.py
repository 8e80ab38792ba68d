"""Reading what is compared: images that are known already are taken as they are, analyses of earlier from their JSON."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from slimdesk.basics.escaping import visible
from slimdesk.basics.job import Job
from slimdesk.image.compare import Side
from slimdesk.image.model import Image
from slimdesk.ui.desk import Desk
from slimdesk.ui.models.compare import PairView, prepare_pair
from slimdesk.workspace.history import about_image
from slimdesk.workspace.workspace import OpenedImage


class Sides:
    """What was read for the page, by where it came from; forgotten when it is compared no more."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._sides: dict[tuple[str, int], Side] = {}
        self._views: dict[tuple[int, int], PairView] = {}

    def known(self, opened: OpenedImage) -> Side | None:
        """Return the side of an image that has been read, None before."""
        if opened.image is None:
            return None
        key = (opened.where, id(opened.image))
        if key not in self._sides:
            from slimdesk.operations.compare import side_of

            name = None if _is_path(opened.where) else opened.where
            self._sides[key] = side_of(opened.image, name, self._seconds(opened))
        return self._sides[key]

    async def read(self, opened: OpenedImage, job: Job) -> OpenedImage:
        """Read one image, unless it has been read. Raises what reading raises."""
        if opened.image is not None:
            return opened
        job.progress(f"Reading {visible(Path(opened.where).name, 60)}")
        from slimdesk.image.earlier import is_json, read_earlier

        path = Path(opened.where)
        if _is_path(opened.where) and await asyncio.to_thread(is_json, path):
            side = await asyncio.to_thread(read_earlier, path)
            self._sides[opened.where, id(side.image)] = side
            return replace(opened, image=side.image)
        image = self._measured(opened) or await self._analyse(opened, job)
        self._desk.spawn(self._desk.workspace.remember_image(opened.where, about_image(image)))
        return replace(opened, image=image)

    def view(self, before: Side, after: Side) -> PairView | None:
        """Return what was made of two sides, None before."""
        return self._views.get((id(before), id(after)))

    async def prepare(self, before: Side, after: Side) -> PairView:
        """Make what the page shows of two sides, once."""
        key = id(before), id(after)
        if key not in self._views:
            self._views[key] = await self._desk.blocking(prepare_pair, before, after)
        return self._views[key]

    def keep(self, view: PairView) -> None:
        """Show this view of its pair from now on."""
        self._views[id(view.pair.before), id(view.pair.after)] = view

    def forget_all_but(self, sides: list[Side]) -> None:
        """Let go of what is compared no more."""
        wanted = {id(side) for side in sides}
        self._sides = {key: side for key, side in self._sides.items() if id(side) in wanted}
        self._views = {key: view for key, view in self._views.items() if set(key) <= wanted}

    def _seconds(self, opened: OpenedImage) -> float | None:
        if opened.variant is None:
            return None
        made = self._desk.workspace.results(opened.variant).verification
        return made.value.first_answer if made is not None else None

    def _measured(self, opened: OpenedImage) -> Image | None:
        """What the Image page or a variant's analysis has read already."""
        workspace = self._desk.workspace
        if opened.variant is not None:
            made = workspace.results(opened.variant).analysis
            if made is not None:
                return made.value
        shown = workspace.image
        return shown.image if shown is not None and shown.where == opened.where else None

    async def _analyse(self, opened: OpenedImage, job: Job) -> Image:
        from slimdesk.operations.analyze import analyze

        if _is_path(opened.where):
            return await analyze(Path(opened.where), reporter=job)
        from slimdesk.operations.connect import connected

        async with connected(self._desk.workspace.settings.context) as engine:
            return await analyze(f"docker://{opened.where}", engine=engine, reporter=job)


def _is_path(where: str) -> bool:
    return Path(where).is_absolute()
