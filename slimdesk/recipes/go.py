"""Go: compile once in the golang image, ship the program alone.

The build stage is the same for every family whose program is static, so that rivals share its cache.
"""

from __future__ import annotations

from slimdesk.basics.finding import Finding
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage, Family
from slimdesk.dockerfile.compose import (
    copy,
    entrypoint,
    env,
    healthcheck,
    run,
    stage,
    workdir,
)
from slimdesk.dockerfile.model import Instruction, Stage
from slimdesk.project.model import Component, Evidence
from slimdesk.recipes import go_fit
from slimdesk.recipes.chosen import chosen, known
from slimdesk.recipes.go_build import BuildStage, fetching, linked, module_made, privately
from slimdesk.recipes.go_facts import (
    binary_name,
    build_flags,
    build_tags,
    change_folder,
    copies_certificates,
    copies_time_zones,
    ignore_exceptions,
    package_argument,
    start_arguments,
)
from slimdesk.recipes.model import Fit, Options, Plan
from slimdesk.recipes.native_final import (
    apt,
    essentials,
    exposed,
    program_user,
    programs_missing,
    runtime_files,
    unknown_libraries,
    web_question,
)
from slimdesk.recipes.told import told_at

ZONE_ARCHIVE = "/usr/local/go/lib/time/zoneinfo.zip"


class GoRecipe:
    """The recipe of the language profile `go`."""

    profile = "go"
    manifests: tuple[str, ...] = ("go.mod", "go.sum")
    left_by_tools: tuple[str, ...] = ("**/*.test", "**/coverage.out")

    def fit(self, component: Component, family: Family, catalog: Catalog) -> Fit:
        """Say whether `family` can serve `component`."""
        return go_fit.fit(component, family, catalog)

    def plan(self, component: Component, fit: Fit, options: Options) -> Plan:
        """Write the multi-stage build; `fit` is available."""
        return _Writer(component, *chosen(component, fit), options).plan()

    def baseline(self, component: Component, catalog: Catalog, options: Options) -> tuple[BaseImage, Plan]:
        """Write the single-stage image, run as root, that tutorials write."""
        compiler = known(go_fit.compiler(component, catalog, "full"), "Go")
        image = compiler.image
        binary = f"/usr/local/bin/{binary_name(component)}"
        build = BuildStage(component, image, options)
        folder = change_folder(component.folder)
        flags = build_flags(component, build_tags(component, musl=False))
        body: list[Instruction] = [
            *fetching(component, image),
            workdir("/src", "Everything happens in one folder."),
            *build.compiler_packages(),
            copy("The whole project, so every change compiles everything again.", ".", "."),
            *module_made(component),
            run(
                "Compiles the program; the compiler, the sources and its caches stay in the image.",
                f"{privately(component)}go build{folder} {flags}-o {binary} {package_argument(component)}",
                evidence=component.evidence("package"),
            ),
            *exposed(component),
            entrypoint((binary, *start_arguments(component)), "Starts the program, as root."),
        ]
        first = stage("final", image.reference, f"One stage on the full image. {compiler.reason}", body)
        return image, Plan((first,))


RECIPE = GoRecipe()


