"""What a scanner found, as rows: faults, packages, layers, and the difference to the reference; and as a cell of Variants."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import UNKNOWN, plural
from slimdesk.image.model import Image
from slimdesk.operations.scan import by_layer, by_package, layer_numbers
from slimdesk.scan.coverage import Coverage
from slimdesk.scan.model import SEVERITIES, NotScanned, Scan, Severity, Vulnerability
from slimdesk.scan.scanned import Scanned
from slimdesk.ui.models.recents import day
from slimdesk.ui.models.rows import Column
from slimdesk.ui.theme.tokens import Token

PICTURES: dict[Severity, tuple[str, Token]] = {
    "critical": ("x-circle-fill", "bad"),
    "high": ("warning-fill", "bad"),
    "medium": ("warning-fill", "warn"),
    "low": ("info", "accent_text"),
    "negligible": ("info", "text3"),
    "unknown": ("question-fill", "text3"),
}


@dataclass(frozen=True, slots=True)
class FaultRow:
    """One fault with the number of the layer that brought it, from 1; `change` is a sign against the reference."""

    fault: Vulnerability
    layer: int | None
    change: str = ""


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A package or a layer with its faults, the gravest first."""

    name: str
    faults: tuple[Vulnerability, ...]
    order: int = 0

    @property
    def worst(self) -> Severity:
        """The gravest severity."""
        return min((one.severity for one in self.faults), key=SEVERITIES.index)


def fault_rows(scan: Scan, image: Image, before: Scan | None = None) -> list[FaultRow]:
    """Return a row per fault; with `before`, those that the reference has not are marked +."""
    known = {(one.id, one.package) for one in before.vulnerabilities} if before is not None else None
    numbers = layer_numbers(image)
    rows = []
    for one in scan.vulnerabilities:
        layer = numbers.get(one.layer or "")
        change = "" if known is None or (one.id, one.package) in known else "+"
        rows.append(FaultRow(one, None if layer is None else layer + 1, change))
    return rows


def package_rows(scan: Scan) -> list[GroupRow]:
    """Return a row per package that has a fault."""
    return [GroupRow(name, faults, at) for at, (name, faults) in enumerate(by_package(scan).items())]


def layer_rows(scan: Scan, image: Image) -> list[GroupRow]:
    """Return a row per layer that brought a fault."""
    rows = []
    for index, faults in by_layer(scan, image).items():
        if index is None:
            rows.append(GroupRow("not known which layer", faults, len(image.layers)))
            continue
        layer = image.layers[index]
        words = f"{index + 1}  {visible(layer.instruction or layer.created_by or '', 300)}".strip()
        rows.append(GroupRow(f"{words} (base)" if layer.base else words, faults, index))
    return rows


def fault_columns() -> list[Column[FaultRow]]:
    """Return the columns of the list of faults."""
    return [
        Column(
            "severity", "Severity", lambda row: row.fault.severity.capitalize(), lambda row: SEVERITIES.index(row.fault.severity),
            width=120, picture=lambda row: PICTURES[row.fault.severity], tip="As the scanner rates it",
        ),
        Column("id", "Fault", lambda row: row.fault.id, width=160, font="mono", second=lambda row: row.change, cell_tip=lambda row: row.fault.url,
               tip="Its number in the scanner's database; + marks what the reference has not"),
        Column("package", "Package", lambda row: row.fault.package, width=170, font="strong", cell_tip=_places),
        Column("version", "Version", lambda row: row.fault.version or UNKNOWN, width=130, font="mono", cell_tip=lambda row: row.fault.version),
        Column("fixed", "Mended in", lambda row: row.fault.fixed or "not yet", width=130, font="mono", tone=lambda row: None if row.fault.fixed else "text3",
               cell_tip=lambda row: row.fault.fixed or "", tip="The version that mends it"),
        Column("layer", "Layer", lambda row: UNKNOWN if row.layer is None else str(row.layer), lambda row: row.layer, right=True, width=60, tip="Which layer brought it, from 1"),
        Column("title", "What it is", lambda row: row.fault.title or UNKNOWN, width=200, grows=True, tone=lambda _row: "text2", cell_tip=lambda row: row.fault.title),
    ]  # fmt: skip


def group_columns(title: str) -> list[Column[GroupRow]]:
    """Return the columns of packages or of layers."""

    def count(word: Severity) -> Column[GroupRow]:
        return Column(
            word, word.capitalize(), lambda row: str(_count(row, word) or UNKNOWN), lambda row: _count(row, word), right=True, width=90
        )  # fmt: skip

    return [
        Column("name", title, lambda row: row.name, lambda row: row.order, width=320, grows=True, font="strong", picture=lambda row: PICTURES[row.worst], cell_tip=lambda row: row.name),
        Column("all", "Faults", lambda row: str(len(row.faults)), lambda row: len(row.faults), right=True, width=80),
        *(count(word) for word in SEVERITIES[:4]),
        Column("fixable", "Mended", lambda row: str(_mended(row) or UNKNOWN), _mended, right=True, width=90, tip="Faults that a newer version mends"),
    ]  # fmt: skip


def cell_words(scanned: Scanned | None) -> str:
    """Return what the column of Variants says of an image: a count with what it is worth, or that it was not scanned."""
    if scanned is None:
        return "not scanned"
    if isinstance(scanned.result, NotScanned):
        return "not scanned"
    return scanned.words


def cell_tip(scanned: Scanned | None) -> str:
    """Return all that is known behind that cell."""
    if scanned is None:
        return "Choose Scan for vulnerabilities in the row's menu"
    result = scanned.result
    if isinstance(result, NotScanned):
        return "\n".join(part for part in (result.words, result.todo) if part)
    return (
        f"{counts_in_words(result)}\n{coverage_in_words(scanned.coverage)}\n{made_by(result, scanned.made)}"
    )


def counts_in_words(scan: Scan) -> str:
    """2 critical, 5 high; 3 mended by a newer version."""
    parts = [f"{count} {word}" for word, count in scan.counts.items() if count]
    if not parts:
        return "None found"
    return f"{', '.join(parts)}; {plural(scan.fixable, 'fault')} mended by a newer version"


def coverage_in_words(found: Coverage | None) -> str:
    """Say what a count is about, in a sentence."""
    if found is None:
        return "How much of the image the scanner sees is not known."
    parts = f", {found.parts_words}" if found.parts else ""
    words = f"The scanner {found.words}"
    said = words if "of this image" in words else f"{words}"
    return (
        f"{said}{parts if 'of this image' in words else ''}: the rest belongs to no package that it can name."
    )


def made_by(scan: Scan, made: dt.datetime | None = None) -> str:
    """Name the scanner, its version, its database's date, and when it was asked."""
    return f"{scan.made_by}, scanned {day(made)}" if made else scan.made_by


def _places(row: FaultRow) -> str:
    where = [row.fault.path] if row.fault.path else []
    if row.fault.places > 1:
        where.append(f"in {row.fault.places} places")
    return "\n".join(where)


def _count(row: GroupRow, word: Severity) -> int:
    return sum(1 for one in row.faults if one.severity == word)


def _mended(row: GroupRow) -> int:
    return sum(1 for one in row.faults if one.fixed)
