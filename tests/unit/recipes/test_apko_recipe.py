"""apko.yaml by apko's own schema, the project's version kept, and a Dockerfile on the image that it makes."""

import json
from pathlib import Path

import dockerfile as buildkit
import jsonschema
import pytest
import yaml

from slimdesk.basics.errors import BadInput, UnavailableFamily
from slimdesk.project.detect import detect
from slimdesk.recipes.apko import RUNTIMES, apko
from slimdesk.recipes.model import Options

SCHEMA = json.loads((Path(__file__).parents[2] / "data" / "apko" / "schema.json").read_text(encoding="utf-8"))
PROJECTS = {
    "python": {"requirements.txt": "fastapi\nuvicorn\n", "main.py": "from fastapi import FastAPI\napp = FastAPI()\n", ".python-version": "3.12\n"},
    "node": {"package.json": '{"name": "web", "scripts": {"start": "node server.js"}, "engines": {"node": "24"}}', "server.js": "require('http').createServer().listen(3000)\n"},
    "go": {"go.mod": "module example.com/api\n\ngo 1.26\n", "main.go": "package main\nfunc main() {}\n"},
}  # fmt: skip
PACKAGE = {"python": "python-3.12", "node": "nodejs-24", "go": "tzdata"}


@pytest.fixture
def component(tmp_path):
    def make(files):
        for name, text in files.items():
            path = tmp_path / "shop" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return detect(tmp_path / "shop").components[0]

    return make


@pytest.mark.parametrize("name", PROJECTS)
def test_the_configuration_holds_to_apkos_schema_and_to_the_projects_version(component, catalog, name):
    files = apko(component(PROJECTS[name]), catalog, Options())
    config = yaml.safe_load(files.config)
    jsonschema.validate(config, SCHEMA)
    assert PACKAGE[name] in config["contents"]["packages"]
    assert config["contents"]["repositories"] == ["https://packages.wolfi.dev/os"]
    assert config["accounts"]["run-as"] == "65532"
    assert config["accounts"]["users"][0]["uid"] == 65532
    assert config["archs"] == ["amd64", "arm64"]
    assert config["paths"][0]["permissions"] == 0o755
    assert not any(
        package in config["contents"]["packages"] for package in ("busybox", "apk-tools", "wolfi-base")
    )


@pytest.mark.parametrize("name", PROJECTS)
def test_the_dockerfile_starts_from_the_image_that_apko_makes(component, catalog, name):
    files = apko(component(PROJECTS[name]), catalog, Options())
    final = files.generated.dockerfile.stages[-1]
    assert final.base == files.image
    assert files.image.startswith("localhost/")
    assert files.image.endswith(":wolfi")
    commands = list(buildkit.parse_string(files.generated.text))
    kept = list(files.generated.dockerfile.instructions())
    assert [(one.cmd.upper(), one.start_line) for one in commands] == [
        (one.keyword, one.line) for one in kept
    ]
    users = [one.value for one in commands if one.cmd.upper() == "USER"]
    assert users[-1] == ("65532:65532",)
    assert all(
        files.image in command or command.startswith(("docker load", "docker build"))
        for command in files.commands
    )


def test_python_is_installed_for_the_path_that_wolfi_has(component, catalog):
    files = apko(component(PROJECTS["python"]), catalog, Options())
    assert "/usr/bin/python3.12 -m venv" in files.generated.text
    assert "FROM python:3.12-slim-trixie AS build" in files.generated.text
    assert yaml.safe_load(files.config)["entrypoint"] == {"command": "/usr/bin/python3.12"}


def test_packages_go_into_the_configuration_and_make_no_stage(component, catalog):
    toml = '[components."."]\npackages = ["libpq"]\n'
    files = apko(
        component({**PROJECTS["python"], "slimdesk.toml": toml}), catalog, Options(packages=("ffmpeg",))
    )
    packages = yaml.safe_load(files.config)["contents"]["packages"]
    assert packages[-2:] == ["libpq", "ffmpeg"]
    assert files.generated.dockerfile.stage("packages") is None


def test_name_platform_and_debug(component, catalog):
    options = Options(platform="linux/arm64", debug=True)
    files = apko(component(PROJECTS["go"]), catalog, options, image="registry.test:5000/team/go:1")
    assert yaml.safe_load(files.config)["archs"] == ["arm64"]
    assert files.image == "registry.test:5000/team/go:1"
    assert files.generated.target == "debug"
    assert apko(component(PROJECTS["go"]), catalog, options, image="team/go").image == "team/go:wolfi"


@pytest.mark.parametrize("image", ["", "UPPER", "a b", "x:y:z", "-x", "a\nUSER root"])
def test_a_name_that_is_none_is_refused(component, catalog, image):
    with pytest.raises(BadInput, match="not a name for an image"):
        apko(component(PROJECTS["go"]), catalog, Options(), image=image)


def test_a_hostile_name_stays_in_its_place(component, catalog):
    from dataclasses import replace

    hostile = replace(component(PROJECTS["go"]), name='x\n- "evil"\ncmd: /bin/sh #', context="a\u2028cmd: x")
    files = apko(hostile, catalog, Options())
    config = yaml.safe_load(files.config)
    jsonschema.validate(config, SCHEMA)
    assert set(config) == {
        "contents",
        "accounts",
        "work-dir",
        "environment",
        "paths",
        "archs",
        "annotations",
        "layering",
    }


def test_a_version_that_wolfi_has_not_is_refused_with_the_reason(component, catalog):
    old = {**PROJECTS["python"], ".python-version": "3.8\n"}
    with pytest.raises(UnavailableFamily):
        apko(component(old), catalog, Options())


def test_every_version_is_one_that_the_catalogue_knows(catalog):
    words = {"python": "python", "node": "node", "java": "java", "ruby": "ruby"}
    for word, product in words.items():
        assert all(catalog.products[product].cycle(version) for version in RUNTIMES[word].versions)
