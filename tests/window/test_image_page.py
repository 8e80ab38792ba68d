"""The Image page: opening, one choice in three views, filters, states without an image."""

import asyncio
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from window.packaged_image import read_packaged
from window.shown_image import node_of, page_of, show_small, showing
from window.small_image import read, write

from slimdesk.image.table import ROOT
from slimdesk.workspace.workspace import OpenedImage


@pytest.fixture
async def shown(window, settled, tmp_path):
    """The page with the small image on it."""
    return await show_small(window, settled, tmp_path)


async def test_an_archive_is_read_in_a_worker_and_shown(window, settled, tmp_path):
    path = write(tmp_path)
    window.desk.opener.open_path(str(path))
    assert window.page == "image"
    page = page_of(window)
    await settled(lambda: showing(page), seconds=60)
    assert page.header._title.text() == "shop:1"
    assert window.workspace.image.image is page.view.image
    await settled(lambda: window.workspace.history.recents("image"))
    recents = window.workspace.history.recents("image")
    assert recents[0].about["files"] == page.view.image.sizes.files


async def test_what_is_no_image_says_why_and_the_page_stays_usable(window, settled, tmp_path):
    path = tmp_path / "broken.tar"
    path.write_bytes(b"no image at all" * 100)
    window.desk.opener.open_path(str(path))
    page = page_of(window)
    await settled(lambda: page._pages.currentWidget() is page._failed, seconds=60)
    assert "broken.tar" in page._failed.accessibleName()
    assert window.notices.notices
    good = read(tmp_path)
    window.workspace.show_image(OpenedImage("shop.tar", good))
    await settled(lambda: showing(page, good))
    assert page._pages.currentWidget() is page._whole


async def test_without_an_image_it_says_what_to_do(window):
    window.go("image")
    page = page_of(window)
    assert page._pages.currentWidget() is page._none
    assert not page._none.engine_button.isEnabled()
    assert not window.commands.run("export-png")


async def test_the_sample_opens_with_no_engine(window, settled):
    window.go("image")
    page = page_of(window)
    page.open_sample()
    await settled(lambda: showing(page), seconds=60)
    assert page.view.image.shadowed > 0
    assert page._pages.currentWidget() is page._whole


async def test_reading_can_be_cancelled(window, settled, tmp_path):
    path = write(tmp_path)
    window.desk.opener.open_path(str(path))
    page = page_of(window)
    assert page._pages.currentWidget() is page._reading
    await asyncio.sleep(0.05)
    page._cancel()
    await settled(lambda: not window.workspace.jobs.running)
    assert page._pages.currentWidget() is page._none


async def test_figures_and_groups_tell_base_and_own(shown):
    page = shown
    titles = [page.layers.layers.index(row, 0).data() for row in range(2)]
    assert titles == ["Base debian:13", "Own layers"]
    strip = page.figures._strip
    names = [child.accessibleName() for child in strip.children() if hasattr(child, "accessibleName")]
    assert any(name.startswith("Files: ") for name in names)
    assert page.header.hide_base.isEnabled()


async def test_one_choice_is_shared_by_the_three_views(shown):
    page = shown
    node = node_of(page, "/usr/bin/tool")
    page.map.map.chosen.emit(node)
    assert page.files.current == node
    layer = page.layers.layers.layer(page.layers.currentIndex())
    assert layer.index == 1
    assert "/usr/bin/tool" in page.map.about.path.text()
    assert "layer 1 (apt-get install)" in page.map.about.words.text()
    other = node_of(page, "/app/data.json")
    page.files.tree.setCurrentIndex(page.files.model.index_of(other))
    assert page.map.map.selected == other
    page.map.copy_path()
    assert QGuiApplication.clipboard().text() == "/app/data.json"


async def test_a_hostile_name_is_copied_in_one_line(shown):
    page = shown
    page.view.select(node_of(page, "/app/evil\nrm -rf ~"))
    page.map.copy_path()
    assert QGuiApplication.clipboard().text() == "/app/evil\\x0arm -rf ~"
    assert "\n" not in page.map.about.path.text()


async def test_a_layer_narrows_tree_and_map_and_a_second_click_takes_it_back(shown):
    page = shown
    whole = page.view.shown.weight[ROOT]
    assert not page.map.all_button.isVisible()

    def click(layer):
        index = page.layers.layers.index_of(layer)
        where = page.layers.visualRect(index).center()
        QTest.mouseClick(page.layers.viewport(), Qt.MouseButton.LeftButton, pos=where)

    click(1)
    assert page.view.shown.weight[ROOT] == page.view.image.layers[1].sizes.files
    assert page.map.all_button.isVisible()
    click(1)
    assert page.view.shown.weight[ROOT] == whole
    click(2)
    QTest.keyClick(page.layers, Qt.Key.Key_Up)
    assert page.view.wanted.layer == 1
    QTest.keyClick(page.layers, Qt.Key.Key_Escape)
    assert page.view.shown.weight[ROOT] == whole
    click(3)
    page.map.all_button.click()
    assert page.view.shown.weight[ROOT] == whole


