"""The matrix as it stands in the open project, and a whole one for the command line: built, measured, verified, kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from slimdesk.basics import clock
from slimdesk.basics.errors import UnavailableFamily
from slimdesk.basics.finding import SEVERITIES, Finding
from slimdesk.basics.job import Job, JobState, Reporter
from slimdesk.catalog.model import Family
from slimdesk.engine.engine import Engine
from slimdesk.operations.families import FamilyTable, compare_families
from slimdesk.operations.matrix import Matrix, MatrixRow, newest_matrix, try_to_keep
from slimdesk.operations.ranking import Contender, Criterion, Ranked, rank, weights_of
from slimdesk.operations.variant_repairs import Repairs
from slimdesk.operations.variant_texts import family_of
from slimdesk.operations.variants import Variants
from slimdesk.project.model import Component, Project
from slimdesk.recipes.model import Options
from slimdesk.recipes.packages import checked_names
from slimdesk.verify.compose import ComposeFile
from slimdesk.verify.model import RunProfile
from slimdesk.workspace.fingerprint import Fingerprint
from slimdesk.workspace.results import VariantId
from slimdesk.workspace.session import Choices, ComponentSession, Prefer, Session
from slimdesk.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class MatrixOrder:
    """What the command line asks for. `families` None = all that fit; `profile` None = as the project says.

    `reference` is what all are measured against: an image, or `baseline`; None = the project's own Dockerfile, if it has one.
    `compose` are the services that are started beside each image when it is verified.
    `fix` = what fails for a known cause is mended and tried again, once per cause.
    `at_once` None = a sensible number of builds side by side; `prefer` None = what the settings say.
    """

    families: tuple[str, ...] | None = None
    options: Options = field(default_factory=Options)
    pin: bool = False
    at_once: int | None = None
    verify: bool = True
    fix: bool = False
    reference: str | None = None
    prefer: Prefer | None = None
    profile: RunProfile | None = None
    compose: ComposeFile | None = None


class _Asked(Variants):
    """Variants whose options the caller gives."""

    def __init__(
        self, workspace: Workspace, connect: Callable[[], Awaitable[Engine]], order: MatrixOrder
    ) -> None:
        super().__init__(workspace, connect, order.at_once)
        self._given = order.options
        self._prefer = order.prefer

    def weights(self) -> dict[Criterion, int]:
        """Return the weights of the caller's wish, if there is one."""
        return super().weights() if self._prefer is None else weights_of({}, self._prefer)

    def options(self, family: str) -> Options:
        """Return the caller's options, with what the workspace found out since."""
        made = super().options(family)
        return replace(self._given, debug=made.debug, debugger=made.debugger, digests=made.digests)


async def run_matrix(
    engine: Engine, project: Project, component: Component, order: MatrixOrder, reporter: Reporter
) -> Matrix:
    """Build, measure and verify the variants of a component, the reference with them, rank them, and keep it for reports.

    What fails says so in its row and stops no other. Raises UnavailableFamily, CatalogError, EngineError, BadInput.
    """
    workspace = Workspace()
    given = order.options
    choices = Choices(
        debug=given.debug,
        debugger=given.debugger,
        cache_mounts=given.cache_mounts,
        healthcheck=given.healthcheck,
        pin=order.pin,
        platform=given.platform,
        packages=given.packages,
        prefer=order.prefer or workspace.settings.options.prefer,
        labels=given.labels,
    )
    session = Session(
        component.name, {component.name: ComponentSession(choices=choices, reference=order.reference)}
    )
    workspace.show_project(project, session)

    async def connect() -> Engine:
        return engine

    desk = _Asked(workspace, connect, order)
    if order.profile is not None:
        desk.profiles[component.name] = order.profile
    if order.compose is not None:
        desk.beside[component.name] = order.compose
    await asyncio.to_thread(desk.table)
    families = wanted_families(desk, order.families)
    repairs = Repairs(desk)
    stop = workspace.jobs.observe(_Told(reporter).hear)
    try:
        await desk.build(families, verify=order.verify)
        if order.fix:
            await repairs.mend(families, reporter)
    finally:
        stop()
    for family in families:
        await desk.check(family)
    problem = await keep_now(desk, families, repairs)
    if problem:
        reporter.log(f"The matrix was not kept for reports: {problem}")
    return matrix_now(desk, families, repairs=repairs)


