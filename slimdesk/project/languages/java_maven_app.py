"""Runnable Maven modules: which they are, what they are packed as, what starts them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from slimdesk.basics.escaping import slug, visible
from slimdesk.project.languages import java_config, java_source
from slimdesk.project.languages.java_component import Runnable, choose_main
from slimdesk.project.languages.java_frameworks import (
    LIBRARIES,
    QUARKUS,
    framework_of,
)
from slimdesk.project.languages.java_maven import Plugin, Pom, modules_of, read_poms
from slimdesk.project.languages.java_maven_pack import configurations, pack, stated_main
from slimdesk.project.languages.java_versions import from_tools, release
from slimdesk.project.languages.java_wrapper import add_wrapper
from slimdesk.project.languages.java_xml import Element
from slimdesk.project.model import Evidence
from slimdesk.project.walk import Tree, common_folder, folder_of, join

MAX_POMS = 300
MAX_COMPONENTS = 60
MAX_BUILD_FILES = 60
STATE_MAIN = "set main_class in slimdesk.toml for another"
PUBLIC_HOSTS = frozenset({
    "repo.maven.apache.org", "repo1.maven.org", "repo.spring.io", "jitpack.io", "oss.sonatype.org", "s01.oss.sonatype.org", "central.sonatype.com",
    "maven.google.com", "dl.google.com", "packages.confluent.io", "repo.gradle.org", "plugins.gradle.org", "repository.apache.org", "jcenter.bintray.com",
    "repository.jboss.org", "repo.eclipse.org", "packages.jetbrains.team", "maven.pkg.jetbrains.space", "repo.jenkins-ci.org", "repo.papermc.io", "repo.clojars.org", "clojars.org",
    "maven.vaadin.com", "build.shibboleth.net", "repo.akka.io",
})  # fmt: skip
_SPRING_PLUGIN = "spring-boot-maven-plugin"
_SPRING_GROUP = "org.springframework.boot"
_ASIDE = frozenset(
    {
        "test",
        "tests",
        "testdata",
        "fixtures",
        "it",
        "archetype-resources",
        "example",
        "examples",
        "samples",
        "docs",
        "benchmark",
        "benchmarks",
    }
)


def runnables(tree: Tree) -> Iterator[Runnable]:
    """Every Maven module that can be started; libraries are passed over, wars without a server are told."""
    paths = [path for path in tree.named("pom.xml") if "archetype-resources" not in path.split("/")]
    if len(paths) > MAX_POMS:
        tree.problem(f"Only the first {MAX_POMS} of {len(paths)} Maven projects were looked at")
    poms = read_poms(tree, sorted(paths, key=lambda path: (path.count("/"), path))[:MAX_POMS])
    reactors = _reactors(tree, poms)
    found = [one for pom in poms.values() if (one := _runnable(tree, pom, poms, reactors)) is not None]
    main = [one for one in found if not _ASIDE.intersection(one.folder.split("/"))]
    if poms and not found:
        first = next(iter(poms.values()))
        tree.problem(
            "No Maven module here can be started: none has a main method, and none is packed by Spring Boot, Quarkus or the like",
            first.path,
        )
    yield from (main or found)[:MAX_COMPONENTS]


def _reactors(tree: Tree, poms: dict[str, Pom]) -> dict[str, str]:
    """Module's pom -> the topmost pom that builds it, over <modules>; a circle ends where it began."""
    above: dict[str, str] = {}
    for pom in poms.values():
        for path, _ in modules_of(tree, pom):
            if path in poms and path != pom.path:
                above.setdefault(path, pom.path)
    tops: dict[str, str] = {}
    for path in poms:
        top, seen = path, {path}
        while top in above and above[top] not in seen:
            top = above[top]
            seen.add(top)
        tops[path] = top
    return tops


