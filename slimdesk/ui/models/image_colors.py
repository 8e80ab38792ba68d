"""What the tiles' colours mean: by layer, by kind of file, by package, by what the own layers changed."""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass, field
from typing import Literal

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import plural
from slimdesk.image.changes import BITS, file_changes
from slimdesk.image.kinds import TITLES, FileKind, file_kinds
from slimdesk.image.model import Image, Layer
from slimdesk.image.table import FileTable, Kind
from slimdesk.ui.models.packages import package_word, packages_known

Way = Literal["layer", "kind", "package", "change"]
Paint = tuple[Literal["base", "tile", "other", "less", "more"], int]
"""Which ramp of the theme, and which step of it."""

_OTHER = 255
_TILES = 8
# Names are longer than kinds: more of them would not be readable in a narrow window's legend.
_NAMED, _NAME = 5, 18
_PLACE = 16
_SMALLER, _NONE = _NAMED, _NAMED + 1
_REST: Paint = ("tile", _TILES - 1)
_SETS = re.compile(r"[A-Za-z_]\w*=")
_PREPARES = ("set", "export", "cd", "umask", "#", ":")
_BASE, _ADDED, _REPLACES, _OVERWRITTEN, _DELETED = range(5)


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """One mark of the legend: its word, the codes that it stands for, its colour, the bytes in all, and its whole name if the word is short."""

    word: str
    codes: frozenset[int]
    paint: Paint
    size: int
    name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Coloring:
    """A code (0..255) per node, the paint of each code, and the legend, largest first.

    signs: what stands before the bytes of a tile of that code, where bytes came or went. most: by folder, the code of most
    bytes in it, of those that were drawn so far.
    """

    way: Way
    codes: array[int]
    paints: dict[int, Paint]
    legend: tuple[LegendEntry, ...]
    signs: dict[int, str] = field(default_factory=dict)
    most: dict[int, int] = field(default_factory=dict, repr=False)

    def paint(self, code: int) -> Paint:
        """Return the paint of a code."""
        return self.paints.get(code, ("other", 0))


def by_layer(image: Image) -> Coloring:
    """Base layers grey, own layers in the order of their bytes; all from the ninth on share one colour."""
    own = [layer for layer in image.layers if not layer.base and layer.sizes.files > 0]
    own.sort(key=lambda layer: layer.sizes.files, reverse=True)
    base = [layer for layer in image.layers if layer.base]
    paints: dict[int, Paint] = {
        layer.index: ("base", layer.index % 4) for layer in base if layer.index < _OTHER
    }
    paints.update(
        {layer.index: ("tile", rank) for rank, layer in enumerate(own[:_TILES]) if layer.index < _OTHER}
    )
    entries = [
        LegendEntry(layer_word(layer), frozenset({layer.index}), ("tile", rank), layer.sizes.files)
        for rank, layer in enumerate(own[:_TILES])
    ]
    if base:
        size = sum(layer.sizes.files for layer in base)
        word = f"Base, {plural(len(base), 'layer')}"
        entries.insert(0, LegendEntry(word, frozenset(layer.index for layer in base), ("base", 0), size))
    if len(own) > _TILES:
        rest = own[_TILES:]
        size = sum(layer.sizes.files for layer in rest)
        codes = frozenset(min(layer.index, _OTHER) for layer in rest)
        entries.append(LegendEntry(f"{len(rest)} smaller layers", codes, ("other", 0), size))
    return Coloring("layer", _layer_codes(image.table), paints, tuple(entries))


def by_kind(table: FileTable) -> Coloring:
    """Kinds of files in the order of their bytes; what has no kind, or is too rare for a colour, is "Other"."""
    codes = file_kinds(table)
    totals = _totals(codes, table)
    sizes = {kind: totals[kind] for kind in FileKind}
    ranked = sorted((kind for kind in FileKind if sizes[kind]), key=lambda kind: sizes[kind], reverse=True)
    ranked = [kind for kind in ranked if kind is not FileKind.OTHER]
    paints: dict[int, Paint] = {int(kind): ("tile", rank) for rank, kind in enumerate(ranked[:_TILES])}
    entries = [
        LegendEntry(TITLES[kind], frozenset({int(kind)}), ("tile", rank), sizes[kind])
        for rank, kind in enumerate(ranked[:_TILES])
    ]
    rest = [*ranked[_TILES:], FileKind.OTHER]
    size = sum(sizes[kind] for kind in rest)
    if size:
        entries.append(LegendEntry("Other", frozenset(int(kind) for kind in rest), ("other", 0), size))
    return Coloring("kind", codes, paints, tuple(entries))


