"""All checkers about one variant's text, and how its pins are told."""

from datetime import UTC, datetime, timedelta

import pytest
from unit.operations.variant_desk import OWN, opened

from slimdesk.basics.finding import Finding
from slimdesk.basics.job import Silent
from slimdesk.dockerfile.hadolint import Lint
from slimdesk.engine.model import BuildWarning, TagDigest
from slimdesk.operations.variant_checks import check_variant, unchecked
from slimdesk.operations.variant_notes import OWN_COMMENT, line_notes, with_own_comment
from slimdesk.operations.variant_pins import PinsAsked, ask_pins, ask_stale, pin_words
from slimdesk.operations.variant_text import edited_text
from slimdesk.operations.variants import Variants
from slimdesk.recipes.model import Options
from slimdesk.workspace.workspace import Workspace

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
OLD, NEW = ("sha256:" + letter * 64 for letter in "ab")


@pytest.fixture
def variants(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "slimdesk.operations.variant_checks.run_hadolint",
        lambda text: Lint(None, "hadolint is not installed"),
    )
    return Variants(opened(tmp_path, dockerfile=OWN))


def rules(checked):
    return [one.finding.rule for one in checked.told]


def test_nothing_is_told_twice_and_what_the_recipe_says_is_among_it(variants):
    text = variants.text("baseline")
    assert len({(one.rule, one.line, one.message) for one in text.findings}) == len(text.findings)
    checked = check_variant(text, variants.workspace.project.root)
    assert len(rules(checked)) == len(unchecked(text))
    variants.workspace.choose(packages=("libpq5",))
    packed = check_variant(variants.text("distroless"), variants.workspace.project.root)
    assert "packages-without-scripts" in rules(packed)
    assert packed.lint_missing == "hadolint is not installed"


def test_the_engines_warnings_are_those_of_the_very_text(variants):
    text = variants.text("yours")
    warning = BuildWarning("JSONArgsRecommended", "JSON arguments recommended", 8)
    checked = check_variant(text, variants.workspace.project.root, (warning,))
    said = [one for one in checked.told if any("the engine" in source for source in one.sources)]
    assert [one.finding.line for one in said] == [8]


def test_a_text_that_cannot_be_read_has_its_error_and_no_findings(variants):
    broken = edited_text(variants.text("yours"), "FROM\n", None)
    assert broken.problem is not None
    assert check_variant(broken, variants.workspace.project.root).told == ()


async def test_answers_are_kept_until_the_text_is_another(variants):
    assert variants.checked("yours") is None
    first = await variants.check("yours")
    assert variants.checked("yours") is first
    assert await variants.check("yours") is first
    variants.workspace.edit("yours", OWN + "USER root\n")
    assert variants.checked("yours") is None
    again = await variants.check("yours")
    assert "root-user" in rules(again)
    for number in range(70):
        variants.workspace.edit("yours", f"{OWN}USER {number}\n")
        await variants.check("yours")
    assert len(variants._checked) <= 60


def test_an_edited_text_is_read_once(variants):
    variants.workspace.edit("distroless", "FROM scratch\n")
    assert variants.text("distroless") is variants.text("distroless")
    first = variants.text("distroless")
    variants.workspace.edit("distroless", "FROM scratch\nUSER 1\n")
    assert variants.text("distroless") is not first


def test_the_comment_that_slimdesk_reads_back_says_what_it_is_for(variants):
    text = variants.text("distroless")
    notes = with_own_comment(line_notes(text.dockerfile, text.target, None, "files"), text.text)
    (own,) = [note for note in notes if note.plain]
    assert own.reason == OWN_COMMENT
    assert own.line == len(text.text.splitlines())
    assert [note.line for note in notes] == sorted(note.line for note in notes)


def asker(digest, why=""):
    async def ask(_name):
        return TagDigest(digest, from_registry=not why, why=why)

    return ask


async def asked(variants, digest, known, why=""):
    project, component = variants.workspace.project, variants.workspace.component
    return await ask_pins(
        project,
        component,
        "distroless",
        Options(digests=known),
        ask=asker(digest, why),
        reporter=Silent(),
        now=NOW,
    )


async def test_refreshing_asks_for_every_digest_and_names_what_moved(variants):
    first = await asked(variants, OLD, {})
    assert set(first.digests.values()) == {OLD}
    assert first.moved == ()
    again = await asked(variants, NEW, first.digests)
    assert set(again.digests.values()) == {NEW}
    assert set(again.moved) == set(first.digests)
    text = f"FROM golang:1.26@{NEW}\n"
    words = pin_words(
        text, PinsAsked(NOW, {"golang:1.26": NEW}, ("golang:1.26",)), NOW + timedelta(minutes=5), wanted=True
    )
    assert (
        words
        == "1 image is pinned, asked 5 min ago. golang:1.26 has moved on since: built anew, it is the newer image."
    )


async def test_nobody_to_ask_keeps_the_pins_and_says_why(variants):
    first = await asked(variants, OLD, {})
    silent = await asked(variants, None, first.digests, "the registry did not answer")
    assert silent.digests == first.digests
    words = pin_words(f"FROM a:1@{OLD}\n", silent, NOW, wanted=True)
    assert "is not pinned: the registry did not answer" in words


async def test_pins_in_a_text_of_the_persons_own_are_told_when_stale(variants):
    text = edited_text(variants.text("yours"), f"FROM golang:1.26@{OLD}\n", None)
    found = await ask_stale(text, ask=asker(NEW), reporter=Silent(), now=NOW)
    assert "has moved on" in pin_words(text.text, found, NOW, wanted=False)
    fresh = await ask_stale(text, ask=asker(OLD), reporter=Silent(), now=NOW)
    assert (
        pin_words(text.text, fresh, NOW, wanted=False)
        == "1 image is pinned. Asked just now: each is still the newest."
    )


def test_before_anybody_asked_it_says_when_it_will_be():
    assert (
        pin_words("FROM a\n", None, NOW, wanted=True) == "The digests are asked for when you build, or now."
    )
    assert pin_words("FROM a\n", None, NOW, wanted=False) == ""
    several = PinsAsked(NOW, findings=tuple(Finding("stale-pin", "warning", f"{n} moved.") for n in range(3)))
    assert (
        pin_words("FROM a\n", several, NOW + timedelta(days=3), wanted=True)
        == "0 moved. So it is with 2 others."
    )


def test_the_age_of_pins_is_told_in_round_words():
    pinned = PinsAsked(NOW, {"a:1": OLD})
    for past, words in ((timedelta(hours=3), "3 h ago"), (timedelta(days=4), "4 days ago")):
        assert f"asked {words}" in pin_words(f"FROM a:1@{OLD}\n", pinned, NOW + past, wanted=True)


async def test_texts_are_made_beforehand_and_anew_when_choices_change(variants):
    assert not variants.ready()
    await variants.prepare()
    assert variants.ready()
    made = variants.text("distroless")
    await variants.prepare()
    assert variants.text("distroless") is made
    variants.workspace.choose(healthcheck=True)
    assert not variants.ready()
    await variants.prepare()
    assert variants.ready()
    assert variants.text("distroless") is not made
    assert "--healthcheck" in variants.text("distroless").text


async def test_without_a_project_there_is_nothing_to_prepare():
    nothing = Variants(Workspace())
    assert nothing.ready()
    await nothing.prepare()
    assert nothing.table() is None
