"""What of an image is shown: sums per folder, filters, colours, and the models of layers and files."""

import random
from array import array
from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from window.packaged_image import read_packaged
from window.small_image import read

from slimdesk.basics.units import format_bytes
from slimdesk.image.changes import file_changes
from slimdesk.image.kinds import FileKind, file_kinds
from slimdesk.image.matching import matching
from slimdesk.image.table import ROOT, Kind
from slimdesk.image.treemap import weights
from slimdesk.ui.models.files import NAME, SIZE, FileTree
from slimdesk.ui.models.files_view import Columns, Wanted, shown_nodes
from slimdesk.ui.models.image_colors import by_change, by_kind, by_layer, by_package, layer_word
from slimdesk.ui.models.layers import ADDS, SHADOWED, LayerTree
from slimdesk.ui.models.packages import (
    by_type,
    node_of_package,
    node_of_path,
    package_at,
    package_rows,
    packages_in_words,
)
from slimdesk.ui.models.roles import Role


@pytest.fixture
def image(tmp_path):
    return read(tmp_path)


def matched(table, text):
    for found in matching(table, text):
        if found is not None:
            return {table.path(node) for node, yes in enumerate(found) if yes}
    return set()


def checked(model):
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.tester = tester
    return model


def test_everything_shown_is_what_the_table_sums_up(image):
    table = image.table
    shown = shown_nodes(table, Wanted())
    assert list(shown.weight) == [table.total_bytes(node) for node in range(len(table))]
    assert shown.count[ROOT] == len(table)
    live = shown_nodes(table, Wanted(shadowed=False))
    assert list(live.weight) == list(table.live)
    assert live.weight[ROOT] == image.sizes.live


def test_narrowed_sums_agree_with_a_plain_walk(image):
    table = image.table
    codes = by_kind(table).codes
    for wanted in (
        Wanted(layer=1),
        Wanted(base_layers=1),
        Wanted(left_out=frozenset({int(FileKind.LIBRARY)})),
        Wanted(shadowed=False, base_layers=1, left_out=frozenset({int(FileKind.PYTHON)})),
    ):

        def keep(node, wanted=wanted):
            layer = table.layer[node]
            return (
                layer >= wanted.base_layers
                and (wanted.layer is None or layer == wanted.layer)
                and codes[node] not in wanted.left_out
            )

        assert shown_nodes(table, wanted, Columns(codes)).weight == weights(
            table, keep, shadowed=wanted.shadowed
        )


def test_a_filter_is_a_part_of_a_name_a_glob_or_a_path(image):
    table = image.table
    assert matched(table, "LIBC") == {"/usr/lib/libc.so.6"}
    assert matched(table, "*.json") == {"/app/data.json"}
    assert matched(table, "lib/libz") == {"/usr/lib/libz.so.1"}
    assert matched(table, "usr/*/libz*") == {"/usr/lib/libz.so.1"}
    assert matched(table, "no such thing") == set()
    assert "/usr/lib/gcc/12/cc1" in matched(table, "gcc"), "what stands in a folder that matches is matched"
    assert matched(table, "[broken") == set()


def test_own_layers_are_ranked_by_bytes_and_the_base_is_grey(image):
    coloring = by_layer(image)
    assert coloring.paint(0) == ("base", 0)
    assert coloring.paint(1) == ("tile", 0)
    assert [entry.word for entry in coloring.legend] == [
        "Base, 1 layer",
        "1 apt-get install",
        "2 COPY /app",
        "3 chown app:app",
    ]
    assert coloring.codes[image.table.find("/usr/bin/tool")] == 1
    assert layer_word(image.layers[0]) == "0 ADD /"


def test_kinds_are_ranked_by_bytes(image):
    coloring = by_kind(image.table)
    node = image.table.find("/usr/lib/libc.so.6")
    assert coloring.codes[node] == FileKind.LIBRARY
    assert coloring.paint(coloring.codes[node]) == ("tile", 0)
    sizes = [entry.size for entry in coloring.legend]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sizes) == image.sizes.files


