"""Programs that Deno runs: what they import is fetched in the build, the image holds it and fetches nothing.

Source: docs.deno.com, "Deno and Docker", "deno install" (`--entrypoint`, `--frozen`), environment variable DENO_DIR;
denoland/deno_docker (DENO_USE_CGROUPS).
"""

from __future__ import annotations

from slimdesk.basics.escaping import shell_word
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage
from slimdesk.dockerfile.compose import copy, entrypoint, env, expose, run, stage, workdir
from slimdesk.dockerfile.model import Instruction
from slimdesk.project.model import Component
from slimdesk.recipes import bun
from slimdesk.recipes.chosen import chosen, known
from slimdesk.recipes.model import Fit, Options, Plan
from slimdesk.recipes.node_final import environment
from slimdesk.recipes.node_fit import PLAIN
from slimdesk.recipes.node_shape import APP

FETCHED = "/deno-dir"
_RUNS = ("run", "serve")


def plan(component: Component, fit: Fit, options: Options) -> Plan:  # noqa: ARG001 - a recipe's form
    """Write the stages of a program that Deno runs; `fit` is available."""
    base, builder = chosen(component, fit)
    folder = f"{APP}/{component.folder}" if component.folder else APP
    body = [
        workdir(APP, "One folder for everything that follows."),
        env("Where Deno keeps what it fetched.", DENO_DIR=FETCHED),
        copy("The sources.", ".", "./"),
        *([workdir(folder, "The component's own folder.")] if folder != APP else []),
        *_built(component),
    ]
    manifests = _manifests(component)
    if manifests and folder == APP:
        fetched = [copy("Only what names the packages: they are fetched again only when these files change.", *manifests, "./"),
                   run("What the lock file and the import map name.", f"deno install{_frozen(component)}", evidence=component.evidence("lockfile"))]  # fmt: skip
        body[2:2] = fetched
    stages = [stage("build", builder.reference, "Deno fetches and checks what the program imports.", body)]
    owner = f"{base.run_user}:{base.run_group}"
    payload = [
        copy(
            "What the program imports; Deno keeps its own caches beside it.",
            FETCHED,
            FETCHED,
            from_="build",
            chown=owner,
        ),
        copy(
            "The program. It stays root's: what runs cannot change it.", f"{APP}/", f"{APP}/", from_="build"
        ),
    ]
    settings = env(
        "Nothing is fetched or asked for at run time; the container's own memory limit counts.",
        DENO_DIR=FETCHED,
        DENO_USE_CGROUPS="1",
        DENO_NO_UPDATE_CHECK="1",
        DENO_NO_PROMPT="1",
    )
    return Plan((*stages, *bun.final(component, fit, payload, folder, settings)), ("**/node_modules",))


def baseline(component: Component, catalog: Catalog, options: Options) -> tuple[BaseImage, Plan]:  # noqa: ARG001 - a recipe's form
    """Write the single stage, run as root, of a first Dockerfile for Deno."""
    base = known(catalog.find("full", "deno") or catalog.find("slim", "deno"), "Deno")
    body = [
        workdir(APP, "Everything happens in one folder."),
        copy("The whole project, so every change fetches everything again.", ".", "./"),
        *_built(component),
        *environment(component),
        *(
            []
            if component.port is None
            else [expose(component.port, "The port that the program listens on.")]
        ),
        entrypoint(bun.start(component, base.interpreter or "deno"), "Starts the program, as root."),
    ]
    return base, Plan((stage("final", base.reference, "The official image, for everything.", body),), ())


def _built(component: Component) -> list[Instruction]:
    found = []
    build = component.fact("build")
    if build is not None:
        words = " ".join(shell_word(word) for word in str(build.value).split())
        found.append(run("The project's own build.", words, evidence=build.evidence))
    file = entry_file(component)
    if file is not None:
        found.append(
            run(
                "Everything that the program imports, by itself or through others.",
                f"deno install --entrypoint {shell_word(file)}",
            )
        )
    return found


def entry_file(component: Component) -> str | None:
    """Return the module that is started; None for a package's own program or an address."""
    words = list((component.entrypoint or ())[1:])
    if words and words[0] in _RUNS:
        words = words[1:]
    file = next((word for word in words if not word.startswith("-")), None)
    return file if file is not None and PLAIN.fullmatch(file.removeprefix("./")) and ":" not in file else None


def _manifests(component: Component) -> list[str]:
    paths = [component.value("manifest"), component.value("lockfile")]
    names = [str(path).rpartition("/")[2] for path in paths if path]
    return names if component.value("manifest") and all(PLAIN.fullmatch(name) for name in names) else []


def _frozen(component: Component) -> str:
    return " --frozen" if component.fact("lockfile") is not None else ""
