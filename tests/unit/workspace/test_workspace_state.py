"""The workspace: who is told what, what stays and what goes."""

import asyncio
from pathlib import Path

import pytest

from slimdesk.basics.errors import OutputError
from slimdesk.basics.job import Job, JobState
from slimdesk.engine.model import BuildResult, EngineStatus
from slimdesk.image.model import Sizes
from slimdesk.project.model import Component, Project
from slimdesk.verify.model import Verification
from slimdesk.workspace.fingerprint import fingerprint
from slimdesk.workspace.jobs import Jobs
from slimdesk.workspace.results import Made, VariantId
from slimdesk.workspace.session import ComponentSession, Session
from slimdesk.workspace.workspace import OpenedImage, Workspace

SHOP = Project(Path("/src/shop"), (Component("api", "api", "go"), Component("web", "web", "web")))
SLIM = VariantId("api", "slim")


def built(image_id="sha256:1"):
    return BuildResult(image_id, "slimdesk/api:slim", 3.0, ())


@pytest.fixture
def workspace():
    return Workspace()


@pytest.fixture
def heard(workspace):
    """Topics as they are told."""
    told = []
    for topic in (
        "project",
        "component",
        "ticks",
        "choices",
        "edits",
        "results",
        "image",
        "size",
        "engine",
        "settings",
    ):
        workspace.observe(topic, lambda topic=topic: told.append(topic))
    return told


def test_a_project_opens_at_its_first_component(workspace, heard):
    workspace.show_project(SHOP)
    assert workspace.component.name == "api"
    assert heard[0] == "project"
    assert set(heard) == {"project", "component", "ticks", "choices", "edits", "results"}


def test_a_session_brings_back_component_ticks_and_edits(workspace):
    session = Session("web", {"web": ComponentSession(("slim",), None, None, {"slim/Dockerfile": "FROM x"})})
    workspace.show_project(SHOP, session)
    assert workspace.component.name == "web"
    assert workspace.ticks == ("slim",)
    assert workspace.edited("slim") == "FROM x"


def test_a_component_that_is_gone_gives_way_to_the_first(workspace):
    workspace.show_project(SHOP, Session("worker"))
    assert workspace.component.name == "api"


def test_read_again_keeps_what_was_done(workspace):
    workspace.show_project(SHOP)
    workspace.choose_component("web")
    workspace.tick(["alpine"])
    workspace.keep_build(SLIM, Made(built(), fingerprint(dockerfile="a")))
    workspace.show_project(Project(SHOP.root, SHOP.components, files_seen=9), Session("api"))
    assert workspace.component.name == "web"
    assert workspace.ticks == ("alpine",)
    assert workspace.results(SLIM).build is not None


def test_another_project_begins_anew(workspace):
    workspace.show_project(SHOP)
    workspace.keep_build(SLIM, Made(built(), fingerprint(dockerfile="a")))
    workspace.show_project(Project(Path("/src/blog")))
    assert workspace.component is None
    assert workspace.all_results() == {}


def test_without_a_project_nothing_can_be_ticked(workspace, heard):
    workspace.tick(["slim"])
    workspace.edit("slim", "FROM x")
    assert workspace.ticks is None
    assert heard == []


def test_ticks_choices_and_edits_belong_to_their_component(workspace):
    workspace.show_project(SHOP)
    workspace.tick(["slim", "slim", "alpine"])
    workspace.choose(debug=True)
    workspace.edit("slim", "FROM x")
    assert workspace.ticks == ("slim", "alpine")
    workspace.choose_component("web")
    assert workspace.ticks is None
    assert not workspace.choices.debug
    assert workspace.edited("slim") is None
    workspace.choose_component("api")
    assert workspace.choices.debug
    assert workspace.edited("slim") == "FROM x"


def test_back_to_generated(workspace, heard):
    workspace.show_project(SHOP)
    workspace.edit("slim", "FROM x")
    heard.clear()
    workspace.edit("slim", "FROM x")
    assert heard == []
    workspace.edit("slim", None)
    assert workspace.edited("slim") is None
    assert heard == ["edits"]


