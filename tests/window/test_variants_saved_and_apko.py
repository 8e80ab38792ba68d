"""A saved Dockerfile that the project has left behind, merging instead of replacing, and apko.yaml."""

import pytest
from unit.operations.variant_desk import Engine
from window.variants_opening import dialog_of, open_variants, read_again


@pytest.fixture
def engine(tmp_path, monkeypatch):
    return Engine(tmp_path, monkeypatch)


@pytest.fixture
def open_page(make_window, engine, tmp_path):
    return lambda **how: open_variants(make_window, engine, tmp_path, **how)


def change(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def told(page):
    return [one.text for one in page._saved_notices.notices]


def notices(page):
    return [one.text for one in page.desk.window.notices.notices]


async def test_a_project_without_a_dockerfile_of_ours_has_no_state(open_page, settled):
    page = open_page()
    await settled(lambda: page.saved._of is not None)
    assert page.saved.state is None
    assert told(page) == []
    assert page.saved.why_no_merge()
    page.saved.merge()
    assert dialog_of(page) is None


async def test_the_state_stands_beside_the_rows_that_it_is_about(open_page, settled):
    page = open_page(dockerfile="distroless")
    await settled(lambda: page.saved.state is not None)
    page.workspace.select("yours")
    page.refresh()
    assert page.detail._state.text() == "yours, saved, as generated"
    page.workspace.select("distroless")
    page.refresh()
    assert page.detail._state.text() == "distroless, saved, as generated"
    page.workspace.select("slim")
    page.refresh()
    assert page.detail._state.text() == "slim, generated"
    change(page.workspace.project.root / "Dockerfile", "EXPOSE 8080", "EXPOSE 9090")
    read_again(page)
    await settled(lambda: page.saved.state.words == "saved, edited by you")
    page.workspace.select("distroless")
    page.refresh()
    assert page.detail._state.text() == "distroless, generated; the saved one: edited by you"


async def test_an_unavailable_family_says_why_once(open_page):
    page = open_page()
    page.workspace.select("chiselled")
    page.refresh()
    lines = page.detail.dockerfile.text().splitlines()
    assert lines[0] == "# chiselled is not available for this component."
    assert " ".join(line.removeprefix("# ") for line in lines[1:]).replace(
        " ", ""
    ) == page.current.reason.replace(" ", "")
    assert all(len(line) < 80 for line in lines)


async def test_what_moved_on_is_merged_and_the_persons_lines_stay(open_page, settled):
    page = open_page(dockerfile="distroless")
    root = page.workspace.project.root
    change(root / "Dockerfile", "EXPOSE 8080\n", "EXPOSE 8080\nENV TZ=UTC\n")
    change(root / "go.mod", "go 1.26", "go 1.27")
    read_again(page)
    await settled(lambda: told(page))
    assert told(page) == ["The saved Dockerfile was made for Go 1.26; the project asks for 1.27."]
    assert page.saved.state.words == "saved, edited by you, and the project has moved on"
    assert page.saved.why_no_merge() == ""
    page.saved.merge()
    await settled(lambda: dialog_of(page) is not None)
    dialog = dialog_of(page)
    assert "+FROM golang:1.27-trixie AS build" in dialog.view.toPlainText()
    dialog.reject()
    await settled(lambda: dialog_of(page) is None)
    assert "1.26" in (root / "Dockerfile").read_text()
    page.saved.merge()
    await settled(lambda: dialog_of(page) is not None)
    dialog_of(page).accept()
    await settled(lambda: notices(page))
    text = (root / "Dockerfile").read_text()
    assert "golang:1.27-trixie" in text
    assert "ENV TZ=UTC" in text
    assert (root / "Dockerfile.orig").exists()
    read_again(page)
    await settled(lambda: not told(page))
    assert page.saved.state.words == "saved, edited by you"


async def test_a_place_that_both_changed_is_shown_and_decided_by_the_person(open_page, settled, theme):
    page = open_page(dockerfile="distroless", appearance=theme)
    root = page.workspace.project.root
    change(root / "Dockerfile", "golang:1.26-trixie", "golang:1.26-bookworm")
    change(root / "go.mod", "go 1.26", "go 1.27")
    read_again(page)
    await settled(lambda: page.saved.state is not None and page.saved.state.saved.conflicts)
    page.saved.merge()
    await settled(lambda: dialog_of(page) is not None)
    dialog = dialog_of(page)
    assert len(dialog.switches) == 1
    assert "golang:1.26-bookworm" in dialog.text
    assert not dialog.grab().isNull()
    dialog.switches[0]._buttons["generated"].click()
    assert "golang:1.27-trixie" in dialog.text
    assert "bookworm" not in dialog.text
    assert "<<<<<<<" not in dialog.view.toPlainText()
    dialog.accept()
    await settled(lambda: notices(page))
    assert "golang:1.27-trixie" in (root / "Dockerfile").read_text()


async def test_saving_over_an_edited_file_offers_the_merge_first(open_page, settled):
    page = open_page(dockerfile="distroless")
    root = page.workspace.project.root
    change(root / "Dockerfile", "EXPOSE 8080\n", "EXPOSE 8080\nENV TZ=UTC\n")
    read_again(page)
    page.workspace.select("alpine")
    page.refresh()
    page.save()
    await settled(lambda: dialog_of(page) is not None)
    dialog = dialog_of(page)
    assert dialog.windowTitle() == "Save the alpine Dockerfile: your own lines stay"
    dialog.accept()
    await settled(lambda: notices(page))
    text = (root / "Dockerfile").read_text()
    assert "ENV TZ=UTC" in text
    assert "alpine for shop" in text
    assert "ENV TZ=UTC" in (root / "Dockerfile.orig").read_text()


async def test_replacing_is_asked_for_once_more_and_keeps_what_stood_there(open_page, settled):
    page = open_page(dockerfile="distroless")
    root = page.workspace.project.root
    change(root / "Dockerfile", "EXPOSE 8080\n", "EXPOSE 8080\nENV TZ=UTC\n")
    read_again(page)
    page.workspace.select("alpine")
    page.refresh()
    page.save()
    await settled(lambda: dialog_of(page) is not None)
    dialog_of(page)._replace()
    await settled(lambda: dialog_of(page) is not None and "into the project" in dialog_of(page).windowTitle())
    dialog_of(page).accept()
    await settled(lambda: notices(page))
    assert (root / "Dockerfile").read_text() == page.variants.text("alpine").text
    assert "ENV TZ=UTC" in (root / "Dockerfile.orig").read_text()


async def test_a_merge_that_nobody_finished_is_told_and_nothing_breaks(open_page, settled):
    page = open_page(dockerfile="distroless")
    root = page.workspace.project.root
    change(root / "Dockerfile", "# slimdesk 0.1.0: go distroless", "# slimdesk 9.9.9: go marshmallow")
    read_again(page)
    await settled(lambda: told(page))
    assert "cannot be read" in told(page)[0]
    page.workspace.select("alpine")
    page.refresh()
    page.save()
    await settled(lambda: dialog_of(page) is not None)
    assert "into the project" in dialog_of(page).windowTitle()
    dialog_of(page).reject()
    await settled(lambda: dialog_of(page) is None)


async def test_apko_shows_both_files_and_the_commands_before_it_writes(open_page, settled, monkeypatch):
    page = open_page()
    root = page.workspace.project.root
    assert page._why_no_apko() == ""
    page.save_apko()
    await settled(lambda: dialog_of(page) is not None)
    dialog = dialog_of(page)
    shown = dialog.findChild(type(page.detail.ignore)).toPlainText()
    assert "+++ apko.yaml (new)" in shown
    assert "+++ Dockerfile.wolfi (new)" in shown
    assert any("apko build" in one.text() for one in dialog.findChildren(type(page.detail.options._pins)))
    dialog.accept()
    await settled(lambda: notices(page))
    assert (root / "apko.yaml").read_text().startswith("#") or "contents:" in (root / "apko.yaml").read_text()
    assert "FROM" in (root / "Dockerfile.wolfi").read_text()
    assert not (root / "Dockerfile").exists()


async def test_apko_without_a_project_is_no_action(window):
    window.go("variants")
    page = window.page_of("variants")
    page.save_apko()
    assert page._why_no_apko()
