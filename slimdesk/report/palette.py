"""The program's colours for what is made without a window: the same files that the themes are read from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Literal

from slimdesk.basics.resources import resource


@dataclass(frozen=True, slots=True)
class Palette:
    """One theme: colours by name as #RRGGBB, and the eight of parts, in their order."""

    colors: dict[str, str]
    tiles: tuple[str, ...]

    def __getitem__(self, name: str) -> str:
        return self.colors[name]


@cache
def palette(name: Literal["light", "dark"]) -> Palette:
    """Return the colours of the theme `name`."""
    data = json.loads(resource(f"themes/{name}.json").read_text(encoding="utf-8"))
    return Palette(
        {key: value for key, value in data.items() if isinstance(value, str)}, tuple(data["tiles"])
    )
