"""Frameworks that start a Java program their own way: how they are recognised, packed and configured."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Layouts: what a build leaves to be shipped, and how it is started.
SPRING_TOOLS = (
    "spring-tools"  # an executable jar that takes itself apart: -Djarmode=tools (Spring Boot 3.3 and later)
)
SPRING_LAYERTOOLS = "spring-layertools"  # the same by its old name: -Djarmode=layertools (2.3 to 3.2)
QUARKUS = "quarkus"  # a folder quarkus-app with quarkus-run.jar
JAR = "jar"  # one runnable jar
LIBRARIES = "libraries"  # a plain jar, and its dependencies beside it
INSTALLED = "installed"  # Gradle's installDist: every jar in one folder
CLASSES = "classes"  # what javac writes


@dataclass(frozen=True, slots=True)
class Framework:
    """A framework: its name, the artefacts or groups that show it, the keys of its port and its usual one."""

    name: str
    marks: tuple[str, ...]
    port_keys: tuple[str, ...] = ()
    port: int | None = None
    static_folder: str | None = None


# Marks are group, or group:artefact; the first framework that fits wins.
FRAMEWORKS = (
    Framework("quarkus", ("io.quarkus:quarkus-rest", "io.quarkus:quarkus-resteasy", "io.quarkus:quarkus-resteasy-reactive", "io.quarkus:quarkus-vertx-http",
                          "io.quarkus:quarkus-reactive-routes", "io.quarkus:quarkus-smallrye-graphql", "io.quarkus:quarkus-rest-jackson", "io.quarkus:quarkus-resteasy-jackson"),
              ("quarkus.http.port",), 8080, "src/main/resources/META-INF/resources"),
    Framework("quarkus", ("io.quarkus", "io.quarkus.platform"), ("quarkus.http.port",), None, "src/main/resources/META-INF/resources"),
    Framework("micronaut", ("io.micronaut:micronaut-http-server-netty", "io.micronaut:micronaut-http-server", "io.micronaut.servlet"),
              ("micronaut.server.port",), 8080, "src/main/resources/public"),
    Framework("micronaut", ("io.micronaut", "io.micronaut.platform"), ("micronaut.server.port",), None, None),
    Framework("spring-boot", (
        "org.springframework.boot:spring-boot-starter-web", "org.springframework.boot:spring-boot-starter-webmvc", "org.springframework.boot:spring-boot-starter-webflux",
        "org.springframework.boot:spring-boot-starter-jersey", "org.springframework.boot:spring-boot-starter-tomcat", "org.springframework.boot:spring-boot-starter-jetty",
        "org.springframework.boot:spring-boot-starter-undertow", "org.springframework.boot:spring-boot-starter-data-rest", "org.springframework.boot:spring-boot-starter-graphql",
        "org.springframework.boot:spring-boot-starter-thymeleaf", "org.springframework.boot:spring-boot-starter-hateoas", "org.springframework.boot:spring-boot-starter-web-services",
        "org.springframework.cloud:spring-cloud-starter-gateway", "org.springframework.cloud:spring-cloud-starter-gateway-server-webflux",
        "org.springframework.cloud:spring-cloud-starter-netflix-eureka-server", "org.springframework.cloud:spring-cloud-config-server", "org.springframework.boot:spring-boot-starter-reactor-netty",
    ), ("server.port",), 8080, "src/main/resources/static"),
    Framework("spring-boot", ("org.springframework.boot",), ("server.port",), None, "src/main/resources/static"),
    Framework("helidon", ("io.helidon", "io.helidon.webserver", "io.helidon.microprofile.bundles", "io.helidon.applications"), ("server.port",), 8080, None),
    Framework("javalin", ("io.javalin",), (), 7070, None),
    Framework("ktor", ("io.ktor:ktor-server-core", "io.ktor:ktor-server-core-jvm", "io.ktor:ktor-server-netty", "io.ktor:ktor-server-netty-jvm", "io.ktor:ktor-server-cio"),
              ("ktor.deployment.port",), 8080, None),
    Framework("vertx", ("io.vertx:vertx-web",), (), 8080, None),
    Framework("dropwizard", ("io.dropwizard",), (), 8080, None),
    Framework("spark", ("com.sparkjava:spark-core",), (), 4567, None),
)  # fmt: skip

# Artefacts that bring native code, and what that means on musl.
NATIVE = {
    "netty-tcnative": "OpenSSL",
    "rocksdbjni": "C++",
    "snappy-java": "C++",
    "lz4-java": "C",
    "zstd-jni": "C",
    "sqlite-jdbc": "C",
    "duckdb_jdbc": "C++",
    "jna": "C",
    "onnxruntime": "C++",
    "tensorflow-core-platform": "C++",
    "javacv-platform": "C++",
    "opencv": "C++",
    "jansi": "C",
    "leveldbjni-all": "C++",
    "playwright": "a browser",
}
FONTS = frozenset(
    {
        "jasperreports",
        "pdfbox",
        "poi-ooxml",
        "openpdf",
        "itext-core",
        "jfreechart",
        "batik-all",
        "flying-saucer-pdf",
        "kaptcha",
    }
)
BROWSERS = frozenset({"playwright", "selenium-java", "selenium-chrome-driver"})
ACTUATOR = "spring-boot-starter-actuator"

_NUMBERS = re.compile(r"(\d+)\.(\d+)")


def framework_of(artefacts: set[str]) -> Framework | None:
    """Return the framework that the artefacts (group and group:artefact) show."""
    return next((one for one in FRAMEWORKS if any(mark in artefacts for mark in one.marks)), None)


def spring_layout(version: str | None) -> str:
    """Return how a Spring Boot jar of that version is shipped: in layers where it knows them."""
    match = _NUMBERS.match(version or "")
    if match is None:
        return JAR
    number = (int(match.group(1)), int(match.group(2)))
    if number >= (3, 3):
        return SPRING_TOOLS
    return SPRING_LAYERTOOLS if number >= (2, 3) else JAR


def spring_launcher(version: str | None) -> str:
    """Return the class that starts a Spring Boot jar that was taken apart by layertools; it moved in 3.2."""
    match = _NUMBERS.match(version or "")
    moved = match is not None and (int(match.group(1)), int(match.group(2))) >= (3, 2)
    return f"org.springframework.boot.loader.{'launch.' if moved else ''}JarLauncher"
