"""What is written is read back as one instruction per Instruction."""

import json
from dataclasses import replace
from pathlib import Path

import dockerfile as oracle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slimdesk.dockerfile import compose
from slimdesk.dockerfile.model import Dockerfile, Instruction, Stage
from slimdesk.dockerfile.parse import parse
from slimdesk.dockerfile.write import write, write_instruction

ROWS = json.loads(
    (Path(__file__).parents[2] / "data" / "dockerfiles" / "buildkit.json").read_text(encoding="utf-8")
)
READ = [row for row in ROWS if "error" not in row]


def without_lines(dockerfile: Dockerfile):
    stages = [
        (
            stage.name,
            stage.base,
            stage.platform,
            [replace(one, line=0, end_line=0) for one in stage.instructions],
        )
        for stage in dockerfile.stages
    ]
    return dockerfile.directives, [replace(one, line=0, end_line=0) for one in dockerfile.arguments], stages


@pytest.mark.parametrize("row", READ, ids=lambda row: row.get("name") or repr(row["text"])[-60:])
def test_reading_what_was_written_gives_the_same(row):
    first = parse(row["text"])
    text, placed = write(first)
    again = parse(text)
    assert without_lines(again) == without_lines(first)
    assert [(one.line, one.end_line) for one in placed.instructions()] == [
        (one.line, one.end_line) for one in again.instructions()
    ]
    assert write(again)[0] == text


def single(*body: Instruction) -> Dockerfile:
    return Dockerfile((compose.stage("final", "alpine:3.24", "the base", body),))


def test_layout_of_a_generated_file():
    build = compose.stage(
        "build",
        "golang:1.27",
        "the compiler",
        [
            compose.run(
                "why", "go mod download", "go build -o /out/app .", mounts=["type=cache,target=/go/pkg/mod"]
            )
        ],
        platform="$BUILDPLATFORM",
    )
    final = compose.stage(
        "final",
        "scratch",
        "nothing else",
        [
            compose.copy("the program", "/out/my app", "/app", from_="build", chown="65532:65532"),
            compose.user(65532, 65532, "not root"),
            compose.entrypoint(["/app", 'a "quoted" word'], "starts it"),
        ],
    )
    text, placed = write(Dockerfile((build, final), {"syntax": "docker/dockerfile:1"}))
    assert text == (
        "# syntax=docker/dockerfile:1\n"
        "\n"
        "FROM --platform=$BUILDPLATFORM golang:1.27 AS build\n"
        "RUN --mount=type=cache,target=/go/pkg/mod go mod download && \\\n"
        "    go build -o /out/app .\n"
        "\n"
        "FROM scratch AS final\n"
        'COPY --from=build --chown=65532:65532 ["/out/my app", "/app"]\n'
        "USER 65532:65532\n"
        'ENTRYPOINT ["/app", "a \\"quoted\\" word"]\n'
    )
    assert [(one.keyword, one.line, one.end_line) for one in placed.instructions()] == [
        ("FROM", 3, 3), ("RUN", 4, 5), ("FROM", 7, 7), ("COPY", 8, 8), ("USER", 9, 9), ("ENTRYPOINT", 10, 10),
    ]  # fmt: skip
    assert placed.stages[0].instructions[1].reason == "why"
    assert placed.stages[1].line == 7


def test_many_values_stand_on_lines_of_their_own():
    names = {f"NAME_{number}": "a value of some length" for number in range(5)}
    text, _ = write(single(compose.env("why", None, **names)))
    assert text.count("\\\n    NAME_") == 4


HOSTILE = [
    "x\nRUN rm -rf /", '"; RUN rm -rf /', "$(touch /x)", "${HOME}", "`id`", "a\\", "\\", "'", '"', "it's", "\x1b[31mred", "\u202egnp.exe",
    "\x00", "a\r\nUSER 0", "<<EOF", "--from=x", "[a]", "#", " leading", "trailing ", "a\u2028b", "[id]", "é 漢", "x" * 30_000,
]  # fmt: skip


