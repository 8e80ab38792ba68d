"""Fix and try again, with an engine that answers without being one."""

import asyncio
from dataclasses import replace

import pytest
from unit.operations.variant_desk import NOT_PROVEN, RUNS, Engine, opened, variants

from slimdesk.basics.errors import BadInput
from slimdesk.operations.fix_variant import Fixes
from slimdesk.verify.diagnose import Diagnosis
from slimdesk.verify.model import Verification

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
