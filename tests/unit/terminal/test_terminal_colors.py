"""Colours of a terminal: each text is legible on what is behind it, in both themes."""

import itertools
import random

import pytest

from slimdesk.terminal.colors import LEAST_CONTRAST, contrast, hex_rgb, readable, scheme
from slimdesk.terminal.screen import TRUE, Style

THEMES = {
    "light": scheme(hex_rgb("#171A1F"), hex_rgb("#FBFBFC"), dark=False),
    "dark": scheme(hex_rgb("#E6E9ED"), hex_rgb("#14161A"), dark=True),
}


@pytest.mark.parametrize("name", THEMES)
def test_every_palette_colour_is_legible_as_text(name):
    for number in range(256):
        front, back = THEMES[name].of(Style(foreground=number))
        assert back == THEMES[name].background
        assert contrast(front, back) >= LEAST_CONTRAST - 0.01


@pytest.mark.parametrize("name", THEMES)
def test_text_is_legible_on_every_colour_that_allows_it(name):
    chance = random.Random(3)
    pairs = list(itertools.product(range(16), range(16)))
    pairs += [(TRUE | chance.randrange(TRUE), TRUE | chance.randrange(TRUE)) for _ in range(200)]
    for front, back in pairs:
        text, ground = THEMES[name].of(Style(foreground=front, background=back))
        best = max(contrast((0, 0, 0), ground), contrast((255, 255, 255), ground))
        assert contrast(text, ground) >= min(LEAST_CONTRAST, best) - 0.05


def test_a_colour_that_is_legible_stays():
    assert readable((0, 0, 0), (255, 255, 255)) == (0, 0, 0)
    assert THEMES["light"].of(Style(foreground=TRUE | 0x002200))[0] == (0, 0x22, 0)


def test_inverse_hidden_and_selected():
    light = THEMES["light"]
    assert light.of(Style(inverse=True)) == (light.background, light.text)
    assert light.of(Style(inverse=True), reverse=True) == (light.text, light.background)
    front, back = light.of(Style(hidden=True))
    assert front == back
    assert light.of(Style(background=1), behind=(255, 255, 0))[1] == (255, 255, 0)
    assert light.of(Style(faint=True))[0] != light.text
