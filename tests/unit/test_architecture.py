"""The walls of the house: who may import whom, and what a command may not load."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
QT_FREE = [
    "basics",
    "project",
    "catalog",
    "dockerfile",
    "recipes",
    "engine",
    "image",
    "report",
    "scan",
    "verify",
    "debug",
    "terminal",
    "workspace",
    "operations",
    "cli",
]


def modules(package):
    for path in sorted((ROOT / "slimdesk" / package).rglob("*.py")):
        yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def run(script, *words):
    return subprocess.run(
        [sys.executable, "-c", script, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_the_import_contracts_hold():
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_all_but_the_window_imports_without_qt():
    names = [name for package in QT_FREE for name in modules(package)]
    done = run(
        "import sys, importlib\n"
        "for name in ('PySide6', 'qasync', 'qtawesome', 'matplotlib'): sys.modules[name] = None\n"
        "for name in sys.argv[1:]: importlib.import_module(name)",
        *names,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "command",
    [["detect", "resources/sample/harbour"], ["families", "resources/sample/harbour", "--component", "api"]],
)
def test_a_command_loads_nothing_heavy(command):
    heavy = ("docker", "PySide6", "matplotlib", "numpy", "jinja2", "pygments", "asyncio")
    done = run(
        "import sys\n"
        "from slimdesk.cli import main\n"
        "status = main(sys.argv[2:])\n"
        "print([name for name in sys.argv[1].split(',') if name in sys.modules], file=sys.stderr)\n"
        "sys.exit(status)",
        ",".join(heavy),
        *command,
        "--json",
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "[]"


def test_no_test_data_or_code_names_this_machine():
    if shutil.which("git") is None:
        pytest.skip("there is no git here to list the files with")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".json", ".yaml", ".txt", ""} and path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            assert "/work/" + "main" not in text, name
            assert "/far" + "m/" not in text, name
