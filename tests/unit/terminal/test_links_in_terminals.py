"""Addresses in a terminal: what counts as one, where it lies, and that both cores agree on what is behind text."""

import random

import pytest

from slimdesk.terminal import ghostty
from slimdesk.terminal.links import harmless, link_at, links
from slimdesk.terminal.plain import PlainScreen
from slimdesk.terminal.plain_links import Links
from slimdesk.terminal.screen import Place


def behind(text, address="https://example.com/x"):
    return f"\x1b]8;;{address}\x1b\\{text}\x1b]8;;\x1b\\".encode()


def shown(make, data, columns=40, rows=5):
    screen = make(columns, rows)
    screen.feed(data)
    screen.take_changes()
    return screen


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost:8080",
        "https://example.com/a?b=c#d",
        "https://[::1]:8080/",
        "https://example.com/a%20b",
    ],
)
def test_web_addresses_are_harmless(address):
    assert harmless(address)


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "ssh://example.com",
        "vscode://x",
        "https://",
        "https:///path",
        "https://google.com@evil.example/",
        "https://example.com/\n",
        "https://example.com/ x",
        "https://еxample.com/",
        "https://example.com/\u202egpj",
        "https://example.com\\@evil.example/",
        "https://[::1/",
        "https://example.com:99999999/",
        "https://example.com/" + "a" * 3000,
        "HTTPS//example.com",
        "",
    ],
)
def test_everything_else_is_not(address):
    assert not harmless(address)


def test_an_address_in_the_text_is_found_without_the_sentence_around_it(make):
    screen = shown(make, b"see (http://localhost:8080/a_(b)), or not.")
    link = link_at(screen, 0, 10)
    assert link is not None
    assert (link.address, link.written) == ("http://localhost:8080/a_(b)", True)
    assert link.cells == ((0, 5, 32),)
    assert link_at(screen, 0, 4) is None
    assert link_at(screen, 0, 33) is None


def test_an_address_that_is_wrapped_is_one(make):
    screen = shown(make, b"GET https://example.com/a/very/long/path HTTP", columns=16)
    for row, column in ((0, 6), (1, 0), (2, 3)):
        link = link_at(screen, row, column)
        assert link is not None
        assert link.address == "https://example.com/a/very/long/path"
        assert link.cells == ((0, 4, 16), (1, 0, 16), (2, 0, 8))


def test_what_is_behind_text_is_told_with_the_cells_that_have_it(make):
    screen = shown(make, b"a " + behind("你好 docs") + b" b")
    assert screen.link(Place(0, 0)) == ""
    assert screen.link(Place(0, 3)) == "https://example.com/x"
    link = link_at(screen, 0, 5)
    assert link is not None
    assert (link.address, link.cells, link.written) == ("https://example.com/x", ((0, 2, 11),), False)
    assert link_at(screen, 0, 12) is None


def test_text_that_says_its_own_address_is_written(make):
    link = link_at(shown(make, behind("https://example.com/x")), 0, 3)
    assert link is not None
    assert link.written


def test_one_address_in_the_text_and_another_behind_it_leads_where_it_is_told_to_lead(make):
    link = link_at(shown(make, behind("https://good.example", "https://other.example/")), 0, 3)
    assert link is not None
    assert (link.address, link.written) == ("https://other.example/", False)


def test_a_hostile_address_behind_text_is_no_link_whatever_the_text_says(make):
    screen = shown(make, behind("https://good.example", "file:///etc/passwd"))
    assert link_at(screen, 0, 3) is None
    assert [link.address for link in links(screen)] == ["https://good.example"]


def test_the_links_of_what_is_shown_are_listed_once(make):
    screen = shown(
        make,
        behind("docs")
        + b" http://localhost:1 http://localhost:1\r\n"
        + behind("docs")
        + b"\r\nhttp://localhost:2",
    )
    assert [link.address for link in links(screen)] == [
        "https://example.com/x",
        "http://localhost:1",
        "http://localhost:2",
    ]
    assert len(links(screen, most=1)) == 1


def test_a_link_stays_with_its_text_in_the_scroll_back(make):
    screen = shown(make, behind("docs") + b"\r\n" * 8)
    assert screen.link(Place(0, 1)) == "https://example.com/x"
    screen.scroll_to(0)
    screen.take_changes()
    link = link_at(screen, 0, 1)
    assert link is not None
    assert link.address == "https://example.com/x"


def test_places_outside_have_nothing_behind_them(make):
    screen = shown(make, b"x")
    for place in (Place(-1, 0), Place(0, -1), Place(99, 0), Place(0, 99)):
        assert screen.link(place) == ""


PIECES = [
    b"hello", b"\r\n", b"\b\b", b"\x1b[3D", b"\x1b[H", b"\x1b[K", b"\x1b[1K", b"\x1b[2P", b"\x1b[2@", b"\x1b[3X", b"\x1b[L", b"\x1b[M",
    b"\x1b[0m", b"\x1b[31m", b"\x1b7", b"\x1b8", "你".encode(), b"\x1b]8;;https://a.example\x1b\\", b"\x1b]8;;https://b.example\x07",
    b"\x1b]8;;\x1b\\",
]  # fmt: skip


@pytest.mark.skipif(not ghostty.available(), reason="pyghostty has no wheel for this machine")
@pytest.mark.parametrize("seed", range(3))
def test_both_cores_agree_on_what_is_behind_every_cell_with_text(seed):
    chance = random.Random(seed)
    for _ in range(60):
        data = b"".join(chance.choice(PIECES) for _ in range(chance.randint(2, 14)))
        one, other = ghostty.GhosttyScreen(10, 4), PlainScreen(10, 4)
        for screen in (one, other):
            screen.feed(data)
            screen.take_changes()
        for row in range(4):
            for column, _cells, character in one.row(row).characters():
                if character != " ":
                    place = Place(one.top() + row, column)
                    assert other.link(place) == one.link(place), (data, place)
        one.close()


def test_numbers_of_addresses_are_never_given_twice():
    kept = Links()
    first = kept.number("https://0.example")
    assert kept.number("https://0.example") == first
    for number in range(1, 2500):
        kept.number(f"https://{number}.example")
    assert kept.address(first) == ""
    assert kept.number("https://0.example") != first
    assert kept.number("x" * 5000) == 0
    assert kept.address(0) == ""
