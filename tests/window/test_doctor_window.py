"""The window on whether an image is likely to run, and what the Image page reads files for."""

import pytest
from shiboken6 import isValid
from unit.image.images import Picture, layer, old_save, program
from window.test_accessible_names import nameless

from slimdesk.image.read import Wanted, read_path
from slimdesk.operations import doctor, duplicates
from slimdesk.ui.pages.image_inside_doctor import open_doctor
from slimdesk.workspace.workspace import OpenedImage


@pytest.fixture(autouse=True)
def in_place(monkeypatch):
    """What a worker would do is done here: its start is tested elsewhere, and takes half a second."""

    async def here(what, work, *arguments, reporter=None):
        return work(lambda *_: None, *arguments)

    monkeypatch.setattr(duplicates, "in_worker", here)
    monkeypatch.setattr(doctor, "in_worker", here)


def opened(tmp_path, *members, **config):
    path = tmp_path / "image.tar"
    content = layer([("tmp/", 0o1777), ("usr/share/zoneinfo/UTC", b""), *members])
    path.write_bytes(old_save([Picture([content], config={"User": "65532", **config})]))
    return OpenedImage(str(path), read_path(path, Wanted(fast=True)))


@pytest.fixture
async def kept():
    """Windows to be closed at the end."""
    made = []
    yield made
    for one in made:
        if isValid(one):
            one.close()


async def test_the_doctor_says_what_keeps_an_image_from_running(window, settled, tmp_path, kept):
    one = open_doctor(window.desk, opened(tmp_path, Entrypoint=["/run"]))
    kept.append(one)
    await settled(lambda: one.rows.rows)
    assert one.verdict.text() == "It is unlikely to run"
    assert [row.rule for row in one.rows.rows] == ["entrypoint-missing"]
    await settled(one.about.isVisible)
    assert one.about.text() == "/run is to be started, but is not in the image"
    assert one.cure.text() == "Correct the path, or COPY the file"
    assert nameless(one) == []


async def test_the_doctor_finds_nothing_in_a_sound_image(window, settled, tmp_path, kept):
    one = open_doctor(window.desk, opened(tmp_path, program("run"), Entrypoint=["/run"]))
    kept.append(one)
    await settled(lambda: one.verdict.text() == "It is likely to run")
    assert "Nothing was found" in one._said.text()
    assert open_doctor(window.desk, OpenedImage("x")) is None


async def test_an_image_that_is_gone_is_said(window, settled, tmp_path, kept):
    image = opened(tmp_path, program("run"), Entrypoint=["/run"])
    (tmp_path / "image.tar").unlink()
    one = open_doctor(window.desk, image)
    kept.append(one)
    await settled(one._again.isVisible)
    assert one.verdict.text() == "It could not be looked at"


async def test_the_image_page_offers_both(window, settled, tmp_path, kept):
    from PySide6.QtWidgets import QApplication

    from slimdesk.ui.pages.image import ImagePage
    from slimdesk.ui.pages.image_inside_doctor import DoctorWindow

    window.go("image")
    page = window.findChild(ImagePage)
    assert page.acts.why_not_read() == "open an image first"
    image = opened(tmp_path, ("a", b"12"), ("b", b"12"))
    window.workspace.show_image(image)
    await settled(lambda: page.view.image is image.image)
    window.desk.actions.run("same-content")
    assert page.tabs.value == "same"
    await settled(lambda: [row.paths for row in page.same.rows.rows] == [("/a", "/b")])
    window.desk.actions.run("doctor")
    windows = [one for one in QApplication.topLevelWidgets() if isinstance(one, DoctorWindow)]
    kept.extend(windows)
    assert [one.isVisible() for one in windows] == [True]
    await settled(lambda: all(one.running.task.done() for one in windows))
