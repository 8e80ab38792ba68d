"""Leave something out of the next image: what brings it, the change as a difference, what it gains, and whether it did."""

from __future__ import annotations

from pathlib import Path
from weakref import WeakSet

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from slimdesk.basics.errors import SlimDeskError
from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.basics.units import format_bytes, format_exact, format_percent
from slimdesk.image.model import Image, Package
from slimdesk.operations.leave_out import LeftOut, apply, leave_out, target_of, text_of_image
from slimdesk.operations.leave_out_words import shown
from slimdesk.operations.promises import Settled, promise, settle
from slimdesk.operations.variant_text import VariantText
from slimdesk.operations.variant_texts import VariantTexts
from slimdesk.project.model import Component, Project
from slimdesk.ui.desk import Desk
from slimdesk.ui.dialogs import finished
from slimdesk.ui.widgets.buttons import Button, PrimaryButton
from slimdesk.ui.widgets.diff_view import DiffView
from slimdesk.ui.widgets.figures import Figure, FigureStrip
from slimdesk.ui.widgets.layout import TOP, column, line, panel, row
from slimdesk.ui.widgets.text import Icon, Text
from slimdesk.workspace.workspace import OpenedImage, Workspace

_SIZE = (860, 620)
_LEAST = 300
_WATCHED: WeakSet[Desk] = WeakSet()


def why_not(workspace: Workspace) -> str:
    """Return why nothing can be left out of the open image; "" where something may."""
    if workspace.image is None or workspace.image.image is None:
        return "no image is open"
    if workspace.project is None:
        return "open the project that the image was built from first"
    return ""


async def open_leave_out(desk: Desk, opened: OpenedImage, what: str | Package | Finding) -> bool:
    """Show how a path, a package or a finding of an image is left out; True if the change was made.

    Nothing is written before the person has seen it. Raises BadInput where the image was not built from the open project.
    """
    project, image = desk.workspace.project, opened.image
    if project is None or image is None:
        desk.notify("info", "Nothing can be left out yet.", f"{why_not(desk.workspace).capitalize()}.")
        return False
    component, text = await desk.blocking(built_from, desk.workspace, project, opened, image)
    found = await desk.blocking(leave_out, project, component, image, text, target_of(image, what))
    dialog = LeaveOutDialog(desk, project.root, found)
    if not await finished(dialog):
        if dialog.variants_wanted:
            desk.go("variants")
        return False
    kept = await desk.blocking(_make, project, component, image, found)
    for change in found.changes:
        if change.variant:
            desk.workspace.choose_component(component.name)
            desk.workspace.edit(text.family, change.after)
    watch_promises(desk)
    told = [f"{', '.join(path.name for path in kept)} kept." if kept else ""]
    told += [f"Then run {command}, so that the lock file follows." for command in found.commands]
    desk.notify(
        "good",
        f"{found.what[:80]} is left out of the next build; it promises {format_bytes(found.gain.live)} of live.",
        " ".join(part for part in told if part),
        actions=(("Build again…", lambda: desk.go("variants")),),
    )
    if desk.opener is not None:
        desk.opener.read_again()
    return True


def watch_promises(desk: Desk) -> None:
    """From now on, say what was promised and measured as soon as a newer image of a variant has been read; once per desk."""
    if desk not in _WATCHED:
        _WATCHED.add(desk)
        desk.workspace.observe("results", lambda: _tell_measured(desk))


def measured_in_words(done: Settled) -> tuple[str, str]:
    """Return what was promised and measured as a sentence, and what it was about."""
    share = f", {format_percent(done.measured_live / done.live)} of it" if done.live else ""
    return (
        f"Promised {format_bytes(done.live)}, measured {format_bytes(done.measured_live)} of live{share}.",
        f"Left out: {', '.join(visible(one, 60) for one in done.what[:4])}{', …' if len(done.what) > 4 else ''}.",
    )


