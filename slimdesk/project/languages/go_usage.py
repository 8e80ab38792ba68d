"""What Go code does that an image must serve: ports, variables, health routes, certificates, time zones, files, cgo.

Everything is read with patterns from code whose comments are blanked; nothing is run. Each finding has its line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from slimdesk.project.facts import FactList
from slimdesk.project.languages.go_package import GoFile, Sources
from slimdesk.project.languages.go_ports import Candidate, candidates, choose_port, serves_at
from slimdesk.project.patterns import bounded
from slimdesk.project.walk import Tree, folder_of, join, normal

FRAMEWORKS = (
    ("github.com/gin-gonic/gin", "gin"),
    ("github.com/labstack/echo", "echo"),
    ("github.com/gofiber/fiber", "fiber"),
    ("github.com/go-chi/chi", "chi"),
    ("github.com/gorilla/mux", "gorilla/mux"),
    ("github.com/julienschmidt/httprouter", "httprouter"),
    ("github.com/valyala/fasthttp", "fasthttp"),
    ("github.com/gobuffalo/buffalo", "buffalo"),
    ("github.com/beego/beego", "beego"),
    ("github.com/kataras/iris", "iris"),
    ("goa.design/goa", "goa"),
    ("connectrpc.com/connect", "connect"),
    ("google.golang.org/grpc", "grpc"),
    ("net/http", "net/http"),
    ("github.com/spf13/cobra", "cobra"),
    ("github.com/urfave/cli", "urfave/cli"),
)

# Modules that do not work, or not fully, without a C compiler; True = they bring C++.
CGO_MODULES = {
    "github.com/mattn/go-sqlite3": False,
    "gorm.io/driver/sqlite": False,
    "github.com/mutecomm/go-sqlcipher": False,
    "github.com/confluentinc/confluent-kafka-go": False,
    "github.com/marcboeker/go-duckdb": True,
    "github.com/duckdb/duckdb-go": True,
    "github.com/godror/godror": False,
    "github.com/sijms/go-oci8": False,
    "github.com/mattn/go-oci8": False,
    "github.com/ibmdb/go_ibm_db": False,
    "github.com/davidbyttow/govips": False,
    "github.com/h2non/bimg": False,
    "github.com/libgit2/git2go": False,
    "github.com/google/gopacket/pcap": False,
    "github.com/gopacket/gopacket/pcap": False,
    "github.com/coreos/go-systemd/v22/sdjournal": False,
    "github.com/DataDog/zstd": False,
    "github.com/valyala/gozstd": False,
    "github.com/chai2010/webp": False,
    "github.com/miekg/pkcs11": False,
    "github.com/pebbe/zmq4": False,
    "github.com/linxGnu/grocksdb": True,
    "github.com/tecbot/gorocksdb": True,
    "gocv.io/x/gocv": True,
    "rogchap.com/v8go": True,
    "github.com/bytecodealliance/wasmtime-go": False,
    "github.com/wasmerio/wasmer-go": False,
    "libvirt.org/go/libvirt": False,
    "github.com/ceph/go-ceph": False,
    "github.com/gen2brain/go-fitz": False,
    "github.com/otiai10/gosseract": True,
}
# Modules whose work is to speak TLS to somebody else.
_TLS_CLIENTS = (
    "github.com/aws/aws-sdk-go",
    "cloud.google.com/go/",
    "google.golang.org/api/",
    "github.com/Azure/azure-sdk-for-go",
    "github.com/go-resty/resty",
    "github.com/hashicorp/go-retryablehttp",
    "github.com/stripe/stripe-go",
    "github.com/slack-go/slack",
    "github.com/google/go-github",
    "github.com/sashabaranov/go-openai",
    "github.com/minio/minio-go",
    "github.com/getsentry/sentry-go",
    "golang.org/x/oauth2",
    "golang.org/x/crypto/acme",
    "net/smtp",
    "github.com/jackc/pgx",
    "github.com/lib/pq",
    "github.com/go-sql-driver/mysql",
    "go.mongodb.org/mongo-driver",
)
# Packages of the standard library through which a program can reach others with TLS.
_NETWORK = ("crypto/tls", "crypto/x509", "expvar", "log/syslog", "net")
_OFFLINE = ("net/mail", "net/netip", "net/textproto", "net/url")
_HTTP_SERVER = bounded(r"\bhttp\.(?:ListenAndServe(?:TLS)?\(|Serve(?:TLS)?\(|Server\{)")
_TLS_CALL = bounded(
    r"\bhttp\.(?:Get|Post|PostForm|Head|DefaultClient|Client\{|NewRequest(?:WithContext)?)\b|\bhttp\.Client\{"
    r"|\btls\.Dial|\bx509\.SystemCertPool|\bcredentials\.(?:NewTLS|NewClientTLSFromCert)|\bsmtp\.SendMail"
)
_TIME_ZONE = bounded(r"\btime\.LoadLocation\(")
_TEMPORARY = bounded(
    r'\bos\.(?:CreateTemp|MkdirTemp|TempDir)\(|\bioutil\.Temp(?:File|Dir)\(|"/tmp(?:/[^"\n]*)?"'
    r"|\.ParseMultipartForm\(|\.(?:FormFile|MultipartForm)\("
)
_USER = bounded(r"\buser\.(?:Current|Lookup|LookupId|LookupGroup)\(")
_COMMAND = bounded(r'\bexec\.(?:Command|LookPath)\(\s*"([^"\n]{1,100})"')
_COMMAND_CONTEXT = bounded(r'\bexec\.CommandContext\(\s*[\w.()]+,\s*"([^"\n]{1,100})"')
_SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "/bin/sh", "/bin/bash", "/usr/bin/env", "env"})

# Set by the system or by a person's own shell, and of no concern to an image.
_SYSTEM_VARIABLE = bounded(
    r"HOME|PATH|USER|USERNAME|LOGNAME|SHELL|TERM|COLORTERM|NO_COLOR|CLICOLOR(?:_FORCE)?|TMPDIR|TEMP|TMP|LANG|LC_\w+|PWD|HOSTNAME|EDITOR|VISUAL"
    r"|PAGER|DISPLAY|WAYLAND_DISPLAY|(?:LOCAL)?APPDATA|AppData|LocalAppData|Program\w+|USERPROFILE|SystemRoot|SYSTEMROOT|COMSPEC|ComSpec"
    r"|GO(?:CACHE|PATH|ROOT|OS|ARCH|MODCACHE|FLAGS|BIN|MAXPROCS|MEMLIMIT|DEBUG)|XDG_\w+|LISTEN_(?:PID|FDS|FDNAMES)|NOTIFY_SOCKET|JOURNAL_STREAM"
    r"|INVOCATION_ID|WATCHDOG_\w+|SUDO_\w+|SSH_\w+|CI|GITHUB_ACTIONS"
)
_ENV_CALL = bounded(r'\b([A-Za-z_]*[Ee][Nn][Vv][A-Za-z_]*)\(\s*"([A-Z][A-Z0-9_]{1,99})"')
_LOOKUP = bounded(r'\b(?:os|syscall)\.(?:Getenv|LookupEnv)\(\s*["`]([A-Za-z_][A-Za-z0-9_]{0,99})["`]\s*\)')
_BOUND = bounded(r'\bBindEnv\(\s*"[^"\n]*"\s*,\s*"([A-Z][A-Z0-9_]{1,99})"')
_TAG = bounded(r'`[^`\n]*\b(env|envconfig):"([A-Za-z_][A-Za-z0-9_]{0,99})((?:,[a-zA-Z]+)*)"[^`\n]*`')
_REQUIRED_TAG = bounded(r"\brequired:\"true\"")
_STOPS = bounded(
    r"\b(?:log|logger|slog|logrus|zap|l|zlog)\.(?:\w+\(\)\.)*(?:Fatal|Panic)\w*\(|\bpanic\(|\bos\.Exit\(|\.Fatal\w*\("
)
_REFUSES = bounded(r"\breturn\b.*\b(?:errors\.New|fmt\.Errorf)\(")
_ASSIGNED = bounded(r"([A-Za-z_]\w*(?:\.\w+)*)(?:\s*,\s*(\w+))?\s*:?=\s*$")

_HEALTH = bounded(
    r'"(?:GET |HEAD )?(/(?:[\w.-]+/){0,4}(?:_?health(?:z|check|-check)?|livez?|liveness|readyz?|readiness|ping|_?status)'
    r'(?:/(?:live|ready|liveness|readiness))?/?)"'
)
_ROUTES = bounded(r"\b(?:Handle(?:Func)?|GET|Get|HEAD|Head|Any|Route|Path|Add|Method|Match|All)\(")
_HEALTH_ORDER = ("healthz", "health", "healthcheck", "health-check", "livez", "live", "liveness", "readyz")
# Of one pattern in one file.
MAX_MATCHES = 300
_SELF_CHECK = bounded(
    r'(?:os\.Args\[1\]\s*==|case|Use:)\s*"(health-?check)\b|flag\.Bool\(\s*"(health-?check)"', re.IGNORECASE
)

_EMBED = bounded(r"^//go:embed[ \t]+(.+)$", re.MULTILINE)
_CGO_FLAGS = bounded(
    r"^[ \t*/]*#cgo[ \t]+(?:[\w!, ]+[ \t]+)?(pkg-config|LDFLAGS)[ \t]*:[ \t]*(.+)$", re.MULTILINE
)
_READ = bounded(
    r"\b(?:os\.(?:ReadFile|Open|OpenFile|ReadDir|DirFS)|ioutil\.Read(?:File|Dir)|http\.Dir|http\.ServeFile|LoadHTMLGlob|LoadHTMLFiles"
    r"|ParseGlob|ParseFiles|Static(?:File|FS)?|ServeFiles|File|AddConfigPath|SetConfigFile|godotenv\.Load|html\.New|filepath\.Glob)"
    r"\(([^()\n]*(?:http\.Dir\([^()\n]*\))?)"
)  # fmt: skip
_STRING = bounded(r'"([^"\n]{1,200})"')
_FILE_URL = bounded(r'"file://([^"\n:]{1,200})"')


@dataclass(slots=True)
class _FileUsage:
    """What one file says, whoever imports it."""

    facts: FactList
    serves: int | None
    http_server: bool
    grpc_server: bool
    near: list[Candidate]
    far: list[Candidate]
    health: list[tuple[int, str, int]]
    reads: list[tuple[str, int]]


class Usages:
    """Reads files once, however many mains reach them."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._known: dict[str, _FileUsage] = {}

    def read(
        self, files: list[GoFile], main: str, module_folder: str, facts: FactList
    ) -> tuple[str | None, int | None]:
        """Add what the files that one main reaches say, nearest first; return (framework, port).

        `main` is the folder of the main package, `module_folder` the working directory that relative paths start from.
        """
        own = [(file, self._of(file)) for file in files if not file.generated]
        serving = next(((file.path, one.serves) for file, one in own if one.serves is not None), None)
        framework = self._framework(files, own, main, facts)
        port = None
        if serving is not None:
            facts.once("serves", True, *serving)
            port = choose_port(
                (
                    (candidate, distance, file.path)
                    for distance, (file, one) in enumerate(own)
                    for candidate in (one.near if one.serves or folder_of(file.path) == main else one.far)
                ),
                facts,
            )
        for file, one in own:
            for fact in one.facts.facts:
                place = fact.evidence
                facts.add(fact.key, fact.value, place.path if place else None, place.line if place else None)
            _files_read(self._sources.tree, file, one.reads, module_folder, facts)
            _missing_embeds(self._sources.tree, one.facts, facts)
        if serving is not None:
            health = sorted(
                (rank, path, file.path, line) for file, one in own for rank, path, line in one.health
            )
            for _, path, place_path, line in health[:1]:
                facts.once("health_path", path, place_path, line)
        _cgo(files, self._sources.pure, facts)
        return framework, port

    def _of(self, file: GoFile) -> _FileUsage:
        if file.path not in self._known:
            facts = FactList()
            _environment(file, facts)
            _system(file, facts)
            _self_check(file, facts)
            _embedded(file, facts)
            self._known[file.path] = _FileUsage(
                facts=facts,
                serves=serves_at(file),
                http_server=_HTTP_SERVER.search(file.code) is not None,
                grpc_server="grpc.NewServer(" in file.code,
                near=candidates(file, near=True),
                far=candidates(file, near=False),
                health=_health(file),
                reads=_reads(file),
            )
        return self._known[file.path]

    def _framework(
        self, files: list[GoFile], own: list[tuple[GoFile, _FileUsage]], main: str, facts: FactList
    ) -> str | None:
        imported: dict[str, tuple[str, int]] = {}
        for file in files:
            for path, line in file.imports:
                imported.setdefault(path, (file.path, line))
        here = any(one.http_server for file, one in own if folder_of(file.path) == main)
        grpc = any(one.grpc_server for _, one in own)
        serving = any(one.serves for _, one in own)
        for prefix, name in FRAMEWORKS:
            # A client of gRPC is no gRPC server, and many of these serve HTTP as well.
            if (name == "grpc" and (here or not grpc)) or (name == "net/http" and not serving):
                continue
            for path, place in imported.items():
                if path == prefix or path.startswith(prefix + "/"):
                    facts.once("framework", name, *place)
                    return name
        return None


