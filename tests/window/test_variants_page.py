"""The Variants page: rows, verdict, building and what goes wrong, editing, the reference, saving."""

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QDialog, QMenu
from unit.operations.variant_desk import NOT_PROVEN, OWN, Engine, shop

from slimdesk.basics.errors import EngineUnreachable
from slimdesk.engine.model import ImageRecord
from slimdesk.operations.detect import open_project
from slimdesk.ui.models.roles import Role
from slimdesk.ui.pages.variants_reference import fill_reference_menu
from slimdesk.ui.widgets.buttons import PrimaryButton


@pytest.fixture
def engine(tmp_path, monkeypatch):
    return Engine(tmp_path, monkeypatch)


@pytest.fixture
def open_page(make_window, engine, tmp_path):
    """Open the page on a Go service: `open_page(dockerfile=…, appearance=…, size=…)`."""

    def opened(appearance="light", size=(1280, 800), dockerfile=None):
        window = make_window(appearance, size)
        window.workspace.show_project(open_project(shop(tmp_path, dockerfile=dockerfile)))
        window.go("variants")
        page = window.page_of("variants")
        page.variants._connect = engine.connect
        page.refresh()
        return page

    return opened


@pytest.fixture
def done(settled):
    """Wait until no job is left and the page has been shown anew."""

    async def wait(page):
        await asyncio.sleep(0.02)
        await settled(lambda: not page.workspace.jobs.running and not page.workspace.jobs.waiting)
        page.refresh()

    return wait


def row_of(page, family):
    return next(row for row in page._model.rows if row.variant.family == family)


def cell(page, family, key):
    number = next(n for n, row in enumerate(page._model.rows) if row.variant.family == family)
    column = next(n for n, one in enumerate(page._model.columns) if one.key == key)
    return page._model.index(number, column)


def text_of(page, family, key):
    return cell(page, family, key).data(Qt.ItemDataRole.DisplayRole)


def verdict(page):
    return [(answer.text, answer.reason) for answer in page._told]


def notices(page):
    return [one.text for one in page.desk.window.notices.notices]


async def test_before_a_build_it_says_what_to_take_and_measures_nothing(open_page):
    page = open_page()
    assert [row.title for row in page._model.rows][:3] == ["baseline", "full", "slim"]
    assert text_of(page, "distroless", "size") == "not measured"
    assert text_of(page, "distroless", "smaller") == "–"
    assert verdict(page)[0][0] == "Nothing built yet"
    assert "distroless" in verdict(page)[0][1]
    assert not page.tools.verify.isEnabled()
    assert page.tools.verify.toolTip() == "Build a variant first"
    chiselled = text_of(page, "chiselled", "size")
    assert chiselled.startswith("Not available: ")
    assert cell(page, "chiselled", "family").data(Qt.ItemDataRole.CheckStateRole) is None
    assert len(page.findChildren(PrimaryButton)) == 1


async def test_the_model_keeps_qts_rules_and_every_cell_can_be_drawn(open_page, theme, engine, done):
    page = open_page(theme, (1920, 1080))
    tester = QAbstractItemModelTester(page._model, QAbstractItemModelTester.FailureReportingMode.Fatal, page)
    engine.broken = {"scratch"}
    page.workspace.tick(["distroless", "scratch"])
    page.workspace.edit("slim", "FROM\n")
    page.build_ticked()
    page.refresh()
    page.grab()
    await done(page)
    for key in ("dockerfile", "ignore", "findings", "run", "log"):
        page.detail.tabs.choose(key)
        assert not page.grab().isNull()
    page.workspace.choose(debug=True)
    page.refresh()
    assert not page.grab().isNull()
    assert tester.model() is page._model


