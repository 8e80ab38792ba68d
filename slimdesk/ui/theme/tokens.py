"""The named colours of one theme, read from resources/themes/*.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

from slimdesk.basics.resources import resource

Appearance = Literal["system", "light", "dark"]
ThemeName = Literal["light", "dark"]
Token = Literal[
    "s0", "s1", "s2", "s3", "hover", "press", "sel", "line", "line_strong",
    "text", "text2", "text3", "on_accent",
    "accent", "accent_hover", "accent_press", "accent_text", "accent_soft", "mark", "ring",
    "good", "good_soft", "warn", "warn_soft", "bad", "bad_soft",
    "terminal", "code_keyword", "code_string", "code_number", "code_comment", "tile_text",
]  # fmt: skip
TOKENS: tuple[Token, ...] = get_args(Token)


@dataclass(frozen=True)
class Tokens:
    """One theme: `colors` maps every Token to #RRGGBB; the rest are ramps for data, darkest meaning last.

    tiles: eight categories in order of rank. base_tiles: greys of layers that the base brought. sequence, with the
    text colour for each step. less, more: soft (changed), middle (added, removed), strong (bars, no text on it).
    """

    name: ThemeName
    colors: dict[str, str]
    tiles: tuple[str, ...]
    base_tiles: tuple[str, ...]
    sequence: tuple[str, ...]
    sequence_text: tuple[str, ...]
    less: tuple[str, ...]
    more: tuple[str, ...]

    def __getitem__(self, token: Token) -> str:
        return self.colors[token]


@cache
def read_tokens(name: ThemeName) -> Tokens:
    """Return the tokens of the theme `name`."""
    data = json.loads(resource(f"themes/{name}.json").read_text(encoding="utf-8"))
    ramps = {
        key: tuple(data[key]) for key in ("tiles", "base_tiles", "sequence", "sequence_text", "less", "more")
    }
    return Tokens(name=name, colors={token: data[token] for token in TOKENS}, **ramps)