def _runnable(tree: Tree, pom: Pom, poms: dict[str, Pom], reactors: dict[str, str]) -> Runnable | None:
    if pom.packaging not in (
        "jar",
        "war",
        "quarkus",
        "bundle",
        "maven-plugin",
        "native-image",
        "docker",
        "docker-native",
    ):
        return None
    if pom.packaging == "maven-plugin":
        return None
    top = reactors[pom.path]
    context = common_folder([folder_of(top), pom.folder, *(parent.folder for parent in pom.parents)])
    name = pom.artifact if pom.artifact and "${" not in pom.artifact else pom.folder.rsplit("/", 1)[-1]
    one = Runnable(
        slug(name, "app") if name not in ("", ".") else "app", pom.folder, context, "maven", LIBRARIES
    )
    one.files = java_source.sources(
        tree, join(pom.folder, "src/main") if tree.has_folder(join(pom.folder, "src/main")) else pom.folder
    )
    if (
        not pom.root.value("build", "sourceDirectory")
        and pom.path == top
        and any(path != pom.path and reactors[path] == top for path in poms)
    ):
        # An aggregator with a jar of its own: the modules' sources are not its own.
        one.files = [
            file
            for file in one.files
            if not any(
                folder_of(path) not in (".", pom.folder) and file.path.startswith(folder_of(path) + "/")
                for path in poms
            )
        ]
    one.config = java_config.read_config(tree, pom.folder)
    _artefacts(pom, one)
    mains = java_source.mains(one.files)
    stated = stated_main(pom)
    packed = pack(pom, one)
    if packed is None and stated is None and not mains:
        return None
    if one.framework is not None and one.framework.name == "spring-boot" and not mains and stated is None:
        # The plugin stands in a parent of libraries too.
        return None
    if packed is None and stated is None and _is_library(pom, poms):
        return None
    choose_main(one, mains, stated, STATE_MAIN)
    if one.layout == QUARKUS or (one.framework is not None and one.framework.name == "quarkus"):
        one.main_class, one.main_place = None, one.framework_place
    _release(tree, pom, one)
    _tell(pom, one, packed)
    _build_facts(tree, pom, one, reactors)
    return one


def _artefacts(pom: Pom, one: Runnable) -> None:
    for dependency in pom.dependencies():
        if dependency.scope in ("test", "import"):
            continue
        for word in (dependency.group, f"{dependency.group}:{dependency.artifact}"):
            one.artefacts.setdefault(word, dependency.place)
    one.framework = framework_of(set(one.artefacts))
    if one.framework is not None:
        mark = next(mark for mark in one.framework.marks if mark in one.artefacts)
        one.framework_place = one.artefacts[mark]
        one.framework_version = _framework_version(pom, one)


def _framework_version(pom: Pom, one: Runnable) -> str | None:
    name = one.framework.name if one.framework else ""
    if name == "spring-boot":
        if pom.foreign_parent and pom.foreign_parent[0] == _SPRING_GROUP:
            return pom.expanded(pom.foreign_parent[2])
        managed = next((one for one in pom.managed() if one.artifact == "spring-boot-dependencies"), None)
        plugin = pom.plugin(_SPRING_PLUGIN, managed=True)
        return (managed.version if managed else None) or (plugin.version if plugin else None)
    if name == "quarkus":
        managed = next(
            (one for one in pom.managed() if one.artifact in ("quarkus-bom", "quarkus-universe-bom")), None
        )
        return managed.version if managed else None
    if name == "micronaut" and pom.foreign_parent and pom.foreign_parent[1] == "micronaut-parent":
        return pom.expanded(pom.foreign_parent[2])
    return None


def _is_library(pom: Pom, poms: dict[str, Pom]) -> bool:
    """Whether another module depends on this one, which nothing packs: a main in it is there for trying."""
    return any(
        one.artifact == pom.artifact and other is not pom
        for other in poms.values()
        for one in other.dependencies()
    )


