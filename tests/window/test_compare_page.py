"""The Compare page: picking, reading, columns on one scale, what differs in tables and treemap, export."""

import asyncio
import json
from dataclasses import replace

import pytest
from PySide6.QtCore import QAbstractItemModel, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QMenu
from unit.image.images import Picture, layer, member, old_save, program

from slimdesk.engine.model import EngineStatus, ImageRecord
from slimdesk.image.difference_model import Change
from slimdesk.image.kept_json import image_files_json
from slimdesk.image.read import Wanted, read_path
from slimdesk.image.summary import image_json
from slimdesk.ui.models.compare_files import FileRows
from slimdesk.ui.models.compare_rows import brief
from slimdesk.ui.pages.report_dialog import ReportDialog
from slimdesk.ui.pages.share_picture import PictureDialog
from slimdesk.workspace.workspace import OpenedImage

FULL = [
    program("bin/sh", b"s" * 120_000), ("usr/share/doc/sh/copyright", 30_000), ("app/main.py", 5_000),
    member("app/data.bin", b"d" * 9_000, mtime=1), program("opt/tool", b"t" * 4_000),
]  # fmt: skip
SLIM = [
    ("app/main.py", 6_500), member("app/data.bin", b"D" * 9_000, mtime=2), program("usr/bin/tool", b"t" * 4_000),
    ("app/<b>&new\n.txt", 700),
]  # fmt: skip


@pytest.fixture
def save(tmp_path):
    def saved(name, members, **picture):
        path = tmp_path / f"{name.replace(':', '-')}.tar"
        path.write_bytes(old_save([Picture([layer(members)], name=name, **picture)]))
        return path

    return saved


@pytest.fixture
def opened(save):
    def made(name, members, **picture):
        path = save(name, members, **picture)
        return OpenedImage(str(path), read_path(path, Wanted()))

    return made


@pytest.fixture
async def compared(make_window, settled, opened):
    """The page with two images on it, wide."""
    window = make_window(size=(1440, 900))
    window.go("compare")
    window.workspace.compare([opened("app:full", FULL), opened("app:slim", SLIM, config={"User": "7"})])
    page = page_of(window)
    await settled(lambda: page.view is not None)
    return page


def page_of(window):
    from slimdesk.ui.pages.compare import ComparePage

    return window.findChild(ComparePage)


def cells(table, column=0):
    model = table.model()
    return [model.index(row, column).data() for row in range(model.rowCount())]


def tag(page, key):
    from PySide6.QtWidgets import QTabBar

    tabs = page.lists.tabs
    button = tabs._bar.tabButton(tabs._keys.index(key), QTabBar.ButtonPosition.RightSide)
    return button.text() if button is not None else None


async def test_without_images_it_says_what_to_do(window, settled, opened):
    window.go("compare")
    page = page_of(window)
    assert page._pages.currentWidget() is page._none
    assert not page._none.built.isEnabled()
    assert "open a project first" in page._none.built.toolTip().lower()
    page.add(opened("one:1", FULL))
    assert "one-1.tar is picked" in page._none._title.text()
    page.add(opened("two:1", SLIM))
    await settled(lambda: page.view is not None)
    assert page._pages.currentWidget() is page._whole


async def test_columns_show_factor_and_bars_on_one_scale(compared):
    one, two = compared.columns.columns
    assert one._change.text() == "reference"
    assert two._factor.text() == "8.32× smaller"
    assert one._bar._bar.full == two._bar._bar.full == 168_000
    compared.workspace.choose_size("live")
    assert two._word.text() == "live"
    compared.swap()
    await asyncio.sleep(0)
    assert [side.name for side in compared.sides] == ["app:slim", "app:full"]


async def test_lists_count_and_show_what_differs(compared):
    lists = compared.lists
    assert [tag(compared, key) for key in ("removed", "added", "changed", "moved", "maybe")] == [
        "2",
        "1",
        "1",
        "1",
        "1",
    ]
    assert cells(lists.file_table) == ["/bin/sh", "/usr/share/doc/sh/copyright"]
    assert cells(lists.file_table, 3) == ["−120\u2009kB", "−30.0\u2009kB"]
    lists.tabs.choose("added")
    assert cells(lists.file_table) == ["/app/<b>&new\\x0a.txt"]
    lists.tabs.choose("changed")
    assert cells(lists.file_table, 1) == ["5.00\u2009kB"]
    assert "another time" in lists.notices.notices[0].text
    lists.tabs.choose("moved")
    row = lists.files.rows[0]
    assert (row.moved_from, row.path) == ("/opt/tool", "/usr/bin/tool")
    lists.tabs.choose("config")
    assert cells(lists.config_table)[0] == "User"


