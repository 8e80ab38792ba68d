"""Leave something out of the next image: what brings it, the change that keeps it out, and the bytes that this gains.

Blocking: a few of the project's files are read, so the window calls it in a thread. Nothing is written but by `apply`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from slimdesk.basics.errors import BadInput, SlimDeskError
from slimdesk.basics.escaping import visible
from slimdesk.basics.files import keep_original, write_whole
from slimdesk.basics.finding import Finding
from slimdesk.basics.units import plural
from slimdesk.catalog.model import Family
from slimdesk.image.findings.chains import Chains
from slimdesk.image.model import Image, Package
from slimdesk.operations.catalog import catalog_for
from slimdesk.operations.image_origin import text_of_image
from slimdesk.operations.leave_out_finding import leave_out_finding
from slimdesk.operations.leave_out_gain import (
    Gain,
    gain_of_packages,
    gain_of_path,
    layer_of,
    owners_below,
)
from slimdesk.operations.leave_out_package import leave_out_packages
from slimdesk.operations.leave_out_path import Way, way_of_paths
from slimdesk.operations.leave_out_system import leave_out_system, of_base
from slimdesk.operations.leave_out_words import Change, LeftOut, read_text, sentence
from slimdesk.operations.variant_text import VariantText
from slimdesk.project.dependencies import declared
from slimdesk.project.model import Component, Project
from slimdesk.recipes.generate import fits, recommended
from slimdesk.recipes.leave_out_manifest import CannotTakeOut

__all__ = ["Change", "LeftOut", "Target", "apply", "leave_out", "target_of", "text_of_image"]

_LANGUAGES = ("pypi", "npm", "maven", "golang", "cargo", "composer", "gem", "nuget")
# Of a file or folder that belongs to one package to this share, the package is what can be left out.
_MOSTLY = 0.9


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be left out: one of a path of the image, a package by its index, or a finding."""

    path: str | None = None
    package: int | None = None
    finding: Finding | None = None


def target_of(image: Image, what: str | Package | Finding) -> Target:
    """Return the target that a path, a package or a finding means. Raises BadInput for one that the image does not hold."""
    if isinstance(what, Finding):
        return Target(finding=what)
    if isinstance(what, Package):
        packages = image.packages or ()
        index = next((number for number, one in enumerate(packages) if one is what or one == what), None)
        if index is None:
            raise BadInput(f"The image holds no package {visible(what.name, 80)}")
        return Target(package=index)
    return Target(path=what)


def leave_out(
    project: Project, component: Component, image: Image, text: VariantText, target: Target
) -> LeftOut:
    """Say what brings it, how it is kept out and what that gains. `text` is what the image was built from.

    Where nothing can be done there are no changes, and `reason` says why. Raises BadInput for a path that is not there.
    """
    try:
        if target.finding is not None:
            return leave_out_finding(
                project,
                component,
                image,
                text,
                target.finding,
                single=lambda what: (
                    _package(project, component, image, text, what)
                    if isinstance(what, int)
                    else _path(project, component, image, text, what)
                ),
            )
        if target.package is not None:
            return _package(project, component, image, text, target.package)
        return _path(project, component, image, text, target.path or "")
    except CannotTakeOut as error:
        what, gain = _named(image, target)
        return LeftOut(what, gain=gain, reason=sentence(str(error)))


def apply(project: Project, found: LeftOut) -> tuple[Path, ...]:
    """Write the changes of the project's files; return what was kept of them as NAME.orig.

    Raises OutputError, and BadInput where a file has changed since it was read: then nothing is written.
    """
    files = [one for one in found.changes if not one.variant]
    for one in files:
        if (read_text(project.root / one.path) or "") != one.before:
            raise BadInput(
                f"{one.path} was not changed",
                "it is another since it was looked at",
                "Open “Leave out…” again",
            )
    kept = []
    for one in files:
        path = project.root / one.path
        old = keep_original(path)
        if old is not None:
            kept.append(old)
        write_whole(path, one.after.encode("utf-8", "surrogateescape"))
    return tuple(kept)


