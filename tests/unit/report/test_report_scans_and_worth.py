"""Scans and worth in a report: what each format says of them, and that a scanner's words come alive in none."""

import csv
import io
import json
from pathlib import Path
from urllib.parse import unquote

import jsonschema
import pytest
from markdown_it import MarkdownIt
from unit.report.report_samples import (
    FAULTS,
    FORMULA,
    HOSTILE,
    full_report,
    hostile_scan,
    matrix,
    project_report,
    refused,
    scanned,
    two_images,
)
from unit.report.test_report_formats import Page

from slimdesk.operations.report import report_of_matrix, with_scans, with_sections, with_worth
from slimdesk.report.formats import render
from slimdesk.report.palette import palette
from slimdesk.report.preview import preview
from slimdesk.report.worth import FORMULAS, Assumptions
from slimdesk.scan.coverage import Coverage

SCHEMA = Path(__file__).parents[2] / "data" / "schemas" / "sarif-schema-2.1.0.json"


def markdown(report):
    return render(report, "md").decode().replace("\u2009", " ")


def hostile(folder, text):
    return with_scans(two_images(folder), [hostile_scan(text), hostile_scan(text)])


def test_counts_stand_with_what_was_seen_and_who_says_so(tmp_path):
    text = markdown(full_report(tmp_path))
    assert (
        "| `app:1` | 3 | 1 | 1 | 0 | 1 | 0 | 2 | 95 % of live bytes, 9 of 10 binaries, jars and wheels |"
        in text
    )
    assert "Asked: `trivy 0.70.0, database of 2026-11-20 08:00, 2026-11-21 12:00 UTC`." in text
    assert "Against `app:1`: 0 new, 2 gone, 1 in both." in text
    assert "❌ critical | `CVE-2026-1` | `openssl` | `3.5.1-1` | `3.5.2-1`" in text
    assert "`/app/app.jar!/lib/log4j.jar and 2 more`" in text


def test_counts_that_mean_different_things_are_in_no_order(tmp_path):
    alike = with_scans(two_images(tmp_path), [scanned(), scanned(FAULTS[2:])])
    assert 'data-sort="3.0"' in render(alike, "html").decode()
    other = with_scans(two_images(tmp_path), [scanned(), scanned((), Coverage(1000, 40, 0, 0))])
    assert "These counts put the images in no order" in markdown(other)
    assert "0 found, sees 4 % of this image" in markdown(other)
    section = (
        render(other, "html").decode().partition("Known vulnerabilities</h2>")[2].partition("</table>")[0]
    )
    assert 'data-sort="0.0"' in section
    assert 'data-sort="3.0"' not in section
    makers = with_scans(two_images(tmp_path), [scanned(), scanned(scanner="grype")])
    assert "These counts put the images in no order" in markdown(makers)
    assert "in both" not in markdown(makers)
    assert "| `grype 0.70.0, database of 2026-11-20 08:00, 2026-11-21 12:00 UTC` |" in markdown(makers)


def test_what_was_not_scanned_has_its_reason_and_no_count(tmp_path):
    report = with_scans(two_images(tmp_path), [scanned(), refused()])
    assert "| `app:2` | `not scanned: trivy has no database here` | – | – | – | – | – | – | – |" in markdown(
        report
    )
    found = json.loads(render(report, "json"))["images"][1]["scan"]
    assert (found["scanned"], found["total"], found["counts"]) == (False, None, None)
    rows = list(csv.DictReader(io.StringIO(render(report, "csv").decode())))
    assert (rows[0]["vulnerabilities"], rows[0]["vulnerabilities_critical"], rows[0]["coverage"]) == (
        "3",
        "1",
        "0.9",
    )
    assert (rows[1]["vulnerabilities"], rows[1]["not_scanned"]) == (
        "",
        "not scanned: trivy has no database here",
    )


