"""Two images joined: what was removed, added, changed, moved; against a plain reading of both with dictionaries."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.image.images import Picture, layer, member, old_save, program

from slimdesk.image.difference import difference
from slimdesk.image.difference_model import Change
from slimdesk.image.difference_moves import doubtful, settled
from slimdesk.image.difference_tree import LARGER, difference_tree
from slimdesk.image.model import Image
from slimdesk.image.read import Wanted, read_path
from slimdesk.image.table import ROOT, Kind


def image(folder: Path, *layers, **config) -> Image:
    path = folder / f"{random.random()}.tar"
    path.write_bytes(old_save([Picture(list(layers), config=config)]))
    return read_path(path, Wanted(fast=True))


def paths(found, change):
    return [found.path(row) for row in found.rows(change)]


def test_what_came_and_went_is_told_with_its_bytes(tmp_path):
    one = image(tmp_path, layer([("bin/", 0), ("bin/sh", 100), ("etc/", 0), ("etc/conf", 10)]))
    two = image(tmp_path, layer([("etc/", 0), ("etc/conf", 25), ("etc/new", 3)]))
    found = difference(one, two)
    assert paths(found, Change.REMOVED) == ["/bin/sh"]
    assert paths(found, Change.ADDED) == ["/etc/new"]
    assert paths(found, Change.CHANGED) == ["/etc/conf"]
    assert int(found.before_size.sum()) == one.sizes.live
    assert int(found.after_size.sum()) == two.sizes.live


def test_an_image_with_itself_does_not_differ(tmp_path):
    one = image(
        tmp_path, layer([("a", 1), ("b", "->a"), ("c", "=a"), ("d/", 0)]), layer([(".wh.a", 0), ("e", 5)])
    )
    found = difference(one, one)
    assert found.identical
    assert len(difference_tree(found).table) == 1


def test_hidden_copies_take_no_part(tmp_path):
    one = image(tmp_path, layer([("x", 50), ("gone", 5)]), layer([("x", 70), (".wh.gone", 0)]))
    two = image(tmp_path, layer([("x", 70)]))
    found = difference(one, two)
    assert paths(found, Change.REMOVED) == []
    assert [found.path(row) for row in range(1, len(found))] == ["/x"]


def test_a_file_of_the_same_size_and_another_time_may_have_changed(tmp_path):
    one = image(tmp_path, layer([member("app.jar", b"aaaa", mtime=1), member("same", b"s", mtime=5)]))
    two = image(tmp_path, layer([member("app.jar", b"bbbb", mtime=2), member("same", b"s", mtime=5)]))
    found = difference(one, two)
    assert paths(found, Change.MAYBE) == ["/app.jar"]
    before, after = doubtful(found)
    assert [one.table.path(node) for node in before] == ["/app.jar"]
    changed = settled(found, {before[0]: b"1"}, {after[0]: b"2"})
    assert paths(changed, Change.CHANGED) == ["/app.jar"]
    assert settled(found, {before[0]: b"1"}, {after[0]: b"1"}).identical
    assert paths(settled(found, {}, {}), Change.MAYBE) == ["/app.jar"], "what was not read stays uncertain"


def test_the_same_layer_holds_the_same_files_whatever_a_time_says(tmp_path):
    both = layer([("lib", 10)])
    one = image(tmp_path, both, layer([("a", 1)]))
    two = image(tmp_path, both, layer([("b", 1)]))
    found = difference(one, two)
    assert paths(found, Change.CHANGED) == []
    assert found.count(Change.MAYBE) == 0


def test_owner_mode_link_and_kind_are_changes(tmp_path):
    one = image(tmp_path, layer([member("m", 3), member("o", 3), ("l", "->x"), ("k", 3), ("d/", 0o755)]))
    two = image(
        tmp_path, layer([member("m", 3, mode=0o600), member("o", 3, uid=7), ("l", "->y"), ("k/", 0), ("d/", 0o700)])
    )  # fmt: skip
    assert sorted(paths(difference(one, two), Change.CHANGED)) == ["/d", "/k", "/l", "/m", "/o"]


def test_a_change_says_what_is_not_as_before(tmp_path):
    one = image(tmp_path, layer([member("m", 3), ("l", "->x"), ("k", 3), ("s", 3)]))
    two = image(tmp_path, layer([member("m", 3, mode=0o600, uid=7), ("l", "->y"), ("k/", 0), ("s", 4)]))
    found = difference(one, two)
    said = {found.path(row): found.what_changed(row) for row in found.rows(Change.CHANGED)}
    assert said == {
        "/m": ["mode 0644 → 0600", "owner 0:0 → 7:0"],
        "/l": ["link x → y"],
        "/k": ["file → folder"],
        "/s": [],
    }


def test_a_move_is_told_by_name_size_mode_and_time_and_proven_by_contents(tmp_path):
    one = image(
        tmp_path, layer([program("opt/tool", b"x" * 900), ("opt/a/LICENSE", 20), ("opt/b/LICENSE", 20)])
    )
    two = image(tmp_path, layer([program("usr/bin/tool", b"x" * 900), ("usr/a/LICENSE", 20)]))
    found = difference(one, two)
    (row,) = found.rows(Change.MOVED)
    assert (found.path(int(found.partner[row])), found.path(int(row))) == ("/opt/tool", "/usr/bin/tool")
    assert not found.proven
    assert paths(found, Change.ADDED) == ["/usr/a/LICENSE"], "two files would fit: neither is taken for moved"
    before, after = doubtful(found)
    same = settled(found, dict.fromkeys(before, b"1"), dict.fromkeys(after, b"2"))
    assert same.proven
    assert same.count(Change.MOVED) == 0, "contents differ: it was not moved"
    assert "/opt/tool" in paths(same, Change.REMOVED)
    assert "/usr/bin/tool" in paths(same, Change.ADDED)
    digests = (
        {node: one.table.name_bytes(node) for node in before},
        {node: two.table.name_bytes(node) for node in after},
    )
    proven = settled(found, *digests)
    assert sorted(paths(proven, Change.MOVED)) == ["/usr/a/LICENSE", "/usr/bin/tool"]
    assert paths(proven, Change.REMOVED) == ["/opt/b/LICENSE"]


def test_folders_are_told_by_what_is_in_them_unless_that_is_nothing(tmp_path):
    one = image(tmp_path, layer([("data/", 0), ("full/", 0), ("full/x", 1)]))
    two = image(tmp_path, layer([("new/", 0)]))
    found = difference(one, two)
    assert paths(found, Change.REMOVED) == ["/data", "/full/x"]
    assert paths(found, Change.ADDED) == ["/new"]


def test_an_empty_image_has_lost_everything(tmp_path):
    one = image(tmp_path, layer([("a/b", 4)]))
    two = image(tmp_path, layer([]))
    assert paths(difference(one, two), Change.REMOVED) == ["/a/b"]
    assert paths(difference(two, one), Change.ADDED) == ["/a/b"]
    assert difference(two, two).identical


@st.composite
def trees(draw):
    names = st.sampled_from(["a", "b", "c", "d!", "e"])
    found = draw(st.lists(st.tuples(st.lists(names, min_size=1, max_size=4), st.integers(0, 3)), max_size=14))
    taken: dict[str, int] = {}
    for parts, size in found:
        path = "/".join(parts)
        if not any(
            other == path or other.startswith(f"{path}/") or path.startswith(f"{other}/") for other in taken
        ):
            taken[path] = size
    return taken


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(trees(), trees())
def test_it_agrees_with_dictionaries_of_both_images(tmp_path, one, two):
    before = image(tmp_path, layer(list(one.items())))
    after = image(tmp_path, layer(list(two.items())))
    found = difference(before, after)
    both = {f"/{path}" for path in one.keys() & two.keys()}
    gone, new = (
        {f"/{path}" for path in one.keys() - two.keys()},
        {f"/{path}" for path in two.keys() - one.keys()},
    )
    moved = (
        set(paths(found, Change.MOVED)),
        {found.path(int(found.partner[row])) for row in found.rows(Change.MOVED)},
    )
    files = {row for row in range(len(found)) if found.end[row] == row + 1 and row}
    assert {found.path(row) for row in files if found.change[row] == Change.REMOVED} | moved[
        1
    ] == gone - _folders(two)
    assert {found.path(row) for row in files if found.change[row] == Change.ADDED} | moved[
        0
    ] == new - _folders(one)
    assert {path for path in paths(found, Change.CHANGED) if path in both} == {
        f"/{path}" for path in one.keys() & two.keys() if one[path] != two[path]
    }
    for row in range(1, len(found)):
        parent = int(found.parent[row])
        assert found.path(row).rpartition("/")[0] == found.path(parent).rstrip("/")
        assert parent < row < found.end[row] <= found.end[parent]


def _folders(tree):
    return {
        f"/{'/'.join(path.split('/')[:depth])}" for path in tree for depth in range(1, path.count("/") + 1)
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(trees(), trees())
def test_the_tree_of_the_difference_holds_what_differs_and_nothing_else(tmp_path, one, two):
    found = difference(image(tmp_path, layer(list(one.items()))), image(tmp_path, layer(list(two.items()))))
    tree = difference_tree(found)
    wanted = {
        found.path(row): abs(int(found.after_size[row]) - int(found.before_size[row]))
        for row in range(len(found))
        if found.change[row] != Change.MOVED
    }
    assert {
        tree.table.path(node): tree.table.size[node]
        for node in range(len(tree.table))
        if tree.table.size[node]
    } == {path: size for path, size in wanted.items() if size}
    assert tree.table.live[ROOT] == sum(wanted.values()) == sum(tree.totals.values())
    for node in range(1, len(tree.table)):
        assert tree.table.live[node] > 0
        assert tree.table.parent[node] < node


def test_colours_tell_smaller_from_larger(tmp_path):
    one = image(tmp_path, layer([("up", 1), ("down", 9), ("new/", 0)]))
    two = image(tmp_path, layer([("up", 5), ("down", 2), ("new/x", 3)]))
    tree = difference_tree(difference(one, two))
    codes = {tree.table.path(node): tree.codes[node] for node in range(1, len(tree.table))}
    assert codes["/up"] == LARGER
    assert codes["/down"] == Change.CHANGED
    assert codes["/new/x"] == Change.ADDED
    assert tree.table.kind[tree.table.find("/new")] == Kind.FOLDER


@pytest.mark.parametrize("count", [20_000])
def test_many_differing_files_are_no_burden(tmp_path, count):
    one = image(tmp_path, layer([]))
    names = [(f"d{number % 300}/f{number}", number % 7) for number in range(count)]
    two = image(tmp_path, layer(names))
    found = difference(one, two)
    assert found.count(Change.ADDED) == count
    assert int(found.after_size.sum()) == sum(size for _, size in names)
