"""The sheets of the Debug page: an image is run and remembered, a pod is run and kept, an exit is explained."""

import asyncio
import contextlib

import pytest
from PySide6.QtWidgets import QLabel, QMenu
from window.containers_played import START, PlayedEngine, played
from window.states import REACHABLE
from window.test_accessible_names import nameless

from slimdesk.basics.errors import EngineError, ImageNotFound
from slimdesk.debug.causes import Cause
from slimdesk.debug.pod_plan import PodPlan
from slimdesk.engine.model import ContainerSpec, ImageRecord
from slimdesk.operations.run_pod import PodRun
from slimdesk.ui.pages.debug_pod import PodDialog
from slimdesk.ui.pages.debug_pod_explain import ExplainDialog
from slimdesk.ui.pages.debug_run import RunDialog
from slimdesk.ui.pages.debug_run_offer import offer_run_and_debug
from slimdesk.ui.widgets.buttons import Button
from slimdesk.verify.model import Check

IMAGE = "shop/api:1.4"
POD = """
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - {name: app, image: shop/web:1}
        - {name: proxy}
"""


@pytest.fixture
async def engine(monkeypatch):
    found = PlayedEngine()
    played(monkeypatch, found)
    return found


@pytest.fixture
async def desk(window, engine):
    window.workspace.set_engine(REACHABLE)
    window.workspace.set_engine_images([ImageRecord("sha256:1", (IMAGE,), START, 1, {})])
    return window.desk


def words(widget):
    return "\n".join(one.text() for one in widget.findChildren(QLabel) if one.isVisibleTo(widget))


def button(widget, text):
    return next(one for one in widget.findChildren(Button) if one.text() == text and one.isVisibleTo(widget))


def opened(kind, *args):
    dialog = kind(*args)
    dialog.show()
    return dialog


async def test_an_image_is_run_as_typed_and_chosen_in_the_list(desk, engine, settled):
    dialog = opened(RunDialog, desk, IMAGE)
    await settled(lambda: dialog.ports.text() == "8080")
    assert dialog.user.placeholderText() == "the image's own: 65532"
    dialog.ports.setText("18080:8080")
    dialog.environment.setPlainText("MODE=dev\nDB_PASSWORD=s3cret")
    dialog.command.setText("serve --name 'a b'")
    dialog.memory.setText("64 MB")
    dialog.read_only.setChecked(True)
    dialog.tmp.setChecked(True)
    dialog.start()
    await settled(lambda: engine.done == [("start", "id-run-1")])
    page = desk.window.page_of("debug")
    await settled(lambda: page.chosen is not None and page.chosen.container_id == "id-run-1")
    spec = engine.created[0]
    assert (spec.published, spec.command, spec.memory) == (
        {8080: 18080},
        ("serve", "--name", "a b"),
        64_000_000,
    )
    assert spec.environment == {"MODE": "dev", "DB_PASSWORD": "s3cret"}
    assert spec.read_only
    assert spec.tmpfs
    again = opened(RunDialog, desk, "shop/api:1.5")
    assert again.ports.text() == "18080:8080"
    assert again.environment.toPlainText() == "MODE=dev\nDB_PASSWORD=s3cret"
    again.close()


async def test_what_does_not_come_up_is_told_with_the_fix(desk, engine, settled):
    engine.on_start = EngineError(
        "It could not be started", "Bind for 127.0.0.1:8080 failed: port is already allocated"
    )
    dialog = opened(RunDialog, desk, IMAGE)
    dialog.ports.setText("8080:80")
    dialog.start()
    await settled(lambda: dialog.problem.isVisibleTo(dialog))
    assert "Port 8080 of this machine is taken" in words(dialog.problem)
    engine.on_start = PlayedEngine.on_start
    button(dialog.problem, "Take any free port").click()
    await settled(lambda: len(engine.created) == 2)
    assert engine.created[1].published == {80: 0}
    # What the first try left is not piled up.
    assert ("remove", "id-run-1") in engine.done


