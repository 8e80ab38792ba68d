"""Building, measuring and verifying the variants of the open project, with an engine that only answers."""

import asyncio

import pytest
from unit.operations.variant_desk import NOT_PROVEN, OWN, Engine, opened, variants

from slimdesk.basics.errors import DockerfileError, EngineUnreachable
from slimdesk.basics.job import JobState
from slimdesk.operations.detect import open_project
from slimdesk.operations.variant_texts import BASELINE
from slimdesk.operations.variants import with_environment
from slimdesk.verify.model import RunProfile
from slimdesk.workspace.results import VariantId
from slimdesk.workspace.session import read_session, write_session


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SLIMDESK_HOME", str(tmp_path / "home"))


@pytest.fixture
def engine(tmp_path, monkeypatch):
    return Engine(tmp_path, monkeypatch)


def rows(desk, *families):
    return [desk.workspace.results(desk.variant(family)) for family in families]


def test_without_a_dockerfile_the_baseline_is_the_reference(tmp_path, engine):
    desk = variants(opened(tmp_path), engine)
    assert desk.reference() == VariantId("shop", "baseline")
    assert not desk.has_own()
    assert desk.own_problem() is None


def test_the_projects_dockerfile_is_the_reference(tmp_path, engine):
    desk = variants(opened(tmp_path, dockerfile=OWN), engine)
    assert desk.reference() == VariantId("shop", "yours")
    text = desk.text("yours")
    assert text.text == OWN
    assert text.base_name == "debian:trixie-slim"
    assert text.path.name == "Dockerfile"


def test_a_dockerfile_that_cannot_be_read_is_told_and_is_no_reference(tmp_path, engine):
    desk = variants(opened(tmp_path, dockerfile="FROM a\nNONSENSE b\n"), engine)
    assert desk.reference().family == "baseline"
    assert isinstance(desk.own_problem(), DockerfileError)
    assert "Dockerfile:2" in str(desk.own_problem())
    assert desk.text("yours") is None


async def test_an_image_can_be_picked_as_the_reference_and_is_remembered(tmp_path, engine):
    workspace = opened(tmp_path, dockerfile=OWN)
    desk = variants(workspace, engine)
    await desk.build(["yours"])
    assert workspace.results(desk.reference()).analysis is not None
    desk.pick_reference("shop:production")
    assert desk.reference() == VariantId("shop", "yours")
    assert desk.picked_image() == "shop:production"
    assert desk.text("yours") is None
    assert workspace.results(desk.reference()).build is None
    engine.sizes["production"] = 9_000_000
    await desk.build(["yours", "distroless"])
    assert engine.built == ["yours", "distroless"]
    known = workspace.results(desk.reference())
    assert known.build.value.tag == "shop:production"
    assert known.analysis.value.sizes.files == 9_400_000
    assert ("slimdesk/shop:distroless", "shop:production") in engine.verified
    write_session(workspace.project.root, workspace.session)
    assert read_session(workspace.project.root).components["shop"].reference == "shop:production"
    desk.pick_reference(BASELINE)
    assert desk.reference().family == "baseline"
    desk.pick_reference(None)
    assert desk.reference().family == "yours"
    assert desk.picked_image() is None


async def test_the_reference_is_built_first_and_is_the_control_of_the_others(tmp_path, engine):
    workspace = opened(tmp_path)
    desk = variants(workspace, engine)
    await desk.build(["distroless", "scratch", "baseline"])
    first = min(workspace.jobs, key=lambda job: job.number)
    assert first.title == "Build shop:baseline"
    assert ("slimdesk/shop:baseline", None) in engine.verified
    assert ("slimdesk/shop:distroless", "slimdesk/shop:baseline") in engine.verified
    assert ("slimdesk/shop:scratch", "slimdesk/shop:baseline") in engine.verified
    for known in rows(desk, "distroless", "scratch", "baseline"):
        assert known.verification.value.verdict == "runs"
        assert known.changes == ()
    assert {job.state for job in workspace.jobs} == {JobState.SUCCEEDED}
    assert desk.job_of(desk.variant("scratch")).summary == "1.40\u2009MB files, built in 2.5\u2009s"


