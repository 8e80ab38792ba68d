"""The stages in which a Rust program is compiled: a plan of its crates, the dependencies, then the program.

The plan keeps manifests and lock files and empties every source file, so that it changes only with these: the step that
compiles the dependencies is found in the cache after a change of code, as with cargo-chef, and no other image is needed.
"""

from __future__ import annotations

from slimdesk.basics.escaping import shell_word, visible
from slimdesk.catalog.model import BaseImage
from slimdesk.dockerfile.compose import copy, env, run, stage, workdir
from slimdesk.dockerfile.model import Instruction, Stage
from slimdesk.project.model import Component
from slimdesk.recipes.model import Options
from slimdesk.recipes.native_final import apk, apt, collect_step
from slimdesk.recipes.rust_facts import (
    cargo_arguments,
    kept_folders,
    needed_packages,
    program_file,
    wanted_toolchain,
)

CACHES = (
    "type=cache,target=/usr/local/cargo/registry",
    "type=cache,target=/usr/local/cargo/git/db",
)
# Good for a program, a library, a build script, a test and a procedural macro alike.
STUB = "#![allow(dead_code, missing_docs)] fn main() {}"
_MANIFESTS = "-name Cargo.toml -o -name Cargo.lock -o -name 'rust-toolchain*' -o -path '*/.cargo/config*' -o -name '*.rs'"


class BuildStages:
    """The stages `plan` and `build` of one component; the program is left at /out/NAME."""

    def __init__(self, component: Component, builder: BaseImage, base: BaseImage, options: Options) -> None:
        self.component = component
        self.builder = builder
        self.base = base
        self.options = options
        self.alpine = builder.libc == "musl"
        self.libraries = tuple(component.all("system_library"))
        # Alpine's own program may use Alpine's libraries; what runs elsewhere is static.
        self.dynamic_musl = self.alpine and bool(self.libraries) and base.family == "alpine"
        self.static = self.alpine and not self.dynamic_musl
        self.needed = needed_packages(component, alpine=self.alpine, static=self.static)
        self.name = program_file(component)

    def stages(self, *, collected: bool) -> list[Stage]:
        """Write both; `collected` adds the step that gathers the libraries."""
        return [self._plan(), self._build(collected=collected)]

    def packages(self) -> list[Instruction]:
        """Install what crates with C code need."""
        if not self.needed.build:
            return []
        place = self.component.evidence("system_library") or self.component.evidence("build_tool")
        reason = "What crates with C code are built with."
        return [
            apk(reason, self.needed.build, place) if self.alpine else apt(reason, self.needed.build, place)
        ]

    def toolchain(self) -> list[Instruction]:
        """Let rustup fetch the toolchain that the project asks for, where the image holds another."""
        wanted = wanted_toolchain(self.component, self.builder)
        if wanted is None:
            return []
        place = self.component.evidence("toolchain") or self.component.evidence("rust_version")
        return [
            run(
                "Fetches the Rust that the project asks for; the image holds another.",
                f"rustup toolchain install {shell_word(wanted)} --profile minimal",
                evidence=place,
            ),
            env("Compiles with it.", place, RUSTUP_TOOLCHAIN=wanted),
        ]

    def settings(self) -> list[Instruction]:
        """Variables that cargo reads, the same for dependencies and program."""
        values: dict[str, str] = {}
        if self.component.value("profile_strip") is None:
            values["CARGO_PROFILE_RELEASE_STRIP"] = "symbols"
        reason = "Leaves symbols out of the program, which makes it much smaller."
        found = [env(reason, self.component.evidence("package"), **values)] if values else []
        if self.dynamic_musl:
            reason = "Links to Alpine's shared libraries; without it Rust links everything into the program."
            found.append(
                env(
                    reason,
                    self.component.evidence("system_library"),
                    RUSTFLAGS="-C target-feature=-crt-static",
                )
            )
        elif self.static and self.libraries:
            reason = "Links the C libraries into the program."
            found.append(
                env(
                    reason,
                    self.component.evidence("system_library"),
                    PKG_CONFIG_ALL_STATIC="1",
                    OPENSSL_STATIC="1",
                )
            )
        return found

    def _plan(self) -> Stage:
        kept = kept_folders(self.component)
        keep = "".join(f" -o -path {shell_word(f'./{folder}/*')}" for folder in kept)
        spare = "".join(f" -not -path {shell_word(f'/plan/{folder}/*')}" for folder in kept)
        body = [
            workdir("/src", "Where the sources go."),
            copy("Everything, but only to make the plan of it.", ".", "."),
            run(
                "Keeps what decides about the dependencies and empties all sources, so that the plan is the same after a change "
                "of code.",
                f"printf '%s\\n' {shell_word(STUB)} > /stub.rs",
                "mkdir /plan",
                f"find . -not -type d \\( {_MANIFESTS}{keep} \\) -exec cp --parents '{{}}' /plan/ ';'",
                f"find /plan -name '*.rs'{spare} -exec cp /stub.rs '{{}}' ';'",
                evidence=self.component.evidence("lock_file") or self.component.evidence("package"),
            ),
        ]
        reason = "Makes a plan: which crates there are, without their code. This stage is not shipped."
        return stage("plan", self.builder.reference, reason, body)

    def _build(self, *, collected: bool) -> Stage:
        component = self.component
        arguments = cargo_arguments(component)
        body = [
            *self.packages(),
            workdir("/src", "Where the sources go; absolute, so that it does not depend on the image."),
            *self.toolchain(),
            *self.settings(),
            copy("The plan: manifests and empty sources.", "/plan/", "./", from_="plan"),
            run(
                "Compiles the dependencies, so that a change of code does not repeat it; the empty sources stand for the program.",
                f"cargo build --release {arguments}",
                mounts=self._mounts(),
                evidence=component.evidence("lock_file") or component.evidence("package"),
            ),
            copy("The sources; what .dockerignore names stays out.", ".", "."),
            run(
                "Compiles the program; touch tells cargo that the sources are newer than the empty ones.",
                "find . -name '*.rs' -exec touch '{}' +",
                f"cargo build --release {arguments}",
                "mkdir -p /out",
                # Below a folder of its own, where the project's cargo settings name a target.
                f"find /target -type f -path {shell_word(f'*/release/{self.name}')} -exec cp '{{}}' /out/ ';'",
                mounts=self._mounts(),
                evidence=component.evidence("binary"),
            ),
        ]
        if collected:
            body.append(collect_step(self.name, self.base, component.evidence("system_library")))
        place = component.evidence("toolchain") or component.evidence("version")
        return stage("build", self.builder.reference, self._reason(), body, evidence=place)

    def _reason(self) -> str:
        asked = self.component.version
        held = self.builder.version
        fetched = wanted_toolchain(self.component, self.builder)
        if asked is None:
            version = f"Rust {held}; the project names no version"
        elif fetched is not None:
            version = f"Rust {held}, whose rustup fetches {visible(fetched, 40)}"
        else:
            version = f"Rust {held} for a project that asks for {visible(asked, 40)}: newer releases compile what older ones did"
        kind = " On Alpine, because programs compiled there are static." if self.static else ""
        if self.dynamic_musl:
            kind = " On Alpine, because what is linked to its C library runs only there."
        return f"Compiles the program; this stage is not shipped. {version}.{kind}"

    def _mounts(self) -> tuple[str, ...]:
        return CACHES if self.options.cache_mounts else ()
