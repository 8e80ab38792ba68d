"""What a file says of itself: a first line for people, and a harmless last one that reads back as what was written."""

from dataclasses import replace

import dockerfile as buildkit
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimdesk import __version__
from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import without_controls
from slimdesk.dockerfile.parse import parse
from slimdesk.dockerfile.units import units
from slimdesk.project.model import Component, Fact
from slimdesk.recipes.generate import generate
from slimdesk.recipes.model import Options
from slimdesk.recipes.provenance import comment, heading, is_comment, is_heading, read_comment

PROGRAM = Component(
    "api", ".", "go", version="1.26", entrypoint=("/api",), facts=(Fact("module", "m"), Fact("package", "."))
)
TEXT = st.text(max_size=40).map(without_controls)
KEY = TEXT.filter(lambda text: text and "=" not in text)


@given(
    st.builds(
        Options,
        debug=st.booleans(),
        cache_mounts=st.booleans(),
        healthcheck=st.booleans(),
        syntax=st.booleans(),
        platform=st.sampled_from([None, "linux/arm64"]),
        packages=st.lists(KEY, max_size=3).map(tuple),
        mirrors=st.dictionaries(KEY, TEXT, max_size=3),
        settings=st.dictionaries(KEY, TEXT, max_size=3),
        labels=st.dictionaries(KEY, TEXT, max_size=3),
    )
)
def test_options_are_read_back(options):
    body = units("\nFROM a\nRUN true\n")
    line = comment(PROGRAM, "distroless", options, body)
    assert len(line.splitlines()) == 1
    found = read_comment(line)
    assert found.options == options
    assert (found.profile, found.family, found.component, found.path) == ("go", "distroless", "api", ".")
    assert found.lines == tuple(unit.mark for unit in body)
    # To BuildKit it is a comment, and no directive.
    read = parse(f"{line}\n# escape=`\nFROM a\n")
    assert (read.directives, len(read.stages)) == ({}, 1)


def test_the_first_line_stands_behind_the_directives_and_describes_no_stage(catalog):
    for options, at in ((Options(), 0), (Options(syntax=True), 1)):
        made = generate(PROGRAM, "slim", catalog, options)
        lines = made.text.splitlines()
        assert lines[at] == f"# Written by SlimDesk {__version__}: slim for api (go)"
        assert lines[at + 1] == ""
        assert lines[-2] == ""
        assert is_comment(lines[-1])
        assert (sum(map(is_comment, lines)), sum(map(is_heading, lines))) == (1, 1)
        assert [one.start_line for one in buildkit.parse_string(made.text)] == [
            one.line for one in made.dockerfile.instructions()
        ]
        assert parse(made.text).directives == made.dockerfile.directives


@given(TEXT)
def test_the_first_line_is_one_harmless_line_whatever_the_name_is(name):
    line = heading(replace(PROGRAM, name=name), None)
    assert len(line.splitlines()) == 1
    assert is_heading(line)
    assert not is_comment(line)
    assert parse(f"{line}\nFROM a\n").directives == {}


def test_editors_that_move_white_space_change_nothing():
    line = comment(PROGRAM, None, Options(), units("FROM a\n"))
    assert read_comment(f"  {line}  \r").family is None
    assert read_comment(line.replace("# slimdesk", "#slimdesk")).component == "api"
    assert read_comment("# slimdesk is great") is None
    assert read_comment("# slimdesk: yes") is None


def test_options_that_do_not_fit_into_a_line_are_refused(catalog):
    labels = {f"label{number}": "x" * 4000 for number in range(20)}
    with pytest.raises(BadInput, match="do not fit into one line"):
        generate(PROGRAM, "slim", catalog, Options(labels=labels))
