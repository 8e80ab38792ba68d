"""The comparison as a file: JSON as the command line prints it, Markdown for a pull request, CSV of all that differs."""

from __future__ import annotations

import json
from collections.abc import Sequence

from slimdesk.image.compare import Side, SizeWord


def written(kind: str, sides: Sequence[Side], size: SizeWord) -> bytes:
    """Return the file's bytes; may take a while for many files."""
    from slimdesk.image.compare_json import comparison_json
    from slimdesk.image.compare_text import comparison_csv, markdown
    from slimdesk.operations.compare import distinct, pairs_of

    named = distinct(sides)
    pairs = pairs_of(named)
    if kind == "json":
        whole = {"schema": 1, **comparison_json(named, pairs)}
        return (json.dumps(whole, indent=2, allow_nan=False) + "\n").encode("ascii")
    if kind == "csv":
        return comparison_csv(pairs).encode("utf-8", "backslashreplace")
    return markdown(named, pairs, [()] * len(pairs), size).encode("utf-8", "backslashreplace")
