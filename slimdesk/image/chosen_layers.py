"""The layers of the image that was chosen: read side by side where that helps, and compared with what is said of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from slimdesk.basics.errors import ArchiveError
from slimdesk.basics.escaping import visible
from slimdesk.basics.units import plural
from slimdesk.image.blobs import Blobs
from slimdesk.image.inflate import compression_of
from slimdesk.image.layer import LayerColumns
from slimdesk.image.layer_reader import OnLayer, ParsedLayer
from slimdesk.image.manifest import Candidate, LayerReference, diff_ids_of

# Each layer under way takes some 25 MB for what waits to be hashed and compressed.
MAX_SIDE_BY_SIDE = 4


def read_layers(
    blobs: Blobs, label: str, chosen: Candidate, *, fast: bool, on_layer: OnLayer | None = None
) -> list[ParsedLayer]:
    """Read all layers, lowest first, telling `on_layer` of each in the thread that has read it.

    Raises ArchiveError for the lowest that is missing or damaged.

    Inflating and hashing release the interpreter, so layers that must be inflated, or hashed, share the cores; headers of a
    plain tar alone are read faster one after the other.
    """

    def read(reference: LayerReference) -> ParsedLayer:
        layer = _layer(blobs, label, chosen, reference)
        if on_layer:
            on_layer(layer)
        return layer

    references = list(dict.fromkeys(chosen.layers))
    at_once = min(MAX_SIDE_BY_SIDE, os.cpu_count() or 1, len(references))
    if at_once > 1 and blobs.seekable and (not fast or _any_compressed(blobs, references)):
        parsed = _side_by_side(references, at_once, blobs, read)
        return [parsed[reference] for reference in chosen.layers]
    return [read(reference) for reference in chosen.layers]


def left_out(layers: Sequence[ParsedLayer]) -> list[int]:
    """Return which layers are foreign and not there."""
    return [index for index, layer in enumerate(layers) if layer.left_out]


def verify(chosen: Candidate, parsed: Sequence[ParsedLayer], stated: Sequence[str], notes: list[str]) -> bool:
    """Compare what was hashed with what configuration and manifest state; say in `notes` what differs."""
    missing = left_out(parsed)
    if len(stated) != len(parsed):
        notes.append(
            f"The configuration states {len(stated)} layers, the manifest {len(parsed)}: nothing could be checked."
        )
        return False
    wrong = [
        index
        for index, (layer, reference) in enumerate(zip(parsed, chosen.layers, strict=True))
        if index not in missing
        and (layer.diff_id != stated[index] or reference.digest not in (None, layer.digest))
    ]
    if wrong:
        notes.append(
            f"{_which(wrong)} not what the image says {'it is' if len(wrong) == 1 else 'they are'}: "
            "the digest differs. Do not trust this copy."
        )
    return not wrong and not missing and not chosen.forged


def note_left_out(parsed: Sequence[ParsedLayer], notes: list[str]) -> None:
    """Say in `notes` which layers are not in any figure."""
    missing = left_out(parsed)
    if missing:
        notes.append(
            f"{_which(missing)} not in the file, for {'it' if len(missing) == 1 else 'they'} may not be handed on: "
            f"{plural(len(missing), 'layer')} could not be read, and no figure counts "
            f"{'it' if len(missing) == 1 else 'them'}."
        )


def _which(indexes: Sequence[int]) -> str:
    numbers = ", ".join(str(index) for index in indexes[:10])
    return f"Layer {numbers} is" if len(indexes) == 1 else f"Layers {numbers} are"


def _any_compressed(blobs: Blobs, references: Sequence[LayerReference]) -> bool:
    return any(compression_of(blobs.start(reference.name)) for reference in references)


def _side_by_side(
    references: Sequence[LayerReference],
    at_once: int,
    blobs: Blobs,
    read: Callable[[LayerReference], ParsedLayer],
) -> dict[LayerReference, ParsedLayer]:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(at_once, "slimdesk-layer") as pool:
        futures = {reference: pool.submit(read, reference) for reference in references}
        try:
            return {reference: future.result() for reference, future in futures.items()}
        except BaseException:
            blobs.stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _layer(blobs: Blobs, label: str, chosen: Candidate, reference: LayerReference) -> ParsedLayer:
    layer = blobs.layer(reference.name, _stated(chosen, reference)) if reference.name else None
    if layer is not None:
        return layer
    why = visible(reference.digest or reference.name, 90)
    if blobs.has(reference.name):
        index = chosen.layers.index(reference)
        raise ArchiveError(
            f"Layer {index} of {label} is neither a tar nor compressed", why, "Save the image again"
        )
    if reference.may_be_left_out:
        return ParsedLayer(
            LayerColumns(), None, 0, 0, diff_id=None, digest=None, compressed=None, left_out=True
        )
    raise ArchiveError(f"{label} names a layer that is not in it", why, "Save or pull the image again")


def _stated(chosen: Candidate, reference: LayerReference) -> str | None:
    """Return the digest that its blob is said to have; where nobody says it, that of its tar, as if it were stored plain."""
    if reference.digest:
        return reference.digest
    stated = diff_ids_of(chosen.config)
    index = chosen.layers.index(reference)
    return stated[index] if index < len(stated) else None
