"""What is told to hadolint: what is so on purpose, and nothing else."""

import pytest

from slimdesk.dockerfile.parse import parse
from slimdesk.recipes.lint_exceptions import is_pragma, pragma


def said(text):
    return pragma(parse(text).stages)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("FROM scratch\nCOPY a /a\n", ""),
        ("FROM debian:13\nRUN apt-get install -y foo\n", "DL3008"),
        ("FROM alpine:3.24\nRUN apk add --no-cache foo\n", "DL3018"),
        ("FROM cgr.dev/chainguard/static:latest\nUSER 65532:65532\n", "DL3007"),
        (f"FROM cgr.dev/chainguard/static:latest@sha256:{'0' * 64}\n", ""),
        ("FROM a:1 AS latest\nFROM latest\n", ""),
        ("FROM a:1 AS build\nUSER 0:0\nFROM a:1\nUSER 1:1\n", "DL3002"),
        ("FROM a:1 AS build\nUSER 0:0\nUSER 5\nFROM a:1\nUSER 0\n", ""),
        ("FROM a:1\nRUN pip --python /venv install requests flask\n", "DL3013"),
        ("FROM a:1\nRUN pip install -r requirements.txt\nRUN pip install .\n", ""),
        ("FROM a:1\nRUN apk add x && pip install y\n", "DL3013,DL3018"),
    ],
)
def test_what_is_told(text, codes):
    assert said(text) == (f"# hadolint global ignore={codes}" if codes else "")
    assert is_pragma(said(text)) is bool(codes)
