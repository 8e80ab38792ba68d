"""BuildKit's own check: rule, sentence and line, each once, whichever way the line is told."""

import pytest

from slimdesk.engine.model import BuildWarning
from slimdesk.engine.steps import Steps
from slimdesk.engine.trace import Advice, Trace, decode
from slimdesk.engine.wire import put_bytes, put_message, put_number


def answer(short, line=None):
    body = put_bytes(1, b"sha256:1") + put_bytes(3, short.encode())
    if line is not None:
        body += put_message(7, put_message(1, put_number(1, line)))
    return put_message(4, body)


@pytest.mark.parametrize(
    ("short", "line", "expected"),
    [
        (
            "FromAsCasing: 'as' and 'FROM' do not match (line 3)",
            None,
            BuildWarning("FromAsCasing", "'as' and 'FROM' do not match", 3),
        ),
        ("FromAsCasing: casing (line 3)", 4, BuildWarning("FromAsCasing", "casing", 4)),
        ("something is odd", None, BuildWarning("", "something is odd", None)),
        ("Rule: a\x1b[31m", 2, BuildWarning("Rule", "a\\x1b[31m", 2)),
    ],
)
def test_a_warning_has_rule_sentence_and_line(short, line, expected):
    steps = Steps()
    steps.add(decode(answer(short, line)))
    steps.add(decode(answer(short, line)))
    assert steps.warnings() == (expected,)
    assert len(steps.take_lines()) == 1


def test_an_empty_warning_is_no_error():
    steps = Steps()
    steps.add(Trace(warnings=(Advice("", ""),)))
    assert steps.warnings() == (BuildWarning("", "", None),)
