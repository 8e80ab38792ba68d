"""A component and a family become a Dockerfile: the language's recipe, then what every recipe shares."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from slimdesk.basics.errors import BadInput, UnavailableFamily
from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.basics.units import listed
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import FAMILIES, BaseImage, Family
from slimdesk.dockerfile.model import Dockerfile, Stage
from slimdesk.dockerfile.write import write
from slimdesk.project.model import Component
from slimdesk.recipes.debug import DEBUG, with_shell
from slimdesk.recipes.debugger import with_debugger
from slimdesk.recipes.ignore import dockerignore
from slimdesk.recipes.join import host_of, joined_baseline, joined_plan
from slimdesk.recipes.labels import labelled, labels
from slimdesk.recipes.lint_exceptions import pragma
from slimdesk.recipes.model import Fit, Generated, Options, Plan, Recipe
from slimdesk.recipes.packages import wanted_packages, why_not, with_packages
from slimdesk.recipes.provenance import comment, heading
from slimdesk.recipes.references import mirrored, pinned, rewrite
from slimdesk.recipes.registry import PROFILES, recipe_for

SYNTAX = "docker/dockerfile:1"
FINAL = "final"
MAX_VALUE = 4096
ENDS_SOON = dt.timedelta(days=183)


def fits(component: Component, catalog: Catalog, packages: tuple[str, ...] = ()) -> tuple[Fit, ...]:
    """Return all families in their order: whether each can serve the component, and why.

    `packages` are those that the image is to get besides. Raises BadInput for one that has no package's name.
    """
    recipe = recipe_for(component.profile)
    if recipe is None:
        known = ", ".join(PROFILES)
        reason = f"SlimDesk has no recipe for {component.profile} yet; it has them for {known}."
        return tuple(Fit(family, available=False, reason=reason) for family in FAMILIES)
    host, options = host_of(component), Options(packages=packages)
    found = (recipe.fit(host, family, catalog) for family in FAMILIES)
    return tuple(_completed(_with_room(fit, host, catalog, options), catalog) for fit in found)


def recommended(found: tuple[Fit, ...]) -> Fit:
    """Return the available family of the lowest rank. Raises UnavailableFamily if none is available."""
    available = [fit for fit in found if fit.available]
    if not available:
        raise UnavailableFamily("No family can serve this component", found[0].reason if found else "")
    return min(available, key=lambda fit: fit.rank)


def generate(
    component: Component,
    family: Family | None,
    catalog: Catalog,
    options: Options,
    own_ignore: str | None = None,
    *,
    recorded: Options | None = None,
) -> Generated:
    """Write the Dockerfile of one variant; `family` None is the baseline. `own_ignore` is the context's .dockerignore.

    `recorded` are the options that its comment tells, where they are not simply `options`.

    Raises UnavailableFamily with the reason, BadInput for an option that cannot be written.
    """
    _refuse_endless(component, options)
    recipe = recipe_for(component.profile)
    if recipe is None:
        raise UnavailableFamily(
            f"There is no recipe for {component.profile} yet",
            f"{component.name} is a {component.profile} component",
            f"SlimDesk writes Dockerfiles for {', '.join(PROFILES)}",
        )
    base, plan = _planned(recipe, component, family, catalog, options)
    packages = wanted_packages(host_of(component), base, catalog, options, baseline=family is None)
    stages, findings = with_packages(plan.stages, base, {**plan.packages, **packages}, catalog)
    target = stages[-1].name or FINAL
    if options.debug or options.debugger:
        stages, target = with_shell(stages, base)
    if options.debugger:
        stages, told = with_debugger(stages, component.profile, options)
        findings = (*findings, *told)
    stages = rewrite(stages, lambda name: _final_reference(name, options))
    stages = tuple(_labelled(stage, component, family, options) for stage in stages)
    directives = {"syntax": _final_reference(SYNTAX, options)} if options.syntax else {}
    text, dockerfile = write(
        Dockerfile(stages, directives),
        heading(component, family),
        lambda body: comment(component, family, recorded or options, body),
        pragma=pragma(stages) if family is not None else "",
    )
    return Generated(
        component=component,
        family=family,
        base=base,
        dockerfile=dockerfile,
        text=text,
        dockerignore=dockerignore(component, plan.ignore, own_ignore),
        context=component.context,
        target=target,
        findings=(*plan.findings, *findings, *_age(base, catalog)),
    )


def _age(base: BaseImage, catalog: Catalog) -> tuple[Finding, ...]:
    """Findings about the base image's end of life and about an old catalogue."""
    ends = ending(base, catalog)
    found = [Finding("ends-soon", "info", ends)] if ends else []
    if catalog.age:
        found.append(Finding("old-catalogue", "info", catalog.age))
    return tuple(found)


