"""A report as JSON; resources/schemas/report-2.json says what each key is. Nothing is cut here."""

from __future__ import annotations

import json
from typing import Any

from slimdesk import __version__
from slimdesk.image.compare_json import pair_json, side_json
from slimdesk.image.summary import sizes_json
from slimdesk.report.model import Proof, Report, Subject

SCHEMA = 2


def render(report: Report) -> bytes:
    """Return the document: ASCII, never NaN."""
    return (json.dumps(report_json(report), indent=2, allow_nan=False) + "\n").encode("ascii")


def report_json(report: Report) -> dict[str, Any]:
    """Return the report as plain JSON values."""
    whole = {
        "schema": SCHEMA,
        "generator": {"name": "SlimDesk", "version": __version__},
        "made": report.made.isoformat(timespec="seconds"),
        "kind": report.kind,
        "title": report.title,
        "project": report.project,
        "size": report.size,
        **_body(report),
        "components": [_body(part) for part in report.parts],
    }
    safe: dict[str, Any] = without_lone(whole)
    return safe


def _body(report: Report) -> dict[str, Any]:
    return {
        "component": report.component,
        "engine": report.engine,
        "images": [_subject(report, one) for one in report.subjects],
        "figures": [
            {"key": row.key, "title": row.title, "unit": row.unit, "values": list(row.values)}
            for row in report.figures
        ],
        "differences": [pair_json(pair) for pair in report.pairs],
        "worth": None if report.worth is None else report.worth.to_json(),
        "notes": [*report.facts, *report.notes],
    }


def _subject(report: Report, one: Subject) -> dict[str, Any]:
    size, whole = report.size_of(one), report.size_of(report.reference)
    known = bool(size and whole) and one is not report.reference
    return {
        "name": one.name,
        "note": one.note,
        "reference": one is report.reference,
        "recommended": one.recommended,
        "place": one.place,
        "image": one.image,
        "image_id": one.image_id,
        "platform": one.platform,
        "sizes": None if one.sizes is None else sizes_json(one.sizes),
        "reduction": {"ratio": (whole - size) / whole, "factor": whole / size}
        if known and size and whole
        else None,
        "build_seconds": one.build_seconds,
        "error": one.error,
        "older": list(one.older),
        "proof": None if one.proof is None else proof_json(one.proof),
        "findings": [finding.to_json() for finding in one.findings],
        "scan": None if one.scan is None else one.scan.to_json(),
        "analysis": None if one.side is None else side_json(one.side),
    }


def proof_json(proof: Proof) -> dict[str, Any]:
    """Return what came of starting an image."""
    values = {name: getattr(proof, name) for name in proof.__slots__ if name != "checks"}
    checks = [{name: getattr(check, name) for name in check.__slots__} for check in proof.checks]
    return {**values, "checks": checks}


def without_lone(value: Any) -> Any:
    """Return the value with bytes that were not UTF-8 as a backslash and digits: strict readers refuse a lone surrogate."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {without_lone(key): without_lone(one) for key, one in value.items()}
    return [without_lone(one) for one in value] if isinstance(value, list) else value
