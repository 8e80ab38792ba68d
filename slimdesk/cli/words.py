"""Kinds of words on the command line, as argparse's `type`: what cannot be meant is refused before anything is done."""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path

_PLATFORM = re.compile(r"[a-z0-9_-]+(?:/[A-Za-z0-9_.-]+){1,2}", re.ASCII)


def named(text: str) -> str:
    """Return a path or a name; an empty one (of a script's unset variable) must not mean the current folder."""
    if not text:
        raise ArgumentTypeError("it is empty")
    return text


def named_path(text: str) -> Path:
    """Return a path, which is not empty."""
    return Path(named(text))


def platform(text: str) -> str:
    """Return os/arch or os/arch/variant."""
    if not _PLATFORM.fullmatch(text):
        raise ArgumentTypeError(f"{text!r} is not a platform, such as linux/arm64")
    return text


def add_image_argument(parser: ArgumentParser) -> None:
    """Declare IMAGE."""
    parser.add_argument(
        "image",
        metavar="IMAGE",
        type=named,
        help="an archive, an OCI layout, or an engine image (docker://NAME forces the engine)",
    )
