"""Leave a package of the distribution out: the word of the RUN that asks for it, or for what needs it."""

from __future__ import annotations

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import plural
from slimdesk.dockerfile.commands import commands, installed
from slimdesk.image.findings.chains import Chains
from slimdesk.image.model import Image
from slimdesk.operations.leave_out_gain import gain_of_packages
from slimdesk.operations.leave_out_words import LeftOut, changes_of
from slimdesk.operations.variant_notes import instructions_of_layers, shipped_stages
from slimdesk.operations.variant_text import VariantText
from slimdesk.project.dependencies import Declared
from slimdesk.project.model import Evidence, Project
from slimdesk.recipes.leave_out_dockerfile import without_package
from slimdesk.recipes.leave_out_manifest import CannotTakeOut

_TYPES = {
    "apt-get": "deb", "apt": "deb", "apk": "apk", "dnf": "rpm", "microdnf": "rpm", "yum": "rpm", "zypper": "rpm",
}  # fmt: skip
SYSTEM_TYPES = frozenset(_TYPES.values())
"""Packages of a distribution, as purls spell their types."""


def leave_out_system(project: Project, image: Image, text: VariantText, index: int) -> LeftOut | None:
    """Return how a package of the distribution above the base is left out; None where no RUN that ships asks for it. Raises CannotTakeOut."""
    packages = image.packages or ()
    package = packages[index]
    if package.type not in SYSTEM_TYPES or of_base(image, text, index):
        return None
    asked = asked_by_dockerfile(project, text)
    chains = Chains(packages, asked)
    lines = [one for one in asked if index in chains.reached(one)]
    if not lines:
        return None
    if len(lines) > 1:
        names = ", ".join(visible(one.name, 40) for one in lines[:4])
        raise CannotTakeOut(f"{plural(len(lines), 'package')} that the Dockerfile installs need it: {names}")
    (line,) = lines
    instruction = next(
        one
        for number in shipped_stages(text.dockerfile, text.target)
        for one in text.dockerfile.stages[number].instructions
        if one.line == line.evidence.line
    )
    after = without_package(text.text, instruction, line.name)
    base = packages_of_base(image, text)
    alone = [one for one in chains.alone([line]) if one not in base]
    others = [visible(packages[one].name, 40) for one in alone if one != index]
    told = [chains.words(index)]
    if others:
        more = ", \u2026" if len(others) > 4 else ""
        told.append(
            f"{plural(len(others), 'other package')} that nothing else needs go too: {', '.join(others[:4])}{more}"
        )
    change = changes_of(text, after, f"{visible(line.name, 60)} is not installed", project.root)
    name = f"{visible(package.name, 80)} {visible(package.version, 40)}".strip()
    return LeftOut(name, tuple(told), (change,), gain_of_packages(image, alone))


def of_base(image: Image, text: VariantText, index: int) -> bool:
    """Whether a package lies below all that the Dockerfile adds."""
    return index in packages_of_base(image, text)


def packages_of_base(image: Image, text: VariantText) -> frozenset[int]:
    """Return the packages whose first file with bytes lies below all that the Dockerfile adds."""
    import numpy as np

    lowest = image.base_layers
    if lowest is None:
        shipped = shipped_stages(text.dockerfile, text.target)
        lowest = min(instructions_of_layers(text.dockerfile, shipped, image), default=0)
    table = image.table
    owner = np.asarray(image.package_of)
    if not len(owner):
        return frozenset()
    nodes = np.flatnonzero((owner >= 0) & (np.asarray(table.size)[: len(owner)] > 0))
    owners, first = np.unique(owner[nodes], return_index=True)
    layers = np.asarray(table.layer)[nodes[first]]
    return frozenset(map(int, owners[(layers >= 0) & (layers < lowest)]))


def asked_by_dockerfile(project: Project, text: VariantText) -> tuple[Declared, ...]:
    """Return the packages that the RUN lines of the stages that ship install by their names."""
    path = text.path
    place = (
        path.relative_to(project.root).as_posix()
        if path is not None and path.is_relative_to(project.root)
        else "Dockerfile"
    )
    found: dict[str, Declared] = {}
    for number in shipped_stages(text.dockerfile, text.target):
        for one in text.dockerfile.stages[number].instructions:
            for command in commands(one) if one.keyword == "RUN" else ():
                wanted = installed(command)
                for name in wanted[1] if wanted is not None else ():
                    plain = name.partition(":")[0]
                    kind = _TYPES[wanted[0]] if wanted is not None else ""
                    found.setdefault(plain, Declared(plain, kind, Evidence(place, one.line)))
    return tuple(found.values())