async def test_a_build_ends_in_a_verdict_with_its_reference_and_exact_bytes(open_page, engine, done):
    page = open_page()
    engine.sizes = {"baseline": 40_000_000, "distroless": 4_500_000, "scratch": 900_000}
    page.workspace.tick(["distroless", "scratch"])
    page.build_ticked()
    await done(page)
    take, factor, runs = verdict(page)
    assert take[0] == "Take scratch"
    assert factor == (
        "31.1× smaller",
        "than the baseline: 40.4\u2009MB → 1.30\u2009MB files, −96.8\u2009%",
    )
    assert runs[0] == "Still runs"
    assert "1,300,000" in page._told[1].tip or "1 300 000" in page._told[1].tip.replace("\u2009", " ")
    assert text_of(page, "distroless", "smaller") == "8.24×"
    tip = cell(page, "distroless", "smaller").data(Qt.ItemDataRole.ToolTipRole)
    assert "than the baseline" in tip
    assert text_of(page, "baseline", "smaller") == "1×"
    assert page._main.text() == "Save to project…"
    assert cell(page, "scratch", "size").data(Role.BAR).full == 40_400_000


async def test_the_size_switch_changes_every_figure_and_names_it(open_page, engine, done):
    page = open_page()
    page.workspace.tick(["distroless"])
    page.build_ticked()
    await done(page)
    page.workspace.change_settings(current_size="unpacked")
    page.refresh()
    assert "unpacked" in verdict(page)[1][1]
    heads = [column.head for column in page._model.columns]
    assert "Unpacked size, full bar = baseline" in heads


async def test_a_failing_build_says_which_step_in_its_row_and_shows_its_log(open_page, engine, done, settled):
    page = open_page()
    engine.broken = {"distroless"}
    page.workspace.tick(["distroless"])
    page.build_ticked()
    await done(page)
    assert text_of(page, "distroless", "size") == "Failed: [build 3/4] RUN go build: exit code: 1"
    assert verdict(page)[0][0] == "Nothing to take yet"
    await settled(lambda: notices(page))
    assert notices(page)[0].startswith("distroless did not build.")
    page.show_log("distroless")
    assert page.detail.tabs.value == "log"
    page.detail.log.flush()
    assert "one line of the log" in page.detail.log.toPlainText()
    assert page.detail.proof.isVisible() or page.detail._wide is False


async def test_without_an_engine_dockerfiles_are_there_and_build_says_what_to_do(open_page, engine, settled):
    page = open_page()
    engine.unreachable = EngineUnreachable(
        "Docker does not answer", "nothing listens at /var/run/docker.sock", "Start Docker"
    )
    assert "FROM" in page.detail.dockerfile.text()
    page.workspace.tick(["distroless"])
    page.build_ticked()
    await settled(lambda: notices(page))
    assert notices(page) == ["Docker does not answer. Nothing listens at /var/run/docker.sock. Start Docker."]
    assert list(page.workspace.jobs) == []


async def test_not_proven_names_what_is_missing_where_it_can_be_given(open_page, engine, done):
    page = open_page()
    engine.verdicts = {"distroless": NOT_PROVEN, "baseline": NOT_PROVEN}
    page.workspace.tick(["distroless"])
    page.build_ticked()
    await done(page)
    assert text_of(page, "distroless", "runs") == "Not proven"
    assert verdict(page)[0][0] == "Not proven"
    assert "DATABASE_URL is not set" in verdict(page)[0][1]
    page.workspace.select("distroless")
    page.refresh()
    page.detail.proof.asked.emit()
    assert page.detail.tabs.value == "run"
    assert "DATABASE_URL is not set" in page.detail.run_form._hint.text()
    engine.verdicts = {}
    page.detail.run_form._environment.setPlainText("DATABASE_URL=x")
    assert page.variants.profile().environment == {"DATABASE_URL": "x"}
    page.verify_ticked()
    await done(page)
    assert text_of(page, "distroless", "runs") == "Runs"
    assert verdict(page)[0][0] == "Take distroless"
    assert "DATABASE_URL" not in str(page.workspace.session)


async def test_two_builds_run_the_third_waits_and_cancel_stops_them(open_page, engine, settled, done):
    page = open_page()
    engine.held = asyncio.Event()
    page.workspace.tick(["distroless", "scratch", "slim"])
    page.build_ticked()
    await settled(lambda: len(engine.built) == 2)
    page.refresh()
    waiting = [
        row for row in page._model.rows if "Waiting for a free builder" in text_of(page, row.title, "size")
    ]
    assert len(waiting) == 2
    assert verdict(page)[0][0] == "Building"
    assert not page.tools.build.isEnabled()
    assert page._main.text() == "Cancel all"
    page._main_action()
    await done(page)
    assert {job.state.name for job in page.workspace.jobs} == {"CANCELLED"}
    assert len(engine.built) == 2
    assert verdict(page)[0][0] == "Nothing built yet"
    assert notices(page) == []


