"""Build one variant: write its Dockerfile, fetch the base images that are missing, build."""

from __future__ import annotations

import contextlib
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from slimdesk.basics import clock
from slimdesk.basics.errors import BadInput, PullFailed
from slimdesk.basics.escaping import slug, visible
from slimdesk.basics.job import Reporter, Silent
from slimdesk.catalog.model import Family
from slimdesk.dockerfile.frontend import unknown_to
from slimdesk.dockerfile.model import Dockerfile
from slimdesk.dockerfile.parse import parse
from slimdesk.dockerfile.references import parse_reference
from slimdesk.dockerfile.stages import bases
from slimdesk.dockerfile.statement import Refused
from slimdesk.engine.build import OnSteps
from slimdesk.engine.engine import Engine
from slimdesk.engine.model import LABEL_MADE, LABEL_PREFIX, BuildError, BuildRequest, BuildResult
from slimdesk.operations.generate import MAX_IGNORE, generate_dockerfile
from slimdesk.operations.pull import missing_images, missing_words, pull_missing, with_sizes
from slimdesk.operations.variant_notes import shipped_stages
from slimdesk.project.model import Component, Project
from slimdesk.recipes.labels import BASE_NAME, base_labels
from slimdesk.recipes.model import Generated, Options

LABEL_PROJECT = f"{LABEL_PREFIX}project"
MAX_DOCKERFILE = 1_048_576

