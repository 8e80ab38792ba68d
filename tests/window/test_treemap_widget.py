"""The treemap: colours of known tiles, hatches, hit tests, keys, zoom, and what is exported."""

from xml.etree import ElementTree as ET

import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QWheelEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from window.small_image import read

from slimdesk.image.table import ROOT
from slimdesk.ui.models.files_view import Columns, Wanted, shown_nodes
from slimdesk.ui.models.image_colors import by_kind, by_layer
from slimdesk.ui.pages.image_export import analysis_json, treemap_png
from slimdesk.ui.pages.treemap_switched import SwitchedTreemap, lays_out
from slimdesk.ui.theme import current
from slimdesk.ui.theme.fonts import set_zoom
from slimdesk.ui.widgets.treemap import Treemap
from slimdesk.ui.widgets.treemap_paint import tile_color, tile_name
from slimdesk.ui.widgets.treemap_svg import Caption, treemap_svg


@pytest.fixture
def image(tmp_path):
    return read(tmp_path)


@pytest.fixture
def dress(qapp):
    def choose(appearance="light"):
        current().start(appearance) if current().appearance == "system" else current().choose(appearance)

    choose()
    yield choose
    choose("light")


@pytest.fixture
def treemap(qtbot, dress, image):
    widget = Treemap()
    qtbot.addWidget(widget)
    widget.resize(900, 600)
    widget.show_files(image.table, shown_nodes(image.table, Wanted()), by_layer(image))
    return widget


def shot(widget):
    return widget.grab().toImage()


def colors_in(picture, rect, step=3):
    return {
        picture.pixelColor(x, y).name()
        for x in range(rect.left() + 4, rect.right() - 4, step)
        for y in range(rect.center().y(), rect.bottom() - 6, step)
    }


@pytest.mark.parametrize("appearance", ["light", "dark"])
def test_a_tile_has_the_colour_of_its_layer_in_both_themes(treemap, image, dress, appearance):
    dress(appearance)
    table = image.table
    rect = treemap.tile_rect(table.find("/usr/bin/tool"))
    assert colors_in(shot(treemap), rect) == {QColor(current().tokens.tiles[0]).name()}
    base = treemap.tile_rect(table.find("/usr/lib/libc.so.6"))
    assert colors_in(shot(treemap), base) == {QColor(current().tokens.base_tiles[0]).name()}


def test_shadowed_bytes_are_hatched(treemap, image):
    table = image.table
    hidden = next(n for n in range(len(table)) if table.path(n).endswith("cc1"))
    found = colors_in(shot(treemap), treemap.tile_rect(hidden), step=1)
    assert tile_color(("tile", 0)).name() in found
    assert current().color("s2").name() in found


def test_a_point_belongs_to_the_tile_that_is_drawn_there(treemap, image):
    table = image.table
    for path in ("/usr/lib/libc.so.6", "/usr/bin/tool", "/app/main.py"):
        node = table.find(path)
        center = treemap.tile_rect(node).center()
        assert treemap.node_at(center.x(), center.y()) == node
    assert treemap.node_at(-5, 5) is None
    tiles = treemap.tiles
    assert "usr" in {tile_name(treemap.picture, tile) for tile in range(len(tiles))}


def test_sizes_are_in_proportion(treemap, image):
    table = image.table
    one = treemap.tile_rect(table.find("/app/main.py"))
    two = treemap.tile_rect(table.find("/app/data.json"))
    assert one.width() * one.height() / (two.width() * two.height()) == pytest.approx(150 / 60, rel=0.05)


def test_a_click_chooses_and_a_double_click_zooms(treemap, image, qtbot):
    node = image.table.find("/usr/bin/tool")
    where = treemap.tile_rect(node).center()
    with qtbot.waitSignal(treemap.chosen) as chosen:
        QTest.mouseClick(treemap, Qt.MouseButton.LeftButton, pos=where)
    assert chosen.args == [node]
    with qtbot.waitSignal(treemap.zoomed) as zoomed:
        QTest.mouseDClick(treemap, Qt.MouseButton.LeftButton, pos=where)
    assert image.table.path(zoomed.args[0]) == "/usr/bin"


