"""Mirrors: --mirror over slimdesk.toml over the settings, for every name that makes the engine fetch."""

import json
from dataclasses import replace

import pytest

from slimdesk import cli
from slimdesk.basics.errors import BadInput
from slimdesk.operations.detect import open_project
from slimdesk.operations.families import compare_families
from slimdesk.operations.generate import generate_dockerfile
from slimdesk.operations.mirrors import project_mirrors, through_mirrors
from slimdesk.operations.saved import state_of
from slimdesk.recipes.model import Options
from slimdesk.recipes.references import every_image


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "shop"
    made.mkdir()
    (made / "go.mod").write_text("module example.com/shop\n\ngo 1.26\n")
    (made / "main.go").write_text("package main\nfunc main() {}\n")
    return made


def toml(folder, text):
    (folder / "slimdesk.toml").write_text(text)


def bases(folder, options=None, family="slim"):
    project = open_project(folder)
    made = generate_dockerfile(project, project.components[0], family, options or Options())
    return [stage.base for stage in made.dockerfile.stages]


def test_the_projects_table_is_over_the_settings_and_under_the_call(folder):
    settings = {"docker.io": "settings.example/hub"}
    assert bases(folder, Options(default_mirrors=settings))[0] == (
        "settings.example/hub/library/golang:1.26-trixie"
    )
    toml(folder, '[mirrors]\n"docker.io" = "team.example:5000/hub/"\n')
    assert bases(folder, Options(default_mirrors=settings))[0] == (
        "team.example:5000/hub/library/golang:1.26-trixie"
    )
    call = Options(default_mirrors=settings, mirrors={"docker.io": "call.example"})
    assert bases(folder, call)[0] == "call.example/library/golang:1.26-trixie"


def test_the_longest_prefix_wins_across_all_three(folder):
    toml(folder, '[mirrors]\n"docker.io/library" = "team.example/official"\n')
    assert bases(folder, Options(mirrors={"docker.io": "call.example"}))[0] == (
        "team.example/official/golang:1.26-trixie"
    )


def test_a_registry_without_quotes_is_meant_all_the_same(folder):
    toml(folder, '[mirrors]\ndocker.io = "team.example/hub"\ngcr.io = "team.example/gcr"\n')
    assert project_mirrors(folder) == {"docker.io": "team.example/hub", "gcr.io": "team.example/gcr"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("mirrors = 3\n", "is not a table"),
        ('[mirrors]\n"docker.io" = 3\n', "is not a text"),
        ('[mirrors]\n"docker.io" = "https://team.example"\n', "cannot be used"),
        ('[mirrors]\n"docker.io" = "a b"\n', "cannot be used"),
        ('[mirrors]\n"docker.io" = "x\\nRUN id"\n', "cannot be used"),
        ('[mirrors]\n"" = "x"\n', "cannot be used"),
        ("[mirrors]\n" + "".join(f'"r{number}.example" = "x"\n' for number in range(300)), "300 mirrors"),
    ],
)
def test_a_table_that_cannot_be_used_is_a_sentence(folder, text, why):
    toml(folder, text)
    with pytest.raises(BadInput) as caught:
        project_mirrors(folder)
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_not_toml_or_not_there_is_no_mirror(folder):
    assert project_mirrors(folder) == {}
    toml(folder, "[mirrors\n")
    assert project_mirrors(folder) == {}


def test_mirrors_of_the_project_are_not_repeated_in_the_comment(folder):
    toml(folder, '[mirrors]\n"docker.io" = "team.example/hub"\n')
    given = Options(
        mirrors={"gcr.io": "g.example"}, default_mirrors={"quay.io": "q.example", "docker.io": "d.example"}
    )
    in_force, recorded = through_mirrors(folder, given)
    assert in_force.mirrors == {
        "docker.io": "team.example/hub", "gcr.io": "g.example", "quay.io": "q.example",
    }  # fmt: skip
    assert recorded.mirrors == {"gcr.io": "g.example", "quay.io": "q.example"}
    project = open_project(folder)
    path = folder / "Dockerfile"
    path.write_text(generate_dockerfile(project, project.components[0], "slim", Options()).text)
    assert state_of(project, None, path).state == "generated"
    # Another mirror in slimdesk.toml is another base.
    toml(folder, '[mirrors]\n"docker.io" = "new.example/hub"\n')
    assert {one.what for one in state_of(project, None, path).disagreements} == {"base"}


@pytest.mark.parametrize(
    "options",
    [Options(), Options(debug=True), Options(packages=("libpq5",))],
    ids=["plain", "debug", "packages"],
)
def test_no_name_escapes_the_mirrors(folder, options):
    """One mirror for each registry of the catalogue: no FROM, COPY --from, mount or # syntax goes past it."""
    project = open_project(folder)
    component = project.components[0]
    registries = ("docker.io", "gcr.io", "cgr.dev", "dhi.io", "mcr.microsoft.com", "ghcr.io", "quay.io")
    options = replace(options, syntax=True, mirrors={name: f"m.example/{name}" for name in registries})
    served = [fit.family for fit in compare_families(project, component).fits if fit.available]
    if options.packages:
        served = [family for family in served if family not in ("scratch", "chiselled")]
    for family in (*served, *(() if options.packages else (None,))):
        names = every_image(generate_dockerfile(project, component, family, options).dockerfile)
        assert len(names) >= 2
        assert all(name.startswith("m.example/") for name in names), (family, names)


def test_the_command_line_takes_the_settings_too(folder, tmp_path, monkeypatch, capsys):
    from slimdesk.operations import mirrors

    monkeypatch.setattr(mirrors, "settings_mirrors", dict)
    monkeypatch.setattr("slimdesk.cli.options.settings_mirrors", lambda: {"docker.io": "s.example"})
    assert cli.main(["generate", str(folder), "--family", "slim", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["image"].startswith("s.example/library/debian")
