"""What can be told of a container without a helper, running or not: whether its image has a shell, and its changed files' sizes."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from slimdesk.basics.errors import EngineError
from slimdesk.debug.held import SHELLS
from slimdesk.engine.container_files import Change, ChangeKind
from slimdesk.engine.endpoint import Endpoint
from slimdesk.engine.engine import Engine
from slimdesk.engine.file_out import ContainerFiles
from slimdesk.engine.threads import in_thread
from slimdesk.operations.container_files import changes

# Each size is a question of its own, of a millisecond or more.
MOST_SIZES = 2000


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A path that is not as in the image. `size` in bytes; None for what was removed, folders, links, and those not asked for."""

    path: str
    kind: ChangeKind
    size: int | None = None
    folder: bool = False


async def find_shell(engine: Engine, container: str) -> str:
    """Return the first shell that a container has, "" where it has none. Raises EngineError, ImageNotFound."""
    return await in_thread(partial(_shell, engine.settings, container), name="stat")


async def changed_files(engine: Engine, container: str) -> tuple[ChangedFile, ...]:
    """Return what is not as in the image with sizes, the largest first; those removed last. Raises EngineError, ImageNotFound."""
    found = await changes(engine, container)
    sized = await in_thread(partial(_sizes, engine.settings, container, found), name="stat")
    return tuple(sorted(sized, key=lambda one: (one.kind == "removed", -(one.size or 0), one.path)))


def _shell(endpoint: Endpoint, container: str) -> str:
    with ContainerFiles(endpoint, container) as files:
        return next((shell for shell in SHELLS if files.stat(shell) is not None), "")


def _sizes(endpoint: Endpoint, container: str, found: Sequence[Change]) -> list[ChangedFile]:
    sized = []
    with ContainerFiles(endpoint, container) as files:
        for number, one in enumerate(found):
            if one.kind == "removed" or number >= MOST_SIZES:
                sized.append(ChangedFile(one.path, one.kind))
                continue
            try:
                known = files.stat(one.path)
            except EngineError:
                # It went away meanwhile, or is in memory: the engine cannot look at it.
                known = None
            size = known.size if known is not None and stat.S_ISREG(known.mode) else None
            folder = known is not None and stat.S_ISDIR(known.mode)
            sized.append(ChangedFile(one.path, one.kind, size, folder))
    return sized
