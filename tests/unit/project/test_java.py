"""Java projects: Maven, Gradle and lone programs; versions, mains, ports, and what cannot be read."""

import pytest

from slimdesk.project.model import Component, Project


def the(project: Project) -> Component:
    assert len(project.components) == 1, [one.name for one in project.components]
    return project.components[0]


def pom(body: str, artifact: str = "app") -> str:
    return (
        '<?xml version="1.0"?>\n<project xmlns="http://maven.apache.org/POM/4.0.0">\n'
        f"<groupId>x.y</groupId><artifactId>{artifact}</artifactId><version>1.0</version>\n{body}\n</project>\n"
    )


def spring(
    version: str = "3.5.7", body: str = "", properties: str = "<java.version>21</java.version>"
) -> str:
    return pom(
        "<parent><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId>"
        f"<version>{version}</version><relativePath/></parent>\n<properties>{properties}</properties>\n"
        "<dependencies><dependency><groupId>org.springframework.boot</groupId>"
        "<artifactId>spring-boot-starter-web</artifactId></dependency></dependencies>\n"
        "<build><plugins><plugin><groupId>org.springframework.boot</groupId>"
        f"<artifactId>spring-boot-maven-plugin</artifactId>{body}</plugin></plugins></build>"
    )


SPRING_MAIN = (
    "package x.y;\n@SpringBootApplication\npublic class App {\n"
    "  public static void main(String[] args) { SpringApplication.run(App.class, args); }\n}\n"
)
MAIN = 'package x.y;\npublic class Main {\n  public static void main(String... args) { System.out.println("hi"); }\n}\n'
JAR = "src/main/java/x/y/Main.java"
BOOT = "src/main/java/x/y/App.java"


def test_spring_boot_with_maven(detect_files):
    one = the(detect_files({"pom.xml": spring(), BOOT: SPRING_MAIN}))
    assert (one.name, one.profile, one.version, one.package_manager) == ("app", "java", "21", "maven")
    assert one.framework == "spring-boot"
    assert one.entrypoint == ("java", "-jar", "app.jar")
    assert one.port == 8080
    assert one.value("layout") == "spring-tools"
    assert one.value("jar") == "target/app-1.0.jar"
    assert one.value("main_class") == "x.y.App"
    assert str(one.fact("version").evidence) == "pom.xml:5"
    assert one.value("static_folder") == "src/main/resources/static"
    assert one.problems == ()


@pytest.mark.parametrize(
    ("version", "layout"),
    [
        ("4.1.2", "spring-tools"),
        ("3.3.0", "spring-tools"),
        ("3.2.9", "spring-layertools"),
        ("2.3.0", "spring-layertools"),
        ("2.1.1", "jar"),
    ],
)
def test_spring_boot_knows_layers_since(detect_files, version, layout):
    one = the(detect_files({"pom.xml": spring(version), BOOT: SPRING_MAIN}))
    assert one.value("layout") == layout


def test_the_launcher_of_old_spring_boot_moved_in_3_2(detect_files):
    old = the(detect_files({"pom.xml": spring("2.7.18"), BOOT: SPRING_MAIN}))
    assert old.entrypoint == ("java", "org.springframework.boot.loader.JarLauncher")
    new = the(detect_files({"pom.xml": spring("3.2.1"), BOOT: SPRING_MAIN}))
    assert new.entrypoint == ("java", "org.springframework.boot.loader.launch.JarLauncher")


def test_spring_boot_without_a_stated_java_takes_its_own_least(detect_files):
    assert the(detect_files({"pom.xml": spring(properties=""), BOOT: SPRING_MAIN})).version == "17"
    assert the(detect_files({"pom.xml": spring("2.7.1", properties=""), BOOT: SPRING_MAIN})).version == "8"


