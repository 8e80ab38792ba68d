"""Through which mirrors a project's images come: what the caller says, else its slimdesk.toml, else the settings.

[mirrors]
"docker.io" = "registry.example.com/hub"
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import visible
from slimdesk.operations.catalog import MAX_SETTINGS, SETTINGS
from slimdesk.recipes.model import Options
from slimdesk.recipes.references import parse_mirror

MAX_MIRRORS = 200


def through_mirrors(root: Path, options: Options) -> tuple[Options, Options]:
    """Return the options with every mirror in force, and those to write down: what slimdesk.toml says is not repeated.

    Raises BadInput for a table that cannot be used.
    """
    own = project_mirrors(root)
    defaults = checked(options.default_mirrors, "The settings")
    given = {**{key: value for key, value in defaults.items() if key not in own}, **options.mirrors}
    in_force = replace(options, mirrors={**own, **given}, default_mirrors={})
    return in_force, replace(options, mirrors=given, default_mirrors={})


def settings_mirrors() -> dict[str, str]:
    """Return the mirrors of the person's own settings: what the window shows in Settings."""
    from slimdesk.workspace.settings import SettingsFile

    return SettingsFile().value.mirrors


def project_mirrors(root: Path) -> dict[str, str]:
    """Return [mirrors] of the project's slimdesk.toml: upstream registry or name prefix -> prefix. Raises BadInput."""
    try:
        with (root / SETTINGS).open("rb") as opened:
            data = tomllib.loads(opened.read(MAX_SETTINGS).decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        # Not there, or not TOML: detection reads the same file and says so.
        return {}
    table = data.get("mirrors", {})
    if not isinstance(table, dict):
        raise BadInput(f"mirrors in {SETTINGS} is not a table", todo=_EXAMPLE)
    return checked(dict(_flat(table)), SETTINGS)


_EXAMPLE = 'Write [mirrors], and below it for example "docker.io" = "registry.example.com/hub"'


def checked(table: Mapping[str, Any], where: str) -> dict[str, str]:
    """Return the table if images can be named through it. Raises BadInput, which says `where` it stands."""
    if len(table) > MAX_MIRRORS:
        raise BadInput(
            f"{where} has {len(table)} mirrors", f"at most {MAX_MIRRORS} are read", "Take some away"
        )
    found: dict[str, str] = {}
    for upstream, prefix in table.items():
        if not isinstance(prefix, str):
            raise BadInput(f"{where}: the mirror of {visible(upstream, 80)} is not a text", todo=_EXAMPLE)
        try:
            source, target = parse_mirror(f"{upstream}={prefix}")
        except BadInput as error:
            raise BadInput(f"{where}: {error.what}", error.why, error.todo) from None
        found[source] = target
    return found


def _flat(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """docker.io without quotes is a table `docker` with a key `io` to TOML: what was meant is plain."""
    for key, value in table.items():
        name = f"{before}.{key}" if before else key
        if isinstance(value, dict):
            yield from _flat(value, name)
        else:
            yield name, value
