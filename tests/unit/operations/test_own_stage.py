"""A stage of the project's own Dockerfile is built, by its name."""

import pytest

from slimdesk.basics.errors import BadInput
from slimdesk.cli import main
from slimdesk.operations.build import own_source
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