@pytest.mark.parametrize(
    ("path", "text", "port", "line"),
    [
        ("src/main/resources/application.properties", "a=b\nserver.port=9090\n", 9090, 2),
        ("src/main/resources/application.properties", "server.port=${PORT:9091}\n", 9091, 1),
        (
            "src/main/resources/application.yml",
            "spring:\n  application:\n    name: x\nserver:\n  port: 9092\n",
            9092,
            5,
        ),
        ("src/main/resources/application.yaml", 'server:\n  port: "${SERVER_PORT:${PORT:9093}}"\n', 9093, 2),
        ("src/main/resources/application-prod.yml", "server:\n  port: 9094\n", 9094, 2),
        ("config/application.properties", "server.port 9095\nserver.port: 9096\n", 9096, 2),
        ("src/main/resources/application-dev.properties", "server.port=9999\n", 8080, None),
    ],
)
def test_the_port_of_spring_boot(detect_files, path, text, port, line):
    one = the(detect_files({"pom.xml": spring(), BOOT: SPRING_MAIN, path: text}))
    assert one.port == port
    if line is not None:
        assert (one.fact("port").evidence.path, one.fact("port").evidence.line) == (path, line)


def test_variables_without_a_default_are_required(detect_files):
    settings = "spring.datasource.url=${DB_URL}\nspring.datasource.username=${DB_USER:sa}\nx=${some.key}\n"
    one = the(
        detect_files(
            {"pom.xml": spring(), BOOT: SPRING_MAIN, "src/main/resources/application.properties": settings}
        )
    )
    assert [fact.value for fact in one.all("env_required")] == ["DB_URL"]
    assert [fact.value for fact in one.all("env")] == ["DB_URL", "DB_USER"]


def test_the_health_path_of_the_actuator(detect_files):
    actuator = "<dependency><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-actuator</artifactId></dependency>"
    text = spring().replace("</dependencies>", f"{actuator}</dependencies>")
    assert the(detect_files({"pom.xml": text, BOOT: SPRING_MAIN})).value("health_path") == "/actuator/health"
    settings = "server.servlet.context-path=/shop\nmanagement.endpoints.web.base-path=/manage\n"
    one = the(
        detect_files(
            {"pom.xml": text, BOOT: SPRING_MAIN, "src/main/resources/application.properties": settings}
        )
    )
    assert one.value("health_path") == "/shop/manage/health"


def test_spring_boot_that_does_not_serve_has_no_port(detect_files):
    text = spring().replace("spring-boot-starter-web<", "spring-boot-starter<")
    assert the(detect_files({"pom.xml": text, BOOT: SPRING_MAIN})).port is None
    off = {"src/main/resources/application.properties": "spring.main.web-application-type=none\n"}
    assert the(detect_files({"pom.xml": spring(), BOOT: SPRING_MAIN, **off})).port is None


def test_a_web_starter_that_comes_through_another_dependency(detect_files):
    text = spring().replace("spring-boot-starter-web<", "spring-boot-starter<")
    controller = "package x.y;\n@RestController\nclass Hello {}\n"
    one = the(detect_files({"pom.xml": text, BOOT: SPRING_MAIN, "src/main/java/x/y/Hello.java": controller}))
    assert one.port == 8080
    assert str(one.fact("serves").evidence) == "src/main/java/x/y/Hello.java:2"


def test_a_war_that_starts_by_itself_and_one_that_does_not(detect_files):
    text = spring().replace("<properties>", "<packaging>war</packaging><properties>", 1)
    one = the(detect_files({"pom.xml": text, BOOT: SPRING_MAIN}))
    assert one.value("jar") == "target/app-1.0.war"
    assert one.entrypoint == ("java", "-jar", "app.jar")
    other = the(detect_files({"pom.xml": pom("<packaging>war</packaging>"), JAR: MAIN}))
    assert other.entrypoint is None
    assert "servlet container" in other.problems[0].message


def test_layers_of_other_names_are_shipped_as_one_jar(detect_files):
    body = "<configuration><layers><configuration>x.xml</configuration></layers></configuration>"
    assert the(detect_files({"pom.xml": spring(body=body), BOOT: SPRING_MAIN})).value("layout") == "jar"


