"""Go: compile once in the golang image, ship the program alone.

The build stage is the same for every family whose program is static, so that rivals share its cache.
"""

from __future__ import annotations

from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage, Family
from slimdesk.dockerfile.compose import (
    arg,
    copy,
    entrypoint,
    env,
    expose,
    healthcheck,
    run,
    run_exec,
    stage,
    user,
    workdir,
)
from slimdesk.dockerfile.model import Instruction, Stage
from slimdesk.project.model import Component, Evidence
from slimdesk.recipes import go_fit
from slimdesk.recipes.go_facts import (
    PLAIN,
    binary_name,
    build_flags,
    build_tags,
    change_folder,
    copies_time_zones,
    ignore_exceptions,
    missing_programs,
    module_files,
    module_folder,
    package_argument,
    place_of,
    start_arguments,
)
from slimdesk.recipes.go_libraries import packages_for
from slimdesk.recipes.model import Fit, Options, Plan

MODULE_CACHE = "type=cache,target=/go/pkg/mod"
BUILD_CACHE = "type=cache,target=/root/.cache/go-build"
CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
ZONE_ARCHIVE = "/usr/local/go/lib/time/zoneinfo.zip"
# The user that Debian and Alpine both know, for programs that ask who they are.
NOBODY = 65534


class GoRecipe:
    """The recipe of the language profile `go`."""

    profile = "go"

    def fit(self, component: Component, family: Family, catalog: Catalog) -> Fit:
        """Say whether `family` can serve `component`."""
        return go_fit.fit(component, family, catalog)

    def plan(self, component: Component, fit: Fit, options: Options) -> Plan:
        """Write the multi-stage build; `fit` is available."""
        if fit.base is None or fit.builder is None:
            raise ValueError(f"{fit.family} is not available")
        return _Writer(component, fit.base, fit.builder, options).plan()

    def baseline(self, component: Component, catalog: Catalog, options: Options) -> tuple[BaseImage, Plan]:
        """Write the single-stage image, run as root, that tutorials write."""
        del options
        chosen = go_fit.compiler(component, catalog, "full")
        if chosen is None:
            raise ValueError("the catalogue has no golang image")
        binary = f"/usr/local/bin/{binary_name(component)}"
        body: list[Instruction] = [
            *_fetching(component, chosen.image),
            workdir("/src", "Everything happens in one folder."),
            copy("The whole project, so every change compiles everything again.", ".", "."),
            *_module_made(component),
            run(
                "Compiles the program; the compiler, the sources and its caches stay in the image.",
                f"go build {build_flags(component)}-o {binary} {package_argument(component)}",
                evidence=place_of(component, "package"),
            ),
            *_exposed(component),
            entrypoint((binary, *start_arguments(component)), "Starts the program, as root."),
        ]
        first = stage("final", chosen.image.reference, f"One stage on the full image. {chosen.reason}", body)
        return chosen.image, Plan((first,))


RECIPE = GoRecipe()