def count(text: str) -> int:
    return len(oracle.parse_string(text))


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value)[:24])
def test_what_a_project_says_never_becomes_an_instruction(value):
    found = single(
        compose.env("why", None, NAME=value),
        compose.label({"org.example.title": value}, "why"),
        compose.arg("NAME", "why", value),
        compose.workdir("/" + value, "why"),
        compose.copy("why", "./" + value, "/app/", chown="1:1"),
        compose.run("why", f"echo {compose_word(value)}"),
        compose.run_exec("why", "/bin/echo", value),
        compose.healthcheck(["/probe", value], "why"),
        compose.entrypoint(["/app", value], "why"),
    )
    text, placed = write(found)
    assert count(text) == 10
    assert [one.keyword for one in placed.instructions()] == [
        one.cmd.upper() for one in oracle.parse_string(text)
    ]
    assert not set(text) & set("\x00\x1b\r\u2028\u202e")


def compose_word(value: str) -> str:
    from slimdesk.basics.escaping import shell_word

    return shell_word(value)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_any_text_at_all(value):
    found = single(
        compose.env("why", None, NAME=value),
        compose.copy("why", "./a" + value, "/b" + value),
        compose.entrypoint(["/app", value], "why"),
    )
    text, _ = write(found)
    assert count(text) == 4


@pytest.mark.parametrize(
    "wrong",
    [
        Instruction("RUN", ("a\nUSER root",), form="shell"),
        Instruction("RUN", ("a \\",), form="shell"),
        Instruction("RUN", ("",), form="shell"),
        Instruction("RUN", ('["a"]',), form="shell"),
        Instruction("RUN", ("cat <<EOF",), form="shell"),
        Instruction("RUN", ("a && b",), form="shell", layout=("a &&", "# b")),
        Instruction("RUN", ("cat <<EOF",), form="shell", heredocs=("EOF\nUSER root\n",)),
        Instruction("ENV", ("A=b c",)),
        Instruction("USER", ("1 \\",)),
        Instruction("EXPOSE", ("80\nUSER root",)),
        Instruction("COPY", ("a",)),
        Instruction("COPY", ("a", "<<EOF")),
        Instruction("COPY", ("a", "b"), ("--from=x\nUSER root",)),
        Instruction("NONSENSE", ("a",)),
        Instruction("FROM", ("b",)),
    ],
    ids=lambda one: f"{one.keyword} {one.arguments}",
)
def test_a_model_that_cannot_be_written_is_an_internal_error(wrong):
    with pytest.raises(ValueError, match=r"is read as|are read as|cannot be read|announces"):
        write(Dockerfile((Stage((Instruction("FROM", ("a",)), wrong), base="a"),)))


def test_a_stage_that_says_something_else_than_its_from():
    with pytest.raises(ValueError, match="stage"):
        write(Dockerfile((Stage((Instruction("FROM", ("a",)),), base="b"),)))


def test_flags_with_blanks_are_quoted():
    run = Instruction("RUN", ("x",), ('--mount=type=bind,"source=a b",target=/c',), "shell")
    text, placed = write(single(run))
    assert parse(text).stages[0].instructions[1].flags == run.flags == placed.stages[0].instructions[1].flags


def test_flags_of_a_wide_run_stand_on_lines_of_their_own():
    mounts = ("type=cache,target=/root/.cache/pip,sharing=locked", "type=cache,target=/root/.cache/pypoetry")
    wide = compose.run("Installs", "poetry install --only main --no-root", "poetry check", mounts=mounts)
    text = write_instruction(wide)
    assert text.splitlines() == [
        "RUN --mount=type=cache,target=/root/.cache/pip,sharing=locked \\",
        "    --mount=type=cache,target=/root/.cache/pypoetry \\",
        "    poetry install --only main --no-root && \\",
        "    poetry check",
    ]
    again = parse("FROM a\n" + text + "\n").stages[0].instructions[1]
    assert again.flags == wide.flags
    assert again.arguments[0].split() == wide.arguments[0].split()


@pytest.mark.parametrize("command", ["true", "# is no comment here", "-- x"])
def test_a_narrow_run_or_one_that_would_become_a_comment_stays_on_one_line(command):
    mount = (
        "type=cache,target=/cache" if command != "# is no comment here" else "type=cache,target=/" + "c" * 100
    )
    assert "\n" not in write_instruction(compose.run("r", command, mounts=(mount,)))


def test_a_wide_run_with_a_heredoc_is_read_back():
    text = f"FROM a\nRUN --mount=type=cache,target=/{'c' * 100} cat <<EOF\nhello\nEOF\n"
    assert write(parse(text))[0] == text
