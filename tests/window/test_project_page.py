"""The Project page: components, facts with their evidence, corrections, questions, what was not read."""

import asyncio
import os
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QDialog, QLineEdit, QMenu, QPlainTextEdit
from unit.operations.variant_desk import shop

from slimdesk.basics.resources import resource
from slimdesk.operations.detect import open_project
from slimdesk.ui.widgets.text import Text


@pytest.fixture
def open_page(make_window):
    """Open the page on a folder: `open_page(folder, appearance, size)`."""

    def opened(folder, appearance="light", size=(1280, 800)):
        window = make_window(appearance, size)
        window.workspace.show_project(open_project(folder))
        window.go("project")
        return window.page_of("project")

    return opened


@pytest.fixture
def dialog(settled):
    """Wait for the dialog that shows what would change."""

    async def wait(page):
        await settled(lambda: page.desk.window.findChild(QDialog) is not None)
        return page.desk.window.findChild(QDialog)

    return wait


def facts(page):
    return {row.key: row for row in page.facts_model.rows if row.key}


def cell(page, key, column):
    number = next(n for n, row in enumerate(page.facts_model.rows) if row.key == key)
    return page.facts_model.index(number, column)


def notices(page):
    return [one.text for one in page.desk.window.notices.notices]


async def test_the_sample_shows_components_facts_services_and_the_place_that_says_so(
    open_page, theme, settled
):
    page = open_page(Path(resource("sample/harbour")), theme, (1920, 1080))
    tester = QAbstractItemModelTester(
        page.facts_model, QAbstractItemModelTester.FailureReportingMode.Fatal, page
    )
    names = [one.name for one in page.components.rows_model.rows]
    assert names == ["api", "harbour-reports"]
    assert facts(page)["version"].value == "1.26"
    assert facts(page)["version"].place == "api/go.mod:3"
    page.facts.choose(lambda one: one.key == "version")
    await settled(lambda: "module example.com/harbour/api" in page.code.toPlainText())
    assert page.evidence_line.text() == "line 3"
    assert "read from api/go.mod:3" in page.why.text()
    await settled(lambda: "build context" in page.header.facts.text())
    said = " ".join(label.text() for label in page._aside_scroll.findChildren(Text))
    assert "postgres" in said
    assert page._aside_scroll.isVisible()
    assert not page.grab().isNull()
    assert tester.model() is page.facts_model


async def test_another_component_shows_its_own_facts(open_page):
    page = open_page(Path(resource("sample/harbour")))
    page.components.choose(lambda one: one.name == "harbour-reports")
    assert page.workspace.component.name == "harbour-reports"
    assert facts(page)["framework"].value == "FastAPI"


async def test_a_correction_is_shown_as_a_difference_then_written_and_read_again(
    open_page, dialog, settled, tmp_path
):
    root = shop(tmp_path)
    page = open_page(root)
    page.facts_model.setData(cell(page, "version", 1), "1.25")
    box = await dialog(page)
    assert '+version = "1.25"' in box.findChild(QPlainTextEdit).toPlainText()
    assert not (root / "slimdesk.toml").exists()
    box.accept()
    await settled(lambda: facts(page)["version"].corrected)
    assert (root / "slimdesk.toml").read_text() == '[components.shop]\nversion = "1.25"\n'
    assert facts(page)["version"].place == "slimdesk.toml:2"
    menu = QMenu(page)
    page._menu(menu, facts(page)["version"])
    back = next(one for one in menu.actions() if one.text().startswith("Back to what was detected"))
    back.trigger()
    (await dialog(page)).accept()
    await settled(lambda: not facts(page)["version"].corrected)
    assert facts(page)["version"].value == "1.26"
    assert 'version = "1.25"' in (root / "slimdesk.toml.orig").read_text()


async def test_a_correction_that_is_refused_or_taken_back_writes_nothing(
    open_page, dialog, settled, tmp_path
):
    root = shop(tmp_path)
    page = open_page(root)
    page.facts_model.setData(cell(page, "port", 1), "many")
    await settled(lambda: notices(page))
    assert "Port was not changed" in notices(page)[0]
    page.facts_model.setData(cell(page, "port", 1), "9090")
    (await dialog(page)).reject()
    await settled(lambda: page.desk.window.findChild(QDialog) is None)
    page.facts_model.setData(cell(page, "port", 1), "8080")
    page.facts_model.setData(cell(page, "port", 1), "  ")
    await asyncio.sleep(0.05)
    assert page.desk.window.findChild(QDialog) is None
    assert not (root / "slimdesk.toml").exists()


