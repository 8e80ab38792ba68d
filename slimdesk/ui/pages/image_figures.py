"""The figures of an image in words: each with what it is, its exact bytes, and the parts that it is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import THIN_SPACE, UNKNOWN, format_bytes, format_exact, format_percent, plural
from slimdesk.image.model import Image, Layer
from slimdesk.image.table import ROOT
from slimdesk.ui.models.image_colors import layer_word
from slimdesk.ui.widgets.figures import Figure

if TYPE_CHECKING:
    from slimdesk.image.picture import Picture

_PARTS = 4
_LATER = "not known yet"
DOWNLOAD = "Sum of the compressed layers, as a registry sends them"
UNPACKED = "Sum of the uncompressed layer archives, with their headers and padding"
FILES = "Sum of the sizes of all files in all layers, as dive, syft and the classic store count"
LIVE = "Sum of the sizes of the files that a container sees, each hard-linked body once"
SHADOWED = "Bytes that one layer adds and a later one overwrites, deletes or merely re-modes: files − live"
SCORE = "live / files: 1 means that nothing is shadowed"


def figures(image: Image, engine_size: int | None = None) -> Sequence[Figure]:
    """Return the figures, the most asked for first; `engine_size` is what the engine says of the image."""
    share = image.shadowed / image.sizes.files if image.sizes.files else None
    return (
        _download(image),
        _sum(image, "Unpacked", UNPACKED, image.sizes.unpacked, lambda layer: layer.sizes.unpacked),
        _files(image, engine_size),
        _live(image),
        Figure(
            format_bytes(image.shadowed), f"Shadowed, {format_percent(share)} of files",
            _tip(SHADOWED, image.shadowed, _heaviest(image, lambda layer: layer.shadowed, "Added by layers")),
            "warn" if image.shadowed else "text",
        ),
        Figure(
            UNKNOWN if image.score is None else f"{image.score:.3f}", "Score, live / files",
            _lines(SCORE, f"{format_exact(image.sizes.live)} / {format_exact(image.sizes.files)}", _dive(image)),
        ),
        _could_save(image),
        Figure(format_percent(image.dive.efficiency), "dive's efficiency", _dive(image)),
        _entries(image),
    )  # fmt: skip


def figures_so_far(picture: Picture, image: Image) -> Sequence[Figure]:
    """Return the figures of an image that is being read; what is not known yet says so."""
    from_layers = picture.tree == "layers"
    so_far = f"So far, of {picture.layers_read} of {plural(len(picture.layers), 'layer')}"
    later = tuple(
        Figure(_LATER, name, _lines(words, "Known when all layers have been read"), "text3")
        for name, words in (("Download", DOWNLOAD), ("Unpacked", UNPACKED))
    )
    if picture.tree is None:
        rest = (("Files", FILES), ("Live", LIVE), ("Shadowed", SHADOWED), ("Score, live / files", SCORE))
        return (*later, *(Figure(_LATER, name, words, "text3") for name, words in rest))
    if not from_layers:
        return (
            *later,
            Figure(_LATER, "Files", FILES, "text3"),
            Figure(
                format_bytes(image.sizes.live), "Live, as the engine lists it", _tip(LIVE, image.sizes.live)
            ),
            Figure(_LATER, "Shadowed", SHADOWED, "text3"),
            Figure(_LATER, "Score, live / files", SCORE, "text3"),
        )
    return (
        *later,
        Figure(format_bytes(image.sizes.files), "Files, so far", _tip(FILES, image.sizes.files, so_far)),
        Figure(format_bytes(image.sizes.live), "Live, so far", _tip(LIVE, image.sizes.live, so_far)),
        Figure(format_bytes(image.shadowed), "Shadowed, so far", _tip(SHADOWED, image.shadowed, so_far)),
        Figure(_LATER, "Score, live / files", SCORE, "text3"),
    )


def _download(image: Image) -> Figure:
    sizes = image.sizes
    if sizes.download is None:
        return Figure(
            "not measured", "Download", _lines(DOWNLOAD, "This was read without compressing them"), "text2"
        )
    measured = sizes.download_from == "compressed"
    how = (
        "The layers are not compressed here, so SlimDesk compressed them to measure (fast level, about 1.15 times gzip)"
        if measured
        else "Compressed as they stand in the image"
    )
    parts = _base_and_own(image, lambda layer: layer.sizes.download or 0)
    name = "Download, measured" if measured else "Download"
    return Figure(format_bytes(sizes.download), name, _tip(DOWNLOAD, sizes.download, parts, how))


def _sum(image: Image, name: str, words: str, size: int, of: Callable[[Layer], int]) -> Figure:
    return Figure(
        format_bytes(size), name, _tip(words, size, _base_and_own(image, of), _heaviest(image, of, "Layers"))
    )


def _files(image: Image, engine_size: int | None) -> Figure:
    found = _sum(image, "Files", FILES, image.sizes.files, lambda layer: layer.sizes.files)
    if not engine_size:
        return found
    told = f"The engine itself says {format_exact(engine_size)}: it counts in its own way, with folders or compressed copies"
    return Figure(found.value, found.caption, _lines(found.tip, told))


def _live(image: Image) -> Figure:
    table = image.table
    folders = sorted(table.children(ROOT), key=lambda node: -table.live[node])[:_PARTS]
    parts = [
        f"/{visible(table.name(node), 40)} {format_bytes(table.live[node])}"
        for node in folders
        if table.live[node]
    ]
    base = _base_and_own(image, lambda layer: layer.sizes.files - layer.shadowed)
    return Figure(
        format_bytes(image.sizes.live), "Live", _tip(LIVE, image.sizes.live, base, f"In {', '.join(parts)}" if parts else "")
    )  # fmt: skip


def _could_save(image: Image) -> Figure:
    words = "Live bytes that following all findings would gain, each byte counted once"
    if image.packages is None:
        return Figure(
            "not looked for", "Could save", _lines(words, "Only the headers of the image were read"), "text2"
        )
    gains = sorted((one for one in image.findings if one.bytes), key=lambda one: -(one.bytes or 0))[:_PARTS]
    parts = [f"{format_bytes(one.bytes)}: {visible(one.message, 100)}" for one in gains]
    count = plural(len(image.findings), "finding")
    live = image.sizes.live
    share = f", {format_percent(image.could_save / live)} of live" if live else ""
    return Figure(
        format_bytes(image.could_save), f"Could save, {count}",
        _lines(words, format_exact(image.could_save) + share, *parts),
    )  # fmt: skip


def _entries(image: Image) -> Figure:
    count = sum(layer.entries for layer in image.layers)
    words = "Files, folders, links and marks of deletion in all layers together"
    seen = plural(image.table.files[ROOT], "file and link", "files and links")
    parts = _heaviest(image, lambda layer: layer.entries, "Layers", plain=True)
    return Figure(_count(count), "Entries", _lines(words, f"A container sees {seen}", parts))


def _dive(image: Image) -> str:
    dive = image.dive
    user = UNKNOWN if dive.user_wasted_percent is None else format_percent(dive.user_wasted_percent)
    return _lines(
        "As dive counts, for thresholds that were set with it (it knows no opaque marks, and counts the copy that stays)",
        f"Efficiency {format_percent(dive.efficiency)}: of each path the smallest copy, over all copies",
        f"Wasted {format_exact(dive.wasted_bytes)}: all copies of paths that stand in two layers or more",
        f"User wasted {user}: the same, against the files of all layers above the first",
    )


def _base_and_own(image: Image, of: Callable[[Layer], int]) -> str:
    if image.base_layers is None:
        return ""
    base = sum(of(layer) for layer in image.layers if layer.base)
    own = sum(of(layer) for layer in image.layers if not layer.base)
    return f"Base {format_bytes(base)} + own layers {format_bytes(own)}"


def _heaviest(image: Image, of: Callable[[Layer], int], word: str, *, plain: bool = False) -> str:
    ranked = sorted((layer for layer in image.layers if of(layer)), key=of, reverse=True)
    if not ranked:
        return ""
    write = _count if plain else format_bytes
    parts = ", ".join(f"{visible(layer_word(layer))} {write(of(layer))}" for layer in ranked[:_PARTS])
    more = f", and {len(ranked) - _PARTS} more" if len(ranked) > _PARTS else ""
    return f"{word} {parts}{more}"


def _count(count: float) -> str:
    return f"{count:,.0f}".replace(",", THIN_SPACE)


def _tip(words: str, size: int | None, *parts: str) -> str:
    return _lines(words, format_exact(size), *parts)


def _lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part)
