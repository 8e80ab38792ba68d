"""Builds over time: series, what changed between two, budgets."""

import datetime as dt
import json
from dataclasses import replace

import pytest
from unit.operations.variant_desk import shop

from slimdesk.cli import main
from slimdesk.image.model import Sizes
from slimdesk.operations.detect import open_project
from slimdesk.operations.history import changes_between, over_budget, series_of
from slimdesk.project.budget import budget_of, parse_budget
from slimdesk.workspace.history import History, Measured
from slimdesk.workspace.kept_builds import BuildDetails, KeptPackage

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def build(at, size=100, family="slim", live=None):
    return Measured("/p", "api", family, NOON + dt.timedelta(minutes=at), "x", {"files": size, "live": live})


@pytest.fixture
def kept(tmp_path):
    def keep(*builds):
        history = History(tmp_path / "history.sqlite")
        for one, details in builds:
            history.measured(one, details)
        return history, history.results("/p")

    return keep


def test_a_series_per_variant_oldest_first():
    found = series_of([build(1), build(2, 80), build(3, 40, "alpine"), build(4, None)], "files")
    assert [(one.title, [point.size for point in one.points]) for one in found] == [
        ("api:slim", [100, 80]),
        ("api:alpine", [40]),
    ]
    assert series_of([build(1)], "download") == ()


def test_what_came_went_and_changed(kept):
    def package(name, version, size):
        return KeptPackage("deb", name, version, size)

    before = BuildDetails(
        "FROM a\nRUN x\n", (package("libc6", "2.41", 9), package("curl", "8", 50), package("zlib", "1", 3))
    )
    after = BuildDetails(
        "FROM b\nRUN x\n", (package("libc6", "2.42", 10), package("zlib", "1", 3), package("tz", "1", None))
    )
    history, (one, two) = kept((build(1), before), (build(2, 60), after))
    found = changes_between(history, one, two)
    assert found.sizes == {"files": (100, 60)}
    assert {(row.name, row.before, row.after, row.grew) for row in found.packages} == {
        ("curl", "8", None, -50),
        ("libc6", "2.41", "2.42", 1),
        ("tz", None, "1", None),
    }
    assert found.packages[0].name == "curl"
    assert "-FROM a\n+FROM b" in found.dockerfile
    assert not found.same


def test_two_builds_of_the_same(kept):
    details = BuildDetails("FROM a\n", ())
    history, (one, two) = kept((build(1), details), (build(2), details))
    found = changes_between(history, one, two)
    assert found.same
    assert found.dockerfile == ""
    assert found.packages == ()


def test_what_was_not_kept_is_not_told_as_the_same(kept):
    history, (one, two) = kept((build(1), None), (build(2), BuildDetails("FROM a\n", None)))
    found = changes_between(history, one, two)
    assert found.packages is None
    assert found.dockerfile is None


def test_a_long_difference_is_cut(kept):
    history, (one, two) = kept(
        (build(1), BuildDetails("\n".join(f"RUN {n}" for n in range(900)))),
        (build(2), BuildDetails("\n".join(f"RUN x{n}" for n in range(900)))),
    )
    assert changes_between(history, one, two).dockerfile.endswith("more lines")


@pytest.mark.parametrize(
    ("text", "limit", "kind"),
    [("50MB", 50_000_000, "files"), ("20 MB download", 20_000_000, "download"), ("1GiB live", 2**30, "live")],
)
def test_budgets(text, limit, kind):
    found = parse_budget(text)
    assert (found.limit, found.kind) == (limit, kind)


@pytest.mark.parametrize("text", ["", "small", "0MB", "-5MB", "50MB twice", "download"])
def test_what_is_no_budget(text):
    with pytest.raises(ValueError):
        parse_budget(text)


def project_with(tmp_path, line):
    root = shop(tmp_path)
    (root / "slimdesk.toml").write_text(f"[components.shop]\n{line}\n")
    return open_project(root)


def test_a_budget_comes_from_slimdesk_toml_with_its_line(tmp_path):
    component = project_with(tmp_path, 'budget = "1MB"').components[0]
    budget = budget_of(component)
    assert budget.limit == 1_000_000
    assert (budget.evidence.path, budget.evidence.line) == ("slimdesk.toml", 2)
    sizes = Sizes(download=500_000, unpacked=3_000_000, files=2_500_000, live=900_000)
    over = over_budget(component, sizes)
    assert over.sentence == "shop has 2.50\u2009MB files, 1.50\u2009MB over its budget of 1.00\u2009MB"
    assert over.to_json()["over"] is True
    assert over_budget(component, replace(sizes, files=1_000_000)) is None


def test_a_budget_that_is_none_is_a_problem_and_no_budget(tmp_path):
    project = project_with(tmp_path, 'budget = "lots"')
    assert budget_of(project.components[0]) is None
    assert any("budget must be a size" in one.message for one in project.problems)
    assert over_budget(project.components[0], Sizes(1, 1, 1, 1)) is None


def test_a_budget_of_a_size_that_was_not_measured(tmp_path):
    component = project_with(tmp_path, 'budget = "1MB download"').components[0]
    assert over_budget(component, Sizes(None, 9_000_000, 9_000_000, 9_000_000)) is None


def test_detect_tells_the_budget(tmp_path, capfd):
    project = project_with(tmp_path, 'budget = "20MB live"')
    assert main(["detect", str(project.root), "--json"]) == 0
    facts = json.loads(capfd.readouterr().out)["components"][0]["facts"]
    assert {"key": "budget", "value": "20MB live", "evidence": {"path": "slimdesk.toml", "line": 2}} in facts