async def test_editing_freezes_the_options_and_back_can_be_undone(open_page, settled):
    page = open_page()
    detail = page.detail
    generated = detail.dockerfile.text()
    cursor = detail.dockerfile.editor.textCursor()
    cursor.movePosition(cursor.MoveOperation.End)
    detail.dockerfile.editor.setTextCursor(cursor)
    QTest.keyClicks(detail.dockerfile.editor, "# mine")
    await settled(lambda: page.workspace.edited("distroless") is not None)
    page.refresh()
    assert "edited" in detail._state.text()
    assert not detail.options._boxes["pin"].isEnabled()
    assert detail.options._reason.text().startswith("The Dockerfile is edited")
    detail.back_to_generated()
    page.refresh()
    assert detail.dockerfile.text() == generated
    assert page.workspace.edited("distroless") is None
    assert detail.options._boxes["pin"].isEnabled()
    detail.dockerfile.editor.undo()
    await settled(lambda: page.workspace.edited("distroless") == f"{generated}# mine")


async def test_a_text_that_is_no_dockerfile_says_so_at_once(open_page, settled):
    page = open_page()
    detail = page.detail
    detail.dockerfile.editor.selectAll()
    QTest.keyClicks(detail.dockerfile.editor, "NONSENSE")
    await settled(lambda: page.workspace.edited("distroless") == "NONSENSE")
    page.refresh()
    assert row_of(page, "distroless").text.problem is not None
    assert detail._state.text() == str(row_of(page, "distroless").text.problem)
    assert detail.dockerfile.notes == ()


async def test_an_edited_dockerignore_goes_back_too(open_page, settled):
    page = open_page()
    page.detail.tabs.choose("ignore")
    generated = page.detail.ignore.toPlainText()
    page.detail.ignore.appendPlainText("secret.txt")
    await settled(lambda: page.workspace.edited("distroless", ".dockerignore") is not None)
    page.detail.back_to_generated()
    assert page.detail.ignore.toPlainText() == generated
    assert page.workspace.edited("distroless", ".dockerignore") is None
    page.detail.ignore.undo()
    assert "secret.txt" in page.detail.ignore.toPlainText()


async def test_an_older_result_says_so_and_is_in_no_verdict(open_page, engine, done):
    page = open_page()
    page.workspace.tick(["distroless"])
    page.build_ticked()
    await done(page)
    page.workspace.edit("distroless", f"{page.variants.text('distroless').text}# later\n")
    page.refresh()
    assert cell(page, "distroless", "family").data(Role.SECOND) == "older"
    assert verdict(page) == [("Only older results", "Changed since: the Dockerfile. Build again")]


async def test_debug_variants_have_rows_of_their_own_with_a_tag(open_page, engine, done):
    page = open_page()
    page.workspace.choose(debug=True)
    page.refresh()
    assert cell(page, "distroless", "family").data(Role.SECOND) == "debug"
    assert cell(page, "baseline", "family").data(Role.SECOND) == "reference"
    assert text_of(page, "distroless", "shell") == "yes"
    page.workspace.tick(["distroless"])
    page.build_ticked()
    await done(page)
    assert verdict(page)[0][0] == "Debug variants"
    assert "slimdesk/shop:distroless-debug" in [name for name, _ in engine.verified]


async def test_the_projects_own_dockerfile_is_the_first_row_stage_by_stage(open_page, engine, done):
    page = open_page(dockerfile=OWN)
    assert page._model.rows[0].title == "yours"
    assert page.tools.against.text() == "Measured against your Dockerfile"
    page.workspace.select("yours")
    page.refresh()
    notes = page.detail.dockerfile.notes
    assert [note.line for note in notes if not note.shipped] == [1, 2, 3, 4]
    assert [note.line for note in notes if note.shipped] == [6, 7, 8]
    assert not page.detail.options._boxes["debug"].isEnabled()
    page.workspace.tick(["distroless"])
    page.build_ticked()
    await done(page)
    assert engine.built == ["yours", "distroless"] or set(engine.built) == {"yours", "distroless"}
    assert verdict(page)[1][1].startswith("than yours: ")


