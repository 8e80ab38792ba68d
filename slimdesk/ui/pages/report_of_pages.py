"""What a report is about, page by page: the open image, what is compared, the variants of the component."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from slimdesk.image.compare import Pair, Side
from slimdesk.operations.compare import distinct, side_of
from slimdesk.operations.matrix import kept_matrices
from slimdesk.operations.report import proof_of, report_of_matrix, report_of_sides, with_scans, with_worth
from slimdesk.operations.report_project import report_of_folder, report_of_parts
from slimdesk.operations.variant_age import with_age
from slimdesk.operations.variant_matrix import matrix_now
from slimdesk.operations.variants import Variants
from slimdesk.report.model import Proof, Report
from slimdesk.report.worth import kept_numbers
from slimdesk.workspace.workspace import OpenedImage, Workspace


async def image_report(workspace: Workspace) -> Report | None:
    """Return the report on the open image; None without one that was read."""
    opened = workspace.image
    if opened is None or opened.image is None:
        return None
    side = await asyncio.to_thread(side_of, opened.image, opened.image.name or opened.where)
    proofs, older = _known(workspace, [opened], [side])
    make = partial(report_of_sides, [side], size=workspace.current_size, proofs=proofs, older=older)
    return _with_more(workspace, await asyncio.to_thread(make))


async def compared_report(
    workspace: Workspace, opened: Sequence[OpenedImage], sides: Sequence[Side], settled: Pair | None
) -> Report | None:
    """Return the report on what is compared; `settled` is a pair whose contents were read, if one is."""
    if len(sides) < 2:
        return None
    named = distinct(sides)
    pairs = [_settled(Pair(named[0], side), settled) for side in named[1:]]
    proofs, older = _known(workspace, opened, named)
    size = workspace.current_size
    make = partial(report_of_sides, named, size=size, pairs=pairs, proofs=proofs, older=older)
    return _with_more(workspace, await asyncio.to_thread(make))


async def variants_report(variants: Variants) -> Report | None:
    """Return the report on the component's variants, with the images that were measured in this session."""
    workspace = variants.workspace
    if workspace.component is None or workspace.project is None:
        return None
    matrix = matrix_now(variants)
    if not any(row.figures for row in matrix.rows):
        return None
    images = {}
    for row in matrix.rows:
        made = workspace.results(variants.variant(row.family)).analysis
        if made is not None:
            images[row.family] = made.value

    def make() -> Report:
        return report_of_matrix(
            matrix, sides={family: side_of(image, family) for family, image in images.items()}
        )

    return _with_more(workspace, await asyncio.to_thread(make))


async def kept_report(workspace: Workspace) -> Report | None:
    """Return the report on all components of the open project as they were built last, in this session or before.

    Raises BadInput where nothing was built yet.
    """
    project = workspace.project
    if project is None:
        return None
    made = await asyncio.to_thread(report_of_folder, project.root, None, size=workspace.current_size)
    return with_worth(made, kept_numbers(workspace.settings.worth))


def has_other_components(variants: Variants) -> bool:
    """Whether variants of other components of the project were built together, so that a report can hold them all. Blocking."""
    project, component = variants.workspace.project, variants.workspace.component
    if project is None or component is None:
        return False
    return any(one.component != component.name for one in kept_matrices(project))


def project_report(variants: Variants, report: Report) -> Report:
    """Return the report on all components of the project: this one of the open component, and of the others the kept ones.

    Blocking: it looks at the project's files, whether these are older by now.
    """
    project = variants.workspace.project
    if project is None:
        return report
    others = [one for one in kept_matrices(project) if one.component != report.component]
    parts = [report, *(report_of_matrix(with_age(one), size=report.size) for one in others)]
    return report_of_parts(project.root, parts)


def _with_more(workspace: Workspace, report: Report) -> Report:
    """Add what a scanner said of these very images, if one was asked, and what they are worth by the person's numbers."""
    scans = [None if one.side is None else workspace.scan_of(one.side.image) for one in report.subjects]
    return with_worth(with_scans(report, scans), kept_numbers(workspace.settings.worth))


def _settled(pair: Pair, settled: Pair | None) -> Pair:
    """Take over the files of a pair of the same images: there it is known what changed and what was moved."""
    if settled is not None and (settled.before.image, settled.after.image) == (
        pair.before.image,
        pair.after.image,
    ):
        pair.files = settled.files
    return pair


def _known(
    workspace: Workspace, opened: Sequence[OpenedImage], sides: Sequence[Side]
) -> tuple[dict[str, Proof], dict[str, tuple[str, ...]]]:
    proofs: dict[str, Proof] = {}
    older: dict[str, tuple[str, ...]] = {}
    for one, side in zip(opened, sides, strict=True):
        if one.variant is None:
            continue
        results = workspace.results(one.variant)
        if results.analysis is None or results.analysis.value is not side.image:
            continue
        if results.verification is not None:
            proofs[side.name] = proof_of(results.verification.value)
        if results.changes:
            older[side.name] = results.changes
    return proofs, older
