"""C and C++: compile with the project's own build system, ship the program with the libraries that the base lacks."""

from __future__ import annotations

from slimdesk.basics.escaping import visible
from slimdesk.basics.finding import Finding
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage, Family
from slimdesk.dockerfile.compose import copy, entrypoint, stage, workdir
from slimdesk.dockerfile.model import Instruction
from slimdesk.project.model import Component
from slimdesk.recipes import cpp_fit
from slimdesk.recipes.chosen import chosen, known
from slimdesk.recipes.cpp_build import BuildStage, ignored
from slimdesk.recipes.go_facts import start_arguments
from slimdesk.recipes.model import Fit, Options, Plan
from slimdesk.recipes.native_final import (
    Program,
    collects,
    emulation,
    exposed,
    final_stages,
    unknown_libraries,
)
from slimdesk.recipes.told import told_at


class CppRecipe:
    """The recipe of the language profile `cpp`."""

    profile = "cpp"
    manifests: tuple[str, ...] = (
        "CMakeLists.txt",
        "meson.build",
        "configure.ac",
        "Makefile.am",
        "Makefile",
        "src/",
    )
    left_by_tools: tuple[str, ...] = ()

    def fit(self, component: Component, family: Family, catalog: Catalog) -> Fit:
        """Say whether `family` can serve `component`."""
        return cpp_fit.fit(component, family, catalog)

    def plan(self, component: Component, fit: Fit, options: Options) -> Plan:
        """Write the multi-stage build; `fit` is available."""
        base, builder = chosen(component, fit)
        build = BuildStage(component, builder, fit.family)
        dynamic = not build.static
        installs = base.package_manager is not None and (build.run_known or build.alpine)
        libraries = component.fact("system_library") is not None
        collected = (
            dynamic
            and not build.alpine
            and base.family != "full"
            and (collects(base) or (libraries and not installs))
        )
        packages = build.needed.run if dynamic and installs else ()
        if base.family == "full":
            packages = build.build_packages if dynamic and libraries else ()
        if build.alpine and component.value("cxx") is True:
            packages = ("libstdc++", *packages)
        # Certificates are for programs that speak TLS; those that do are linked to a library for it.
        certificates = any(
            str(fact.value) in ("openssl", "libcurl", "gnutls", "mbedtls")
            for fact in component.all("system_library")
        )
        program = Program(build.name, packages, collected, build.static, certificates=certificates)
        stages, findings = final_stages(component, base, program, options, _base_reason(base))
        return Plan(
            (build.stage(base, collected=collected), *stages),
            ignored(component),
            (*findings, *_told(component, build), *emulation(options)),
        )

    def baseline(self, component: Component, catalog: Catalog, options: Options) -> tuple[BaseImage, Plan]:
        """Write the single-stage image, run as root, that tutorials write."""
        del options
        image = known(catalog.find("full", "cpp", role="builder"), "gcc")
        build = BuildStage(component, image, "full")
        body: list[Instruction] = [
            *build.packages(),
            workdir("/src", "Everything happens in one folder."),
            copy("The whole project, so every change compiles everything again.", ".", "."),
            build.compile(),
            *exposed(component),
            entrypoint((f"/out/{build.name}", *start_arguments(component)), "Starts the program, as root."),
        ]
        first = stage("final", image.reference, f"One stage on the full image. GCC {image.version}.", body)
        return image, Plan((first,), ignored(component))


RECIPE = CppRecipe()


def _base_reason(base: BaseImage) -> str:
    if base.name == "scratch":
        return "Starts from nothing: a static program needs no operating system around it."
    return f"What is shipped. {base.note or 'It holds the C library that the program is linked to'}."


def _told(component: Component, build: BuildStage) -> tuple[Finding, ...]:
    found = unknown_libraries(component, build.needed.unknown)
    if component.value("fetches") is not None:
        found.append(
            told_at(
                component.evidence("fetches"),
                "fetched-while-building",
                "info",
                f"The build downloads {visible(str(component.value('fetches')), 60)} by itself, so it needs the network, and each "
                "change of code downloads again.",
                "Name an exact version (GIT_TAG with a commit), or take the library from Debian with find_package.",
            )
        )
    if component.value("cpp_manager") is not None:
        found.append(
            told_at(
                component.evidence("cpp_manager"),
                "package-manager",
                "info",
                f"{visible(str(component.value('cpp_manager')), 20)} is not run: the libraries that the build files name come from "
                "Debian, in Debian's versions.",
                "Add a step to the build stage where an exact version is needed.",
            )
        )
    return tuple(found)