def by_package(image: Image) -> Coloring:
    """The heaviest packages by name, the smaller ones in one colour, grey what belongs to none; all grey where none were read."""
    import numpy as np

    table, packages = image.table, image.packages or ()
    owner = np.full(len(table), -1, dtype=np.int32)
    if packages_known(image):
        owner = np.frombuffer(image.package_of, dtype=np.int32)
    held = np.bincount(
        owner + 1, weights=np.frombuffer(table.size, dtype=np.int64), minlength=len(packages) + 1
    )
    ranked = sorted((one for one in range(len(packages)) if held[one + 1]), key=lambda one: -held[one + 1])
    code_of = np.full(len(held), _SMALLER, dtype=np.uint8)
    code_of[0] = _NONE
    for rank, one in enumerate(ranked[:_NAMED]):
        code_of[one + 1] = rank
    entries = [
        LegendEntry(
            visible(packages[one].name, _NAME),
            frozenset({rank}),
            ("tile", rank),
            int(held[one + 1]),
            package_word(packages[one]),
        )
        for rank, one in enumerate(ranked[:_NAMED])
    ]
    rest = ranked[_NAMED:]
    if rest:
        size = int(sum(held[one + 1] for one in rest))
        whole = plural(len(rest), "smaller package")
        entries.append(LegendEntry(f"{len(rest)} smaller", frozenset({_SMALLER}), _REST, size, whole))
    if held[0]:
        entries.append(LegendEntry("No package", frozenset({_NONE}), ("base", 0), int(held[0])))
    paints: dict[int, Paint] = {rank: ("tile", rank) for rank in range(_NAMED)}
    paints |= {_SMALLER: _REST, _NONE: ("base", 0)}
    codes = array("B")
    codes.frombytes(code_of[owner + 1].tobytes())
    return Coloring("package", codes, paints, tuple(entries))


def by_change(image: Image) -> Coloring:
    """What the own layers did: left the base alone, added, wrote anew, overwrote or deleted (the last two are shadowed)."""
    import numpy as np

    table = image.table
    base = image.base_layers or 0
    bits = np.frombuffer(file_changes(table), dtype=np.uint8)
    layer = np.frombuffer(table.layer, dtype=np.int16)
    files = np.frombuffer(table.kind, dtype=np.uint8) != Kind.FOLDER
    hidden = (np.frombuffer(table.hidden_by, dtype=np.int16) >= 0) & files
    column = np.where(layer >= base, _ADDED, _BASE).astype(np.uint8)
    column[(bits & BITS["modified"] > 0) & files] = _REPLACES
    column[hidden] = np.where(bits[hidden] & BITS["overwritten"], _OVERWRITTEN, _DELETED)
    codes = array("B")
    codes.frombytes(column.tobytes())
    names: tuple[tuple[int, str, Paint], ...] = (
        (_BASE, "Base", ("base", 0)),
        (_ADDED, "Added", ("tile", 0)),
        (_REPLACES, "Replaces a copy", ("tile", 1)),
        (_OVERWRITTEN, "Overwritten", ("tile", 6)),
        (_DELETED, "Deleted", ("tile", 3)),
    )
    sizes = _totals(codes, table)
    entries = [
        LegendEntry(word, frozenset({code}), paint, sizes[code]) for code, word, paint in names if sizes[code]
    ]
    paints: dict[int, Paint] = {code: paint for code, _, paint in names}
    return Coloring("change", codes, paints, tuple(entries))


def layer_word(layer: Layer) -> str:
    """Return a layer in two or three words, harmless: "6 pip install", "7 COPY /app"."""
    text = layer.instruction or ""
    keyword, _, rest = text.partition(" ")
    if keyword == "RUN":
        commands = re.split(r"&&|;|\|\||\n", re.sub(r"--\w+=\S+ ", "", rest))
        parts = [words for one in commands if (words := _command_words(one))]
        part = next((part for part in parts if "install" in part), parts[0] if parts else ["RUN"])
        return visible(f"{layer.index} {' '.join(part[:2])[:24]}")
    words = [] if rest.lstrip().startswith("[") else rest.split()
    if keyword in ("COPY", "ADD") and len(words) > 1:
        # Of several copies the place tells which is which; of a long one its end.
        place = words[-1]
        keyword = f"{keyword} {place if len(place) <= _PLACE else '…' + place[1 - _PLACE :]}"
    return visible(f"{layer.index} {keyword[:24]}" if keyword else f"{layer.index}")


def _command_words(command: str) -> list[str]:
    """Return a command without its options and the variables set before it; empty for what only prepares the shell."""
    words = [word for word in command.split() if not word.startswith("-") and not _SETS.match(word)]
    return [] if not words or words[0] in _PREPARES else words


def _layer_codes(table: FileTable) -> array[int]:
    import numpy as np

    layers = np.frombuffer(table.layer, dtype=np.int16)
    codes = array("B")
    codes.frombytes(np.where((layers < 0) | (layers > _OTHER), _OTHER, layers).astype(np.uint8).tobytes())
    return codes


def _totals(codes: array[int], table: FileTable) -> list[int]:
    """Add up the bytes of each code."""
    import numpy as np

    sizes = np.frombuffer(table.size, dtype=np.int64)
    # Doubles hold whole numbers up to 9 PB: no rounding.
    sums = np.bincount(np.frombuffer(codes, dtype=np.uint8), weights=sizes, minlength=256)
    return [int(total) for total in sums]
