"""Looking for tell-tale lines in many files."""

import re

from slimdesk.project.code_search import MAX_EACH, files_in, is_inside, search, shallow_first
from slimdesk.project.walk import walk


def test_matches_come_with_their_place(make_folder):
    tree = walk(make_folder({"a.rb": "x\nport 80\n", "b/c.rb": "port 90\n"}))
    found = search(
        tree, shallow_first(tree.files), {"port": re.compile(r"port (\d+)"), "none": re.compile("zzz")}
    )
    assert [(hit.text, hit.path, hit.line) for hit in found["port"]] == [
        ("80", "a.rb", 2),
        ("90", "b/c.rb", 1),
    ]
    assert found["none"] == []


def test_a_pattern_without_groups_gives_the_whole_match_and_missing_groups_are_empty(make_folder):
    tree = walk(make_folder({"a": "abc"}))
    found = search(tree, ["a"], {"whole": re.compile("b"), "either": re.compile("(x)|(c)")})
    assert [found[key][0].text for key in ("whole", "either")] == ["b", "c"]


def test_matches_are_bounded(make_folder):
    tree = walk(make_folder({"a": "x" * 10_000}))
    assert len(search(tree, ["a", "missing"], {"x": re.compile("x")})["x"]) == MAX_EACH


def test_files_of_one_folder(make_folder):
    tree = walk(make_folder({"a.sln": "", "b/c.sln": "", "b/d.slnx": "", "b/e/f.sln": ""}))
    assert files_in(tree, "b", "*.sln", "*.slnx") == ["b/c.sln", "b/d.slnx"]
    assert files_in(tree, ".", "*.sln", "*.slnx") == ["a.sln"]
    assert files_in(tree, "x", "*.sln", "*.slnx") == []


def test_inside():
    assert is_inside("a/b", "a")
    assert is_inside("a", "a")
    assert is_inside("a", ".")
    assert not is_inside("ab", "a")
