"""No name from an image becomes a formula in somebody's spreadsheet (OWASP, CSV injection)."""

from __future__ import annotations

import pytest

from slimdesk.image.compare_text import cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0"])
def test_what_would_be_a_formula_is_text(text):
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["usr/bin", "a=b", "1-2", "", "'=1"])
def test_other_text_stays(text):
    assert cell(text) == text


@pytest.mark.parametrize("text", ["\t=1", "\r=1", "\n=1"])
def test_a_control_character_in_front_does_not_hide_one(text):
    assert cell(text)[:1] not in ("=", "\t", "\r", "\n")
