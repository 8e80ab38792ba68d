"""A Dockerfile that the project has: its text, its stages, and what all checkers say of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from slimdesk.basics.errors import DockerfileError
from slimdesk.dockerfile.flags import flag_values
from slimdesk.dockerfile.model import Dockerfile, Instruction, Stage
from slimdesk.dockerfile.parse import parse
from slimdesk.dockerfile.surroundings import look_around
from slimdesk.dockerfile.syntax_fixes import mend_syntax
from slimdesk.operations.catalog import catalog_for
from slimdesk.operations.checks import Told
from slimdesk.operations.explain import explain_text, read_dockerfile
from slimdesk.operations.variant_notes import shipped_stages
from slimdesk.project.model import Component, Project


@dataclass(frozen=True, slots=True)
class StageOutline:
    """A stage in short; lines count from 1.

    `ships`: its layers are in the image. `takes` are (what is copied, from where), `given` the paths that other stages
    copy out of it.
    """

    name: str
    base: str
    line: int
    end_line: int
    ships: bool
    takes: tuple[tuple[str, str], ...]
    given: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnDockerfile:
    """What reading a file brought. `error` is why BuildKit refuses it: then there are no stages and no findings.

    `readable` is then the text with plain slips mended, None where that does not help. `lint_missing` says why hadolint did not look at it, empty where it did.
    """

    path: str
    text: str
    dockerfile: Dockerfile | None = None
    error: DockerfileError | None = None
    stages: tuple[StageOutline, ...] = ()
    told: tuple[Told, ...] = ()
    lint_missing: str = ""
    readable: str | None = None


def dockerfile_paths(component: Component) -> tuple[str, ...]:
    """Return where the component's Dockerfiles stand, the one that is built first."""
    own = (fact for one in (component, *reversed(component.parts)) for fact in one.all("dockerfile"))
    return tuple(dict.fromkeys(str(fact.value) for fact in own))


def read_own(project: Project, component: Component, path: str) -> OwnDockerfile:
    """Read and check a Dockerfile of a component; blocking, hadolint is asked too. Raises BadInput, CatalogError."""
    place = project.root / path
    text = read_dockerfile(place).replace("\r\n", "\n")
    return judge(text, path, context=project.root / component.context, dockerfile=place, root=project.root)


def judge(
    text: str,
    path: str = "Dockerfile",
    *,
    context: Path | None = None,
    dockerfile: Path | None = None,
    root: Path | None = None,
    lint: bool = True,
) -> OwnDockerfile:
    """Check a text as it stands; `context` is the build's folder and `root` the project's, where there are such. Raises CatalogError."""
    around = None if context is None else look_around(context, dockerfile)
    try:
        found = explain_text(text, path, lint=lint, surroundings=around, catalog=catalog_for(root))
    except DockerfileError as error:
        return OwnDockerfile(path, text, error=error, readable=_readable(text))
    missing = found.lint.reason if found.lint is not None and found.lint.findings is None else ""
    return OwnDockerfile(
        path, text, found.dockerfile, None, outline(found.dockerfile), found.told, lint_missing=missing
    )


def _readable(text: str) -> str | None:
    mended, fixes = mend_syntax(text)
    try:
        parse(mended)
    except DockerfileError:
        return None
    return mended if fixes else None


def outline(dockerfile: Dockerfile) -> tuple[StageOutline, ...]:
    """Return the stages in the order of the file, with what goes from one to the other."""
    shipped = shipped_stages(dockerfile, dockerfile.stages[-1].name or "") if dockerfile.stages else []
    names = {stage.name.lower(): number for number, stage in enumerate(dockerfile.stages) if stage.name}
    taken: dict[int, list[tuple[str, str]]] = {}
    given: dict[int, list[str]] = {}
    for number, stage in enumerate(dockerfile.stages):
        for copy in stage.instructions:
            source = _source(copy)
            if source is None:
                continue
            at = int(source) if source.isdecimal() and source.isascii() else names.get(source.lower())
            known = at is not None and at < number
            title = _name(dockerfile.stages[at], at) if known and at is not None else source
            paths = copy.arguments[:-1]
            taken.setdefault(number, []).extend((path, title) for path in paths)
            if known and at is not None:
                given.setdefault(at, []).extend(paths)
    return tuple(
        StageOutline(
            _name(stage, number),
            stage.base,
            stage.line,
            max((one.end_line for one in stage.instructions), default=stage.line),
            number in shipped,
            tuple(dict.fromkeys(taken.get(number, ()))),
            tuple(dict.fromkeys(given.get(number, ()))),
        )
        for number, stage in enumerate(dockerfile.stages)
    )


def _source(instruction: Instruction) -> str | None:
    if instruction.keyword not in ("COPY", "ADD"):
        return None
    return next(iter(flag_values(instruction.flags, "from")), None)


def _name(stage: Stage, number: int) -> str:
    return stage.name or f"stage {number}"
