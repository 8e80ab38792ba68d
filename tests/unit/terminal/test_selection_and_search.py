"""Selecting and finding, on both cores."""

import pytest

from slimdesk.terminal import search
from slimdesk.terminal.screen import Place, Row, Run
from slimdesk.terminal.selection import Selection, word_at


def selected(screen, first, last, unit):
    screen.take_changes()
    selection = Selection(screen)
    selection.start(*first, unit)
    if last is not None:
        selection.extend(*last)
    return selection


def test_characters(make):
    screen = make(20, 3)
    screen.feed(b"hello world\r\nnext line")
    assert selected(screen, (0, 6), (1, 3), "character").text() == "world\nnext"
    assert selected(screen, (1, 3), (0, 6), "character").text() == "world\nnext"
    assert selected(screen, (0, 6), None, "character").bounds() is None


def test_words_and_lines(make):
    screen = make(40, 3)
    screen.feed(b"see /etc/hosts, and http://a.b:80/c?d=e.\r\nnext")
    assert selected(screen, (0, 6), None, "word").text() == "/etc/hosts"
    assert selected(screen, (0, 21), None, "word").text() == "http://a.b:80/c?d=e"
    assert selected(screen, (0, 6), (0, 22), "word").text() == "/etc/hosts, and http://a.b:80/c?d=e"
    assert selected(screen, (1, 2), None, "line").text() == "next"


def test_blocks(make):
    screen = make(20, 4)
    screen.feed(b"abcdef\r\nghijkl\r\nmnopqr")
    selection = selected(screen, (0, 4), (2, 2), "block")
    assert selection.text() == "cde\nijk\nopq"
    assert selection.columns(selection.bounds(), 1, 20) == (2, 5)


def test_wide_characters_are_whole(make):
    screen = make(20, 2)
    screen.feed("a你好b".encode())
    selection = selected(screen, (0, 2), (0, 3), "character")
    assert selection.text() == "你好"
    assert selection.columns(selection.bounds(), 0, 20) == (1, 5)
    assert selection.columns(selection.bounds(), 1, 20) is None


def test_it_stays_with_its_text(make):
    screen = make(20, 3)
    screen.feed(b"one\r\ntwo\r\n")
    selection = selected(screen, (1, 0), (1, 2), "character")
    screen.feed(b"x\r\n" * 10)
    assert selection.text() == "two"
    selection.clear()
    assert selection.text() == ""


def test_everything(make):
    screen = make(20, 3)
    screen.feed(b"one\r\ntwo\r\nthree\r\nfour")
    selection = Selection(screen)
    selection.everything()
    assert selection.text() == "one\ntwo\nthree\nfour"


def test_text_that_is_gone_is_not_selected(make):
    screen = make(20, 3)
    screen.feed(b"one\r\n" * 5)
    selection = selected(screen, (0, 0), (0, 2), "character")
    for _ in range(30):
        screen.feed(b"line\r\n" * 1000)
    assert selection.text() in {"", "l"} or "one" not in selection.text()


@pytest.mark.parametrize(("column", "cells"), [(0, (0, 2)), (3, (3, 3)), (5, (4, 6)), (30, (30, 30))])
def test_word_at(column, cells):
    assert word_at(Row((Run(0, "abc def", 7),)), column) == cells


def test_hits(make):
    screen = make(20, 3)
    screen.feed(b"an Error\r\nfine\r\nerror, error\r\n" + b"x\r\n" * 50)
    found = search.hits(screen, search.pattern("error"))
    assert found == [search.Hit(0, 0), search.Hit(2, 0), search.Hit(2, 1)]
    assert search.hits(screen, search.pattern("Error")) == [search.Hit(0, 0)]
    assert search.hits(screen, search.pattern("error"), most=1) == [search.Hit(2, 1)]
    assert search.pattern("  ") is None


def test_cells_of_a_hit():
    row = Row((Run(0, "你", 2, whole=True), Run(2, "ab", 2), Run(6, "ab", 2)))
    assert search.cells(row, search.pattern("ab")) == [(2, 4), (6, 8)]
    assert search.cells(row, search.pattern("你a")) == [(0, 3)]


def test_place_orders_as_text_does():
    assert Place(1, 9) < Place(2, 0) < Place(2, 1)
