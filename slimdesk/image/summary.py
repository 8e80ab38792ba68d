"""An image as the command line's JSON has it (and a comparison or a report takes it from there)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from slimdesk.basics.finding import Finding
from slimdesk.image.gates import Gate
from slimdesk.image.kept_json import config_json
from slimdesk.image.model import Image, Layer, Sizes


def image_json(image: Image, findings: Iterable[Finding] = (), gates: Iterable[Gate] = ()) -> dict[str, Any]:
    """Return every key of `slimdesk analyze --json`; text may still hold control characters, as JSON escapes them."""
    return {
        "source": image.source,
        "name": _text(image.name),
        "image_id": image.image_id,
        "platform": _text(image.platform),
        "verified": image.verified,
        "sizes": sizes_json(image.sizes),
        "shadowed": image.shadowed,
        "score": image.score,
        "dive": {
            "efficiency": image.dive.efficiency,
            "wasted_bytes": image.dive.wasted_bytes,
            "user_wasted_percent": image.dive.user_wasted_percent,
        },
        "layers": [_layer_json(layer) for layer in image.layers],
        "packages": [package.to_json() for package in image.packages or ()],
        "packages_known": image.packages is not None,
        "config": config_json(image.config),
        "findings": [finding.to_json() for finding in findings],
        "gates": [gate.to_json() for gate in gates],
        "could_save": image.could_save,
    }


def sizes_json(sizes: Sizes) -> dict[str, Any]:
    """Return the four sizes and where the download comes from."""
    return {
        "download": sizes.download,
        "unpacked": sizes.unpacked,
        "files": sizes.files,
        "live": sizes.live,
        "download_from": sizes.download_from,
    }


def _layer_json(layer: Layer) -> dict[str, Any]:
    sizes = sizes_json(layer.sizes)
    del sizes["live"]
    return {
        "index": layer.index,
        "diff_id": layer.diff_id,
        "digest": layer.digest,
        "created_by": _text(layer.created_by),
        "instruction": _text(layer.instruction),
        "base": layer.base,
        "entries": layer.entries,
        "sizes": sizes,
        "shadowed": layer.shadowed,
    }


def _text(text: str | None) -> str | None:
    # Lone surrogates (bytes that were not UTF-8) would make JSON that strict readers refuse.
    return None if text is None else text.encode("utf-8", "backslashreplace").decode()
