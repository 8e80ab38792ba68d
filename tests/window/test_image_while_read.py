"""The Image page while an image is being read: layers first, then a tree, then all of it; what is not known says so."""

import asyncio
from dataclasses import replace

import pytest
from window.small_image import read, write

from slimdesk.basics.errors import ArchiveError
from slimdesk.image.model import Image
from slimdesk.image.picture import LayerSoFar, Picture
from slimdesk.image.table import ROOT
from slimdesk.operations import analyze as operation
from slimdesk.ui.pages import image_reading
from slimdesk.ui.pages.image_view import prepare


class Slow:
    """Stands in for the reading: pictures and the end come when the test says so."""

    def __init__(self, image: Image) -> None:
        self.image = image
        self.on_picture = None
        self.end = asyncio.Event()
        self.error = None

    async def __call__(self, source, **options):
        self.on_picture = options["on_picture"]
        await self.end.wait()
        if self.error is not None:
            raise self.error
        return self.image

    def picture(self, read_layers, *, tree=None, files=True):
        layers = tuple(
            LayerSoFar(
                one.index, one.diff_id, one.created_by, one.instruction, one.base,
                read=one.index < read_layers,
                entries=one.entries if one.index < read_layers else None,
                files=one.sizes.files if files else None,
            )
            for one in self.image.layers
        )  # fmt: skip
        table = self.image.table if tree else None
        return Picture(
            "shop.tar", "docker-archive", layers, table, tree, 400, 1_000, ("Packages are not known yet.",)
        )


@pytest.fixture
async def slow(window, settled, tmp_path, monkeypatch):
    """An image that is being read, and the page."""
    from slimdesk.ui.pages.image import ImagePage

    image = read(tmp_path)
    reading = Slow(image)
    monkeypatch.setattr(operation, "analyze", reading)
    monkeypatch.setattr(image_reading, "_PATIENCE", 0.0)
    window.desk.opener.open_path(str(write(tmp_path)))
    page = window.findChild(ImagePage)
    await settled(lambda: reading.on_picture is not None)
    yield reading, page
    reading.end.set()


def cell(page, layer, column):
    return page.layers.layers.index_of(layer).siblingAtColumn(column).data()


async def test_layers_stand_there_before_any_file_is_known(slow, settled):
    reading, page = slow
    assert page._pages.currentWidget() is page._reading
    reading.on_picture(reading.picture(0, files=False))
    await settled(lambda: page._pages.currentWidget() is page._whole)
    assert cell(page, 1, 0).startswith("RUN apt-get update")
    assert cell(page, 1, 2) == "–", "what was not measured is no 0"
    assert not page.reading_bar.isHidden()
    assert "0 of 4 layers" in page.reading_bar._words.text()
    assert "Packages are not known yet" in page.reading_bar._later.text()
    assert not page.tabs._bar.isTabEnabled(1)
    names = [one.accessibleName() for one in page.figures._strip.children() if hasattr(one, "accessibleName")]
    assert "Live: not known yet" in names
    assert page._no_image(), "half an image is not exported"


async def test_a_listed_tree_is_coloured_by_kind_until_the_layers_are_known(slow, settled):
    reading, page = slow
    reading.on_picture(reading.picture(0, tree="listing"))
    await settled(lambda: page.view.image is not None and page.view.shown.weight[ROOT] > 0)
    assert page.view.way == "kind"
    assert not page.map.colors._buttons["layer"].isEnabled()
    assert page.map.map.tiles is not None
    reading.end.set()
    await settled(lambda: page._so_far is None and page.view.image is reading.image)
    assert page.view.way == "layer"
    assert page.map.colors.value == "layer"
    assert page.map.colors._buttons["layer"].isEnabled()
    assert page.reading_bar.isHidden()
    assert page.tabs._bar.isTabEnabled(2)


