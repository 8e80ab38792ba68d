"""The Python recipe: which families and versions, and Dockerfiles that BuildKit and hadolint accept."""

import json
import os
import subprocess
import sys
from pathlib import Path

import dockerfile as buildkit
import pytest

from slimdesk.basics.errors import UnavailableFamily
from slimdesk.catalog.model import FAMILIES
from slimdesk.project.detect import detect
from slimdesk.recipes.generate import fits, generate, recommended
from slimdesk.recipes.model import Options

GOLDEN = Path(__file__).parent / "python_golden"
FAMILIES_THAT_FIT = ("full", "slim", "alpine", "distroless", "chainguard", "hardened")
BUILD_SYSTEM = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
APP = "from fastapi import FastAPI\napp = FastAPI()\n"
PROJECTS = {
    "pip": {"requirements.txt": "fastapi\nuvicorn\n", "app/main.py": APP},
    "pyproject": {"pyproject.toml": '[project]\nname = "shop"\nrequires-python = ">=3.12"\ndependencies = ["fastapi", "uvicorn"]\n', "app/main.py": APP},
    "uv": {
        "pyproject.toml": '[project]\nname = "shop"\ndependencies = ["fastapi", "uvicorn"]\n[project.scripts]\nshop = "shop:main"\n' + BUILD_SYSTEM,
        "uv.lock": "version = 1\n",
        "shop/__init__.py": "def main(): ...\n",
    },
    "poetry": {"pyproject.toml": '[tool.poetry]\nname = "shop"\npackage-mode = false\n[tool.poetry.dependencies]\npython = "^3.11"\nflask = "*"\ngunicorn = "*"\n', "poetry.lock": "", "app.py": "from flask import Flask\napp = Flask(__name__)\n"},
    "pdm": {"pyproject.toml": '[project]\nname = "shop"\ndependencies = ["fastapi", "uvicorn"]\n[tool.pdm]\n', "pdm.lock": "", "main.py": APP},
    "pipenv": {"Pipfile": '[packages]\nfastapi = "*"\nuvicorn = "*"\n', "Pipfile.lock": "{}", "main.py": APP},
    "script": {"calculator.py": "if __name__ == '__main__':\n    print(6 * 7)\n"},
    "imports": {"main.py": "import requests\nprint(requests)\n"},
    "workspace": {
        "pyproject.toml": '[project]\nname = "root"\n[tool.uv.workspace]\nmembers = ["packages/*"]\n',
        "uv.lock": "",
        "packages/svc/pyproject.toml": '[project]\nname = "svc"\n[project.scripts]\nsvc = "svc:main"\n' + BUILD_SYSTEM,
        "packages/svc/svc/__init__.py": "def main(): ...\n",
    },
}  # fmt: skip


@pytest.fixture
def component(tmp_path):
    def make(files):
        for name, text in files.items():
            path = tmp_path / "shop" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return detect(tmp_path / "shop").components[0]

    return make


def hadolint(text):
    program = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(
        [program, "-f", "json", "-"], input=text, text=True, capture_output=True, check=False
    )
    return [(found["code"], found["line"]) for found in json.loads(done.stdout)]


def words_of(text, keyword):
    return [list(command.value) for command in buildkit.parse_string(text) if command.cmd.upper() == keyword]


@pytest.mark.parametrize("name", PROJECTS)
@pytest.mark.parametrize("family", [*FAMILIES_THAT_FIT, None])
def test_every_project_on_every_family_reads_as_it_was_written(component, catalog, name, family):
    for options in (Options(), Options(cache_mounts=False, healthcheck=True), Options(debug=True)):
        made = generate(component(PROJECTS[name]), family, catalog, options)
        read = [command.cmd.upper() for command in buildkit.parse_string(made.text)]
        assert read == [one.keyword for one in made.dockerfile.instructions()]
        # An imported package without a manifest has no version; one RUN per reason in a stage left behind.
        explained = {"DL3059", *({"DL3013"} if family is None else ())} if name == "imports" else set()
        assert {code for code, _ in hadolint(made.text)} <= explained
        entry = words_of(made.text, "ENTRYPOINT")[-1]
        assert len(entry) >= 1
        if family is not None:
            users = words_of(made.text, "USER")
            assert users
            assert users[-1] != ["0:0"]


