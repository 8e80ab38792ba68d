"""Stacking layers: by hand-made cases, and against the slow reference on random layers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.image import images, reference

from slimdesk.image.dive import dive_figures
from slimdesk.image.layer import LayerColumns, LayerParser
from slimdesk.image.merge import Merged, merge
from slimdesk.image.stack import stack
from slimdesk.image.table import ROOT, FileTable, Kind

KINDS = {Kind.FILE: "file", Kind.HARD_LINK: "link", Kind.SYMLINK: "symlink", Kind.FOLDER: "folder"}


def tar_of(entries: list) -> bytes:
    members = []
    for path, kind, what in entries:
        folder, _, name = path.rpartition("/")
        prefix = folder + "/" if folder else ""
        if kind == "folder":
            members.append((path + "/", 0o755))
        elif kind == "whiteout":
            members.append((f"{prefix}.wh.{name}", 0))
        elif kind == "opaque":
            members.append((f"{path}/.wh..wh..opq" if path else ".wh..wh..opq", 0))
        elif kind == "link":
            members.append((path, f"={what}"))
        elif kind == "symlink":
            members.append((path, "->elsewhere"))
        else:
            members.append((path, what))
    return images.layer(members)


def columns_of(tar: bytes) -> LayerColumns:
    parser = LayerParser("Layer test")
    parser.feed(tar)
    return parser.finish()


def merged(*layers: list) -> Merged:
    return merge(stack([columns_of(tar_of(entries)) for entries in layers]))


def visible(table: FileTable) -> set[str]:
    return {
        table.path(node)[1:]
        for node in range(1, len(table))
        if not table.is_hidden(node) and not table.is_folder(node)
    }


CASES = {
    "file deleted": (
        [[("a", "file", 10), ("b", "file", 5)], [("a", "whiteout", 0)]],
        {"b"}, 5, [10, 0],
    ),
    "folder deleted": (
        [[("d", "folder", 0), ("d/x", "file", 7), ("d/e/y", "file", 8)], [("d", "whiteout", 0)]],
        set(), 0, [15, 0],
    ),
    "opaque folder": (
        [[("d", "folder", 0), ("d/x", "file", 7)], [("d", "folder", 0), ("d", "opaque", 0), ("d/y", "file", 1)]],
        {"d/y"}, 1, [7, 0],
    ),
    "opaque root": ([[("x", "file", 7)], [("y", "file", 1), ("", "opaque", 0)]], {"y"}, 1, [7, 0]),
    "whiteout beside its remade folder": (
        [[("d", "folder", 0), ("d/x", "file", 7)], [("d", "folder", 0), ("d/y", "file", 2), ("d", "whiteout", 0)]],
        {"d/y"}, 2, [7, 0],
    ),
    "folder replaced by a file": (
        [[("d", "folder", 0), ("d/x", "file", 7)], [("d", "file", 3)]], {"d"}, 3, [7, 0],
    ),
    "folder replaced by a link": (
        [[("d", "folder", 0), ("d/x", "file", 7)], [("d", "symlink", 0)]], {"d"}, 0, [7, 0],
    ),
    "file replaced by a folder": (
        [[("d", "file", 3)], [("d", "folder", 0), ("d/x", "file", 7)]], {"d/x"}, 7, [3, 0],
    ),
    "file replaced by a folder that no entry states": (
        [[("d", "file", 3)], [("d/x", "file", 7)]], {"d/x"}, 7, [3, 0],
    ),
    "that folder's only file deleted again": (
        [[("d", "file", 3)], [("d/x", "file", 7)], [("d/x", "whiteout", 0)]], set(), 0, [3, 7, 0],
    ),
    "overwritten": ([[("a", "file", 10)], [("a", "file", 10)]], {"a"}, 10, [10, 0]),
    "written twice in one layer": ([[("a", "file", 10), ("a", "file", 4)]], {"a"}, 4, [10]),
    "folder re-moded": (
        [[("d", "folder", 0), ("d/x", "file", 7)], [("d", "folder", 0)]], {"d/x"}, 7, [0, 0],
    ),
    "deleted and made again": (
        [[("a", "file", 10)], [("a", "whiteout", 0)], [("a", "file", 3)]], {"a"}, 3, [10, 0, 0],
    ),
    "whiteout of nothing": ([[("a", "file", 1)], [("b", "whiteout", 0), ("c/d", "whiteout", 0)]], {"a"}, 1, [0, 0]),
    "hard link counts once": ([[("a", "file", 10), ("b", "link", "a")]], {"a", "b"}, 10, [0]),
    "hard link outlives its first name": (
        [[("a", "file", 10), ("b", "link", "a")], [("a", "whiteout", 0)]], {"b"}, 10, [0, 0],
    ),
    "hard link and name both deleted": (
        [[("a", "file", 10), ("b", "link", "a")], [("a", "whiteout", 0), ("b", "whiteout", 0)]], set(), 0, [10, 0],
    ),
    "hard link to an older layer": (
        [[("a", "file", 10)], [("b", "link", "a")], [("a", "file", 1)]], {"a", "b"}, 11, [0, 0, 0],
    ),
    "hard link to a hard link": (
        [[("a", "file", 10), ("b", "link", "a"), ("c", "link", "b")], [("a", "whiteout", 0), ("b", "whiteout", 0)]],
        {"c"}, 10, [0, 0],
    ),
    "hard link to nothing": ([[("b", "link", "a")]], {"b"}, 0, [0]),
    "names that sort around the slash": (
        [[("a", "folder", 0), ("a-b", "file", 1), ("a.b", "file", 2), ("a/b", "file", 4)], [("a", "whiteout", 0)]],
        {"a-b", "a.b"}, 3, [4, 0],
    ),
    "no layers": ([], set(), 0, []),
    "an empty layer": ([[("a", "file", 1)], []], {"a"}, 1, [0, 0]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_visible_and_what_it_weighs(case: str) -> None:
    layers, paths, live, shadowed = CASES[case]
    result = merged(*layers)
    assert visible(result.table) == paths
    assert result.table.live_bytes() == live
    assert list(result.shadowed) == shadowed
    assert result.table.shadowed_bytes() == sum(shadowed)


def test_a_hidden_copy_says_which_layer_hides_it() -> None:
    table = merged([("a", "file", 10)], [("b", "file", 1)], [("a", "file", 2)]).table
    copies = [table.entry(node) for node in table.children() if table.name(node) == "a"]
    assert [(copy.layer, copy.hidden_by, copy.size) for copy in copies] == [(0, 2, 10), (2, None, 2)]
    found = table.find("/a")
    assert found is not None
    assert table.layer[found] == 2


def test_the_body_moves_to_the_link_that_stays() -> None:
    table = merged([("a", "file", 10), ("b", "link", "a")], [("a", "whiteout", 0)]).table
    first, link = table.find("/a"), table.find("/b")
    assert first is not None
    assert link is not None
    assert (table.size[first], table.size[link]) == (0, 10)
    assert table.body(link) == first
    assert table.entry(link).target == "/a"


def test_folders_that_no_layer_states_stand_in_the_tree() -> None:
    table = merged([("usr/lib/x", "file", 3)]).table
    node = table.find("/usr/lib")
    assert node is not None
    entry = table.entry(node)
    assert (entry.kind, entry.layer, entry.mode, entry.hidden_by) == (Kind.FOLDER, None, 0o755, None)
    assert table.live_bytes(node) == 3


def test_a_folder_is_hidden_with_all_that_is_in_it() -> None:
    table = merged([("d/e/x", "file", 3)], [("d", "whiteout", 0)]).table
    node = table.find("/d/e")
    assert node is not None
    assert table.hidden_by[node] == 1
    assert (table.live_bytes(node), table.shadowed_bytes(node), table.files[node]) == (0, 3, 0)


def test_a_folder_that_became_a_file_is_gone() -> None:
    found = merged([("a", "folder", 0)], [("a", "file", 7)])
    nodes = {
        (found.table.is_folder(node), found.table.hidden_by[node]) for node in range(1, len(found.table))
    }
    assert nodes == {(True, 1), (False, -1)}


def test_sums_of_subtrees_and_the_order_of_nodes() -> None:
    table = merged([("b/x", "file", 3), ("a/y", "file", 4), ("a/z/w", "file", 5), ("c", "file", 1)]).table
    assert [table.path(node) for node in range(len(table))] == [
        "/", "/a", "/a/y", "/a/z", "/a/z/w", "/b", "/b/x", "/c",
    ]  # fmt: skip
    assert [table.live_bytes(node) for node in range(len(table))] == [13, 9, 4, 5, 5, 3, 3, 1]
    assert [table.name(node) for node in table.children(ROOT)] == ["a", "b", "c"]
    assert table.files[ROOT] == 4
    assert table.ancestors(4) == [0, 1, 3, 4]
    assert table.find("/a/nothing") is None


def test_marks_alone_make_no_folders() -> None:
    table = merged(
        [("x", "file", 1)], [("a", "opaque", 0), ("a/b", "whiteout", 0), ("c/d", "whiteout", 0)]
    ).table
    assert [table.path(node) for node in range(len(table))] == ["/", "/x"]


NAMES = st.sampled_from(["a", "b", "a-", "a.b", "A", "zz"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
ENTRIES = st.one_of(
    st.tuples(PATHS, st.just("file"), st.integers(0, 99)),
    st.tuples(PATHS, st.just("file"), st.integers(0, 99)),
    st.tuples(PATHS, st.just("folder"), st.just(0)),
    st.tuples(PATHS, st.just("symlink"), st.just(0)),
    st.tuples(PATHS, st.just("link"), PATHS),
    st.tuples(PATHS, st.just("whiteout"), st.just(0)),
    st.tuples(PATHS, st.just("opaque"), st.just(0)),
    st.just(("", "opaque", 0)),
)
LAYERS = st.lists(st.lists(ENTRIES, max_size=7), min_size=1, max_size=4)


def with_parents(layers: list) -> list:
    """Add the folders that engines always write before what stands in them."""
    complete = []
    for layer in layers:
        entries = []
        for path, kind, what in layer:
            parts = path.split("/")
            if kind not in ("whiteout", "opaque"):
                entries += [("/".join(parts[:depth]), "folder", 0) for depth in range(1, len(parts))]
            entries.append((path, kind, what))
        complete.append(entries)
    return complete


def nodes_of(table: FileTable) -> list[tuple[str, str, int, int | None]]:
    found = []
    for node in range(1, len(table)):
        entry = table.entry(node)
        if entry.kind != Kind.FOLDER:
            assert entry.layer is not None
            found.append((entry.path[1:], KINDS[entry.kind], entry.layer, entry.hidden_by))
    return sorted(found, key=repr)


@settings(max_examples=150, deadline=None)
@given(LAYERS)
def test_random_layers_agree_with_the_reference(layers: list) -> None:
    complete = with_parents(layers)
    expected, result = reference.stacked(complete), merged(*complete)
    assert nodes_of(result.table) == sorted(
        ((copy.path, copy.kind, copy.layer, copy.hidden_by) for copy in expected.copies), key=repr
    )
    assert list(result.shadowed) == expected.shadowed
    assert result.table.live_bytes() == expected.live


@settings(max_examples=150, deadline=None)
@given(LAYERS)
def test_random_layers_without_their_folders_weigh_the_same(layers: list) -> None:
    expected, result = reference.stacked(layers), merged(*layers)
    assert visible(result.table) == {path for path, kind, _ in expected.visible() if kind != "folder"}
    assert list(result.shadowed) == expected.shadowed
    table = result.table
    for node in range(1, len(table)):
        if not table.is_hidden(node):
            assert not any(table.is_hidden(above) for above in table.ancestors(node))


@settings(max_examples=150, deadline=None)
@given(LAYERS)
def test_dives_figures_on_random_layers(layers: list) -> None:
    columns = [columns_of(tar_of(entries)) for entries in layers]
    figures = dive_figures(stack(columns))
    efficiency, wasted, user = reference.dive(layers)
    assert figures.efficiency == pytest.approx(efficiency)
    assert figures.wasted_bytes == wasted
    assert figures.user_wasted_percent == (None if user is None else pytest.approx(user))


# What dive 0.13 says of small images, from its published definition.
DIVE = {
    "written twice": ([[("a", "file", 1000)], [("a", "file", 1000)]], 0.5, 2000),
    "deleted": ([[("a", "file", 1000)], [("a", "whiteout", 0)]], 0.0, 1000),
    "folder deleted": (
        [[("d", "folder", 0), ("d/a", "file", 1000)], [("d", "whiteout", 0)]], 1.0, 0,
    ),
    "folder emptied by an opaque mark": (
        [[("d", "folder", 0), ("d/a", "file", 1000)], [("d", "folder", 0), ("d", "opaque", 0)]], 1.0, 0,
    ),
    "grown": ([[("a", "file", 10)], [("a", "file", 1000)]], 10 / 1010, 1010),
    "shrunk": ([[("a", "file", 1000)], [("a", "file", 10)]], 10 / 1010, 1010),
    "nothing": ([[]], 1.0, 0),
}  # fmt: skip


@pytest.mark.parametrize("case", DIVE)
def test_dives_figures(case: str) -> None:
    layers, efficiency, wasted = DIVE[case]
    figures = dive_figures(stack([columns_of(tar_of(entries)) for entries in layers]))
    assert figures.efficiency == pytest.approx(efficiency)
    assert figures.wasted_bytes == wasted


def test_dive_has_no_share_where_only_the_first_layer_holds_bytes() -> None:
    columns = [columns_of(tar_of([("a", "file", 10)])), columns_of(tar_of([("a", "whiteout", 0)]))]
    assert dive_figures(stack(columns)).user_wasted_percent is None
