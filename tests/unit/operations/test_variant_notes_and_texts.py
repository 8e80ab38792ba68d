"""What stands beside the lines of a Dockerfile, and which text a variant has."""

from dataclasses import replace

import pytest
from unit.operations.variant_desk import OWN, image, shop

from slimdesk.basics.errors import BadInput, DockerfileError
from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.parse import parse
from slimdesk.operations.context_size import context_size
from slimdesk.operations.detect import open_project
from slimdesk.operations.variant_notes import (
    YOURS,
    line_notes,
    shipped_stages,
    with_findings,
    with_reasons,
)
from slimdesk.operations.variant_text import base_of, edited_text, generated_text, own_text
from slimdesk.recipes.model import Options


@pytest.fixture
def made(tmp_path):
    project = open_project(shop(tmp_path))
    return generated_text(project, project.components[0], "distroless", Options())


def test_bytes_stand_at_the_lines_that_made_them(tmp_path):
    dockerfile = parse(OWN)
    notes = line_notes(dockerfile, "", image(tmp_path, 5_000), "files")
    by_line = {note.line: note for note in notes}
    assert by_line[6].bytes == 400_000
    assert by_line[6].base
    assert by_line[7].bytes == 5_000
    assert not by_line[7].base
    assert by_line[8].bytes == 0
    assert [by_line[line].bytes for line in (1, 2, 3, 4)] == [None] * 4
    assert not by_line[4].shipped


def test_where_the_base_is_not_known_its_bytes_are_open_and_the_own_lines_keep_theirs(tmp_path):
    made = image(tmp_path, 5_000)
    built = replace(made, layers=tuple(replace(one, base=None) for one in made.layers))
    by_line = {note.line: note for note in line_notes(parse(OWN), "", built, "files")}
    assert (by_line[6].bytes, by_line[7].bytes, by_line[8].bytes) == (None, 5_000, 0)


def test_before_a_build_no_bytes_are_claimed():
    assert {note.bytes for note in line_notes(parse(OWN), "", None, "files")} == {None}


def test_a_target_ships_the_stages_it_stands_on():
    dockerfile = parse("FROM a AS one\nFROM one AS two\nFROM b AS other\nFROM two AS last\n")
    assert shipped_stages(dockerfile, "last") == [0, 1, 3]
    assert shipped_stages(dockerfile, "other") == [2]
    assert base_of(dockerfile, "last") == "a"


def test_an_edited_line_is_yours_and_the_same_line_in_two_stages_keeps_its_own_reason(made):
    text = made.text.replace("EXPOSE 8080", "EXPOSE 9090")
    edited = with_reasons(parse(text), made.dockerfile)
    reasons = {(one.keyword, one.arguments): one.reason for one in edited.instructions()}
    assert reasons[("EXPOSE", ("9090",))] == YOURS
    twice = parse("FROM a AS one\nWORKDIR /app\nFROM b AS two\nWORKDIR /app\n")
    stages = tuple(
        replace(
            stage,
            instructions=tuple(replace(one, reason=f"of {stage.name}") for one in stage.instructions),
        )
        for stage in twice.stages
    )
    explained = replace(twice, stages=stages)
    again = with_reasons(twice, explained)
    assert [one.reason for one in again.stages[0].instructions] == ["of one", "of one"]
    assert [one.reason for one in again.stages[1].instructions] == ["of two", "of two"]


def test_findings_stand_where_no_reason_is_known():
    notes = line_notes(parse(OWN), "", None, "files")
    found = Finding("root", "warning", "It runs as root.", line=8)
    told = {note.line: note.reason for note in with_findings(notes, [found])}
    assert told[8] == "It runs as root."
    assert told[7] == ""


def test_a_broken_edit_keeps_the_last_dockerfile_that_could_be_read(made):
    edited = edited_text(made, "FROM a\nFROM\n", None)
    assert isinstance(edited.problem, DockerfileError)
    assert edited.dockerfile == made.dockerfile
    assert edited.text == "FROM a\nFROM\n"
    assert edited.findings == ()


def test_an_edit_may_leave_the_target_out(made):
    edited = edited_text(made, "FROM debian:trixie-slim\nCMD ['x']\n", "*.md\n")
    assert edited.target == ""
    assert edited.base_name == "debian:trixie-slim"
    assert edited.ignore_edited
    assert edited.dockerignore == "*.md\n"


def test_the_own_dockerfile_is_built_to_its_last_stage(tmp_path):
    project = open_project(shop(tmp_path, dockerfile=OWN))
    own = own_text(project, project.components[0])
    assert own.base_name == "debian:trixie-slim"
    assert [stage.base for stage in own.dockerfile.stages] == ["golang:1.26", "debian:trixie-slim"]


def test_a_project_without_a_dockerfile_has_no_own_text(tmp_path):
    project = open_project(shop(tmp_path))
    assert own_text(project, project.components[0]) is None


def test_the_context_is_counted_as_docker_would_send_it(tmp_path):
    root = shop(tmp_path)
    (root / ".dockerignore").write_text("*.bin\n")
    (root / "large.bin").write_bytes(b"x" * 5_000)
    project = open_project(root)
    size = context_size(project, project.components[0])
    assert size.left_out >= 5_000
    assert size.sent >= (root / "main.go").stat().st_size
    assert size.whole


def test_a_dockerignore_that_docker_refuses_is_told(tmp_path):
    root = shop(tmp_path)
    (root / ".dockerignore").write_text("[\n")
    project = open_project(root)
    with pytest.raises(BadInput):
        context_size(project, project.components[0])
