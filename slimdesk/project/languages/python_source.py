"""What a Python project's own code says: applications, ports, variables, routes, what it needs at run time."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field

from slimdesk.project.walk import Tree

MAX_FILES = 400
MAX_CHARACTERS = 400_000

APPLICATIONS = {
    "FastAPI": ("asgi", "FastAPI"),
    "Starlette": ("asgi", "Starlette"),
    "Litestar": ("asgi", "Litestar"),
    "Quart": ("asgi", "Quart"),
    "Sanic": ("asgi", "Sanic"),
    "Flask": ("wsgi", "Flask"),
    "Bottle": ("wsgi", "Bottle"),
}
# Calls that begin to listen, and the port that each takes where none is given (the projects' own documentation).
LISTENING = {"run_app": 8080, "launch": 7860}
_SERVERS = frozenset(
    {
        "HTTPServer",
        "ThreadingHTTPServer",
        "TCPServer",
        "ThreadingTCPServer",
        "make_server",
        "WSGIServer",
        "SimpleXMLRPCServer",
    }
)
_RUNS = frozenset({"run", "run_app", "serve", "run_simple", "listen", "bind", "launch", "run_server"})
_HOSTS = frozenset({"host", "address", "server_name", "hostname"})
LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
APPLICATION_NAMES = frozenset({"app", "application", "api", "server", "asgi_app", "wsgi_app"})
FACTORY_NAMES = frozenset({"create_app", "make_app", "get_app", "create_application", "get_application"})
HEALTH_PATHS = (
    "/healthz",
    "/health",
    "/livez",
    "/readyz",
    "/ready",
    "/health/live",
    "/api/health",
    "/status",
    "/ping",
)


@dataclass(frozen=True, slots=True)
class Place:
    """A value of the code and where it stands; `line` counts from 1."""

    value: str
    path: str
    line: int


@dataclass(slots=True)
class Source:
    """What all files of a component say together, in the order in which they were read.

    `builders` are functions that make an application, `made` the names at the top of a module that a function's answer
    is given to, with the function's name. `workers` are (celery or dramatiq, where their tasks are); `listens` are calls of
    LISTENING; `local_only` is where a server is bound to the container's own address alone; `scheduled` Celery's timetable.
    """

    applications: list[tuple[str, str, Place]] = field(default_factory=list)
    factories: list[tuple[str, str, Place]] = field(default_factory=list)
    builders: dict[str, tuple[str, str]] = field(default_factory=dict)
    made: list[tuple[str, Place]] = field(default_factory=list)
    ports: list[tuple[int, Place]] = field(default_factory=list)
    variables: dict[str, Place] = field(default_factory=dict)
    required: dict[str, Place] = field(default_factory=dict)
    routes: list[Place] = field(default_factory=list)
    imports: dict[str, Place] = field(default_factory=dict)
    main_guards: list[Place] = field(default_factory=list)
    workers: list[tuple[str, Place]] = field(default_factory=list)
    dash: list[Place] = field(default_factory=list)
    listens: dict[str, Place] = field(default_factory=dict)
    local_only: Place | None = None
    scheduled: Place | None = None
    shell: Place | None = None
    temporary: Place | None = None
    time_zones: Place | None = None
    files: int = 0


def read_source(tree: Tree, paths: Iterable[str], root: str) -> Source:
    """Parse up to 400 files; what cannot be parsed is passed over. `root` is the folder that imports start from."""
    source = Source()
    for path in paths:
        if source.files >= MAX_FILES:
            break
        text = tree.text(path)
        if text is None or len(text) > MAX_CHARACTERS:
            continue
        source.files += 1
        try:
            with warnings.catch_warnings():
                # A project's bad escapes are its own affair.
                warnings.simplefilter("ignore")
                parsed = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        _Reader(source, path, module_name(path, root)).read(parsed)
    for function, place in source.made:
        if function in source.builders:
            source.applications.append((*source.builders[function], place))
    return source


def module_name(path: str, root: str) -> str:
    """Return the dotted name that `path` is imported by from `root`."""
    inner = path if root in (".", "") else path.removeprefix(root.rstrip("/") + "/")
    return inner.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


class _Reader:
    """Walks one file's syntax tree without recursion of our own."""

    def __init__(self, source: Source, path: str, module: str) -> None:
        self.source = source
        self.path = path
        self.module = module

    def read(self, tree: ast.Module) -> None:
        for statement in tree.body:
            self._top(statement)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                self._call(node)
            elif isinstance(node, ast.Subscript):
                self._environ_item(node)
            elif isinstance(node, ast.ClassDef):
                self._settings_class(node)
            elif isinstance(node, ast.Assign):
                self._timetable(node)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    self._import(alias.name, node)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                self._import(node.module, node)

    def _place(self, value: str, node: ast.AST) -> Place:
        return Place(value, self.path, getattr(node, "lineno", 1))

    def _import(self, name: str, node: ast.AST) -> None:
        top = name.split(".", maxsplit=1)[0]
        self.source.imports.setdefault(top, self._place(name, node))
        if top in ("zoneinfo", "pytz") and self.source.time_zones is None:
            self.source.time_zones = self._place(top, node)
        if top == "tempfile" and self.source.temporary is None:
            self.source.temporary = self._place(top, node)

    def _top(self, node: ast.stmt) -> None:
        """Applications are what a server can import: names at the top of a module."""
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute):
            self._attribute(node, node.value)
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Call):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            name = _last_name(node.value.func)
            if isinstance(target, ast.Name):
                if name in APPLICATIONS and not self.path.endswith("/env.py"):
                    # An env.py is Alembic's: it borrows an application for its migrations.
                    kind, framework = APPLICATIONS[name]
                    where = self._place(f"{self.module}:{target.id}", node)
                    self.source.applications.append((kind, framework, where))
                elif name in ("get_wsgi_application", "get_asgi_application"):
                    kind = name[4:8]
                    where = self._place(f"{self.module}:{target.id}", node)
                    self.source.applications.append((kind, "Django", where))
                elif name == "Celery" or (target.id in ("celery", "celery_app") and "celery" in name.lower()):
                    self.source.workers.append(("celery", self._place(f"{self.module}:{target.id}", node)))
                elif name == "Dash":
                    self.source.dash.append(self._place(target.id, node))
                elif target.id in APPLICATION_NAMES and not self.path.endswith("/env.py"):
                    self.source.made.append((name, self._place(f"{self.module}:{target.id}", node)))
        elif isinstance(node, ast.FunctionDef):
            self._function(node)
        elif isinstance(node, ast.If) and _is_main_guard(node.test):
            self.source.main_guards.append(self._place(self.module, node))

    def _attribute(self, node: ast.Assign, value: ast.Attribute) -> None:
        """Dash: `server = app.server` is the Flask application inside of it."""
        target, owner = node.targets[0], _last_name(value.value)
        here = any(one.path == self.path and one.value == owner for one in self.source.dash)
        if isinstance(target, ast.Name) and value.attr == "server" and here:
            self.source.applications.append(("wsgi", "Dash", self._place(f"{self.module}:{target.id}", node)))

    def _function(self, node: ast.FunctionDef) -> None:
        """A function that makes an application; one of a usual name without required arguments a server can call."""
        actors = (one for one in node.decorator_list if _is_actor(one))
        if next(actors, None) is not None and not any(
            place.path == self.path for _, place in self.source.workers
        ):
            self.source.workers.append(("dramatiq", self._place(self.module, node)))
        called = (_last_name(inner.func) for inner in ast.walk(node) if isinstance(inner, ast.Call))
        kinds = (APPLICATIONS[name] for name in called if name in APPLICATIONS)
        made = next(kinds, None)
        if made is None:
            return
        self.source.builders.setdefault(node.name, made)
        if node.name in FACTORY_NAMES and len(node.args.args) == len(node.args.defaults):
            self.source.factories.append((*made, self._place(f"{self.module}:{node.name}", node)))

    def _call(self, node: ast.Call) -> None:
        name = _last_name(node.func)
        words = dotted(node.func)
        first = _text(node.args[0]) if node.args else None
        if words in ("os.getenv", "os.environ.get", "environ.get", "getenv") or (
            name == "config" and first and first.isupper()
        ):
            if first and _is_variable(first):
                self.source.variables.setdefault(first, self._place(first, node))
                default = _number(node.args[1]) if len(node.args) > 1 else None
                if first == "PORT" and default:
                    self.source.ports.append((default, self._place("PORT", node)))
        elif name in _RUNS or name in _SERVERS:
            self._listening(name, node)
        if words in ("os.system", "os.popen") or any(
            keyword.arg == "shell" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True
            for keyword in node.keywords
        ):
            self.source.shell = self.source.shell or self._place(words or "shell=True", node)
        if first in HEALTH_PATHS or (
            first and f"/{first}".rstrip("/") in HEALTH_PATHS and name in ("path", "re_path", "url")
        ):
            self.source.routes.append(self._place("/" + str(first).strip("/"), node))

    def _listening(self, name: str, node: ast.Call) -> None:
        """A call that binds an address: by keyword, as an address of two, or tornado's listen(8888)."""
        if name in LISTENING:
            self.source.listens.setdefault(name, self._place(name, node))
        hosts = [keyword.value for keyword in node.keywords if keyword.arg in _HOSTS]
        ports = [keyword.value for keyword in node.keywords if keyword.arg in ("port", "server_port")]
        if name in _SERVERS and node.args:
            first = node.args[0]
            pair = first.elts if isinstance(first, ast.Tuple) else node.args
            hosts += pair[:1]
            ports += pair[1:2]
        elif name == "listen":
            ports += node.args[:1]
        found = next((port for value in ports if (port := _port_of(value))), None)
        if found:
            self.source.ports.append((found, self._place(str(found), node)))
        local = next((text for value in hosts if (text := _text(value)) in LOCAL), None)
        if local is not None and self.source.local_only is None:
            self.source.local_only = self._place(local, node)

    def _environ_item(self, node: ast.Subscript) -> None:
        if dotted(node.value) in ("os.environ", "environ") and isinstance(node.ctx, ast.Load):
            name = _text(node.slice)
            if name and _is_variable(name):
                place = self._place(name, node)
                self.source.variables.setdefault(name, place)
                self.source.required.setdefault(name, place)

    def _timetable(self, node: ast.Assign) -> None:
        names = {_last_name(target) for target in node.targets}
        if self.source.scheduled is None and names & {
            "beat_schedule",
            "CELERY_BEAT_SCHEDULE",
            "CELERYBEAT_SCHEDULE",
        }:
            self.source.scheduled = self._place("beat_schedule", node)

    def _settings_class(self, node: ast.ClassDef) -> None:
        """Pydantic's BaseSettings: a field without a default is a variable that must be set."""
        if not any(_last_name(base) == "BaseSettings" for base in node.bases):
            return
        prefix = ""
        for statement in node.body:
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
                for keyword in statement.value.keywords:
                    if keyword.arg == "env_prefix":
                        prefix = _text(keyword.value) or ""
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                name = (prefix + statement.target.id).upper()
                place = self._place(name, statement)
                if _is_variable(name) and not name.startswith("MODEL_"):
                    self.source.variables.setdefault(name, place)
                    if statement.value is None:
                        self.source.required.setdefault(name, place)


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def dotted(node: ast.expr) -> str:
    """Return the words of a plain dotted name; empty for any other expression."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _number(node: ast.expr) -> int | None:
    if isinstance(node, ast.Constant):
        text = str(node.value)
        if text.isascii() and text.isdigit() and 0 < int(text[:6]) < 65_536:
            return int(text)
    return None


def _port_of(node: ast.expr) -> int | None:
    """A number, or the default inside int(os.environ.get("PORT", 8000))."""
    direct = _number(node)
    if direct or not isinstance(node, ast.Call):
        return direct
    for inner in ast.walk(node):
        if (
            isinstance(inner, ast.Call)
            and len(inner.args) > 1
            and _last_name(inner.func) in ("get", "getenv")
        ):
            return _number(inner.args[1])
    return None


def _is_actor(node: ast.expr) -> bool:
    called = node.func if isinstance(node, ast.Call) else node
    return dotted(called) == "dramatiq.actor"


def _is_variable(name: str) -> bool:
    return name.isascii() and name.replace("_", "a").isalnum() and not name[0].isdigit() and len(name) <= 100


def _is_main_guard(test: ast.expr) -> bool:
    return (
        isinstance(test, ast.Compare)
        and _last_name(test.left) == "__name__"
        and any(_text(right) == "__main__" for right in test.comparators)
    )
