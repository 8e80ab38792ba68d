"""Runnable Gradle projects: which they are, which task packs them, what starts them."""

from __future__ import annotations

from collections.abc import Iterator

from slimdesk.basics.escaping import slug
from slimdesk.project.languages import java_config, java_source
from slimdesk.project.languages.java_component import Runnable, choose_main
from slimdesk.project.languages.java_frameworks import (
    INSTALLED,
    JAR,
    LIBRARIES,
    QUARKUS,
    Framework,
    framework_of,
    spring_layout,
)
from slimdesk.project.languages.java_gradle import (
    BUILD_FILES,
    CATALOG,
    GradleBuild,
    GradleProject,
    java_release,
    main_class,
    project_name,
    read_builds,
    repositories,
    without_layers,
)
from slimdesk.project.languages.java_maven_app import PUBLIC_HOSTS, STATE_MAIN
from slimdesk.project.languages.java_versions import from_tools
from slimdesk.project.languages.java_wrapper import add_wrapper
from slimdesk.project.model import Evidence
from slimdesk.project.walk import Tree, join

MAX_BUILD_FILES = 60
_SPRING, _QUARKUS = "org.springframework.boot", "io.quarkus"
_SHADOW = ("com.gradleup.shadow", "com.github.johnrengelman.shadow", "io.github.goooler.shadow", "shadow")
_KTOR = "io.ktor.plugin"
_MICRONAUT = ("io.micronaut.application", "io.micronaut.minimal.application")
_JVM = (
    "java",
    "java-library",
    "org.jetbrains.kotlin.jvm",
    "kotlin",
    "groovy",
    "scala",
    "org.jetbrains.kotlin.multiplatform",
)


def runnables(tree: Tree) -> Iterator[Runnable]:
    """Every Gradle project that can be started."""
    for build in read_builds(tree):
        found = [one for project in build.projects if (one := _runnable(tree, build, project)) is not None]
        if not found:
            file = build.projects[0].file or build.settings
            tree.problem(
                "This Gradle build cannot be understood: no project of it applies the application plugin, Spring Boot, Quarkus, Micronaut or "
                "shadow, or has a main method. Apply the application plugin with its mainClass in the project that is to be started",
                file,
            )
        yield from found


def _runnable(tree: Tree, build: GradleBuild, project: GradleProject) -> Runnable | None:
    plugins = project.plugins
    one = Runnable(
        slug(project_name(build, project, tree), "app"), project.folder, build.folder, "gradle", INSTALLED
    )
    below = join(project.folder, "src")
    one.files = java_source.sources(tree, below) if tree.has_folder(below) else []
    one.config = java_config.read_config(tree, project.folder)
    one.artefacts = dict(project.dependencies)
    one.framework = framework_of(set(one.artefacts)) or _framework_of_plugins(plugins)
    task = _packed(build, project, one)
    mains = java_source.mains(one.files)
    stated = main_class(project)
    if task is None:
        if not any(name in plugins for name in _JVM) or not (mains or stated):
            return None
        if _is_library(build, project):
            return None
        one.layout, task = JAR, "jar"
        _plain_jar(project, one, stated)
    _frame(project, one)
    if one.layout != LIBRARIES:
        choose_main(one, mains, stated, STATE_MAIN)
    if one.layout == QUARKUS:
        one.main_class, one.main_place = None, one.framework_place
    if one.layout == INSTALLED and one.main_class is None:
        one.facts.problem(
            "What starts the program was not found: set main_class in slimdesk.toml", project.file
        )
    one.facts.add("gradle_task", f"{project.path.rstrip(':')}:{task}", project.file)
    _release(tree, build, project, one)
    _build_facts(tree, build, one)
    for holder in build.projects:
        for host, place in repositories(holder):
            if host not in PUBLIC_HOSTS:
                one.facts.add("private_repository", host, place.path, place.line)
    return one


def _packed(build: GradleBuild, project: GradleProject, one: Runnable) -> str | None:
    """Set the layout and what to take, and return the task that makes it; None if nothing but jar does."""
    plugins = project.plugins
    libs = "build/libs"
    if _SPRING in plugins:
        version = (
            plugins[_SPRING][0]
            or next((value[0] for name, value in plugins.items() if name.startswith(_SPRING)), None)
            or _root_version(build, _SPRING)
        )
        one.framework_version = version
        one.layout = JAR if without_layers(project) else spring_layout(version)
        if "war" in plugins:
            one.jar, one.layout = f"{libs}/*.war", JAR
            one.facts.add("war", False, *_words(plugins["war"][1]))
            return "bootWar"
        one.jar = f"{libs}/*.jar"
        return "bootJar"
    if _QUARKUS in plugins:
        kind = java_config.text(one.config, "quarkus.package.jar.type", "quarkus.package.type")
        if kind is not None and kind[0] == "uber-jar":
            one.jar, one.layout = "build/*-runner.jar", JAR
        else:
            one.layout = QUARKUS
        return "quarkusBuild"
    if any(name in plugins for name in _SHADOW) or _KTOR in plugins:
        one.jar, one.layout = f"{libs}/*-all.jar", JAR
        return "shadowJar"
    if "application" in plugins or any(name in plugins for name in _MICRONAUT):
        return "installDist"
    if "war" in plugins:
        place = plugins["war"][1]
        one.facts.add("war", True, *_words(place))
        one.facts.problem(
            "It is packed as a war, which a servlet container such as Tomcat runs; SlimDesk starts programs that bring their own",
            place.path,
            place.line,
        )
        one.layout = JAR
        return "war"
    one.jar = f"{libs}/*.jar"
    return None


