"""A Java runtime of its own for one program: jdeps says which modules it uses, jlink puts them together."""

from __future__ import annotations

from dataclasses import dataclass

from slimdesk.catalog.model import BaseImage
from slimdesk.dockerfile.compose import copy, run, stage
from slimdesk.dockerfile.model import Stage
from slimdesk.project.languages.java_frameworks import CLASSES, INSTALLED, LIBRARIES, QUARKUS, SPRING_TOOLS
from slimdesk.project.model import Component
from slimdesk.recipes.java_build import OUT
from slimdesk.recipes.java_facts import evidence, layout

RUNTIME = "/opt/jre"
# What programs find by name at run time, so that jdeps does not see it: elliptic curves for TLS, JNDI, zip file systems,
# sun.misc.Unsafe, management of Spring and of most servers, agents, and the beans and XML that frameworks reflect on.
BY_NAME = ("jdk.crypto.ec", "jdk.unsupported", "jdk.zipfs", "java.naming")
FRAMEWORKS = (
    "java.desktop",
    "java.instrument",
    "java.management",
    "java.net.http",
    "java.security.jgss",
    "java.sql",
    "jdk.management",
)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the classes are: what jdeps looks at, and the class path beside it."""

    jars: str
    path: str


_PLACES = {
    SPRING_TOOLS: _Places("/out/application/app.jar", "/out/dependencies/lib/*"),
    LIBRARIES: _Places("/out/app.jar", "/out/lib/*"),
    INSTALLED: _Places("/out/lib/*.jar", "/out/lib/*"),
    CLASSES: _Places("/out/classes", "/out/lib/*"),
    QUARKUS: _Places("/out/app/*.jar", "/out/lib/main/*:/out/lib/boot/*"),
}


def link_stage(component: Component, builder: BaseImage, base: BaseImage) -> Stage:
    """Return the stage `runtime`, which leaves the runtime in /opt/jre; on Alpine it is linked with Alpine's JDK."""
    version = builder.version or "21"
    places = _PLACES.get(layout(component), _Places("/out/app.jar", "/out/lib/*"))
    added = ["java.base", *BY_NAME, *(FRAMEWORKS if component.framework else ())]
    # zip-6 is the word from 21 on; 2 meant the same before. Source: JDK-8293499.
    compress = "zip-6" if int(version) >= 21 else "2"
    image = (
        f"eclipse-temurin:{version}-jdk-alpine-3.24"
        if base.libc == "musl"
        else f"eclipse-temurin:{version}-jdk-noble"
    )
    body = [
        copy("What was built: jdeps reads which modules it uses.", f"{OUT}/", f"{OUT}/", from_="build"),
        run(
            "Links a runtime of these modules, and of those that are found by name and that nobody can see.",
            f'modules="$(jdeps --ignore-missing-deps -q --recursive --multi-release {version} --print-module-deps '
            f"--class-path '{places.path}' {places.jars})\"",
            f'jlink --add-modules "{",".join(added)}${{modules:+,$modules}}" --strip-debug --no-man-pages --no-header-files '
            f"--compress={compress} --output {RUNTIME}",
            evidence=evidence(component, "runtime"),
        ),
    ]
    return stage(
        "runtime",
        image,
        "Makes a Java runtime for this program alone; needs the whole JDK.",
        body,
        evidence=evidence(component, "runtime"),
    )
