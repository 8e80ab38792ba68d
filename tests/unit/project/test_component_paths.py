"""A component's paths as the project sees them, and as its build does."""

from __future__ import annotations

import pytest

from slimdesk.project.model import Component, Evidence, Fact


@pytest.mark.parametrize(
    ("path", "context", "folder"),
    [
        (".", ".", ""),
        ("api", ".", "api"),
        ("api", "api", ""),
        ("shop/api", "shop", "api"),
        (".", "", ""),
    ],
)
def test_a_components_folder_is_seen_from_its_build_context(path, context, folder):
    assert Component("one", path, "go", context=context).folder == folder


def test_what_lies_beside_the_context_is_not_in_it():
    one = Component("one", "app", "go", context="app")
    assert one.from_context("app/go.mod") == "go.mod"
    assert one.from_context("app") == ""
    assert one.from_context("apple/go.mod") is None
    assert one.from_context(".") is None


def test_a_facts_evidence_is_that_of_the_first():
    facts = (Fact("port", 80), Fact("env", "A", Evidence("a", 1)), Fact("env", "B", Evidence("b", 2)))
    one = Component("one", ".", "go", facts=facts)
    assert one.evidence("env") == Evidence("a", 1)
    assert one.evidence("port") is None
    assert one.evidence("module") is None
