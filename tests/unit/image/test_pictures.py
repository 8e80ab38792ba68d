"""Pictures of an image that is being read: what they show after each thing that becomes known, and what they call unknown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from unit.image.images import Picture as Written
from unit.image.images import compressed, layer, old_save, sha

from slimdesk.image import painter as painting
from slimdesk.image.layer_reader import LayerReader, ParsedLayer
from slimdesk.image.listed import listed_tree
from slimdesk.image.painter import NO_LAYERS, NO_ORDER, NO_PACKAGES, NO_TREE, NOT_LISTED, Painter
from slimdesk.image.picture import Picture
from slimdesk.image.read import read_path

LAYERS = [
    layer([("a/", 0o755), ("a/f", 1000), ("b", 10)]),
    layer([("a/.wh.f", 0), ("c", 5)]),
    layer([("d", 7)]),
]
CONFIG = {
    "os": "linux",
    "architecture": "amd64",
    "config": {"Labels": {"io.slimdesk.base.layers": "1"}},
    "rootfs": {"diff_ids": [sha(data) for data in LAYERS]},
    "history": [{"created_by": f"RUN step {number}"} for number in range(3)],
}


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Picture]:
    """No pause between pictures, and room for them."""
    monkeypatch.setattr(painting, "PAUSE", 0.0)
    monkeypatch.setattr(painting, "SHARE", 0.0)
    return []


def parsed(data: bytes) -> ParsedLayer:
    reader = LayerReader(fast=False)
    try:
        return reader.read([data], "layer")
    finally:
        reader.close()


def files(picture: Picture) -> dict[str, tuple[int, int, int]]:
    table = picture.table
    assert table is not None
    return {
        table.path(node): (table.size[node], table.layer[node], table.hidden_by[node])
        for node in range(len(table))
        if not table.is_folder(node)
    }


def test_layers_are_there_at_once_and_then_fill_in(shown: list[Picture]) -> None:
    painter = Painter(shown.append, "app:1", "engine", total=4000)
    painter.image(CONFIG, (900, 20, None))
    first = shown[-1]
    assert [one.instruction for one in first.layers] == ["RUN step 0", "RUN step 1", "RUN step 2"]
    assert [(one.read, one.entries, one.files, one.base) for one in first.layers] == [
        (False, None, 900, True), (False, None, 20, False), (False, None, None, False),
    ]  # fmt: skip
    assert (first.table, first.tree, first.unknown) == (None, None, (NO_TREE, NO_PACKAGES))
    assert first.as_image() is None
    painter.progress(3000, None)
    painter.layer(parsed(LAYERS[0]))
    assert files(shown[-1]) == {"/a/f": (1000, 0, -1), "/b": (10, 0, -1)}
    assert (shown[-1].done, shown[-1].total, shown[-1].layers_read) == (3000, 4000, 1)
    assert shown[-1].unknown == ("2 layers of 3 are not read yet.", NO_PACKAGES)
    # Streams bring layers in any order.
    painter.layer(parsed(LAYERS[2]))
    assert files(shown[-1])["/d"] == (7, 2, -1)
    assert shown[-1].unknown[0] == "1 layer of 3 is not read yet."
    painter.layer(parsed(LAYERS[1]))
    assert files(shown[-1]) == {"/a/f": (1000, 0, 1), "/b": (10, 0, -1), "/c": (5, 1, -1), "/d": (7, 2, -1)}
    assert shown[-1].unknown == (NO_PACKAGES,)
    image = shown[-1].as_image()
    assert image is not None
    assert (image.sizes.files, image.sizes.live, image.shadowed, image.base_layers) == (1022, 22, 1000, 1)
    assert not image.verified
    assert image.packages is None
    assert image.platform == "linux/amd64"


def test_a_listing_shows_the_whole_tree_and_stays(shown: list[Picture]) -> None:
    from unit.image.test_listed_trees import END, MAGIC, record

    painter = Painter(shown.append, "app:1", "engine")
    painter.image(CONFIG)
    table = listed_tree(MAGIC + record(b"b", size=10) + END)
    painter.listing(table)
    assert (shown[-1].tree, shown[-1].unknown) == ("listing", (NO_LAYERS, NO_PACKAGES))
    painter.layer(parsed(LAYERS[0]))
    assert shown[-1].table is table
    assert shown[-1].layers[0].entries == 3


def test_without_a_listing_it_says_so(shown: list[Picture]) -> None:
    painter = Painter(shown.append, "app:1", "engine")
    painter.image(CONFIG)
    painter.no_listing()
    assert shown[-1].unknown[0] == NOT_LISTED


def test_layers_in_the_order_in_which_they_came_until_it_is_known(shown: list[Picture]) -> None:
    painter = Painter(shown.append, "app.tar", "docker-archive")
    painter.layer(parsed(LAYERS[1]))
    assert [one.index for one in shown[-1].layers] == [0]
    assert shown[-1].unknown[0] == NO_ORDER
    painter.layer(parsed(LAYERS[0]))
    painter.image(CONFIG)
    assert [one.read for one in shown[-1].layers] == [True, True, False]


def test_nothing_comes_after_the_end_nor_twice_of_one_layer(shown: list[Picture]) -> None:
    painter = Painter(shown.append, "app:1", "engine")
    painter.image(CONFIG)
    painter.layer(parsed(LAYERS[0]))
    before = len(shown)
    painter.layer(parsed(LAYERS[0]))
    painter.end()
    painter.layer(parsed(LAYERS[1]))
    painter.no_listing()
    assert len(shown) == before


def test_the_same_layer_twice_in_one_image_is_read_once(shown: list[Picture]) -> None:
    twice = {"rootfs": {"diff_ids": [sha(LAYERS[2]), sha(LAYERS[2])]}}
    painter = Painter(shown.append, "app:1", "engine")
    painter.image(twice)
    painter.layer(parsed(LAYERS[2]))
    assert shown[-1].layers_read == 2
    assert shown[-1].unknown == (NO_PACKAGES,)


def test_what_is_too_large_is_merged_only_whole(
    shown: list[Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(painting, "MAX_ENTRIES", 2)
    painter = Painter(shown.append, "app:1", "engine")
    painter.image(CONFIG)
    painter.layer(parsed(LAYERS[0]))
    assert shown[-1].table is None
    assert shown[-1].layers[0].entries == 3
    assert NO_TREE in shown[-1].unknown


def test_pictures_come_no_faster_than_three_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Picture] = []
    monkeypatch.setattr(painting, "PAUSE", 3600.0)
    painter = Painter(shown.append, "app:1", "engine")
    painter.image(CONFIG)
    for data in LAYERS:
        painter.layer(parsed(data))
    painter.progress(100, 200)
    assert len(shown) == 1


def test_a_layer_that_came_too_soon_is_shown_a_little_later(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Picture] = []
    now = [100.0]
    monkeypatch.setattr(painting.time, "monotonic", lambda: now[0])
    painter = Painter(shown.append, "app:1", "engine")
    painter.image(CONFIG)
    painter.layer(parsed(LAYERS[0]))
    now[0] += 0.2
    painter.progress(100, 200)
    assert len(shown) == 1
    now[0] += 0.2
    painter.progress(150, 200)
    painter.progress(160, 200)
    assert [picture.done for picture in shown] == [0, 150]
    assert shown[-1].layers_read == 1


def test_a_hostile_configuration_makes_a_picture_all_the_same(shown: list[Picture]) -> None:
    painter = Painter(shown.append, "app:1", "engine")
    painter.image({"rootfs": 5, "history": {}, "config": [], "os": 3})
    assert shown[-1].layers == ()


@pytest.mark.parametrize("how", [None, "gzip"])
def test_an_archive_shows_itself_while_it_is_read(
    shown: list[Picture], tmp_path: Path, how: str | None
) -> None:
    path = tmp_path / "app.tar"
    path.write_bytes(compressed(old_save([Written(LAYERS)]), how))
    painter = Painter(shown.append, path.name, "docker-archive")
    image = read_path(path, painter=painter)
    last = shown[-1]
    assert image.layers[0].shadowed == 1000
    assert last.layers_read == 3
    assert last.table is not None
    assert [replace(image.table.entry(node)) for node in range(len(image.table))] == [
        replace(last.table.entry(node)) for node in range(len(last.table))
    ]


def test_the_final_merge_has_what_the_pictures_had(tmp_path: Path, shown: list[Picture]) -> None:
    path = tmp_path / "app.tar"
    path.write_bytes(old_save([Written(LAYERS)]))
    painter = Painter(shown.append, path.name, "docker-archive")
    with_pictures, without = read_path(path, painter=painter), read_path(path)
    assert with_pictures.sizes == without.sizes
    assert with_pictures.layers == without.layers
    assert with_pictures.table.name_text == without.table.name_text
