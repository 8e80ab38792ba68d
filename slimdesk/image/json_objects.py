"""JSON out of an image: untrusted, so that nothing of it can fail."""

from __future__ import annotations

import json
from typing import Any


def json_object(body: bytes) -> dict[str, Any] | None:
    """Return the object that a document is; None where it is damaged, nested too deeply, or something else."""
    try:
        document: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
