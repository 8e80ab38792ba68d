"""The matrix: built over all fitting families with an engine that only answers, ranked, kept and read again."""

import asyncio
import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pytest
from unit.operations.variant_desk import NOT_PROVEN, OWN, RUNS, Engine, opened

from slimdesk.basics.errors import UnavailableFamily
from slimdesk.basics.job import Silent
from slimdesk.engine.model import BuildError, BuildResult
from slimdesk.operations.detect import choose_component, open_project
from slimdesk.operations.matrix import Matrix, MatrixRow, keep_matrix, matrix_path, newest_matrix
from slimdesk.operations.variant_matrix import MatrixOrder, refuse_unavailable, run_matrix
from slimdesk.recipes.model import Options
from slimdesk.verify.model import RunProfile

GO = ("full", "slim", "alpine", "distroless", "chainguard", "hardened", "scratch")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SLIMDESK_HOME", str(tmp_path / "home"))


@pytest.fixture
def engine(tmp_path, monkeypatch):
    return Engine(tmp_path, monkeypatch)


class Heard(Silent):
    def __init__(self):
        self.steps = []

    def progress(self, step="", *_args, **_words):
        self.steps.append(step)


async def matrix_of(tmp_path, engine, *, dockerfile=None, heard=None, **order):
    project = opened(tmp_path, dockerfile=dockerfile).project
    component = choose_component(project, None)
    return await run_matrix(engine, project, component, MatrixOrder(**order), heard or Silent())


async def test_all_fitting_families_and_the_reference_are_built_measured_and_verified(tmp_path, engine):
    engine.sizes = {"baseline": 90_000_000, "full": 80_000_000, "slim": 20_000_000}
    found = await matrix_of(tmp_path, engine)
    assert found.reference == "baseline"
    assert [row.family for row in found.rows] == ["baseline", *GO]
    assert [family for family, _ in found.unavailable] == ["chiselled"]
    assert all(reason for _, reason in found.unavailable)
    assert sorted(engine.built) == sorted(["baseline", *GO])
    assert all(row.runs and row.sizes.files > 0 and row.build.image_id for row in found.rows)
    assert found.complete
    assert [row.place for row in found.ranked] == [1, 2, 3, 4, 5, 6, 7]
    assert found.ranked[0].family == found.recommended
    assert found.ranked[-1].family == "full"
    assert found.row("baseline").place is None


async def test_one_that_fails_says_why_and_stops_no_other(tmp_path, engine):
    engine.broken = {"slim"}
    engine.verdicts = {"scratch": replace(RUNS, verdict="fails", reason="It ends: there is no /tmp.")}
    heard = Heard()
    found = await matrix_of(tmp_path, engine, heard=heard)
    slim, scratch = found.row("slim"), found.row("scratch")
    assert slim.error == "[build 3/4] RUN go build: exit code: 1"
    assert slim.sizes is None
    assert slim.place is None
    assert scratch.error is None
    assert found.ranked[-1].family == "scratch"
    assert all(row.runs for row in found.rows if row.family not in ("slim", "scratch"))
    assert not found.complete
    assert any(step.startswith("slim: ") for step in heard.steps)
    assert any(step.startswith("alpine: 1.40") for step in heard.steps)


async def test_named_families_come_with_the_reference_and_nothing_is_started_unasked(tmp_path, engine):
    found = await matrix_of(tmp_path, engine, families=("distroless",), verify=False, dockerfile=OWN)
    assert [row.family for row in found.rows] == ["yours", "distroless"]
    assert engine.verified == []
    assert found.row("distroless").verification is None
    assert found.row("distroless").score is not None
    assert found.complete


async def test_the_callers_options_and_variables_reach_every_variant(tmp_path, engine):
    options = Options(mirrors={"docker.io": "mirror.example.com/hub"}, labels={"team": "web"}, debug=True)
    found = await matrix_of(
        tmp_path,
        engine,
        families=("slim",),
        options=options,
        profile=RunProfile(port=8080, environment={"KEY": "secret"}),
    )
    text = engine.sources["slim-debug"].text
    assert "mirror.example.com/hub/" in text
    assert "team" in text
    assert found.row("slim").debug
    assert found.row("slim").place is None
    assert found.row("slim").verification.log == ("KEY",)


