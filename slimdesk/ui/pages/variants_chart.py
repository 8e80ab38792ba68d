"""The sizes of all measured variants as a chart, to look at and to save; matplotlib is loaded when first asked for."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QDialog, QLabel

from slimdesk.basics.files import write_whole
from slimdesk.basics.units import format_bytes
from slimdesk.ui.desk import Desk
from slimdesk.ui.dialogs import finished, pick_new_file
from slimdesk.ui.models.variants import SIZE_WORDS, VariantRow
from slimdesk.ui.theme.theme import current
from slimdesk.ui.widgets.buttons import Button, PrimaryButton
from slimdesk.ui.widgets.layout import column, row
from slimdesk.ui.widgets.text import Text
from slimdesk.workspace.settings import SizeKind

FORMATS = ("SVG picture (*.svg)", "PNG picture (*.png)")


@dataclass(frozen=True, slots=True)
class Bar:
    """One variant: bytes of the base image (None = not known which part it brought) and of all."""

    title: str
    size: int
    base: int | None


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn: bars in the order of the page, the kind of size, the reference's name, and the theme's colours."""

    bars: tuple[Bar, ...]
    size_kind: SizeKind
    reference: str
    colors: dict[str, str]


def chart_of(rows: Sequence[VariantRow]) -> Chart | None:
    """Return the chart of what is measured; None where nothing is."""
    measured = [row for row in rows if row.size is not None]
    if not measured:
        return None
    bars = tuple(Bar(row.title, row.size or 0, row.base_bytes) for row in measured)
    return Chart(bars, measured[0].size_kind, measured[0].reference_title, dict(current().tokens.colors))


def drawn(chart: Chart, file_format: str = "png", dots: int = 100) -> bytes:
    """Return the picture, 8 by 4 inches or higher; blocking. `file_format` is png or svg."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    colors = chart.colors
    figure = Figure(
        figsize=(8, max(2.2, 0.5 * len(chart.bars) + 1.2)),
        dpi=dots,
        facecolor=colors["s1"],
        layout="constrained",
    )
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_facecolor(colors["s1"])
    places = list(range(len(chart.bars)))
    base = [bar.base or 0 for bar in chart.bars]
    own = [bar.size - part for bar, part in zip(chart.bars, base, strict=True)]
    axes.barh(places, base, color=colors["line_strong"], label="base image", height=0.55)
    axes.barh(places, own, left=base, color=colors["mark"], label="own layers", height=0.55)
    for place, bar in zip(places, chart.bars, strict=True):
        axes.annotate(
            format_bytes(bar.size, " "),
            (bar.size, place),
            (6, 0),
            textcoords="offset points",
            va="center",
            color=colors["text"],
        )
    axes.set_yticks(places, [bar.title for bar in chart.bars], color=colors["text"])
    axes.invert_yaxis()
    axes.margins(x=0.15)
    axes.xaxis.set_major_formatter(lambda value, _position: format_bytes(value, " "))
    axes.tick_params(colors=colors["text2"])
    axes.set_xlabel(
        f"{SIZE_WORDS[chart.size_kind].capitalize()} size; the reference is {chart.reference}",
        color=colors["text2"],
    )
    for edge in axes.spines.values():
        edge.set_visible(False)
    axes.legend(
        facecolor=colors["s1"], edgecolor=colors["line"], labelcolor=colors["text"], loc="lower right"
    )
    buffer = io.BytesIO()
    figure.savefig(buffer, format=file_format, facecolor=colors["s1"])
    return buffer.getvalue()


async def show_chart(desk: Desk, rows: Sequence[VariantRow]) -> None:
    """Show the chart, and save it if the person wants. Raises OutputError."""
    chart = chart_of(rows)
    if chart is None:
        desk.notify("info", "Nothing is measured yet.", "Build a variant first.")
        return
    data = await desk.blocking(drawn, chart)
    picture = QPixmap()
    picture.loadFromData(data)
    dialog = QDialog(desk.window)
    dialog.setWindowTitle("Sizes of the variants")
    dialog.setAccessibleName("Sizes of the variants")
    label = QLabel()
    label.setPixmap(picture)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setAccessibleName(", ".join(f"{bar.title} {format_bytes(bar.size)}" for bar in chart.bars))
    save = PrimaryButton("Save…", "floppy-disk", dialog.accept)
    close = Button("Close", clicked=dialog.reject)
    dialog.setLayout(column(Text("Sizes of the variants", "section"), label, row(1, close, save), margins=20))
    if await finished(dialog):
        path = await pick_new_file(desk.window, "Save the chart", "sizes.svg", FORMATS)
        if path is not None:
            await desk.blocking(_write, chart, path)
            desk.notify("good", f"The chart is saved as {path}.")


def _write(chart: Chart, path: Path) -> None:
    file_format = "png" if path.suffix.lower() == ".png" else "svg"
    write_whole(path, drawn(chart, file_format, 200))
