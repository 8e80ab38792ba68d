"""The .dockerignore beside a generated Dockerfile: what never belongs into a build context."""

from __future__ import annotations

import re

from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import without_controls
from slimdesk.dockerfile.ignore import BadPattern, Ignore
from slimdesk.project.model import Component
from slimdesk.project.walk import join
from slimdesk.recipes.registry import recipe_for

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
_NOT_BUILT = re.compile(
    r"(?:^|/)(?:[^/]*(?:ocker|ontainer)file[^/]*|[^/]*compose[^/]*\.ya?ml|Procfile|slimdesk\.toml|[^/]*env[^/]*|\.[^/]*)$"
)
MAX_READ = 300
_PLAIN = re.compile(r"[A-Za-z0-9_@+=,./-]+", re.ASCII)


def dockerignore(component: Component, extra: tuple[str, ...] = (), own: str | None = None) -> str:
    """Return the text: the project's own lines first, then ours that are not among them, in groups.

    What the project's own lines leave out and this build needs is let in again, before ours: people who build outside
    of the image and copy the result in leave their sources out. `extra` are the recipe's patterns, `own` the .dockerignore that the context already has.
    """
    recipe = recipe_for(component.profile)
    kept = [] if own is None else own.replace("\r\n", "\n").rstrip("\n").split("\n")
    known = {line.strip() for line in kept}
    groups = [
        ("left out above, and needed by this build", _let_in(component, own)),
        *_COMMON,
        ("this component's Dockerfiles", _dockerfiles(component)),
        ("left by tools", recipe.left_by_tools if recipe is not None else ()),
        ("not needed in the build", tuple(without_controls(line) for line in extra)),
    ]
    lines = list(kept)
    for title, patterns in groups:
        fresh = [pattern for pattern in patterns if pattern and pattern not in known]
        known.update(fresh)
        if fresh:
            lines += [*([""] if lines else []), f"# {title}", *fresh]
    return "\n".join(lines) + "\n"


def _let_in(component: Component, own: str | None) -> tuple[str, ...]:
    """Exceptions for the patterns of `own` that leave out files which the project's facts were read from."""
    if own is None:
        return ()
    try:
        patterns = Ignore.parse(own).patterns
        ignore = Ignore.of(list(patterns))
        missed = [path for path in _read_files(component) if ignore.excludes(path)]
        found = [
            pattern.text
            for pattern in patterns
            if not pattern.exception and any(Ignore.of([pattern]).excludes(path) for path in missed)
        ]
    except (BadInput, BadPattern):
        # Docker refuses the file as it stands; the build says so with its line.
        return ()
    return tuple(dict.fromkeys(f"!{text}" for text in found))


def _read_files(component: Component) -> list[str]:
    """Paths, from the context, of the manifests and sources that facts name; what only describes containers is left out."""
    prefix = "" if component.context == "." else f"{component.context}/"
    paths = dict.fromkeys(fact.evidence.path for fact in component.facts if fact.evidence is not None)
    inside = (path.removeprefix(prefix) for path in paths if path.startswith(prefix))
    read = [path for path in inside if not _NOT_BUILT.search(path)][:MAX_READ]
    recipe = recipe_for(component.profile)
    return read + [join(component.folder, name) for name in (recipe.manifests if recipe is not None else ())]


def _dockerfiles(component: Component) -> tuple[str, ...]:
    """Patterns for the component's folder, where it is not the context's root and its name needs no escaping."""
    if not _PLAIN.fullmatch(component.folder):
        return ()
    return (f"{component.folder}/Dockerfile*",)
