"""Shells, package managers and compilers: what nobody calls in a running service, and what an intruder would."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.finding import Finding, Severity
from slimdesk.basics.units import format_bytes, listed
from slimdesk.image.findings.survey import Hint, Survey
from slimdesk.image.table import Kind

_SHELLS = ("sh", "bash", "dash", "ash", "zsh", "busybox")
_MANAGERS = (
    "apt-get",
    "apt",
    "dpkg",
    "apk",
    "dnf",
    "microdnf",
    "yum",
    "rpm",
    "pip",
    "pip3",
    "npm",
    "yarn",
    "corepack",
    "pnpm",
    "uv",
    "poetry",
    "pipenv",
    "pdm",
    "composer",
)
_COMPILERS = (
    "gcc",
    "cc",
    "g++",
    "clang",
    "ld",
    "make",
    "cmake",
    "rustc",
    "cargo",
    "go",
    "javac",
    "mvn",
    "gradle",
)
# Language package managers are trees rather than programs.
_TREES = {
    "npm": ("/usr/local/lib/node_modules/npm", "/usr/lib/node_modules/npm"),
    "corepack": ("/usr/local/lib/node_modules/corepack",),
    "pnpm": ("/usr/local/lib/node_modules/pnpm",),
    "mvn": ("/usr/share/maven",),
    "gradle": ("/opt/gradle",),
    "yarn": ("/opt/yarn",),
    "go": ("/usr/local/go",),
    "cargo": ("/usr/local/cargo",),
    "rustc": ("/usr/local/rustup",),
}


_SHELL_FIX = "Choose a family without one, such as distroless; SlimDesk opens a shell beside such a container"
_MANAGER_FIX = "Install in a build stage and COPY the result into a family without them"
_COMPILER_FIX = "Build in a stage of its own and COPY the result into a runtime image"


def find(survey: Survey) -> Iterator[Hint]:
    """Yield one finding for each of the three that is there."""
    for rule, severity, what, names, fix in (
        ("shell", "info", "A shell", _SHELLS, _SHELL_FIX),
        ("package-manager", "info", "Package managers", _MANAGERS, _MANAGER_FIX),
        ("compiler", "warning", "Compilers and build tools", _COMPILERS, _COMPILER_FIX),
    ):
        there = {name: node for name in names if (node := survey.program(name)) is not None}
        if rule != "shell":
            # BusyBox has toy forms of some of them under their names.
            there = {name: node for name, node in there.items() if not _is_toy(survey, node)}
        if not there:
            continue
        nodes = [one for name, node in there.items() for one in _extent(survey, name, node)]
        size = survey.bytes(nodes)
        message = f"{what} in the image: {listed(there)} ({format_bytes(size)})"
        path = survey.path(next(iter(there.values())))
        weight: Severity = "warning" if severity == "warning" else "info"
        finding = Finding(
            rule, weight, message, path=path, bytes=size, fix=fix, paths=survey.places(there.values())
        )
        yield Hint(finding, tuple(nodes))


def _is_toy(survey: Survey, node: int) -> bool:
    return survey.table.name_bytes(survey.table.body(node)).startswith((b"busybox", b"toybox"))


def _extent(survey: Survey, name: str, node: int) -> list[int]:
    """Return what goes with a program: its tree, its package's files, else itself."""
    trees = [one for path in _TREES.get(name, ()) if (one := survey.at(path)) is not None]
    if trees:
        return [node, *trees]
    package = survey.package(node)
    # Of a language's package the program is a mere part; busybox is one file under many names.
    if package is not None and package.type in ("deb", "apk", "rpm", "pypi"):
        return [
            one for one in survey.owned(survey.package_index(node)) if survey.table.kind[one] != Kind.FOLDER
        ]
    return [node]
