"""Python programs beside a web server: workers and timetables, pages that bind an address of their own."""

import pytest

from slimdesk.operations.detect import choose_component

CELERY = 'from celery import Celery\napp = Celery("jobs")\n'
FLASK = "from flask import Flask\napp = Flask(__name__)\n"


def test_a_celery_worker_is_what_starts_a_project_of_tasks_alone(detect_files):
    found = detect_files({"requirements.txt": "celery[redis]\n", "jobs.py": CELERY}).components
    assert [one.framework for one in found] == ["Celery"]
    assert found[0].entrypoint == (
        "python",
        "-m",
        "celery",
        "--app",
        "jobs:app",
        "worker",
        "--loglevel",
        "INFO",
    )
    assert found[0].port is None
    assert str(found[0].fact("start").evidence) == "jobs.py:2"


def test_a_worker_beside_an_application_is_a_component_of_its_own(detect_files):
    files = {"requirements.txt": "flask\ncelery\ngunicorn\n", "app.py": FLASK, "jobs.py": CELERY}
    project = detect_files(files)
    web, worker = project.components
    assert (web.framework, web.port, worker.framework, worker.port) == ("Flask", 8000, "Celery", None)
    assert worker.name == f"{web.name}-worker"
    assert worker.fact("wsgi") is None
    assert choose_component(project, None) is web
    assert choose_component(project, ".") is web
    assert choose_component(project, worker.name) is worker


def test_a_timetable_gets_a_process_that_writes_where_it_may(detect_files):
    files = {"requirements.txt": "celery\n", "jobs.py": CELERY + "app.conf.beat_schedule = {}\n"}
    worker, beat = detect_files(files).components
    assert beat.name == f"{worker.name}-beat"
    assert beat.entrypoint[5:] == ("beat", "--loglevel", "INFO", "--schedule=/tmp/celerybeat-schedule")
    assert str(beat.fact("start").evidence) == "jobs.py:3"


def test_the_lines_of_a_procfile_are_processes_and_release_is_none(detect_files):
    procfile = "release: python manage.py migrate\nweb: gunicorn app:app\nbeat: celery -A jobs beat\nshell: sh -c 'a | b'\n"
    files = {
        "requirements.txt": "flask\ncelery\ngunicorn\n",
        "app.py": FLASK,
        "jobs.py": CELERY,
        "Procfile": procfile,
    }
    web, beat = detect_files(files).components
    assert beat.name == f"{web.name}-beat"
    assert beat.entrypoint == (
        "python", "-m", "celery", "-A", "jobs", "beat", "--schedule=/tmp/celerybeat-schedule",
    )  # fmt: skip


def test_dramatiq_actors_are_found_by_their_decorator(detect_files):
    files = {
        "requirements.txt": "dramatiq\n",
        "jobs.py": "import dramatiq\n\n@dramatiq.actor\ndef add(): ...\n",
    }
    assert detect_files(files).components[0].entrypoint == ("python", "-m", "dramatiq", "jobs")


def test_a_module_that_only_uses_tasks_is_no_worker(detect_files):
    found = detect_files(
        {"requirements.txt": "flask\ngunicorn\n", "app.py": FLASK, "jobs.py": CELERY}
    ).components
    assert [one.framework for one in found] == ["Flask"]


@pytest.mark.parametrize(
    ("package", "code", "port", "variables"),
    [
        ("gradio", "import gradio\ndemo = gradio.Interface()\ndemo.launch()\n", 7860, ("GRADIO_SERVER_NAME=0.0.0.0", "GRADIO_SERVER_PORT=7860", "GRADIO_ANALYTICS_ENABLED=False")),
        ("dash", "from dash import Dash\nboard = Dash(__name__)\nboard.run()\n", 8050, ("HOST=0.0.0.0", "PORT=8050")),
    ],
)  # fmt: skip
def test_pages_that_bind_themselves_are_told_where(detect_files, package, code, port, variables):
    found = detect_files({"requirements.txt": f"{package}\n", "app.py": code}).components[0]
    assert (found.entrypoint, found.port) == (("python", "app.py"), port)
    assert tuple(fact.value for fact in found.all("start_env")) == variables
    assert found.problems == ()


