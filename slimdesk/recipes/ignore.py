"""The .dockerignore beside a generated Dockerfile: what never belongs into a build context."""

from __future__ import annotations

import re

from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import without_controls
from slimdesk.dockerfile.ignore import BadPattern, Ignore
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
    "java": ("**/hs_err_pid*.log", "**/*.hprof"),
    "node": ("**/npm-debug.log*", "**/yarn-error.log*", "**/coverage"),
    "web": ("**/npm-debug.log*", "**/yarn-error.log*", "**/coverage"),
    "python": ("**/*.egg-info", "**/.coverage", "**/htmlcov"),
    "dotnet": ("**/*.binlog",),
    "php": ("**/.phpunit.result.cache", "**/.php-cs-fixer.cache"),
    "ruby": ("**/coverage", "**/.rspec_status"),
}
_NOT_BUILT = re.compile(
    r"(?:^|/)(?:[^/]*(?:ocker|ontainer)file[^/]*|[^/]*compose[^/]*\.ya?ml|Procfile|slimdesk\.toml|[^/]*env[^/]*|\.[^/]*)$"
)
MAX_READ = 300
# What a build reads though no fact may name it; one that is not there does no harm.
_MANIFESTS = {
    "go": ("go.mod", "go.sum"),
    "java": ("pom.xml", "mvnw", "build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts", "gradle.properties", "gradlew", "src/main/java/"),
    "node": ("package.json", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "tsconfig.json", "tsconfig.build.json"),
    "web": ("package.json", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "tsconfig.json", "tsconfig.build.json"),
    "python": ("pyproject.toml", "requirements.txt", "uv.lock", "poetry.lock", "pdm.lock", "Pipfile", "Pipfile.lock"),
    "dotnet": ("Directory.Build.props", "Directory.Packages.props", "nuget.config", "appsettings.json"),
    "php": ("composer.json", "composer.lock", "package.json", "package-lock.json", "yarn.lock", "pnpm-lock.yaml"),
    "rust": ("Cargo.toml", "Cargo.lock", "src/"),
    "cpp": ("CMakeLists.txt", "meson.build", "configure.ac", "Makefile.am", "Makefile", "src/"),
    "ruby": ("Gemfile", "Gemfile.lock", "gems.rb", "gems.locked", ".ruby-version", "config.ru"),
}  # fmt: skip
_PLAIN = re.compile(r"[A-Za-z0-9_@+=,./-]+", re.ASCII)


def dockerignore(component: Component, extra: tuple[str, ...] = (), own: str | None = None) -> str:
    """Return the text: the project's own lines first, then ours that are not among them, in groups.

    What the project's own lines leave out and this build needs is let in again, before ours: people who build outside
    of the image and copy the result in leave their sources out. `extra` are the recipe's patterns, `own` the .dockerignore that the context already has.
    """
    kept = [] if own is None else own.replace("\r\n", "\n").rstrip("\n").split("\n")
    known = {line.strip() for line in kept}
    groups = [
        ("left out above, and needed by this build", _let_in(component, own)),
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
    folder = component.path.removeprefix(prefix)
    return read + [
        name if folder in (".", "") else f"{folder}/{name}" for name in _MANIFESTS.get(component.profile, ())
    ]


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
