from __future__ import annotations

import tomllib

import pytest

from slimdesk.basics.errors import BadInput, ProjectError
from slimdesk.project.corrections import apply_settings, text_with_correction
from slimdesk.project.model import Evidence
from slimdesk.project.toml_lines import line_of_key

GO = {"go.mod": "module example.com/shop\ngo 1.24\n", "main.go": "package main\nfunc main() {}\n"}
TWO = {
    "go.mod": "module example.com/shop\ngo 1.24\n",
    "cmd/api/main.go": "package main\nfunc main() {}\n",
    "cmd/job/main.go": "package main\nfunc main() {}\n",
}


def test_corrections_replace_what_was_detected(detect_files):
    text = '# ours\n[components.shop]\nversion = "1.26"\nentrypoint = ["/shop", "serve"]\nport = 9000\nhealth_path = "/up"\ncgo = true\n'
    (component,) = detect_files({**GO, "slimdesk.toml": text}).components
    assert (component.version, component.entrypoint, component.port) == ("1.26", ("/shop", "serve"), 9000)
    assert component.fact("version").evidence == Evidence("slimdesk.toml", 3)
    assert component.fact("cgo").value is True
    assert component.fact("health_path").evidence == Evidence("slimdesk.toml", 6)
    assert len(list(component.all("version"))) == 1


def test_a_health_path_is_an_address_with_or_without_its_slash(detect_files):
    for written in ("up", "/up"):
        text = f'[components.shop]\nhealth_path = "{written}"\n'
        (component,) = detect_files({**GO, "slimdesk.toml": text}).components
        assert component.value("health_path") == "/up"


def test_a_component_can_be_named_by_its_path(detect_files):
    (component,) = detect_files({**GO, "slimdesk.toml": '[components."."]\nport = 81\n'}).components
    assert component.port == 81
    assert component.fact("port").evidence == Evidence("slimdesk.toml", 2)


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("[components.shop]\nport = 0\n", "port must be between", 2),
        ("[components.shop]\nport = true\n", "port must be a number", 2),
        ('[components.shop]\nport = "80"\n', "port must be a number", 2),
        ("[components.shop]\n\nversion = 1\n", "version must be a text", 3),
        ("[components.shop]\nentrypoint = [1]\n", "entrypoint must be a list of words", 2),
        ("[components.shop]\ncgo = 1\n", "cgo must be true or false", 2),
        ('[components.shop]\ncolour = "red"\n', "colour is not a fact of shop", 2),
        ('[components.shop]\ncontext = "../.."\n', "must be a folder inside", 2),
        ('[components.shop]\nversion = ""\n', "version must be a text", 2),
        ("[components.ship]\nport = 1\n", "corrects ship, which is not a component (there is shop)", 1),
        ("[components]\nshop = 1\n", "must be a table", 2),
        ("components = 1\n", "must be a table", 1),
        ("[colours]\n", "a table colours that is not known", 1),
        ("[components.shop\n", "could not be read as TOML", 1),
    ],
)
def test_what_cannot_be_applied_is_a_problem_with_its_line(detect_files, text, message, line):
    project = detect_files({**GO, "slimdesk.toml": text})
    (problem,) = project.problems
    assert message in problem.message
    assert problem.evidence == Evidence("slimdesk.toml", line)
    assert project.components[0].version == "1.24"


def test_hostile_corrections_lose_their_control_characters(detect_files):
    text = '[components.shop]\nversion = "1\\nRUN x\\u001b[31m"\nbuild = "' + "x" * 100_000 + '"\n'
    project = detect_files({**GO, "slimdesk.toml": text})
    assert project.components[0].version == "1RUN x[31m"
    assert "build must be a text" in project.problems[0].message


def test_budgets_are_somebody_elses(detect_files):
    assert not detect_files({**GO, "slimdesk.toml": "[budgets]\nmax = 1\n"}).problems


@pytest.mark.parametrize(
    ("word", "value", "key", "expected"),
    [
        ("port", "8080", "port", 8080),
        ("version", "1.25", "version", "1.25"),
        ("cgo", "yes", "cgo", True),
        ("entrypoint", '["/shop", "a b"]', "entrypoint", ("/shop", "a b")),
        ("entrypoint", "/shop 'a b'", "entrypoint", ("/shop", "a b")),
        ("shop.port", "81", "port", 81),
        ("context", "./a/..", "context", "."),
    ],
)
def test_settings(detect_files, word, value, key, expected):
    (component,) = apply_settings(detect_files(GO), {word: value}).components
    assert component.value(key) == expected
    assert component.fact(key).evidence is None
    if hasattr(component, key):
        assert getattr(component, key) == expected


