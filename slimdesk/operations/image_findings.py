"""An image's findings once the project is known: the line that brought each package, and what the project really uses.

Blocking: a few of the project's files are read, so the window calls it in a thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from slimdesk.basics.errors import BadInput, SlimDeskError
from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import SEVERITIES, Finding
from slimdesk.basics.units import format_bytes, plural
from slimdesk.engine.model import LABEL_PREFIX
from slimdesk.image.findings.chains import Chains
from slimdesk.image.model import Image, Package
from slimdesk.operations.build import LABEL_PROJECT, project_mark
from slimdesk.operations.detect import choose_component, open_project
from slimdesk.operations.image_origin import another_project, text_of_image
from slimdesk.operations.leave_out_system import SYSTEM_TYPES, asked_by_dockerfile, packages_of_base
from slimdesk.project.dependencies import Declared, declared
from slimdesk.project.dependencies_use import gpu_evidence
from slimdesk.project.model import Component, Project

# A dependency is told of from this many bytes, or this share of what is live.
_HEAVY, _SHARE = 20_000_000, 0.1
_MOST_HEAVY = 3
_MOST_NAMED = 6
_MOST_BELOW = 2_000
_WITHOUT_CARD = ("cuda",)
_DEPENDENCIES = ("cuda", "bundled-browser", "jdk", "duplicate-versions", "dev-dependencies")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an image beside its files: who brought its packages, and the findings with that said.

    could_save: live bytes that following the findings gains, each byte once; what only the project tells is not in it.
    """

    chains: Chains
    findings: tuple[Finding, ...]
    could_save: int


def known_of(image: Image, project: Project, component: Component) -> Known:
    """Join an image with the project that it was built from."""
    chains = Chains(image.packages or (), declared(project, component))
    system, base = _system(image, project, component)
    found = [_with_chain(one, image, (chains, system), base) for one in image.findings]
    saved = image.could_save
    cuda = next((one for one in found if one.rule in _WITHOUT_CARD), None)
    card = gpu_evidence(project, component) if cuda is not None else None
    if cuda is not None and card is not None:
        # The program uses what these libraries are for: nothing is gained by leaving them out.
        found.remove(cuda)
        saved -= cuda.bytes or 0
    elif cuda is not None:
        found[found.index(cuda)] = replace(
            cuda,
            severity="warning",
            message=f"{cuda.message}. Nothing in the project speaks of a graphics card",
        )
    told = {one.path for one in found if one.rule in _WITHOUT_CARD}
    found += _heavy(image, (chains, system), told, base)
    found.sort(key=lambda one: (SEVERITIES.index(one.severity), -(one.bytes or 0)))
    return Known(chains, tuple(found), max(0, saved))


def with_project(image: Image, project: Project, component: Component | None = None) -> Image:
    """Return an image whose findings say what brought them; as it was where the project did not make it.

    `component` is known to have made it; else SlimDesk's labels in the image have to say so.
    """
    found = component or _maker(image, project)
    if found is None or image.packages is None:
        return image
    known = known_of(image, project, found)
    return replace(image, findings=known.findings, could_save=known.could_save)


def told_by_project(image: Image, root: Path, name: str | None = None) -> Image:
    """Return an image whose findings name the lines of the project in `root` that brought its packages.

    name: the component that it was built from; else SlimDesk's labels say it, else it is the only one.
    Raises BadInput, also where the labels name another project; ProjectError.
    """
    project = open_project(root)
    mark = image.config.labels.get(LABEL_PROJECT)
    if mark is not None and mark != project_mark(project.root):
        raise another_project(image)
    made_it = _maker(image, project) if name is None else None
    return with_project(image, project, made_it or choose_component(project, name))


def _maker(image: Image, project: Project) -> Component | None:
    labels = image.config.labels
    if labels.get(LABEL_PROJECT) != project_mark(project.root):
        return None
    return project.component(labels.get(f"{LABEL_PREFIX}component", ""))


def finding_of(findings: Sequence[Finding], word: str) -> Finding:
    """Return the finding that RULE or RULE:PATH names: a rule's only one, or its one at that path or below it.

    Raises BadInput where there is none, or several.
    """
    rule, _, path = word.partition(":")
    of_rule = [one for one in findings if one.rule == rule]
    fitting = [one for one in of_rule if path in (one.path, *one.paths)] if path else of_rule
    if path and not fitting:
        below = path.rstrip("/") + "/"
        fitting = [
            one for one in of_rule if any((at or "").startswith(below) for at in (one.path, *one.paths))
        ]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        places = ", ".join(f"{rule}:{one.path}" for one in fitting[:_MOST_NAMED])
        raise BadInput(
            f"{len(fitting)} findings fit {visible(word, 200)}",
            "one is left out at a time",
            f"Name one: {places}",
        )
    rules = ", ".join(dict.fromkeys(one.rule for one in findings))
    where = ", ".join(f"{rule}:{one.path}" for one in of_rule[:_MOST_NAMED])
    raise BadInput(
        f"No finding of the image is {visible(word, 200)}",
        "",
        f"Name one of {where or rules}" if findings else "The image has none",
    )