async def test_what_was_chosen_opened_and_filtered_stays_while_more_is_read(slow, settled):
    reading, page = slow
    reading.on_picture(reading.picture(2, tree="layers"))
    await settled(lambda: page.view.image is not None and page.view.shown.weight[ROOT] > 0)
    table = page.view.image.table
    page.view.zoom(table.find("/usr"))
    page.view.select(table.find("/usr/bin/tool"))
    page.view.want(text="t")
    bin_row = page.files.model.index_of(table.find("/usr/bin"))
    page.files.tree.setExpanded(bin_row, True)
    first = page.view.image
    reading.on_picture(reading.picture(3, tree="layers"))
    await settled(lambda: page.view.image is not first)
    assert page.view.wanted.text == "t"
    assert page.view.image.table.path(page.view.node) == "/usr/bin/tool"
    assert page.view.image.table.path(page.view.root) == "/usr"
    assert page.files.tree.isExpanded(page.files.model.index_of(table.find("/usr/bin")))
    assert page.map.map.selected == page.view.node
    reading.end.set()
    await settled(lambda: page.view.image is reading.image)
    assert page.view.image.table.path(page.view.node) == "/usr/bin/tool"
    assert page.files.filter.text() == "t" or page.view.wanted.text == "t"


async def test_a_colour_that_was_asked_for_stays(slow, settled):
    reading, page = slow
    reading.on_picture(reading.picture(2, tree="layers"))
    await settled(lambda: page.view.image is not None and page.view.shown.weight[ROOT] > 0)
    page.map.colors.chosen.emit("change")
    first = page.view.image
    reading.on_picture(reading.picture(3, tree="layers"))
    await settled(lambda: page.view.image is not first)
    assert page.view.way == "change"


async def test_cancel_in_the_middle_leaves_nothing(slow, settled, window):
    reading, page = slow
    reading.on_picture(reading.picture(2, tree="layers"))
    await settled(lambda: page.view.image is not None)
    page._cancel()
    await settled(lambda: not window.workspace.jobs.running)
    assert page._pages.currentWidget() is page._none
    assert page.view.image is None
    reading.on_picture(reading.picture(3, tree="layers"))
    await asyncio.sleep(0.05)
    assert page._pages.currentWidget() is page._none, "a picture that comes late is of no image"


async def test_an_archive_that_breaks_off_says_so_instead_of_half_an_image(slow, settled):
    reading, page = slow
    reading.on_picture(reading.picture(2, tree="layers"))
    await settled(lambda: page.view.image is not None)
    reading.error = ArchiveError("The archive is cut off", "Layer 3 ends early", "Save it again")
    reading.end.set()
    await settled(lambda: page._pages.currentWidget() is page._failed)
    assert page.view.image is None
    assert "cut off" in page._failed.accessibleName()


async def test_pictures_that_come_fast_are_passed_over(slow, settled, monkeypatch):
    reading, page = slow
    seen = []

    async def show(picture, *_):
        seen.append(picture.done)

    monkeypatch.setattr(page._reader, "_seen", show)
    for number in range(50):
        reading.on_picture(replace(reading.picture(1, tree="layers"), done=number))
    await settled(lambda: 49 in seen)
    assert len(seen) < 10


async def test_an_image_that_is_whole_before_its_first_picture_stands_begins_anew(slow, settled):
    reading, page = slow
    page.view.open(replace(reading.image))
    page.view.want(text="tool")
    picture = reading.picture(2, tree="layers")
    prepared = prepare(picture.as_image(), page.view.wanted_first)
    showing = asyncio.ensure_future(page._show_picture(picture, picture.as_image(), prepared))
    await asyncio.sleep(0)
    showing.cancel()
    reading.end.set()
    await settled(lambda: page.view.image is reading.image)
    assert page.view.wanted.text == "", "what narrowed the image before is none of this one's"
    await settled(lambda: page._pages.currentWidget() is page._whole)
    assert page.reading_bar.isHidden()
    assert page.layers.updatesEnabled()
