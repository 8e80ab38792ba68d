"""Colours, fonts and icons by name. Nothing else in `ui` names a colour or a size of type."""

from slimdesk.ui.theme.theme import Theme, current

__all__ = ["Theme", "current"]
