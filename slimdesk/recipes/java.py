"""Java: build in an image with the JDK, ship the program on a Java runtime; dependencies are layers of their own."""

from __future__ import annotations

from slimdesk.basics.escaping import shell_word, visible
from slimdesk.basics.finding import Finding
from slimdesk.catalog.catalog import Catalog
from slimdesk.catalog.model import BaseImage, Family
from slimdesk.dockerfile.compose import copy, entrypoint, expose, healthcheck, run, stage, user, workdir
from slimdesk.dockerfile.model import Instruction, Stage
from slimdesk.project.languages.java_frameworks import (
    CLASSES,
    INSTALLED,
    LIBRARIES,
    QUARKUS,
    SPRING_LAYERTOOLS,
    SPRING_TOOLS,
)
from slimdesk.project.model import Component, Evidence
from slimdesk.recipes import java_fit
from slimdesk.recipes.chosen import chosen, known
from slimdesk.recipes.health import health_address
from slimdesk.recipes.java_build import OUT, JavaBuild
from slimdesk.recipes.java_facts import (
    build_files,
    evidence,
    layout,
    packed,
    packed_path,
    start,
    stated,
)
from slimdesk.recipes.java_link import RUNTIME, link_stage
from slimdesk.recipes.model import Fit, Options, Plan
from slimdesk.recipes.told import told_at

APP = "/app"
_HEALTH = (
    "public class Health { public static void main(String[] a) throws Exception { var c = (java.net.HttpURLConnection) "
    "java.net.URI.create(a[0]).toURL().openConnection(); c.setConnectTimeout(2000); c.setReadTimeout(3000); "
    "System.exit(c.getResponseCode() < 400 ? 0 : 1); } }"
)


class JavaRecipe:
    """The recipe of the language profile `java`."""

    profile = "java"
    manifests: tuple[str, ...] = ("pom.xml", "mvnw", "build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts", "gradle.properties", "gradlew", "src/main/java/")  # fmt: skip
    left_by_tools: tuple[str, ...] = ("**/hs_err_pid*.log", "**/*.hprof")

    def fit(self, component: Component, family: Family, catalog: Catalog) -> Fit:
        """Say whether `family` can serve `component`."""
        return java_fit.fit(component, family, catalog)

    def plan(self, component: Component, fit: Fit, options: Options) -> Plan:
        """Write the multi-stage build; `fit` is available."""
        base, builder = chosen(component, fit)
        build = JavaBuild(component, builder, options).stage(_builder_reason(component, builder))
        if options.healthcheck and component.port is not None:
            build = _with_health(build)
        stages: list[Stage] = [build]
        linked = java_fit.uses_jlink(component) and "java" not in base.serves
        if linked:
            stages.append(link_stage(component, builder, base))
        stages.append(_final(component, base, options, linked=linked))
        return Plan(tuple(stages), _ignore(component), _findings(component))

    def baseline(self, component: Component, catalog: Catalog, options: Options) -> tuple[BaseImage, Plan]:
        """Write the single-stage image, run as root, that tutorials write."""
        choice = java_fit.choose(component, catalog.versions("full", "java", "builder"), catalog)
        version = choice.version if choice is not None else catalog.default("java") or ""
        base = known(java_fit.builder(component, version, catalog), "Java")
        build = JavaBuild(component, base, options)
        body: list[Instruction] = [
            workdir(APP, "Everything happens in one folder."),
            copy("The whole project, so every change fetches everything again.", ".", "."),
            run("Compiles and packs; the build tool, the sources and all that was fetched stay in the image.", *build.package_command(),
                evidence=evidence(component, "layout", "framework", "jar")),
            *_exposed(component),
            entrypoint(_tutorial_start(component), "Starts the program, as root.", _start_place(component)),
        ]  # fmt: skip
        final = stage(
            "final",
            base.reference,
            "One stage on the image that builds: JDK, build tool and a whole Ubuntu.",
            body,
        )
        return base, Plan((final,), _ignore(component))


