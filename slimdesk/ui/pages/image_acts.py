"""What can be done with a file or folder of the open image: look inside, save, leave out of the next build."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QMenu

from slimdesk.basics.finding import Finding
from slimdesk.image.package import Package
from slimdesk.image.table import ROOT, Kind
from slimdesk.ui.desk import Desk
from slimdesk.ui.pages.image_view import ImageView

_WAIT = "wait until the image has been read"
_BODIES = (Kind.FILE, Kind.HARD_LINK, Kind.SYMLINK)


class NodeActs:
    """Acts on nodes of what an ImageView shows. `why_not_…` return why something cannot be done, empty where it can."""

    def __init__(self, desk: Desk, view: ImageView) -> None:
        self._desk = desk
        self._view = view

    def why_not_look(self, node: int) -> str:
        """Why a node cannot be looked at."""
        reason = self._why_not(node)
        if reason:
            return reason
        image = self._view.image
        return "" if image is not None and image.table.kind[node] in _BODIES else "choose a file first"

    def why_not_save(self, node: int) -> str:
        """Why a node cannot be saved."""
        return self._why_not(node)

    def why_not_leave_out(self) -> str:
        """Why nothing can be left out."""
        from slimdesk.ui.pages.leave_out_dialog import why_not

        return why_not(self._desk.workspace)

    def look(self, node: int) -> None:
        """Open a window on a file; of a copy that is hidden, on that copy."""
        from slimdesk.ui.pages.image_inside import open_look_inside

        opened = self._desk.workspace.image
        if opened is not None and not self.why_not_look(node):
            open_look_inside(self._desk, opened, self._path(node), self._layer(node))

    def save(self, node: int, *, as_tar: bool = False) -> None:
        """Ask where to, and save a file or a folder."""
        from slimdesk.ui.pages.image_inside import open_save

        opened = self._desk.workspace.image
        if opened is not None and not self.why_not_save(node):
            open_save(self._desk, opened, self._path(node), self._layer(node), as_tar=as_tar)

    def why_not_read(self) -> str:
        """Why the image's files cannot be read once more."""
        return "open an image first" if self._view.image is None else self._why_not(ROOT)

    def doctor(self) -> None:
        """Open a window that says whether the image is likely to run."""
        from slimdesk.ui.pages.image_inside_doctor import open_doctor

        opened = self._desk.workspace.image
        if opened is not None and not self.why_not_read():
            open_doctor(self._desk, opened)

    def leave_out(self, what: int | Package | Finding) -> None:
        """Show what brings a node, a package or a finding, and how it is left out of the next build."""
        from slimdesk.ui.pages.leave_out_dialog import open_leave_out

        opened = self._desk.workspace.image
        if opened is not None and not self.why_not_leave_out():
            target = self._path(what) if isinstance(what, int) else what
            self._desk.spawn(open_leave_out(self._desk, opened, target))

    def fill(self, menu: QMenu, node: int) -> None:
        """List what can be done with a node; what cannot be done now says why."""
        image = self._view.image
        folder = image is not None and image.table.is_folder(node)
        if not folder:
            self._add(menu, "Look inside", self.why_not_look(node), lambda: self.look(node))
        self._add(
            menu, "Save folder…" if folder else "Save…", self.why_not_save(node), lambda: self.save(node)
        )
        if folder:
            self._add(
                menu,
                "Save folder as one .tar…",
                self.why_not_save(node),
                lambda: self.save(node, as_tar=True),
            )
        self.fill_leave_out(menu, node)

    def fill_leave_out(self, menu: QMenu, what: int | Package | Finding) -> None:
        """List only what leaves it out of the next build."""
        self._add(menu, "Leave out…", self.why_not_leave_out(), lambda: self.leave_out(what))

    def _add(self, menu: QMenu, words: str, reason: str, act: Callable[[], object]) -> None:
        menu.setToolTipsVisible(True)
        action = menu.addAction(words)
        action.setEnabled(not reason)
        action.setToolTip(f"{words.rstrip('…')}: {reason}" if reason else words)
        action.triggered.connect(lambda _checked=False: act())

    def _why_not(self, node: int) -> str:
        if self._view.image is None or node < ROOT:
            return "choose a file or folder first"
        opened = self._desk.workspace.image
        return "" if opened is not None and opened.image is self._view.image else _WAIT

    def _path(self, node: int) -> str:
        image = self._view.image
        return image.table.path(node) if image is not None else ""

    def _layer(self, node: int) -> int | None:
        """Return the layer where the node is not the copy that is visible under its path."""
        image = self._view.image
        if image is None or not image.table.is_hidden(node):
            return None
        layer = image.table.layer[node]
        return layer if layer >= 0 else None
