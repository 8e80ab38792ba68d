""".dockerignore as moby/patternmatcher reads and matches it; its own tables as facts."""

import time

import pytest

from slimdesk.basics.errors import BadInput
from slimdesk.dockerfile.ignore import Ignore, Pattern

# github.com/moby/patternmatcher patternmatcher_test.go: TestMatches (one pattern, path, whether it matches).
ONE = [
    ("**", "file", True), ("**/", "file", True), ("**", "dir/file", True), ("**/", "dir/file/", True),
    ("**/**", "dir/file", True), ("dir/**", "dir/file", True), ("dir/**", "dir/dir2/file/", True),
    ("**/dir", "dir", True), ("**/dir", "dir/file", True), ("**/dir2/*", "dir/dir2/file", True),
    ("**/dir2/*", "dir/dir2/file/", True), ("**/dir2/**", "dir/dir2/dir3/file", True), ("**file", "file", True),
    ("**file", "dir/file", True), ("**/file", "dir/file", True), ("**file", "dir/dir/file", True),
    ("**/file", "dir/dir/file", True), ("**/file*", "dir/dir/file", True), ("**/file*", "dir/dir/file.txt", True),
    ("**/file*txt", "dir/dir/file.txt", True), ("**/file*.txt", "dir/dir/file.txt", True),
    ("**/file*.txt*", "dir/dir/file.txt", True), ("**/**/*.txt", "dir/dir/file.txt", True),
    ("**/**/*.txt2", "dir/dir/file.txt", False), ("**/*.txt", "file.txt", True), ("**/**/*.txt", "file.txt", True),
    ("a**/*.txt", "a/file.txt", True), ("a**/*.txt", "a/dir/file.txt", True), ("a**/*.txt", "a/dir/dir/file.txt", True),
    ("a/*.txt", "a/dir/file.txt", False), ("a/*.txt", "a/file.txt", True), ("a/*.txt**", "a/file.txt", True),
    ("a[b-d]e", "ae", False), ("a[b-d]e", "ace", True), ("a[b-d]e", "aae", False), ("a[^b-d]e", "aze", True),
    (".*", ".foo", True), (".*", "foo", False), ("abc.def", "abcdef", False), ("abc.def", "abc.def", True),
    ("abc.def", "abcZdef", False), ("abc?def", "abcZdef", True), ("abc?def", "abcdef", False), ("a\\\\", "a\\", True),
    ("**/foo/bar", "foo/bar", True), ("**/foo/bar", "dir/foo/bar", True), ("**/foo/bar", "dir/dir2/foo/bar", True),
    ("abc/**", "abc", False), ("abc/**", "abc/def", True), ("abc/**", "abc/def/ghi", True), ("**/.foo", ".foo", True),
    ("**/.foo", "bar.foo", False), ("a(b)c/def", "a(b)c/def", True), ("a(b)c/def", "a(b)c/xyz", False),
    ("a.|)$(}+{bc", "a.|)$(}+{bc", True), ("a\\*b", "a*b", True),
    ("dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl", "dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl", True),
    ("dist/*.whl", "dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl", True),
    # TestMatch, the rows that Go's own filepath.Match has too.
    ("*", "abc", True), ("*c", "abc", True), ("a*", "a", True), ("a*", "ab/c", True), ("a*/b", "abc/b", True),
    ("a*/b", "a/c/b", False), ("a*b*c*d*e*/f", "axbxcxdxe/f", True), ("a*b*c*d*e*/f", "axbxcxdxexxx/f", True),
    ("a*b*c*d*e*/f", "axbxcxdxe/xxx/f", False), ("a*b*c*d*e*/f", "axbxcxdxexxx/fff", False),
    ("a*b?c*x", "abxbbxdbxebxczzx", True), ("a*b?c*x", "abxbbxdbxebxczzy", False), ("ab[c]", "abc", True),
    ("ab[e-g]", "abc", False), ("ab[^c]", "abc", False), ("ab[^e-g]", "abc", True), ("a\\*b", "ab", False),
    ("a?b", "a☺b", True), ("a[^a]b", "a☺b", True), ("a???b", "a☺b", False), ("[a-ζ]*", "α", True), ("*[a-ζ]", "A", False),
    ("a?b", "a/b", False), ("a*b", "a/b", False), ("[\\]a]", "]", True), ("[\\-]", "-", True), ("[x\\-]", "x", True),
    ("[x\\-]", "-", True), ("[x\\-]", "z", False), ("[\\-x]", "a", False), ("*x", "xxx", True),
]  # fmt: skip

# TestMatches and the tests around it, with several patterns.
MANY = [
    (["**", "!util/docker/web"], "util/docker/web/foo", False),
    (["**", "!util/docker/web", "util/docker/web/foo"], "util/docker/web/foo", True),
    (["**", "!dist/proxy.py"], "dist/proxy.py", False),
    (["**", "!dist/*.whl"], "dist/proxy.whl", False),
    (["!fileutils.go", "*.go"], "fileutils.go", True),
    (["*.go", "!fileutils.go"], "fileutils.go", False),
    (["docs", "!docs/README.md"], "docs/README.md", False),
    (["docs/", "!docs/README.md"], "docs/README.md", False),
    (["docs/*", "!docs/README.md"], "docs/README.md", False),
    (["*.go"], ".", False),
    ([], "any/path/there", False),
]


@pytest.mark.parametrize(("pattern", "path", "expected"), ONE)
def test_one_pattern(pattern, path, expected):
    assert Ignore.parse(pattern).excludes(path) is expected


@pytest.mark.parametrize(("patterns", "path", "expected"), MANY)
def test_the_last_pattern_that_matches_decides(patterns, path, expected):
    assert Ignore.parse("\n".join(patterns)).excludes(path) is expected


