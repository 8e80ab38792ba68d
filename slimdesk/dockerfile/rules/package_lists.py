"""Package lists and caches that a RUN leaves in a layer of the final image."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from slimdesk.basics.finding import Finding
from slimdesk.dockerfile.commands import Command, commands, kept_elsewhere
from slimdesk.dockerfile.edits import Edit, Lines
from slimdesk.dockerfile.view import View

RULE = "package-lists"


@dataclass(frozen=True, slots=True)
class _Manager:
    """`fills` writes lists or caches to `place`, `cleans` removes them."""

    name: str
    place: str
    fills: Callable[[Command], bool]
    cleans: Callable[[Command], bool]
    fix: str
    what: str = "the package lists and caches"


def _fills_apt(command: Command) -> bool:
    return command.runs("apt-get", "install", "update") or command.runs("apt", "install", "update")


def _cleans_apt(command: Command) -> bool:
    return command.removes("/var/lib/apt", "/var/lib/*")


def _fills_apk(command: Command) -> bool:
    return command.runs("apk", "add") and "--no-cache" not in command.words


def _cleans_apk(command: Command) -> bool:
    return command.removes("/var/cache/apk")


def _fills_dnf(command: Command) -> bool:
    return any(command.runs(program, "install") for program in ("dnf", "yum", "microdnf"))


def _cleans_dnf(command: Command) -> bool:
    cleans = any(command.runs(program, "clean") for program in ("dnf", "yum", "microdnf"))
    return cleans or command.removes("/var/cache/dnf", "/var/cache/yum")


def _fills_pip(command: Command) -> bool:
    return (
        command.runs("pip", "install") or command.runs("pip3", "install")
    ) and "--no-cache-dir" not in command.words


def _cleans_pip(command: Command) -> bool:
    return command.runs("pip", "cache") or command.removes("/root/.cache", "~/.cache")


_MANAGERS = (
    _Manager("apt", "/var/lib/apt", _fills_apt, _cleans_apt, "&& rm -rf /var/lib/apt/lists/*"),
    _Manager("apk", "/var/cache/apk", _fills_apk, _cleans_apk, "apk add --no-cache"),
    _Manager("dnf", "/var/cache/", _fills_dnf, _cleans_dnf, "&& dnf clean all"),
    _Manager("pip", "/root/.cache", _fills_pip, _cleans_pip, "pip install --no-cache-dir", "its cache"),
)


def check(view: View) -> Iterator[Finding]:
    """A warning for each RUN of the final image that installs and does not clean up in the same layer."""
    quiet_pip = any(
        word.startswith("PIP_NO_CACHE_DIR") for one in view.final.inherited("ENV") for word in one.arguments
    )
    for run in view.final.inherited("RUN"):
        called = commands(run)
        mounted = kept_elsewhere(run)
        for manager in _MANAGERS:
            if manager.name == "pip" and quiet_pip:
                continue
            if not any(map(manager.fills, called)) or any(map(manager.cleans, called)):
                continue
            if any(
                target.startswith(manager.place) or manager.place.startswith(target) for target in mounted
            ):
                continue
            message = f"{manager.name} leaves {manager.what} in this layer; removing them later frees nothing"
            yield Finding(RULE, "warning", message, line=run.line, fix=manager.fix)


def mend(view: View, lines: Lines, finding: Finding) -> tuple[Edit, ...]:
    """Clean up in the same layer, or do not keep a cache at all."""
    run = view.at(finding.line)
    fix = finding.fix or ""
    if run is None or run.form == "exec":
        return ()
    if fix == "apk add --no-cache":
        return lines.substituted(run, r"\bapk((?:[ \t]+-\S+)*)[ \t]+add\b", r"apk\1 add --no-cache")
    if fix.startswith("pip install"):
        return lines.substituted(run, r"\b(pip3?)[ \t]+install\b", r"\1 install --no-cache-dir")
    if run.heredocs or not fix.startswith("&& "):
        return ()
    return lines.substituted(run, r"\s*\Z", f" {fix}\n", 1)
