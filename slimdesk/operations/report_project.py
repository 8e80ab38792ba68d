"""The report on a project: the newest matrix of each of its components, joined ones too, as one document."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

from slimdesk.basics import clock
from slimdesk.basics.errors import BadInput, SlimDeskError
from slimdesk.basics.escaping import visible
from slimdesk.basics.units import plural
from slimdesk.image.compare import SizeWord
from slimdesk.operations.detect import choose_component, open_project
from slimdesk.operations.matrix import Matrix, kept_matrices
from slimdesk.operations.report import report_of_matrix, with_parts
from slimdesk.operations.variant_age import with_age
from slimdesk.project.model import Project
from slimdesk.report.model import Report


def report_of_folder(folder: Path, component: str | None = None, *, size: SizeWord | None = None, title: str = "") -> Report:  # fmt: skip
    """Report on the newest matrix of every component of a project, or of the named one (a name, a path, or `a+b`). Blocking.

    A component whose variants were not built together yet is named in the notes. Raises BadInput where there is no matrix.
    """
    root = folder.resolve()
    kept = kept_matrices(root)
    try:
        project: Project | None = open_project(root)
    except SlimDeskError:
        # What was measured is known all the same.
        project = None
    wanted = _of_component(kept, project, component)
    if not wanted:
        which = f" for {visible(component, 80)}" if component else ""
        raise BadInput(
            f"There is no matrix of {visible(str(folder), 200)}{which}", "its variants were not built together yet",
            f"Run slimdesk matrix {visible(str(folder), 200)} first, or name images",
        )  # fmt: skip
    if len(wanted) == 1:
        made = report_of_matrix(with_age(wanted[0]), size=size, title=title)
        return made if component else _with_notes(made, _missing(wanted, project))
    return report_of_parts(
        root, [report_of_matrix(with_age(one), size=size) for one in _in_order(wanted, project)], title=title,
        missing=_missing(wanted, project),
    )  # fmt: skip


def report_of_parts(
    root: Path, parts: list[Report], *, title: str = "", missing: tuple[str, ...] = ()
) -> Report:
    """Put reports on components together; `missing` are those of the project that have none. There is at least one part."""
    whole = Report(
        kind="project",
        title=visible(title or f"{root.name or root}: {plural(len(parts), 'component')}", 200),
        subjects=(),
        figures=(),
        pairs=(),
        size=parts[0].size,
        made=clock.now(),
        project=str(root),
    )
    return _with_notes(with_parts(whole, parts), missing)


def _of_component(kept: list[Matrix], project: Project | None, component: str | None) -> list[Matrix]:
    if component is None:
        return kept
    names = {component}
    if project is not None:
        # A name that the project does not know may be what it was called when it was measured.
        with contextlib.suppress(BadInput):
            names.add(choose_component(project, component).name)
    return [one for one in kept if one.component in names]


def _in_order(kept: list[Matrix], project: Project | None) -> list[Matrix]:
    """Return them in the project's order, joined ones behind, those that are gone last."""
    names = [] if project is None else [one.name for one in (*project.components, *project.joined)]
    return sorted(kept, key=lambda one: names.index(one.component) if one.component in names else len(names))


def _missing(kept: list[Matrix], project: Project | None) -> tuple[str, ...]:
    """Return the components that stand in no matrix, neither alone nor as a part of a joined one."""
    if project is None:
        return ()
    there = {one.component for one in kept}
    for joined in project.joined:
        if joined.name in there:
            there |= {part.name for part in joined.parts}
    return tuple(one.name for one in project.components if one.name not in there)


def _with_notes(report: Report, missing: tuple[str, ...]) -> Report:
    notes = tuple(
        f"{name} is not in this report: its variants were not built together yet." for name in missing
    )
    return replace(report, notes=(*report.notes, *notes))
