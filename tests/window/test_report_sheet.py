"""The sheet of a report: scanned from it, with the person's numbers, on all components of the project."""

import csv
import io
import json
import sys

import pytest
from shiboken6 import isValid
from unit.operations.variant_desk import Engine
from unit.report.report_samples import matrix
from unit.scan.scan_files import stand_in
from window.shown_image import show_small
from window.test_accessible_names import nameless
from window.test_scan_window import found, trivy
from window.variants_opening import dialog_of, open_variants

from slimdesk.operations.detect import open_project
from slimdesk.operations.matrix import keep_matrix
from slimdesk.ui.pages.report_dialog import ReportDialog

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")


@pytest.fixture
def path(tmp_path, monkeypatch):
    """The only folder in which scanners are looked for."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("slimdesk.basics.programs.install_places", lambda _environment: ())
    return tmp_path / "bin"


@pytest.fixture
async def sheet(make_window, settled, tmp_path, path):
    """The sheet on the small image."""
    page = await show_small(make_window(), settled, tmp_path)
    page.desk.actions.run("image-report")
    await settled(lambda: isinstance(dialog_of(page), ReportDialog))
    dialog = dialog_of(page)
    await settled(lambda: "Summary" in dialog.browser.toPlainText())
    yield dialog
    if isValid(dialog):
        dialog.reject()


@on_posix
async def test_an_image_is_scanned_from_the_sheet_and_the_section_comes(sheet, settled, path):
    assert sheet.scan.isVisible()
    assert not sheet.section("vulnerabilities").isVisible()
    trivy(path, found())
    sheet.scan.button.click()
    assert sheet.scan.button.text() == "Stop the scan"
    await settled(lambda: sheet.section("vulnerabilities").isVisible())
    await settled(lambda: "CVE-2026-3" in sheet.browser.toPlainText())
    assert not sheet.scan.isVisible()
    sheet.choose("sarif")
    await settled(lambda: sheet.text.toPlainText().startswith("{"))
    rules = json.loads(sheet.text.toPlainText())["runs"][0]["tool"]["driver"]["rules"]
    assert "CVE-2026-3" in [rule["id"] for rule in rules]
    assert nameless(sheet) == []


@on_posix
async def test_a_scan_that_cannot_be_made_says_why_in_the_sheet(sheet, settled, path):
    sheet.scan.button.click()
    await settled(lambda: "Not scanned: no scanner was found" in sheet.scan.words.text())
    assert "Install trivy or grype" in sheet.scan.words.text()
    assert sheet.scan.button.text() == "Scan for vulnerabilities"
    await settled(lambda: "not scanned: no scanner was found" in sheet.browser.toPlainText())
    assert sheet.scan.isVisible()


@on_posix
async def test_a_scan_is_stopped_from_the_sheet_and_with_it(sheet, settled, path, tmp_path):
    for end in (sheet.scan.button.click, sheet.reject):
        started = tmp_path / "started"
        started.unlink(missing_ok=True)
        stand_in(path, "trivy", f"PATH=/usr/bin:/bin\n: > {started}\nexec sleep 600")
        sheet.scan.button.click()
        await settled(started.exists)
        job = sheet.scan._running.job
        end()
        await settled(lambda job=job: job.state.ended)
        assert job.state.value == "cancelled"
        await settled(lambda: not isValid(sheet) or sheet.scan._running is None)


async def test_worth_follows_the_numbers_and_these_are_remembered(sheet, settled):
    box = sheet.section("worth")
    assert box.isVisible()
    assert not box.isChecked()
    assert not sheet.fields.nodes.isVisible()
    box.setChecked(True)
    await settled(lambda: "10 nodes that pull" in sheet.browser.toPlainText())
    sheet.fields.nodes.setValue(7)
    await settled(lambda: "7 nodes that pull" in sheet.browser.toPlainText())
    assert sheet.fields.nodes.isVisible()
    sheet.choose("csv")
    await settled(lambda: sheet.text.toPlainText().startswith("image,"))
    (row,) = csv.DictReader(io.StringIO(sheet.text.toPlainText()))
    assert int(row["sent_new"]) == 7 * int(row["download"])
    desk = sheet._desk
    sheet.finished.emit(ReportDialog.DialogCode.Accepted.value)
    assert desk.workspace.settings.worth["nodes"] == 7


async def test_all_components_of_the_project_at_once(make_window, settled, tmp_path, monkeypatch):
    engine = Engine(tmp_path, monkeypatch)
    engine.sizes = {"baseline": 8_000_000, "distroless": 1_000_000}
    page = open_variants(make_window, engine, tmp_path)
    page.build(["baseline", "distroless"])
    await settled(lambda: sum(1 for row in page._rows if row.verification is not None) == 2)
    root = str(page.workspace.project.root)
    keep_matrix(matrix(project=root, component="batch"))
    page.desk.actions.run("variants-report")
    await settled(lambda: isinstance(dialog_of(page), ReportDialog))
    sheet = dialog_of(page)
    assert sheet.all.isVisible()
    name = page.workspace.component.name
    await settled(lambda: name in sheet.browser.toPlainText())
    assert "batch" not in sheet.browser.toPlainText()
    sheet.all.setChecked(True)
    await settled(lambda: "batch" in sheet.browser.toPlainText())
    assert "2 components" in sheet.title.text()
    sheet.choose("json")
    await settled(lambda: sheet.text.toPlainText().startswith("{"))
    made = json.loads(sheet.text.toPlainText())
    assert [one["component"] for one in made["components"]] == [name, "batch"]
    sheet.all.setChecked(False)
    await settled(lambda: "components" not in sheet.title.text())
    sheet.reject()


async def test_the_whole_project_is_reported_on_without_building_again(make_window, settled, tmp_path):
    window = make_window()
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "go.mod").write_text("module example.com/shop\n\ngo 1.25\n")
    (tmp_path / "shop" / "main.go").write_text("package main\n\nfunc main() {}\n")
    project = open_project(tmp_path / "shop")
    assert window.desk.actions["project-report"].refused() == "open a project first"
    window.workspace.show_project(project)
    window.desk.actions.run("project-report")
    await settled(lambda: any("There is no matrix" in one.text for one in window.notices.notices))
    for name in ("shop", "batch"):
        keep_matrix(matrix(project=str(project.root), component=name))
    window.desk.actions.run("project-report")

    def sheets():
        return [one for one in window.findChildren(ReportDialog) if one.isVisible()]

    await settled(sheets)
    (sheet,) = sheets()
    await settled(
        lambda: "batch" in sheet.browser.toPlainText() and "distroless" in sheet.browser.toPlainText()
    )
    assert not sheet.scan.isVisible()
    sheet.section("worth").setChecked(True)
    await settled(lambda: sheet.browser.toPlainText().count("nodes that pull") == 2)
    sheet.reject()
