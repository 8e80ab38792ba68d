"""Which files of a folder stay out of the build context: .dockerignore in Docker's own rules.

Rules of moby/patternmatcher (2026-02): ignorefile.go reads the file, patternmatcher.go matches with the results of the
parent folder (MatchesUsingParentResults), as the docker command and BuildKit do. They differ from .gitignore's: every
pattern is anchored at the root of the context, and the last one that matches decides. A bracket that is never closed and
a backslash at the end are refused wherever they stand; Docker notices some of them only when a file comes along.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field

from slimdesk.basics.errors import BadInput
from slimdesk.dockerfile.shellwords import GO_SPACE

_STAR = "*"
_DEEP = "**"


class BadPattern(ValueError):
    """A pattern that Docker refuses."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line: `text` without its exclamation mark; an exception takes files back in. `line` counts from 1."""

    text: str
    exception: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class _Group:
    """Patterns that follow one another and have the same sign; one expression for all of them but the `tangled` ones."""

    exception: bool
    expression: re.Pattern[str] | None
    tangled: tuple[_Tangled, ...] = ()

    def matches(self, path: str) -> bool:
        if self.expression is not None and self.expression.fullmatch(path) is not None:
            return True
        return any(pattern.matches(path) for pattern in self.tangled)


@dataclass(frozen=True)
class Ignore:
    """The patterns of a .dockerignore. Paths are relative to the context, with `/`."""

    patterns: tuple[Pattern, ...] = ()
    _groups: tuple[_Group, ...] = ()
    _folders: dict[str, int] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def parse(cls, text: str, name: str = ".dockerignore") -> Ignore:
        """Read the file; `name` stands in errors. Raises BadInput for a pattern that Docker refuses."""
        patterns: list[Pattern] = []
        for number, raw in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
            # A comment begins in the first column only.
            if raw.startswith("#"):
                continue
            word = raw.strip(GO_SPACE)
            if not word:
                continue
            exception = word.startswith("!")
            if exception:
                word = word[1:].strip(GO_SPACE)
            if word:
                word = clean(word)
                word = word[1:] if len(word) > 1 and word.startswith("/") else word
            if exception:
                # Docker cleans it once more with its mark: `!../../x` becomes a plain `x`.
                whole = clean(f"!{word}")
                exception = whole.startswith("!")
                word = whole[1:] if exception else whole
            patterns.append(Pattern(word, exception, number))
        try:
            return cls.of(patterns)
        except BadPattern as error:
            raise BadInput(
                f"{name} cannot be used", str(error), "Correct or remove that line: docker build refuses it"
            ) from None

    @classmethod
    def of(cls, patterns: list[Pattern]) -> Ignore:
        """Make it of patterns that are cleaned already. Raises BadPattern."""
        groups: list[tuple[bool, list[str | _Tangled]]] = []
        for pattern in patterns:
            place = f"line {pattern.line}: " if pattern.line else ""
            if not pattern.text:
                raise BadPattern(f"{place}! stands alone")
            try:
                expression = _expression(pattern.text)
            except BadPattern as error:
                raise BadPattern(f"{place}{error}") from None
            if not groups or groups[-1][0] != pattern.exception:
                groups.append((pattern.exception, []))
            groups[-1][1].append(expression)
        return cls(tuple(patterns), tuple(_group(exception, found) for exception, found in groups))

    def excludes(self, path: str, is_dir: bool = False) -> bool:
        """Whether a file or folder stays out; the context itself never does.

        A folder that stays out may hold files that do not: see `prunes`.
        """
        cleaned = clean(path)
        if cleaned == "." or not self._groups:
            return False
        matched, excluded = self._match(cleaned, self._folder(posixpath.dirname(cleaned)))
        if is_dir:
            self._folders[cleaned] = matched
        return excluded

    def prunes(self, folder: str) -> bool:
        """Whether a folder stays out with all that it holds, so that a walk need not enter it."""
        if not self.excludes(folder, is_dir=True):
            return False
        below = clean(folder) + "/"
        places = (_place(pattern.text) for pattern in self.patterns if pattern.exception)
        return not any(below.startswith(place) or place.startswith(below) for place in places)

    def _folder(self, path: str) -> int:
        """Bits of the groups that match a folder or one above it."""
        unknown: list[str] = []
        while path and path not in self._folders:
            unknown.append(path)
            path = posixpath.dirname(path)
        bits = self._folders[path] if path else 0
        for folder in reversed(unknown):
            bits, _ = self._match(folder, bits)
            self._folders[folder] = bits
        return bits

    def _match(self, path: str, parent: int) -> tuple[int, bool]:
        """Bits of the groups that match, and the verdict of the last."""
        bits = 0
        excluded = False
        for index, group in enumerate(self._groups):
            bit = 1 << index
            # A group that could not change the verdict is not asked, and counts as no match for what is below.
            asked = not parent & bit
            if asked and (group.exception != excluded or not group.matches(path)):
                continue
            bits |= bit
            excluded = not group.exception
        return bits, excluded


def clean(path: str) -> str:
    """Return the shortest form of a path, as Go's path.Clean does."""
    normal = posixpath.normpath(path)
    return normal[1:] if normal.startswith("//") else normal


def _place(pattern: str) -> str:
    """The folder below which all that a pattern matches lies, with its slash; empty if that may be anywhere."""
    parts = pattern.split("/")
    plain = next((index for index, part in enumerate(parts) if re.search(r"[*?\[\\]", part)), len(parts))
    return "".join(f"{part}/" for part in parts[:plain])


