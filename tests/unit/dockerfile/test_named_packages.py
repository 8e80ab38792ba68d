"""Packages of a language that a RUN installs by name: its line is found, words that name something else are not taken for one."""

import pytest

from slimdesk.dockerfile.named_packages import line_that_names
from slimdesk.dockerfile.parse import parse


@pytest.mark.parametrize(
    ("run", "kind", "name", "found"),
    [
        ("pip install --no-cache-dir celery flask", "pypi", "celery", True),
        ("python -m pip install 'Flask_SQLAlchemy>=3'", "pypi", "flask-sqlalchemy", True),
        ("/venv/bin/pip3 install uvicorn[standard]==0.34", "pypi", "uvicorn", True),
        ("uv pip install --system rich", "pypi", "rich", True),
        ("apt-get update && pip install \\\n  a \\\n  b", "pypi", "b", True),
        ("pip install -r celery", "pypi", "celery", False),
        ("pip install -r requirements.txt", "pypi", "celery", False),
        ("pip install . celery-types", "pypi", "celery", False),
        ("uv sync --frozen", "pypi", "uv", False),
        ("apt-get install -y celery", "pypi", "celery", False),
        ("npm install -g pm2 @nestjs/cli@11", "npm", "@nestjs/cli", True),
        ("npm i express@5", "npm", "express", True),
        ("yarn add express", "npm", "express", True),
        ("npm ci && node express", "npm", "express", False),
        ("npm install", "npm", "install", False),
        ("gem install sinatra -v 4.1.1", "gem", "sinatra", True),
        ("composer require slim/slim:4", "composer", "slim/slim", True),
        ("pip install serde", "cargo", "serde", False),
        ("pip install $PACKAGES", "pypi", "packages", False),
        ("pip", "pypi", "pip", False),
    ],
)
def test_the_line_that_names_a_package(run, kind, name, found):
    dockerfile = parse(f"FROM base AS build\nRUN {run}\nFROM base\nRUN true\n")
    assert line_that_names(dockerfile, kind, name) == (2 if found else None)
