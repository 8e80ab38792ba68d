"""Pins: every image of a variant is asked for, what stays unpinned is told, and a tag that moved on too."""

import pytest

from slimdesk.basics.job import Silent
from slimdesk.dockerfile.parse import parse
from slimdesk.engine.model import TagDigest
from slimdesk.operations.generate import generate_dockerfile
from slimdesk.operations.pins import pinned_options, refreshed, stale_pins
from slimdesk.operations.saved import state_of
from slimdesk.project.model import Component, Fact, Project
from slimdesk.recipes.model import Options

DIGEST = "sha256:" + "ab" * 32
OTHER = "sha256:" + "cd" * 32
PROGRAM = Component(
    "api", ".", "go", version="1.26", entrypoint=("/api",), facts=(Fact("module", "m"), Fact("package", "."))
)


class Registry:
    """Answers with the same digest for every name, but for those in `answers`; keeps what was asked."""

    def __init__(self, answers=None, digest=DIGEST):
        self.answers, self.digest, self.asked = answers or {}, digest, []

    async def __call__(self, name):
        self.asked.append(name)
        return self.answers.get(name, TagDigest(self.digest, from_registry=True))


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path, (PROGRAM,))


async def test_every_image_of_the_dockerfile_is_pinned(project):
    ask = Registry()
    options, findings = await pinned_options(
        project, PROGRAM, "recommended", Options(syntax=True), ask=ask, reporter=Silent()
    )
    assert sorted(ask.asked) == [
        "docker/dockerfile:1", "gcr.io/distroless/static-debian13:nonroot", "golang:1.26-trixie",
    ]  # fmt: skip
    assert findings == ()
    text = generate_dockerfile(project, PROGRAM, "distroless", options).text
    assert text.startswith(f"# syntax=docker/dockerfile:1@{DIGEST}\n")
    assert f"FROM golang:1.26-trixie@{DIGEST} AS build" in text
    assert f"FROM gcr.io/distroless/static-debian13:nonroot@{DIGEST} AS final" in text


async def test_the_shell_of_a_debug_variant_is_pinned_through_the_mirror(project):
    ask = Registry()
    options = Options(debug=True, mirrors={"docker.io": "m.example"})
    await pinned_options(project, PROGRAM, "scratch", options, ask=ask, reporter=Silent())
    assert sorted(ask.asked) == ["m.example/library/busybox:1-musl", "m.example/library/golang:1.26-trixie"]


async def test_a_digest_that_nobody_tells_is_a_finding_with_the_reason(project):
    refused = TagDigest(None, why="gcr.io cannot be reached", todo="See whether there is a network")
    pulled = TagDigest(OTHER, why="docker.io cannot be reached")
    ask = Registry({"gcr.io/distroless/static-debian13:nonroot": refused, "golang:1.26-trixie": pulled})
    options, findings = await pinned_options(
        project, PROGRAM, "distroless", Options(), ask=ask, reporter=Silent()
    )
    assert {one.rule: one.message for one in findings} == {
        "not-pinned": "gcr.io/distroless/static-debian13:nonroot is not pinned: gcr.io cannot be reached.",
        "pin-not-asked": "golang:1.26-trixie is pinned to what the engine has pulled: docker.io cannot be reached.",
    }
    assert options.digests == {"golang:1.26-trixie": OTHER}


FILE = f"""FROM golang:1.26-trixie@{DIGEST} AS build
RUN go build -o /api .
FROM example.com/base@{DIGEST}
COPY --from=build /api /api
COPY --from=example.com/tool:2@{DIGEST} /tool /tool
RUN --mount=type=bind,from=example.com/tool:3@{DIGEST},target=/t true
"""


async def test_a_tag_that_moved_on_makes_a_pin_stale():
    ask = Registry(
        {
            "golang:1.26-trixie": TagDigest(OTHER, from_registry=True),
            "example.com/tool:3": TagDigest(OTHER, why="example.com cannot be reached", todo="Log in"),
        }
    )
    findings = await stale_pins(parse(FILE), ask, Silent())
    assert [(one.rule, one.severity, one.line) for one in findings] == [
        ("stale-pin", "warning", 1),
        ("pin-without-tag", "info", 3),
        ("pin-not-asked", "info", 6),
    ]
    assert OTHER[:19] in findings[0].message
    assert findings[2].fix == "Log in"
    assert ask.asked == ["golang:1.26-trixie", "example.com/tool:2", "example.com/tool:3"]


async def test_no_pin_asks_nobody():
    ask = Registry()
    assert await stale_pins(parse("FROM golang:1.26\nFROM scratch\n"), ask, Silent()) == ()
    assert ask.asked == []


async def test_pins_are_refreshed_and_an_unreachable_registry_takes_none_away(project):
    path = project.root / "Dockerfile"
    options, _ = await pinned_options(
        project, PROGRAM, "distroless", Options(), ask=Registry(), reporter=Silent()
    )
    path.write_text(generate_dockerfile(project, PROGRAM, "distroless", options).text + "# mine\n")
    saved = state_of(project, PROGRAM, path)
    assert (saved.state, saved.recorded.pin, saved.merged) == ("edited", True, saved.text)

    silent = TagDigest(None, why="gcr.io cannot be reached")
    ask = Registry({"gcr.io/distroless/static-debian13:nonroot": silent}, digest=OTHER)
    again, findings = await refreshed(project, saved, ask=ask, reporter=Silent())
    assert [one.rule for one in findings] == ["stale-pin", "pin-not-asked"]
    assert f"golang:1.26-trixie@{OTHER}" in again.merged
    assert f"gcr.io/distroless/static-debian13:nonroot@{DIGEST}" in again.merged
    assert again.merged.endswith("# mine\n")
    # A newer pin is no edit and no change of the project.
    assert again.state == "edited"
    path.write_text(again.merged)
    assert state_of(project, PROGRAM, path).disagreements == ()
