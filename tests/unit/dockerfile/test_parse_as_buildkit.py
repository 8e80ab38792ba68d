"""Every recorded verdict of BuildKit: what it reads, we read alike; what it refuses, we refuse."""

import json
from pathlib import Path

import pytest

from slimdesk.basics.errors import DockerfileError
from slimdesk.dockerfile.model import Instruction
from slimdesk.dockerfile.parse import parse

ROWS = json.loads(
    (Path(__file__).parents[2] / "data" / "dockerfiles" / "buildkit.json").read_text(encoding="utf-8")
)
READ = [row for row in ROWS if "error" not in row]
REFUSED = [row for row in ROWS if "error" in row and "open" not in row]


def name(row):
    return row.get("name") or repr(row["text"].removeprefix("FROM alpine:3.20\n"))[:70]


def buildkit_arguments(row):
    """BuildKit's words in the model's terms: NAME=VALUE in one word, ONBUILD's keyword only."""
    words, keyword = row["arguments"], row["keyword"]
    if keyword in ("ENV", "LABEL"):
        triples = list(zip(words[::3], words[1::3], words[2::3], strict=True))
        if triples[0][2] == "":
            return words[:2]
        return [f"{key}={value}" for key, value, _ in triples]
    if keyword == "HEALTHCHECK":
        return [words[0].upper(), *words[1:]]
    if keyword == "ONBUILD":
        return [words[0].upper()]
    return words


def our_arguments(instruction: Instruction):
    words = list(instruction.arguments)
    return words[:1] if instruction.keyword == "ONBUILD" else words


@pytest.mark.parametrize("row", READ, ids=name)
def test_reads_what_buildkit_reads(row):
    found = list(parse(row["text"]).instructions())
    assert [one.keyword for one in found] == [one["keyword"] for one in row["instructions"]]
    for ours, theirs in zip(found, row["instructions"], strict=True):
        assert (ours.line, ours.end_line) == (theirs["line"], theirs["end_line"])
        assert list(ours.flags) == theirs["flags"]
        assert list(ours.heredocs) == theirs["heredocs"]
        assert our_arguments(ours) == buildkit_arguments(theirs)
        if ours.keyword in ("RUN", "CMD", "ENTRYPOINT", "SHELL"):
            assert ours.form == ("exec" if theirs["json"] else "shell")


@pytest.mark.parametrize("row", REFUSED, ids=name)
def test_refuses_what_buildkit_refuses(row):
    with pytest.raises(DockerfileError) as caught:
        parse(row["text"])
    lines = row["text"].count("\n") + 1
    assert caught.value.line is not None
    assert 1 <= caught.value.line <= lines
    assert caught.value.why


def test_there_are_many_of_both():
    assert len(READ) > 230
    assert len(REFUSED) > 190
    assert len([row for row in READ if "name" in row]) >= 25


@pytest.mark.parametrize("row", [row for row in ROWS if "open" in row], ids=name)
def test_what_only_the_build_can_know_is_not_refused(row):
    parse(row["text"])
