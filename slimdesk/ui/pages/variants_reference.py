"""What the variants are measured against, and the menu that chooses it."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from slimdesk.basics.escaping import visible
from slimdesk.operations.variant_texts import BASELINE
from slimdesk.operations.variants import Variants
from slimdesk.ui.models.variants import short_name
from slimdesk.workspace.workspace import Workspace

MOST_IMAGES = 25


def reference_words(variants: Variants) -> str:
    """Return what it is, for a sentence: the baseline, your Dockerfile, or an image's short name."""
    picked = variants.picked_image()
    if picked is not None:
        return visible(short_name(picked), 40)
    return "the baseline" if variants.reference().family == "baseline" else "your Dockerfile"


def fill_reference_menu(menu: QMenu, variants: Variants, workspace: Workspace) -> None:
    """Offer the project's own Dockerfile, the baseline, and the engine's images, newest first."""
    group = QActionGroup(menu)
    chosen = variants.reference().family
    picked = variants.picked_image()

    def offer(words: str, value: str | None, *, checked: bool, why_not: str = "") -> None:
        action = menu.addAction(words)
        action.setCheckable(True)
        action.setChecked(checked)
        action.setEnabled(not why_not)
        group.addAction(action)
        action.triggered.connect(partial(_pick, variants, value))

    own = variants.has_own()
    problem = variants.own_problem()
    why_not = "" if own else "it cannot be read" if problem is not None else "the project has none"
    offer(
        f"Your Dockerfile ({why_not})" if why_not else "Your Dockerfile",
        None,
        checked=chosen == "yours" and picked is None,
        why_not=why_not,
    )
    offer("The baseline: one stage, as root", BASELINE if own else None, checked=chosen == "baseline")
    menu.addSection("Images of the engine")
    names = [
        tag
        for image in workspace.engine_images
        for tag in image.tags
        if not tag.startswith("slimdesk/") and "<none>" not in tag
    ]
    if picked is not None and picked not in names:
        names.insert(0, picked)
    for name in names[:MOST_IMAGES]:
        offer(visible(name, 80), name, checked=name == picked)
    if not names:
        menu.addAction("The engine holds none, or does not answer").setEnabled(False)


def _pick(variants: Variants, value: str | None, _checked: bool = False) -> None:
    variants.pick_reference(value)
