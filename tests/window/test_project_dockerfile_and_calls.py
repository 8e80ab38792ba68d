"""The Project page's tabs: the Dockerfile that stands there, its fixes and its rewrite, and what calls into the image."""

import asyncio
import json

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QLineEdit, QPlainTextEdit
from shiboken6 import isValid
from window.small_image import read
from window.test_accessible_names import nameless

from slimdesk.basics.units import format_bytes
from slimdesk.operations.detect import open_project
from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.text import Tag, Text
from slimdesk.workspace.fingerprint import Fingerprint
from slimdesk.workspace.results import Made, VariantId

SINGLE = """FROM node:22
WORKDIR /app
ADD . .
RUN npm install
EXPOSE 3000
LABEL maintainer="a@example.com"
HEALTHCHECK CMD curl -f http://localhost:3000/healthz || exit 1
CMD npm start
"""
COMPOSE = """services:
  shop:
    build: .
    healthcheck:
      test: ["CMD-SHELL", "curl -f http://localhost:3000/healthz || exit 1"]
"""


def node(root, dockerfile=SINGLE, *, web=False):
    root.mkdir(parents=True, exist_ok=True)
    manifest = {
        "name": "shop",
        "scripts": {"start": "node server.js"},
        "engines": {"node": ">=22"},
        "dependencies": {"express": "^4.19.2"},
    }
    (root / "package.json").write_text(json.dumps(manifest, indent=2))
    (root / "package-lock.json").write_text('{"name": "shop", "lockfileVersion": 3, "packages": {}}')
    (root / "server.js").write_text("const app = require('express')();\napp.listen(3000);\n")
    if dockerfile is not None:
        (root / "Dockerfile").write_text(dockerfile)
    if web:
        (root / "web").mkdir()
        package = {
            "name": "web",
            "scripts": {"build": "vite build"},
            "dependencies": {"react": "^18.3.1"},
            "devDependencies": {"vite": "^5.4.0"},
        }
        (root / "web" / "package.json").write_text(json.dumps(package))
        (root / "web" / "index.html").write_text("<div id=root></div>\n")
    return root


@pytest.fixture
def open_page(make_window):
    """Open the page on a folder."""

    def opened(folder, appearance="light", size=(1280, 800)):
        window = make_window(appearance, size)
        window.workspace.show_project(open_project(folder))
        window.go("project")
        return window.page_of("project")

    return opened


@pytest.fixture
def dialog(settled):
    """Wait for the dialog above the page."""

    async def wait(page):
        await settled(lambda: shown_dialogs(page))
        return shown_dialogs(page)[0]

    return wait


def shown_dialogs(page):
    return [one for one in page.desk.window.findChildren(QDialog) if one.isVisible()]


def said(widget):
    return "\n".join(one.text() for one in widget.findChildren(Text) if one.isVisibleTo(widget))


def links(widget):
    return [one.text() for one in widget.findChildren(Button) if one.isVisibleTo(widget)]


def button(widget, words):
    return next(one for one in widget.findChildren(Button) if one.text() == words and one.isVisibleTo(widget))


async def test_the_dockerfile_is_told_stage_by_stage_with_marks_and_findings(
    open_page, theme, settled, tmp_path
):
    text = "FROM golang:1.27 AS build\nCOPY . .\nRUN go build -o /out/api .\nFROM debian:trixie-slim\nCOPY --from=build /out/api /api\nCMD /api\n"
    page = open_page(node(tmp_path / "shop", text), theme, (1920, 1080))
    page.tabs.choose("dockerfile")
    pane = page.dockerfile
    await settled(lambda: pane.shown is not None)
    assert pane.code.toPlainText() == text
    await settled(lambda: pane.findings.complete and "line 6" in links(pane.findings))
    words = said(pane.findings)
    assert "Lines 1 to 3; /out/api is copied out of it." in words
    assert "takes /out/api from build" in words
    assert "on debian:trixie-slim" in words
    tags = [one.text() for one in pane.findings.findChildren(Tag)]
    assert tags == ["stays behind", "ships"]
    assert "CMD is in shell form" in words
    assert pane.code.marks[6][0] == "warning"
    assert "CMD is in shell form" in pane.code.marks[6][1]
    assert nameless(page) == []
    button(pane.findings, "line 6").click()
    assert pane.code.lit == 6
    # The Dockerfile is its own evidence; the facts have theirs beside them.
    assert not page.code.isVisibleTo(page)
    assert page.panes()[1] is pane.code
    assert not page.grab().isNull()
    page.tabs.choose("facts")
    assert page.code.isVisibleTo(page)


