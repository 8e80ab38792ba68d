"""The stages that turn a front end into files: for a web server's image, or for the image of a back end that serves them.

The files are the same for every platform and family, so they are built once, on the machine's own platform.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace

from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage
from slimdesk.dockerfile.compose import arg, copy, stage
from slimdesk.dockerfile.model import Instruction, Stage
from slimdesk.project.model import Component
from slimdesk.recipes import node_fit
from slimdesk.recipes.chosen import known
from slimdesk.recipes.model import Options
from slimdesk.recipes.node_shape import APP, Shape
from slimdesk.recipes.node_stages import BuildStages

STAGE = "web"
NAMES = {"tools": "web-tools", "dependencies": "web-dependencies", "build": STAGE}
# Where the files of a project without a build lie in its stage.
FILES = "/web"
# Above the component's own folder too, as Nx and some Vite projects have it.
_FOLDER = re.compile(r"(?:\.\./){0,6}[A-Za-z0-9_@.][A-Za-z0-9_@+=./-]*", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}", re.ASCII)


def build_stages(
    component: Component, catalog: Catalog, options: Options
) -> tuple[tuple[Stage, ...], str, str]:
    """Return the stages that build a component of profile `web`, the name of the last, and the folder of the files in it.

    The component's `context` may be any folder above its own: paths of COPY are from there. Names of the stages begin
    with `web`. Raises CatalogError if the catalogue has no Node.js to build with.
    """
    if component.fact("build") is None and component.package_manager is None:
        prefix = posixpath.relpath(component.path, component.context)
        reason = "The files as they are: nothing has to be built."
        return (
            (stage(STAGE, "scratch", reason, [copy("What is served.", prefix, f"{FILES}/")]),),
            STAGE,
            FILES,
        )
    image = known(builder(component, catalog), "Node.js")
    stages, folder = stages_with(component, image, options)
    return stages, STAGE, folder


def stages_with(component: Component, image: BaseImage, options: Options) -> tuple[tuple[Stage, ...], str]:
    """Return the stages that build the files with this Node.js image, and the folder of the files in the last of them."""
    inner = str(component.value("workspace", component.path))
    shape = Shape(replace(component, context=inner), image, image, options)
    stages = tuple(_renamed(one) for one in WebStages(shape).stages())
    if inner != component.context:
        prefix = posixpath.relpath(inner, component.context)
        stages = tuple(_from_folder(one, prefix) for one in stages)
    folder = posixpath.normpath(posixpath.join(shape.home, output_folder(component)))
    return stages, folder if folder.startswith(f"{APP}/") else f"{shape.home}/dist"


def builder(component: Component, catalog: Catalog) -> BaseImage | None:
    """Return the Node.js image that builds the files; None if the project asks for one that does not exist."""
    choice = node_fit.choose_version(component, "slim", catalog)
    base = catalog.find("slim", node_fit.WORD, choice.version if choice else None)
    return None if base is None else node_fit.builder(component, base, catalog)


def output_folder(component: Component) -> str:
    """Return the folder that is served, from the component's own; never one outside of the build."""
    folder = posixpath.normpath(str(component.value("output_folder", "dist")))
    inside = posixpath.normpath(posixpath.join("/", component.path, folder)) != "/"
    return folder if _FOLDER.fullmatch(folder) and inside else "dist"


class WebStages(BuildStages):
    """Writes the stages that install and build a front end."""

    def stages(self) -> tuple[Stage, ...]:
        """Write every stage; the last one holds the files."""
        tools = self._tools()
        found = [] if tools is None else [tools]
        return (*found, *self._build_stages())

    def _builder_reason(self) -> str:
        return f"Node.js {self.builder.version} builds the files and does not ship: browsers run them, a small server hands them out."

    def commands(self, *, set_apart: bool) -> list[Instruction]:
        """Write what builds the component, after the variables that its build writes into the files."""
        names = [
            fact for fact in self.component.all("build_variable") if _VARIABLE.fullmatch(str(fact.value))
        ]
        found = []
        for fact in names:
            reason = "Its value is written into the files when they are built; give it with --build-arg. Nothing secret: browsers see it."
            found.append(replace(arg(str(fact.value), reason), evidence=fact.evidence))
        return [*found, *super().commands(set_apart=set_apart)]

    def _build_reason(self, *, set_apart: bool) -> str:  # noqa: ARG002 - the base class's own parameter
        return f"The project's own build; it writes {output_folder(self.component)}."

    def _cleanup(self) -> list[Instruction]:
        # Only the files leave this stage.
        return []


def _renamed(one: Stage) -> Stage:
    first, *body = one.instructions
    base = NAMES.get(one.base, one.base)
    name = NAMES.get(one.name or "", one.name or STAGE)
    platform = None if base in NAMES.values() else "$BUILDPLATFORM"
    flags = () if platform is None else (f"--platform={platform}",)
    words = (base, "AS", name)
    return replace(
        one,
        name=name,
        base=base,
        platform=platform,
        instructions=(replace(first, arguments=words, flags=flags), *body),
    )


def _from_folder(one: Stage, prefix: str) -> Stage:
    """Let COPY take its files from a folder of a larger build context."""
    return replace(one, instructions=tuple(_copied(each, prefix) for each in one.instructions))


def _copied(one: Instruction, prefix: str) -> Instruction:
    if one.keyword != "COPY" or any(flag.startswith("--from=") for flag in one.flags):
        return one
    sources = tuple(f"{prefix}/{word}" if word != "." else prefix for word in one.arguments[:-1])
    return replace(one, arguments=(*sources, one.arguments[-1]))
