"""What a Node.js component's image is made of, decided once for all of its stages."""

from __future__ import annotations

import posixpath
import shlex

from slimdesk.basics.escaping import without_controls
from slimdesk.catalog.model import BaseImage
from slimdesk.project.model import Component, Evidence, Fact
from slimdesk.recipes.model import Options
from slimdesk.recipes.node_fit import PLAIN
from slimdesk.recipes.node_install import Installer

APP = "/app"


class Shape:
    """One component in one family.

    `folder` is the component's own in the build context (empty: the context itself), `home` where that lies in every
    stage, `layout` the framework whose output makes up the image, `outputs` what the build writes, relative to `folder`.
    """

    def __init__(self, component: Component, base: BaseImage, builder: BaseImage, options: Options) -> None:
        self.component = component
        self.base = base
        self.builder = builder
        self.options = options
        self.installer = Installer(component)
        self.folder = component.folder
        self.home = f"{APP}/{self.folder}" if self.folder else APP
        self.layout = str(component.value("layout", ""))
        self.outputs = [str(fact.value) for fact in component.all("output")]

    @property
    def has_build(self) -> bool:
        """Whether something is made before the program can run."""
        return bool(self.build_words()) or self.component.fact("prisma_schema") is not None

    @property
    def has_source(self) -> bool:
        """Whether the sources pass through a stage of their own: a .npmrc must not reach the image."""
        return self.component.fact("npmrc") is not None or self.component.fact("manager_folder") is not None

    @property
    def has_production(self) -> bool:
        """Whether packages ship beside the program."""
        if self.layout in ("next-standalone", "nuxt"):
            return False
        if self.component.package_manager is None:
            return False
        return (
            bool(self.component.value("dependencies", 0)) or self.runs_typescript or self.installer.workspace
        )

    @property
    def runs_typescript(self) -> bool:
        """Whether the program is TypeScript that a tool of devDependencies runs as it stands."""
        return self.component.fact("development_runner") is not None

    @property
    def keeps_build_modules(self) -> bool:
        """Whether the packages of the build ship as they are.

        pnpm and yarn's own layouts keep Prisma's generated client where no fixed path leads.
        """
        generated = (
            self.component.fact("prisma_schema") is not None and self.component.fact("prisma_output") is None
        )
        return generated and (self.installer.name == "pnpm" or self.installer.is_berry)

    @property
    def compiled(self) -> bool:
        """Whether the build's own output is enough to run: it holds the entry point, and what it is called is known."""
        words = self.component.entrypoint or ()
        files = [posixpath.normpath(word) for word in words[1:] if not word.startswith("-")]
        file = next(iter(files), "")
        if file.startswith("node_modules/"):
            # A server that lies among the packages, such as react-router-serve, is given what the build made.
            file = next(iter(files[1:]), "")
        if self.component.fact("prisma_output") is not None or "." in self.outputs:
            return False
        if not all(PLAIN.fullmatch(one) for one in self.outputs):
            return False
        if self.layout == "next":
            return True
        return any(file == one or file.startswith(f"{one}/") for one in self.outputs)

    def build_words(self) -> list[str]:
        """Return the build command as words; none without a build."""
        text = self.component.value("build")
        if not isinstance(text, str):
            return []
        try:
            return shlex.split(without_controls(text))
        except ValueError:
            return [text]

    @property
    def has_any_packages(self) -> bool:
        """Whether there is anything to install."""
        counts = ("dependencies", "development_dependencies")
        return any(self.component.value(key, 0) for key in counts) or self.installer.workspace

    def needed_members(self) -> list[str]:
        """Return the folders, in the context, of the workspace members that the program uses."""
        folders = []
        for fact in self.component.all("workspace_dependency"):
            path = str(fact.value)
            folder = (
                path if self.component.context == "." else path.removeprefix(f"{self.component.context}/")
            )
            if PLAIN.fullmatch(folder):
                folders.append(folder)
        return folders

    @property
    def node(self) -> str:
        """The interpreter of the final image."""
        return self.base.interpreter or "node"

    @property
    def standalone_output(self) -> str:
        """Where, below `home`, Next.js' standalone server mirrors the component's folder."""
        return f".next/standalone/{self.folder}" if self.folder else ".next/standalone"


class OfShape:
    """What writes stages of a shape: its parts at hand."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.component = shape.component
        self.base = shape.base
        self.builder = shape.builder
        self.options = shape.options
        self.installer = shape.installer
        self.folder = shape.folder
        self.home = shape.home
        self.layout = shape.layout
        self.outputs = shape.outputs


def place_of(fact: Fact | None) -> Evidence | None:
    """Return where a fact was read."""
    return None if fact is None else fact.evidence


def value_of(fact: Fact | None) -> str:
    """Return a fact's value as harmless text for a sentence."""
    return "" if fact is None else without_controls(str(fact.value))[:80]
