"""What the JavaScript and TypeScript sources say: ports, addresses, environment variables, routes, signals, shells.

Patterns, not a parser: each is bounded and linear, and what they cannot read is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from slimdesk.project.model import Evidence
from slimdesk.project.walk import Tree

SOURCE_ENDINGS = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx")
MINIFIED = 5_000  # characters of a line, that nobody writes by hand
MAX_FILES = 800
MAX_BYTES = 8_000_000
# A file longer than this is a bundle, not a source.
MAX_FILE = 400_000
# How far behind its declaration a constant is looked for, in characters.
MAX_DISTANCE = 4_000

_NOT_RUN = re.compile(
    r"(?:^|/)(?:tests?|__tests__|__mocks__|mocks?|e2e|spec|specs|cypress|playwright|fixtures?|stories|coverage|docs?"
    r"|examples?|scripts|benchmarks?|public|static|assets)/"
)
_TEST_FILE = re.compile(
    r"\.(?:test|spec|e2e|e2e-spec|stories|d|config|min|bench)\.[cm]?[jt]sx?$|\.d\.[cm]?ts$"
)

_PORT_NAMES = "PORT|HTTP_PORT|APP_PORT|SERVER_PORT|API_PORT|NODE_PORT|LISTEN_PORT|WEB_PORT|SERVICE_PORT"
_HOST_NAMES = (
    "HOST|HOSTNAME|HTTP_HOST|APP_HOST|SERVER_HOST|LISTEN_HOST|BIND_HOST|ADDRESS|LISTEN_ADDRESS|BIND_ADDRESS"
)
_ENV = r"(?:process|Deno|Bun|import\.meta)\.env"
_PORT_DEFAULT = re.compile(
    rf"(?:process|Bun)\.env(?:\.({_PORT_NAMES})\b|\[\s*['\"]({_PORT_NAMES})['\"]\s*\])(?:\s*,\s*10)?\s*\)?\s*"
    r"(?:\|\||\?\?)\s*(?:Number\(|parseInt\()?['\"`]?(\d{2,5})\b"
)
_PORT_TERNARY = re.compile(rf"process\.env\.({_PORT_NAMES})\s*\?[^:\n?]{{1,120}}:\s*['\"]?(\d{{2,5}})\b")
_PORT_DESTRUCTURED = re.compile(
    rf"\b({_PORT_NAMES})\s*(?::\s*[A-Za-z_$][\w$]*\s*)?=\s*['\"]?(\d{{2,5}})\b[^;{{}}]{{0,400}}\}}\s*=\s*process\.env"
)
_PORT_SCHEMA = re.compile(
    rf"\b({_PORT_NAMES})['\"]?\s*:\s*[^\n]{{0,160}}?(?:default\(|default:\s*)\s*['\"]?(\d{{2,5}})\b"
)
_PORT_GETTER = re.compile(rf"\(\s*['\"]({_PORT_NAMES}|port)['\"]\s*,\s*['\"]?(\d{{2,5}})\b")
_PORT_ENV = re.compile(rf"process\.env(?:\.|\[['\"])({_PORT_NAMES})\b")
_PORT_ENV_OTHER = re.compile(rf"\b({_PORT_NAMES})\b[^;{{}}=]{{0,200}}\}}\s*=\s*process\.env\b")
_LISTEN = re.compile(r"\.listen\(\s*")
_LISTEN_PORT = re.compile(r"['\"]?(\d{2,5})['\"]?\s*[,)]")
_LISTEN_OBJECT = re.compile(r"\{[^{}]{0,300}?\bport\s*:\s*['\"]?(\d{2,5})\b")
_SERVE_OBJECT = re.compile(
    r"(?:\bserve\(|\bnew\s+(?:Hapi\.)?Server\(|\bhapi\.server\(|Hapi\.server\()[^{}]{0,80}\{[^{}]{0,300}?\bport\s*:\s*['\"]?(\d{2,5})\b",
    re.IGNORECASE,
)
_CONSTANT = re.compile(
    r"\b(?:const|let|var)\s+([A-Za-z_$][\w$]*)\s*(?::\s*number\s*)?=\s*['\"]?(\d{2,5})['\"]?\s*[;,\n]"
)
_NAME = re.compile(r"(?:\{[^{}]{0,120}?\bport\s*:\s*)?([A-Za-z_$][\w$]*)\s*[,)}]")
_SERVES = re.compile(
    r"\.listen\(|\b(?:Deno|Bun)\.serve\(|\bcreateServer\(|\bserve\(\s*[{a-z]|createSecureServer\(|new\s+WebSocketServer\(|startStandaloneServer\(|Hapi\.server\("
)
# Only what a server is given: a client, such as a health check or a database's driver, names localhost as well.
_LOCAL_LISTEN = re.compile(r"(?:\.listen|\b[sS]erver?)\([^)]{0,200}?['\"](?:127\.0\.0\.1|localhost|::1)['\"]")
_ANY_HOST = re.compile(r"['\"](?:0\.0\.0\.0|::)['\"]")
_HOST_ENV = re.compile(rf"process\.env(?:\.|\[['\"])({_HOST_NAMES})\b")

_ENV_NAME = "[A-Za-z_][A-Za-z0-9_]{0,99}"
_ENV_READ = re.compile(rf"\bprocess\.env(?:\.({_ENV_NAME})|\[\s*['\"]({_ENV_NAME})['\"]\s*\])")
_ENV_DESTRUCTURED = re.compile(r"(?:const|let|var)\s*\{([^{}]{1,1500})\}\s*=\s*process\.env\b")
_ENV_GETTER = re.compile(
    r"\b(?:config|configService|cfg|env)\.(getOrThrow|get)(?:<[\w\s|]{1,40}>)?\(\s*['\"]([A-Z][A-Z0-9_]{1,99})['\"]([^)\n]{0,80})"
)
_ENV_MUST = re.compile(
    r"\b\w{0,40}?(?:[Rr]equire|[Mm]ust|OrThrow|OrDie|[Mm]andatory)\w{0,40}\(\s*(?:process\.env\s*,\s*)?['\"]([A-Z][A-Z0-9_]{1,99})['\"]"
)
_ENV_CHECKED = re.compile(
    rf"if\s*\(\s*!\s*process\.env(?:\.({_ENV_NAME})|\[\s*['\"]({_ENV_NAME})['\"]\s*\])[^{{;]{{0,200}}?\)\s*\{{?(.{{0,300}})",
    re.DOTALL,
)
_ENV_ASSERTED = re.compile(
    rf"\b(?:assert|invariant|ok|strict|tiny)\w*(?:\.\w+)?\(\s*process\.env\.({_ENV_NAME})\b"
)
_ENV_CONSTANT = re.compile(
    rf"\b(?:const|let|var)\s+([A-Za-z_$][\w$]*)\s*(?::\s*[\w\s|]{{1,40}})?=\s*process\.env(?:\.({_ENV_NAME})|\[\s*['\"]({_ENV_NAME})['\"]\s*\])\s*[;\n]"
)
_ENV_FALLBACK_THROWS = re.compile(
    rf"process\.env\.({_ENV_NAME})\s*(?:\?\?|\|\|)\s*(?:\(\s*\(\)\s*=>\s*\{{\s*throw\b|(?:throw|fail|die|missing|raise)\w*\()"
)
_SCHEMA_FIELD = re.compile(
    r"(?m)^[ \t]*['\"]?([A-Z][A-Z0-9_]{1,99})['\"]?\s*:\s*((?:z|Joi|joi|t|v|yup|Type)\b[^\n]{0,300}(?:\n\s*\.[^\n]{0,200}){0,8}|(?:str|num|port|url|email|host|bool|json)\([^\n]{0,200})"
)
_SCHEMA_USED = re.compile(
    r"process\.env|cleanEnv|createEnv|validationSchema|envSchema|@fastify/env|fastify-env"
)
_STOPS = re.compile(r"\bthrow\b|process\.exit\(|process\.abort\(|process\.exitCode\s*=\s*[1-9]")

_HEALTH_NAMES = "healthz|health|livez|readyz|ready|live|liveness|readiness|health-check|healthcheck|_health|ping|status|up"
_HEALTH_ROUTE = re.compile(
    rf"(?:\.(?:get|all|use|route|head)\(\s*|\burl\s*:\s*|\bpath\s*:\s*)['\"`](/(?:api/|v\d/|api/v\d/)?(?:{_HEALTH_NAMES}))/?['\"`]"
)
_NEST_ROUTE = re.compile(rf"@(?:Controller|Get)\(\s*['\"]/?((?:api/)?(?:{_HEALTH_NAMES}))['\"]\s*\)")
_NEST_PREFIX = re.compile(r"setGlobalPrefix\(\s*['\"]/?([A-Za-z0-9_/-]{1,60}?)/?['\"]\s*\)")

_SIGTERM = re.compile(
    r"\.(?:on|once)\(\s*['\"]SIGTERM['\"]|enableShutdownHooks\(|close-with-grace|closeWithGrace\(|createTerminus\(|gracefulShutdown\(|['\"]SIGTERM['\"]\s*[,\]]"
)
_SHELL = re.compile(r"\b(?:exec|execSync)\(\s*['\"`]|\bshell\s*:\s*true\b|from\s+['\"](?:zx|shelljs)['\"]")
_CHILD = re.compile(r"['\"](?:node:)?child_process['\"]|['\"](?:zx|shelljs)['\"]")
_TMP = re.compile(
    r"\bos\.tmpdir\(\)|\btmpdir\(\)|['\"`]/tmp(?:/|['\"`])|mkdtemp(?:Sync)?\(|['\"]tmp(?:-promise)?['\"]"
)
_WRITES = re.compile(
    r"\b(?:multer\(\s*\{\s*dest|diskStorage\(|createWriteStream\(|(?:writeFile|appendFile|mkdir)(?:Sync)?\()"
)
# Lines that are comments; the line itself stays, so that numbers hold.
_COMMENT = re.compile(r"(?m)^[ \t]*(?://|\*|/\*).*$")


@dataclass(frozen=True, slots=True)
class Seen:
    """A value, and where it stands."""

    value: str
    evidence: Evidence


@dataclass(slots=True)
class SourceFacts:
    """What the sources of one package say. Lists are in the order found, each value once."""

    port: Seen | None = None
    port_env: Seen | None = None
    host_env: Seen | None = None
    local_only: Evidence | None = None
    any_host: bool = False
    serves: Evidence | None = None
    env: dict[str, Evidence] = field(default_factory=dict)
    required: dict[str, Evidence] = field(default_factory=dict)
    health: Seen | None = None
    sigterm: Evidence | None = None
    shell: Evidence | None = None
    tmp: Evidence | None = None
    writes: Evidence | None = None


def read_sources(
    tree: Tree, folder: str, entry: str | None = None, outside: Iterable[str] = ()
) -> SourceFacts:
    """Read the sources under `folder`, `entry` first, without those under the folders `outside`."""
    facts = SourceFacts()
    prefix: Seen | None = None
    health_nest: Seen | None = None
    for path, text in _texts(tree, folder, entry, tuple(outside)):
        _ports(path, text, facts)
        _environment(path, text, facts)
        facts.serves = facts.serves or _first(_SERVES, text, path)
        facts.local_only = facts.local_only or _first(_LOCAL_LISTEN, text, path)
        facts.any_host = facts.any_host or _ANY_HOST.search(text) is not None
        facts.sigterm = facts.sigterm or _first(_SIGTERM, text, path)
        if facts.shell is None and _CHILD.search(text):
            facts.shell = _first(_SHELL, text, path)
        facts.tmp = facts.tmp or _first(_TMP, text, path)
        facts.writes = facts.writes or _first(_WRITES, text, path)
        facts.health = facts.health or _seen(_HEALTH_ROUTE, text, path)
        health_nest = health_nest or _seen(_NEST_ROUTE, text, path)
        prefix = prefix or _seen(_NEST_PREFIX, text, path)
    if facts.health is None and health_nest is not None:
        start = "" if prefix is None else f"/{prefix.value}"
        facts.health = Seen(f"{start}/{health_nest.value}", health_nest.evidence)
    return facts


def _texts(tree: Tree, folder: str, entry: str | None, outside: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    paths = []
    others = tuple(f"{one}/" for one in outside)
    start = 0 if folder == "." else len(folder) + 1
    for path in (file.path for file in tree.under(folder)):
        inside = path[start:]
        if path != entry and not inside.endswith(SOURCE_ENDINGS):
            continue
        if path.startswith(others) or _TEST_FILE.search(inside) or _NOT_RUN.search(inside):
            continue
        paths.append(path)
    # The entry, then what lies near the top: there is where servers are set up.
    paths.sort(key=lambda path: (path != entry, path.count("/"), path))
    number = total = 0
    for path in paths:
        size = tree.files[path].size
        if size > MAX_FILE:
            continue
        number, total = number + 1, total + size
        if number > MAX_FILES or total > MAX_BYTES:
            return
        text = tree.text(path)
        # A bundle that was put beside the sources is served, not run, and says nothing of this server.
        if text and (path == entry or max(map(len, text.splitlines()), default=0) < MINIFIED):
            yield path, _COMMENT.sub("", text)


def _ports(path: str, text: str, facts: SourceFacts) -> None:
    if facts.port is None or facts.port_env is None:
        for pattern in (_PORT_DEFAULT, _PORT_TERNARY, _PORT_DESTRUCTURED, _PORT_SCHEMA, _PORT_GETTER):
            match = pattern.search(text)
            if match:
                groups = [group for group in match.groups() if group]
                evidence = _at(text, match.start(), path)
                if groups[0].isupper():
                    facts.port_env = facts.port_env or Seen(groups[0], evidence)
                if facts.port is None and _is_port(groups[-1]):
                    facts.port = Seen(groups[-1], evidence)
                break
    if facts.port is None:
        facts.port = _listened_port(path, text)
    if facts.port_env is None:
        facts.port_env = _seen(_PORT_ENV, text, path) or _seen(_PORT_ENV_OTHER, text, path)
    facts.host_env = facts.host_env or _seen(_HOST_ENV, text, path)


def _listened_port(path: str, text: str) -> Seen | None:
    match = _SERVE_OBJECT.search(text)
    if match and _is_port(match.group(1)):
        return Seen(match.group(1), _at(text, match.start(1), path))
    constants = {match.group(1): match for match in _CONSTANT.finditer(text)}
    for listen in _LISTEN.finditer(text):
        at = listen.end()
        match = _LISTEN_PORT.match(text, at) or _LISTEN_OBJECT.match(text, at)
        if match is None:
            name = _NAME.match(text, at)
            match = constants.get(name.group(1)) if name else None
        if match is not None and _is_port(match.group(match.lastindex or 1)):
            return Seen(match.group(match.lastindex or 1), _at(text, match.start(match.lastindex or 1), path))
    return None


def _environment(path: str, text: str, facts: SourceFacts) -> None:
    for match in _ENV_READ.finditer(text):
        _note(facts.env, match.group(1) or match.group(2), (path, text, match.start()))
    for match in _ENV_DESTRUCTURED.finditer(text):
        for name in re.findall(rf"(?:^|,)\s*({_ENV_NAME})", match.group(1)):
            _note(facts.env, name, (path, text, match.start(1) + match.group(1).find(name)))
    for match in _ENV_GETTER.finditer(text):
        _note(facts.env, match.group(2), (path, text, match.start()))
        if match.group(1) == "getOrThrow":
            _note(facts.required, match.group(2), (path, text, match.start()))
    for pattern in (_ENV_MUST, _ENV_ASSERTED, _ENV_FALLBACK_THROWS):
        for match in pattern.finditer(text):
            _note(facts.env, match.group(1), (path, text, match.start()))
            _note(facts.required, match.group(1), (path, text, match.start()))
    _demanded(path, text, facts)


def _demanded(path: str, text: str, facts: SourceFacts) -> None:
    """Note the variables without which the code stops: checked by an if, or fields of a schema that are not optional."""
    for match in _ENV_CHECKED.finditer(text):
        if _STOPS.search(match.group(3).split("}")[0]):
            _note(facts.required, match.group(1) or match.group(2), (path, text, match.start()))
    for match in list(_ENV_CONSTANT.finditer(text))[:100]:
        check = re.search(
            rf"if\s*\([^;{{]{{0,100}}!\s*{re.escape(match.group(1))}\b[^{{;]{{0,100}}?\)\s*\{{?(.{{0,300}})",
            text[match.end() : match.end() + MAX_DISTANCE],
            re.DOTALL,
        )
        if check and _STOPS.search(check.group(1).split("}")[0]):
            _note(facts.required, match.group(2) or match.group(3), (path, text, match.start()))
    if _SCHEMA_USED.search(text):
        for match in _SCHEMA_FIELD.finditer(text):
            _note(facts.env, match.group(1), (path, text, match.start(1)))
            if not re.search(r"optional|default|nullish|catch\(", match.group(2)):
                _note(facts.required, match.group(1), (path, text, match.start(1)))


def _note(into: dict[str, Evidence], name: str | None, place: tuple[str, str, int]) -> None:
    """Keep where a variable is read first; `place` is the file's path, its text, and the position in it."""
    path, text, at = place
    if name and name != "NODE_ENV" and name not in into and len(into) < 500:
        into[name] = _at(text, at, path)


def _is_port(text: str) -> bool:
    return 1 <= int(text) <= 65535


def _first(pattern: re.Pattern[str], text: str, path: str) -> Evidence | None:
    match = pattern.search(text)
    return None if match is None else _at(text, match.start(), path)


def _seen(pattern: re.Pattern[str], text: str, path: str) -> Seen | None:
    match = pattern.search(text)
    return None if match is None else Seen(match.group(1), _at(text, match.start(1), path))


def _at(text: str, position: int, path: str) -> Evidence:
    return Evidence(path, text.count("\n", 0, position) + 1)