@pytest.mark.parametrize(
    ("activation", "layout"),
    [
        ("<activeByDefault>true</activeByDefault>", "spring-tools"),
        ("<file><exists>src/main/resources/application.yml</exists></file>", "spring-tools"),
        ("<file><exists>${basedir}/src/main/resources</exists></file>", "spring-tools"),
        ("<file><missing>src/main/resources</missing></file>", "libraries"),
        ("<jdk>[9,)</jdk>", "spring-tools"),
        ("<property><name>!fast</name></property>", "spring-tools"),
        ("<property><name>docker</name></property>", "libraries"),
    ],
)
def test_profiles_that_a_build_takes_unasked(detect_files, activation, layout):
    text = spring()
    build = text[text.index("<build>") : text.index("</build>") + len("</build>")]
    profile = f"<profiles><profile><activation>{activation}</activation>{build}</profile></profiles>"
    files = {
        "pom.xml": text.replace(build, profile),
        BOOT: SPRING_MAIN,
        "src/main/resources/application.yml": "a: b\n",
    }
    assert the(detect_files(files)).value("layout") == layout


def test_a_classifier_names_the_jar(detect_files):
    body = "<configuration><classifier>exec</classifier></configuration>"
    assert (
        the(detect_files({"pom.xml": spring(body=body), BOOT: SPRING_MAIN})).value("jar")
        == "target/app-1.0-exec.jar"
    )


@pytest.mark.parametrize(
    ("properties", "version", "line"),
    [
        ("<maven.compiler.release>17</maven.compiler.release>", "17", 4),
        (
            "<maven.compiler.source>1.8</maven.compiler.source>\n<maven.compiler.target>11</maven.compiler.target>",
            "11",
            5,
        ),
        ("<v>25</v>\n<maven.compiler.release>${v}</maven.compiler.release>", "25", 5),
        ("<a>${b}</a><b>${a}</b>\n<maven.compiler.release>${a}</maven.compiler.release>", None, None),
        ("<maven.compiler.release>${unknown}</maven.compiler.release>", None, None),
    ],
)
def test_the_java_of_a_pom(detect_files, properties, version, line):
    one = the(detect_files({"pom.xml": pom(f"<properties>{properties}</properties>"), JAR: MAIN}))
    assert one.version == version
    if version is None:
        assert "set version in slimdesk.toml" in one.problems[0].message
    else:
        assert one.fact("version").evidence.line == line


def test_the_compiler_plugin_goes_before_properties(detect_files):
    plugin = (
        "<build><pluginManagement><plugins><plugin><artifactId>maven-compiler-plugin</artifactId>"
        "<configuration><release>${java.v}</release></configuration></plugin></plugins></pluginManagement></build>"
    )
    text = pom(
        f"<properties><java.v>21</java.v><maven.compiler.source>8</maven.compiler.source></properties>{plugin}"
    )
    assert the(detect_files({"pom.xml": text, JAR: MAIN})).version == "21"


@pytest.mark.parametrize(
    ("name", "text", "version"),
    [
        (".java-version", "21\n", "21"),
        (".java-version", "temurin-21.0.2\n", "21"),
        (".sdkmanrc", "# x\njava=25.0.1-tem\n", "25"),
        (".tool-versions", "nodejs 24\njava temurin-17.0.9+9\n", "17"),
        (".java-version", "1.8\n", "8"),
        (".java-version", "what\n", None),
    ],
)
def test_the_java_of_version_files(detect_files, name, text, version):
    assert the(detect_files({"pom.xml": pom(""), JAR: MAIN, name: text})).version == version


@pytest.mark.parametrize(
    ("plugin", "jar", "layout"),
    [
        (
            (
                "<plugin><artifactId>maven-shade-plugin</artifactId><executions><execution><phase>package</phase><goals><goal>shade</goal></goals>"
                "<configuration><transformers><transformer><mainClass>x.y.Main</mainClass></transformer></transformers></configuration>"
                "</execution></executions></plugin>"
            ),
            "target/app-1.0.jar",
            "jar",
        ),
        (
            (
                "<plugin><artifactId>maven-assembly-plugin</artifactId><configuration><descriptorRefs><descriptorRef>jar-with-dependencies</descriptorRef>"
                "</descriptorRefs><archive><manifest><mainClass>x.y.Main</mainClass></manifest></archive></configuration>"
                "<executions><execution><phase>package</phase><goals><goal>single</goal></goals></execution></executions></plugin>"
            ),
            "target/app-1.0-jar-with-dependencies.jar",
            "jar",
        ),
        (
            (
                "<plugin><artifactId>maven-jar-plugin</artifactId><configuration><archive><manifest><mainClass>x.y.Main</mainClass></manifest>"
                "</archive></configuration></plugin>"
            ),
            "target/app-1.0.jar",
            "libraries",
        ),
    ],
)
def test_what_packs_a_plain_program(detect_files, plugin, jar, layout):
    one = the(detect_files({"pom.xml": pom(f"<build><plugins>{plugin}</plugins></build>"), JAR: MAIN}))
    assert (one.value("jar"), one.value("layout"), one.value("main_class")) == (jar, layout, "x.y.Main")
    assert one.fact("main_class").evidence.path == "pom.xml"


