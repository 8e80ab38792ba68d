"""Fix and try again: a variant that fails for a known cause gets the least change that should mend it, and is proven anew.

One change per call, and none twice for the same cause: what did not help is taken back, with the results that stood before.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from slimdesk.basics.errors import BadInput, EngineError, SlimDeskError
from slimdesk.basics.job import JobState
from slimdesk.basics.units import format_bytes
from slimdesk.operations.variant_mends import mend_for
from slimdesk.operations.variants import Variants
from slimdesk.recipes.fixes_model import Mend
from slimdesk.verify.diagnose import Diagnosis
from slimdesk.workspace.results import VariantId, VariantResults
from slimdesk.workspace.session import Fault

# What the button says.
FIX = "Fix and try again"
End = Literal["runs", "next", "not-helped", "not-built", "stopped"]
Cause = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Stand:
    """What a variant's Dockerfile is made of: the person's text, None where it is generated, and what that is mended of."""

    text: str | None
    mended: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one mend. `runs`: it runs now; `next`: mended, and something else is wrong; else it was taken back.

    `words` is a sentence or two for the person. `cost` is the change of the live size in bytes, None where it was not
    measured. `before` and `after` are what the Dockerfile was made of, without the mend and with it.
    """

    variant: VariantId
    mend: Mend
    end: End
    words: str
    cost: int | None
    before: Stand
    after: Stand

    @property
    def kept(self) -> bool:
        """Whether the change stands in the Dockerfile."""
        return self.end in ("runs", "next")

    @property
    def brief(self) -> str:
        """What it came to, in a few words: that it is fixed, and the bytes."""
        return "fixed" if self.cost is None else f"fixed, {signed_bytes(self.cost)}"