def _package(project: Project, component: Component, image: Image, text: VariantText, index: int) -> LeftOut:
    package = (image.packages or ())[index]
    name = f"{visible(package.name, 80)} {visible(package.version, 40)}".strip()
    gain = gain_of_packages(image, [index])
    if package.type in _LANGUAGES:
        chains = Chains(image.packages or (), declared(project, component))
        found = leave_out_packages(project, component, image, text, chains, indexes=(index,))
        if found is not None:
            return found
        return LeftOut(
            name,
            gain=gain,
            reason=f"No manifest of {visible(component.name, 60)} asks for it, and no package that one asks for needs it",
        )
    if of_base(image, text, index):
        return _of_base(component, text, name, gain)
    system = leave_out_system(project, image, text, index)
    if system is not None:
        return system
    return LeftOut(
        name,
        gain=gain,
        reason=f"A package manager of the image installed it: take {visible(package.name, 80)} out of the instruction that installs it",
    )


def _path(project: Project, component: Component, image: Image, text: VariantText, path: str) -> LeftOut:
    node = image.table.find_through_links(path)
    if node is None or not path.strip("/"):
        raise BadInput(
            f"The image holds no {visible(path, 200) or 'such path'}", "", "Choose a file or folder of it"
        )
    name = visible(image.table.path(node), 300)
    gain = gain_of_path(image, node)
    owner = _only_owner(image, node)
    # A part of a package is taken out where it is installed; most of it stands for the package.
    if (
        owner is not None
        and (image.packages or ())[owner].type in _LANGUAGES
        and _most_of(image, owner, gain)
    ):
        chains = Chains(image.packages or (), declared(project, component))
        found = leave_out_packages(project, component, image, text, chains, indexes=(owner,))
        if found is not None:
            whole = f"{name} belongs to {visible((image.packages or ())[owner].name, 80)}"
            return replace(found, brings=(whole, *found.brings))
    layer = layer_of(image.table, node)
    if image.base_layers and 0 <= layer < image.base_layers:
        return _of_base(component, text, name, gain)
    if (several := _packages_below(image, node)) > 1 and not _is_package(image, node):
        raise CannotTakeOut(
            f"It holds {plural(several, 'package')}: leave out those that are not needed, one by one"
        )
    way: Way = way_of_paths(project, component, image, text, ((image.table.path(node), layer),))
    if way.of_base:
        return _of_base(component, text, name, gain)
    part = (
        (f"It is a part of {visible((image.packages or ())[owner].name, 80)}",) if owner is not None else ()
    )
    return LeftOut(name, (*part, *way.brings), way.changes, gain, way.reason, way.cautions)


def _of_base(component: Component, text: VariantText, name: str, gain: Gain) -> LeftOut:
    """The base brought it: another family is without it, perhaps."""
    base = visible(text.base_name, 100)
    other = _smaller_family(component, text)
    todo = (
        f"{other.capitalize()} is the smaller family that fits: build it under Variants"
        if other
        else "No smaller family fits this component"
    )
    return LeftOut(
        name,
        (f"The base image {base} brings it",),
        gain=gain,
        reason=f"Only another base image is without it. {todo}",
        family=other,
    )


def _smaller_family(component: Component, text: VariantText) -> Family | None:
    try:
        best = recommended(fits(component, catalog_for(None))).family
    except SlimDeskError:
        return None
    return None if best == text.family else best


def _only_owner(image: Image, node: int) -> int | None:
    held = owners_below(image, node)
    whole = sum(held.values())
    best = max(held, key=lambda index: held[index], default=-1)
    return best if best >= 0 and held[best] >= _MOSTLY * whole else None


def _most_of(image: Image, owner: int, gain: Gain) -> bool:
    size = (image.packages or ())[owner].size
    return size is None or gain.live * 2 > size


def _packages_below(image: Image, node: int) -> int:
    """How many packages of a language have their record in a folder."""
    if not image.table.is_folder(node):
        return 0
    prefix = f"{visible(image.table.path(node), 4096)}/"
    return sum(
        1
        for one in image.packages or ()
        if one.type in _LANGUAGES and one.path and one.path.startswith(prefix)
    )


def _is_package(image: Image, node: int) -> bool:
    """Whether a folder is a Node package itself, whatever it holds besides."""
    record = f"{visible(image.table.path(node), 4096)}/package.json"
    return any(one.path == record for one in image.packages or ())


def _named(image: Image, target: Target) -> tuple[str, Gain]:
    if target.finding is not None:
        size = target.finding.bytes or 0
        return target.finding.message, Gain(size, size)
    if target.package is not None:
        package = (image.packages or ())[target.package]
        return f"{visible(package.name, 80)} {visible(package.version, 40)}", gain_of_packages(
            image, [target.package]
        )
    node = image.table.find_through_links(target.path or "")
    return visible(target.path or "", 300), gain_of_path(image, node) if node is not None else Gain()