def test_keys_move_zoom_in_and_out(treemap, image, qtbot):
    QTest.keyClick(treemap, Qt.Key.Key_Right)
    first = treemap.selected
    assert image.table.path(first) == "/usr/lib/libc.so.6", "the first press chooses the largest"
    QTest.keyClick(treemap, Qt.Key.Key_Right)
    second = treemap.selected
    assert second != first
    assert treemap.tile_rect(second).left() >= treemap.tile_rect(first).right() - 2
    QTest.keyClick(treemap, Qt.Key.Key_Left)
    assert treemap.tile_rect(treemap.selected).right() <= treemap.tile_rect(second).left() + 2
    treemap.zoomed.connect(treemap.zoom_to)
    QTest.keyClick(treemap, Qt.Key.Key_Return)
    assert treemap.root != ROOT
    QTest.keyClick(treemap, Qt.Key.Key_Home)
    assert treemap.root == ROOT
    treemap.zoom_to(image.table.find("/usr/bin"))
    QTest.keyClick(treemap, Qt.Key.Key_Backspace)
    assert image.table.path(treemap.root) == "/usr"
    assert "/usr/lib" in treemap.accessibleDescription()


def test_the_wheel_zooms_towards_the_pointer_and_back(treemap, image):
    treemap.zoomed.connect(treemap.zoom_to)
    where = QPointF(treemap.tile_rect(image.table.find("/usr/bin/tool")).center())

    def turn(notches):
        event = QWheelEvent(
            where, where, QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(treemap, event)

    turn(1)
    assert image.table.path(treemap.root) == "/usr"
    turn(-1)
    assert treemap.root == ROOT
    turn(-1)
    assert treemap.root == ROOT


def test_pointing_lights_up_and_tells(treemap, image, qtbot):
    node = image.table.find("/app/main.py")
    before = shot(treemap)
    with qtbot.waitSignal(treemap.pointed) as pointed:
        QTest.mouseMove(treemap, treemap.tile_rect(node).center())
    assert pointed.args == [node]
    rect = treemap.tile_rect(node)
    edge = QPoint(rect.left(), rect.center().y())
    assert shot(treemap).pixelColor(edge) != before.pixelColor(edge)


def test_nothing_to_show_says_so(qtbot, dress, image):
    widget = Treemap()
    qtbot.addWidget(widget)
    widget.resize(400, 300)
    widget.empty_words = "Nothing matches"
    table = image.table
    widget.show_files(
        table, shown_nodes(table, Wanted(), Columns(matched=bytearray(len(table)))), by_layer(image)
    )
    assert not len(widget.tiles)
    assert widget.node_at(10, 10) is None
    QTest.keyClick(widget, Qt.Key.Key_Right)
    assert widget.selected == -1
    widget.show_files(None, None, None)
    assert shot(widget).width() == 400


def test_larger_type_has_higher_heads(treemap, qapp):
    before = treemap.tiles.head
    set_zoom(12)
    try:
        qapp.processEvents()
        larger = treemap.tiles.head
    finally:
        set_zoom(0)
    qapp.processEvents()
    assert larger > before == treemap.tiles.head


def test_other_colours_need_no_new_layout(treemap, image):
    tiles = treemap.tiles
    treemap.color_by(by_kind(image.table))
    assert treemap.tiles is tiles
    rect = treemap.tile_rect(image.table.find("/usr/lib/libc.so.6"))
    assert colors_in(shot(treemap), rect) == {QColor(current().tokens.tiles[0]).name()}


@pytest.fixture
def waiting(qtbot, dress):
    """A treemap that lays out elsewhere, and what waits there to be run."""
    works = []
    widget = Treemap("Elsewhere", lambda work, done: works.append((work, done)))
    qtbot.addWidget(widget)
    widget.resize(900, 600)
    return widget, works


def run(works):
    while works:
        work, done = works.pop(0)
        done(work())


def test_colours_are_filled_in_where_the_layout_runs(waiting, image):
    widget, works = waiting
    shown = shown_nodes(image.table, Wanted())
    widget.show_files(image.table, shown, by_layer(image))
    run(works)
    tiles = widget.tiles
    widget.color_by(by_kind(image.table))
    assert len(works) == 1, "not on the window's own thread"
    run(works)
    assert widget.tiles is tiles
    rect = widget.tile_rect(image.table.find("/usr/lib/libc.so.6"))
    assert colors_in(shot(widget), rect) == {QColor(current().tokens.tiles[0]).name()}


def test_colours_that_change_while_tiles_are_placed_do_not_lose_the_tiles(waiting, image):
    widget, works = waiting
    widget.show_files(image.table, shown_nodes(image.table, Wanted()), by_layer(image))
    widget.color_by(by_kind(image.table))
    run(works)
    rect = widget.tile_rect(image.table.find("/usr/lib/libc.so.6"))
    assert colors_in(shot(widget), rect) == {QColor(current().tokens.tiles[0]).name()}


def test_until_another_table_is_laid_out_no_tile_speaks_of_it(waiting, image, tmp_path):
    widget, works = waiting
    widget.show_files(image.table, shown_nodes(image.table, Wanted()), by_layer(image))
    run(works)
    before = shot(widget)
    (tmp_path / "two").mkdir()
    other = read(tmp_path / "two")
    widget.show_files(other.table, shown_nodes(other.table, Wanted()), by_layer(other))
    assert widget.node_at(300, 300) is None
    assert widget.tiles is None
    assert shot(widget) == before, "the old picture stays so long"
    run(works)
    assert widget.node_at(300, 300) is not None


def test_the_map_and_the_analysis_can_be_exported(treemap, image):
    picture = treemap.picture
    caption = Caption("Treemap of <shop> & \x1b[31m", treemap.picture.coloring.legend, shadowed=True)
    png = QImage.fromData(treemap_png(picture, QSize(900, 600), caption), "PNG")
    assert png.width() == 1800
    assert png.height() > 1264
    assert tile_color(("tile", 0)).name() in {png.pixelColor(x, 700).name() for x in range(0, 1800, 20)}
    svg = treemap_svg(picture, QSize(900, 600), caption)
    root = ET.fromstring(svg)
    space = "{http://www.w3.org/2000/svg}"
    assert root.find(f"{space}title").text == "Treemap of <shop> & \\x1b[31m"
    texts = [one.text for one in root.iter(f"{space}text")]
    assert "libc.so.6" in texts
    assert "880\u2009kB" in "".join(texts) or "490\u2009kB" in "".join(texts)
    assert "/" not in texts, "the head of the whole stands outside the map"
    for one in root.iter():
        assert all(float(one.get(key, "0")) >= 0 for key in ("x", "y", "width", "height"))
    titles = [one.text for one in root.iter(f"{space}title")]
    assert any(title.startswith("/usr/lib/libz.so.1, 90") for title in titles)
    fills = {one.get("fill") for one in root.iter(f"{space}rect")}
    patterns = {f"url(#{one.get('id')})" for one in root.iter(f"{space}pattern")}
    assert {fill for fill in fills if fill.startswith("url(")} <= patterns
    drawn = QImage(900, 700, QImage.Format.Format_RGB32)
    painter = QPainter(drawn)
    renderer = QSvgRenderer(svg)
    assert renderer.isValid()
    renderer.render(painter)
    painter.end()
    node = treemap._table.find("/usr/bin/tool")
    at = treemap.tile_rect(node).center() + QPoint(0, 32)
    assert tile_color(("tile", 0)).name() in {
        drawn.pixelColor(at.x() + x, round(at.y() * 700 / renderer.defaultSize().height())).name()
        for x in range(-9, 9)
    }
    import json

    whole = json.loads(analysis_json(image))
    assert whole["schema"] == 1
    assert whole["sizes"]["files"] == image.sizes.files


class Beside:
    """A desk as far as laying out needs one: what is spawned waits, what blocks runs."""

    def __init__(self):
        self.spawned = []

    def spawn(self, work):
        self.spawned.append(work)

    async def blocking(self, work):
        return work()


@pytest.mark.parametrize(("nodes", "beside"), [(2_499, 0), (2_500, 1)])
def test_only_large_trees_are_laid_out_beside_the_loop(nodes, beside):
    desk, taken = Beside(), []
    lays_out(desk, lambda: nodes)(lambda: "tiles", taken.append)
    assert len(desk.spawned) == beside
    for work in desk.spawned:
        assert taken == []
        with pytest.raises(StopIteration):
            work.send(None)
    assert taken == ["tiles"]


def test_a_folder_that_the_legend_has_emptied_gives_way_to_the_whole(qtbot, dress, image):
    pane = SwitchedTreemap(Beside(), "Switched")
    qtbot.addWidget(pane)
    pane.resize(900, 600)
    colors, table = by_layer(image), image.table
    pane.show_table(table, colors)
    told = []
    pane.shown.connect(told.append)
    folder = table.find("/usr/lib")
    pane.zoom(folder)
    for entry in colors.legend[:-1]:
        pane.legend.switched.emit(entry.codes)
    pane.legend.switched.emit(colors.legend[-1].codes)
    assert pane.map.root == ROOT
    assert told[0] == folder
    assert told[-1] == ROOT
    pane.show_table(None)
    assert pane.map.tiles is None
