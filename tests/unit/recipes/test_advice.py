"""The advised family, its reasons, what would make a smaller one possible, and the families side by side."""

import datetime as dt
from dataclasses import replace

import pytest

from slimdesk.catalog.model import FAMILIES
from slimdesk.project.detect import detect
from slimdesk.project.model import Call, Evidence, Fact
from slimdesk.recipes.advice import advise
from slimdesk.recipes.comparison import MEASURED, compare
from slimdesk.recipes.generate import fits, recommended
from slimdesk.recipes.needs import with_calls
from tests.unit.recipes.calls_table import GO, NODE, PYTHON, dockerfile, pod


@pytest.fixture
def project_of(tmp_path):
    def make(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return detect(tmp_path)

    return make


@pytest.fixture
def advice_of(project_of, catalog):
    def ask(files, **wishes):
        project = project_of(files)
        (component,) = project.components
        return advise(component, fits(component, catalog), project.calls, catalog, **wishes)

    return ask


def test_a_plain_program_gets_the_recommended_family_with_reasons(advice_of, project_of, catalog):
    advice = advice_of(GO)
    (component,) = project_of(GO).components
    assert advice.family == recommended(fits(component, catalog)).family == "distroless"
    weights = [reason.weight for reason in advice.reasons]
    assert weights == sorted(weights, reverse=True)
    assert any("less to break into" in reason.text for reason in advice.reasons)
    assert advice.better == ()
    assert advice.warnings == ()


def test_another_version_makes_distroless_possible(advice_of):
    files = PYTHON | {
        "pyproject.toml": '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.11,<3.12"\ndependencies = ["flask"]\n'
    }
    del files["requirements.txt"]
    advice = advice_of(files)
    assert advice.family == "slim"
    (better,) = advice.better
    assert better.family == "distroless"
    assert "Python 3.13 instead of" in better.change
    assert "pyproject.toml:4" in better.change
    assert "no shell" in better.effect
    (version,) = [reason for reason in advice.reasons if reason.evidence is not None]
    assert str(version.evidence) == "pyproject.toml:4"
    assert "2027-10-31" in version.text


def test_code_that_starts_a_shell_says_what_would_help(advice_of):
    files = NODE | {
        "server.js": 'const { execSync } = require("child_process");\nexecSync("ls | wc");\nrequire("express")().listen(3000);\n'
    }
    advice = advice_of(files)
    assert advice.family == "slim"
    assert any(str(reason.evidence) == "server.js:2" for reason in advice.reasons)
    assert [one.family for one in advice.better] == ["distroless"]
    assert "server.js:2" in advice.better[0].change


def test_a_call_that_fails_ranks_a_family_behind_and_one_with_a_replacement_does_not(project_of, catalog):
    script = "#!/bin/sh\npwgen -s 20 1 > /tmp/key\nexec node server.js\n"
    project = project_of(NODE | dockerfile('ENTRYPOINT ["/app/docker-entrypoint.sh"]', script=script))
    (component,) = project.components
    call = Call(
        "probe",
        "kubernetes",
        ("ps", "aux"),
        Evidence("a.yaml", 1),
        component.name,
        programs=("ps",),
        tasks=("process",),
    )
    plain = fits(component, catalog)
    assert with_calls(component, plain, ()) == plain
    assert recommended(with_calls(component, plain, (call,))).family == recommended(plain).family
    odd = Call(
        "init", "kubernetes", ("busybox",), Evidence("a.yaml", 1), component.name, programs=("busybox",)
    )
    ranked = with_calls(component, plain, (odd,))
    assert recommended(ranked).family == "chainguard"
    held_back = next(fit for fit in ranked if fit.family == "distroless")
    assert "a.yaml:1" in held_back.reason


def test_calls_of_another_component_change_nothing(project_of, catalog):
    (component,) = project_of(GO).components
    other = Call("probe", "kubernetes", ("pwgen",), Evidence("a.yaml", 1), "other", programs=("pwgen",))
    plain = fits(component, catalog)
    assert with_calls(component, plain, (other,)) == plain


def test_wishes_lead_to_other_families(advice_of):
    assert advice_of(PYTHON).family == "distroless"
    wanted = advice_of(PYTHON, prefer="debuggable")
    assert wanted.family == "slim"
    assert "look around" in wanted.reasons[0].text
    assert advice_of(PYTHON, prefer="compatible").family == "slim"


def test_a_static_program_with_a_shell_beside_it_is_on_alpine(advice_of):
    assert advice_of(GO, prefer="debuggable").family == "alpine"


def test_replacements_are_told_before_anything_is_built(advice_of):
    advice = advice_of(
        GO | pod("livenessProbe:", "  exec:", '    command: ["curl", "-f", "http://localhost:8080/healthz"]')
    )
    assert advice.family == "distroless"
    (verdict,) = advice.verdicts["distroless"]
    assert (verdict.answer, verdict.program) == ("replace", "curl")
    assert any("has a replacement" in reason.text for reason in advice.reasons)


def test_programs_of_the_code_are_a_warning_with_the_package_that_brings_them(advice_of):
    code = (
        GO["main.go"]
        .replace('"net/http"', '"net/http"\n\t"os/exec"')
        .replace("{\n\t_", '{\n\t_ = exec.Command("ffmpeg").Run()\n\t_')
    )
    code = code.replace('import "net/http"\n\t"os/exec"', 'import (\n\t"net/http"\n\t"os/exec"\n)')
    warnings = advice_of(GO | {"main.go": code}).warnings
    assert any("ffmpeg" in one.text and "package ffmpeg is added" in one.text for one in warnings)


def test_no_family_still_says_what_would_make_one_possible(project_of, catalog):
    (component,) = project_of(PYTHON).components
    nothing = replace(
        component, entrypoint=None, facts=tuple(one for one in component.facts if one.key != "entrypoint")
    )
    advice = advise(nothing, fits(nothing, catalog), (), catalog)
    assert advice.family is None
    assert advice.better
    assert "slimdesk.toml" in advice.better[0].change


def test_an_ended_version_is_a_warning(project_of, catalog):
    (component,) = project_of(NODE).components
    old = replace(
        component, version="20", facts=(*component.facts, Fact("version", "20", Evidence("package.json", 1)))
    )
    warnings = advise(old, fits(old, catalog), (), catalog).warnings
    assert any("2026-04-30" in one.text for one in warnings)


def test_the_comparison_has_a_cell_with_a_source_for_every_family_and_aspect(catalog):
    table = compare(catalog)
    keys = [column.key for column in table.columns]
    assert {"size", "security", "debugging", "compatibility", "use"} <= set(keys)
    assert [row.family for row in table.rows] == list(FAMILIES)
    for row in table.rows:
        assert len(row.cells) == len(keys)
        assert row.available is None
        assert all(cell.text and cell.source for cell in row.cells)
    assert table.cell("alpine", "size").bytes == 3_800_000
    assert (
        "musl" in table.cell("alpine", "compatibility").text
        or "glibc" in table.cell("alpine", "compatibility").text
    )
    assert "No shell" in table.cell("distroless", "security").text
    assert "curl" not in table.cell("slim", "debugging").text.partition(".")[0]
    with pytest.raises(KeyError):
        table.cell("none", "size")


def test_the_comparison_for_a_component_has_its_images_and_what_was_measured(project_of, catalog):
    (component,) = project_of(PYTHON).components
    table = compare(catalog, component, fits(component, catalog), {"slim": 130_000_000}, "files")
    assert table.cell("slim", "size").bytes == 130_000_000
    assert table.cell("slim", "size").source == MEASURED
    assert "130 MB (files)" in table.cell("slim", "size").text
    rows = {row.family: row for row in table.rows}
    assert rows["distroless"].image == "gcr.io/distroless/python3-debian13:nonroot"
    assert (rows["scratch"].available, rows["scratch"].image) == (False, None)
    assert catalog.today == dt.date(2026, 11, 21)


def test_a_package_that_is_added_brings_what_a_call_needs(project_of, catalog):
    project = project_of(
        GO | pod("livenessProbe:", "  exec:", '    command: ["curl", "-f", "http://localhost:8080/"]')
    )
    (component,) = project.components
    found = fits(component, catalog)
    plain = advise(component, found, project.calls, catalog).verdicts
    added = advise(component, found, project.calls, catalog, packages=("curl",)).verdicts
    assert [one.answer for one in plain["slim"]] == ["replace"]
    assert [one.answer for one in added["slim"]] == ["works"]
