"""One image from a front end and the back end that serves it: their builds side by side, one small runtime.

The front end's files are built in their own stage. Where the back end holds them itself (a jar's resources, go:embed)
they are copied into its build, after its dependencies, so that a changed style sheet fetches nothing anew; else they
are laid beside the program, in the folder that it serves from.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from slimdesk.basics.errors import UnavailableFamily
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage
from slimdesk.dockerfile.compose import copy, run, workdir
from slimdesk.dockerfile.model import Instruction, Stage
from slimdesk.project.model import Component
from slimdesk.project.static_folder import EMBEDDED, KEY
from slimdesk.recipes.model import Fit, Options, Plan, Recipe

_PLAIN = re.compile(r"[A-Za-z0-9_@+=./-]+", re.ASCII)
_ENDS = frozenset({"USER", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"})
WORK = "/app"


def host_of(component: Component) -> Component:
    """Return the part whose program runs; the component itself where nothing is joined."""
    return component.parts[-1] if component.parts else component


def joined_plan(recipe: Recipe, component: Component, fit: Fit, catalog: Catalog, options: Options) -> Plan:
    """Write the stages of all parts. Raises UnavailableFamily for folders whose names no Dockerfile can hold."""
    front, host = component.parts
    _refuse_odd_names(component)
    plan = recipe.plan(host, fit, options)
    web, name, built = _front_end(front, catalog, options)
    web = tuple(_moved(stage, _prefix(component, front)) for stage in web)
    stages = tuple(_moved(stage, _prefix(component, host)) for stage in plan.stages)
    if host.value(EMBEDDED) is True:
        stages = _into_the_build(stages, host, name, built)
    else:
        stages = (*stages[:-1], _beside_the_program(stages[-1], host, name, built))
    ignore = tuple(_moved_pattern(one, _prefix(component, host)) for one in plan.ignore)
    return Plan((*web, *stages), ignore, plan.findings, plan.packages)


def joined_baseline(
    recipe: Recipe, component: Component, catalog: Catalog, options: Options
) -> tuple[BaseImage, Plan]:
    """Write the single stage that holds both toolchains and both sources, as a first Dockerfile would.

    Node.js comes from its own image: the back end's has none.
    """
    front, host = component.parts
    _refuse_odd_names(component)
    base, plan = recipe.baseline(host, catalog, options)
    web, _, built = _front_end(front, catalog, options)
    stage = _moved(plan.stages[-1], _prefix(component, host))
    place = _in_the_image(stage, host)
    folder = _prefix(component, front) or "."
    commands = [
        " && ".join(one.arguments) for part in web for one in part.instructions if one.keyword == "RUN"
    ]
    body = [copy("The front end's sources", f"{folder}/", f"{WORK}-web/" if commands else f"{place}/")]
    if commands:
        made = posixpath.relpath(built, _workdir(web[-1], web))
        body += [
            *_node(web, host),
            run(
                "Builds the front end where the back end finds it",
                f"cd {WORK}-web",
                *_on_one_line(commands),
                f"mkdir -p {place}",
                f"cp -r {made}/. {place}/",
            ),
        ]
    at = _after_copies(stage.instructions)
    instructions = (*stage.instructions[:at], *body, *stage.instructions[at:])
    ignore = tuple(_moved_pattern(one, _prefix(component, host)) for one in plan.ignore)
    return base, Plan((replace(stage, instructions=instructions),), ignore, plan.findings)


def _front_end(front: Component, catalog: Catalog, options: Options) -> tuple[tuple[Stage, ...], str, str]:
    # Few projects have one, and it brings the recipes of Node.js.
    from slimdesk.recipes.web_build import build_stages

    return build_stages(front, catalog, options)


def _node(web: tuple[Stage, ...], host: Component) -> list[Instruction]:
    """Node.js for the front end, unless the back end's own image is one of Node.js."""
    image = next((one.base for one in web if one.base.startswith("node:")), None)
    if image is None or host.profile == "node":
        return []
    return [copy("Node.js with npm, for the front end", "/usr/local/", "/usr/local/", from_=image)]


def _on_one_line(commands: Iterable[str]) -> list[str]:
    return [re.sub(r"\s+", " ", command) for command in commands]


def _refuse_odd_names(component: Component) -> None:
    for path in (component.context, *(part.context for part in component.parts)):
        if not _PLAIN.fullmatch(path):
            raise UnavailableFamily(
                f"{component.name} cannot become one image",
                f"the folder {path!r} has a name that a joined Dockerfile cannot hold",
                "Rename it with letters, digits, dots and dashes, or build two images",
            )


def _prefix(component: Component, part: Component) -> str:
    """The part's own context, from the joined one; empty where they are the same."""
    inside = posixpath.relpath(f"/{part.context}", f"/{component.context}")
    return "" if inside == "." else inside