def test_a_main_in_the_sources_is_enough(detect_files):
    one = the(detect_files({"pom.xml": pom("<build><finalName>run</finalName></build>"), JAR: MAIN}))
    assert one.entrypoint == ("java", "-cp", "app.jar:lib/*", "x.y.Main")
    assert one.value("jar") == "target/run.jar"
    assert str(one.fact("main_class").evidence) == f"{JAR}:3"


def test_several_mains_are_told(detect_files):
    other = MAIN.replace("Main", "Import")
    one = the(detect_files({"pom.xml": pom(""), JAR: MAIN, "src/main/java/x/y/Import.java": other}))
    assert one.value("main_class") == "x.y.Main"
    assert "x.y.Import" in one.problems[0].message


def test_modules_with_one_program(detect_files):
    parent = pom("<packaging>pom</packaging><modules><module>core</module><module>web</module></modules>"
                 "<properties><maven.compiler.release>21</maven.compiler.release></properties>", "shop")  # fmt: skip
    child = "<parent><groupId>x.y</groupId><artifactId>shop</artifactId><version>1.0</version></parent>"
    web = pom(
        f"{child}<dependencies><dependency><groupId>x.y</groupId><artifactId>core</artifactId></dependency></dependencies>",
        "web",
    )
    files = {"pom.xml": parent, "core/pom.xml": pom(child, "core"), "web/pom.xml": web,
             "core/src/main/java/x/Core.java": "package x; public class Core {}", f"web/{JAR}": MAIN}  # fmt: skip
    one = the(detect_files(files))
    assert (one.name, one.path, one.context, one.version) == ("web", "web", ".", "21")
    assert one.value("reactor") == "pom.xml"
    assert {fact.value for fact in one.all("build_file")} == {"pom.xml", "core/pom.xml", "web/pom.xml"}


def test_quarkus_fast_and_uber(detect_files):
    text = pom(
        "<dependencies><dependency><groupId>io.quarkus</groupId><artifactId>quarkus-rest</artifactId></dependency></dependencies>"
        "<build><plugins><plugin><groupId>io.quarkus.platform</groupId><artifactId>quarkus-maven-plugin</artifactId></plugin></plugins></build>"
    )
    fast = the(detect_files({"pom.xml": text}))
    assert (fast.value("layout"), fast.framework, fast.port) == ("quarkus", "quarkus", 8080)
    assert fast.entrypoint == ("java", "-jar", "quarkus-run.jar")
    settings = "quarkus.package.jar.type=uber-jar\n%dev.quarkus.http.port=1111\nquarkus.http.port=8081\n"
    uber = the(detect_files({"pom.xml": text, "src/main/resources/application.properties": settings}))
    assert (uber.value("layout"), uber.value("jar"), uber.port) == ("jar", "target/app-1.0-runner.jar", 8081)


def test_micronaut_is_one_jar(detect_files):
    text = pom(
        "<parent><groupId>io.micronaut.platform</groupId><artifactId>micronaut-parent</artifactId><version>4.6.0</version></parent>"
        "<packaging>${packaging}</packaging><properties><packaging>jar</packaging><exec.mainClass>x.y.Main</exec.mainClass></properties>"
        "<dependencies><dependency><groupId>io.micronaut</groupId><artifactId>micronaut-http-server-netty</artifactId></dependency></dependencies>"
    )
    one = the(
        detect_files(
            {
                "pom.xml": text,
                JAR: MAIN,
                "src/main/resources/application.yml": "micronaut:\n  server:\n    port: 8099\n",
            }
        )
    )
    assert (one.framework, one.value("layout"), one.value("main_class"), one.port) == (
        "micronaut",
        "jar",
        "x.y.Main",
        8099,
    )


