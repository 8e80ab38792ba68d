"""What an analysis keeps as JSON so that a later comparison needs no image: how it starts, and all of its files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from slimdesk.image.harmless import harmless
from slimdesk.image.model import Image, ImageConfig
from slimdesk.image.table import Kind

_WORDS = {
    Kind.FOLDER: "folder",
    Kind.FILE: "file",
    Kind.SYMLINK: "symlink",
    Kind.HARD_LINK: "hard-link",
    Kind.CHARACTER_DEVICE: "character-device",
    Kind.BLOCK_DEVICE: "block-device",
    Kind.FIFO: "fifo",
}
KINDS = {word: kind for kind, word in _WORDS.items()}


def image_files_json(image: Image) -> list[dict[str, Any]]:
    """Return the files that a container sees, so that a later comparison needs no image."""
    table = image.table
    found = []
    for node in range(1, len(table)):
        if table.hidden_by[node] >= 0:
            continue
        kind = Kind(table.kind[node])
        found.append(
            {
                "path": _text(table.path(node)),
                "kind": _WORDS[kind],
                "size": table.size[node],
                "mode": table.mode(node),
                "uid": table.uid(node),
                "gid": table.gid(node),
                "mtime": table.mtime[node],
                "layer": table.layer[node] if table.layer[node] >= 0 else None,
                "target": _text(table.link(node)),
            }
        )
    return found


def config_json(config: ImageConfig) -> dict[str, Any]:
    """Return how an image starts. Values of variables that are named like secrets are left out."""
    return {
        "user": _text(config.user),
        "entrypoint": _texts(config.entrypoint),
        "command": _texts(config.command),
        "environment": [_text(_variable(word)) for word in config.environment],
        "working_dir": _text(config.working_dir),
        "exposed_ports": _texts(config.exposed_ports),
        "volumes": _texts(config.volumes),
        "labels": {str(_text(key)): _text(harmless(key, value)) for key, value in config.labels.items()},
        "stop_signal": _text(config.stop_signal),
        "shell": _texts(config.shell),
        "healthcheck": _texts(config.healthcheck),
    }


def _variable(word: str) -> str:
    name, _, value = word.partition("=")
    return f"{name}={harmless(name, value)}"


def _texts(words: Sequence[str] | None) -> list[str | None] | None:
    return None if words is None else [_text(word) for word in words]


def _text(text: str | None) -> str | None:
    # Bytes that were not UTF-8 come as a backslash and digits: strict readers refuse a lone surrogate.
    return None if text is None else text.encode("utf-8", "backslashreplace").decode()
