"""What the Compare page shows of two images: everything that takes a moment is made here, beside the loop, once per pair."""

from __future__ import annotations

from dataclasses import dataclass

from slimdesk.basics.units import MINUS
from slimdesk.image.compare import ConfigChange, PackageChange, Pair, Side
from slimdesk.image.difference_model import Change
from slimdesk.image.difference_tree import LARGER, DifferenceTree, difference_tree
from slimdesk.ui.models.files_view import Shown, Wanted, shown_nodes
from slimdesk.ui.models.image_colors import Coloring, LegendEntry, Paint

CHANGES = (Change.REMOVED, Change.ADDED, Change.CHANGED, Change.MOVED)
_MARKS: tuple[tuple[int, str, Paint, str], ...] = (
    (Change.REMOVED, f"{MINUS} removed", ("less", 1), MINUS),
    (Change.CHANGED, f"{MINUS} smaller", ("less", 0), MINUS),
    (LARGER, "+ larger", ("more", 0), "+"),
    (Change.ADDED, "+ added", ("more", 1), "+"),
)


@dataclass(frozen=True, slots=True, eq=False)
class PairView:
    """Two sides against each other, ready to be shown. tree, coloring, shown: None where files are not known."""

    pair: Pair
    tree: DifferenceTree | None
    coloring: Coloring | None
    shown: Shown | None
    counts: dict[Change, int]
    packages: tuple[PackageChange, ...]
    config: tuple[ConfigChange, ...]

    @property
    def packages_grown(self) -> int:
        """How many packages more there are than before."""
        return len(self.pair.after.packages or ()) - len(self.pair.before.packages or ())


def prepare_pair(before: Side, after: Side) -> PairView:
    """Compute it all; may run in a thread."""
    return view_of(Pair(before, after))


def view_of(pair: Pair) -> PairView:
    """Compute what is shown of a pair, whose files may be known already."""
    if not pair.files_known:
        return PairView(pair, None, None, None, {}, pair.packages, pair.config)
    files = pair.files
    tree = difference_tree(files)
    # Looked up here, so that the page finds them ready.
    _ = pair.before.by_reason, pair.after.by_reason
    counts = {change: files.count(change) for change in Change}
    return PairView(
        pair, tree, coloring(tree), shown_nodes(tree.table, Wanted()), counts, pair.packages, pair.config
    )


def coloring(tree: DifferenceTree) -> Coloring:
    """Return the colours of a difference: blue for what went, orange for what came, soft for what changed its size."""
    paints: dict[int, Paint] = {code: paint for code, _, paint, _ in _MARKS}
    paints[Change.MAYBE] = ("less", 0)
    legend = tuple(
        LegendEntry(word, frozenset({code}), paint, tree.totals.get(code, 0))
        for code, word, paint, _ in _MARKS
    )
    signs = {code: sign for code, _, _, sign in _MARKS}
    return Coloring("change", tree.codes, paints, legend, signs)
