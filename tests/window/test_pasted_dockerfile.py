"""A Dockerfile from the clipboard or a dropped file: repaired, judged, mended, rewritten, saved."""

import asyncio
import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from window.test_accessible_names import nameless

from slimdesk.ui.pages import pasted as pasted_page
from slimdesk.ui.pages.pasted import PastedDialog
from slimdesk.ui.pages.pasted_reading import look
from slimdesk.ui.widgets.buttons import Button
from slimdesk.ui.widgets.text import Text

ARTICLES = Path(__file__).parents[1] / "data" / "dockerfiles" / "articles"
ARTICLE = """Here is our Dockerfile:

```dockerfile
FROM node:22
WORKDIR /app
COPY . .
RUN npm install
EXPOSE 3000
CMD [ “node”, “index.js” ]
```
"""
BROKEN = "FROM node:22\nWORKDIR /app\nCOPPY . .\nRUN npm install\nCMD node index.js\n"


@pytest.fixture
def settled(settled):
    """Wait longer than elsewhere: hadolint is a program of its own, and slow to start on a busy machine."""
    return lambda condition, seconds=40.0: settled(condition, seconds)


@pytest.fixture
def paste(window, settled):
    """Paste a text and wait for the dialog."""

    async def pasted(text):
        QGuiApplication.clipboard().setText(text)
        window.commands.run("paste-dockerfile")
        await settled(lambda: dialogs(window) and dialogs(window)[0].looked)
        return dialogs(window)[0]

    return pasted


def dialogs(window):
    return [one for one in window.findChildren(PastedDialog) if one.isVisible()]


def said(widget):
    return "\n".join(one.text() for one in widget.findChildren(Text) if one.isVisibleTo(widget))


def button(widget, words):
    return next(one for one in widget.findChildren(Button) if one.text() == words)


def notice(window):
    return window.notices.notices[0].text if window.notices.notices else ""


async def close(window, box, settled):
    box.reject()
    await settled(lambda: not dialogs(window))


async def test_an_articles_dockerfile_is_repaired_judged_mended_and_rewritten(window, paste, settled):
    box = await paste(ARTICLE)
    assert box.pasted.toPlainText().startswith("FROM node:22\n")
    assert '[ "node", "index.js" ]' in box.pasted.toPlainText()
    await settled(lambda: "Typographic quotes became plain ones (1 line)." in said(box.faults))
    assert "The fence around the text was taken off" in said(box.faults)
    assert "runs as root" in said(box.faults)
    assert box.pasted.marks
    assert "its project was guessed from this text alone" in box.summary.text()
    box.views._buttons["mended"].click()
    assert "USER 65532" in box.text()
    await settled(lambda: "Write USER 65532:65532" in said(box.left))
    box.views._buttons["stages"].click()
    assert box.text().count("FROM ") == 2
    await settled(lambda: box.notes.complete and "EXPOSE 3000" in said(box.notes))
    assert box.families.isVisibleTo(box)
    button(box, "Copy").click()
    assert QGuiApplication.clipboard().text() == box.stages.toPlainText()
    box.families.setCurrentText("slim")
    box.families.activated.emit(box.families.currentIndex())
    await settled(lambda: "-slim" in box.summary.text())
    for view in box.views._buttons.values():
        view.click()
        assert not box.grab().isNull()
        assert nameless(box) == []
    await close(window, box, settled)


async def test_a_fix_can_be_undone_and_an_edit_is_judged_again(window, paste, settled):
    box = await paste(ARTICLE)
    before = box.pasted.toPlainText()
    fixable = next(one for one in box.looked.own.told if one.fix is not None)
    box.faults.fix_wanted.emit(fixable)
    assert box.pasted.toPlainText() != before
    await settled(lambda: box.looked.own.text == box.pasted.toPlainText())
    assert fixable.finding.message not in [one.finding.message for one in box.looked.own.told]
    box.pasted.undo()
    assert box.pasted.toPlainText() == before
    await settled(lambda: box.looked.own.text == before)
    await close(window, box, settled)


async def test_what_buildkit_refuses_shows_line_and_caret_and_is_mended_on_request(window, paste, settled):
    box = await paste(BROKEN)
    assert box.pasted.lit == 3
    await settled(lambda: "COPPY . .\n^" in said(box.faults))
    assert "Line 3: COPY instead of COPPY" in said(box.faults)
    assert "BuildKit would refuse it" in box.summary.text()
    button(box.faults, "Mend it").click()
    assert "COPY . ." in box.pasted.toPlainText()
    await settled(lambda: box.looked.own.error is None)
    assert box.pasted.lit is None
    await close(window, box, settled)


async def test_what_cannot_be_read_at_all_offers_nothing_else(window, paste, settled):
    box = await paste("FROM node:22\nXYZZY 12\nRUN npm ci\n")
    assert not box.views._buttons["mended"].isEnabled()
    assert not box.views._buttons["stages"].isEnabled()
    assert "what was meant is not plain" in box.summary.text()
    box.pasted.replace_text("FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD node index.js\n")
    await settled(box.views._buttons["stages"].isEnabled)
    await close(window, box, settled)


