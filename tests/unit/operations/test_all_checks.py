"""Three checkers on one Dockerfile: a fault that several see is told once, on the line of its instruction."""

import pytest

from slimdesk.basics.errors import DockerfileError
from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.fixes import apply
from slimdesk.dockerfile.hadolint import Lint, find_hadolint, run_hadolint
from slimdesk.engine.model import BuildWarning
from slimdesk.operations.checks import all_checks

TEXT = "FROM alpine\nWORKDIR app\nRUN apk add \\\n    curl\nMAINTAINER me\nCMD app --now\n"
WARNINGS = (
    BuildWarning("WorkdirRelativePath", "Relative workdir", 2),
    BuildWarning("MaintainerDeprecated", "Maintainer", 5),
    BuildWarning("JSONArgsRecommended", "JSON arguments recommended", 6),
    BuildWarning("FromAsCasing", "casing", 1),
)


def test_a_fault_that_several_see_is_told_once():
    lint = Lint(
        (
            Finding("hadolint-DL3006", "warning", "tag", None, 1),
            Finding("hadolint-DL3019", "info", "cache", None, 4),
            Finding("hadolint-DL4000", "error", "maintainer", None, 5),
            Finding("hadolint-DL3018", "warning", "pin", None, 3),
        )
    )
    told = all_checks(TEXT, lint=lint, warnings=WARNINGS, path="Dockerfile")
    sources = {(one.finding.rule, one.finding.line): one.sources for one in told}
    assert sources["base-tag", 1] == ("SlimDesk", "hadolint DL3006")
    assert sources["package-lists", 3] == ("SlimDesk", "hadolint DL3019")
    assert sources["maintainer", 5] == ("SlimDesk", "hadolint DL4000", "the engine MaintainerDeprecated")
    assert sources["relative-workdir", 2] == ("SlimDesk", "the engine WorkdirRelativePath")
    assert sources["shell-form", 6] == ("SlimDesk", "the engine JSONArgsRecommended")
    assert sources["hadolint-DL3018", 3] == ("hadolint DL3018",)
    assert sources["engine-FromAsCasing", 1] == ("the engine FromAsCasing",)
    assert {one.finding.path for one in told} == {"Dockerfile"}


def test_who_says_the_same_of_a_line_twice_is_named_once():
    again = Finding("hadolint-DL3018", "warning", "pin", None, 3)
    told = all_checks(TEXT, lint=Lint((again, again)), warnings=(WARNINGS[0], WARNINGS[0]))
    sources = {(one.finding.rule, one.finding.line): one.sources for one in told}
    assert sources["hadolint-DL3018", 3] == ("hadolint DL3018",)
    assert sources["relative-workdir", 2] == ("SlimDesk", "the engine WorkdirRelativePath")


def test_quick_fixes_come_along():
    told = all_checks(TEXT)
    fix = next(one.fix for one in told if one.finding.rule == "maintainer")
    assert "LABEL org.opencontainers.image.authors" in apply(TEXT, fix)
    assert all(one.sources == ("SlimDesk",) for one in told)


def test_hadolint_itself_agrees():
    if find_hadolint() is None:
        pytest.skip("hadolint is not installed (extra `lint`)")
    told = all_checks(TEXT, lint=run_hadolint(TEXT))
    several = {one.finding.rule for one in told if len(one.sources) > 1}
    assert {"base-tag", "maintainer", "shell-form", "package-lists"} <= several


def test_hadolint_that_did_not_run_adds_nothing():
    assert all_checks(TEXT, lint=Lint(None, "not there")) == all_checks(TEXT)


def test_a_text_that_cannot_be_built_is_refused():
    with pytest.raises(DockerfileError):
        all_checks("FRM x\n")
