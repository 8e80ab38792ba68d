"""One variant's Dockerfile with its findings, and where it is saved."""

from pathlib import Path

import pytest

from slimdesk.basics.errors import OutputError, UnavailableFamily
from slimdesk.operations.families import compare_families
from slimdesk.operations.generate import generate_dockerfile, save_dockerfile
from slimdesk.project.model import Component, Fact, Project
from slimdesk.recipes.model import Options

PROGRAM = Component(
    "api", ".", "go", version="1.26", entrypoint=("/api",), facts=(Fact("module", "m"), Fact("package", "."))
)


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path, (PROGRAM,))


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
