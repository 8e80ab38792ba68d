"""Whatever the files of a Java project hold, detection answers, and what it answers can be asked for a Dockerfile."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slimdesk.project.detect import detect

NAMES = st.sampled_from([
    "pom.xml", "a/pom.xml", "build.gradle", "build.gradle.kts", "settings.gradle", "a/build.gradle", "gradle.properties", "gradle/libs.versions.toml",
    "mvnw", ".mvn/wrapper/maven-wrapper.properties", "gradlew", "gradle/wrapper/gradle-wrapper.properties", ".java-version", ".sdkmanrc", ".tool-versions",
    "Main.java", "src/main/java/x/Main.java", "src/main/kotlin/x/App.kt", "src/main/resources/application.properties", "src/main/resources/application.yml",
    "a/src/main/java/Main.java", "lib/x.jar", "run.sh",
])  # fmt: skip
# Words that the readers look for, so that random text gets past their first line.
PIECES = st.sampled_from([
    "<project>", "</project>", "<artifactId>a</artifactId>", "<version>${v}</version>", "<packaging>war</packaging>", "<modules><module>a</module></modules>",
    "<parent><artifactId>a</artifactId></parent>", "<properties><v>${w}</v><w>${v}</w></properties>", "<maven.compiler.release>21</maven.compiler.release>",
    "<build><plugins><plugin><artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build>", "<!DOCTYPE x>", "&amp;", "&x;", "<![CDATA[", "]]>",
    "plugins {", "id 'application'", 'id("org.springframework.boot") version "3.5.0"', "}", "mainClass = 'x.Main'", "include 'a', ':b:c', '../..'\n",
    "sourceCompatibility = ", "languageVersion = JavaLanguageVersion.of(", "21", "libs.versions.java.get()", ")", "subprojects {", "allprojects {",
    "dependencies { implementation 'io.javalin:javalin:6' }", "[versions]\njava = 21\n", "[plugins]\nx = { id = 1 }\n", "[libraries]\ny = 'a:b:c'\n",
    "package x;\n", "class Main {", "public static void main(String[] args)", "void main() {", "fun main() {", "new ServerSocket(", "80", 'System.getenv("A")',
    "server.port=", "${A}", "${A:${B}}", "server:\n  port: x\n", "distributionUrl=https\\://x/gradle-8.1-bin.zip\n", "java=21-tem\n", "$JAVA_OPTS",
    '"', "'", "/*", "//", "\n", "\r\n", "\x00", "\ufeff", "\x1b[31m", "\u202e", "9" * 3000, "<a>" * 90,
])  # fmt: skip
CONTENTS = st.one_of(
    st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=30).map(
        lambda parts: "".join(parts).encode("utf-8", "replace")
    ),
    st.binary(max_size=200),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(NAMES, CONTENTS, max_size=7))
def test_java_detection_never_raises(files):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        project = detect(root)
    for component in project.components:
        for fact in component.facts:
            words = fact.value if isinstance(fact.value, tuple) else (str(fact.value),)
            assert all(word.isprintable() or not any(character < " " for character in word) for word in words)
        assert ".." not in component.path.split("/")
        assert ".." not in component.context.split("/")
