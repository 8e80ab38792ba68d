"""What packs a Maven module, and what starts it: Spring Boot, Quarkus, Micronaut, the shade, assembly and jar plugins."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.project.languages import java_config
from slimdesk.project.languages.java_component import Runnable
from slimdesk.project.languages.java_frameworks import JAR, QUARKUS, SPRING_LAYERTOOLS, spring_layout
from slimdesk.project.languages.java_maven import Plugin, Pom
from slimdesk.project.languages.java_xml import Element
from slimdesk.project.model import Evidence

_SPRING_PLUGIN, _QUARKUS_PLUGIN = "spring-boot-maven-plugin", "quarkus-maven-plugin"


def stated_main(pom: Pom) -> tuple[str, Evidence] | None:
    """Return the main class that the pom names, from the plugin that packs it to a mere property."""
    places = (
        (_SPRING_PLUGIN, ("mainClass",)),
        ("maven-shade-plugin", ("transformers", "transformer", "mainClass")),
        ("maven-assembly-plugin", ("archive", "manifest", "mainClass")),
        ("maven-jar-plugin", ("archive", "manifest", "mainClass")),
        ("jib-maven-plugin", ("container", "mainClass")),
        ("exec-maven-plugin", ("mainClass",)),
        ("appassembler-maven-plugin", ("programs", "program", "mainClass")),
    )
    for name, path in places:
        for plugin in pom.plugins():
            if plugin.artifact != name:
                continue
            for configuration in configurations(plugin):
                for element in _descend(configuration, path):
                    value = pom.expand(element.text.strip()[:300])
                    if value and re.fullmatch(r"[\w.$]+", value):
                        return value, Evidence(plugin.place.path, element.line)
    for name in ("start-class", "exec.mainClass", "mainClass", "main.class"):
        found = pom.property(name)
        if found is not None and re.fullmatch(r"[\w.$]+", found[0]):
            return found
    return None


def pack(pom: Pom, one: Runnable) -> Plugin | None:
    """Set layout and jar from the plugin that packs the program; None if nothing but the jar plugin does."""
    final = pom.expanded(pom.root.value("build", "finalName")) or next(
        (text for parent in pom.parents if (text := pom.expanded(parent.root.value("build", "finalName")))),
        None,
    )
    version = pom.version()
    base = final or (f"{pom.artifact}-{version}" if version and pom.artifact else f"{pom.artifact or ''}*")
    ending = "war" if pom.packaging == "war" else "jar"
    one.jar = f"target/{base}.{ending}"
    spring = pom.plugin(_SPRING_PLUGIN)
    if spring is not None and not _skipped(spring):
        _packed_by_spring(pom, one, spring, base, ending)
        return spring
    quarkus = pom.plugin(_QUARKUS_PLUGIN)
    if quarkus is not None:
        _packed_by_quarkus(pom, one, base)
        return quarkus
    for name in ("maven-shade-plugin", "maven-assembly-plugin"):
        plugin = pom.plugin(name)
        if plugin is not None and _bound(plugin):
            jar = _fat_jar(pom, plugin, base)
            if jar is not None:
                one.jar, one.layout = jar, JAR
                return plugin
    if (
        pom.foreign_parent
        and pom.foreign_parent[1] == "micronaut-parent"
        and not pom.plugin("maven-shade-plugin", managed=True)
    ):
        # micronaut-parent packs everything into one jar with the shade plugin.
        one.layout = JAR
        return Plugin("io.micronaut.maven", "micronaut-parent", None, pom.root, pom.foreign_parent[3])
    jar_plugin = pom.plugin("maven-jar-plugin")
    if jar_plugin is not None:
        stated = _final_name(pom, jar_plugin)
        if stated:
            one.jar = f"target/{stated}.jar"
    return None


def _packed_by_spring(pom: Pom, one: Runnable, spring: Plugin, base: str, ending: str) -> None:
    one.layout = spring_layout(one.framework_version)
    classifier = next(
        (text for element in configurations(spring) if (text := element.value("classifier"))), None
    )
    if classifier:
        one.jar = f"target/{base}-{classifier}.{ending}"
    name = _final_name(pom, spring)
    if name:
        one.jar = f"target/{name}.{ending}"
    layers = next((element for holder in configurations(spring) if (element := holder.child("layers"))), None)
    if layers is not None and (layers.value("enabled") == "false" or layers.child("configuration")):
        # Layers of other names: shipped as one jar, which always works.
        one.layout = JAR
    if (ending == "war" and one.layout == SPRING_LAYERTOOLS) or _executable(spring):
        one.layout = JAR


def _packed_by_quarkus(pom: Pom, one: Runnable, base: str) -> None:
    kind = java_config.text(one.config, "quarkus.package.jar.type", "quarkus.package.type")
    stated = (
        kind[0]
        if kind
        else next(
            (
                found[0]
                for key in ("quarkus.package.jar.type", "quarkus.package.type")
                if (found := pom.property(key))
            ),
            "fast-jar",
        )
    )
    if stated in ("uber-jar", "legacy-jar"):
        suffix = java_config.text(
            one.config, "quarkus.package.jar.runner-suffix", "quarkus.package.runner-suffix"
        )
        one.jar = f"target/{base}{suffix[0] if suffix else '-runner'}.jar"
        one.layout = JAR
        if stated == "legacy-jar":
            one.facts.problem(
                "Quarkus packs a legacy-jar here, whose libraries lie beside it: set quarkus.package.jar.type to fast-jar",
                *_at(kind),
            )
    else:
        one.jar, one.layout = None, QUARKUS


def _final_name(pom: Pom, plugin: Plugin) -> str | None:
    """Return the file's name, without its ending, that a plugin is told."""
    names = (pom.expanded(element.value("finalName")) for element in configurations(plugin))
    return next((name for name in names if name), None)


