"""What Java and Kotlin sources say: mains, ports, variables of the environment, programs and libraries that they call."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from slimdesk.project.facts import FactList
from slimdesk.project.patterns import bounded
from slimdesk.project.walk import Tree, folder_of

MAX_FILES = 1_500
MAX_CODE = 300_000
MAX_MATCHES = 200
TEST_FOLDERS = frozenset(
    {
        "test",
        "tests",
        "testFixtures",
        "integrationTest",
        "androidTest",
        "jmh",
        "it",
        "benchmark",
        "benchmarks",
    }
)

_QUIET = re.compile(
    r'("""(?:[^"\\]++|\\.|"(?!""))*+"""|"(?:[^"\\\n]++|\\.)*+"|\'(?:[^\'\\\n]|\\.){1,8}\')|//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+(?:\*/)?',
    re.DOTALL,
)
_PACKAGE = bounded(r"^\s*package\s+([\w.]+)\s*;?", re.MULTILINE)
_MAIN = bounded(
    r"\b(?:public\s+static|static\s+public)\s+(?:final\s+)?void\s+main\s*\(\s*(?:final\s+)?(?:@\w+\s+)?(?:String|java\.lang\.String)\b"
)
# Java 25 (JEP 512): main may be an instance method, without arguments, and in a file without a class.
_PLAIN_MAIN = bounded(r"(?m)^(?:static\s+)?void\s+main\s*\(\s*(?:String\s*\[\s*\]\s*\w+)?\s*\)\s*\{")
_KOTLIN_MAIN = bounded(r"(?m)^(?:suspend\s+)?fun\s+main\s*\(")
_KOTLIN_STATIC = bounded(r"@JvmStatic\s+fun\s+main\s*\(")
_TYPE = bounded(
    r"(?m)^\s*(?:(?:public|final|abstract|sealed|open|data|strictfp)\s+)*(?:class|interface|enum|record|object)\s+(\w+)"
)
_JVM_NAME = bounded(r'@file\s*:\s*JvmName\(\s*"(\w+)"\s*\)')
_SPRING_MAIN = re.compile(r"@SpringBootApplication\b|SpringApplication\.run\(|runApplication<")
_QUARKUS_MAIN = re.compile(r"@QuarkusMain\b")

_PORTS = tuple(
    bounded(pattern)
    for pattern in (
        r"\bServerSocket\s*\(\s*(\d{2,5})\b",
        r"HttpServer\.create\s*\(\s*(?:new\s+)?InetSocketAddress\s*\(\s*(?:\"[^\"\n]*\"\s*,\s*)?(\d{2,5})\b",
        r"InetSocketAddress\s*\(\s*(?:\"[\d.:]*\"\s*,\s*)?(\d{2,5})\s*\)",
        r"\bapp\.start\s*\(\s*(\d{2,5})\s*\)",
        r"\)\s*\.start\s*\(\s*(\d{2,5})\s*\)",
        r"embeddedServer\s*\(\s*\w+\s*,\s*(?:port\s*=\s*)?(\d{2,5})\b",
        r"\b(?:setPort|listen|port|localPort|httpPort)\s*\(\s*(\d{2,5})\s*\)",
        r"\bnew\s+Server\s*\(\s*(\d{2,5})\s*\)",
        r"ServerBuilder\.forPort\s*\(\s*(\d{2,5})\s*\)",
    )
)
# A port from the environment, with the number that is taken without one.
_PORT_VARIABLE = bounded(
    r'(?:getenv\s*\(\s*"(?:[A-Z_]*PORT)"\s*\)|getOrDefault\s*\(\s*"(?:[A-Z_]*PORT)"\s*,|getProperty\s*\(\s*"[\w.]*port"\s*,)[^;]{0,160}?\b(\d{2,5})\b'
)
_NAMED_PORT = bounded(r"\b(?:\w*PORT|\w*[pP]ort)\s*(?::\s*Int\s*)?=\s*(\d{2,5})\s*;?")
_SERVES = bounded(
    r"\bServerSocket\s*\(|\bHttpServer\.create\b|\bJavalin\.create\b|\bembeddedServer\s*\(|\bSpark\.(?:get|port)\b|\bUndertow\.builder\b"
    r"|\bVertx\.vertx\b|\bServerBuilder\.forPort\b|\bnew\s+Tomcat\s*\(|\bWebServer\.builder\b|\bServerSocketChannel\.open\b"
)
_CONTROLLER = re.compile(
    r"@(?:Rest)?Controller\b|@EnableAdminServer\b|@EnableEurekaServer\b|@EnableConfigServer\b"
)
_ENV = bounded(
    r'\bSystem\.getenv\s*\(\s*"([A-Za-z_]\w*)"\s*\)|\bgetenv\s*\(\s*\)\s*(?:\.get\s*\(|\[)\s*"([A-Za-z_]\w*)"|\bgetOrDefault\s*\(\s*"([A-Z_]\w*)"'
)
_REQUIRED = bounded(
    r'requireNonNull\s*\(\s*System\.getenv\s*\(\s*"([A-Za-z_]\w*)"|System\.getenv\s*\(\s*"([A-Za-z_]\w*)"\s*\)\s*(?:!!|\?:\s*(?:error\(|throw\b))'
)
_SYSTEM_VARIABLE = re.compile(
    r"HOME|PATH|USER|USERNAME|TMPDIR|TEMP|TMP|LANG|PWD|HOSTNAME|JAVA_HOME|NO_COLOR|TERM|SHELL"
)
_PROGRAM = bounded(
    r'(?:new\s+ProcessBuilder\s*\(|ProcessBuilder\s*\(|getRuntime\s*\(\s*\)\s*\.exec\s*\(|runtime\.exec\s*\()\s*(?:(?:List\.of|Arrays\.asList|listOf|new\s+String\s*\[\s*\]|arrayOf)\s*[({]\s*)?"([^"\n]+)"'
)
_HEALTH = bounded(r'"(/(?:\w+/)?(?:healthz?|livez|readyz|ping|status))"')
_TEMPORARY = re.compile(r"\bcreateTemp(?:File|Directory)\(|File\.createTempFile\(|\"/tmp/")
_ZONES = re.compile(r"\bZoneId\.of\(|\bTimeZone\.getTimeZone\(")
_LIBRARY = bounded(r'\bSystem\.load(?:Library)?\s*\(\s*"([^"\n]+)"')
_NATIVE = re.compile(
    r"\bnative\s+[\w<>\[\]]{1,60}\s+\w{1,60}\s*\(|\bSymbolLookup\.|\bLinker\.nativeLinker\(|com\.sun\.jna\."
)
_DRAWING = re.compile(
    r"\bimport\s+(?:static\s+)?(?:java\.awt\.(?:\*|Font|Graphics|image|geom|Color|RenderingHints)|javax\.swing|javax\.imageio|net\.sf\.jasperreports|org\.apache\.pdfbox)"
)
_WINDOWS = re.compile(
    r"\bextends\s+JFrame\b|\bnew\s+JFrame\(|\bextends\s+Application\b(?=[\s\S]{0,4000}\bStage\b)|\bapplication\s*\{\s*Window\("
)
_SCRIPTING = re.compile(r"\bgetEngineByName\(")
_SHELLS = frozenset(
    {"sh", "bash", "/bin/sh", "/bin/bash", "zsh", "/usr/bin/env", "env", "cmd", "cmd.exe", "powershell"}
)
_LINUX_ONLY_NOT = frozenset({"cmd", "cmd.exe", "powershell"})


@dataclass(frozen=True)
class SourceFile:
    """One source file without its comments; offsets and lines stay as they are."""

    path: str
    text: str

    @cached_property
    def code(self) -> str:
        """The text with comments blanked."""
        return _QUIET.sub(_blanked, self.text)

    @cached_property
    def package(self) -> str:
        """The package that it is in, or an empty text."""
        match = _PACKAGE.search(self.code)
        return match.group(1) if match else ""

    @cached_property
    def main_class(self) -> tuple[str, int] | None:
        """Return the fully qualified class to start, and the line of its main; None without one."""
        found = self._main()
        if found is None:
            return None
        name, at = found
        return (f"{self.package}.{name}" if self.package else name), self.line(at)

    @property
    def needs_java(self) -> int:
        """The oldest Java that takes its main: 25 where no class stands around it."""
        if self.path.endswith(".java") and not _MAIN.search(self.code) and _PLAIN_MAIN.search(self.code):
            return 25
        return 0

    @property
    def is_spring_main(self) -> bool:
        """Whether it starts Spring."""
        return _SPRING_MAIN.search(self.code) is not None

    @property
    def is_quarkus_main(self) -> bool:
        """Whether Quarkus starts it."""
        return _QUARKUS_MAIN.search(self.code) is not None

    def line(self, at: int) -> int:
        """Return the line, from 1, of an offset."""
        return self.text.count("\n", 0, at) + 1

    def _main(self) -> tuple[str, int] | None:
        stem = self.path.rsplit("/", 1)[-1].rpartition(".")[0]
        if self.path.endswith(".kt"):
            static = _KOTLIN_STATIC.search(self.code)
            if static:
                holder = self._type_before(static.start())
                return (holder or stem), static.start()
            match = _KOTLIN_MAIN.search(self.code)
            if match is None:
                return None
            named = _JVM_NAME.search(self.code)
            return (named.group(1) if named else stem[:1].upper() + stem[1:] + "Kt"), match.start()
        match = _MAIN.search(self.code)
        if match is not None:
            return (self._type_before(match.start()) or stem), match.start()
        match = _PLAIN_MAIN.search(self.code)
        return (stem, match.start()) if match is not None and stem.isidentifier() else None

    def _type_before(self, at: int) -> str | None:
        """Return the outermost type whose declaration stands last before an offset at the margin of the file."""
        found = None
        for match in islice(_TYPE.finditer(self.code, 0, at), MAX_MATCHES):
            start = match.start() + len(match.group()) - len(match.group().lstrip())
            margin = self.code.rfind("\n", 0, start) + 1
            if start == margin:
                found = match.group(1)
        return found


def sources(tree: Tree, folder: str, endings: tuple[str, ...] = (".java", ".kt")) -> list[SourceFile]:
    """Return the sources below a folder, without those of tests; at most MAX_FILES."""
    found: list[SourceFile] = []
    prefix = "" if folder == "." else f"{folder}/"
    for entry in tree.under(folder):
        if not entry.path.endswith(endings):
            continue
        parts = folder_of(entry.path.removeprefix(prefix)).split("/")
        if TEST_FOLDERS.intersection(parts) or entry.path.endswith(("module-info.java", "package-info.java")):
            continue
        text = tree.text(entry.path)
        if text is not None:
            found.append(SourceFile(entry.path, text[:MAX_CODE]))
        if len(found) >= MAX_FILES:
            break
    return found


def mains(files: Iterable[SourceFile]) -> list[SourceFile]:
    """Return the files that hold a main, those of a framework first."""
    found = [file for file in files if file.main_class is not None]
    return sorted(
        found,
        key=lambda file: (not (file.is_spring_main or file.is_quarkus_main), file.path.count("/"), file.path),
    )


def port(files: Iterable[SourceFile]) -> tuple[int, str, int] | None:
    """Return the port that the code listens on, with file and line."""
    listening = [
        file for file in files if _SERVES.search(file.code) or any(one.search(file.code) for one in _PORTS)
    ]
    for patterns, among in (((_PORT_VARIABLE,), listening), (_PORTS, listening), ((_NAMED_PORT,), listening)):
        for file in among:
            for pattern in patterns:
                for match in islice(pattern.finditer(file.code), MAX_MATCHES):
                    number = int(match.group(1))
                    if 0 < number < 65_536 and number >= 80:
                        return number, file.path, file.line(match.start(1))
    return None


def serves(files: Iterable[SourceFile]) -> tuple[str, int] | None:
    """Return where the code starts to listen."""
    for file in files:
        match = _SERVES.search(file.code)
        if match:
            return file.path, file.line(match.start())
    return None


def controller(files: Iterable[SourceFile]) -> tuple[str, int] | None:
    """Return where Spring is told to answer requests: its web starter may come through another dependency."""
    for file in files:
        match = _CONTROLLER.search(file.code)
        if match:
            return file.path, file.line(match.start())
    return None


def add_usage(files: Iterable[SourceFile], facts: FactList) -> None:
    """Add what the code needs around it, such as env, env_required, program, shell, native, fonts, health_path."""
    for file in files:
        code = file.code
        for match in islice(_ENV.finditer(code), MAX_MATCHES):
            name = next(group for group in match.groups() if group)
            if not _SYSTEM_VARIABLE.fullmatch(name):
                facts.add("env", name, file.path, file.line(match.start()))
        for match in islice(_REQUIRED.finditer(code), MAX_MATCHES):
            name = match.group(1) or match.group(2)
            facts.add("env_required", name, file.path, file.line(match.start()))
        for match in islice(_PROGRAM.finditer(code), MAX_MATCHES):
            words = match.group(1).split()
            if not words or words[0] in _LINUX_ONLY_NOT or words[0].endswith("/java") or words[0] == "java":
                continue
            if words[0] in _SHELLS:
                facts.once("shell", True, file.path, file.line(match.start()))
            else:
                facts.add("program", words[0], file.path, file.line(match.start()))
        for match in islice(_LIBRARY.finditer(code), 20):
            facts.add("jni", match.group(1), file.path, file.line(match.start()))
        for pattern, key in (
            (_NATIVE, "native"), (_DRAWING, "fonts"), (_WINDOWS, "desktop"), (_TEMPORARY, "writes_tmp"),
            (_ZONES, "time_zones"), (_SCRIPTING, "scripting"),
        ):  # fmt: skip
            found = pattern.search(code)
            if found:
                facts.once(key, True, file.path, file.line(found.start()))
        health = _HEALTH.search(code)
        if health:
            facts.once("health_path", health.group(1), file.path, file.line(health.start()))


def _blanked(match: re.Match[str]) -> str:
    if match.group(1) is not None:
        return match.group(1)
    return re.sub(r"[^\n]", " ", match.group())
