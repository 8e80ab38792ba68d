"""explain against the contract: every Dockerfile of the test data, and what is none."""

import json

import pytest
from unit.cli.contract import CHECKOUT, SAMPLE_ARCHIVE, ask, closed_to_us

DATA = CHECKOUT / "tests/data/dockerfiles"


def test_buildkits_own_cases_keep_the_contract(capfd, tmp_path):
    path = tmp_path / "Dockerfile"
    for case in json.loads((DATA / "buildkit.json").read_text(encoding="utf-8"))[::5]:
        path.write_text(case["text"], encoding="utf-8")
        answer = ask(capfd, "explain", path, "--json")
        if answer.status == 2:
            assert answer.err.startswith((f"{path}:", "slimdesk explain: "))
            continue
        for stage in answer.json["stages"]:
            assert stage["instructions"][0]["keyword"] == "FROM"
            assert stage["instructions"][0]["line"] == stage["line"]
        assert all(one["keyword"] == "ARG" for one in answer.json["arguments"])
        ask(capfd, "explain", path)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("FROM x\nRUNN y\n", 2),
        ("RUN y\n", 1),
        ("FROM x\nCOPY a\n", 2),
        ("FROM x\nRUN <<EOF\nno end\n", 2),
        ("FROM x\n\x1b[31mRED y\n", 2),
        ("FROM x\nCOPY --froom=y a b\n", 2),
    ],
)
def test_what_buildkit_refuses_has_its_line(capfd, tmp_path, text, place):
    path = tmp_path / "Dockerfile with blanks ü"
    path.write_text(text)
    answer = ask(capfd, "explain", path, "--json")
    assert answer.status == 2
    assert answer.err.startswith(f"{path}:{place}: ")


@pytest.mark.parametrize(
    "words", [[""], ["/nowhere"], ["/nowhere\x1b[31m"], [DATA], [SAMPLE_ARCHIVE], [], ["a", "b"]]
)
def test_bad_calls_are_one_sentence(capfd, words):
    assert ask(capfd, "explain", *words, "--json").status == 2


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"\0" * 100, bytes(range(256)) * 50, b"FROM " + b"x" * 1_000_000 + b"\n"]
)
def test_bytes_of_any_kind(capfd, tmp_path, data):
    path = tmp_path / "Dockerfile"
    path.write_bytes(data)
    ask(capfd, "explain", path, "--json")


def test_a_closed_file(capfd):
    with closed_to_us() as (folder, nobody):
        (folder / "Dockerfile").write_text("FROM scratch\n")
        ask(capfd, "explain", folder / "Dockerfile")
        (folder / "Dockerfile").chmod(0)
        with nobody():
            answer = ask(capfd, "explain", folder / "Dockerfile", "--json")
    assert answer.status == 2
    assert "Permission denied" in answer.err
