import ast
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGING = Path(__file__).resolve().parents[3] / "packaging"


def load(name):
    spec = importlib.util.spec_from_file_location(f"packaging_{name}", PACKAGING / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def bootstrap():
    return load("bootstrap")


@pytest.mark.parametrize("name", ["bootstrap", "run", "test"])
def test_the_scripts_can_be_read_by_an_old_python(name):
    source = (PACKAGING / f"{name}.py").read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 8))
    standard = {"__future__", "bootstrap", *sys.stdlib_module_names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert {alias.name.split(".")[0] for alias in node.names} <= standard
        elif isinstance(node, ast.ImportFrom):
            assert node.module.split(".")[0] in standard


def test_packaging_is_no_package():
    assert not (PACKAGING / "__init__.py").exists()


def test_an_old_python_is_told_which_one_is_needed(bootstrap, monkeypatch):
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 8, 10))
    monkeypatch.setattr(bootstrap.shutil, "which", lambda _name: None)
    with pytest.raises(bootstrap.SetupError, match=r"needs Python 3\.11 or later; this is 3\.8"):
        bootstrap.use_new_enough_python()


def test_an_old_python_hands_over_to_a_newer_one(bootstrap, monkeypatch):
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(bootstrap.sys, "argv", ["packaging/run.py", "shop"])
    monkeypatch.setattr(
        bootstrap.shutil, "which", lambda name: f"/usr/bin/{name}" if name == "python3.12" else None
    )
    called = []
    monkeypatch.setattr(bootstrap.subprocess, "call", lambda command, **_: called.append(command) or 0)
    with pytest.raises(SystemExit) as ended:
        bootstrap.use_new_enough_python()
    assert ended.value.code == 0
    assert called == [["/usr/bin/python3.12", "packaging/run.py", "shop"]]


def test_missing_libraries_are_named_as_debian_packages(bootstrap, monkeypatch):
    monkeypatch.setattr(bootstrap, "_loads", lambda library: library != "libxcb-cursor.so.0")
    monkeypatch.setattr(bootstrap, "_has_font", lambda _folder: True)
    assert bootstrap.missing_qt_packages() == ["libxcb-cursor0"]
    monkeypatch.setattr(bootstrap, "_has_font", lambda _folder: False)
    assert bootstrap.missing_qt_packages() == ["libxcb-cursor0", "fonts-dejavu-core"]


def test_elsewhere_the_one_command_is_printed(bootstrap, monkeypatch):
    monkeypatch.setattr(bootstrap, "is_debian", lambda: False)
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: "/usr/bin/dnf" if name == "dnf" else None)
    with pytest.raises(bootstrap.SetupError, match=r"sudo dnf install .*xcb-util-cursor"):
        bootstrap.install_packages(["libxcb-cursor0"], "Qt needs some libraries of the system")


def test_without_root_or_a_terminal_nothing_is_installed(bootstrap, monkeypatch):
    monkeypatch.setattr(bootstrap, "is_debian", lambda: True)
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(bootstrap.shutil, "which", lambda _name: None)
    monkeypatch.setattr(bootstrap.subprocess, "call", lambda *_a, **_k: pytest.fail("something was started"))
    with pytest.raises(bootstrap.SetupError, match="sudo apt-get install --no-install-recommends libegl1"):
        bootstrap.install_packages(["libegl1"], "Qt needs some libraries of the system")


def test_a_person_who_says_no_is_believed(bootstrap, monkeypatch):
    monkeypatch.setattr(bootstrap, "is_debian", lambda: True)
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(bootstrap.sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _question: "n")
    monkeypatch.setattr(bootstrap.subprocess, "call", lambda *_a, **_k: pytest.fail("something was started"))
    with pytest.raises(bootstrap.SetupError):
        bootstrap.install_packages(["libegl1"], "Qt needs some libraries of the system")


def test_a_second_start_installs_nothing(bootstrap, monkeypatch, tmp_path):
    stamp = tmp_path / "stamp"
    stamp.write_text(bootstrap._fingerprint(()))
    monkeypatch.setattr(bootstrap, "STAMP", stamp)
    monkeypatch.setattr(bootstrap, "_works", lambda _python: True)
    monkeypatch.setattr(bootstrap.subprocess, "call", lambda *_a, **_k: pytest.fail("something was started"))
    bootstrap.prepare()


def test_a_failing_pip_says_what_to_do(bootstrap, monkeypatch, tmp_path):
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "stamp")
    monkeypatch.setattr(bootstrap, "_works", lambda _python: True)
    monkeypatch.setattr(bootstrap.subprocess, "call", lambda *_a, **_k: 1)
    with pytest.raises(bootstrap.SetupError, match="config set global"):
        bootstrap.prepare(("dev",))
    assert not (tmp_path / "stamp").exists()


def test_a_changed_project_file_is_noticed(bootstrap, monkeypatch, tmp_path):
    before = bootstrap._fingerprint(())
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    assert bootstrap._fingerprint(()) != before


def test_an_interrupted_environment_is_made_anew(bootstrap, tmp_path):
    assert not bootstrap._works(tmp_path / "bin" / "python")
    half = tmp_path / "python"
    half.write_text(f"#!/bin/sh\nexec {sys.executable} -S -c 'raise SystemExit(1)'\n")
    half.chmod(0o755)
    assert not bootstrap._works(half)


def test_run_without_a_display_does_the_job_in_words(tmp_path):
    # The set-up itself is tested elsewhere; this runs the words on this very interpreter.
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); import bootstrap, pathlib, run;"
        "bootstrap.prepare = lambda *_: None; bootstrap.venv_python = lambda: pathlib.Path(sys.executable);"
        "bootstrap.has_display = lambda: False; sys.argv = ['run.py'] + sys.argv[2:]; sys.exit(run.main())"
    )
    project = tmp_path / "empty project"
    project.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", script, str(PACKAGING), str(project)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "no display" in done.stderr
    assert "The folder is empty" in done.stdout
