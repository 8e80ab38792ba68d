"""Programs that Bun or Deno runs: what both have in common, and Bun's own stages.

Where a family has no image of the runtime, its one program is copied into the family's base for C++ programs: both are
linked to glibc, and their publishers' own distroless images stand on releases of Debian that have ended.
"""

from __future__ import annotations

from dataclasses import replace

from slimdesk.basics.escaping import shell_word, visible
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage, Family
from slimdesk.dockerfile.compose import copy, entrypoint, env, expose, run, stage, user, workdir
from slimdesk.dockerfile.model import Instruction, Stage
from slimdesk.project.model import Component
from slimdesk.recipes.chosen import chosen, chosen_base, known
from slimdesk.recipes.fit_words import unavailable
from slimdesk.recipes.model import Fit, Options, Plan
from slimdesk.recipes.node_final import environment
from slimdesk.recipes.node_fit import PLAIN
from slimdesk.recipes.node_install import Installer
from slimdesk.recipes.node_shape import APP, place_of

TITLES = {"bun": "Bun", "deno": "Deno"}
_RANKS: dict[Family, int] = {
    "distroless": 0, "slim": 20, "chainguard": 30, "alpine": 40, "full": 50,
}  # fmt: skip
_WHAT: dict[Family, str] = {
    "full": "{title}'s official image on Debian, with a shell and apt.",
    "slim": "{title}'s official image on a small Debian: a shell and apt stay for emergencies.",
    "alpine": "{title}'s official image on Alpine, with a shell.",
    "distroless": "{title}'s one program on distroless' C and C++ libraries: no shell, and a user of its own.",
    "chainguard": "{title}'s one program on Wolfi's C and C++ libraries, rebuilt daily, without a shell.",
}
_SHELL_MISSED = 60


def runtime_of(component: Component) -> str:
    """Return bun, deno or node: the program that starts the component."""
    word = str(next(iter(component.entrypoint or ()), component.value("runtime", "node")))
    return word if word in TITLES else "node"


def fit(component: Component, family: Family, catalog: Catalog) -> Fit:
    """Say whether `family` can serve a program of Bun or Deno."""
    runtime = runtime_of(component)
    title = TITLES[runtime]
    folder = component.folder
    if folder and not PLAIN.fullmatch(folder):
        return unavailable(
            family, f"The folder {visible(folder, 80)} has a name that a Dockerfile cannot take. Rename it."
        )
    if family == "scratch":
        return unavailable(
            family,
            f"{title} needs a C library, and scratch holds no file at all: distroless is the smallest that works.",
        )
    if family == "chiselled":
        return unavailable(family, f"The chiselled images are for .NET: none of them holds {title}.")
    builder = catalog.find("slim", runtime, role="builder")
    base, extra = catalog.find(family, runtime), None
    if base is None and family in ("distroless", "chainguard"):
        base = catalog.find(family, "cxx") or catalog.find(family, "glibc")
        extra = catalog.find("scratch", runtime, role="builder") or builder
    if family == "alpine" and runtime == "bun":
        builder = catalog.find("alpine", runtime, role="builder")
    if base is None or builder is None:
        return unavailable(family, f"The catalogue has no image of this family that holds {title}.")
    reasons, rank = [_WHAT[family].format(title=title)], _RANKS[family]
    shell = component.fact("shell")
    if shell is not None and not base.shell:
        reasons.append(f"The code starts a shell ({shell.evidence}), and there is none: that part will fail.")
        rank += _SHELL_MISSED
    return Fit(
        family, available=True, reason=" ".join(reasons), base=base, builder=builder, extra=extra, rank=rank
    )


def plan(component: Component, fit: Fit, options: Options) -> Plan:
    """Write the stages of a program that Bun runs; `fit` is available."""
    _, builder = chosen(component, fit)
    component = with_bun(component)
    image = BunImage(component, builder, options)
    stages = [
        *image.stages(),
        *final(component, fit, image.payload(), APP if not image.folder else f"{APP}/{image.folder}"),
    ]
    return Plan(tuple(stages), ("**/node_modules",))


def baseline(component: Component, catalog: Catalog, options: Options) -> tuple[BaseImage, Plan]:
    """Write the single stage, run as root, of a first Dockerfile for Bun."""
    base = known(catalog.find("full", "bun"), "Bun")
    component = with_bun(component)
    image = BunImage(component, base, options)
    body = [
        workdir(APP, "Everything happens in one folder."),
        copy("The whole project, so every change installs everything again.", ".", "./"),
        run("All packages; they stay in the image.", image.installer.all()),
        *image.build(),
        *environment(component),
        *_exposed(component),
        entrypoint(start(component, base.interpreter or "bun"), "Starts the program, as root."),
    ]
    return base, Plan((stage("final", base.reference, "The full official image, for everything.", body),), ())


def with_bun(component: Component) -> Component:
    """Return the component with Bun as its package manager: its image holds no other."""
    facts = component.facts
    if component.package_manager != "bun":
        facts = tuple(fact for fact in facts if fact.key not in ("lockfile", "package_manager_version"))
    facts = tuple(
        replace(fact, value=f"bun run {str(fact.value).rpartition(' ')[2]}") if fact.key == "build" else fact
        for fact in facts
    )
    return replace(component, package_manager="bun", facts=facts)


