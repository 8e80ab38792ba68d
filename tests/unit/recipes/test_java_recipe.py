"""The Dockerfiles of Java: golden files, fits with their reasons, and what hostile facts become."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import dockerfile as buildkit
import pytest

from slimdesk.basics.errors import UnavailableFamily
from slimdesk.catalog.model import FAMILIES
from slimdesk.operations.detect import open_project
from slimdesk.project.model import Component, Evidence, Fact
from slimdesk.recipes.generate import fits, generate, recommended
from slimdesk.recipes.model import Options

GOLDEN = Path(__file__).with_name("java_golden")
SERVICES = Path(__file__).parents[2] / "data" / "services"
POM = Evidence("pom.xml", 3)


QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
# What a hostile text would do outside of quotes.
UNQUOTED = re.compile(r"\$\(id\)|`id`|; id|\bRUN id")


def java(layout: str, manager: str | None = "maven", *more: Fact, **changes) -> Component:
    facts = (
        Fact("version", "21", POM),
        Fact("build_file", "pom.xml" if manager == "maven" else "build.gradle.kts", POM),
        Fact("layout", layout),
        Fact("runtime", "jre"),
        Fact("jar", "target/app-1.0.jar", POM),
        Fact("main_class", "x.y.Main", Evidence("src/main/java/x/y/Main.java", 3)),
        *more,
    )
    start = {
        "libraries": ("java", "-cp", "app.jar:lib/*", "x.y.Main"),
        "installed": ("java", "-cp", "lib/*", "x.y.Main"),
    }
    made = Component(
        name="app", path=".", profile="java", version="21", package_manager=manager,
        entrypoint=start.get(layout, ("java", "-jar", "app.jar")), port=8080, facts=facts,
    )  # fmt: skip
    return replace(made, **changes)


SPRING = replace(java("spring-tools"), framework="spring-boot")
OLD_SPRING = replace(
    java("spring-layertools"),
    entrypoint=("java", "org.springframework.boot.loader.JarLauncher"),
    framework="spring-boot",
    version="17",
)
PLAIN = java("libraries")
QUARKUS = replace(java("quarkus"), entrypoint=("java", "-jar", "quarkus-run.jar"), framework="quarkus")
GRADLE = java("installed", "gradle", Fact("gradle_task", ":app:installDist", Evidence("app/build.gradle.kts", 1)), path="app",
              )  # fmt: skip
GRADLE_SPRING = java("spring-tools", "gradle", Fact("gradle_task", ":bootJar"), Fact("wrapper", "gradlew"), Fact("wrapper_crlf", value=True),
                     Fact("wrapper_release", "8.4"), framework="spring-boot")  # fmt: skip
MODULE = java("jar", "maven", Fact("reactor", "pom.xml"), Fact("build_file", "web/pom.xml"), path="web")
LONE = java("classes", None, Fact("source_root", "src"), Fact("source", "src/x/y/Main.java"), Fact("library", "lib/gson.jar"),
            entrypoint=("java", "-cp", "classes:lib/*", "x.y.Main"))  # fmt: skip
LINKED = replace(
    SPRING,
    facts=tuple(Fact("runtime", "jlink", POM) if fact.key == "runtime" else fact for fact in SPRING.facts),
)
PROGRAMS = {
    "spring": SPRING, "old-spring": OLD_SPRING, "plain": PLAIN, "quarkus": QUARKUS, "gradle": GRADLE, "gradle-spring": GRADLE_SPRING,
    "module": MODULE, "lone": LONE, "linked": LINKED,
}  # fmt: skip


def text_of(component, family, catalog, **options) -> str:
    return generate(component, family, catalog, Options(**options)).text


def with_facts(component: Component, *facts: Fact) -> Component:
    keys = {fact.key for fact in facts}
    return replace(component, facts=(*(fact for fact in component.facts if fact.key not in keys), *facts))


def by_family(component, catalog):
    return {fit.family: fit for fit in fits(component, catalog)}


def test_all_families_in_order_and_one_recommended(catalog):
    found = fits(SPRING, catalog)
    assert tuple(fit.family for fit in found) == FAMILIES
    assert {fit.family for fit in found if not fit.available} == {"chainguard", "chiselled", "scratch"}
    assert recommended(found).family == "distroless"
    ranks = [fit.rank for fit in found if fit.available]
    assert len(ranks) == len(set(ranks))
    reasons = by_family(SPRING, catalog)
    assert "native-image" in reasons["scratch"].reason
    assert "newest Java" in reasons["chainguard"].reason
    assert "pom.xml:3" in reasons["distroless"].reason
    assert reasons["distroless"].base.reference == "gcr.io/distroless/java21-debian13:nonroot"
    assert reasons["full"].base.reference == "eclipse-temurin:21-jdk-noble"
    assert reasons["slim"].base.reference == "eclipse-temurin:21-jre-noble"


@pytest.mark.parametrize(
    ("wanted", "taken", "words"),
    [
        (None, "21", "names none"),
        ("8", "17", "runs what is written for 8"),
        ("1.8", "17", "runs what is written for 8"),
        ("17", "17", "as the project says"),
        ("19", "21", "19 has no image"),
        ("25", "25", "as the project says"),
    ],
)
def test_the_java_that_is_taken(catalog, wanted, taken, words):
    program = replace(SPRING, version=wanted)
    fit = by_family(program, catalog)["distroless"]
    assert fit.base.version == taken
    assert fit.builder.reference == f"maven:3.9-eclipse-temurin-{taken}-noble"
    assert words in fit.reason


def test_a_java_that_is_not_there_yet(catalog):
    fit = by_family(replace(SPRING, version="26"), catalog)["distroless"]
    assert not fit.available
    assert "25, 21, 17" in fit.reason


def test_a_runtime_of_its_own(catalog):
    found = by_family(LINKED, catalog)
    assert found["distroless"].base.reference == "gcr.io/distroless/java-base-debian13:nonroot"
    assert found["chainguard"].base.reference == "cgr.dev/chainguard/glibc-dynamic:latest"
    assert found["slim"].base.reference == "debian:trixie-slim"
    text = text_of(LINKED, "distroless", catalog)
    assert "jlink --add-modules" in text
    assert '"/opt/jre/bin/java"' in text
    assert "FROM eclipse-temurin:21-jdk-alpine-3.24 AS runtime" in text_of(LINKED, "alpine", catalog)
    assert "--compress=2" in text_of(replace(LINKED, version="17"), "distroless", catalog)
    assert text_of(LINKED, "full", catalog).count("FROM ") == 2


def test_dependencies_come_before_sources(catalog):
    for program in (SPRING, PLAIN, GRADLE, MODULE):
        text = text_of(program, "distroless", catalog)
        assert text.index(
            "pom.xml" if program.package_manager == "maven" else "build.gradle.kts"
        ) < text.index("COPY . .")
        fetch = "go-offline" if program.package_manager == "maven" else "dependencies"
        assert text.index(fetch) < text.index("COPY . .")


def test_cache_mounts_only_where_wanted(catalog):
    assert "target=/root/.m2,sharing=locked" in text_of(SPRING, "distroless", catalog)
    assert "target=/home/gradle/.gradle" in text_of(GRADLE, "distroless", catalog)
    assert "target=/root/.gradle" in text_of(GRADLE_SPRING, "distroless", catalog)
    for program in PROGRAMS.values():
        assert "--mount" not in text_of(program, "distroless", catalog, cache_mounts=False)


def test_a_wrapper_with_windows_line_ends_is_mended_each_time_it_is_called(catalog):
    text = text_of(GRADLE_SPRING, "distroless", catalog)
    assert text.count(r"sed -i 's/\r$//' gradlew") == text.count("sh ./gradlew") == 2
    # Gradle 8.4 runs on Java 20 at most.
    assert "FROM eclipse-temurin:17-jdk-noble AS build" in text
    assert "java21-debian13" in text


def test_layers_of_spring_boot(catalog):
    text = text_of(SPRING, "distroless", catalog)
    assert (
        text.index("/out/dependencies/")
        < text.rindex("/out/snapshot-dependencies/ ./")
        < text.rindex("/out/application/ ./")
    )
    assert "jarmode=tools" in text
    old = text_of(OLD_SPRING, "distroless", catalog)
    assert "jarmode=layertools" in old
    assert '"org.springframework.boot.loader.JarLauncher"]' in old


def test_a_stated_start_is_taken(catalog):
    own = with_facts(
        replace(PLAIN, entrypoint=("java", "-Xmx1g", "-cp", "/app/app.jar", "a.B")),
        Fact("entrypoint", ("java", "-Xmx1g", "-cp", "/app/app.jar", "a.B")),
    )
    assert 'ENTRYPOINT ["/usr/bin/java", "-Xmx1g", "-cp", "/app/app.jar", "a.B"]' in text_of(
        own, "distroless", catalog
    )
    other = with_facts(PLAIN, Fact("main_class", "a.Other"))
    assert '"/app/app.jar:/app/lib/*", "a.Other"]' in text_of(other, "distroless", catalog)


def test_a_command_without_a_port_has_no_expose(catalog):
    text = text_of(replace(PLAIN, port=None), "distroless", catalog)
    assert "EXPOSE" not in text
    assert "MaxRAM" not in text


def test_a_health_check_without_curl(catalog):
    program = with_facts(SPRING, Fact("health_path", "/actuator/health"))
    text = text_of(program, "distroless", catalog, healthcheck=True)
    assert (
        'HEALTHCHECK CMD ["/usr/bin/java", "-cp", "/health", "Health", "http://127.0.0.1:8080/actuator/health"]'
        in text
    )
    assert "javac -d /health /tmp/Health.java" in text


def test_what_starts_it_must_be_known(catalog):
    program = replace(
        PLAIN, entrypoint=None, facts=tuple(fact for fact in PLAIN.facts if fact.key != "main_class")
    )
    assert not any(fit.available for fit in fits(program, catalog))
    with pytest.raises(UnavailableFamily, match="main_class"):
        generate(program, "distroless", catalog, Options())
    stated = with_facts(program, Fact("main_class", "x.Y"))
    assert '"x.Y"]' in text_of(stated, "distroless", catalog)


def test_a_war_needs_a_container(catalog):
    fit = by_family(with_facts(SPRING, Fact("war", value=True, evidence=POM)), catalog)["distroless"]
    assert not fit.available
    assert "tomcat" in fit.reason


@pytest.mark.parametrize(
    ("fact", "family", "words"),
    [
        (Fact("shell", value=True, evidence=Evidence("A.java", 7)), "distroless", "A.java:7"),
        (Fact("program", "ffmpeg", Evidence("A.java", 8)), "distroless", "ffmpeg (A.java:8)"),
        (Fact("native_library", "snappy-java", POM), "alpine", "snappy-java (pom.xml:3) loads native code"),
        (Fact("jni", "foo", POM), "alpine", "not for musl"),
        (Fact("system_library", "libssl", POM), "distroless", "boringssl"),
        (Fact("fonts", value=True, evidence=POM), "alpine", "draws text"),
    ],
)
def test_what_speaks_against_a_family(catalog, fact, family, words):
    plain, found = by_family(SPRING, catalog), by_family(with_facts(SPRING, fact), catalog)
    assert words in found[family].reason
    assert found[family].rank >= plain[family].rank
    assert found["full"].reason == plain["full"].reason


def test_a_program_that_calls_a_shell_gets_one(catalog):
    found = fits(with_facts(SPRING, Fact("shell", value=True)), catalog)
    assert recommended(found).base.shell


def test_a_browser_needs_packages(catalog):
    found = by_family(with_facts(SPRING, Fact("browser", "playwright", POM)), catalog)
    assert [family for family, fit in found.items() if fit.available] == ["full", "slim"]


def test_private_repositories_are_needs_and_findings(catalog):
    program = with_facts(
        SPRING,
        Fact("private_repository", "nexus.corp", POM),
        Fact("java_opts", value=True, evidence=Evidence("run.sh", 2)),
    )
    assert "access to nexus.corp during the build" in by_family(program, catalog)["distroless"].needs
    rules = {
        finding.rule: finding for finding in generate(program, "distroless", catalog, Options()).findings
    }
    assert (rules["java-opts"].path, rules["java-opts"].line) == ("run.sh", 2)
    assert "JAVA_TOOL_OPTIONS" in rules["java-opts"].fix
    assert "private-repository" in rules


def test_baseline_is_one_stage_run_as_root(catalog):
    for name, program in PROGRAMS.items():
        generated = generate(program, None, catalog, Options())
        assert len(generated.dockerfile.stages) == 1, name
        assert "USER" not in [one.cmd.upper() for one in buildkit.parse_string(generated.text)]
    assert 'ENTRYPOINT ["java", "-jar", "target/app-1.0.jar"]' in text_of(SPRING, None, catalog)
    assert 'ENTRYPOINT ["java", "-cp", "target/app-1.0.jar:target/dependency/*", "x.y.Main"]' in text_of(
        PLAIN, None, catalog
    )


def test_ignored_are_the_outputs_of_each_module(catalog):
    lines = generate(MODULE, "distroless", catalog, Options()).dockerignore.splitlines()
    assert "target" in lines
    assert "web/target" in lines
    assert "**/target" not in lines


@pytest.mark.parametrize(
    "text",
    ["x\nRUN id", "$(id)", "'; id #", '"', "../../x", "-rf", "a b", "`id`", "\x1b[2J", "*", "--from=x"],
)
def test_hostile_facts_stay_words(catalog, text):
    for name, program in PROGRAMS.items():
        hostile = with_facts(
            program,
            *(
                Fact(key, text)
                for key in (
                    "jar",
                    "main_class",
                    "gradle_task",
                    "reactor",
                    "pom",
                    "source",
                    "source_root",
                    "library",
                    "resources",
                    "build_file",
                    "build_folder",
                    "health_path",
                    "wrapper",
                    "layout",
                )
            ),
        )
        for family in ("distroless", None):
            try:
                made = text_of(hostile, family, catalog, healthcheck=True)
            except UnavailableFamily:
                continue
            expected = [one.cmd.upper() for one in buildkit.parse_string(made)]
            assert set(expected) <= {
                "FROM",
                "WORKDIR",
                "COPY",
                "RUN",
                "USER",
                "EXPOSE",
                "LABEL",
                "ENTRYPOINT",
                "HEALTHCHECK",
            }, name
            assert "\nRUN id" not in made
            for one in buildkit.parse_string(made):
                if one.cmd.upper() == "RUN":
                    assert UNQUOTED.search(QUOTED.sub("", one.value[0])) is None, (name, one.value[0])


VARIANTS = [
    *(("distroless", name, False) for name in PROGRAMS),
    *((family, "spring", False) for family in ("full", "slim", "alpine", "hardened", None)),
    ("distroless", "spring", True),
    *((None, name, False) for name in ("gradle", "lone", "module", "quarkus")),
    ("chainguard", "linked", True),
]


@pytest.mark.parametrize(
    ("family", "name", "debug"),
    VARIANTS,
    ids=[f"{name}-{family or 'baseline'}{'-debug' if debug else ''}" for family, name, debug in VARIANTS],
)
def test_golden(catalog, family, name, debug, request):
    text = text_of(PROGRAMS[name], family, catalog, debug=debug)
    file = GOLDEN / f"{request.node.callspec.id}.Dockerfile"
    if os.environ.get("SLIMDESK_UPDATE_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(text)
    assert text == file.read_text()


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.Dockerfile")), ids=lambda file: file.stem)
def test_golden_files_pass_hadolint(file):
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(
        [hadolint, "--no-fail", file], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == ""


@pytest.mark.parametrize("folder", sorted(SERVICES.glob("java-*")), ids=lambda folder: folder.name)
def test_the_services_of_the_engine_tests_are_written(catalog, folder):
    project = open_project(folder)
    assert len(project.components) == 1
    generated = generate(project.components[0], "distroless", catalog, Options())
    final = generated.dockerfile.stages[-1]
    assert any(one.keyword == "USER" and one.arguments == ("65532:65532",) for one in final.instructions)
    assert generated.component.port == 8080
