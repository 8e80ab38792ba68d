"""The window on what smaller images are worth: it follows the numbers, says its formulas, remembers."""

import pytest
from PySide6.QtGui import QGuiApplication
from shiboken6 import isValid
from unit.image.images import Picture, layer, old_save
from window.test_accessible_names import nameless

from slimdesk.image.read import Wanted, read_path
from slimdesk.ui.pages.worth_window import open_worth
from slimdesk.workspace.workspace import OpenedImage


def image(folder, name, size):
    path = folder / f"{name}.tar"
    path.write_bytes(old_save([Picture([layer([("app", bytes(range(256)) * size)])], f"{name}:1")]))
    return OpenedImage(str(path), read_path(path, Wanted()))


@pytest.fixture
async def kept():
    """Windows to be closed at the end."""
    made = []
    yield made
    for one in made:
        if isValid(one):
            one.close()


async def test_the_arithmetic_follows_the_numbers(window, tmp_path, kept):
    window.workspace.compare([image(tmp_path, "big", 4000), image(tmp_path, "slim", 40)])
    one = open_worth(window.desk)
    kept.append(one)
    assert [row.name for row in one.rows.rows] == ["big:1", "slim:1"]
    one.nodes.setValue(7)
    one.bandwidth.setValue(8)
    big, slim = one.rows.rows
    assert slim.sent_new == 7 * slim.download
    assert big.pull_seconds == pytest.approx(big.download / 1_000_000)
    assert "7 new nodes fetch" in one.words.text()
    assert "instead of" in one.words.text()
    assert "arithmetic with your numbers" in one.note.text()
    assert "its base image is not known" in one.note.text()
    assert nameless(one) == []
    one.close()
    assert window.workspace.settings.worth == {"bandwidth": 8e6, "nodes": 7, "versions": 30}
    again = open_worth(window.desk)
    kept.append(again)
    assert again.nodes.value() == 7


async def test_it_can_be_copied_with_its_formulas(window, tmp_path, kept):
    from slimdesk.ui.pages.worth_window import as_text

    window.workspace.show_image(image(tmp_path, "big", 400))
    one = open_worth(window.desk)
    kept.append(one)
    QGuiApplication.clipboard().setText(as_text(one.worth))
    assert "Registry = base + versions" in QGuiApplication.clipboard().text()


async def test_nothing_measured_is_a_notice(window, kept):
    assert open_worth(window.desk) is None
    assert "worth" in window.desk.actions
    assert window.desk.actions["worth"].refused() == "build a variant or open an image first"
    assert window.desk.actions["size-over-time"].refused() == "open a project first"
    assert window.desk.actions["scan-image"].refused() == "open an image first"
    assert window.desk.actions["scan-variants"].refused() == "build a variant first"