# github.com/distribution/reference, regexp.go: a repository's path, and a tag.
_PATH = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_TAG = re.compile(
    rf"(?:(?:localhost|[a-zA-Z0-9.-]+\.[a-zA-Z0-9.-]+|[a-zA-Z0-9-]+:\d+)(?::\d+)?/)?{_PATH}(?:/{_PATH})*(?::\w[\w.-]{{0,127}})?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Source:
    """What is built: the Dockerfile's text, what of the context is left out, and where the context is.

    `context` is relative to the project; `title` is the tag's last part: a family, baseline or yours.
    """

    text: str
    dockerignore: str
    context: str
    title: str
    target: str | None = None
    platform: str | None = None


@dataclass(frozen=True, slots=True)
class Built:
    """What came of it. `generated` is None for a Dockerfile that SlimDesk did not write; `pulled` was fetched first."""

    result: BuildResult
    source: Source
    tag: str
    generated: Generated | None = None
    pulled: tuple[str, ...] = ()


async def build_variant(
    engine: Engine,
    project: Project,
    component: Component,
    family: Family | Literal["recommended"] | None,
    options: Options,
    *,
    tag: str | None = None,
    no_cache: bool = False,
    text: str | None = None,
    dockerignore: str | None = None,
    reporter: Reporter | None = None,
    on_steps: OnSteps | None = None,
) -> Built:
    """Generate and build; `family` None is the baseline. `text` and `dockerignore` replace what is generated (edited).

    A failing step, or a base image that cannot be fetched, is `result.error`. Raises UnavailableFamily, BadInput,
    DockerfileError, EngineError, StreamBroken.
    """
    generated = generate_dockerfile(project, component, family, options)
    title = f"{generated.family or 'baseline'}{'-debug' if options.debug else ''}"
    source = Source(
        text=generated.text if text is None else text,
        dockerignore=generated.dockerignore if dockerignore is None else dockerignore,
        context=generated.context,
        title=title,
        target=generated.target if text is None else _target(text, generated.target),
        platform=options.platform,
    )
    return await build_source(
        engine, project, component, source, tag=tag, no_cache=no_cache, generated=generated,
        reporter=reporter, on_steps=on_steps,
    )  # fmt: skip


async def build_source(
    engine: Engine,
    project: Project,
    component: Component,
    source: Source,
    *,
    tag: str | None = None,
    no_cache: bool = False,
    generated: Generated | None = None,
    reporter: Reporter | None = None,
    on_steps: OnSteps | None = None,
) -> Built:
    """Build any Dockerfile of the project; as `build_variant`."""
    told = reporter or Silent()
    name = default_tag(component, source.title) if tag is None else checked_tag(tag)
    began = clock.monotonic()
    dockerfile = parse(source.text)
    _refuse_unknown(engine, dockerfile)
    missing = await missing_images(engine, dockerfile, source.target, source.platform)
    pulled = tuple(one.reference for one in missing)
    if missing:
        told.progress("Asking what must be fetched")
        missing = await with_sizes(engine, missing)
        told.log(f"To be fetched first: {missing_words(missing)}")
        try:
            await pull_missing(engine, missing, told)
        except PullFailed as error:
            failure = BuildError("Fetching the base images", str(error), (error.said,) if error.said else ())
            failed = BuildResult(None, name, clock.monotonic() - began, (), failure)
            return Built(failed, source, name, generated)
    request = BuildRequest(
        context=project.root / source.context,
        dockerfile=source.text,
        dockerignore=source.dockerignore,
        tag=name,
        target=source.target,
        labels={
            **labels_of_base(dockerfile, source.target),
            **made_labels(project.root, component, source.title, name),
        },
        platform=source.platform,
        no_cache=no_cache,
    )
    return Built(await engine.build(request, on_steps, told), source, name, generated, pulled)


def _refuse_unknown(engine: Engine, dockerfile: Dockerfile) -> None:
    """What the engine's builder does not understand is said before anything is fetched. Raises BadInput."""
    # Podman has a builder of its own, which knows most of it whatever its version.
    version = engine.known.version if engine.known.builder == "buildkit" else None
    found = unknown_to(dockerfile, version)
    if found is None:
        return
    raise BadInput(
        f"Line {found.line} cannot be built on this engine",
        f"{found.what} came with Dockerfile syntax {found.version[0]}.{found.version[1]}, "
        f"and the engine {version} is older",
        "Write # syntax=docker/dockerfile:1 as the first line, which lets it fetch a newer one, or update the engine",
    )


def own_source(
    project: Project,
    component: Component,
    file: Path,
    platform: str | None = None,
    target: str | None = None,
) -> Source:
    """Return the project's own Dockerfile as it is, with the .dockerignore that BuildKit would take.

    `target` is the stage that is built, the last one if it is None. Raises BadInput for a file that cannot be read and for a
    stage that it has not, DockerfileError for one that BuildKit would refuse.
    """
    context = project.root / component.context
    path = _place(file, project.root, context)
    text = _read(path, MAX_DOCKERFILE)
    stages = [stage.name for stage in parse(text, visible(str(file))).stages if stage.name]
    # Stages' names know no case.
    if target is not None and target.lower() not in [name.lower() for name in stages]:
        there = (
            f"it has {', '.join(visible(name, 40) for name in stages)}"
            if stages
            else "its stages have no names"
        )
        raise BadInput(
            f"{visible(str(file))} has no stage {visible(target, 40)}",
            there,
            "Name one that it has with --target",
        )
    # BuildKit: the Dockerfile's own comes first.
    beside, above = path.with_name(f"{path.name}.dockerignore"), context / ".dockerignore"
    chosen = beside if beside.is_file() else above if above.is_file() else None
    ignored = _read(chosen, MAX_IGNORE) if chosen else ""
    return Source(text, ignored, component.context, "yours", target, platform)


def default_tag(component: Component, title: str) -> str:
    """Return slimdesk/NAME:TITLE."""
    return f"slimdesk/{slug(component.name)}:{title}"


def checked_tag(tag: str) -> str:
    """Return the tag if an engine takes it. Raises BadInput."""
    if not _TAG.fullmatch(tag):
        raise BadInput(
            f"{visible(tag, 80) or 'An empty word'} is not a name for an image",
            "names are in small letters, with an optional :TAG",
            "Write for example team/web:slim",
        )
    return tag


def made_labels(root: Path, component: Component, title: str, tag: str) -> dict[str, str]:
    """Return the labels by which SlimDesk knows its own images again; the project's path is only a digest."""
    return {
        LABEL_MADE: tag,
        LABEL_PROJECT: project_mark(root),
        f"{LABEL_PREFIX}component": component.name,
        f"{LABEL_PREFIX}family": title,
    }


def labels_of_base(dockerfile: Dockerfile, target: str | None) -> dict[str, str]:
    """Return the labels that say what a Dockerfile's image stands on, as those of generated ones do.

    None of them where it says so itself, or where only the build knows. They also put right what an image takes over from its base.
    """
    shipped = shipped_stages(dockerfile, target or "")
    stages = [dockerfile.stages[number] for number in shipped]
    said = (
        word
        for stage in stages
        for one in stage.instructions
        if one.keyword == "LABEL"
        for word in one.arguments
    )
    if not shipped or any(BASE_NAME in word for word in said):
        return {}
    with contextlib.suppress(Refused):
        base = bases(dockerfile)[shipped[0]]
        if isinstance(base, str) and parse_reference(base) is not None:
            return base_labels(base)
    return {}


def project_mark(root: Path) -> str:
    """Return what stands for a project's folder in a label: it must not tell where it was built."""
    return hashlib.sha256(str(root.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _target(text: str, wanted: str) -> str | None:
    """An edited Dockerfile may have lost the stage; then its last one is built."""
    return wanted if parse(text).stage(wanted) is not None else None


def _place(file: Path, *folders: Path) -> Path:
    """Where the caller's words lead, else where they lead from the project, else from the component."""
    try:
        if file.is_absolute() or file.is_file():
            return file
        return next((folder / file for folder in folders if (folder / file).is_file()), file)
    except OSError:
        # Reading it says why.
        return file


def _read(path: Path, limit: int) -> str:
    try:
        if not path.is_file():
            raise BadInput(f"{visible(str(path))} is not a file", "", "Name the project's Dockerfile")
        if path.stat().st_size > limit:
            raise BadInput(f"{visible(str(path))} is too long", "", "A Dockerfile has at most 1 MB")
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise BadInput(
            f"{visible(str(path))} cannot be read", error.strerror or "", "Check its permissions"
        ) from error
