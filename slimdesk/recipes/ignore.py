"""The .dockerignore beside a generated Dockerfile: what never belongs into a build context."""

from __future__ import annotations

import re

from slimdesk.basics.escaping import without_controls
from slimdesk.project.model import Component

_COMMON = (
    ("version control", ("**/.git", "**/.hg", "**/.svn", "**/.gitignore", "**/.gitattributes")),
    (
        "secrets",
        ("**/.env", "**/.env.*", "**/*.pem", "**/*.key", "**/id_rsa*", "**/id_ed25519*"),
    ),
    ("what the build makes itself", ("**/node_modules", "**/.venv", "**/__pycache__", "**/*.py[cod]")),
    (
        "caches",
        ("**/.cache", "**/.pytest_cache", "**/.mypy_cache", "**/.ruff_cache", "**/.tox", "**/.nyc_output"),
    ),
    ("editors and systems", ("**/.idea", "**/.vscode", "**/.DS_Store", "**/*.swp")),
    (
        "containers",
        (".dockerignore", "Dockerfile*", "compose*.y*ml", "docker-compose*.y*ml", "slimdesk.toml"),
    ),
)
_LANGUAGE = {
    "go": ("**/*.test", "**/coverage.out"),
    "node": ("**/npm-debug.log*", "**/yarn-error.log*", "**/coverage"),
    "python": ("**/*.egg-info", "**/.coverage", "**/htmlcov"),
}
_PLAIN = re.compile(r"[A-Za-z0-9_@+=,./-]+", re.ASCII)


def dockerignore(component: Component, extra: tuple[str, ...] = (), own: str | None = None) -> str:
    """Return the text: the project's own lines first, then ours that are not among them, in groups.

    `extra` are the recipe's patterns, `own` the .dockerignore that the context already has.
    """
    kept = [] if own is None else own.replace("\r\n", "\n").rstrip("\n").split("\n")
    known = {line.strip() for line in kept}
    groups = [
        *_COMMON,
        ("this component's Dockerfiles", _dockerfiles(component)),
        ("left by tools", _LANGUAGE.get(component.profile, ())),
        ("not needed in the build", tuple(without_controls(line) for line in extra)),
    ]
    lines = list(kept)
    for title, patterns in groups:
        fresh = [pattern for pattern in patterns if pattern and pattern not in known]
        known.update(fresh)
        if fresh:
            lines += [*([""] if lines else []), f"# {title}", *fresh]
    return "\n".join(lines) + "\n"


def _dockerfiles(component: Component) -> tuple[str, ...]:
    """Patterns for the component's folder, where it is not the context's root and its name needs no escaping."""
    inside = (
        component.path.removeprefix(component.context).strip("/")
        if component.context != "."
        else component.path
    )
    if inside in ("", ".") or not _PLAIN.fullmatch(inside):
        return ()
    return (f"{inside}/Dockerfile*",)