def _environment(file: GoFile, facts: FactList) -> None:
    found = [
        (match.start(), match.group(1), _stops_when_empty(file, match))
        for match in islice(_LOOKUP.finditer(file.code), MAX_MATCHES)
    ]
    for match in islice(_ENV_CALL.finditer(file.code), MAX_MATCHES):
        caller = match.group(1).lower()
        if "set" not in caller.replace("settings", "").replace("subset", ""):
            must = any(
                word in caller for word in ("must", "require", "mandatory", "orpanic", "ordie", "orfatal")
            )
            found.append((match.start(), match.group(2), must))
    found.extend(
        (match.start(), match.group(1), False) for match in islice(_BOUND.finditer(file.code), MAX_MATCHES)
    )
    for match in islice(_TAG.finditer(file.code), MAX_MATCHES):
        kind, name, options = match.groups()
        required = any(option in options for option in ("required", "notEmpty"))
        required = required or (kind == "envconfig" and _REQUIRED_TAG.search(match.group()) is not None)
        found.append((match.start(), name, required))
    for at, name, required in sorted(found):
        if _SYSTEM_VARIABLE.fullmatch(name):
            continue
        facts.add("env", name, file.path, file.line(at))
        if required:
            facts.add("env_required", name, file.path, file.line(at))


