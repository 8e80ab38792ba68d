"""`slimdesk apko DIR`: an apko.yaml for the runtime on Wolfi, and the Dockerfile on the image that apko makes of it."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from slimdesk.cli.generate import generated_json
from slimdesk.cli.options import add_component_arguments, add_dockerfile_options, component_of, options_of
from slimdesk.cli.output import print_json, warn
from slimdesk.cli.words import named_path, platform
from slimdesk.operations.apko import apko_files, save_apko
from slimdesk.recipes.apko import DOCKERFILE, FILE, ApkoFiles


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare DIR, OPTIONS, the image's name and the output."""
    add_component_arguments(parser)
    add_dockerfile_options(parser)
    parser.add_argument("--platform", metavar="P", type=platform, help="os/arch; default amd64 and arm64")
    parser.add_argument("--image", metavar="NAME", help="the name of the image that apko makes")
    parser.add_argument(
        "--output",
        metavar="FOLDER",
        type=named_path,
        help=f"write {FILE}, {DOCKERFILE} and its .dockerignore there instead of printing them",
    )
    parser.add_argument("--force", action="store_true", help="replace them; they are kept as NAME.orig")


def run(args: argparse.Namespace) -> int:
    """Write both files and say what to do with them."""
    project, component = component_of(args)
    files = apko_files(project, component, options_of(args), args.image)
    if args.output is not None:
        for path in save_apko(files, args.output, force=args.force):
            warn(f"Wrote {path}")
    if args.json:
        print_json(apko_json(files))
        return 0
    for finding in files.generated.findings:
        warn(f"{finding.severity}: {finding.message}")
    if args.output is None:
        sys.stdout.write(f"{files.config}\n# {DOCKERFILE}\n{files.generated.text}")
    else:
        warn("Then: " + "; ".join(files.commands))
    return 0


def apko_json(files: ApkoFiles) -> dict[str, Any]:
    """Return the answer as the command line's JSON has it: generate's, with the configuration and what to do."""
    made = generated_json(files.generated, files.generated.findings)
    return {**made, "image": files.image, "apko": files.config, "commands": list(files.commands)}
