"""A comparison as the command line's JSON has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from slimdesk.image.compare import Growth, Pair, Side, figures, grown_packages, grown_paths, live_by_folder
from slimdesk.image.difference_model import Change
from slimdesk.image.reasons import PARTS, TITLES, Part
from slimdesk.image.summary import image_json


def comparison_json(
    sides: Sequence[Side], pairs: Sequence[Pair], growths: Sequence[Sequence[Growth]] = ()
) -> dict[str, Any]:
    """Return every key of `slimdesk compare --json`."""
    empty: Sequence[Growth] = ()
    gates = growths or [empty] * len(pairs)
    return {
        "images": [side_json(side) for side in sides],
        "figures": [
            {"key": row.key, "title": row.title, "unit": row.unit, "values": list(row.values)}
            for row in figures(sides)
        ],
        "differences": [pair_json(pair, some) for pair, some in zip(pairs, gates, strict=True)],
    }


def side_json(side: Side) -> dict[str, Any]:
    """Return an image as `analyze` does, with what of it was known."""
    parts = side.by_part if side.files_known else None
    return {
        **image_json(side.image, side.findings),
        "name": _text(side.name),
        "files_known": side.files_known,
        "config_known": side.config_known,
        "start_seconds": side.start_seconds,
        "parts": {part.name.lower(): parts[part] if parts else None for part in Part},
    }


def pair_json(pair: Pair, growths: Sequence[Growth] = ()) -> dict[str, Any]:
    """Return what became of the first image in the second. Lists are empty where files are not known."""
    files: dict[str, Any] = {
        "added": [], "removed": [], "changed": [], "moved": [], "not_compared": [],
    }  # fmt: skip
    if pair.files_known:
        files = files_json(pair)
    return {
        "image": _text(pair.after.name),
        "against": _text(pair.before.name),
        "files_known": pair.files_known,
        **files,
        "packages": [change.to_json() for change in pair.packages],
        "packages_known": pair.before.packages is not None and pair.after.packages is not None,
        "config": [
            {
                key: _text(value) if isinstance(value, str) else value
                for key, value in change.to_json().items()
            }
            for change in pair.config
        ],
        "config_known": pair.before.config_known and pair.after.config_known,
        "reasons": [
            {
                "reason": change.reason.name.lower().replace("_", "-"),
                "title": TITLES[change.reason],
                "part": PARTS[change.part],
                "before": change.before,
                "after": change.after,
            }
            for change in pair.by_reason
        ],
        "folders": _folders(pair),
        "gates": [
            {
                "rule": one.rule,
                "limit": one.limit.bytes if one.limit.ratio is None else one.limit.ratio,
                "value": one.value,
                "passed": one.passed,
            }
            for one in growths
        ],
        "grown_paths": [
            {"path": _text(path), "size_before": before, "size_after": after}
            for path, before, after in grown_paths(pair)
        ],
        "grown_packages": [change.to_json() for change in grown_packages(pair)],
    }


def _folders(pair: Pair) -> list[dict[str, Any]]:
    if not pair.files_known:
        return []
    one, two = live_by_folder(pair.before.image), live_by_folder(pair.after.image)
    changed = [path for path in one.keys() | two.keys() if one.get(path, 0) != two.get(path, 0)]
    changed.sort(key=lambda path: (-abs(two.get(path, 0) - one.get(path, 0)), path))
    return [
        {"path": _text(path), "size_before": one.get(path, 0), "size_after": two.get(path, 0)}
        for path in changed
    ]


def files_json(pair: Pair) -> dict[str, Any]:
    """Return the files that differ. `proven` of a move: by contents; otherwise by name, size, mode and time."""
    files = pair.files
    before, after = files.before_size, files.after_size

    def path(row: int) -> str | None:
        return _text(files.path(row))

    return {
        "added": [{"path": path(row), "size": int(after[row])} for row in files.rows(Change.ADDED)],
        "removed": [{"path": path(row), "size": int(before[row])} for row in files.rows(Change.REMOVED)],
        "changed": [
            {"path": path(row), "size_before": int(before[row]), "size_after": int(after[row])}
            for row in files.rows(Change.CHANGED)
        ],
        "moved": [
            {
                "path_before": path(int(files.partner[row])),
                "path": path(row),
                "size": int(after[row]),
                "proven": files.proven,
            }
            for row in files.rows(Change.MOVED)
        ],
        "not_compared": [{"path": path(row), "size": int(after[row])} for row in files.rows(Change.MAYBE)],
    }


def _text(text: str | None) -> str | None:
    # Bytes that were not UTF-8 come as a backslash and digits: strict readers refuse a lone surrogate.
    return None if text is None else text.encode("utf-8", "backslashreplace").decode()
