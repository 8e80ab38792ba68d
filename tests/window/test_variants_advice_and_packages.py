"""The Advice tab, the families side by side, and the packages that images get besides."""

import asyncio

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QLabel, QPushButton
from unit.operations.variant_desk import Engine
from window.variants_opening import dialog_of, open_variants

from slimdesk.basics.errors import BuildFailed, EngineUnreachable
from slimdesk.operations.catalog import catalog_for
from slimdesk.operations.packages import Costs, PackageCost
from slimdesk.ui.pages.variants_packages import said_of


@pytest.fixture
def engine(tmp_path, monkeypatch):
    return Engine(tmp_path, monkeypatch)


@pytest.fixture
def open_page(make_window, engine, tmp_path):
    return lambda **how: open_variants(make_window, engine, tmp_path, **how)


def words(widget):
    return [one.text() for one in widget.findChildren(QLabel) if one.text() and one.isVisibleTo(widget)]


async def test_advice_tells_why_for_the_recommended_and_why_not_for_another(open_page, settled, theme):
    page = open_page(appearance=theme)
    page.detail.tabs.choose("advice")
    await settled(lambda: "Why distroless" in words(page.detail.advice))
    page.workspace.select("slim")
    page.refresh()
    await settled(lambda: "slim instead of distroless" in words(page.detail.advice))
    page.workspace.select("chiselled")
    page.refresh()
    await settled(lambda: "Why chiselled does not fit" in words(page.detail.advice))
    assert not page.grab().isNull()


async def test_another_wish_changes_the_recommendation_everywhere(open_page, settled):
    page = open_page()
    page.detail.tabs.choose("advice")
    await settled(lambda: "Why distroless" in words(page.detail.advice))
    page.detail.advice._wish._buttons["compatible"].click()
    assert page.workspace.choices.prefer == "compatible"
    page.workspace.select(None)
    page.refresh()
    chosen = page.variants.table().recommended
    page.workspace.select(chosen)
    page.refresh()
    await settled(lambda: f"Why {chosen}" in words(page.detail.advice))
    assert [row.variant.family for row in page._rows if row.recommended] == [chosen]


async def test_advice_that_is_asked_while_choices_change_is_that_of_the_last_choice(open_page, settled):
    page = open_page()
    page.detail.tabs.choose("advice")
    for wish in ("debuggable", "compatible", "debuggable", "smallest", "debuggable"):
        page.workspace.choose(prefer=wish)
        await asyncio.sleep(0.01)
    page.refresh()
    await settled(lambda: page.detail._asked is not None and page.detail._asked.done())
    page.refresh()
    await settled(page.detail._asked.done)
    assert page.detail.advice._wish.value == "debuggable"
    assert page.detail.advice._shown[2] == "debuggable"


async def test_closing_the_project_while_advice_is_asked_is_harmless(open_page, settled):
    page = open_page()
    page.detail.tabs.choose("advice")
    page.workspace.close_project()
    page.refresh()
    await settled(lambda: page.detail._asked is None or page.detail._asked.done())
    assert page._empty.isVisible()


async def test_the_families_are_shown_side_by_side_and_can_be_copied(open_page, settled, theme):
    page = open_page(appearance=theme)
    page.detail.compare_families()
    await settled(lambda: dialog_of(page) is not None)
    dialog = dialog_of(page)
    shown = words(dialog)
    assert {"full", "slim", "alpine", "distroless", "chainguard", "scratch"} <= set(shown)
    assert any("would serve shop" in one for one in shown)
    assert "cannot serve it" in shown
    assert not dialog.grab().isNull()
    next(one for one in dialog.findChildren(QPushButton) if one.text() == "Copy as text").click()
    assert "distroless (gcr.io/distroless/" in QGuiApplication.clipboard().text()
    dialog.accept()
    await settled(lambda: dialog_of(page) is None)


async def test_the_families_are_there_without_a_project_too(window, settled):
    window.go("variants")
    page = window.page_of("variants")
    page.detail.compare_families()
    await settled(lambda: dialog_of(page) is not None)
    assert any("With a project open" in one for one in words(dialog_of(page)))
    dialog_of(page).reject()
    await settled(lambda: dialog_of(page) is None)


