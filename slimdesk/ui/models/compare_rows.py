"""The tables of the Compare page as rows and columns: kinds, parts, layers, figures; files, packages, settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import UNKNOWN, format_bytes, format_exact
from slimdesk.image.compare import ConfigChange, PackageChange, Side, figures, live_by_folder
from slimdesk.image.compare_text import figure_words, signed
from slimdesk.image.difference_model import Change
from slimdesk.image.reasons import PART_OF, PARTS, TITLES, Part, Reason
from slimdesk.ui.models.compare_files import FileRow
from slimdesk.ui.models.image_colors import layer_word
from slimdesk.ui.models.roles import SizeBar
from slimdesk.ui.models.rows import Column
from slimdesk.ui.theme.tokens import Token

Where = Literal["kind", "part", "folder", "layer", "figure"]
_NARROW = 4
_BRIEF = 13
_FIELDS = {
    "working_dir": "Working folder",
    "exposed_ports": "Ports",
    "environment": "Variable",
    "labels": "Label",
}


@dataclass(frozen=True, slots=True)
class SideRow:
    """One line with a value per image. `sizes` are bytes or None; `words` stand instead of them where they are no bytes.

    full: what the bars are measured with; 0 without bars. delta: bytes between the two images that are compared.
    """

    title: str
    sizes: tuple[int | None, ...]
    words: tuple[str, ...] = ()
    full: int = 0
    delta: int | None = None
    tip: str = ""
    total: bool = False

    def word(self, number: int) -> str:
        """What stands in an image's cell."""
        if self.words:
            return self.words[number]
        size = self.sizes[number]
        return format_bytes(size) if size else UNKNOWN


def letters(count: int) -> list[str]:
    """Return A, B, C and so on."""
    return [chr(ord("A") + number) for number in range(count)]


def brief(names: Sequence[str]) -> list[str]:
    """Return what tells images apart, short enough for the head of a column: their tags where these differ."""
    # What stands in brackets behind a name tells apart images of one name; it may hold a slash of its own.
    parts = [name.partition(" (") for name in names]
    last = [base.rsplit("/", 1)[-1] + bracket + mark for base, bracket, mark in parts]
    tags = [name.rpartition(":")[2] if ":" in name else name for name in last]
    if len({base for base, _, _ in parts}) == 1:
        tags = [mark.removesuffix(")") or name for name, (_, _, mark) in zip(last, parts, strict=True)]
    chosen = tags if len(set(tags)) == len(tags) else last
    return [name if len(name) <= _BRIEF else f"{name[: _BRIEF - 1]}…" for name in chosen]


def side_rows(where: Where, sides: Sequence[Side], pair: tuple[int, int] | None) -> list[SideRow]:
    """Return the lines of the upper table."""
    if where == "figure":
        return [
            SideRow(
                row.title, tuple(None for _ in sides), tuple(figure_words(row, value) for value in row.values)
            )
            for row in figures(sides)
            if any(value is not None for value in row.values)
        ]
    if where == "layer":
        return _layer_rows(sides, pair)
    known = [side.by_reason if side.files_known else None for side in sides]
    rows: list[tuple[str, list[int | None], str]]
    if where == "folder":
        rows = _folders(sides)
    elif where == "part":
        parts = [side.by_part if side.files_known else None for side in sides]
        rows = [(PARTS[part], [None if some is None else some[part] for some in parts], "") for part in Part]
    else:
        rows = [
            (
                TITLES[reason],
                [None if some is None else some.get(reason, 0) for some in known],
                PARTS[PART_OF[reason]],
            )
            for reason in Reason
        ]
    made = [_sized(title, sizes, pair, tip) for title, sizes, tip in rows if any(sizes)]
    full = max((size or 0 for row in made for size in row.sizes), default=0)
    made = [_with_full(row, full) for row in made]
    made.sort(key=lambda row: -max(size or 0 for size in row.sizes))
    total = _sized("Total live", [side.image.sizes.live for side in sides], pair, "")
    return [_with_full(total, 0, total=True), *made]