async def test_a_dockerfile_that_cannot_be_read_is_told_in_the_page(open_page):
    page = open_page(dockerfile="FROM a\nNONSENSE b\n")
    assert page._model.rows[0].title == "baseline"
    (notice,) = page._notices.notices
    assert "Dockerfile:2" in notice.text


async def test_an_image_can_be_chosen_as_the_reference(open_page, engine, done):
    page = open_page()
    record = ImageRecord("sha256:1", ("shop:production",), None, 1, {})
    page.workspace.set_engine_images([record])
    menu = QMenu(page)
    fill_reference_menu(menu, page.variants, page.workspace)
    actions = {action.text(): action for action in menu.actions()}
    assert not actions["Your Dockerfile (the project has none)"].isEnabled()
    assert actions["The baseline: one stage, as root"].isChecked()
    actions["shop:production"].trigger()
    page.refresh()
    first = page._model.rows[0]
    assert (first.title, first.base_name, first.picked) == ("yours", "shop:production", "shop:production")
    assert page.tools.against.text() == "Measured against shop:production"
    page.workspace.select("yours")
    page.refresh()
    assert "was picked as the reference" in page.detail.dockerfile.text()
    engine.sizes = {"production": 8_000_000}
    page.workspace.tick(["distroless"])
    page.build_ticked()
    await done(page)
    assert engine.built == ["distroless"]
    assert verdict(page)[1] == (
        "6.00× smaller",
        "than yours: 8.40\u2009MB → 1.40\u2009MB files, −83.3\u2009%",
    )
    assert text_of(page, "yours", "build") == "–"


async def test_space_ticks_enter_opens_and_f6_goes_round(open_page, engine, done):
    page = open_page()
    page.workspace.tick(["distroless"])
    page.refresh()
    page.table.choose(lambda item: item.variant.family == "slim")
    QTest.keyClick(page.table, Qt.Key.Key_Space)
    assert page.workspace.ticks == ("distroless", "slim")
    QTest.keyClick(page.table, Qt.Key.Key_Space)
    assert page.workspace.ticks == ("distroless",)
    assert page.panes() == (page.table, page.detail.dockerfile.editor)
    page.build_ticked()
    await done(page)
    page.table.choose(lambda item: item.variant.family == "distroless")
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    assert page.workspace.image.where == "slimdesk/shop:distroless"
    page.desk.go("variants")
    page.table.choose(lambda item: item.variant.family == "slim")
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    assert notices(page)[0] == "Slim is not built yet."
    assert page.desk.window.page == "variants"
    page.table.choose(lambda item: item.variant.family == "chiselled")
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    assert notices(page)[0].startswith("Chiselled is not available.")


async def test_saving_shows_a_difference_first_and_keeps_what_was_there(open_page, settled):
    page = open_page(dockerfile=OWN)
    root = page.workspace.project.root
    page.workspace.select("distroless")
    page.refresh()
    page.save()
    await settled(lambda: page.desk.window.findChild(QDialog) is not None)
    dialog = page.desk.window.findChild(QDialog)
    assert "-FROM golang:1.26 AS build" in dialog.findChild(type(page.detail.ignore)).toPlainText()
    assert (root / "Dockerfile").read_text() == OWN
    dialog.reject()
    await settled(lambda: page.desk.window.findChild(QDialog) is None)
    assert not (root / "Dockerfile.orig").exists()
    page.save()
    await settled(lambda: page.desk.window.findChild(QDialog) is not None)
    page.desk.window.findChild(QDialog).accept()
    await settled(lambda: notices(page))
    assert (root / "Dockerfile").read_text() == page.variants.text("distroless").text
    assert (root / "Dockerfile.orig").read_text() == OWN
    assert (root / ".dockerignore").exists()
    assert "Kept: Dockerfile.orig." in notices(page)[0]
    page.save()
    await settled(lambda: len(notices(page)) == 2)
    assert notices(page)[0].startswith("Nothing to save.")