def gain_beyond_family(findings: Sequence[Finding], gained: int) -> Finding | None:
    """Return the finding about dependencies whose gain exceeds `gained`, the bytes that a family saves; None without one."""
    best = max(
        (one for one in findings if one.rule in _DEPENDENCIES and one.bytes),
        key=lambda one: one.bytes or 0,
        default=None,
    )
    return best if best is not None and (best.bytes or 0) > gained else None


def package_at(packages: Sequence[Package], path: str | None) -> int | None:
    """Return the package that was read from a record; None where there is none, or a distribution keeps one for all."""
    if path is None:
        return None
    return next(
        (
            index
            for index, package in enumerate(packages)
            if package.path == path and package.type not in SYSTEM_TYPES
        ),
        None,
    )


def _system(image: Image, project: Project, component: Component) -> tuple[Chains, frozenset[int]]:
    """Return what the Dockerfile's RUN lines bring of the distribution, and the packages of it that the base has already."""
    packages = image.packages or ()
    try:
        text = text_of_image(project, image, component)[1]
        asked = asked_by_dockerfile(project, text)
    except SlimDeskError:
        return Chains(packages), frozenset()
    if not asked:
        return Chains(packages), frozenset()
    return Chains(packages, asked), packages_of_base(image, text)


def _with_chain(
    finding: Finding, image: Image, all_chains: tuple[Chains, ...], base: frozenset[int]
) -> Finding:
    packages = image.packages or ()
    first = package_at(packages, finding.path)
    owners = dict.fromkeys(
        owner
        for path in (finding.paths or (finding.path or "",))
        if (owner := first if path == finding.path and first is not None else _owner_at(image, path))
        is not None
    )
    told = [
        said
        for index in owners
        if index not in base
        if (said := next((words for chains in all_chains if (words := chains.words(index))), ""))
    ]
    if not told:
        return finding
    others = f" and {plural(len(told) - 1, 'other package')}" if len(told) > 1 else ""
    return replace(finding, message=f"{finding.message}. Brought by {told[0]}{others}")


def _owner_at(image: Image, path: str) -> int | None:
    """The package that a path belongs to; of a folder that of the first file in it that has one."""
    node = image.table.find(path) if path and image.package_of else None
    if node is None:
        return None
    below = range(node, min(max(node + 1, image.table.end[node]), node + _MOST_BELOW))
    return next((image.package_of[one] for one in below if image.package_of[one] >= 0), None)


def _heavy(
    image: Image, all_chains: tuple[Chains, ...], told: set[str | None], base: frozenset[int]
) -> list[Finding]:
    """The dependencies that bring the most, each with all that only it brings."""
    packages = image.packages or ()
    least = max(_HEAVY, int((image.sizes.live or 0) * _SHARE))
    by_line: dict[Declared, tuple[int, ...]] = {}
    for chains in all_chains:
        for one, _ in chains.roots:
            alone = tuple(index for index in chains.alone([one]) if index not in base)
            if alone and not any(packages[index].path in told for index in alone):
                by_line[one] = alone
    sizes = {one: sum(packages[index].size or 0 for index in alone) for one, alone in by_line.items()}
    heavy = sorted((one for one in sizes if sizes[one] >= least), key=lambda one: -sizes[one])
    found = []
    for one in heavy[:_MOST_HEAVY]:
        largest = sorted(by_line[one], key=lambda index: -(packages[index].size or 0))[:3]
        names = ", ".join(
            f"{visible(packages[index].name, 60)} {format_bytes(packages[index].size)}" for index in largest
        )
        message = (
            f"{visible(one.name, 80)}, asked for in {one.evidence}, brings {format_bytes(sizes[one])} with all "
            f"that only it needs: {names}"
        )
        fix = f"Take it out of {one.evidence} if the program does not need it"
        path = _place(image, largest[0])
        found.append(Finding("heavy-dependency", "info", message, path=path, bytes=sizes[one], fix=fix))
    return found


def _place(image: Image, index: int) -> str | None:
    """The record of a package; where one holds all packages of a distribution, the largest file of this one."""
    package = (image.packages or ())[index]
    if package.type not in SYSTEM_TYPES or not image.package_of:
        return package.path
    sizes = image.table.size
    nodes = (node for node, owner in enumerate(image.package_of) if owner == index)
    largest = max(nodes, key=lambda node: sizes[node], default=None)
    return package.path if largest is None else visible(image.table.path(largest), 4096)
