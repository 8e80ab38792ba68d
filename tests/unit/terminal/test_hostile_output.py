"""What a hostile program may try: nothing is told, written, read or kept without bound."""

import pytest

from slimdesk.terminal.plain import PlainScreen
from slimdesk.terminal.screen import ANSWERS_KEPT, BYTES_KEPT, LINES_KEPT, TITLE_CHARACTERS


@pytest.mark.parametrize(
    "question",
    [
        b"\x1b[21t",
        b"\x1b[20t",
        b"\x1b]52;c;?\x07",
        b"\x1b]52;c;cm0gLXJmIC8K\x07",
        b"\x05",
        b"\x1b[?u",
        b"\x1bP+q544e\x1b\\",
        b"\x1b]10;?\x07",
    ],
    ids=["title", "icon", "read clipboard", "write clipboard", "enquiry", "kitty keys", "termcap", "colour"],
)
def test_it_says_nothing(make, question):
    screen = make()
    screen.feed(b"\x1b]2;; rm -rf / #\x07" + question)
    assert screen.take_answers() == b""


def test_a_title_is_one_short_harmless_line(make):
    screen = make()
    screen.feed("\x1b]0;ok\u202e\u200b done\x07".encode())
    assert screen.title() == "ok done"
    screen.feed(b"\x1b]2;" + b"x" * 1000 + b"\x07")
    assert len(screen.title()) <= TITLE_CHARACTERS
    assert screen.title().strip("x") in {"", "ok done"}


def test_answers_do_not_pile_up(make):
    screen = make()
    for _ in range(20):
        screen.feed(b"\x1b[6n" * 5000)
    assert len(screen.take_answers()) <= ANSWERS_KEPT


def test_an_endless_title_is_not_kept(make):
    screen = make()
    screen.feed(b"\x1b]2;")
    for _ in range(50):
        screen.feed(b"x" * 10_000)
    screen.feed(b"\x07after")
    screen.take_changes()
    assert screen.row(0).text == "after"


def test_scroll_back_is_bounded_by_lines(make):
    screen = make(80, 24)
    for _ in range(30):
        screen.feed(b"line\r\n" * 1000)
    assert LINES_KEPT * 0.9 <= screen.lines() <= LINES_KEPT * 1.2 + 24


def test_scroll_back_is_bounded_by_bytes():
    screen = PlainScreen(1000, 24)
    for _ in range(8):
        screen.feed(("你" * 500 + "\r\n").encode() * 500)
    # Two references for each cell.
    assert screen.lines() * 1000 * 16 < BYTES_KEPT + 1_000_000


def test_endless_marks_on_one_character(make):
    screen = make()
    screen.feed(b"e" + "\u0301".encode() * 100_000 + b"x")
    screen.take_changes()
    assert len(screen.row(0).text) < 5000
    assert screen.row(0).text.endswith("x")


@pytest.mark.parametrize(
    "sequence",
    [
        b"\x1b[999999999b",
        b"\x1b[999999999S",
        b"\x1b[999999999L",
        b"\x1b[999999999@",
        b"\x1b[" + b"9" * 5000 + b"C",
        b"\x1b[" + b"1;" * 5000 + b"m",
        b"\x1b[999999999I",
    ],
)
def test_huge_counts_end_soon(make, sequence):
    screen = make()
    screen.feed(b"a" + sequence + b"\r\nend")
    assert "end" in "".join(screen.texts(0, screen.lines()))
