"""The pages of the window: one line each. A page whose module is not there is left out of the rail."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slimdesk.ui.desk import Desk
    from slimdesk.ui.pages.page import Page


@dataclass(frozen=True, slots=True)
class PageEntry:
    """`where` is module:class; `keys` is the shortcut that opens it; `foot` puts it at the rail's foot."""

    key: str
    title: str
    picture: str
    keys: str
    where: str
    foot: bool = False

    @property
    def there(self) -> bool:
        """Whether its module exists."""
        return importlib.util.find_spec(self.where.partition(":")[0]) is not None

    def load(self) -> type[Page]:
        """Import its class; beside the loop it is not felt."""
        module, _, name = self.where.partition(":")
        found: type[Page] = getattr(importlib.import_module(module), name)
        return found

    def make(self, desk: Desk) -> Page:
        """Import and make it."""
        page = self.load()(desk)
        page.setAccessibleName(self.title)
        desk.actions.add(*page.actions_offered())
        return page


PAGES = (
    PageEntry("start", "Start", "house", "Ctrl+1", "slimdesk.ui.pages.start:StartPage"),
    PageEntry("project", "Project", "folder-open", "Ctrl+2", "slimdesk.ui.pages.project:ProjectPage"),
    PageEntry("variants", "Variants", "stack", "Ctrl+3", "slimdesk.ui.pages.variants:VariantsPage"),
    PageEntry("image", "Image", "cube", "Ctrl+4", "slimdesk.ui.pages.image:ImagePage"),
    PageEntry("compare", "Compare", "git-diff", "Ctrl+5", "slimdesk.ui.pages.compare:ComparePage"),
    PageEntry("debug", "Debug", "terminal-window", "Ctrl+6", "slimdesk.ui.pages.debug:DebugPage"),
    PageEntry(
        "settings", "Settings", "gear-six", "Ctrl+,", "slimdesk.ui.pages.settings:SettingsPage", foot=True
    ),
)


def pages_there() -> tuple[PageEntry, ...]:
    """Return the pages that this build has."""
    return tuple(entry for entry in PAGES if entry.there)
