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
    """Patterns that follow one another and have the same sign; one expression for all of them."""

    exception: bool
    expression: re.Pattern[str]


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
        groups: list[tuple[bool, list[str]]] = []
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
        made = tuple(_Group(exception, re.compile("|".join(found))) for exception, found in groups)
        return cls(tuple(patterns), made)

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

    @property
    def has_exceptions(self) -> bool:
        """Whether a later pattern takes files back in."""
        return any(pattern.exception for pattern in self.patterns)

    def _folder(self, path: str) -> int:
        """Bits of the groups that match a folder or one above it."""
        if path in ("", "."):
            return 0
        known = self._folders.get(path)
        if known is None:
            known, _ = self._match(path, self._folder(posixpath.dirname(path)))
            self._folders[path] = known
        return known

    def _match(self, path: str, parent: int) -> tuple[int, bool]:
        """Bits of the groups that match, and the verdict of the last."""
        bits = 0
        excluded = False
        for index, group in enumerate(self._groups):
            bit = 1 << index
            # A group that could not change the verdict is not asked, and counts as no match for what is below.
            asked = not parent & bit
            if asked and (group.exception != excluded or group.expression.fullmatch(path) is None):
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


def _expression(pattern: str) -> str:
    """A pattern as a regular expression for the whole path."""
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
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*" and pattern.startswith("*", at):
            at += 1
            if pattern.startswith("/", at):
                at += 1
            parts.append(".*" if at == len(pattern) else "(?:.*/)?")
        elif char == "*":
            parts.append("[^/]*")
        elif char == "?":
            parts.append("[^/]")
        elif char == "[":
            text, at = _class(pattern, at)
            parts.append(text)
        elif char == "\\":
            if at == len(pattern):
                raise BadPattern(f"{pattern} ends with a backslash")
            parts.append(re.escape(pattern[at]))
            at += 1
        else:
            parts.append(re.escape(char))
    return "".join(parts)


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
