"""Commands as an image knows them: where its interpreter is, and how a project's own programs are called there."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass, field

from slimdesk.catalog.model import BaseImage
from slimdesk.catalog.programs import Programs, programs_in, programs_of
from slimdesk.project.model import Call, Component
from slimdesk.project.shell import BUILTINS, SHELLS, Command, read_script, started_by

VENV = "/venv/bin"
_PYTHON = frozenset({"python", "python3"})
# Console scripts that Python packages bring: they are in the environment's bin folder.
_PYTHON_TOOLS = frozenset({
    "gunicorn", "uvicorn", "hypercorn", "daphne", "granian", "waitress-serve", "celery", "flower", "flask", "fastapi", "alembic", "aerich",
    "django-admin", "streamlit", "rq", "dramatiq", "huey_consumer", "airflow", "prefect", "dagster", "mlflow", "scrapy", "pytest", "jupyter",
    "sanic", "litestar", "gradio", "chainlit", "uwsgi", "arq", "taskiq",
})  # fmt: skip
_PYTHON_MANAGERS = frozenset({"uv", "poetry", "pdm", "pipenv", "rye", "hatch"})
_NODE_MANAGERS = frozenset({"npm", "yarn", "pnpm"})
_NODE_RUNNERS = frozenset({"npx", "pnpx", "bunx"})
_COMPILED = frozenset({"go", "rust", "cpp"})


@dataclass(frozen=True, slots=True)
class Moved:
    """A program that is in the image, but not as the call names it."""

    program: str
    why: str
    instead: str


@dataclass(frozen=True, slots=True)
class Inside:
    """An image as it will be: the base's programs, those of `packages`, and what `argv`, its ENTRYPOINT, starts."""

    component: Component
    base: BaseImage
    argv: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    programs: Programs = field(init=False)

    def __post_init__(self) -> None:
        held = programs_of(self.base)
        if self.packages:
            # Only Debian's packages are added to an image without a package manager.
            added = programs_in(self.packages, self.base.package_manager or "apt")
            held = Programs(held.names | added, held.elsewhere)
        object.__setattr__(self, "programs", held)

    @property
    def has_venv(self) -> bool:
        """Whether Python's packages are in an environment, whose interpreter must be called."""
        return bool(self.argv) and self.argv[0].startswith(f"{VENV}/")

    @property
    def has_shell(self) -> bool:
        """Whether the image has a POSIX shell."""
        return self.programs.has("sh")

    def starts(self, word: str) -> bool:
        """Whether a command's first word starts something in the image, as it stands."""
        return self.programs.has(word) or (bool(self.argv) and word == self.argv[0])

    def is_own(self, name: str) -> bool:
        """Whether that is the name of the compiled program that the image is made for."""
        return (
            bool(self.argv)
            and self.component.profile in _COMPILED
            and name == self.argv[0].rsplit("/", 1)[-1]
        )

    def first_word(self, call: Call) -> str | None:
        """Return the word that the engine looks up for a call without a shell."""
        started, _ = started_by(call.words)
        return started[0] if started else None

    def interpreter(self) -> str | None:
        """Return how the language's interpreter is called for code of its own standard library."""
        if self.base.interpreter is None or self.component.profile not in ("python", "node", "ruby", "php"):
            return None
        return self.base.interpreter

    def is_own_start(self, call: Call) -> bool:
        """Whether a call starts the very program that the image starts anyhow."""
        words = self._plain_words(call)
        if not words or not self.argv:
            return False
        there = self.command(words)
        if there is not None and there == self.argv:
            return True
        return words == self.component.entrypoint or (
            there is not None and _essence(there) == _essence(self.argv) and self._same_target(there)
        )

    def _same_target(self, there: tuple[str, ...]) -> bool:
        """Whether the first words of both that are no options are the same: app:app, server.js."""
        if self.component.profile in _COMPILED:
            return True
        mine, theirs = _target(self.argv), _target(there)
        return mine == theirs

    def _plain_words(self, call: Call) -> tuple[str, ...]:
        if call.script is not None and call.file is None:
            commands = read_script(call.script).commands
            return commands[0].words if len(commands) == 1 else ()
        return started_by(call.words)[0] if call.file is None else ()

    def command(self, words: tuple[str, ...]) -> tuple[str, ...] | None:
        """Return the words that start the same program in this image; None if it is not there."""
        if not words:
            return None
        name, rest = words[0].rsplit("/", 1)[-1], words[1:]
        profile = self.component.profile
        if profile == "python":
            if name in _PYTHON_MANAGERS and rest[:1] == ("run",) and len(rest) > 1:
                return self.command(rest[1:])
            if name in _PYTHON or name.startswith("python3."):
                return self._python(rest)
            if name in _PYTHON_TOOLS:
                return (f"{VENV}/{name}", *rest) if self.has_venv else None
        if profile == "node" and name in ("node", "nodejs") and self.base.interpreter:
            return (self.base.interpreter, *rest)
        if name in _NODE_MANAGERS and not self.programs.has(name):
            script = (
                rest[1] if rest[:1] in (("run",), ("run-script",)) and len(rest) > 1 else next(iter(rest), "")
            )
            return self.argv if script in ("start", "serve") and self.argv else None
        if profile == "java" and name == "java" and self.base.interpreter:
            return (self.base.interpreter, *rest)
        if self.argv and name == self.argv[0].rsplit("/", 1)[-1]:
            return (self.argv[0], *rest)
        if self.programs.has(words[0]):
            return words
        if name in self.programs.elsewhere:
            return (self.programs.elsewhere[name], *rest)
        # A script of Python's or Node.js' own, called by its first line.
        if name.endswith(".py") and profile == "python":
            return self._python(words)
        if name.endswith((".js", ".mjs", ".cjs")) and profile == "node" and self.base.interpreter:
            return (self.base.interpreter, *words)
        return None

    def in_environment(self, name: str) -> bool:
        """Whether a name is a console script of Python's packages, which is not on PATH."""
        return (self.command((name,)) or ("",))[0].startswith(f"{VENV}/") and not self.programs.has(name)

    def _python(self, rest: tuple[str, ...]) -> tuple[str, ...] | None:
        if self.has_venv and not _standard_library_only(rest):
            return (f"{VENV}/python", *rest)
        return (self.base.interpreter or "python3", *rest)

    def moved(self, call: Call) -> Moved | None:
        """Return how to call a program that is there under another path; None if the call is right as it is."""
        if call.script is not None:
            return self._moved_in_script(call)
        words = started_by(call.words)[0]
        if not words:
            return None
        return self._moved(Command(words, 1))

    def _moved_in_script(self, call: Call) -> Moved | None:
        for command in read_script(call.script or "").commands:
            if not self.has_venv and not self.is_own(command.program):
                continue
            moved = self._moved(command)
            if moved is not None and self.has_venv:
                path = f"Set PATH={VENV}:/usr/local/bin:/usr/bin:/bin in the container's environment"
                return Moved(moved.program, moved.why, f"{path}, or call {moved.instead}")
            if moved is not None:
                return moved
        return None

    def _moved(self, command: Command) -> Moved | None:
        there = self.command(command.words)
        if there is None or there == command.words:
            return None
        if (
            self.has_venv
            and there[0] == f"{VENV}/python"
            and command.words[0] in (*_PYTHON, f"{VENV}/python3")
        ):
            if command.words[0].startswith(VENV):
                return None
            return Moved(
                command.program,
                f"not the one with the packages: they are in {VENV.removesuffix('/bin')}",
                listed_words(there),
            )
        if self.programs.has(command.words[0]):
            return None
        return Moved(command.program, f"{there[0]} in this image", listed_words(there))


