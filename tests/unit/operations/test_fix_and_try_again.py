"""Fix and try again, with an engine that answers without being one."""

import asyncio
import json
from dataclasses import replace

import pytest
from unit.operations.variant_desk import NOT_PROVEN, RUNS, Engine, opened, variants

from slimdesk.basics.errors import BadInput
from slimdesk.operations.detect import open_project
from slimdesk.operations.fix_variant import Fixes
from slimdesk.operations.variants import Variants
from slimdesk.verify.diagnose import Diagnosis
from slimdesk.verify.model import Verification
from slimdesk.workspace.session import Fault, read_session, session_path, write_session
from slimdesk.workspace.workspace import Workspace

NO_TMP = Diagnosis("no-tmp", "There is no /tmp in the image.", True)
NO_ZONES = Diagnosis(
    "no-time-zones", "The time zone Europe/Vienna is not in the image.", True, "Europe/Vienna"
)
LINE = "COPY --from=build --chown=65532:65532 /mnt /tmp"


def failing(fault):
    return Verification("fails", fault.message, "service", 8080, user="65532:65532", fault=fault)


@pytest.fixture
def engine(tmp_path, monkeypatch):
    engine = Engine(tmp_path, monkeypatch)
    engine.tagged = []

    async def tag(image, name):
        engine.tagged.append((image, name))

    engine.tag = tag
    return engine


@pytest.fixture
def made(tmp_path, engine):
    """The variants of a Go service with a family whose generated text lacks /tmp."""
    found = variants(opened(tmp_path), engine)
    plain = found.text("scratch").text
    lines = [
        line for line in plain.splitlines(keepends=True) if "rootfs" not in line and "/rootfs" not in line
    ]
    found.workspace.edit("scratch", "".join(lines))
    return found


async def built(made, engine, *verdicts):
    """Build it; each verification takes the next verdict."""
    left = list(verdicts)

    async def verify(_engine, name, profile, *, control, reporter, **_):
        engine.verified.append((name, control))
        return left.pop(0) if len(left) > 1 else left[0]

    engine.verify = verify
    return verify


async def start(made, engine, monkeypatch, *verdicts):
    monkeypatch.setattr("slimdesk.operations.verify.verify_image", await built(made, engine, *verdicts))
    await made.build(["scratch"])
    return Fixes(made)


async def test_what_helps_is_kept_with_its_cost_and_can_be_undone(made, engine, monkeypatch):
    before = made.workspace.edited("scratch")
    fixes = await start(made, engine, monkeypatch, failing(NO_TMP), RUNS)
    offer = fixes.offer("scratch")
    assert offer.lines == (LINE,)
    engine.sizes["scratch"] = 1_002_000
    outcome = await fixes.fix("scratch")
    assert outcome.end == "runs"
    assert outcome.cost == 2_000
    assert "+2" in outcome.words
    assert LINE in engine.sources["scratch"].text
    assert fixes.outcome("scratch") is outcome
    assert fixes.offer("scratch") is None
    assert made.text("scratch").dockerfile.stages[-1].instructions
    fixes.undo("scratch")
    assert made.workspace.edited("scratch") == before
    assert fixes.outcome("scratch") is None
    assert made.workspace.results(made.variant("scratch")).changes


async def test_the_line_stands_in_the_window_with_its_reason(made, engine, monkeypatch):
    fixes = await start(made, engine, monkeypatch, failing(NO_TMP), RUNS)
    outcome = await fixes.fix("scratch")
    reasons = [one.reason for stage in made.text("scratch").dockerfile.stages for one in stage.instructions]
    assert outcome.mend.reason in reasons


