"""Files that differ as rows of a table: a hundred thousand are columns, and become objects when they come into view."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

from PySide6.QtCore import Qt

from slimdesk.basics.escaping import visible
from slimdesk.image.difference_model import Change, Difference
from slimdesk.ui.models.rows import Column, Rows

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file that differs. `moved_from` is the path before, of what was moved; sizes are None on the side without it.

    note: what of a changed file is not as before, beside its bytes.
    """

    row: int
    change: Change
    path: str
    moved_from: str
    before: int | None
    after: int | None
    package: str
    note: str = ""

    @property
    def delta(self) -> int:
        """Bytes more than before."""
        return (self.after or 0) - (self.before or 0)


class FileTexts:
    """Paths and packages of all rows of a difference, as text that can be searched and sorted; made once."""

    def __init__(self, files: Difference) -> None:
        self.files = files
        self._paths: list[str] | None = None
        self._folded: list[str] | None = None
        self.packaged = any(image.packages for image in (files.before, files.after))
        self._packages: dict[int, str] = {}

    @property
    def paths(self) -> list[str]:
        """Paths by row, harmless to show."""
        if self._paths is None:
            files = self.files
            parents = files.parent.tolist()
            found = [""]
            for row in range(1, len(files)):
                name = files.names[row].decode("utf-8", "surrogateescape")
                found.append(f"{found[parents[row]]}/{name}")
            self._paths = found
        return self._paths

    @property
    def folded(self) -> list[str]:
        """Paths by row without regard to capitals."""
        if self._folded is None:
            self._folded = [path.casefold() for path in self.paths]
        return self._folded

    def package(self, row: int) -> str:
        """Name of a row's package."""
        if row not in self._packages:
            self._packages[row] = self.files.package(row)
        return self._packages[row]


class FileRows(Rows[FileRow]):
    """Rows that sort and filter themselves (`Table(sorts_itself=True)`)."""

    def __init__(self, columns: Sequence[Column[FileRow]]) -> None:
        super().__init__(columns)
        self._texts: FileTexts | None = None
        self._change = Change.REMOVED
        self._words = ""
        self._column = -1
        self._falling = True
        self._largest = 0

    def show_changes(self, texts: FileTexts | None, change: Change) -> None:
        """Show all files of one kind of change, the largest first unless another order was chosen."""
        self._texts, self._change = texts, change
        self._largest = _largest(texts.files, change) if texts is not None else 0
        self._again()

    @property
    def texts(self) -> FileTexts | None:
        """What is shown."""
        return self._texts

    @property
    def largest(self) -> int:
        """Bytes of the largest difference, whatever the filter leaves."""
        return self._largest

    def place_of(self, row: int) -> int:
        """Return where a row of the difference stands, -1 where the filter leaves it out."""
        rows = self._rows
        return rows.place_of(row) if isinstance(rows, _Lazy) else -1

    def find(self, words: str) -> None:
        """Keep what has all of these words in its path or its package, or matches them as a glob."""
        if words != self._words:
            self._words = words
            self._again()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; -1 is by bytes of difference."""
        self._column, self._falling = column, order == Qt.SortOrder.DescendingOrder
        self._again()

    def _again(self) -> None:
        self.beginResetModel()
        self._rows = _Lazy(self._texts, self._change, self._order())  # type: ignore[assignment]
        self.endResetModel()

    def _order(self) -> list[int]:
        texts = self._texts
        if texts is None:
            return []
        rows = texts.files.rows(self._change)
        if self._words.strip():
            rows = rows[_matches(texts, rows, self._words)]
        key = self.columns[self._column].key if self._column >= 0 else ""
        ordered: list[int] = _sorted(texts, rows, key, falling=self._falling).tolist()
        return ordered


def _largest(files: Difference, change: Change) -> int:
    import numpy as np

    rows = files.rows(change)
    return int(np.abs(files.after_size[rows] - files.before_size[rows]).max(initial=0))


def _sorted(texts: FileTexts, rows: Numbers, key: str, *, falling: bool) -> Numbers:
    import numpy as np

    files = texts.files
    if key == "path":
        return np.array(sorted(rows.tolist(), key=texts.folded.__getitem__, reverse=falling), dtype=np.int64)
    if key == "package":
        text = texts.package
        ranked = sorted(rows.tolist(), key=lambda row: (text(row).casefold(), row), reverse=falling)
        return np.array(ranked, dtype=np.int64)
    before, after = files.before_size[rows], files.after_size[rows]
    values = {"before": before, "after": after, "difference": after - before}.get(key)
    if values is None:
        # By bytes of difference; of what was moved by size.
        values = np.abs(after - before)
        if files.change.size and len(rows) and files.change[rows[0]] == Change.MOVED:
            values = after
        falling = True
    ordered: Numbers = rows[np.argsort(-values if falling else values, kind="stable")]
    return ordered


def _matches(texts: FileTexts, rows: Numbers, words: str) -> list[bool]:
    paths, package = texts.paths, texts.package
    if any(mark in words for mark in "*?["):
        shaped = words.strip() if "/" in words else f"*/{words.strip()}"
        pattern = re.compile(fnmatch.translate(shaped), re.IGNORECASE)
        return [pattern.match(paths[row]) is not None for row in map(int, rows)]
    wanted, folded = words.casefold().split(), texts.folded
    if not texts.packaged:
        # The usual case of a search among very many: it runs at each letter.
        kept = [folded[row] for row in rows.tolist()]
        return (
            [all(word in path for word in wanted) for path in kept]
            if len(wanted) > 1
            else [wanted[0] in path for path in kept]
        )
    return [
        all(word in folded[row] or word in package(row).casefold() for word in wanted)
        for row in rows.tolist()
    ]


class _Lazy(Sequence[FileRow]):
    """Row objects made when they are asked for; the last one is kept, for a view asks a row's cells one by one."""

    def __init__(self, texts: FileTexts | None, change: Change, order: list[int]) -> None:
        self._texts, self._change, self._order = texts, change, order
        self._last: tuple[int, FileRow] | None = None

    def __len__(self) -> int:
        return len(self._order)

    def place_of(self, row: int) -> int:
        """Return where a row stands, or -1."""
        try:
            return self._order.index(row)
        except ValueError:
            return -1

    @overload
    def __getitem__(self, index: int) -> FileRow: ...
    @overload
    def __getitem__(self, index: slice) -> list[FileRow]: ...
    def __getitem__(self, index: int | slice) -> FileRow | list[FileRow]:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(len(self)))]
        if self._last is None or self._last[0] != index:
            self._last = index, self._row(self._order[index])
        return self._last[1]

    def _row(self, row: int) -> FileRow:
        texts = self._texts
        if texts is None:
            raise IndexError(row)
        files, change = texts.files, self._change
        partner = int(files.partner[row])
        before = int(files.before_size[partner if partner >= 0 else row])
        return FileRow(
            row=row,
            change=change,
            path=visible(files.path(row)),
            moved_from=visible(files.path(partner)) if partner >= 0 else "",
            before=None if change is Change.ADDED else before,
            after=None if change is Change.REMOVED else int(files.after_size[row]),
            package=texts.package(row),
            note=visible(", ".join(files.what_changed(row)), 200) if change is Change.CHANGED else "",
        )
