"""A report from the window, before and after as a picture, how to use an image, and its way to a registry."""

import json
from xml.etree import ElementTree as ET

import pytest
from PySide6.QtGui import QGuiApplication, QImage
from unit.operations.variant_desk import Engine
from window.shown_image import show_small
from window.variants_opening import dialog_of, open_variants

from slimdesk.basics.errors import PushFailed
from slimdesk.ui.pages.report_dialog import ReportDialog
from slimdesk.ui.pages.share_picture import PictureDialog
from slimdesk.ui.pages.variants_use_dialog import UseItDialog
from slimdesk.ui.widgets.buttons import Button


@pytest.fixture
def engine(tmp_path, monkeypatch):
    made = Engine(tmp_path, monkeypatch)
    made.sizes = {"baseline": 8_000_000, "distroless": 1_000_000}
    return made


@pytest.fixture
def built(make_window, engine, tmp_path, settled):
    """The Variants page with a baseline and a distroless variant that run."""

    async def made(appearance="light"):
        page = open_variants(make_window, engine, tmp_path, appearance=appearance)
        page.build(["baseline", "distroless"])
        await settled(lambda: sum(1 for row in page._rows if row.verification is not None) == 2)
        page.workspace.select("distroless")
        page.refresh()
        return page

    return made


@pytest.fixture
def opens(settled):
    async def wait(page, kind):
        await settled(lambda: isinstance(dialog_of(page), kind))
        return dialog_of(page)

    return wait


def put(monkeypatch, module, path):
    async def picked(*_args):
        return path

    monkeypatch.setattr(f"slimdesk.ui.pages.{module}.pick_new_file", picked)


async def test_a_report_on_the_variants_is_seen_and_written(
    built, theme, opens, settled, tmp_path, monkeypatch
):
    page = await built(theme)
    page.desk.actions.run("variants-report")
    dialog = await opens(page, ReportDialog)
    await settled(lambda: "smaller" in dialog.browser.toPlainText())
    assert "distroless" in dialog.browser.toPlainText()
    dialog.title.setText("Our <b>shop</b>")
    dialog.section("figures").setChecked(False)
    dialog.choose("json")
    await settled(lambda: dialog.text.toPlainText().startswith("{"))
    assert not dialog.section("figures").isVisible()
    dialog.choose("md")
    await settled(lambda: "Our <b>shop</b>" in dialog.text.toPlainText())
    assert "### Figures" not in dialog.text.toPlainText()
    target = tmp_path / "shop.md"
    put(monkeypatch, "report_dialog", target)
    dialog.save.click()
    await settled(target.exists)
    assert "`distroless`" in target.read_text()
    await settled(lambda: any("shop.md is written" in one.text for one in page.desk.window.notices.notices))


async def test_a_report_that_cannot_be_written_says_why(built, opens, settled, tmp_path, monkeypatch):
    page = await built()
    (tmp_path / "file").touch()
    put(monkeypatch, "report_dialog", tmp_path / "file" / "r.html")
    page.desk.actions.run("variants-report")
    dialog = await opens(page, ReportDialog)
    dialog.accept()
    await settled(lambda: any("was not written" in one.text for one in page.desk.window.notices.notices))


async def test_a_report_on_an_image_has_its_bill_of_materials(make_window, settled, opens, tmp_path):
    window = make_window()
    page = await show_small(window, settled, tmp_path)
    page.desk.actions.run("image-report")
    dialog = await opens(page, ReportDialog)
    dialog.choose("cyclonedx")
    await settled(lambda: dialog.text.toPlainText().startswith("{"))
    assert json.loads(dialog.text.toPlainText())["bomFormat"] == "CycloneDX"
    assert dialog.copy.isEnabled()
    dialog.choose("pdf")
    await settled(lambda: not dialog.copy.isEnabled())
    for box in dialog._boxes.values():
        box.setChecked(False)
    await settled(lambda: not dialog.save.isEnabled())
    dialog.reject()


async def test_without_an_image_it_is_said_what_to_do(make_window, engine, tmp_path):
    page = open_variants(make_window, engine, tmp_path)
    for key in ("variants-report", "copy-picture", "use-it"):
        assert page.desk.actions[key].refused() == "build a variant first"


