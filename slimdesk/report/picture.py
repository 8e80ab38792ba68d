"""Before and after as a small picture and as a line of Markdown: to be put into a message, a talk or a README.

A picture is shapes with colours by name, so that SVG and PNG are drawn from the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape

from slimdesk import __version__
from slimdesk.basics.escaping import visible
from slimdesk.basics.units import format_bytes, format_change, format_factor
from slimdesk.image.compare_text import code
from slimdesk.report.model import Report, Subject
from slimdesk.report.palette import Palette
from slimdesk.report.sections import SIZE_MEANS, checks_words

WIDTH, HEIGHT = 960, 360
_SIDE = 40
_TRACK = WIDTH - 2 * _SIDE
_BAR = 34
_LETTERS = 92
_FONT = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle in px; `color` is a name of the palette."""

    x: float
    y: float
    width: float
    height: float
    color: str
    radius: float = 3


@dataclass(frozen=True, slots=True)
class Label:
    """A line of text, `y` its base line; size in px. anchor end: x is its right end."""

    x: float
    y: float
    text: str
    size: int
    color: str = "text"
    bold: bool = False
    anchor: Literal["start", "end"] = "start"


@dataclass(frozen=True, slots=True)
class Picture:
    """Shapes from back to front, and the picture in words."""

    shapes: tuple[Box | Label, ...]
    words: str
    width: int = WIDTH
    height: int = HEIGHT


def picture(report: Report, taken: Subject) -> Picture:
    """Draw the reference and `taken` on one scale. Raises ValueError where one of the two has no size."""
    before, after = report.size_of(report.reference), report.size_of(taken)
    if not before or not after:
        raise ValueError("both need a size")
    longest = max(before, after)
    factor = format_factor(after, before)
    than = f"{factor} than" if before != after else "the size of"
    head = f"{visible(report.component or taken.name, 40)}: {than} {visible(report.reference.name, 40)}"
    shapes: list[Box | Label] = [
        Box(0, 0, WIDTH, HEIGHT, "s1", 0),
        Label(_SIDE, 62, head, 34, bold=True),
    ]
    y = 98.0
    for subject, size, color in ((report.reference, before, "line_strong"), (taken, after, "mark")):
        name = visible(subject.name, 40)
        note = f" ({visible(subject.note, 60)})" if subject.note else ""
        shapes += [
            Label(_SIDE, y + 14, f"{name}{note}", 16, "text2"),
            Label(WIDTH - _SIDE, y + 14, format_bytes(size), 18, bold=True, anchor="end"),
            Box(_SIDE, y + 24, _TRACK, _BAR, "s3"),
            Box(_SIDE, y + 24, max(3, _TRACK * size / longest), _BAR, color),
        ]
        y += 84
    runs = proof_words(taken)
    good = taken.proof is not None and taken.proof.verdict == "runs"
    how = how_words(report)
    shapes += [
        Label(_SIDE, y + 22, runs, 17, "good" if good else "warn", bold=True),
        Label(_SIDE, y + 52, _cut(how), 14, "text3"),
    ]
    return Picture(tuple(shapes), f"{head}. {runs}. {how}")


def svg(drawn: Picture, colors: Palette) -> bytes:
    """Return the picture as SVG, without script, style sheet or anything from elsewhere."""
    box = f'viewBox="0 0 {drawn.width} {drawn.height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{drawn.width}" height="{drawn.height}" {box} role="img">',
        f"<title>{escape(drawn.words)}</title>",
    ]
    for shape in drawn.shapes:
        if isinstance(shape, Box):
            lines.append(
                f'<rect x="{shape.x:g}" y="{shape.y:g}" width="{shape.width:.2f}" height="{shape.height:g}" '
                f'rx="{shape.radius:g}" fill="{colors[shape.color]}"/>'
            )
        else:
            weight = ' font-weight="600"' if shape.bold else ""
            lines.append(
                f'<text x="{shape.x:g}" y="{shape.y:g}" font-family="{escape(_FONT)}" font-size="{shape.size}"{weight} '
                f'fill="{colors[shape.color]}" text-anchor="{shape.anchor}">{escape(shape.text)}</text>'
            )
    return ("\n".join([*lines, "</svg>"]) + "\n").encode("utf-8", "backslashreplace")


def markdown_line(report: Report, taken: Subject) -> str:
    """Return it as one line: before, after, factor, reference, checks, how it was measured."""
    before, after, runs = report.size_of(report.reference), report.size_of(taken), proof_words(taken)
    return (
        f"{code(report.component or taken.name)}: {format_bytes(before)} ({code(report.reference.name)}) → "
        f"{format_bytes(after)} ({code(taken.name)}), {format_factor(after, before)} ({format_change(after, before)}, "
        f"{report.size}); {runs[0].lower()}{runs[1:]}; measured with SlimDesk {__version__} on {report.made:%Y-%m-%d}"
    )


def proof_words(taken: Subject) -> str:
    """Return whether it still runs, and which checks say so."""
    older = ", older than the project" if taken.older else ""
    if taken.proof is None:
        return f"Not started{older}"
    verdict = {"runs": "Still runs", "fails": "Does not run", "not-proven": "Not proven to run"}
    return f"{verdict[taken.proof.verdict]}{older}, checks: {checks_words(taken.proof)}"


def how_words(report: Report) -> str:
    """Return how the two were measured, in a line."""
    return (
        f"{report.size.capitalize()} size: {SIZE_MEANS[report.size]}. Measured with SlimDesk {__version__}, "
        f"{report.made:%Y-%m-%d}"
    )


def _cut(text: str) -> str:
    return text if len(text) <= _LETTERS + 30 else f"{text[: _LETTERS + 29]}…"