async def test_a_slimdesk_toml_that_is_no_toml_is_told_and_left_alone(open_page, settled, tmp_path):
    root = shop(tmp_path)
    (root / "slimdesk.toml").write_text("[components\n")
    page = open_page(root)
    page.facts_model.setData(cell(page, "version", 1), "1.25")
    await settled(lambda: notices(page))
    assert notices(page)[0].startswith("slimdesk.toml cannot be read.")
    assert (root / "slimdesk.toml").read_text() == "[components\n"


async def test_what_is_missing_is_a_question_with_an_answer(open_page, tmp_path):
    root = tmp_path / "tool"
    (root / "pkg").mkdir(parents=True)
    (root / "requirements.txt").write_text("flask\n")
    (root / "pkg" / "a.py").write_text("import flask\n")
    page = open_page(root)
    assert page.workspace.component.entrypoint is None
    asked = [one.text for one in page.questions.notices]
    assert asked == ["What starts it was not found: say it here."]
    second = page.components.rows_model.columns[0].second(page.workspace.component)
    assert "1 question" in second
    page._answer("entrypoint")
    assert page.facts.findChild(QLineEdit).isVisible()
    assert page.facts.findChild(QLineEdit).text() == ""


async def test_f2_corrects_enter_opens_and_headings_cannot_be_chosen(open_page, monkeypatch, tmp_path):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(Path(url.toLocalFile())))
    root = shop(tmp_path)
    page = open_page(root)
    page.facts.choose(lambda one: one.key == "version")
    QTest.keyClick(page.facts, Qt.Key.Key_Return)
    assert opened == [root / "go.mod"]
    page.copy_place()
    assert QGuiApplication.clipboard().text() == "go.mod:3"
    QTest.keyClick(page.facts, Qt.Key.Key_F2)
    editor = page.facts.findChild(QLineEdit)
    assert editor.text() == "1.26"
    assert editor.accessibleName() == "Correct Version"
    heading = page.facts_model.index(0, 0)
    assert page.facts_model.row(heading).heading
    assert not heading.flags() & Qt.ItemFlag.ItemIsSelectable
    page.show_folder()
    assert opened[-1] == root


async def test_what_cannot_be_read_stands_under_not_read(open_page, tmp_path):
    root = shop(tmp_path)
    (root / "web").mkdir()
    (root / "web" / "package.json").write_text("{ not json")
    page = open_page(root)
    said = " ".join(label.text() for label in page._aside_scroll.findChildren(Text))
    assert "Not read" in said
    assert "web/package.json" in said


async def test_an_empty_folder_says_what_to_do(open_page, tmp_path):
    root = tmp_path / "empty"
    root.mkdir()
    page = open_page(root)
    assert page.facts_model.rows == ()
    assert not page._next.isEnabled()
    assert page._next.toolTip() == "There is no component to build"
    assert page._aside_scroll.isVisible()


async def test_evidence_that_has_gone_meanwhile_says_so(open_page, settled, tmp_path):
    root = shop(tmp_path)
    page = open_page(root)
    page.facts.choose(lambda one: one.key == "port")
    await settled(lambda: "ListenAndServe" in page.code.toPlainText())
    (root / "go.mod").unlink()
    page.facts.choose(lambda one: one.key == "version")
    await settled(lambda: "go.mod cannot be read" in page.code.toPlainText())


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no owners of files on this system")
async def test_hostile_values_are_shown_as_text(open_page, tmp_path):
    root = shop(tmp_path)
    (root / "go.mod").write_text('module "example.org/<b>x</b>"\n\ngo 1.26\n')
    page = open_page(root)
    assert not page.grab().isNull()
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in page.findChildren(Text))


async def test_the_evidence_stands_beside_the_facts_only_where_there_is_room(open_page, tmp_path):
    page = open_page(shop(tmp_path), size=(1280, 800))
    assert page.inner.orientation() == Qt.Orientation.Vertical
    page.desk.window.resize(1920, 1080)
    await asyncio.sleep(0.05)
    assert page.inner.orientation() == Qt.Orientation.Horizontal


async def test_without_a_project_it_says_what_to_do(window):
    window.go("project")
    page = window.page_of("project")
    assert page._empty.isVisible()
    page.open_outside()
    page.copy_place()
    page.reload()
    assert page._why_not()
