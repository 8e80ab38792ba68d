"""Bodies are found whole whatever the lengths in which a layer comes, and never more of them than there is room for."""

from __future__ import annotations

import pytest
from unit.image.images import layer, member, program

from slimdesk.image.bodies import MAX_BODY, TOO_LARGE, Budget, Interest
from slimdesk.image.interests import Rule, chooser
from slimdesk.image.layer import LayerParser


def keep(_: bytes, body: bytes, size: int) -> tuple[bytes, int]:
    return body, size


WHOLE = Rule(Interest("whole", keep, limit=5000, weighs=10), names=frozenset((b"wanted",)))
HEAD = Rule(
    Interest(
        "head",
        keep,
        wanted=lambda start, size: size if start == b"full" else 2 if start[:1] == b"#" else 0,
        weighs=10,
    ),
    executable=True,
)
BODY = bytes(range(256)) * 7
LONG = "folder/" * 30
TAR = layer(
    [
        ("other", BODY),
        ("wanted", BODY),
        (f"{LONG}wanted", b"long"),
        program("full", b"full" + BODY),
        program("head", b"#!x"),
        program("none", b"nothing"),
        program("tiny", b"#"),
        program("empty", b""),
        ("large/wanted", 5001),
        ("last/wanted", b"z"),
    ]
)
EXPECTED = {
    "wanted": ("whole", (BODY, len(BODY))),
    f"{LONG}wanted": ("whole", (b"long", 4)),
    "full": ("head", (b"full" + BODY, len(BODY) + 4)),
    "head": ("head", (b"#!", 3)),
    "tiny": ("head", (b"#", 1)),
    "large/wanted": (TOO_LARGE, 5001),
    "last/wanted": ("whole", (b"z", 1)),
}


def kept(data: bytes, step: int, budget: Budget) -> dict[str, tuple[str, object]]:
    parser = LayerParser("Layer", budget=budget)
    for start in range(0, len(data), step):
        parser.feed(data[start : start + step])
    columns = parser.finish()
    return {columns.keys[entry].replace(b"\0", b"/").decode(): value for entry, value in columns.kept.items()}


@pytest.mark.parametrize("step", [1, 3, 511, 512, 513, 1000, 4096, 1 << 20])
def test_the_same_is_kept_in_pieces_of_any_length(step: int) -> None:
    assert kept(TAR, step, Budget(chooser([WHOLE, HEAD]))) == EXPECTED


def test_pax_headers_make_no_difference() -> None:
    import tarfile

    info, body = member("wanted", BODY)
    info.pax_headers = {"comment": "x", "mtime": "1700000000.5"}
    data = layer([(info, body)], tarfile.PAX_FORMAT)
    assert kept(data, 700, Budget(chooser([WHOLE]))) == {"wanted": ("whole", (BODY, len(BODY)))}


def test_what_has_no_room_is_said_and_not_kept() -> None:
    found = kept(TAR, 4096, Budget(chooser([WHOLE, HEAD]), left=25))
    assert [word for word, _ in found.values()].count(TOO_LARGE) == len(EXPECTED) - 2


def test_no_body_is_held_that_is_larger_than_the_bound() -> None:
    info, _ = member("wanted", b"")
    info.size = MAX_BODY + 1
    greedy = Rule(Interest("whole", keep, limit=1 << 40), names=frozenset((b"wanted",)))
    parser = LayerParser("Layer", budget=Budget(chooser([greedy])))
    parser.feed(info.tobuf())
    parser.feed(bytes(1 << 20))
    assert parser._bodies is not None
    assert not parser._bodies.open
