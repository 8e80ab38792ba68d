"""A report as CSV for a spreadsheet: one line per image, a column per figure, exact bytes. No cell can become a formula."""

from __future__ import annotations

import csv
import io

from slimdesk.image.compare_text import cell
from slimdesk.report.model import Report

_SIZES = ("download", "unpacked", "files", "live")


def render(report: Report) -> bytes:
    """Return the table; the first line names the columns. An empty cell is what was not measured."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    rows = [row for row in report.figures if row.key not in _SIZES]
    writer.writerow(
        (
            "image", "tag", "image_id", "platform", "reference", "older", *_SIZES, *(row.key for row in rows),
            "build_seconds", "verdict", "verdict_reason", "first_answer", "error",
        )
    )  # fmt: skip
    for number, one in enumerate(report.subjects):
        sizes = [None if one.sizes is None else getattr(one.sizes, word) for word in _SIZES]
        proof = one.proof
        values = (
            one.name, one.image, one.image_id, one.platform, "yes" if one is report.reference else "no",
            "; ".join(one.older), *sizes, *(row.values[number] for row in rows), one.build_seconds,
            proof.verdict if proof else None, proof.reason if proof else None, proof.first_answer if proof else None, one.error,
        )  # fmt: skip
        writer.writerow([_cell(value) for value in values])
    return out.getvalue().encode("utf-8", "backslashreplace")


def _cell(value: object) -> str:
    if value is None:
        return ""
    return cell(value) if isinstance(value, str) else str(value)
