r"""Words and variables as BuildKit reads them inside ENV, COPY, FROM and the rest.

Rules of moby/buildkit frontend/dockerfile/shell/lex.go (v0.33): single quotes are literal, double quotes expand, the
escape character escapes, `$NAME`, `${NAME}` and its modifiers `:-`, `-`, `:+`, `+`, `:?`, `?`, `#`, `%`, `/`.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable

Lookup = Callable[[str], str | None]

# unicode.IsSpace of Go; Python's str.isspace() also takes U+001C to U+001F.
GO_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
_BLANK_AFTER_HEREDOC = "\t\r "
# Variables that hold one another double at every step: no value that means something is longer.
_LONGEST = 1_000_000
# Nothing that is trimmed by a pattern, a name of an image or a part of it, is longer.
_LONGEST_TRIMMED = 4096
_SPECIAL_PARAMETERS = "@*#?-$!0"


class WordError(ValueError):
    """A word that BuildKit cannot read; its text says why."""


class RequiredVariable(WordError):
    """A `${NAME:?message}` whose variable is not set: a build argument may set it."""


def expand(word: str, lookup: Lookup, escape: str = "\\") -> str:
    """Return `word` without its quotes and with its variables; an unset one is empty. Raises WordError."""
    return _Lexer(word, lookup, escape).run()[0]


def expanded_words(text: str, lookup: Lookup, escape: str = "\\") -> list[str]:
    """Return the words of `text` after expansion. Raises WordError."""
    return _Lexer(text, lookup, escape).run()[1]


def raw_words(text: str) -> list[str]:
    """Return the words of a line with quotes, escapes and variables left as written. Raises WordError."""
    return _Lexer(text, _unset, "\\", raw_quotes=True, raw_escapes=True, keep_unset=True).run()[1]


def unquoted_words(text: str, *, keep_quotes: bool = False) -> list[str]:
    """Return the words of `text`, variables left as written. Raises WordError."""
    return _Lexer(text, _unset, "\\", raw_quotes=keep_quotes, keep_unset=True).run()[1]


def check_word(word: str, escape: str = "\\") -> None:
    """Raise WordError if the word cannot be read whatever its variables hold."""
    try:
        _Lexer(word, _unset, escape, keep_unset=True).run()
    except RequiredVariable:
        return


def _unset(name: str) -> str | None:
    del name
    return None


class _Words:
    """Words in the making; a quoted blank does not end one."""

    def __init__(self, parts: list[str]) -> None:
        self.done: list[str] = []
        self._parts = parts
        self._inside = False

    def add(self, text: str) -> None:
        for char in text:
            if char not in GO_SPACE:
                self.add_raw(char)
            elif self._inside and any(self._parts):
                self.done.append("".join(self._parts))
                self._parts.clear()
                self._inside = False

    def add_raw(self, text: str) -> None:
        self._parts.append(text)
        self._inside = True

    def finish(self) -> list[str]:
        if any(self._parts):
            self.done.append("".join(self._parts))
            self._parts.clear()
        return self.done


class _Lexer:
    def __init__(
        self,
        text: str,
        lookup: Lookup,
        escape: str,
        *,
        raw_quotes: bool = False,
        raw_escapes: bool = False,
        keep_unset: bool = False,
    ) -> None:
        self.text = text
        self.at = 0
        self.lookup = lookup
        self.escape = escape
        self.raw_quotes = raw_quotes
        self.raw_escapes = raw_escapes
        self.keep_unset = keep_unset
        # One buffer for all levels, as in BuildKit: what is inside ${NAME:-…} makes it forget the word before.
        self._parts: list[str] = []
        self._produced = 0

    def run(self) -> tuple[str, list[str]]:
        return self._until("", self.raw_escapes)

    def _peek(self) -> str:
        return self.text[self.at] if self.at < len(self.text) else ""

    def _next(self) -> str:
        char = self._peek()
        self.at += 1
        return char

    def _until(self, stop: str, raw_escapes: bool) -> tuple[str, list[str]]:
        before, self.raw_escapes = self.raw_escapes, raw_escapes
        result: list[str] = []
        self._parts.clear()
        words = _Words(self._parts)
        try:
            while char := self._peek():
                if char == stop:
                    self.at += 1
                    return "".join(result), words.finish()
                if char == "$":
                    value = self._dollar()
                    result.append(value)
                    words.add(value)
                elif char in "'\"<":
                    value = {"'": self._single, '"': self._double, "<": self._angle}[char]()
                    result.append(value)
                    words.add_raw(value)
                else:
                    self.at += 1
                    if char == self.escape:
                        if raw_escapes:
                            words.add_raw(char)
                            result.append(char)
                        char = self._next()
                        if not char:
                            break
                        words.add_raw(char)
                    else:
                        words.add(char)
                    result.append(char)
        finally:
            self.raw_escapes = before
        if stop:
            raise WordError(f"the closing {stop} is missing")
        return "".join(result), words.finish()

    def _single(self) -> str:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise WordError("a single quote is not closed")
        start = self.at
        self.at = end + 1
        return self.text[start : self.at] if self.raw_quotes else self.text[start + 1 : end]

    def _double(self) -> str:
        self.at += 1
        result = ['"'] if self.raw_quotes else []
        while char := self._peek():
            if char == '"':
                self.at += 1
                if self.raw_quotes:
                    result.append(char)
                return "".join(result)
            if char == "$":
                result.append(self._dollar())
                continue
            self.at += 1
            if char == self.escape:
                if self.raw_escapes:
                    result.append(char)
                following = self._peek()
                if not following:
                    continue
                if following in ('"', "$", self.escape):
                    char = self._next()
            result.append(char)
        raise WordError("a double quote is not closed")

    def _angle(self) -> str:
        self.at += 1
        if self._peek() != "<":
            return "<"
        self.at += 1
        start = self.at
        while self._peek() and self._peek() in _BLANK_AFTER_HEREDOC:
            self.at += 1
        return "<<" + self.text[start : self.at]

    def _dollar(self) -> str:
        self.at += 1
        if self._peek() != "{":
            name = self._name()
            if not name:
                return "$"
            value = self._value(name)
            return (f"${name}" if self.keep_unset else "") if value is None else value
        self.at += 1
        if not self._peek():
            raise WordError("the closing } of a variable is missing")
        if self._peek() in "{}:":
            raise WordError("a variable has no name between ${ and }")
        return self._braced(self._name())

    def _value(self, name: str) -> str | None:
        value = self.lookup(name)
        self._produced += len(value or "")
        if self._produced > _LONGEST:
            raise WordError(f"it grows beyond {_LONGEST} characters")
        return value

    def _braced(self, name: str) -> str:
        modifier = self._next()
        value = self._value(name)
        if modifier == "}":
            return (f"${{{name}}}" if self.keep_unset else "") if value is None else value
        if modifier == "/":
            return self._replaced(name, value)
        null_is_unset = modifier == ":"
        if null_is_unset:
            modifier = self._next()
        written = (":" if null_is_unset else "") + modifier
        if not modifier or modifier not in "+-?#%" or (null_is_unset and modifier in "#%"):
            raise WordError(f"the modifier {written or 'at the end'} of the variable {name} is not known")
        word = self._inner("}", modifier in "#%")
        if self.keep_unset and value is None:
            return f"${{{name}{written}{word}}}"
        missing = value is None or (null_is_unset and not value)
        if modifier == "-":
            return word if missing else value or ""
        if modifier == "+":
            return "" if missing else word
        if modifier == "?":
            if missing:
                raise RequiredVariable(f"{name}: {word or 'has to be set'}")
            return value or ""
        return _trimmed(value, word, modifier) if value and len(value) <= _LONGEST_TRIMMED else value or ""

    def _replaced(self, name: str, value: str | None) -> str:
        every = self._peek() == "/"
        if every:
            self.at += 1
        pattern = self._inner("/", True)
        replacement = self._inner("}", True)
        if value is None:
            return f"${{{name}/{pattern}/{replacement}}}" if self.keep_unset else ""
        if len(value) > _LONGEST_TRIMMED:
            return value
        return re.sub(_pattern(pattern, True), lambda _: replacement, value, count=0 if every else 1)

    def _inner(self, stop: str, raw_escapes: bool) -> str:
        return self._until(stop, raw_escapes)[0]

    def _name(self) -> str:
        start = self.at
        first = self._peek()
        if first.isdigit():
            while self._peek().isdigit():
                self.at += 1
        elif first and first in _SPECIAL_PARAMETERS:
            self.at += 1
        else:
            while (char := self._peek()) and (char.isalpha() or char.isdigit() or char == "_"):
                self.at += 1
        return self.text[start : self.at]


def _trimmed(value: str, pattern: str, modifier: str) -> str:
    greedy = pattern.startswith(modifier)
    expression = re.compile(_pattern(pattern[1:] if greedy else pattern, greedy))
    spans = range(len(value), -1, -1) if greedy else range(len(value) + 1)
    for length in spans:
        piece = value[:length] if modifier == "#" else value[len(value) - length :]
        if expression.fullmatch(piece):
            return value[length:] if modifier == "#" else value[: len(value) - length]
    return value


def _pattern(pattern: str, greedy: bool) -> str:
    """A pattern with * and ? as a regular expression; brackets mean themselves."""
    literal = pattern.replace("[", "[[]").replace("\\}", "}").replace("\\/", "/")
    expression = fnmatch.translate(literal).removesuffix("\\Z").removesuffix("\\z")
    return expression if greedy else expression.replace(".*", ".*?")
