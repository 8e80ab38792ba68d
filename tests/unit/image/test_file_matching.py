r"""Words, globs and regular expressions over the files of an image."""

import re
import time

import pytest
from unit.image.images import Picture, layer, old_save

from slimdesk.basics.errors import BadInput
from slimdesk.image.matching import matching, pattern_of
from slimdesk.image.quick_regex import is_quick
from slimdesk.image.read import Wanted, read_path

FILES = [
    ("usr/lib/libz.so.1.2", 5),
    ("usr/lib/libz.so", 5),
    ("usr/lib/notes.sock", 5),
    ("usr/lib/python3/tests/a.py", 5),
    ("srv/usr/lib.txt", 5),
]


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("match") / "image.tar"
    path.write_bytes(old_save([Picture([layer(FILES)], "x:1", [], {})]))
    return read_path(path, Wanted()).table


def found(table, text, *, regex=False):
    *_, last = matching(table, text, regex=regex)
    return {table.path(node) for node, yes in enumerate(last) if yes and not table.is_folder(node)}


def test_words_and_globs_over_names_and_paths(table):
    assert found(table, "LIBZ") == {"/usr/lib/libz.so", "/usr/lib/libz.so.1.2"}
    assert found(table, "*.so") == {"/usr/lib/libz.so"}
    assert found(table, "tests") == {"/usr/lib/python3/tests/a.py"}
    assert found(table, "usr/*/tests") == {"/usr/lib/python3/tests/a.py"}
    assert len(found(table, "  ")) == len(FILES)


def test_a_regular_expression_searches_names_and_with_a_slash_whole_paths(table):
    assert found(table, r"\.so(\.\d+)*$", regex=True) == {"/usr/lib/libz.so", "/usr/lib/libz.so.1.2"}
    assert found(table, r"^/usr/.*\.PY$", regex=True) == {"/usr/lib/python3/tests/a.py"}
    assert found(table, r"^usr$", regex=True) == {"/" + name for name, _ in FILES}


@pytest.mark.parametrize("text", ["(", "[a", "a{2,1}", "*", "(?P<x>a)(?P<x>b)", "\\"])
def test_what_is_no_regular_expression_says_so(text):
    with pytest.raises(BadInput, match="no regular expression"):
        pattern_of(text, regex=True)


@pytest.mark.parametrize(
    "text", ["(a+)+$", "(a|a)*$", "(a|ab)*c", "(.*)*x", r"(\w+\s?)*$", ".*a.*b.*c.*d.*e", "(a+)+(b+)+", r"(a+)\1", "((ab*)*)*", "(a[A-Z]+)+$"]
)  # fmt: skip
def test_what_could_take_for_ever_is_refused_before_it_does(text):
    with pytest.raises(BadInput, match="for ever"):
        pattern_of(text, regex=True)


@pytest.mark.parametrize(
    "text", [r"\.so(\.\d+)*$", "^lib.*\\.(a|so)$", "(foo|bar)", "[a-z]+[0-9]*", "a{3}", "(tests?|docs?)/", r"(?:x\d{2,4}){1}", ".*a.*b.*c.*"]
)  # fmt: skip
def test_what_people_write_is_taken(text):
    re.compile(text)
    assert is_quick(text)
    pattern = pattern_of(text, regex=True)
    before = time.process_time()
    for hostile in (b"a" * 255, b"." + b".1" * 127, b"lib" * 85):
        pattern.search(hostile + b"!")
    assert time.process_time() - before < 5


def test_names_longer_than_any_file_system_takes_are_not_searched_by_regular_expressions(tmp_path):
    path = tmp_path / "long.tar"
    path.write_bytes(old_save([Picture([layer([("a" * 4000, 5), ("b/aa", 1)])], "x:1", [], {})]))
    table = read_path(path, Wanted()).table
    assert found(table, "a+$", regex=True) == {"/b/aa"}
    assert len(found(table, "aaa")) == 1
