"""Which port a Go program listens on, from the code that its main reaches."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from slimdesk.project.facts import FactList
from slimdesk.project.languages.go_package import GoFile
from slimdesk.project.patterns import bounded

_SERVES = bounded(
    r"\bListenAndServe(?:TLS)?\(|\bnet\.Listen\(|\.Serve(?:TLS)?\(\s*\w|\bgrpc\.NewServer\(|\bgin\.(?:Default|New)\("
    r"|\becho\.New\(|\bfiber\.New\(|\biris\.(?:New|Default)\(|\bfasthttp\.ListenAndServe"
)
# Most files hold none of these, and looking for plain words is ten times as fast.
_SERVES_WORDS = ("Listen", ".Serve", "grpc.NewServer", "gin.", "echo.New", "fiber.New", "iris.")
_NUMBER = r"(\d{2,5})"
# What a listening call is given: ":8080", "0.0.0.0:8080", "localhost:8080".
_ADDRESS = rf'"(?:tcp://)?([\w.\[\]-]*):{_NUMBER}"'
_NAME = r"(?:default|http|https|server|listen|bind|app|api|service|web|grpc)?_?(?:port|addr|address|hostport|listen)"
_PATTERNS: tuple[tuple[int, re.Pattern[str]], ...] = (
    # PORT with a value to fall back upon is what a platform sets.
    (0, bounded(
        r'(?:\b\w*[Ee]nv\w*|\bOr)\(\s*(?:os\.Getenv\(\s*)?"[A-Z0-9_]*(?:PORT|ADDR|ADDRESS|LISTEN)"\s*\)?\s*,\s*'
        rf'"?([\w.\[\]-]*:)?{_NUMBER}"?'
    )),
    (3, bounded(
        r'\bif\s+(?:\w+\s*:?=[^;\n{]+;\s*)?(?:len\()?\w*(?:[pP]ort|[aA]ddr|PORT|ADDR)\w*\)?\s*==\s*(?:""|0)\s*\{\s*'
        rf'(?:return\s+|[\w.]+\s*=\s*)"?([\w.\[\]-]*:)?{_NUMBER}"?'
    )),
    (0, bounded(
        rf'`[^`\n]*\b(?:env|envconfig):"[A-Za-z0-9_]*(?:PORT|ADDR|ADDRESS|LISTEN|port)\b[^`\n]*?(?:envDefault|default):"([\w.\[\]-]*:)?{_NUMBER}"'
    )),
    (1, bounded(
        r"\b(?:ListenAndServe(?:TLS)?|Listen(?:TLS)?|Run(?:TLS)?|Start(?:TLS)?|Serve)\(\s*(?:ctx,\s*)?"
        rf'(?:"tcp[46]?",\s*)?(?:fmt\.Sprintf\(\s*)?{_ADDRESS}'
    )),
    (1, bounded(rf"\bAddr(?:ess)?:\s*{_ADDRESS}")),
    (2, bounded(
        rf'\b(?:String|Int|Uint|Uint16)(?:Var)?P?\(\s*(?:&[\w.]+\s*,\s*)?"[\w.-]*(?:port|addr|address|listen|bind)[\w.-]*"\s*,'
        rf'\s*(?:"\w?"\s*,\s*)?"?([\w.\[\]-]*:)?{_NUMBER}"?'
    )),
    (2, bounded(rf'\bName:\s*"(?:port|addr|address|listen|bind)"[^}}]{{0,200}}?\bValue:\s*"?([\w.\[\]-]*:)?{_NUMBER}"?')),
    (2, bounded(rf'\bSetDefault\(\s*"[\w.]*(?:port|addr|address|listen)"\s*,\s*"?([\w.\[\]-]*:)?{_NUMBER}"?')),
    # config.Options{"LISTEN_ADDR": {value: "127.0.0.1:8080"}}, kingpin's Flag("listen-address", …).Default("…")
    (2, bounded(
        rf'"(?:[A-Z0-9]+_)*(?:PORT|ADDR|ADDRESS|LISTEN)"\s*:\s*\{{[^}}]{{0,200}}?"([\w.\[\]-]*:)?{_NUMBER}"'
    )),
    (2, bounded(
        rf'\bFlag\(\s*"[\w.-]*(?:port|addr|address|listen)[\w.-]*"[^)]{{0,300}}\)(?:\s*\.\w+\([^)]{{0,60}}\))*?\s*\.Default\(\s*"([\w.\[\]-]*:)?{_NUMBER}"'
    )),
    (3, bounded(
        rf'(?i)(?<![\w.]){_NAME}\s*(?:string|int|uint16|uint)?\s*:?=\s*(?:flag\.\w+\()?"?([\w.\[\]-]*:)?{_NUMBER}"?\s*(?:$|\n|\)|//)'
    )),
)  # fmt: skip
# if value := os.Getenv("PORT"); value != "" { return value }; return "8080"
_AFTERWARDS = bounded(
    r'\bos\.(?:Getenv|LookupEnv)\(\s*"[A-Z0-9_]*(?:PORT|ADDR|ADDRESS|LISTEN)"\s*\)(?:(?!\bfunc\b|os\.Getenv)[^`]){0,200}?'
    rf'(?:\breturn|[\w.]+\s*:?=)\s*"?([\w.\[\]-]*:)?{_NUMBER}"?'
)
_GIN_DEFAULT = bounded(r"\.Run\(\s*\)")
# Ports of somebody else, or for operators only.
_ASIDE = bounded(
    r"metric|pprof|debug|admin|prom|redis|postgres|\bpg|mysql|mongo|database|\bdb|smtp|kafka|nats|amqp|rabbit|dial|client|remote"
    r"|upstream|consul|etcd|vault|jaeger|otel|otlp|statsd|zipkin|memcache|elastic|ldap|proxy",
    re.IGNORECASE,
)
_ONLY_HERE = frozenset({"localhost", "127.0.0.1", "[::1]"})


# What databases, brokers, mail and tracing listen on: an address with one of these is somebody else's.
_FOREIGN = frozenset({
    22, 25, 53, 465, 587, 1025, 1080, 1433, 1521, 2181, 2379, 3306, 4222, 4317, 4318, 5432, 5672, 6379, 6831, 8086, 8125, 8200, 8500,
    9042, 9092, 9200, 9411, 11211, 14268, 26257, 27017,
})  # fmt: skip
_PPROF = 6060
# Of one pattern in one file; nobody opens more ports.
MAX_MATCHES = 50
# A candidate above this is a guess: what a Dockerfile or compose.yaml states goes before it.
_SURE = 4


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """A port that a file names; the lower the rank, the likelier the program serves on it."""

    rank: int
    port: int
    host: str
    line: int


def serves_at(file: GoFile) -> int | None:
    """Return the line on which the file starts to listen, if it does."""
    if not any(word in file.code for word in _SERVES_WORDS):
        return None
    match = _SERVES.search(file.code)
    return None if match is None else file.line(match.start())


def candidates(file: GoFile, *, near: bool) -> list[Candidate]:
    """Return the ports that the file names; `near` says that it listens itself or belongs to the main package."""
    reads_environment = "env(" in file.code or "Env(" in file.code
    found: list[Candidate] = []
    for rank, pattern in (*_PATTERNS, (0, _AFTERWARDS)):
        for match in islice(pattern.finditer(file.code), MAX_MATCHES):
            port = int(match.group(2))
            if not 0 < port < 65_536 or (
                port in _FOREIGN and (rank >= 2 or match.group().startswith("Addr"))
            ):
                continue
            at = match.start(2)
            aside = _ASIDE.search(file.line_text(at)) is not None or port == _PPROF
            if rank == 3 and aside:
                continue
            far = 5 if rank == 3 and not near and not reads_environment else 0
            host = (match.group(1) or "").rstrip(":")
            found.append(Candidate(rank + far + 10 * aside, port, host, file.line(at)))
    gin = any(path.startswith("github.com/gin-gonic/gin") for path, _ in file.imports)
    default = _GIN_DEFAULT.search(file.code) if gin else None
    if default is not None:
        # gin's own default, utils.go resolveAddress: PORT, else :8080.
        found.append(Candidate(_SURE, 8080, "", file.line(default.start())))
    return found


def choose_port(found: Iterable[tuple[Candidate, int, str]], facts: FactList) -> int | None:
    """Return the port that the program most likely serves on, from (candidate, distance from the main, file).

    The port and the others become facts; a mere guess only the fact `port_guess`. An address of this machine alone becomes
    a problem: nobody outside of the container reaches it.
    """
    ordered = sorted(found, key=lambda one: (one[0].rank, one[1], one[0]))
    if not ordered:
        return None
    best, _, path = ordered[0]
    sure = best.rank <= _SURE
    facts.once("port" if sure else "port_guess", best.port, path, best.line)
    for other, _, place in ordered[1:]:
        if other.port != best.port:
            facts.add("other_port", other.port, place, other.line)
    if best.host in _ONLY_HERE:
        facts.problem(
            f"Unless it is told otherwise it listens on {best.host} only, which nobody outside of the container reaches: "
            f"listen on :{best.port}",
            path,
            best.line,
        )
    return best.port if sure else None