def test_worth_is_arithmetic_with_its_formulas(tmp_path):
    report = full_report(tmp_path)
    text = markdown(report)
    assert "8 Mbit/s for each node, 7 nodes that pull, 3 versions that the registry keeps" in text
    for name, formula in FORMULAS:
        assert f"| {name} | {formula} |" in text
    found = json.loads(render(report, "json"))
    download = found["images"][1]["sizes"]["download"]
    row = found["worth"]["images"][1]
    assert row["pull_seconds"] == download * 8 / 8e6
    assert row["sent_new"] == 7 * download
    lines = list(csv.DictReader(io.StringIO(render(report, "csv").decode())))
    assert lines[1]["sent_new"] == str(7 * download)


def test_worth_of_a_matrix_is_an_upper_bound_and_says_so():
    text = markdown(with_worth(report_of_matrix(matrix()), Assumptions()))
    section = text.partition("### What it is worth")[2]
    assert "≤ " in section
    assert "what the base image brings is not known" in section
    assert "`alpine`" not in section.partition("### ")[0]


def test_worth_and_scans_are_sections_like_others(tmp_path):
    report = full_report(tmp_path)
    assert {"worth", "vulnerabilities"} <= set(report.sections)
    assert not {"worth", "vulnerabilities"} & set(two_images(tmp_path).sections)
    text = markdown(with_sections(report, ("worth",)))
    assert "What it is worth" in text
    assert "Known vulnerabilities" not in text


def test_a_project_holds_all_its_components(tmp_path):
    report = project_report()
    text = markdown(report)
    assert "| `api` | `distroless` ★ recommended" not in text
    assert "| `api` | `distroless` | 9.00 MB | `baseline` | 860 MB | 95.6× smaller | ✅ runs |" in text
    assert "### `web+api`" in text
    assert text.count("#### Known vulnerabilities") == 2
    assert text.count("How this was measured") == 1
    assert "`batch is not in this report: its variants were not built together yet.`" in text
    page = Page(render(report, "html").decode())
    assert page.tags.count("h2") == 4
    found = json.loads(render(report, "json"))
    assert found["images"] == []
    assert [one["component"] for one in found["components"]] == ["api", "web+api"]
    assert [len(one["images"]) for one in found["components"]] == [4, 4]
    rows = list(csv.DictReader(io.StringIO(render(report, "csv").decode())))
    assert [row["component"] for row in rows] == ["api"] * 4 + ["web+api"] * 4
    assert render(report, "pdf").startswith(b"%PDF")
    assert "web+api" in preview(report, palette("dark"))


def test_sarif_has_a_rule_per_fault_and_its_place_in_the_image(tmp_path):
    log = json.loads(render(full_report(tmp_path), "sarif"))
    driver, results = log["runs"][0]["tool"]["driver"], log["runs"][0]["results"]
    rules = {rule["id"]: rule for rule in driver["rules"]}
    assert rules["CVE-2026-1"]["properties"]["security-severity"] == "9.5"
    assert rules["CVE-2026-1"]["helpUri"] == "https://nvd.nist.gov/vuln/detail/CVE-2026-1"
    assert "helpUri" not in rules["CVE-2026-2"]
    faults = [one for one in results if one["ruleId"].startswith("CVE")]
    assert [(one["ruleId"], one["level"]) for one in faults] == [
        ("CVE-2026-1", "error"),
        ("CVE-2026-1", "error"),
        ("CVE-2026-2", "note"),
    ]
    for one in results:
        assert driver["rules"][one["ruleIndex"]]["id"] == one["ruleId"]
    place = faults[1]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "var/lib/dpkg/status.d/libssl3", "uriBaseId": "IMAGE"}
    assert faults[1]["message"]["text"] == (
        "CVE-2026-1 in libssl3 3.5.1-1, severity high, found by trivy 0.70.0, database of 2026-11-20 08:00. "
        "Version 3.5.2-1 mends it."
    )
    assert len({one["partialFingerprints"]["slimdesk/v1"] for one in faults}) == 3