def _stops_when_empty(file: GoFile, match: re.Match[str]) -> bool:
    """Whether the program ends when the variable is empty: a test of it within a few lines, and an end in its block."""
    code = file.code
    start = code.rfind("\n", 0, match.start()) + 1
    before = code[start : match.start()]
    rest = code[match.end() : match.end() + 800]
    if re.match(r'\s*==\s*""', rest) and "if" in before.split():
        return _ends(rest.partition("{")[2], match.group(1))
    assigned = _ASSIGNED.search(before[-200:])
    if assigned is None:
        return False
    variable, found = re.escape(assigned.group(1)), assigned.group(2)
    tests = [
        rf'\bif\s+{variable}\s*==\s*""',
        rf"\bif\s+len\({variable}\)\s*==\s*0",
        rf';\s*{variable}\s*==\s*""',
    ]
    if found and found != "_":
        tests.append(rf"(?:\bif|;)\s*!{re.escape(found)}\b")
    test = re.search("|".join(tests) + r"[^{\n]*", rest)
    if test is None or rest.count("\n", 0, test.start()) > 12:
        return False
    return _ends(rest[test.end() :].partition("{")[2], match.group(1))


def _ends(block: str, name: str) -> bool:
    lines = block.partition("}")[0].split("\n")[:6]
    return any(_STOPS.search(line) or (_REFUSES.search(line) and name in line) for line in lines)


