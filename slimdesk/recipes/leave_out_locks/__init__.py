"""Lock files that follow a manifest: rewritten where that can be done exactly, else with the command that does it.

A lock file that no longer fits its manifest stops a frozen install (`npm ci`, `--frozen-lockfile`, `--immutable`, `--locked`):
nothing is written into one but what the tool itself would write.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from slimdesk.recipes.leave_out_locks import bun, cargo, npm, pdm, pnpm, poetry, uv, yarn
from slimdesk.recipes.leave_out_locks.gone import Gone

__all__ = ["LOCKS", "Gone", "Lock"]

Without = Callable[[str, Gone], str | None]
"""Return a lock file's text without a dependency; None where that cannot be told from it."""


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock file by its name: the manifest that it follows, the command that updates it, and the exact rewriting, if there is one."""

    name: str
    manifest: str
    command: str
    without: Without | None = None

    def rewritten(self, text: str, gone: Gone) -> str | None:
        """Return the text without a dependency, with the line ends that it has; None where the command has to be run."""
        if self.without is None:
            return None
        after = self.without(text.replace("\r\n", "\n"), gone)
        return after.replace("\n", "\r\n") if after is not None and "\r\n" in text else after


LOCKS = (
    Lock("package-lock.json", "package.json", "npm install --package-lock-only", npm.without),
    Lock("npm-shrinkwrap.json", "package.json", "npm install --package-lock-only", npm.without),
    Lock("pnpm-lock.yaml", "package.json", "pnpm install --lockfile-only", pnpm.without),
    Lock("yarn.lock", "package.json", "yarn install", yarn.without),
    Lock("bun.lock", "package.json", "bun install --lockfile-only", bun.without),
    Lock("bun.lockb", "package.json", "bun install"),
    Lock("uv.lock", "pyproject.toml", "uv lock", uv.without),
    Lock("poetry.lock", "pyproject.toml", "poetry lock", poetry.without),
    Lock("pdm.lock", "pyproject.toml", "pdm lock --update-reuse", pdm.without),
    Lock("Cargo.lock", "Cargo.toml", "cargo update --workspace", cargo.without),
    Lock("Pipfile.lock", "Pipfile", "pipenv lock"),
)