async def test_save_as_writes_what_is_shown_and_keeps_what_stood_there(
    window, paste, settled, tmp_path, monkeypatch
):
    place = tmp_path / "Dockerfile"
    place.write_text("FROM scratch\n")

    async def picked(*_args):
        return place

    monkeypatch.setattr(pasted_page, "pick_new_file", picked)
    box = await paste(ARTICLE)
    box.views._buttons["stages"].click()
    box.save.click()
    await settled(lambda: "It is written to" in box._said.text())
    assert place.read_text() == box.stages.toPlainText()
    assert (tmp_path / "Dockerfile.orig").read_text() == "FROM scratch\n"
    place.unlink()
    place.mkdir()
    box.save.click()
    await settled(lambda: "it is a folder" in box._said.text())
    await close(window, box, settled)


async def test_with_its_folder_the_rewrite_is_no_guess(window, paste, settled, tmp_path, monkeypatch):
    root = tmp_path / "shop"
    root.mkdir()
    manifest = {"name": "shop", "scripts": {"start": "node main.js"}, "dependencies": {"express": "^4.19.2"}}
    (root / "package.json").write_text(json.dumps(manifest))
    (root / "package-lock.json").write_text('{"name": "shop", "lockfileVersion": 3, "packages": {}}')
    (root / "main.js").write_text("require('express')().listen(4000);\n")

    async def picked(*_args):
        return root

    monkeypatch.setattr(pasted_page, "pick_folder", picked)
    box = await paste(ARTICLE)
    button(box, "Open a folder for it…").click()
    await settled(lambda: "for shop." in box.summary.text())
    assert "guessed" not in box.summary.text()
    assert "main.js" in box.stages.toPlainText() or "index.js" in box.stages.toPlainText()
    await settled(lambda: window.workspace.project is not None)
    assert window.workspace.project.root == root
    await close(window, box, settled)


async def test_a_folder_without_a_component_is_a_sentence(window, paste, settled, tmp_path, monkeypatch):
    async def picked(*_args):
        return tmp_path / "slimdesk-home"

    monkeypatch.setattr(pasted_page, "pick_folder", picked)
    box = await paste(ARTICLE)
    button(box, "Open a folder for it…").click()
    await settled(lambda: "holds no component" in box._said.text())
    await close(window, box, settled)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The clipboard is empty."),
        ("Dear diary, from now on…", "is no Dockerfile"),
        ("FROM a\nRUN b\n" * 30_000, "too long"),
    ],
)
async def test_what_is_no_dockerfile_is_said(window, settled, text, sentence):
    QGuiApplication.clipboard().setText(text)
    window.commands.run("paste-dockerfile")
    await settled(lambda: sentence in notice(window))
    assert dialogs(window) == []


async def test_ctrl_v_pastes_on_start_but_not_into_a_field(window, settled):
    QGuiApplication.clipboard().setText("FROM node:22\nCMD true\n")
    await window.workspace.remember_project(Path("/nowhere/shop"), {})
    page = window.page_of("start")
    window.activateWindow()
    await settled(window.isActiveWindow)
    page._filter.setFocus()
    QTest.keyClick(page._filter, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert isinstance(page.focusWidget(), QLineEdit)
    assert "FROM node:22" in page._filter.text()
    assert dialogs(window) == []
    page._filter.clear()
    page._projects.setFocus()
    QTest.keyClick(page._projects, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    await settled(lambda: dialogs(window))
    await close(window, dialogs(window)[0], settled)


async def test_a_dropped_dockerfile_opens_like_a_pasted_one(window, settled, tmp_path):
    place = tmp_path / "Dockerfile.prod"
    place.write_text("FROM node:22\nCMD node index.js\n")
    window.page_of("start")._dropped([str(place)])
    await settled(lambda: dialogs(window))
    box = dialogs(window)[0]
    assert box.windowTitle() == "Dockerfile.prod"
    assert box.pasted.toPlainText().startswith("FROM node:22")
    await close(window, box, settled)
    place.write_text("FROM a\nRUN b\n" * 30_000)
    window.page_of("start")._dropped([str(place)])
    await settled(lambda: "too long" in notice(window))


async def test_it_opens_at_once_and_can_be_closed_while_it_is_read(window, settled):
    QGuiApplication.clipboard().setText(ARTICLE)
    window.commands.run("paste-dockerfile")
    await settled(lambda: dialogs(window))
    box = dialogs(window)[0]
    assert box.looked is None
    assert box.pasted.toPlainText().startswith("Here is our Dockerfile")
    assert not box.views._buttons["mended"].isEnabled()
    await close(window, box, settled)


@pytest.mark.parametrize("name", sorted(one.stem for one in ARTICLES.glob("*.txt"))[::4])
async def test_the_articles_are_shown_without_an_error(window, paste, settled, name):
    box = await paste((ARTICLES / f"{name}.txt").read_text())
    for key in ("mended", "stages", "sides"):
        if box.views._buttons[key].isEnabled():
            box.views._buttons[key].click()
            assert not box.grab().isNull()
    await close(window, box, settled)
    await asyncio.sleep(0)


def test_a_family_that_cannot_serve_is_said_and_another_taken():
    found = look("FROM node:22\nCOPY . .\nRUN npm ci\nCMD node index.js\n", "scratch", None, repair=True)
    assert found.refused
    assert found.pasted.rewrite is not None
    assert found.pasted.rewrite.family in found.families
