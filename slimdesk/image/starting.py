"""Where what an image starts is looked for, as runc does it (moby, oci/defaults; Go's exec.LookPath)."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.image.model import ImageConfig

# What a container gets where the image sets none.
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_MOST_FOLDERS = 64


def variable(config: ImageConfig, name: str) -> str | None:
    """Return the value of an environment variable; None if the image does not set it."""
    return next((one[len(name) + 1 :] for one in config.environment if one.startswith(f"{name}=")), None)


def places(config: ImageConfig, word: str) -> Iterator[str]:
    """Yield the paths that a command's first word may stand for, the likeliest first: PATH, or the working directory."""
    if "/" in word:
        yield word if word.startswith("/") else f"{config.working_dir or '/'}/{word}"
        return
    path = variable(config, "PATH")
    for folder in (path if path is not None else DEFAULT_PATH).split(":")[:_MOST_FOLDERS]:
        yield f"{folder}/{word}"
