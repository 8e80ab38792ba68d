"""Files that run with their owner's rights, and folders that everybody may write into."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.escaping import shell_word
from slimdesk.basics.finding import Finding
from slimdesk.basics.units import listed, plural
from slimdesk.image.findings.survey import Hint, Survey

# Made anew by the engine, or mounted over, whatever their mode in the image.
_MOUNTED = ("/proc", "/dev", "/sys")


def find(survey: Survey) -> Iterator[Hint]:
    """Yield one finding for set-uid and set-gid files, one for folders that are open to all."""
    if survey.set_id:
        paths = [survey.path(node) for node in survey.set_id]
        message = f"{plural(len(paths), 'file')} run with the rights of their owner or group: {listed(paths)}"
        if len(paths) == 1:
            message = f"{paths[0]} runs with the rights of its owner or group"
        fix = f"RUN chmod a-s {' '.join(map(shell_word, paths[:8]))}"
        if survey.from_base(survey.set_id):
            fix = "Choose a family without a distribution's tools, such as distroless"
        yield Hint(Finding("set-uid", "warning", message, path=paths[0], fix=fix))
    open_ = [node for node in survey.open_folders if node and not _mounted(survey.path(node))]
    if open_:
        paths = [survey.path(node) for node in open_]
        whom = "Everybody may replace files in"
        message = f"{whom} {listed(paths)}" + (
            "" if len(paths) == 1 else f" ({plural(len(paths), 'folder')})"
        )
        yield Hint(
            Finding(
                "world-writable",
                "warning",
                message,
                path=paths[0],
                fix=f"RUN chmod o-w {' '.join(map(shell_word, paths[:8]))}, and --chown what the program writes to",
            )
        )


def _mounted(path: str) -> bool:
    return path.startswith(_MOUNTED)
