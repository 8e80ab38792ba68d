"""What a Django project's settings say about the image: static files to collect, hosts that are answered, migrations."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Iterator

from slimdesk.project.facts import FactList
from slimdesk.project.languages.python_source import dotted
from slimdesk.project.walk import Tree, folder_of, join, normal

MAX_CHARACTERS = 400_000
_SETTINGS = re.compile(r"""DJANGO_SETTINGS_MODULE["']\s*,\s*["']([A-Za-z_][\w.]{0,200})["']""", re.ASCII)
# Its own module first, then what it takes over with `from .base import *`.
_MAX_LAYERS = 4
_NOT_ASKED = "django.contrib.staticfiles"


def django_facts(tree: Tree, folder: str, facts: FactList) -> None:
    """Add what the settings of the Django project in `folder` (where manage.py is) say, with their places.

    `collect_static` is the folder, relative to `folder`, that collectstatic fills; `settings_variable` what the settings
    read from the environment and do not load without; `migrations` that the database's tables are to be made first.
    """
    layers = list(_layers(tree, folder))
    if not layers:
        return
    found = _Settings(folder)
    for path, parsed in layers:
        try:
            found.read(path, parsed)
        except RecursionError:
            # Nested without end: nothing is told of such a file.
            continue
    if found.static_root is None and found.collects and found.static_url is not None:
        path, line = found.static_url
        if found.whitenoise is None:
            facts.problem(
                "Django's own server alone hands out static files (pages' styles, the admin's too): add whitenoise "
                "to the project, and STATIC_ROOT to its settings",
                path,
                line,
            )
        else:
            facts.problem(
                "whitenoise hands out what collectstatic gathers in STATIC_ROOT, which the settings do not name",
                path,
                line,
            )
    elif found.static_root is not None and found.collects:
        _static_root(found, facts)
    _hosts(found, facts)
    for name, (path, line) in found.variables.items():
        facts.add("settings_variable", name, path, line)
    migrations = next(
        (
            one
            for one in tree.named("0001_initial.py")
            if _is_below(one, folder) and "/migrations/" in f"/{one}"
        ),
        None,
    )
    if migrations is not None:
        facts.add("migrations", "manage.py migrate", migrations)


def _static_root(found: _Settings, facts: FactList) -> None:
    value, path, line = found.static_root or ("", "", 0)
    if not value:
        facts.problem(
            "SlimDesk cannot tell which folder STATIC_ROOT is, so static files are not collected in the build: "
            "name it with BASE_DIR, as Django's own template does",
            path,
            line,
        )
        return
    facts.add("collect_static", value, path, line)
    if found.whitenoise is None:
        facts.problem(
            f"Static files are gathered in {value}, and nothing in the project hands them out: add whitenoise, or let "
            "a web server serve that folder",
            path,
            line,
        )


def _hosts(found: _Settings, facts: FactList) -> None:
    if found.hosts is None:
        return
    names, path, line = found.hosts
    if not names and found.debug is not True:
        facts.problem(
            "ALLOWED_HOSTS is empty, and without DEBUG Django then answers every request with 400: "
            "take it from a variable that the container is given",
            path,
            line,
        )
    elif names and "*" not in names:
        shown = ", ".join(names[:4])
        facts.problem(
            f"Django answers only requests for {shown} (ALLOWED_HOSTS), any other with 400: a container gets "
            "its host's name from outside, so take the list from a variable",
            path,
            line,
        )


class _Settings:
    """What the layers of settings say; an outer layer is read first and wins."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.base: dict[str, str] = {}
        self.static_root: tuple[str, str, int] | None = None
        self.static_url: tuple[str, int] | None = None
        self.whitenoise: tuple[str, int] | None = None
        self.collects = False
        self.hosts: tuple[tuple[str, ...], str, int] | None = None
        self.debug: bool | None = None
        self.variables: dict[str, tuple[str, int]] = {}

    def read(self, path: str, parsed: ast.Module) -> None:
        """Take over what one settings file says."""
        for statement in parsed.body:
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                self._assigned(statement.targets[0].id, statement.value, path, statement.lineno)
        for node in ast.walk(parsed):
            text = node.value if isinstance(node, ast.Constant) else None
            if text == _NOT_ASKED:
                self.collects = True
            elif isinstance(text, str) and text.startswith("whitenoise.middleware"):
                self.whitenoise = self.whitenoise or (path, getattr(node, "lineno", 1))
            name = asked_variable(node)
            if name is not None:
                self.variables.setdefault(name, (path, getattr(node, "lineno", 1)))

    def _assigned(self, name: str, value: ast.expr, path: str, line: int) -> None:
        if name == "STATIC_ROOT" and self.static_root is None:
            self.static_root = (self._inside(self._folder(value, path)), path, line)
        elif name == "STATIC_URL" and self.static_url is None:
            self.static_url = (path, line)
        elif name == "DEBUG" and self.debug is None and isinstance(value, ast.Constant):
            self.debug = bool(value.value)
        elif name == "ALLOWED_HOSTS" and self.hosts is None and isinstance(value, (ast.List, ast.Tuple)):
            hosts = tuple(
                str(one.value)
                for one in value.elts
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
            )
            if len(hosts) == len(value.elts):
                self.hosts = (hosts, path, line)
        elif isinstance(value, (ast.Call, ast.Attribute, ast.BinOp)):
            folder = self._folder(value, path)
            if folder is not None:
                self.base.setdefault(name, folder)

    def _folder(self, node: ast.expr, path: str) -> str | None:
        """Return the folder that an expression means, relative to the project; None where that cannot be told."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            # Relative to where it is started, which is the folder of manage.py.
            return normal(join(self.folder, node.value)) if not node.value.startswith("/") else None
        if isinstance(node, ast.Name):
            return path if node.id == "__file__" else self.base.get(node.id)
        if isinstance(node, ast.Attribute) and node.attr == "parent":
            inner = self._folder(node.value, path)
            return None if inner in (None, ".") else folder_of(inner or "")
        if (
            isinstance(node, ast.Subscript)
            and isinstance(node.value, ast.Attribute)
            and node.value.attr == "parents"
        ):
            inner = self._folder(node.value.value, path)
            steps = node.slice.value if isinstance(node.slice, ast.Constant) else None
            for _ in range(steps + 1 if isinstance(steps, int) and 0 <= steps < 20 else 0):
                inner = None if inner in (None, ".") else folder_of(inner or "")
            return inner
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            return _joined(self._folder(node.left, path), node.right)
        return self._called(node, path) if isinstance(node, ast.Call) else None

    def _called(self, node: ast.Call, path: str) -> str | None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if (
            name in ("resolve", "absolute", "as_posix")
            and isinstance(node.func, ast.Attribute)
            and not node.args
        ):
            return self._folder(node.func.value, path)
        if name in ("Path", "str", "abspath", "realpath") and node.args:
            return self._folder(node.args[0], path)
        if name == "dirname" and node.args:
            inner = self._folder(node.args[0], path)
            return None if inner in (None, ".") else folder_of(inner or "")
        if name in ("join", "joinpath"):
            first, rest = node.args[:1], node.args[1:]
            if name == "joinpath" and isinstance(node.func, ast.Attribute):
                first, rest = [node.func.value], node.args
            found = self._folder(first[0], path) if first else None
            for one in rest:
                found = _joined(found, one)
            return found
        return None

    def _inside(self, folder: str | None) -> str:
        """Return a project's folder relative to that of manage.py; empty where it is not below it."""
        if folder is None or folder == self.folder or not _is_below(folder, self.folder):
            return ""
        return folder if self.folder == "." else folder.removeprefix(self.folder + "/")