def _folders(sides: Sequence[Side]) -> list[tuple[str, list[int | None], str]]:
    """Live bytes of the folders in the root and of those in them; what stands there beside them is one line."""
    held = [live_by_folder(side.image) if side.files_known else None for side in sides]
    paths = sorted({path for some in held if some is not None for path in some})
    return [
        (visible(path, 80), [None if some is None else some.get(path, 0) for some in held], visible(path))
        for path in paths
    ]


def _layer_rows(sides: Sequence[Side], pair: tuple[int, int] | None) -> list[SideRow]:
    """Layers by their place from the bottom: what images share stands side by side."""
    count = max((len(side.image.layers) for side in sides), default=0)
    rows = []
    for number in range(count):
        layers = [side.image.layers[number] if number < len(side.image.layers) else None for side in sides]
        words = list(dict.fromkeys(visible(layer_word(layer), 40) for layer in layers if layer is not None))
        same = len({layer.diff_id for layer in layers if layer is not None}) == 1 and None not in layers
        tip = "\n".join(
            f"{letter}: {visible(layer.instruction or layer.created_by or 'no history', 200)}"
            for letter, layer in zip(letters(len(sides)), layers, strict=True)
            if layer is not None
        )
        title = f"{words[0]}{' (the same layer)' if same else ''}" if words else str(number)
        sizes = [None if layer is None else layer.sizes.files for layer in layers]
        rows.append(_sized(title, sizes, pair, tip))
    full = max((size or 0 for row in rows for size in row.sizes), default=0)
    total = _sized("Total files", [side.image.sizes.files for side in sides], pair, "")
    return [_with_full(total, 0, total=True), *(_with_full(row, full) for row in rows)]


def _sized(title: str, sizes: Sequence[int | None], pair: tuple[int, int] | None, tip: str) -> SideRow:
    delta = None
    if pair is not None and (sizes[pair[0]] is not None or sizes[pair[1]] is not None):
        delta = (sizes[pair[1]] or 0) - (sizes[pair[0]] or 0)
    return SideRow(title, tuple(sizes), delta=delta, tip=tip)


def _with_full(row: SideRow, full: int, *, total: bool = False) -> SideRow:
    return SideRow(row.title, row.sizes, row.words, full, row.delta, row.tip, total)


def side_columns(
    names: Sequence[str], whole: Sequence[str], pair: tuple[int, int] | None, *, sized: bool
) -> list[Column[SideRow]]:
    """Return the columns of the upper table: the title, one per image, and the difference if there are bytes.

    names: short ones for the heads; whole: for their tooltips.
    """
    head = "Kind" if sized else ""
    columns: list[Column[SideRow]] = [
        Column(
            "title", head, lambda row: row.title, width=150, grows=True,
            font=lambda row: "strong" if row.total else "body", cell_tip=lambda row: row.tip,
        )
    ]  # fmt: skip
    bars = sized and len(names) <= _NARROW
    for number, (letter, name) in enumerate(zip(letters(len(names)), names, strict=True)):
        columns.append(
            Column(
                f"side-{number}",
                f"{letter} {name}",
                _cell(number, bars=bars),
                _sort(number, sized=sized),
                right=True,
                width=112 if bars else 84 if sized else 110,
                bar=_bar(number) if bars else None,
                font=lambda row: "strong" if row.total else "body",
                cell_tip=_tip(number),
                tip=whole[number],
                grows=True,
            )
        )
    if sized and pair is not None:
        one, two = letters(len(names))[pair[0]], letters(len(names))[pair[1]]
        columns.append(
            Column(
                "delta",
                f"{one} → {two}",
                lambda row: signed_words(row.delta),
                lambda row: row.delta,
                right=True,
                width=84,
                font="strong",
                tone=lambda row: tone_of(row.delta),
            )
        )
    return columns


def _cell(number: int, *, bars: bool) -> Callable[[SideRow], str]:
    def text(row: SideRow) -> str:
        # A bar carries its number itself.
        return "" if bars and row.full and row.sizes[number] else row.word(number)

    return text


def _sort(number: int, *, sized: bool) -> Callable[[SideRow], object] | None:
    return (lambda row: row.sizes[number]) if sized else None


def _bar(number: int) -> Callable[[SideRow], SizeBar | None]:
    def bar(row: SideRow) -> SizeBar | None:
        size = row.sizes[number]
        if not row.full or not size:
            return None
        # The reference is grey, what is held against it blue.
        own, base = (0, size) if number == 0 else (size, None)
        return SizeBar(own, row.full, base, label=format_bytes(size))

    return bar


