"""Processes beside the one that serves: Celery, RQ and Dramatiq workers, timetables, and the other lines of a Procfile.

Each is started from the same code and packages, so each is a component of its own that differs in its start alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from slimdesk.project.languages.python_command import Start, of_command
from slimdesk.project.languages.python_manifest import Manifest
from slimdesk.project.languages.python_source import Place, Source
from slimdesk.project.manifests import read_procfile
from slimdesk.project.model import Component, Evidence, Fact, Problem
from slimdesk.project.walk import Tree, join

# Lines of a Procfile that end before the others start: release is Heroku's step of a deployment.
_ONCE = frozenset({"web", "release", "postdeploy", "migrate", "console"})
# What says how the first process starts or is reached; the others have their own.
_OF_ONE = frozenset(
    {
        "asgi", "wsgi", "entrypoint", "module", "start", "add_dependency", "port", "framework", "health_path", "start_env",
        "collect_static", "settings_variable", "migrations",
    }
)  # fmt: skip
# Where the timetable's last runs are written down: the code's folder is not the application's to write.
_SCHEDULE = "/tmp/celerybeat-schedule"  # noqa: S108
MAX_PROCESSES = 8


def worker(source: Source, manifest: Manifest | None) -> Start | None:
    """Return the command of the worker whose tasks the code holds; None if it holds none."""
    listed = [
        (kind, place)
        for kind, place in source.workers
        if manifest is None or manifest.depends_on(kind, "celery")
    ]
    if not listed:
        return None
    kind, place = min(listed, key=lambda one: ("test" in one[1].path, one[1].path.count("/"), one[0]))
    if kind == "dramatiq":
        return Start(
            ("python", "-m", "dramatiq", place.value), "start", place.value, place, framework="Dramatiq"
        )
    argv = ("python", "-m", "celery", "--app", place.value, "worker", "--loglevel", "INFO")
    return Start(argv, "start", place.value, place, framework="Celery")


def processes(
    tree: Tree, manifest: Manifest | None, folder: str, source: Source, main: Start
) -> Iterator[tuple[str, Start]]:
    """Yield (name, start) of every process beside `main`: the Procfile's, else what the code's tasks need."""
    path = join(folder, "Procfile")
    lines = read_procfile(tree, path)
    seen = {main.argv}
    for line in lines[:MAX_PROCESSES]:
        start = of_command(line.command, Place(line.command, path, line.line), None, web=False)
        if line.name not in _ONCE and start is not None and start.argv not in seen:
            seen.add(start.argv)
            yield line.name, replace(start, argv=_with_schedule(start.argv))
    if len(lines) > 1:
        return
    found = worker(source, manifest)
    if found is None or main.framework in ("Celery", "Dramatiq"):
        found = main if main.framework == "Celery" else None
    else:
        yield "worker", found
    if found is not None and found.framework == "Celery" and source.scheduled is not None:
        argv = ("python", "-m", "celery", "--app", found.value, "beat", "--loglevel", "INFO")
        yield "beat", replace(found, argv=_with_schedule(argv), place=source.scheduled, problem=None)


def beside(component: Component, name: str, start: Start) -> Component:
    """Return the component of another process of the same code."""
    at = Evidence(start.place.path, start.place.line)
    framework = next((one for one in ("celery", "dramatiq", "rq", "huey") if one in start.argv), None)
    titles = {"celery": "Celery", "dramatiq": "Dramatiq", "rq": "RQ", "huey": "Huey"}
    title = titles.get(framework or "")
    facts = [Fact(start.key, start.value[:300], at)]
    facts += [Fact("framework", title, at)] if title else []
    facts += [fact for fact in component.facts if fact.key not in _OF_ONE]
    told = () if start.problem is None else (Problem(start.problem, at),)
    return replace(
        component,
        name=f"{component.name}-{name}",
        framework=title,
        entrypoint=start.argv,
        port=start.port,
        facts=tuple(facts),
        problems=told,
    )


def _with_schedule(argv: tuple[str, ...]) -> tuple[str, ...]:
    writes = "celery" in argv and "beat" in argv
    named = any(word in ("-s", "-S") or word.startswith("--schedule") for word in argv)
    return (*argv, f"--schedule={_SCHEDULE}") if writes and not named else argv