class _Writer:
    """Writes the stages of one component on one base."""

    def __init__(self, component: Component, base: BaseImage, builder: BaseImage, options: Options) -> None:
        self.component = component
        self.base = base
        self.builder = builder
        self.options = options
        self.cgo = go_fit.uses_cgo(component)
        self.alpine = builder.libc == "musl"
        self.binary = binary_name(component)
        # A program with C code is compiled where it will run: crossing would need another C compiler.
        self.crossing = options.platform is not None and not self.cgo
        libraries = tuple(component.all("system_library")) if self.cgo else ()
        self.build_packages, self.run_packages, self.unknown = packages_for(libraries, alpine=self.alpine)
        self.findings: list[Finding] = []

    def plan(self) -> Plan:
        """Return the stages and what is to be told."""
        stages = [self._build()]
        if "tmp" in self.base.lacks:
            stages.append(self._rootfs())
        stages.append(self._final())
        if self.unknown:
            self._tell_unknown()
        self._tell_missing_programs()
        return Plan(tuple(stages), ignore_exceptions(self.component), tuple(self.findings))

    # The build stage

    def _build(self) -> Stage:
        component = self.component
        body = [
            *_fetching(component, self.builder),
            workdir("/src", "Where the sources go; absolute, so that it does not depend on the image."),
            *self._compiler_packages(),
            *self._modules(),
            copy("The sources; what .dockerignore names stays out.", ".", "."),
            *_module_made(component),
            *self._targets(),
            self._compile(),
        ]
        reason = _builder_reason(component, self.builder)
        platform = "$BUILDPLATFORM" if self.crossing else None
        version = component.fact("toolchain") or component.fact("version")
        place = version.evidence if version is not None else None
        return stage("build", self.builder.reference, reason, body, platform=platform, evidence=place)

    def _compiler_packages(self) -> list[Instruction]:
        """Versions are not pinned (hadolint DL3008, DL3018): the base's release is, and old ones leave its archive."""
        if not self.cgo:
            return []
        place = place_of(self.component, "system_library") or place_of(self.component, "cgo")
        if self.alpine:
            compilers = ["g++" if self.component.value("cgo_cxx") is True else "gcc", "musl-dev"]
            packages = [*compilers, *(["pkgconf"] if self.build_packages else []), *self.build_packages]
            return [
                run(
                    "Go's Alpine image has no C compiler, and cgo needs one.",
                    f"apk add --no-cache {' '.join(packages)}",
                    evidence=place,
                )
            ]
        if not self.build_packages:
            return []
        return [
            _apt(
                "The C libraries that the program is linked to, with their headers.",
                self.build_packages,
                place,
            )
        ]

    def _modules(self) -> list[Instruction]:
        """Download modules before the sources are copied, where a few files alone decide which."""
        component = self.component
        if component.value("module") is None or component.value("vendored") is True:
            return []
        files = module_files(component)
        if not files:
            return []
        place = (
            place_of(component, "workspace")
            or place_of(component, "requires")
            or place_of(component, "module")
        )
        reason = "Only what names the modules: the next step is done again only when these files change."
        copies = [
            copy(reason, *names, f"./{folder}/" if folder else "./", evidence=place)
            for folder, names in files.items()
        ]
        return [
            *copies,
            run(
                "Downloads the modules once, before the sources, so that a change of code does not repeat it.",
                f"go mod download{change_folder(module_folder(component))}",
                mounts=self._mounts(MODULE_CACHE),
            ),
        ]

    def _targets(self) -> list[Instruction]:
        if not self.crossing:
            return []
        reason = "The platform to compile for; the build itself runs on this machine's own."
        return [arg("TARGETOS", reason), arg("TARGETARCH", reason)]

    def _compile(self) -> Instruction:
        component = self.component
        inside = module_folder(component)
        target = 'GOOS="$TARGETOS" GOARCH="$TARGETARCH" ' if self.crossing else ""
        tags = build_tags(component, musl=self.alpine and self.cgo)
        command = (
            f"CGO_ENABLED={int(self.cgo)} {target}go build{change_folder(inside)} -trimpath "
            f'-ldflags="-s -w" {build_flags(component, tags)}-o /out/{self.binary} {package_argument(component)}'
        )
        if self.cgo:
            why = "Compiles the program and its C code"
        else:
            why = "Compiles a static program: without cgo it needs no C library where it runs"
        return run(
            f"{why}; -s -w leaves out symbols, -trimpath the paths of the build machine.",
            command,
            mounts=self._mounts(MODULE_CACHE, BUILD_CACHE),
            evidence=place_of(component, "cgo" if self.cgo else "package"),
        )

    def _mounts(self, *mounts: str) -> tuple[str, ...]:
        return mounts if self.options.cache_mounts else ()

    # What scratch lacks

    def _rootfs(self) -> Stage:
        commands = ["mkdir -p /rootfs/etc /rootfs/tmp", "chmod 1777 /rootfs/tmp"]
        reason = "Makes /tmp, writable for everybody: scratch is empty and has no shell to make it with."
        place = place_of(self.component, "writes_tmp")
        if self.component.value("user_lookup") is True:
            commands += [
                "echo 'nonroot:x:65532:65532:nonroot:/tmp:/sbin/nologin' > /rootfs/etc/passwd",
                "echo 'nonroot:x:65532:' > /rootfs/etc/group",
            ]
            reason = "Makes /tmp and the entries of the user, whom the program looks up: scratch is empty."
            place = place_of(self.component, "user_lookup")
        return stage(
            "rootfs",
            "build",
            "Prepares the few files that scratch does not have.",
            [run(reason, *commands, evidence=place)],
        )

    # The final stage

    def _final(self) -> Stage:
        component, base = self.component, self.base
        files = self._runtime_files()
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
            self._user(),
            *_exposed(component),
            *self._healthcheck(),
            entrypoint(
                (f"/{self.binary}", *start_arguments(component)),
                "Starts the program directly, as process 1, so that it gets the signals; no shell is needed.",
                place_of(component, "entrypoint") or place_of(component, "binary"),
            ),
        ]
        return stage("final", base.reference, _base_reason(base, cgo=self.cgo), body)

    def _runtime_packages(self) -> list[Instruction]:
        place = place_of(self.component, "system_library")
        if self.base.package_manager == "apk" and self.cgo:
            packages = [*self.run_packages]
            if self.component.value("cgo_cxx") is True:
                packages = ["libstdc++", *packages]
            if packages:
                reason = "The libraries that the program is linked to."
                return [run(reason, f"apk add --no-cache {' '.join(packages)}", evidence=place)]
        if self.base.package_manager == "apt" and self.run_packages:
            packages = [*(self.build_packages if self.base.family == "full" else self.run_packages)]
            return [_apt("The C libraries that the program is linked to.", tuple(packages), place)]
        return []

    def _borrowed(self) -> list[Instruction]:
        """Files that this base lacks, taken from the build stage: it needs no package manager for that."""
        component, lacks = self.component, self.base.lacks
        found: list[Instruction] = []
        if "tmp" in lacks:
            found.append(
                copy(
                    "The folder for temporary files, with the rights it needs.",
                    "/rootfs/",
                    "/",
                    from_="rootfs",
                )
            )
        if "ca-certificates" in lacks:
            found.append(
                copy(
                    "The certificates of the authorities, without which HTTPS to others fails.",
                    CA_BUNDLE,
                    CA_BUNDLE,
                    from_="build",
                    evidence=place_of(component, "ca_certificates"),
                )
            )
        if copies_time_zones(component, self.base):
            place = place_of(component, "time_zones")
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

    def _runtime_files(self) -> list[Instruction]:
        """Files that the program opens by a relative path, beside it."""
        inside = module_folder(self.component)
        prefix = f"/src/{inside}/" if inside else "/src/"
        found: dict[str, Instruction] = {}
        for fact in self.component.all("runtime_file"):
            name = str(fact.value)
            if PLAIN.fullmatch(f"{inside or 'a'}/{name}") and ".." not in name.split("/"):
                found[name] = copy(
                    "The program opens this at run time.",
                    f"{prefix}{name}",
                    f"./{name}",
                    from_="build",
                    evidence=fact.evidence,
                )
            else:
                self.findings.append(
                    Finding(
                        "runtime-file-left-out",
                        "warning",
                        f"The program opens {visible(name, 100)}, whose name cannot be written into a Dockerfile safely.",
                        path=fact.evidence.path if fact.evidence else None,
                        line=fact.evidence.line if fact.evidence else None,
                        fix="Rename it with letters, digits, dots and dashes, or add a COPY by hand.",
                    )
                )
        return list(found.values())

    def _user(self) -> Instruction:
        base = self.base
        looked_up = self.component.value("user_lookup") is True
        if looked_up and base.user == 0 and "passwd" not in base.lacks:
            return user(
                NOBODY, NOBODY, "Not root; nobody has an entry in /etc/passwd, which the program looks up."
            )
        return user(
            base.run_user,
            base.run_group,
            "Not root; by number, so that Kubernetes can see it (runAsNonRoot).",
        )

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
        path, port = self.component.value("health_path", "/"), self.component.port
        if port is None:
            return None
        url = f"http://127.0.0.1:{port}{path}"
        if self.base.package_manager == "apk":
            return ("wget", "-q", "--spider", url)
        # buildpack-deps, which the golang image is made from, has curl.
        return ("curl", "-fsS", "-o", "/dev/null", url) if self.base.family == "full" else None

    def _tell_missing_programs(self) -> None:
        for fact in missing_programs(self.component, self.base):
            what = "a shell" if fact.key == "shell" else visible(str(fact.value), 40)
            adds = self.base.package_manager is not None
            self.findings.append(
                Finding(
                    "program-missing",
                    "warning",
                    f"The program starts {what}, which {self.base.reference} does not hold.",
                    path=fact.evidence.path if fact.evidence else None,
                    line=fact.evidence.line if fact.evidence else None,
                    fix="Install its package in the final stage."
                    if adds
                    else "Take a family with a shell and a package manager, such as slim, or copy a static one in.",
                )
            )

    def _tell_unknown(self) -> None:
        names = ", ".join(visible(name, 40) for name in self.unknown)
        place = place_of(self.component, "system_library")
        self.findings.append(
            Finding(
                "unknown-library",
                "warning",
                f"SlimDesk does not know which package holds {names}, so the build may fail.",
                path=place.path if place else None,
                line=place.line if place else None,
                fix="Add its package to the build stage, and the one without -dev to the final stage.",
            )
        )


