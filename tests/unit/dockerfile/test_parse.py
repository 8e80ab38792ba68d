"""What the recorded verdicts cannot show: places, names, long lines, directives, stages."""

import contextlib
import time

import pytest

from slimdesk.basics.errors import DockerfileError
from slimdesk.dockerfile.parse import parse


def refusal(text: str, name: str = "Dockerfile") -> DockerfileError:
    with pytest.raises(DockerfileError) as caught:
        parse(text, name)
    return caught.value


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("", 1, "no instructions"),
        ("# only\n# comments\n", 2, "no instructions"),
        ("FROM a\n\n# c\nRUN x \\\n  y\nFOO z\n", 6, "FOO"),
        ("ARG A=1\n", 1, "no FROM"),
        ("RUN x\nFROM a\n", 1, "RUN"),
        ("FROM a b\n", 1, "FROM takes"),
        ("FROM a\nCOPY onlyone\n", 2, "destination"),
        ("FROM a\nRUN <<EOF\nx\n", 2, "EOF"),
        ("FROM a\n# c\nENV A=1 \\\n  B\n", 3, "B is not"),
        ("FROM a as 1x\n", 1, "1x"),
        ("# escape=x\nFROM a\n", 1, "escape"),
        ("# syntax=a\n# syntax=b\nFROM a\n", 2, "twice"),
        ("# check=wrong\nFROM a\n", 1, "check"),
        ("FROM a\nCOPY --from=3 a b\n", 2, "no stage 3"),
        ("FROM a as x\nCOPY --from=y a b\nFROM x as y\n", 2, "not finished"),
        ("FROM a as x\nCOPY --from=y a b\nFROM b as y\nCOPY --from=x a b\n", 2, "needs itself"),
        ("FROM a\nRUN --mout=type=cache,target=/x y\n", 2, "--mout"),
        ("FROM ${NOPE}\n", 1, "empty"),
        ("FROM Upper\n", 1, "Upper"),
    ],
)
def test_says_where_and_why(text, line, word):
    error = refusal(text, "some/Dockerfile")
    assert error.line == line
    assert word in error.why
    assert f"some/Dockerfile:{line}" in error.what


def test_offers_what_was_meant():
    assert "RUN" in refusal("FROM a\nRUNN x\n").todo
    assert "--mount" in refusal("FROM a\nRUN --mout=x y\n").todo


def test_long_lines_end_where_buildkits_reader_ends():
    assert parse("FROM a\nRUN " + "x" * 65_531 + "\n").stages[0].instructions[1].form == "shell"
    assert "65532 bytes" not in refusal("FROM a\nRUN " + "x" * 65_532 + "\n").why
    assert refusal("FROM a\nRUN " + "x" * 65_532).line == 2
    # Two bytes per letter.
    assert refusal("FROM a\nRUN " + "é" * 32_767 + "\n").line == 2
    assert refusal("FROM a\nCOPY <<E /x\n" + "x" * 1_000_000 + "\nE\n").line == 3


def test_many_short_lines_are_no_long_one():
    body = " \\\n".join(["RUN true", *["  && echo some words"] * 20_000])
    run = parse(f"FROM a\n{body}\n").stages[0].instructions[1]
    assert (run.line, run.end_line) == (2, 20_002)
    assert len(run.layout) == 20_001


def test_nul_bytes_are_no_reason_to_crash():
    assert parse("FROM a\nRUN a\x00b\n").stages[0].instructions[1].arguments == ("a\x00b",)
    assert refusal("\x00FROM a\n").line == 1
    assert refusal("FROM a\x00b\n").line == 1


def test_utf16_is_refused_with_a_line():
    assert refusal("FROM alpine\n".encode("utf-16").decode("utf-8", "replace")).line == 1


def test_directives_stand_at_the_top_only_and_in_any_case():
    assert parse("# SYNTAX = x y \n#check=skip=all\nFROM a\n").directives == {
        "syntax": "x y",
        "check": "skip=all",
    }
    assert parse("# hello\n# escape=`\nFROM a\n").directives == {}
    assert parse("\n# escape=`\nFROM a\n").directives == {}


def test_stages_have_names_bases_and_platforms():
    found = parse(
        "ARG V=1\nFROM --platform=linux/arm64 a:$V AS Build\nFROM scratch\nCOPY --from=build /x /x\n"
    )
    assert [one.arguments for one in found.arguments] == [("V=1",)]
    first, second = found.stages
    assert (first.name, first.base, first.platform, first.line) == ("build", "a:$V", "linux/arm64", 2)
    assert (second.name, second.base, second.platform, second.line) == (None, "scratch", None, 3)
    assert first.instructions[0].arguments == ("a:$V", "AS", "Build")


def test_onbuild_keeps_the_trigger_as_written():
    found = parse("FROM a\nONBUILD copy --chown=1:1 . /app\n").stages[0].instructions[1]
    assert (found.keyword, found.arguments, found.form) == ("ONBUILD", ("COPY", "--chown=1:1 . /app"), None)


def test_deeply_nested_json_is_no_stack_overflow():
    assert "strings" in refusal("FROM a\nRUN " + "[" * 5000 + "]" * 5000 + "\n").why
    assert (
        parse("FROM a\nRUN " + "[" * 15_000 + "]" * 15_000 + "\n").stages[0].instructions[1].form == "shell"
    )


def test_a_stage_that_is_not_built_is_not_judged():
    text = "FROM a AS unused\nEXPOSE nonsense\nRUN --mount=type=nonsense x\nFROM b\n"
    assert len(parse(text).stages) == 2
    assert refusal(text.replace("FROM b", "FROM unused")).line == 2


BLANKS = " " * 60_000


@pytest.mark.parametrize(
    "text",
    [
        "ARG A="
        + "x" * 1000
        + "\n"
        + "".join(f"ARG A{n}=$A{n - 1 if n else ''}$A{n - 1 if n else ''}\n" for n in range(60))
        + "FROM $A59\n",
        f"# syntax=a{BLANKS}b\nFROM a\n",
        f"FROM a\nHEALTHCHECK --interval={'1' * 60_000} CMD x\n",
        f"FROM {'a-' * 30_000}\n",
        f"FROM {'a.' * 30_000}/b\n",
        f"ARG A={'a' * 60_000}\nFROM ${{A%%*b*c*d}}\n",
        f"FROM a\nCOPY --chmod={'u' * 60_000}! a b\n",
        f"FROM a\nRUN a \\{BLANKS}\n{BLANKS}x\n",
        f"FROM a\nRUN {'<<A ' * 10_000}\n" + "A\n" * 10_000,
        f"FROM a\nENV {'A=1 ' * 15_000}\n",
    ],
    ids=range(10),
)
def test_hostile_lengths_are_answered_at_once(text):
    started = time.process_time()
    with contextlib.suppress(DockerfileError):
        parse(text)
    # What looks back again and again takes minutes here.
    assert time.process_time() - started < 5
