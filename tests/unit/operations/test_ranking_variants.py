"""Ranking: what runs first, then by the weighed mean, with its arithmetic."""

import re
from dataclasses import replace

import pytest

from slimdesk.image.model import Sizes
from slimdesk.operations.ranking import CRITERIA, WISHES, Contender, rank, weights_of
from slimdesk.operations.variant_figures import USUAL, Figures
from slimdesk.workspace.settings import SettingsFile

SMALLEST = WISHES["smallest"]
BARE = Figures(Sizes(1, 1, 1, 1), 2, 0, 0, (), (), "none", (), "65532")
STATIC = replace(BARE, packages=4, usual=USUAL)
SLIM = replace(STATIC, packages=90, set_id_files=8, shells=("bash",), managers=("apt-get",), libc="glibc")


def of(family, size, figures, verdict="runs", *, recommended=False):
    return Contender(family, size, figures, verdict, recommended)


GO = [
    of("slim", 86_000_000, SLIM),
    of("distroless", 9_360_000, STATIC, recommended=True),
    of("chainguard", 8_620_000, STATIC),
    of("scratch", 7_210_000, BARE),
]


def families(found):
    return [one.family for one in found]


def test_of_equally_good_ones_the_recommended_stands_first():
    found = rank(GO, SMALLEST, 964_000_000, 200)
    assert families(found) == ["distroless", "chainguard", "scratch", "slim"]
    assert found[1].score > found[0].score > found[1].score - 1
    assert [one.place for one in found] == [1, 2, 3, 4]


@pytest.mark.parametrize("worse", ["fails", "not-proven", None])
def test_what_is_not_proven_never_stands_above_what_runs(worse):
    rows = [replace(one, verdict=worse) if one.family != "slim" else one for one in GO]
    for weights in WISHES.values():
        assert families(rank(rows, weights, 964_000_000))[0] == "slim"


def test_failed_stands_last():
    rows = [
        of("a", 1, STATIC, "fails"),
        of("b", 2, STATIC, "not-proven"),
        of("c", 3, STATIC, None),
        of("d", 4, STATIC),
    ]
    assert families(rank(rows, SMALLEST, 100)) == ["d", "c", "b", "a"]


def test_who_wants_to_debug_gets_a_shell_and_who_wants_compatibility_glibc():
    assert families(rank(GO, WISHES["debuggable"], 964_000_000))[0] == "slim"
    assert families(rank(GO, WISHES["compatible"], 964_000_000))[0] == "slim"
    assert families(rank(GO, weights_of({"size": 4}), 964_000_000))[0] == "distroless"
    assert families(rank(GO, weights_of({"size": 4}), 10_000_000))[0] == "scratch"


def test_the_arithmetic_gives_the_score():
    for one in rank(GO, SMALLEST, 964_000_000, 200):
        total = sum(part.weight * part.value for part in one.parts) / sum(SMALLEST.values())
        assert one.score == pytest.approx(100 * total)
        assert f"= {one.score:.0f} of 100" in one.arithmetic
        assert [part.criterion for part in one.parts] == list(CRITERIA)
        for part in one.parts[1:]:
            terms = [float(text) for text in re.findall(r"(\d\.\d\d) \(", part.how)]
            assert sum(terms) == pytest.approx(part.value, abs=0.02)
    assert "9.36\u2009MB / 964\u2009MB" in rank(GO, SMALLEST, 964_000_000)[0].parts[0].how


def test_nothing_weighed_and_nobody_there():
    assert rank([], SMALLEST) == ()
    found = rank(GO, weights_of(dict.fromkeys(CRITERIA, 0)), 964_000_000)
    assert found[0].family == "distroless"
    assert found[0].arithmetic == "nothing is weighed, so all are equal"


def test_without_a_reference_the_largest_is_what_is_saved_against():
    assert rank([GO[0]], SMALLEST)[0].parts[0].value == 0
    assert rank([of("big", 200, STATIC)], SMALLEST, 100)[0].parts[0].value == 0
    assert rank([of("none", 0, replace(BARE, packages=None, set_id_files=None))], SMALLEST)[0].score > 0


def test_weights_come_from_the_person_else_from_the_wish():
    assert weights_of({}, "compatible") == WISHES["compatible"]
    assert weights_of({}, "nonsense") == SMALLEST
    assert weights_of({"size": 99, "debuggability": -1, "other": 3}) == {
        "size": 4, "attack-surface": 0, "debuggability": 0, "compatibility": 0,
    }  # fmt: skip


def test_the_weights_are_remembered_and_a_damaged_number_is_bounded(tmp_path):
    path = tmp_path / "settings.json"
    SettingsFile(path).change(weights={"size": 1, "debuggability": 4})
    assert SettingsFile(path).value.weights == {"size": 1, "debuggability": 4}
    path.write_text('{"version": 1, "weights": {"size": 99, "compatibility": -3}}')
    assert SettingsFile(path).value.weights == {"size": 4, "compatibility": 0}
    path.write_text('{"version": 1, "weights": "many"}')
    assert SettingsFile(path).value.weights == {}
