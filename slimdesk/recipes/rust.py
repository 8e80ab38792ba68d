"""Rust: compile dependencies and program in the rust image, ship the program alone.

Linked to glibc for distroless, Chainguard and Debian, to musl and static for scratch and Alpine.
"""

from __future__ import annotations

from slimdesk.basics.finding import Finding
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage, Family
from slimdesk.dockerfile.compose import copy, entrypoint, env, run, stage, workdir
from slimdesk.dockerfile.model import Instruction
from slimdesk.project.model import Component
from slimdesk.recipes import rust_fit
from slimdesk.recipes.chosen import chosen, known
from slimdesk.recipes.go_facts import start_arguments
from slimdesk.recipes.model import Fit, Options, Plan
from slimdesk.recipes.native_final import (
    Program,
    collects,
    emulation,
    exposed,
    final_stages,
    runtime_files,
    unknown_libraries,
)
from slimdesk.recipes.rust_build import BuildStages
from slimdesk.recipes.rust_facts import cargo_arguments, ignored, program_file
from slimdesk.recipes.told import told_at


class RustRecipe:
    """The recipe of the language profile `rust`."""

    profile = "rust"
    manifests: tuple[str, ...] = ("Cargo.toml", "Cargo.lock", "src/")
    left_by_tools: tuple[str, ...] = ()

    def fit(self, component: Component, family: Family, catalog: Catalog) -> Fit:
        """Say whether `family` can serve `component`."""
        return rust_fit.fit(component, family, catalog)

    def plan(self, component: Component, fit: Fit, options: Options) -> Plan:
        """Write the multi-stage build; `fit` is available."""
        base, builder = chosen(component, fit)
        build = BuildStages(component, builder, base, options)
        collected = collects(base) and bool(build.libraries)
        run_packages = () if build.static or collected else build.needed.run
        if base.family == "full":
            run_packages = build.needed.build if build.libraries else ()
        if build.dynamic_musl:
            run_packages = ("libgcc", *run_packages)
        program = Program(build.name, run_packages, collected, build.static, tuple(_settings(component)))
        stages, findings = final_stages(component, base, program, options, _base_reason(base))
        told = (
            *findings,
            *unknown_libraries(component, build.needed.unknown),
            *_advice(component),
            *emulation(options),
        )
        return Plan((*build.stages(collected=collected), *stages), ignored(component, builder), told)

    def baseline(self, component: Component, catalog: Catalog, options: Options) -> tuple[BaseImage, Plan]:
        """Write the single-stage image, run as root, that tutorials write."""
        image = known(catalog.find("full", "rust", role="builder"), "Rust")
        name = program_file(component)
        build = BuildStages(component, image, image, options)
        findings: list[Finding] = []
        files = runtime_files(component, findings)
        body: list[Instruction] = [
            *build.packages(),
            workdir("/src", "Everything happens in one folder."),
            *build.toolchain(),
            copy("The whole project, so every change compiles everything again.", ".", "."),
            run(
                "Compiles the program; the compiler, the sources and all that it made stay in the image.",
                f"cargo build --release {cargo_arguments(component)}",
                evidence=component.evidence("binary"),
            ),
            *(
                [workdir(f"/src/{component.folder}", "The program reads files relative to this folder.")]
                if files and component.folder
                else []
            ),
            *_settings(component),
            *exposed(component),
            entrypoint(
                (f"/target/release/{name}", *start_arguments(component)), "Starts the program, as root."
            ),
        ]
        reason = f"One stage on the full image. Rust {image.version}."
        return image, Plan((stage("final", image.reference, reason, body),), ignored(component, image))


RECIPE = RustRecipe()


def _settings(component: Component) -> list[Instruction]:
    if component.framework != "rocket":
        return []
    place = component.evidence("framework")
    values = {"ROCKET_ADDRESS": "0.0.0.0"}  # noqa: S104 - inside of the container
    if component.port is not None:
        values["ROCKET_PORT"] = str(component.port)
    return [
        env(
            "Rocket listens on 127.0.0.1 unless it is told otherwise, which nobody outside reaches.",
            place,
            **values,
        )
    ]


def _base_reason(base: BaseImage) -> str:
    if base.name == "scratch":
        return "Starts from nothing: a static program needs no operating system around it."
    return f"What is shipped. {base.note or 'It holds the C library that the program is linked to'}."


def _advice(component: Component) -> tuple[Finding, ...]:
    """What would make the program smaller or need less, in the project's own Cargo.toml."""
    found: list[Finding] = []
    missing = [name for name in ("lto", "panic") if component.value(f"profile_{name}") is None]
    if missing:
        lines = {"lto": 'lto = "thin"', "panic": 'panic = "abort"'}
        place = component.evidence("package")
        found.append(
            Finding(
                "smaller-program",
                "info",
                "The release profile leaves room: link-time optimisation and aborting on panic make programs smaller.",
                path=place.path if place else None,
                fix=f"Write {' and '.join(lines[name] for name in missing)} below [profile.release] in Cargo.toml, and measure; a "
                "program that catches panics must keep unwinding.",
            )
        )
    openssl = next((fact for fact in component.all("system_library") if fact.value == "openssl"), None)
    if openssl is not None:
        found.append(
            told_at(
                openssl.evidence,
                "links-openssl",
                "info",
                "The program is linked to OpenSSL, whose headers the build needs and whose library the image.",
                fix="Take rustls (a feature of most crates) and it needs neither, or the feature vendored of openssl.",
            )
        )
    return tuple(found)