async def test_a_fix_is_shown_then_written_and_what_stood_there_is_kept(open_page, dialog, settled, tmp_path):
    root = node(tmp_path / "shop")
    page = open_page(root)
    page.tabs.choose("dockerfile")
    pane = page.dockerfile
    await settled(lambda: pane.shown is not None)
    start = next(one for one in pane.shown.told if "CMD is in shell form" in one.finding.message)
    pane.findings.fix_wanted.emit(start)
    box = await dialog(page)
    assert '+CMD ["npm", "start"]' in box.findChild(QPlainTextEdit).toPlainText()
    assert (root / "Dockerfile").read_text() == SINGLE
    box.accept()
    await settled(lambda: 'CMD ["npm", "start"]' in pane.code.toPlainText())
    assert (root / "Dockerfile").read_text() == SINGLE.replace("CMD npm start", 'CMD ["npm", "start"]')
    assert (root / "Dockerfile.orig").read_text() == SINGLE
    await settled(lambda: not any("CMD is in shell" in one.finding.message for one in pane.shown.told))


async def test_a_file_that_changed_meanwhile_is_read_again_and_not_written(open_page, settled, tmp_path):
    root = node(tmp_path / "shop")
    page = open_page(root)
    page.tabs.choose("dockerfile")
    pane = page.dockerfile
    await settled(lambda: pane.shown is not None)
    other = SINGLE.replace("WORKDIR /app", "WORKDIR /srv")
    (root / "Dockerfile").write_text(other)
    pane.fix_all.click()
    await settled(lambda: "WORKDIR /srv" in pane.code.toPlainText())
    assert shown_dialogs(page) == []
    assert (root / "Dockerfile").read_text() == other
    assert "has changed meanwhile" in page.desk.window.notices.notices[0].text


async def test_a_syntax_error_is_shown_with_line_and_caret_and_can_be_mended(
    open_page, dialog, settled, tmp_path
):
    broken = SINGLE.replace("RUN npm install", "RUNN npm install")
    root = node(tmp_path / "shop", broken)
    page = open_page(root)
    page.tabs.choose("dockerfile")
    pane = page.dockerfile
    await settled(lambda: pane.shown is not None)
    assert pane.code.lit == 4
    assert pane.code.marks[4][0] == "error"
    await settled(lambda: "Mend it…" in links(pane.findings))
    words = said(pane.findings)
    assert "Unknown instruction RUNN" in words
    assert "RUNN npm install\n^" in words
    assert not pane.rewrite.isEnabled()
    button(pane.findings, "Mend it…").click()
    box = await dialog(page)
    assert "+RUN npm install" in box.findChild(QPlainTextEdit).toPlainText()
    box.accept()
    await settled(lambda: pane.shown.error is None)
    assert (root / "Dockerfile").read_text() == SINGLE
    assert pane.rewrite.isEnabled()


@pytest.fixture
async def rewriting(open_page, dialog, settled, tmp_path):
    """The folder of a project, its page, and the rewrite's dialog above it."""
    root = node(tmp_path / "shop")
    page = open_page(root)
    page.tabs.choose("dockerfile")
    await settled(lambda: page.dockerfile.shown is not None)
    page.dockerfile.rewrite.click()
    return root, page, await dialog(page)


