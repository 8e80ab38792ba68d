"""What smaller images are worth: arithmetic with measured download sizes and the person's own numbers. Nothing is guessed.

pull, one node      download x 8 / bandwidth
pull, shared link   nodes x download x 8 / bandwidth
traffic, new nodes  nodes x download
traffic, a release  nodes x (download - base)      nodes that hold the base already
registry            base + versions x (download - base)

A base image's layers are stored and sent once, however many versions stand on it. Where the base is not known, base is 0:
then the figures are an upper bound, and say so. Latency, inflating and registries' own limits are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from slimdesk.basics.errors import BadInput
from slimdesk.basics.units import format_bytes, format_seconds
from slimdesk.image.model import Image

FORMULAS = (
    ("One node pulls", "download × 8 ÷ bandwidth"),
    ("All nodes over one link", "nodes × download × 8 ÷ bandwidth"),
    ("Sent to new nodes", "nodes × download"),
    ("Sent per release", "nodes × (download − base): the base is on the nodes already"),
    ("Registry", "base + versions × (download − base): base layers are stored once"),
)
_RATE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kKmMgG]?)(?:bit|bits|bps|bit/s)\s*", re.ASCII)
_POWER = {"": 0, "k": 1, "m": 2, "g": 3}
_MOST = 10**9


@dataclass(frozen=True, slots=True)
class Assumptions:
    """The person's numbers: bandwidth in bits per second, nodes that pull, versions that a registry keeps."""

    bandwidth: float = 100_000_000
    nodes: int = 10
    versions: int = 30

    def __post_init__(self) -> None:
        """Refuse what no arithmetic can be done with. Raises BadInput."""
        if not 0 < self.bandwidth <= 1e15:
            raise BadInput("The bandwidth must be above zero", "", "Write for example 100Mbit")
        for word, number in (("nodes", self.nodes), ("versions", self.versions)):
            if not 0 < number <= _MOST:
                raise BadInput(
                    f"The number of {word} must be from 1 to 1 000 000 000", "", "Give a whole number"
                )


def kept_numbers(kept: Mapping[str, float]) -> Assumptions:
    """Return numbers that were remembered by name, the usual for what is missing or of no use."""
    usual = Assumptions()
    try:
        return Assumptions(
            float(kept.get("bandwidth", usual.bandwidth)),
            int(kept.get("nodes", usual.nodes)),
            int(kept.get("versions", usual.versions)),
        )
    except (BadInput, ValueError, OverflowError):
        return usual


@dataclass(frozen=True, slots=True)
class Weight:
    """An image as it is sent, in bytes. `base` = what its base image brought; None = not known.

    layers: (digest or diff ID, bytes, whether the base brought it), lowest first; empty where they are not known.
    compressed_here: there were no blobs, SlimDesk compressed the layers to measure them.
    """

    name: str
    download: int
    base: int | None = None
    layers: tuple[tuple[str, int, bool], ...] = ()
    compressed_here: bool = False