def test_changes_tell_deleted_from_overwritten(image):
    coloring = by_change(image)
    words = {next(iter(entry.codes)): entry.word for entry in coloring.legend}
    table = image.table

    def word(path, layer):
        nodes = [n for n in range(len(table)) if table.path(n) == path and table.layer[n] == layer]
        return words[coloring.codes[nodes[0]]]

    assert word("/usr/lib/libc.so.6", 0) == "Base"
    assert word("/usr/bin/tool", 1) == "Added"
    assert word("/usr/lib/gcc/12/cc1", 1) == "Deleted"
    assert word("/etc/passwd", 0) == "Overwritten"
    assert word("/etc/passwd", 2) == "Replaces a copy"
    assert word("/app/main.py", 3) == "Replaces a copy"


def test_layers_stand_in_groups_with_what_they_add(image, qapp):
    model = checked(LayerTree())
    model.show_image(image)
    assert [model.index(row, 0).data() for row in range(model.rowCount())] == ["Base debian:13", "Own layers"]
    own = model.index(1, 0)
    assert model.rowCount(own) == 3
    first = model.index(0, 0, own)
    assert first.data().startswith("RUN apt-get update")
    assert model.index(0, ADDS, own).data() == "390\u2009kB"
    assert model.index(0, SHADOWED, own).data() == "300\u2009kB"
    assert model.index_of(2).data() == "COPY . /app"
    assert not model.index_of(99).isValid()
    assert "300\u2009000 bytes" in first.data(Qt.ItemDataRole.ToolTipRole)


def test_layers_of_an_image_with_an_unknown_base_are_one_group(tmp_path, qapp):
    model = checked(LayerTree())
    model.show_image(read(tmp_path, base=False))
    assert model.rowCount() == 1
    assert model.index(0, 0).data() == "Layers"
    assert model.rowCount(model.index(0, 0)) == 4
    model.show_image(None)
    assert model.rowCount() == 0


def rows(model, parent):
    return [model.index(row, NAME, parent).data() for row in range(model.rowCount(parent))]


def test_files_come_largest_first_and_chains_are_one_row(image, qapp):
    model = checked(FileTree())
    model.show_files(image.table, shown_nodes(image.table, Wanted()))
    root = model.index(0, 0)
    assert root.data() == "/"
    assert rows(model, root) == ["usr", "app", "etc"]
    usr = model.index(0, 0, root)
    assert rows(model, usr) == ["lib", "bin"]
    lib = model.index(0, 0, usr)
    assert "gcc/12" in rows(model, lib)
    assert model.index(0, SIZE, root).data() == "880\u2009kB"
    model.show_files(image.table, shown_nodes(image.table, Wanted(shadowed=False)), "name")
    assert rows(model, model.index(0, 0)) == ["app", "etc", "usr"]


def test_the_row_of_every_node_is_found_again(image, qapp):
    model = checked(FileTree())
    table = image.table
    shown = shown_nodes(table, Wanted())
    model.show_files(table, shown)
    for node in range(len(table)):
        index = model.index_of(node)
        assert index.isValid()
        found = index.data(Role.ITEM)
        # A folder inside a chain is shown by the chain's last one.
        assert found == node or (table.is_folder(node) and node in table.ancestors(found))
    narrow = shown_nodes(table, Wanted(layer=3))
    model.show_files(table, narrow)
    assert model.index_of(table.find("/usr/lib/libc.so.6")).data() == "/", (
        "what is not shown is shown by its folder"
    )
    assert not model.index_of(-1).isValid()


def test_shadowed_links_and_hostile_names_are_told(image, qapp):
    model = checked(FileTree())
    table = image.table
    model.show_files(table, shown_nodes(table, Wanted()))
    link = model.index_of(table.find("/app/latest"))
    assert link.data(Role.SECOND) == "→ main.py"
    cc1 = next(n for n in range(len(table)) if table.path(n).endswith("cc1"))
    assert model.index_of(cc1).data(Role.MUTED)


