"""A kept matrix against the project of now: what was built from other files is older, the rest is not."""

import datetime as dt

import pytest
from unit.operations.variant_desk import OWN, shop
from unit.report.report_samples import figures, verified

from slimdesk.engine.model import BuildResult
from slimdesk.operations.detect import open_project
from slimdesk.operations.matrix import Matrix, MatrixRow, keep_matrix
from slimdesk.operations.report_project import report_of_folder
from slimdesk.operations.variant_age import context_of, with_age
from slimdesk.operations.variant_text import generated_text, own_text
from slimdesk.operations.variant_texts import family_of
from slimdesk.recipes.model import Options
from slimdesk.workspace.fingerprint import fingerprint
from slimdesk.workspace.history import History, Measured

WHEN = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A project with its own Dockerfile, its history and its matrix."""
    monkeypatch.setenv("SLIMDESK_HOME", str(tmp_path / "home"))
    root = shop(tmp_path, dockerfile=OWN)
    project = open_project(root)
    component = project.components[0]
    rows = []
    for number, family in enumerate(("yours", "distroless", "scratch")):
        text = (
            own_text(project, component)
            if family == "yours"
            else generated_text(project, component, family_of(family), Options())
        )
        image = f"sha256:{number}" + "0" * 63
        made = fingerprint(
            dockerfile=text.text, dockerignore=text.dockerignore, context=context_of(project, text)
        )
        History().measured(
            Measured(
                str(root), component.name, family, WHEN, image, {"files": 1}, fingerprint=dict(made.parts)
            )
        )
        rows.append(
            MatrixRow(
                family,
                build=BuildResult(image, f"shop:{family}", 1.0, ()),
                figures=figures(10**number),
                verification=verified(),
            )
        )
    rows.append(
        MatrixRow(
            "alpine", build=BuildResult("sha256:" + "f" * 64, "shop:alpine", 1.0, ()), figures=figures(5)
        )
    )
    matrix = Matrix(str(root), component.name, "yours", None, tuple(rows), WHEN)
    keep_matrix(matrix)
    return root, matrix


def ages(matrix):
    return {row.family: row.older for row in with_age(matrix).rows}


def test_nothing_is_older_where_nothing_changed(kept):
    assert ages(kept[1]) == {"yours": (), "distroless": (), "scratch": (), "alpine": ()}


def test_other_files_make_all_that_is_known_older(kept):
    root, matrix = kept
    (root / "main.go").write_text("package main\n\nfunc main() {}\n// changed\n")
    found = ages(matrix)
    assert found["distroless"] == found["scratch"] == ("the project's files",)
    assert "the project's files" in found["yours"]
    assert found["alpine"] == ()


def test_an_edited_dockerfile_makes_ones_own_older(kept):
    root, matrix = kept
    (root / "Dockerfile").write_text(OWN + "USER 1000\n")
    assert "the Dockerfile" in ages(matrix)["yours"]


def test_the_report_says_so(kept):
    root, _ = kept
    (root / "main.go").write_text("package main\n\nfunc main() {}\n")
    report = report_of_folder(root)
    assert [bool(one.older) for one in report.subjects] == [True, True, True, False]


def test_a_component_that_is_gone_makes_everything_older(kept):
    root, matrix = kept
    (root / "main.go").unlink()
    (root / "go.mod").unlink()
    (root / "Dockerfile").unlink()
    assert all("not found" in why for (why,) in ages(matrix).values())