def add(page, text):
    pane = page.detail.packages
    pane._field.setText(text)
    pane._add_button.click()


async def test_packages_are_added_by_name_told_when_wrong_and_taken_away(open_page):
    page = open_page(size=(1920, 1080))
    pane = page.detail.packages
    add(page, "libpq5, fonts-dejavu-core libpq5")
    assert page.workspace.choices.packages == ("libpq5", "fonts-dejavu-core")
    page.refresh()
    assert "libpq5" in page.detail.dockerfile.text()
    add(page, "rm -rf; $(x)")
    assert page.workspace.choices.packages == ("libpq5", "fonts-dejavu-core")
    assert pane._wrong.isVisible()
    assert pane._field.text() == "rm -rf; $(x)"
    next(one for one in pane.findChildren(QAbstractButton) if one.accessibleName() == "Remove libpq5").click()
    assert page.workspace.choices.packages == ("fonts-dejavu-core",)
    add(page, "fonts-noto-core")
    assert not pane._wrong.isVisible()


async def test_a_name_of_any_length_is_cut_and_breaks_nothing(open_page):
    page = open_page(size=(1920, 1080))
    add(page, "lib" + "x" * 120)
    page.refresh()
    assert page.detail._side.width() <= 340
    assert not page.grab().isNull()


async def test_what_packages_bring_is_asked_and_kept(open_page, settled, monkeypatch):
    calls = []

    async def costs(desk, family, options):
        calls.append((family, options.packages))
        return "libpq5: 2 MB to fetch."

    monkeypatch.setattr("slimdesk.ui.pages.variants_detail.ask_costs", costs)
    page = open_page(size=(1920, 1080))
    add(page, "libpq5")
    page.refresh()
    pane = page.detail.packages
    assert pane._ask.isVisible()
    pane._ask.click()
    await settled(lambda: pane._cost.text() == "libpq5: 2 MB to fetch.")
    assert calls == [("distroless", ("libpq5",))]
    assert not pane._ask.isVisible()
    page.workspace.select("slim")
    page.refresh()
    assert pane._cost.text() == ""
    assert pane._ask.isVisible()


@pytest.mark.parametrize(
    "error",
    [
        EngineUnreachable("No engine answers", "", "Start Docker"),
        BuildFailed("What the packages need is not known", "Unable to locate package nosuch", ""),
    ],
)
async def test_costs_that_cannot_be_asked_are_a_notice_and_can_be_asked_again(
    open_page, settled, monkeypatch, error
):
    async def costs(*_):
        raise error

    monkeypatch.setattr("slimdesk.ui.pages.variants_detail.ask_costs", costs)
    page = open_page(size=(1920, 1080))
    add(page, "nosuch")
    page.refresh()
    page.detail.packages._ask.click()
    await settled(lambda: page.desk.window.notices.notices)
    assert error.what in page.desk.window.notices.notices[0].text
    assert page.detail.packages._ask.isVisible()


async def test_an_edited_dockerfile_takes_no_packages_and_says_why(open_page):
    page = open_page(size=(1920, 1080))
    page.workspace.edit("distroless", f"{page.variants.text('distroless').text}# mine\n")
    page.refresh()
    assert not page.detail.packages._field.isEnabled()
    assert "edited" in page.detail.packages._field.toolTip()


def test_costs_are_a_sentence(tmp_path):
    base = catalog_for(None).find("distroless", "static")
    one = PackageCost("libpq5", "17", 1_000_000, 3_000_000, "")
    other = PackageCost("libssl3", "3", 2_000_000, 5_000_000, "libpq5")
    assert said_of(Costs(base, ("libpq5",), (one, other))).startswith("libpq5 with 1 other (libssl3): 3")
    assert said_of(Costs(base, ("libpq5",), ())).endswith("has them already.")
    assert (
        said_of(Costs(base, ("libpq5",), None, "apk tells no sizes"))
        == "Not known before the build: apk tells no sizes."
    )
