"""Lock files that a package manager would refuse: told before a build finds it out.

Their contents are of no use to a Dockerfile, so they are not parsed, but each has a line that its manager always writes:
pnpm `lockfileVersion:`, uv `version =`, Poetry and PDM `[metadata]`, Yarn its heading (1) or `__metadata:` (2 and later).
"""

from __future__ import annotations

import re

from slimdesk.project.walk import Tree

MAX_LOCK = 16 * 1_048_576
MAX_LOCKS = 50
_MARKS = {
    "pnpm-lock.yaml": (re.compile(rb"^['\"]?lockfileVersion['\"]?:", re.MULTILINE), "pnpm install"),
    "uv.lock": (re.compile(rb"^version\s*=", re.MULTILINE), "uv lock"),
    "poetry.lock": (re.compile(rb"^\[metadata\]", re.MULTILINE), "poetry lock"),
    "pdm.lock": (re.compile(rb"^\[metadata\]", re.MULTILINE), "pdm lock"),
    # An empty one is what Yarn lets people begin a project with.
    "yarn.lock": (re.compile(rb"yarn lockfile v1|^__metadata:|\A\s*\Z", re.MULTILINE), "yarn install"),
}
_CONFLICT = re.compile(rb"^<{7} ", re.MULTILINE)


def tell_damaged_locks(tree: Tree) -> None:
    """Note in `tree.problems` each lock file that its package manager cannot read, with what to do."""
    for path in list(tree.named(*_MARKS))[:MAX_LOCKS]:
        data = tree.data(path, MAX_LOCK)
        if data is None or len(data) >= MAX_LOCK:
            continue
        mark, again = _MARKS[path.rpartition("/")[2]]
        conflict = _CONFLICT.search(data)
        if conflict is not None:
            line = data.count(b"\n", 0, conflict.start()) + 1
            tree.problem(f"{path} holds an unfinished merge: settle it, then run `{again}`", path, line)
        elif mark.search(data) is None:
            tree.problem(
                f"{path} is not what its package manager writes: run `{again}` and keep the new one", path
            )
