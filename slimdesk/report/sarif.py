"""Findings and known vulnerabilities in SARIF 2.1.0 (OASIS Standard), so that code hosts show them. One run per image.

An image's file is no file of the repository: its place is given with the base `IMAGE`, so that it is not taken for one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from slimdesk import __version__
from slimdesk.basics.escaping import slug, visible
from slimdesk.basics.finding import Finding
from slimdesk.report.as_json import without_lone
from slimdesk.report.model import Report, Subject
from slimdesk.scan.model import Scan, Severity, Vulnerability

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_FAULT_LEVELS: dict[Severity, str] = {"critical": "error", "high": "error", "medium": "warning"}
# GitHub shows a rule's severity by the band that this number is in (docs.github.com, "SARIF support for code scanning",
# security-severity): above 9.0 critical, 7.0 high, 4.0 medium, 0.1 low. The scanner's word is all that is known here.
_BANDS: dict[Severity, str] = {
    "critical": "9.5",
    "high": "8.0",
    "medium": "5.5",
    "low": "2.0",
    "negligible": "0.5",
}


def render(report: Report) -> bytes:
    """Return the log: a result per finding and per fault, its rule, its place in the image or in the Dockerfile."""
    subjects = [(part, one) for part in report.each for one in part.subjects if one.sizes is not None]
    runs = [_run(part, one, number) for number, (part, one) in enumerate(subjects)]
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": without_lone(runs)}
    return (json.dumps(log, indent=2, allow_nan=False) + "\n").encode("ascii")


def _run(part: Report, subject: Subject, number: int) -> dict[str, Any]:
    scan = subject.scan.scan if subject.scan is not None else None
    rules = [_finding_rule(rule) for rule in sorted({finding.rule for finding in subject.findings})]
    ours = {rule["id"]: index for index, rule in enumerate(rules)}
    theirs: dict[str, int] = {}
    for rule in _fault_rules(scan, frozenset(ours)):
        theirs[rule["id"]] = len(rules)
        rules.append(rule)
    results = [_result(subject, finding, ours[finding.rule]) for finding in subject.findings]
    for one in () if scan is None else scan.vulnerabilities:
        rule_id = _fault_id(one, ours)
        results.append(_fault_result(subject, scan, one, rule_id, theirs[rule_id]))
    name = "-".join(part for part in (part.component, subject.name) if part)
    return {
        "tool": {
            "driver": {
                "name": "SlimDesk",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": rules,
            }
        },
        # Two runs of one log need names of their own (GitHub, "runAutomationDetails object").
        "automationDetails": {"id": f"slimdesk/{number}-{slug(name)}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            "IMAGE": {"description": {"text": f"Root of the image {visible(subject.name, 200)}"}}
        },
        "results": results,
    }


def _finding_rule(rule: str) -> dict[str, Any]:
    return {
        "id": rule,
        "name": _pascal(rule),
        "shortDescription": {"text": rule.replace("-", " ").capitalize()},
    }


def _fault_rules(scan: Scan | None, ours: frozenset[str]) -> Iterator[dict[str, Any]]:
    """Yield a rule for each number of a fault; of several packages with it the gravest stands first."""
    known: set[str] = set()
    for one in () if scan is None else scan.vulnerabilities:
        rule_id = _fault_id(one, ours)
        if rule_id in known:
            continue
        known.add(rule_id)
        rule: dict[str, Any] = {
            "id": rule_id,
            "name": "KnownVulnerability",
            "shortDescription": {"text": _in_package(one)},
            "fullDescription": {"text": visible(one.title) or _in_package(one)},
            "defaultConfiguration": {"level": _FAULT_LEVELS.get(one.severity, "note")},
            "properties": {"tags": ["security", "vulnerability", one.severity]},
        }
        if one.severity in _BANDS:
            rule["properties"]["security-severity"] = _BANDS[one.severity]
        if one.url:
            rule["helpUri"] = one.url
        yield rule


def _fault_id(one: Vulnerability, ours: frozenset[str] | dict[str, int]) -> str:
    """Return the fault's number as a rule's ID; a scanner's word cannot take the place of a rule of ours."""
    number = visible(one.id)
    return f"vulnerability/{number}" if number in ours else number


def _in_package(one: Vulnerability) -> str:
    return visible(f"{one.id} in {one.package} {one.version}".strip())


def _fault_result(
    subject: Subject, scan: Scan | None, one: Vulnerability, rule_id: str, rule: int
) -> dict[str, Any]:
    mended = f"Version {one.fixed} mends it." if one.fixed else "No version mends it yet."
    by = "" if scan is None else f", found by {scan.made_by}"
    said = f"{_in_package(one)}, severity {one.severity}{visible(by)}. {visible(mended)}"
    place = one.path if one.path is None or one.path.startswith("/") else f"/{one.path}"
    return {
        "ruleId": rule_id,
        "ruleIndex": rule,
        "level": _FAULT_LEVELS.get(one.severity, "note"),
        "message": {"text": f"{said} {visible(one.title)}".strip()},
        "locations": [_place(subject, place or "/", 1)],
        "partialFingerprints": _fingerprint(one.id, one.package, one.path or ""),
        "properties": {
            "package": visible(one.package),
            "version": visible(one.version),
            "places": one.places,
        },
    }


def _fingerprint(*parts: str) -> dict[str, str]:
    return {"slimdesk/v1": hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()}


def _result(subject: Subject, finding: Finding, rule: int) -> dict[str, Any]:
    message = visible(finding.message) + (f" {visible(finding.fix)}" if finding.fix else "")
    found: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": message},
        "locations": [_place(subject, finding.path, finding.line)],
        "partialFingerprints": _fingerprint(finding.rule, finding.path or "", finding.message),
    }
    if finding.bytes is not None:
        found["properties"] = {"bytes": finding.bytes}
    return found


def _place(subject: Subject, path: str | None, line: int | None) -> dict[str, Any]:
    name = visible(subject.name, 200)
    if path is None:
        place: dict[str, Any] = {"uri": "Dockerfile"}
        logical = {"name": name, "kind": "module"}
    elif path.startswith("/"):
        place = {"uri": _uri(path.lstrip("/")) or ".", "uriBaseId": "IMAGE"}
        logical = {"name": path, "fullyQualifiedName": f"{name}:{path}", "kind": "resource"}
    else:
        place = {"uri": _uri(path)}
        logical = {"name": name, "kind": "module"}
    physical: dict[str, Any] = {"artifactLocation": place, "region": {"startLine": max(1, line or 1)}}
    return {
        "physicalLocation": physical,
        "logicalLocations": [{key: visible(value) for key, value in logical.items()}],
    }


def _uri(path: str) -> str:
    return quote(path.encode("utf-8", "surrogateescape"), safe="/")


def _pascal(rule: str) -> str:
    return "".join(part.capitalize() for part in rule.split("-"))