def asked_variable(node: ast.AST) -> str | None:
    """Return the variable without which settings do not load: one without a default, or the secret key.

    As os.environ["X"], python-decouple's config("X") and django-environ's env("X") or env.str("X") ask for it.
    """
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        name = _constant(node.slice)
        return name if dotted(node.value) in ("os.environ", "environ") and _is_variable(name) else None
    if not isinstance(node, ast.Call) or not node.args:
        return None
    name, called = _constant(node.args[0]), dotted(node.func)
    if not _is_variable(name):
        return None
    default = len(node.args) > 1 or any(keyword.arg == "default" for keyword in node.keywords)
    if called in ("os.getenv", "getenv", "os.environ.get", "environ.get"):
        # None as the secret key: Django does not start.
        return name if not default and name is not None and "SECRET_KEY" in name else None
    asks = called in ("config", "env") or re.fullmatch(
        r"env\.(?:str|bool|int|list|url|db|db_url|cache|cache_url)", called
    )
    return name if asks and not default else None


def _layers(tree: Tree, folder: str) -> Iterator[tuple[str, ast.Module]]:
    """Yield the settings files: the one that the wsgi file, else manage.py names, and those that it takes over."""
    sources = [*tree.named("wsgi.py", "asgi.py"), join(folder, "manage.py")]
    for source in sources:
        match = _SETTINGS.search(tree.text(source) or "") if _is_below(source, folder) else None
        if match is None:
            continue
        waiting = [_module_file(tree, folder, match.group(1))]
        seen: set[str] = set()
        while waiting and len(seen) < _MAX_LAYERS:
            path = waiting.pop(0)
            parsed = _parsed(tree, path) if path is not None and path not in seen else None
            if path is None or parsed is None:
                continue
            seen.add(path)
            yield path, parsed
            waiting += _taken_over(tree, folder, path, parsed.body)
        if seen:
            return


def _taken_over(tree: Tree, folder: str, path: str, body: Iterable[ast.stmt]) -> Iterator[str | None]:
    for statement in body:
        if not isinstance(statement, ast.ImportFrom) or statement.names[0].name != "*":
            continue
        if statement.level == 1:
            yield _module_file(tree, folder_of(path), statement.module or "")
        elif statement.level == 0 and statement.module:
            yield _module_file(tree, folder, statement.module)


def _module_file(tree: Tree, folder: str, module: str) -> str | None:
    plain = join(folder, module.replace(".", "/"))
    return next((name for name in (f"{plain}.py", f"{plain}/__init__.py") if tree.has(name)), None)


def _parsed(tree: Tree, path: str) -> ast.Module | None:
    text = tree.text(path)
    if text is None or len(text) > MAX_CHARACTERS:
        return None
    try:
        with warnings.catch_warnings():
            # A project's bad escapes are its own affair.
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _joined(folder: str | None, node: ast.expr) -> str | None:
    name = _constant(node)
    if folder is None or not name or name.startswith("/"):
        return None
    return normal(join(folder, name))


def _constant(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _is_variable(name: str | None) -> bool:
    return name is not None and re.fullmatch(r"[A-Z_][A-Z0-9_]{0,99}", name) is not None


def _is_below(path: str, folder: str) -> bool:
    return folder == "." or path.startswith(folder + "/")