def test_an_empty_view_has_no_rows(image, qapp):
    model = checked(FileTree())
    model.show_files(
        image.table, shown_nodes(image.table, Wanted(), Columns(matched=bytearray(len(image.table))))
    )
    assert model.rowCount() == 0
    model.show_files(None, None)
    assert model.rowCount() == 0
    assert not model.parent(QModelIndex()).isValid()


def random_table(seed, count=400):
    """A table whose folders are made at random, as FileTable orders them."""
    from dataclasses import replace

    from slimdesk.image.pack import empty_table

    chance = random.Random(seed)
    parent, kind, size, names = [-1], [0], [0], [b""]
    end = [0]

    def grow(node, depth):
        for number in range(chance.randint(0, 5 if depth else 9)):
            if len(parent) >= count:
                break
            child = len(parent)
            folder = chance.random() < 0.5
            parent.append(node)
            kind.append(int(Kind.FOLDER if folder else Kind.FILE))
            size.append(0 if folder else chance.randint(0, 5_000))
            names.append(b"n%d" % number)
            end.append(child + 1)
            if folder and depth < 9:
                grow(child, depth + 1)
                end[child] = len(parent)

    grow(0, 0)
    end[0] = len(parent)
    wide = len(parent)
    starts = [0]
    for name in names:
        starts.append(starts[-1] + len(name))
    return replace(
        empty_table(),
        name_text=b"".join(names),
        name_starts=array("I", starts),
        parent=array("i", parent),
        end=array("i", end),
        kind=array("B", kind),
        size=array("q", size),
        mtime=array("q", [0] * wide),
        owner=array("I", [0] * wide),
        layer=array("h", [0] * wide),
        hidden_by=array("h", [-1] * wide),
        live=array("q", [0] * wide),
        shadowed=array("q", [0] * wide),
        files=array("i", [0] * wide),
    )


@pytest.mark.parametrize("seed", range(6))
def test_trees_of_any_shape_hold_together(seed, qapp):
    table = random_table(seed)
    model = checked(FileTree())
    model.show_files(table, shown_nodes(table, Wanted()))
    seen = set()
    waiting = [model.index(0, 0)]
    while waiting:
        index = waiting.pop()
        seen.add(index.data(Role.ITEM))
        for row in range(model.rowCount(index)):
            child = model.index(row, 0, index)
            assert model.parent(child) == index
            waiting.append(child)
    files = {node for node in range(len(table)) if not table.is_folder(node)}
    assert files <= seen


def test_packages_have_colours_by_rank_and_what_is_no_ones_is_grey(tmp_path):
    image = read_packaged(tmp_path)
    coloring = by_package(image)
    words = [entry.word for entry in coloring.legend]
    assert words == ["libssl3", "flask", "tzdata", "No package"]
    assert sum(entry.size for entry in coloring.legend) == image.sizes.files
    sizes = {entry.word: entry.size for entry in coloring.legend}
    for package in image.packages:
        assert sizes[package.name] == package.size
    node = image.table.find("/app/main.bin")
    assert coloring.paint(coloring.codes[node]) == ("base", 0)
    assert coloring.paint(coloring.codes[image.table.find("/usr/lib/libssl.so.3")]) == ("tile", 0)


def test_from_the_sixth_package_on_they_share_a_colour(tmp_path):
    image = read_packaged(tmp_path)
    many = tuple(replace(image.packages[0], name=f"p{number}") for number in range(11))
    owner = array("i", [-1]) * len(image.table)
    files = [node for node in range(len(image.table)) if image.table.size[node]][:11]
    for index, node in enumerate(files):
        owner[node] = index
    coloring = by_package(replace(image, packages=many, package_of=owner))
    words = [entry.word for entry in coloring.legend]
    assert len([word for word in words if word.startswith("p")]) == 5
    assert words[5] == f"{len(files) - 5} smaller"
    assert coloring.legend[5].name == f"{len(files) - 5} smaller packages"
    assert sum(entry.size for entry in coloring.legend) == image.sizes.files