RECIPE = JavaRecipe()


def _final(component: Component, base: BaseImage, options: Options, *, linked: bool) -> Stage:
    java = f"{RUNTIME}/bin/java" if linked else base.interpreter or "java"
    words = start(component, java) or (java,)
    body: list[Instruction] = [workdir(APP, "The program starts in its own folder.")]
    if linked:
        body.append(
            copy(
                "The Java runtime, with only the modules that the program uses.",
                f"{RUNTIME}/",
                f"{RUNTIME}/",
                from_="runtime",
            )
        )
    body += _files(component)
    if options.healthcheck and component.port is not None:
        body.append(
            copy(
                "A class of a few lines that asks the program: there is no curl here.",
                "/health/",
                "/health/",
                from_="build",
            )
        )
    body.append(
        user(base.run_user, base.run_group, "Numeric, so that Kubernetes can check that it is not root.")
    )
    body += _exposed(component)
    if options.healthcheck and component.port is not None:
        asks = (java, "-cp", "/health", "Health", health_address(component))
        body.append(healthcheck(asks, "Java asks, because there is no curl here."))
    why = "Starts Java directly, as process 1, so that it gets the signals; no shell unfolds variables."
    if any(word.startswith("-XX:MaxRAM") for word in words):
        why += " The heap may take three quarters of the container's memory instead of one."
    body.append(entrypoint(words, why, _start_place(component)))
    reason = (
        "No shell, no package manager: the Java runtime and what it needs."
        if not base.shell
        else "What ships: the Java runtime without the build tool."
    )
    return stage("final", base.reference, reason, body, evidence=evidence(component, "version"))


def _files(component: Component) -> list[Instruction]:
    """COPY what was put into /out, the rarely changed first."""
    kind = layout(component)
    dependencies = "The dependencies: a layer that stays while only the code changes."
    application = "The application itself; owned by root, so it cannot change itself."
    if kind in (SPRING_TOOLS, SPRING_LAYERTOOLS):
        found = [copy(dependencies, f"{OUT}/dependencies/", "./", from_="build")]
        if kind == SPRING_LAYERTOOLS:
            found.append(
                copy(
                    "What finds the classes in the folders.",
                    f"{OUT}/spring-boot-loader/",
                    "./",
                    from_="build",
                )
            )
        found.append(
            copy(
                "Dependencies that are still in the making change more often.",
                f"{OUT}/snapshot-dependencies/",
                "./",
                from_="build",
            )
        )
        return [*found, copy(application, f"{OUT}/application/", "./", from_="build")]
    if kind == QUARKUS:
        return [
            copy(dependencies, f"{OUT}/lib/", "./lib/", from_="build"),
            copy("What starts it.", f"{OUT}/*.jar", "./", from_="build"),
            copy("What Quarkus worked out during the build.", f"{OUT}/quarkus/", "./quarkus/", from_="build"),
            copy(application, f"{OUT}/app/", "./app/", from_="build"),
        ]
    if kind == LIBRARIES:
        return [
            copy(dependencies, f"{OUT}/lib/", "./lib/", from_="build"),
            copy(application, f"{OUT}/app.jar", "./", from_="build"),
        ]
    if kind == INSTALLED:
        return [
            copy(
                "The program and its dependencies, without the start script.",
                f"{OUT}/lib/",
                "./lib/",
                from_="build",
            )
        ]
    if kind == CLASSES:
        libraries = (
            [copy(dependencies, f"{OUT}/lib/", "./lib/", from_="build")] if component.fact("library") else []
        )
        return [*libraries, copy(application, f"{OUT}/classes/", "./classes/", from_="build")]
    return [copy("The program with all its dependencies in one jar.", f"{OUT}/app.jar", "./", from_="build")]


