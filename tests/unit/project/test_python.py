"""Python projects: what is read from manifests and code, with the place it was read from."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slimdesk.project.detect import detect
from slimdesk.project.languages.python_manifest import caret, normal_name


def project(folder, **files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return detect(folder)


def only(folder, files):
    found = project(folder, **files)
    assert len(found.components) == 1, found
    assert found.components[0].profile == "python"
    return found.components[0]


FASTAPI = 'import os\nfrom fastapi import FastAPI\n\napp = FastAPI()\nURL = os.environ["DATABASE_URL"]\n\n@app.get("/healthz")\ndef health():\n    return {}\n'


def test_a_fastapi_service_with_requirements(tmp_path):
    component = only(
        tmp_path,
        {
            "requirements.txt": "fastapi==0.115.0\nuvicorn[standard]>=0.30\n",
            "app/__init__.py": "",
            "app/main.py": FASTAPI,
        },
    )
    assert component.entrypoint == (
        "python",
        "-m",
        "uvicorn",
        "app.main:app",
        "--host",
        "0.0.0.0",
        "--port",
        "8000",
    )
    assert (component.package_manager, component.framework, component.port) == ("pip", "FastAPI", 8000)
    assert str(component.fact("asgi").evidence) == "app/main.py:4"
    assert str(component.fact("framework").evidence) == "requirements.txt:1"
    assert [(fact.value, str(fact.evidence)) for fact in component.all("env_required")] == [
        ("DATABASE_URL", "app/main.py:5")
    ]
    assert component.value("health_path") == "/healthz"
    assert component.problems == ()


def test_a_missing_server_is_added_and_said(tmp_path):
    component = only(
        tmp_path,
        {"requirements.txt": "flask\n", "app.py": "from flask import Flask\napp = Flask(__name__)\n"},
    )
    assert component.entrypoint == ("python", "-m", "gunicorn", "--bind", "0.0.0.0:8000", "app:app")
    assert component.value("add_dependency") == "gunicorn"
    assert "add it to the project" in component.problems[0].message


def test_fastapi_standard_brings_its_server(tmp_path):
    component = only(
        tmp_path,
        {
            "requirements.txt": "fastapi[standard]\n",
            "main.py": "from fastapi import FastAPI\napi = FastAPI()\n",
        },
    )
    assert component.entrypoint[:4] == ("python", "-m", "uvicorn", "main:api")
    assert component.fact("add_dependency") is None


def test_an_application_factory_is_called(tmp_path):
    files = {
        "requirements.txt": "flask\ngunicorn\n",
        "shop/__init__.py": "from flask import Flask\n\ndef create_app():\n    return Flask(__name__)\n",
    }
    component = only(tmp_path, files)
    assert component.entrypoint == ("python", "-m", "gunicorn", "--bind", "0.0.0.0:8000", "shop:create_app()")


def test_django_is_served_by_its_wsgi_application(tmp_path):
    files = {
        "manage.py": "import sys\n",
        "requirements.txt": "Django>=5\ngunicorn\n",
        "shop/wsgi.py": "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",
        "shop/urls.py": "from django.urls import path\nurlpatterns = [path('healthz/', None)]\n",
    }
    component = only(tmp_path, files)
    assert component.framework == "Django"
    assert component.entrypoint[-1] == "shop.wsgi:application"
    assert component.value("health_path") == "/healthz"


@pytest.mark.parametrize(
    ("files", "manager", "version"),
    [
        (
            {"pyproject.toml": '[project]\nname = "x"\nrequires-python = ">=3.12"\n', "uv.lock": ""},
            "uv",
            ">=3.12",
        ),
        (
            {
                "pyproject.toml": '[tool.poetry]\nname = "x"\n[tool.poetry.dependencies]\npython = "^3.11"\n',
                "poetry.lock": "",
            },
            "poetry",
            ">=3.11,<4",
        ),
        ({"pyproject.toml": '[project]\nname = "x"\n[tool.pdm]\n', "pdm.lock": ""}, "pdm", None),
        (
            {
                "Pipfile": '[requires]\npython_version = "3.13"\n[packages]\nflask = "*"\n',
                "Pipfile.lock": "{}",
            },
            "pipenv",
            "3.13",
        ),
        ({"pyproject.toml": '[project]\nname = "x"\n', ".python-version": "3.12.4\n"}, "pip", "3.12.4"),
        ({"requirements.txt": "", "runtime.txt": "python-3.11.9\n"}, "pip", "3.11.9"),
        ({"setup.py": 'setup(name="x", python_requires=">=3.10")\n'}, "pip", ">=3.10"),
        ({"requirements.txt": "", ".tool-versions": "python 3.13.1\n"}, "pip", "3.13.1"),
    ],
)
def test_managers_and_versions(tmp_path, files, manager, version):
    component = only(tmp_path, {**files, "main.py": "print('hi')\n"})
    assert (component.package_manager, component.version) == (manager, version)
    assert component.entrypoint == ("python", "main.py")


def test_console_scripts_start_by_their_name(tmp_path):
    files = {
        "pyproject.toml": '[project]\nname = "tidy"\n[project.scripts]\ntidy = "tidy.cli:main"\n[build-system]\nbuild-backend = "hatchling.build"\n',
        "src/tidy/__init__.py": "",
        "src/tidy/cli.py": "def main(): ...\n",
    }
    component = only(tmp_path, files)
    assert component.entrypoint == ("tidy",)
    assert component.port is None
    assert str(component.fact("entrypoint").evidence) == "pyproject.toml:4"
    assert component.value("source_root") == "src"


def test_a_package_with_main_starts_as_a_module(tmp_path):
    component = only(
        tmp_path, {"requirements.txt": "", "tool/__init__.py": "", "tool/__main__.py": "print(1)\n"}
    )
    assert component.entrypoint == ("python", "-m", "tool")


def test_a_procfile_says_how_it_is_started(tmp_path):
    files = {
        "requirements.txt": "flask\ngunicorn\n",
        "Procfile": "worker: python jobs.py\nweb: gunicorn web:app --bind 0.0.0.0:$PORT\n",
        "web.py": "",
    }
    component, worker = project(tmp_path, **files).components
    assert component.entrypoint == ("python", "-m", "gunicorn", "web:app", "--bind", "0.0.0.0:8000")
    assert component.port == 8000
    assert str(component.fact("wsgi").evidence) == "Procfile:2"
    assert worker.name == f"{component.name}-worker"
    assert (worker.entrypoint, worker.port) == (("python", "jobs.py"), None)
    assert str(worker.fact("start").evidence) == "Procfile:1"


def test_a_lone_script_needs_no_manifest(tmp_path):
    component = only(
        tmp_path, {"calculator.py": "import math\n\nif __name__ == '__main__':\n    print(math.pi)\n"}
    )
    assert component.entrypoint == ("python", "calculator.py")
    assert component.package_manager is None
    assert component.problems == ()


def test_what_a_lone_script_imports_is_named(tmp_path):
    component = only(
        tmp_path, {"main.py": "import yaml\nimport requests\nimport os\nimport helper\n", "helper.py": ""}
    )
    assert {fact.value for fact in component.all("import")} == {"pyyaml", "requests"}
    assert "requests, yaml" in component.problems[0].message
    assert str(component.problems[0].evidence) == "main.py:1"


def test_settings_without_a_default_are_required(tmp_path):
    code = "from pydantic_settings import BaseSettings\nclass Settings(BaseSettings):\n    database_url: str\n    debug: bool = False\n"
    component = only(tmp_path, {"requirements.txt": "pydantic-settings\n", "main.py": code})
    assert [fact.value for fact in component.all("env_required")] == ["DATABASE_URL"]
    assert {fact.value for fact in component.all("env")} == {"DATABASE_URL", "DEBUG"}


def test_members_of_a_uv_workspace_build_from_its_root(tmp_path):
    service = '[project]\nname = "svc"\n[project.scripts]\nsvc = "svc:main"\n[build-system]\nbuild-backend = "hatchling.build"\n'
    files = {
        "pyproject.toml": '[project]\nname = "root"\n[tool.uv.workspace]\nmembers = ["packages/*"]\n',
        "uv.lock": "",
        "packages/svc/pyproject.toml": service,
        "packages/svc/svc/__init__.py": "def main(): ...\n",
        "packages/lib/pyproject.toml": '[project]\nname = "lib"\n[build-system]\nbuild-backend = "hatchling.build"\n',
        "packages/lib/lib/__init__.py": "",
    }
    component = only(tmp_path, files)
    assert (component.name, component.path, component.context) == ("svc", "packages/svc", ".")


def test_tests_and_docs_are_no_components(tmp_path):
    files = {
        "requirements.txt": "",
        "main.py": "",
        "docs/requirements.txt": "sphinx\n",
        "docs/conf.py": "",
        "tests/app.py": "",
    }
    assert only(tmp_path, files).path == "."


def test_requirements_that_include_others_are_followed(tmp_path):
    files = {
        "requirements.txt": "-r requirements/base.txt\n-r ../../etc/passwd\n",
        "requirements/base.txt": "flask --hash=sha256:00\n",
        "app.py": "",
    }
    component = only(tmp_path, files)
    assert [fact.value for fact in component.all("requirements")] == [
        "requirements.txt",
        "requirements/base.txt",
    ]
    assert component.value("hashed") is True


def test_what_runs_a_shell_or_needs_libraries_is_known(tmp_path):
    code = "import subprocess, tempfile, zoneinfo\nsubprocess.run('ls', shell=True)\n"
    component = only(tmp_path, {"requirements.txt": "psycopg2\nrequests\n", "main.py": code})
    assert component.value("shell") is True
    assert component.value("writes_tmp") is True
    assert component.value("time_zones") is True
    assert component.value("ca_certificates") is True
    assert component.value("runtime_package") == "libpq5"


def test_hostile_values_stay_values(tmp_path):
    manifest = '[project]\nname = "x\\"; RUN rm -rf /"\nrequires-python = ">=3.12\\n\\u001b[31m"\ndependencies = ["a\\nRUN evil"]\n'
    component = only(tmp_path, {"pyproject.toml": manifest, "main.py": "print()\n"})
    assert component.name == "x-run-rm-rf"
    for fact in component.facts:
        assert "\n" not in str(fact.value)
        assert "\x1b" not in str(fact.value)


@pytest.mark.parametrize(
    "text",
    [
        "[project",
        "",
        "name = 1",
        '[project]\nname = ["x"]\ndependencies = {}\n',
        "[tool]\nuv = 3\npoetry = []\n[project]\nscripts = 4\n",
    ],
)
def test_a_damaged_manifest_is_no_reason_to_fail(tmp_path, text):
    found = project(tmp_path, **{"pyproject.toml": text, "main.py": "print()\n"})
    assert [component.entrypoint for component in found.components] == [("python", "main.py")]


@pytest.mark.parametrize("code", ["def f(:\n", "\x00", "(" * 5000, "x = " + "-" * 20000 + "1", "'\\d'\n"])
def test_code_that_cannot_be_parsed_is_passed_over(tmp_path, code):
    assert only(tmp_path, {"requirements.txt": "", "main.py": code}).entrypoint == ("python", "main.py")


@given(st.text(max_size=300), st.text(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
def test_nothing_in_a_file_makes_detection_fail(tmp_path, manifest, code):
    (tmp_path / "requirements.txt").write_text(manifest, errors="replace")
    (tmp_path / "pyproject.toml").write_text(manifest, errors="replace")
    (tmp_path / "main.py").write_text(code, errors="replace")
    detect(tmp_path)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("^3.11", ">=3.11,<4"),
        ("~3.11", ">=3.11,<3.12"),
        ("~3", ">=3,<4"),
        (">=3.9,<3.13", ">=3.9,<3.13"),
        ("3.12", "==3.12"),
        ("*", "*"),
    ],
)
def test_poetrys_version_ranges(text, wanted):
    assert caret(text) == wanted


def test_names_of_packages_are_normalised():
    assert normal_name("Django_REST.framework[extra]>=1") == "django-rest-framework"
    assert normal_name("-e .") is None


def test_an_application_may_come_out_of_a_function_of_any_name(tmp_path):
    files = {
        "requirements.txt": "fastapi\nuvicorn\n",
        "shop/main.py": "from fastapi import FastAPI\n\ndef assemble():\n    inner = FastAPI()\n    return inner\n\napp = assemble()\n",
    }
    component = only(tmp_path, files)
    assert component.entrypoint[3] == "shop.main:app"
    assert str(component.fact("asgi").evidence) == "shop/main.py:7"


def test_what_a_function_of_another_kind_returns_is_no_application(tmp_path):
    files = {"requirements.txt": "flask\n", "main.py": "from shop import connect\n\nserver = connect()\n"}
    assert only(tmp_path, files).entrypoint == ("python", "main.py")


def test_a_django_site_may_be_called_like_a_side_folder(tmp_path):
    files = {
        "manage.py": "import sys\n",
        "requirements.txt": "Django\ngunicorn\n",
        "example/settings.py": "",
        "example/urls.py": "urlpatterns = []\n",
        "example/wsgi.py": "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",
    }
    assert only(tmp_path, files).entrypoint[-1] == "example.wsgi:application"


def test_the_last_command_of_a_procfile_stays_and_the_others_are_told(tmp_path):
    files = {
        "requirements.txt": "flask\ngunicorn\n",
        "Procfile": "web: flask db upgrade; gunicorn shop:app\n",
        "shop.py": "from flask import Flask\napp = Flask(__name__)\n",
    }
    component = only(tmp_path, files)
    assert component.entrypoint == ("python", "-m", "gunicorn", "shop:app", "--bind", "0.0.0.0:8000")
    assert component.problems[0].message.startswith("Before it starts, Procfile runs flask db upgrade;")


def test_a_server_that_only_the_procfile_knows_is_added(tmp_path):
    component = only(
        tmp_path,
        {"requirements.txt": "flask\n", "Procfile": "web: gunicorn shop:app\n", "shop.py": "app = 1\n"},
    )
    assert component.value("add_dependency") == "gunicorn"
    assert "Procfile starts gunicorn" in component.problems[0].message


@pytest.mark.parametrize(
    ("text", "argv"),
    [
        ('FROM a AS b\nCMD ["python", "other.py"]\nFROM b\nENTRYPOINT [ "python", "mail_run.py" ]\n', ("python", "mail_run.py")),
        ('FROM b\nENTRYPOINT ["python3"]\nCMD ["-u", "mail_run.py"]\n', ("python", "-u", "mail_run.py")),
        ("FROM b\nCMD exec uv run --no-sync python mail_run.py --fast\n", ("python", "mail_run.py", "--fast")),
        ('FROM b\nCMD ["sh", "-c", "exec /usr/local/bin/python mail_run.py"]\n', ("python", "mail_run.py")),
        ("FROM b\nCMD celery -A jobs \\\n  # why\n  worker\n", ("python", "-m", "celery", "-A", "jobs", "worker")),
    ],
)  # fmt: skip
def test_the_projects_own_dockerfile_says_what_starts_it(tmp_path, text, argv):
    files = {
        "requirements.txt": "grpcio\n",
        "Dockerfile": text,
        "mail_run.py": "import grpc\n",
        "send.py": "import grpc\n",
    }
    component = only(tmp_path, files)
    assert component.entrypoint == argv
    assert component.fact("start").evidence.path == "Dockerfile"


@pytest.mark.parametrize(
    "start",
    ['["python", "gone.py"]', "python a.py | tee log", "locust --host=${HOST}", '["/start.sh"]', '["python"]', "[1]", "'", "", '["python", "manage.py"]'],
)  # fmt: skip
def test_a_dockerfile_that_cannot_be_followed_says_nothing(tmp_path, start):
    files = {"requirements.txt": "", "Dockerfile": f"FROM b\nCMD {start}\n", "a.py": "1\n", "b.py": "2\n"}
    component = only(tmp_path, files)
    assert component.entrypoint is None


def test_a_server_among_scripts_is_the_one_that_starts(tmp_path):
    guard = 'if __name__ == "__main__":\n    pass\n'
    files = {
        "requirements.txt": "grpcio\n",
        "mail_server.py": guard,
        "mail_client.py": guard,
        "__init__.py": "",
    }
    assert only(tmp_path, files).entrypoint == ("python", "mail_server.py")


def test_an_init_file_starts_nothing(tmp_path):
    assert only(tmp_path, {"requirements.txt": "x\n", "__init__.py": ""}).entrypoint is None


def test_a_framework_is_one_that_the_code_imports(tmp_path):
    files = {"requirements.txt": "flask==3\nlocust==2\n", "main.py": "import locust\n"}
    assert only(tmp_path, files).framework is None


def test_a_member_of_a_uv_workspace_is_installed_from_its_lock_file(tmp_path):
    files = {
        "pyproject.toml": '[tool.uv.workspace]\nmembers = ["api"]\n',
        "uv.lock": "",
        "api/pyproject.toml": '[project]\nname = "api"\nversion = "1"\ndependencies = ["fastapi", "uvicorn"]\n',
        "api/app/main.py": "from fastapi import FastAPI\napp = FastAPI()\n",
    }
    component = only(tmp_path, files)
    assert (component.package_manager, component.path, component.context) == ("uv", "api", ".")
    assert component.value("lock") == "uv.lock"


def test_a_pinned_package_that_is_too_old_for_the_new_python_is_told(tmp_path):
    component = only(
        tmp_path, {"requirements.txt": "flask\ncffi==1.15.1\ngreenlet==3.1.0\n", "main.py": "import cffi\n"}
    )
    assert str(component.fact("needs_before").evidence) == "requirements.txt:2"
    assert component.problems[0].message.startswith("cffi 1.15.1: made for Pythons before 3.12")


def test_versions_are_also_read_from_a_lock_file(tmp_path):
    lock = '[[package]]\nname = "cffi"\nversion = "1.0"\noptional = false\ngroups = ["dev"]\n[[package]]\nname = "PyYAML"\nversion = "6.0"\n\n[[package]]\nname = "flask"\nversion = "3"\n'
    files = {"pyproject.toml": '[tool.poetry]\nname = "x"\n', "poetry.lock": lock, "main.py": "1\n"}
    found = only(tmp_path, files).fact("needs_before")
    assert (found.value, str(found.evidence)) == ("3.12", "poetry.lock:7")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("setup.cfg", "[metadata]\nname = tool\n[options.entry_points]\nconsole_scripts =\n    tool = tool.cli:main\n    other = tool.cli:other\n"),
        ("setup.py", 'from setuptools import setup\nsetup(name="tool", entry_points={"console_scripts": ["tool=tool.cli:main"]})\n'),
    ],
)  # fmt: skip
def test_console_scripts_of_setuptools_start_it(tmp_path, name, text):
    component = only(tmp_path, {name: text, "tool/cli.py": "def main():\n    pass\n"})
    assert component.entrypoint == ("tool",)
    assert (component.name, component.fact("entrypoint").value) == ("tool", "tool.cli:main")
    assert component.value("installable") is True


@pytest.mark.parametrize(
    ("requirement", "found"),
    [("Django==4.1.9", True), ("django==4.2", False), ("pydantic==2.7.1", True), ("pydantic==1.10.21", False), ("pydantic==1.10.2", True),
     ("SQLAlchemy==2.0.30", True), ("sqlalchemy==1.4.54", False), ("sqlalchemy>=2.0.1", False), ("django==x", False)],
)  # fmt: skip
def test_releases_that_do_not_run_on_the_newest_python(tmp_path, requirement, found):
    component = only(tmp_path, {"requirements.txt": requirement + "\n", "main.py": "1\n"})
    assert (component.fact("needs_before") is not None) is found


def test_a_procfile_above_the_code_says_how_it_is_started(tmp_path):
    files = {
        "Pipfile": '[packages]\ndjango = "*"\ngunicorn = "*"\n',
        "Procfile": "web: gunicorn --chdir site config.wsgi\n",
        "site/manage.py": "import sys\n",
        "site/config/wsgi.py": "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",
    }
    component = only(tmp_path, files)
    assert (component.path, component.package_manager) == (".", "pipenv")
    assert component.entrypoint == (
        "python",
        "-m",
        "gunicorn",
        "--chdir",
        "site",
        "config.wsgi",
        "--bind",
        "0.0.0.0:8000",
    )