def test_an_image_whose_packages_were_not_read_is_grey_and_says_so(tmp_path):
    image = read_packaged(tmp_path, fast=True)
    assert image.packages is None
    assert [entry.word for entry in by_package(image).legend] == ["No package"]
    assert packages_in_words(image).startswith("The packages were not read")
    assert package_at(image, 1) is None
    assert package_rows(image) == []
    assert package_rows(None) == []


def test_packages_are_counted_by_type_and_their_bytes_summed(tmp_path):
    image = read_packaged(tmp_path)
    assert by_type(image.packages) == "2 OS + 1 Python"
    assert by_type(()) == ""
    held = sum(package.size for package in image.packages)
    words = packages_in_words(image)
    assert words.startswith("3 packages (2 OS + 1 Python), ")
    assert words.endswith(f"{format_bytes(image.sizes.live - held)} belong to no package")
    assert packages_in_words(replace(image, packages=())) == "No packages were found"
    assert [row.package.name for row in package_rows(image)] == ["libssl3", "flask", "tzdata"]


def test_a_package_alone_is_its_files_and_its_place_its_largest_one(tmp_path):
    image = read_packaged(tmp_path)
    index = next(one for one, package in enumerate(image.packages) if package.name == "libssl3")
    shown = shown_nodes(image.table, Wanted(package=index), Columns(owner=image.package_of))
    assert shown.weight[ROOT] == image.packages[index].size
    assert not Wanted(package=index).everything
    assert image.table.path(node_of_package(image, index)) == "/usr/lib/libcrypto.so.3"
    assert package_at(image, image.table.find("/usr/lib/libssl.so.3")).name == "libssl3"
    assert package_at(image, image.table.find("/app/main.bin")) is None


def test_a_package_without_files_of_its_own_is_where_its_record_is(tmp_path):
    image = read_packaged(tmp_path)
    inside = replace(image.packages[0], path="/app/main.bin!/lib/x.jar", size=None, files=0)
    image = replace(image, packages=(*image.packages, inside))
    assert image.table.path(node_of_package(image, 3)) == "/app/main.bin"
    gone = replace(image, packages=(*image.packages[:3], replace(inside, path="/not/there")))
    assert node_of_package(gone, 3) == -1
    assert node_of_path(image, None) == -1


def columns(image):
    return Columns(kinds=file_kinds(image.table), changes=file_changes(image.table))


def shown_paths(image, wanted):
    table = image.table
    shown = shown_nodes(table, wanted, columns(image))
    files = {
        (table.path(node), table.layer[node])
        for node in range(len(table))
        if node in shown and not table.is_folder(node)
    }
    return files, shown


def test_one_layer_shows_what_it_brings_and_without_bytes_what_it_takes(image):
    files, shown = shown_paths(image, Wanted(layer=2))
    assert ("/usr/lib/gcc/12/cc1", 1) in files
    assert ("/etc/passwd", 2) in files
    assert ("/etc/passwd", 0) not in files, "it was replaced, not removed"
    assert shown.weight[ROOT] == image.layers[2].sizes.files
    files, shown = shown_paths(image, Wanted(layer=2, changes=frozenset({"removed"})))
    assert files == {("/usr/lib/gcc/12/cc1", 1), ("/usr/lib/gcc/12/empty", 1)}
    assert shown.weight[ROOT] == 300_000


