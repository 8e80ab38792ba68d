"""A text for the shell, split into commands and their words; `shell` says what they mean.

Tolerant and never raising, as `shell` is. Grammar: POSIX.1-2017, Shell Command Language, sections 2.2, 2.3, 2.7 and 2.10.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_HEREDOC = re.compile(r"<<(-?)[ \t]*(['\"]?)([A-Za-z_][A-Za-z0-9_]*)\2", re.ASCII)
_REDIRECTION = re.compile(r"\d*(?:&>>|&>|>>|>\||>&|<&|<>|<<<|>|<)(?:&?\d|-)?(?![A-Za-z])|\d*[<>]+")
_OPERATORS = ("&&", "||", ";;", "|&", ";", "|", "&", "\n", "(", ")")
# The file's name is the next word.
_TO_A_FILE = frozenset({">", ">>", "<", "2>", "&>", ">|", "1>", "2>>", "&>>", "<<<", "<>"})


@dataclass(slots=True)
class Word:
    """One word. `text` is without its quotes, `raw` the part of it that the shell expands; `literal`: all in single quotes.

    `substitutions` are the texts of $(…) and `…`. `function`: it is a function's name, which () follows.
    """

    text: str
    raw: str
    quoted: bool = False
    literal: bool = False
    redirection: bool = False
    substitutions: tuple[str, ...] = ()
    function: bool = False


def commands(text: str, line: int, most: int) -> list[tuple[list[Word], int, str]]:
    """Return at most `most` commands of a text whose first line is `line`: words, line, and the operator before each."""
    splitter = _Splitter(text, line)
    while splitter.at < len(text) and len(splitter.found) < most:
        splitter.step()
    splitter.end()
    return splitter.found


class _Splitter:
    """One pass over a text. `words` are those of the command that is being read, `joiner` what stood before it."""

    def __init__(self, text: str, line: int) -> None:
        self.at = 0
        self.found: list[tuple[list[Word], int, str]] = []
        self._text = text
        self._line = self._start = line
        self._words: list[Word] = []
        self._joiner = ""
        self._depth = 0
        self._heredocs: list[tuple[str, bool]] = []

    def step(self) -> None:
        """Read the next blank, comment, operator or word."""
        text, at = self._text, self.at
        if text[at] in " \t\r":
            self.at += 1
        elif text.startswith("\\\n", at):
            self._line += 1
            self.at += 2
        elif text[at] == "#":
            end = text.find("\n", at)
            self.at = len(text) if end < 0 else end
        elif (match := _HEREDOC.match(text, at)) and not text.startswith("<<<", at):
            self._heredocs.append((match.group(3), bool(match.group(1))))
            self._words.append(Word("<<", "", redirection=True))
            self.at = match.end()
        elif (operator := next((one for one in _OPERATORS if text.startswith(one, at)), None)) is not None:
            self.at += len(operator)
            self._operator(operator)
        else:
            self._take_word()

    def end(self) -> None:
        """Keep the command that the text ended with."""
        if self._words:
            self.found.append((self._words, self._start, self._joiner))

    def _operator(self, operator: str) -> None:
        if operator == "(":
            self._opened()
        elif operator == ")" and self._depth == 0:
            self._pattern_ended()
        elif operator == ")":
            self._depth -= 1
        if self._words:
            self.found.append((self._words, self._start, self._joiner))
            self._words = []
            self._joiner = "" if operator == "(" else operator
        elif operator in ("&&", "||", "|") or not self.found:
            self._joiner = operator if self.found else ""
        if operator == "\n":
            self._line += 1
            self._pass_heredocs()

    def _opened(self) -> None:
        self._depth += 1
        if self._words and self._text[self.at : self.at + 1] == ")":
            self._words[-1].function = True
            self.at, self._depth = self.at + 1, self._depth - 1

    def _pattern_ended(self) -> None:
        """Forget the pattern of a case … in: a|b)."""
        self._words = []
        while self._joiner == "|" and self.found:
            self._joiner = self.found.pop()[2]
        self._joiner = ";"

    def _pass_heredocs(self) -> None:
        for mark, tabs in self._heredocs:
            self.at, passed = _after_heredoc(self._text, self.at, mark, tabs)
            self._line += passed
        self._heredocs = []

    def _take_word(self) -> None:
        if not self._words:
            self._start = self._line
        before = self.at
        word, self.at = _word(self._text, before)
        if self.at == before:
            self.at += 1
            return
        self._line += self._text.count("\n", before, self.at)
        self._words.append(word)
        if word.redirection and word.text in _TO_A_FILE:
            self._take_file()

    def _take_file(self) -> None:
        text = self._text
        while self.at < len(text) and text[self.at] in " \t":
            self.at += 1
        if self.at < len(text) and text[self.at] not in "\n;|&":
            name, self.at = _word(text, self.at)
            name.redirection = True
            self._words.append(name)


def _after_heredoc(text: str, at: int, mark: str, tabs: bool) -> tuple[int, int]:
    """Return the place after a here-document's end, and how many lines it has."""
    passed = 0
    while at < len(text):
        end = text.find("\n", at)
        stop = len(text) if end < 0 else end
        row = text[at:stop]
        at = min(stop + 1, len(text))
        passed += 1
        if (row.lstrip("\t") if tabs else row).rstrip("\r") == mark:
            break
    return at, passed


