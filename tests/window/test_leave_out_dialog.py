"""Leaving something out in the window: the difference first, the files after, and promised beside measured at the end."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QDialog
from unit.operations.left_out import PACKAGE, read_image, write_project

from slimdesk.basics.errors import BadInput
from slimdesk.basics.finding import Finding
from slimdesk.operations.build import LABEL_PROJECT, project_mark
from slimdesk.operations.ranking import Ranked
from slimdesk.ui.models.variants import VariantRow
from slimdesk.ui.pages.leave_out_dialog import LeaveOutDialog, open_leave_out, watch_promises, why_not
from slimdesk.ui.pages.variants_verdict import answers
from slimdesk.workspace.fingerprint import Fingerprint
from slimdesk.workspace.results import Made, VariantId, VariantResults
from slimdesk.workspace.workspace import OpenedImage


@pytest.fixture
def opened(tmp_path, make_window):
    """A window with the project, its image, and the desk."""
    (tmp_path / "project").mkdir()
    project = write_project(tmp_path / "project")
    labels = {
        LABEL_PROJECT: project_mark(project.root),
        "io.slimdesk.component": project.components[0].name,
        "io.slimdesk.family": "yours",
    }

    def made(appearance="light"):
        window = make_window(appearance)
        window.workspace.show_project(project)
        desk = window.page_of("project").desk
        return desk, OpenedImage(str(tmp_path / "image.tar"), read_image(tmp_path, labels))

    return made


@pytest.fixture
def dialog(settled):
    async def wait(desk):
        await settled(lambda: desk.window.findChild(LeaveOutDialog) is not None)
        return desk.window.findChild(LeaveOutDialog)

    return wait


def notices(desk):
    return [one.text for one in desk.window.notices.notices]


async def test_it_is_seen_first_then_written_then_promised_and_measured(
    opened, theme, dialog, settled, tmp_path
):
    desk, image = opened(theme)
    moment = next(one for one in image.image.packages if one.name == "moment")
    work = desk.spawn(open_leave_out(desk, image, moment))
    shown = await dialog(desk)
    assert '-    "moment": "2.30.1"' in shown.view.toPlainText()
    assert (tmp_path / "project/package.json").read_text() == PACKAGE
    shown.accept()
    assert await work
    assert "moment" not in (tmp_path / "project/package.json").read_text()
    assert (tmp_path / "project/package.json.orig").read_text() == PACKAGE
    assert any("moment 2.30.1 is left out of the next build" in text for text in notices(desk))
    before = image.image
    live = before.sizes.live - 7200
    newer = replace(before, image_id="sha256:newer", sizes=replace(before.sizes, live=live))
    variant = VariantId(desk.workspace.component.name, "yours")
    desk.workspace.keep_analysis(variant, Made(newer, Fingerprint({})))
    await settled(lambda: any("measured" in text and "7.20" in text for text in notices(desk)))
    desk.workspace.keep_analysis(variant, Made(newer, Fingerprint({})))
    assert len([text for text in notices(desk) if "measured" in text]) == 1


async def test_cancel_writes_nothing(opened, dialog, tmp_path):
    desk, image = opened()
    work = desk.spawn(open_leave_out(desk, image, "/app/static"))
    (await dialog(desk)).reject()
    assert not await work
    assert not (tmp_path / "project/.dockerignore").exists()


async def test_what_cannot_be_left_out_says_why_and_leads_to_the_family(opened, dialog):
    desk, image = opened()
    work = desk.spawn(open_leave_out(desk, image, "/usr/bin/node"))
    shown = await dialog(desk)
    assert not shown.found.changes
    assert shown.view.isHidden()
    shown._to_variants()
    assert not await work
    assert desk.window.page == "variants"


async def test_an_image_of_another_project_is_told(opened, tmp_path):
    desk, _ = opened()
    other = read_image(tmp_path, {LABEL_PROJECT: "0" * 16})
    with pytest.raises(BadInput, match="another project"):
        await open_leave_out(desk, OpenedImage("x", other), "/app/static")


async def test_without_a_project_the_reason_is_said(make_window, tmp_path):
    window = make_window()
    desk = window.page_of("project").desk
    assert why_not(desk.workspace) == "no image is open"
    opened_image = OpenedImage("x", read_image(tmp_path))
    desk.workspace._image = opened_image
    assert why_not(desk.workspace) == "open the project that the image was built from first"
    desk.workspace._image = None
    assert not await open_leave_out(desk, opened_image, "/app/static")
    assert window.findChild(QDialog) is None


async def test_a_desk_is_watched_once(opened):
    desk, _ = opened()
    count = len(desk.workspace._observers)
    watch_promises(desk)
    first = len(desk.workspace._observers)
    watch_promises(desk)
    assert len(desk.workspace._observers) == first <= count + 1


@pytest.mark.parametrize(("weighs", "first"), [(2_000, True), (50, False)])
def test_the_verdict_says_first_what_gains_more_than_the_family(tmp_path, weighs, first):
    cuda = Finding("cuda", "warning", "CUDA libraries. Brought by requirements.txt:4 → torch", bytes=weighs)
    image = replace(read_image(tmp_path), findings=(cuda,))
    row = VariantRow(
        VariantId("web", "slim"),
        "slim",
        available=True,
        reason="It fits.",
        size=900,
        reference_size=1_000,
        reference_title="baseline",
        results=VariantResults(analysis=Made(image, Fingerprint({}))),
        ranked=Ranked("slim", 90.0, 1, (), None),
    )
    told = answers([row])
    assert told[0].text.startswith("First leave out") is first
    assert ("requirements.txt:4 → torch" in told[0].reason) is first
