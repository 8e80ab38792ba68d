"""Before a build: which images the engine has not, how much they are, and fetching them with the person's credentials."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from slimdesk.basics.errors import ImageNotFound
from slimdesk.basics.job import Reporter
from slimdesk.basics.units import format_bytes, plural
from slimdesk.dockerfile.model import Dockerfile
from slimdesk.engine.engine import Engine
from slimdesk.recipes.references import images_needed


@dataclass(frozen=True, slots=True)
class MissingImage:
    """An image that a build needs and the engine has not. `download` is in bytes, None where the registry does not tell."""

    reference: str
    platform: str | None = None
    download: int | None = None


async def missing_images(
    engine: Engine, dockerfile: Dockerfile, target: str | None = None, platform: str | None = None
) -> tuple[MissingImage, ...]:
    """Return what must be fetched before that target can be built for `platform`. Asks the engine alone, no registry."""
    names = images_needed(dockerfile, target)
    # A stage that compiles for another platform runs on the engine's own.
    native = {one.base for one in dockerfile.stages if one.platform and "BUILDPLATFORM" in one.platform}
    wanted = [(name, None if name in native else platform) for name in names if "$" not in name]
    there = await asyncio.gather(*(_has(engine, name, needed) for name, needed in wanted))
    return tuple(
        MissingImage(name, needed) for (name, needed), held in zip(wanted, there, strict=True) if not held
    )


async def with_sizes(engine: Engine, missing: tuple[MissingImage, ...]) -> tuple[MissingImage, ...]:
    """Ask the registries how much each download is."""
    sizes = await asyncio.gather(*(engine.download_size(one.reference, one.platform) for one in missing))
    return tuple(replace(one, download=size) for one, size in zip(missing, sizes, strict=True))


def missing_words(missing: tuple[MissingImage, ...]) -> str:
    """3 base images, 412 MB; without the size where a registry did not tell, and empty for none."""
    if not missing:
        return ""
    known = [one.download for one in missing if one.download is not None]
    words = plural(len(missing), "base image")
    if len(known) == len(missing):
        return f"{words}, {format_bytes(sum(known))}"
    return f"{words}, at least {format_bytes(sum(known))}" if known else words


async def pull_missing(engine: Engine, missing: tuple[MissingImage, ...], reporter: Reporter) -> None:
    """Fetch them one after the other. Raises PullFailed with what the registry says in words."""
    for one in missing:
        reporter.log(f"Fetching {one.reference}")
        await engine.pull(one.reference, one.platform, reporter)


async def _has(engine: Engine, name: str, platform: str | None) -> bool:
    try:
        held = (await engine.inspect(name)).platform
    except ImageNotFound:
        return False
    # One that is held for another platform would be used all the same, and the result would not run.
    return platform is None or held is None or held.split("/")[:2] == platform.split("/")[:2]