def test_a_parent_that_is_missing_is_told(detect_files):
    text = pom(
        "<parent><groupId>x.y</groupId><artifactId>top</artifactId><version>1</version><relativePath>../top/pom.xml</relativePath></parent>"
    )
    one = the(detect_files({"service/pom.xml": text, f"service/{JAR}": MAIN}))
    assert "top is not in this folder" in one.problems[0].message
    assert one.problems[0].evidence.path == "service/pom.xml"


def test_private_repositories_are_needs(detect_files):
    text = pom(
        "<repositories><repository><url>https://nexus.corp.example/maven</url></repository><repository><url>https://repo.spring.io/x</url></repository></repositories>"
    )
    one = the(detect_files({"pom.xml": text, JAR: MAIN}))
    assert [fact.value for fact in one.all("private_repository")] == ["nexus.corp.example"]


GRADLE = """plugins {
    java
    application
}
dependencies { implementation("io.javalin:javalin:6.3.0") }
java { toolchain { languageVersion = JavaLanguageVersion.of(21) } }
application { mainClass = "x.y.Main" }
"""


def test_gradle_with_the_application_plugin(detect_files):
    one = the(
        detect_files(
            {"build.gradle.kts": GRADLE, "settings.gradle.kts": 'rootProject.name = "greeter"\n', JAR: MAIN}
        )
    )
    assert (one.name, one.package_manager, one.version, one.framework) == (
        "greeter",
        "gradle",
        "21",
        "javalin",
    )
    assert one.entrypoint == ("java", "-cp", "lib/*", "x.y.Main")
    assert one.value("gradle_task") == ":installDist"
    assert str(one.fact("version").evidence) == "build.gradle.kts:6"
    assert one.port == 7070


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ("sourceCompatibility = '17'", "17"),
        ("sourceCompatibility = JavaVersion.VERSION_11", "11"),
        ("targetCompatibility = 1.8", "8"),
        ("java { toolchain { languageVersion.set(JavaLanguageVersion.of(25)) } }", "25"),
        ("kotlin { jvmToolchain(21) }", "21"),
        ("tasks.withType(JavaCompile) { options.release = 21 }", "21"),
        ("java { toolchain { languageVersion = JavaLanguageVersion.of(libs.versions.java.get()) } }", "21"),
        ("java { toolchain { languageVersion = JavaLanguageVersion.of(javaVersion) } }", "17"),
        ("// sourceCompatibility = 8", None),
    ],
)
def test_the_java_of_gradle(detect_files, line, version):
    files = {
        "build.gradle": f"plugins {{ id 'application' }}\napplication {{ mainClass = 'x.y.Main' }}\n{line}\n",
        "gradle/libs.versions.toml": '[versions]\njava = "21"\n',
        "gradle.properties": "javaVersion=17\n",
        JAR: MAIN,
    }
    assert the(detect_files(files)).version == version


def test_a_java_that_the_build_works_out_is_to_be_stated(detect_files):
    text = "plugins { id 'application' }\nsourceCompatibility = compute().value\napplication { mainClass = 'x.y.Main' }\n"
    one = the(detect_files({"build.gradle": text, JAR: MAIN}))
    assert one.version is None
    assert "set version in slimdesk.toml" in one.problems[0].message


def test_spring_boot_with_gradle_and_a_catalogue(detect_files):
    files = {
        "settings.gradle": "rootProject.name = 'shop'\ninclude 'api', 'lib'\n",
        "gradle/libs.versions.toml": '[versions]\nboot = "3.4.1"\n[plugins]\nspring-boot = { id = "org.springframework.boot", version.ref = "boot" }\n'
        '[libraries]\nweb = { module = "org.springframework.boot:spring-boot-starter-web" }\n',
        "build.gradle": "plugins { alias(libs.plugins.spring.boot) apply false }\nsubprojects { apply plugin: 'java'\n sourceCompatibility = '21' }\n",
        "api/build.gradle": "plugins {\n  id 'java'\n  alias(libs.plugins.spring.boot)\n}\ndependencies {\n  implementation libs.web\n  implementation project(':lib')\n}\n",
        "lib/build.gradle": "plugins { id 'java-library' }\n",
        "api/" + BOOT: SPRING_MAIN,
        "lib/src/main/java/x/Lib.java": "package x; public class Lib {}",
    }
    one = the(detect_files(files))
    assert (one.name, one.path, one.context) == ("api", "api", ".")
    assert (one.framework, one.value("layout"), one.version, one.port) == (
        "spring-boot",
        "spring-tools",
        "21",
        8080,
    )
    assert one.value("gradle_task") == ":api:bootJar"


