"""One runnable Java module becomes a component: what its build tool said, then what its sources and settings say."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from slimdesk.project.facts import FactList
from slimdesk.project.languages import java_config, java_source
from slimdesk.project.languages.java_config import Entry
from slimdesk.project.languages.java_frameworks import (
    ACTUATOR,
    BROWSERS,
    CLASSES,
    FONTS,
    INSTALLED,
    JAR,
    LIBRARIES,
    NATIVE,
    QUARKUS,
    SPRING_LAYERTOOLS,
    SPRING_TOOLS,
    Framework,
    spring_launcher,
)
from slimdesk.project.languages.java_source import SourceFile
from slimdesk.project.model import Component, Evidence
from slimdesk.project.walk import Tree, folder_of, join

PROFILE = "java"
_OPTIONS = re.compile(r"\$\{?JAVA_OPTS\b")
_START_SCRIPTS = ("*.sh", "Procfile", "*ockerfile*")


@dataclass(slots=True)
class Runnable:
    """A module that can be started, as its build tool describes it; paths are the project's.

    `layout` is a word of java_frameworks; `jar` the file that the build leaves, from the module's folder, perhaps with
    a *; `artefacts` hold group, group:artefact and artefact of every dependency, each with its place.
    """

    name: str
    folder: str
    context: str
    manager: str | None
    layout: str
    jar: str | None = None
    main_class: str | None = None
    main_place: Evidence | None = None
    release: int | None = None
    release_place: Evidence | None = None
    framework: Framework | None = None
    framework_version: str | None = None
    framework_place: Evidence | None = None
    artefacts: dict[str, Evidence] = field(default_factory=dict)
    facts: FactList = field(default_factory=FactList)
    files: list[SourceFile] = field(default_factory=list)
    config: list[Entry] = field(default_factory=list)


def component_of(tree: Tree, one: Runnable) -> Component:
    """Return the component with all its facts."""
    facts = one.facts
    version = None
    if one.release is not None:
        version = str(one.release)
        _add(facts, "version", version, one.release_place)
    if one.framework is not None:
        _add(facts, "framework", one.framework.name, one.framework_place)
    if one.framework_version is not None:
        _add(facts, "framework_version", one.framework_version, one.framework_place)
    facts.add("layout", one.layout)
    facts.add("runtime", "jre")
    if one.jar is not None:
        _add(facts, "jar", one.jar, one.main_place if one.main_class is None else None)
    if one.main_class is not None:
        _add(facts, "main_class", one.main_class, one.main_place)
    java_source.add_usage(one.files, facts)
    java_config.add_environment(one.config, facts)
    _dependencies(one)
    _health(one)
    _options(tree, one)
    port = _port(one)
    if (
        one.framework is not None
        and one.framework.static_folder is not None
        and one.framework.port is not None
    ):
        facts.once(
            "static_folder", join(one.folder, one.framework.static_folder), *_words(one.framework_place)
        )
        facts.once("static_embedded", True, *_words(one.framework_place))
    return Component(
        name=one.name,
        path=one.folder,
        profile=PROFILE,
        context=one.context,
        version=version,
        package_manager=one.manager,
        framework=one.framework.name if one.framework else None,
        entrypoint=start_of(one),
        port=port,
        facts=tuple(facts.facts),
        problems=tuple(facts.problems),
    )


def start_of(one: Runnable) -> tuple[str, ...] | None:
    """Return the words that start it in its folder of the image; None if its main class is not known."""
    if one.layout in (SPRING_TOOLS, JAR):
        return ("java", "-jar", "app.jar")
    if one.layout == SPRING_LAYERTOOLS:
        return ("java", spring_launcher(one.framework_version))
    if one.layout == QUARKUS:
        return ("java", "-jar", "quarkus-run.jar")
    if one.main_class is None:
        return None
    paths = {LIBRARIES: "app.jar:lib/*", INSTALLED: "lib/*", CLASSES: "classes:lib/*"}
    path = paths.get(one.layout, "app.jar")
    if one.layout == CLASSES and not one.facts.has("library"):
        path = "classes"
    return ("java", "-cp", path, one.main_class)


def _dependencies(one: Runnable) -> None:
    for artefact, place in one.artefacts.items():
        group, colon, name = artefact.rpartition(":")
        if not colon:
            continue
        if name in NATIVE or name.startswith("netty-tcnative"):
            # The static form brings its own OpenSSL (BoringSSL).
            if name.startswith("netty-tcnative") and "boringssl" not in name:
                _add(one.facts, "system_library", "libssl", place)
            _add(one.facts, "native_library", name, place)
        if name in FONTS:
            one.facts.once("fonts", True, place.path, place.line)
        if name in BROWSERS:
            _add(one.facts, "browser", name, place)
        if group == "org.openjfx":
            one.facts.once("desktop", True, place.path, place.line)


def _health(one: Runnable) -> None:
    actuator = one.artefacts.get(f"org.springframework.boot:{ACTUATOR}")
    if actuator is not None and one.framework is not None and one.framework.port is not None:
        if java_config.number(one.config, "management.server.port") is not None:
            return
        base = java_config.text(one.config, "management.endpoints.web.base-path")
        context = java_config.text(one.config, "server.servlet.context-path", "spring.webflux.base-path")
        path = (
            (context[0].rstrip("/") if context else "")
            + (base[0].rstrip("/") if base else "/actuator")
            + "/health"
        )
        if re.fullmatch(r"/[\w./-]*", path):
            place = base[1] if base else actuator
            one.facts.add("health_path", path, place.path, place.line)
    for artefact, path in (
        ("io.quarkus:quarkus-smallrye-health", "/q/health"),
        ("io.micronaut:micronaut-management", "/health"),
    ):
        found = one.artefacts.get(artefact)
        if found is not None:
            one.facts.once("health_path", path, found.path, found.line)


def _port(one: Runnable) -> int | None:
    facts = one.facts
    keys = one.framework.port_keys if one.framework else ()
    stated = java_config.number(one.config, *keys) if keys else None
    if stated is not None:
        facts.add("port", stated[0], stated[1].path, stated[1].line)
        return stated[0]
    code = java_source.port(one.files)
    if code is not None:
        facts.add("port", code[0], code[1], code[2])
        return code[0]
    usual = one.framework.port if one.framework else None
    if usual is not None and not _web_is_off(one):
        _add(facts, "port_guess", usual, one.framework_place)
        _add(facts, "serves", True, one.framework_place)
        return None
    controller = (
        java_source.controller(one.files) if one.framework and one.framework.name == "spring-boot" else None
    )
    if controller is not None and not _web_is_off(one):
        facts.add("serves", True, *controller)
        _add(facts, "port_guess", 8080, Evidence(*controller))
        return None
    place = java_source.serves(one.files)
    if place is not None:
        facts.add("serves", True, *place)
        _add(facts, "port_guess", 8080, Evidence(*place))
    return None


def _web_is_off(one: Runnable) -> bool:
    found = java_config.text(one.config, "spring.main.web-application-type")
    return found is not None and found[0].lower() == "none"


def _options(tree: Tree, one: Runnable) -> None:
    """Note where a script or a Dockerfile lets a shell unfold JAVA_OPTS: nothing does that in exec form."""
    for path in tree.named(*_START_SCRIPTS):
        if folder_of(path) not in (one.folder, one.context) or path.endswith(("mvnw", "gradlew")):
            continue
        text = tree.text(path) or ""
        match = _OPTIONS.search(text)
        if match:
            one.facts.add("java_opts", True, path, text.count("\n", 0, match.start()) + 1)


def choose_main(
    one: Runnable, found: Iterable[SourceFile], stated: tuple[str, Evidence] | None, state_it: str
) -> None:
    """Set the class to start: the stated one, else the only one of the sources; a problem where there are several."""
    if stated is not None:
        one.main_class, one.main_place = stated
        return
    mains = list(found)
    preferred = [file for file in mains if file.is_spring_main or file.is_quarkus_main] or mains
    if not preferred:
        return
    chosen = preferred[0]
    if len(preferred) > 1:
        usual = [
            file
            for file in preferred
            if re.search(r"/(?:Main|App|Application|Server)(?:Kt)?\.(?:java|kt)$", f"/{file.path}")
        ]
        chosen = usual[0] if usual else chosen
        names = ", ".join(file.main_class[0] for file in preferred[:5] if file.main_class)
        one.facts.problem(
            f"Several classes can be started ({names}): {chosen.main_class[0] if chosen.main_class else ''} was taken; {state_it}",
            chosen.path,
            chosen.main_class[1] if chosen.main_class else None,
        )
    if chosen.main_class is not None:
        one.main_class, one.main_place = chosen.main_class[0], Evidence(chosen.path, chosen.main_class[1])


def _add(facts: FactList, key: str, value: str | int | bool, place: Evidence | None) -> None:
    facts.add(key, value, *_words(place))


def _words(place: Evidence | None) -> tuple[str | None, int | None]:
    return (None, None) if place is None else (place.path, place.line)
