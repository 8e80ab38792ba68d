"""Node.js version ranges: which majors they allow."""

import pytest

from slimdesk.project.languages.node_versions import parse_range


@pytest.mark.parametrize(
    ("text", "newest", "touched"),
    [
        (">=22", {22, 24, 26}, {22, 24, 26}),
        (">= 20.10", {20, 22, 24, 26}, {20, 22, 24, 26}),
        (">22", {24, 26}, {24, 26}),
        ("^22.1.0", {22}, {22}),
        ("~22.3", set(), {22}),
        ("22.x", {22}, {22}),
        ("v24.9.0", set(), {24}),
        ("24", {24}, {24}),
        ("=24", {24}, {24}),
        ("18 || 20 || 22", {20, 22}, {20, 22}),
        (">=20 <23", {20, 22}, {20, 22}),
        ("20 - 24", {20, 22, 24}, {20, 22, 24}),
        ("<=22.11.0", {20}, {20, 22}),
        ("lts/jod", {22}, {22}),
        ("lts/Krypton", {24}, {24}),
        ("^20.19.0 || >=22.12.0", {20, 22, 24, 26}, {20, 22, 24, 26}),
    ],
)
def test_ranges(text, newest, touched):
    wanted = parse_range(text)
    majors = (20, 22, 24, 26)
    assert {major for major in majors if wanted.newest_fits(major)} == newest
    assert {major for major in majors if wanted.touches(major)} == touched


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "*",
        "x",
        "lts/*",
        "node",
        "latest",
        "lts/unheard-of",
        "not a version",
        "; rm -rf /",
        "22.1.1.1",
    ],
)
def test_what_states_no_version(text):
    assert parse_range(text) is None


def test_a_long_text_ends():
    assert parse_range(">=20 <21" + " " * 1_000_000).touches(20)
    assert parse_range("1" * 1_000_000) is None
