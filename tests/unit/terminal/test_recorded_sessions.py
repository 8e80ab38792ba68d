"""Sessions recorded from real programs (80x24, xterm-256color): the screens were looked at, and both cores show them."""

from pathlib import Path

import pytest
from unit.terminal.seen import everything, rows

from slimdesk.terminal import ghostty
from slimdesk.terminal.plain import PlainScreen

DATA = Path(__file__).parents[2] / "data" / "terminal"
NAMES = sorted(path.stem for path in DATA.glob("*.bin"))


def test_there_are_recordings():
    assert {"vi", "top", "less", "htop", "dialog", "mc"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_it_draws_right(make, name):
    screen = make(80, 24)
    screen.feed((DATA / f"{name}.bin").read_bytes())
    expected = (DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    shown = rows(screen)
    assert shown == expected + [""] * (24 - len(expected))


@pytest.mark.parametrize("name", NAMES)
def test_pieces_of_any_size_are_the_same(make, name):
    data = (DATA / f"{name}.bin").read_bytes()
    whole, cut = make(80, 24), make(80, 24)
    whole.feed(data)
    for start in range(0, len(data), 7):
        cut.feed(data[start : start + 7])
        if start % 700 == 0:
            cut.take_changes()
    assert everything(cut) == everything(whole)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.skipif(not ghostty.available(), reason="pyghostty has no wheel for this machine")
def test_both_cores_agree_on_every_cell(name):
    data = (DATA / f"{name}.bin").read_bytes()
    one, other = ghostty.GhosttyScreen(80, 24), PlainScreen(80, 24)
    # The screens in between are compared as well.
    for start in range(0, len(data), 1000):
        one.feed(data[start : start + 1000])
        other.feed(data[start : start + 1000])
        assert everything(other) == everything(one)
    assert one.take_answers() == other.take_answers()
    one.close()