async def test_before_and_after_is_copied_and_saved(built, opens, settled, tmp_path, monkeypatch):
    page = await built()
    page.desk.actions.run("copy-picture")
    dialog = await opens(page, PictureDialog)
    assert "still runs, checks: 2 of 2 passed" in dialog.line
    assert "smaller" in dialog.line
    dialog.copy_line.click()
    assert QGuiApplication.clipboard().text() == dialog.line
    dialog.copy_png.click()
    assert not QGuiApplication.clipboard().image().isNull()
    light = dialog.png()
    dialog.theme.choose("dark")
    assert dialog.png() != light
    for kind in ("svg", "png"):
        target = tmp_path / f"picture.{kind}"
        put(monkeypatch, "share_picture", target)
        getattr(dialog, f"save_{kind}").click()
        await settled(target.exists)
    root = ET.fromstring((tmp_path / "picture.svg").read_text())
    assert {one.tag.rpartition("}")[2] for one in root.iter()} == {"svg", "title", "rect", "text"}
    assert QImage(str(tmp_path / "picture.png")).width() == 1920
    dialog.reject()


async def test_use_it_says_what_was_proved_and_follows_the_name(built, opens, settled, tmp_path, monkeypatch):
    page = await built()
    page.desk.actions.run("use-it")
    dialog = await opens(page, UseItDialog)
    assert "--publish 127.0.0.1:8080:8080 --user 65532" in dialog.text.toPlainText()
    assert "--read-only" not in dialog.text.toPlainText()
    assert not dialog.push.isEnabled()
    dialog.field.setText("registry.example.com/team/shop:1.0")
    assert "docker push registry.example.com/team/shop:1.0" in dialog.text.toPlainText()
    assert dialog.push.isEnabled()
    dialog.field.setText("Not A Name")
    assert not dialog.push.isEnabled()
    assert "lower case" in dialog.problem.text()
    dialog.field.setText("shop:1.0")
    dialog.choices.choose("kubernetes")
    dialog._show()
    assert "runAsUser: 65532" in dialog.text.toPlainText()
    assert dialog.write.isVisible()
    target = tmp_path / "shop.yaml"
    put(monkeypatch, "variants_use_dialog", target)
    dialog.write.click()
    await settled(target.exists)
    dialog.copy.click()
    assert QGuiApplication.clipboard().text() == target.read_text()
    dialog.reject()


async def test_what_is_ticked_after_the_proof_is_not_proved(built, opens):
    from dataclasses import replace

    page = await built()
    component = page.workspace.component.name
    page.variants.profiles[component] = replace(page.variants.profile(), read_only=True)
    page.desk.actions.run("use-it")
    dialog = await opens(page, UseItDialog)
    assert "--read-only" not in dialog.text.toPlainText()
    dialog.reject()


@pytest.mark.parametrize("refused", [False, True])
async def test_an_image_is_tagged_and_pushed(built, engine, opens, settled, refused):
    told = []

    async def tag(image, name):
        told.append((image, name))

    async def push(name, reporter):
        reporter.progress("Pushing", 5, 10, "bytes")
        if refused:
            raise PushFailed(f"{name} could not be pushed", "the registry wants a login", "Run docker login")
        return "sha256:" + "e" * 64

    engine.tag, engine.push = tag, push
    page = await built()
    page.desk.actions.run("use-it")
    dialog = await opens(page, UseItDialog)
    dialog.field.setText("localhost:5000/shop:1")
    dialog.push.click()
    notices = page.desk.window.notices
    word = "registry wants a login" if refused else "is pushed"
    await settled(lambda: any(word in one.text for one in notices.notices))
    assert told[0][1] == "localhost:5000/shop:1"


async def test_saving_ends_with_how_to_use_it(built, opens, settled):
    page = await built()
    page.save()
    await settled(lambda: dialog_of(page) is not None)
    dialog_of(page).accept()
    notices = page.desk.window.notices
    await settled(lambda: any("saved in" in one.text for one in notices.notices))
    button = next(one for one in page.desk.window.findChildren(Button) if one.text() == "Use it…")
    button.click()
    dialog = await opens(page, UseItDialog)
    assert "docker build --file Dockerfile" in dialog.text.toPlainText()
    dialog.reject()
