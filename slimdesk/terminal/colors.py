"""The colours of a terminal in a light and a dark window, each legible on what is behind it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from slimdesk.terminal.screen import TRUE, Color, Style

Rgb = tuple[int, int, int]
# Least contrast (WCAG 2, relative luminance) of text on its background.
LEAST_CONTRAST = 6.0

# Black, red, green, yellow, blue, magenta, cyan, white; then bright. Each reaches LEAST_CONTRAST on the background of its
# theme but the one that is meant to be a background (white in light, black in dark), which `readable` mends as text.
_LIGHT = (
    "171A1F", "AB2A21", "17693B", "7D4E00", "1A55AE", "7A2E8E", "0B6470", "B4BBC5",
    "59626E", "8F1D16", "0E5229", "633D00", "123F85", "5E1F70", "064C56", "DADEE4",
)  # fmt: skip
_DARK = (
    "2A2F37", "F28B83", "62C48F", "E2AE55", "7FB0F8", "D3A0E6", "6BC5D9", "D0D5DC",
    "98A1AD", "F7ADA7", "8BD9AE", "EFC887", "A9CAFB", "E3C2F0", "9ADCEA", "FFFFFF",
)  # fmt: skip
# On a dark page the bright colours would be glaring as large areas: behind text these stand for them.
_DARK_BEHIND = (
    "2A2F37", "8F1D16", "0E5229", "633D00", "184FA3", "5E1F70", "064C56", "D0D5DC",
    "4C535E", "AB2A21", "17693B", "7D4E00", "1A55AE", "7A2E8E", "0B6470", "FFFFFF",
)  # fmt: skip
_STEPS = (0, 95, 135, 175, 215, 255)


@dataclass(frozen=True, slots=True)
class Scheme:
    """The colours of one theme: text and background where a program sets none; the palette of 256.

    `behind`: the first sixteen of it as they are behind text.
    """

    text: Rgb
    background: Rgb
    palette: tuple[Rgb, ...]
    behind: tuple[Rgb, ...]

    def rgb(self, color: Color, default: Rgb) -> Rgb:
        """Return the colour that is meant."""
        if color is None:
            return default
        if color & TRUE:
            return color >> 16 & 0xFF, color >> 8 & 0xFF, color & 0xFF
        return self.palette[color & 0xFF]

    def of(self, style: Style, *, reverse: bool = False, behind: Rgb | None = None) -> tuple[Rgb, Rgb]:
        """Return text and background of `style`; `behind` is another background (a selection), `reverse` a mode."""
        front = self.rgb(style.foreground, self.text)
        number = style.background
        back = self.rgb(number, self.background)
        if number is not None and number < len(self.behind):
            back = self.behind[number]
        if style.inverse != reverse:
            front, back = back, front
        if behind is not None:
            back = behind
        if style.hidden:
            return back, back
        if style.faint:
            front = _between(front, back)
            return readable(front, back, LEAST_CONTRAST * 0.75), back
        return readable(front, back), back


def scheme(text: Rgb, background: Rgb, *, dark: bool) -> Scheme:
    """Return the scheme of a theme with this text and background."""
    first = tuple(hex_rgb(word) for word in (_DARK if dark else _LIGHT))
    cube = tuple((r, g, b) for r in _STEPS for g in _STEPS for b in _STEPS)
    greys = tuple((8 + 10 * i,) * 3 for i in range(24))
    behind = tuple(hex_rgb(word) for word in _DARK_BEHIND) if dark else first
    return Scheme(text, background, (*first, *cube, *greys), behind)


def hex_rgb(word: str) -> Rgb:
    """Read RRGGBB, with or without #."""
    number = int(word.removeprefix("#"), 16)
    return number >> 16, number >> 8 & 0xFF, number & 0xFF


def contrast(one: Rgb, two: Rgb) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2)."""
    high, low = sorted((_luminance(one), _luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@lru_cache(maxsize=8192)
def readable(front: Rgb, back: Rgb, least: float = LEAST_CONTRAST) -> Rgb:
    """Return `front`, moved towards white or black just as far as `least` asks, or all the way where it cannot be."""
    if contrast(front, back) >= least:
        return front
    end = max(((0, 0, 0), (255, 255, 255)), key=lambda color: contrast(color, back))
    near, far = 0.0, 1.0
    for _ in range(7):
        middle = (near + far) / 2
        if contrast(_between(front, end, middle), back) >= least:
            far = middle
        else:
            near = middle
    return _between(front, end, far)


def _between(one: Rgb, two: Rgb, part: float = 0.4) -> Rgb:
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(one, two, strict=True))
    return red, green, blue


@lru_cache(maxsize=8192)
def _luminance(color: Rgb) -> float:
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in color)
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