def _fat_jar(pom: Pom, plugin: Plugin, base: str) -> str | None:
    """Return the jar with all dependencies that a shade or assembly plugin writes; None if it writes none."""
    settings = list(configurations(plugin))

    def setting(name: str) -> str | None:
        return next((text for element in settings if (text := pom.expanded(element.value(name)))), None)

    name = setting("finalName") or base
    if plugin.artifact == "maven-shade-plugin":
        output = setting("outputFile")
        if output:
            return (
                output.removeprefix("${project.build.directory}/") if output.startswith("target/") else None
            )
        if setting("shadedArtifactAttached") == "true":
            return f"target/{name}-{setting('shadedClassifierName') or 'shaded'}.jar"
        return f"target/{name}.jar"
    references = [
        element.text.strip()
        for holder in settings
        for element in holder.all("descriptorRefs", "descriptorRef")
    ]
    if "jar-with-dependencies" not in references:
        return None
    return (
        f"target/{name}.jar"
        if setting("appendAssemblyId") == "false"
        else f"target/{name}-jar-with-dependencies.jar"
    )


def configurations(plugin: Plugin) -> Iterator[Element]:
    """The configuration of a plugin, then of its executions."""
    own = plugin.element.child("configuration")
    if own is not None:
        yield own
    for execution in plugin.element.all("executions", "execution"):
        inner = execution.child("configuration")
        if inner is not None:
            yield inner


def _descend(element: Element, path: tuple[str, ...]) -> Iterator[Element]:
    if not path:
        yield element
        return
    for child in element.children:
        if child.name == path[0]:
            yield from _descend(child, path[1:])


def _skipped(plugin: Plugin) -> bool:
    return any(element.value("skip") == "true" for element in configurations(plugin))


def _executable(plugin: Plugin) -> bool:
    """Whether the jar begins with a shell script: such a jar cannot take itself apart in every release."""
    return any(element.value("executable") == "true" for element in configurations(plugin))


def _bound(plugin: Plugin) -> bool:
    """Whether `mvn package` runs the plugin: an execution names a goal (and no later phase)."""
    for execution in plugin.element.all("executions", "execution"):
        if (
            execution.value("phase") in (None, "package", "prepare-package")
            and execution.child("goals") is not None
        ):
            return True
    return False


def _at(found: tuple[str, Evidence] | None) -> tuple[str | None, int | None]:
    return (None, None) if found is None else (found[1].path, found[1].line)
