"""The Image page: regular expressions, kinds and changes, layers, the legend, what is done with a file, exports."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from window.shown_image import node_of, show_small

from slimdesk.image.table import ROOT


@pytest.fixture
async def shown(window, settled, tmp_path):
    """The page with the small image on it."""
    return await show_small(window, settled, tmp_path)


async def test_a_bad_regular_expression_is_said_at_its_field_and_nothing_is_lost(shown):
    page = shown
    page.files.filter.setText("*.so.*")
    QTest.keyClick(page.files.filter, Qt.Key.Key_Return)
    assert page.view.shown.weight[ROOT] == 490_000
    page.files.bar.asked.emit({"regex": True, "text": "*.so.*"})
    assert not page.files.bar.problem.isHidden()
    assert "no regular expression" in page.files.bar.problem.text()
    assert page.view.shown.weight[ROOT] == 490_000
    page.files.bar.asked.emit({"regex": True, "text": r"^lib.*\.so"})
    assert page.files.bar._problem_row.isHidden()
    assert page.view.shown.weight[ROOT] == 490_000
    page.files.filter.setText("[")
    QTest.keyClick(page.files.filter, Qt.Key.Key_Return)
    assert "no regular expression" in page.files.bar.problem.text()
    page.files.bar.asked.emit({"regex": True, "text": "(a+)+$"})
    assert "for ever" in page.files.bar.problem.text()


async def test_kinds_and_changes_are_chosen_in_the_filters_menu(shown):
    from PySide6.QtWidgets import QMenu

    page = shown

    def pick(word):
        menu = QMenu()
        page.files.bar.fill(menu)
        found = [*menu.actions(), *(one for sub in menu.findChildren(QMenu) for one in sub.actions())]
        next(one for one in found if one.text() == word).trigger()

    pick("Libraries")
    assert page.view.shown.weight[ROOT] == 490_000
    assert "libraries" in page.files.bar.menu_button.toolTip()
    pick("Libraries")
    pick("Removed")
    assert page.view.shown.weight[ROOT] == 300_000
    assert page.map.all_button.isVisible()
    pick("Clear these filters")
    assert page.view.wanted.everything


async def test_a_layer_is_seen_alone_or_with_all_below_it(shown):
    page = shown
    layers = page.view.image.layers
    assert page.files.layer_bar.isHidden()
    page.layers.picked.emit(1)
    assert not page.files.layer_bar.isHidden()
    page.files.layer_bar._switch.chosen.emit("up_to")
    assert page.view.wanted.layer is None
    assert page.view.shown.weight[ROOT] == layers[0].sizes.files + layers[1].sizes.files
    page.layers.picked.emit(2)
    assert page.view.wanted.up_to == 2, "another layer is shown in the same way"
    cc1 = next(n for n in range(len(page.view.image.table)) if page.view.image.table.name(n) == "cc1")
    tile = page.map.map.tiles.tile_of(page.view.image.table, cc1)
    assert page.map.map.tiles.shadowed[tile]
    page.layers.picked.emit(1)
    tile = page.map.map.tiles.tile_of(page.view.image.table, cc1)
    assert not page.map.map.tiles.shadowed[tile], "layer 2, which deletes it, is not there yet"
    page.layers.picked.emit(-1)
    assert page.view.wanted.everything
    assert page.files.layer_bar.isHidden()


async def test_a_file_is_looked_at_by_enter_space_button_and_menu(shown, settled, monkeypatch):
    from slimdesk.ui.pages import image_inside

    page = shown
    seen = []
    monkeypatch.setattr(
        image_inside, "open_look_inside", lambda _desk, _opened, path, layer: seen.append((path, layer))
    )
    monkeypatch.setattr(
        image_inside,
        "open_save",
        lambda _desk, _opened, path, _layer, as_tar=False: seen.append((path, as_tar)),
    )
    assert not page.map._look.isEnabled()
    assert "choose a file" in page.map._look.toolTip()
    node = node_of(page, "/usr/bin/tool")
    page.files.opened.emit(node)
    page.view.select(node)
    page.files.tree.setFocus()
    QTest.keyClick(page.files.tree, Qt.Key.Key_Space)
    QTest.keyClick(page.map.map, Qt.Key.Key_Space)
    page.map._look.click()
    assert seen == [("/usr/bin/tool", None)] * 4
    cc1 = next(n for n in range(len(page.view.image.table)) if page.view.image.table.name(n) == "cc1")
    page.acts.look(cc1)
    assert seen[-1] == ("/usr/lib/gcc/12/cc1", 1), "a hidden copy is that of its layer"
    page.map._save.click()
    assert seen[-1] == ("/usr/bin/tool", False)
    page.view.select(node_of(page, "/usr/lib"))
    assert not page.map._look.isEnabled()
    assert page.map._save.isEnabled()


async def test_a_folder_is_saved_as_files_or_as_one_tar_and_leaving_out_says_what_it_lacks(shown):
    from PySide6.QtWidgets import QMenu

    page = shown
    menu = QMenu()
    page.map.fill_menu(menu, node_of(page, "/usr/lib"))
    words = {action.text(): action for action in menu.actions()}
    assert {"Save folder…", "Save folder as one .tar…"} <= set(words)
    assert "Look inside" not in words
    assert not words["Leave out…"].isEnabled()
    assert "open the project" in words["Leave out…"].toolTip()
    page.tabs.choose("findings")
    page.findings.table.selectRow(0)
    menu = QMenu()
    page.findings._menu(menu, page.findings.table.item)
    assert "Leave out…" in [action.text() for action in menu.actions()]


async def test_every_figure_says_what_it_is_and_its_parts(shown):
    from slimdesk.ui.pages.image_figures import figures

    page = shown
    image = page.view.image
    told = {one.caption.partition(",")[0]: one for one in figures(image, 123)}
    assert set(told) == {
        "Download", "Unpacked", "Files", "Live", "Shadowed", "Score", "Could save", "dive's efficiency", "Entries",
    }  # fmt: skip
    assert "Base 491" in told["Files"].tip
    assert "123 bytes" in told["Files"].tip
    assert "1 apt-get install" in told["Shadowed"].tip
    assert "files − live" in told["Shadowed"].tip
    assert "/usr 580" in told["Live"].tip
    assert "of each path the smallest copy" in told["dive's efficiency"].tip
    assert "each byte counted once" in told["Could save"].tip
    assert told["Entries"].value == str(sum(layer.entries for layer in image.layers))


def test_a_layer_is_named_after_what_it_installs():
    from types import SimpleNamespace

    from slimdesk.ui.models.image_colors import layer_word

    def word(text):
        return layer_word(SimpleNamespace(index=2, instruction=text))

    assert word("RUN set -eux; DEBIAN_FRONTEND=noninteractive apt-get install -y git") == "2 apt-get install"
    assert word("RUN set -ex && export A=b && make -j4") == "2 make"
    assert word("RUN set -e") == "2 RUN"
    assert word("COPY . /app") == "2 COPY /app"
    assert (
        word("COPY --from=build /venv/lib /usr/local/lib/python3/site-packages") == "2 COPY …3/site-packages"
    )
    assert word('COPY ["a b", "/app/"]') == "2 COPY"
    assert "\x1b" not in word("COPY a /\x1b[31m")
    assert word(None) == "2"


async def test_a_mark_of_the_legend_leaves_what_it_stands_for_alone_and_brings_all_back(shown):
    from PySide6.QtWidgets import QMenu

    page = shown
    page.map.colors.chosen.emit("kind")
    mark, entry = page.map.legend.marks[0]
    QTest.mouseClick(mark, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier)
    assert page.view.shown.weight[ROOT] == entry.size
    mark, entry = page.map.legend.marks[0]
    QTest.mouseClick(mark, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier)
    assert page.view.shown.weight[ROOT] == page.view.image.sizes.files
    menu = QMenu()
    page.map.legend.fill_menu(menu, page.map.legend.marks[1][1])
    menu.actions()[0].trigger()
    assert page.view.shown.weight[ROOT] == page.map.legend.marks[1][1].size


def test_the_legend_has_two_rows_before_it_cuts_a_word(qtbot):
    from slimdesk.ui.models.image_colors import LegendEntry
    from slimdesk.ui.widgets.treemap_legend import TreemapLegend

    legend = TreemapLegend()
    qtbot.addWidget(legend)
    names = [f"python3-package-{number}" for number in range(7)]
    entries = [
        LegendEntry(name, frozenset({number}), ("tile", number), 5) for number, name in enumerate(names)
    ]
    legend.resize(760, 40)
    legend.show_entries(entries, frozenset(), 5, shadowed=True)
    tops = {mark.y() for mark, _ in legend.marks}
    assert len(tops) == 2
    assert all(mark.width() >= mark.sizeHint().width() for mark, _ in legend.marks)
    legend.resize(300, legend.height())
    legend._place()
    assert len({mark.y() for mark, _ in legend.marks}) <= 4
    assert all(mark.geometry().right() <= 300 for mark, _ in legend.marks)
    legend.resize(2000, legend.height())
    legend._place()
    assert len({mark.y() for mark, _ in legend.marks}) == 1


def test_marks_of_the_legend_stay_where_they_are_when_what_they_mean_changes(qtbot):
    from slimdesk.ui.models.image_colors import LegendEntry
    from slimdesk.ui.widgets.treemap_legend import TreemapLegend

    legend = TreemapLegend()
    qtbot.addWidget(legend)
    first, second, third = (LegendEntry(f"kind {n}", frozenset({n}), ("tile", n), n) for n in range(3))
    legend.resize(900, 40)
    legend.show()
    legend.show_entries((first, second), frozenset(), 0, shadowed=True)
    mark = legend.marks[0][0]
    told, hatched = [], []
    legend.switched.connect(told.append)
    legend.shadowed.connect(hatched.append)
    mark.click()
    # Who switches by the keyboard goes on from the mark that has the focus.
    legend.show_entries((third,), frozenset({2}), 7, shadowed=True)
    assert legend.marks[0][0] is mark
    assert (mark.text(), mark.isChecked()) == ("kind 2", False)
    mark.click()
    legend.marks[1][0].click()
    assert told == [frozenset({0}), frozenset({2})]
    assert hatched == [False]
    legend.show_entries((), frozenset(), 0, shadowed=True)
    assert not mark.isVisible()


@pytest.mark.parametrize("kind", ["png", "svg", "json"])
async def test_the_map_and_the_analysis_are_written_where_the_person_says(
    shown, settled, tmp_path, monkeypatch, kind
):
    from slimdesk.ui.pages import image_export

    page, path = shown, tmp_path / f"out.{kind}"

    async def picked(_window, _title, name, _filters):
        assert name == f"shop-1.{kind}"
        return path

    monkeypatch.setattr(image_export, "pick_new_file", picked)
    page._exporter.export(kind)
    await settled(lambda: path.exists() and not page.workspace.jobs.running)
    data = path.read_bytes()
    assert data.startswith({"png": b"\x89PNG", "svg": b"<?xml", "json": b"{"}[kind])
    if kind == "svg":
        assert b"shop:1, whole image, " in data
    assert page.desk.window.notices.notices


async def test_nothing_is_written_when_the_person_leaves_the_dialog_or_the_place_cannot_be_written(
    shown, settled, tmp_path, monkeypatch
):
    from slimdesk.ui.pages import image_export

    page = shown
    answers = [None, tmp_path / "file" / "out.svg"]
    (tmp_path / "file").write_text("no folder")

    async def picked(*_args):
        return answers.pop(0)

    monkeypatch.setattr(image_export, "pick_new_file", picked)
    page._exporter.export("svg")
    await settled(lambda: len(answers) == 1)
    page._exporter.export("svg")
    await settled(lambda: any("was not written" in one.text for one in page.desk.window.notices.notices))
    assert (tmp_path / "file").read_text() == "no folder"
