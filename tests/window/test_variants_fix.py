"""Fix and try again in the window, on an engine that answers without being one."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QPushButton
from unit.operations.variant_desk import RUNS, Engine
from window.variants_opening import fix_button, open_variants, read_again, still_runs

from slimdesk.operations.matrix import newest_matrix
from slimdesk.verify.diagnose import Diagnosis
from slimdesk.verify.model import Verification

FAULT = Diagnosis("no-tmp", "There is no /tmp in the image, and it writes temporary files.", True)
FAILS = Verification("fails", FAULT.message, "service", 8080, exit_code=1, user="65532:65532", fault=FAULT)
TEXT = 'FROM golang:1.26-trixie AS build\nCOPY . .\nRUN go build -o /shop .\n\nFROM scratch\nCOPY --from=build /shop /shop\nUSER 65532:65532\nENTRYPOINT ["/shop"]\n'
LINE = "COPY --from=build --chown=65532:65532 /mnt /tmp"


@pytest.fixture
def engine(tmp_path, monkeypatch):
    engine = Engine(tmp_path, monkeypatch)

    async def tag(_image, _name):
        return None

    engine.tag = tag
    return engine


@pytest.fixture
async def failed(make_window, engine, tmp_path, settled):
    """The page with a scratch variant that has failed for want of /tmp."""

    async def give(**how):
        page = open_variants(make_window, engine, tmp_path, **how)
        page.workspace.edit("scratch", TEXT)
        page.workspace.select("scratch")
        engine.verdicts["scratch"] = FAILS
        await page.variants.build(["scratch"])
        page.refresh()
        await settled(lambda: page.detail.mending.notices)
        return page

    return give


def button(page, words):
    return next(
        (
            one
            for one in page.detail.mending.findChildren(QPushButton)
            if one.text() == words and one.isVisible()
        ),
        None,
    )


async def test_the_cause_and_its_line_are_told_and_one_button_mends_it(failed, engine, settled, theme):
    page = await failed(appearance=theme)
    (notice,) = page.detail.mending.notices
    assert "/tmp" in notice.text
    assert LINE in notice.text
    engine.verdicts["scratch"] = RUNS
    button(page, "Fix and try again").click()
    await settled(lambda: button(page, "Undo") is not None)
    (told,) = page.detail.mending.notices
    assert told.text.startswith("Fixed: add /tmp, +")
    assert LINE in page.detail.dockerfile.text()
    reasons = [note.reason for note in page.detail.dockerfile.notes]
    assert "The program writes temporary files, and the image has no /tmp." in reasons
    assert not page.grab().isNull()
    await settled(lambda: newest_matrix(page.workspace.project) is not None)
    assert newest_matrix(page.workspace.project).row("scratch").runs
    button(page, "Undo").click()
    page.refresh()
    assert page.workspace.edited("scratch") == TEXT
    assert not page.detail.mending.isVisible()


async def test_a_fix_that_does_not_help_says_so_and_is_not_offered_again(failed, settled):
    page = await failed()
    button(page, "Fix and try again").click()
    await settled(lambda: any("did not help" in one.text for one in page.detail.mending.notices))
    assert button(page, "Fix and try again") is None
    assert page.workspace.edited("scratch") == TEXT
    assert page.detail.dockerfile.text() == TEXT


async def test_the_fix_of_a_row_that_is_not_looked_at_is_told_in_the_window(failed, engine, settled):
    page = await failed()
    engine.verdicts["scratch"] = RUNS
    button(page, "Fix and try again").click()
    page.workspace.select("slim")
    page.refresh()
    assert not page.detail.mending.isVisible()
    told = []
    page.desk.notify = lambda *words, **_more: told.append(words)
    await settled(lambda: told)
    assert told[0][1].startswith("scratch: Fixed: add /tmp, +")


NEEDS = Verification(
    "not-proven",
    "Not proven: the app itself exits, it cannot reach cache:6379.",
    "service",
    8080,
    exit_code=1,
)
COMPOSE = "services: {web: {build: ., depends_on: [cache]}, cache: {image: redis}}"


async def test_services_of_the_compose_file_are_offered_and_go_into_the_proof(
    make_window, engine, tmp_path, settled, theme
):
    page = open_variants(make_window, engine, tmp_path, appearance=theme)
    (page.workspace.project.root / "compose.yaml").write_text(COMPOSE)
    read_again(page)
    engine.verdicts["scratch"] = NEEDS
    page.workspace.select("scratch")
    await page.variants.build(["scratch"])
    page.refresh()
    await settled(lambda: button(page, "Verify with cache from compose.yaml") is not None)
    assert not page.grab().isNull()
    engine.verdicts["scratch"] = RUNS
    button(page, "Verify with cache from compose.yaml").click()
    await settled(
        lambda: page.workspace.results(page.variants.variant("scratch")).verification.value.verdict == "runs"
    )
    page.refresh()
    assert not page.detail.mending.isVisible()
    assert page.detail.beside.chosen
    assert [one.name for one in page.variants.beside["shop"].services] == ["cache"]
    page.detail.tabs.choose("run")
    page.detail.beside.choose(False)
    assert page.variants.beside == {}


async def test_without_a_compose_file_nothing_is_offered(make_window, engine, tmp_path, settled):
    page = open_variants(make_window, engine, tmp_path)
    engine.verdicts["scratch"] = NEEDS
    page.workspace.select("scratch")
    await page.variants.build(["scratch"])
    page.refresh()
    assert not page.detail.beside.isVisible()
    assert not page.detail.mending.isVisible()


async def test_the_palette_and_the_menu_of_the_row_offer_it_only_where_it_is_known(failed, engine, settled):
    page = await failed()
    (action,) = [one for one in page.actions_offered() if one.key == "fix-variant"]
    assert action.refused() == ""
    menu = QMenu()
    page._menu(menu, page.current)
    assert "Fix and try again" in [one.text() for one in menu.actions()]
    engine.verdicts["scratch"] = RUNS
    action.run()
    await settled(lambda: button(page, "Undo") is not None)
    assert action.refused() != ""


async def test_what_is_given_for_the_proof_is_written_nowhere(
    make_window, engine, tmp_path, settled, slimdesk_home
):
    secrets = ("hush-by-the-form", "hush-by-compose")
    page = open_variants(make_window, engine, tmp_path)
    (page.workspace.project.root / "compose.yaml").write_text(
        f"services: {{web: {{build: ., environment: {{DB: {secrets[1]}}}}}, db: {{image: postgres, environment: {{PW: {secrets[1]}}}}}}}"
    )
    read_again(page)
    page.detail.tabs.choose("run")
    await settled(lambda: page.detail.beside.names)
    page.detail.run_form._environment.setPlainText(f"TOKEN={secrets[0]}")
    page.detail.beside.choose(True)
    page.workspace.tick(["scratch"])
    page.workspace.select("scratch")
    await page.variants.build(["scratch"])
    assert secrets[0] in page.variants.profile().environment["TOKEN"]
    await page.desk.opener.save_session()
    page.desk.change_settings(current_size="live")
    kept = [path for path in slimdesk_home.rglob("*") if path.is_file()]
    assert {"settings.json", "history.sqlite"} < {path.name for path in kept}
    told = "\n".join(line for job in page.workspace.jobs for line in job.lines)
    for secret in secrets:
        assert not [path for path in kept if secret.encode() in path.read_bytes()]
        assert secret not in told


@pytest.mark.parametrize("size", [(1024, 680), (1280, 800), (1920, 1080)])
async def test_the_row_says_the_cause_and_has_the_button_then_what_it_cost(failed, engine, settled, size):
    page = await failed(size=size)
    assert still_runs(page, "scratch") == "Exits 1 no /tmp"
    assert page._told[0].reason.endswith("“Fix and try again” in its row may mend that")
    assert fix_button(page, "slim") is None
    pressed = fix_button(page, "scratch")
    assert pressed.accessibleName() == "Fix and try again: scratch, Add /tmp"
    shown = pressed.mapTo(page.table.viewport(), pressed.rect().bottomRight())
    assert page.table.viewport().rect().contains(shown)
    page.workspace.select("slim")
    page.refresh()
    engine.verdicts["scratch"] = RUNS
    engine.sizes["scratch"] = 1_002_000
    QTest.mouseClick(pressed, Qt.MouseButton.LeftButton)
    await settled(lambda: "fixed" in still_runs(page, "scratch"))
    assert page.current.variant.family == "scratch"
    assert still_runs(page, "scratch") == "Runs 40\u2009ms, fixed, +2.00\u2009kB"
    assert fix_button(page, "scratch") is None


async def test_the_button_in_the_row_is_reached_and_pressed_with_keys_alone(failed, engine, settled):
    page = await failed()
    page.desk.window.activateWindow()
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Tab)
    pressed = fix_button(page, "scratch")
    assert page.desk.window.focusWidget() is pressed
    engine.verdicts["scratch"] = RUNS
    QTest.keyClick(pressed, Qt.Key.Key_Space)
    await settled(lambda: fix_button(page, "scratch") is None)
    assert page.desk.window.focusWidget() is page.table
    await settled(lambda: "fixed" in still_runs(page, "scratch"))


async def test_the_button_stays_with_its_row_when_the_table_is_sorted(failed, settled):
    page = await failed()
    for order in Qt.SortOrder:
        page.table.sortByColumn(0, order)
        assert fix_button(page, "scratch") is not None
        assert fix_button(page, "slim") is None


ZONES = Diagnosis("no-time-zones", "The time zone Europe/Vienna is not in the image.", True, "Europe/Vienna")


async def test_a_generated_dockerfile_stays_generated_and_its_fixes_can_be_taken_out(
    make_window, engine, tmp_path, settled
):
    page = open_variants(make_window, engine, tmp_path)
    page.workspace.select("scratch")
    plain = page.variants.text("scratch").text
    engine.verdicts["scratch"] = replace(FAILS, reason=ZONES.message, fault=ZONES)
    await page.variants.build(["scratch"])
    page.refresh()
    assert still_runs(page, "scratch") == "Exits 1 no time zones"
    engine.verdicts["scratch"] = RUNS
    fix_button(page, "scratch").click()
    await settled(lambda: "fixed" in still_runs(page, "scratch"))
    assert page.detail._state.text().startswith("scratch, generated, 1 fix, ")
    assert "ENV ZONEINFO=" in page.detail.dockerfile.text()

    page.workspace.choose(healthcheck=True)
    page.refresh()
    assert "ENV ZONEINFO=" in page.detail.dockerfile.text()
    page.workspace.choose(healthcheck=False)
    page.refresh()
    page.detail.back_to_generated()
    page.refresh()
    assert page.detail.dockerfile.text() == plain
    assert page.workspace.mended("scratch") == ()
    assert "fixed" not in still_runs(page, "scratch")
