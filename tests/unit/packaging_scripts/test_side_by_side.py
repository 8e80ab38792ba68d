"""The two runs of the test command: one is seen as it comes, the other after it, and neither's failure is lost."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

PACKAGING = Path(__file__).resolve().parents[3] / "packaging"

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere no engine is started, and it is one run"
)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(PACKAGING))
    spec = importlib.util.spec_from_file_location("packaging_test", PACKAGING / "test.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def played(command: ModuleType, monkeypatch: pytest.MonkeyPatch, first: int, second: int) -> list[str]:
    """Have both runs be small programs that end so; return the marks they were asked for."""
    asked: list[str] = []

    def program(marks: str, *_words: str) -> list[str]:
        asked.append(marks)
        word, code = ("others", first) if marks.startswith("not builds") else ("builds", second)
        return [sys.executable, "-c", f"import sys; print('{word} ' * 20_000); sys.exit({code})"]

    monkeypatch.setattr(command, "_pytest", program)
    return asked


@pytest.mark.parametrize("codes", [(0, 0), (1, 0), (0, 1)])
def test_both_are_printed_one_after_the_other_and_both_codes_told(
    command: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
    codes: tuple[int, int],
) -> None:
    asked = played(command, monkeypatch, *codes)
    assert command._side_by_side("not matrix", {}) == list(codes)
    words = capfdbinary.readouterr().out.split()
    assert words == [b"others"] * 20_000 + [b"builds"] * 20_000
    assert asked == ["not builds and not matrix", "builds and not matrix"]


def test_the_second_ends_with_the_first_where_that_is_broken_off(
    command: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    played(command, monkeypatch, 0, 0)
    began: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def remembered(*words: object, **more: object) -> subprocess.Popen[bytes]:
        began.append(popen(*words, **more))  # type: ignore[call-overload]
        return began[-1]

    def stopped(*_words: object, **_more: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(command.subprocess, "Popen", remembered)
    monkeypatch.setattr(command.subprocess, "call", stopped)
    with pytest.raises(KeyboardInterrupt):
        command._side_by_side("", {})
    assert [one.poll() is not None for one in began] == [True]


def test_every_test_is_in_one_of_them(command: ModuleType) -> None:
    assert command._pytest("not builds", "-x")[1:] == ["-m", "pytest", "-m", "not builds", "-x"]
    assert command._pytest("", "-x")[1:] == ["-m", "pytest", "-x"]
    root = PACKAGING.parent
    settings = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    assert {*command.FOLDERS, command.BENCHMARKS} == set(settings["testpaths"])
    marked = {
        "/".join(path.relative_to(root).parts[:2])
        for path in (root / "tests").rglob("test_*.py")
        if "mark" + ".builds" in path.read_text()
    }
    assert marked == set(command.BUILDING)
