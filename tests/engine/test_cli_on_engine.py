"""The command line on a real engine, held against its contract: build, analyze, verify and clean with all that they take."""

import asyncio
import subprocess
import sys
import time

import pytest
from engine import engines
from engine.conftest import BUSYBOX, import_busybox
from unit.cli.contract import ask

from slimdesk.engine.engine import Engine
from slimdesk.engine.model import BuildRequest

SERVES = "slimdesk-cli/serves:1"
SAYS = "slimdesk-cli/says:1"
SAME = "slimdesk-cli/reference:1"
DEBUG = "slimdesk-cli/debug:1"
# As the first process httpd would not hear SIGTERM.
SERVE = "trap 'exit 0' TERM; httpd -f -p 8080 -h /www & wait"
SAY = (
    "read line; echo in=$line word=$WORD args=$*; touch /tmp/x 2>/dev/null && echo writable; exit ${CODE:-0}"
)
IMAGES = {
    SERVES: f"FROM {BUSYBOX}\nRUN mkdir /www && echo hello > /www/index.html\nEXPOSE 8080\nUSER 65532:65532\n"
    f'CMD ["sh", "-c", "{SERVE}"]\n',
    SAYS: f'FROM {BUSYBOX}\nENTRYPOINT ["sh", "-c", "{SAY}", "says"]\n',
    SAME: f'FROM {BUSYBOX}\nENTRYPOINT ["sh", "-c", "{SAY}", "same"]\n',
    DEBUG: f"FROM {BUSYBOX}\nLABEL io.slimdesk.debug=true org.opencontainers.image.base.name={BUSYBOX}\n"
    "RUN echo 1 > /one\n",
}
# Stands for the compiler: what it "builds" is a program that starts and ends.
GO = """#!/bin/sh
while [ $# -gt 0 ]; do [ "$1" = -o ] && out=$2; shift; done
[ -z "$out" ] || { mkdir -p "${out%/*}" && cat /bin/true > "$out" && chmod 755 "$out"; }
"""


async def made(dockerfiles, folder):
    """Build on the engine that DOCKER_HOST names."""
    engine = await Engine.connect()
    for name, text in dockerfiles.items():
        result = await engine.build(BuildRequest(folder, text, "", name))
        assert result.error is None, result.error


async def removed(names):
    engine = await Engine.connect()
    for name in names:
        await engine.remove_image(name)


