"""What articles put around and into a Dockerfile: each kind is taken out and named, and a clean text is left alone."""

import pytest

from slimdesk.dockerfile.clutter import clean, looks_like_dockerfile
from slimdesk.dockerfile.parse import parse

CLEAN = 'FROM node:24 AS build\nWORKDIR /app\n# copies\nCOPY . .\nRUN npm ci && \\\n    npm run build\nCMD ["node", "x.js"]\n'


def numbered(text, form):
    return "".join(form.format(number, line) for number, line in enumerate(text.splitlines(), 1))


CASES = [
    (f"```dockerfile\n{CLEAN}```\n", "fence"),
    (f"Here it is:\n\n```\n{CLEAN}```\nThen build it with\n```\ndocker build .\n```\n", "fence"),
    (numbered(CLEAN, "{:>3} {}\n"), "Line numbers"),
    (numbered(CLEAN, "{}: {}\n"), "Line numbers"),
    (CLEAN.replace(" ", "\u00a0"), "Non-breaking"),
    (CLEAN.replace('"', "\u201d"), "quotes"),
    (CLEAN.replace("&&", "&amp;&amp;").replace('"', "&quot;"), "entities"),
    (f"<pre><code>{CLEAN}</code></pre>", "tags"),
    (f"$ cat > Dockerfile <<'EOF'\n{CLEAN}EOF\n$ docker build .\n", "command"),
    (f"$ cat Dockerfile\n{CLEAN}", "command"),
    ("".join(f"    {line}\n" for line in CLEAN.splitlines()), "indent"),
    (f"From now on we copy less.\nCopy this file:\n{CLEAN}\nRun it and enjoy.\n", "Words around"),
    (CLEAN.replace("&& \\", "&& \\  "), "backslash"),
    ("\u200b" + CLEAN.replace("WORKDIR", "WORK\u200bDIR"), "nobody sees"),
    (CLEAN.replace("\n", "\r\n"), None),
]


@pytest.mark.parametrize(("text", "named"), CASES, ids=lambda value: repr(value)[:40])
def test_clutter_is_taken_out_and_named(text, named):
    found, repairs = clean(text)
    assert found == CLEAN
    assert named is None or any(named in repair.title for repair in repairs)
    assert all(repair.lines > 0 for repair in repairs)
    assert looks_like_dockerfile(text)


def test_a_clean_text_comes_back_as_it_is():
    text = "# syntax=docker/dockerfile:1\n" + CLEAN + "RUN <<EOF\necho 'a # b'\n  two\nEOF\n"
    assert clean(text) == (text, ())


def test_a_comment_behind_an_instruction_gets_a_line_of_its_own():
    found, repairs = clean("FROM alpine:3\nEXPOSE 80 # http\nENV A='x # y'\n")
    assert found == "FROM alpine:3\n# http\nEXPOSE 80\nENV A='x # y'\n"
    assert len(repairs) == 1
    assert parse(found).stages[0].instructions[1].arguments == ("80",)


def test_dashes_in_front_of_flags_become_hyphens():
    found, _ = clean("FROM alpine:3 AS a\nFROM alpine:3\nCOPY \u2014from=a /x /y\nRUN x \u2013\u2013all\n")
    assert "COPY --from=a /x /y" in found


@pytest.mark.parametrize(
    "text", ["", "hello", "From the article we take\nthis", "FROM", "```\n```\n", "\0\0", "x" * 100_000]
)
def test_what_is_no_dockerfile_is_told_from_one(text):
    assert not looks_like_dockerfile(text)
    clean(text)
