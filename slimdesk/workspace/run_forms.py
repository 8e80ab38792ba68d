"""How images were started last, as it was typed: one small JSON file. What looks like a secret stays in memory."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from slimdesk.basics.files import write_whole
from slimdesk.workspace.places import folder

# So many images are remembered, those that were started last.
KEPT = 100
_LONGEST = 20_000
_TAG = re.compile(r":[A-Za-z0-9_][A-Za-z0-9_.-]*$")


@dataclass(frozen=True, slots=True)
class RunForm:
    """The fields of "Run image" as they were typed. `tmp`: /tmp is kept in memory."""

    image: str = ""
    ports: str = ""
    environment: str = ""
    volumes: str = ""
    command: str = ""
    user: str = ""
    memory: str = ""
    read_only: bool = False
    tmp: bool = False


class RunForms:
    """What was typed for each image, by its name without the tag. `public` keeps of an environment what is no secret."""

    def __init__(self, public: Callable[[str], str], path: Path | None = None) -> None:
        self._path = path or folder("data") / "runs.json"
        self._public = public
        self._kept: dict[str, dict[str, Any]] | None = None
        self._session: dict[str, RunForm] = {}

    def of(self, image: str) -> RunForm | None:
        """Return how an image, or another tag of it, was started last; None if it never was."""
        key = _key(image)
        if key in self._session:
            return replace(self._session[key], image=image)
        kept = self._read().get(key)
        if kept is None:
            return None
        form = RunForm(image=image)
        right = {
            name: kept[name] for name, value in asdict(form).items() if type(kept.get(name)) is type(value)
        }
        return replace(form, **(right | {"image": image}))

    def keep(self, form: RunForm) -> None:
        """Remember a form. Raises OutputError; it is remembered in memory all the same."""
        key = _key(form.image)
        self._session[key] = form
        kept = self._read()
        kept.pop(key, None)
        shown = replace(form, environment=self._public(form.environment)[:_LONGEST])
        kept[key] = asdict(shown)
        while len(kept) > KEPT:
            kept.pop(next(iter(kept)))
        write_whole(self._path, json.dumps(kept, indent=1) + "\n")

    def _read(self) -> dict[str, dict[str, Any]]:
        if self._kept is None:
            try:
                read = json.loads(self._path.read_text(encoding="utf-8"))
            except (OSError, ValueError, RecursionError):
                read = {}
            table = read if isinstance(read, dict) else {}
            self._kept = {str(key): one for key, one in table.items() if isinstance(one, dict)}
        return self._kept


def _key(image: str) -> str:
    name = image.partition("@")[0].strip()
    return _TAG.sub("", name)