def starts_a_program(call: Call, component: Component, inside: Inside) -> bool:
    """Whether the words handed to an image mean a program of their own, rather than arguments of the one it starts."""
    first = call.words[0]
    name = first.rsplit("/", 1)[-1]
    if first.startswith("-"):
        return False
    if "development" in call.tasks or (call.tasks and component.profile not in _COMPILED):
        return True
    if (
        call.shell
        or call.file is not None
        or name in SHELLS
        or name in BUILTINS - {"test", "help", "source", "type", "set", "read", "wait"}
    ):
        return True
    if "/" in first or name.endswith((".sh", ".py", ".js", ".jar")):
        return component.profile not in _COMPILED or first.startswith("/") or name.endswith(".sh")
    if inside.argv and name == inside.argv[0].rsplit("/", 1)[-1]:
        return True
    if (component.entrypoint or ("",))[0].rsplit("/", 1)[-1] == name:
        return True
    if name in _PYTHON | _PYTHON_TOOLS | _PYTHON_MANAGERS | _NODE_MANAGERS | _NODE_RUNNERS or name in (
        "node",
        "java",
        "ruby",
        "php",
        "bundle",
    ):
        return True
    # "worker" of a compiled program is its own word, even where some image has a program of that name.
    return component.profile not in _COMPILED and inside.programs.has(name)


def listed_words(words: tuple[str, ...]) -> str:
    """Return words as a JSON list for people: letters stay as they are."""
    import json

    return json.dumps(list(words), ensure_ascii=False)


def _essence(words: tuple[str, ...]) -> str:
    """Return the program that a command is about: gunicorn of `/venv/bin/python -m gunicorn`."""
    if len(words) > 2 and words[1] == "-m":
        return words[2]
    return words[0].rsplit("/", 1)[-1]


def _target(words: tuple[str, ...]) -> str | None:
    rest = words[3:] if words[1:2] == ("-m",) else words[1:]
    return next(
        (word.removeprefix("./") for word in rest if not word.startswith("-") and not word[:1].isdigit()),
        None,
    )


def _standard_library_only(rest: tuple[str, ...]) -> bool:
    """Whether Python code behind -c imports nothing but the standard library."""
    if len(rest) < 2 or rest[0] != "-c" or len(rest[1]) > 10_000:
        return False
    try:
        tree = ast.parse(rest[1])
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    for node in ast.walk(tree):
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        if any(name.partition(".")[0] not in sys.stdlib_module_names for name in names):
            return False
    return True
