"""A report as PDF: A4 pages with fpdf2. Its fonts are the DejaVu that matplotlib brings along: they know × and −."""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slimdesk import __version__
from slimdesk.basics.errors import OutputError
from slimdesk.basics.units import THIN_SPACE
from slimdesk.report.bars import drawn
from slimdesk.report.document import Bars, Block, Heading, Paragraph, Table, ours, plain
from slimdesk.report.model import Report
from slimdesk.report.palette import palette
from slimdesk.report.sections import document

if TYPE_CHECKING:
    from fpdf import FPDF

MOST_ROWS = 120
_MARGIN, _WIDTH = 16.0, 178.0  # mm, of A4
_BODY, _SMALL = 9.0, 7.5  # pt
_LINE = 4.6
_FACES = {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf"}
_HEADINGS = {1: 18.0, 2: 13.0, 3: 10.5, 4: 9.5}
# Where a long word may be broken; a path is one, and would else take the whole page. Millimetres.
_BREAK = re.compile(r"[\s/]+")
_WIDEST_WORD, _WIDEST_TEXT, _PADDING = 34.0, 90.0, 2.8
_LONGEST = 200


def render(report: Report) -> bytes:
    """Return the pages. Raises OutputError where the fonts are not there."""
    pdf = _paper(report)
    for block in document(report):
        _set(pdf, block)
    return bytes(pdf.output())


def _paper(report: Report) -> FPDF:
    from fpdf import FPDF

    class Paper(FPDF):
        def footer(self) -> None:
            self.set_y(-12)
            self.set_font("DejaVu", size=_SMALL)
            _ink(self, "text3")
            self.cell(0, 5, f"SlimDesk {__version__}, {report.made:%Y-%m-%d}")
            self.set_x(_MARGIN)
            self.cell(0, 5, f"{self.page_no()} / {{nb}}", align="R")

    pdf = Paper(format="A4")
    for style, name in _FACES.items():
        pdf.add_font("DejaVu", style, _font(name))
    pdf.set_margins(_MARGIN, _MARGIN)
    pdf.set_auto_page_break(auto=True, margin=18)
    pdf.set_title(plain_for(report.title))
    pdf.set_creator(f"SlimDesk {__version__}")
    pdf.set_creation_date(report.made)
    pdf.set_lang("en")
    pdf.add_page()
    return pdf


@cache
def _font(name: str) -> Path:
    # Looked for, not imported: matplotlib itself takes half a second.
    found = importlib.util.find_spec("matplotlib")
    for place in found.submodule_search_locations or () if found is not None else ():
        path = Path(place) / "mpl-data" / "fonts" / "ttf" / name
        if path.is_file():
            return path
    raise OutputError(
        "The PDF was not made", f"the font {name} is missing", "Install SlimDesk again, or take HTML"
    )


def _set(pdf: FPDF, block: Block) -> None:
    if isinstance(block, Heading):
        _heading(pdf, block)
    elif isinstance(block, Paragraph):
        _paragraph(pdf, block)
    elif isinstance(block, Table):
        _table(pdf, block)
    else:
        _bars(pdf, block)


def _heading(pdf: FPDF, block: Heading) -> None:
    if block.level > 1:
        pdf.ln(5 if block.level == 2 else 2.5)
        # A heading does not stand alone at the foot of a page.
        if pdf.get_y() > pdf.h - 55:
            pdf.add_page()
    text = plain_for(plain(block.words))
    pdf.set_font("DejaVu", "B", _HEADINGS[block.level])
    _ink(pdf, "text")
    if block.level < 3:
        pdf.start_section(text[:120], level=block.level - 1)
    pdf.multi_cell(0, _HEADINGS[block.level] * 0.5, text, align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(1.5)


def _paragraph(pdf: FPDF, block: Paragraph) -> None:
    pdf.set_font("DejaVu", size=_BODY)
    tone = {"plain": "text", "muted": "text3"}.get(block.tone, block.tone)
    _ink(pdf, tone)
    soft = block.tone in ("good", "warn", "bad")
    if soft:
        pdf.set_fill_color(*_rgb(f"{block.tone}_soft"))
    pdf.multi_cell(
        0, _LINE, plain_for(plain(block.words)), align="L", fill=soft, padding=2 if soft else 0,
        new_x="LMARGIN", new_y="NEXT",
    )  # fmt: skip
    pdf.ln(1.5)


def _table(pdf: FPDF, block: Table) -> None:
    from fpdf.enums import TableBordersLayout
    from fpdf.fonts import FontFace

    rows = block.rows[:MOST_ROWS]
    pdf.set_font("DejaVu", size=_SMALL)
    _ink(pdf, "text")
    pdf.set_draw_color(*_rgb("line"))
    # Cells without a colour of their own are filled with the last one that was set.
    pdf.set_fill_color(*_rgb("s1"))
    pdf.set_line_width(0.15)
    head = FontFace(emphasis="", color=_rgb("text2"), fill_color=_rgb("s2"))
    with pdf.table(
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        col_widths=_widths(pdf, block),
        headings_style=head,
        line_height=3.9,
        v_align="TOP",
        text_align=tuple("RIGHT" if column.numeric else "LEFT" for column in block.columns),
        padding=(1, 1.2),
        width=_WIDTH,
    ) as table:
        line = table.row()
        for column in block.columns:
            line.cell(plain_for(plain(column.title)))
        for row in rows:
            line = table.row()
            for cell in row:
                line.cell(
                    plain_for(plain(cell.words)), style=FontFace(color=_rgb(_INK.get(cell.tone, "text")))
                )
    rest = block.left_out + len(block.rows) - len(rows)
    pdf.ln(1.5)
    if rest:
        _paragraph(pdf, Paragraph((ours(f"and {rest:,} more rows, which the JSON report has"),), "muted"))


_INK = {"good": "good", "warn": "warn", "bad": "bad", "muted": "text3"}


def _widths(pdf: FPDF, block: Table) -> tuple[float, ...]:
    """Share the page's width: first what the longest word of each column needs, the rest by how long its texts are."""
    least, wanted = [], []
    for number, column in enumerate(block.columns):
        texts = [plain(row[number].words) for row in block.rows[:MOST_ROWS]]
        title = plain(column.title)
        lengths = sorted(pdf.get_string_width(plain_for(text[:_LONGEST])) for text in (*texts, title))
        words = title.split()
        words += texts if column.numeric else [word for text in texts for word in _BREAK.split(text)]
        widest = max((pdf.get_string_width(plain_for(word[:_LONGEST])) for word in words), default=0.0)
        least.append(min(widest, _WIDEST_WORD) + _PADDING)
        wanted.append(min(lengths[(len(lengths) - 1) * 9 // 10], _WIDEST_TEXT) + _PADDING)
    scale = min(1.0, _WIDTH / sum(least))
    rest = max(0.0, _WIDTH - sum(least))
    more = [max(0.5, want - need) for want, need in zip(wanted, least, strict=True)]
    return tuple(need * scale + rest * one / sum(more) for need, one in zip(least, more, strict=True))


def _bars(pdf: FPDF, block: Bars) -> None:
    drawing = drawn(block)
    scale = _WIDTH / drawing.width
    row = 7.0
    pdf.set_font("DejaVu", size=_SMALL)
    _ink(pdf, "text2")
    pdf.multi_cell(0, _LINE, f"{block.title}", new_x="LMARGIN", new_y="NEXT")
    _legend(pdf, block)
    for bar in drawing.bars:
        if pdf.get_y() + row > pdf.h - 18:
            pdf.add_page()
        y = pdf.get_y()
        _ink(pdf, "text")
        pdf.set_xy(_MARGIN, y)
        pdf.cell((drawing.x - 10) * scale, row, _fitted(pdf, bar.label, (drawing.x - 12) * scale), align="R")
        pdf.set_fill_color(*_rgb("s3"))
        pdf.rect(_MARGIN + drawing.x * scale, y + 1.7, drawing.track * scale, row - 3.4, style="F")
        for piece in bar.pieces:
            color = (
                palette("light").tiles[piece.part]
                if block.parts
                else palette("light")["line_strong" if bar.first else "mark"]
            )
            pdf.set_fill_color(*_hex(color))
            pdf.rect(_MARGIN + piece.x * scale, y + 1.7, piece.width * scale, row - 3.4, style="F")
        _ink(pdf, "text2")
        pdf.set_xy(_MARGIN + (drawing.x + drawing.track + 8) * scale, y)
        pdf.cell(0, row, plain_for(bar.value))
        pdf.set_xy(_MARGIN, y + row)
    pdf.ln(2)


def _legend(pdf: FPDF, block: Bars) -> None:
    if not block.parts:
        return
    pdf.set_x(_MARGIN + 1)
    for number, part in enumerate(block.parts):
        pdf.set_fill_color(*_hex(palette("light").tiles[number]))
        pdf.rect(pdf.get_x(), pdf.get_y() + 1, 2.6, 2.6, style="F")
        pdf.set_x(pdf.get_x() + 3.6)
        pdf.cell(pdf.get_string_width(part) + 6, _LINE, part)
    pdf.ln(_LINE + 1)


def _fitted(pdf: FPDF, text: str, width: float) -> str:
    fitting = plain_for(text)
    while len(fitting) > 1 and pdf.get_string_width(fitting) > width:
        fitting = f"…{fitting[2:]}"
    return fitting


def plain_for(text: str) -> str:
    """Return text of letters that the font has; others are written as their number, so that nothing vanishes."""
    known = _letters(str(_font(_FACES[""])))
    spaced = text.replace(THIN_SPACE, "\u00a0")
    return "".join(letter if ord(letter) in known else f"\\u{ord(letter):04x}" for letter in spaced)


@cache
def _letters(path: str) -> frozenset[int]:
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())


def _ink(pdf: Any, name: str) -> None:
    pdf.set_text_color(*_rgb(name))


def _rgb(name: str) -> tuple[int, int, int]:
    return _hex(palette("light")[name])


def _hex(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
