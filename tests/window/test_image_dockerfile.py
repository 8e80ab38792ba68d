"""The Dockerfile of an image that SlimDesk built: its lines with the bytes that they cost."""

import pytest
from PySide6.QtCore import Qt
from unit.image.images import Picture, layer, old_save
from unit.operations.variant_desk import shop

from slimdesk.image.history import BASE_LAYERS_LABEL
from slimdesk.image.read import Wanted, read_path
from slimdesk.operations.detect import open_project
from slimdesk.workspace.fingerprint import Fingerprint
from slimdesk.workspace.results import Made, VariantId
from slimdesk.workspace.workspace import OpenedImage


@pytest.fixture
def built(tmp_path):
    """An image as a build of the distroless variant makes it."""
    path = tmp_path / "built.tar"
    history = [
        {"created_by": "base"},
        {"created_by": "COPY --from=build /out/app /app # buildkit"},
    ]
    layers = [layer([("etc/passwd", 1_000)]), layer([("app", 7_000_000)])]
    path.write_bytes(
        old_save([Picture(layers, "shop:distroless", history, {"Labels": {BASE_LAYERS_LABEL: "1"}})])
    )
    return read_path(path, Wanted())


@pytest.fixture
def show(make_window, settled, tmp_path, built):
    """Show the image, with its project open or not; returns the page."""

    async def shown(*, project=True, variant=True):
        window = make_window()
        identity = None
        if project:
            (tmp_path / "shop").mkdir()
            window.workspace.show_project(open_project(shop(tmp_path / "shop")))
            identity = VariantId(window.workspace.component.name, "distroless") if variant else None
        window.workspace.show_image(OpenedImage("shop:distroless", built, identity))
        window.go("image")
        page = window.page_of("image")
        await settled(lambda: page._shown_image is built and page._pages.currentWidget() is page._whole)
        await settled(lambda: page.dockerfile.known is not None or not page.tabs._bar.isTabEnabled(3))
        return page

    return shown


async def test_a_line_shows_its_bytes_and_leads_to_what_it_brings(show, built):
    page = await show()
    assert page.tabs._bar.isTabEnabled(3)
    page.tabs.choose("dockerfile")
    assert page._body.currentWidget() is page.dockerfile
    pane = page.dockerfile
    assert pane.view.text().startswith("#") or "FROM" in pane.view.text()
    copied = next(note for note in pane.view.notes if note.bytes == 7_000_000)
    base = next(note for note in pane.view.notes if note.base)
    assert base.bytes == 1_000
    assert "1 layer by its lines" in pane.words.text()
    pane.view.go_to(base.line)
    assert not pane.show_button.isEnabled()
    pane.view.go_to(copied.line)
    assert pane.show_button.isEnabled()
    pane.show_button.click()
    assert page.tabs.value == "contents"
    assert page.view.wanted.layer == 1
    tip = page.layers.layers.index_of(1).data(Qt.ItemDataRole.ToolTipRole)
    assert f"Line {copied.line} of the Dockerfile" in tip


@pytest.mark.parametrize("open_project_too", [True, False])
async def test_where_it_is_not_known_the_tab_says_why(show, open_project_too):
    page = await show(project=open_project_too, variant=False)
    assert not page.tabs._bar.isTabEnabled(3)
    assert "not known" in page.tabs._bar.tabToolTip(3)


async def test_a_dockerfile_that_has_changed_costs_nothing_that_was_measured(show, built):
    page = await show()
    variant = page._opened.variant
    workspace = page.workspace
    workspace.keep_build(variant, Made(None, Fingerprint({"dockerfile": "a"})))
    workspace.note_state(variant, Fingerprint({"dockerfile": "b"}))
    known = await page.dockerfile.find_for(page._opened, built)
    assert known.changed
    assert known.lines == {}
    assert all(note.bytes is None for note in page.dockerfile.view.notes)
    assert "has changed since" in page.dockerfile.words.text()
