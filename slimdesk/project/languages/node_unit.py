"""What was gathered about one package that is deployed, before it is described as a component."""

from __future__ import annotations

from dataclasses import dataclass, field

from slimdesk.project.languages.node_build import Build
from slimdesk.project.languages.node_frameworks import Framework
from slimdesk.project.languages.node_manager import Manager
from slimdesk.project.languages.node_package import Package
from slimdesk.project.languages.node_source import SourceFacts
from slimdesk.project.languages.node_start import Start
from slimdesk.project.languages.node_workspace import Workspace


@dataclass(frozen=True, slots=True)
class Unit:
    """A package that is deployed; `web_tool` is set for a front end that only makes files."""

    package: Package
    workspace: Workspace | None
    manager: Manager
    web_tool: str | None = None
    framework: Framework | None = None
    build: Build | None = None
    start: Start | None = None
    sources: SourceFacts = field(default_factory=SourceFacts)

    @property
    def has_manifest(self) -> bool:
        """Whether there is a package.json at all."""
        return bool(self.package.text)

    @property
    def start_words(self) -> tuple[str, ...]:
        """What starts the program; empty if nobody knows."""
        return () if self.start is None else self.start.words
