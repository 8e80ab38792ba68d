"""The rules for every call: what is a subcommand, bad words, a full disk, a reader that goes away, our own mistakes, the start."""

import io
import json
import subprocess
import sys

import pytest
from unit.cli.contract import CHECKOUT, SAMPLE, SAMPLE_ARCHIVE, ask

from slimdesk import __main__ as program
from slimdesk import cli
from slimdesk.cli import COMMANDS, main, output
from slimdesk.cli import detect as detect_command

LIGHT = {"PySide6", "qasync", "docker", "matplotlib", "numpy", "pygments", "jinja2", "yaml", "zstandard"}


@pytest.fixture
def window(monkeypatch):
    """Stands for the window's module: what it is called with."""
    opened = []
    module = type(sys)("slimdesk.app")
    module.main = lambda words: opened.append(words) or 0
    monkeypatch.setitem(sys.modules, "slimdesk.app", module)
    return opened


@pytest.mark.parametrize("words", [["./build"], ["build/"], ["buil"], [], ["some/build"], ["/x/detect"]])
def test_only_the_bare_word_is_the_subcommand(window, monkeypatch, words):
    monkeypatch.setattr(sys, "argv", ["slimdesk", *words])
    assert program.main() == 0
    assert window == [words]


def test_a_subcommand_wins_over_a_folder_of_its_name(window, monkeypatch, tmp_path, capfd):
    # A call takes what is there for good; the tests that follow in this process still look for cycles in it.
    monkeypatch.setattr("gc.freeze", lambda: None)
    (tmp_path / "detect").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["slimdesk", "detect", "detect", "--json"])
    assert program.main() == 0
    assert window == []
    assert json.loads(capfd.readouterr().out)["components"] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_help_and_a_call_that_means_nothing(command, capfd):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert "--json" in capfd.readouterr().out
    answer = ask(capfd, command, "--no-such-option\x1b[31m")
    assert answer.status == 2
    # An option by half its name would mean something else as soon as there is a second one.
    assert ask(capfd, command, "x", "--jso").status == 2


def test_no_command_at_all(capfd):
    for words in ([], ["bogus"]):
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert ended.value.code == 2
        shown = capfd.readouterr()
        assert (shown.out, shown.err.count("\n")) == ("", 1)


def test_an_answer_holds_no_lone_surrogate_and_no_nan(capfd):
    output.print_json({"a": ["caf\udce9 \\udce9 \U0001f600"], "b": {"\udce9": None}})
    out = capfd.readouterr().out
    assert out.isascii()
    assert json.loads(out) == {
        "schema": 1, "a": ["caf\\udce9 \\udce9 \U0001f600"], "b": {"\\udce9": None},
    }  # fmt: skip
    with pytest.raises(ValueError, match="not JSON compliant"):
        output.print_json({"a": float("nan")})


def test_a_mistake_of_ours_is_no_answer(monkeypatch, capfd):
    def broken(args):
        raise KeyError("\x1b[31mred")

    monkeypatch.setattr(detect_command, "run", broken)
    monkeypatch.delenv("SLIMDESK_TRACEBACK", raising=False)
    assert main(["detect", "."]) == 2
    shown = capfd.readouterr()
    assert (shown.out, shown.err.count("\n")) == ("", 1)
    assert "inside SlimDesk: KeyError" in shown.err
    assert "\x1b" not in shown.err
    monkeypatch.setenv("SLIMDESK_TRACEBACK", "1")
    with pytest.raises(KeyError):
        main(["detect", "."])


def test_letters_that_the_terminal_lacks_do_not_end_a_call(monkeypatch, tmp_path):
    folder = tmp_path / "プロジェクト"
    folder.mkdir()
    (folder / "go.mod").write_text("module example.com/shop\n\ngo 1.24\n")
    (folder / "main.go").write_text("package main\nfunc main() {}\n")
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["detect", str(tmp_path)]) == 0
    assert cli.main(["families", str(tmp_path)]) == 0
    assert rb"\u30d7" in out.buffer.getvalue()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /dev/full")
@pytest.mark.parametrize(
    "words",
    [
        ["detect", SAMPLE, "--json"],
        ["generate", SAMPLE, "--component", "api", "--family", "slim"],
        ["analyze", SAMPLE_ARCHIVE, "--fast"],
    ],
)
def test_a_full_disk_under_the_answer_is_a_sentence(words):
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        done = run(*words, stdout=full)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(f"slimdesk {words[0]}: ")
    assert "No space left" in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break otherwise there")
def test_a_reader_that_goes_away_is_told_nothing():
    code = (
        "import os, sys; from slimdesk.cli import main; r, w = os.pipe(); os.close(r); os.dup2(w, 1);"
        "sys.exit(main(sys.argv[1:]))"
    )
    done = run("detect", SAMPLE, "--json", code=code)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize(
    "words",
    [
        ["families", SAMPLE, "--component", "api"],
        ["generate", SAMPLE, "--component", "harbour-reports", "--family", "recommended", "--json"],
        ["explain", CHECKOUT / "pyproject.toml"],
        ["analyze", "/nowhere/app.tar"],
        ["build", "/nowhere", "--family", "slim"],
        ["verify", "img", "--port", "0"],
        ["clean", "/nowhere"],
    ],
)
def test_what_needs_no_engine_imports_nothing_heavy(words):
    code = (
        "import sys; from slimdesk.cli import main; main(sys.argv[1:]);"
        "print('imported:', *{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = run(*words, code=code)
    heavy = LIGHT - ({"yaml"} if words[0] in ("families", "generate") else set())
    assert not heavy & set(done.stderr.rpartition("imported: ")[2].split()), words


def run(*words, code="import sys; from slimdesk.cli import main; sys.exit(main(sys.argv[1:]))", **streams):
    streams.setdefault("stdout", subprocess.PIPE)
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        **streams,
    )
