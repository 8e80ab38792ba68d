"""A report as Markdown for a pull request: whatever is not ours stands in code spans, where no mark, link or mention works."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.units import UNKNOWN, format_bytes, plural
from slimdesk.image.compare_text import code
from slimdesk.report.document import Bars, Block, Heading, Paragraph, Span, Table, Words
from slimdesk.report.model import Report
from slimdesk.report.sections import document

# GitHub cuts a comment off at 65 536 characters.
MOST_ROWS = 25
_BAR = 24
_MARKS = {"good": "✅ ", "bad": "❌ ", "warn": "⚠️ ", "plain": "", "muted": ""}
_STARTS = ("#", "-", "+", ">", "|", "=")


def render(report: Report) -> bytes:
    """Return the report; long tables are cut, and say by how much."""
    lines: list[str] = []
    for block in document(report):
        lines += [*_lines(block), ""]
    return "\n".join(lines).encode("utf-8", "backslashreplace")


def _lines(block: Block) -> Iterator[str]:
    if isinstance(block, Heading):
        yield f"{'#' * (block.level + 1)} {_words(block.words)}"
    elif isinstance(block, Paragraph):
        text = _words(block.words)
        yield f"{_MARKS[block.tone]}{chr(92) if text.startswith(_STARTS) else ''}{text}"
    elif isinstance(block, Table):
        yield from _table(block)
    else:
        yield from _bars(block)


def _table(table: Table) -> Iterator[str]:
    yield f"| {' | '.join(_words(column.title) for column in table.columns)} |"
    yield f"|{'|'.join('---:' if column.numeric else '---' for column in table.columns)}|"
    for row in table.rows[:MOST_ROWS]:
        yield f"| {' | '.join(_MARKS[cell.tone] + _words(cell.words) for cell in row)} |"
    rest = table.left_out + len(table.rows[MOST_ROWS:])
    if rest:
        yield ""
        yield f"and {plural(rest, 'row')} more"


def _bars(bars: Bars) -> Iterator[str]:
    yield f"{bars.title}:"
    yield ""
    longest = max((sum(bar.parts) for bar in bars.bars if bar.parts), default=0)
    heads = ["Image", *(bars.parts or ("",)), "Total"]
    yield f"| {' | '.join(heads)} |"
    yield f"|---|{'---:|' * len(bars.parts) if bars.parts else '---|'}---:|"
    for bar in bars.bars:
        if bars.parts:
            middle = [format_bytes(part) for part in bar.parts] if bar.parts else [UNKNOWN] * len(bars.parts)
        else:
            middle = ["█" * max(1, round(_BAR * sum(bar.parts) / longest)) if bar.parts and longest else ""]
        total = f"{bar.value}, {bar.note}" if bar.note else bar.value
        yield f"| {' | '.join([_words(bar.label), *middle, total])} |"


def _words(some: Words) -> str:
    return "".join(_span(span) for span in some)


def _span(span: Span) -> str:
    if span.quoted:
        return code(span.text) if span.text else ""
    return span.text.replace("|", "\\|")
