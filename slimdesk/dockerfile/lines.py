"""From the text of a Dockerfile to its statements: directives, comments, continuations and heredocs.

Rules of moby/buildkit frontend/dockerfile/parser/parser.go and directives.go (v0.33).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from slimdesk.basics.errors import DockerfileError
from slimdesk.dockerfile.shellwords import GO_SPACE, WordError, raw_words, unquoted_words

# bufio.MaxScanTokenSize: BuildKit's reader gives up on a longer line.
MAX_LINE = 65_536
ESCAPES = ("\\", "`")

_BLANK = "\t\n\f\r "
_DIRECTIVE = re.compile(rf"([A-Za-z][A-Za-z0-9]*)[{_BLANK}]*=(.+)", re.DOTALL)
_DIRECTIVES = frozenset({"syntax", "escape", "check"})
# strconv.ParseBool
_TRUTH = frozenset({"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"})
_HEREDOC = re.compile(r"([0-9]*)<<(-?)[\t\n\f\r ]*([^<]*)")


@dataclass(frozen=True, slots=True)
class Heredoc:
    """`<<NAME` in a statement; `content` is as it stands in the file, with the tabs that `<<-` drops."""

    name: str
    chomp: bool
    expands: bool
    content: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """One instruction before it is taken apart; `pieces` are its lines without their continuations."""

    pieces: tuple[str, ...]
    line: int
    end_line: int
    heredocs: tuple[Heredoc, ...] = ()

    @property
    def text(self) -> str:
        """The pieces as BuildKit joins them: with nothing in between."""
        return "".join(self.pieces)


@dataclass(frozen=True, slots=True)
class Source:
    """Directives by name in lower case, and the statements in order."""

    directives: dict[str, str]
    statements: tuple[Statement, ...]

    @property
    def escape(self) -> str:
        """The escape character in force."""
        return self.directives.get("escape", "\\")


def read_source(text: str, holds_heredoc: Callable[[str, str], bool]) -> Source:
    """Split a Dockerfile into statements; `holds_heredoc(statement text, escape)` says which may have heredocs.

    Raises DockerfileError, with the line, where BuildKit refuses.
    """
    return _Reader(text, holds_heredoc).read()


def heredocs_of(line: str) -> tuple[Heredoc, ...]:
    """Return the heredocs that a statement announces, without their bodies. Raises WordError."""
    try:
        words = raw_words(line)
    except WordError:
        # BuildKit drops this error, and with it every heredoc of the line.
        return ()
    found = (heredoc_word(word) for word in words)
    return tuple(heredoc for heredoc in found if heredoc is not None)


def heredoc_word(word: str) -> Heredoc | None:
    """Return the heredoc that a word such as <<EOF, 3<<-"EOF" announces. Raises WordError."""
    match = _HEREDOC.fullmatch(word)
    if not match or not match[3]:
        return None
    names = unquoted_words(match[3])
    if len(names) != 1:
        return None
    quoted = unquoted_words(match[3], keep_quotes=True)
    if len(quoted) != 1:
        raise WordError(f"the name of the heredoc {word} cannot be read")
    return Heredoc(names[0], match[2] == "-", _quotes(names[0]) == _quotes(quoted[0]))


def is_heredoc(word: str) -> bool:
    """Whether a word announces a heredoc."""
    try:
        return heredoc_word(word) is not None
    except WordError:
        return False


def _quotes(word: str) -> int:
    return word.count("'") + word.count('"')


def _is_check(value: str) -> bool:
    """Whether a check directive is made of skip, experimental and error, each with a value."""
    for option in value.strip(GO_SPACE).split(";", 2):
        name, equals, choice = option.partition("=")
        if not equals or name.strip(GO_SPACE) not in ("skip", "experimental", "error"):
            return False
        if name.strip(GO_SPACE) == "error" and choice.strip(GO_SPACE) not in _TRUTH:
            return False
    return True


class _Reader:
    def __init__(self, text: str, holds_heredoc: Callable[[str, str], bool]) -> None:
        self.lines = text.removeprefix("\ufeff").split("\n")
        if self.lines[-1] == "":
            self.lines.pop()
            self.open_end = False
        else:
            self.open_end = True
        self.at = 0
        self.directives: dict[str, str] = {}
        self.in_directives = True
        self.holds_heredoc = holds_heredoc

    def read(self) -> Source:
        statements = []
        while self.at < len(self.lines):
            statement = self._statement()
            if statement is not None:
                statements.append(statement)
        if not statements:
            raise DockerfileError(
                "",
                "the file has no instructions",
                "Begin with FROM and the name of a base image",
                line=max(1, self.at),
            )
        return Source(self.directives, tuple(statements))

    @property
    def escape(self) -> str:
        return self.directives.get("escape", "\\")

    def _next(self) -> str:
        """Return the next line without its end."""
        line = self.lines[self.at]
        self.at += 1
        if len(line) >= MAX_LINE // 4:
            size = len(line.encode("utf-8", "surrogatepass"))
            if size >= MAX_LINE:
                raise DockerfileError(
                    "",
                    f"the line has {size} bytes, and more than {MAX_LINE - 1} are not read",
                    "Move the data into a file and copy it",
                    line=self.at,
                )
        return line

    def _statement(self) -> Statement | None:
        line = self._next().rstrip("\r\n").lstrip(GO_SPACE)
        if self.in_directives:
            self._directive(line)
        if line.startswith("#"):
            return None
        start = self.at
        piece, ended = self._without_continuation(line)
        if ended and not piece:
            return None
        pieces = [piece]
        while not ended and self.at < len(self.lines):
            line = self._next().rstrip("\r\n")
            bare = line.lstrip(GO_SPACE)
            # Comments and empty lines inside a continuation do not end it.
            if not bare or bare.startswith("#"):
                continue
            piece, ended = self._without_continuation(line)
            pieces.append(piece)
        text = "".join(pieces)
        if "<<" not in text or not self.holds_heredoc(text, self.escape):
            return Statement(tuple(pieces), start, self.at)
        try:
            announced = heredocs_of(text)
        except WordError as error:
            raise DockerfileError("", str(error), "Check the quotes of its name", line=start) from None
        bodies = tuple(self._heredoc(one, start) for one in announced)
        return Statement(tuple(pieces), start, self.at, bodies)

    def _heredoc(self, announced: Heredoc, start: int) -> Heredoc:
        content: list[str] = []
        while self.at < len(self.lines):
            line = self._next()
            bare = line.rstrip("\r\n")
            if (bare.lstrip("\t") if announced.chomp else bare) == announced.name:
                return Heredoc(announced.name, announced.chomp, announced.expands, "".join(content))
            content.append(line if self.at == len(self.lines) and self.open_end else line + "\n")
        raise DockerfileError(
            "",
            f"the heredoc {announced.name} is not ended",
            f"Write {announced.name} alone on a line after its text",
            line=start,
        )

    def _directive(self, line: str) -> None:
        match = _DIRECTIVE.fullmatch(line[1:].lstrip(GO_SPACE)) if line.startswith("#") else None
        name = match[1].lower() if match else ""
        if match is None or name not in _DIRECTIVES:
            self.in_directives = False
            return
        if name in self.directives:
            raise DockerfileError(
                "", f"the directive {name} is given twice", "Keep one of the two lines", line=self.at
            )
        value = match[2].strip(_BLANK) or " "
        if name == "escape" and value not in ESCAPES:
            raise DockerfileError(
                "",
                f"the escape character is {value}",
                "Only a backslash or a backtick can escape",
                line=self.at,
            )
        if name == "check" and not _is_check(value):
            raise DockerfileError(
                "",
                f"the directive check cannot be {value}",
                "Write # check=skip=RULE,RULE or # check=error=true",
                line=self.at,
            )
        self.directives[name] = value

    def _without_continuation(self, line: str) -> tuple[str, bool]:
        bare = line.rstrip(" \t")
        # Two escape characters are an escaped one, not a continuation.
        if not bare.endswith(self.escape) or bare[-2:] == self.escape * 2:
            return line, True
        return bare[:-1], False
