"""`slimdesk build DIR --family F`: build one variant on the engine."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from slimdesk.basics.errors import BadInput, SlimDeskError
from slimdesk.basics.units import format_bytes, format_seconds
from slimdesk.cli.options import (
    add_component_arguments,
    add_dockerfile_options,
    add_family_arguments,
    component_of,
    family_of,
    options_of,
)
from slimdesk.cli.output import TerminalReporter, print_json, say, warn
from slimdesk.cli.words import named, named_path, platform

if TYPE_CHECKING:
    from slimdesk.engine.engine import Engine
    from slimdesk.engine.model import BuildResult
    from slimdesk.image.model import Image
    from slimdesk.operations.build import Built
    from slimdesk.operations.history import Over
    from slimdesk.project.model import Component, Project


@dataclass(frozen=True, slots=True, eq=False)
class Done:
    """A build that has ended; `image` is None where it failed or could not be measured."""

    project: Project
    component: Component
    built: Built
    image: Image | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare DIR, what is built of it, OPTIONS and the tag."""
    add_component_arguments(parser)
    add_family_arguments(parser)
    parser.add_argument(
        "--dockerfile", metavar="FILE", type=named_path, help="build the project's own Dockerfile instead"
    )
    parser.add_argument(
        "--target",
        metavar="STAGE",
        type=named,
        help="with --dockerfile: the stage to build; default its last",
    )
    add_dockerfile_options(parser)
    parser.add_argument("--tag", metavar="T", help="the image's name; default slimdesk/NAME:FAMILY")
    parser.add_argument(
        "--platform", metavar="P", type=platform, help="os/arch to build for; default the engine's"
    )
    parser.add_argument("--no-cache", action="store_true", help="do every step anew")


def run(args: argparse.Namespace) -> int:
    """Build and tell; 1 if the build failed."""
    if args.dockerfile is not None:
        _warn_of_options(args)
    done = asyncio.run(_build(args))
    built, result = done.built, done.built.result
    sizes = asdict(done.image.sizes) if done.image is not None else None
    over = _over_budget(done)
    if args.json:
        print_json({**build_json(built, sizes), "budget": _budget(done)})
    elif result.error is None:
        size = f"  files {format_bytes(sizes['files'], ' ')}" if sizes else ""
        say(f"{built.tag}  {result.image_id}{size}  in {format_seconds(result.seconds)}")
    if result.error is not None:
        # The log went by on standard error already, unless JSON was asked for.
        step = f" at {result.error.step}" if result.error.step else ""
        warn(f"The build failed{step}: {result.error.message}")
    if over is not None:
        warn(f"Over budget: {over.sentence}")
    _remember(done, args)
    return 0 if result.error is None else 1


def _over_budget(done: Done) -> Over | None:
    from slimdesk.operations.history import over_budget

    return None if done.image is None else over_budget(done.component, done.image.sizes)


def _budget(done: Done) -> dict[str, Any] | None:
    from slimdesk.operations.history import budget_json
    from slimdesk.project.budget import budget_of

    budget = budget_of(done.component)
    size = getattr(done.image.sizes, budget.kind) if budget is not None and done.image is not None else None
    return budget_json(budget, size)


def _warn_of_options(args: argparse.Namespace) -> None:
    """Say which options change nothing of a Dockerfile that SlimDesk does not write."""
    idle = [
        f"--{word.replace('_', '-')}"
        for word in ("debug", "debugger", "pin", "mirror", "no_cache_mounts", "healthcheck", "label")
        if getattr(args, word)
    ] + ["--package"] * bool(args.packages)
    if idle:
        verb = "changes" if len(idle) == 1 else "change"
        warn(f"slimdesk build: {', '.join(idle)} {verb} nothing: {args.dockerfile} is built as it is")


def build_json(built: Built, sizes: dict[str, Any] | None) -> dict[str, Any]:
    """Return the answer as the command line's JSON has it."""
    return {**result_json(built.result, built.tag, built.source.context), "sizes": sizes}


def result_json(result: BuildResult, tag: str, context: str) -> dict[str, Any]:
    """Return what came of a build, without what was measured of the image."""
    error = result.error
    return {
        "image_id": result.image_id,
        "tag": tag,
        "context": context,
        "seconds": round(result.seconds, 3),
        "steps": [
            {
                "name": step.name,
                "stage": step.stage,
                "seconds": None if step.seconds is None else round(step.seconds, 3),
                "cached": step.cached,
                "error": step.error,
            }
            for step in result.steps
        ],
        "error": None
        if error is None
        else {"step": error.step, "message": error.message, "log": list(error.log)},
    }


async def _build(args: argparse.Namespace) -> Done:
    from slimdesk.operations.build import build_source, build_variant, checked_tag, own_source
    from slimdesk.operations.connect import connected
    from slimdesk.operations.generate import generate_dockerfile
    from slimdesk.operations.pins import pinned_options

    project, component = await asyncio.to_thread(component_of, args)
    reporter = TerminalReporter()
    if args.target is not None and args.dockerfile is None:
        raise BadInput("--target names a stage of your own Dockerfile", "", "Give the file with --dockerfile")
    own = None
    if args.dockerfile is not None:
        own = own_source(project, component, args.dockerfile, args.platform, args.target)
    family, options = (None, options_of(args)) if own else (family_of(args), options_of(args))
    # What cannot be built is said without an engine, too.
    if args.tag is not None:
        checked_tag(args.tag)
    if own is None:
        generate_dockerfile(project, component, family, options)
    async with connected() as engine:
        if own is not None:
            built = await build_source(
                engine, project, component, own, tag=args.tag, no_cache=args.no_cache, reporter=reporter
            )
        else:
            if args.pin:
                options, findings = await pinned_options(
                    project, component, family, options, ask=engine.tag_digest, reporter=reporter
                )
                for finding in findings:
                    warn(f"{finding.severity}: {finding.message}")
            built = await build_variant(
                engine, project, component, family, options,
                tag=args.tag, no_cache=args.no_cache, reporter=reporter,
            )  # fmt: skip
        return Done(project, component, built, await _measured(engine, built, args))


async def _measured(engine: Engine, built: Built, args: argparse.Namespace) -> Image | None:
    """Measure what was built; that it could not be measured makes no failed build of it."""
    if built.result.image_id is None:
        return None
    from slimdesk.operations.analyze import ENGINE_PREFIX, analyze

    try:
        return await analyze(
            f"{ENGINE_PREFIX}{built.tag}",
            engine=engine,
            platform=args.platform,
            reporter=TerminalReporter(),
        )
    except SlimDeskError as error:
        warn(f"The image was built but not measured: {error}")
        return None


def _remember(done: Done, args: argparse.Namespace) -> None:
    """Keep it in the history beside what the window builds; a folder that cannot be written is no failed build."""
    built, image = done.built, done.image
    if image is None or args.platform is not None or args.debug:
        return
    from slimdesk.basics import clock
    from slimdesk.operations.history import measured_build, remember_build
    from slimdesk.workspace.history import History

    family = "yours" if built.generated is None else built.generated.family or "baseline"
    measured = measured_build(
        done.project.root, done.component, family, image, made=clock.now(), seconds=built.result.seconds
    )
    with contextlib.suppress(SlimDeskError):
        remember_build(History(), measured, image, built.source.text)
