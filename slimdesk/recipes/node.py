"""Node.js: install and build in the official image, ship the program with its production packages alone.

Stages: `tools` (a package manager or compilers, where the image lacks them), `dependencies` and `build` (where there is
a build), `production` (the packages that ship), `final`. The stages before `final` are the same for every family of one
C library, so that rivals share their cache.
"""

from __future__ import annotations

from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage, Family
from slimdesk.dockerfile.compose import copy, entrypoint, env, run, stage, workdir
from slimdesk.dockerfile.model import Instruction
from slimdesk.project.model import Component
from slimdesk.recipes import bun, deno, node_fit
from slimdesk.recipes.chosen import chosen, known
from slimdesk.recipes.model import Fit, Options, Plan
from slimdesk.recipes.node_advice import findings, ignored
from slimdesk.recipes.node_final import FinalStage
from slimdesk.recipes.node_install import LEFT_BY_TOOLS, MANIFESTS
from slimdesk.recipes.node_shape import APP, Shape
from slimdesk.recipes.node_stages import BuildStages


class NodeRecipe:
    """The recipe of the language profile `node`."""

    profile = "node"
    manifests: tuple[str, ...] = MANIFESTS
    left_by_tools: tuple[str, ...] = LEFT_BY_TOOLS

    def fit(self, component: Component, family: Family, catalog: Catalog) -> Fit:
        """Say whether `family` can serve `component`."""
        if bun.runtime_of(component) != "node":
            return bun.fit(component, family, catalog)
        return node_fit.fit(component, family, catalog)

    def plan(self, component: Component, fit: Fit, options: Options) -> Plan:
        """Write the multi-stage build; `fit` is available."""
        base, builder = chosen(component, fit)
        if bun.runtime_of(component) != "node":
            other = deno.plan if bun.runtime_of(component) == "deno" else bun.plan
            return other(component, fit, options)
        shape = Shape(component, base, builder, options)
        stages = (*BuildStages(shape).stages(), FinalStage(shape).stage())
        return Plan(stages, ignored(shape), tuple(findings(shape)))

    def baseline(self, component: Component, catalog: Catalog, options: Options) -> tuple[BaseImage, Plan]:
        """Write the single-stage image, run as root, that tutorials write."""
        if bun.runtime_of(component) != "node":
            first = deno.baseline if bun.runtime_of(component) == "deno" else bun.baseline
            return first(component, catalog, options)
        choice = node_fit.choose_version(component, "full", catalog)
        version = choice.version if choice is not None else None
        base = known(catalog.find("full", node_fit.WORD, version), "Node.js")
        shape = Shape(component, base, base, options)
        body = [workdir(APP, "Everything happens in one folder."), *_steps(shape)]
        only = stage("final", base.reference, "The full official image, for everything.", body)
        return base, Plan((only,), ignored(shape))


RECIPE = NodeRecipe()


def _steps(shape: Shape) -> list[Instruction]:
    """Write what a tutorial does: copy everything, install everything, build, start as root."""
    component, installer = shape.component, shape.installer
    body: list[Instruction] = []
    setup = installer.setup(shape.builder) if component.package_manager is not None else None
    if setup is not None:
        body.append(run(setup[1], setup[0]))
    if installer.is_berry:
        body.append(env("Lays packages out in node_modules.", YARN_NODE_LINKER="node-modules"))
    body.append(copy("The whole project, so every change installs everything again.", ".", "./"))
    if shape.has_any_packages:
        command = "npm install" if installer.name == "npm" else installer.all()
        commands = (*installer.script_permission(), command)
        body.append(run("All packages, those of development too; they stay in the image.", *commands))
    body += BuildStages(shape).commands(set_apart=False)
    final = FinalStage(shape)
    body += [*final.environment(), *final.exposed()]
    words = final.words()
    if shape.layout == "next-standalone":
        words = (shape.node, f"{shape.home}/{shape.standalone_output}/server.js")
    body.append(entrypoint(words, "Starts the program, as root.", component.evidence("entrypoint")))
    return body
