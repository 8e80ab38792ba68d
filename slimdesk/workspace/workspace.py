"""What is open. The only mutable object of the program: changed on the event loop alone, watched by plain call-backs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from slimdesk.basics import clock
from slimdesk.basics.errors import OutputError
from slimdesk.workspace.jobs import Jobs
from slimdesk.workspace.session import Choices, ComponentSession, EditedFile, Fault, Session
from slimdesk.workspace.settings import Settings, SettingsFile, SizeKind

if TYPE_CHECKING:
    from slimdesk.engine.model import BuildResult, EngineStatus, ImageRecord
    from slimdesk.image.model import Image, Sizes
    from slimdesk.project.model import Component, Project
    from slimdesk.scan.scanned import Scanned
    from slimdesk.verify.model import Verification
    from slimdesk.workspace.fingerprint import Fingerprint
    from slimdesk.workspace.history import History
    from slimdesk.workspace.results import Made, VariantId, VariantResults
    from slimdesk.workspace.run_forms import RunForms

Topic = Literal[
    "project",
    "component",
    "ticks",
    "choices",
    "edits",
    "results",
    "image",
    "compare",
    "size",
    "engine",
    "engine-images",
    "container",
    "settings",
    "recents",
]
Observer = Callable[[], None]
# Scans that are held at once; each may name thousands of faults.
_SCANS = 60


@dataclass(frozen=True, slots=True)
class OpenedImage:
    """The image on the Image page. `where` is a path, or an engine's name; `image` is None until it has been read.

    `variant` names the variant that it is, if SlimDesk built it. `reference` is what it is compared with.
    """

    where: str
    image: Image | None = None
    variant: VariantId | None = None
    reference: Image | None = None


class Workspace:
    """One per program (or per test).

    Topics: project (another one or read again), component, ticks, choices, edits (a Dockerfile's text), results, image,
    compare, size (the current size), engine, engine-images (what it holds), container (the one that is looked at), settings, recents. Jobs have their own observers: `jobs`.
    """

    def __init__(self, settings: SettingsFile | None = None, history: History | None = None) -> None:
        self.jobs = Jobs()
        self._history = history
        self._settings = settings or SettingsFile()
        self._observers: list[tuple[frozenset[Topic], Observer]] = []
        self._project: Project | None = None
        self._session = Session()
        self._results: dict[VariantId, VariantResults] = {}
        self._scans: dict[str, Scanned | None] = {}
        self._image: OpenedImage | None = None
        self._compared: tuple[OpenedImage, ...] = ()
        self._engine: EngineStatus | None = None
        self._engine_images: tuple[ImageRecord, ...] = ()
        self._container = ""
        self._target_to_debug = ""
        self._run_forms: RunForms | None = None

    @property
    def history(self) -> History:
        """What was opened, built and measured before."""
        if self._history is None:
            from slimdesk.workspace.history import History

            self._history = History()
        return self._history

    # Watching

    def observe(self, topics: Topic | Iterable[Topic], observer: Observer) -> Callable[[], None]:
        """Call `observer` after a change of one of `topics`; the answer ends that."""
        entry = (frozenset([topics] if isinstance(topics, str) else topics), observer)
        self._observers.append(entry)
        return lambda: self._observers.remove(entry) if entry in self._observers else None

    def tell(self, *topics: Topic) -> None:
        """Call whoever watches one of `topics`, each once."""
        for watched, observer in tuple(self._observers):
            if watched.intersection(topics):
                observer()

    # Settings and the current size

    @property
    def settings(self) -> Settings:
        """What holds now."""
        return self._settings.value

    @property
    def settings_problem(self) -> str | None:
        """A sentence, if the settings' file could not be read."""
        return self._settings.problem

    def change_settings(self, **values: Any) -> None:
        """Change some and write them. Raises OutputError; they hold all the same."""
        before = self.settings
        try:
            self._settings.change(**values)
        finally:
            if self.settings != before:
                size = self.settings.current_size != before.current_size
                self.tell(*(("settings", "size") if size else ("settings",)))

    @property
    def current_size(self) -> SizeKind:
        """The one kind of size that bars, factors and verdicts use."""
        return self.settings.current_size

    def choose_size(self, kind: SizeKind) -> None:
        """Use another kind of size, everywhere. Raises OutputError if it cannot be remembered."""
        self.change_settings(current_size=kind)

    def size_of(self, sizes: Sizes | None) -> int | None:
        """Return the current size of `sizes` in bytes."""
        value: int | None = getattr(sizes, self.current_size) if sizes is not None else None
        return value

    # The project

    @property
    def project(self) -> Project | None:
        """The project that is open."""
        return self._project

    @property
    def session(self) -> Session:
        """What is to be found again after a restart."""
        return self._session

    def show_project(self, project: Project, session: Session | None = None) -> None:
        """Open another project, or the same one read again (then choices and results stay)."""
        again = self._project is not None and self._project.root == project.root
        self._project = project
        if not again:
            self._session = session or Session()
            self._results.clear()
        names = {component.name for component in (*project.components, *project.joined)}
        if self._session.component not in names:
            first = project.components[0].name if project.components else None
            self._session = replace(self._session, component=first)
        self.tell("project", "component", "ticks", "choices", "edits", "results")

    def close_project(self) -> None:
        """Open none."""
        self._project = None
        self._session = Session()
        self._results.clear()
        self.tell("project", "component", "ticks", "choices", "edits", "results")

    @property
    def component(self) -> Component | None:
        """The component that the pages are about."""
        if self._project is None or self._session.component is None:
            return None
        return self._project.component(self._session.component)

    def choose_component(self, name: str) -> None:
        """Let the pages be about another component."""
        if name != self._session.component:
            self._session = replace(self._session, component=name)
            self.tell("component", "ticks", "choices", "edits", "results")

    # Ticks, choices, edits: of the chosen component unless another is named

    def of_component(self, name: str | None = None) -> ComponentSession:
        """Return what is remembered of a component."""
        return self._session.components.get(name or self._session.component or "", ComponentSession())

    @property
    def ticks(self) -> tuple[str, ...] | None:
        """The ticked variants' words; None = nobody has ticked yet."""
        return self.of_component().ticks

    def tick(self, ticks: Sequence[str]) -> None:
        """Tick these and no others."""
        self._change_component("ticks", ticks=tuple(dict.fromkeys(ticks)))

    @property
    def selected(self) -> str | None:
        """The variant whose Dockerfile is shown."""
        return self.of_component().selected

    def select(self, family: str | None) -> None:
        """Show another variant's Dockerfile."""
        if family != self.selected:
            self._change_component("ticks", selected=family)

    @property
    def reference(self) -> str | None:
        """What the person measures against: an image, or "baseline"; None = what the project has."""
        return self.of_component().reference

    def pick_reference(self, reference: str | None) -> None:
        """Measure against something else."""
        if reference != self.reference:
            self._change_component("choices", reference=reference)

    @property
    def choices(self) -> Choices:
        """The options of the chosen component's variants; the defaults of the settings until changed."""
        own = self.of_component().choices
        defaults = self.settings.options
        return own or Choices(
            debug=defaults.debug,
            cache_mounts=defaults.cache_mounts,
            healthcheck=defaults.healthcheck,
            pin=defaults.pin,
            prefer=defaults.prefer,
        )

    def choose(self, **values: Any) -> None:
        """Change some options."""
        self._change_component("choices", choices=replace(self.choices, **values))

    def edited(self, family: str, file: EditedFile = "Dockerfile") -> str | None:
        """Return the person's own text, or None where it is generated."""
        return self.of_component().edits.get(f"{family}/{file}")

    def edit(
        self, family: str, text: str | None, file: EditedFile = "Dockerfile", component: str | None = None
    ) -> None:
        """Keep the person's own text; None = back to generated. `component` None = the chosen one."""
        edits = dict(self.of_component(component).edits)
        key = f"{family}/{file}"
        if edits.get(key) == text:
            return
        edits.pop(key, None)
        if text is not None:
            edits[key] = text
        self._change_component("edits", component, edits=edits)

    def mended(self, family: str) -> tuple[Fault, ...]:
        """Return the faults that a family's generated text is mended of, in the order in which they came up."""
        return self.of_component().mended.get(family, ())

    def mend(self, family: str, faults: Sequence[Fault], component: str | None = None) -> None:
        """Mend a family's generated text of these faults and no others; `component` None = the chosen one."""
        mended = dict(self.of_component(component).mended)
        if mended.get(family, ()) == tuple(faults):
            return
        mended.pop(family, None)
        if faults:
            mended[family] = tuple(faults)
        self._change_component("edits", component, mended=mended)

    def _change_component(self, topic: Topic, component: str | None = None, **values: Any) -> None:
        name = component or self._session.component
        if name is None:
            return
        components = dict(self._session.components)
        components[name] = replace(components.get(name, ComponentSession()), **values)
        self._session = replace(self._session, components=components)
        self.tell(topic)

    # Results

    def results(self, variant: VariantId) -> VariantResults:
        """Return all that is known of a variant."""
        from slimdesk.workspace.results import VariantResults

        return self._results.get(variant, VariantResults())

    def all_results(self) -> dict[VariantId, VariantResults]:
        """Return all that is known of the project's variants."""
        return dict(self._results)

    def keep_build(self, variant: VariantId, made: Made[BuildResult]) -> None:
        """Keep a build; what was measured and proven of an earlier image of that variant goes."""
        from slimdesk.workspace.results import VariantResults

        old = self.results(variant)
        same = old.build is not None and old.build.value.image_id == made.value.image_id
        kept = replace(old, build=made) if same else VariantResults(build=made, now=old.now)
        self._keep(variant, kept)

    def keep_analysis(self, variant: VariantId, made: Made[Image]) -> None:
        """Keep an analysis."""
        self._keep(variant, replace(self.results(variant), analysis=made))

    def keep_verification(self, variant: VariantId, made: Made[Verification]) -> None:
        """Keep a verdict."""
        self._keep(variant, replace(self.results(variant), verification=made))

    def note_state(self, variant: VariantId, now: Fingerprint | None) -> None:
        """Say what the variant would be made from at this moment; results that do not match become older."""
        if self.results(variant).now != now:
            self._keep(variant, replace(self.results(variant), now=now))

    def forget_results(self, variant: VariantId) -> None:
        """Know nothing of the variant (its image was removed)."""
        if self._results.pop(variant, None) is not None:
            self.tell("results")

    def _keep(self, variant: VariantId, results: VariantResults) -> None:
        self._results[variant] = results
        self.tell("results")

    # Scans for vulnerabilities: of an image, whichever variant it is

    def scan_of(self, image: Image | None) -> Scanned | None:
        """Return what a scanner said of this very image, now or before the program started; None if none was asked."""
        if image is None:
            return None
        key = image.image_id or image.location
        if key not in self._scans:
            self._hold_scan(key, self._scan_of_before(image))
        return self._scans[key]

    def keep_scan(self, image: Image, scanned: Scanned) -> None:
        """Hold a scan of an image; the oldest go. One that did not come about takes the place of no answer.

        The history is written by operations.scan_kept.
        """
        before = self.scan_of(image)
        if scanned.scan is not None or before is None or before.scan is None:
            self._hold_scan(image.image_id or image.location, scanned)
        self.tell("results")

    def _hold_scan(self, key: str, scanned: Scanned | None) -> None:
        self._scans.pop(key, None)
        self._scans[key] = scanned
        while len(self._scans) > _SCANS:
            del self._scans[next(iter(self._scans))]

    def _scan_of_before(self, image: Image) -> Scanned | None:
        try:
            return self.history.scans.of(image)
        except OutputError:
            # The list of recent images says what is wrong with that file.
            return None

    # The image and the engine

    @property
    def image(self) -> OpenedImage | None:
        """The image that is open."""
        return self._image

    def show_image(self, image: OpenedImage | None) -> None:
        """Open another image."""
        self._image = image
        self.tell("image")

    @property
    def compared(self) -> tuple[OpenedImage, ...]:
        """The images that are compared, the reference first; those without `image` have not been read."""
        return self._compared

    def compare(self, images: Iterable[OpenedImage]) -> None:
        """Compare these and no others."""
        self._compared = tuple(images)
        self.tell("compare")

    @property
    def engine(self) -> EngineStatus | None:
        """The engine's state as last asked; None until it has answered once."""
        return self._engine

    def set_engine(self, status: EngineStatus | None) -> None:
        """Take the engine's answer."""
        if status != self._engine:
            self._engine = status
            self.tell("engine")

    @property
    def engine_images(self) -> tuple[ImageRecord, ...]:
        """The engine's images with a tag, newest first, as last listed."""
        return self._engine_images

    def set_engine_images(self, images: Sequence[ImageRecord]) -> None:
        """Take the engine's list."""
        if tuple(images) != self._engine_images:
            self._engine_images = tuple(images)
            self.tell("engine-images")

    # Containers

    @property
    def container(self) -> str:
        """The ID of the container that is looked at, "" for none."""
        return self._container

    def choose_container(self, container: str) -> None:
        """Look at another container, by its ID."""
        if container != self._container:
            self._container = container
            self.tell("container")

    def want_debug(self, target: str) -> None:
        """Ask for a shell in a container or an image; the Debug page takes the wish."""
        self._target_to_debug = target
        self.tell("container")

    def take_debug(self) -> str:
        """Return what a shell is wanted in, once; "" for nothing."""
        target, self._target_to_debug = self._target_to_debug, ""
        return target

    def run_forms(self, public: Callable[[str], str]) -> RunForms:
        """Return how images were started before; `public` keeps of an environment what is no secret."""
        if self._run_forms is None:
            from slimdesk.workspace.run_forms import RunForms

            self._run_forms = RunForms(public)
        return self._run_forms

    # What was opened

    async def remember_project(self, root: Path, about: dict[str, Any]) -> None:
        """Put a project on top of the list. Raises OutputError."""
        await self.note(self.history.opened, "project", str(root), about, clock.now())

    async def remember_image(self, where: str, about: dict[str, Any]) -> None:
        """Put an image on top of the list. Raises OutputError."""
        await self.note(self.history.opened, "image", where, about, clock.now())

    async def note(self, write: Callable[..., None], *values: Any) -> None:
        """Let the history write something down by one of its functions, in a thread: it waits for the disk. Raises OutputError."""
        import asyncio

        await asyncio.to_thread(write, *values)
        self.tell("recents")
