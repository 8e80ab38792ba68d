"""What sequences do, on both cores: written by hand after vttest's chapters."""

import pytest
from unit.terminal.seen import rows

from slimdesk.terminal.screen import PLAIN, TRUE, Place, Style

# name, columns, rows, bytes, rows expected, cursor (column, row)
CASES = [
    ("text", 10, 3, b"ab\r\ncd", ["ab", "cd", ""], (2, 1)),
    ("wraps", 5, 3, b"abcdefg", ["abcde", "fg", ""], (2, 1)),
    ("wraps only when the next character comes", 5, 3, b"abcde\r\nf", ["abcde", "f", ""], (1, 1)),
    ("no wrapping", 5, 3, b"\x1b[?7labcdefg", ["abcdg", "", ""], (4, 0)),
    ("scrolls", 5, 2, b"a\r\nb\r\nc", ["b", "c"], (1, 1)),
    ("line feed keeps the column", 5, 3, b"ab\nc", ["ab", "  c", ""], (3, 1)),
    ("back space does not erase", 5, 2, b"abc\b\bX", ["aXc", ""], (2, 0)),
    ("tabs", 20, 2, b"a\tb\tc", ["a       b       c", ""], (17, 0)),
    ("own tabs", 20, 2, b"\x1b[3g\x1b[4G\x1bH\r\tx", ["   x", ""], (4, 0)),
    ("tab back", 20, 2, b"\x1b[18G\x1b[2Zx", ["        x", ""], (9, 0)),
    ("cursor addressing", 10, 4, b"\x1b[3;4Hx\x1b[Hy", ["y", "", "   x", ""], (1, 0)),
    ("cursor stays on the screen", 10, 3, b"\x1b[99;99Hx\x1b[99A\x1b[99Dy", ["y", "", "         x"], (1, 0)),
    ("relative moves", 10, 4, b"\x1b[2B\x1b[3Cx\x1b[A\x1b[2Dy", ["", "  y", "   x", ""], (3, 1)),
    ("next and previous line", 10, 4, b"ab\x1b[2Ec\x1b[Fd", ["ab", "d", "c", ""], (1, 1)),
    ("erase to the end of the line", 10, 1, b"abcdef\x1b[3G\x1b[K", ["ab"], (2, 0)),
    ("erase from the start of the line", 10, 1, b"abcdef\x1b[3G\x1b[1K", ["   def"], (2, 0)),
    ("erase the line", 10, 1, b"abcdef\x1b[3G\x1b[2K", [""], (2, 0)),
    ("erase below", 5, 3, b"aaa\r\nbbb\r\nccc\x1b[2;2H\x1b[J", ["aaa", "b", ""], (1, 1)),
    ("erase above", 5, 3, b"aaa\r\nbbb\r\nccc\x1b[2;2H\x1b[1J", ["", "  b", "ccc"], (1, 1)),
    ("erase all", 5, 3, b"aaa\r\nbbb\r\nccc\x1b[2J", ["", "", ""], (3, 2)),
    ("insert characters", 6, 1, b"abcdef\x1b[2G\x1b[2@", ["a  bcd"], (1, 0)),
    ("delete characters", 6, 1, b"abcdef\x1b[2G\x1b[2P", ["adef"], (1, 0)),
    ("erase characters", 6, 1, b"abcdef\x1b[2G\x1b[2X", ["a  def"], (1, 0)),
    ("insert mode", 6, 1, b"abc\x1b[4h\x1b[2GX", ["aXbc"], (2, 0)),
    ("insert lines", 3, 4, b"a\r\nb\r\nc\r\nd\x1b[2H\x1b[L", ["a", "", "b", "c"], (0, 1)),
    ("delete lines", 3, 4, b"a\r\nb\r\nc\r\nd\x1b[2H\x1b[2M", ["a", "d", "", ""], (0, 1)),
    ("scroll region", 3, 4, b"a\r\nb\r\nc\r\nd\x1b[2;3r\x1b[3Hx\n\ry", ["a", "x", "y", "d"], (1, 2)),
    ("reverse index at the margin", 3, 4, b"a\r\nb\r\nc\r\nd\x1b[2;3r\x1b[2H\x1bMx", ["a", "x", "b", "d"], (1, 1)),
    ("insert lines in the region", 3, 4, b"a\r\nb\r\nc\r\nd\x1b[2;3r\x1b[2H\x1b[L", ["a", "", "b", "d"], (0, 1)),
    ("scroll up and down", 3, 3, b"a\r\nb\r\nc\x1b[S\x1b[2T", ["", "", "b"], (1, 2)),
    ("origin mode", 5, 4, b"\x1b[2;3r\x1b[?6h\x1b[Hx\x1b[9Hy", ["", "x", "y", ""], (1, 2)),
    ("repeat", 8, 1, b"a\x1b[3bb", ["aaaab"], (5, 0)),
    ("save and restore", 8, 2, b"ab\x1b7\x1b[2Hcd\x1b8e", ["abe", "cd"], (3, 0)),
    ("line drawing", 8, 1, b"\x1b(0lqk\x1b(Blqk", ["┌─┐lqk"], (6, 0)),
    ("line drawing by shift", 8, 1, b"\x1b)0\x0elqk\x0flqk", ["┌─┐lqk"], (6, 0)),
    ("alignment", 3, 2, b"\x1b#8", ["EEE", "EEE"], (0, 0)),
    ("wide characters", 6, 1, "你好x".encode(), ["你好x"], (5, 0)),
    ("wide at the edge wraps", 5, 2, "abcd你".encode(), ["abcd", "你"], (2, 1)),
    ("half of a wide one overwritten", 6, 1, "你好\x1b[2Gx".encode(), [" x好"], (2, 0)),
    ("wide one shifted out", 4, 1, "ab你\x1b[G\x1b[@".encode(), [" ab"], (0, 0)),
    ("combining", 6, 1, "e\u0301a".encode(), ["e\u0301a"], (2, 0)),
    ("controls within a sequence", 8, 2, b"\x1b[2\n;3Hx", ["", "  x"], (3, 1)),
    ("cancelled sequence", 8, 1, b"\x1b[3\x18x", ["x"], (1, 0)),
    ("unknown sequences show nothing", 8, 1, b"\x1b[99zx\x1b[>4;2m\x1b[?12$py\x1bP1;2|q\x1b\\z", ["xyz"], (3, 0)),
    ("strings show nothing", 8, 1, b"\x1b_app\x1b\\a\x1b^pm\x1b\\b\x1b]777;x\x07c", ["abc"], (3, 0)),
    ("alternate screen", 5, 2, b"main\x1b[?1049hother\x1b[?1049l", ["main", ""], (4, 0)),
    ("alternate screen is empty", 5, 2, b"main\x1b[?1049h", ["", ""], (4, 0)),
    ("reset", 5, 2, b"a\x1b[2;2r\x1b[?6h\x1b[31m\x1bcb", ["b", ""], (1, 0)),
    ("not UTF-8", 5, 1, b"a\xff\xfeb", ["a\ufffd\ufffdb"], (4, 0)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "height", "data", "shown", "place"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_sequence(make, columns, height, data, shown, place):
    screen = make(columns, height)
    screen.feed(data)
    assert rows(screen) == shown
    cursor = screen.cursor()
    assert (cursor.column, cursor.row) == place


@pytest.mark.parametrize(
    ("columns", "height", "data", "shown", "place"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_sequence_in_single_bytes(make, columns, height, data, shown, place):
    screen = make(columns, height)
    for byte in data:
        screen.feed(bytes([byte]))
    assert rows(screen) == shown


@pytest.mark.parametrize(
    ("words", "style"),
    [
        ("1", Style(bold=True)),
        ("1;22", PLAIN),
        ("2;3", Style(faint=True, italic=True)),
        ("4", Style(underline=1)),
        ("21", Style(underline=2)),
        ("4:3", Style(underline=3)),
        ("4;24", PLAIN),
        ("7;8;9;53", Style(inverse=True, hidden=True, struck=True, overlined=True)),
        ("31;42", Style(foreground=1, background=2)),
        ("97;100", Style(foreground=15, background=8)),
        ("38;5;200;48;5;17", Style(foreground=200, background=17)),
        ("38;2;1;2;3", Style(foreground=TRUE | 0x010203)),
        ("38:2:1:2:3", Style(foreground=TRUE | 0x010203)),
        ("38:2::1:2:3", Style(foreground=TRUE | 0x010203)),
        ("58;5;9;4", Style(underline_color=9, underline=1)),
        ("31;39", PLAIN),
        ("31;999", Style(foreground=1)),
    ],
)
def test_looks(make, words, style):
    screen = make(10, 1)
    screen.feed(f"\x1b[{words}mx".encode())
    screen.take_changes()
    assert screen.row(0).runs[0].style == style


def test_erasing_keeps_the_background(make):
    screen = make(4, 2)
    screen.feed(b"\x1b[44m\x1b[K")
    screen.take_changes()
    assert [(run.text, run.style) for run in screen.row(0).runs] == [("    ", Style(background=4))]


def test_modes_that_programs_ask_for(make):
    screen = make()
    screen.feed(b"\x1b[?1h\x1b=\x1b[?2004h\x1b[?1002h\x1b[?1006h\x1b[?1004h\x1b[?1049h")
    modes = screen.modes()
    for asked in (
        modes.application_cursor,
        modes.application_keypad,
        modes.bracketed_paste,
        modes.alternate,
        modes.focus,
    ):
        assert asked
    assert (modes.mouse, modes.mouse_form) == ("drag", "sgr")
    screen.feed(b"\x1b[?1l\x1b>\x1b[?2004l\x1b[?1002l\x1b[?1006l\x1b[?1004l\x1b[?1049l")
    assert screen.modes() == make().modes()


def test_shapes_of_the_cursor(make):
    screen = make()
    shapes = []
    for number in (1, 4, 6, 0):
        screen.feed(f"\x1b[{number} q".encode())
        screen.take_changes()
        shapes.append(screen.cursor().shape)
    assert shapes == ["block", "underline", "bar", "block"]
    screen.feed(b"\x1b[?25l")
    screen.take_changes()
    assert not screen.cursor().visible


def test_answers(make):
    screen = make()
    screen.feed(b"\x1b[3;5H\x1b[6n\x1b[5n\x1b[c")
    assert screen.take_answers() == b"\x1b[3;5R\x1b[0n\x1b[?62;22c"
    assert screen.take_answers() == b""


def test_only_changed_rows_are_told(make):
    screen = make(10, 5)
    assert screen.take_changes().everything
    screen.feed(b"\x1b[3Hx")
    changes = screen.take_changes()
    assert not changes.everything
    assert 2 in changes.rows
    assert 4 not in changes.rows
    assert not screen.take_changes().rows


def test_scrolling_back_stays_with_the_text(make):
    screen = make(10, 3)
    screen.feed(b"".join(b"line %d\r\n" % number for number in range(20)))
    assert (screen.lines(), screen.top()) == (21, 18)
    screen.scroll_to(5)
    assert rows(screen) == ["line 5", "line 6", "line 7"]
    assert screen.cursor().row is None
    screen.feed(b"more\r\n" * 5)
    assert rows(screen) == ["line 5", "line 6", "line 7"]
    screen.scroll_to(10**6)
    assert rows(screen) == ["more", "more", ""]
    assert screen.texts(3, 2) == ["line 3", "line 4"]
    assert screen.texts(10**6, 2) == []


def test_scroll_back_can_be_forgotten(make):
    screen = make(10, 3)
    screen.feed(b"line\r\n" * 20 + b"\x1b[3J")
    assert screen.lines() == 3


def test_a_pin_stays_with_its_text(make):
    screen = make(10, 3)
    screen.feed(b"one\r\ntwo\r\n")
    pin = screen.pin(Place(1, 1))
    screen.feed(b"x\r\n" * 10)
    assert pin.place() == Place(1, 1)
    assert screen.texts(1, 1) == ["two"]
    pin.release()


def test_text_of_a_selection(make):
    screen = make(6, 4)
    screen.feed("abcdefgh\r\n你好 x\r\nend".encode())
    assert screen.text(Place(0, 2), Place(1, 1)) == "cdefgh"
    assert screen.text(Place(1, 0), Place(2, 1)) == "gh\n你"
    assert screen.text(Place(0, 1), Place(2, 2), block=True).split("\n")[0] == "bc"
    assert screen.text(Place(2, 0), Place(3, 5)) == "你好 x\nend"


def test_another_size_keeps_what_is_there(make):
    screen = make(10, 4)
    screen.feed(b"a\r\nb\r\nc\r\nd")
    screen.resize(12, 2)
    assert rows(screen) == ["c", "d"]
    assert screen.texts(0, 2) == ["a", "b"]
    screen.resize(10, 4)
    assert rows(screen)[-1] in {"d", ""}
    assert "".join(screen.texts(0, screen.lines())) == "abcd"
    screen.resize(0, 0)
    screen.feed(b"x" * 100)
    screen.resize(10**6, 10**6)
    assert (screen.columns, screen.rows) == (1000, 500)