def _refuse_endless(component: Component, options: Options) -> None:
    """BuildKit reads lines of up to 65535 bytes: what cannot be written is refused before. Raises BadInput."""
    found: list[tuple[str, str]] = [("name", component.name), ("path", component.path)]
    found.append(("entrypoint", " ".join(component.entrypoint or ())))
    for fact in component.facts:
        words = fact.value if isinstance(fact.value, tuple) else (str(fact.value),)
        found.append((fact.key, " ".join(words)))
    for name, value in options.labels.items():
        found.append((f"label {name[:40]}", name + value))
    for key, value in found:
        if len(value) > MAX_VALUE:
            raise BadInput(
                f"No Dockerfile was written for {visible(component.name, 60)}",
                f"{visible(key, 60)} has {len(value)} characters, and more than {MAX_VALUE} are not written",
                "Correct it in slimdesk.toml or with --set",
            )


def _planned(
    recipe: Recipe, component: Component, family: Family | None, catalog: Catalog, options: Options
) -> tuple[BaseImage, Plan]:
    if family is None:
        if component.parts:
            return joined_baseline(recipe, component, catalog, options)
        return recipe.baseline(component, catalog, options)
    host = host_of(component)
    fit = _with_room(recipe.fit(host, family, catalog), host, catalog, options)
    if not fit.available or fit.base is None:
        found = fits(component, catalog, options.packages)
        others = ", ".join(other.family for other in found if other.available)
        raise UnavailableFamily(
            f"{family} cannot serve {component.name}",
            fit.reason,
            f"Choose one of {others}" if others else "",
        )
    if component.parts:
        return fit.base, joined_plan(recipe, component, fit, catalog, options)
    return fit.base, recipe.plan(component, fit, options)


def _final_reference(name: str, options: Options) -> str:
    """Mirror, then pin: a digest is known by the name that is pulled, or by the upstream one (they hold the same)."""
    digests: Mapping[str, str] = options.digests
    through = mirrored(name, options.mirrors)
    if through not in digests and name in digests:
        digests = {through: digests[name]}
    return pinned(through, digests)


def _labelled(stage: Stage, component: Component, family: Family | None, options: Options) -> Stage:
    # A debug target on `final` has its labels already.
    if stage.name not in (FINAL, DEBUG) or stage.base == FINAL:
        return stage
    return labelled(stage, labels(component, family, stage.base, options))


def _with_room(fit: Fit, component: Component, catalog: Catalog, options: Options) -> Fit:
    """A family that fits but cannot take the packages that are wanted does not fit; one that can says so."""
    if not fit.available or fit.base is None:
        return fit
    names = tuple(wanted_packages(component, fit.base, catalog, options))
    reason = why_not(fit.base, catalog) if names else None
    if reason is not None:
        return Fit(fit.family, available=False, reason=f"{listed(names, 3)} cannot be added: {reason}")
    if not names or fit.base.package_manager is not None:
        return fit
    comes = "come" if len(names) > 1 else "comes"
    return replace(
        fit, reason=f"{fit.reason} {listed(names, 3)} {comes} from a stage that unpacks the packages."
    )


def _completed(fit: Fit, catalog: Catalog) -> Fit:
    """Add what the images themselves need, such as a login, and an end of life that is near."""
    if not fit.available:
        return replace(fit, needs=())
    images = [image for image in (fit.base, fit.builder, fit.extra) if image is not None]
    needs = [*fit.needs, *(need for image in images for need in image.needs)]
    ends = None if fit.base is None else ending(fit.base, catalog)
    reason = fit.reason if ends is None else f"{fit.reason} {ends}"
    return replace(fit, reason=reason, needs=tuple(dict.fromkeys(needs)))


def ending(base: BaseImage, catalog: Catalog) -> str | None:
    """Return a sentence if the image gets no more updates within half a year."""
    if base.end_of_life is None or base.end_of_life - catalog.today > ENDS_SOON:
        return None
    return f"{base.reference} gets no updates after {base.end_of_life.isoformat()}: plan the next version."
