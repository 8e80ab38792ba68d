"""detect, families and generate against the contract: every key and kind, and projects of all sorts of bad input."""

import json
import os
import subprocess
import sys

import dockerfile as buildkit
import pytest
from unit.cli.contract import SAMPLE, ask, closed_to_us

from slimdesk.catalog.model import FAMILIES

GO = {"go.mod": "module example.com/shop\n\ngo 1.24\n", "main.go": "package main\nfunc main() {}\n"}
HOSTILE = [
    '"; RUN rm -rf /',
    "a\nRUN touch /owned\n",
    "a\r\nRUN touch /owned",
    "\x1b[31mred\x07",
    "'; touch /owned #",
    "$(touch /owned) `touch /owned` ${HOME}",
    "\u2028RUN touch /owned\u202e",
    "\\\nRUN touch /owned",
    "<<EOF",
    "a" * 1_000_000,
]


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "prøject with blanks"
    made.mkdir()
    return made


def test_the_sample_project_keeps_the_contract(capfd):
    found = ask(capfd, "detect", SAMPLE, "--json")
    assert (found.status, found.err) == (0, "")
    names = [one["name"] for one in found.json["components"]]
    assert len(set(names)) == len(names) == 2
    assert found.json["services"]
    for one in found.json["components"]:
        # A name and a path mean the same component.
        for word in (one["name"], one["path"], f"./{one['path']}/"):
            assert (
                ask(capfd, "families", SAMPLE, "--component", word, "--json").json["component"] == one["name"]
            )
        table = ask(capfd, "families", SAMPLE, "--component", one["name"], "--json").json["families"]
        assert [row["family"] for row in table] == list(FAMILIES)
        (best,) = [row for row in table if row["recommended"]]
        assert best["available"]
        assert all(row["reason"] for row in table)
        for row in table:
            call = ("generate", SAMPLE, "--component", one["name"], "--family", row["family"], "--json")
            answer = ask(capfd, *call)
            assert answer.status == (0 if row["available"] else 2)
            if not row["available"]:
                assert "Choose one of" in answer.err
                continue
            assert (answer.json["family"], answer.json["context"]) == (row["family"], one["path"])
            lines = answer.json["dockerfile"].splitlines()
            for line in answer.json["lines"]:
                assert lines[line["line"] - 1].startswith(line["keyword"])
                assert line["reason"]
                assert line["end_line"] >= line["line"]
        chosen = ask(
            capfd, "generate", SAMPLE, "--component", one["name"], "--family", "recommended", "--json"
        )
        assert chosen.json["family"] == best["family"]
        baseline = ask(capfd, "generate", SAMPLE, "--component", one["name"], "--baseline", "--json").json
        assert baseline["family"] == "baseline"
        assert baseline["dockerfile"].count("FROM ") == 1


def test_a_debug_target_is_what_debug_names(capfd):
    words = ("generate", SAMPLE, "--component", "api", "--debug", "--json")
    for family in ("distroless", "scratch", "slim"):
        found = ask(capfd, *words, "--family", family).json
        stages = [line for line in found["dockerfile"].splitlines() if line.startswith("FROM ")]
        assert any(line.endswith(f" AS {found['target']}") for line in stages)