async def test_the_rewrite_is_shown_with_reasons_and_saved_with_a_copy_of_the_old_one(rewriting, settled):
    root, page, box = rewriting
    assert box.families.currentText() == "distroless"
    await settled(lambda: box.notes.complete)
    notes = said(box.notes)
    assert "EXPOSE 3000" in notes
    assert "Left out" in notes or "Changed" in notes
    assert "findings before" in box.summary.text()
    assert "ENTRYPOINT" in box.text.toPlainText()
    assert nameless(box) == []
    box.families.setCurrentText("slim")
    box.families.activated.emit(box.families.currentIndex())
    # The summary comes first, the new text some turns later.
    await settled(lambda: box.found.rewrite.family == "slim")
    await settled(lambda: box.text.toPlainText() == box.found.rewrite.text)
    box.views._buttons["unified"].click()
    assert "-CMD npm start" in box.diff.toPlainText()
    button(box, "Copy").click()
    assert QGuiApplication.clipboard().text() == box.text.toPlainText()
    new = box.text.toPlainText()
    assert (root / "Dockerfile").read_text() == SINGLE
    box.accept()
    await settled(lambda: (root / "Dockerfile").read_text() == new)
    assert (root / "Dockerfile.orig").read_text() == SINGLE
    await settled((root / ".dockerignore").is_file)
    await settled(lambda: "AS " in page.dockerfile.code.toPlainText())


async def test_closing_the_rewrite_writes_nothing(rewriting, settled):
    root, page, box = rewriting
    box.reject()
    await settled(lambda: not shown_dialogs(page))
    assert (root / "Dockerfile").read_text() == SINGLE
    assert sorted(one.name for one in root.iterdir() if one.name.endswith(".orig")) == []


async def test_a_family_that_is_chosen_just_before_the_rewrite_is_closed_is_no_error(rewriting, settled):
    root, _page, box = rewriting
    choosing = asyncio.ensure_future(box.rewrite("slim"))
    box.reject()
    await settled(lambda: not isValid(box))
    await choosing
    assert (root / "Dockerfile").read_text() == SINGLE


async def test_a_component_without_a_dockerfile_has_no_such_tab(open_page, tmp_path):
    page = open_page(node(tmp_path / "shop", None))
    assert not page.tabs._bar.isTabVisible(1)


async def test_several_dockerfiles_can_be_chosen_from(open_page, settled, tmp_path):
    root = node(tmp_path / "shop")
    (root / "Dockerfile.prod").write_text("FROM node:24\nCMD node server.js\n")
    page = open_page(root)
    pane = page.dockerfile
    assert [pane.paths.itemText(number) for number in range(pane.paths.count())] == [
        "Dockerfile",
        "Dockerfile.prod",
    ]
    page.tabs.choose("dockerfile")
    await settled(lambda: pane.shown is not None)
    pane.paths.setCurrentIndex(1)
    await settled(lambda: pane.shown.path == "Dockerfile.prod")
    assert pane.code.toPlainText().startswith("FROM node:24")


async def test_a_dockerfile_that_has_gone_is_a_sentence(open_page, settled, tmp_path):
    root = node(tmp_path / "shop")
    page = open_page(root)
    (root / "Dockerfile").unlink()
    page.tabs.choose("dockerfile")
    await settled(lambda: page.desk.window.notices.notices)
    assert "cannot be read" in page.desk.window.notices.notices[0].text
    assert page.dockerfile.facts.text() == "cannot be read"
    assert not page.dockerfile.rewrite.isEnabled()


async def test_calls_have_their_place_and_what_to_write_instead(open_page, theme, settled, tmp_path):
    root = node(tmp_path / "shop")
    (root / "compose.yaml").write_text(COMPOSE)
    page = open_page(root, theme)
    page.tabs.choose("calls")
    await settled(lambda: "needs a shell and curl" in said(page.calls))
    words = said(page.calls)
    assert "On distroless" in words
    assert "Health check" in words
    assert 'test: ["CMD", "/nodejs/bin/node"' in words
    assert nameless(page) == []
    place = button(page.calls, "compose.yaml:5")
    assert place.accessibleName() == "Show compose.yaml:5"
    place.click()
    await settled(lambda: "services:" in page.code.toPlainText())
    assert page.evidence_line.text() == "line 5"
    page.tabs.choose("facts")
    await settled(lambda: page.evidence_name.text() == "package.json")


