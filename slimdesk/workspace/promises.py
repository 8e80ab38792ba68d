"""What was left out and promised, until the next build measures it: a small JSON file in the data folder."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from slimdesk.basics import clock
from slimdesk.basics.files import write_whole
from slimdesk.workspace.places import folder

_KEPT = 200


@dataclass(frozen=True, slots=True)
class Promise:
    """Something left out of an image. Bytes; `live` and `files` are promised, `before_*` the image's as it was.

    project: the folder. family: the variant's word, "" where SlimDesk did not build it. image_id: the image it was left
    out of. measured_*: what the next build gained; None until then. A build that comes after several measures
    them together. made: ISO 8601, UTC.
    """

    project: str
    component: str
    family: str
    what: str
    live: int
    files: int
    image_id: str
    before_live: int
    before_files: int
    made: str = ""
    measured_live: int | None = None
    measured_files: int | None = None
    measured_image: str | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """Promised and measured side by side, in bytes, of all that was left out before one build."""

    what: tuple[str, ...]
    live: int
    files: int
    measured_live: int
    measured_files: int


class Promises:
    """The file. It holds little, so each call reads and writes it whole; one that cannot be read is begun anew."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or folder("data") / "left-out.json"

    def all(self, project: str | None = None) -> list[Promise]:
        """Return what was promised, oldest first."""
        try:
            rows = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []
        found = [one for row in rows if (one := _promise(row)) is not None] if isinstance(rows, list) else []
        return [one for one in found if project in (None, one.project)]

    def keep(self, promise: Promise) -> None:
        """Add one. Raises OutputError."""
        self._write([*self.all(), replace(promise, made=promise.made or clock.now().isoformat())])

    def settle(
        self, variant: tuple[str, str, str], image_id: str | None, live: int | None, files: int
    ) -> Settled | None:
        """Compare what waits for a variant (project, component, family) with a newer image of it; None where nothing does. Raises OutputError."""
        everything = self.all()
        waiting = [
            one
            for one in everything
            if (one.project, one.component, one.family) == variant
            and one.measured_live is None
            and one.image_id != image_id
        ]
        if not waiting or live is None or image_id is None:
            return None
        first = waiting[0]
        done = Settled(
            tuple(one.what for one in waiting),
            sum(one.live for one in waiting),
            sum(one.files for one in waiting),
            first.before_live - live,
            first.before_files - files,
        )
        self._write(
            [
                replace(
                    one,
                    measured_live=done.measured_live,
                    measured_files=done.measured_files,
                    measured_image=image_id,
                )
                if one in waiting
                else one
                for one in everything
            ]
        )
        return done

    def _write(self, promises: list[Promise]) -> None:
        write_whole(self.path, json.dumps([asdict(one) for one in promises[-_KEPT:]], indent=1) + "\n")


_TYPES: dict[str, tuple[type, ...]] = {
    "project": (str,), "component": (str,), "family": (str,), "what": (str,), "live": (int,), "files": (int,),
    "image_id": (str,), "before_live": (int,), "before_files": (int,), "made": (str,),
    "measured_live": (int, type(None)), "measured_files": (int, type(None)), "measured_image": (str, type(None)),
}  # fmt: skip


def _promise(row: Any) -> Promise | None:
    if not isinstance(row, dict) or any(not isinstance(row.get(key), types) for key, types in _TYPES.items()):
        return None
    return Promise(**{key: row[key] for key in _TYPES})
