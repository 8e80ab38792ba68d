"""What each layer did to each file, told from the merged tree."""

import pytest
from unit.image.images import Picture, layer, old_save

from slimdesk.image.changes import BITS, file_changes
from slimdesk.image.read import Wanted, read_path


def words_of(tmp_path, *layers):
    """Return {(path, layer): changes} of an image of these layers."""
    path = tmp_path / "image.tar"
    path.write_bytes(old_save([Picture([layer(members) for members in layers], "x:1", [], {})]))
    table = read_path(path, Wanted()).table
    return {
        (table.path(node), table.layer[node]): {word for word, bit in BITS.items() if bits & bit}
        for node, bits in enumerate(file_changes(table))
        if node
    }


def test_added_replaced_removed_and_left_alone(tmp_path):
    told = words_of(
        tmp_path,
        [("a/keep", 5), ("a/old", 5), ("a/gone", 5), ("a/oldest", 1)],
        [("a/old", 6), ("a/.wh.gone", 0), ("a/new", 1)],
    )
    assert told["/a/keep", 0] == {"added"}
    assert told["/a/old", 0] == {"added", "overwritten"}
    assert told["/a/old", 1] == {"modified"}
    assert told["/a/gone", 0] == {"added", "removed"}
    assert told["/a/new", 1] == {"added"}
    assert told["/a/oldest", 0] == {"added"}


def test_a_path_that_many_layers_touch(tmp_path):
    told = words_of(tmp_path, *[[("etc/passwd", number + 1)] for number in range(6)])
    assert told["/etc/passwd", 0] == {"added", "overwritten"}
    for number in range(1, 5):
        assert told["/etc/passwd", number] == {"modified", "overwritten"}
    assert told["/etc/passwd", 5] == {"modified"}


def test_removed_in_one_layer_and_added_again_in_another(tmp_path):
    told = words_of(tmp_path, [("a/x", 5), ("a/y", 1)], [("a/.wh.x", 0)], [("a/x", 7)])
    assert told["/a/x", 0] == {"added", "removed"}
    assert told["/a/x", 2] == {"added"}


def test_names_of_one_length_are_not_taken_for_each_other(tmp_path):
    told = words_of(tmp_path, [("d/aa", 5), ("d/ab", 5)], [("d/.wh.aa", 0), ("d/ac", 5)])
    assert told["/d/aa", 0] == {"added", "removed"}
    assert told["/d/ab", 0] == {"added"}
    assert told["/d/ac", 1] == {"added"}


@pytest.mark.parametrize("mark", [".wh..wh..opq", ".wh.d"])
def test_a_folder_taken_away_takes_all_in_it(tmp_path, mark):
    place = f"d/{mark}" if "opq" in mark else mark
    told = words_of(tmp_path, [("d/one", 5), ("d/e/two", 5)], [(place, 0)])
    assert told["/d/one", 0] == {"added", "removed"}
    assert told["/d/e/two", 0] == {"added", "removed"}
