"""`slimdesk families` and `slimdesk generate`: the JSON of the contract, words, exit codes, and files kept."""

import json

import dockerfile as buildkit
import pytest

from slimdesk.catalog import catalog as catalog_module
from slimdesk.catalog.model import FAMILIES
from slimdesk.cli import main

MAIN = """package main

import "net/http"

func main() {
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {})
	_ = http.ListenAndServe(":8080", nil)
}
"""


@pytest.fixture(autouse=True)
def no_own_images(tmp_path, monkeypatch):
    folder = tmp_path / "own-catalogue"
    monkeypatch.setattr(catalog_module, "own_catalog_folder", lambda: folder)
    return folder


@pytest.fixture
def project(tmp_path):
    root = tmp_path / "größer project"
    (root / "cmd/api").mkdir(parents=True)
    (root / "go.mod").write_text("module example.com/shop\n\ngo 1.26\n")
    (root / "cmd/api/main.go").write_text(MAIN)
    return root


@pytest.fixture
def ask(capsys):
    def run(*words):
        status = main([str(word) for word in words])
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_families_in_json(ask, project):
    status, out, _ = ask("families", project, "--json")
    answer = json.loads(out)
    assert status == 0
    assert out.isascii()
    assert answer["schema"] == 1
    assert answer["component"] == "shop"
    assert [one["family"] for one in answer["families"]] == list(FAMILIES)
    assert [one["family"] for one in answer["families"] if one["recommended"]] == ["distroless"]
    for one in answer["families"]:
        assert set(one) == {
            "family", "image", "available", "reason", "needs", "recommended", "shell", "libc", "user",
            "debug_image", "end_of_life", "breaks",
        }  # fmt: skip
        assert one["reason"]
    rows = {one["family"]: one for one in answer["families"]}
    assert rows["distroless"] == {
        "family": "distroless",
        "image": "gcr.io/distroless/static-debian13:nonroot",
        "available": True,
        "reason": rows["distroless"]["reason"],
        "needs": [],
        "recommended": True,
        "shell": False,
        "libc": "none",
        "user": 65532,
        "debug_image": "gcr.io/distroless/static-debian13:debug-nonroot",
        "end_of_life": "2028-08-09",
        "breaks": [],
    }
    assert rows["hardened"]["needs"] == ["docker login dhi.io"]
    assert rows["chiselled"]["available"] is False
    assert rows["chiselled"]["image"] is None
    assert rows["scratch"]["debug_image"] is None


def test_families_in_words(ask, project):
    status, out, err = ask("families", project)
    assert status == 0
    assert err == ""
    assert "* distroless gcr.io/distroless/static-debian13:nonroot" in out
    assert "docker login dhi.io" in out


def test_generate_in_json(ask, project):
    status, out, _ = ask("generate", project, "--family", "recommended", "--json")
    answer = json.loads(out)
    assert status == 0
    assert set(answer) == {
        "schema", "component", "family", "image", "context", "target", "dockerfile", "dockerignore", "lines", "findings",
    }  # fmt: skip
    assert (answer["family"], answer["context"], answer["target"]) == ("distroless", ".", "final")
    commands = buildkit.parse_string(answer["dockerfile"])
    assert [(one["line"], one["end_line"], one["keyword"]) for one in answer["lines"]] == [
        (one.start_line, one.end_line, one.cmd.upper()) for one in commands
    ]
    assert all(one["reason"] for one in answer["lines"])
    assert {"path": "go.mod", "line": 3} in [one["evidence"] for one in answer["lines"]]


def test_generate_in_words_is_the_dockerfile_alone(ask, project):
    status, out, _ = ask("generate", project, "--family", "scratch")
    assert status == 0
    assert out.startswith("# Written by SlimDesk ")
    assert out.splitlines()[2] == "FROM golang:1.26-trixie AS build"
    assert buildkit.parse_string(out)


def test_baseline_wins_over_a_family(ask, project):
    _, out, _ = ask("generate", project, "--baseline", "--family", "distroless", "--json")
    answer = json.loads(out)
    assert answer["family"] == "baseline"
    assert answer["dockerfile"].count("FROM") == 1


def test_options(ask, project):
    status, out, _ = ask(
        "generate", project, "--family", "scratch", "--debug", "--no-cache-mounts", "--mirror", "m.example/hub",
        "--mirror", "gcr.io=m.example/gcr", "--label", "team=web", "--set", "port=9000", "--json",
    )  # fmt: skip
    answer = json.loads(out)
    assert status == 0
    assert answer["target"] == "debug"
    text = answer["dockerfile"]
    assert "--mount" not in text
    assert "FROM m.example/hub/library/golang:1.26-trixie AS build" in text
    assert '"team"="web"' in text
    assert "EXPOSE 9000" in text


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Which family is not said"),
        (("--family", "chiselled"), "chiselled cannot serve shop"),
        (("--family", "slim", "--component", "nope"), "There is no component nope"),
        (("--family", "slim", "--mirror", "https://x"), "cannot be used"),
        (("--family", "slim", "--label", "novalue"), "The label 'novalue' cannot be used"),
        (("--family", "slim", "--label", "io.slimdesk.family=x"), "cannot be set"),
    ],
)
def test_what_cannot_be_is_one_sentence(ask, project, words, sentence):
    status, out, err = ask("generate", project, *words)
    assert (status, out) == (2, "")
    assert sentence in err
    assert err.count("\n") == 1


