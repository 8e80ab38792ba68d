"""What goes into a recipe and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from slimdesk.basics.finding import Finding
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage, Family
from slimdesk.dockerfile.model import Dockerfile, Stage
from slimdesk.project.model import Component, Evidence


@dataclass(frozen=True, slots=True)
class Options:
    """What a person may choose for a Dockerfile.

    `debug` adds a target with a shell, `debugger` one with the language's debugger besides.
    `packages` are Debian packages that the image gets besides, or the base's own where apk installs them.
    `digests` maps an image reference to the sha256:… that pins it; `mirrors` maps an upstream registry or name
    prefix to the prefix that replaces it, `default_mirrors` where neither they nor the project's slimdesk.toml say
    otherwise. `settings` are the facts that the caller has corrected already (FACT -> VALUE): they are only written down.
    """

    debug: bool = False
    debugger: bool = False
    cache_mounts: bool = True
    healthcheck: bool = False
    syntax: bool = False
    platform: str | None = None
    packages: tuple[str, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)
    mirrors: Mapping[str, str] = field(default_factory=dict)
    default_mirrors: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether a family can serve a component, and why, in a sentence that a newcomer understands.

    `rank` orders the families that fit, 0 the best; `needs` are things outside the project, such as a login. `extra` is
    an image that a program is copied from, such as a web server for a base that has none.
    """

    family: Family
    available: bool
    reason: str
    base: BaseImage | None = None
    builder: BaseImage | None = None
    extra: BaseImage | None = None
    rank: int = 99
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The stages that one language's recipe writes; the last one is what ships.

    Names of stages: `build` (and others before it), `final`. `ignore` are extra .dockerignore patterns. `findings`
    say what was asked for and could not be written, or what the person has to do. `packages` are those that the last
    stage needs besides, in the names of its base's distribution, with the places that ask for them: `recipes.packages`
    adds them, also where there is no package manager.
    """

    stages: tuple[Stage, ...]
    ignore: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    packages: Mapping[str, Evidence | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Generated:
    """A Dockerfile ready to be built.

    `context` is relative to the project; `target` is the stage to build; `base` the catalogue's image that `final`
    starts from (a debug variant may start from its debug image instead).
    """

    component: Component
    family: Family | None
    base: BaseImage
    dockerfile: Dockerfile
    text: str
    dockerignore: str
    context: str
    target: str
    findings: tuple[Finding, ...] = ()


class Recipe(Protocol):
    """One language's recipe; `recipes.registry` names them all.

    Labels, mirrors, digests, the debug variant, platform and the syntax line are added by `recipes.generate` to
    whatever a recipe writes; a recipe knows nothing of them (it honours `cache_mounts` and `healthcheck`, and may
    cross-compile where `platform` is set). Its module offers an instance as `RECIPE`.

    `manifests` are files and folders, from the component's own folder, that a build reads though no fact may name them;
    one that is not there does no harm. `left_by_tools` are .dockerignore patterns for what the language's tools leave behind.
    """

    profile: str
    manifests: tuple[str, ...]
    left_by_tools: tuple[str, ...]

    def fit(self, component: Component, family: Family, catalog: Catalog) -> Fit:
        """Say whether `family` can serve `component`."""

    def plan(self, component: Component, fit: Fit, options: Options) -> Plan:
        """Write the multi-stage build; `fit` is available."""

    def baseline(self, component: Component, catalog: Catalog, options: Options) -> tuple[BaseImage, Plan]:
        """Write the single-stage image, run as root, that tutorials write; one stage named `final`."""
