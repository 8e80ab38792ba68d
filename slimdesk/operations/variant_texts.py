"""What the variants of the open project are: which families fit, the advice, and the Dockerfile of each."""

from __future__ import annotations

import contextlib

from slimdesk.basics.errors import SlimDeskError
from slimdesk.catalog.model import FAMILIES, Family
from slimdesk.engine.model import BuildWarning
from slimdesk.operations.advice import advice_for, measured_sizes
from slimdesk.operations.catalog import catalog_for
from slimdesk.operations.families import FamilyTable, compare_families
from slimdesk.operations.variant_checks import Checked, check_variant
from slimdesk.operations.variant_mends import with_mends
from slimdesk.operations.variant_text import VariantText, edited_text, generated_text, own_text
from slimdesk.project.model import Component, Project
from slimdesk.recipes.advice import Advice
from slimdesk.recipes.model import Options
from slimdesk.workspace.results import VariantId
from slimdesk.workspace.session import Fault
from slimdesk.workspace.workspace import Workspace

# What a person picks to be measured against the baseline although the project has a Dockerfile.
BASELINE = "baseline"
# Of every text that somebody types something is kept; the oldest goes.
MOST_CHECKED = 60


class VariantTexts:
    """One per workspace. Keeps nothing that the workspace does: texts are made anew when what they come from changes."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._texts: dict[tuple[object, ...], VariantText | SlimDeskError | None] = {}
        self._table: tuple[tuple[object, ...], FamilyTable] | None = None
        self._advice: tuple[tuple[object, ...], Advice] | None = None
        self._digests: dict[str, str] = {}
        self._edits: dict[str, tuple[VariantText, str | None, str | None, VariantText]] = {}
        self._mended: dict[str, tuple[VariantText, tuple[Fault, ...], VariantText]] = {}
        self._checked: dict[tuple[object, ...], Checked] = {}

    def table(self) -> FamilyTable | None:
        """Return which families fit the chosen component; None without one. Raises CatalogError."""
        project, component = self.workspace.project, self.workspace.component
        if project is None or component is None:
            return None
        choices = self.workspace.choices
        key: tuple[object, ...] = (project, component, choices.packages, choices.prefer)
        if self._table is None or self._table[0] != key:
            found = compare_families(project, component, packages=choices.packages, prefer=choices.prefer)
            self._table = (key, found)
        return self._table[1]

    async def advice(self) -> Advice | None:
        """Return what to take and why, what breaks, and what would make a smaller family fit. Raises CatalogError."""
        import asyncio

        project, component = self.workspace.project, self.workspace.component
        if project is None or component is None:
            return None
        choices = self.workspace.choices
        sizes = measured_sizes(project, component, self.workspace.history, self.workspace.current_size)
        key: tuple[object, ...] = (project, component, choices.packages, choices.prefer, tuple(sizes.items()))
        if self._advice is None or self._advice[0] != key:
            # It tries changes on the recipes: too long for the window's thread.
            found = await asyncio.to_thread(
                advice_for,
                project,
                component,
                packages=choices.packages,
                prefer=choices.prefer,
                measured=sizes,
            )
            self._advice = (key, found)
        return self._advice[1]

    def reference(self) -> VariantId:
        """Return what the others are measured against: what the person picked, else the own Dockerfile, else the baseline."""
        component = self.workspace.component
        name = component.name if component else ""
        picked = self.workspace.reference
        yours = picked != BASELINE and (bool(picked) or self.has_own())
        return VariantId(name, "yours" if yours else "baseline")

    def picked_image(self) -> str | None:
        """Return the image that the person measures against; None where it is a Dockerfile."""
        picked = self.workspace.reference
        return picked if picked and picked != BASELINE else None

    def has_own(self) -> bool:
        """Whether the component has a Dockerfile of its own that can be built."""
        return isinstance(self._text("yours"), VariantText)

    def own_problem(self) -> SlimDeskError | None:
        """Return why the component's own Dockerfile cannot be the reference; None if it can, or there is none."""
        found = self._text("yours")
        return found if isinstance(found, SlimDeskError) else None

    def pick_reference(self, picked: str | None) -> None:
        """Measure against an image of the engine, against `BASELINE`, or (None) against what the project has."""
        component = self.workspace.component
        if component is None or picked == self.workspace.reference:
            return
        self.workspace.forget_results(VariantId(component.name, "yours"))
        self.workspace.pick_reference(picked)

    def variant(self, family: str) -> VariantId:
        """Return the variant of a family under the options of the moment."""
        component = self.workspace.component
        name = component.name if component else ""
        return VariantId(name, family, debug=self._debug(family))

    def text(self, family: str) -> VariantText | None:
        """Return the Dockerfile of a variant as it stands, edits included; None where there is none."""
        found = self.plain_text(family)
        if found is None:
            return None
        text, ignore = self.workspace.edited(family), self.workspace.edited(family, ".dockerignore")
        if text is None and ignore is None:
            return found
        return self._edited(found, text, ignore)

    def _edited(self, plain: VariantText, text: str | None, ignore: str | None) -> VariantText:
        """The last one of a family is kept: a page that shows all rows asks often."""
        kept = self._edits.get(plain.family)
        if kept is not None and kept[0] is plain and kept[1:3] == (text, ignore):
            return kept[3]
        project = self.workspace.project
        found = edited_text(plain, text, ignore, catalog_for(project.root) if project else None)
        self._edits[plain.family] = (plain, text, ignore, found)
        return found

    def checked(self, family: str) -> Checked | None:
        """Return what the checkers said of the text as it stands; None before they were asked, or where there is none."""
        text = self.text(family)
        return None if text is None else self._checked.get(self._check_key(text))

    async def check(self, family: str) -> Checked | None:
        """Ask all checkers about the text as it stands; None where there is none. Raises CatalogError."""
        import asyncio

        project, text = self.workspace.project, self.text(family)
        if project is None or text is None:
            return None
        key = self._check_key(text)
        if key not in self._checked:
            found = await asyncio.to_thread(check_variant, text, project.root, self._warnings(text))
            while len(self._checked) >= MOST_CHECKED:
                del self._checked[next(iter(self._checked))]
            self._checked[key] = found
            return found
        return self._checked[key]

    def _warnings(self, text: VariantText) -> tuple[BuildWarning, ...]:
        """What the engine said when it built this very text."""
        results = self.workspace.results(self.variant(text.family))
        return results.build.value.warnings if results.build is not None and not results.changes else ()

    def _check_key(self, text: VariantText) -> tuple[object, ...]:
        return (text.family, text.context, text.text, text.dockerignore, self._warnings(text))

    def why_no_text(self, family: str) -> str:
        """Return why a variant has no Dockerfile; empty where it has one."""
        found = self._text(family)
        return "" if isinstance(found, VariantText) else str(found or "")

    def plain_text(self, family: str) -> VariantText | None:
        """Return the Dockerfile as generated, with what mends it, without the person's edits."""
        if family == "yours" and self.picked_image() is not None:
            return None
        found = self._text(family)
        return self._with_mends(found) if isinstance(found, VariantText) else None

    def unmended_text(self, family: str) -> VariantText | None:
        """Return the Dockerfile as generated, without what mends it."""
        found = self._text(family)
        return found if isinstance(found, VariantText) else None

    def _with_mends(self, plain: VariantText) -> VariantText:
        """The last one of a family is kept, as of edits."""
        faults, project = self.workspace.mended(plain.family), self.workspace.project
        if not faults or project is None or plain.path is not None:
            return plain
        kept = self._mended.get(plain.family)
        if kept is None or kept[0] is not plain or kept[1] != faults:
            made = with_mends(plain, faults, project.root, self.options(plain.family))
            kept = self._mended[plain.family] = (plain, faults, made)
        return kept[2]

    def ready(self) -> bool:
        """Whether every text is made already, so that showing them takes no time."""
        project, component = self.workspace.project, self.workspace.component
        if project is None or component is None:
            return True
        return self._table is not None and not self._missing(component)

    async def prepare(self) -> None:
        """Make the texts that are missing, away from the window's thread. What cannot be made says so when it is asked for."""
        import asyncio

        project, component = self.workspace.project, self.workspace.component
        if project is None or component is None:
            return
        wanted = self._missing(component)
        choices = self.workspace.choices
        key: tuple[object, ...] = (project, component, choices.packages, choices.prefer)

        def made() -> tuple[dict[tuple[object, ...], VariantText | SlimDeskError | None], FamilyTable | None]:
            texts = {
                one: _made(project, component, family, options) for one, (family, options) in wanted.items()
            }
            with contextlib.suppress(SlimDeskError):
                return texts, compare_families(
                    project, component, packages=choices.packages, prefer=choices.prefer
                )
            return texts, None

        texts, table = await asyncio.to_thread(made)
        if self.workspace.project is project:
            self._texts.update(texts)
            if table is not None:
                self._table = (key, table)

    def _missing(self, component: Component) -> dict[tuple[object, ...], tuple[str, Options]]:
        """The families whose text of now is not made yet, by the key that it will have."""
        wanted: dict[tuple[object, ...], tuple[str, Options]] = {}
        for family in ("yours", BASELINE, *FAMILIES):
            options = self.options(family)
            key: tuple[object, ...] = (family, component, str(options))
            if key not in self._texts:
                wanted[key] = (family, options)
        return wanted

    def _text(self, family: str) -> VariantText | SlimDeskError | None:
        project, component = self.workspace.project, self.workspace.component
        if project is None or component is None:
            return None
        options = self.options(family)
        key: tuple[object, ...] = (family, component, str(options))
        if key not in self._texts:
            self._texts[key] = _made(project, component, family, options)
        return self._texts[key]

    def _debug(self, family: str) -> bool:
        """Whether a family's row is its debug variant; a reference and an edited text are what they are."""
        edited = self.workspace.edited(family) is not None
        return self.workspace.choices.debug and family not in ("yours", "baseline") and not edited

    def options(self, family: str) -> Options:
        """Return the options that a family's Dockerfile is written with."""
        choices, settings = self.workspace.choices, self.workspace.settings
        return Options(
            debug=self._debug(family),
            debugger=choices.debugger and self._debug(family),
            cache_mounts=choices.cache_mounts,
            healthcheck=choices.healthcheck,
            platform=choices.platform,
            digests=dict(self._digests) if choices.pin else {},
            default_mirrors=settings.mirrors,
            labels=choices.labels,
            packages=choices.packages,
        )

    def _forget_texts(self) -> None:
        self._texts.clear()
        self._edits.clear()
        self._mended.clear()
        self._checked.clear()
        self._table = None
        self._advice = None


def _made(
    project: Project, component: Component, family: str, options: Options
) -> VariantText | SlimDeskError | None:
    """A family's text, or why there is none; None for a project without a Dockerfile of its own."""
    try:
        if family == "yours":
            return own_text(project, component)
        return generated_text(project, component, family_of(family), options)
    except SlimDeskError as error:
        return error


def family_of(word: str) -> Family | None:
    """Return the family of that name; None for the references."""
    return next((family for family in FAMILIES if family == word), None)