def wanted_families(desk: Variants, named: Sequence[str] | None) -> tuple[str, ...]:
    """Return the reference and the named families, all that fit without names. Raises UnavailableFamily, CatalogError."""
    fitting, table = desk.fitting(), desk.table()
    if named is None or table is None:
        return fitting
    _refuse(table, named)
    return (fitting[0], *(family for family in fitting[1:] if family in named))


def refuse_unavailable(
    project: Project, component: Component, named: Sequence[str], packages: Sequence[str] = ()
) -> None:
    """Raise UnavailableFamily for a named family that cannot serve the component; CatalogError, BadInput."""
    _refuse(compare_families(project, component, packages=checked_names(packages)), named)


def _refuse(table: FamilyTable, named: Sequence[str]) -> None:
    for fit in table.fits:
        if fit.family in named and not fit.available:
            able = ", ".join(one.family for one in table.fits if one.available)
            raise UnavailableFamily(
                f"{fit.family} cannot serve {table.component.name}", fit.reason, f"Choose of {able or 'none'}"
            )


def matrix_now(
    desk: Variants,
    families: Sequence[str] = (),
    earlier: Matrix | None = None,
    repairs: Repairs | None = None,
) -> Matrix:
    """Return the chosen component's matrix as it stands, ranked; rows that nobody built are in it if they are named.

    Rows of an `earlier` matrix that was measured against the same reference stay where there is no newer one.
    Raises ValueError without an open component, CatalogError.
    """
    workspace = desk.workspace
    project, component, table = workspace.project, workspace.component, desk.table()
    if project is None or component is None or table is None:
        raise ValueError("no component is open")
    reference = desk.reference()
    reasons: dict[Family | None, str] = {fit.family: fit.reason for fit in table.fits}
    rows = []
    for family in desk.fitting():
        row = _row(desk, family, reasons.get(family_of(family)), recommended=family == table.recommended)
        if row.build is None and row.error is None and row.figures is None:
            kept = (
                earlier.row(family) if earlier is not None and earlier.reference == reference.family else None
            )
            if kept is None and family not in families:
                continue
            row = row if kept is None else _still(desk, kept, recommended=family == table.recommended)
        rows.append(row if repairs is None else replace(row, repairs=repairs.of(family)))
    weights = desk.weights()
    ranked = {
        one.family: one for one in _ranking(desk, [row for row in rows if not row.debug and not row.older])
    }
    status = workspace.engine
    return Matrix(
        project=str(project.root),
        component=component.name,
        reference=reference.family,
        recommended=table.recommended,
        rows=tuple(_placed(row, ranked.get(row.family)) for row in rows),
        made=max((row.made for row in rows if row.made is not None), default=clock.now()),
        unavailable=tuple((fit.family, fit.reason) for fit in table.fits if not fit.available),
        size_kind=workspace.current_size,
        weights={str(name): weight for name, weight in weights.items()},
        engine=None if status is None else status.version,
        platform=workspace.choices.platform or (None if status is None else status.platform),
    )


async def keep_now(desk: Variants, families: Sequence[str] = (), repairs: Repairs | None = None) -> str:
    """Keep the matrix as it stands, if anything was built; return why it could not be kept, empty where it was.

    Raises CatalogError.
    """
    project, component = desk.workspace.project, desk.workspace.component
    if project is None or component is None:
        return ""
    earlier = await asyncio.to_thread(newest_matrix, project, component.name)
    if desk.workspace.component is not component:
        return ""
    matrix = matrix_now(desk, families, earlier, repairs)
    return await asyncio.to_thread(try_to_keep, matrix) if matrix.rows else ""


