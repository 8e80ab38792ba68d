"""The catalogue as a project sees it: its own base images, then the person's, then the shipped ones."""

from __future__ import annotations

import tomllib
from pathlib import Path

from slimdesk.basics.errors import CatalogError
from slimdesk.catalog.catalog import Catalog, load_catalog

SETTINGS = "slimdesk.toml"
MAX_SETTINGS = 1_048_576


def catalog_for(root: Path | None) -> Catalog:
    """Return the catalogue for the project at `root` (None: no project).

    slimdesk.toml may name a folder inside the project: `[catalog]` with `folder = "bases"`. Raises CatalogError for a
    folder that is not there or outside, and for a catalogue file that is wrong.
    """
    return load_catalog(project_folder=None if root is None else _named_folder(root))


def _named_folder(root: Path) -> Path | None:
    file = root / SETTINGS
    try:
        with file.open("rb") as opened:
            data = tomllib.loads(opened.read(MAX_SETTINGS).decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        # Not there, or not TOML: detection reads the same file and says so.
        return None
    table = data.get("catalog")
    name = table.get("folder") if isinstance(table, dict) else None
    if name is None:
        return None
    place = f"{SETTINGS} names a catalogue folder that cannot be used"
    todo = 'Write a folder inside the project, such as folder = "bases"'
    if not isinstance(name, str) or not name or "\0" in name:
        raise CatalogError(place, "[catalog] folder is not a text", todo)
    folder = (root / name).resolve()
    if not folder.is_relative_to(root.resolve()):
        raise CatalogError(place, f"{name!r} is outside of the project", todo)
    if not folder.is_dir():
        raise CatalogError(place, f"there is no folder {name!r}", todo)
    return folder