def _release(tree: Tree, pom: Pom, one: Runnable) -> None:
    compiler = pom.plugin("maven-compiler-plugin", managed=True)
    for key in ("release", "target", "source"):
        for element in configurations(compiler) if compiler else ():
            number = release(pom.expanded(element.value(key)))
            found = element.child(key)
            if number is not None and found is not None and compiler is not None:
                one.release, one.release_place = number, Evidence(compiler.place.path, found.line)
                return
    unknown: Evidence | None = None
    for key in (
        "maven.compiler.release",
        "java.version",
        "maven.compiler.target",
        "maven.compiler.source",
        "jdk.version",
        "java.release",
        "kotlin.compiler.jvmTarget",
        "version.java",
    ):
        stated = pom.raw_property(key)
        if stated is None:
            continue
        number = release(pom.expand(stated[0]))
        if number is not None:
            one.release, one.release_place = number, stated[1]
            return
        unknown = unknown or stated[1]
    for number, place in from_tools(tree, one.folder):
        one.release, one.release_place = number, place
        return
    if one.context != one.folder:
        for number, place in from_tools(tree, one.context):
            one.release, one.release_place = number, place
            return
    if unknown is not None:
        one.facts.problem(
            "The Java version is a property that is not stated in this project: set version in slimdesk.toml",
            unknown.path,
            unknown.line,
        )
    elif pom.foreign_parent is not None and pom.foreign_parent[1] == "spring-boot-starter-parent":
        major = re.match(r"\d+", pom.foreign_parent[2] or "")
        one.release = 17 if major and int(major.group()) >= 3 else 8
        one.release_place = pom.foreign_parent[3]
    needed = max((file.needs_java for file in one.files), default=0)
    if needed and one.release is None:
        one.release = needed


def _tell(pom: Pom, one: Runnable, packed: Plugin | None) -> None:
    facts = one.facts
    if pom.packaging == "war":
        if packed is None:
            facts.add("war", True, pom.path, _line(pom, "packaging"))
            facts.problem(
                "It is packed as a war, which a servlet container such as Tomcat runs; SlimDesk starts programs that bring their own. "
                "With Spring Boot's plugin the same war starts by itself",
                pom.path,
                _line(pom, "packaging"),
            )
            one.main_class = None
        else:
            facts.add("war", False, pom.path, _line(pom, "packaging"))
    if pom.missing_parent is not None:
        facts.problem(
            f"The parent {visible(pom.foreign_parent[1] if pom.foreign_parent else '', 80)} is not in this folder: open the folder that holds it, "
            "or the build looks for it in a repository",
            pom.missing_parent.path,
            pom.missing_parent.line,
        )
    if one.layout == LIBRARIES and one.main_class is None and not facts.problems:
        facts.problem("What starts the program was not found: set main_class in slimdesk.toml", pom.path)
    for parent in pom.chain:
        for holder in (parent.root, *parent.root.all("profiles", "profile")):
            for path in (("repositories", "repository"), ("pluginRepositories", "pluginRepository")):
                for element in holder.all(*path):
                    _private(parent, element, one)


def _private(pom: Pom, element: Element, one: Runnable) -> None:
    url = pom.expanded(element.value("url"))
    try:
        host = urlsplit(url or "").hostname
    except ValueError:
        host = None
    if host and host not in PUBLIC_HOSTS:
        one.facts.add("private_repository", host, pom.path, element.line)


def _build_facts(tree: Tree, pom: Pom, one: Runnable, reactors: dict[str, str]) -> None:
    """What the recipe needs to call Maven: which files name the dependencies, which module, which wrapper."""
    facts, top = one.facts, reactors[pom.path]
    needed = dict.fromkeys([top, pom.path, *(parent.path for parent in pom.parents)])
    needed.update(dict.fromkeys(path for path in reactors if reactors[path] == top))
    if len(needed) <= MAX_BUILD_FILES:
        for path in needed:
            facts.add("build_file", path, path)
    else:
        facts.add("build_files_many", True, top)
    for name in (".mvn/maven.config", ".mvn/jvm.config", ".mvn/extensions.xml"):
        path = join(one.context, name)
        if tree.has(path):
            facts.add("build_file", path, path)
    if top != pom.path:
        facts.add("reactor", top, top)
    elif folder_of(top) != one.context:
        facts.add("pom", pom.path, pom.path)
    add_wrapper(tree, one, "mvnw", ".mvn/wrapper/maven-wrapper.properties")


def _line(pom: Pom, name: str) -> int | None:
    element = pom.root.child(name)
    return element.line if element else None
