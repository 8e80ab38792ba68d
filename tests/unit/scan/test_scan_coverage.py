"""How much of an image a scanner sees: bytes and parts of packages that it can name."""

import pytest
from unit.image.images import Picture, layer, member, old_save, program
from window.packaged_image import read_packaged

from slimdesk.image.read import Wanted, read_path
from slimdesk.scan.coverage import Coverage, coverage, ranked_by_counts
from slimdesk.scan.model import Scan


def scan(seen=None, types=("deb", "pypi")):
    return Scan("x", "1", (), seen=None if seen is None else frozenset(seen), types=frozenset(types))


def image(folder, members):
    path = folder / "image.tar"
    path.write_bytes(old_save([Picture([layer(members)])]))
    return read_path(path, Wanted())


def test_bytes_of_named_packages_against_what_is_live(tmp_path):
    found = coverage(read_packaged(tmp_path), scan())
    assert found.live == read_packaged(tmp_path).sizes.live
    # libssl3, tzdata and flask; neither the cache nor the program of nobody.
    assert 550_000 < found.named < 560_000
    assert not found.enough


def test_only_what_the_scanner_listed_is_named(tmp_path):
    one = coverage(read_packaged(tmp_path), scan(seen={("deb", "libssl3")}))
    # Its files, and the list of them.
    assert 500_000 <= one.named < 500_100


def test_a_program_of_nobody_is_not_seen(tmp_path):
    found = coverage(image(tmp_path, [program("server", b"x" * 900_000), ("etc/passwd", 30)]), scan())
    assert (found.named, found.parts, found.parts_named) == (0, 1, 0)
    assert found.words == "sees 0\u2009% of this image"
    assert not found.enough


def test_small_executable_files_are_scripts_and_libraries_count_at_any_size(tmp_path):
    members = [
        program("run.sh", b"x" * 300),
        ("lib/libfoo.so.1.2", 500),
        ("lib/notes.so.txt", 500),
        ("app/a.jar", 80),
    ]
    members = [one if not isinstance(one[0], str) else member(*one) for one in members]
    assert coverage(image(tmp_path, members), scan()).parts == 2


def test_headers_alone_say_nothing_of_coverage(tmp_path):
    assert coverage(read_packaged(tmp_path, fast=True), scan()) is None


def test_an_image_without_bytes(tmp_path):
    found = coverage(image(tmp_path, [("empty/", 0o755)]), scan())
    assert found.share is None
    assert not found.enough
    assert found.words == "there is nothing to see"


@pytest.mark.parametrize(
    ("one", "words", "enough"),
    [
        (Coverage(1000, 40, 0, 0), "sees 4\u2009% of this image", False),
        (Coverage(1000, 950, 10, 9), "sees 95\u2009% of this image", True),
        (Coverage(1000, 800, 0, 0), "sees 80\u2009% of this image", True),
        (Coverage(1000, 950, 10, 3), "sees 3 of 10 programs and libraries", False),
        (Coverage(10_000, 9_999, 0, 0), "sees 99\u2009% of this image", True),
        (Coverage(10_000, 3, 0, 0), "sees under 1\u2009% of this image", False),
    ],
)
def test_what_is_said_of_it(one, words, enough):
    assert one.words == words
    assert one.enough is enough


def test_both_numbers_of_a_part_are_written_alike():
    assert Coverage(9, 1, 1456, 1365).parts_words == "1\u2009365 of 1\u2009456 binaries, jars and wheels"
    assert Coverage(9, 1, 0, 0).parts_words == ""


def test_counts_rank_only_where_as_much_was_seen():
    much, less = Coverage(100, 95, 0, 0), Coverage(100, 40, 0, 0)
    assert ranked_by_counts([much, Coverage(100, 92, 0, 0)])
    assert not ranked_by_counts([much, less])
    assert not ranked_by_counts([much, None])
    assert not ranked_by_counts([])
