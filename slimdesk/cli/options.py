"""What several subcommands ask for alike: the project, the component, the family, and the options of a Dockerfile."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Literal, cast

from slimdesk.basics.errors import BadInput
from slimdesk.catalog.model import FAMILIES, Family
from slimdesk.cli.words import named
from slimdesk.operations.detect import choose_component, open_project, settings_of
from slimdesk.operations.mirrors import settings_mirrors
from slimdesk.project.model import Component, Project
from slimdesk.recipes.model import Options
from slimdesk.recipes.packages import checked_names
from slimdesk.recipes.references import parse_mirror

Chosen = Family | Literal["recommended"] | None


def add_component_arguments(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    """Declare DIR (which `optional` lets be left out), --component and --set."""
    count: Literal["?"] | None = "?" if optional else None
    parser.add_argument("folder", metavar="DIR", nargs=count, type=named, help="the project's folder")
    parser.add_argument(
        "--component",
        metavar="C",
        type=named,
        help="a name or path that detect tells; needed if there are several",
    )
    add_settings_argument(parser)


def add_settings_argument(parser: argparse.ArgumentParser) -> None:
    """Declare --set."""
    parser.add_argument(
        "--set",
        dest="settings",
        metavar="FACT=VALUE",
        action="append",
        default=[],
        help="correct a fact, over slimdesk.toml and over what was detected; COMPONENT.FACT=VALUE for one component of several",
    )


def add_family_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare --family and --baseline."""
    parser.add_argument(
        "--family",
        metavar="F",
        choices=(*FAMILIES, "recommended"),
        help=f"{', '.join(FAMILIES)} or recommended",
    )
    parser.add_argument(
        "--baseline", action="store_true", help="the single-stage image that tutorials write, run as root"
    )


def add_dockerfile_options(parser: argparse.ArgumentParser) -> None:
    """Declare OPTIONS: what may be chosen for a Dockerfile."""
    group = parser.add_argument_group("options of the Dockerfile")
    group.add_argument("--debug", action="store_true", help="the debug variant: the same image with a shell")
    group.add_argument(
        "--debugger",
        action="store_true",
        help="the debug variant with the language's debugger (JDWP, Node's inspector, debugpy, Delve)",
    )
    group.add_argument("--pin", action="store_true", help="pin images by digest; asks the engine")
    group.add_argument(
        "--mirror",
        metavar="[UPSTREAM=]PREFIX",
        action="append",
        default=[],
        help="take images through a mirror; without UPSTREAM those of docker.io",
    )
    group.add_argument("--no-cache-mounts", action="store_true", help="write no RUN --mount=type=cache")
    group.add_argument("--healthcheck", action="store_true", help="write a HEALTHCHECK where one can work")
    group.add_argument("--label", metavar="K=V", action="append", default=[], help="add a label")
    add_package_argument(group)


def add_package_argument(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """Declare --package."""
    parser.add_argument(
        "--package",
        metavar="NAME",
        dest="packages",
        action="append",
        default=[],
        help="add a Debian package, such as libpq5; on Alpine and Wolfi what they call it, where that is known",
    )


def component_of(args: argparse.Namespace) -> tuple[Project, Component]:
    """Open the project and choose the component. Raises BadInput."""
    project = open_project(Path(args.folder), settings_of(args.settings))
    return project, choose_component(project, args.component)


def family_of(args: argparse.Namespace) -> Chosen:
    """Return the chosen family; None is the baseline. Raises BadInput if neither is given."""
    if args.baseline:
        return None
    if args.family is None:
        raise BadInput(
            "Which family is not said",
            "there are " + ", ".join(FAMILIES),
            "Add --family recommended, one of these, or --baseline",
        )
    return cast("Chosen", args.family)


def options_of(args: argparse.Namespace) -> Options:
    """Return the options of the Dockerfile. Raises BadInput for one that cannot be used."""
    labels: dict[str, str] = {}
    for text in args.label:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise BadInput(
                f"The label {text!r} cannot be used", "it is not K=V", "Write for example --label team=web"
            )
        labels[name] = value
    return Options(
        debug=args.debug or args.debugger,
        debugger=args.debugger,
        cache_mounts=not args.no_cache_mounts,
        healthcheck=args.healthcheck,
        platform=getattr(args, "platform", None),
        packages=checked_names(args.packages),
        mirrors=dict(parse_mirror(text) for text in args.mirror),
        default_mirrors=settings_mirrors(),
        settings=settings_of(args.settings),
        labels=labels,
    )
