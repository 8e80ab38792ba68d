"""Slips that BuildKit refuses: mended where it is plain what was meant, left where it is not; carets point at them."""

import pytest

from slimdesk.basics.errors import DockerfileError
from slimdesk.dockerfile.parse import parse
from slimdesk.dockerfile.syntax_fixes import mend_syntax

CASES = [
    ("FORM alpine:3\n", "FROM alpine:3\n"),
    ("FROM alpine:3\nENTRYPIONT x\n", "FROM alpine:3\nENTRYPOINT x\n"),
    ("FROM Alpine:3\n", "FROM alpine:3\n"),
    ("FROM alpine:3 build\n", "FROM alpine:3 AS build\n"),
    ("FROM alpine:3\nCOPY x\n", "FROM alpine:3\nCOPY x .\n"),
    ("FROM alpine:3\nENV A=b c d\n", 'FROM alpine:3\nENV A="b c d"\n'),
    ("FROM alpine:3\nEXPOSE 80, 90\n", "FROM alpine:3\nEXPOSE 80 90\n"),
    ("FROM alpine:3\napk add x\n", "FROM alpine:3\nRUN apk add x\n"),
    ("FROM alpine:3\nRUN a &&\n    b\n", "FROM alpine:3\nRUN a && \\\n    b\n"),
    ("FROM alpine:3\n...\nCMD x\n", "FROM alpine:3\n# ...\nCMD x\n"),
    ("WORKDIR /app\nFROM alpine:3\n", "FROM alpine:3\nWORKDIR /app\n"),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_a_plain_slip_is_mended_and_named(text, expected):
    found, fixes = mend_syntax(text)
    assert found == expected
    parse(found)
    assert fixes
    assert all(fix.line > 0 and fix.why and fix.title for fix in fixes)


@pytest.mark.parametrize(
    "text",
    ["", "hello world\n", "FROM\n", "FROM alpine:3\nRUN <<EOF\nx\n", "\0"],
)
def test_what_nobody_can_guess_is_left(text):
    found, _ = mend_syntax(text)
    with pytest.raises(DockerfileError):
        parse(found)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("FROM alpine:3\n  RNU x\n", 2, 3),
        ("FROM alpine:3\nEXPOSE 80 http\n", 2, 11),
        ("FROM alpine:3\nCOPY --form=x a b\n", 2, 6),
        ("FROM Alpine:3\n", 1, 6),
        ("", 1, None),
    ],
)
def test_an_error_has_a_caret(text, line, column):
    with pytest.raises(DockerfileError) as caught:
        parse(text)
    error = caught.value
    assert error.line == line
    if column is None:
        assert error.caret == ""
        return
    assert error.column == column
    source, caret = error.caret.split("\n")
    assert source == text.split("\n")[line - 1]
    assert caret == " " * (column - 1) + "^"