async def test_an_image_that_is_not_there_can_be_pulled(desk, engine, settled):
    engine.failure = ImageNotFound("The engine has no image shop/other:1")
    pulled = []

    async def pull(reference, _platform, _reporter):
        pulled.append(reference)
        engine.failure = None

    engine.pull = pull
    dialog = opened(RunDialog, desk, "shop/other:1")
    dialog.start()
    await settled(lambda: dialog.notices.notices)
    button(dialog, "Pull it").click()
    await settled(lambda: engine.created)
    assert pulled == ["shop/other:1"]


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        ("ports", "80:99999", "99999 is no port"),
        ("environment", "no equals sign", "names no variable"),
        ("memory", "a lot", "is no amount of memory"),
        ("memory", "1 kB", "too little memory"),
        ("command", "say 'hello", "cannot be read"),
        ("volumes", "/nowhere/at/all:/data", "no folder"),
        ("user", "no body", "is no user"),
    ],
)
async def test_what_cannot_be_is_told_before_anything_is_made(desk, engine, field, text, told):
    dialog = opened(RunDialog, desk, IMAGE)
    target = getattr(dialog, field)
    (target.setPlainText if hasattr(target, "setPlainText") else target.setText)(text)
    dialog.start()
    await asyncio.sleep(0.02)
    assert dialog.run.isEnabled()
    assert told in (words(dialog) + "".join(one.text for one in dialog.notices.notices))
    assert not engine.created
    dialog.close()


async def test_a_pod_of_several_containers_is_run_and_judged(desk, settled, monkeypatch):
    asked = []

    async def run_pod(_engine, _manifest, pod, container, choices, *, reporter):
        asked.append((pod.title, container.name, choices.image, choices.environment, choices.user))
        plan = PodPlan("Deployment/web", "shop/web:1", "65532", None, omitted=("the service account",))
        cause = Cause(
            "read-only", "It writes to /var/cache, and its root is read-only.", "Mount an emptyDir there."
        )
        check = Check("start", True, 0.2, "The engine started it.")
        return PodRun("fails", str(cause), plan, cause, (check,), 1, log=("open /var/cache: read-only",))

    monkeypatch.setattr("slimdesk.operations.run_pod.run_pod", run_pod)
    dialog = opened(PodDialog, desk)
    assert not dialog.run.isEnabled()
    dialog.text.setPlainText("kind: Service")
    await settled(lambda: "names no pod" in words(dialog.answer))
    dialog.text.setPlainText(POD)
    await settled(lambda: dialog.which.count() == 2)
    assert dialog.which.currentText() == "Deployment/web: app"
    dialog.which.setCurrentIndex(1)
    dialog.image.setText("shop/proxy:2")
    dialog.environment.setPlainText("TOKEN=x")
    dialog.random.setChecked(True)
    dialog.start()
    await settled(lambda: "Mount an emptyDir there." in words(dialog.answer))
    said = words(dialog.answer)
    for part in (
        "It fails",
        "The engine started it.",
        "Not reproduced here",
        "the service account",
        "open /var/cache: read-only",
    ):
        assert part in said
    assert asked == [("Deployment/web", "proxy", "shop/proxy:2", {"TOKEN": "x"}, 1_000_650_000)]
    dialog.close()


async def test_a_manifest_is_read_from_a_file(desk, settled, tmp_path):
    path = tmp_path / "pod.yaml"
    path.write_text(POD)
    dialog = opened(PodDialog, desk)
    await dialog.read_file(path)
    await settled(lambda: dialog.which.count() == 2)
    dialog.text.setPlainText("a: [1, 2")
    await settled(lambda: dialog.which.count() == 0)
    assert not dialog.run.isEnabled()
    dialog.close()


