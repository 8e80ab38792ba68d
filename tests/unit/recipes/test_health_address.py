"""Where a container's health check asks: one rule for all languages."""

from __future__ import annotations

import pytest

from slimdesk.project.model import Component, Fact
from slimdesk.recipes.health import health_address


def asked(path: str | None) -> str:
    facts = () if path is None else (Fact("health_path", path),)
    return health_address(Component(name="api", path=".", profile="go", port=8080, facts=facts))


@pytest.mark.parametrize(
    ("told", "path"),
    [
        (None, "/"),
        ("/", "/"),
        ("/healthz", "/healthz"),
        ("healthz", "/healthz"),
        ("/health?full=1&x=a%20b", "/health?full=1&x=a%20b"),
        ("/v1/~team/up:ready", "/v1/~team/up:ready"),
    ],
)
def test_a_plain_path_is_asked_as_it_is_told(told, path):
    assert asked(told) == f"http://127.0.0.1:8080{path}"


@pytest.mark.parametrize("told", ['/a"); exit(0); ("', "/a b", "/#{`id`}", "/$(id)", "/a\nb", "/ä", "/a'b"])
def test_what_could_leave_a_quote_is_not_written(told):
    assert asked(told) == "http://127.0.0.1:8080/"
