"""The findings in SARIF 2.1.0 (OASIS Standard), so that code hosts show them. One run per image.

An image's file is no file of the repository: its place is given with the base `IMAGE`, so that it is not taken for one.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import quote

from slimdesk import __version__
from slimdesk.basics.escaping import slug, visible
from slimdesk.basics.finding import Finding
from slimdesk.report.as_json import without_lone
from slimdesk.report.model import Report, Subject

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def render(report: Report) -> bytes:
    """Return the log: a result per finding, its rule, its place in the image or in the Dockerfile."""
    runs = [_run(one, number) for number, one in enumerate(report.subjects) if one.sizes is not None]
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": without_lone(runs)}
    return (json.dumps(log, indent=2, allow_nan=False) + "\n").encode("ascii")


def _run(subject: Subject, number: int) -> dict[str, Any]:
    rules = sorted({finding.rule for finding in subject.findings})
    return {
        "tool": {
            "driver": {
                "name": "SlimDesk",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [
                    {
                        "id": rule,
                        "name": _pascal(rule),
                        "shortDescription": {"text": rule.replace("-", " ").capitalize()},
                    }
                    for rule in rules
                ],
            }
        },
        # Two runs of one log need names of their own (GitHub, "runAutomationDetails object").
        "automationDetails": {"id": f"slimdesk/{number}-{slug(subject.name)}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            "IMAGE": {"description": {"text": f"Root of the image {visible(subject.name, 200)}"}}
        },
        "results": [_result(subject, finding, rules.index(finding.rule)) for finding in subject.findings],
    }


def _result(subject: Subject, finding: Finding, rule: int) -> dict[str, Any]:
    message = visible(finding.message) + (f" {visible(finding.fix)}" if finding.fix else "")
    identity = "\0".join((finding.rule, finding.path or "", finding.message))
    found: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": message},
        "locations": [_location(subject, finding)],
        "partialFingerprints": {
            "slimdesk/v1": hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()
        },
    }
    if finding.bytes is not None:
        found["properties"] = {"bytes": finding.bytes}
    return found


def _location(subject: Subject, finding: Finding) -> dict[str, Any]:
    name = visible(subject.name, 200)
    if finding.path is None:
        place: dict[str, Any] = {"uri": "Dockerfile"}
        logical = {"name": name, "kind": "module"}
    elif finding.path.startswith("/"):
        place = {"uri": _uri(finding.path.lstrip("/")) or ".", "uriBaseId": "IMAGE"}
        logical = {"name": finding.path, "fullyQualifiedName": f"{name}:{finding.path}", "kind": "resource"}
    else:
        place = {"uri": _uri(finding.path)}
        logical = {"name": name, "kind": "module"}
    physical: dict[str, Any] = {"artifactLocation": place, "region": {"startLine": max(1, finding.line or 1)}}
    return {
        "physicalLocation": physical,
        "logicalLocations": [{key: visible(value) for key, value in logical.items()}],
    }


def _uri(path: str) -> str:
    return quote(path.encode("utf-8", "surrogateescape"), safe="/")


def _pascal(rule: str) -> str:
    return "".join(part.capitalize() for part in rule.split("-"))
