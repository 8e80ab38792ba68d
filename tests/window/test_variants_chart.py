"""The chart of sizes: what is measured, in the theme's colours, as PNG and SVG."""

from PySide6.QtGui import QColor, QImage

from slimdesk.ui.pages.variants_chart import Bar, Chart, chart_of, drawn
from slimdesk.ui.theme.tokens import read_tokens

BARS = (Bar("baseline", 959_000_000, 800_000_000), Bar("distroless", 8_830_000, None))


def chart(theme="light"):
    return Chart(BARS, "files", "baseline", dict(read_tokens(theme).colors))


def test_a_picture_holds_base_and_own_bytes_in_the_themes_colours():
    for theme in ("light", "dark"):
        image = QImage.fromData(drawn(chart(theme)))
        assert not image.isNull()
        tokens = read_tokens(theme)
        found = {
            image.pixelColor(x, y).name()
            for x in range(0, image.width(), 3)
            for y in range(0, image.height(), 3)
        }
        assert {QColor(tokens[token]).name() for token in ("s1", "mark", "line_strong")} <= found


def test_an_svg_is_one():
    text = drawn(chart(), "svg").decode()
    assert text.startswith("<?xml")
    assert "</svg>" in text


def test_nothing_measured_is_no_chart():
    assert chart_of([]) is None