@pytest.mark.parametrize(
    "pattern",
    [
        "[",
        "[^",
        "[]a]",
        "[-]",
        "[x-]",
        "[-x]",
        "[a-b-c]",
        "[^bc",
        "a[",
        "\\",
        "a\\",
        "[Local-Only]/",
        "!",
        "! ",
        "!/",
    ],
)
def test_what_docker_refuses(pattern):
    with pytest.raises(BadInput, match="line 2"):
        Ignore.parse(f"fine\n{pattern}\n", "web/.dockerignore")


def test_reading_the_file():
    text = (
        "\ufefftest1\n/test2\r\n/a/file/here\n\n   \nlastfile  \n# a comment\n  #not-a-comment\n"
        "! /inverted/abs/path\n./x/../y/\n!!odd\n.\n"
    )
    assert [(one.text, one.exception, one.line) for one in Ignore.parse(text).patterns] == [
        ("test1", False, 1), ("test2", False, 2), ("a/file/here", False, 3), ("lastfile", False, 6),
        ("#not-a-comment", False, 8), ("inverted/abs/path", True, 9), ("y", False, 10), ("!odd", True, 11), (".", False, 12),
    ]  # fmt: skip


def test_patterns_are_anchored_at_the_context():
    ignore = Ignore.parse("node_modules\n*.pyc\n")
    assert ignore.excludes("node_modules/a/b.js")
    assert not ignore.excludes("web/node_modules/a.js")
    assert not ignore.excludes("pkg/a.pyc")


def test_a_dot_excludes_nothing():
    assert not Ignore.parse(".\n").excludes("a")
    assert not Ignore.parse("*\n").excludes(".")
    assert not Ignore.parse("**\n").excludes("./")


def test_everything_but_some():
    ignore = Ignore.parse("*\n!src\n!package.json\nsrc/**/*.test.js\n")
    found = [
        path
        for path in ("src/a.js", "src/x/a.test.js", "package.json", "README.md", ".git/HEAD")
        if not ignore.excludes(path)
    ]
    assert found == ["src/a.js", "package.json"]


def test_an_exception_below_a_folder_that_stays_out():
    ignore = Ignore.parse("docs\n!docs/keep/*.md\n")
    assert ignore.excludes("docs", is_dir=True)
    assert not ignore.prunes("docs")
    assert not ignore.prunes("docs/keep")
    assert ignore.prunes("docs/other")
    assert not ignore.excludes("docs/keep/a.md")
    assert ignore.excludes("docs/keep/a.txt")


def test_a_folder_is_pruned_only_if_nothing_below_can_come_back():
    assert Ignore.parse("target\n").prunes("target")
    assert not Ignore.parse("target\n").prunes("src")
    assert not Ignore.parse("target\n!**/*.keep\n").prunes("target")
    assert Ignore.parse("target\n!src/**\n").prunes("target")
    assert not Ignore.parse("*\n!src/app/**\n").prunes("src")
    assert Ignore.parse("*\n!src/app/**\n").prunes("docs")


def test_an_exception_for_a_folder_that_is_named_above_a_narrower_pattern():
    # Docker goes from folder to folder with what matched above: a/b matched first, so !a does not bring it back.
    ignore = Ignore.parse("a/b\n!a\n")
    assert ignore.excludes("a/b/c")


def test_order_of_questions_does_not_matter():
    paths = ["a/b/c/d.txt", "a", "a/b/c", "x/y", "a/b", "x"]
    text = "a/*\n!a/b\na/b/c/*.txt\nx\n"
    forward, backward = Ignore.parse(text), Ignore.parse(text)
    there = {path: forward.excludes(path, is_dir="." not in path) for path in paths}
    back = {path: backward.excludes(path) for path in reversed(paths)}
    assert (
        there
        == back
        == {"a/b/c/d.txt": True, "a": False, "a/b/c": False, "x/y": True, "a/b": False, "x": True}
    )


def test_no_file_excludes_nothing():
    assert not Ignore().excludes("a")
    assert not Ignore.parse("\n# only words\n").excludes("a")
    assert Ignore().patterns == ()


def test_patterns_are_data():
    assert Ignore.parse("!b/").patterns == (Pattern("b", exception=True, line=1),)


def test_many_stars_cost_no_more_than_one():
    patterns = [
        "a*" * 40 + "x",
        "**/" + "a/**/" * 30 + "x",
        "**a" * 40 + "x",
        "?*" * 60 + "!",
        "*" + "[ab]*" * 50 + "c",
    ]
    ignore = Ignore.parse("\n".join(patterns))
    paths = ["a" * 255, "a/" * 1000 + "a", "ab" * 120, "/".join(["aaa"] * 500)]
    started = time.process_time()
    assert not any(ignore.excludes(path) for path in paths)
    # An expression that looks back takes years here.
    assert time.process_time() - started < 5


def test_stars_that_meet():
    ignore = Ignore.parse("*ab*ab\n**/x*y/**/z\n*a/b*c\n")
    assert ignore.excludes("ababab")
    assert ignore.excludes("abxabab")
    assert not ignore.excludes("aab")
    assert ignore.excludes("q/xy/xyy/r/z")
    assert not ignore.excludes("q/x/y/z")
    assert ignore.excludes("xa/b1c")
    assert not ignore.excludes("a/xa/bc")


def test_stars_inside_names():
    ignore = Ignore.parse("**a**b**c\nx**y\n")
    assert ignore.excludes("abc")
    assert ignore.excludes("q/a/ab/c")
    assert not ignore.excludes("q/a/ab/rbc")
    assert not ignore.excludes("q/a/x/rb/c/d")
    assert ignore.excludes("xq/y")
    assert not ignore.excludes("xqy")
