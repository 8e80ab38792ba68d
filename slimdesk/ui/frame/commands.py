"""What can be done from anywhere. Pages add their own (`Page.actions_offered`)."""

from __future__ import annotations

from collections.abc import Callable

from slimdesk.ui.actions import Action
from slimdesk.ui.desk import Desk, Opener
from slimdesk.ui.dialogs import pick_file, pick_folder
from slimdesk.ui.frame.window import MainWindow
from slimdesk.ui.pages import pages_there
from slimdesk.ui.theme import current
from slimdesk.ui.theme.fonts import set_zoom
from slimdesk.workspace.settings import SIZE_KINDS

ARCHIVES = "Image archives (*.tar *.tar.gz *.tgz *.tar.zst *.oci)"


def add_commands(window: MainWindow, opener: Opener) -> None:
    """Fill the window's list of actions."""
    desk = window.desk
    workspace = window.workspace

    def no_project() -> str:
        return "" if workspace.project else "no project is open"

    def no_engine() -> str:
        status = workspace.engine
        return "" if status is not None and status.reachable else "no engine answers"

    async def folder() -> None:
        path = await pick_folder(window, "Open a project folder")
        if path is not None:
            opener.open_path(str(path))

    async def archive() -> None:
        path = await pick_file(window, "Open an image archive", (ARCHIVES, "All files (*)"))
        if path is not None:
            opener.open_path(str(path))

    def compare_image() -> None:
        from slimdesk.image.compare import MOST

        shown = workspace.image
        if shown is not None:
            others = [one for one in workspace.compared if one.where != shown.where]
            workspace.compare([*others, shown][-MOST:])
            desk.go("compare")

    def no_image() -> str:
        return (
            "" if workspace.image is not None and workspace.image.image is not None else "open an image first"
        )

    def keys() -> None:
        from slimdesk.ui.frame.keys import show_keys

        show_keys(window.commands, window)

    def paste() -> None:
        from slimdesk.ui.pages.pasted import paste_dockerfile

        paste_dockerfile(desk)

    window.commands.add(
        Action(
            "open-folder",
            "Open folder…",
            lambda: desk.spawn(folder()),
            "folder-open",
            ("Ctrl+O",),
            "File",
            words="project",
        ),
        Action(
            "open-archive",
            "Open image archive…",
            lambda: desk.spawn(archive()),
            "archive",
            ("Ctrl+Shift+O",),
            "File",
            words="tar oci docker save",
        ),
        Action(
            "paste-dockerfile",
            "Paste a Dockerfile",
            paste,
            "clipboard-text",
            ("Ctrl+V",),
            "File",
            words="clipboard article mend rewrite",
        ),
        Action(
            "pick-image",
            "Pick engine image…",
            lambda: window.open_palette("@ "),
            "cube",
            menu="File",
            refused=no_engine,
            words="docker",
        ),
        Action(
            "compare-image",
            "Compare the open image…",
            compare_image,
            "git-diff",
            menu="Go",
            refused=no_image,
            words="difference against another",
        ),
        Action("open-sample", "Open the sample project", opener.open_sample, "package", menu="File"),
        Action(
            "read-again",
            "Read the project again",
            opener.read_again,
            "arrow-clockwise",
            menu="File",
            refused=no_project,
            detail=lambda: workspace.project.root.name if workspace.project else "",
        ),
        Action(
            "close-project", "Close the project", workspace.close_project, menu="File", refused=no_project
        ),
        Action("quit", "Quit SlimDesk", window.close, keys=("Ctrl+Q",), menu="File"),
        Action(
            "palette",
            "Command palette",
            window.open_palette,
            "magnifying-glass",
            ("Ctrl+K", "Ctrl+Shift+P"),
            "View",
        ),
        Action("filter", "Find on this page", window.show_filter, "magnifying-glass", ("Ctrl+F",), "Edit"),
        Action("reload", "Reload this page", window.reload, "arrow-clockwise", ("F5",), "View"),
        Action("jobs", "Show or hide jobs", window.toggle_jobs, "list-bullets", ("Ctrl+J",), "View"),
        Action("pane", "Next pane", window.next_pane, keys=("F6",), menu="Go"),
        Action(
            "back",
            "Back",
            window.back,
            "arrow-left",
            ("Alt+Left",),
            "Go",
            refused=lambda: "" if window.can_go_back() else "there is no page before this one",
        ),
        Action("keys", "Keys", keys, "keyboard", ("F1",), "Help", words="shortcuts keyboard help"),
        Action("menu", "Menu", window.bar.menu_button.click, "list", ("F10",)),
        Action("ask-engine", "Ask the engine again", opener.ask_engine, "arrow-clockwise", menu="View"),
        Action(
            "cancel-jobs",
            "Cancel all jobs",
            workspace.jobs.cancel_all,
            "x",
            menu="Build",
            refused=lambda: "" if workspace.jobs.running or workspace.jobs.waiting else "no job is running",
        ),
    )
    _add_debug(window, desk, no_engine)
    _add_view(window, desk)
    for entry in pages_there():
        window.commands.add(
            Action(
                f"go-{entry.key}",
                f"Go to {entry.title}",
                lambda key=entry.key: window.go(key),  # type: ignore[misc]
                entry.picture,
                (entry.keys,),
                "Go",
            )
        )


