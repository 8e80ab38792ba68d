"""`slimdesk detect DIR`: what a project folder holds, each fact with its evidence."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from slimdesk.basics.escaping import visible
from slimdesk.basics.units import plural
from slimdesk.cli.options import add_settings_argument
from slimdesk.cli.output import print_json, say
from slimdesk.cli.words import named
from slimdesk.operations.detect import open_project, settings_of
from slimdesk.project.model import Call, Component, Evidence, Fact, Problem, Project, Service, Value
from slimdesk.project.static_folder import KEY

MAX_SHOWN = 12
MAX_CALLS = 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare DIR and the settings."""
    parser.add_argument("folder", metavar="DIR", type=named, help="the project's folder")
    add_settings_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Print what was found; 0 also for a folder that holds nothing."""
    project = open_project(Path(args.folder), settings_of(args.settings))
    if args.json:
        print_json(project_json(project))
    else:
        _print_words(project)
    return 0


def project_json(project: Project) -> dict[str, Any]:
    """Return the answer as the command line's JSON has it."""
    return {
        "components": [component_json(component) for component in project.components],
        "joined": [
            {"name": one.name, "parts": [part.name for part in one.parts], "static_folder": one.value(KEY)}
            for one in project.joined
        ],
        "services": [_service_json(service) for service in project.services],
        "calls": [_call_json(call) for call in project.calls],
        "problems": [_problem_json(problem) for problem in project.problems],
    }


def component_json(component: Component) -> dict[str, Any]:
    """Return one component as the command line's JSON has it."""
    return {
        "name": component.name,
        "path": component.path,
        "profile": component.profile,
        "context": component.context,
        "version": component.version,
        "package_manager": component.package_manager,
        "framework": component.framework,
        "entrypoint": None if component.entrypoint is None else list(component.entrypoint),
        "port": component.port,
        "facts": [_fact_json(fact) for fact in component.facts],
        "problems": [_problem_json(problem) for problem in component.problems],
    }


def _fact_json(fact: Fact) -> dict[str, Any]:
    value = list(fact.value) if isinstance(fact.value, tuple) else fact.value
    return {"key": fact.key, "value": value, "evidence": _evidence_json(fact.evidence)}


def _call_json(call: Call) -> dict[str, Any]:
    return {
        "component": call.component,
        "kind": call.kind,
        "source": call.source,
        "words": list(call.words),
        "shell": call.shell,
        "programs": list(call.programs),
        "tasks": list(call.tasks),
        "file": call.file,
        "evidence": _evidence_json(call.evidence),
    }


def _service_json(service: Service) -> dict[str, Any]:
    return {
        "name": service.name,
        "kind": service.kind,
        "image": service.image,
        "advice": service.advice,
        "evidence": _evidence_json(service.evidence),
    }


def _problem_json(problem: Problem) -> dict[str, Any]:
    return {"message": problem.message, "evidence": _evidence_json(problem.evidence)}


def _evidence_json(evidence: Evidence | None) -> dict[str, Any] | None:
    return None if evidence is None else {"path": evidence.path, "line": evidence.line}


def _print_words(project: Project) -> None:
    for component in project.components:
        _print_component(component)
    for one in project.joined:
        front, host = one.parts
        say(f"{one.name}  one image: {host.name} serves the files of {front.name} from {one.value(KEY)}")
        say()
    if project.services:
        say("Services")
        rows = [
            (service.name, service.kind, service.advice, service.evidence) for service in project.services
        ]
        _print_rows((f"{name} ({kind})", advice, evidence) for name, kind, advice, evidence in rows)
        say()
    if project.calls:
        say("What starts programs inside the images")
        _print_rows(
            (f"{call.component} {call.kind}", _shown(call), call.evidence)
            for call in project.calls[:MAX_CALLS]
        )
        say()
    _print_problems("Problems", project.problems)
    say(
        f"{plural(len(project.components), 'component')} and {plural(len(project.services), 'service')} "
        f"in {plural(project.files_seen, 'file')}"
    )


def _print_component(component: Component) -> None:
    say(
        f"{component.name}  {component.profile}  {'in this folder' if component.path == '.' else component.path}"
    )
    rows: list[tuple[str, str, Evidence | None]] = []
    for label, key, value in (
        ("version", "version", component.version),
        ("package manager", "package_manager", component.package_manager),
        ("framework", "framework", component.framework),
        ("starts with", "entrypoint", component.entrypoint),
        ("port", "port", component.port),
    ):
        if value is None and key in ("package_manager", "framework"):
            continue
        fact = component.fact(key)
        rows.append((label, _words(value), fact.evidence if fact else None))
    if component.context != component.path:
        rows.append(("build context", component.context, None))
    shown = {"version", "package_manager", "framework", "entrypoint", "port"}
    keys = dict.fromkeys(fact.key for fact in component.facts if fact.key not in shown)
    for key in keys:
        facts = list(component.all(key))
        rows.extend((key.replace("_", " "), _words(fact.value), fact.evidence) for fact in facts[:MAX_SHOWN])
        if len(facts) > MAX_SHOWN:
            rows.append((key.replace("_", " "), f"and {len(facts) - MAX_SHOWN} more", None))
    _print_rows(rows)
    _print_problems("  Problems", component.problems)
    say()


def _print_rows(rows: Iterable[tuple[str, str, Evidence | None]]) -> None:
    rows = list(rows)
    first = max((len(row[0]) for row in rows), default=0)
    second = min(48, max((len(row[1]) for row in rows), default=0))
    for label, value, evidence in rows:
        place = "" if evidence is None else str(evidence)
        say(f"  {label:<{first}}  {value:<{second}}  {place}".rstrip())


def _print_problems(title: str, problems: Iterable[Problem]) -> None:
    problems = list(problems)
    if problems:
        say(title)
        for problem in problems:
            say(f"  - {problem.message}" + (f" ({problem.evidence})" if problem.evidence else ""))


def _shown(call: Call) -> str:
    line = visible(" ".join(call.words), 80)
    return f"{line} -> {call.file}" if call.file else line


def _words(value: Value) -> str:
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return json.dumps(list(value), ensure_ascii=False)
    return str(value)
