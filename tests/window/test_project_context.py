"""The build context on the Project page: what is sent, what is left out, a line of .dockerignore from a tile."""

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QMenu

from slimdesk.operations.detect import open_project


@pytest.fixture
def open_pane(make_window, tmp_path, settled):
    """Open the tab on a project with documents that are sent and a cache that is not."""

    async def opened(appearance="light"):
        root = tmp_path / "shop"
        for name, size in {"docs/manual.pdf": 50_000, "static/logo.svg": 9_000, ".cache/x": 20_000}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(b"x" * size)
        (root / "go.mod").write_text("module example.com/shop\n\ngo 1.26\n")
        (root / "main.go").write_text("package main\n\nfunc main() {}\n")
        window = make_window(appearance)
        window.workspace.show_project(open_project(root))
        window.go("project")
        page = window.page_of("project")
        page.show_tab("context")
        await settled(lambda: page.context._files is not None)
        return page.context

    return opened


def choose(pane, path):
    node = pane._files.table.find(path)
    pane.map.select(node)
    pane._about(node)
    return node


async def test_figures_and_tiles_tell_what_is_sent(open_pane, theme):
    pane = await open_pane(theme)
    size = pane._files.size
    assert size.left_out == 20_000
    assert size.sent == 50_000 + 9_000 + len("module example.com/shop\n\ngo 1.26\n") + len(
        "package main\n\nfunc main() {}\n"
    )
    assert pane.map.tiles is not None
    assert len(pane.map.tiles) > 3
    choose(pane, "/.cache")
    assert "left out by .dockerignore" in pane.about.words.text()
    assert not pane.leave_button.isEnabled()
    choose(pane, "/docs")
    assert pane.leave_button.isEnabled()


async def test_the_legend_hides_what_is_left_out(open_pane):
    pane = await open_pane()
    pane.legend.switched.emit(frozenset({1}))
    assert pane.map._shown.weight[0] == pane._files.size.sent
    pane.legend.switched.emit(frozenset({1}))
    assert pane.map._shown.weight[0] == pane._files.size.sent + 20_000


async def test_a_tile_becomes_a_line_of_dockerignore_after_it_was_seen(open_pane, settled, tmp_path):
    pane = await open_pane()
    choose(pane, "/docs")
    pane.leave_button.click()
    await settled(lambda: pane.desk.window.findChild(QDialog) is not None)
    ignore = tmp_path / "shop/.dockerignore"
    assert not ignore.exists()
    pane.desk.window.findChild(QDialog).accept()
    await settled(ignore.exists)
    assert ignore.read_text() == "docs\n"


async def test_what_the_build_needs_is_told_instead(open_pane, settled):
    pane = await open_pane()
    choose(pane, "/go.mod")
    pane.leave_button.click()
    await settled(lambda: any("was not left out" in one.text for one in pane.desk.window.notices.notices))
    assert pane.desk.window.findChild(QDialog) is None


async def test_the_menu_zooms_and_copies(open_pane):
    pane = await open_pane()
    node = choose(pane, "/docs")
    menu = QMenu(pane)
    pane.fill_menu(menu, node)
    words = [action.text() for action in menu.actions() if action.text()]
    assert words == ["Zoom into the folder", "Whole folder", "Copy path", "Leave out…"]
    menu.actions()[0].trigger()
    assert pane.map.root == node
    pane.copy_path()
    assert QGuiApplication.clipboard().text() == "docs"
    pane._up.click()
    assert pane.map.root == 0
    assert not pane._up.isEnabled()


async def test_a_dockerignore_that_docker_refuses_says_so(make_window, tmp_path, settled):
    (tmp_path / "go.mod").write_text("module a\n\ngo 1.26\n")
    (tmp_path / "main.go").write_text("package main\n\nfunc main() {}\n")
    (tmp_path / ".dockerignore").write_text("[\n")
    window = make_window()
    window.workspace.show_project(open_project(tmp_path))
    window.go("project")
    page = window.page_of("project")
    page.show_tab("context")
    await settled(lambda: page.context._stack.currentWidget() is page.context._empty)
