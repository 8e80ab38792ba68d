"""`slimdesk explain`: the JSON's keys, the words, and what BuildKit refuses."""

import json

import pytest

from slimdesk.cli import main
from slimdesk.dockerfile import hadolint

TEXT = """# syntax=docker/dockerfile:1
ARG GO=1.27
FROM --platform=linux/amd64 golang:${GO}-trixie AS build
RUN <<EOF
CGO_ENABLED=0 go build
EOF
onbuild run echo "é"

FROM gcr.io/distroless/static-debian13:nonroot
COPY --from=build --chown=65532:65532 /app /app
ENTRYPOINT ["/app"]
CMD --x || serve
""".replace("CMD --x || serve", "CMD serve")


@pytest.fixture
def dockerfile(tmp_path):
    path = tmp_path / "Dockerfile"
    path.write_text(TEXT, encoding="utf-8")
    return path


def answer(capsys, *words):
    status = main(["explain", *map(str, words)])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_json(dockerfile, capsys):
    status, out, err = answer(capsys, dockerfile, "--json")
    assert (status, err) == (0, "")
    assert out.isascii()
    found = json.loads(out)
    assert found["schema"] == 1
    assert found["directives"] == {"syntax": "docker/dockerfile:1"}
    assert found["arguments"] == [
        {
            "line": 2,
            "end_line": 2,
            "keyword": "ARG",
            "flags": [],
            "arguments": ["GO=1.27"],
            "heredocs": [],
            "form": None,
        }
    ]
    build, final = found["stages"]
    assert {key: build[key] for key in ("name", "base", "platform", "line")} == {
        "name": "build", "base": "golang:${GO}-trixie", "platform": "linux/amd64", "line": 3,
    }  # fmt: skip
    assert [one["keyword"] for one in build["instructions"]] == ["FROM", "RUN", "ONBUILD"]
    assert build["instructions"][1] == {
        "line": 4, "end_line": 6, "keyword": "RUN", "flags": [], "arguments": ["<<EOF"],
        "heredocs": ["CGO_ENABLED=0 go build\n"], "form": "shell",
    }  # fmt: skip
    assert (final["name"], final["platform"], final["line"]) == (None, None, 9)
    assert final["instructions"][1]["flags"] == ["--from=build", "--chown=65532:65532"]
    assert final["instructions"][2]["form"] == "exec"
    (finding,) = found["findings"]
    assert {"rule", "severity", "message", "path", "line", "bytes", "fix"} <= set(finding)
    assert (finding["rule"], finding["severity"], finding["line"]) == ("shell-form", "error", 12)
    assert finding["path"] == str(dockerfile)


def test_words(dockerfile, capsys):
    status, out, _ = answer(capsys, dockerfile)
    assert status == 0
    assert "Stage build, on golang:${GO}-trixie, for linux/amd64" in out
    assert "takes files from the stage build to /app" in out
    assert "error: line 12" in out


@pytest.mark.parametrize("flag", [[], ["--json"]])
def test_what_buildkit_refuses(tmp_path, capsys, flag):
    path = tmp_path / "Dockerfile"
    path.write_text("FROM a\n\nRUNN \x1b[31mx\n")
    status, out, err = answer(capsys, path, *flag)
    assert (status, out) == (2, "")
    assert err.startswith(f"{path}:3: unknown instruction RUNN")
    assert err.count("\n") == 1


def test_an_empty_file(tmp_path, capsys):
    path = tmp_path / "Dockerfile"
    path.write_bytes(b"")
    status, out, err = answer(capsys, path)
    assert (status, out) == (2, "")
    assert err.startswith(f"{path}:1: the file has no instructions")


@pytest.mark.parametrize("kind", ["missing", "folder", "nul"])
def test_a_file_that_cannot_be_read(tmp_path, capsys, kind):
    path = {"missing": tmp_path / "nope", "folder": tmp_path, "nul": f"{tmp_path}/a\x00b"}[kind]
    status, out, err = answer(capsys, path, "--json")
    assert (status, out) == (2, "")
    assert err.count("\n") == 1


def test_a_path_with_blanks_and_letters(tmp_path, capsys):
    path = tmp_path / "größe und maß" / "Docker file"
    path.parent.mkdir()
    path.write_bytes(b"\xef\xbb\xbfFROM scratch\r\nCOPY a \xff\r\nUSER 1\r\n")
    status, out, _ = answer(capsys, path, "--json")
    assert status == 0
    assert json.loads(out)["stages"][0]["instructions"][1]["arguments"] == ["a", "\ufffd"]


def test_hostile_words_do_not_reach_the_terminal(tmp_path, capsys):
    path = tmp_path / "Dockerfile"
    path.write_text('FROM scratch\nLABEL a="\x1b]0;x\x07"\nUSER 1\nCMD ["\\u001b[31m"]\n')
    _, out, _ = answer(capsys, path)
    assert "\x1b" not in out
    assert "\x07" not in out


def test_hadolint_is_asked_on_demand(dockerfile, capsys, monkeypatch):
    _, out, _ = answer(capsys, dockerfile, "--json")
    assert json.loads(out)["hadolint"] is None
    monkeypatch.setattr(hadolint, "find_hadolint", lambda: None)
    status, out, err = answer(capsys, dockerfile, "--json", "--hadolint")
    assert status == 0
    assert json.loads(out)["hadolint"] == {"run": False, "reason": "hadolint is not installed"}
    assert "Not run: hadolint is not installed" in err


def test_exec_form_is_shown_as_it_stands_in_the_file(dockerfile, capsys):
    _, out, _ = answer(capsys, dockerfile)
    assert 'ENTRYPOINT ["/app"]' in out