def test_kotlin_with_shadow(detect_files):
    files = {
        "build.gradle.kts": 'plugins {\n  kotlin("jvm") version "2.1.0"\n  id("com.gradleup.shadow") version "8.3.5"\n}\nkotlin { jvmToolchain(21) }\n',
        "src/main/kotlin/App.kt": "package x\n\nfun main() {\n    embeddedServer(Netty, port = 8085) { }.start(wait = true)\n}\n",
    }
    one = the(detect_files(files))
    assert (one.value("gradle_task"), one.value("jar"), one.value("main_class")) == (
        ":shadowJar",
        "build/libs/*-all.jar",
        "x.AppKt",
    )
    assert one.port == 8085


def test_a_gradle_build_that_cannot_be_understood(detect_files):
    project = detect_files({"build.gradle": "apply from: 'https://example.com/x.gradle'\n"})
    assert project.components == ()
    assert "application plugin" in project.problems[0].message


def test_a_gradle_jar_without_its_dependencies_has_no_start(detect_files):
    text = "plugins { id 'java' }\ndependencies { implementation 'com.google.code.gson:gson:2.11.0' }\n"
    one = the(detect_files({"build.gradle": text, JAR: MAIN}))
    assert one.entrypoint is None
    assert "apply the application plugin" in one.problems[0].message


def test_android_is_not_for_containers(detect_files):
    project = detect_files(
        {
            "build.gradle": "plugins { id 'com.android.application' version '8.5.0' }\n",
            "src/main/java/x/y/Main.java": MAIN,
        }
    )
    assert project.components == ()


def test_a_wrapper_and_its_faults(detect_files):
    base = {"pom.xml": pom(""), JAR: MAIN, "mvnw": "#!/bin/sh\r\nexec x\r\n"}
    settings = ".mvn/wrapper/maven-wrapper.properties"
    url = "distributionUrl=https://repo.maven.apache.org/maven2/org/apache/maven/apache-maven/3.9.9/apache-maven-3.9.9-bin.zip\n"
    lacking = the(detect_files(base))
    assert lacking.fact("wrapper") is None
    assert settings in lacking.problems[0].message
    one = the(detect_files({**base, settings: url}))
    assert (one.value("wrapper"), one.value("wrapper_release"), one.value("wrapper_crlf")) == (
        "mvnw",
        "3.9.9",
        True,
    )
    private = the(detect_files({**base, settings: url.replace("repo.maven.apache.org", "nexus.corp")}))
    assert private.value("private_repository") == "nexus.corp"


def test_maven_and_gradle_in_one_folder(detect_files):
    files = {"pom.xml": pom(""), "build.gradle.kts": GRADLE, JAR: MAIN}
    one = the(detect_files(files))
    assert one.package_manager == "maven"
    assert "both build this folder" in one.problems[0].message
    wrapped = {**files, "gradlew": "#!/bin/sh\n", "gradle/wrapper/gradle-wrapper.properties": "distributionUrl=https\\://services.gradle.org/distributions/gradle-8.10-bin.zip\n",
               "gradle/wrapper/gradle-wrapper.jar": b"PK"}  # fmt: skip
    one = the(detect_files(wrapped))
    assert (one.package_manager, one.value("wrapper"), one.value("wrapper_release")) == (
        "gradle",
        "gradlew",
        "8.10",
    )


def test_a_lone_main(detect_files):
    one = the(
        detect_files(
            {
                "Main.java": "public class Main {\n  public static void main(String[] a) { new java.net.ServerSocket(5000); }\n}\n"
            }
        )
    )
    assert one.entrypoint == ("java", "-cp", "classes", "Main")
    assert (one.value("source_root"), one.value("source"), one.port, one.package_manager) == (
        ".",
        "Main.java",
        5000,
        None,
    )