def _apt(reason: str, packages: tuple[str, ...], place: Evidence | None) -> Instruction:
    return run(
        reason,
        "apt-get update",
        f"apt-get install -y --no-install-recommends {' '.join(packages)}",
        "rm -rf /var/lib/apt/lists/*",
        evidence=place,
    )


def _builder_reason(component: Component, builder: BaseImage) -> str:
    wanted = go_fit.wanted_series(component)
    asked = f"{wanted[0]}.{wanted[1]}" if wanted else None
    kind = (
        "on Alpine, because what is linked to its C library runs only there" if builder.libc == "musl" else ""
    )
    if asked is None:
        version = f"Go {builder.version}; the project names no version"
    elif asked == builder.version:
        version = f"Go {asked}, as the project says"
    else:
        version = f"Go {builder.version} for a project that asks for {asked}"
    return f"Compiles the program; this stage is not shipped. {version}{', ' + kind if kind else ''}."


def _base_reason(base: BaseImage, *, cgo: bool) -> str:
    if base.name == "scratch":
        return "Starts from nothing: a static program needs no operating system around it."
    inside = base.note or (
        "It holds the C library that the program needs" if cgo else "What the program runs on"
    )
    return f"What is shipped. {inside}."


def _fetching(component: Component, builder: BaseImage) -> list[Instruction]:
    if not go_fit.fetches(component, builder):
        return []
    reason = f"The project asks for a newer Go than {builder.version}: lets Go download it (the image forbids that)."
    return [env(reason, place_of(component, "version"), GOTOOLCHAIN="auto")]


def _module_made(component: Component) -> list[Instruction]:
    """Make a module of a lone program."""
    if component.value("module") is not None:
        return []
    place = place_of(component, "package")
    made = [
        run_exec(
            "Makes a module of it, because there is no go.mod.",
            "go",
            "mod",
            "init",
            binary_name(component),
            evidence=place,
        )
    ]
    if component.fact("import") is not None:
        made.append(
            run_exec(
                "Finds the modules that it imports; without a go.mod nobody says which versions, so the newest come.",
                "go",
                "mod",
                "tidy",
                evidence=place_of(component, "import"),
            )
        )
    return made


def _exposed(component: Component) -> list[Instruction]:
    if component.port is None:
        return []
    return [
        expose(
            component.port,
            "Where it listens; documentation for people and tools.",
            place_of(component, "port"),
        )
    ]