async def test_files_are_filtered_and_sorted_without_a_proxy(compared):
    lists = compared.lists
    lists.filter.setText("doc COPY")
    assert cells(lists.file_table) == ["/usr/share/doc/sh/copyright"]
    lists.filter.setText("*.nothing")
    assert cells(lists.file_table) == []
    lists.filter.setText("")
    lists.file_table.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    assert cells(lists.file_table) == ["/usr/share/doc/sh/copyright", "/bin/sh"], "by bytes more than before"
    lists.file_table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert cells(lists.file_table) == ["/bin/sh", "/usr/share/doc/sh/copyright"]
    lists.file_table.selectRow(0)
    lists.file_table.copy_rows()
    assert QGuiApplication.clipboard().text().startswith("/bin/sh\t120")


async def test_one_choice_in_list_and_treemap(compared):
    table = compared.view.tree.table
    compared.lists.file_table.selectRow(1)
    assert table.path(compared.map.map.selected) == "/usr/share/doc/sh/copyright"
    node = table.find("/app/main.py")
    compared.map.map._choose(node)
    assert compared.lists.tabs.value == "changed"
    assert compared.lists.file_table.item.path == "/app/main.py"
    assert "5.00" in compared.map.words.text()
    assert "+1.50" in compared.map.words.text()


async def test_the_legend_hides_what_it_stands_for(compared):
    assert [mark.text() for mark, _ in compared.map.legend.marks] == [
        "− removed",
        "− smaller",
        "+ larger",
        "+ added",
    ]
    whole = compared.map.map._shown.weight[0]
    compared.map.legend.marks[0][0].click()
    assert compared.map.map._shown.weight[0] == whole - 150_000
    assert compared.map.map.picture.coloring.signs[Change.REMOVED] == "−"


async def test_rows_by_kind_part_layer_and_figure(compared):
    def titles():
        return cells(compared._table)

    assert titles()[:2] == ["Total live", "Programs"]
    compared._choose_where("part")
    assert "Application" in titles()
    compared._choose_where("folder")
    assert {"/bin", "/usr/share", "/app"} <= set(titles())
    compared._choose_where("layer")
    assert titles()[0] == "Total files"
    compared._choose_where("figure")
    assert {"Download", "Shells", "User", "Layers"} <= set(titles())
    user = titles().index("User")
    assert [compared._table.model().index(user, column).data() for column in (1, 2)] == [
        "root (not set)",
        "7",
    ]


async def test_images_are_read_as_a_job_and_what_fails_is_told(window, settled, save, tmp_path):
    window.go("compare")
    broken = tmp_path / "broken.tar"
    broken.write_bytes(b"nothing" * 200)
    page = page_of(window)
    page.add(*(OpenedImage(str(path)) for path in (save("a:1", FULL), broken, save("b:1", SLIM))))
    await settled(lambda: page.view is not None, seconds=60)
    assert [side.name for side in page.sides] == ["a:1", "b:1"]
    assert any("is not an image" in notice.text for notice in window.notices.notices)
    recents = window.workspace.history.recents
    await settled(lambda: [one.about["name"] for one in recents("image")] == ["b:1", "a:1"])


async def test_cancelling_keeps_what_was_there(window, settled, save, opened):
    window.go("compare")
    page = page_of(window)
    page.add(opened("a:1", FULL), OpenedImage(str(save("b:1", SLIM))))
    assert page._pages.currentWidget() is page._reading
    page._cancel()
    await settled(lambda: page._pages.currentWidget() is page._none)
    assert len(window.workspace.compared) == 1


async def test_an_analysis_of_earlier_is_compared(window, settled, opened, tmp_path):
    one = opened("a:1", FULL)
    kept = tmp_path / "kept.json"
    kept.write_text(json.dumps({"schema": 1, **image_json(one.image), "files": image_files_json(one.image)}))
    bare = tmp_path / "bare.json"
    bare.write_text(json.dumps({"schema": 1, **image_json(one.image)}))
    window.go("compare")
    page = page_of(window)
    assert page.drop_paths([str(kept)])
    page.add(opened("b:1", SLIM))
    await settled(lambda: page.view is not None)
    assert cells(page.lists.file_table)[0] == "/bin/sh"
    assert page._why_no_contents()
    page.add(OpenedImage(str(bare)))
    await settled(lambda: len(page.sides) == 3)
    page._choose_pair(1, 2)
    await settled(lambda: page.view.pair.after.image.table is page.sides[2].image.table)
    assert not page.view.pair.files_known
    page.lists.tabs.choose("removed")
    assert "not known" in page.lists._none.text()
    assert any("without files" in notice.text for notice in page.notices.notices)