@pytest.mark.parametrize("of", ["full", "project", "hostile"])
def test_sarif_is_what_its_schema_says(tmp_path, of):
    made = {
        "full": lambda: full_report(tmp_path),
        "project": project_report,
        "hostile": lambda: hostile(tmp_path, "a b\udcff%zz\\..//:?#[]@\x00" + HOSTILE),
    }
    log = json.loads(render(made[of](), "sarif"))
    checker = jsonschema.Draft4Validator(
        json.loads(SCHEMA.read_text(encoding="utf-8")), format_checker=jsonschema.FormatChecker()
    )
    assert [f"{list(error.absolute_path)}: {error.message}" for error in checker.iter_errors(log)] == []
    names = [run["automationDetails"]["id"] for run in log["runs"]]
    assert len(set(names)) == len(names)


def test_a_scanners_words_are_no_address_and_no_rule_of_ours(tmp_path):
    text = "javascript:alert(1)//../../etc/passwd\n%0d"
    run = json.loads(render(hostile(tmp_path, text), "sarif"))["runs"][0]
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert not [rule for rule in run["tool"]["driver"]["rules"] if "helpUri" in rule]
    assert all(
        set(one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]).isdisjoint(' :"<>\\^`{|}\n')
        for one in run["results"]
    )
    uris = [
        unquote(one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]) for one in run["results"]
    ]
    assert any("javascript:alert(1)" in uri for uri in uris)
    assert "no-gain" in rules


def test_a_fault_cannot_take_the_place_of_a_rule_of_ours(tmp_path):
    from dataclasses import replace

    report = two_images(tmp_path)
    ours = report.reference.findings[0].rule
    fault = replace(FAULTS[0], id=ours)
    run = json.loads(render(with_scans(report, [scanned([fault]), None]), "sarif"))["runs"][0]
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(ids)) == len(ids)
    assert f"vulnerability/{ours}" in ids


@pytest.mark.parametrize(
    "name",
    [HOSTILE, "</script></style>--><svg onload=alert(1)>", "{{ 7*7 }}{% raw %}", "\udcff\x00&lt;b&gt;"],
)
def test_html_lets_nothing_of_a_scanner_in(tmp_path, name):
    harmless = Page(render(hostile(tmp_path, "plain"), "html").decode())
    page = Page(render(hostile(tmp_path, name), "html").decode())
    assert set(page.tags) == set(harmless.tags)
    assert {(tag, key) for tag, key, _ in page.attributes} == {
        (tag, key) for tag, key, _ in harmless.attributes
    }
    assert not set("\x00\x1b\u202e") & set(page.words)
    shown = Page(preview(hostile(tmp_path, name), palette("light")))
    assert not {"script", "img", "svg", "a", "b"} & set(shown.tags)


def test_markdown_lets_nothing_of_a_scanner_in(tmp_path):
    text = render(hostile(tmp_path, HOSTILE), "md").decode()
    tokens = MarkdownIt("gfm-like", {"linkify": False, "html": True}).parse(text)
    kinds = {child.type for token in tokens for child in token.children or ()} | {
        token.type for token in tokens
    }
    assert not kinds & {"html_inline", "html_block", "link_open", "image", "strong_open", "em_open", "fence"}
    plain = [child.content for token in tokens for child in token.children or () if child.type == "text"]
    assert not [one for one in plain if "@team" in one or "evil" in one]


def test_csv_lets_no_formula_of_a_scanner_in(tmp_path):
    text = render(hostile(tmp_path, FORMULA), "csv").decode()
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t"))]


def test_pdf_takes_a_scanners_words_as_words(tmp_path):
    data = render(hostile(tmp_path, "日本\U0001f600" + HOSTILE), "pdf")
    assert data.startswith(b"%PDF-")
    assert b"/JavaScript" not in data
    assert b"/URI" not in data
