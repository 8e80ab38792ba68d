"""Small folders that are placed at once: the same tiles as one folder after the other."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from unit.image.images import Picture, layer, old_save

from slimdesk.image import treemap
from slimdesk.image.read import read_path
from slimdesk.image.table import FileTable
from slimdesk.image.treemap import GROUP, Layout, layout, squarified, weights
from slimdesk.image.treemap_leaves import _squarified

WHOLE = ("node", "top", "count", "size", "folder", "header", "shadowed", "last")
PLACES = ("x", "y", "width", "height")


def table_of(tmp_path: Path, *layers: list) -> FileTable:
    path = tmp_path / "image.tar"
    path.write_bytes(old_save([Picture([layer(members) for members in layers])]))
    return read_path(path).table


def forest(tmp_path: Path, seed: int) -> FileTable:
    """Many folders of few files, some of them empty, alone, hidden, or beside a folder."""
    chance = random.Random(seed)
    members = [
        (
            f"t{top}/p{part}/f{number:02}",
            0 if chance.random() < 0.1 else int(10 * 2 ** (chance.random() * 10)),
        )
        for top in range(6)
        for part in range(20)
        for number in range(chance.randrange(1, 30))
    ]
    members += [(f"t{top}/p0/inner/x", 700) for top in range(6)]
    gone = [(f"t1/.wh.p{part}", 0) for part in range(10)] + [("t2/p3/.wh.f00", 0)]
    return table_of(tmp_path, sorted(members), gone)


def both(
    monkeypatch: pytest.MonkeyPatch, table: FileTable, width: float, height: float, **options: object
) -> tuple[Layout, Layout]:
    """Lay out one folder after the other, and at once."""
    monkeypatch.setattr(treemap, "MANY", 1 << 30)
    one = layout(table, width, height, **options)  # type: ignore[arg-type]
    monkeypatch.setattr(treemap, "MANY", 0)
    return one, layout(table, width, height, **options)  # type: ignore[arg-type]


def assert_same(one: Layout, two: Layout) -> None:
    for name in WHOLE:
        assert getattr(one, name) == getattr(two, name), name
    for name in PLACES:
        assert list(getattr(two, name)) == pytest.approx(list(getattr(one, name)), abs=1e-3), name


@pytest.mark.parametrize(("width", "height"), [(900, 600), (300, 1200), (150, 90), (61, 800)])
def test_all_tiles_are_those_of_one_folder_after_the_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, width: float, height: float
) -> None:
    table = forest(tmp_path, 3)
    one, two = both(monkeypatch, table, width, height)
    assert GROUP in one.node
    assert_same(one, two)


def test_filters_and_hidden_bytes_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    table = forest(tmp_path, 4)
    some = weights(table, lambda node: node % 3 == 0)
    one, two = both(monkeypatch, table, 900, 600, weight=some)
    assert_same(one, two)
    one, two = both(monkeypatch, table, 900, 600, shadowed=False)
    assert_same(one, two)
    one, two = both(monkeypatch, table, 900, 600)
    assert any(hidden for node, hidden in zip(two.node, two.shadowed, strict=True) if node == GROUP)
    assert_same(one, two)


def test_a_point_finds_its_tile_among_those_placed_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _, tiles = both(monkeypatch, forest(tmp_path, 5), 900, 600)
    for tile in range(len(tiles)):
        if tiles.last[tile] == tile + 1 and not tiles.folder[tile]:
            middle = tiles.x[tile] + tiles.width[tile] / 2, tiles.y[tile] + tiles.height[tile] / 2
            assert tiles.at(*middle) == tile


def test_boxes_are_filled_side_by_side_as_one_alone_would_be_also_without_room() -> None:
    chance = random.Random(6)
    boxes = [(5.0, 7.0, 40.0, 12.0), (9.0, 1.0, 0.0, 40.0), (0.0, 0.0, 8.0, 90.0), (3.0, 3.0, 30.0, 30.0)]
    areas = []
    for box, number in zip(boxes, (7, 2, 1, 30), strict=True):
        shares = sorted((chance.random() + 0.01 for _ in range(number)), reverse=True)
        areas.append([share * (box[2] * box[3] or 1.0) / sum(shares) for share in shares])
    found = _squarified(np.concatenate(areas), np.array([len(one) for one in areas]), np.array(boxes))
    wanted = [place for one, box in zip(areas, boxes, strict=True) for place in squarified(one, box)]
    assert found == pytest.approx(np.array(wanted), abs=1e-9)