@pytest.mark.parametrize(
    "words",
    [
        ("detect", ""),
        ("detect", "/nowhere/at/all"),
        ("detect", f"{SAMPLE}/compose.yaml"),
        ("detect", SAMPLE, "\x1b[31mred"),
        ("detect", SAMPLE, "--bogus"),
        ("detect", SAMPLE, "--js"),
        ("detect",),
        ("families", SAMPLE),
        ("families", SAMPLE, "--component", ""),
        ("families", SAMPLE, "--component", "x\x1b[31mred"),
        ("families", SAMPLE, "--component", "api+harbour-reports"),
        ("generate", SAMPLE, "--component", "api"),
        ("generate", SAMPLE, "--component", "api", "--family", "small"),
        ("generate", SAMPLE, "--component", "api", "--family", "slim", "--set", ""),
        ("generate", SAMPLE, "--component", "api", "--family", "slim", "--set", "port=x"),
        ("generate", SAMPLE, "--component", "api", "--family", "slim", "--set", "nothing=1"),
        ("generate", SAMPLE, "--component", "api", "--family", "slim", "--label", "team"),
        ("generate", SAMPLE, "--component", "api", "--family", "slim", "--label", "a\nRUN x=b"),
        ("generate", SAMPLE, "--component", "api", "--family", "slim", "--mirror", "x\nRUN x"),
        ("generate", SAMPLE, "--component", "api", "--family", "slim", "--mirror", ""),
        ("generate", SAMPLE, "--component", "api", "--family", "slim", "--output", ""),
        ("generate", SAMPLE, "--component", "api", "--family", "slim", "--output", SAMPLE),
    ],
)
def test_bad_calls_are_one_sentence(capfd, words):
    assert ask(capfd, *words, "--json").status == 2


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("kind", ["go", "node", "python", "corrections"])
def test_hostile_values_stay_words(capfd, folder, kind, text):
    word, line = json.dumps(text), text.splitlines()[0] if text.splitlines() else text
    files = {
        "go": {"go.mod": f"module example.com/{text}\n\ngo 1.24\n", "main.go": "package main\nfunc main() {}\n"},
        "node": {
            "package.json": '{"name": %s, "version": %s, "main": %s, "engines": {"node": %s}, "packageManager": %s,'
            ' "scripts": {"start": %s, "build": %s}, "dependencies": {"express": %s, %s: "1"}}' % ((word,) * 9),
            "package-lock.json": '{"lockfileVersion": 3}',
        },
        "python": {
            "requirements.txt": f"flask\n{line}\n", "runtime.txt": text, ".python-version": text,
            "Procfile": f"web: {text}\n", "app.py": "from flask import Flask\napp = Flask(__name__)\n",
        },
        "corrections": {
            **GO, ".env.example": f"{text}={text}\n", ".dockerignore": text,
            "compose.yaml": f"services:\n  {word}:\n    image: {word}\n    command: {word}\n",
            "slimdesk.toml": f"[components.shop]\nentrypoint = [{word}]\nbuild = {word}\n",
        },
    }[kind]  # fmt: skip
    write(folder, files)
    found = ask(capfd, "detect", folder, "--json")
    ask(capfd, "detect", folder)
    assert found.status == 0
    for component in found.json["components"]:
        for family in ("full", "recommended"):
            words = ("--component", component["name"], "--family", family)
            made = ask(capfd, "generate", folder, *words, "--json")
            if made.status == 2:
                continue
            text = made.json["dockerfile"]
            assert not any(line.lstrip().startswith("RUN touch /owned") for line in text.splitlines())
            assert not any(line.strip() == "RUN rm -rf /" for line in text.splitlines())
            if len(text) < 50_000:
                buildkit.parse_string(text)
            assert ask(capfd, "generate", folder, *words).out == text


