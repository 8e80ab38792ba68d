"""The stage in which a Go program is compiled; the same for every family whose program is static."""

from __future__ import annotations

import re

from slimdesk.basics.escaping import shell_word
from slimdesk.catalog.model import BaseImage
from slimdesk.dockerfile.compose import arg, copy, env, run, run_exec, stage, workdir
from slimdesk.dockerfile.model import Instruction, Stage
from slimdesk.project.model import Component
from slimdesk.recipes import go_fit
from slimdesk.recipes.go_facts import (
    binary_name,
    build_flags,
    build_tags,
    change_folder,
    module_files,
    package_argument,
)
from slimdesk.recipes.go_libraries import packages_for
from slimdesk.recipes.model import Options
from slimdesk.recipes.native_final import apt

# A sign-in for private modules: optional, and gone when the step is done (docs.docker.com, Build secrets).
NETRC = "type=secret,id=netrc,target=/root/.netrc"
MODULE_CACHE = "type=cache,target=/go/pkg/mod"
BUILD_CACHE = "type=cache,target=/root/.cache/go-build"
_PATTERNS = re.compile(r"[A-Za-z0-9*][\w.*/,-]{0,300}", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z0-9][\w./-]{0,200}\.[A-Za-z_]\w{0,60}", re.ASCII)


class BuildStage:
    """The stage that compiles one component; `libraries` are the C libraries that it is linked to."""

    def __init__(self, component: Component, builder: BaseImage, options: Options) -> None:
        self.component = component
        self.builder = builder
        self.options = options
        self.cgo = go_fit.uses_cgo(component)
        self.alpine = builder.libc == "musl"
        self.binary = binary_name(component)
        # A program with C code is compiled where it will run: crossing would need another C compiler.
        self.crossing = options.platform is not None and not self.cgo
        libraries = tuple(component.all("system_library")) if self.cgo else ()
        self.build_packages, self.run_packages, self.unknown = packages_for(libraries, alpine=self.alpine)

    def stage(self) -> Stage:
        """Write the stage `build`; it leaves the program at /out/NAME."""
        component = self.component
        body = [
            *fetching(component, self.builder),
            workdir("/src", "Where the sources go; absolute, so that it does not depend on the image."),
            *self.compiler_packages(),
            *self._modules(),
            copy("The sources; what .dockerignore names stays out.", ".", "."),
            *module_made(component),
            *self._targets(),
            *versioned(component),
            self._compile(),
        ]
        reason = _builder_reason(component, self.builder)
        platform = "$BUILDPLATFORM" if self.crossing else None
        version = component.fact("toolchain") or component.fact("version")
        place = version.evidence if version is not None else None
        return stage("build", self.builder.reference, reason, body, platform=platform, evidence=place)

    def compiler_packages(self) -> list[Instruction]:
        """Install what cgo needs. Versions are not pinned (hadolint DL3008, DL3018): the base's release is, and old ones leave its archive."""
        if not self.cgo:
            return []
        place = self.component.evidence("system_library") or self.component.evidence("cgo")
        if self.alpine:
            compilers = ["g++" if self.component.value("cgo_cxx") is True else "gcc", "musl-dev"]
            if self.component.fact("private_modules") is not None:
                compilers.append("git")
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
            apt(
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
            component.evidence("workspace") or component.evidence("requires") or component.evidence("module")
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
                f"{privately(component)}go mod download{change_folder(component.folder)}",
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
        inside = component.folder
        target = 'GOOS="$TARGETOS" GOARCH="$TARGETARCH" ' if self.crossing else ""
        tags = build_tags(component, musl=self.alpine and self.cgo)
        command = (
            f"{privately(component)}CGO_ENABLED={int(self.cgo)} {target}go build{change_folder(inside)} -trimpath "
            f'-ldflags="-s -w{linked(component)}" {build_flags(component, tags)}-o /out/{self.binary} {package_argument(component)}'
        )
        if self.cgo:
            why = "Compiles the program and its C code"
        else:
            why = "Compiles a static program: without cgo it needs no C library where it runs"
        return run(
            f"{why}; -s -w leaves out symbols, -trimpath the paths of the build machine.",
            command,
            mounts=self._mounts(MODULE_CACHE, BUILD_CACHE),
            evidence=component.evidence("cgo" if self.cgo else "package"),
        )

    def _mounts(self, *mounts: str) -> tuple[str, ...]:
        if not self.options.cache_mounts:
            return ()
        return (*mounts, NETRC) if self.component.fact("private_modules") else mounts


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


def privately(component: Component) -> str:
    """Return what makes the go command fetch private modules from where they are, followed by a blank.

    Not ENV: hadolint takes the name for that of a secret (DL3064).
    """
    value = component.value("private_modules")
    if not isinstance(value, str) or not _PATTERNS.fullmatch(value):
        return ""
    return f"GOPRIVATE={shell_word(value)} "


def linked(component: Component) -> str:
    """Return the linker's flag that sets the version, with a blank before it; empty where the project has none."""
    value = component.value("version_variable")
    return f" -X {value}=$VERSION" if isinstance(value, str) and _VARIABLE.fullmatch(value) else ""


def versioned(component: Component) -> list[Instruction]:
    """What the version is taken from: git's history is not in the build context."""
    if not linked(component):
        return []
    reason = "The version that the program tells; the build context holds no git history to read it from"
    return [arg("VERSION", reason, "dev")]


def fetching(component: Component, builder: BaseImage) -> list[Instruction]:
    """Let Go fetch a newer release of itself, where the project asks for one that no image has."""
    if not go_fit.fetches(component, builder):
        return []
    reason = f"The project asks for a newer Go than {builder.version}: lets Go download it (the image forbids that)."
    return [env(reason, component.evidence("version"), GOTOOLCHAIN="auto")]


def module_made(component: Component) -> list[Instruction]:
    """Make a module of a lone program."""
    if component.value("module") is not None:
        return []
    place = component.evidence("package")
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
                evidence=component.evidence("import"),
            )
        )
    return made