def _with_health(build: Stage) -> Stage:
    from dataclasses import replace

    made = run(
        "A class that asks the program whether it is well: the runtime has no compiler and no curl.",
        "mkdir -p /health",
        f"printf '%s' '{_HEALTH}' > /tmp/Health.java",
        "javac -d /health /tmp/Health.java",
    )
    first, *rest = build.instructions
    return replace(build, instructions=(first, made, *rest))


def _exposed(component: Component) -> list[Instruction]:
    if component.port is None:
        return []
    return [expose(component.port, "The port it listens on.", evidence(component, "port"))]


def _tutorial_start(component: Component) -> tuple[str, ...]:
    """Return the start from where the build leaves its files; a shell finds a jar whose name nobody knows before."""
    if component.fact("entrypoint") is not None:
        return start(component, "java", APP) or ("java",)
    folder, kind = component.folder, layout(component)
    below = f"{folder}/" if folder else ""
    name = str(component.value("main_class", "Main"))
    path = packed_path(component, folder)
    if kind == QUARKUS:
        output = "build" if component.package_manager == "gradle" else "target"
        return ("java", "-jar", f"{below}{output}/quarkus-app/quarkus-run.jar")
    if kind == CLASSES:
        return ("java", "-cp", f"{OUT}/classes:{OUT}/lib/*", name)
    if kind == INSTALLED:
        return _found_by_shell(f'-cp "$(echo {shell_word(below + "build/install")}/*/lib)/*"', name)
    if kind == LIBRARIES:
        libraries = f"{below}target/dependency/*"
        if "*" not in path:
            return ("java", "-cp", f"{path}:{libraries}", name)
        return _found_by_shell(f'-cp "$(echo {packed(component, folder)}):"{shell_word(libraries)}', name)
    return ("java", "-jar", path) if "*" not in path else _found_by_shell(f"-jar {packed(component, folder)}")


def _found_by_shell(*words: str) -> tuple[str, ...]:
    first, *rest = words
    return ("sh", "-c", " ".join(["exec java", first, *(shell_word(word) for word in rest)]))


def _findings(component: Component) -> tuple[Finding, ...]:
    found: list[Finding] = []
    options = stated(component, "java_opts")
    if options is not None:
        place = options.evidence
        found.append(
            told_at(
                place,
                "java-opts",
                "info",
                "JAVA_OPTS is unfolded by a shell, and this image starts Java without one",
                fix="Set JAVA_TOOL_OPTIONS instead: Java reads it itself",
            )
        )
    desktop = stated(component, "desktop")
    if desktop is not None:
        place = desktop.evidence
        found.append(
            told_at(
                place,
                "no-screen",
                "warning",
                "The program opens a window, and a container has no screen",
                fix="Ship it as a desktop program, or start a part of it that needs no screen",
            )
        )
    for fact in component.all("private_repository"):
        place = fact.evidence
        found.append(
            told_at(
                place,
                "private-repository",
                "info",
                f"The build fetches from {visible(str(fact.value), 100)}, which may ask who you are",
                fix="Give the build a settings.xml as a secret: RUN --mount=type=secret,id=maven,target=/root/.m2/settings.xml",
            )
        )
    return tuple(found)


def _ignore(component: Component) -> tuple[str, ...]:
    """What builds outside of the image leave: beside each build file, so that a package of that name stays."""
    output = {"maven": ("target",), "gradle": ("build", ".gradle")}.get(component.package_manager or "", ())
    found = [
        f"{folder}/{name}" if folder else name
        for folder in build_files(component)
        for name in output
        if not folder.startswith((".mvn", "gradle"))
    ]
    return ("**/*.class", *dict.fromkeys(found))


def _builder_reason(component: Component, builder: BaseImage) -> str:
    tool = {"maven": "Maven", "gradle": "Gradle"}.get(component.package_manager or "", "javac")
    if component.value("wrapper") is not None:
        tool += " as the wrapper brings it"
    return f"Builds with Java {builder.version} and {tool}; this stage is not shipped."


def _start_place(component: Component) -> Evidence | None:
    return evidence(component, "entrypoint", "main_class", "jar", "framework")
