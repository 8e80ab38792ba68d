"""Rows and verdict of the Variants page as plain data: which wins, what is said, in which words."""

from dataclasses import replace

import pytest
from unit.operations.variant_desk import RUNS, image
from window.packaged_image import read_packaged

from slimdesk.engine.model import BuildResult
from slimdesk.image.model import Sizes
from slimdesk.operations.ranking import WISHES, Contender, rank
from slimdesk.operations.variant_figures import Figures
from slimdesk.ui.models.variants import (
    VariantRow,
    base_bytes,
    columns,
    comparison,
    sentence,
    short_name,
    size_bar,
    verdict_word,
)
from slimdesk.ui.pages.variants_verdict import answers, best_row
from slimdesk.verify.model import Verification
from slimdesk.workspace.fingerprint import fingerprint
from slimdesk.workspace.results import Made, VariantId, VariantResults

ALIKE = Figures(Sizes(1, 1, 1, 1), 2, 4, 0, (), (), "none", (), "65532")
MADE = fingerprint(dockerfile="FROM a")


def verdict(word, reason="", **values):
    return Verification(word, reason, "service", 8080, **values)


def row(family, size=None, found=RUNS, **values):
    build = Made(BuildResult("sha256:1", f"shop:{family}", 2.0, ()), MADE) if size is not None else None
    proof = Made(found, MADE) if size is not None and found is not None else None
    results = VariantResults(build=build, verification=proof, now=values.pop("now", None))
    debug = values.pop("debug", False)
    basic = {"available": True, "reason": f"Why {family}.", "reference_title": "baseline"}
    return VariantRow(
        VariantId("shop", family, debug=debug), family, results=results, size=size, **{**basic, **values}
    )


def against(reference, *rows):
    """Return the rows with their places; apart from size and verdict all images are alike."""
    first = row("baseline", reference)
    contenders = [
        Contender(one.title, one.size, ALIKE, one.verification and one.verification.verdict, one.recommended)
        for one in rows
        if not one.results.changes and not one.variant.debug
    ]
    places = {one.family: one for one in rank(contenders, WISHES["smallest"], reference)}
    return [
        first,
        *(
            replace(one, reference_size=reference, ranked=places.get(one.title), contenders=len(places))
            for one in rows
        ),
    ]


def test_a_variant_that_runs_is_taken_before_a_smaller_one_that_fails():
    fails = verdict("fails", "It exits: no /tmp directory.", exit_code=1)
    rows = against(9_000_000, row("distroless", 2_000_000), row("scratch", 1_000_000, fails))
    assert best_row(rows).title == "distroless"
    take = answers(rows)[0]
    assert (
        take.reason
        == "Smallest variant that still runs. Scratch would save 1.00\u2009MB more, but it exits: no /tmp directory."
    )


def test_the_advised_family_is_taken_where_a_smaller_one_saves_next_to_nothing():
    advised = replace(row("distroless", 8_800_000), recommended=True)
    rows = against(959_000_000, advised, row("scratch", 6_700_000))
    assert best_row(rows).title == "distroless"
    assert answers(rows)[0].reason == "Why distroless. Scratch would save 2.10\u2009MB more."


def test_a_smaller_one_that_saves_much_is_taken_before_the_advised_family():
    advised = replace(row("distroless", 80_000_000), recommended=True)
    rows = against(200_000_000, advised, row("scratch", 6_700_000))
    assert best_row(rows).title == "scratch"


def test_one_that_is_larger_than_the_reference_is_said_to_be_larger():
    rows = against(1_000_000, row("slim", 1_200_000))
    factor = answers(rows)[1]
    assert factor.text == "1.20× larger"
    assert factor.reason.startswith("than the baseline: ")
    assert size_bar(rows[1]).full == 1_200_000


def test_an_unmeasured_reference_gives_no_factor_and_the_head_says_what_the_bar_is():
    rows = against(None, row("slim", 3_000_000), row("distroless", 1_000_000))
    rows = [replace(one, largest=3_000_000) for one in rows]
    size, proof = answers(rows)[1:]
    assert size.text == "1.00\u2009MB"
    assert size.reason == "files; the baseline is not measured, so there is no factor"
    assert proof.text == "Still runs"
    assert comparison(rows[2]) == ""
    assert size_bar(rows[2]).full == 3_000_000
    heads = [column.head for column in columns("files", "baseline", measured=False)]
    assert "Files size, full bar = the largest" in heads