async def test_the_filter_narrows_all_and_names_what_is_missing(shown):
    page = shown
    page.files.filter.setText("*.so.*")
    QTest.keyClick(page.files.filter, Qt.Key.Key_Return)
    assert page.view.shown.weight[ROOT] == 490_000
    page.files.filter.setText("no such file")
    QTest.keyClick(page.files.filter, Qt.Key.Key_Return)
    assert page.files.model.rowCount() == 0
    assert page.map.map.empty_words == "Nothing matches"


async def test_shadowed_bytes_the_base_and_a_kind_can_be_hidden(shown):
    page = shown
    image = page.view.image
    page.map.shadowed.setChecked(False)
    assert page.view.shown.weight[ROOT] == image.sizes.live
    page.map.shadowed.setChecked(True)
    page.header.hide_base.setChecked(True)
    assert page.view.shown.weight[ROOT] == image.sizes.files - image.layers[0].sizes.files
    page.header.hide_base.setChecked(False)
    page.view.color("kind")
    mark, entry = page.map.legend.marks[0]
    QTest.mouseClick(mark, Qt.MouseButton.LeftButton)
    assert page.view.shown.weight[ROOT] == image.sizes.files - entry.size
    page.view.color("layer")
    assert page.view.shown.weight[ROOT] == image.sizes.files, "other colours, nothing hidden"


async def test_zoom_is_told_by_the_crumbs_and_goes_back(shown):
    page = shown
    page.files.opened.emit(node_of(page, "/usr/bin"))
    assert page.map.map.root == node_of(page, "/usr/bin")
    assert "/usr/bin" in page.map.map.accessibleName()
    page.map.map.zoom_out()
    page.map.map.zoom_out()
    assert page.view.root == ROOT
    assert not page.map._up.isEnabled()


async def test_configuration_and_findings_are_harmless_text(shown):
    page = shown
    lines = {one.name: one.value for one in page._setting_rows.rows}
    assert lines["ENV A"] == "b\\x1b[31m"
    assert lines["User"] == "root (none is set)"
    page.tabs.choose("findings")
    assert page._body.currentWidget() is page.findings
    assert page.findings.rows.rowCount() >= 1


async def test_the_menu_of_a_tile_zooms_and_narrows(shown, settled):
    from PySide6.QtWidgets import QMenu

    page = shown
    menu = QMenu()
    page.map.fill_menu(menu, node_of(page, "/usr/bin/tool"))
    words = {action.text(): action for action in menu.actions()}
    words["Show layer 1 alone"].trigger()
    assert page.view.wanted.layer == 1


async def test_an_older_image_is_told(window, settled, tmp_path):
    from slimdesk.workspace.fingerprint import Fingerprint
    from slimdesk.workspace.results import Made, VariantId

    image = read(tmp_path)
    variant = VariantId("shop", "slim")
    made = Fingerprint({"dockerfile": "a"})
    window.workspace.keep_analysis(variant, Made(image, made))
    window.workspace.show_image(OpenedImage("shop:slim", image, variant))
    window.go("image")
    page = page_of(window)
    await settled(lambda: showing(page, image))
    assert not page.notices.notices
    window.workspace.note_state(variant, Fingerprint({"dockerfile": "b"}))
    assert "older" in page.notices.notices[0].text


@pytest.mark.parametrize("size", [(1024, 680), (1280, 800), (1920, 1080)])
async def test_it_fits_its_sizes(make_window, settled, tmp_path, size):
    window = make_window(size=size)
    image = read(tmp_path)
    window.workspace.show_image(OpenedImage("shop.tar", image))
    window.go("image")
    page = page_of(window)
    await settled(lambda: showing(page, image))
    await asyncio.sleep(0.05)
    assert (window.width(), window.height()) == size
    assert page.map.map.width() >= 480
    assert page.map.map.height() >= 320


@pytest.fixture
async def packaged(window, settled, tmp_path):
    """The page with an image that holds packages."""
    image = read_packaged(tmp_path)
    window.workspace.show_image(OpenedImage(str(tmp_path / "packaged.tar"), image))
    window.go("image")
    page = page_of(window)
    await settled(lambda: showing(page, image))
    return page


def names_of(page):
    table = page.packages.table
    return [table.sorted_rows.index(row, 0).data() for row in range(table.sorted_rows.rowCount())]