def _moved(stage: Stage, prefix: str) -> Stage:
    """The stage as it reads from a context further up: what it takes from the context lies below `prefix`."""
    if not prefix:
        return stage
    return replace(stage, instructions=tuple(_moved_instruction(one, prefix) for one in stage.instructions))


def _moved_instruction(one: Instruction, prefix: str) -> Instruction:
    if one.keyword in ("COPY", "ADD") and not any(flag.startswith("--from=") for flag in one.flags):
        sources = tuple(_below(prefix, word) for word in one.arguments[:-1])
        return replace(one, arguments=(*sources, one.arguments[-1]))
    if one.keyword == "RUN" and one.flags:
        return replace(one, flags=tuple(_moved_mount(flag, prefix) for flag in one.flags))
    return one


def _below(prefix: str, word: str) -> str:
    return f"{prefix}/" if word in (".", "./") else f"{prefix}/{word.removeprefix('./')}"


def _moved_mount(flag: str, prefix: str) -> str:
    if not flag.startswith("--mount=type=bind") or ",from=" in flag:
        return flag
    moved = re.sub(
        r"\b(source|src)=([^,]*)",
        lambda match: f"{match.group(1)}={_below(prefix, match.group(2)).rstrip('/')}",
        flag,
    )
    return moved if moved != flag else f"{flag},source={prefix}"


def _moved_pattern(pattern: str, prefix: str) -> str:
    sign, plain = ("!", pattern[1:]) if pattern.startswith("!") else ("", pattern)
    if not prefix or plain.startswith("**/"):
        return pattern
    return f"{sign}{prefix}/{plain.lstrip('/')}"


def _into_the_build(stages: tuple[Stage, ...], host: Component, name: str, built: str) -> tuple[Stage, ...]:
    """Copy the front end into the last build stage that takes sources, after them and before it compiles."""
    folder = _from_context(host)
    taken = copy(
        "The front end becomes part of the program: it has to be there before the build.",
        f"{built}/",
        f"./{folder}/",
        from_=name,
        evidence=host.evidence(KEY),
    )
    for at in range(len(stages) - 2, -1, -1):
        body = stages[at].instructions
        if any(_takes_context(one) for one in body):
            after = _after_copies(body)
            changed = replace(stages[at], instructions=(*body[:after], taken, *body[after:]))
            return (*stages[:at], changed, *stages[at + 1 :])
    raise UnavailableFamily(f"{host.name} has no build that the front end could become part of")


def _beside_the_program(final: Stage, host: Component, name: str, built: str) -> Stage:
    body = final.instructions
    at = next((index for index, one in enumerate(body) if one.keyword in _ENDS), len(body))
    last_copy = max((index + 1 for index, one in enumerate(body) if one.keyword == "COPY"), default=at)
    at = max(at, last_copy) if body[at - 1].keyword != "USER" else at
    extra = []
    if not any(one.keyword == "WORKDIR" for one in body):
        extra = [workdir(WORK, "Where the program looks for the front end's files.")]
        final = replace(final, instructions=(*body[:at], *extra, *body[at:]))
        body, at = final.instructions, at + 1
    taken = copy(
        "The front end, where the program serves it from.",
        f"{built}/",
        f"{_in_the_image(final, host)}/",
        from_=name,
        evidence=host.evidence(KEY),
    )
    return replace(final, instructions=(*body[:at], taken, *body[at:]))


def _in_the_image(stage: Stage, host: Component) -> str:
    """The absolute path of the static folder in a stage whose working folder stands for the back end's own."""
    folder = str(host.value(KEY))
    inside = posixpath.relpath(f"/{folder}", f"/{host.path}")
    return posixpath.normpath(posixpath.join(_workdir(stage), inside))


def _workdir(stage: Stage, stages: tuple[Stage, ...] = ()) -> str:
    """The working folder at the end of a stage; `stages` are those that it may be made on."""
    below = next((one for one in stages if one.name == stage.base), None)
    path = "/" if below is None else _workdir(below, stages)
    for one in stage.instructions:
        if one.keyword == "WORKDIR":
            path = posixpath.join(path, one.arguments[0].strip('"'))
    return path


def _from_context(host: Component) -> str:
    return posixpath.relpath(f"/{host.value(KEY)}", f"/{host.context}")


def _takes_context(one: Instruction) -> bool:
    return one.keyword in ("COPY", "ADD") and not any(flag.startswith("--from=") for flag in one.flags)


def _after(body: tuple[Instruction, ...], wanted: Callable[[Instruction], bool]) -> int:
    return max((index + 1 for index, one in enumerate(body) if wanted(one)), default=len(body))


def _after_copies(body: tuple[Instruction, ...]) -> int:
    return _after(body, _takes_context)