async def test_one_that_fails_stops_no_other_and_says_where(tmp_path, engine):
    workspace = opened(tmp_path)
    desk = variants(workspace, engine)
    engine.broken = {"scratch"}
    await desk.build(["scratch", "distroless"])
    scratch, distroless = rows(desk, "scratch", "distroless")
    assert scratch.build.value.error.step == "[build 3/4] RUN go build"
    assert scratch.analysis is None
    assert distroless.analysis is not None
    job = desk.job_of(desk.variant("scratch"))
    assert job.state is JobState.FAILED
    assert "exit code: 1" in str(job.error)


async def test_what_nobody_foresaw_is_not_swallowed(tmp_path, engine):
    desk = variants(opened(tmp_path), engine)
    engine.bugs = {"scratch": ZeroDivisionError("a bug")}
    with pytest.raises(ZeroDivisionError):
        await desk.build(["scratch"])


async def test_without_an_engine_no_job_is_started(tmp_path, engine):
    workspace = opened(tmp_path)
    desk = variants(workspace, engine)
    engine.unreachable = EngineUnreachable("Docker does not answer", "nothing listens", "Start Docker")
    with pytest.raises(EngineUnreachable):
        await desk.build(["scratch"])
    with pytest.raises(EngineUnreachable):
        await desk.verify(["scratch"])
    assert list(workspace.jobs) == []
    assert "FROM scratch" in desk.text("scratch").text


async def test_an_edit_makes_a_result_older_and_back_makes_it_new_again(tmp_path, engine):
    workspace = opened(tmp_path)
    desk = variants(workspace, engine)
    await desk.build(["distroless"])
    workspace.edit("distroless", f"{desk.text('distroless').text}# mine\n")
    assert rows(desk, "distroless")[0].changes == ("the Dockerfile",)
    workspace.edit("distroless", None)
    assert rows(desk, "distroless")[0].changes == ()
    workspace.choose(cache_mounts=False)
    assert rows(desk, "distroless")[0].changes == ("the Dockerfile",)


async def test_changed_files_make_a_result_older_unless_they_are_left_out(tmp_path, engine):
    workspace = opened(tmp_path)
    desk = variants(workspace, engine)
    await desk.build(["distroless"])
    root = workspace.project.root
    (root / "Dockerfile").write_text(desk.text("distroless").text)
    await desk.look_again()
    assert rows(desk, "distroless")[0].changes == ()
    (root / "other.go").write_text("package main\n")
    workspace.show_project(open_project(root))
    assert rows(desk, "distroless")[0].changes == ()
    await desk.look_again()
    assert rows(desk, "distroless")[0].changes == ("the project's files",)


async def test_debug_variants_are_results_of_their_own_and_edited_texts_are_never_debug(tmp_path, engine):
    workspace = opened(tmp_path)
    desk = variants(workspace, engine)
    await desk.build(["distroless"])
    workspace.choose(debug=True)
    assert desk.variant("distroless").debug
    assert not desk.variant("baseline").debug
    assert rows(desk, "distroless")[0].build is None
    await desk.build(["distroless"])
    assert engine.built == ["distroless", "distroless-debug"]
    workspace.choose(debug=False)
    plain = desk.text("distroless").text
    workspace.edit("distroless", f"{plain}# mine\n")
    workspace.choose(debug=True)
    assert not desk.variant("distroless").debug
    assert desk.plain_text("distroless").text == plain


async def test_a_debugger_goes_into_debug_variants_alone(tmp_path, engine):
    workspace = opened(tmp_path)
    desk = variants(workspace, engine)
    plain = desk.text("distroless").text
    workspace.choose(debugger=True)
    assert desk.text("distroless").text == plain
    workspace.choose(debug=True)
    assert "debugger" in [finding.rule for finding in desk.text("distroless").findings]
    assert "debugger" not in [finding.rule for finding in desk.text("baseline").findings]


