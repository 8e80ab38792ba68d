"""`--package`, `slimdesk packages` and `slimdesk apko`: the JSON, words, exit codes, and files kept."""

import json

import pytest
import yaml

from slimdesk.catalog import catalog as catalog_module
from slimdesk.cli import main
from slimdesk.cli.packages import costs_json
from slimdesk.operations.packages import Costs, costs


@pytest.fixture(autouse=True)
def no_own_images(tmp_path, monkeypatch):
    monkeypatch.setattr(catalog_module, "own_catalog_folder", lambda: tmp_path / "own-catalogue")


@pytest.fixture
def project(tmp_path):
    root = tmp_path / "shop"
    root.mkdir()
    (root / "go.mod").write_text("module example.com/shop\n\ngo 1.26\n")
    (root / "main.go").write_text("package main\n\nfunc main() {}\n")
    return root


@pytest.fixture
def ask(capsys):
    def run(*words):
        try:
            status = main([str(word) for word in words])
        except SystemExit as ended:
            status = ended.code
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_generate_with_a_package(ask, project):
    status, out, err = ask("generate", project, "--family", "distroless", "--package", "libpq5", "--json")
    answer = json.loads(out)
    assert status == 0, err
    assert "FROM debian:trixie-slim AS packages" in answer["dockerfile"]
    assert "COPY --from=packages /packages/ /" in answer["dockerfile"]
    assert "packages-without-scripts" in [finding["rule"] for finding in answer["findings"]]


def test_the_recommended_family_has_room_for_the_package(ask, project):
    plain = json.loads(ask("families", project, "--json")[1])["families"]
    status, out, _ = ask("families", project, "--package", "libpq5", "--json")
    found = {one["family"]: one for one in json.loads(out)["families"]}
    assert status == 0
    assert next(one for one in plain if one["family"] == "scratch")["available"]
    assert not found["scratch"]["available"]
    assert next(one for one in found.values() if one["recommended"])["available"]
    status, out, _ = ask("generate", project, "--family", "recommended", "--package", "libpq5", "--json")
    assert status == 0
    assert found[json.loads(out)["family"]]["recommended"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("generate", "--family", "scratch", "--package", "libpq5"), "scratch has no C library"),
        (("generate", "--family", "slim", "--package", "lib pq"), "not the name of a package"),
        (("families", "--package", "$(id)"), "not the name of a package"),
        (("packages", "--package", "libpq5"), "Which family is not said"),
        (("packages", "--family", "slim", "--package", "-x"), "package"),
        (("apko", "--image", "NO"), "not a name for an image"),
    ],
)
def test_bad_calls_are_one_sentence(ask, project, words, said):
    status, out, err = ask(words[0], project, *words[1:])
    assert (status, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_packages_without_an_engine(ask, project, monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    status, out, err = ask("packages", project, "--family", "distroless", "--package", "libpq5", "--json")
    assert (status, out) == (2, "")
    assert "nothing listens" in err


def test_what_packages_cost_in_json(catalog_base):
    text = "Package: aa\nVersion: 1\nSize: 10\nInstalled-Size: 2\nDepends: bb\n\nPackage: bb\nSize: 5\n"
    answer = costs_json(Costs(catalog_base, ("aa",), costs(text, ("aa",))), None)
    assert answer == {
        "family": "distroless",
        "image": catalog_base.reference,
        "names": ["aa"],
        "packages": [
            {"name": "aa", "version": "1", "download": 10, "unpacked": 2048, "because": ""},
            {"name": "bb", "version": "", "download": 5, "unpacked": None, "because": "aa"},
        ],
        "download": 15,
        "unpacked": 2048,
        "reason": None,
        "measured": None,
    }
    unknown = costs_json(Costs(catalog_base, ("aa",), None, "apk tells no sizes"), None)
    assert (unknown["packages"], unknown["download"], unknown["reason"]) == ([], None, "apk tells no sizes")


@pytest.fixture
def catalog_base():
    return catalog_module.load_catalog().find("distroless", "static")


def test_apko_in_json_and_in_words(ask, project):
    status, out, err = ask("apko", project, "--package", "curl", "--json")
    answer = json.loads(out)
    assert status == 0, err
    assert answer["family"] == "chainguard"
    assert "curl" in yaml.safe_load(answer["apko"])["contents"]["packages"]
    assert f"FROM {answer['image']} AS final" in answer["dockerfile"]
    assert answer["commands"][0].startswith("apko build ")
    status, out, _ = ask("apko", project)
    assert status == 0
    assert out.index("contents:") < out.index("# Dockerfile.wolfi") < out.index("FROM ")


def test_apko_writes_its_files_once(ask, project, tmp_path):
    folder = tmp_path / "out"
    assert ask("apko", project, "--output", folder)[0] == 2
    folder.mkdir()
    status, out, err = ask("apko", project, "--output", folder)
    assert (status, out) == (0, "")
    assert "docker load" in err
    assert {path.name for path in folder.iterdir()} >= {"apko.yaml", "Dockerfile.wolfi"}
    before = (folder / "apko.yaml").read_text()
    status, _, err = ask("apko", project, "--output", folder)
    assert status == 2
    assert "--force" in err
    (folder / "apko.yaml").write_text("mine\n")
    assert ask("apko", project, "--output", folder, "--force")[0] == 0
    assert (folder / "apko.yaml").read_text() == before
    assert (folder / "apko.yaml.orig").read_text() == "mine\n"