async def test_an_image_with_itself_says_so(window, settled, opened):
    one = opened("a:1", FULL)
    window.go("compare")
    window.workspace.compare([one, one])
    page = page_of(window)
    await settled(lambda: page.view is not None)
    assert "the same image" in page.notices.notices[0].text
    assert page.lists._none.text() == "No file was removed."
    assert page.map.map.empty_words == "No bytes differ"


async def test_other_platforms_are_said(window, settled, opened):
    window.go("compare")
    arm = replace(opened("b:1", SLIM).image, platform="linux/arm64")
    window.workspace.compare([opened("a:1", FULL), OpenedImage("b:1", arm)])
    page = page_of(window)
    await settled(lambda: page.view is not None)
    assert "different platforms" in page.notices.notices[0].text


async def test_an_image_that_was_removed_is_still_compared(window, settled, opened):
    window.go("compare")
    sides = [
        OpenedImage(name, replace(opened(name, members).image, source="engine", image_id=f"sha256:{name}"))
        for name, members in (("a:1", FULL), ("b:1", SLIM))
    ]
    window.workspace.compare(sides)
    page = page_of(window)
    await settled(lambda: page.view is not None)
    window.workspace.set_engine(EngineStatus(True, "here", None, "unix:///x"))
    window.workspace.set_engine_images([ImageRecord("sha256:a:1", ("a:1",), None, 1, {})])
    assert "b:1 is no longer in the engine" in page.notices.notices[0].text
    assert page.view is not None


async def test_menus_offer_what_can_be_done(compared):
    menu = QMenu()
    compared._fill_column(1, menu)
    words = [action.text() for action in menu.actions()]
    assert words[:3] == ["Open on the Image page", "Make it the reference", "Take another instead"]
    menu.actions()[1].trigger()
    await asyncio.sleep(0)
    assert compared.sides[0].name == "app:slim"
    menu.clear()
    compared._fill_column(0, menu)
    menu.actions()[-1].trigger()
    assert compared._pages.currentWidget() is compared._none


async def test_up_to_six_and_any_two_of_them(make_window, settled, opened):
    window = make_window(size=(1280, 800))
    window.go("compare")
    page = page_of(window)
    page.add(*(opened(f"app:{number}", [("x", 1000 + number)]) for number in range(7)))
    await settled(lambda: page.view is not None)
    assert len(page.sides) == 6
    assert not page.columns.add.isEnabled()
    assert any("6 images" in notice.text for notice in window.notices.notices)
    page._choose_pair(2, 5)
    await settled(lambda: page.view.pair.after is page.sides[5])
    assert page.view.pair.before is page.sides[2]


async def test_the_treemap_is_a_tab_where_there_is_no_room(compared, settled):
    window = compared.window()
    assert compared.map.parent() is compared._upper
    window.resize(1200, 800)
    await settled(lambda: compared.map.parent() is not compared._upper)
    assert compared.lists.tabs.value == "map"
    compared.lists.tabs.choose("removed")
    assert compared.lists.filter.isVisible()
    window.resize(1500, 900)
    await settled(lambda: compared.map.parent() is compared._upper)
    assert compared.map.isVisible()
    assert compared.lists.tabs.value == "removed"


@pytest.mark.parametrize("kind", ["md", "json", "csv"])
async def test_the_comparison_is_written_whole(compared, settled, tmp_path, monkeypatch, kind):
    target = tmp_path / f"out.{kind}"

    async def picked(*_args):
        return target

    monkeypatch.setattr("slimdesk.ui.pages.compare_export.pick_new_file", picked)
    compared.export(kind)
    await settled(target.exists)
    text = target.read_text()
    assert "/bin/sh" in text or kind == "md"
    if kind == "json":
        assert json.loads(text)["differences"][0]["removed"][0]["path"] == "/bin/sh"


async def test_a_place_that_cannot_be_written_is_told(compared, settled, tmp_path, monkeypatch):
    (tmp_path / "file").touch()

    async def picked(*_args):
        return tmp_path / "file" / "out.md"

    monkeypatch.setattr("slimdesk.ui.pages.compare_export.pick_new_file", picked)
    compared.export("md")
    window = compared.window()
    await settled(lambda: window.notices.notices)
    assert "out.md" in window.notices.notices[0].text
    assert "is written" not in window.notices.notices[0].text


