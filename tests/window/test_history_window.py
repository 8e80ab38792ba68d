"""The window on builds over time: chart, table, what changed; from Start and from Variants."""

import datetime as dt

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from shiboken6 import isValid
from unit.operations.variant_desk import shop
from window.test_accessible_names import nameless

from slimdesk.operations.detect import open_project
from slimdesk.ui.pages.history_chart import apart, scale_end
from slimdesk.ui.pages.history_window import open_history, open_image_history
from slimdesk.workspace.history import Measured
from slimdesk.workspace.kept_builds import BuildDetails, KeptPackage

NOON = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)


def build(at, family="slim", size=50_000_000, component="shop", place="/src/shop"):
    sizes = {"files": size, "download": size // 3, "unpacked": size, "live": size}
    return Measured(
        place, component, family, NOON + dt.timedelta(days=at), f"sha256:{at}", sizes, "runs", 3.0
    )


@pytest.fixture
def history(window):
    """The window's history with three builds of two variants, and a reference that is far larger."""
    kept = window.workspace.history
    libc = KeptPackage("deb", "libc6", "2.41", 9_000_000)
    kept.measured(build(0, "baseline", 900_000_000), BuildDetails("FROM golang\n", ()))
    kept.measured(build(1), BuildDetails("FROM debian\n", (libc,)))
    kept.measured(
        build(2, size=60_000_000),
        BuildDetails(
            "FROM debian\nRUN apt-get install curl\n", (libc, KeptPackage("deb", "curl", "8.1", 1_000_000))
        ),
    )
    kept.measured(build(3, "alpine", 20_000_000), None)
    return kept


@pytest.fixture
async def kept():
    """Windows to be closed at the end."""
    made = []
    yield made
    for one in made:
        if isValid(one):
            one.close()


@pytest.mark.usefixtures("history")
async def test_builds_newest_first_and_what_changed_since_the_one_before(window, kept):
    one = open_history(window.desk, "/src/shop")
    kept.append(one)
    assert [row.build.family for row in one.rows.rows] == ["alpine", "slim", "slim", "baseline"]
    one.table.choose(lambda row: row.grown)
    assert one.rows.rows[1].grown == 10_000_000
    assert [(row.name, row.before, row.after) for row in one.change.packages.rows] == [("curl", None, "8.1")]
    assert "files 50.0\u2009MB → 60.0\u2009MB (+20.0\u2009%)" in one.change.words.text()
    one.change.tabs.choose("dockerfile")
    assert "+RUN apt-get install curl" in one.change.diff.toPlainText()
    assert "api" not in one.words.text()
    assert one.words.text() == "4 builds of 3 variants; shop:slim grew by 10.0\u2009MB in its last build"
    assert nameless(one) == []


@pytest.mark.usefixtures("history")
async def test_what_is_not_known_is_said(window, kept):
    one = open_history(window.desk, "/src/shop")
    kept.append(one)
    one.table.choose(lambda row: row.build.family == "alpine")
    assert one.change._said.text() == "This is the first build of this variant that is known."
    assert not one.change.since.isEnabled()


@pytest.mark.usefixtures("history")
async def test_a_reference_that_dwarfs_the_others_is_drawn_when_asked(window, kept):
    one = open_history(window.desk, "/src/shop")
    kept.append(one)
    assert not one.reference.isChecked()
    assert [series.family for series in one.chart._series] == ["slim", "alpine"]
    one.reference.setChecked(True)
    assert [series.family for series in one.chart._series] == ["baseline", "slim", "alpine"]


@pytest.mark.usefixtures("history")
async def test_a_point_can_be_clicked_and_explains_itself(window, kept, settled, qapp):
    one = open_history(window.desk, "/src/shop")
    kept.append(one)
    one.chart.grab()
    spot = next(spot for spot in one.chart._spots if spot.point.size == 60_000_000)
    QTest.mouseClick(one.chart, Qt.MouseButton.LeftButton, pos=spot.at.toPoint())
    assert one.table.item.build == spot.point.build
    where = spot.at.toPoint()
    help_event = QHelpEvent(QHelpEvent.Type.ToolTip, where, one.chart.mapToGlobal(where))
    assert qapp.sendEvent(one.chart, help_event)
    assert one.chart._near(QPointF(QPoint(2, 2))) is None
    assert "slim: 2 builds, from 50.0" in one.chart.accessibleDescription()


async def test_the_current_size_is_the_same_everywhere(window, history, kept):
    one = open_history(window.desk, "/src/shop")
    kept.append(one)
    window.workspace.change_settings(current_size="download")
    assert one.rows.rows[0].bytes == 20_000_000 // 3
    assert one.kind.value == "download"
    history.measured(build(5))
    window.workspace.tell("recents")
    assert len(one.rows.rows) == 5


async def test_nothing_built_yet(window, kept):
    one = open_history(window.desk, "/src/other")
    kept.append(one)
    assert one._body.currentWidget() is one._empty
    assert nameless(one) == []


async def test_components_are_chosen_and_a_budget_is_a_rule(window, kept, tmp_path):
    root = shop(tmp_path)
    (root / "slimdesk.toml").write_text('[components.shop]\nbudget = "40MB"\n')
    window.workspace.show_project(open_project(root))
    for one in (build(1, place=str(root)), build(2, component="web", place=str(root))):
        window.workspace.history.measured(one)
    one = open_history(window.desk, str(root), "shop")
    kept.append(one)
    assert one.component.currentText() == "shop"
    assert one.chart._budget == 40_000_000
    assert len(one.rows.rows) == 1
    one.component.setCurrentText("All components")
    assert len(one.rows.rows) == 2
    assert one.chart._budget is None
    one.chart.grab()


async def test_an_image_over_time(window, kept):
    for at in (0, 1):
        window.workspace.history.opened(
            "image",
            "nginx:latest",
            {"files": 100 + at, "image_id": f"sha256:{at}"},
            NOON + dt.timedelta(days=at),
        )
    one = open_image_history(window.desk, "nginx:latest", "nginx:latest")
    kept.append(one)
    assert [row.bytes for row in one.rows.rows] == [101, 100]
    assert one.change._said.text() == "Packages were not kept of one of these builds."


@pytest.mark.parametrize(
    ("largest", "end"),
    [(0, 4), (1, 4), (3_900_000, 4_000_000), (50_000_000, 80_000_000), (999_999_999, 1_000_000_000)],
)
def test_an_axis_ends_with_a_round_number(largest, end):
    assert scale_end(largest) == end


def test_names_are_moved_apart_and_stay_inside():
    assert apart([0, 5, 100], 10, 110) == [0, 10, 100]
    assert apart([100, 101, 99], 10, 110) == [90, 100, 80]