def test_an_unknown_family_is_refused(project, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["generate", str(project), "--family", "tiny"])
    assert caught.value.code == 2
    assert capsys.readouterr().out == ""


def test_output_is_never_replaced_unasked(ask, project):
    file = project / "Dockerfile"
    status, out, err = ask("generate", project, "--family", "slim", "--output", file)
    assert (status, out) == (0, "")
    assert "Wrote" in err
    first = file.read_text()
    file.write_text("FROM mine\n")
    status, out, err = ask("generate", project, "--family", "slim", "--output", file)
    assert (status, out) == (2, "")
    assert "--force" in err
    assert file.read_text() == "FROM mine\n"
    status, _, err = ask("generate", project, "--family", "slim", "--output", file, "--force")
    assert status == 0
    assert file.read_text() == first
    assert (project / "Dockerfile.orig").read_text() == "FROM mine\n"
    file.write_text("FROM mine-too\n")
    ask("generate", project, "--family", "slim", "--output", file, "--force")
    assert (project / "Dockerfile.orig.1").read_text() == "FROM mine-too\n"
    assert (project / "Dockerfile.orig").read_text() == "FROM mine\n"


def test_output_into_a_folder_is_a_sentence(ask, project):
    status, out, err = ask("generate", project, "--family", "slim", "--output", project, "--force")
    assert (status, out) == (2, "")
    assert "it is a folder" in err


def test_own_dockerignore_is_kept_first(ask, project):
    (project / ".dockerignore").write_text("*.log\n")
    _, out, _ = ask("generate", project, "--family", "slim", "--json")
    assert json.loads(out)["dockerignore"].startswith("*.log\n")


def test_a_dockerignore_that_leads_away_is_not_read(ask, project, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hunter2\n")
    (project / ".dockerignore").symlink_to(secret)
    _, out, _ = ask("generate", project, "--family", "slim", "--json")
    assert "hunter2" not in out


OWN = """family = "slim"
checked = 2026-11-01
[[image]]
serves = ["static"]
name = "registry.example.com/base"
tag = "1"
libc = "none"
shell = false
user = 1234
"""


def test_a_project_brings_its_own_bases(ask, project):
    (project / "bases").mkdir()
    (project / "bases/ours.toml").write_text(OWN)
    (project / "slimdesk.toml").write_text('[catalog]\nfolder = "bases"\n')
    _, out, _ = ask("generate", project, "--family", "slim", "--json")
    answer = json.loads(out)
    assert answer["image"] == "registry.example.com/base:1"
    assert "USER 1234:1234" in answer["dockerfile"]


def test_the_persons_own_bases(ask, project, no_own_images):
    no_own_images.mkdir()
    (no_own_images / "mine.toml").write_text(OWN)
    _, out, _ = ask("families", project, "--json")
    rows = {one["family"]: one for one in json.loads(out)["families"]}
    assert rows["slim"]["image"] == "registry.example.com/base:1"
    (no_own_images / "mine.toml").write_text(OWN.replace("1234", '"x"'))
    status, out, err = ask("families", project)
    assert (status, out) == (2, "")
    assert "mine.toml:3 is not used" in err


@pytest.mark.parametrize("folder", ["../outside", "/etc", "nowhere"])
def test_a_catalogue_folder_outside_of_the_project_is_refused(ask, project, folder):
    (project.parent / "outside").mkdir()
    (project / "slimdesk.toml").write_text(f'[catalog]\nfolder = "{folder}"\n')
    status, out, err = ask("families", project)
    assert (status, out) == (2, "")
    assert "catalogue folder" in err


def test_a_folder_with_nothing_to_build(ask, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    status, out, err = ask("families", empty)
    assert (status, out) == (2, "")
    assert "holds nothing" in err


def test_the_ignore_file_is_written_beside_the_dockerfile_in_the_project(ask, project):
    status, _, err = ask("generate", project, "--family", "slim", "--output", project / "Dockerfile")
    assert status == 0
    assert f"Wrote {project / '.dockerignore'}, which keeps secrets" in err
    first = (project / ".dockerignore").read_text()
    assert ".git" in first
    _, _, err = ask("generate", project, "--family", "scratch", "--output", project / "Dockerfile.scratch")
    assert ".dockerignore" not in err
    assert (project / ".dockerignore").read_text() == first


def test_an_ignore_file_of_the_projects_own_is_replaced_only_by_force(ask, project):
    (project / ".dockerignore").write_text("secret-plans\n")
    status, _, err = ask("generate", project, "--family", "slim", "--output", project / "Dockerfile")
    assert status == 0
    assert ".dockerignore exists and was left as it is; --force replaces it" in err
    assert (project / ".dockerignore").read_text() == "secret-plans\n"
    ask("generate", project, "--family", "slim", "--output", project / "Dockerfile", "--force")
    assert (project / ".dockerignore.orig").read_text() == "secret-plans\n"
    assert "secret-plans" in (project / ".dockerignore").read_text()


def test_outside_of_the_project_the_ignore_file_has_the_dockerfiles_name(ask, project, tmp_path):
    ask("generate", project, "--family", "slim", "--output", tmp_path / "out" / "slim.Dockerfile")
    assert ".git" in (tmp_path / "out" / "slim.Dockerfile.dockerignore").read_text()
    assert not (project / ".dockerignore").exists()