async def test_packages_are_listed_counted_filtered_and_sorted(packaged):
    page = packaged
    page.tabs.choose("packages")
    assert page._body.currentWidget() is page.packages
    assert names_of(page) == ["libssl3", "flask", "tzdata"]
    assert "2 OS + 1 Python" in page.packages.words.text()
    assert "belong to no package" in page.packages.words.text()
    page.show_filter()
    assert page.tabs.value == "packages"
    page.packages.filter.setText("bsd-3")
    assert names_of(page) == ["flask"]
    page.packages.filter.clear()
    page.packages.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert names_of(page) == ["flask", "libssl3", "tzdata"]
    page.packages.table.selectRow(0)
    page.packages.table.copy_rows()
    assert QGuiApplication.clipboard().text().startswith("flask\t3.1.0\tpypi\tBSD-3-Clause\t")


async def test_a_chosen_package_chooses_its_largest_file_and_can_be_shown_alone(packaged):
    page = packaged
    page.tabs.choose("packages")
    assert not page.packages.show_button.isEnabled()
    page.packages.table.choose(lambda row: row.package.name == "libssl3")
    assert page.view.node == node_of(page, "/usr/lib/libcrypto.so.3")
    assert "package libssl3 3.5.1-1" in page.map.about.words.text()
    page.packages.show_button.click()
    assert page.tabs.value == "contents"
    assert page.view.shown.weight[ROOT] == page.packages.table.item.package.size
    assert page.files.current == node_of(page, "/usr/lib/libcrypto.so.3")
    page.map.all_button.click()
    assert page.view.shown.weight[ROOT] == page.view.image.sizes.files


async def test_the_map_is_coloured_by_package_and_a_mark_hides_one(packaged):
    page = packaged
    page.map.colors.chosen.emit("package")
    assert page.view.coloring.way == "package"
    mark, entry = page.map.legend.marks[0]
    assert mark.text() == "libssl3"
    assert mark.toolTip().startswith("libssl3 3.5.1-1: ")
    QTest.mouseClick(mark, Qt.MouseButton.LeftButton)
    assert page.view.shown.weight[ROOT] == page.view.image.sizes.files - entry.size


async def test_findings_say_what_could_be_saved_and_lead_to_the_place(packaged):
    page = packaged
    page.tabs.choose("findings")
    assert "could save 300\u2009kB" in page.findings.words.text()
    assert not page.findings.whole.isVisible()
    page.findings.table.choose(lambda one: one.rule == "cache")
    assert page.findings.whole.isVisible()
    assert page.findings.whole.text() == page.findings.table.item.message
    assert page.findings.what_to_do.text() == page.findings.table.item.fix
    assert page.view.node == node_of(page, "/root/.cache/pip")
    page.findings.show_button.click()
    assert page.tabs.value == "contents"
    table = page.view.image.table
    assert table.path(page.files.current).startswith("/root/.cache/pip"), "chains of folders are one row"


async def test_the_place_of_a_finding_is_shown_where_it_had_been_left_out(packaged):
    page = packaged
    page.files.filter.setText("*.so.*")
    QTest.keyClick(page.files.filter, Qt.Key.Key_Return)
    page.view.want(package=0)
    page.view.zoom(node_of(page, "/usr/lib"))
    page.tabs.choose("findings")
    page.findings.table.choose(lambda one: one.rule == "cache")
    page.findings.table.opened.emit(page.findings.table.item)
    assert page.view.wanted.everything
    assert page.view.root == ROOT
    assert page.files.current in range(node_of(page, "/root"), len(page.view.image.table))


async def test_a_finding_whose_path_is_not_there_leads_nowhere(window, settled, tmp_path):
    image = read_packaged(tmp_path)
    found = (replace(image.findings[0], path="/not/there\n", bytes=None),)
    image = replace(image, findings=found, could_save=0)
    window.workspace.show_image(OpenedImage("shop.tar", image))
    window.go("image")
    page = page_of(window)
    await settled(lambda: showing(page, image))
    page.tabs.choose("findings")
    page.findings.table.selectRow(0)
    assert page.view.node == -1
    assert not page.findings.show_button.isEnabled()
    assert page.findings.words.text() == "1 finding; no bytes to gain"
    page.findings.table.opened.emit(found[0])
    assert page.tabs.value == "findings"


async def test_where_packages_were_not_read_the_tab_and_the_colour_say_why(window, settled, tmp_path):
    image = read_packaged(tmp_path, fast=True)
    window.workspace.show_image(OpenedImage("shop.tar", image))
    window.go("image")
    page = page_of(window)
    await settled(lambda: showing(page, image))
    assert not page.tabs._bar.isTabEnabled(1)
    assert "were not read" in page.tabs._bar.tabToolTip(1)
    assert page.packages.rows.rowCount() == 0