class BunImage:
    """The stages before the last one, and what is taken from them."""

    def __init__(self, component: Component, builder: BaseImage, options: Options) -> None:
        self.component = component
        self.builder = builder
        self.options = options
        self.installer = Installer(component)
        self.folder = component.folder
        counts = ("dependencies", "development_dependencies")
        self.has_packages = any(component.value(key, 0) for key in counts) or self.installer.workspace
        self.has_build = component.fact("build") is not None

    def stages(self) -> list[Stage]:
        """Write them: the packages of production, and the build on top of all packages where there is one."""
        found = []
        if self.has_packages:
            found.append(
                self._installed(
                    "production",
                    "Here only the packages that the program needs are installed.",
                    self.installer.production(),
                    production=True,
                )
            )
        if self.has_build:
            reason = "Here all packages are installed, those for the build too."
            found.append(self._installed("dependencies", reason, self.installer.all()))
            sources = copy(
                "The sources, after the packages: a change of code installs nothing again.", ".", "./"
            )
            # Members of a workspace have packages of their own beside the shared ones.
            packages = f"rm -rf {APP}/node_modules"
            if self.installer.workspace:
                packages = f"find {APP} -name node_modules -prune -exec rm -rf '{{}}' +"
            clean = run("What is for the build alone does not go on from here.", packages)
            found.append(
                stage(
                    "build", "dependencies", "Builds on top of the packages.", [sources, *self.build(), clean]
                )
            )
        return found

    def build(self) -> list[Instruction]:
        """Write the project's own build."""
        fact = self.component.fact("build")
        if fact is None:
            return []
        words = " ".join(shell_word(word) for word in str(fact.value).split())
        here = [workdir(f"{APP}/{self.folder}", "The component's own folder.")] if self.folder else []
        return [*here, run("The project's own build.", words, evidence=fact.evidence)]

    def payload(self) -> list[Instruction]:
        """What the image gets."""
        found = []
        if self.has_packages:
            what = APP if self.installer.workspace else f"{APP}/node_modules"
            found.append(copy("The packages, production only.", what, what, from_="production"))
        reason = "The program. It stays root's: what runs cannot change it."
        if self.has_build:
            found.append(copy(reason, f"{APP}/", f"{APP}/", from_="build"))
        else:
            found.append(copy(reason, ".", f"{APP}/"))
        return found

    def _installed(self, name: str, reason: str, command: str, *, production: bool = False) -> Stage:
        groups = self.installer.manifests()
        manifests = (
            [copy("Everything at once: an install script needs more than the manifests.", ".", "./")]
            if groups is None
            else [copy("Only what names the packages: they are installed again only when these files change.", *files, to) for files, to in groups]
        )  # fmt: skip
        why = (
            "Exactly the versions of the lock file."
            if self.installer.has_lock
            else "There is no lock file: the newest versions that are allowed."
        )
        mounts = self.installer.mounts if self.options.cache_mounts else ()
        place = self.component.evidence("lockfile")
        body = [
            workdir(APP, "The same path as in the final image."),
            *manifests,
            run(
                why,
                *self.installer.script_deletion(production=production, tool="bun pm"),
                command,
                mounts=mounts,
                evidence=place,
            ),
        ]
        return stage(name, self.builder.reference, reason, body)


def final(
    component: Component, fit: Fit, payload: list[Instruction], folder: str, *more: Instruction
) -> list[Stage]:
    """Write the last stage, and the one that the runtime is copied from where the base has none."""
    base, extra = chosen_base(component, fit), fit.extra
    runtime = runtime_of(component)
    stages, body = [], []
    program = base.interpreter or f"/usr/local/bin/{runtime}"
    if extra is not None:
        program = f"/usr/local/bin/{runtime}"
        stages.append(stage("runtime", extra.reference, f"Holds {TITLES[runtime]}, one program.", ()))
        body.append(copy("The runtime.", extra.interpreter or f"/{runtime}", program, from_="runtime"))
    body += [env("What libraries look at to leave out help for developers.", NODE_ENV="production"), *more]
    body += [*environment(component), *payload]
    body.append(
        workdir(
            folder,
            "Relative paths of the program start here. The folder belongs to root, so the code stays as it is.",
        )
    )
    body.append(user(base.run_user, base.run_group, "Not root; a number, so that Kubernetes can check it."))
    body += _exposed(component)
    fact = component.fact("entrypoint") or component.fact("start")
    reason = "Starts the program without a shell in between, so that it gets the signals itself."
    body.append(entrypoint(start(component, program), reason, place_of(fact)))
    why = f"What ships: {TITLES[runtime]}, {fit.family}."
    if base.tag == "latest":
        # hadolint DL3007: the free image has no other tag.
        why += " There is no other tag than latest; a digest pins it."
    return [*stages, stage("final", base.reference, why, body)]


def start(component: Component, program: str) -> tuple[str, ...]:
    """Return what starts the program, without what helps to develop."""
    words = [
        word
        for word in (component.entrypoint or ())[1:]
        if word not in ("--watch", "--hot", "--no-clear-screen")
    ]
    return (program, *words)


def _exposed(component: Component) -> list[Instruction]:
    if component.port is None:
        return []
    return [expose(component.port, "The port that the program listens on.", component.evidence("port"))]