async def test_a_folder_that_cannot_be_written_is_told_and_nothing_is_lost(open_page, settled, monkeypatch):
    page = open_page()
    root = page.workspace.project.root

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    page.save()
    await settled(lambda: page.desk.window.findChild(QDialog) is not None)
    with monkeypatch.context() as patch:
        patch.setattr("slimdesk.basics.files.tempfile.mkstemp", full)
        page.desk.window.findChild(QDialog).accept()
        await settled(lambda: notices(page))
    assert "No space left on device" in notices(page)[0]
    assert not (root / "Dockerfile").exists()


async def test_open_outside_opens_what_is_saved_else_the_folder(open_page, monkeypatch):
    page = open_page()
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(Path(url.toLocalFile())))
    page.detail.open_outside()
    assert opened == [page.workspace.project.root]


async def test_a_debugger_can_be_chosen_with_debug_variants_alone(open_page):
    page = open_page()
    box = page.detail.options._boxes["debugger"]
    assert not box.isEnabled()
    assert box.accessibleDescription() == "Show debug variants first"
    page.workspace.choose(debug=True)
    page.refresh()
    assert box.isEnabled()
    box.click()
    page.refresh()
    assert page.workspace.choices.debugger


async def test_what_matters_least_is_hidden_where_it_is_narrow_and_options_become_a_tab(open_page):
    page = open_page(size=(1280, 800))
    keys = [column.key for column in page._model.columns]
    hidden = {key for number, key in enumerate(keys) if page.table.isColumnHidden(number)}
    assert hidden == {"layers", "packages", "user", "cve"}
    assert page.detail.tabs._bar.isTabVisible(5)
    page.detail.tabs.choose("side")
    assert page.detail.options.isVisible()
    page.desk.window.resize(1920, 1080)
    await asyncio.sleep(0.05)
    hidden = {key for number, key in enumerate(keys) if page.table.isColumnHidden(number)}
    # Nothing was scanned for vulnerabilities.
    assert hidden == {"cve"}
    assert page.detail.tabs.value == "dockerfile"
    assert page.detail._side.width() <= 340


async def test_without_a_project_it_says_what_to_do(window):
    window.go("variants")
    page = window.page_of("variants")
    assert page._empty.isVisible()
    assert not page._content.isVisible()
    page.build_ticked()
    page.save()
    page.open_image()
    assert page._why_not()


async def test_the_context_menu_offers_what_the_row_can_do(open_page, engine, done):
    page = open_page()
    menu = QMenu(page)
    page._menu(menu, row_of(page, "hardened"))
    offers = {action.text(): action.isEnabled() for action in menu.actions()}
    assert offers["Build"]
    assert not offers["Verify"]
    assert any(text.startswith("Copy “docker login") for text in offers)
    other = QMenu(page)
    page._menu(other, row_of(page, "chiselled"))
    assert not {action.text(): action.isEnabled() for action in other.actions()}["Build"]


async def test_the_buttons_beside_the_verdict_name_another_variant_that_they_act_upon(
    open_page, engine, done, settled
):
    page = open_page()
    page.workspace.tick(["slim", "distroless"])
    page.build_ticked()
    await done(page)
    best = verdict(page)[0][0].removeprefix("Take ")
    other = {"slim": "distroless", "distroless": "slim"}[best]
    page.table.choose(lambda item: item.variant.family == best)
    assert (page._open_image.text(), page._main.text()) == ("Open image", "Save to project…")
    page.table.choose(lambda item: item.variant.family == other)
    assert (page._open_image.text(), page._main.text()) == (f"Open {other}", f"Save {other}…")
    page.table.choose(lambda item: not item.available)
    assert (page._open_image.text(), page._main.text()) == ("Open image", "Save to project…")


async def test_what_is_not_proven_is_told_before_what_did_not_build(open_page, engine, done):
    page = open_page()
    engine.verdicts = {"distroless": NOT_PROVEN, "baseline": NOT_PROVEN}
    engine.broken = {"full"}
    page.workspace.tick(["full", "distroless"])
    page.build_ticked()
    await done(page)
    assert verdict(page)[0][0] == "Not proven"