async def test_ticked_variants_are_compared_against_the_reference(window, settled, opened):
    from slimdesk.engine.model import BuildResult
    from slimdesk.ui.models.variants import VariantRow
    from slimdesk.ui.pages.variants_compare import comparable, compare_ticked
    from slimdesk.workspace.fingerprint import Fingerprint
    from slimdesk.workspace.results import Made, VariantId, VariantResults

    def row(family, *, ticked, members=FULL, built=True):
        image = opened(f"api:{family}", members).image
        results = VariantResults(
            build=Made(
                BuildResult(image_id=f"sha256:{family}", tag=f"slimdesk/api:{family}", seconds=1.0, steps=()),
                Fingerprint({}),
            ),
            analysis=Made(image, Fingerprint({})),
        )
        return VariantRow(
            VariantId("api", family),
            family,
            True,
            "",
            ticked=ticked,
            results=results if built else VariantResults(),
        )

    rows = [
        row("slim", ticked=True, members=SLIM),
        row("alpine", ticked=False),
        row("baseline", ticked=False),
        row("full", ticked=True, built=False),
    ]
    assert [one.where for one in comparable(rows)] == ["slimdesk/api:baseline", "slimdesk/api:slim"]
    compare_ticked(window.desk, rows[3:])
    assert "nothing to compare" in window.notices.notices[0].text
    compare_ticked(window.desk, rows)
    assert window.page == "compare"
    page = page_of(window)
    await settled(lambda: page.view is not None)
    assert page.sides[0].image is rows[2].image


async def test_contents_settle_what_is_uncertain(compared, settled):
    compared.lists.tabs.choose("maybe")
    compared.read_contents()
    await settled(lambda: compared.view.pair.files.proven, seconds=60)
    counts = compared.view.counts
    assert (counts[Change.CHANGED], counts[Change.MOVED], counts[Change.MAYBE]) == (2, 1, 0)
    assert not compared.lists.tabs._bar.isTabVisible(compared.lists.tabs._keys.index("maybe"))


async def test_the_model_of_files_keeps_the_rules_of_models(compared):
    model: QAbstractItemModel = compared.lists.files
    assert isinstance(model, FileRows)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.sort(3, Qt.SortOrder.AscendingOrder)
    model.find("x")
    model.find("")
    compared.lists.tabs.choose("added")


async def test_every_page_state_is_painted_in_both_themes(make_window, theme, settled, opened):
    window = make_window(theme, size=(1440, 900))
    window.go("compare")
    window.workspace.compare([opened("a:1", FULL), opened("b:1", SLIM)])
    page = page_of(window)
    await settled(lambda: page.view is not None)
    assert not window.grab().isNull()
    QTest.mouseMove(page.map.map, QPoint(60, 60))
    assert page.lists.file_table.accessibleName()


def test_heads_of_columns_tell_images_apart():
    assert brief(["shop/api:full", "shop/api:slim"]) == ["full", "slim"]
    assert brief(["api:1", "web:1"]) == ["api:1", "web:1"]
    assert brief(["shop/api:1 (linux/amd64)", "shop/api:1 (linux/arm64)"]) == ["linux/amd64", "linux/arm64"]
    assert brief(["api:1 (old.tar)", "api:1 (new.tar)", "web:2"]) == ["1 (old.tar)", "1 (new.tar)", "2"]
    assert brief(["api:1", "api:1 (2)"]) == ["api:1", "2"]
    assert brief(["localhost:5000/app:a-very-long-tag-indeed", "b:2"]) == ["a-very-long-…", "2"]


async def test_a_comparison_is_reported_and_copied_as_picture(compared, settled, tmp_path, monkeypatch):
    async def picked(*_args):
        return tmp_path / "out.md"

    monkeypatch.setattr("slimdesk.ui.pages.report_dialog.pick_new_file", picked)
    window = compared.window()
    window.desk.actions.run("compare-report")
    await settled(lambda: window.findChild(ReportDialog) is not None)
    dialog = window.findChild(ReportDialog)
    dialog.choose("md")
    dialog.accept()
    await settled((tmp_path / "out.md").exists)
    assert "app:full" in (tmp_path / "out.md").read_text()
    window.desk.actions.run("compare-picture")
    await settled(lambda: window.findChild(PictureDialog) is not None)
    shown = window.findChild(PictureDialog)
    assert "smaller" in shown.line
    assert "not started" in shown.line
    shown.reject()
