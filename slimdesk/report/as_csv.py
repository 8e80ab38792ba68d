"""A report as CSV for a spreadsheet: one line per image, a column per figure, exact bytes. No cell can become a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from slimdesk.image.compare_text import cell
from slimdesk.report.model import Report, Subject
from slimdesk.scan.model import SEVERITIES, Severity
from slimdesk.scan.scanned import Scanned

_SIZES = ("download", "unpacked", "files", "live")
_WORTH = (
    "pull_seconds", "shared_link_seconds", "sent_new", "sent_release", "registry", "upper_bound",
)  # fmt: skip
Line = Mapping[str, object]


def render(report: Report) -> bytes:
    """Return the table; the first line names the columns. An empty cell is what was not measured."""
    lines = [_line(part, number) for part in report.each for number in range(len(part.subjects))]
    names = list(dict.fromkeys(name for line in lines for name in line))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([_cell(name) for name in names])
    for line in lines:
        writer.writerow([_cell(line.get(name)) for name in names])
    return out.getvalue().encode("utf-8", "backslashreplace")


def _line(report: Report, number: int) -> Line:
    one = report.subjects[number]
    sizes = {word: None if one.sizes is None else getattr(one.sizes, word) for word in _SIZES}
    told = {
        row.key: row.values[number] for row in report.figures if row.key not in (*_SIZES, "vulnerabilities")
    }
    proof = one.proof
    return {
        "image": one.name,
        "component": report.component,
        "tag": one.image,
        "image_id": one.image_id,
        "platform": one.platform,
        "reference": "yes" if one is report.reference else "no",
        "older": "; ".join(one.older),
        **sizes,
        **told,
        "build_seconds": one.build_seconds,
        "verdict": proof.verdict if proof else None,
        "verdict_reason": proof.reason if proof else None,
        "first_answer": proof.first_answer if proof else None,
        "error": one.error,
        **(_scan(one.scan) if "vulnerabilities" in {row.key for row in report.figures} else {}),
        **(_worth(report, one) if report.worth is not None else {}),
    }


def _scan(found: Scanned | None) -> Line:
    scan = None if found is None else found.scan
    coverage = None if found is None or scan is None else found.coverage
    counts: dict[Severity, int] = {} if scan is None else scan.counts
    return {
        "vulnerabilities": None if scan is None else len(scan.vulnerabilities),
        **{f"vulnerabilities_{word}": counts.get(word) for word in SEVERITIES},
        "vulnerabilities_mended": None if scan is None else scan.fixable,
        "coverage": None if coverage is None or coverage.least is None else round(coverage.least, 4),
        "scanner": None if scan is None else scan.made_by,
        "scanned": None if found is None or found.made is None else found.made.isoformat(timespec="seconds"),
        "not_scanned": None if scan is not None else "not scanned" if found is None else found.words,
    }


def _worth(report: Report, one: Subject) -> Line:
    rows = report.worth.rows if report.worth is not None else ()
    row = next((row for row in rows if row.name == one.name), None)
    values = {name: None if row is None else getattr(row, name) for name in _WORTH}
    return {**values, "upper_bound": None if row is None else "yes" if row.upper_bound else "no"}


def _cell(value: object) -> str:
    if value is None:
        return ""
    return cell(value) if isinstance(value, str) else str(value)
