"""Leave out what a finding tells of: all of its places, or all of its packages, by one set of changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.basics.units import listed, plural
from slimdesk.dockerfile.parse import parse
from slimdesk.image.findings.chains import Chains
from slimdesk.image.model import Image
from slimdesk.operations.image_findings import package_at
from slimdesk.operations.leave_out_gain import Gain, gain_of_paths, layer_of
from slimdesk.operations.leave_out_package import leave_out_packages, with_cpu_torch
from slimdesk.operations.leave_out_path import way_of_paths
from slimdesk.operations.leave_out_system import SYSTEM_TYPES, leave_out_system, packages_of_base
from slimdesk.operations.leave_out_words import LeftOut, changes_of, sentence
from slimdesk.operations.variant_text import VariantText
from slimdesk.project.dependencies import declared
from slimdesk.project.model import Component, Project
from slimdesk.recipes.leave_out_dockerfile import without_development
from slimdesk.recipes.leave_out_manifest import CannotTakeOut

# Findings whose places are what can go; of all others the finding says itself what is to be done.
_PLACES = frozenset(
    (
        "cache",
        "compiler",
        "debug-symbols",
        "documentation",
        "git-folder",
        "headers",
        "headers-in-packages",
        "locales",
        "package-manager",
        "secret",
        "shell",
        "source-maps",
        "tests-in-packages",
    )
)
_MOST_TOLD = 6
_TOOLS = ("compiler", "package-manager", "shell")
_OF_ONE_PACKAGE = ("heavy-dependency", "bundled-browser")


def leave_out_finding(
    project: Project,
    component: Component,
    image: Image,
    text: VariantText,
    finding: Finding,
    *,
    single: Callable[[str | int], LeftOut],
) -> LeftOut:
    """Return how all that a finding tells of is left out. `single` answers for one path, or one package by its index.

    Raises CannotTakeOut.
    """
    told = Gain(finding.bytes or 0, finding.bytes or 0)
    packages = image.packages or ()
    index = package_at(packages, finding.path)
    if index is None and finding.rule in _OF_ONE_PACKAGE:
        index = next(iter(_owners(image, finding)), None)
    if finding.rule == "cuda":
        return with_cpu_torch(project, component, image, finding)
    if finding.rule == "dev-dependencies" and (finding.path or "").count("/node_modules/"):
        after = without_development(text.text, text.dockerfile)
        change = changes_of(text, after, "npm leaves the dev dependencies out", project.root)
        return LeftOut(
            "the dev dependencies of Node.js",
            ("npm installs what only builds or tests need",),
            (change,),
            told,
        )
    if finding.rule in _OF_ONE_PACKAGE and index is not None:
        return single(index)
    if finding.rule == "dev-dependencies" and (indexes := _owners(image, finding)):
        return _packages(project, component, image, text, finding, indexes=indexes)
    if finding.rule not in _PLACES or not finding.path:
        return LeftOut(
            finding.message, gain=told, reason=sentence(finding.fix or "Nothing of it can be left out")
        )
    if finding.rule in _TOOLS and (tools := _tools(image, text, finding)):
        return _packages(project, component, image, text, finding, indexes=tools)
    return _places(project, component, image, text, finding) or single(finding.path)


def _places(
    project: Project, component: Component, image: Image, text: VariantText, finding: Finding
) -> LeftOut | None:
    """All paths of a finding with several; None where it has one, or the base image brings them all."""
    table = image.table
    nodes = [node for path in finding.paths if (node := table.find(path)) is not None]
    if len(nodes) < 2:
        return None
    way = way_of_paths(
        project, component, image, text, [(table.path(node), layer_of(table, node)) for node in nodes]
    )
    if way.of_base:
        return None
    gain = gain_of_paths(image, (nodes[number] for number in way.gone))
    more = len(way.brings) - _MOST_TOLD
    brings = (*way.brings[:_MOST_TOLD], *((f"{plural(more, 'more place')} like these",) if more > 0 else ()))
    what = listed((visible(table.path(nodes[number]), 200) for number in way.gone), 2)
    return LeftOut(what or finding.message, brings, way.changes, gain, way.reason, way.cautions)


def _tools(image: Image, text: VariantText, finding: Finding) -> list[int]:
    """The distribution's packages that programs of a finding belong to, above the base."""
    packages = image.packages or ()
    base = packages_of_base(image, text)
    owners = _owners(image, finding)
    return [one for one in owners if packages[one].type in SYSTEM_TYPES and one not in base]


def _owners(image: Image, finding: Finding) -> list[int]:
    """The packages that the places of a finding belong to."""
    found: dict[int, None] = {}
    for path in finding.paths or (finding.path or "",):
        node = image.table.find(path)
        index = image.package_of[node] if node is not None and image.package_of else -1
        if index >= 0:
            found[index] = None
    return list(found)


def _packages(
    project: Project,
    component: Component,
    image: Image,
    text: VariantText,
    finding: Finding,
    *,
    indexes: Sequence[int],
) -> LeftOut:
    packages = image.packages or ()
    if any(packages[index].type in SYSTEM_TYPES for index in indexes):
        found = _system(project, image, text, indexes)
    else:
        chains = Chains(packages, declared(project, component))
        found = leave_out_packages(project, component, image, text, chains, indexes=indexes)
    if found is None:
        raise CannotTakeOut(finding.fix or "Nothing of the project is seen to ask for them")
    return found


def _system(project: Project, image: Image, text: VariantText, indexes: Sequence[int]) -> LeftOut | None:
    """Packages of the distribution, one after the other; each one looks at the Dockerfile that the one before leaves."""
    now = text
    found: list[LeftOut] = []
    refused: CannotTakeOut | None = None
    for index in indexes:
        try:
            one = leave_out_system(project, image, now, index)
        except CannotTakeOut as error:
            refused = refused or error
            continue
        if one is not None:
            (change,) = one.changes
            after = change.after.removeprefix("\ufeff").replace("\r\n", "\n")
            now = replace(now, text=after, dockerfile=parse(after))
            found.append(one)
    if not found:
        if refused is not None:
            raise refused
        return None
    whole = Gain()
    for one in found:
        whole += one.gain
    why = "; ".join(change.why for one in found for change in one.changes)
    return LeftOut(
        listed(one.what for one in found),
        tuple(word for one in found for word in one.brings),
        (changes_of(text, now.text, why, project.root),),
        whole,
        cautions=tuple(dict.fromkeys((*(word for one in found for word in one.cautions), *_left(refused)))),
    )


def _left(refused: CannotTakeOut | None) -> tuple[str, ...]:
    return (sentence(str(refused)),) if refused is not None else ()
