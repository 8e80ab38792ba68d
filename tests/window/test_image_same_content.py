"""The tab of files that hold the same bytes: compared on demand, as a job; each row leads to its places."""

import asyncio

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu
from unit.image.images import Picture, layer, old_save
from window.small_image import read

from slimdesk.basics.errors import ArchiveError
from slimdesk.image.read import Wanted, read_path
from slimdesk.operations import duplicates
from slimdesk.workspace.workspace import OpenedImage

BODY = b"the same words\n" * 400


@pytest.fixture
def show(window, settled):
    async def shown(image):
        window.workspace.show_image(OpenedImage(image.location, image))
        window.go("image")
        page = window.page_of("image")
        await settled(lambda: page._shown_image is image and page._pages.currentWidget() is page._whole)
        page.tabs.choose("same")
        return page

    return shown


@pytest.fixture
def doubled(tmp_path):
    members = [
        ("a/one.txt", BODY),
        ("b/two.txt", BODY),
        ("c/three.txt", BODY),
        ("d/other", b"x" * len(BODY)),
        ("e", b"y"),
    ]
    path = tmp_path / "doubled.tar"
    path.write_bytes(old_save([Picture([layer(members)], "shop:3", [], {})]))
    return read_path(path, Wanted())


async def test_what_is_the_same_is_listed_with_what_one_copy_would_gain(show, doubled, settled):
    page = await show(doubled)
    pane = page.same
    assert page._body.currentWidget() is pane
    assert pane.rows.rowCount() == 0
    pane.empty.button.click()
    assert pane.empty.button.isHidden()
    await settled(lambda: pane.rows.rowCount() == 1, seconds=60)
    group = pane.rows.rows[0]
    assert group.paths == ("/a/one.txt", "/b/two.txt", "/c/three.txt")
    assert group.wasted == 2 * len(BODY)
    assert "1 body at several paths" in pane.words.text()
    pane.table.selectRow(0)
    assert page.view.node == doubled.table.find("/a/one.txt")
    menu = QMenu()
    pane._menu(menu, group)
    places = menu.findChildren(QMenu)[0]
    places.actions()[2].trigger()
    assert page.tabs.value == "contents"
    assert page.view.node == doubled.table.find("/c/three.txt")
    next(one for one in menu.actions() if one.text() == "Copy paths").trigger()
    assert QGuiApplication.clipboard().text().splitlines() == list(group.paths)


async def test_nothing_the_same_says_so_and_another_image_begins_anew(
    show, doubled, settled, tmp_path, monkeypatch
):
    async def none(*_args, **_options):
        return ()

    monkeypatch.setattr(duplicates, "same_content", none)
    page = await show(read(tmp_path))
    page.same.compare()
    await settled(lambda: page.same.empty.accessibleName().startswith("No two files"))
    assert page.same.empty.button.isHidden()
    page = await show(doubled)
    await settled(lambda: page.same.empty.accessibleName().startswith("Not compared yet"))
    assert not page.same.empty.button.isHidden()


async def test_a_failure_is_told_and_can_be_tried_again(show, doubled, settled, window, monkeypatch):
    async def broken(*_args, **_options):
        raise ArchiveError("The archive is gone", "", "")

    monkeypatch.setattr(duplicates, "same_content", broken)
    page = await show(doubled)
    page.same.compare()
    await settled(lambda: window.notices.notices)
    assert not page.same.empty.button.isHidden()
    assert page.same._task is None


async def test_another_image_stops_the_comparing(show, doubled, settled, tmp_path, monkeypatch, window):
    never = asyncio.Event()

    async def waits(*_args, **_options):
        await never.wait()

    monkeypatch.setattr(duplicates, "same_content", waits)
    page = await show(doubled)
    page.same.compare()
    await settled(lambda: window.workspace.jobs.running)
    await show(read(tmp_path))
    await settled(lambda: not window.workspace.jobs.running)
    assert page.same._task is None