@pytest.mark.parametrize(
    ("word", "value", "message"),
    [
        ("port", "eighty", "port must be a number"),
        ("port", "²", "port must be a number"),
        ("port", "70000", "between 1 and 65535"),
        ("cgo", "maybe", "true or false"),
        ("entrypoint", "'open", "cannot be split into words"),
        ("entrypoint", "[1]", "list of words"),
        ("entrypoint", "[" * 100_000, "list of words"),
        ("colour", "red", "colour is not a fact"),
        ("ship.port", "1", "There is no component ship"),
    ],
)
def test_bad_settings_are_refused(detect_files, word, value, message):
    with pytest.raises(BadInput, match=message):
        apply_settings(detect_files(GO), {word: value})


def test_a_setting_goes_to_those_that_know_the_fact(detect_files):
    files = {**TWO, "cmd/api/main.go": 'package main\nfunc main() { http.ListenAndServe(":80", nil) }\n'}
    api, job = apply_settings(detect_files(files), {"serves": "false"}).components
    assert api.fact("serves").value is False
    assert job.fact("serves") is None


def test_a_setting_for_one_of_two(detect_files):
    api, job = apply_settings(detect_files(TWO), {"job.port": "81"}).components
    assert (api.port, job.port) == (None, 81)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", "[components.api]\nport = 81\n"),
        ("# mine\n[budgets]\nmax = 1", "# mine\n[budgets]\nmax = 1\n\n[components.api]\nport = 81\n"),
        (
            "[components.api] # here\n# why\n  port = 80 # now\nversion = '1'\n\n[x]\ny = 1\n",
            "[components.api] # here\n# why\n  port = 81\nversion = '1'\n\n[x]\ny = 1\n",
        ),
        ("[components.api]\nversion = '1'\n\n[x]\n", "[components.api]\nversion = '1'\nport = 81\n\n[x]\n"),
        ("[components.api]\nport = [\n  1,\n  2,\n]\nz = 1\n", "[components.api]\nport = 81\nz = 1\n"),
        ("[components]\napi.port = 80\n", "[components]\napi.port = 81\n"),
        ("[components.api]\n", "[components.api]\nport = 81\n"),
    ],
)
def test_a_correction_changes_one_line(old, new):
    changed = text_with_correction(old, "api", "port", 81)
    assert changed == new
    assert tomllib.loads(changed)["components"]["api"]["port"] == 81


def test_a_correction_can_be_taken_back():
    assert (
        text_with_correction("[components.api]\nport = 1\nx = 2\n", "api", "port", None)
        == "[components.api]\nx = 2\n"
    )
    assert text_with_correction("", "api", "port", None) == ""


@pytest.mark.parametrize(
    "value", ["plain", 'quo"te\\', "new\nline\x00\x1b", "ümlaut 🎈", "", ("a", 'b"', "c\n"), True, 7]
)
@pytest.mark.parametrize("name", ["api", "a.b", 'we"ird', "ü", "."])
def test_any_value_comes_back_as_it_was(value, name):
    data = tomllib.loads(text_with_correction("[x]\ny = 1\n", name, "key", value))
    assert data["components"][name]["key"] == (list(value) if isinstance(value, tuple) else value)
    assert data["x"] == {"y": 1}


@pytest.mark.parametrize(
    "old", ["[components]\napi = {port = 80}\n", "a = \n", "components = 1\n", "[components\n"]
)
def test_forms_that_cannot_be_changed_line_by_line_are_refused(old):
    with pytest.raises(ProjectError):
        text_with_correction(old, "api", "port", 81)


def test_lines_of_keys():
    text = '[a]\nb = """\n[c]\n"""\nd.e = 1\n[[list]]\nb = 1\n["x.y"]\nz = 1\n'
    assert line_of_key(text, ("a", "b")) == 2
    assert line_of_key(text, ("a", "d", "e")) == 5
    assert line_of_key(text, ("x.y", "z")) == 9
    assert line_of_key(text, ("a", "missing")) == 1
    assert line_of_key(text, ("nothing",)) is None
