"""What C and C++ code does that an image must serve: where main is, the port, files it opens, names it looks up.

Read with patterns from code whose comments are blanked; nothing is compiled.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from slimdesk.project.facts import FactList
from slimdesk.project.languages.native_source import (
    MAX_MATCHES,
    PortCandidate,
    Source,
    read_source,
    tell_ports,
)
from slimdesk.project.patterns import bounded
from slimdesk.project.walk import Tree, join, normal

C_NAMES = ("*.c",)
CXX_NAMES = ("*.cc", "*.cpp", "*.cxx", "*.C", "*.c++")
HEADERS = ("*.h", "*.hpp", "*.hh", "*.hxx")
MAX_FILES = 300
ASIDE = frozenset({
    "test", "tests", "testing", "unittests", "example", "examples", "samples", "demo", "bench", "benchmark", "benchmarks", "third_party", "thirdparty",
    "3rdparty", "external", "externals", "extern", "vendor", "deps", "subprojects", "submodules", "fuzz", "docs", "doc", "bindings", "python", "build",
    "contrib", "include",
})  # fmt: skip

# Possessive, with ends that may be missing: linear on any input.
_TOKENS = re.compile(
    r"""("(?:[^"\\\n]++|\\(?s:.))*+"?|'(?:[^'\\\n]|\\.){1,8}')|//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+(?:\*/)?"""
)
_MAIN = bounded(r"(?m)^[ \t]*(?:extern\s+\"C\"\s+)?(?:static\s+)?(?:int|auto|void)\s+(?:wmain|main)\s*\(")
_NUMBER = r"(\d{2,5})"
_PATTERNS: tuple[tuple[int, re.Pattern[str]], ...] = (
    # getenv("PORT") ? atoi(getenv("PORT")) : 8080
    (0, bounded(rf'getenv\(\s*"[A-Z_]*PORT"\s*\)[^;]{{0,160}}?[:,]()\s*"?{_NUMBER}\b')),
    (1, bounded(rf'\b(?:listen|bind|bind_to_port|addListener|listen_on|start|serve)\s*\(\s*"([\w.:]+)"\s*,\s*{_NUMBER}\b')),
    (1, bounded(rf"\.port\(()\s*{_NUMBER}\s*\)")),
    (1, bounded(rf"\bhtons\(()\s*{_NUMBER}\s*\)")),
    (1, bounded(rf"\bendpoint\s*[({{]\s*(?:[\w:]*?v[46]\(\)|[\w:.]*?make_address\(\"([\w.:]+)\"\))\s*,\s*{_NUMBER}\b")),
    (1, bounded(rf'"(?:http|tcp)://([\w.*\[\]]+):{_NUMBER}/?"')),
    (1, bounded(rf"\b(?:MHD_start_daemon)\([^;]{{0,80}}?,()\s*{_NUMBER}\s*,")),
    (1, bounded(rf"\bAddress\(\s*(?:Ipv4::any\(\)|\"([\w.]+)\")\s*,\s*(?:Port\()?\s*{_NUMBER}")),
    (3, bounded(rf"(?mi)^\s*#\s*define\s+\w*PORT\w*()\s+\(?\s*{_NUMBER}\b")),
    (3, bounded(rf"(?i)\b(?:const|constexpr|int|auto|uint16_t|unsigned|short)\s+\w*port\w*()\s*(?:=|\{{)\s*{_NUMBER}\s*[;}}]")),
    (3, bounded(rf'(?i)\b(?:const\s+)?(?:char\s*\*\s*(?:const\s+)?|std::string\s+|auto\s+)\w*port\w*()\s*=\s*"{_NUMBER}"')),
)  # fmt: skip
_LISTENS = bounded(
    r"\blisten\s*\(|\.port\(|addListener\(|async_accept|acceptor|MHD_start_daemon|mg_http_listen|evhttp_bind|app\.run\(|HttpServer|uv_listen"
)
_CLIENT = re.compile(r"connect\s*\(|CURLOPT_URL|connect\b", re.IGNORECASE)
_LOOKUP = bounded(r"\b(getaddrinfo|gethostbyname|getpwnam|getpwuid|getgrnam|getgrgid|dlopen|iconv_open)\s*\(")
_SHELL = bounded(r"\b(system|popen)\s*\(\s*\"([\w./-]{1,60})")
_SHELL_CALL = bounded(r"(?<![\w.>:])(?:std::)?(?:system|popen)\s*\(\s*[\"\w]")
_EXEC = bounded(r"\bexecv?[lpe]{1,2}\s*\(\s*\"([\w./-]{1,60})\"")
_OPENED = bounded(
    r"""\b(?:fopen|ifstream(?:\s+\w+)?|open|set_mount_point\([^,]{1,60},|LoadFile|parse_file|set_base_dir)\s*[({]?\s*"(\.?/?[\w.-][\w./-]{0,120})\""""
)
_ENVIRONMENT = bounded(r'getenv\(\s*"([A-Z][A-Z0-9_]{1,80})"')
_HEALTH = bounded(r'"(/(?:api/|_)?(?:healthz?|livez|readyz|ping|status))"')
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_LOOPBACK = bounded(
    r"INADDR_LOOPBACK|inet_addr\(\s*\"127\.0\.0\.1\"|address_v4::loopback|inet_pton\([^;]{0,60}\"127\.0\.0\.1\""
)
_FOREIGN = frozenset({22, 25, 53, 3306, 5432, 5672, 6379, 9042, 9092, 27017})
FRAMEWORKS = (
    ("crow.h", "crow"), ("httplib.h", "cpp-httplib"), ("drogon/", "drogon"), ("pistache/", "pistache"), ("oatpp/", "oatpp"), ("restinio/", "restinio"),
    ("cpprest/", "cpprestsdk"), ("boost/beast", "boost.beast"), ("boost/asio", "boost.asio"), ("asio.hpp", "asio"), ("microhttpd.h", "libmicrohttpd"),
    ("mongoose.h", "mongoose"), ("civetweb.h", "civetweb"), ("grpcpp/", "grpc"), ("uWS", "uwebsockets"), ("event2/http", "libevent"),
    ("CLI/CLI.hpp", "cli11"), ("cxxopts.hpp", "cxxopts"), ("getopt.h", "getopt"),
)  # fmt: skip
_INCLUDE = bounded(r'(?m)^[ \t]*#[ \t]*include[ \t]*[<"]([\w./+-]{1,100})[>"]')


