"""The merge of sequences: it tiles all three, loses nothing, and takes both sides where they do not meet."""

from hypothesis import given
from hypothesis import strategies as st

from slimdesk.basics.merge3 import merge

LETTERS = st.lists(st.sampled_from("abcdeXYZ"), max_size=9)


def result(old, yours, theirs, kind=None):
    """The merged letters; a clash as (yours|theirs)."""
    text = ""
    for piece in merge(old, yours, theirs, kind):
        mine, other = "".join(yours[slice(*piece.yours)]), "".join(theirs[slice(*piece.theirs)])
        text += {
            "same": other, "yours": mine, "theirs": other, "both": f"{other}{mine}", "clash": f"({mine}|{other})",
        }[piece.take]  # fmt: skip
    return text


@given(LETTERS, LETTERS, LETTERS, st.booleans())
def test_pieces_tile_all_three_sequences(old, yours, theirs, with_kind):
    pieces = merge(old, yours, theirs, str.isupper if with_kind else None)
    for number, sequence in enumerate((old, yours, theirs)):
        spans = [(piece.old, piece.yours, piece.theirs)[number] for piece in pieces]
        assert [one[0] for one in spans] == [0, *(one[1] for one in spans[:-1])][: len(spans)]
        assert (spans[-1][1] if spans else 0) == len(sequence)
    for piece in pieces:
        before = old[slice(*piece.old)]
        if piece.take in ("same", "yours"):
            assert before == theirs[slice(*piece.theirs)]
        if piece.take == "same":
            assert before == yours[slice(*piece.yours)]


@given(LETTERS, LETTERS)
def test_one_side_alone_is_taken_as_it_is(old, new):
    assert result(old, new, old) == "".join(new)
    assert result(old, old, new) == "".join(new)
    assert result(old, new, new) == "".join(new)


def test_what_only_touches_is_no_clash():
    assert result("abc", "aXbc", "Zbc") == "ZXbc"
    assert result("abc", "abXc", "aYc") == "aYXc"
    assert result("abc", "abcX", "ab") == "abX"
    assert result("abc", "abcX", "abcY") == "abcYX"


def test_what_both_changed_is_a_clash():
    assert result("abc", "aXc", "aYc") == "a(X|Y)c"
    assert result("abc", "ac", "aYc") == "a(|Y)c"
    # An insertion in the middle of what the other side took away has no place of its own any more.
    assert result("abcd", "abXcd", "ad") == "a(bXc|)d"


def test_kinds_say_what_became_of_what():
    # Without kinds the whole part is one change.
    assert result("aAb", "aBXb", "aAb") == "aBXb"
    assert result(["f1", "r1"], ["f1", "x", "r1"], ["f2", "y", "r2"], lambda one: one[0]) == "f2yxr2"
