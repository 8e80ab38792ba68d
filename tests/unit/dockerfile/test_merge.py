"""Merging Dockerfiles: instructions stay whole, both versions stand where both changed, nothing of the person's is lost."""

import dockerfile as buildkit
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slimdesk.basics.errors import DockerfileError
from slimdesk.dockerfile.merge import BETWEEN, THEIRS, YOURS, merge_units
from slimdesk.dockerfile.units import Mark, decoded, encoded, mark_of, units

BASE = """FROM golang:1.26 AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.cache \\
    go build -o /app . && \\
    strip /app

FROM scratch
COPY --from=build /app /app
ENTRYPOINT ["/app"]
"""


def merged(yours, generated, base=BASE):
    return merge_units([unit.mark for unit in units(base)], units(yours), units(generated))


def changed(*pairs, text=BASE):
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


def test_changes_of_both_sides_come_together():
    mine = changed(
        ("WORKDIR /src\n", "WORKDIR /src\n# ours\nRUN true\n"), ("FROM scratch\n", "FROM scratch\nUSER 1\n")
    )
    now = changed(("1.26", "1.27"), ('["/app"]', '["/app", "serve"]'))
    found = merged(mine, now)
    assert found.conflicts == ()
    assert "\n".join(found.lines) + "\n" == changed(
        ("1.26", "1.27"), ('["/app"]', '["/app", "serve"]'),
        ("WORKDIR /src\n", "WORKDIR /src\n# ours\nRUN true\n"), ("FROM scratch\n", "FROM scratch\nUSER 1\n"),
    )  # fmt: skip


def test_a_line_right_behind_what_changed_stays_behind_it():
    found = merged(changed(("AS build\n", "AS build\nENV A=1\n")), changed(("1.26", "1.27")))
    assert found.lines[:3] == ("FROM golang:1.27 AS build", "ENV A=1", "WORKDIR /src")


def test_lines_of_one_instruction_that_both_changed():
    mine = changed(("    strip /app", "    strip /app && \\\n    true"))
    now = changed(("/root/.cache", "/root/.cache/go-build"))
    found = merged(mine, now)
    assert found.conflicts == ()
    text = "\n".join(found.lines)
    assert "/root/.cache/go-build \\\n    go build -o /app . && \\\n    strip /app && \\\n    true" in text
    clash = merged(changed(("go build", "go install")), changed(("go build", "go generate && go build")))
    assert len(clash.conflicts) == 1
    assert clash.lines.count(YOURS) == clash.lines.count(BETWEEN) == clash.lines.count(THEIRS) == 1


def test_a_new_stage_comes_behind_what_was_added_to_the_one_before():
    mine = changed(("    strip /app\n", "    strip /app\nRUN true\n"))
    now = changed(("    strip /app\n", "    strip /app\n\nFROM alpine AS tools\nRUN id\n"))
    text = "\n".join(merged(mine, now).lines)
    assert text.index("RUN true") < text.index("FROM alpine")


def test_a_stage_that_went_away_with_the_persons_line_in_it_is_shown():
    now = BASE[BASE.index("FROM scratch") :].replace("--from=build ", "")
    found = merged(changed(("COPY . .\n", "COPY . .\nRUN mine\n")), now)
    assert any("RUN mine" in conflict.yours for conflict in found.conflicts)
    assert found.lines[found.conflicts[0].line - 1] == YOURS


def test_a_pin_of_the_persons_stays_and_a_newer_one_comes():
    pin = "golang:1.26@sha256:" + "ab" * 32
    newer = "golang:1.26@sha256:" + "cd" * 32
    mine = changed(("golang:1.26", pin))
    assert merged(mine, BASE).lines[0] == f"FROM {pin} AS build"
    assert merged(mine, changed(("golang:1.26", newer))).lines[0] == f"FROM {newer} AS build"


def test_heredocs_are_one_unit():
    text = "FROM a\nRUN <<EOF\n# slimdesk\n\nFROM b\nEOF\n# c\n"
    assert [unit.keyword for unit in units(text)] == ["FROM", "RUN", ""]


@pytest.mark.parametrize("word", [".Fabcd", "-abcdefgh", "Fabcd..Rabcdabcd", ""])
def test_marks_are_written_and_read(word):
    assert encoded(decoded(word)) == word


@pytest.mark.parametrize("word", ["Fabc", "fabcd", "F", "Fabcd.\u0430bcd", "F abcd", "Fabcd,Rabcd"])
def test_what_is_no_mark_is_refused(word):
    with pytest.raises(ValueError, match="no mark"):
        decoded(word)


def test_what_changes_by_itself_has_the_same_mark():
    assert mark_of("FROM a:1@sha256:" + "0" * 64) == mark_of("FROM a:1   ")
    assert mark_of('"io.slimdesk.version"="1"') == mark_of('"io.slimdesk.version"="2.0"')
    assert mark_of("FROM a:1") != mark_of("FROM a:2")
    assert units("FROM a\n \n")[1].mark == Mark()


ADDED = st.sampled_from(["RUN true", "ENV A=1", "# mine", "", "EXPOSE 1", "RUN a && \\\n    b", "LABEL x=y"])


@settings(max_examples=150)
@given(st.data())
def test_every_added_line_survives_whatever_the_project_changes(data):
    blocks = [unit.lines for unit in units(BASE)]
    mine = []
    added = []
    for number, block in enumerate(blocks):
        mine += block
        if data.draw(st.booleans()):
            line = data.draw(ADDED)
            if line and number:
                line = f"{line} # {number}" if line.startswith("RUN true") else line
            mine += line.split("\n")
            added += line.split("\n")
    now = []
    for block in blocks:
        kind = data.draw(st.sampled_from(["same", "same", "change", "drop"])) if block[0] else "same"
        if kind == "change":
            now.append(block[0].replace("a", "b", 1) if block[0].startswith("RUN") else f"{block[0]}")
            now += block[1:]
        elif kind == "same" or block[0].startswith("FROM"):
            now += block
    new = "\n".join(now) + "\n"
    try:
        new_units = units(new)
    except DockerfileError:
        return
    found = merge_units([unit.mark for unit in units(BASE)], units("\n".join(mine) + "\n"), new_units)
    for line in added:
        assert line in found.lines
    if not found.conflicts:
        buildkit.parse_string("\n".join(found.lines) + "\n")