class Fixes:
    """One per workspace: what is offered, what came of it, and the way back."""

    def __init__(self, variants: Variants) -> None:
        self.variants = variants
        self.workspace = variants.workspace
        self._outcomes: dict[VariantId, Outcome] = {}
        self._useless: set[tuple[VariantId, Cause]] = set()
        self._offers: dict[VariantId, tuple[tuple[object, ...], Mend | None]] = {}
        self._at_work: set[VariantId] = set()
        self.workspace.observe("project", self._forget)

    def fault(self, family: str) -> Diagnosis | None:
        """Return what is wrong with a built variant, as it was proven; None where nothing is known of now."""
        results = self.workspace.results(self.variants.variant(family))
        if results.verification is None or results.changes:
            return None
        return results.verification.value.fault

    def offer(self, family: str) -> Mend | None:
        """Return the change that should mend a variant; None where none is known, or it was tried and did not help."""
        variant, fault, text = self.variants.variant(family), self.fault(family), self.variants.text(family)
        project = self.workspace.project
        if fault is None or text is None or text.problem is not None or project is None:
            return None
        if (variant, _cause(fault)) in self._useless or self.variants.busy(variant):
            return None
        known = self._known(variant, fault)
        key = (known, text.text)
        kept = self._offers.get(variant)
        if kept is None or kept[0] != key:
            mend = mend_for(text, known, project.root, self.variants.options(family))
            kept = self._offers[variant] = (key, mend)
        return kept[1]

    def outcome(self, family: str) -> Outcome | None:
        """Return what came of the last mend of a variant, as long as its text is the one that it left."""
        found = self._outcomes.get(self.variants.variant(family))
        if found is None:
            return None
        return found if self._stand(family) == (found.after if found.kept else found.before) else None

    async def fix(self, family: str) -> Outcome:
        """Change the Dockerfile, build, measure and verify; take the change back where it did not help.

        A generated one stays generated, with the mend; of a text of the person's own the text is changed. Raises
        BadInput where nothing is offered, EngineError if there is no engine.
        """
        mend, fault, variant = self.offer(family), self.fault(family), self.variants.variant(family)
        if mend is None or fault is None or variant in self._at_work:
            raise BadInput(f"Nothing is known that would mend {family}", "", "Look at what its log says")
        before = self._stand(family)
        if before.text is None and family != "yours":
            after = Stand(None, (*before.mended, self._known(variant, fault)))
        else:
            after = replace(before, text=mend.text)
        old = self.workspace.results(variant)
        root = self._root
        self._at_work.add(variant)
        try:
            self._put(family, after)
            # An edited text has no debug variant: what is built is what the row shows now.
            now = self.variants.variant(family)
            await self.variants.build([family])
            outcome = self._judged(now, mend, fault, old, (before, after))
        except BaseException:
            if self._still(root):
                await self._take_back(family, variant, before, old)
            raise
        finally:
            self._at_work.discard(variant)
        if not self._still(root):
            # Another project is open by now: its texts are none of ours.
            return outcome
        if not outcome.kept:
            if outcome.end != "stopped":
                self._useless.add((variant, _cause(fault)))
            await self._take_back(family, variant, before, old)
        self._outcomes[variant] = outcome
        self.workspace.tell("results")
        return outcome

    @property
    def _root(self) -> Path | None:
        project = self.workspace.project
        return None if project is None else project.root

    def _still(self, root: Path | None) -> bool:
        return root is not None and self._root == root

    def undo(self, family: str) -> None:
        """Put the text back that stood there before the last mend; its results become older."""
        found = self.outcome(family)
        if found is not None and found.kept:
            self._outcomes.pop(found.variant)
            self._put(family, found.before)

    def _known(self, variant: VariantId, fault: Diagnosis) -> Fault:
        verification = self.workspace.results(variant).verification
        user = (verification.value.user if verification else None) or "0"
        return Fault(fault.kind, fault.subject, user)

    def _stand(self, family: str) -> Stand:
        return Stand(self.workspace.edited(family), self.workspace.mended(family))

    def _put(self, family: str, stand: Stand, component: str | None = None) -> None:
        self.workspace.edit(family, stand.text, component=component)
        self.workspace.mend(family, stand.mended, component)

    def _judged(
        self,
        variant: VariantId,
        mend: Mend,
        fault: Diagnosis,
        old: VariantResults,
        stands: tuple[Stand, Stand],
    ) -> Outcome:
        job, new = self.variants.job_of(variant), self.workspace.results(variant)
        cost = _cost(old, new)
        dear = "" if cost is None else f", {signed_bytes(cost)} live"

        def outcome(end: End, words: str) -> Outcome:
            return Outcome(variant, mend, end, words, cost, *stands)

        verdict = new.verification.value if new.verification is not None else None
        if job is not None and job.state is JobState.CANCELLED:
            return outcome("stopped", "The fix was stopped and taken back.")
        if new.build is None or new.build.value.image_id is None or verdict is None:
            why = str(job.error) if job is not None and job.error is not None else "it could not be verified"
            return outcome("not-built", f"With the fix it did not build, so it was taken back: {why}")
        if verdict.verdict == "runs":
            return outcome("runs", f"Fixed: {_lower(mend.title)}{dear}. {verdict.reason}")
        if verdict.fault is None or _cause(verdict.fault) != _cause(fault):
            return outcome(
                "next", f"Fixed: {_lower(mend.title)}{dear}. Now something else is wrong: {verdict.reason}"
            )
        return outcome("not-helped", f"The fix did not help, so it was taken back: {verdict.reason}")

    async def _take_back(self, family: str, variant: VariantId, before: Stand, old: VariantResults) -> None:
        self._put(family, before, variant.component)
        if old.build is None or old.build.value.image_id is None:
            return
        self.workspace.keep_build(variant, old.build)
        if old.analysis is not None:
            self.workspace.keep_analysis(variant, old.analysis)
        if old.verification is not None:
            self.workspace.keep_verification(variant, old.verification)
        self.variants.note_states()
        # The tag is on the image of the change that is gone.
        with contextlib.suppress(EngineError, SlimDeskError):
            engine = await self.variants.engine()
            await engine.tag(old.build.value.image_id, old.build.value.tag)

    def _forget(self) -> None:
        self._outcomes.clear()
        self._useless.clear()
        self._offers.clear()


def _cause(fault: Diagnosis) -> Cause:
    return (fault.kind, fault.subject)


def _cost(old: VariantResults, new: VariantResults) -> int | None:
    if old.analysis is None or new.analysis is None:
        return None
    before, after = old.analysis.value.sizes.live, new.analysis.value.sizes.live
    return None if before is None or after is None else after - before


def signed_bytes(cost: int) -> str:
    """Return a change in bytes with its sign: +2.1 kB."""
    return f"{'−' if cost < 0 else '+'}{format_bytes(abs(cost))}"


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