def test_a_main_without_a_class_needs_java_25(detect_files):
    one = the(detect_files({"Hello.java": 'void main() {\n    IO.println("hi");\n}\n'}))
    assert (one.version, one.value("main_class")) == ("25", "Hello")


def test_packages_below_src_with_libraries(detect_files):
    files = {
        "src/x/y/Main.java": MAIN,
        "src/x/y/Other.java": "package x.y; class Other {}",
        "lib/gson.jar": b"PK",
        "resources/a.txt": "a",
    }
    one = the(detect_files(files))
    assert (one.path, one.value("source_root"), one.value("main_class")) == (".", "src", "x.y.Main")
    assert one.entrypoint == ("java", "-cp", "classes:lib/*", "x.y.Main")
    assert [fact.value for fact in one.all("library")] == ["lib/gson.jar"]
    assert one.value("resources") == "resources"


def test_several_lone_programs(detect_files):
    text = "public class {0} {{ public static void main(String[] a) {{}} }}"
    project = detect_files({"A.java": text.format("A"), "B.java": text.format("B")})
    assert [one.name for one in project.components] == ["a", "b"]
    assert all(one.value("source_alone") is True for one in project.components)


def test_an_import_that_nobody_brings(detect_files):
    one = the(
        detect_files({"Main.java": "import com.google.gson.Gson;\n" + MAIN.replace("package x.y;\n", "")})
    )
    assert "com.google.gson.Gson" in one.problems[0].message
    assert one.problems[0].evidence.line == 1


def test_java_beside_another_language_is_not_a_program(detect_files):
    project = detect_files(
        {
            "package.json": '{"name": "x", "scripts": {"start": "node a.js"}}',
            "a.js": "",
            "tools/Main.java": MAIN.replace("package x.y;\n", ""),
        }
    )
    assert {one.profile for one in project.components} == {"node"}


def test_what_the_code_calls(detect_files):
    code = (
        'package x.y;\nimport java.awt.Font;\npublic class Main {\n  // new ProcessBuilder("git")\n'
        '  public static void main(String[] args) throws Exception {\n    new ProcessBuilder("ffmpeg", "-i").start();\n'
        '    Runtime.getRuntime().exec("sh -c x");\n    System.loadLibrary("foo");\n'
        '    Objects.requireNonNull(System.getenv("TOKEN"));\n    System.getenv("HOME");\n  }\n}\n'
    )
    one = the(detect_files({"pom.xml": pom(""), JAR: code}))
    assert [fact.value for fact in one.all("program")] == ["ffmpeg"]
    assert (one.value("shell"), one.value("jni"), one.value("fonts")) == (True, "foo", True)
    assert [fact.value for fact in one.all("env_required")] == ["TOKEN"]
    assert [fact.value for fact in one.all("env")] == ["TOKEN"]


@pytest.mark.parametrize(
    "text",
    [
        "<project>",
        '<!DOCTYPE x [<!ENTITY a "b">]><project>&a;</project>',
        "<project>" + "<a>" * 500 + "</a>" * 500 + "</project>",
        "",
        "\x00\x01",
        "<other/>",
    ],
)
def test_a_hostile_pom_is_a_problem(detect_files, text):
    project = detect_files({"pom.xml": text})
    assert project.components == ()
    assert any("pom.xml" in problem.message for problem in project.problems)


def test_circles_and_ways_out(detect_files):
    child = "<parent><groupId>x.y</groupId><artifactId>b</artifactId><version>1</version><relativePath>../b/pom.xml</relativePath></parent>"
    files = {
        "a/pom.xml": pom(f"{child}<modules><module>../../etc</module><module>../b</module></modules>", "a"),
        "b/pom.xml": pom(
            child.replace(">b<", ">a<").replace("../b/", "../a/")
            + "<modules><module>../a</module></modules>",
            "b",
        ),
        f"a/{JAR}": MAIN,
    }
    project = detect_files(files)
    assert any("outside of the project" in problem.message for problem in project.problems)
    assert any("its own parent" in problem.message for problem in project.problems)
    assert [one.path for one in project.components] == ["a"]
