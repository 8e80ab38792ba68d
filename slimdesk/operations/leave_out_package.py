"""Leave a language's package out: the manifest's line at the beginning of the chain that brought it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.basics.units import listed, plural
from slimdesk.dockerfile.named_packages import line_that_names
from slimdesk.image.findings.chains import Chains
from slimdesk.image.model import Image
from slimdesk.operations.leave_out_gain import gain_of_packages, gain_of_text, nodes_of_packages
from slimdesk.operations.leave_out_words import Change, LeftOut, read_text
from slimdesk.operations.variant_text import VariantText
from slimdesk.project.dependencies import Declared, declared
from slimdesk.project.dependencies_use import uses
from slimdesk.project.model import Component, Project
from slimdesk.recipes.leave_out_ignore import KEPT_PATTERN, without_kept
from slimdesk.recipes.leave_out_manifest import (
    CannotTakeOut,
    TakenOut,
    with_cpu_index,
    without_dependencies,
)

_MOST_LINES = 4
# A compiler tells what is missing; the others tell it when they run.
_COMPILED = ("cargo", "maven")


def leave_out_packages(
    project: Project,
    component: Component,
    image: Image,
    text: VariantText,
    chains: Chains,
    *,
    indexes: Sequence[int],
) -> LeftOut | None:
    """Return how packages are left out; None where nothing that the project asks for brings one. Raises CannotTakeOut."""
    lines_of = {index: lines for index in indexes if (lines := _lines_for(chains, index))}
    lines = tuple(dict.fromkeys(line for found in lines_of.values() for line in found))
    if not lines:
        return None
    packages = image.packages or ()
    name = listed(
        f"{visible(packages[index].name, 80)} {visible(packages[index].version, 40)}".strip()
        for index in lines_of
    )
    if any(len(found) > _MOST_LINES for found in lines_of.values()):
        places = ", ".join(str(one.evidence) for one in lines[:_MOST_LINES])
        raise CannotTakeOut(
            f"{len(lines)} lines of the project bring it, such as {places}: it is needed all over"
        )
    for asked in lines:
        line = line_that_names(text.dockerfile, asked.type, asked.name)
        if line is not None:
            raise CannotTakeOut(
                f"Line {line} of the Dockerfile installs {visible(asked.name, 60)} by its name: take it out there, and out of {asked.evidence}"
            )
    alone = chains.alone(lines)
    taken = without_dependencies(lambda path: read_text(project.root / path), lines)
    changes = _changes(project, component, taken, lines)
    gain = gain_of_packages(image, alone)
    for one in taken.texts:
        gain += gain_of_text(image, one.path.rpartition("/")[2], one.before, one.after)
    return LeftOut(
        name,
        brings=_brings(
            chains,
            lines_of,
            tuple(dict.fromkeys(packages[one].name for one in alone if one not in lines_of)),
        ),
        changes=changes,
        gain=gain,
        cautions=(*_cautions(project, component, image, lines, chains), *stale_locks(taken.commands)),
        commands=taken.commands,
    )


def with_cpu_torch(project: Project, component: Component, image: Image, finding: Finding) -> LeftOut:
    """Return how PyTorch's CPU build is taken instead of the one with CUDA. Raises CannotTakeOut."""
    chains = Chains(image.packages or (), declared(project, component))
    cuda = [
        index
        for index, package in enumerate(image.packages or ())
        if package.type == "pypi" and package.name.lower().startswith(("nvidia-", "triton"))
    ]
    gain = gain_of_packages(image, cuda)
    root = next((one for index in cuda if (one := chains.brought(index).declared) is not None), None)
    if root is None:
        raise CannotTakeOut(f"No line of a manifest brings them that SlimDesk can read: {finding.fix or ''}")
    path = root.evidence.path
    before = read_text(project.root / path)
    if before is None:
        raise CannotTakeOut(f"{path} cannot be read")
    after = with_cpu_index(path, before)
    change = Change(path, before, after, "pip takes the CPU build of PyTorch, which needs no CUDA")
    return LeftOut(
        "CUDA libraries",
        brings=tuple(chains.words(index) for index in cuda[:2]),
        changes=(change, *_kept_left_out(project, component, [path])),
        gain=gain,
        cautions=("A program that computes on a graphics card needs them",),
    )