def _system(file: GoFile, facts: FactList) -> None:
    for path, line in file.imports:
        if path == "time/tzdata":
            facts.once("time_zones_embedded", True, file.path, line)
        if path.startswith(_NETWORK) and path not in _OFFLINE:
            facts.once("network", True, file.path, line)
        if path.startswith(_TLS_CLIENTS):
            facts.once("ca_certificates", True, file.path, line)
    for pattern, key in (
        (_TLS_CALL, "ca_certificates"),
        (_TIME_ZONE, "time_zones"),
        (_TEMPORARY, "writes_tmp"),
        (_USER, "user_lookup"),
    ):
        match = pattern.search(file.code)
        if match:
            facts.once(key, True, file.path, file.line(match.start()))
    for pattern in (_COMMAND, _COMMAND_CONTEXT):
        for match in islice(pattern.finditer(file.code), MAX_MATCHES):
            line = file.line(match.start())
            if match.group(1) in _SHELLS:
                facts.once("shell", True, file.path, line)
            else:
                facts.add("program", match.group(1), file.path, line)


def _health(file: GoFile) -> list[tuple[int, str, int]]:
    found = []
    for match in islice(_HEALTH.finditer(file.code), MAX_MATCHES):
        if _ROUTES.search(file.line_text(match.start())):
            path = match.group(1)
            last = path.strip("/").rsplit("/", 1)[-1]
            rank = _HEALTH_ORDER.index(last) if last in _HEALTH_ORDER else len(_HEALTH_ORDER)
            found.append((rank, path, file.line(match.start())))
    return found