async def test_no_calls_say_what_was_looked_for(open_page, settled, tmp_path):
    page = open_page(node(tmp_path / "shop", None))
    page.tabs.choose("calls")
    await settled(lambda: "Nothing calls into this image" in said(page.calls))
    assert "Kubernetes probes" in said(page.calls)


async def test_a_pair_that_only_lacks_its_folder_can_be_joined_from_here(
    open_page, dialog, settled, tmp_path
):
    root = node(tmp_path / "shop", None, web=True)
    page = open_page(root)
    assert page.workspace.project.joined == ()
    assert "web could be served by shop in one image" in said(page.joins)
    button(page.joins, "Say where shop serves files from…").click()
    box = await dialog(page)
    yes = next(one for one in box.findChildren(Button) if one.text() == "Show the change…")
    assert not yes.isEnabled()
    box.findChild(QLineEdit).setText("public")
    yes.click()
    await settled(lambda: any(one.findChild(QPlainTextEdit) for one in shown_dialogs(page)))
    shown_dialogs(page)[0].accept()
    await settled(lambda: page.workspace.project.joined)
    assert (root / "slimdesk.toml").read_text() == '[components.shop]\nstatic_folder = "public"\n'
    rows = page.components.rows_model.rows
    pair = next(one for one in rows if one.parts)
    assert page.components.rows_model.columns[0].second(pair) == "One image: shop serves web"
    assert not page.joins.isVisibleTo(page)


async def test_a_folder_outside_of_the_project_is_refused(open_page, dialog, settled, tmp_path):
    root = node(tmp_path / "shop", None, web=True)
    page = open_page(root)
    button(page.joins, "Say where shop serves files from…").click()
    box = await dialog(page)
    box.findChild(QLineEdit).setText("../../etc")
    box.accept()
    await settled(lambda: page.desk.window.notices.notices)
    assert "must be a folder inside of the project" in page.desk.window.notices.notices[0].text
    assert not (root / "slimdesk.toml").exists()
    await asyncio.sleep(0.05)


async def test_the_palette_offers_what_the_tabs_do(open_page, dialog, settled, tmp_path):
    page = open_page(node(tmp_path / "shop"))
    commands = page.desk.window.commands
    offered = [one.key for one in commands.offered()]
    assert {"show-dockerfile", "rewrite-dockerfile", "show-calls"} <= set(offered)
    assert commands.run("show-calls")
    assert page.tabs.value == "calls"
    assert commands.run("rewrite-dockerfile")
    (await dialog(page)).reject()
    await settled(lambda: not shown_dialogs(page))
    assert page.tabs.value == "dockerfile"


async def test_without_a_dockerfile_the_palette_says_why_not(open_page, tmp_path):
    page = open_page(node(tmp_path / "shop", None))
    assert page.desk.window.commands["rewrite-dockerfile"].refused() == "the component has none"
    assert not page.desk.window.commands.run("show-dockerfile")
    assert page.tabs.value == "facts"


async def test_the_stage_that_ships_weighs_what_its_image_was_measured_at(open_page, settled, tmp_path):
    image = read(tmp_path)
    page = open_page(node(tmp_path / "shop"))
    page.tabs.choose("dockerfile")
    pane = page.dockerfile
    await settled(lambda: "not measured" in said(pane.findings))
    page.workspace.keep_analysis(VariantId("shop", "yours"), Made(image, Fingerprint({})))
    expected = f"{format_bytes(page.workspace.size_of(image.sizes))}, files"
    await settled(lambda: expected in said(pane.findings))
    page.workspace.choose_size("live")
    await settled(lambda: ", live" in said(pane.findings))
