"""The look as data: contrast, complete tokens, icons that exist, live switch."""

import re

import pytest
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QPushButton, QWidget

from slimdesk.basics.resources import resource
from slimdesk.ui.models.rows import Column, Rows
from slimdesk.ui.theme import current, icons
from slimdesk.ui.theme.fonts import font, scaled, set_font, set_zoom
from slimdesk.ui.theme.style import stylesheet
from slimdesk.ui.theme.tokens import TOKENS, read_tokens
from slimdesk.ui.widgets.headers import SectionHeader, TabBar
from slimdesk.ui.widgets.table import Table


def luminance(color):
    def linear(value):
        return value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4

    one = QColor(color)
    return 0.2126 * linear(one.redF()) + 0.7152 * linear(one.greenF()) + 0.0722 * linear(one.blueF())


def contrast(one, two):
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_text_can_be_read_on_every_surface(name):
    tokens = read_tokens(name)
    for text in ("text", "text2", "text3", "accent_text", "good", "warn", "bad"):
        for surface in ("s0", "s1", "s2", "s3", "sel", "hover", "press"):
            assert contrast(tokens[text], tokens[surface]) >= 4.5, (text, surface)
    for kind in ("accent", "good", "warn", "bad"):
        own = "accent_text" if kind == "accent" else kind
        assert contrast(tokens[own], tokens[f"{kind}_soft"]) >= 4.5
        assert contrast(tokens["text"], tokens[f"{kind}_soft"]) >= 7
    for fill in ("accent", "accent_hover", "accent_press"):
        assert contrast(tokens["on_accent"], tokens[fill]) >= 4.5
    for ring in ("ring", "line_strong", "mark"):
        assert contrast(tokens[ring], tokens["s1"]) >= 3
    assert contrast(tokens["text"], tokens["terminal"]) >= 6
    for code in ("code_keyword", "code_string", "code_number", "code_comment"):
        for surface in ("s1", "s2", "sel"):
            assert contrast(tokens[code], tokens[surface]) >= 4.5


@pytest.mark.parametrize("name", ["light", "dark"])
def test_text_can_be_read_on_tiles_and_ramps(name):
    tokens = read_tokens(name)
    assert len(tokens.tiles) == 8
    for tile in tokens.tiles:
        assert contrast(tokens["tile_text"], tile) >= 4.5
    for step, text in zip(tokens.sequence, tokens.sequence_text, strict=True):
        assert contrast(step, text) >= 4.5


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_style_sheet_names_tokens_only(name):
    template = resource("themes/style.qss").read_text()
    assert not re.search(r"#[0-9A-Fa-f]{6}", template)
    written = stylesheet(read_tokens(name))
    assert "@" not in written
    for picture in re.findall(r'url\("([^"]+)"\)', written):
        assert resource("icons").joinpath(picture.rpartition("/")[2]).exists()


def test_every_token_is_a_colour():
    for name in ("light", "dark"):
        for token in TOKENS:
            assert QColor(read_tokens(name)[token]).isValid(), token


def test_every_icon_that_the_code_names_exists(qapp):
    package = resource("themes").parent.parent / "slimdesk" / "ui"
    if not package.is_dir():
        pytest.skip("the sources are not beside the resources")
    named = set()
    for path in package.rglob("*.py"):
        text = path.read_text()
        named |= set(re.findall(r'(?:icon|pixmap|Icon|IconButton)\(\s*"([a-z-]+)"', text))
        named |= set(re.findall(r'paint_icon\([^"\n]*?"([a-z-]+)"', text))
    assert "caret-down" in named
    for name in named:
        assert icons.glyph(name), name


def test_an_unknown_icon_is_a_mistake(qapp):
    with pytest.raises(KeyError):
        icons.icon("no-such-icon")


def test_an_icon_follows_the_theme(qapp):
    theme = current()
    theme.start("light")
    picture = icons.icon("stop-fill", "text")
    middle = lambda: picture.pixmap(32, 32).toImage().pixelColor(16, 16).name().upper()  # noqa: E731
    assert middle() == theme.tokens["text"]
    theme.choose("dark")
    assert middle() == theme.tokens["text"]
    assert theme.dark


def test_a_switch_is_told_once(qapp, qtbot):
    theme = current()
    theme.start("light")
    with qtbot.waitSignal(theme.changed):
        theme.choose("dark")
    with qtbot.assertNotEmitted(theme.changed):
        theme.choose("dark")


def test_type_steps_from_the_body_and_zooms_together(qtbot):
    set_zoom(0)
    widget = QWidget()
    qtbot.addWidget(widget)
    set_font(widget, "page")
    before = widget.font().pointSizeF()
    assert before > font("body").pointSizeF() > font("small").pointSizeF()
    set_zoom(4)
    assert widget.font().pointSizeF() == before + 4
    assert scaled(34) > 34
    set_zoom(0)
    assert widget.font().pointSizeF() == before
    assert scaled(34) >= 34


def test_code_is_drawn_without_ligatures(qapp):
    made = font("mono")
    for feature in ("calt", "liga"):
        assert made.isFeatureSet(QFont.Tag(feature))
        assert made.featureValue(QFont.Tag(feature)) == 0
    assert font("body").featureValue(QFont.Tag("tnum")) == 1


def test_style_reaches_a_button(qtbot):
    current().start("light")
    button = QPushButton("Build")
    button.setProperty("kind", "primary")
    qtbot.addWidget(button)
    button.show()
    assert (
        button.grab().toImage().pixelColor(6, button.height() // 2).name().upper()
        == read_tokens("light")["accent"]
    )


def test_what_lives_keeps_in_step_with_the_type(qtbot):
    theme = current()
    theme.start("light")
    table = Table("x", Rows([Column("a", "A", str, width=100)], ["b"]))
    head, bar = SectionHeader("Projects"), TabBar("Tabs", [("a", "A")])
    table.resize(600, 100)
    for widget in (table, head, bar):
        qtbot.addWidget(widget)
        widget.show()
    table.fit_height()
    before = table.height(), table.rowHeight(0), table.columnWidth(0), head.height(), bar.height()
    set_zoom(5)
    try:
        now = table.height(), table.rowHeight(0), table.columnWidth(0), head.height(), bar.height()
        assert [round(new / old, 1) for new, old in zip(now, before, strict=True)] == [1.5] * 5
        theme.choose("dark")
        assert head.title.font().pointSizeF() == font("section").pointSizeF()
        assert table.horizontalHeader().font().pointSizeF() == font("small").pointSizeF()
    finally:
        set_zoom(0)
        theme.choose("light")
    assert (table.height(), table.rowHeight(0), table.columnWidth(0), head.height(), bar.height()) == before
