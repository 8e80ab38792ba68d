"""Words and variables as BuildKit's shell lexer has them."""

import pytest

from slimdesk.basics.escaping import dockerfile_value
from slimdesk.dockerfile.shellwords import (
    RequiredVariable,
    WordError,
    check_word,
    expand,
    expanded_words,
)

VALUES = {"A": "one", "E": "", "P": "/usr/local/lib.tar.gz"}


# The rows are those of BuildKit's documentation of variables, and of its lexer's behaviour at the edges.
@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("$A", "one"), ("${A}", "one"), ("$A$A", "oneone"), ("$U", ""), ("x${U}y", "xy"), ("\\$A", "$A"), ("'$A'", "$A"),
        ('"$A"', "one"), ('"\\$A"', "$A"), ("a\\ b", "a b"), ('"a\\b"', "a\\b"), ("${U:-two}", "two"), ("${E:-two}", "two"),
        ("${E-two}", ""), ("${U-two}", "two"), ("${A:+set}", "set"), ("${E:+set}", ""), ("${E+set}", "set"), ("${U:-$A}", "one"),
        ("${U:-'a b'}", "a b"), ("${A:?no}", "one"), ("${P#*/}", "usr/local/lib.tar.gz"), ("${P##*/}", "lib.tar.gz"),
        ("${P%.*}", "/usr/local/lib.tar"), ("${P%%.*}", "/usr/local/lib"), ("${P/local/share}", "/usr/share/lib.tar.gz"),
        ("${A//[n]/x}", "one"), ("${P//\\//-}", "-usr-local-lib.tar.gz"), ("$", "$"), ("$1x", "x"), ("$%", "$%"), ("a<b", "a<b"),
        ("it''s", "its"),
    ],
)  # fmt: skip
def test_expands(word, expected):
    assert expand(word, VALUES.get) == expected


@pytest.mark.parametrize(
    "word",
    ["'a", '"a', "${A", "${}", "${{A}}", "${:x}", "${A:", "${A:x}", "${A@x}", "${A:#x}", "${A/x}", "${U:-'}"],
)
def test_refuses(word):
    with pytest.raises(WordError):
        expand(word, VALUES.get)
    with pytest.raises(WordError):
        check_word(word)


def test_a_variable_that_has_to_be_set():
    with pytest.raises(RequiredVariable, match="U: please"):
        expand("${U:?please}", VALUES.get)
    check_word("${U:?please}")


def test_another_escape_character():
    assert expand("C:\\a`$b", VALUES.get, "`") == "C:\\a$b"


def test_words():
    assert expanded_words("80 $U '81 82' \"$A\"", VALUES.get) == ["80", "81 82", "one"]


@pytest.mark.parametrize("value", ["plain", 'q"uote', "$HOME", "back\\slash", "it's", "a b", "${x}", "`"])
def test_what_we_quote_is_read_back(value):
    assert expand(dockerfile_value(value), lambda _: "WRONG") == value
