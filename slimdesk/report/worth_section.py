"""The section on what smaller images are worth: the person's numbers, a row per image, the formulas."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.units import format_bytes, format_seconds
from slimdesk.report.cells import size_cell
from slimdesk.report.document import Block, Cell, Column, Paragraph, Table, theirs, words
from slimdesk.report.model import Report
from slimdesk.report.worth import FORMULAS, WorthRow, format_rate


def worth_blocks(report: Report) -> Iterator[Block]:
    """Yield the section; nothing where no numbers were given."""
    found = report.worth
    if found is None:
        return
    numbers = found.assumptions
    yield Paragraph(
        words(
            f"Arithmetic with measured download sizes and these numbers: {format_rate(numbers.bandwidth)} for each node, "
            f"{numbers.nodes:,} nodes that pull, {numbers.versions:,} versions that the registry keeps."
        )
    )
    heads = (("Image", ""), ("Download", "compressed layers"), *FORMULAS)
    columns = tuple(
        Column(words(title), numeric=number > 0, help=help_) for number, (title, help_) in enumerate(heads)
    )
    yield Table(columns, tuple(_row(row) for row in found.rows))
    if any(row.upper_bound for row in found.rows):
        yield Paragraph(words("≤: what the base image brings is not known, so it is counted as if it were sent and kept each time."), "muted")  # fmt: skip
    if found.together is not None and len(found.rows) > 1:
        most = "at most " if any(row.upper_bound for row in found.rows) else ""
        yield Paragraph(
            words(
                f"All of them in one registry, shared base layers once: {most}{format_bytes(found.together)}."
            )
        )
    yield Table(
        (Column(words("Figure")), Column(words("Formula"))),
        tuple((Cell(words(name)), Cell(words(formula))) for name, formula in FORMULAS),
    )


def _row(row: WorthRow) -> tuple[Cell, ...]:
    bound = "≤ " if row.upper_bound else ""
    return (
        Cell(words(theirs(row.name, 120))),
        size_cell(row.download),
        Cell(words(format_seconds(row.pull_seconds)), row.pull_seconds),
        Cell(words(format_seconds(row.shared_link_seconds)), row.shared_link_seconds),
        size_cell(row.sent_new),
        Cell(words(f"{bound}{format_bytes(row.sent_release)}"), row.sent_release),
        Cell(words(f"{bound}{format_bytes(row.registry)}"), row.registry),
    )
