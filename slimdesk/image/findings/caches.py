"""What package managers and builds leave behind: it can be had again and nothing at run time reads it."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.finding import Finding
from slimdesk.basics.units import format_bytes, listed
from slimdesk.image.findings.survey import Hint, Survey

_SMALL = 10_000
_APT = "--mount=type=cache,target=/var/lib/apt/lists, or rm -rf /var/lib/apt/lists/* in the same RUN"
# Fixed places: what it is, folders, cure.
_PLACES = (
    ("apt's package lists", ("/var/lib/apt/lists",), _APT),
    (
        "apt's downloads",
        ("/var/cache/apt",),
        "--mount=type=cache,target=/var/cache/apt, or apt-get clean in the same RUN",
    ),
    ("apk's index and downloads", ("/var/cache/apk", "/etc/apk/cache"), "apk add --no-cache"),
    (
        "dnf's cache",
        ("/var/cache/dnf", "/var/cache/yum", "/var/cache/libdnf5"),
        "dnf clean all in the same RUN",
    ),
    ("logs of the build", ("/var/log",), "rm -rf /var/log/* in the same RUN"),
)
# Folders by name, wherever they stand: (name, its parent's name or None), what, cure.
_NAMED = (
    (
        (b"pip", b".cache"),
        "pip's cache",
        "pip install --no-cache-dir, or --mount=type=cache,target=/root/.cache/pip",
    ),
    ((b"uv", b".cache"), "uv's cache", "UV_NO_CACHE=1, or --mount=type=cache,target=/root/.cache/uv"),
    ((b"pypoetry", b".cache"), "Poetry's cache", "--mount=type=cache,target=/root/.cache/pypoetry"),
    ((b"go-build", b".cache"), "Go's build cache", "Build in a stage of its own and COPY the program"),
    ((b"_cacache", b".npm"), "npm's cache", "--mount=type=cache,target=/root/.npm"),
    ((b"yarn", b".cache"), "Yarn's cache", "yarn cache clean in the same RUN, or a cache mount"),
    ((b".yarn-cache", None), "Yarn's cache", "yarn cache clean in the same RUN, or a cache mount"),
    ((b"store", b"pnpm"), "pnpm's store", "--mount=type=cache,target=/root/.local/share/pnpm/store"),
    ((b"repository", b".m2"), "Maven's repository", "Build in a stage of its own and COPY the jar"),
    ((b"caches", b".gradle"), "Gradle's caches", "Build in a stage of its own and COPY the jar"),
    ((b"registry", b"cargo"), "Cargo's registry", "Build in a stage of its own and COPY the program"),
    ((b"registry", b".cargo"), "Cargo's registry", "Build in a stage of its own and COPY the program"),
    ((b"composer", b".cache"), "Composer's cache", "--mount=type=cache,target=/root/.cache/composer"),
    ((b"cache", b".composer"), "Composer's cache", "--mount=type=cache,target=/root/.composer/cache"),
    ((b"packages", b".nuget"), "NuGet's packages", "Publish in a stage of its own and COPY the result"),
    ((b".ccache", None), "ccache's files", "--mount=type=cache for it"),
    ((b".pytest_cache", None), "pytest's cache", "Add .pytest_cache to .dockerignore"),
    ((b".mypy_cache", None), "mypy's cache", "Add .mypy_cache to .dockerignore"),
    ((b".ruff_cache", None), "ruff's cache", "Add .ruff_cache to .dockerignore"),
)
NAMES = frozenset((*(name for (name, _), _, _ in _NAMED), b"__pycache__", b"mod", b"cache"))


def find(survey: Survey) -> Iterator[Hint]:
    """Yield a finding per kind of leftover of 10 kB and more."""
    for what, folders, cure in _PLACES:
        nodes = [node for folder in folders if (node := survey.at(folder)) is not None]
        yield from _hint(survey, "cache", what, nodes, cure)
    for (name, parent), what, cure in _NAMED:
        nodes = [
            node
            for node in survey.named(name)
            if survey.table.is_folder(node)
            and (parent is None or survey.table.name_bytes(survey.table.parent[node]) == parent)
        ]
        yield from _hint(survey, "cache", what, nodes, cure)
    modules = [node for path in ("/go/pkg/mod", "/root/go/pkg/mod") if (node := survey.at(path)) is not None]
    yield from _hint(
        survey, "cache", "Go's module cache", modules, "Build in a stage of its own and COPY the program"
    )
    gems = [node for node in survey.named(b"cache") if _is_of_gems(survey, node)]
    yield from _hint(
        survey, "cache", "RubyGems' downloads", gems, "rm -rf them in the RUN that installs the gems"
    )
    compiled = [node for node in survey.named(b"__pycache__") if survey.table.is_folder(node)]
    size = survey.bytes(compiled)
    if size >= _SMALL:
        message = f"Compiled Python files (__pycache__) take {format_bytes(size)}{survey.also_from_base(compiled)}; without them the first start is slower"
        fix = "ENV PYTHONDONTWRITEBYTECODE=1 before packages are installed, and pip install --no-compile"
        if survey.from_base(compiled):
            fix = "The base image brought them: choose a family without them"
        path = survey.path(compiled[0])
        yield Hint(
            Finding("python-bytecode", "info", message, path=path, bytes=size, fix=fix), tuple(compiled)
        )


def _is_of_gems(survey: Survey, node: int) -> bool:
    """Whether a folder stands where RubyGems keeps what it fetched: beside the specifications of what it installed."""
    parent = survey.table.parent[node]
    return survey.table.is_folder(node) and b"specifications" in survey.look.paths.below(parent)


def _hint(survey: Survey, rule: str, what: str, nodes: list[int], cure: str) -> Iterator[Hint]:
    size = survey.bytes(nodes)
    if size < _SMALL:
        return
    where = listed([survey.path(node) for node in nodes], 2)
    if survey.from_base(nodes):
        cure = "The base image brought it: choose another family, or remove it where it is built"
    message = f"Left behind: {what}, {format_bytes(size)} in {where}{survey.also_from_base(nodes)}"
    finding = Finding(
        rule,
        "warning",
        message,
        path=survey.path(nodes[0]),
        bytes=size,
        fix=cure,
        paths=survey.places(nodes),
    )
    yield Hint(finding, tuple(nodes))