def _add_debug(window: MainWindow, desk: Desk, no_engine: Callable[[], str]) -> None:
    """Add what starts a container, looks into one, or explains why one ended."""
    workspace = window.workspace

    def run_image() -> None:
        from slimdesk.ui.pages.debug_run import run_dialog

        run_dialog(desk)

    def run_pod() -> None:
        from slimdesk.ui.pages.debug_pod import pod_dialog

        pod_dialog(desk)

    def explain() -> None:
        from slimdesk.ui.pages.debug_pod_explain import explain_dialog

        explain_dialog(desk)

    def shell() -> None:
        desk.go("debug")
        if workspace.container:
            workspace.want_debug(workspace.container)
        else:
            desk.notify("info", "No container is chosen yet.", "Choose one on the left, or run an image.")

    window.commands.add(
        Action("run-image", "Run an image…", run_image, "play", menu="Build", refused=no_engine, words="docker run"),
        Action("run-pod", "Run as this pod…", run_pod, "cube", menu="Build", refused=no_engine, words="kubernetes yaml manifest"),
        Action("explain-exit", "Explain an exit…", explain, "lightbulb", menu="Help", words="kubectl describe crash code"),
        Action("debug-shell", "Open a debug shell", shell, "terminal-window", ("Ctrl+Shift+D",), "Go", no_engine, words="container terminal"),
    )  # fmt: skip


def _add_view(window: MainWindow, desk: Desk) -> None:
    """Add the appearance, the current size, the zoom."""
    workspace = window.workspace
    for appearance, title, picture in (
        ("system", "Follow the system's appearance", "circle-half"),
        ("light", "Light appearance", "sun"),
        ("dark", "Dark appearance", "moon"),
    ):
        window.commands.add(
            Action(
                f"appearance-{appearance}",
                title,
                lambda value=appearance: desk.change_settings(appearance=value),  # type: ignore[misc]
                picture,
                menu="View",
                refused=lambda value=appearance: (  # type: ignore[misc]
                    "it is in use" if workspace.settings.appearance == value else ""
                ),
            )
        )
    for kind in SIZE_KINDS:
        window.commands.add(
            Action(
                f"size-{kind}",
                f"Show sizes as {kind}",
                lambda value=kind: desk.change_settings(current_size=value),  # type: ignore[misc]
                "ruler",
                refused=lambda value=kind: "it is in use" if workspace.current_size == value else "",  # type: ignore[misc]
            )
        )

    def zoom(step: float | None) -> None:
        points = 0.0 if step is None else min(8.0, max(-2.0, workspace.settings.zoom + step))
        desk.change_settings(zoom=points)

    window.commands.add(
        Action(
            "zoom-in", "Larger type", lambda: zoom(1), "magnifying-glass-plus", ("Ctrl++", "Ctrl+="), "View"
        ),
        Action("zoom-out", "Smaller type", lambda: zoom(-1), "magnifying-glass-minus", ("Ctrl+-",), "View"),
        Action("zoom-reset", "Type as the system has it", lambda: zoom(None), keys=("Ctrl+0",), menu="View"),
    )

    def dress() -> None:
        current().choose(workspace.settings.appearance)
        set_zoom(workspace.settings.zoom)

    workspace.observe("settings", dress)
