"""From a command that starts a Python program, in a Procfile or a Dockerfile, to words that need no shell."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass

from slimdesk.project.languages.python_source import Place

WEB_PORT = 8000
# Inside its own container: what is not bound everywhere cannot be reached from outside it.
EVERYWHERE = "0.0.0.0"  # noqa: S104
# Programs that are also modules; run as modules they need no PATH.
_MODULES = frozenset({
    "gunicorn", "uvicorn", "hypercorn", "daphne", "granian", "celery", "streamlit", "flask", "waitress", "dramatiq", "huey", "rq", "arq",
    "scrapy", "locust", "fastapi", "sanic",
})  # fmt: skip
_PYTHON = re.compile(r"(?:/usr(?:/local)?/bin/)?python(?:3(?:\.\d+)?)?")
_VARIABLE = re.compile(r"\$\{?PORT(?::?-(\d{1,5}))?\}?")
_SERVED = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*(\(\))?")
_RUNNERS = frozenset({"uv", "poetry", "pdm", "pipenv", "hatch"})
_LOCAL = re.compile(r"^(--(?:host|address|bind)=|)(127\.0\.0\.1|localhost)(?=$|:)")


@dataclass(frozen=True, slots=True)
class Start:
    """`key` is the fact's: asgi, wsgi, module, entrypoint or start; `add` a server that the project does not list.

    `environment` are NAME=VALUE that the image sets, so that it can be reached.
    """

    argv: tuple[str, ...]
    key: str
    value: str
    place: Place
    port: int | None = None
    framework: str | None = None
    add: str | None = None
    problem: str | None = None
    environment: tuple[str, ...] = ()


def of_command(command: str, place: Place, port: int | None, *, web: bool) -> Start | None:
    """Read a shell's command line; of several commands in a row the last one stays, and the others are told.

    None if it needs a shell, or does not start Python. `port` is what the code says; `web` = it must listen on one.
    """
    if any(mark in command for mark in ("|", "`", "$(", "<", ">")):
        return None
    *before, last = (part.strip() for part in re.split(r"&&|;", command))
    used = port
    if (match := _VARIABLE.search(last)) is not None:
        used = int(match.group(1)) if match.group(1) else port or WEB_PORT
    try:
        words = shlex.split(_VARIABLE.sub(str(used or WEB_PORT), last))
    except ValueError:
        return None
    start = of_words(words, place, used, web=web)
    steps = [step for step in before if step]
    if start is None or not steps:
        return start
    problem = f"Before it starts, {place.path} runs {', '.join(steps)[:200]}; the image does not: make that a step of the deployment"
    return Start(start.argv, start.key, start.value, place, start.port, problem=problem)


def of_words(given: Iterable[str], place: Place, port: int | None, *, web: bool) -> Start | None:
    """Return the start that the words mean; a server is bound to every address, and a web process to `port`."""
    words = list(_unwrapped(given))
    if not words:
        return None
    if words[0] in _MODULES:
        words = ["python", "-m", *words]
    elif _PYTHON.fullmatch(words[0]):
        words[0] = "python"
    else:
        return None
    if len(words) == 1:
        return None
    served = next((word for word in words if _SERVED.fullmatch(word)), None)
    module = words[2] if words[1] == "-m" and len(words) > 2 else None
    key = "start"
    if served:
        key = "asgi" if {"uvicorn", "hypercorn", "daphne", "granian"} & set(words) else "wsgi"
    words = [_LOCAL.sub(rf"\g<1>{EVERYWHERE}", word) for word in words]
    if web and not any("bind" in word or "port" in word or word in ("-b", "-p") for word in words):
        if "gunicorn" in words:
            words += ["--bind", f"{EVERYWHERE}:{port or WEB_PORT}"]
        elif "uvicorn" in words:
            words += ["--host", EVERYWHERE, "--port", str(port or WEB_PORT)]
    if (
        module == "uvicorn"
        and "--host" not in words
        and not any(word.startswith("--host=") for word in words)
    ):
        words += ["--host", EVERYWHERE]
    bound = next(
        (
            number
            for word, after in zip(words, [*words[1:], ""], strict=True)
            if (number := _port(word, after))
        ),
        None,
    )
    found = bound or (port or WEB_PORT if web else None)
    if module and not served and module not in _MODULES and len(words) == 3:
        return Start(tuple(words), "module", module, place, found)
    return Start(tuple(words), key, served or place.value, place, found)


def _unwrapped(words: Iterable[str]) -> list[str]:
    """Take off exec, tini, `uv run` and the like."""
    rest = list(words)
    while rest:
        name = rest[0].rsplit("/", 1)[-1]
        if name in ("exec", "tini", "dumb-init", "--"):
            rest = rest[1:]
        elif name in _RUNNERS and rest[1:2] == ["run"]:
            rest = rest[2:]
            while rest and rest[0].startswith("-"):
                rest = rest[1:]
        elif name in _MODULES and "/" in rest[0]:
            rest = [name, *rest[1:]]
        else:
            break
    return rest


def _port(word: str, after: str) -> int | None:
    match = re.fullmatch(r"--(?:server\.|web-)?port=(\d{2,5})|(?:--bind=|-b=?|--listen=)?\S*:(\d{2,5})", word)
    if match is None and word in ("--port", "-p", "--web-port"):
        match = re.fullmatch(r"(\d{2,5})", after)
    number = int(next(group for group in match.groups() if group)) if match else 0
    return number if 0 < number < 65_536 else None