async def test_what_does_not_help_is_taken_back_and_not_tried_again(made, engine, monkeypatch):
    before = made.workspace.edited("scratch")
    fixes = await start(made, engine, monkeypatch, failing(NO_TMP))
    old = made.workspace.results(made.variant("scratch"))
    outcome = await fixes.fix("scratch")
    assert outcome.end == "not-helped"
    assert "did not help" in outcome.words
    assert made.workspace.edited("scratch") == before
    now = made.workspace.results(made.variant("scratch"))
    assert (now.build, now.analysis, now.verification) == (old.build, old.analysis, old.verification)
    assert not now.changes
    assert engine.tagged == [(old.build.value.image_id, old.build.value.tag)]
    assert fixes.offer("scratch") is None
    with pytest.raises(BadInput):
        await fixes.fix("scratch")
    assert engine.built.count("scratch") == 2


async def test_another_cause_after_a_fix_keeps_it_and_is_offered_next(made, engine, monkeypatch):
    fixes = await start(made, engine, monkeypatch, failing(NO_TMP), failing(NO_ZONES), RUNS)
    outcome = await fixes.fix("scratch")
    assert outcome.end == "next"
    assert "Europe/Vienna" in outcome.words
    assert LINE in made.workspace.edited("scratch")
    assert "zoneinfo" in fixes.offer("scratch").text
    assert (await fixes.fix("scratch")).end == "runs"
    text = made.workspace.edited("scratch")
    assert LINE in text
    assert "zoneinfo.zip" in text


async def test_a_fix_that_does_not_build_is_taken_back(made, engine, monkeypatch):
    before = made.workspace.edited("scratch")
    fixes = await start(made, engine, monkeypatch, failing(NO_TMP))
    engine.broken.add("scratch")
    outcome = await fixes.fix("scratch")
    assert outcome.end == "not-built"
    assert made.workspace.edited("scratch") == before
    assert made.workspace.results(made.variant("scratch")).verification is not None
    assert fixes.offer("scratch") is None


async def test_a_stopped_fix_is_taken_back_and_may_be_tried_again(made, engine, monkeypatch):
    before = made.workspace.edited("scratch")
    fixes = await start(made, engine, monkeypatch, failing(NO_TMP))
    engine.held, engine.wanted = asyncio.Event(), 2
    engine.began.clear()
    task = asyncio.create_task(fixes.fix("scratch"))
    await engine.began.wait()
    assert fixes.offer("scratch") is None
    with pytest.raises(BadInput):
        await fixes.fix("scratch")
    made.job_of(made.variant("scratch")).cancel()
    outcome = await task
    assert outcome.end == "stopped"
    assert made.workspace.edited("scratch") == before
    assert fixes.offer("scratch").lines == (LINE,)


@pytest.mark.parametrize(
    "verdict", [RUNS, NOT_PROVEN, replace(failing(NO_TMP), fault=Diagnosis("ended", "It ended.", False))]
)
async def test_nothing_is_offered_where_no_mend_is_known(made, engine, monkeypatch, verdict):
    fixes = await start(made, engine, monkeypatch, verdict)
    assert fixes.offer("scratch") is None
    assert fixes.outcome("scratch") is None


async def test_a_result_of_an_older_text_offers_nothing(made, engine, monkeypatch):
    fixes = await start(made, engine, monkeypatch, failing(NO_TMP))
    made.workspace.edit("scratch", made.workspace.edited("scratch") + "# more\n")
    assert fixes.offer("scratch") is None


async def test_images_of_a_fix_come_through_the_projects_mirrors(made, engine, monkeypatch):
    made.workspace.edit("scratch", 'FROM scratch\nCOPY main.go /shop\nUSER 65532\nENTRYPOINT ["/shop"]\n')
    made.workspace.change_settings(mirrors={"gcr.io": "mirror.example.org/gcr"})
    fixes = await start(made, engine, monkeypatch, failing(NO_TMP))
    assert (
        fixes.offer("scratch")
        .lines[0]
        .startswith("COPY --from=mirror.example.org/gcr/distroless/static-debian13:nonroot ")
    )


async def test_a_fix_is_taken_back_where_it_was_made_and_nowhere_else(made, engine, monkeypatch):
    before = made.workspace.edited("scratch")
    fixes = await start(made, engine, monkeypatch, failing(NO_TMP))
    engine.held, engine.wanted = asyncio.Event(), 2
    engine.began.clear()
    task = asyncio.create_task(fixes.fix("scratch"))
    await engine.began.wait()
    made.workspace._session = replace(made.workspace.session, component="another")
    engine.held.set()
    assert (await task).end == "not-helped"
    assert made.workspace.edited("scratch") is None
    made.workspace._session = replace(made.workspace.session, component="shop")
    assert made.workspace.edited("scratch") == before


