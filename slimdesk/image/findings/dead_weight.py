"""What a running service does not read: documentation, locales, debug symbols, headers, source maps, tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from slimdesk.basics.finding import Finding
from slimdesk.basics.units import format_bytes, listed
from slimdesk.image.findings.survey import Hint, Survey
from slimdesk.image.table import Kind

_SMALL = 100_000
_BASE = "The base image brought most of it: only another base image is without it"


@dataclass(frozen=True, slots=True)
class _Kind:
    """rule; what it is called; the cure where we brought it; folders by path; names of files by ending; names of folders inside packages."""

    rule: str
    what: str
    fix: str
    folders: tuple[str, ...] = ()
    endings: tuple[bytes, ...] = ()
    names: tuple[bytes, ...] = ()


_EXCLUDE = "A path-exclude in /etc/dpkg/dpkg.cfg.d before packages are installed, or COPY what is needed into a slim family"
_KINDS = (
    _Kind(
        "documentation",
        "Documentation and manual pages",
        _EXCLUDE,
        tuple(
            f"/usr{local}/share/{name}"
            for local in ("", "/local")
            for name in ("doc", "man", "info", "help", "gtk-doc", "lintian", "bug", "doc-base")
        ),
    ),
    _Kind(
        "locales",
        "Translations and locales",
        _EXCLUDE,
        ("/usr/share/locale", "/usr/lib/locale", "/usr/share/i18n", "/usr/local/share/locale"),
    ),
    _Kind(
        "debug-symbols",
        "Debug symbols",
        "Strip what is built (-s, strip = true), and leave -dbg packages out",
        ("/usr/lib/debug",),
        (b"debug", b"dbg", b"pdb", b"dwo", b"dwp"),
    ),
    _Kind(
        "headers",
        "Headers and static libraries",
        "Build in a stage of its own and COPY the result",
        ("/usr/include", "/usr/local/include"),
        (b"a", b"la"),
    ),
    _Kind("source-maps", "Source maps", "Build without them, or delete *.map before COPY", (), (b"map",)),
    _Kind(
        "tests-in-packages",
        "Tests inside installed packages",
        "Delete the tests folders in the stage that installs the packages",
        (),
        (),
        (b"tests", b"test"),
    ),
    _Kind(
        "headers-in-packages",
        "Headers of installed packages",
        "Delete the include folders in the stage that installs the packages",
        (),
        (),
        (b"include",),
    ),
)
NAMES = frozenset(name for kind in _KINDS for name in kind.names)
ENDINGS = frozenset(ending for kind in _KINDS for ending in kind.endings)


def find(survey: Survey) -> Iterator[Hint]:
    """Yield a finding per kind of 100 kB and more."""
    for kind in _KINDS:
        nodes = [node for path in kind.folders if (node := survey.at(path)) is not None]
        nodes += [
            node
            for ending in kind.endings
            for node in survey.endings.get(ending, ())
            if survey.table.kind[node] == Kind.FILE
        ]
        nodes += [
            node
            for node in survey.named(*kind.names)
            if survey.table.is_folder(node) and _in_packages(survey, node)
        ]
        size = survey.bytes(nodes)
        if size < _SMALL:
            continue
        paths = [survey.path(node) for node in sorted(nodes, key=lambda one: -survey.table.live[one])]
        message = f"{kind.what}: {format_bytes(size)} in {listed(paths, 2)}{survey.also_from_base(nodes)}"
        fix = _BASE if survey.from_base(nodes) else kind.fix
        finding = Finding(
            kind.rule, "info", message, path=paths[0], bytes=size, fix=fix, paths=survey.places(nodes)
        )
        yield Hint(finding, tuple(nodes))


def _in_packages(survey: Survey, node: int) -> bool:
    """Whether a folder is inside an installed Python or Node package (a package may itself be called test)."""
    above = [survey.table.name_bytes(one) for one in survey.table.ancestors(node)[:-2]]
    return any(name in (b"site-packages", b"dist-packages", b"node_modules") for name in above)