@pytest.mark.parametrize(
    "files",
    [
        {"package.json": "{", "a.js": ""},
        {"package.json": "[" * 100_000},
        {"package.json": '{"scripts": [], "dependencies": 5, "engines": "x", "workspaces": 7, "bin": [1], "main": {}}'},
        {"package.json": '{"name": "x", "main": "a.js"}', "package-lock.json": "no JSON", "a.js": ""},
        {"package.json": '{"name": "x", "main": "a.js"}', "pnpm-lock.yaml": "\t: {{{ [", "a.js": ""},
        {"pyproject.toml": "no = = TOML", "app.py": ""},
        {"pyproject.toml": '[project]\nname = "x"\n', "uv.lock": "[[[", "poetry.lock": b"\0\1", "app.py": ""},
        {"Pipfile": "[[", "Pipfile.lock": "{", "app.py": ""},
        {"go.mod": b"\0\xff garbage", "main.go": "package main\nfunc main() {}\n"},
        {**GO, "compose.yaml": "a: &a [*a, *a]\n" + "x: " + "[" * 5000},
        {**GO, "slimdesk.toml": "= ="},
        {name: bytes(range(256)) for name in ("package.json", "go.mod", "pyproject.toml", "Procfile", ".nvmrc")},
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_its_name_says_is_a_problem_with_its_place(capfd, folder, files):
    found = ask(capfd, "detect", write(folder, files), "--json")
    assert found.status == 0
    problems = [*found.json["problems"], *(p for one in found.json["components"] for p in one["problems"])]
    assert problems
    assert all(p["evidence"] is None or p["evidence"]["path"] in files for p in problems)
    for component in found.json["components"]:
        assert ask(capfd, "families", folder, "--component", component["name"], "--json").status == 0


def test_a_version_of_the_future_is_told_and_not_written(capfd, folder):
    write(folder, {**GO, "go.mod": "module example.com/shop\n\ngo 9.99\n"})
    ask(capfd, "detect", folder, "--json")
    for family in FAMILIES:
        found = ask(capfd, "generate", folder, "--family", family, "--json")
        if found.status == 0:
            assert "golang:9.99" not in found.json["dockerfile"]
            assert any("9.99" in one["reason"] for one in found.json["lines"])
        else:
            assert found.err


def test_two_languages_in_one_folder_are_two_components(capfd, folder):
    write(folder, {**GO, "package.json": '{"name": "web", "main": "a.js", "dependencies": {"express": "5"}}',
                   "package-lock.json": '{"lockfileVersion": 3}', "a.js": ""})  # fmt: skip
    found = ask(capfd, "detect", folder, "--json").json
    assert sorted(one["profile"] for one in found["components"]) == ["go", "node"]
    answer = ask(capfd, "families", folder)
    assert answer.status == 2
    assert all(one["name"] in answer.err for one in found["components"])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has file names that are no UTF-8")
def test_names_that_are_no_utf_8_are_escaped_in_every_answer(capfd, folder):
    write(folder, GO)
    inner = folder / os.fsdecode(b"caf\xe9")
    write(inner, {"package.json": '{"main": "a.js"}', "a.js": "", "package-lock.json": "{}"})
    found = ask(capfd, "detect", folder, "--json")
    assert "\\ud" not in found.out.replace("\\\\ud", "")
    ask(capfd, "detect", folder)
    for component in found.json["components"]:
        words = ("--component", component["name"], "--family", "full")
        ask(capfd, "generate", folder, *words)
        ask(capfd, "generate", folder, *words, "--json")


def test_a_folder_that_is_closed(capfd):
    with closed_to_us() as (folder, nobody):
        write(folder, {**GO, "shut/package.json": "{}", "whole/go.mod": ""})
        ask(capfd, "generate", folder, "--family", "slim")
        (folder / "shut").chmod(0)
        (folder / "whole").chmod(0)
        with nobody():
            found = ask(capfd, "detect", folder, "--json")
            closed = ask(capfd, "detect", folder / "whole", "--json")
            unwritten = ask(
                capfd, "generate", folder, "--family", "slim", "--output", folder / "whole/Dockerfile"
            )
    assert any("shut" in one["message"] for one in found.json["problems"])
    assert [one["profile"] for one in found.json["components"]] == ["go"]
    assert closed.status == 2
    assert "permission denied" in closed.err
    assert unwritten.status == 2


def test_a_dockerfile_that_is_there_is_kept_and_nothing_is_left_by_half(capfd, folder, tmp_path):
    write(folder, {**GO, "Dockerfile": "FROM scratch\n" + "# mine\n" * 1000})
    mine = (folder / "Dockerfile").read_text()
    words = ("generate", folder, "--family", "slim", "--output", folder / "Dockerfile")
    assert ask(capfd, *words).status == 2
    pytest.importorskip("resource", reason="this system cannot limit what a process writes")
    # A file may grow to 100 bytes: what a full disk does, without one.
    code = (
        "import resource, signal, sys; from slimdesk.cli import main; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)); sys.exit(main(sys.argv[1:]))"
    )
    for extra in ((*words, "--force"), (*words[:-1], folder / "new")):
        done = subprocess.run(
            [sys.executable, "-B", "-c", code, *map(str, extra)], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
        assert sorted(path.name for path in folder.iterdir()) == ["Dockerfile", "go.mod", "main.go"]
    assert (folder / "Dockerfile").read_text() == mine
    assert ask(capfd, *words, "--force").status == 0
    assert (folder / "Dockerfile.orig").read_text() == mine