@pytest.mark.parametrize("name", ["pip", "uv", "poetry", "workspace", "script"])
def test_golden(component, catalog, name):
    text = generate(component(PROJECTS[name]), "distroless", catalog, Options()).text
    path = GOLDEN / f"{name}.Dockerfile"
    if os.environ.get("SLIMDESK_WRITE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()


def test_all_families_answer_and_distroless_is_recommended(component, catalog):
    found = fits(component(PROJECTS["pip"]), catalog)
    assert tuple(fit.family for fit in found) == FAMILIES
    assert tuple(fit.family for fit in found if fit.available) == FAMILIES_THAT_FIT
    assert recommended(found).family == "distroless"
    assert all(fit.reason for fit in found)


def test_the_environment_is_made_with_the_final_images_own_interpreter(component, catalog):
    text = generate(component(PROJECTS["pip"]), "distroless", catalog, Options()).text
    assert "ln -sf /usr/local/bin/python3 /usr/bin/python3.13" in text
    assert "/usr/bin/python3.13 -m venv --without-pip /venv" in text
    assert words_of(text, "ENTRYPOINT") == [
        ["/venv/bin/python", "-m", "uvicorn", "app.main:app", "--host", "0.0.0.0", "--port", "8000"]
    ]


def test_distroless_has_exactly_one_python(component, catalog):
    shop = component(
        {"pyproject.toml": '[project]\nname = "shop"\nrequires-python = "<3.13"\n', "main.py": ""}
    )
    found = {fit.family: fit for fit in fits(shop, catalog)}
    assert not found["distroless"].available
    assert "exactly one version, Python 3.13" in found["distroless"].reason
    assert "pyproject.toml:3" in found["distroless"].reason
    assert found["slim"].base.version == "3.12"
    assert recommended(tuple(found.values())).family == "slim"
    with pytest.raises(UnavailableFamily, match="exactly one version"):
        generate(shop, "distroless", catalog, Options())


def test_a_pin_decides(component, catalog):
    shop = component({"requirements.txt": "", "main.py": "", ".python-version": "3.12.4\n"})
    found = {fit.family: fit for fit in fits(shop, catalog)}
    assert found["slim"].base.reference == "python:3.12-slim-trixie"
    assert ".python-version:1" in found["slim"].reason
    assert not found["chainguard"].available


def test_a_version_that_has_ended_is_refused_with_its_place(component, catalog):
    shop = component({"requirements.txt": "", "main.py": "", "runtime.txt": "python-3.8.18\n"})
    found = fits(shop, catalog)
    assert not any(fit.available for fit in found)
    assert "3.8.18 (runtime.txt:1)" in found[1].reason


def test_a_patch_release_is_met_by_its_series(component, catalog):
    shop = component(
        {"pyproject.toml": '[project]\nname = "shop"\nrequires-python = ">=3.13.2"\n', "main.py": ""}
    )
    assert recommended(fits(shop, catalog)).base.version == "3.13"


def test_a_library_that_a_wheel_loads_is_installed_or_refused(component, catalog):
    shop = component({"requirements.txt": "psycopg2\n", "main.py": "import psycopg2\n"})
    found = {fit.family: fit for fit in fits(shop, catalog)}
    assert found["distroless"].available
    assert not found["chainguard"].available
    assert "psycopg2-binary" in found["chainguard"].reason
    text = generate(shop, "slim", catalog, Options()).text
    assert "apt-get install -y --no-install-recommends libpq5" in text
    assert "FROM python:3.13-trixie AS build" in text
    assert [code for code, _ in hadolint(text)] == []


def test_what_is_compiled_for_distroless_is_compiled_where_no_other_python_is(component, catalog):
    shop = component({"requirements.txt": "uwsgi\n", "main.py": "print()\n"})
    text = generate(shop, "distroless", catalog, Options()).text
    assert "FROM python:3.13-slim-trixie AS build" in text
    assert "apt-get install -y --no-install-recommends gcc g++ libc6-dev" in text
    assert "FROM python:3.13-trixie AS build" in generate(shop, "slim", catalog, Options()).text


def test_code_that_needs_a_shell_is_sent_to_slim(component, catalog):
    shop = component({"requirements.txt": "", "main.py": "import os\nos.system('ls')\n"})
    found = fits(shop, catalog)
    assert recommended(found).family == "slim"
    assert "main.py:2" in next(fit for fit in found if fit.family == "distroless").reason


def test_no_packages_no_build_stage(component, catalog):
    made = generate(component(PROJECTS["script"]), "distroless", catalog, Options())
    assert len(made.dockerfile.stages) == 1
    assert words_of(made.text, "ENTRYPOINT") == [["/usr/bin/python3.13", "calculator.py"]]


def test_locked_hashes_are_required(component, catalog):
    shop = component({"requirements.txt": "flask==3.1.0 --hash=sha256:00\n", "main.py": ""})
    assert "--require-hashes" in generate(shop, "slim", catalog, Options()).text


def test_hostile_values_make_no_instruction(component, catalog):
    name = 'a\\"; RUN rm -rf /\\n\\nRUN evil'
    files = {
        "pyproject.toml": f'[project]\nname = "{name}"\ndependencies = ["flask"]\n[project.scripts]\n"x; rm" = "a:b"\nok = "a\\nRUN evil"\n'
        + BUILD_SYSTEM,
        "wsgi.py": "from flask import Flask\napp = Flask(__name__)\n",
        "requirements.txt": "-r 'x; rm -rf /'.txt\nflask $(evil)\n",
    }
    made = generate(component(files), "distroless", catalog, Options())
    read = [command.cmd.upper() for command in buildkit.parse_string(made.text)]
    assert read == [one.keyword for one in made.dockerfile.instructions()]
    assert not [
        line
        for line in made.text.splitlines()
        if "evil" in line
        and not line.strip().startswith(("LABEL", '"io.slimdesk', "# slimdesk ", "# Written by "))
    ]


def test_a_release_that_the_newest_python_cannot_run_takes_an_older_one(component, catalog):
    files = {
        "requirements.txt": "flask\ngunicorn\nDjango==3.2.13\n",
        "app.py": "from flask import Flask\napp = Flask(__name__)\n",
    }
    found = {fit.family: fit for fit in fits(component(files), catalog)}
    assert not found["distroless"].available
    assert "one before 3.12 (requirements.txt:3)" in found["distroless"].reason
    assert found["slim"].base.version == "3.11"
    assert "requirements.txt:3" in found["slim"].reason
    newer = {**files, "pyproject.toml": '[project]\nname = "a"\nrequires-python = ">=3.13"\n'}
    assert {fit.family: fit for fit in fits(component(newer), catalog)}["distroless"].available


def test_a_package_without_another_list_is_installed_with_what_it_needs(component, catalog):
    files = {
        "setup.cfg": "[metadata]\nname = tool\n[options.entry_points]\nconsole_scripts =\n  tool = tool:main\n",
        "tool.py": "def main(): ...\n",
    }
    text = generate(component(files), "slim", catalog, Options()).text
    assert "pip --python /venv install ." in text
    assert 'ENTRYPOINT ["/venv/bin/tool"]' in text