def _tip(number: int) -> Callable[[SideRow], str]:
    def tip(row: SideRow) -> str:
        if row.words:
            return row.words[number]
        return "" if row.sizes[number] is None else format_exact(row.sizes[number])

    return tip


def signed_words(delta: int | None) -> str:
    """+12.0 kB, −12.0 kB, a dash for nothing or not known."""
    return signed(delta) if delta else UNKNOWN


def tone_of(delta: int | None) -> Token:
    """Return the tone of a difference: what went is text, as what came is; nothing is grey."""
    return "text" if delta else "text3"


# The lower tables

_PICTURES = {
    Change.REMOVED: "minus",
    Change.ADDED: "plus",
    Change.CHANGED: "pencil-simple",
    Change.MOVED: "arrow-right",
    Change.MAYBE: "question",
}


def file_columns(before: Callable[[], str], after: Callable[[], str]) -> list[Column[FileRow]]:
    """Return the columns of the files that differ; `before` and `after` name the two images."""
    return [
        Column(
            "path", "Path", lambda row: row.path, width=320, grows=True, font="mono",
            picture=lambda row: (_PICTURES[row.change], "text2"),
            second=lambda row: f"from {row.moved_from}" if row.moved_from else row.note,
            cell_tip=lambda row: f"{row.moved_from} → {row.path}" if row.moved_from else row.path,
        ),
        Column(
            "before", before, lambda row: format_bytes(row.before), lambda row: row.before, right=True, width=110,
            cell_tip=lambda row: format_exact(row.before),
        ),
        Column(
            "after", after, lambda row: format_bytes(row.after), lambda row: row.after, right=True, width=110,
            cell_tip=lambda row: format_exact(row.after),
        ),
        Column(
            "difference", "Difference", lambda row: signed_words(row.delta), lambda row: row.delta, right=True, width=170,
            font="strong", tip="Live bytes, after less before",
        ),
        Column(
            "package", "Package", lambda row: row.package or UNKNOWN, width=170, tone=lambda _: "text2",
            cell_tip=lambda row: row.package,
        ),
    ]  # fmt: skip


def package_columns(before: Callable[[], str], after: Callable[[], str]) -> list[Column[PackageChange]]:
    """Return the columns of the packages that differ."""
    pictures = {"removed": "minus", "added": "plus", "changed": "pencil-simple"}
    return [
        Column(
            "name", "Package", lambda row: row.name, width=200, grows=True, font="strong",
            picture=lambda row: (pictures[row.change], "text2"),
        ),
        Column("type", "Type", lambda row: row.type, width=80),
        Column("change", "Change", lambda row: row.change, width=90),
        Column("before", before, lambda row: row.version_before or UNKNOWN, width=200, grows=True, font="mono", cell_tip=lambda row: row.version_before or ""),
        Column("after", after, lambda row: row.version_after or UNKNOWN, width=200, grows=True, font="mono", cell_tip=lambda row: row.version_after or ""),
        Column("difference", "Difference", _grown, lambda row: row.grown, right=True, width=120, font="strong"),
    ]  # fmt: skip


def _grown(row: PackageChange) -> str:
    return UNKNOWN if row.size_before is None and row.size_after is None else signed_words(row.grown)


def config_columns(before: Callable[[], str], after: Callable[[], str]) -> list[Column[ConfigChange]]:
    """Return the columns of the settings that differ."""
    return [
        Column("field", "Setting", lambda row: _FIELDS.get(row.field, row.field.replace("_", " ").capitalize()), width=130, font="strong"),
        Column("key", "Name", lambda row: visible(row.key or UNKNOWN, 200), width=190, font="mono"),
        Column("before", before, lambda row: _value(row.before), width=240, grows=True, font="mono", cell_tip=lambda row: _value(row.before)),
        Column("after", after, lambda row: _value(row.after), width=240, grows=True, font="mono", cell_tip=lambda row: _value(row.after)),
    ]  # fmt: skip


def _value(value: str | None) -> str:
    return "not set" if value is None else visible(value, 1000) if value else "(empty)"