async def test_a_project_that_is_closed_meanwhile_is_left_alone(made, engine, monkeypatch):
    fixes = await start(made, engine, monkeypatch, failing(NO_TMP))
    engine.held, engine.wanted = asyncio.Event(), 2
    engine.began.clear()
    task = asyncio.create_task(fixes.fix("scratch"))
    await engine.began.wait()
    made.workspace.close_project()
    engine.held.set()
    await task
    assert made.workspace.session.components == {}


@pytest.fixture
def generated(tmp_path, engine):
    """The variants of a Go service whose text of scratch nobody edited."""
    return variants(opened(tmp_path), engine)


async def test_a_generated_text_stays_generated_and_is_written_anew_with_its_mend(
    generated, engine, monkeypatch
):
    fixes = await start(generated, engine, monkeypatch, failing(NO_ZONES), RUNS)
    plain = generated.text("scratch").text
    outcome = await fixes.fix("scratch")
    assert outcome.end == "runs"
    assert fixes.outcome("scratch") is outcome
    text = generated.text("scratch")
    assert (text.edited, text.mends) == (False, 1)
    assert generated.workspace.edited("scratch") is None
    assert "ENV ZONEINFO=" in engine.sources["scratch"].text
    assert "--mount=type=cache" in text.text
    generated.workspace.choose(cache_mounts=False)
    assert "--mount=type=cache" not in generated.text("scratch").text
    assert "ENV ZONEINFO=" in generated.text("scratch").text
    generated.workspace.choose(cache_mounts=True, debug=True)
    debug = generated.text("scratch")
    assert generated.variant("scratch").debug
    assert "AS debug" in debug.text
    assert "ENV ZONEINFO=" in debug.text
    generated.workspace.choose(debug=False)
    fixes.undo("scratch")
    assert generated.text("scratch").text == plain
    assert generated.workspace.mended("scratch") == ()


async def test_two_mends_of_a_generated_text_are_written_in_their_order(generated, engine, monkeypatch):
    no_fonts = failing(Diagnosis("no-fonts", "There is no font.", True))
    fixes = await start(generated, engine, monkeypatch, failing(NO_ZONES), no_fonts, no_fonts)
    assert (await fixes.fix("scratch")).end == "next"
    assert (await fixes.fix("scratch")).end == "not-helped"
    assert [one.kind for one in generated.workspace.mended("scratch")] == ["no-time-zones"]
    assert generated.text("scratch").mends == 1


async def test_mends_are_remembered_with_the_project(generated, engine, monkeypatch, tmp_path):
    monkeypatch.setenv("SLIMDESK_HOME", str(tmp_path / "home"))
    fixes = await start(generated, engine, monkeypatch, failing(NO_ZONES), RUNS)
    await fixes.fix("scratch")
    text, root = generated.text("scratch").text, generated.workspace.project.root
    write_session(root, generated.workspace.session)
    again = Workspace()
    again.show_project(open_project(root), read_session(root))
    assert again.mended("scratch") == (Fault("no-time-zones", "Europe/Vienna", "65532:65532"),)
    assert Variants(again).text("scratch").text == text


def test_mends_that_cannot_be_read_leave_the_rest_of_the_session(tmp_path, monkeypatch):
    monkeypatch.setenv("SLIMDESK_HOME", str(tmp_path / "home"))
    mended = {"scratch": [{"kind": "no-tmp"}, {"kind": 7}, "no-tmp", {}], "slim": 3}
    path = session_path(tmp_path)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"components": {"shop": {"ticks": ["slim"], "mended": mended}}}))
    found = read_session(tmp_path).components["shop"]
    assert found.ticks == ("slim",)
    assert found.mended == {"scratch": (Fault("no-tmp"),)}