def test_a_dash_application_that_offers_its_server_gets_gunicorn(detect_files):
    code = "from dash import Dash\napp = Dash(__name__)\nserver = app.server\n"
    found = detect_files({"requirements.txt": "dash\ngunicorn\n", "app.py": code}).components[0]
    assert found.entrypoint == ("python", "-m", "gunicorn", "--bind", "0.0.0.0:8000", "app:server")
    assert found.framework == "Dash"


def test_streamlit_is_told_its_address_and_watches_no_files(detect_files):
    files = {
        "requirements.txt": "streamlit\n",
        "app.py": "import streamlit\n",
        ".streamlit/config.toml": "[server]\nport = 9000\n",
    }
    found = detect_files(files).components[0]
    assert found.port == 9000
    assert {"--server.address=0.0.0.0", "--server.port=9000", "--server.fileWatcherType=none"} <= set(
        found.entrypoint
    )


@pytest.mark.parametrize(
    ("code", "port"),
    [
        ("from aiohttp import web\nweb.run_app(web.Application())\n", 8080),
        ("from aiohttp import web\nweb.run_app(web.Application(), port=9001)\n", 9001),
        ("from http.server import HTTPServer\nHTTPServer(('', 8123), None).serve_forever()\n", 8123),
        ("import tornado.web\ntornado.web.Application().listen(8888)\n", 8888),
    ],
)
def test_the_port_of_a_server_that_the_code_starts_itself(detect_files, code, port):
    found = detect_files({"requirements.txt": "aiohttp\ntornado\n", "main.py": code}).components[0]
    assert (found.entrypoint, found.port) == (("python", "main.py"), port)


def test_a_server_that_nobody_outside_reaches_is_told(detect_files):
    code = "from http.server import HTTPServer\nHTTPServer(('127.0.0.1', 8123), None).serve_forever()\n"
    found = detect_files({"requirements.txt": "", "main.py": code}).components[0]
    assert "127.0.0.1 (main.py:2)" in found.problems[0].message


def test_sanic_serves_by_itself(detect_files):
    files = {"requirements.txt": "sanic\n", "main.py": "from sanic import Sanic\napp = Sanic('a')\n"}
    found = detect_files(files).components[0]
    assert found.entrypoint[:4] == ("python", "-m", "sanic", "main:app")
    assert found.fact("add_dependency") is None


def test_gunicorn_keeps_the_port_of_its_own_configuration(detect_files):
    files = {
        "requirements.txt": "flask\ngunicorn\n",
        "app.py": FLASK,
        "gunicorn.conf.py": 'bind = "0.0.0.0:9009"\n',
    }
    assert detect_files(files).components[0].port == 9009


def test_what_alembic_borrows_for_its_migrations_is_not_what_is_served(detect_files):
    files = {
        "requirements.txt": "flask\ngunicorn\n",
        "db/env.py": FLASK,
        "shop/app.py": "from flask import Flask\ndef create_app():\n    return Flask(__name__)\n",
    }
    assert detect_files(files).components[0].entrypoint[-1] == "shop.app:create_app()"


CONDA = """name: tides
channels: [conda-forge]
dependencies:
  - python=3.12
  - numpy=2.1
  - conda-forge::flask>=3
  - libgdal
  - pytorch
  - pip:
      - gunicorn==23.0.0
      - "evil; rm -rf /"
      - {a: b}
"""


def test_what_pip_can_follow_of_condas_list(detect_files):
    found = detect_files({"environment.yml": CONDA, "app.py": FLASK}).components[0]
    assert [fact.value for fact in found.all("import")] == [
        "numpy==2.1.*",
        "flask>=3",
        "torch",
        "gunicorn==23.0.0",
    ]
    assert (found.value("version_pin"), found.framework) == ("3.12", "Flask")
    assert str(found.fact("import").evidence) == "environment.yml:5"
    assert any("for conda" in one.message for one in found.problems)


def test_conda_is_passed_over_where_something_else_lists_packages(detect_files):
    found = detect_files(
        {"environment.yml": CONDA, "requirements.txt": "flask\ngunicorn\n", "app.py": FLASK}
    ).components[0]
    assert found.fact("import") is None


@pytest.mark.parametrize(
    "text", ["[]", "dependencies: 7\n", "dependencies: [[1], null, {pip: 3}]\n", "a: &a [*a]\n"]
)
def test_a_list_for_conda_that_is_none(detect_files, text):
    found = detect_files({"environment.yml": text, "main.py": "print()\n"}).components
    assert [one.profile for one in found] == ["python"]
