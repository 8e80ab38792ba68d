"""Whether a kept matrix still says what the project is now: its files, its .dockerignore, its own Dockerfile."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from slimdesk.basics.errors import SlimDeskError
from slimdesk.dockerfile.ignore import BadPattern, Ignore
from slimdesk.operations.detect import choose_component, open_project
from slimdesk.operations.matrix import Matrix, MatrixRow
from slimdesk.operations.variant_text import VariantText, generated_text, own_text
from slimdesk.operations.variant_texts import family_of
from slimdesk.project.model import Component, Project
from slimdesk.recipes.model import Options
from slimdesk.workspace.fingerprint import Fingerprint, context_state, fingerprint
from slimdesk.workspace.history import History


def context_of(project: Project, text: VariantText) -> str:
    """Return the state of the files that a build of `text` would send; see context_state. Blocking."""
    try:
        ignore = Ignore.parse(text.dockerignore)
    except BadPattern:
        ignore = Ignore.parse("")

    def left_out(path: str) -> bool:
        return ignore.prunes(path[:-1]) if path.endswith("/") else ignore.excludes(path)

    return context_state(project.root / text.context, left_out)


def with_age(matrix: Matrix, history: History | None = None) -> Matrix:
    """Return the matrix with what has changed since each row was built. Blocking.

    Options of then are not known here, so a generated Dockerfile itself is not compared. Where nothing is known of a
    build a row stays as it is.
    """
    past = history or History()
    made_from = {
        (one.family, one.image_id): one.fingerprint for one in past.results(matrix.project, matrix.component)
    }
    if not made_from:
        return matrix
    try:
        project = open_project(Path(matrix.project))
        component = choose_component(project, matrix.component)
    except SlimDeskError:
        gone = f"{matrix.component} is not found in the project any more"
        return replace(matrix, rows=tuple(replace(row, older=(*row.older, gone)) for row in matrix.rows))
    contexts: dict[tuple[str, str], str] = {}
    rows = []
    for row in matrix.rows:
        then = (
            made_from.get((row.family, row.build.image_id))
            if row.build is not None and row.build.image_id
            else None
        )
        changes = () if then is None else _changes(row, Fingerprint(then), (project, component), contexts)
        rows.append(replace(row, older=tuple(dict.fromkeys((*row.older, *changes)))))
    return replace(matrix, rows=tuple(rows))


def _changes(
    row: MatrixRow, then: Fingerprint, where: tuple[Project, Component], contexts: dict[tuple[str, str], str]
) -> tuple[str, ...]:
    project, component = where
    try:
        own = row.family == "yours"
        text = own_text(project, component) if own else generated_text(project, component, family_of(row.family), Options())  # fmt: skip
    except SlimDeskError:
        return ()
    if text is None:
        return ()
    key = (text.context, text.dockerignore)
    if key not in contexts:
        contexts[key] = context_of(project, text)
    now = fingerprint(
        dockerfile=text.text if own else None, dockerignore=text.dockerignore, context=contexts[key]
    )
    return then.changed(now)