async def test_what_is_being_built_is_not_started_twice_and_can_be_cancelled_while_it_waits(tmp_path, engine):
    workspace = opened(tmp_path)
    desk = variants(workspace, engine)
    engine.held = asyncio.Event()
    building = asyncio.create_task(desk.build(["baseline", "slim", "distroless"]))
    engine.wanted = 2
    await engine.began.wait()
    await desk.build(["slim"])
    assert [job.state for job in workspace.jobs].count(JobState.RUNNING) == 2
    waiting = desk.job_of(desk.variant("distroless"))
    assert waiting.state is JobState.QUEUED
    waiting.cancel()
    desk.job_of(desk.variant("slim")).cancel()
    engine.held.set()
    await building
    assert engine.built == ["baseline", "slim"]
    assert desk.job_of(desk.variant("slim")).state is JobState.CANCELLED
    assert workspace.results(desk.variant("baseline")).analysis is not None
    assert workspace.results(desk.variant("slim")).build is None


async def test_an_edit_while_it_is_built_does_not_reach_the_build_but_makes_it_older(tmp_path, engine):
    workspace = opened(tmp_path)
    desk = variants(workspace, engine)
    engine.held = asyncio.Event()
    plain = desk.text("slim").text
    building = asyncio.create_task(desk.build(["slim"]))
    await engine.began.wait()
    workspace.edit("slim", f"{plain}# later\n")
    engine.held.set()
    await building
    assert engine.sources["slim"].text == plain
    assert rows(desk, "slim")[0].changes == ("the Dockerfile",)


async def test_an_edited_text_that_is_no_dockerfile_is_not_built(tmp_path, engine):
    workspace = opened(tmp_path)
    desk = variants(workspace, engine)
    workspace.edit("slim", "FROM\n")
    assert desk.text("slim").problem is not None
    await desk.build(["slim"])
    assert engine.built == []
    assert desk.job_of(desk.variant("slim")).state is JobState.FAILED


async def test_not_proven_turns_into_runs_once_the_variable_is_set(tmp_path, engine):
    workspace = opened(tmp_path)
    desk = variants(workspace, engine)
    engine.verdicts["slim"] = NOT_PROVEN
    await desk.build(["slim"])
    assert rows(desk, "slim")[0].verification.value.verdict == "not-proven"
    del engine.verdicts["slim"]
    desk.profiles["shop"] = with_environment(desk.profile(), "DATABASE_URL=postgres://secret")
    await desk.verify(["slim", "distroless"])
    found = rows(desk, "slim")[0].verification.value
    assert found.verdict == "runs"
    assert found.log == ("DATABASE_URL",)
    assert engine.built == ["slim"]
    assert "secret" not in str(workspace.session)


def test_the_profile_knows_what_the_code_cannot_do_without(tmp_path, engine):
    workspace = opened(tmp_path)
    (workspace.project.root / "main.go").write_text(
        'package main\n\nimport (\n\t"log"\n\t"net/http"\n\t"os"\n)\n\nfunc main() {\n'
        '\tif os.Getenv("DATABASE_URL") == "" {\n\t\tlog.Fatal("DATABASE_URL is not set")\n\t}\n'
        '\thttp.ListenAndServe(":8080", nil)\n}\n'
    )
    workspace.show_project(open_project(workspace.project.root))
    assert variants(workspace, engine).profile().required == ("DATABASE_URL",)


def test_an_environment_is_read_line_by_line():
    text = "# a comment\nA=1\n\nB = x=y\nnothing\n=lost\n"
    assert with_environment(RunProfile(), text).environment == {"A": "1", "B": " x=y"}


async def test_all_are_verified_while_their_reference_is_still_built(tmp_path, engine):
    """Nobody holds a place that the reference needs."""
    workspace = opened(tmp_path)
    desk = variants(workspace, engine)
    families = ["distroless", "scratch", "slim", "alpine"]
    await desk.build(families, verify=False)
    assert engine.verified == []
    engine.held, engine.wanted, engine.began = asyncio.Event(), len(engine.built) + 1, asyncio.Event()
    building = asyncio.ensure_future(desk.build(["baseline"]))
    verifying = asyncio.ensure_future(desk.verify(families))
    async with asyncio.timeout(60):
        await engine.began.wait()
        assert engine.verified == []
        engine.held.set()
        await asyncio.gather(building, verifying)
    assert engine.verified[0] == ("slimdesk/shop:baseline", None)
    assert {control for _, control in engine.verified[1:]} == {"slimdesk/shop:baseline"}
    assert len(engine.verified) == 5
