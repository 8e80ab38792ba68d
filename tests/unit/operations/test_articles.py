"""Snippets as articles have them, broken in every way: each fault is named, and the mended text has no error left."""

import json
import time
from pathlib import Path

import pytest

from slimdesk.dockerfile.parse import parse
from slimdesk.operations.paste import read_pasted
from slimdesk.recipes.registry import PROFILES

FOLDER = Path(__file__).resolve().parents[2] / "data" / "dockerfiles" / "articles"
EXPECTED = json.loads((FOLDER / "expected.json").read_text())


@pytest.mark.parametrize("name", list(EXPECTED))
def test_every_fault_of_an_article_is_named_and_mended(name):
    expected = EXPECTED[name]
    pasted = read_pasted((FOLDER / f"{name}.txt").read_text())
    assert pasted.dockerfile is not None
    assert (pasted.error is not None) == expected["refused"]
    assert bool(pasted.syntax_fixes) == expected["refused"]
    assert bool(pasted.repairs) == bool(expected["repairs"])
    assert set(expected["faults"]) <= {finding.rule for finding in pasted.findings}
    for finding in pasted.findings:
        assert finding.line
        assert finding.message
        assert finding.fix
    parse(pasted.mended)
    assert [finding for finding in pasted.rewritten.left if finding.severity == "error"] == []


@pytest.mark.parametrize("name", [name for name, one in EXPECTED.items() if one["profile"] in PROFILES])
def test_an_article_comes_out_as_a_multi_stage_dockerfile(name):
    pasted = read_pasted((FOLDER / f"{name}.txt").read_text())
    assert pasted.rewrite is not None, pasted.rewritten.reason
    assert pasted.rewrite.generated.component.profile == EXPECTED[name]["profile"]
    parse(pasted.rewrite.text)
    assert [one for one in pasted.rewrite.findings_after if one.severity == "error"] == []
    assert pasted.rewrite.diff.startswith("--- Dockerfile\n+++ Dockerfile (rewritten)\n")
    final = pasted.rewrite.generated.dockerfile.stages[-1]
    user = [one for one in final.instructions if one.keyword == "USER"][-1].arguments[0]
    assert user.partition(":")[0].isdigit()
    assert not user.startswith("0")
    assert [one.form for one in final.instructions if one.keyword == "ENTRYPOINT"] == ["exec"]


def test_there_are_many_and_of_every_language():
    assert len(EXPECTED) >= 25
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(EXPECTED)
    profiles = [one["profile"] for one in EXPECTED.values()]
    assert all(
        profiles.count(profile) >= 2 for profile in ("go", "java", "node", "python", "rust", "cpp", "web")
    )


@pytest.mark.parametrize(
    "text",
    ["", "\0", "FROM", "hello", "FROM a\nFROM a AS a\nCOPY --from=9 x y\n", "[" * 50_000, "FROM x\n" * 400],
)
def test_anything_may_be_pasted(text):
    pasted = read_pasted(text)
    assert (pasted.dockerfile is None) == (pasted.mended is None)


@pytest.mark.parametrize(
    "line",
    ["ENV A=" + "b" * 60_000, "RUN " + "npm " * 2_000, "RUN " + "a && " * 500, "VOLUME " + "/a " * 500],
)
def test_a_long_line_takes_no_time_worth_telling(line):
    started = time.process_time()
    pasted = read_pasted(f"FROM python:3.13\n{line}\nRUN pip install -r requirements.txt\n")
    assert pasted.dockerfile is not None
    # A pattern that looks back again and again takes minutes here.
    assert time.process_time() - started < 20