@dataclass(frozen=True, slots=True)
class WorthRow:
    """One image's figures: seconds and bytes. `registry` is of all versions; `upper_bound`: the base is not known."""

    name: str
    download: int
    base: int | None
    pull_seconds: float
    shared_link_seconds: float
    sent_new: int
    sent_release: int
    registry: int
    upper_bound: bool
    compressed_here: bool

    def to_json(self) -> dict[str, Any]:
        """All keys of it in the command line's JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Worth:
    """The rows, the reference first, and what was assumed. `together`: bytes in a registry that holds all of them."""

    rows: tuple[WorthRow, ...]
    assumptions: Assumptions
    together: int | None = None

    @property
    def reference(self) -> WorthRow:
        """What the others are measured against."""
        return self.rows[0]

    def saved(self, row: WorthRow) -> dict[str, float]:
        """Return what a row saves against the reference: seconds and bytes, below zero where it costs more."""
        first = self.reference
        return {
            "pull_seconds": first.pull_seconds - row.pull_seconds,
            "shared_link_seconds": first.shared_link_seconds - row.shared_link_seconds,
            "sent_new": first.sent_new - row.sent_new,
            "sent_release": first.sent_release - row.sent_release,
            "registry": first.registry - row.registry,
        }

    def sentence(self, row: WorthRow) -> str:
        """Return what a row is worth in one sentence."""
        saved, numbers = self.saved(row), self.assumptions
        if row is self.reference:
            return f"{row.name} is what the others are measured against."
        less = saved["sent_new"] >= 0
        return (
            f"{row.name} pulls in {format_seconds(row.pull_seconds)} instead of "
            f"{format_seconds(self.reference.pull_seconds)} at {format_rate(numbers.bandwidth)}; "
            f"{numbers.nodes} new nodes fetch {format_bytes(abs(saved['sent_new']))} {'less' if less else 'more'}, and "
            f"{numbers.versions} versions in a registry take {format_bytes(row.registry)} instead of "
            f"{format_bytes(self.reference.registry)}."
        )

    def to_json(self) -> dict[str, Any]:
        """All keys of it in the command line's JSON."""
        return {
            "assumptions": asdict(self.assumptions),
            "images": [{**row.to_json(), "saved": self.saved(row)} for row in self.rows],
            "together": self.together,
            "formulas": [{"figure": name, "formula": formula} for name, formula in FORMULAS],
        }


def weight_of(image: Image, name: str | None = None) -> Weight | None:
    """Return what an image weighs as it is sent; None where its download was not measured."""
    sizes = image.sizes
    if sizes.download is None:
        return None
    layers = tuple(
        (layer.digest or layer.diff_id or str(layer.index), layer.sizes.download, bool(layer.base))
        for layer in image.layers
        if layer.sizes.download is not None
    )
    whole = len(layers) == len(image.layers)
    known = image.base_layers is not None and whole
    return Weight(
        name or image.name or image.location,
        sizes.download,
        sum(size for _, size, base in layers if base) if known else None,
        layers if whole else (),
        sizes.download_from == "compressed",
    )


def worth(weights: Sequence[Weight], assumptions: Assumptions | None = None) -> Worth:
    """Return the figures; the first weight is the reference. Raises BadInput for none."""
    if not weights:
        raise BadInput("No download size is known", "", "Build or open an image first")
    numbers = assumptions or Assumptions()
    return Worth(tuple(_row(one, numbers) for one in weights), numbers, _together(weights, numbers.versions))


def _row(one: Weight, numbers: Assumptions) -> WorthRow:
    base = min(one.base or 0, one.download)
    own = one.download - base
    seconds = one.download * 8 / numbers.bandwidth
    return WorthRow(
        one.name,
        one.download,
        one.base,
        seconds,
        seconds * numbers.nodes,
        numbers.nodes * one.download,
        numbers.nodes * own,
        base + numbers.versions * own,
        one.base is None,
        one.compressed_here,
    )


def _together(weights: Iterable[Weight], versions: int) -> int | None:
    """Bytes of all images' versions in one registry: a base layer that several share counts once."""
    bases: dict[str, int] = {}
    own = 0
    for one in weights:
        if not one.layers and one.download:
            return None
        for key, size, base in one.layers:
            if base:
                bases[key] = size
            else:
                own += size
    return sum(bases.values()) + versions * own


def parse_rate(text: str) -> float:
    """Bits per second from 100Mbit, 1.5 Gbit/s or 800kbit. Raises BadInput."""
    match = _RATE.fullmatch(text)
    if match is None:
        raise BadInput(f"{text[:40]!r} is no bandwidth", "", "Write for example 100Mbit or 1Gbit")
    return float(match[1]) * 1000.0 ** _POWER[match[2].lower()]


def format_rate(rate: float) -> str:
    """100 Mbit/s."""
    for power, word in ((1e9, "Gbit/s"), (1e6, "Mbit/s"), (1e3, "kbit/s")):
        if rate >= power:
            return f"{rate / power:.4g} {word}"
    return f"{rate:.4g} bit/s"
