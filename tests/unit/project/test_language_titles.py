"""Every language has a name for people, and a recipe that serves it."""

from __future__ import annotations

from slimdesk.project.languages.registry import LANGUAGES, languages, title_of
from slimdesk.recipes.registry import PROFILES


def test_every_language_has_a_title_and_a_recipe():
    assert [one.profile for one in languages()] == list(LANGUAGES)
    assert set(LANGUAGES) == set(PROFILES)
    assert title_of("cpp") == "C and C++"
    assert all(title_of(one) != one for one in LANGUAGES)


def test_a_profile_of_another_version_keeps_its_word():
    assert title_of("cobol") == "cobol"