class _Writer:
    """Writes the stages of one component on one base."""

    def __init__(self, component: Component, base: BaseImage, builder: BaseImage, options: Options) -> None:
        self.component = component
        self.base = base
        self.options = options
        self.build = BuildStage(component, builder, options)
        self.cgo = self.build.cgo
        self.binary = self.build.binary
        self.findings: list[Finding] = []

    def plan(self) -> Plan:
        """Return the stages and what is to be told."""
        stages = [self.build.stage()]
        if "tmp" in self.base.lacks:
            stages.append(self._rootfs())
        stages.append(self._final())
        self.findings += unknown_libraries(self.component, self.build.unknown)
        self.findings += programs_missing(self.component, self.base)
        self._tell_version()
        return Plan(
            tuple(stages), ignore_exceptions(self.component), tuple(self.findings), self._copied_packages()
        )

    # What scratch lacks

    def _rootfs(self) -> Stage:
        commands = ["mkdir -p /rootfs/etc /rootfs/tmp", "chmod 1777 /rootfs/tmp"]
        reason = "Makes /tmp, writable for everybody: scratch is empty and has no shell to make it with."
        place = self.component.evidence("writes_tmp")
        if self.component.value("user_lookup") is True:
            commands += [
                "echo 'nonroot:x:65532:65532:nonroot:/tmp:/sbin/nologin' > /rootfs/etc/passwd",
                "echo 'nonroot:x:65532:' > /rootfs/etc/group",
            ]
            reason = "Makes /tmp and the entries of the user, whom the program looks up: scratch is empty."
            place = self.component.evidence("user_lookup")
        return stage(
            "rootfs",
            "build",
            "Prepares the few files that scratch does not have.",
            [run(reason, *commands, evidence=place)],
        )

    # The final stage

    def _final(self) -> Stage:
        component, base = self.component, self.base
        files = runtime_files(self.component, self.findings)
        body = [
            *self._runtime_packages(),
            *self._borrowed(),
            *(
                [workdir("/app", "The program reads files relative to the folder it starts in.")]
                if files
                else []
            ),
            *files,
            copy(
                "The program, and nothing else of the build.",
                f"/out/{self.binary}",
                f"/{self.binary}",
                from_="build",
            ),
            program_user(self.component, self.base),
            *exposed(component),
            *self._healthcheck(),
            entrypoint(
                (f"/{self.binary}", *start_arguments(component)),
                "Starts the program directly, as process 1, so that it gets the signals; no shell is needed.",
                component.evidence("entrypoint") or component.evidence("binary"),
            ),
        ]
        return stage("final", base.reference, _base_reason(base, cgo=self.cgo), body)

    def _runtime_packages(self) -> list[Instruction]:
        place = self.component.evidence("system_library")
        if self.base.package_manager == "apk" and self.cgo:
            packages = [*self.build.run_packages]
            if self.component.value("cgo_cxx") is True:
                packages = ["libstdc++", *packages]
            if packages:
                reason = "The libraries that the program is linked to."
                return [run(reason, f"apk add --no-cache {' '.join(packages)}", evidence=place)]
        if self.base.package_manager == "apt" and self.build.run_packages:
            packages = [
                *(self.build.build_packages if self.base.family == "full" else self.build.run_packages)
            ]
            return [apt("The C libraries that the program is linked to.", tuple(packages), place)]
        return []

    def _copied_packages(self) -> dict[str, Evidence | None]:
        """What a base without a package manager lacks of the libraries that the program is linked to."""
        if self.base.package_manager is not None or not go_fit.missing_libraries(self.component):
            return {}
        place = self.component.evidence("system_library")
        return dict.fromkeys(self.build.run_packages, place)

    def _borrowed(self) -> list[Instruction]:
        """Files that this base lacks, taken from the build stage: it needs no package manager for that."""
        component = self.component
        found = essentials(component, self.base, certificates=copies_certificates(component, self.base))
        if copies_time_zones(component, self.base):
            place = component.evidence("time_zones")
            found += [
                copy(
                    "Go's own table of time zones: the program asks for zones, and this image has none.",
                    ZONE_ARCHIVE,
                    "/usr/share/zoneinfo.zip",
                    from_="build",
                    evidence=place,
                ),
                env(
                    "Tells Go's time package where that table is.", place, ZONEINFO="/usr/share/zoneinfo.zip"
                ),
            ]
        return found

    def _healthcheck(self) -> list[Instruction]:
        if not self.options.healthcheck:
            return []
        command = self._health_command()
        if command is None:
            self.findings.append(
                Finding(
                    "no-healthcheck",
                    "info",
                    "There is no HEALTHCHECK: this image holds no program that could ask, and the application has no "
                    "healthcheck command of its own.",
                    fix="Add a healthcheck subcommand to the program, or let the orchestrator ask (an HTTP probe).",
                )
            )
            return []
        return [
            healthcheck(
                command, "Asks the program whether it is well; in exec form, because it needs no shell."
            )
        ]

    def _health_command(self) -> tuple[str, ...] | None:
        own = self.component.value("healthcheck")
        if isinstance(own, tuple) and own:
            return (f"/{self.binary}", *own)
        return web_question(self.component, self.base)

    def _tell_version(self) -> None:
        if not linked(self.component):
            return
        place = self.component.evidence("version_variable")
        self.findings.append(
            told_at(
                place,
                "version-from-outside",
                "info",
                "The project's own build writes a version into the program; an image's build sees no git history, so it says dev.",
                fix='Give it: docker build --build-arg VERSION="$(git describe --tags)".',
            )
        )


def _base_reason(base: BaseImage, *, cgo: bool) -> str:
    if base.name == "scratch":
        return "Starts from nothing: a static program needs no operating system around it."
    inside = base.note or (
        "It holds the C library that the program needs" if cgo else "What the program runs on"
    )
    return f"What is shipped. {inside}."
