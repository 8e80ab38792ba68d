"""Above the Dockerfile of a variant that fails for a known cause: what is wrong, the line that mends it, and one button.

Of one that ran without the services of its compose file, the offer to verify it with them.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from slimdesk.basics.errors import BadInput
from slimdesk.operations.fix_variant import FIX, End, Fixes, Outcome
from slimdesk.operations.variants import Variants
from slimdesk.recipes.fixes_model import Mend
from slimdesk.ui.actions import Action
from slimdesk.ui.desk import Desk
from slimdesk.ui.models.variants import VariantRow
from slimdesk.ui.pages.variants_fix_services import ServicesBeside
from slimdesk.ui.widgets.layout import column
from slimdesk.ui.widgets.notice import Kind, Notice, NoticeArea

MOST_LINES = 2
_KINDS: dict[End, Kind] = {
    "runs": "good", "next": "warn", "not-helped": "bad", "not-built": "bad", "stopped": "info",
}  # fmt: skip


class FixArea(QWidget):
    """One per page; `show_row` shows what there is to say of a variant, and takes no room where that is nothing.

    `ended` is emitted when a fix was tried, whatever came of it.
    """

    ended = Signal()

    def __init__(self, desk: Desk, variants: Variants, services: ServicesBeside) -> None:
        super().__init__()
        self.desk = desk
        self.fixes = Fixes(variants)
        self.services = services
        self._row: VariantRow | None = None
        services.changed.connect(lambda: self.show_row(self._row))
        self._area = NoticeArea()
        self._family = ""
        self._shown: tuple[object, ...] = ()
        self._closed: Outcome | None = None
        self.setAccessibleName("Fix")
        self.setLayout(column(self._area, spacing=0))
        self.hide()

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What is shown."""
        return self._area.notices

    def show_row(self, row: VariantRow | None) -> None:
        """Show the variant's fix, what came of it, or the services that it may have lacked."""
        self._row = row
        family = row.variant.family if row is not None else ""
        offer = self.fixes.offer(family) if row is not None else None
        outcome = self.fixes.outcome(family) if row is not None and not row.busy else None
        if outcome is self._closed:
            outcome = None
        fault = self.fixes.fault(family) if offer is not None else None
        lacks = "" if offer is not None or row is None else self._services_for(row)
        shown = (family, offer, outcome, fault, lacks)
        if shown == self._shown:
            return
        self._shown, self._family = shown, family
        self._area.clear()
        if outcome is not None:
            self._area.show_notice(self._told(family, outcome))
        if offer is not None and fault is not None:
            lines = "\n".join(offer.lines)
            few = lines if len(offer.lines) <= MOST_LINES else f"{offer.title}, {len(offer.lines)} lines."
            self._area.show_notice(
                Notice("warn", fault.message, few, actions=((FIX, partial(self.fix, family)),),
                       details=f"{offer.reason}\n\n{lines}", closable=False)
            )  # fmt: skip
        if lacks:
            words = f"Verify with {self.services.names}"
            self._area.show_notice(
                Notice(
                    "info",
                    lacks,
                    "",
                    actions=((words, partial(self._with_services, family)),),
                    closable=False,
                )
            )
        self.setVisible(bool(self._area.notices))

    def _services_for(self, row: VariantRow) -> str:
        """Why services beside it are offered; empty where they are not."""
        found = row.verification
        if found is None or found.verdict == "runs" or row.busy or row.results.changes:
            return ""
        if not self.services.names or self.services.chosen:
            return ""
        return "It ran without the services of its compose file."

    def _with_services(self, family: str) -> None:
        self.services.choose(True)
        self.desk.spawn(self.fixes.variants.verify([family]))

    def action(self) -> Action:
        """Fix the shown variant, also by name."""
        return Action(
            "fix-variant", "Fix the chosen variant and try again", lambda: self.fix(self._family), "wrench", (), "Build",
            lambda: "" if self.can_fix(self._family) else "no fix is known for the chosen variant",
            page="variants", words="mend repair",
        )  # fmt: skip

    def can_fix(self, family: str) -> bool:
        """Whether a fix is known for a variant now."""
        return self.fixes.offer(family) is not None

    def in_the_row(self, family: str) -> tuple[Mend | None, str]:
        """Return the fix that a variant's row offers, and what the last one came to, with its cost."""
        outcome = self.fixes.outcome(family)
        kept = outcome is not None and outcome.kept
        return self.fixes.offer(family), outcome.brief if outcome is not None and kept else ""

    def fix(self, family: str) -> None:
        """Change the Dockerfile, build it and verify again; what came of it is shown in the same place."""
        self.desk.spawn(self._fix(family))

    async def _fix(self, family: str) -> None:
        try:
            outcome = await self.fixes.fix(family)
        except BadInput as nothing:
            # A second click came before the first was seen.
            self.desk.notify("info", f"{nothing.what}.", nothing.todo)
            return
        self.ended.emit()
        if self._family != family:
            # The person looks at another variant by now.
            self.desk.notify(_KINDS[outcome.end], f"{family}: {outcome.words}")

    def _told(self, family: str, outcome: Outcome) -> Notice:
        undo = (("Undo", partial(self.fixes.undo, family)),) if outcome.kept else ()
        notice = Notice(
            _KINDS[outcome.end], outcome.words, actions=undo, details="\n".join(outcome.mend.lines)
        )
        notice.closed.connect(partial(self._close, outcome))
        return notice

    def _close(self, outcome: Outcome) -> None:
        self._closed = outcome
        self._shown = ()
        self.setVisible(bool(self._area.notices))
