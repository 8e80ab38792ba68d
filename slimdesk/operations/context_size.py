"""How much a build sends to the engine, and how much .dockerignore leaves out."""

from __future__ import annotations

import os
from dataclasses import dataclass

from slimdesk.dockerfile.ignore import Ignore
from slimdesk.operations.generate import own_ignore
from slimdesk.project.model import Component, Project
from slimdesk.recipes.ignore import dockerignore

MAX_FILES = 200_000


@dataclass(frozen=True, slots=True)
class ContextSize:
    """Bytes and files that are sent, and bytes that are left out; `whole` is False where counting stopped early."""

    sent: int
    left_out: int
    files: int
    whole: bool = True


def context_size(project: Project, component: Component) -> ContextSize:
    """Count the component's build context under the .dockerignore that SlimDesk writes; blocking.

    Raises BadInput for a .dockerignore that Docker refuses.
    """
    ignore = Ignore.parse(dockerignore(component, (), own_ignore(project, component)))
    root = project.root / component.context
    sent = left_out = files = seen = 0
    for folder, _, names in os.walk(root):
        for name in names:
            seen += 1
            path = os.path.join(folder, name)  # noqa: PTH118 - per file
            try:
                size = os.lstat(path).st_size
            except OSError:
                continue
            relative = os.path.relpath(path, root).replace(os.sep, "/")
            if ignore.excludes(relative, is_dir=False):
                left_out += size
            else:
                sent += size
                files += 1
        if seen > MAX_FILES:
            return ContextSize(sent, left_out, files, whole=False)
    return ContextSize(sent, left_out, files)
