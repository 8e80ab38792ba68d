"""The Findings tab with its quick fixes, the marks beside the lines, the comment's note, and the pins under the options."""

import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QPushButton, QToolTip
from unit.operations.variant_desk import OWN, Engine
from window.variants_opening import open_variants

from slimdesk.basics.errors import EngineUnreachable
from slimdesk.dockerfile.hadolint import Lint
from slimdesk.engine.model import TagDigest

ROOTED = OWN.replace("COPY --from=build /shop /shop\n", "COPY --from=build /shop /shop\nUSER root\n")


@pytest.fixture
def engine(tmp_path, monkeypatch):
    made = Engine(tmp_path, monkeypatch)
    missing = Lint(None, "hadolint is not installed")
    monkeypatch.setattr("slimdesk.operations.variant_checks.run_hadolint", lambda _text: missing)
    return made


@pytest.fixture
def open_page(make_window, engine, tmp_path):
    return lambda **how: open_variants(make_window, engine, tmp_path, **how)


async def checked(page, settled, family):
    page.workspace.select(family)
    page.refresh()
    await settled(lambda: page.variants.checked(family) is not None)
    page.refresh()
    page.detail.tabs.choose("findings")


def buttons(page, word):
    return [one for one in page.detail.findings.findChildren(QPushButton) if one.text() == word]


async def test_a_quick_fix_is_one_edit_that_can_be_undone(open_page, settled):
    page = open_page(dockerfile=ROOTED)
    await checked(page, settled, "yours")
    told = next(one for one in page.current.told if one.finding.rule == "root-user")
    assert len(buttons(page, "Fix")) == sum(1 for one in page.current.told if one.fix is not None)
    next(one for one in buttons(page, "Fix") if told.finding.message in one.accessibleName()).click()
    edited = page.workspace.edited("yours")
    assert edited is not None
    assert "USER root" not in edited
    await checked(page, settled, "yours")
    assert "root-user" not in [one.finding.rule for one in page.current.told]
    page.detail.dockerfile.editor.undo()
    await settled(lambda: page.workspace.edited("yours") is None)
    assert page.detail.dockerfile.text() == ROOTED


async def test_a_fix_of_a_text_that_is_gone_changes_nothing(open_page, settled):
    page = open_page(dockerfile=ROOTED)
    await checked(page, settled, "yours")
    told = next(one for one in page.current.told if one.fix is not None)
    page.workspace.edit("yours", OWN)
    page.refresh()
    page.detail.fix(told)
    assert page.workspace.edited("yours") == OWN


async def test_a_line_number_opens_the_dockerfile_there(open_page, settled):
    page = open_page(dockerfile=ROOTED)
    await checked(page, settled, "yours")
    line = next(one.finding.line for one in page.current.told if one.finding.rule == "root-user")
    page.detail.findings.line_wanted.emit(line)
    assert page.detail.tabs.value == "dockerfile"
    assert page.detail.dockerfile.current_line() == line


async def test_lines_with_findings_are_marked_and_the_mark_tells_why(open_page, settled, monkeypatch, theme):
    page = open_page(dockerfile=ROOTED, appearance=theme)
    await checked(page, settled, "yours")
    page.detail.tabs.choose("dockerfile")
    view = page.detail.dockerfile
    line = next(one.finding.line for one in page.current.told if one.finding.rule == "root-user")
    assert view.marks[line][0] == "warning"
    assert not page.grab().isNull()
    shown = []
    monkeypatch.setattr(QToolTip, "showText", lambda _where, text, *_: shown.append(text))
    point = QPoint(4, view.line_rect(line, line, 10).center().y())
    QApplication.sendEvent(
        view._gutter, QHelpEvent(QEvent.Type.ToolTip, point, view._gutter.mapToGlobal(point))
    )
    assert shown == [view.marks[line][1]]
    page.workspace.edit(
        "yours", OWN.replace("FROM debian:trixie-slim\n", "FROM debian:trixie-slim\nUSER 1\n")
    )
    await checked(page, settled, "yours")
    assert not [one for one in view.marks.values() if "root" in one[1]]


async def test_the_table_counts_what_the_tab_lists_and_says_who_was_not_asked(open_page, settled):
    page = open_page(dockerfile=ROOTED)
    await checked(page, settled, "yours")
    column = next(one for one in page._model.columns if one.key == "findings")
    assert column.text(page.current) == str(len(page.current.told))
    words = [one.text() for one in page.detail.findings.findChildren(type(page.detail.proof._head.count))]
    assert words is not None
    assert page.detail._listed[1] == "hadolint is not installed"


async def test_a_text_that_cannot_be_read_says_so_instead_of_no_findings(open_page, settled):
    page = open_page()
    page.workspace.edit("distroless", "FROM\n")
    await checked(page, settled, "distroless")
    assert page.current.told == ()
    assert page.detail._listed[2]
    page.workspace.select("chiselled")
    page.refresh()
    assert page.detail._listed[3]


async def test_the_last_line_is_explained_and_adds_nothing(open_page):
    page = open_page()
    own = page.detail.dockerfile.notes[-1]
    assert own.plain
    assert own.line == len(page.detail.dockerfile.text().splitlines())
    assert page.detail.dockerfile._bytes.tip(own) == own.reason


async def test_pins_are_asked_for_on_demand_and_their_age_is_told(open_page, engine, settled):
    async def tag_digest(_name):
        return TagDigest("sha256:" + "c" * 64, from_registry=True)

    engine.tag_digest = tag_digest
    page = open_page(size=(1920, 1080))
    options = page.detail.options
    assert not options._pins_area.isVisible()
    page.workspace.choose(pin=True)
    page.refresh()
    assert options._pins.text() == "The digests are asked for when you build, or now."
    options.pins_wanted.emit()
    await settled(lambda: page.variants.pins("distroless") is not None)
    await settled(lambda: not page.workspace.jobs.running)
    page.refresh()
    assert "2 images are pinned, asked just now." in options._pins.text()
    assert "@sha256:cccc" in page.detail.dockerfile.text()


async def test_without_an_engine_pins_are_a_plain_sentence(open_page, engine, settled):
    engine.unreachable = EngineUnreachable("No engine answers", "", "Start Docker")
    page = open_page(size=(1920, 1080))
    page.workspace.choose(pin=True)
    page.refresh()
    page.detail.refresh_pins()
    await settled(lambda: "not known" in page.detail.options._pins.text())
    assert page.detail.options._pins.text() == "The digests are not known: No engine answers. Start Docker"
    assert page.detail.options._refresh.isEnabled()