def test_up_to_a_layer_it_is_the_image_of_that_moment(image):
    for last in range(4):
        _, shown = shown_paths(image, Wanted(up_to=last))
        assert shown.weight[ROOT] == sum(layer.sizes.files for layer in image.layers[: last + 1])
    files, shown = shown_paths(image, Wanted(up_to=1, shadowed=False))
    assert ("/usr/lib/gcc/12/cc1", 1) in files
    assert ("/etc/passwd", 0) in files
    assert shown.live[ROOT] == shown.weight[ROOT]
    files, shown = shown_paths(image, Wanted(up_to=2))
    assert shown.weight[ROOT] - shown.live[ROOT] == 300_000 + 1_000


def test_kinds_and_changes_narrow(image):
    files, _ = shown_paths(image, Wanted(kinds=frozenset({FileKind.LIBRARY})))
    assert {path for path, _ in files} == {"/usr/lib/libc.so.6", "/usr/lib/libz.so.1"}
    files, _ = shown_paths(image, Wanted(changes=frozenset({"modified"})))
    assert files == {("/etc/passwd", 2), ("/app/main.py", 3)}
    files, _ = shown_paths(image, Wanted(changes=frozenset({"removed", "overwritten"})))
    assert {path for path, _ in files} == {
        "/usr/lib/gcc/12/cc1",
        "/usr/lib/gcc/12/empty",
        "/etc/passwd",
        "/app/main.py",
    }
    files, _ = shown_paths(image, Wanted(changes=frozenset({"added"}), base_layers=1, shadowed=False))
    assert ("/usr/lib/libc.so.6", 0) not in files
    assert not Wanted(kinds=frozenset({FileKind.DATA})).everything


def test_the_rows_of_a_layer_say_what_it_removes(image, qapp):
    model = checked(FileTree())
    model.wanted = Wanted(layer=2)
    model.show_files(image.table, shown_nodes(image.table, model.wanted, columns(image)))
    table = image.table
    cc1 = next(n for n in range(len(table)) if table.path(n).endswith("cc1"))
    index = model.index_of(cc1)
    assert index.data(Role.SECOND) == "removed here"
    assert index.siblingAtColumn(SIZE).data() == "\u2212300\u2009kB"
    assert "hidden by layer 2" in index.data(Qt.ItemDataRole.ToolTipRole)
    model.wanted = Wanted(up_to=1)
    model.show_files(table, shown_nodes(table, model.wanted, columns(image)))
    assert not model.index_of(cc1).data(Role.MUTED), "up to layer 1 it was still there"


def test_a_folder_of_very_many_files_is_listed_some_at_a_time(tmp_path, qapp):
    from unit.image.images import Picture, layer, old_save

    from slimdesk.image.read import Wanted as Reading
    from slimdesk.image.read import read_path

    path = tmp_path / "flat.tar"
    members = [(f"d/f{number:04}", number + 1) for number in range(2_600)]
    path.write_bytes(old_save([Picture([layer([*members, ("d/e/x", 9), ("z", 1)])], "x:1", [], {})]))
    table = read_path(path, Reading()).table
    model = checked(FileTree())
    # The tester would fetch while it is told of the reset, and then miss the end of that.
    model.tester.setUseFetchMore(False)
    model.show_files(table, shown_nodes(table, Wanted()))
    folder = model.index(0, 0, model.index(0, 0))
    assert folder.data() == "d"
    assert model.rowCount(folder) == 1_000
    assert [model.index(row, NAME, folder).data() for row in range(3)] == ["f2599", "f2598", "f2597"]
    assert model.canFetchMore(folder)
    small = model.index_of(table.find("/d/f0003"))
    assert small.data() == "f0003", "what is looked for is fetched"
    assert model.parent(small) == folder
    while model.canFetchMore(folder):
        model.fetchMore(folder)
    assert model.rowCount(folder) == 2_601
    assert not model.canFetchMore(model.index(0, 0))
    model.show_files(table, shown_nodes(table, Wanted()), "name")
    folder = model.index(0, 0, model.index(0, 0))
    assert [model.index(row, NAME, folder).data() for row in range(2)] == ["e", "f0000"]