def test_a_result_that_no_longer_matches_says_what_changed(workspace):
    workspace.keep_build(SLIM, Made(built(), fingerprint(dockerfile="a", context="1")))
    assert workspace.results(SLIM).changes == ()
    workspace.note_state(SLIM, fingerprint(dockerfile="b", context="1"))
    assert workspace.results(SLIM).changes == ("the Dockerfile",)


def test_a_new_image_takes_the_old_proof_with_it(workspace):
    proof = Made(Verification("runs", "", "service"), fingerprint(image="sha256:1"))
    workspace.keep_build(SLIM, Made(built("sha256:1"), fingerprint(dockerfile="a")))
    workspace.keep_verification(SLIM, proof)
    workspace.keep_build(SLIM, Made(built("sha256:1"), fingerprint(dockerfile="a")))
    assert workspace.results(SLIM).verification == proof
    workspace.keep_build(SLIM, Made(built("sha256:2"), fingerprint(dockerfile="b")))
    assert workspace.results(SLIM).verification is None
    workspace.forget_results(SLIM)
    assert workspace.results(SLIM).build is None


def test_the_current_size_is_one_for_all(workspace, heard):
    sizes = Sizes(1, 2, 3, 4)
    assert workspace.size_of(sizes) == 3
    workspace.choose_size("download")
    assert workspace.size_of(sizes) == 1
    assert workspace.size_of(None) is None
    assert sorted(heard) == ["settings", "size"]
    assert Workspace().current_size == "download"


def test_a_setting_that_cannot_be_written_holds_and_is_told(workspace, heard, slimdesk_home):
    slimdesk_home.write_text("in the way")
    with pytest.raises(OutputError):
        workspace.change_settings(appearance="dark")
    assert workspace.settings.appearance == "dark"
    assert heard == ["settings"]


def test_the_engine_is_told_once_per_change(workspace, heard):
    state = EngineStatus(True, None, "default", "unix:///x")
    workspace.set_engine(state)
    workspace.set_engine(EngineStatus(True, None, "default", "unix:///x"))
    assert heard == ["engine"]


def test_an_observer_of_many_topics_is_called_once_and_may_leave(workspace):
    calls = []
    leave = workspace.observe(("project", "component"), lambda: calls.append(1))
    workspace.show_project(SHOP)
    leave()
    leave()
    workspace.show_project(SHOP)
    assert calls == [1]


async def test_an_image_is_opened_and_remembered(workspace, heard):
    workspace.show_image(OpenedImage("nginx:latest"))
    await workspace.remember_image("nginx:latest", {"files": 12})
    assert workspace.image.where == "nginx:latest"
    assert heard == ["image"]
    assert workspace.history.recents("image")[0].about == {"files": 12}


async def test_jobs_are_counted_by_state():
    jobs = Jobs()
    told = []
    jobs.observe(told.append)
    waiting = jobs.start("Wait")
    good = jobs.start("Good")
    bad = jobs.start("Bad")

    async def fine():
        return 1

    async def broken():
        raise ValueError("x")

    await good.run(fine())
    with pytest.raises(ValueError, match="x"):
        await bad.run(broken())
    assert jobs.waiting == (waiting,)
    assert jobs.finished == (good, bad)
    assert jobs.unseen_failures == (bad,)
    jobs.see_all()
    assert jobs.unseen_failures == ()
    jobs.clear_finished()
    assert list(jobs) == [waiting]
    assert told[0] is None
    assert bad in told


async def test_all_jobs_are_cancelled():
    jobs = Jobs()
    waiting, running = jobs.start("Wait"), jobs.start("Run")
    task = asyncio.ensure_future(running.run(asyncio.sleep(60)))
    await asyncio.sleep(0)
    jobs.cancel_all()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (waiting.state, running.state) == (JobState.CANCELLED, JobState.CANCELLED)


def test_old_jobs_do_not_pile_up():
    jobs = Jobs()
    for number in range(250):
        jobs.add(Job(str(number))).cancel()
    assert len(jobs) <= 102
