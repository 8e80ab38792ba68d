"""A report in the little HTML that Qt's rich text reads, for a look before it is saved. Every text is escaped."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from slimdesk.report.document import Bars, Block, Heading, Paragraph, Table, Words, plain
from slimdesk.report.model import Report
from slimdesk.report.palette import Palette
from slimdesk.report.sections import document

MOST_ROWS = 40
_TRACK = 300
_SIZES = {1: 20, 2: 16, 3: 14, 4: 13}


def preview(report: Report, colors: Palette) -> str:
    """Return the text; long tables are cut, as this is for looking at."""
    body = "\n".join(piece for block in document(report) for piece in _pieces(block, colors))
    return f'<html><body style="color:{colors["text"]}">{body}</body></html>'


def _pieces(block: Block, colors: Palette) -> Iterator[str]:
    if isinstance(block, Heading):
        yield (
            f'<p style="font-size:{_SIZES[block.level]}px; font-weight:600; margin-top:{4 if block.level == 1 else 18}px;'
            f' margin-bottom:4px">{_words(block.words)}</p>'
        )
    elif isinstance(block, Paragraph):
        tone = {"plain": "text", "muted": "text3"}.get(block.tone, block.tone)
        yield f'<p style="color:{colors[tone]}; margin:4px 0">{_words(block.words)}</p>'
    elif isinstance(block, Table):
        yield from _table(block, colors)
    else:
        yield from _bars(block, colors)


def _table(table: Table, colors: Palette) -> Iterator[str]:
    yield '<table cellpadding="5" cellspacing="0" width="100%">'
    heads = "".join(
        f'<td align="{"right" if column.numeric else "left"}" style="color:{colors["text2"]}">{_words(column.title)}</td>'
        for column in table.columns
    )
    yield f'<tr bgcolor="{colors["s3"]}">{heads}</tr>'
    for number, row in enumerate(table.rows[:MOST_ROWS]):
        cells = "".join(
            f'<td align="{"right" if column.numeric else "left"}" style="color:{colors[_ink(cell.tone)]}">{_words(cell.words)}</td>'
            for cell, column in zip(row, table.columns, strict=True)
        )
        fill = f' bgcolor="{colors["s2"]}"' if number % 2 else ""
        yield f"<tr{fill}>{cells}</tr>"
    yield "</table>"
    rest = table.left_out + len(table.rows[MOST_ROWS:])
    if rest:
        yield f'<p style="color:{colors["text3"]}">{rest:,} more rows are not shown here</p>'


def _bars(bars: Bars, colors: Palette) -> Iterator[str]:
    yield f'<p style="color:{colors["text2"]}; margin:4px 0">{escape(bars.title)}</p>'
    if bars.parts:
        marks = "&nbsp;&nbsp; ".join(
            f'<span style="color:{colors.tiles[number]}">■</span> {escape(part)}'
            for number, part in enumerate(bars.parts)
        )
        yield f"<p>{marks}</p>"
    longest = max((sum(bar.parts) for bar in bars.bars if bar.parts), default=0)
    yield '<table cellpadding="3" cellspacing="0">'
    for first, bar in enumerate(bars.bars):
        pieces = ""
        for number, size in enumerate(bar.parts or ()):
            wide = max(2, round(_TRACK * size / longest)) if size and longest else 0
            if wide:
                color = (
                    colors.tiles[number] if bars.parts else colors["line_strong" if first == 0 else "mark"]
                )
                pieces += f'<td width="{wide}" bgcolor="{color}">&nbsp;</td>'
        drawn = f'<table cellpadding="0" cellspacing="0"><tr>{pieces}</tr></table>' if pieces else ""
        value = f"{bar.value}, {bar.note}" if bar.note else bar.value
        yield f'<tr><td align="right">{escape(plain(bar.label))}</td><td>{drawn}</td><td>{escape(value)}</td></tr>'
    yield "</table>"


def _ink(tone: str) -> str:
    return {"plain": "text", "muted": "text3"}.get(tone, tone)


def _words(some: Words) -> str:
    return escape(plain(some))