def _word(text: str, at: int) -> tuple[Word, int]:
    """Return the word that begins at `at`, and where it ends."""
    match = _REDIRECTION.match(text, at)
    if match and not text.startswith(("<(", ">("), at):
        return Word(match.group(), "", redirection=True), match.end()
    parts: list[str] = []
    raw: list[str] = []
    inner: list[str] = []
    quoted = literal = False
    plain = False
    while at < len(text):
        char = text[at]
        if char == "\\" and at + 1 < len(text):
            if text[at + 1] != "\n":
                parts.append(text[at + 1])
            plain = True
            at += 2
        elif char == "'":
            end = text.find("'", at + 1)
            end = len(text) if end < 0 else end
            parts.append(text[at + 1 : end])
            quoted = literal = True
            at = end + 1
        elif char == '"':
            piece, source, more, at = _double(text, at + 1)
            parts.append(piece)
            raw.append(source)
            inner += more
            quoted = plain = True
        elif text.startswith(("$(", "<(", ">("), at) and not text.startswith("$((", at):
            end = _closing(text, at + 2)
            inner.append(text[at + 2 : end])
            parts.append("$()")
            plain = True
            at = end + 1
        elif char == "`":
            end = text.find("`", at + 1)
            end = len(text) if end < 0 else end
            inner.append(text[at + 1 : end])
            parts.append("$()")
            plain = True
            at = end + 1
        elif text.startswith("${", at):
            end = text.find("}", at)
            end = len(text) - 1 if end < 0 else end
            parts.append(text[at : end + 1])
            raw.append(text[at : end + 1])
            plain = True
            at = end + 1
        elif char in " \t\r\n;|&()<>":
            break
        else:
            parts.append(char)
            raw.append(char)
            plain = True
            at += 1
    return Word("".join(parts), "".join(raw), quoted, literal and not plain, substitutions=tuple(inner)), at


def _double(text: str, at: int) -> tuple[str, str, list[str], int]:
    """Return what a double quote holds, the part that is expanded, its substitutions, and where it ends."""
    parts: list[str] = []
    raw: list[str] = []
    inner: list[str] = []
    while at < len(text) and text[at] != '"':
        if text[at] == "\\" and at + 1 < len(text):
            parts.append(text[at + 1])
            at += 2
        elif text.startswith("$(", at) and not text.startswith("$((", at):
            end = _closing(text, at + 2)
            inner.append(text[at + 2 : end])
            parts.append("$()")
            at = end + 1
        else:
            parts.append(text[at])
            raw.append(text[at])
            at += 1
    return "".join(parts), "".join(raw), inner, at + 1


def _closing(text: str, at: int) -> int:
    """Return the place of the ) that ends a substitution; the text's end if there is none."""
    depth = 1
    while at < len(text):
        char = text[at]
        if char == "\\":
            at += 1
        elif char == "'":
            end = text.find("'", at + 1)
            at = len(text) if end < 0 else end
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth == 0:
                return at
        at += 1
    return len(text)
