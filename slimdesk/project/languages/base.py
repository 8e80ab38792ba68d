"""What a language file must offer; `languages.registry` names them all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from slimdesk.project.model import Component
from slimdesk.project.walk import Tree


class Language(Protocol):
    """How the projects of one language are recognised and read."""

    profile: str

    def find(self, tree: Tree) -> Iterable[Component]:
        """Every component of this language in the tree, with facts and their evidence.

        Names need not be unique yet and no file is written. A manifest that cannot be parsed becomes a problem of
        the component (or of the tree), never an exception.
        """