async def test_an_exit_is_explained_as_it_is_pasted(desk, settled):
    dialog = opened(ExplainDialog, desk)
    assert not dialog.copy.isEnabled()
    dialog.text.setPlainText("137")
    await settled(dialog.copy.isEnabled)
    assert "137" in words(dialog.causes)
    dialog.text.setPlainText("a fine day")
    await settled(lambda: not dialog.copy.isEnabled())
    assert "Nothing in it is known" in words(dialog.causes)
    dialog.close()


async def test_other_pages_offer_to_run_and_to_debug(window, desk):
    menu = QMenu()
    offer_run_and_debug(menu, desk, "")
    assert [one.isEnabled() for one in menu.actions()] == [False, False]
    menu.clear()
    offer_run_and_debug(menu, desk, IMAGE)
    page = window.page_of("debug")
    held = []
    page.shell.open_held = lambda target, name: held.append((target, name))
    menu.actions()[1].trigger()
    assert held == [(IMAGE, IMAGE)]


async def test_every_field_of_the_sheets_has_a_name(desk, settled):
    for kind in (RunDialog, PodDialog, ExplainDialog):
        dialog = opened(kind, desk)
        assert nameless(dialog) == []
        dialog.close()


async def test_a_sheet_that_is_closed_meanwhile_leaves_what_it_started(desk, engine, settled):
    dialog = opened(RunDialog, desk, IMAGE)
    dialog.start()
    dialog.close()
    await settled(lambda: desk.workspace.container == "id-run-1")
    engine.failure = ImageNotFound("The engine has no image shop/api:1.4")
    dialog = opened(RunDialog, desk, IMAGE)
    dialog.start()
    dialog.close()
    await settled(lambda: desk.window.notices.notices)


async def test_what_is_kept_of_a_pod_goes_with_its_sheet(desk, engine, settled, monkeypatch):
    plan = PodPlan("Deployment/web", "shop/web:1", "65532", None)
    kept = []

    async def plan_on(*_args):
        return plan

    @contextlib.asynccontextmanager
    async def kept_pod(_engine, _plan):
        kept.append("started")
        yield await engine.create(ContainerSpec("shop/web:1"))
        kept.append("removed")

    async def forever(_container, _seconds=None):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            kept.append("left")
            raise

    monkeypatch.setattr("slimdesk.operations.run_pod.plan_on", plan_on)
    monkeypatch.setattr("slimdesk.operations.run_pod.kept_pod", kept_pod)
    engine.wait = forever
    dialog = opened(PodDialog, desk)
    dialog.text.setPlainText(POD)
    await settled(dialog.keep.isEnabled)
    dialog.keep.click()
    await settled(lambda: "It runs on" in words(dialog.answer))
    assert not dialog.run.isEnabled()
    assert desk.workspace.container == "id-run-1"
    dialog.close()
    await settled(lambda: "left" in kept)


async def test_a_pod_whose_image_is_not_there_can_be_pulled(desk, engine, settled, monkeypatch):
    runs, pulled = [], []

    async def run_pod(*_args, **_more):
        runs.append(1)
        if not pulled:
            raise ImageNotFound(
                "The engine has no image shop/web:1", "the manifest names it", "choose one with --image"
            )
        return PodRun(
            "runs",
            "Deployment/web runs here.",
            PodPlan("x", "shop/web:1", "1", None, omitted=("give it with --env",)),
        )

    async def pull(reference, _platform, _reporter):
        pulled.append(reference)

    engine.pull = pull
    monkeypatch.setattr("slimdesk.operations.run_pod.run_pod", run_pod)
    dialog = opened(PodDialog, desk)
    dialog.text.setPlainText(POD)
    await settled(dialog.run.isEnabled)
    dialog.start()
    await settled(lambda: dialog.notices.notices)
    assert "--" not in dialog.notices.notices[0].text
    button(dialog, "Pull it").click()
    await settled(lambda: "It runs here" in words(dialog.answer))
    assert pulled == ["shop/web:1"]
    assert "give it under Variables" in words(dialog.answer)
    dialog.close()