def test_an_older_reference_is_called_older():
    rows = [replace(one, reference_older=True) for one in against(9_000_000, row("slim", 3_000_000))]
    assert answers(rows)[1].reason.startswith("than an older build of the baseline: ")
    assert "an older build of the baseline" in comparison(rows[1])


def test_older_debug_and_failed_results_are_never_taken():
    changed = fingerprint(dockerfile="FROM b")
    rows = against(
        9_000_000,
        row("slim", 3_000_000, now=changed),
        row("scratch", 1_000_000, debug=True),
        row("alpine", 2_000_000, verdict("fails", "It exits.")),
    )
    assert best_row(rows) is None


def test_what_is_not_verified_is_taken_only_where_nothing_is_proven_and_says_so():
    rows = against(9_000_000, row("slim", 3_000_000, None))
    assert [answer.text for answer in answers(rows)] == ["Take slim", "3.00× smaller", "Not verified"]
    rows = against(9_000_000, row("slim", 3_000_000), row("scratch", 1_000_000, None))
    assert best_row(rows).title == "slim"


@pytest.mark.parametrize(
    ("found", "word", "detail"),
    [
        (RUNS, "Runs", "40\u2009ms"),
        (replace(RUNS, emulated=True), "Runs", "40\u2009ms, emulated"),
        (verdict("fails", "It exits.", exit_code=2), "Exits 2", "It exits."),
        (verdict("fails", "Nothing answers."), "Fails", "Nothing answers."),
        (verdict("not-proven", "Not proven: X is not set."), "Not proven", "X is not set."),
        (None, "Not verified", ""),
    ],
)
def test_the_words_of_a_verdict(found, word, detail):
    assert verdict_word(row("slim", 1, found))[:2] == (word, detail)


def test_what_was_not_measured_is_a_dash_and_no_nought():
    plain = row("slim")
    by_key = {column.key: column for column in columns("files", "baseline")}
    assert by_key["size"].text(plain) == "not measured"
    for key in ("smaller", "saved", "layers", "packages", "build", "runs"):
        assert by_key[key].text(plain) == "–", key
    assert size_bar(plain) is None


def test_an_unavailable_family_says_why_over_the_figures():
    gone = row("chiselled", available=False, reason="Ubuntu publishes none.")
    by_key = {column.key: column for column in columns("files", "baseline")}
    assert sentence(gone) == "Not available: Ubuntu publishes none."
    assert by_key["smaller"].text(gone) == ""


def test_base_bytes_are_those_of_the_base_layers(tmp_path):
    made = image(tmp_path, 5_000)
    assert base_bytes(made, "files") == 400_000
    assert base_bytes(None, "files") is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("python:3.13-slim", "python:3.13-slim"),
        ("gcr.io/distroless/static-debian13:nonroot", "…/static-debian13:nonroot"),
        ("cgr.dev/chainguard/static:latest", "…/static:latest"),
        ("scratch", "scratch"),
        ("localhost:5000/shop:1", "localhost:5000/shop:1"),
    ],
)
def test_registries_are_left_out_where_they_are_long(name, shown):
    assert short_name(name) == shown


def test_packages_are_counted_and_the_tip_says_of_what_type(tmp_path):
    packaged = read_packaged(tmp_path)
    column = {column.key: column for column in columns("files", "baseline")}["packages"]

    def of(made):
        one = row("slim", 3_000_000)
        return replace(one, results=replace(one.results, analysis=Made(made, MADE)))

    assert column.text(of(packaged)) == "3"
    assert column.cell_tip(of(packaged)) == "2 OS + 1 Python"
    assert column.text(of(replace(packaged, packages=()))) == "0"
    unread = of(replace(packaged, packages=None))
    assert column.text(unread) == "–"
    assert column.sort(unread) is None
    assert column.cell_tip(row("slim")) == ""
