"""What can be compared: built variants, images of the engine, images opened before, archives and analyses of earlier."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QMenu

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import format_bytes
from slimdesk.ui.desk import Desk
from slimdesk.ui.dialogs import pick_file
from slimdesk.workspace.workspace import OpenedImage, Workspace

MOST = 20
_FILES = (
    "Images and analyses (*.tar *.tar.gz *.tgz *.tar.zst *.json)",
    "All files (*)",
)

Picked = Callable[[OpenedImage], object]


def fill_pick_menu(menu: QMenu, desk: Desk, picked: Picked, *, without: frozenset[str] = frozenset()) -> None:
    """Offer everything that may be compared; `without` is what is compared already."""
    menu.addAction("Archive or analysis…", lambda: desk.spawn(_pick_file(desk, picked)))
    _section(menu, "Built variants", built_variants(desk.workspace), picked, without)
    engine = [
        (visible(tag, 70), f"{format_bytes(image.size)} says the engine", OpenedImage(tag))
        for image in desk.workspace.engine_images
        for tag in image.tags
        if "<none>" not in tag
    ]
    _section(menu, "Images of the engine", engine, picked, without)
    recent = [
        (
            visible(Path(one.place).name if Path(one.place).is_absolute() else one.place, 70),
            visible(one.place),
            OpenedImage(one.place),
        )
        for one in desk.workspace.history.recents("image")
    ]
    _section(menu, "Opened before", recent, picked, without)


def built_variants(workspace: Workspace) -> list[tuple[str, str, OpenedImage]]:
    """Return the measured variants of the chosen component: word, explanation, what is to be opened."""
    found = []
    for variant, results in workspace.all_results().items():
        if workspace.component is None or variant.component != workspace.component.name:
            continue
        if results.build is None or results.build.value.image_id is None:
            continue
        where = results.build.value.tag
        image = results.analysis.value if results.analysis is not None else None
        word = f"{variant.component}: {variant.family}{' (debug)' if variant.debug else ''}"
        found.append((visible(word, 70), visible(where), OpenedImage(where, image=image, variant=variant)))
    return found


def _section(
    menu: QMenu,
    title: str,
    entries: list[tuple[str, str, OpenedImage]],
    picked: Picked,
    without: frozenset[str],
) -> None:
    offered = [entry for entry in entries if entry[2].where not in without]
    if not offered:
        return
    menu.addSection(title)
    for word, tip, opened in offered[:MOST]:
        action = menu.addAction(word.replace("&", "&&"))
        action.setToolTip(tip)
        action.triggered.connect(lambda _=False, opened=opened: picked(opened))
    if len(offered) > MOST:
        menu.addAction(f"{len(offered) - MOST} more: open one on the Image page, then compare it").setEnabled(
            False
        )


async def _pick_file(desk: Desk, picked: Picked) -> None:
    path = await pick_file(desk.window, "Compare with", _FILES)
    if path is not None:
        picked(OpenedImage(str(path.absolute())))
