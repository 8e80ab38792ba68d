"""Against BuildKit's own parser, as PyPI `dockerfile` packs it: structure of lines, keywords, flags, heredocs.

That parser knows neither unknown instructions nor arguments that are missing, so it accepts more than a build does.
"""

import json
import re
from pathlib import Path

import dockerfile as oracle
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slimdesk.basics.errors import DockerfileError
from slimdesk.dockerfile.instructions import KEYWORDS, holds_heredoc
from slimdesk.dockerfile.lines import read_source
from slimdesk.dockerfile.parse import parse
from slimdesk.dockerfile.statement import split_statement

ROWS = json.loads(
    (Path(__file__).parents[2] / "data" / "dockerfiles" / "buildkit.json").read_text(encoding="utf-8")
)

PIECES = [
    "FROM a\n", "FROM a AS b\n", "RUN ", "COPY ", "ENV ", "CMD ", "ONBUILD ", "LABEL a=b", "ARG X", "USER u", "HEALTHCHECK CMD ",
    "a", "b c", "/x", "A=1", '"q r"', "'s t'", '["a", "b"]', "[1]", "[", "]", "<<EOF", "<<-EOF", "<<'E F'", "EOF", "\nEOF\n",
    "\tEOF\n", "\\\n", "\\ \n", "`\n", "\\", "\n", "\n\n", "  ", "\t", "# c\n", "#", "# escape=`\n", "# syntax=x\n", "--from=b ",
    "--mount=type=cache,target=/c ", "$X", "${X}", "${", "\r\n", "&& ", "|", "=", ",", "--",
]  # fmt: skip


def texts():
    files = st.lists(st.sampled_from(PIECES), max_size=25).map("".join).map(lambda text: "FROM x\n" + text)
    # The packed parser is older: it drops what stands behind a JSON list, where BuildKit 0.33 takes all as plain text.
    return files.filter(lambda text: not re.search(r"\][^\S\n]*\S", text))


def ours(text: str):
    """Keywords, lines, flags and heredocs, without any judgement of the arguments."""
    source = read_source(text, holds_heredoc)
    found = []
    for statement in source.statements:
        split = split_statement(statement.text, source.escape)
        bodies = tuple(heredoc.content for heredoc in statement.heredocs)
        found.append((split.keyword.upper(), statement.line, statement.end_line, split.flags, bodies))
    return found


def theirs(text: str):
    return [
        (
            (one.cmd or "").upper(),
            one.start_line,
            one.end_line,
            one.flags,
            tuple(h.content for h in one.heredocs),
        )
        for one in oracle.parse_string(text)
    ]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts())
def test_the_structure_of_lines_is_buildkits(text):
    try:
        expected = theirs(text)
    except oracle.GoParseError:
        # What its parser refuses a build refuses, so must we.
        with pytest.raises(DockerfileError):
            parse(text)
        return
    assert ours(text) == expected


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts())
def test_what_we_read_buildkits_parser_reads_alike(text):
    try:
        found = list(parse(text).instructions())
    except DockerfileError:
        return
    expected = oracle.parse_string(text)
    assert [one.keyword for one in found] == [one.cmd.upper() for one in expected]
    for mine, other in zip(found, expected, strict=True):
        if mine.keyword in ("RUN", "CMD", "ENTRYPOINT", "SHELL"):
            assert mine.arguments == other.value
            assert (mine.form == "exec") == other.json


@pytest.mark.parametrize(
    "row", [row for row in ROWS if "name" in row and "error" not in row], ids=lambda row: row["name"]
)
def test_whole_files(row):
    assert ours(row["text"]) == theirs(row["text"])


def test_the_keywords_are_the_oracles():
    assert {word.upper() for word in oracle.all_cmds()} == KEYWORDS