def _plain_jar(project: GradleProject, one: Runnable, stated: tuple[str, Evidence] | None) -> None:
    """A jar as the jar task makes it: without its dependencies, and runnable only if its manifest says what to start."""
    if any(":" in word for word in one.artefacts) or project.projects:
        # There is no start for it: LIBRARIES without a main class.
        one.layout = LIBRARIES
        one.facts.problem(
            "Its jar does not hold its dependencies, and Gradle has no task that puts them beside it: apply the application plugin here",
            project.file,
        )
    elif stated is None:
        one.layout = LIBRARIES
        one.facts.problem("Its jar names no main class: apply the application plugin here", project.file)


def _root_version(build: GradleBuild, plugin: str) -> str | None:
    """Return the version that the root's build file states for a plugin which it applies only in others."""
    for project in build.projects:
        for name, (version, _) in project.plugins.items():
            if name.removesuffix(" (version)") == plugin and version is not None:
                return version
    return None


def _framework_of_plugins(plugins: dict[str, tuple[str | None, Evidence]]) -> Framework | None:
    for name, artefact in (
        (_SPRING, "org.springframework.boot"),
        (_QUARKUS, "io.quarkus"),
        *((one, "io.micronaut") for one in _MICRONAUT),
    ):
        if name in plugins:
            return framework_of({artefact})
    return None


def _frame(project: GradleProject, one: Runnable) -> None:
    if one.framework is None:
        return
    runtime = next((plugins for name, plugins in project.plugins.items() if name in _MICRONAUT), None)
    if runtime is not None and one.framework.port is None:
        # The plugin adds the server itself: runtime("netty").
        one.framework = framework_of({"io.micronaut:micronaut-http-server-netty"})
        one.framework_place = runtime[1]
        return
    mark = next((mark for mark in one.framework.marks if mark in one.artefacts), None)
    if mark is not None:
        one.framework_place = one.artefacts[mark]
        return
    plugin = next((value for name, value in project.plugins.items() if name in (_SPRING, _QUARKUS)), None)
    one.framework_place = plugin[1] if plugin else None


def _release(tree: Tree, build: GradleBuild, project: GradleProject, one: Runnable) -> None:
    number, place = java_release(build, project)
    if number is None and place is None and project.path != ":":
        root = next((other for other in build.projects if other.path == ":"), None)
        if root is not None:
            number, place = java_release(build, root)
    if number is not None:
        one.release, one.release_place = number, place
        return
    for folder in dict.fromkeys((one.folder, one.context)):
        for found, where in from_tools(tree, folder):
            one.release, one.release_place = found, where
            return
    if place is not None:
        one.facts.problem(
            "The Java version is worked out by the build and cannot be read: set version in slimdesk.toml",
            place.path,
            place.line,
        )
    needed = max((file.needs_java for file in one.files), default=0)
    one.release = needed or None


def _is_library(build: GradleBuild, project: GradleProject) -> bool:
    return (
        any(project.path in other.projects for other in build.projects if other is not project)
        or "java-library" in project.plugins
    )


def _build_facts(tree: Tree, build: GradleBuild, one: Runnable) -> None:
    facts = one.facts
    names = [build.settings] if build.settings else []
    names += [project.file for project in build.projects if project.file]
    names += [
        join(build.folder, name)
        for name in ("gradle.properties", CATALOG, "gradle.lockfile", "gradle/verification-metadata.xml")
        if tree.has(join(build.folder, name))
    ]
    for holder in ("buildSrc", "build-logic", "buildLogic"):
        folder = join(build.folder, holder)
        if any(
            tree.has(join(folder, name)) or tree.has(join(folder, "settings.gradle.kts"))
            for name in BUILD_FILES
        ) or tree.has_folder(join(folder, "src")):
            facts.add("build_folder", folder, *_first(tree, folder))
    if len(names) <= MAX_BUILD_FILES:
        for path in names:
            facts.add("build_file", path, path)
    else:
        facts.add("build_files_many", True, build.settings)
    add_wrapper(tree, one, "gradlew", "gradle/wrapper/gradle-wrapper.properties")


def _first(tree: Tree, folder: str) -> tuple[str | None, int | None]:
    entry = next(iter(tree.under(folder)), None)
    return (entry.path if entry else None, None)


def _words(place: Evidence) -> tuple[str, int | None]:
    return place.path, place.line
