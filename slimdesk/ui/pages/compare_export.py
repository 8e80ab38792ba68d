"""The comparison as a file: JSON as the command line prints it, Markdown for a pull request, CSV of all that differs."""

from __future__ import annotations

import json
from collections.abc import Sequence

from slimdesk.basics.errors import OutputError
from slimdesk.basics.escaping import slug
from slimdesk.basics.files import write_whole
from slimdesk.image.compare import Side, SizeWord
from slimdesk.ui.desk import Desk
from slimdesk.ui.dialogs import pick_new_file


async def write_comparison(desk: Desk, kind: str, name: str, sides: Sequence[Side]) -> None:
    """Ask for a place and write it there."""
    path = await pick_new_file(
        desk.window, "Export the comparison", f"{slug(f'{name}-compared', 'comparison')}.{kind}", (f"{kind.upper()} (*.{kind})",)
    )  # fmt: skip
    if path is None:
        return
    data = await desk.blocking(written, kind, sides, desk.workspace.current_size)
    try:
        await desk.blocking(write_whole, path, data)
    except OutputError as error:
        desk.fail(error)
        return
    desk.notify("good", f"{path.name} is written.", str(path.parent))


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