class LeaveOutDialog(QDialog):
    """Accepted = make the change. `variants_wanted`: the person would rather choose another family."""

    def __init__(self, desk: Desk, root: Path, found: LeftOut) -> None:
        super().__init__(desk.window)
        self.found = found
        self.variants_wanted = False
        what = found.what if len(found.what) <= 70 else f"{found.what[:69]}…"
        # What cannot be left out may be a sentence of a finding.
        title = f"Leave out {what}" if found.changes else what
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.figures = FigureStrip("What it gains", _figures(found))
        self.view = DiffView()
        self.view.setProperty("kind", "bare")
        self.view.show_files([(one.path, shown(one.before), shown(one.after)) for one in found.changes])
        brings = [_told("arrow-right", "text2", one) for one in found.brings]
        cautions = [_told("warning-fill", "warn", one) for one in found.cautions]
        after = [
            _told("terminal", "text2", f"Run {one} afterwards, so that the lock file follows")
            for one in found.commands
        ]
        self.setLayout(
            column(
                panel(
                    column(Text(title, "section", wrap=True), *brings, margins=(20, 16, 20, 12), spacing=6)
                ),
                line(),
                self.figures if found.gain.live or found.gain.files else None,
                *self._middle(root, found),
                panel(column(*cautions, *after, margins=(20, 4, 20, 4), spacing=4))
                if cautions or after
                else None,
                row(1, *self._buttons(found), margins=(20, 10, 20, 14)),
                spacing=0,
            )
        )
        room = desk.window.size()
        height = _SIZE[1] if found.changes else _LEAST
        self.resize(min(_SIZE[0], room.width()), min(height, room.height()))

    def _middle(self, root: Path, found: LeftOut) -> list[QWidget]:
        if not found.changes:
            self.view.hide()
            return [panel(column(_told("info", "accent_text", found.reason), 1, margins=(20, 14, 20, 14)))]
        why = "; ".join(dict.fromkeys(one.why for one in found.changes))
        there = [one.path for one in found.changes if one.before and not one.variant]
        kept = " What stands there now is kept with .orig at its name's end." if there else ""
        where = "" if all(one.variant for one in found.changes) else f"Into {root}: "
        words = Text(f"{where}{visible(why, 400)}.{kept}", "small", "text2", wrap=True)
        return [panel(column(words, margins=(20, 8, 20, 8))), panel(row(self.view, margins=(16, 0, 0, 0)))]

    def _buttons(self, found: LeftOut) -> list[QWidget]:
        close = Button("Cancel" if found.changes else "Close", clicked=self.reject)
        if found.changes:
            make = PrimaryButton("Leave it out", "floppy-disk", self.accept)
            make.setDefault(True)
            make.setFocus(Qt.FocusReason.OtherFocusReason)
            return [close, make]
        if found.family is not None:
            other = PrimaryButton(f"See {found.family} under Variants", "stack", self._to_variants)
            other.setDefault(True)
            return [close, other]
        close.setDefault(True)
        return [close]

    def _to_variants(self) -> None:
        self.variants_wanted = True
        self.reject()


def _figures(found: LeftOut) -> list[Figure]:
    word = "of live promised" if found.changes else "of live"
    live, files = found.gain.live, found.gain.files
    return [
        Figure(format_bytes(live), word, f"{format_exact(live)}: bytes that a container sees now"),
        Figure(
            format_bytes(files),
            "in all layers",
            f"{format_exact(files)}: with copies that a later layer hides",
        ),
    ]


def _told(icon: str, tone: str, words: str) -> QWidget:
    body = row(spacing=8)
    body.addWidget(Icon(icon, tone), 0, TOP)  # type: ignore[arg-type]
    body.addWidget(Text(words if words.endswith((".", ")")) else f"{words}.", "body", "text", wrap=True), 1)
    return panel(body)


def built_from(
    workspace: Workspace, project: Project, opened: OpenedImage, image: Image
) -> tuple[Component, VariantText]:
    """What the image was built from: the variant's text with the person's edits, where SlimDesk built it in this window."""
    variant = opened.variant
    component = project.component(variant.component) if variant is not None else None
    if variant is not None and component is not None and workspace.component == component:
        text = VariantTexts(workspace).text(variant.family)
        if text is not None:
            return component, text
    return text_of_image(project, image, component)


def _make(project: Project, component: Component, image: Image, found: LeftOut) -> tuple[Path, ...]:
    kept = apply(project, found)
    promise(project, component, image, found)
    return kept


def _tell_measured(desk: Desk) -> None:
    project = desk.workspace.project
    if project is None:
        return
    for variant, results in desk.workspace.all_results().items():
        component = project.component(variant.component)
        if results.analysis is None or component is None:
            continue
        try:
            done = settle(project, component, results.analysis.value)
        except SlimDeskError as error:
            desk.fail(error)
            return
        if done is not None:
            what, why = measured_in_words(done)
            desk.notify("good" if done.measured_live * 2 > done.live else "warn", what, why)
