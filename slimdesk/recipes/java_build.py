"""The build stage of Java: Maven, Gradle or javac, dependencies before sources, and what is to be shipped in /out."""

from __future__ import annotations

from slimdesk.basics.escaping import shell_word
from slimdesk.catalog.model import BaseImage
from slimdesk.dockerfile.compose import copy, run, stage, workdir
from slimdesk.dockerfile.model import Instruction, Stage
from slimdesk.project.languages.java_frameworks import (
    CLASSES,
    INSTALLED,
    LIBRARIES,
    QUARKUS,
    SPRING_LAYERTOOLS,
    SPRING_TOOLS,
)
from slimdesk.project.model import Component
from slimdesk.recipes.java_facts import build_files, build_folders, evidence, layout, packed
from slimdesk.recipes.model import Options

SOURCE = "/src"
OUT = "/out"
# A fixed version: a prefix alone would take the newest of the day.
DEPENDENCY_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
# The earliest time that a zip file can hold safely. Source: maven.apache.org/guides/mini/guide-reproducible-builds.html
TIMESTAMP = "-Dproject.build.outputTimestamp=1980-02-01T00:00:00Z"
_UNIX = r"sed -i 's/\r$//' "


class JavaBuild:
    """Writes what comes before the final stage."""

    def __init__(self, component: Component, builder: BaseImage, options: Options) -> None:
        self.component = component
        self.builder = builder
        self.options = options
        self.folder = component.folder
        self.layout = layout(component)
        wrapper = component.value("wrapper")
        self.wrapper = wrapper if wrapper in ("mvnw", "gradlew") else None

    def stage(self, reason: str) -> Stage:
        """Return the stage `build`."""
        place = evidence(self.component, "version")
        body = [
            workdir(SOURCE, "Everything happens in one folder, which is not shipped."),
            *self.steps(),
            *self.collected(),
        ]
        return stage("build", self.builder.reference, reason, body, evidence=place)

    def steps(self) -> list[Instruction]:
        """Dependencies, sources, and the build itself."""
        manager = self.component.package_manager
        if manager == "maven":
            return [*self._first(self._maven_offline()), self._sources(), self._maven_package()]
        if manager == "gradle":
            return [*self._first(self._gradle_resolve()), self._sources(), self._gradle_package()]
        return [self._sources(), self._javac()]

    def package_command(self) -> tuple[str, ...]:
        """Return the commands that build and pack, for the single-stage image."""
        manager = self.component.package_manager
        if manager == "maven":
            return (*self._mended(), self._maven(*self._maven_goals()))
        if manager == "gradle":
            return (*self._mended(), self._gradle(self._task()))
        return self._javac_commands()

    # Maven

    def _maven(self, *words: str) -> str:
        program = "sh ./mvnw" if self.wrapper == "mvnw" else "mvn"
        return " ".join([program, "-B", "-ntp", *self._module(), *words])

    def _module(self) -> list[str]:
        """Which pom, and of a build with several modules this one with those that it needs."""
        top = self.component.value("reactor")
        if isinstance(top, str):
            root = self.component.from_context(top) or "pom.xml"
            holder = root.rpartition("/")[0]
            module = self.folder.removeprefix(f"{holder}/") if holder else self.folder
            chosen = [] if root == "pom.xml" else ["-f", shell_word(root)]
            return [*chosen, "-pl", shell_word(module or "."), "-am"]
        pom = self.component.value("pom")
        path = self.component.from_context(pom) if isinstance(pom, str) else None
        return ["-f", shell_word(path)] if path else []

    def _maven_goals(self) -> list[str]:
        goals = ["package"]
        if self.layout == LIBRARIES:
            goals += [f"{DEPENDENCY_PLUGIN}:copy-dependencies", "-DincludeScope=runtime"]
        return [*goals, "-DskipTests", TIMESTAMP]

    def _maven_offline(self) -> Instruction:
        several = self.component.value("reactor") is not None
        words = [f"{DEPENDENCY_PLUGIN}:go-offline"]
        reason = (
            "Fetches plugins and dependencies once, before the sources: a change of code does not repeat it."
        )
        if several:
            # The modules are dependencies of each other: compiling nothing makes them known, and what is missing comes later.
            words = ["-fn", "compile", *words]
            reason += " The modules themselves are not there yet, so nothing that fails here counts."
        return run(reason, *self._mended(), self._maven(*words), mounts=self._mounts())

    def _maven_package(self) -> Instruction:
        reason = "Compiles and packs; tests need their databases and belong to your pipeline. The fixed time makes equal sources equal files."
        return run(
            reason,
            *self._mended(),
            self._maven(*self._maven_goals()),
            mounts=self._mounts(),
            evidence=evidence(self.component, "layout", "framework", "jar"),
        )

    # Gradle

    def _gradle(self, *words: str) -> str:
        program = "sh ./gradlew" if self.wrapper == "gradlew" else "gradle"
        return " ".join([program, "--no-daemon", *words])

    def _task(self) -> str:
        task = self.component.value("gradle_task")
        return shell_word(task if isinstance(task, str) else "build")

    def _gradle_resolve(self) -> Instruction:
        task = self.component.value("gradle_task")
        project = str(task).rpartition(":")[0] if isinstance(task, str) else ""
        name = f"{project}:dependencies" if project else "dependencies"
        return run(
            "Fetches Gradle's plugins and the dependencies' descriptions once, before the sources.",
            *self._mended(),
            self._gradle(shell_word(name)),
            mounts=self._mounts(),
        )

    def _gradle_package(self) -> Instruction:
        return run(
            "Compiles and packs with this one task, which runs no tests: they belong to your pipeline.",
            *self._mended(),
            self._gradle(self._task()),
            mounts=self._mounts(),
            evidence=evidence(self.component, "gradle_task"),
        )

    # javac

    def _javac(self) -> Instruction:
        return run(
            "Compiles the sources; there is no build tool to ask.",
            *self._javac_commands(),
            evidence=evidence(self.component, "source"),
        )

    def _javac_commands(self) -> tuple[str, ...]:
        component = self.component
        root = component.value("source_root")
        # From here, so that no name is taken for an option.
        root = f"./{root}" if isinstance(root, str) and root != "." else "."
        source = component.from_context(str(component.value("source", ""))) or "Main.java"
        libraries = [
            path for fact in component.all("library") if (path := component.from_context(str(fact.value)))
        ]
        path = (
            f"-cp {shell_word(':'.join(dict.fromkeys(one.rpartition('/')[0] + '/*' for one in libraries)))} "
            if libraries
            else ""
        )
        words = f"javac -encoding UTF-8 {path}-d {OUT}/classes"
        if component.value("source_alone") is True:
            commands = [
                f"mkdir -p {OUT}/classes {OUT}/lib",
                f"{words} -sourcepath {shell_word(root)} {shell_word(source)}",
            ]
        else:
            # Quoted, because javac splits its list at spaces.
            listed = (
                "find "
                + shell_word(root)
                + " -name '*.java' -not -path '*/test/*' -not -path '*/tests/*' -printf '\"%p\"\\n' > /tmp/sources"
            )
            commands = [f"mkdir -p {OUT}/classes {OUT}/lib", listed, f"{words} @/tmp/sources"]
        if root != "." and component.value("source_alone") is not True:
            commands += [
                f"cp -R {shell_word(root + '/.')} {OUT}/classes",
                f"find {OUT}/classes -name '*.java' -delete",
            ]
        for fact in component.all("resources"):
            commands.append(f"cp -R {shell_word(str(fact.value) + '/.')} {OUT}/classes")
        if libraries:
            commands.append("cp " + " ".join(shell_word(one) for one in libraries) + f" {OUT}/lib/")
        return tuple(commands)

    # What is shipped

    def collected(self) -> list[Instruction]:
        """Put what is to be shipped into /out, in folders that become layers."""
        if self.layout == CLASSES:
            return []
        place = evidence(self.component, "layout", "jar", "gradle_task")
        jar = packed(self.component, self.folder)
        target = f"{self.folder}/" if self.folder else ""
        if self.layout == SPRING_TOOLS:
            return [
                run(
                    "Takes the jar apart, so that dependencies, which rarely change, are layers of their own.",
                    f"mkdir -p {OUT}/dependencies {OUT}/snapshot-dependencies {OUT}/application",
                    f"cp {jar} /tmp/app.jar",
                    f"java -Djarmode=tools -jar /tmp/app.jar extract --layers --force --destination {OUT}",
                    evidence=place,
                )
            ]
        if self.layout == SPRING_LAYERTOOLS:
            return [
                run(
                    "Takes the jar apart, so that dependencies, which rarely change, are layers of their own.",
                    f"mkdir -p {OUT}/dependencies {OUT}/spring-boot-loader {OUT}/snapshot-dependencies {OUT}/application",
                    f"cp {jar} /tmp/app.jar",
                    f"java -Djarmode=layertools -jar /tmp/app.jar extract --destination {OUT}",
                    evidence=place,
                )
            ]
        if self.layout == QUARKUS:
            output = (
                f"{target}{'build' if self.component.package_manager == 'gradle' else 'target'}/quarkus-app"
            )
            return [
                run(
                    "Puts what Quarkus made where the next stage finds it.",
                    f"mkdir -p {OUT}",
                    f"cp -R {shell_word(output + '/.')} {OUT}",
                    evidence=place,
                )
            ]
        if self.layout == INSTALLED:
            return [
                run(
                    "Takes the jars alone: the start script beside them needs a shell.",
                    f"mkdir -p {OUT}/lib",
                    f"cp {target}build/install/*/lib/*.jar {OUT}/lib/",
                    evidence=place,
                )
            ]
        commands = [f"mkdir -p {OUT}/lib", f"cp {jar} {OUT}/app.jar"]
        if self.layout == LIBRARIES:
            # Without dependencies Maven makes no folder for them.
            folder = shell_word(f"{target}target/dependency")
            commands.append(f"if [ -d {folder} ]; then cp -R {folder}/. {OUT}/lib/; fi")
        return [
            run(
                "Puts what is to be shipped under a name of its own, whatever its version.",
                *commands,
                evidence=place,
            )
        ]

    # What all have in common

    def _first(self, fetch: Instruction) -> list[Instruction]:
        files = build_files(self.component)
        if not files:
            return []
        reason = "Only what names the dependencies: the next step is done again only when these files change."
        copies = [copy(reason, *names, f"./{folder}/" if folder else "./") for folder, names in files.items()]
        copies += [
            copy("The build's own plugins.", f"{folder}/", f"./{folder}/")
            for folder in build_folders(self.component)
        ]
        return [*copies, fetch]

    def _sources(self) -> Instruction:
        return copy("The sources; what the image does not need is left out by .dockerignore.", ".", ".")

    def _mended(self) -> list[str]:
        """A script with Windows line ends does not run; its copy in the image is mended."""
        if self.wrapper is None or self.component.value("wrapper_crlf") is not True:
            return []
        return [_UNIX + self.wrapper]

    def _mounts(self) -> tuple[str, ...]:
        if not self.options.cache_mounts:
            return ()
        if self.component.package_manager == "gradle":
            home = "/root/.gradle" if self.wrapper else "/home/gradle/.gradle"
            # Gradle guards its folder against other processes of one machine, and each build is a machine of its own.
            return (f"type=cache,target={home},sharing=locked",)
        # Maven's folder of fetched files is not made for two builds at once.
        return ("type=cache,target=/root/.m2,sharing=locked",)