async def test_a_wish_of_the_caller_weighs(tmp_path, engine):
    found = await matrix_of(tmp_path, engine, families=("slim", "distroless"), prefer="debuggable")
    assert found.weights["debuggability"] == 4
    assert found.recommended != "distroless"


async def test_a_family_that_cannot_serve_is_refused_before_anything_is_built(tmp_path, engine):
    with pytest.raises(UnavailableFamily, match="chiselled cannot serve shop"):
        await matrix_of(tmp_path, engine, families=("slim", "chiselled"))
    assert engine.built == []
    project = opened(tmp_path / "home").project if (tmp_path / "home").mkdir() is None else None
    with pytest.raises(UnavailableFamily):
        refuse_unavailable(project, choose_component(project, None), ["chiselled"])


async def test_it_is_kept_and_read_again_without_its_logs(tmp_path, engine):
    engine.verdicts = {"scratch": NOT_PROVEN}
    engine.broken = {"slim"}
    found = await matrix_of(
        tmp_path, engine, families=("scratch", "slim"), profile=RunProfile(environment={"KEY": "secret"})
    )
    again = newest_matrix(Path(found.project))
    assert again == replace(
        found,
        rows=tuple(
            replace(
                row,
                build=replace(row.build, error=row.build.error and replace(row.build.error, log=())),
                verification=row.verification and replace(row.verification, log=()),
            )
            for row in found.rows
        ),
    )
    text = matrix_path(Path(found.project)).read_text()
    assert "KEY" not in text
    assert "secret" not in text
    assert "undefined: listen" not in text


async def test_rows_of_earlier_stay_until_there_are_newer_ones(tmp_path, engine):
    project = opened(tmp_path).project
    component = choose_component(project, None)

    async def run(*families, root=project):
        return await run_matrix(engine, root, component, MatrixOrder(families=families), Silent())

    await run("scratch", "alpine", "distroless")
    engine.sizes = {"slim": 5_000_000, "distroless": 2_000_000}
    found = await run("slim", "distroless")
    assert [row.family for row in found.rows] == ["baseline", "slim", "distroless"]
    kept = newest_matrix(project)
    assert [row.family for row in kept.rows] == ["baseline", "slim", "alpine", "distroless", "scratch"]
    assert kept.row("distroless").sizes.files == 2_400_000
    assert sorted(row.place for row in kept.ranked) == [1, 2, 3, 4]
    assert all(row.older == () for row in kept.rows)
    (project.root / "go.mod").write_text("module example.org/shop\n\ngo 1.27\n")
    newer = open_project(project.root)
    await run_matrix(engine, newer, choose_component(newer, None), MatrixOrder(families=("slim",)), Silent())
    kept = newest_matrix(project)
    assert "the Dockerfile" in kept.row("alpine").older
    assert kept.row("slim").older == ()
    assert [row.family for row in kept.ranked] == ["slim"]


def a_matrix(component, day, project="/p"):
    error = BuildError("step", "it failed", ("a line",))
    row = MatrixRow("slim", build=BuildResult(None, "t", 1.0, (), error), error="it failed")
    return Matrix(project, component, "baseline", None, (row,), dt.datetime(2026, 11, day, tzinfo=dt.UTC))


def test_each_component_has_its_newest_and_the_project_the_newest_of_all():
    assert newest_matrix(Path("/p")) is None
    for component, day in (("api", 1), ("web", 3), ("api", 2)):
        keep_matrix(a_matrix(component, day))
    assert newest_matrix(Path("/p")).component == "web"
    assert newest_matrix(Path("/p"), "api").made.day == 2
    assert newest_matrix(Path("/p"), "other") is None
    assert newest_matrix(Path("/q")) is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "7", '{"version": 2, "matrices": []}', '{"version": 1}', '{"version": 1, "matrices": [{}]}']
)  # fmt: skip
def test_a_damaged_file_is_no_matrix_and_is_written_anew(text):
    path = matrix_path(Path("/p"))
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert newest_matrix(Path("/p")) is None
    keep_matrix(a_matrix("api", 1))
    assert newest_matrix(Path("/p")).component == "api"
    assert json.loads(path.read_text())["version"] == 1


async def test_what_is_stopped_says_so_in_a_word(tmp_path, engine):
    engine.held = asyncio.Event()
    heard = Heard()
    task = asyncio.create_task(matrix_of(tmp_path, engine, heard=heard, families=("slim",)))
    await engine.began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert "baseline: stopped" in heard.steps