def _group(exception: bool, found: list[str | _Tangled]) -> _Group:
    expressions = [one for one in found if isinstance(one, str)]
    tangled = tuple(one for one in found if isinstance(one, _Tangled))
    return _Group(exception, re.compile("|".join(expressions)) if expressions else None, tangled)


def _expression(pattern: str) -> str | _Tangled:
    """A pattern as a regular expression for the whole path; a tangled one as itself."""
    if pattern == "**":
        return "(?s:.*)"
    if not re.search(r"[?\[\]\\*]", pattern.removeprefix("**").removesuffix("**")):
        # Docker compares these as texts, so a newline in a name is as good as any character.
        if pattern.startswith("**/") and not pattern.endswith("**"):
            return f"(?s:(?:.*/)?){re.escape(pattern[3:])}"
        if pattern.startswith("**") and not pattern.endswith("**"):
            return f"(?s:.*){re.escape(pattern[2:])}"
        if pattern.endswith("**") and not pattern.startswith("**"):
            return f"{re.escape(pattern[:-2])}(?s:.*)"
    tokens = _tokens(pattern)
    loose = sum(
        1 for index, token in enumerate(tokens[:-1]) if token == _DEEP and index and tokens[index - 1] != "/"
    )
    return _Tangled(tuple(tokens)) if loose > 1 else _joined(tokens)


def _tokens(pattern: str) -> list[str]:
    """Characters and classes as expressions; the stars as themselves, two with the slash that they swallow."""
    tokens: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*" and pattern.startswith("*", at):
            at += 1
            if pattern.startswith("/", at):
                at += 1
            tokens.append(_DEEP)
        elif char == "*":
            tokens.append(_STAR)
        elif char == "?":
            tokens.append("[^/]")
        elif char == "[":
            text, at = _class(pattern, at)
            tokens.append(text)
        elif char == "\\":
            if at == len(pattern):
                raise BadPattern(f"{pattern} ends with a backslash")
            tokens.append(re.escape(pattern[at]))
            at += 1
        else:
            tokens.append(re.escape(char))
    return tokens


def _joined(tokens: list[str]) -> str:
    """One expression that looks back over a star only where it has to.

    Where another star follows, the first place at which the text behind a star fits is as good as any later one: the
    next star takes up the difference. `**` takes up whole folders, so that holds before it only behind a slash. So
    many stars cost no more than one, as in Docker, whose expressions never look back.
    """
    sections = _split(tokens, _DEEP)
    parts: list[str] = []
    for number, section in enumerate(sections):
        last = number == len(sections) - 1
        closed = not last and section[-1:] == ["/"]
        first, *stars = _split(section, _STAR)
        text = "".join(first)
        for index, chunk in enumerate(stars):
            firm = closed or index < len(stars) - 1
            text += f"(?>[^/]*?{''.join(chunk)})" if firm else f"[^/]*{''.join(chunk)}"
        if number == 0:
            parts.append(text)
        elif last and not section:
            parts.append(".*")
        else:
            parts.append(f"(?>(?:.*?/)??{text})" if closed else f"(?:.*/)?{text}")
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class _Tangled:
    """A pattern with ** inside names, such as **a**b**c: matched by the set of places that each step can reach."""

    tokens: tuple[str, ...]

    def matches(self, path: str) -> bool:
        # Bit n: the pattern so far can end before character n.
        places = 1
        where: dict[str, int] = {}

        def at(expression: str) -> int:
            if expression not in where:
                found = re.compile(expression, re.DOTALL).finditer(path)
                where[expression] = sum(1 << match.start() for match in found)
            return where[expression]

        for index, token in enumerate(self.tokens):
            if token == _DEEP:
                if index == len(self.tokens) - 1:
                    return "\n" not in path[places.bit_length() - 1 :]
                lowest = places & -places
                places |= (at("/") << 1) & ~((lowest << 1) - 1)
            elif token == _STAR:
                # The carry of the sum runs from each place to the end of its name.
                names = at("[^/]")
                places |= ((places & names) + names) ^ names
            else:
                places = (places & at(token)) << 1
            if not places:
                return False
        return bool(places >> len(path) & 1)


def _split(tokens: list[str], mark: str) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for token in tokens:
        if token == mark:
            found.append([])
        else:
            found[-1].append(token)
    return found


def _class(pattern: str, at: int) -> tuple[str, int]:
    """A class in brackets from behind its bracket, as Go's filepath.Match takes it."""
    negated = pattern.startswith("^", at)
    at += negated
    ranges: list[str] = []
    while not (ranges and pattern.startswith("]", at)):
        low, at = _class_char(pattern, at)
        high = low
        if pattern.startswith("-", at):
            high, at = _class_char(pattern, at + 1)
        if low <= high:
            ranges.append(re.escape(low) + ("" if low == high else f"-{re.escape(high)}"))
        else:
            raise BadPattern(f"the range {low}-{high} of {pattern} runs backwards")
    return f"[{'^' if negated else ''}{''.join(ranges)}]", at + 1


def _class_char(pattern: str, at: int) -> tuple[str, int]:
    if at < len(pattern) and pattern[at] not in "-]":
        if pattern[at] == "\\":
            at += 1
        # Something has to follow: the bracket that closes it.
        if at + 1 < len(pattern):
            return pattern[at], at + 1
    raise BadPattern(f"a bracket of {pattern} is not closed or holds nothing")