@pytest.fixture
def here(modern_engine, busybox_tar, monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", modern_engine)
    monkeypatch.chdir(tmp_path)
    import_busybox(modern_engine, busybox_tar)
    asyncio.run(made(IMAGES, tmp_path))
    yield tmp_path
    asyncio.run(removed(IMAGES))


def test_a_service_as_the_command_line_verifies_it(here, capfd):
    found = ask(capfd, "verify", SERVES, "--json").json
    assert (found["verdict"], found["kind"], found["port"]) == ("runs", "service", 8080)
    assert (found["http_status"], found["exit_code"]) == (200, None)
    assert found["user"] == "65532:65532"
    assert found["first_answer"] <= found["seconds"]
    for status, words in (
        (0, ["--http", "/nothing", "--status", "404"]),
        (1, ["--http", "/nothing", "--status", "200", "--timeout", "2"]),
        (0, ["--expect", "hello", "--read-only"]),
        (1, ["--expect", "good-bye"]),
        (1, ["--port", "81", "--timeout", "2"]),
        (0, ["--control", SAYS]),
        (0, ["--", "sh", "-c", SERVE.replace("/www", "/")]),
    ):
        answer = ask(capfd, "verify", f"docker://{SERVES}", "--json", *words)
        assert (answer.status, answer.json["verdict"]) == (status, ("runs", "fails")[status]), (words, answer)
    assert ask(capfd, "verify", SERVES).out.startswith("runs: ")


def test_a_command_as_the_command_line_verifies_it(here, capfd):
    (here / "env file").write_text("WORD=from the file\nCODE=3\n")
    words = ["--stdin", "a line\n", "--env-file", here / "env file", "--env", "CODE=4"]
    arguments = ["--", "--port", "b c"]
    text = "in=a line word=from the file args=--port b c"
    answer = ask(capfd, "verify", SAYS, "--json", *words, "--exit", "4", "--expect", text, *arguments)
    assert answer.status == 0, answer
    assert (answer.json["kind"], answer.json["port"], answer.json["exit_code"]) == ("command", None, 4)
    assert answer.json["first_answer"] is None
    # What was given in a file is found in its output, and not repeated.
    assert text.replace("from the file", "•••") in answer.json["log"]
    answer = ask(capfd, "verify", SAYS, "--json", *words)
    assert (answer.status, answer.json["exit_code"]) == (1, 4)
    assert ask(capfd, "verify", SAYS, "--json", "--expect", "writable").status == 0
    assert ask(capfd, "verify", SAYS, "--json", "--expect", "writable", "--read-only").status == 1
    answer = ask(capfd, "verify", SAYS, "--json", "--env", "CODE=7", "--control", SAME)
    assert (answer.status, answer.json["verdict"]) == (1, "not-proven")
    assert SAME in answer.json["reason"]


def test_services_of_a_compose_file_stand_beside_it(here, capfd):
    file = here / "compose.yaml"
    file.write_text(f"services:\n  files:\n    image: {BUSYBOX}\n    command: [httpd, -f, -p, '80', -h, /]\n")
    loop = "for i in 1 2 3 4 5 6 7 8; do nc files 80 </dev/null && exit 0; sleep 1; done; exit 1"
    words = ["verify", BUSYBOX, "--compose", file, "--json", "--", "sh", "-c", loop]
    answer = ask(capfd, *words)
    assert answer.status == 0, answer
    assert ask(capfd, "verify", BUSYBOX, "--json", "--", "sh", "-c", "nc files 80 </dev/null").status == 1


def test_what_the_engine_has_not(here, capfd):
    for words in (
        ["verify", "no/such:1"],
        ["verify", SERVES, "--control", "no/such:1"],
        ["verify", SERVES, "--platform", "linux/s390x"],
        ["verify", "Not A Name"],
        ["analyze", "no/such:1"],
        ["analyze", "docker://no/such:1"],
        ["analyze", "\x1b[31mred"],
    ):
        assert ask(capfd, *words, "--json").status == 2, words


def test_a_path_wins_and_docker_forces_the_engine(here, capfd):
    (here / "slimdesk-cli").mkdir()
    (here / SERVES).write_text("no image")
    assert ask(capfd, "analyze", SERVES, "--json").status == 2
    found = ask(capfd, "analyze", f"docker://{SERVES}", "--json").json
    assert found["source"] == "engine"
    assert found["verified"]
    assert [one["base"] for one in found["layers"]].count(None) in (0, len(found["layers"]))


def test_the_debug_variant_is_forbidden_where_that_is_asked(here, capfd):
    for fast in ([], ["--fast"]):
        answer = ask(capfd, "analyze", DEBUG, "--forbid-debug", *fast, "--json")
        assert answer.status == 1
        assert [one["base"] for one in answer.json["layers"]] == [True, False]
    assert ask(capfd, "analyze", SERVES, "--forbid-debug", "--json").status == 0
    (here / "rules").write_text("rules:\n  lowestEfficiency: 0.5\n  highestWastedBytes: disabled\n")
    assert ask(capfd, "analyze", SERVES, "--dive-ci", here / "rules", "--json").status == 0


def test_the_engine_is_told(here, capfd):
    found = ask(capfd, "engine", "--json").json
    assert found["reachable"]
    assert (found["reason"], found["store"]) == (None, "containerd")
    ask(capfd, "engine")


@pytest.fixture
def shop(throwaway_engine, busybox_tar, monkeypatch, tmp_path, capfd):
    """A Go project, on an engine of its own whose compiler image takes no time."""
    folder = tmp_path / "shöp front"
    folder.mkdir()
    (folder / "go.mod").write_text("module example.com/shop\n\ngo 1.24\n")
    (folder / "main.go").write_text("package main\nfunc main() {}\n")
    (tmp_path / "go").write_text(GO)
    monkeypatch.setenv("DOCKER_HOST", throwaway_engine.host)
    import_busybox(throwaway_engine.host, busybox_tar)
    base = ask(capfd, "generate", folder, "--baseline", "--json").json["image"]
    compiler = f"FROM {BUSYBOX}\nCOPY --chmod=755 go /bin/go\nRUN mkdir -p /etc/ssl/certs /usr/share/zoneinfo && touch /etc/ssl/certs/ca-certificates.crt\n"
    asyncio.run(made({base: compiler}, tmp_path))
    return folder


def test_every_option_of_a_build(shop, capfd):
    first = ask(capfd, "build", shop, "--family", "scratch", "--json")
    assert first.status == 0, first
    assert (first.json["tag"], first.json["context"], first.json["error"]) == (
        "slimdesk/shop:scratch",
        ".",
        None,
    )
    assert first.json["image_id"] == ask(capfd, "analyze", first.json["tag"], "--json").json["image_id"]
    assert all(step["error"] is None for step in first.json["steps"])
    assert {step["stage"] for step in first.json["steps"]} >= {None, "build", "final"}
    again = ask(capfd, "build", shop, "--family", "scratch", "--json").json
    assert any(step["cached"] for step in again["steps"])
    anew = ask(capfd, "build", shop, "--family", "scratch", "--no-cache", "--json").json
    assert not any(step["cached"] for step in anew["steps"] if " RUN " in step["name"])

    words = [
        "--debug",
        "--label",
        "team=a b",
        "--no-cache-mounts",
        "--set",
        "port=81",
        "--platform",
        "linux/amd64",
    ]
    debug = ask(capfd, "build", shop, "--family", "scratch", *words, "--json")
    assert debug.status in (0, 1)
    assert debug.json["tag"] == "slimdesk/shop:scratch-debug"
    baseline = ask(capfd, "build", shop, "--baseline", "--family", "slim", "--json").json
    assert baseline["tag"] == "slimdesk/shop:baseline"
    named = ask(
        capfd, "build", shop, "--family", "scratch", "--tag", "team/shop:2", "--label", "team=a b", "--json"
    ).json
    assert named["tag"] == "team/shop:2"
    assert ask(capfd, "verify", "team/shop:2", "--json").json["kind"] == "command"

    failed = ask(capfd, "build", shop, "--family", "scratch", "--mirror", "127.0.0.1:1/hub", "--json")
    assert failed.status == 1
    assert (failed.json["image_id"], failed.json["sizes"]) == (None, None)
    assert "127.0.0.1:1/hub" in failed.json["error"]["message"]

    (shop / "Dockerfile").write_text(f"FROM {BUSYBOX}\nRUN seq 100; exit 3\n")
    failed = ask(capfd, "build", shop, "--dockerfile", "Dockerfile", "--json")
    assert failed.status == 1
    assert failed.json["error"]["log"] == [str(number) for number in range(51, 101)]
    assert failed.json["tag"] == "slimdesk/shop:yours"

    held = ask(capfd, "clean", "--dry-run", "--json").json
    tags = {one["tag"] for one in held["removed"]}
    assert {"slimdesk/shop:scratch", "slimdesk/shop:baseline", "team/shop:2"} <= tags
    assert held["bytes"] == sum(one["bytes"] for one in held["removed"])
    assert ask(capfd, "clean", shop.parent, "--json").json == {"schema": 1, "removed": [], "bytes": 0}
    assert {one["tag"] for one in ask(capfd, "clean", shop, "--json").json["removed"]} == tags
    assert ask(capfd, "clean", "--json").json["removed"] == []


def test_an_engine_that_dies_in_the_middle_of_a_build(shop, throwaway_engine):
    (shop / "Dockerfile").write_text(f"FROM {BUSYBOX}\nRUN echo started; sleep 60\n")
    words = ["build", str(shop), "--dockerfile", str(shop / "Dockerfile"), "--json"]
    code = "import sys; from slimdesk.cli import main; sys.exit(main(sys.argv[1:]))"
    running = subprocess.Popen(
        [sys.executable, "-u", "-c", code, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    lines = []
    for line in running.stderr:
        lines.append(line)
        if line.strip() == "started":
            break
    began = time.monotonic()
    engines.kill(throwaway_engine)
    out, rest = running.communicate(timeout=60)
    assert time.monotonic() - began < 15
    assert (running.returncode, out) == (2, ""), rest
    assert rest.splitlines()[-1].startswith("slimdesk build: The build was interrupted")
    assert "Traceback" not in rest
