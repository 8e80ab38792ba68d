"""Type: the system's font, in steps from the person's own size, with figures that line up."""

from __future__ import annotations

from typing import Literal

from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication, QWidget

FontRole = Literal[
    "small", "rail", "body", "medium", "strong", "section", "page", "verdict", "mono", "mono_strong"
]

# Step from the body size (10 pt = 13 px) in points, and weight.
_STEPS: dict[FontRole, tuple[float, QFont.Weight]] = {
    "small": (-0.75, QFont.Weight.Normal),
    "rail": (-1.5, QFont.Weight.Normal),
    "body": (0, QFont.Weight.Normal),
    "medium": (0, QFont.Weight.Medium),
    "strong": (0, QFont.Weight.DemiBold),
    "section": (1.5, QFont.Weight.DemiBold),
    "page": (5, QFont.Weight.DemiBold),
    "verdict": (6.5, QFont.Weight.DemiBold),
    "mono": (-0.75, QFont.Weight.Normal),
    "mono_strong": (-0.75, QFont.Weight.DemiBold),
}
_HEADINGS: frozenset[FontRole] = frozenset({"section", "page", "verdict"})
_PROPERTY = "slimFont"
_SMALLEST = 6.0
# What `fix_height` and its like call again when the type changes.
_SETTERS = ("setFixedHeight", "setFixedWidth", "setMaximumWidth")


class _State:
    """The system's body font, asked once, the person's zoom in points, and whether it was changed while widgets lived."""

    system: QFont | None = None
    zoom: float = 0.0
    zoomed: bool = False
    made: dict[FontRole, QFont] = {}  # noqa: RUF012 - one program, one type scale


def font(role: FontRole = "body") -> QFont:
    """Return the font of `role`; figures are tabular in all of them."""
    if role not in _State.made:
        _State.made[role] = _make(role)
    return QFont(_State.made[role])


def set_font(widget: QWidget, role: FontRole) -> None:
    """Give `widget` the font of `role`, and keep it so when the zoom changes."""
    widget.setProperty(_PROPERTY, role)
    widget.setFont(font(role))


def fix_height(widget: QWidget, pixels: int) -> None:
    """Give `widget` a height that was drawn for 10 pt type, and keep it in step with the type."""
    _keep(widget, "setFixedHeight", pixels)


def fix_width(widget: QWidget, pixels: int) -> None:
    """Give `widget` a width that was drawn for 10 pt type, and keep it in step with the type."""
    _keep(widget, "setFixedWidth", pixels)


def most_width(widget: QWidget, pixels: int) -> None:
    """Let `widget` be no wider than `pixels`, drawn for 10 pt type, and keep it in step with the type."""
    _keep(widget, "setMaximumWidth", pixels)


def set_zoom(points: float) -> None:
    """Make all type larger or smaller by `points`, everywhere and at once."""
    if points == _State.zoom and _State.made:
        return
    _State.zoom = points
    _State.zoomed = _State.zoomed or bool(_State.made)
    _State.made.clear()
    application = QApplication.instance()
    sheet = application.styleSheet() if isinstance(application, QApplication) else ""
    # Under a style sheet widgets hold on to the program's font of the time when it came.
    if sheet and isinstance(application, QApplication):
        application.setStyleSheet("")
    QApplication.setFont(font("body"))
    if sheet and isinstance(application, QApplication):
        application.setStyleSheet(sheet)
    keep_fonts()
    for widget in QApplication.allWidgets():
        for setter in _SETTERS:
            pixels = widget.property(f"slim{setter}")
            if pixels is not None:
                getattr(widget, setter)(scaled(pixels))


def keep_fonts() -> None:
    """Give all widgets their fonts again: a new style sheet takes them back to those that they were made with."""
    if not _State.zoomed:
        return
    for widget in QApplication.allWidgets():
        role = widget.property(_PROPERTY)
        if role in _STEPS:
            widget.setFont(font(role))


def zoom() -> float:
    """Return the zoom in points."""
    return _State.zoom


def scaled(pixels: int) -> int:
    """Return a height that was drawn for 10 pt type, for the type in use; never smaller than drawn."""
    return max(pixels, round(pixels * font("body").pointSizeF() / 10))


def _keep(widget: QWidget, setter: str, pixels: int) -> None:
    widget.setProperty(f"slim{setter}", pixels)
    getattr(widget, setter)(scaled(pixels))


def _make(role: FontRole) -> QFont:
    if _State.system is None:
        _State.system = QApplication.font()
        if _State.system.pointSizeF() <= 0:
            _State.system.setPointSizeF(10)
    step, weight = _STEPS[role]
    mono = role.startswith("mono")
    made = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont) if mono else QFont(_State.system)
    # Offscreen and bare X servers say 9 pt or less for want of a desktop; people's desktops say 10 or more.
    body = max(10.0, _State.system.pointSizeF())
    made.setPointSizeF(max(_SMALLEST, body + step + _State.zoom))
    made.setWeight(weight)
    if mono:
        # What is read letter by letter, and copied, is not drawn as ligatures: `--` and `=:` stay two characters.
        for feature in ("calt", "liga"):
            made.setFeature(QFont.Tag(feature), 0)
    else:
        made.setFeature(QFont.Tag("tnum"), 1)
    if role in _HEADINGS:
        # Hinting rounds the stems of large type to whole pixels: semibold then looks like regular.
        made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made
