"""From the variants to the Compare page: the ticked ones that were measured, against the reference if that was."""

from __future__ import annotations

from collections.abc import Sequence

from slimdesk.image.compare import LEAST, MOST
from slimdesk.ui.desk import Desk
from slimdesk.ui.models.variants import VariantRow
from slimdesk.workspace.workspace import OpenedImage


def comparable(rows: Sequence[VariantRow]) -> list[OpenedImage]:
    """Return the reference and the ticked variants that have an image; without two of these, all that have one."""
    measured = [row for row in rows if row.image is not None]
    ticked = [row for row in measured if row.ticked or row.reference]
    chosen = ticked if len(ticked) >= LEAST else measured
    chosen = sorted(chosen, key=lambda row: not row.reference)
    return [OpenedImage(_where(row), row.image, row.variant) for row in chosen[:MOST]]


def compare_ticked(desk: Desk, rows: Sequence[VariantRow]) -> None:
    """Show them on the Compare page."""
    found = comparable(rows)
    if len(found) < LEAST:
        desk.notify("info", "There is nothing to compare yet.", "Build two variants first.")
        return
    desk.workspace.compare(found)
    desk.go("compare")


def _where(row: VariantRow) -> str:
    if row.results.build is not None:
        return row.results.build.value.tag
    return row.picked or (row.image.location if row.image is not None else "")