def _self_check(file: GoFile, facts: FactList) -> None:
    match = _SELF_CHECK.search(file.code)
    if match:
        word = match.group(1) or f"-{match.group(2)}"
        facts.once("healthcheck", (word,), file.path, file.line(match.start()))


def _embedded(file: GoFile, facts: FactList) -> None:
    if "//go:embed" in file.raw:
        for match in _EMBED.finditer(file.raw):
            facts.add("embed", match.group(1), file.path, file.raw.count("\n", 0, match.start()) + 1)


def _missing_embeds(tree: Tree, found: FactList, facts: FactList) -> None:
    """Tell which embedded files something else has to make first, such as a front end's dist."""
    for fact in found.facts:
        if fact.key != "embed" or fact.evidence is None:
            continue
        for word in str(fact.value).split():
            plain = word.strip('"`').removeprefix("all:")
            while any(sign in plain for sign in "*?["):
                plain = plain.rpartition("/")[0]
            place = join(folder_of(fact.evidence.path), plain)
            if plain and not tree.has(place) and not tree.has_folder(place):
                facts.problem(
                    f"The code embeds {word}, which is not in the folder: something has to make it before go build",
                    fact.evidence.path,
                    fact.evidence.line,
                )


def _reads(file: GoFile) -> list[tuple[str, int]]:
    """Return every path that the file opens by a name written in it, with its line."""
    names: list[tuple[str, int]] = []
    for match in islice(_READ.finditer(file.code), MAX_MATCHES):
        line = file.line(match.start())
        names.extend((text.group(1), line) for text in _STRING.finditer(match.group(1)))
    names.extend(
        (match.group(1), file.line(match.start()))
        for match in islice(_FILE_URL.finditer(file.code), MAX_MATCHES)
    )
    return names[:200]


def _files_read(
    tree: Tree, file: GoFile, reads: list[tuple[str, int]], module_folder: str, facts: FactList
) -> None:
    for name, line in reads:
        # templates/*.html needs the folder templates.
        plain = name
        while any(sign in plain for sign in "*?["):
            plain = plain.rpartition("/")[0]
        inside = normal(plain) if plain else None
        if inside is None or inside == ".":
            continue
        place = join(module_folder, inside)
        if tree.has(place) or (not place.endswith(".go") and tree.has_folder(place)):
            facts.add("runtime_file", inside, file.path, line)


def _cgo(files: list[GoFile], pure: set[str], facts: FactList) -> None:
    for file in files:
        for path, line in file.imports:
            if path == "C" and folder_of(file.path) not in pure:
                facts.once("cgo", True, file.path, line)
                for match in _CGO_FLAGS.finditer(file.raw):
                    _libraries(match, file, facts)
            for module, plus_plus in CGO_MODULES.items():
                if path == module or path.startswith(module + "/"):
                    facts.once("cgo", True, file.path, line)
                    facts.add("cgo_module", module, file.path, line)
                    if plus_plus:
                        facts.once("cgo_cxx", True, file.path, line)


def _libraries(match: re.Match[str], file: GoFile, facts: FactList) -> None:
    line = file.raw.count("\n", 0, match.start()) + 1
    words = match.group(2).split()
    if match.group(1) == "pkg-config":
        libraries = [word for word in words if not word.startswith("-")]
    else:
        libraries = [word[2:] for word in words if word.startswith("-l")]
    for library in libraries[:20]:
        if library in ("stdc++", "c++"):
            facts.once("cgo_cxx", True, file.path, line)
        elif library not in ("m", "c", "pthread", "dl", "rt", "util"):
            facts.add("system_library", library, file.path, line)
