"""Each format of a report: what it says, that it is valid, and that nothing of an image's comes alive in it."""

import csv
import io
import json
from html.parser import HTMLParser

import jsonschema
import pytest
from markdown_it import MarkdownIt
from unit.report.report_samples import (
    FORMULA,
    HOSTILE,
    full_report,
    hostile_images,
    matrix,
    project_report,
    refused,
    save,
    scanned,
    two_images,
)

from slimdesk.basics.errors import BadInput
from slimdesk.basics.job import Silent
from slimdesk.basics.resources import resource
from slimdesk.image.read import Wanted
from slimdesk.operations.report import report_of_images, report_of_matrix, with_sections
from slimdesk.report.formats import FORMAT_NAMES, FORMATS, render
from slimdesk.report.model import SECTION_TITLES
from slimdesk.scan.coverage import Coverage


class Page(HTMLParser):
    """Collects what a browser would act upon."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.text, self.inside = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, *one) for one in attributes]
        self.inside.append(tag)

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data):
        if "script" not in self.inside and "style" not in self.inside:
            self.text.append(data)

    @property
    def words(self):
        return " ".join("".join(self.text).split())


def test_html_says_what_was_measured(tmp_path):
    page = Page(render(two_images(tmp_path), "html").decode())
    assert "app:2 against app:1" in page.words
    assert "6.75× smaller than app:1 with 3.51 kB (−85.2 %, files)" in page.words.replace("\u2009", " ")
    for title in SECTION_TITLES.values():
        if title not in ("Does it run", "Known vulnerabilities", "What it is worth"):
            assert title in page.words
    assert "/bin/sh" in page.words


def test_html_asks_nobody_for_anything(tmp_path):
    page = Page(render(two_images(tmp_path), "html").decode())
    policy = next(
        value
        for tag, name, value in page.attributes
        if tag == "meta" and name == "content" and "default-src" in value
    )
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    links = [
        value for _, name, value in page.attributes if name in ("src", "href", "action", "data", "srcset")
    ]
    assert links
    assert all(value.startswith(("#", "data:,")) for value in links)
    assert not [name for _, name, _ in page.attributes if name.startswith("on") or name == "style"]


@pytest.mark.parametrize(
    "name",
    [HOSTILE, "</script></style>--><svg onload=alert(1)>", "{{ 7*7 }}{% raw %}", "\udcff\x00&lt;b&gt;"],
)
def test_html_lets_nothing_of_an_image_in(tmp_path, name):
    harmless = Page(render(hostile_images(tmp_path, "plain"), "html").decode())
    page = Page(render(hostile_images(tmp_path, name), "html").decode())
    assert set(page.tags) == set(harmless.tags)
    assert page.tags.count("script") == harmless.tags.count("script") == 1
    assert {(tag, key) for tag, key, _ in page.attributes} == {
        (tag, key) for tag, key, _ in harmless.attributes
    }
    assert "49" not in page.words.split("srv/")[0][:200]
    assert not set("\x00\x1b\u202e") & set(page.words)


def test_markdown_lets_nothing_of_an_image_in(tmp_path):
    text = render(hostile_images(tmp_path), "md").decode()
    tokens = MarkdownIt("gfm-like", {"linkify": False, "html": True}).parse(text)
    kinds = {child.type for token in tokens for child in token.children or ()} | {
        token.type for token in tokens
    }
    assert not kinds & {
        "html_inline",
        "html_block",
        "link_open",
        "image",
        "strong_open",
        "em_open",
        "fence",
        "code_block",
    }
    # A mention or a reference to an issue works in plain text only.
    plain = [child.content for token in tokens for child in token.children or () if child.type == "text"]
    assert not [one for one in plain if "@" in one or "#" in one.replace("#", "", 1) or "evil" in one]


def test_markdown_of_a_matrix_names_the_reference_and_what_is_older():
    text = render(report_of_matrix(matrix()), "md").decode().replace("\u2009", " ")
    assert (
        "`distroless`: 9.00 MB, 95.6× smaller than `baseline` with 860 MB (−99.0 %, files); it runs; first by what was weighed."
        in text
    )
    assert "❌ `alpine` has no image: `RUN apk add: apk: not found`" in text
    assert "`scratch` (older)" in text
    assert "`scratch` is older than the project; changed since: `Dockerfile`" in text
    assert "There is no Go image of that kind." in text


def test_what_fails_or_is_older_is_never_taken():
    rows = tuple(row for row in matrix().rows if row.family in ("baseline", "scratch"))
    text = render(report_of_matrix(matrix(rows=rows)), "md").decode()
    assert "smaller than" not in text.split("### Sizes")[0].split("| Image")[0]


@pytest.mark.parametrize("of", ["images", "matrix", "hostile", "one", "full", "project"])
def test_json_is_what_its_schema_says(tmp_path, of):
    made = {
        "images": lambda: two_images(tmp_path),
        "matrix": lambda: report_of_matrix(matrix()),
        "hostile": lambda: hostile_images(tmp_path, "\udcff" + HOSTILE),
        "full": lambda: full_report(tmp_path),
        "project": project_report,
        "one": lambda: report_of_images([save(tmp_path / "x.tar", ("a", 1))], Wanted(fast=True), Silent()),
    }
    found = json.loads(render(made[of](), "json"))
    schema = json.loads(resource("schemas/report-2.json").read_text(encoding="utf-8"))
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    assert [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in checker.iter_errors(found)
    ] == []


def test_the_schema_itself_is_one():
    schema = json.loads(resource("schemas/report-2.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"schema": 2}, schema)


def test_csv_has_a_line_per_image_and_exact_bytes():
    rows = list(csv.DictReader(io.StringIO(render(report_of_matrix(matrix()), "csv").decode())))
    assert [row["image"] for row in rows] == ["baseline", "distroless", "alpine", "scratch"]
    assert rows[1]["files"] == "9000000"
    assert rows[2]["files"] == ""
    assert rows[3]["older"] == "Dockerfile"


def test_csv_lets_no_formula_in(tmp_path):
    report = hostile_images(tmp_path, FORMULA)
    cells = [cell for row in csv.reader(io.StringIO(render(report, "csv").decode())) for cell in row]
    assert f"'{FORMULA}" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t"))]


def test_sarif_names_every_finding_and_its_place(tmp_path):
    report = two_images(tmp_path)
    log = json.loads(render(report, "sarif"))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    assert [len(run["results"]) for run in log["runs"]] == [len(one.findings) for one in report.subjects]
    assert len({run["automationDetails"]["id"] for run in log["runs"]}) == 2
    for run in log["runs"]:
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        for result in run["results"]:
            assert rules[result["ruleIndex"]] == result["ruleId"]
            assert result["level"] in ("error", "warning", "note")
            assert result["message"]["text"]
            place = result["locations"][0]["physicalLocation"]
            assert place["region"]["startLine"] >= 1
            assert not place["artifactLocation"]["uri"].startswith("/")
            assert " " not in place["artifactLocation"]["uri"]
            assert len(result["partialFingerprints"]["slimdesk/v1"]) == 64


def test_cyclonedx_is_of_one_image(tmp_path):
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    one = report_of_images([save(tmp_path / "x.tar", ("a", 1))], Wanted(), Silent())
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(render(one, "cyclonedx").decode()) is None
    with pytest.raises(BadInput, match="one image"):
        render(two_images(tmp_path), "cyclonedx")
    with pytest.raises(BadInput, match="one image"):
        render(report_of_matrix(matrix(rows=matrix().rows[:1])), "cyclonedx")


def test_pdf_is_pages_with_the_words(tmp_path):
    for report in (
        two_images(tmp_path),
        report_of_matrix(matrix()),
        hostile_images(tmp_path, "日本\U0001f600" + HOSTILE),
    ):
        data = render(report, "pdf")
        assert data.startswith(b"%PDF-")
        assert b"/JavaScript" not in data
        assert b"/URI" not in data


def test_only_the_sections_that_were_asked_for(tmp_path):
    report = with_sections(two_images(tmp_path), ("layers", "summary"))
    words = Page(render(report, "html").decode()).words
    assert "Layers" in words
    assert "Summary" in words
    assert "Packages" not in words


def test_a_figures_only_report_has_no_section_that_it_cannot_fill():
    assert not {"layers", "parts", "packages", "differences"} & set(report_of_matrix(matrix()).sections)


def test_every_format_is_registered():
    assert list(FORMATS) == list(FORMAT_NAMES)
    assert len({one.ending for one in FORMATS.values()}) == len(FORMATS)


@pytest.mark.parametrize("name", [name for name in FORMAT_NAMES if name not in ("pdf", "cyclonedx")])
def test_values_of_secret_variables_are_in_no_report(tmp_path, name):
    settings = {"Env": ["DB_PASSWORD=hunter2", "API_TOKEN=hunter2"], "Labels": {"secret.key": "hunter2"}}
    one = save(tmp_path / "a.tar", ("x", 1), config=settings)
    two = save(tmp_path / "b.tar", ("x", 2), config={"Env": ["DB_PASSWORD=hunter3"]}, tag="app:2")
    text = render(report_of_images([one, two], Wanted(), Silent()), name).decode()
    assert "hunter" not in text


def test_a_scan_is_told_with_its_coverage_and_never_as_zero(tmp_path):
    from slimdesk.operations.report import with_scans

    report = two_images(tmp_path)
    assert with_scans(report, [None, None]) == report
    text = render(with_scans(report, [scanned([], Coverage(100, 4, 0, 0)), None]), "md").decode()
    assert "| Known vulnerabilities | `0 found, sees 4\u2009% of this image` | `not scanned` |" in text
    assert "| `app:2` | `not scanned` | – | – | – | – | – | – | – |" in text
    text = render(with_scans(report, [None, refused()]), "md").decode()
    assert "`not scanned: trivy has no database here`" in text
