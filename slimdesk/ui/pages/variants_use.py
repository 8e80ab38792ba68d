"""What comes after the choice: a report, a picture to show, how to use the image, and giving it to a registry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtWidgets import QMenu

from slimdesk.basics.escaping import visible
from slimdesk.basics.job import Job
from slimdesk.operations.push import push_as
from slimdesk.operations.use_it import Proven, proven
from slimdesk.operations.variants import Variants
from slimdesk.report.model import Subject
from slimdesk.report.sections import best
from slimdesk.ui.actions import Action
from slimdesk.ui.desk import Desk
from slimdesk.ui.dialogs import finished
from slimdesk.ui.models.variants import VariantRow
from slimdesk.ui.pages.report_dialog import Others, export_report
from slimdesk.ui.pages.report_of_pages import has_other_components, project_report, variants_report
from slimdesk.ui.pages.share_picture import share_picture
from slimdesk.ui.pages.variants_use_dialog import UseItDialog


class VariantsUse:
    """Of the Variants page; `current` is the chosen row, `best` the one to take where the chosen has no image."""

    def __init__(
        self,
        desk: Desk,
        variants: Variants,
        current: Callable[[], VariantRow | None],
        best_built: Callable[[], VariantRow | None],
    ) -> None:
        self._desk = desk
        self._variants = variants
        self._current = current
        self._best = best_built

    def actions(self, page: str) -> Sequence[Action]:
        """Return what can be done, for menu, keys and palette."""
        return (
            Action("variants-report", "Export a report…", self.report, "export", ("Ctrl+E",), "File", self.why_no_image, page=page, words="html pdf markdown json csv sarif"),
            Action("copy-picture", "Copy as picture…", self.picture, "copy", (), "File", self.why_no_image, page=page, words="svg png markdown before after share"),
            Action("use-it", "Use it…", self.use, "play", (), "File", self.why_no_image, page=page, words="docker compose kubernetes github gitlab ci run deploy"),
            Action("push-image", "Push to a registry…", self.use, "export", (), "File", self.why_no_image, page=page, words="tag registry upload"),
        )  # fmt: skip

    def fill(self, menu: QMenu) -> None:
        """Add the lines of a row's menu."""
        menu.addSeparator()
        for key in ("use-it", "copy-picture", "variants-report"):
            menu.addAction(self._desk.actions.menu_action(key, menu))

    def why_no_image(self) -> str:
        """Return why there is nothing to use or show yet; "" where there is."""
        return "" if self._chosen() is not None else "build a variant first"

    def report(self) -> None:
        """Ask what a report on the variants is to be, and write it."""
        export_report(
            self._desk,
            partial(variants_report, self._variants),
            Others(partial(has_other_components, self._variants), partial(project_report, self._variants)),
        )

    def picture(self) -> None:
        """Show before and after as a picture to copy or save."""
        self._desk.spawn(self._picture())

    def use(self) -> None:
        """Show what to do with the chosen image."""
        self._desk.spawn(self._use())

    async def _picture(self) -> None:
        report, chosen = await variants_report(self._variants), self._chosen()
        if report is None or chosen is None:
            return
        wanted = chosen.results.build.value.tag if chosen.results.build else ""
        taken: Subject | None = next((one for one in report.subjects[1:] if one.image == wanted), None)
        taken = taken or best(report)
        if taken is None or not report.size_of(report.reference) or not report.size_of(taken):
            self._desk.notify(
                "info", "There is no before and after yet.", "Build the reference and one more variant first."
            )
            return
        await share_picture(self._desk, report, taken)

    async def _use(self) -> None:
        chosen = self._chosen()
        one = self.proven_of(chosen) if chosen is not None else None
        if one is None:
            self._desk.notify("info", "There is no image yet.", "Build a variant first.")
            return
        dialog = UseItDialog(self._desk, one)
        if await finished(dialog):
            await self._push(one.image, dialog.name)

    async def _push(self, image: str, name: str) -> None:
        async def work(job: Job) -> None:
            engine = await self._variants.engine()
            pushed = await push_as(engine, image, name, job)
            job.summary = pushed.digest or ""
            self._desk.notify(
                "good",
                f"{visible(pushed.name, 120)} is pushed.",
                f"Its digest there is {visible(pushed.digest, 100)}." if pushed.digest else "",
            )

        await self._desk.job(f"Push {visible(name, 80)}", "pull", work)

    def proven_of(self, row: VariantRow) -> Proven | None:
        """Return what is known of a row's image; None without one."""
        project, component, build = (
            self._desk.workspace.project,
            self._desk.workspace.component,
            row.results.build,
        )
        if project is None or component is None or build is None or not build.value.image_id:
            return None
        text = row.text
        context = text.context if text is not None else "."
        path = text.path if text is not None else None
        dockerfile = "Dockerfile" if context in (".", "") else f"{context}/Dockerfile"
        if path is not None and path.is_relative_to(project.root):
            dockerfile = path.relative_to(project.root).as_posix()
        found = row.verification if not row.results.changes else None
        return proven(
            build.value.tag,
            component.name,
            found,
            self._variants.proved.get(row.variant, self._variants.profile()),
            dockerfile=dockerfile,
            context=context,
            target=(text.target or None) if text is not None else None,
            platform=row.image.platform if row.image is not None else None,
            files=row.image.sizes.files if row.image is not None else None,
        )

    def _chosen(self) -> VariantRow | None:
        current = self._current()
        return current if current is not None and current.image is not None else self._best()
