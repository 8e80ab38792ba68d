"""A project's own Dockerfile: its stages in short, what is found in it, and what cannot be read."""

from dataclasses import replace

import pytest

from slimdesk.basics.errors import BadInput
from slimdesk.dockerfile.parse import parse
from slimdesk.operations.own_dockerfile import dockerfile_paths, judge, outline, read_own
from slimdesk.project.model import Component, Evidence, Fact, Project

TEXT = """ARG V=1
FROM golang:1.27 AS build
COPY . .
RUN go build -o /out/api .

FROM alpine:3.23 AS unused

FROM debian:trixie-slim AS base
FROM base
COPY --from=build /out/api /out/api /x /srv/
COPY --from=0 /y /y
COPY --from=nginx:1.29 /etc/nginx /etc/nginx
CMD ["/srv/api"]
"""


def test_stages_say_what_ships_and_what_goes_from_one_to_the_other():
    build, unused, base, last = outline(parse(TEXT))
    assert (build.name, build.line, build.end_line, build.ships) == ("build", 2, 4, False)
    assert build.given == ("/out/api", "/x", "/y")
    assert (unused.ships, unused.given) == (False, ())
    assert (base.ships, last.ships) == (True, True)
    assert last.name == "stage 3"
    assert last.takes == (
        ("/out/api", "build"),
        ("/x", "build"),
        ("/y", "build"),
        ("/etc/nginx", "nginx:1.29"),
    )


def test_a_copy_from_a_name_that_comes_later_is_from_an_image():
    one, two = outline(parse("FROM a AS one\nCOPY --from=two /x /x\nFROM b AS two\n"))
    assert one.takes == (("/x", "two"),)
    assert two.given == ()


def test_what_buildkit_refuses_has_an_error_and_a_readable_text_where_that_is_plain():
    found = judge("FROM debian:trixie\nRUNN true\n", lint=False)
    assert found.error.line == 2
    assert found.readable == "FROM debian:trixie\nRUN true\n"
    assert (found.stages, found.told) == ((), ())
    assert judge("FROM debian:trixie\nXYZZY\n", lint=False).readable is None


def test_hadolint_that_is_not_there_is_said(monkeypatch):
    monkeypatch.setattr("slimdesk.dockerfile.hadolint.find_hadolint", lambda: None)
    found = judge("FROM debian:trixie-slim\nUSER 65532\n")
    assert found.lint_missing == "hadolint is not installed"
    assert judge("FROM debian:trixie-slim\n", lint=False).lint_missing == ""


def test_a_file_that_is_not_there_or_binary(tmp_path):
    component = Component("api", ".", "go", facts=(Fact("dockerfile", "Dockerfile", Evidence("Dockerfile")),))
    project = Project(tmp_path, (component,))
    with pytest.raises(BadInput, match="cannot be read"):
        read_own(project, component, "Dockerfile")
    (tmp_path / "Dockerfile").write_bytes(b"\xff\xfe\x00F\x00R")
    assert read_own(project, component, "Dockerfile").error is not None
    (tmp_path / "Dockerfile").write_bytes(b"FROM debian:trixie\r\nCMD true\r\n")
    assert read_own(project, component, "Dockerfile").text == "FROM debian:trixie\nCMD true\n"


def test_the_paths_of_a_pair_are_its_own_then_those_of_its_parts():
    front = Component("web", "web", "web", facts=(Fact("dockerfile", "web/Dockerfile"),))
    host = Component("api", "api", "go", facts=(Fact("dockerfile", "api/Dockerfile"),))
    pair = replace(host, name="web+api", facts=(Fact("dockerfile", "Dockerfile"),), parts=(front, host))
    assert dockerfile_paths(pair) == ("Dockerfile", "api/Dockerfile", "web/Dockerfile")
    assert dockerfile_paths(front) == ("web/Dockerfile",)
