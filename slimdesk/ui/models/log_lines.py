"""A container's log as the window holds it: bounded, filtered by level, stream and words, searched."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter
from typing import Literal

from slimdesk.debug.log_levels import Level, level_of
from slimdesk.engine.logs import LogLine

MOST = 100_000
# So many more are let in before the oldest are cut off: cutting moves all that stay.
_SLACK = 5_000
Least = Literal["all", "info", "warning", "error"]
Whose = Literal["both", "stdout", "stderr"]
_RANK: dict[Level, int] = {"debug": 0, "info": 1, "warning": 2, "error": 3}
_LEAST: dict[Least, int] = {"all": -1, "info": 1, "warning": 2, "error": 3}


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What is shown: levels from `least` on, one stream or both, and only lines with `words` if `only`."""

    least: Least = "all"
    whose: Whose = "both"
    words: str = ""
    only: bool = False

    @property
    def all(self) -> bool:
        """Whether every line is shown."""
        return self.least == "all" and self.whose == "both" and not (self.only and self.words)


class LogLines:
    """The newest `most` lines. Shown lines are numbered for ever: `first` is the number of the oldest one."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self.first = 0
        self.filter = LogFilter()
        self.dropped = 0
        self._all: list[tuple[int, LogLine]] = []
        self._shown = self._all
        self._next = 0
        self._rank: dict[str, int] = {}

    @property
    def end(self) -> int:
        """The number behind the newest shown line."""
        return self.first + len(self._shown)

    @property
    def lines(self) -> list[LogLine]:
        """All lines that are held, shown or not."""
        return [line for _, line in self._all]

    @property
    def shown(self) -> list[LogLine]:
        """The lines that the filter lets through."""
        return [line for _, line in self._shown]

    def __getitem__(self, number: int) -> LogLine:
        return self._shown[number - self.first][1]

    def clear(self) -> None:
        """Forget all of them; the filter stays."""
        self._all = []
        self._rank = {}
        self.dropped = 0
        self._choose()

    def add(self, lines: Iterable[LogLine]) -> int:
        """Take new lines; return how many of them are shown."""
        before = self.end
        filtered = self._shown is not self._all
        for line in lines:
            entry = (self._next, line)
            self._next += 1
            self._all.append(entry)
            if filtered and self._fits(line):
                self._shown.append(entry)
        added = self.end - before
        if len(self._all) > self.most + _SLACK:
            self._cut()
        return added

    def show_only(self, wanted: LogFilter) -> None:
        """Filter anew."""
        if wanted != self.filter:
            self.filter = wanted
            self._choose()

    def matches(self, number: int) -> bool:
        """Whether a shown line has the words that are looked for."""
        words = self.filter.words
        return bool(words) and words.casefold() in self[number].text.casefold()

    def count(self) -> int:
        """How many shown lines have the words that are looked for."""
        words = self.filter.words.casefold()
        return sum(words in line.text.casefold() for _, line in self._shown) if words else 0

    def find(self, start: int, step: int = 1) -> int | None:
        """Return the next line with the words from `start` on, round the end; backwards with a `step` of -1."""
        total = len(self._shown)
        if not self.filter.words:
            return None
        words = self.filter.words.casefold()
        for offset in range(total):
            place = (start - self.first + step * offset) % total
            if words in self._shown[place][1].text.casefold():
                return self.first + place
        return None

    def _choose(self) -> None:
        self._rank = {}
        self.first = 0
        if self.filter.all:
            self._shown = self._all
        else:
            self._shown = [entry for entry in self._all if self._fits(entry[1])]

    def _fits(self, line: LogLine) -> bool:
        wanted = self.filter
        rank = self._rank_of(line) if wanted.least != "all" else 0
        if wanted.whose not in ("both", line.stream) or rank < _LEAST[wanted.least]:
            return False
        return not (wanted.only and wanted.words) or wanted.words.casefold() in line.text.casefold()

    def _rank_of(self, line: LogLine) -> int:
        """An indented line belongs to the one above it on its stream, as in a trace."""
        level = level_of(line.text)
        if level is not None:
            self._rank[line.stream] = _RANK[level]
        elif not line.text[:1].isspace():
            self._rank[line.stream] = _RANK["info"]
        return self._rank.get(line.stream, _RANK["info"])

    def _cut(self) -> None:
        over = len(self._all) - self.most
        oldest = self._all[over][0]
        if self._shown is not self._all:
            gone = bisect_left(self._shown, oldest, key=itemgetter(0))
            del self._shown[:gone]
            self.first += gone
        else:
            self.first += over
        del self._all[:over]
        self.dropped += over