def ignore_path(component: Component) -> str:
    """Return where the .dockerignore of a component's build stands, from the project."""
    return ".dockerignore" if component.context == "." else f"{component.context}/.dockerignore"


def stale_locks(commands: Sequence[str]) -> tuple[str, ...]:
    """Say what happens before the commands have run: an install that holds on to its lock file ends."""
    words = " and ".join(commands)
    said = f"The lock file cannot be rewritten exactly by SlimDesk: until {words} has run, an install that keeps to it fails"
    return (said,) if commands else ()


def _lines_for(chains: Chains, index: int) -> tuple[Declared, ...]:
    """All lines that have to go for a package to go: of each one that still brings it, one after the other."""
    first = chains.brought(index).declared
    if first is None:
        return ()
    lines = [one for one, _ in chains.roots if index in chains.reached(one)]
    return tuple(lines)


def _brings(
    chains: Chains, lines_of: dict[int, tuple[Declared, ...]], others: tuple[str, ...]
) -> tuple[str, ...]:
    found = []
    for index, lines in lines_of.items():
        found.append(chains.words(index))
        if len(lines) > 1:
            places = ", ".join(str(one.evidence) for one in lines)
            found.append(f"{plural(len(lines), 'line')} bring it: {places}")
    if others:
        names = ", ".join(visible(name, 40) for name in others[:4])
        more = ", …" if len(others) > 4 else ""
        found.append(f"{plural(len(others), 'other package')} that nothing else needs go too: {names}{more}")
    return tuple(found)


def _changes(
    project: Project, component: Component, taken: TakenOut, lines: tuple[Declared, ...]
) -> tuple[Change, ...]:
    names = ", ".join(visible(one.name, 60) for one in lines)
    found = [
        Change(one.path, one.before, one.after, f"{names} is no longer asked for")
        for one in taken.texts
        if one.before != one.after
    ]
    return (*found, *_kept_left_out(project, component, [one.path for one in found]))


def _kept_left_out(project: Project, component: Component, paths: list[str]) -> tuple[Change, ...]:
    """What is replaced stays beside it as NAME.orig; the next build must not send that along."""
    inside = [path for path in paths if component.context == "." or path.startswith(f"{component.context}/")]
    ignore = ignore_path(component)
    before = read_text(project.root / ignore) or ""
    after = without_kept(before)
    if not inside or before == after:
        return ()
    return (Change(ignore, before, after, f"{KEPT_PATTERN} is not sent to the engine"),)


def _cautions(
    project: Project, component: Component, image: Image, lines: tuple[Declared, ...], chains: Chains
) -> tuple[str, ...]:
    found = []
    for one in lines:
        if one.type in _COMPILED:
            found.append(
                f"Where the sources still use {visible(one.name, 60)}, the next build fails and says so"
            )
        if one.type not in ("pypi", "npm"):
            continue
        modules = {one.name, one.name.replace("-", "_")} if one.type == "pypi" else {one.name}
        for index in chains.named(one.name, one.type)[:1]:
            modules |= _modules(image, index) if one.type == "pypi" else set()
        places = uses(project, component, modules)
        if places:
            more = " and more" if len(places) > 1 else ""
            found.append(f"{visible(one.name, 60)} is imported in {places[0]}{more}: the program needs it")
    return tuple(found)


def _modules(image: Image, index: int) -> set[str]:
    """Names that a Python package can be imported by: what it has directly in site-packages."""
    table = image.table
    found: set[str] = set()
    for node in nodes_of_packages(image, [index]):
        chain = table.ancestors(node)
        for above, one in pairwise(chain):
            if table.name_bytes(above) in (b"site-packages", b"dist-packages"):
                name = table.name(one)
                if not name.endswith((".dist-info", ".egg-info", ".pth")) and name != "__pycache__":
                    found.add(name.split(".", maxsplit=1)[0])
                break
    return found
