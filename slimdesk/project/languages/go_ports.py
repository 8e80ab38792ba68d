"""Which port a Go program listens on, from the code that its main reaches."""

from __future__ import annotations

import re
from dataclasses import dataclass

from slimdesk.project.facts import FactList
from slimdesk.project.languages.go_package import GoFile

SERVES = re.compile(
    r"\bListenAndServe(?:TLS)?\(|\bnet\.Listen\(|\.Serve(?:TLS)?\(\s*\w|\bgrpc\.NewServer\(|\bgin\.(?:Default|New)\("
    r"|\becho\.New\(|\bfiber\.New\(|\biris\.(?:New|Default)\(|\bfasthttp\.ListenAndServe"
)
_NUMBER = r"(\d{2,5})"
# What a listening call is given: ":8080", "0.0.0.0:8080", "localhost:8080".
_ADDRESS = rf'"(?:tcp://)?([\w.\[\]-]*):{_NUMBER}"'
_NAME = r"(?:default|http|https|server|listen|bind|app|api|service|web|grpc)?_?(?:port|addr|address|hostport|listen)"
_PATTERNS: tuple[tuple[int, re.Pattern[str]], ...] = (
    # PORT with a value to fall back upon is what a platform sets.
    (0, re.compile(
        r'(?:\b\w*[Ee]nv\w*|\bOr)\(\s*(?:os\.Getenv\(\s*)?"[A-Z0-9_]*(?:PORT|ADDR|ADDRESS|LISTEN)"\s*\)?\s*,\s*'
        rf'"?([\w.\[\]-]*:)?{_NUMBER}"?'
    )),
    (0, re.compile(
        r'\bif\s+(?:\w+\s*:?=[^;\n{]+;\s*)?(?:len\()?\w*(?:[pP]ort|[aA]ddr|PORT|ADDR)\w*\)?\s*==\s*(?:""|0)\s*\{\s*'
        rf'(?:return\s+|[\w.]+\s*=\s*)"?([\w.\[\]-]*:)?{_NUMBER}"?'
    )),
    (0, re.compile(
        rf'`[^`\n]*\b(?:env|envconfig):"[A-Za-z0-9_]*(?:PORT|ADDR|ADDRESS|LISTEN|port)\b[^`\n]*?(?:envDefault|default):"([\w.\[\]-]*:)?{_NUMBER}"'
    )),
    (1, re.compile(
        r"\b(?:ListenAndServe(?:TLS)?|Listen(?:TLS)?|Run(?:TLS)?|Start(?:TLS)?|Serve)\(\s*(?:ctx,\s*)?"
        rf'(?:"tcp[46]?",\s*)?(?:fmt\.Sprintf\(\s*)?{_ADDRESS}'
    )),
    (1, re.compile(rf"\bAddr(?:ess)?:\s*{_ADDRESS}")),
    (2, re.compile(
        rf'\b(?:String|Int|Uint|Uint16)(?:Var)?P?\(\s*(?:&[\w.]+\s*,\s*)?"[\w.-]*(?:port|addr|address|listen|bind)[\w.-]*"\s*,'
        rf'\s*(?:"\w?"\s*,\s*)?"?([\w.\[\]-]*:)?{_NUMBER}"?'
    )),
    (2, re.compile(rf'\bName:\s*"(?:port|addr|address|listen|bind)"[^}}]{{0,200}}?\bValue:\s*"?([\w.\[\]-]*:)?{_NUMBER}"?')),
    (2, re.compile(rf'\bSetDefault\(\s*"[\w.]*(?:port|addr|address|listen)"\s*,\s*"?([\w.\[\]-]*:)?{_NUMBER}"?')),
    (3, re.compile(
        rf'(?i)(?<![\w.]){_NAME}\s*(?:string|int|uint16|uint)?\s*:?=\s*(?:flag\.\w+\()?"?([\w.\[\]-]*:)?{_NUMBER}"?\s*(?:$|\n|\)|//)'
    )),
)  # fmt: skip
# if value := os.Getenv("PORT"); value != "" { return value }; return "8080"
_AFTERWARDS = re.compile(
    r'\bos\.(?:Getenv|LookupEnv)\(\s*"[A-Z0-9_]*(?:PORT|ADDR|ADDRESS|LISTEN)"\s*\)(?:(?!\bfunc\b|os\.Getenv)[^`]){0,200}?'
    rf'(?:\breturn|[\w.]+\s*:?=)\s*"?([\w.\[\]-]*:)?{_NUMBER}"?'
)
_GIN_DEFAULT = re.compile(r"\.Run\(\s*\)")
# Ports of somebody else, or for operators only.
_ASIDE = re.compile(
    r"metric|pprof|debug|admin|prom|redis|postgres|\bpg|mysql|mongo|database|\bdb|smtp|kafka|nats|amqp|rabbit|dial|client|remote"
    r"|upstream|consul|etcd|vault|jaeger|otel|otlp|statsd|zipkin|memcache|elastic|ldap|proxy",
    re.IGNORECASE,
)
_ONLY_HERE = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True, slots=True, order=True)
class _Candidate:
    rank: int
    order: int
    port: int
    host: str
    path: str
    line: int


def read_ports(files: list[GoFile], facts: FactList) -> int | None:
    """Return the port that the program most likely serves on; add it and the others as facts.

    Only where the code listens at all. An address of this machine alone becomes a problem: nobody outside of the
    container reaches it.
    """
    serving = next(((file, match) for file in files if (match := SERVES.search(file.code)) is not None), None)
    if serving is None:
        return None
    facts.once("serves", True, serving[0].path, serving[0].line(serving[1].start()))
    candidates = sorted(_candidates(files))
    if not candidates:
        return None
    best = candidates[0]
    facts.once("port", best.port, best.path, best.line)
    for other in candidates[1:]:
        if other.port != best.port:
            facts.add("other_port", other.port, other.path, other.line)
    if best.host in _ONLY_HERE:
        facts.problem(
            f"It listens on {best.host} only, which nobody outside of the container reaches: listen on :{best.port}",
            best.path,
            best.line,
        )
    return best.port


def _candidates(files: list[GoFile]) -> list[_Candidate]:
    found: list[_Candidate] = []
    for order, file in enumerate(files):
        for rank, pattern in (*_PATTERNS, (0, _AFTERWARDS)):
            for match in pattern.finditer(file.code):
                port = int(match.group(2))
                if not 0 < port < 65_536:
                    continue
                at = match.start(2)
                aside = _ASIDE.search(file.line_text(at)) is not None
                if aside and rank == 3:
                    continue
                host = (match.group(1) or "").rstrip(":")
                found.append(_Candidate(rank + 10 * aside, order, port, host, file.path, file.line(at)))
        gin = any(path.startswith("github.com/gin-gonic/gin") for path, _ in file.imports)
        default = _GIN_DEFAULT.search(file.code) if gin else None
        if default is not None:
            # gin's own default, debug.go resolveAddress: PORT, else :8080.
            found.append(_Candidate(4, order, 8080, "", file.path, file.line(default.start())))
    return found
