"""An image while it is being read: what is known so far, and what is not known yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from slimdesk.image.model import DiveFigures, Image, ImageConfig, Layer, Sizes, SourceKind
from slimdesk.image.table import FileTable

TreeFrom = Literal["listing", "layers"]


OnPicture = Callable[["Picture"], None]


@dataclass(frozen=True, slots=True)
class LayerSoFar:
    """One layer of an image that is being read.

    read: whether it has been read to its end. entries: files, folders, links and whiteouts; None until it is read.
    files: sum of its file sizes in bytes once it is read, before that what the engine states (None where nobody does).
    base: whether the base image brought it; None = not known.
    """

    index: int
    diff_id: str | None
    created_by: str | None
    instruction: str | None
    base: bool | None
    read: bool = False
    entries: int | None = None
    files: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What is known of an image so far. Each picture replaces the one before it.

    layers: lowest first; empty until their number is known. table: the merged tree; None until there is one. tree: where it
    comes from: "listing" is the whole tree as a container sees it, without layers (every node's layer is -1) and without
    anything hidden; "layers" is what the layers read so far come to. done, total: bytes read, and in all (None = not known).
    unknown: sentences that say what is not known yet.
    """

    name: str
    source: SourceKind
    layers: tuple[LayerSoFar, ...] = ()
    table: FileTable | None = None
    tree: TreeFrom | None = None
    done: int = 0
    total: int | None = None
    unknown: tuple[str, ...] = ()
    config: ImageConfig = field(default_factory=ImageConfig)
    platform: str | None = None

    @property
    def layers_read(self) -> int:
        """How many layers have been read to their end."""
        return sum(1 for layer in self.layers if layer.read)

    def as_image(self) -> Image | None:
        """Return what is known in the shape of an image, for views that show one; None without a tree.

        Nothing in it is verified; packages are None, dive's figures those of an image without files; sizes are of what
        the tree holds, and a layer that is not read counts nothing.
        """
        table = self.table
        if table is None:
            return None
        live, shadowed = table.live_bytes(), table.shadowed_bytes()
        return Image(
            source=self.source,
            location=self.name,
            name=self.name,
            image_id=None,
            platform=self.platform,
            verified=False,
            config=self.config,
            layers=tuple(_layer(layer) for layer in self.layers),
            sizes=Sizes(None, live + shadowed, live + shadowed, live),
            shadowed=shadowed,
            score=live / (live + shadowed) if live + shadowed else None,
            dive=DiveFigures(1.0, 0, None),
            table=table,
            warnings=(),
        )

    def without_table(self) -> Picture:
        """Return it without its tree, small enough to be sent."""
        return replace(self, table=None)


def _layer(layer: LayerSoFar) -> Layer:
    files = layer.files or 0
    return Layer(
        index=layer.index,
        diff_id=layer.diff_id,
        digest=None,
        media_type=None,
        created_by=layer.created_by,
        instruction=layer.instruction,
        base=layer.base,
        entries=layer.entries or 0,
        sizes=Sizes(None, files, files),
        shadowed=0,
    )
