"""Remove what SlimDesk built, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from slimdesk.basics.errors import EngineError, ImageNotFound
from slimdesk.basics.job import Reporter
from slimdesk.engine.engine import Engine
from slimdesk.engine.model import LABEL_MADE, ImageRecord
from slimdesk.operations.build import LABEL_PROJECT, project_mark
from slimdesk.operations.sidecar import sweep


@dataclass(frozen=True, slots=True)
class Removed:
    """One tag (or an image without any) that is gone, or would go. `bytes` is the engine's figure; layers may be shared."""

    image_id: str
    tag: str | None
    bytes: int


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What was removed, and what stayed with the reason why."""

    removed: tuple[Removed, ...]
    kept: tuple[tuple[str, str], ...] = ()

    @property
    def bytes(self) -> int:
        """The sum of the engine's figures."""
        return sum(one.bytes for one in self.removed)


async def held(engine: Engine, project: Path | None = None) -> tuple[Removed, ...]:
    """Return what `clean` would remove: all that SlimDesk built, or what it built of that project folder."""
    images = await engine.images(LABEL_MADE)
    if project is not None:
        mark = project_mark(project)
        images = [one for one in images if one.labels.get(LABEL_PROJECT) == mark]
    return tuple(found for image in images for found in _ours(image))


async def clean(
    engine: Engine, project: Path | None, reporter: Reporter, *, dry_run: bool = False
) -> Cleaned:
    """Remove the images that carry our label. One that a container uses stays, with the reason.

    Containers that a killed program left go first: they would hold their images.
    """
    found = await held(engine, project)
    if dry_run:
        return Cleaned(found)
    await sweep(engine)
    removed: list[Removed] = []
    kept: list[tuple[str, str]] = []
    for number, one in enumerate(found):
        name = one.tag or one.image_id
        reporter.progress(f"Removing {name}", number, len(found), "steps")
        try:
            await engine.remove_image(name)
        except ImageNotFound:
            # Gone meanwhile, which is what was wanted.
            continue
        except EngineError as error:
            kept.append((name, error.why or error.what))
        else:
            removed.append(one)
    return Cleaned(tuple(removed), tuple(kept))


def _ours(image: ImageRecord) -> tuple[Removed, ...]:
    """An image that somebody built on ours has inherited our label: only the tag that the label names is ours."""
    if not image.tags:
        return (Removed(image.image_id, None, image.size),)
    tag = _full(image.labels[LABEL_MADE])
    if tag not in image.tags:
        return ()
    return (Removed(image.image_id, tag, image.size if len(image.tags) == 1 else 0),)


def _full(tag: str) -> str:
    return tag if ":" in tag.rpartition("/")[2] else f"{tag}:latest"
