"""Sequences in any order: both cores show the same cell for cell, and random bytes never raise."""

import random

import pytest
from unit.terminal.seen import everything

from slimdesk.terminal import ghostty
from slimdesk.terminal.plain import PlainScreen

# What programs send. Left out is where the cores differ on purpose or for no program's harm: DECSTR, the shape of the
# cursor across screens, letters of other scripts while line drawing is on, moves below the margins in origin mode.
PIECES = [
    b"hello", b"abcdefghijklmnopqrstuvwxyz", b"\r\n", b"\n", b"\r", b"\b", b"\t", "你".encode(), "e\u0301".encode(), "🚀".encode(),
    b"\x1b[A", b"\x1b[3B", b"\x1b[5C", b"\x1b[2D", b"\x1b[H", b"\x1b[3;7H", b"\x1b[G", b"\x1b[4d", b"\x1b[I", b"\x1b[Z",
    b"\x1b[J", b"\x1b[1J", b"\x1b[2J", b"\x1b[K", b"\x1b[1K", b"\x1b[2K", b"\x1b[2L", b"\x1b[M", b"\x1b[3P", b"\x1b[2@", b"\x1b[4X",
    b"\x1b[S", b"\x1b[2T", b"\x1b[2;4r", b"\x1b[r", b"\x1b[4h", b"\x1b[4l", b"\x1b7", b"\x1b8", b"\x1bD", b"\x1bM", b"\x1bE", b"\x1bH",
    b"\x1b[g", b"\x1b[3g", b"\x1b[?1049h", b"\x1b[?1049l", b"\x1b[1m", b"\x1b[31;44m", b"\x1b[0m", b"\x1b[7m", b"\x1b[38;5;200m",
    b"\x1b[48;2;1;2;3m", b"\x1b[4:3m", b"\x1b[m", b"\x1b[?25l", b"\x1b[?25h", b"\x1b]2;ti\x07", b"\x1bc", b"\x1b[?5h", b"\x1b[s", b"\x1b[u",
    b"\x1b[3J", b"\x1bP1;2|x\x1b\\", b"\x1b_x\x1b\\", b"\x1b[>4;2m", b"\x1b[?1000h", b"\x1b[?1006h", b"\x1b=", b"\x1b>", b"\x18", b"\xff",
    b"\x1b[2\n;3H",
]  # fmt: skip


@pytest.mark.skipif(not ghostty.available(), reason="pyghostty has no wheel for this machine")
@pytest.mark.parametrize("seed", range(4))
def test_both_cores_agree(seed):
    chance = random.Random(seed)
    for _ in range(150):
        pieces = [chance.choice(PIECES) for _ in range(chance.randint(1, 12))]
        one, other = ghostty.GhosttyScreen(10, 5), PlainScreen(10, 5)
        one.feed(b"".join(pieces))
        other.feed(b"".join(pieces))
        assert everything(other) == everything(one), pieces
        one.close()


@pytest.mark.parametrize("seed", range(3))
def test_random_bytes_never_raise(make, seed):
    chance = random.Random(seed)
    alphabet = b"\x1b\x1b\x1b[[]]PX^_;;:?>=!$ 0123456789@ABCDHJKLMPSTXZabcdfghlmnpqrstu\\\x07\x18\r\n\t\x0e\x0f\xe4\xbd\xa0\xcc\x81\xf0\x9f\x9a\x80\xc2\x9b\xff"
    screen = make(12, 6)
    for turn in range(60):
        screen.feed(bytes(chance.choice(alphabet) for _ in range(300)))
        screen.feed(chance.randbytes(60))
        screen.feed(b"".join(chance.choice(PIECES) for _ in range(8)))
        if turn % 5 == 0:
            screen.resize(chance.randint(-1, 40), chance.randint(-1, 20))
        screen.scroll_to(chance.randint(-5, 50))
        seen = everything(screen)
        assert len(seen["lines"]) == screen.lines()
        cursor = screen.cursor()
        assert 0 <= cursor.column < screen.columns
        assert cursor.row is None or 0 <= cursor.row < screen.rows
        screen.take_answers()


def log_piece(chance):
    """Some lines of a log, with what logs have in them now and then."""
    lines = []
    for number in range(chance.randint(40, 120)):
        color = chance.choice(["", "", "\x1b[32m", "\x1b[1;31m", "\x1b[0m"])
        words = chance.choice(
            ["", "x", "GET /api 200", "a" * 30, "a" * 31, "你好", "tab\there", "\x1b[44mblue", "\x1b[4;5H"]
            + ["ok"] * 40
        )
        lines.append(
            f"{number} {color}INFO {words}{chance.choice(['', chr(27) + '[0m'])}"[:200]
            + chance.choice(["\r\n"] * 30 + ["\n", "\x1b[2;4r\r\n"])
        )
    return "".join(lines).encode()


@pytest.mark.parametrize("seed", range(6))
def test_reading_a_log_quickly_shows_what_reading_it_slowly_shows(seed):
    chance = random.Random(seed)
    quick, slow = PlainScreen(30, 6), PlainScreen(30, 6)
    for _ in range(8):
        data = log_piece(chance)
        quick.feed(data)
        for start in range(0, len(data), 50):
            slow.feed(data[start : start + 50])
        assert everything(quick) == everything(slow)
        quick.scroll_to(quick.lines() // 2)
        slow.scroll_to(slow.lines() // 2)
        assert everything(quick) == everything(slow)


@pytest.mark.skipif(not ghostty.available(), reason="pyghostty has no wheel for this machine")
@pytest.mark.parametrize(
    "text",
    ["👨\u200d👩\u200d👧", "❤\ufe0f", "🇩🇪", "👍🏽", "1\ufe0f\u20e3", "⌚\ufe0e", "é\ufe0f", "中\ufe0f", "क्षि", "กำ", "\u0600x", "\u1100\u1161\u11a8", "a\u200bb"],
)  # fmt: skip
def test_both_cores_give_pictures_and_scripts_the_same_cells(text):
    one, other = ghostty.GhosttyScreen(20, 2), PlainScreen(20, 2)
    for screen in (one, other):
        screen.feed(f"{text}|".encode())
    assert everything(other) == everything(one)
    one.close()
