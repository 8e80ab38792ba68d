"""The variants of the open project: their texts, and building, measuring and verifying them through the workspace."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from slimdesk.basics import clock
from slimdesk.basics.errors import BuildFailed, SlimDeskError
from slimdesk.basics.job import Job
from slimdesk.basics.units import format_bytes, format_seconds
from slimdesk.catalog.model import FAMILIES
from slimdesk.engine.engine import Engine
from slimdesk.engine.model import BuildResult, BuildStep
from slimdesk.image.model import Image
from slimdesk.operations.build import Source, build_source
from slimdesk.operations.pins import pinned_options
from slimdesk.operations.pull import MissingImage, missing_images, with_sizes
from slimdesk.operations.ranking import Criterion, weights_of
from slimdesk.operations.variant_age import context_of
from slimdesk.operations.variant_figures import Figures, figures_of
from slimdesk.operations.variant_order import Order
from slimdesk.operations.variant_pins import PinsAsked, ask_pins, ask_stale
from slimdesk.operations.variant_steps import ButSteps, tell_steps
from slimdesk.operations.variant_text import VariantText, generated_text
from slimdesk.operations.variant_texts import VariantTexts, family_of
from slimdesk.operations.variant_turns import Turn, sensible_at_once
from slimdesk.operations.verify import profile_for
from slimdesk.project.model import Project
from slimdesk.verify.compose import ComposeFile, with_variables
from slimdesk.verify.control import Controls
from slimdesk.verify.model import RunProfile
from slimdesk.workspace.fingerprint import Fingerprint, fingerprint
from slimdesk.workspace.history import Measured
from slimdesk.workspace.kept_builds import details_of
from slimdesk.workspace.results import Made, VariantId
from slimdesk.workspace.workspace import Workspace

PROVED_AT_ONCE = 2


class Variants(VariantTexts):
    """One per workspace: what there is, and what is done with it.

    `connect` gives the engine to use, else that of the settings. `profiles` are how each component is run, `beside` what is
    started with it to prove that it runs: in memory only, they may hold secrets.
    """

    def __init__(
        self,
        workspace: Workspace,
        connect: Callable[[], Awaitable[Engine]] | None = None,
        at_once: int | None = None,
    ) -> None:
        super().__init__(workspace)
        self.profiles: dict[str, RunProfile] = {}
        # How each variant was run when it was verified last: what is in a profile since then is not proved.
        self.proved: dict[VariantId, RunProfile] = {}
        self.beside: dict[str, ComposeFile] = {}
        self._connect = connect or self._engine_in_use
        # What is built waits for no other's proof: compiling is what takes long.
        self._building = asyncio.Semaphore(at_once or sensible_at_once())
        self._proving = asyncio.Semaphore(PROVED_AT_ONCE)
        self._figures: dict[VariantId, tuple[Image, Figures]] = {}
        self._jobs: dict[VariantId, Job] = {}
        self._measured: set[VariantId] = set()
        self._contexts: dict[tuple[str, str], str] = {}
        self._asked: dict[tuple[str, str], PinsAsked] = {}
        workspace.observe("project", self._project_changed)
        workspace.observe(("component", "choices", "edits"), self.note_states)

    def job_of(self, variant: VariantId) -> Job | None:
        """Return the newest job of a variant."""
        return self._jobs.get(variant)

    def figures(self, variant: VariantId) -> Figures | None:
        """Return what the measured image of a variant holds; None where it is not measured."""
        measured = self.workspace.results(variant).analysis
        if measured is None:
            self._figures.pop(variant, None)
            return None
        kept = self._figures.get(variant)
        if kept is None or kept[0] is not measured.value:
            kept = self._figures[variant] = (measured.value, figures_of(measured.value))
        return kept[1]

    def weights(self) -> dict[Criterion, int]:
        """Return what counts in the ranking: what the person weighs, else what the wish of the advice does."""
        return weights_of(self.workspace.settings.weights, self.workspace.choices.prefer)

    def fitting(self) -> tuple[str, ...]:
        """Return the reference and every family that can be built, in the order of the page. Raises CatalogError."""
        table = self.table()
        if table is None:
            return ()
        families = [fit.family for fit in table.fits if fit.available]
        return (self.reference().family, *(family for family in FAMILIES if family in families))

    def cancel_all(self) -> None:
        """Stop all that is built, measured or verified, or waits for it."""
        for job in tuple(self._jobs.values()):
            job.cancel()

    def profile(self) -> RunProfile:
        """Return how the chosen component is run: what the person said, else what the project says."""
        component = self.workspace.component
        if component is None:
            return RunProfile()
        return self.profiles.get(component.name) or profile_for(component)

    async def engine(self) -> Engine:
        """Return the engine that builds are made with. Raises EngineError."""
        return await self._connect()

    async def to_fetch(self, families: Sequence[str]) -> tuple[MissingImage, ...]:
        """Return the images that must be fetched before these variants can be built, with their sizes where told."""
        engine = await self._connect()
        found: dict[str, MissingImage] = {}
        for family in families:
            text = self.text(family)
            if text is not None and text.problem is None:
                for one in await missing_images(
                    engine, text.dockerfile, text.target or None, self.workspace.choices.platform
                ):
                    found[one.reference] = one
        return await with_sizes(engine, tuple(found.values()))

    # What is done

    async def build(self, families: Sequence[str], *, verify: bool = True) -> None:
        """Build, measure and verify these variants, a few at a time, the reference first: it is the control.

        Stages that several share are built once: the engine sees that they are the same, also while they are built.

        What is built is what stands there now: later edits, or another chosen component, do not change it. Each is a
        job; one that fails does not stop the others, and its error is the job's. What is being built already is left
        alone. Raises EngineError, before any job, if there is no engine.
        """
        reference = self.reference()
        first = sorted(dict.fromkeys(families), key=lambda family: family != reference.family)
        controls = Controls()
        wanted = [
            replace(self._ordered(family), verify=verify, controls=controls)
            for family in first
            if not self.busy(self.variant(family))
        ]
        await self._connect()
        orders = [
            (one, self._job(one.variant, "Measure" if one.picked else "Build", "build")) for one in wanted
        ]
        _raise_unforeseen(
            await asyncio.gather(*(self._built(one, job) for one, job in orders), return_exceptions=True)
        )

    async def verify(self, families: Sequence[str]) -> None:
        """Verify variants that are built and idle. Raises EngineError, before any job, if there is no engine."""
        wanted, controls = [], Controls()
        for family in families:
            build = self.workspace.results(self.variant(family)).build
            if build is not None and build.value.image_id and not self.busy(self.variant(family)):
                wanted.append(replace(self._ordered(family), controls=controls))
        await self._connect()
        orders = [(one, self._job(one.variant, "Verify", "verify")) for one in wanted]
        _raise_unforeseen(
            await asyncio.gather(*(self._verified(one, job) for one, job in orders), return_exceptions=True)
        )

    async def refresh_pins(self, family: str, job: Job) -> None:
        """Ask for the digests of a family's images anew; of a text that is not generated, whether its pins are stale.

        What came of it is `pins(family)`. Raises EngineError if there is no engine.
        """
        project, component, text = self.workspace.project, self.workspace.component, self.text(family)
        if project is None or component is None or text is None:
            return
        engine = await self._connect()
        ask = engine.tag_digest
        if text.edited or family == "yours":
            found = await ask_stale(text, ask=ask, reporter=job, now=clock.now())
        else:
            options = replace(self.options(family), digests=dict(self._digests))
            found = await ask_pins(
                project, component, family_of(family), options, ask=ask, reporter=job, now=clock.now()
            )
            self._digests.update(found.digests)
            self._texts.clear()
        self._asked[(component.name, family)] = found
        self.workspace.tell("choices")

    def pins(self, family: str) -> PinsAsked | None:
        """Return what asking for a family's digests brought; None if nobody asked."""
        component = self.workspace.component
        return None if component is None else self._asked.get((component.name, family))

    def busy(self, variant: VariantId) -> bool:
        """Whether a job works on the variant, or waits for its turn."""
        job = self.job_of(variant)
        return job is not None and not job.state.ended

    def proving(self, variant: VariantId) -> bool:
        """Whether its job has built and measured the image and is to prove it, or does nothing else."""
        return self.busy(variant) and variant in self._measured

    def note_states(self) -> None:
        """Say what each built variant would be made from now: what no longer matches becomes "older"."""
        component = self.workspace.component
        if component is None:
            return
        for variant, results in self.workspace.all_results().items():
            if results.build is None or variant.component != component.name or self.busy(variant):
                continue
            text = self.text(variant.family) if variant == self.variant(variant.family) else None
            if text is not None:
                self.workspace.note_state(variant, self._state(text, self.workspace.choices.platform))

    def changes(self, family: str, made_from: Fingerprint) -> tuple[str, ...]:
        """Return what has changed since a variant was made from that, in words."""
        text = self.text(family)
        return () if text is None else made_from.changed(self._state(text, self.workspace.choices.platform))

    async def look_again(self) -> None:
        """Look whether the project's files are still those that the results were made from."""
        project = self.workspace.project
        if project is None:
            return
        for family in {variant.family for variant in self.workspace.all_results()}:
            text = self.text(family)
            if text is not None:
                await self._look_at(text, project)
        self.note_states()

    def _ordered(self, family: str) -> Order:
        project, component = self.workspace.project, self.workspace.component
        if project is None or component is None:
            raise BuildFailed("Nothing is open", todo="Open a project first")
        return Order(
            variant=self.variant(family),
            project=project,
            component=component,
            text=self.text(family),
            why_not=self.why_no_text(family),
            options=self.options(family),
            pin=self.workspace.choices.pin,
            profile=with_variables(self.profile(), self.beside.get(component.name)),
            beside=self.beside[component.name].services if component.name in self.beside else (),
            reference=self.reference(),
            picked=self.picked_image() if family == "yours" else None,
        )

    async def _engine_in_use(self) -> Engine:
        return await Engine.connect(self.workspace.settings.context)

    async def _built(self, order: Order, job: Job) -> None:
        turn = Turn(self._building)
        async with turn:
            if not job.state.ended:
                try:
                    await job.run(self._build_all(order, job, turn))
                finally:
                    # The text may have been edited while it was built.
                    self.note_states()

    async def _verified(self, order: Order, job: Job) -> None:
        if not job.state.ended:
            await job.run(self._verify_one(order, job, await self._connect()))

    async def _build_all(self, order: Order, job: Job, turn: Turn) -> None:
        variant, text = order.variant, order.text
        engine = await self._connect()
        if order.picked is not None:
            turn.end()
            await self._measure_picked(order, order.picked, job, engine)
            return
        if text is None:
            raise BuildFailed(f"{variant.family} cannot be built", order.why_not)
        if text.problem is not None:
            raise text.problem
        text = await self._pinned(order, text, engine, job)
        await self._look_at(text, order.project)
        made_from = self._state(text, order.options.platform, engine)
        source = Source(
            text=text.text,
            dockerignore=text.dockerignore,
            context=text.context,
            title=variant.family + ("-debug" if variant.debug else ""),
            target=text.target or None,
            platform=variant.platform or order.options.platform,
        )

        def steps(known: tuple[BuildStep, ...]) -> None:
            tell_steps(job, known)

        built = await build_source(
            engine, order.project, order.component, source, reporter=ButSteps(job), on_steps=steps
        )
        self.workspace.keep_build(variant, Made(built.result, made_from))
        self.workspace.note_state(variant, made_from)
        if built.result.error is not None:
            raise BuildFailed(
                f"{variant.family} did not build",
                built.result.error.message,
                f"The step was {built.result.error.step}" if built.result.error.step else "",
            )
        turn.end()
        size = await self._measure(order, built.tag, made_from, job, engine)
        job.summary = f"{size}, built in {format_seconds(built.result.seconds)}"
        await self._remember(variant, order.project, made_from, text.text)

    async def _measure_picked(self, order: Order, name: str, job: Job, engine: Engine) -> None:
        record = await engine.inspect(name)
        made_from = fingerprint(image=record.image_id, engine=engine.settings.host)
        build = BuildResult(record.image_id, name, 0.0, ())
        self.workspace.keep_build(order.variant, Made(build, made_from))
        job.summary = await self._measure(order, name, made_from, job, engine)

    async def _measure(
        self, order: Order, name: str, made_from: Fingerprint, job: Job, engine: Engine
    ) -> str:
        from slimdesk.operations.analyze import ENGINE_PREFIX, analyze
        from slimdesk.operations.image_findings import with_project

        job.progress("Measuring")
        async with self._proving:
            image = await analyze(f"{ENGINE_PREFIX}{name}", engine=engine, reporter=job)
            if order.picked is None:
                image = await asyncio.to_thread(with_project, image, order.project, order.component)
            figures = await asyncio.to_thread(figures_of, image)
        self._figures[order.variant] = (image, figures)
        self.workspace.keep_analysis(order.variant, Made(image, made_from))
        self._measured.add(order.variant)
        if order.verify:
            await self._verify_one(order, job, engine)
        return f"{format_bytes(self.workspace.size_of(image.sizes))} {self.workspace.current_size}"

    async def _verify_one(self, order: Order, job: Job, engine: Engine) -> None:
        from slimdesk.operations.verify import verify_image

        results = self.workspace.results(order.variant)
        if results.build is None:
            return
        if order.reference != order.variant:
            await self._control_built(order.reference, job)
        control = self.workspace.results(order.reference).build
        is_control = order.reference == order.variant
        control_image = control.value.tag if control and control.value.image_id and not is_control else None
        if self._proving.locked():
            job.progress("Waiting for its turn to be verified")
        async with self._proving:
            job.progress("Verifying")
            found = await verify_image(
                engine,
                results.build.value.tag,
                order.profile,
                control=control_image,
                reporter=job,
                beside=order.beside,
                controls=order.controls,
            )
        self.proved[order.variant] = order.profile
        self.workspace.keep_verification(order.variant, Made(found, results.build.fingerprint))
        if job.kind == "verify":
            job.summary = found.reason

    async def _control_built(self, reference: VariantId, job: Job) -> None:
        """Wait for a reference that is being built or waits for its turn; whoever asks holds none that it needs."""
        other = self.job_of(reference)
        if other is None or other.state.ended:
            return
        job.progress("Waiting for the reference, which runs first")
        ended = asyncio.Event()
        stop = other.observe(lambda one: ended.set() if one.state.ended else None)
        try:
            await ended.wait()
        finally:
            stop()

    async def _pinned(self, order: Order, text: VariantText, engine: Engine, job: Job) -> VariantText:
        if not order.pin or text.edited or text.family == "yours":
            return text
        family = family_of(text.family)
        options, _ = await pinned_options(
            order.project, order.component, family, order.options, ask=engine.tag_digest, reporter=job
        )
        self._digests.update(options.digests)
        self._texts.clear()
        self.workspace.tell("choices")
        return generated_text(order.project, order.component, family, options)

    async def _look_at(self, text: VariantText, project: Project) -> None:
        """Look at the files that a build of `text` would send."""
        key = (text.context, text.dockerignore)
        self._contexts[key] = await asyncio.to_thread(context_of, project, text)

    def _state(self, text: VariantText, platform: str | None, engine: Engine | None = None) -> Fingerprint:
        """Return what `text` would be built from; the files as they were last looked at, the engine where it is known."""
        return fingerprint(
            dockerfile=text.text,
            dockerignore=text.dockerignore,
            target=text.target,
            base=text.base_name,
            context=self._contexts.get((text.context, text.dockerignore)),
            engine=engine.settings.host if engine else None,
            platform=platform,
        )

    async def _remember(
        self, variant: VariantId, project: Project, made_from: Fingerprint, dockerfile: str
    ) -> None:
        known = self.workspace.results(variant)
        if known.build is None or known.analysis is None or variant.debug:
            return
        sizes = known.analysis.value.sizes
        await self.workspace.note(
            self.workspace.history.measured,
            Measured(
                project=str(project.root),
                component=variant.component,
                family=variant.family,
                made=known.build.when,
                image_id=known.build.value.image_id,
                sizes={
                    "download": sizes.download,
                    "unpacked": sizes.unpacked,
                    "files": sizes.files,
                    "live": sizes.live,
                },
                verdict=known.verification.value.verdict if known.verification else None,
                seconds=known.build.value.seconds,
                fingerprint=dict(made_from.parts),
            ),
            details_of(dockerfile, known.analysis.value),
        )

    def _job(self, variant: VariantId, verb: str, kind: str) -> Job:
        debug = "-debug" if variant.debug else ""
        job = self.workspace.jobs.start(f"{verb} {variant.component}:{variant.family}{debug}", kind)
        self._jobs[variant] = job
        (self._measured.add if kind == "verify" else self._measured.discard)(variant)
        self.workspace.tell("results")
        return job

    def _project_changed(self) -> None:
        self._forget_texts()
        self._contexts.clear()
        self._asked.clear()


def with_environment(profile: RunProfile, text: str) -> RunProfile:
    """Return the profile with the NAME=VALUE lines of a text; empty lines and comments are passed over."""
    values = {}
    for line in text.splitlines():
        name, mark, value = line.partition("=")
        if mark and name.strip() and not name.strip().startswith("#"):
            values[name.strip()] = value
    return replace(profile, environment=values)


def _raise_unforeseen(results: Sequence[object]) -> None:
    """Raise what no rule foresaw; what did is told by its job."""
    for result in results:
        if isinstance(result, BaseException) and not isinstance(
            result, SlimDeskError | asyncio.CancelledError
        ):
            raise result
