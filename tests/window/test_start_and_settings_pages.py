"""Start and Settings, with an engine, without one, and with nothing at all."""

import asyncio
import datetime as dt

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from window.states import REACHABLE, UNREACHABLE

from slimdesk.engine.model import ImageRecord
from slimdesk.ui.models.roles import Role
from slimdesk.workspace.history import Measured
from slimdesk.workspace.settings import SettingsFile

NOW = dt.datetime.now(dt.UTC)


def words(widget):
    return "\n".join(one.text() for one in widget.findChildren(QLabel) if one.isVisibleTo(widget))


def cells(table):
    model = table.model()
    return [
        [model.index(row, column).data() for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


async def test_an_empty_start_says_what_to_do(window):
    page = window.page_of("start")
    assert "No project opened yet" in words(page)
    assert "No image opened yet" in words(page)
    assert not page._projects.isVisible()


async def test_recent_projects_show_their_best_variant_by_the_current_size(window, tmp_path):
    folder = tmp_path / "shop"
    folder.mkdir()
    history = window.workspace.history
    for family, size in (("baseline", 862), ("distroless", 15)):
        history.measured(
            Measured(
                str(folder), "api", family, NOW, "x", {"files": size * 10**6, "live": size * 10**5}, "runs"
            )
        )
    await window.workspace.remember_project(tmp_path / "gone", {})
    await window.workspace.remember_project(folder, {"components": ["api", "web"], "profiles": ["go", "web"]})
    page = window.page_of("start")
    first, second = cells(page._projects)
    assert first[0] == "shop"
    assert first[1] == "api, web"
    best = page._projects.model().index(0, 2)
    assert best.data(Role.BAR).label == "862\u2009MB → 15.0\u2009MB"
    assert first[3] == "57.5×"
    assert first[4] == "distroless"
    assert second[2] == "Not found. Locate…"
    head = page._projects.model().headerData
    assert head(2, Qt.Orientation.Horizontal) == "Best variant, files"
    window.commands.run("size-live")
    assert head(2, Qt.Orientation.Horizontal) == "Best variant, live"
    best = page._projects.model().index(0, 2)
    assert best.data(Role.BAR).label == "86.2\u2009MB → 1.50\u2009MB"


async def test_recent_lists_can_be_filtered_and_shortened(window, tmp_path, settled):
    for name in ("shop", "blog"):
        await window.workspace.remember_project(tmp_path / name, {"components": [name]})
    await window.workspace.remember_image(
        "nginx:latest", {"files": 190_000_000, "shadowed": 0, "platform": "linux/amd64"}
    )
    page = window.page_of("start")
    page.show_filter()
    page._filter.setText("blo")
    assert [row[0] for row in cells(page._projects)] == ["blog"]
    assert cells(page._images) == []
    page._filter.clear()
    assert cells(page._images)[0][:4] == ["nginx:latest", "Docker Engine", "linux/amd64", "190\u2009MB"]
    page._forget("image", "nginx:latest")
    await settled(lambda: page._no_images.isVisibleTo(page))


async def test_lists_that_cannot_be_read_are_told_and_the_page_is_there(window, slimdesk_home):
    path = window.workspace.history.path
    path.mkdir(parents=True)
    page = window.page_of("start")
    page.entered()
    assert cells(page._projects) == []
    assert any("opened and built could not be used" in one.text for one in window.notices.notices)


async def test_a_recent_project_opens(window, tmp_path, settled):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "go.mod").write_text("module example.com/shop\n\ngo 1.24\n")
    (tmp_path / "shop" / "main.go").write_text("package main\n\nfunc main() {}\n")
    await window.workspace.remember_project(tmp_path / "shop", {})
    page = window.page_of("start")
    page._projects.choose(lambda one: one.name == "shop")
    QTest.keyClick(page._projects, Qt.Key.Key_Return)
    await settled(lambda: window.workspace.project is not None)
    assert window.workspace.component.profile == "go"
    assert "shop" in window.windowTitle()
    await settled(lambda: window.workspace.history.recents("project")[0].about.get("profiles") == ["go"])
    window.workspace.tick(["slim"])
    await settled(lambda: list((window.workspace.history.path.parent / "sessions").glob("*.json")))


async def test_who_has_gone_to_another_page_while_a_project_is_read_stays_there(window, tmp_path, settled):
    (tmp_path / "go.mod").write_text("module example.com/shop\n\ngo 1.24\n")
    window.desk.opener.open_path(str(tmp_path))
    window.go("settings")
    await settled(lambda: window.workspace.project is not None)
    await settled(lambda: not window.workspace.jobs.running)
    assert window.page == "settings"


async def test_the_sample_opens_as_a_copy(window, settled, slimdesk_home):
    window.commands.run("open-sample")
    await settled(lambda: window.workspace.project is not None, seconds=15)
    assert window.workspace.project.components
    assert slimdesk_home in window.workspace.project.root.parents


async def test_a_folder_that_is_not_there_is_a_sentence(window):
    window.desk.opener.open_path("/no/such/folder")
    assert "was not found" in window.notices.notices[0].text


async def test_the_engine_card_tells_the_state(window, settled):
    page = window.page_of("start")
    assert "Asking the engine…" in words(page)
    window.workspace.set_engine(UNREACHABLE)
    await settled(lambda: "Nothing listens at unix:///var/run/docker.sock" in words(page))
    assert not page._engine_image.isEnabled()
    assert window.bar.chip.accessibleName() == "No engine default"
    window.workspace.set_engine(REACHABLE)
    window.workspace.set_engine_images(
        (
            ImageRecord("sha256:1", ("slimdesk/api:slim",), NOW, 20_000_000, {"io.slimdesk.made": "1"}),
            ImageRecord("sha256:2", ("nginx:latest",), NOW, 90_000_000, {}),
        )
    )
    await settled(lambda: "Docker Engine 28.3" in words(page) and "1, 20.0\u2009MB" in words(page))
    assert page._engine_image.isEnabled()
    assert page._clean.isVisibleTo(page)


async def test_settings_take_effect_at_once(window, settled):
    window.go("settings")
    page = window.page_of("settings")
    page._appearance.findChildren(type(page._appearance._buttons["dark"]))
    page._appearance._buttons["dark"].click()
    page._size._buttons["live"].click()
    page._options["pin"].click()
    page._wish._buttons["compatible"].click()
    assert window.workspace.choices.prefer == "compatible"
    page._editor.setText("code --goto")
    page._editor.editingFinished.emit()
    kept = SettingsFile().value
    assert (kept.appearance, kept.current_size, kept.options.pin, kept.editor) == (
        "dark",
        "live",
        True,
        "code --goto",
    )
    assert "What a container sees." in page._size_words.text()
    await settled(lambda: "hadolint" in words(page))


async def test_the_engines_contexts_can_be_chosen(window, settled):
    window.go("settings")
    page = window.page_of("settings")
    window.workspace.set_engine(REACHABLE)
    await settled(lambda: "does not answer: nothing listens there" in words(page))
    used = []
    window.desk.opener.use_context = used.append
    page._use("rootless")
    page._use(None)
    assert used == ["rootless"]
    await asyncio.sleep(0.1)


async def test_mirrors_are_kept_when_they_make_sense(window):
    window.go("settings")
    mirrors = window.page_of("settings")._mirrors
    mirrors.add("docker.io", "")
    mirrors.table.item(0, 1).setText("https://mirror.example.com")
    assert SettingsFile().value.mirrors == {}
    assert mirrors._problem.count() == 1
    mirrors.table.item(0, 1).setText("mirror.example.com/hub")
    assert mirrors._problem.count() == 0
    assert SettingsFile().value.mirrors == {"docker.io": "mirror.example.com/hub"}
    mirrors.table.setCurrentCell(0, 0)
    mirrors._remove()
    assert SettingsFile().value.mirrors == {}
    await asyncio.sleep(0.1)
