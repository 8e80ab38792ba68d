"""The Dockerfile of one variant as it stands: generated, edited by the person, or the project's own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from slimdesk.basics.errors import DockerfileError, SlimDeskError
from slimdesk.basics.finding import Finding
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage, Family
from slimdesk.dockerfile.check import check
from slimdesk.dockerfile.model import Dockerfile
from slimdesk.dockerfile.parse import parse
from slimdesk.operations.build import own_source
from slimdesk.operations.catalog import catalog_for
from slimdesk.operations.generate import generate_dockerfile
from slimdesk.operations.variant_notes import with_reasons
from slimdesk.project.model import Component, Project
from slimdesk.recipes.fixes import with_mend_reasons
from slimdesk.recipes.model import Options


@dataclass(frozen=True, slots=True)
class VariantText:
    """What is built. `context` is relative to the project; `path` the file that the text stands in, if any.

    `base_name` is the image that the shipped stage starts from, `base` its entry in the catalogue if it has one.
    `mends` is how many faults a generated text is mended of.
    `problem` is why an edited text cannot be read as a Dockerfile; then `dockerfile` is the last one that could.
    """

    family: str
    text: str
    dockerfile: Dockerfile
    dockerignore: str
    context: str
    target: str
    base_name: str
    base: BaseImage | None = None
    findings: tuple[Finding, ...] = ()
    edited: bool = False
    ignore_edited: bool = False
    path: Path | None = None
    problem: SlimDeskError | None = None
    mends: int = 0


def generated_text(
    project: Project, component: Component, family: Family | None, options: Options
) -> VariantText:
    """Return the generated Dockerfile; `family` None is the baseline. Raises UnavailableFamily, CatalogError, BadInput."""
    made = generate_dockerfile(project, component, family, options)
    return VariantText(
        family=family or "baseline",
        text=made.text,
        dockerfile=made.dockerfile,
        dockerignore=made.dockerignore,
        context=made.context,
        target=made.target,
        base_name=base_of(made.dockerfile, made.target),
        base=made.base,
        findings=made.findings,
    )


def own_text(project: Project, component: Component) -> VariantText | None:
    """Return the component's own Dockerfile; None where it has none. Raises BadInput or DockerfileError."""
    fact = component.fact("dockerfile")
    if fact is None:
        return None
    source = own_source(project, component, Path(str(fact.value)))
    dockerfile = parse(source.text, str(fact.value))
    target = dockerfile.stages[-1].name or ""
    return VariantText(
        family="yours",
        text=source.text,
        dockerfile=dockerfile,
        dockerignore=source.dockerignore,
        context=source.context,
        target=target,
        base_name=base_of(dockerfile, target),
        findings=check(dockerfile, catalog_for(project.root)),
        path=project.root / str(fact.value),
    )


def edited_text(
    plain: VariantText, text: str | None, ignore: str | None, catalog: Catalog | None = None
) -> VariantText:
    """Return the variant with the person's own Dockerfile or .dockerignore in place of the generated one."""
    result = plain
    if ignore is not None:
        result = replace(result, dockerignore=ignore, ignore_edited=True)
    if text is None:
        return result
    result = replace(result, text=text, edited=True)
    try:
        dockerfile = with_mend_reasons(with_reasons(parse(text), plain.dockerfile), text)
    except DockerfileError as error:
        return replace(result, problem=error, findings=())
    names = [stage.name for stage in dockerfile.stages]
    target = plain.target if plain.target in names else names[-1] or ""
    return replace(
        result,
        dockerfile=dockerfile,
        target=target,
        base_name=base_of(dockerfile, target),
        findings=check(dockerfile, catalog),
    )


def base_of(dockerfile: Dockerfile, target: str) -> str:
    """Return the image that the target stands on, through the stages below it."""
    by_name = {stage.name.lower(): stage for stage in dockerfile.stages if stage.name}
    stage = by_name.get(target.lower(), dockerfile.stages[-1])
    seen: set[str] = set()
    while stage.base.lower() in by_name and stage.base.lower() not in seen:
        seen.add(stage.base.lower())
        stage = by_name[stage.base.lower()]
    return stage.base