def read_file(tree: Tree, path: str) -> Source | None:
    """Return one file ready to be searched, None if it cannot be read."""
    return read_source(tree, path, _TOKENS)


def line_of_main(source: Source) -> int | None:
    """Return the line of main, if it is in this file."""
    match = _MAIN.search(source.code) if "main" in source.code else None
    return None if match is None else source.line(match.end() - 1)


def sources_below(tree: Tree, folder: str, first: Iterable[str] = ()) -> Iterator[Source]:
    """The sources of a project, `first` before all others; tests and what others wrote are left out."""
    prefix = "" if folder == "." else f"{folder}/"
    paths = dict.fromkeys(path for path in first if tree.has(path))
    for path in tree.named(*C_NAMES, *CXX_NAMES, *HEADERS):
        if path.startswith(prefix) and not ASIDE.intersection(path[len(prefix) :].lower().split("/")[:-1]):
            paths[path] = None
    for path in islice(paths, MAX_FILES):
        source = read_file(tree, path)
        if source is not None:
            yield source


def read_usage(
    tree: Tree, sources: list[Source], folder: str, facts: FactList
) -> tuple[str | None, int | None]:
    """Add the facts of the sources, which are ordered by nearness to main; return framework and port."""
    framework = None
    for source in sources:
        included = {match.group(1): match.start() for match in islice(_INCLUDE.finditer(source.code), 200)}
        for word, name in FRAMEWORKS:
            at = next((place for header, place in included.items() if word in header), None)
            if at is not None and framework is None:
                framework = name
                facts.add("framework", name, source.path, source.line(at))
        _calls(tree, source, folder, facts)
    serves = next(((one, match) for one in sources if (match := _LISTENS.search(one.code))), None)
    port = _port(sources, facts) if serves is not None else None
    if serves is not None:
        facts.add("serves", True, serves[0].path, serves[0].line(serves[1].start()))
    return framework, port


def _calls(tree: Tree, source: Source, folder: str, facts: FactList) -> None:
    for match in islice(_LOOKUP.finditer(source.code), MAX_MATCHES):
        facts.add("name_lookup", match.group(1), source.path, source.line(match.start()))
        if match.group(1).startswith(("getpw", "getgr")):
            facts.once("user_lookup", True, source.path, source.line(match.start()))
    shell = _SHELL_CALL.search(source.code)
    if shell is not None:
        facts.once("shell", True, source.path, source.line(shell.start()))
    for match in islice(_SHELL.finditer(source.code), MAX_MATCHES):
        facts.add("program", match.group(2), source.path, source.line(match.start()))
    for match in islice(_EXEC.finditer(source.code), MAX_MATCHES):
        facts.add("program", match.group(1), source.path, source.line(match.start()))
    for match in islice(_ENVIRONMENT.finditer(source.code), MAX_MATCHES):
        facts.add("env", match.group(1), source.path, source.line(match.start()))
    for match in islice(_OPENED.finditer(source.code), MAX_MATCHES):
        word = match.group(1)
        inside = None if word.startswith("/") else normal(word)
        if inside not in (None, ".", "src", "include") and (
            tree.has(join(folder, str(inside))) or tree.has_folder(join(folder, str(inside)))
        ):
            facts.add("runtime_file", inside, source.path, source.line(match.start()))
    health = _HEALTH.search(source.code)
    if health is not None:
        facts.once("health_path", health.group(1), source.path, source.line(health.start()))


def _port(sources: list[Source], facts: FactList) -> int | None:
    best = tell_ports([one for at, source in enumerate(sources) for one in _candidates(source, at)], facts)
    if best is None:
        return None
    host, path, line = best.host, best.path, best.line
    if not host:
        for source in sources:
            match = _LOOPBACK.search(source.code)
            if match is not None:
                host, path, line = "127.0.0.1", source.path, source.line(match.start())
                break
    if host in _LOCAL:
        facts.problem(
            f"It listens on {host} only, which nobody outside of the container reaches: listen on all addresses (0.0.0.0)",
            path,
            line,
        )
    return best.port


def _candidates(source: Source, place: int) -> Iterator[PortCandidate]:
    for rank, pattern in _PATTERNS:
        for match in islice(pattern.finditer(source.code), MAX_MATCHES):
            port = int(match.group(2))
            around = source.line_text(match.start(), match.end())
            if not 0 < port < 65_536 or port in _FOREIGN or _CLIENT.search(around):
                continue
            yield PortCandidate(
                rank, place, source.line(match.start(2)), port, match.group(1) or "", source.path
            )
