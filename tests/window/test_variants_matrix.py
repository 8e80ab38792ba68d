"""Build all fitting: one click, sizes as they come, cancel all; and the ranking by what counts."""

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from unit.operations.variant_desk import RUNS, Engine
from window.variants_opening import open_variants

from slimdesk.operations.matrix import newest_matrix
from slimdesk.operations.ranking import CRITERIA
from slimdesk.ui.models.roles import Role

GO = ["baseline", "full", "slim", "alpine", "distroless", "chainguard", "hardened", "scratch"]


@pytest.fixture
def engine(tmp_path, monkeypatch):
    made = Engine(tmp_path, monkeypatch)
    # Small: each image is written and read in full.
    made.sizes = dict.fromkeys(GO, 20_000) | {"baseline": 900_000, "full": 800_000, "slim": 200_000}
    return made


@pytest.fixture
async def page(make_window, engine, tmp_path):
    return open_variants(make_window, engine, tmp_path)


@pytest.fixture
def done(settled):
    async def wait(page):
        await asyncio.sleep(0.02)
        jobs = page.workspace.jobs
        await settled(lambda: not jobs.running and not jobs.waiting)
        await settled(lambda: newest_matrix(page.workspace.project) is not None)
        page.refresh()

    return wait


def cell(page, family, key, role=Qt.ItemDataRole.DisplayRole):
    rows, columns = page._model.rows, page._model.columns
    number = next(n for n, row in enumerate(rows) if row.variant.family == family)
    column = next(n for n, one in enumerate(columns) if one.key == key)
    return page._model.index(number, column).data(role)


async def test_one_click_builds_measures_verifies_and_ranks_all(page, engine, done):
    assert page._main.text() == "Build all fitting"
    assert page.tools.all.isHidden()
    page._main.click()
    await done(page)
    assert sorted(engine.built) == sorted(GO)
    assert all(cell(page, family, "runs") == "Runs" for family in GO)
    assert sorted(cell(page, family, "place") for family in GO[1:]) == [str(place) for place in range(1, 8)]
    assert cell(page, "baseline", "place") == "–"
    assert page._told[0].text == "Take distroless"
    assert "Score = (3 × " in page._told[0].tip
    assert page._main.text() == "Save to project…"
    assert page.tools.all.text() == "Build all fitting"
    assert page.workspace.ticks == tuple(GO[1:])
    assert [row.family for row in newest_matrix(page.workspace.project).rows] == GO


async def test_a_size_stands_there_as_soon_as_it_is_measured(page, engine, settled, done, monkeypatch):
    verifying, go_on = asyncio.Event(), asyncio.Event()

    async def held(*_, **__):
        verifying.set()
        await go_on.wait()
        return RUNS

    monkeypatch.setattr("slimdesk.operations.verify.verify_image", held)
    page.build(["baseline"])
    await settled(verifying.is_set)
    page.refresh()
    assert cell(page, "baseline", "runs") == "Verifying"
    assert cell(page, "baseline", "size", Role.BAR).own == 900_000
    assert page.tools.all.text() == "Cancel all"
    go_on.set()
    await done(page)
    assert cell(page, "baseline", "runs") == "Runs"
    assert page.tools.all.text() == "Build all fitting"


async def test_all_is_stopped_by_one_click(page, engine, settled):
    engine.held, engine.wanted = asyncio.Event(), 2
    page.build_fitting()
    await settled(engine.began.is_set)
    page.refresh()
    assert page._main.text() == "Cancel all"
    page._main.click()
    await settled(lambda: not page.workspace.jobs.running and not page.workspace.jobs.waiting)
    assert {job.state.name for job in page.workspace.jobs} == {"CANCELLED"}
    assert len(page.workspace.jobs) == len(GO)
    assert len(engine.built) == 2


async def test_one_that_fails_says_why_in_its_row_and_is_no_part_of_the_ranking(page, engine, done):
    engine.broken = {"distroless"}
    page.build_fitting()
    await done(page)
    assert cell(page, "distroless", "size") == "Failed: [build 3/4] RUN go build: exit code: 1"
    assert page._told[0].text != "Take distroless"
    assert all(cell(page, family, "runs") == "Runs" for family in GO if family != "distroless")
    assert newest_matrix(page.workspace.project).row("distroless").error


async def test_what_counts_changes_the_verdict_is_remembered_and_goes_back(page, engine, done):
    # In these made-up images nothing but the size tells them apart.
    engine.sizes |= {"alpine": 50_000, "distroless": 50_000}
    page.build_fitting()
    await done(page)
    page.weigh()
    shown = page.weights
    assert shown.isVisible()
    assert not shown._back.isEnabled()
    texts = [label.text() for label in shown.findChildren(QLabel)]
    assert "distroless" in texts
    assert any(text.startswith("Score = weight × value") for text in texts)
    first = page._ranking[0].family
    switch = shown._switches["size"]
    next(one for one in switch.findChildren(QPushButton) if one.text() == "Most").click()
    page.refresh()
    assert page.workspace.settings.weights == {
        "size": 4, "attack-surface": 2, "debuggability": 0, "compatibility": 1,
    }  # fmt: skip
    page.workspace.change_settings(weights=dict.fromkeys(CRITERIA, 0))
    page.refresh()
    assert page._ranking[0].family == "distroless"
    assert page._ranking[0].arithmetic == "nothing is weighed, so all are equal"
    page.weights._back.click()
    assert page.workspace.settings.weights == {}
    page.refresh()
    assert page._ranking[0].family == first


@pytest.mark.parametrize(
    ("size", "hidden"), [((1280, 800), {"layers", "packages", "user"}), ((1920, 1080), set())]
)
async def test_all_columns_are_filled_where_there_is_room(make_window, engine, tmp_path, done, size, hidden):
    page = open_variants(make_window, engine, tmp_path, size=size)
    page.build_fitting()
    await done(page)
    columns = page._model.columns
    gone = {one.key for number, one in enumerate(columns) if page.table.isColumnHidden(number)}
    # What nobody scanned has no column.
    gone -= {"cve"}
    assert hidden <= gone
    assert bool(hidden) == bool(gone)
    for one in columns:
        if one.key not in ("size", "saved", "cve"):
            assert cell(page, "distroless", one.key), one.key
    assert cell(page, "distroless", "saved").startswith("−")
