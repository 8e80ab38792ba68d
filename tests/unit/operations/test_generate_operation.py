"""Pinning asks for exactly the images that the variant needs, and says which stayed unpinned."""

from pathlib import Path

import pytest

from slimdesk.basics.errors import OutputError, UnavailableFamily
from slimdesk.basics.job import Silent
from slimdesk.operations.families import compare_families
from slimdesk.operations.generate import generate_dockerfile, pinned_options, save_dockerfile
from slimdesk.project.model import Component, Fact, Project
from slimdesk.recipes.model import Options

DIGEST = "sha256:" + "ab" * 32
PROGRAM = Component(
    "api", ".", "go", version="1.26", entrypoint=("/api",), facts=(Fact("module", "m"), Fact("package", "."))
)


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path, (PROGRAM,))


async def test_pins_what_the_target_needs(project):
    asked = []

    async def digest_of(name):
        asked.append(name)
        return DIGEST

    options, findings = await pinned_options(
        project, PROGRAM, "recommended", Options(), digest_of=digest_of, reporter=Silent()
    )
    assert sorted(asked) == ["gcr.io/distroless/static-debian13:nonroot", "golang:1.26-trixie"]
    assert findings == ()
    text = generate_dockerfile(project, PROGRAM, "distroless", options).text
    assert f"FROM golang:1.26-trixie@{DIGEST} AS build" in text
    assert f"FROM gcr.io/distroless/static-debian13:nonroot@{DIGEST} AS final" in text


async def test_pins_the_shell_of_a_debug_variant_through_the_mirror(project):
    asked = []

    async def digest_of(name):
        asked.append(name)
        return DIGEST

    options = Options(debug=True, mirrors={"docker.io": "m.example"})
    await pinned_options(project, PROGRAM, "scratch", options, digest_of=digest_of, reporter=Silent())
    assert sorted(asked) == ["m.example/library/busybox:1-musl", "m.example/library/golang:1.26-trixie"]


async def test_an_unknown_digest_is_told_and_left_out(project):
    async def digest_of(name):
        return DIGEST if name.startswith("golang") else None

    options, findings = await pinned_options(
        project, PROGRAM, "distroless", Options(), digest_of=digest_of, reporter=Silent()
    )
    assert [(one.rule, "distroless" in one.message) for one in findings] == [("not-pinned", True)]
    assert list(options.digests) == ["golang:1.26-trixie"]


def test_findings_of_the_rules_come_along(project):
    rules = [one.rule for one in generate_dockerfile(project, PROGRAM, "full", Options()).findings]
    assert rules == ["compiler-in-image"]
    assert generate_dockerfile(project, PROGRAM, "distroless", Options()).findings == ()
    baseline = generate_dockerfile(project, PROGRAM, None, Options()).findings
    assert "root-user" in [one.rule for one in baseline]


def test_families_and_recommendation(project):
    table = compare_families(project, PROGRAM)
    assert table.recommended == "distroless"
    assert not table.fit("chiselled").available


def test_no_recipe_means_no_recommendation(project):
    other = Component("x", ".", "cobol")
    assert compare_families(project, other).recommended is None
    with pytest.raises(UnavailableFamily):
        generate_dockerfile(project, other, "recommended", Options())


def test_save_fails_whole(project, tmp_path, monkeypatch):
    generated = generate_dockerfile(project, PROGRAM, "slim", Options())
    file = tmp_path / "Dockerfile"
    file.write_text("FROM mine\n")

    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OutputError, match="No space left"):
        save_dockerfile(generated, file, force=True)
    assert file.read_text() == "FROM mine\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Dockerfile", "Dockerfile.orig"]


def test_a_link_counts_as_a_file_that_stands_there(project, tmp_path):
    generated = generate_dockerfile(project, PROGRAM, "slim", Options())
    link = tmp_path / "Dockerfile"
    link.symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError, match="it exists"):
        save_dockerfile(generated, link)
    assert not (tmp_path / "nowhere").exists()
