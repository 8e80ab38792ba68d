"""Whatever the files of a project hold, detection answers."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slimdesk.cli.detect import project_json
from slimdesk.project.detect import detect

NAMES = st.sampled_from([
    "go.mod", "go.work", "main.go", "cmd/a/main.go", "package.json", "package-lock.json", "pnpm-workspace.yaml", "pnpm-lock.yaml",
    "yarn.lock", "tsconfig.json", ".nvmrc", ".node-version", "server.js", "index.ts", "next.config.js", "pyproject.toml", "Pipfile",
    "requirements.txt", "setup.cfg", "setup.py", ".python-version", "runtime.txt", "app.py", "app/__main__.py", "manage.py", "uv.lock",
    "poetry.lock", "Procfile", ".tool-versions", "compose.yaml", "Dockerfile", "slimdesk.toml", ".env.example", "Makefile", ".env",
])  # fmt: skip
# Words that the readers look for, so that random text gets past their first line.
PIECES = st.sampled_from([
    "module x.y/z\n", "go 1.24\n", "require (\n", ")", "replace a => ../b\n", "use ./a\n", "package main\n", "func main() {", "}\n",
    "import (", 'import "C"\n', '"net/http"', "http.ListenAndServe(", '":8080"', 'os.Getenv("PORT")', 'if p == "" {', "//go:build (", "`",
    "{", "[", "]", ":", ",", '"name"', '"scripts"', '"start"', '"node x.js"', '"workspaces"', '"engines"', '"*"', "null", "1e999", "NaN",
    "[project]\n", "[tool.poetry]\n", 'requires-python = ">=3.11"\n', 'name = "x"\n', "dependencies = [", "[components.z]\n", "port = 1\n",
    "from fastapi import FastAPI\n", "app = FastAPI()\n", "import os\n", 'os.environ["X"]\n', "def f(:\n", "class A(BaseSettings):\n",
    "services:\n", "  a:\n", "    image: ", "&a ", "*a", "<<: ", "- ", "\n", "\r\n", "\t", "\x00", "\ufeff", "FROM x\n", "EXPOSE 80\n",
    "web: gunicorn app:app\n", "A=1\n", "'", '"', "\\", "#", "../" * 5, "\x1b[31m", "9" * 5000,
])  # fmt: skip
CONTENTS = st.one_of(
    st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=25).map(
        lambda parts: "".join(parts).encode("utf-8", "replace")
    ),
    st.binary(max_size=200),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(NAMES, CONTENTS, max_size=6))
def test_detect_never_raises(files):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        project = detect(root)
    answer = project_json(project)
    assert len({component["name"] for component in answer["components"]}) == len(answer["components"])
    for component in answer["components"]:
        assert component["port"] is None or 0 < component["port"] < 65_536
        for fact in component["facts"]:
            assert not any(sign in str(fact["value"]) for sign in "\n\r\x1b\x00")
