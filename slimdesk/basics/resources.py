"""Where the data files are: inside the package when installed from a wheel, else beside it in the checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from slimdesk.basics.errors import SlimDeskError


@cache
def resources_folder() -> Path:
    """Return the folder that holds catalog/, themes/ and sample/."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "resources", package.parent / "resources"):
        if (folder / "catalog").is_dir():
            return folder
    raise SlimDeskError(
        "SlimDesk's data files are missing", f"no resources folder beside {package}", "Install SlimDesk again"
    )


def resource(name: str) -> Path:
    """Return the path of one data file or folder, such as catalog/distroless.toml."""
    return resources_folder() / name
