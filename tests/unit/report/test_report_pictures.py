"""Before and after as SVG and as a line: what they say, and that names stay names."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt
from unit.report.report_samples import HOSTILE, matrix

from slimdesk.operations.report import report_of_matrix
from slimdesk.report.palette import palette
from slimdesk.report.picture import Box, markdown_line, picture, svg
from slimdesk.report.preview import preview


@pytest.fixture
def report():
    return report_of_matrix(matrix())


def named(report, name):
    return next(one for one in report.subjects if one.name == name)


def test_the_picture_names_reference_factor_proof_and_how_it_was_measured(report):
    drawn = picture(report, named(report, "distroless"))
    assert drawn.words.startswith(
        "shop: 95.6× smaller than baseline. Still runs, checks: 2 of 2 passed. Files size:"
    )
    bars = [
        shape for shape in drawn.shapes if isinstance(shape, Box) and shape.color in ("line_strong", "mark")
    ]
    assert bars[0].width / bars[1].width == pytest.approx(860 / 9, rel=0.01)
    assert b"860" in svg(drawn, palette("dark"))


def test_the_line_is_one_line_of_markdown(report):
    line = markdown_line(report, named(report, "distroless")).replace("\u2009", " ")
    assert line.startswith(
        "`shop`: 860 MB (`baseline`) → 9.00 MB (`distroless`), 95.6× smaller (−99.0 %, files); still runs"
    )
    assert "\n" not in line


def test_what_fails_or_is_older_says_so(report):
    taken = named(report, "scratch")
    line = markdown_line(report, taken)
    assert "does not run, older than the project, checks: 0 of 1 passed; not: answer" in line
    assert "Does not run, older" in picture(report, taken).words


def test_without_a_size_there_is_no_picture(report):
    with pytest.raises(ValueError, match="size"):
        picture(report, named(report, "alpine"))


def test_hostile_names_stay_names(report):
    first, second, *_ = report.subjects
    hostile = replace(second, name=HOSTILE, note=f"</svg>{HOSTILE}")
    made = replace(report, subjects=(replace(first, name=HOSTILE), hostile), component=HOSTILE)
    root = ET.fromstring(svg(picture(made, hostile), palette("light")).decode())
    assert {one.tag.rpartition("}")[2] for one in root.iter()} == {"svg", "title", "rect", "text"}
    tokens = MarkdownIt("gfm-like", {"linkify": False, "html": True}).parse(markdown_line(made, hostile))
    kinds = {child.type for token in tokens for child in token.children or ()}
    assert kinds == {"text", "code_inline"}


def test_the_preview_escapes_every_word(report):
    made = replace(report, title=HOSTILE)
    text = preview(made, palette("light"))
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;script&gt;" in text
