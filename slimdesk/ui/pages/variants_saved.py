"""What became of the saved Dockerfile: asked for when the project is read, told above the table, merged on demand."""

from __future__ import annotations

from collections.abc import Callable

from slimdesk.dockerfile.model import Dockerfile
from slimdesk.operations.saved import save_merged
from slimdesk.operations.variant_notes import with_reasons
from slimdesk.operations.variant_saved import SavedState, moved_words, saved_state
from slimdesk.operations.variant_text import VariantText
from slimdesk.project.model import Component, Project
from slimdesk.ui.desk import Desk
from slimdesk.ui.dialogs import finished
from slimdesk.ui.models.variants import VariantRow
from slimdesk.ui.pages.merge_dialog import MergeDialog
from slimdesk.ui.widgets.notice import Notice, NoticeArea, notice_of


class SavedWatch:
    """One per page. `state` is of the open component; `changed` is called when it is another one."""

    def __init__(self, desk: Desk, area: NoticeArea, changed: Callable[[], object]) -> None:
        self._desk = desk
        self._area = area
        self._changed = changed
        self._told = ""
        self._of: tuple[Project, Component] | None = None
        self.state: SavedState | None = None

    def ask(self) -> None:
        """Look at the file again, away from the window's thread."""
        self._desk.spawn(self._ask())

    async def _ask(self) -> None:
        of = self._open()
        found = await self._desk.blocking(saved_state, *of) if of is not None else None
        if of != self._open():
            return
        self._of, self.state = of, found
        self._tell()
        self._changed()

    def _open(self) -> tuple[Project, Component] | None:
        project, component = self._desk.workspace.project, self._desk.workspace.component
        return None if project is None or component is None else (project, component)

    def _tell(self) -> None:
        saved = self.state.saved if self.state is not None else None
        problem = self.state.problem if self.state is not None else None
        words = str(problem or "") or (moved_words(saved) if saved is not None else "")
        if words == self._told:
            return
        self._told = words
        self._area.clear()
        if problem is not None:
            self._area.show_notice(notice_of(problem))
        elif words and saved is not None:
            offer = (("Merge…", self.merge),) if saved.merged != saved.text else ()
            self._area.show_notice(Notice("warn", words, actions=offer))

    def words(self, row: VariantRow) -> str:
        """Return what the saved file is to a row: to the project's own, and to the family that it was saved as."""
        if self.state is None or row.variant.family not in ("yours", self.state.family):
            return ""
        as_shown = (
            row.variant.family == "yours" or self.state.saved is None or self.state.saved.state == "generated"
        )
        return (
            self.state.words
            if as_shown
            else f"generated; the saved one: {self.state.words.removeprefix('saved, ')}"
        )

    def explained(self, text: VariantText) -> Dockerfile:
        """Return the text's instructions; in the file that SlimDesk saved, those that it wrote keep their reasons."""
        saved = self.state.saved if self.state is not None else None
        if text.family != "yours" or saved is None or saved.generated is None or saved.path != text.path:
            return text.dockerfile
        return with_reasons(text.dockerfile, saved.generated.dockerfile)

    def why_no_merge(self) -> str:
        """Return why there is nothing to merge; empty where there is."""
        saved = self.state.saved if self.state is not None else None
        moved = saved is not None and saved.moved_on and saved.merged != saved.text
        return "" if moved else "the saved Dockerfile is as the project wants it, or there is none"

    def merge(self) -> None:
        """Bring what the project changed into the saved file; the person's lines stay."""
        if self.state is not None and self.state.saved is not None:
            self._desk.spawn(self._merge())

    async def _merge(self) -> None:
        saved = self.state.saved if self.state is not None else None
        if saved is None:
            return
        dialog = MergeDialog(
            self._desk.window,
            saved,
            title=f"Bring {saved.path.name} up to date",
            about=f"{moved_words(saved)} Your own lines stay; what stands there now is kept with .orig at its name's end.",
        )
        if not await finished(dialog):
            return
        kept = await self._desk.blocking(save_merged, saved, dialog.text)
        self._desk.notify(
            "good", f"{saved.path.name} is up to date.", f"Kept: {kept.name}." if kept is not None else ""
        )
        if self._desk.opener is not None:
            self._desk.opener.read_again()
        self.ask()
