"""What other pages' menus offer for an image of the engine: to run it, and to look into it with a shell."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu

from slimdesk.ui.desk import Desk
from slimdesk.ui.theme.icons import icon


def offer_run_and_debug(menu: QMenu, desk: Desk, image: str) -> None:
    """Add "Run…" and "Debug…"; greyed with the reason where `image` is "" or no engine answers."""
    status = desk.workspace.engine
    reason = "" if status is not None and status.reachable else "No engine answers"
    reason = reason or ("" if image else "There is no image of it yet")

    def run() -> None:
        from slimdesk.ui.pages.debug_run import run_dialog

        run_dialog(desk, image)

    def debug() -> None:
        desk.go("debug")
        desk.workspace.want_debug(image)

    for words, picture, act, tip in (
        ("Run…", "play", run, "Start a container of it"),
        ("Debug…", "terminal-window", debug, "Open a shell in it; its own program is not started"),
    ):
        action = menu.addAction(icon(picture), words, act)
        action.setEnabled(not reason)
        action.setToolTip(reason or tip)
