"""What is read from a project, an image or an engine is untrusted: here it becomes harmless text."""

from __future__ import annotations

import json
import re
import unicodedata

# C0 and C1 controls, line and paragraph separators, bidirectional overrides and zero-width marks.
_HOSTILE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_PLAIN_WORD = re.compile(r"[A-Za-z0-9_@%+=:,./-]+", re.ASCII)


def visible(text: str, limit: int | None = None) -> str:
    r"""One line of text for a terminal, a label or a log: every control character becomes \xNN or \uNNNN."""
    safe = _HOSTILE.sub(_escape, text)
    return safe if limit is None or len(safe) <= limit else safe[: limit - 1] + "…"


def log_line(text: str) -> str:
    """One line of a program's output: colours are dropped, a carriage return keeps what a terminal would show."""
    plain = _ANSI.sub("", text).rstrip("\r\n")
    return visible(plain.rsplit("\r", 1)[-1].replace("\t", "    "))


def json_word(text: str) -> str:
    """Return a JSON string in ASCII, as exec form wants it."""
    return json.dumps(without_controls(text))


def json_words(words: list[str] | tuple[str, ...]) -> str:
    """Return a JSON list of strings in ASCII, as exec form wants it."""
    return json.dumps([without_controls(word) for word in words])


def shell_word(text: str) -> str:
    """Return a word that a POSIX shell takes literally, single-quoted where it must be."""
    clean = without_controls(text)
    if _PLAIN_WORD.fullmatch(clean):
        return clean
    return "'" + clean.replace("'", "'\"'\"'") + "'"


def dockerfile_value(text: str) -> str:
    """Return a double-quoted value for ENV, ARG or LABEL: no expansion, no end of line.

    Backslash, quote and dollar are escaped as BuildKit's shell lexer reads them (frontend/dockerfile/shell/lex.go).
    """
    clean = without_controls(text)
    return '"' + clean.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$") + '"'


def without_controls(text: str) -> str:
    """Drop control characters and direction marks altogether."""
    return _HOSTILE.sub("", text)


def slug(text: str, fallback: str = "app") -> str:
    """Return a name of the form [a-z0-9][a-z0-9._-]{0,62}, also good as an image repository's last part."""
    flat = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", flat).strip("-")[:63].rstrip("-")
    return name or fallback


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
