"""With Tab alone through the pages: every stop is in sight, has a name, and comes in the order in which one reads."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from window.states import UNREACHABLE

from slimdesk.ui.frame.focus import FocusRing
from slimdesk.ui.widgets.buttons import SegmentedSwitch

# A page has fewer stops than this.
MOST = 80


def name_of(widget):
    text = getattr(widget, "text", None)
    return widget.accessibleName() or (text() if callable(text) else "")


def walk(window):
    """Press Tab until the focus is back where it was; return the stops."""
    # It listens to the window's keys, which QTest gives to the widgets themselves.
    window.findChild(FocusRing)._set_keyboard(True)
    window.bar.menu_button.setFocus(Qt.FocusReason.TabFocusReason)
    stops = []
    for _ in range(MOST):
        stop = QApplication.focusWidget()
        assert isinstance(stop, QWidget)
        if stops and stop is stops[0]:
            return stops
        stops.append(stop)
        place = stop.mapTo(window, stop.rect().center())
        assert window.rect().contains(place), f"{name_of(stop)} is not in sight"
        QTest.keyClick(stop, Qt.Key.Key_Tab)
    raise AssertionError(f"no way back: {[name_of(stop) for stop in stops]}")


@pytest.fixture
async def walked(window, settled):
    window.activateWindow()
    window.workspace.set_engine(UNREACHABLE)
    await settled(lambda: QApplication.activeWindow() is window)
    return window


@pytest.mark.parametrize("page", ["start", "project", "variants", "image", "compare", "debug", "settings"])
async def test_tab_goes_round_every_page(walked, settled, page):
    walked.go(page)
    await settled(lambda: walked.page_of(page).isVisible())
    stops = walk(walked)
    assert all(name_of(stop).strip() for stop in stops)
    rail = [stop for stop in stops if stop in walked.rail.buttons]
    assert [stop.isChecked() for stop in rail] == [True]
    # Twice round: what was scrolled away comes back into sight.
    assert walk(walked) == stops


async def test_the_engine_comes_between_the_sizes_and_the_mirrors(walked):
    walked.go("settings")
    names = [name_of(stop) for stop in walk(walked)]
    places = [
        names.index(name) for name in ("Current size: Files", "As docker itself chooses", "Add a mirror")
    ]
    assert places == sorted(places)


async def test_tab_reaches_what_is_chosen_and_arrows_the_others(qtbot, settled):
    switch = SegmentedSwitch("Size", [("a", "A"), ("b", "B"), ("c", "C")], "b")
    qtbot.addWidget(switch)
    buttons = list(switch._buttons.values())

    def reached():
        return [bool(one.focusPolicy() & Qt.FocusPolicy.TabFocus) for one in buttons]

    assert reached() == [False, True, False]
    switch.choose("c")
    assert reached() == [False, False, True]
    switch.show()
    switch.activateWindow()
    await settled(lambda: QApplication.activeWindow() is switch)
    buttons[2].setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(buttons[2], Qt.Key.Key_Left)
    assert switch.value == "b"
