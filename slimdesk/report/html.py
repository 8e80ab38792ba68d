"""A report as one HTML file: light and dark, tables that sort, charts, nothing fetched, nothing of an image's able to act.

Every text goes through the template's escaping. The page forbids itself all network and every script and style but its own,
which are named by their hash (Content Security Policy Level 3, hash-source).
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any

from slimdesk.basics.resources import resource
from slimdesk.report.bars import drawn
from slimdesk.report.document import Bars, Block, Heading, Paragraph, Table, plain
from slimdesk.report.model import Report
from slimdesk.report.palette import palette
from slimdesk.report.sections import document

if TYPE_CHECKING:
    from jinja2 import Template

_COLORS = (
    "s0", "s1", "s2", "s3", "hover", "line", "text", "text2", "text3", "accent_text", "mark", "line_strong", "ring",
    "good", "good_soft", "warn", "warn_soft", "bad", "bad_soft",
)  # fmt: skip


def render(report: Report) -> bytes:
    """Return the page."""
    from markupsafe import Markup

    blocks = document(report)
    style, script = _text("report.css").replace("/*colours*/", _colors()), _text("report.js")
    page = _template().render(
        title=report.title,
        blocks=[_block(block) for block in blocks],
        contents=[
            (number, plain(block.words))
            for number, block in enumerate(blocks)
            if isinstance(block, Heading) and block.level == 2
        ],
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        style_hash=_hash(style),
        script_hash=_hash(script),
    )
    return page.encode("utf-8", "backslashreplace")


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Heading):
        return {"kind": "heading", "words": block.words, "level": block.level}
    if isinstance(block, Paragraph):
        return {"kind": "paragraph", "words": block.words, "tone": block.tone}
    if isinstance(block, Table):
        return {"kind": "table", "table": block}
    return _bars(block)


def _bars(block: Bars) -> dict[str, Any]:
    return {"kind": "bars", "bars": block, "chart": drawn(block)}


def _colors() -> str:
    def some(name: Any) -> str:
        theme = palette(name)
        named = [f"--{key.replace('_', '-')}:{theme[key]}" for key in _COLORS]
        return ";".join([*named, *(f"--tile{number}:{tile}" for number, tile in enumerate(theme.tiles))])

    # On paper it is light, whatever the screen is.
    return f":root{{{some('light')}}}@media screen and (prefers-color-scheme:dark){{:root{{{some('dark')}}}}}"


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _text(name: str) -> str:
    return resource(f"templates/{name}").read_text(encoding="utf-8")


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_text("report.html"))