def ranking_of(desk: Variants) -> tuple[Ranked, ...]:
    """Return the chosen component's measured variants in the order of what the person weighs.

    The reference is not among them, nor debug variants and what was built from something older. Raises CatalogError.
    """
    table = desk.table()
    if table is None:
        return ()
    rows = []
    for family in (desk.reference().family, *(fit.family for fit in table.fits)):
        variant = desk.variant(family)
        known, figures = desk.workspace.results(variant), desk.figures(variant)
        if figures is not None and (variant.reference or not (known.changes or variant.debug)):
            found = None if known.verification is None else known.verification.value
            recommended = family == table.recommended
            rows.append(MatrixRow(family, figures=figures, verification=found, recommended=recommended))
    return _ranking(desk, rows)


def _ranking(desk: Variants, rows: Sequence[MatrixRow]) -> tuple[Ranked, ...]:
    """Rank the measured ones of these; the reference among them is what they are held against."""
    size_of = desk.workspace.size_of
    reference = next((row.figures for row in rows if row.reference), None)
    contenders = []
    for row in rows:
        size = size_of(row.sizes)
        if row.figures is None or size is None or row.reference:
            continue
        verdict = None if row.verification is None else row.verification.verdict
        contenders.append(Contender(row.family, size, row.figures, verdict, row.recommended))
    return rank(
        contenders,
        desk.weights(),
        None if reference is None else size_of(reference.sizes),
        0 if reference is None else reference.packages or 0,
    )


def _still(desk: Variants, row: MatrixRow, *, recommended: bool) -> MatrixRow:
    """Return a row of an earlier matrix as it is to be seen now."""
    older = desk.changes(row.family, Fingerprint(row.made_from)) or row.older
    return replace(row, older=older, recommended=recommended, score=None, place=None)


def _row(desk: Variants, family: str, reason: str | None, *, recommended: bool) -> MatrixRow:
    variant = desk.variant(family)
    known, text = desk.workspace.results(variant), desk.text(family)
    checked = desk.checked(family)
    told = [one.finding for one in checked.told] if checked else list(text.findings) if text else []
    if known.analysis is not None:
        told += known.analysis.value.findings
    return MatrixRow(
        family=family,
        base=text.base_name if text else desk.picked_image() or "",
        context=text.context if text else ".",
        reason=reason or "",
        recommended=recommended,
        debug=variant.debug,
        build=known.build.value if known.build else None,
        figures=desk.figures(variant),
        verification=known.verification.value if known.verification else None,
        findings=_in_order(told),
        error=_error(desk, variant),
        older=known.changes,
        made=known.build.when if known.build else None,
        made_from=dict(known.build.fingerprint.parts) if known.build else {},
        mended=text.text if text is not None and text.mends and not text.edited else "",
    )


def _error(desk: Variants, variant: VariantId) -> str | None:
    """Why there is no image, or why it was not measured or started, in a sentence."""
    build, job = desk.workspace.results(variant).build, desk.job_of(variant)
    if build is not None and build.value.error is not None:
        error = build.value.error
        return f"{error.step}: {error.message}" if error.step else error.message
    if job is not None and job.state is JobState.FAILED:
        return str(job.error)
    return "Stopped" if job is not None and job.state is JobState.CANCELLED and build is None else None


def _in_order(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(dict.fromkeys(findings), key=lambda one: SEVERITIES.index(one.severity)))


def _placed(row: MatrixRow, ranked: Ranked | None) -> MatrixRow:
    return row if ranked is None else replace(row, score=round(ranked.score, 1), place=ranked.place)


class _Told:
    """Hands what the jobs say on to the one reporter of a call: steps with the variant's name, and how each ended."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._ended: set[int] = set()
        self._steps: dict[int, str] = {}

    def hear(self, job: Job | None) -> None:
        """Take a job's change."""
        if job is None or job.number in self._ended:
            return
        name = job.title.rpartition(":")[2]
        if job.state.ended:
            self._ended.add(job.number)
            error = _one_line(str(job.error or "")) if job.state is JobState.FAILED else ""
            words = "stopped" if job.state is JobState.CANCELLED else job.summary or error
            self._reporter.progress(f"{name}: {words or job.state.value}")
        elif job.current.step and self._steps.get(job.number) != job.current.step:
            self._steps[job.number] = job.current.step
            self._reporter.progress(f"{name}: {_one_line(job.current.step)}")


def _one_line(text: str) -> str:
    return text.partition("\n")[0]
