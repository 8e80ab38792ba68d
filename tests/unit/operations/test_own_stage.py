"""A stage of the project's own Dockerfile is built, by its name."""

import pytest

from slimdesk.basics.errors import BadInput
from slimdesk.cli import main
from slimdesk.dockerfile.parse import parse
from slimdesk.operations.build import labels_of_base, own_source
from slimdesk.operations.detect import open_project

TEXT = "FROM alpine:3.24 AS build\nRUN true\nFROM alpine:3.24 AS Final\nFROM final AS dev-envs\nRUN true\n"


@pytest.fixture
def project(tmp_path):
    (tmp_path / "go.mod").write_text("module example.org/a\n\ngo 1.26\n")
    (tmp_path / "main.go").write_text("package main\n\nfunc main() {}\n")
    (tmp_path / "Dockerfile").write_text(TEXT)
    return open_project(tmp_path)


def test_a_stage_is_taken_by_name_else_the_last(project):
    (component,) = project.components
    file = project.root / "Dockerfile"
    assert own_source(project, component, file).target is None
    assert own_source(project, component, file, target="final").target == "final"


def test_the_dockerfiles_own_dockerignore_comes_before_that_of_the_context(project):
    (component,) = project.components
    file = project.root / "Dockerfile"
    assert own_source(project, component, file).dockerignore == ""
    (project.root / ".dockerignore").write_text("docs\n")
    assert own_source(project, component, file).dockerignore == "docs\n"
    (project.root / "Dockerfile.dockerignore").write_text("tests\n")
    assert own_source(project, component, file).dockerignore == "tests\n"


def test_a_stage_that_is_not_there_is_refused_with_those_that_are(project):
    (component,) = project.components
    file = project.root / "Dockerfile"
    with pytest.raises(BadInput, match="has no stage production: it has build, final, dev-envs"):
        own_source(project, component, file, target="production")
    file.write_text("FROM alpine:3.24\n")
    with pytest.raises(BadInput, match="its stages have no names"):
        own_source(project, component, file, target="production")


def test_a_stage_without_a_dockerfile_is_a_bad_call(project, capfd):
    assert main(["build", str(project.root), "--family", "scratch", "--target", "final"]) == 2
    told = capfd.readouterr()
    assert told.out == ""
    assert "--dockerfile" in told.err


NAME, DIGEST = "org.opencontainers.image.base.name", "org.opencontainers.image.base.digest"
SHA = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "target", "labels"),
    [
        ("FROM debian:12 AS a\nRUN x\nFROM a AS b\nRUN y\n", None, {NAME: "debian:12"}),
        (f"ARG V=3\nFROM python:${{V}}-slim@{SHA}\n", None, {NAME: "python:3-slim", DIGEST: SHA}),
        ("FROM a:1 AS one\nFROM b:2\n", "one", {NAME: "a:1"}),
        ("FROM scratch\nCOPY a /\n", None, {}),
        (f"FROM a:1\nLABEL {NAME}=theirs\n", None, {}),
        (f"FROM a:1 AS one\nLABEL {NAME}=theirs\nFROM one\nRUN x\n", None, {}),
        ("FROM one${TARGETARCH}two\n", None, {}),
    ],
)
def test_an_image_of_the_projects_own_dockerfile_says_what_it_stands_on(text, target, labels):
    assert labels_of_base(parse(text), target) == labels
