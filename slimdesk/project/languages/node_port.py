"""The port that a JavaScript server listens on: as its code, its start command, its Dockerfile or its framework says."""

from __future__ import annotations

import re

from slimdesk.project.languages.node_frameworks import Framework
from slimdesk.project.languages.node_source import Seen
from slimdesk.project.languages.node_unit import Unit
from slimdesk.project.manifests import read_env_example
from slimdesk.project.model import Evidence, Fact, Problem
from slimdesk.project.walk import Tree, join

# What a server without a word about its port is given, where it takes it from the environment.
_USUAL_PORT = 3000
# What Bun.serve and Deno.serve listen on unless they are told otherwise.
_RUNTIME_PORTS = {"bun": 3000, "deno": 8000}
_EXPORTED = re.compile(r"(?m)^export[ \t]+default\b(?:\s*\{[^{}]{0,500}?\b(?P<fetch>fetch)\b[^{}]{0,200})?")
_EXPORTED_PORT = re.compile(r"\bport\s*:\s*(\d{2,5})\b")
_EXPOSE = re.compile(r"(?mi)^[ \t]*EXPOSE[ \t]+(\d{1,5})(?:/tcp)?[ \t\r]*$")


def read_port(tree: Tree, unit: Unit) -> tuple[int | None, list[Fact], list[Problem]]:
    """Return the port if one is sure, with its facts, and what keeps others from reaching the server."""
    package, sources = unit.package, unit.sources
    framework: Framework | None = unit.framework
    own_server = framework is not None and framework.port is not None
    port_env = sources.port_env
    if port_env is None and own_server and framework is not None:
        port_env = Seen("PORT", package.dependency_evidence(framework.package))
    facts = [] if port_env is None else [Fact("port_env", port_env.value, port_env.evidence)]
    host = sources.host_env.value if sources.host_env is not None else None
    host_evidence = sources.host_env.evidence if sources.host_env is not None else None
    if framework is not None and framework.host_env is not None:
        host, host_evidence = framework.host_env, package.dependency_evidence(framework.package)
    if host is not None:
        facts.append(Fact("host_env", host, host_evidence))
    problems = [] if host is not None else _local_only(unit)
    found = _stated_port(tree, unit)
    if found is None and framework is not None and framework.port is not None:
        found = framework.port, package.dependency_evidence(framework.package)
    own = _RUNTIME_PORTS.get(unit.start.program) if unit.start is not None else None
    exported = _exported_server(tree, unit)
    if found is None and exported is not None:
        found = exported
    if found is None and own is not None and (sources.serves is not None or "serve" in unit.start_words):
        found = own, sources.serves or (unit.start.evidence if unit.start is not None else package.evidence())
    if found is None and port_env is not None and sources.serves is not None:
        # The image sets the variable, so whatever it is set to is true.
        found = _USUAL_PORT, port_env.evidence
    if found is not None:
        return found[0], [Fact("port", found[0], found[1]), *facts], problems
    if sources.serves is not None:
        problems.append(
            Problem(
                "The program listens, but on which port could not be read from its code. Set port",
                sources.serves,
            )
        )
    return None, facts, problems


def _exported_server(tree: Tree, unit: Unit) -> tuple[int, Evidence] | None:
    """Return the port of what Bun serves because the program exports it (https://bun.com/docs/runtime/http/server)."""
    start = unit.start
    if start is None or start.program != "bun" or start.file is None:
        return None
    path = join(unit.package.folder, start.file)
    text = tree.text(path) or ""
    match = _EXPORTED.search(text)
    if match is None or (match.group("fetch") is None and unit.framework is None):
        return None
    place = Evidence(path, text.count("\n", 0, match.start()) + 1)
    port = _EXPORTED_PORT.search(match.group())
    return (_valid(port.group(1), place) if port else None) or (_RUNTIME_PORTS["bun"], place)


def _stated_port(tree: Tree, unit: Unit) -> tuple[int, Evidence] | None:
    start, sources, package = unit.start, unit.sources, unit.package
    if start is not None:
        for number, word in enumerate(start.words):
            value = start.words[number + 1] if number + 1 < len(start.words) else ""
            match = re.fullmatch(r"(?:-p|--port|-l|--listen)(?:=(\d{2,5}))?", word)
            if match and (match.group(1) or value.isdecimal()):
                return _valid(match.group(1) or value, start.evidence)
        if start.env.get("PORT", "").isdecimal():
            return _valid(start.env["PORT"], start.evidence)
    if sources.port is not None:
        return _valid(sources.port.value, sources.port.evidence)
    if sources.serves is None and unit.framework is None:
        return None
    for name in ("Dockerfile", "dockerfile", "Dockerfile.prod", "Dockerfile.production"):
        path = join(package.folder, name)
        text = tree.text(path) or ""
        matches = list(_EXPOSE.finditer(text))
        if len(matches) == 1:
            return _valid(matches[0].group(1), Evidence(path, text.count("\n", 0, matches[0].start(1)) + 1))
    for name in (".env.example", ".env.sample", ".env.template", ".env.dist"):
        path = join(package.folder, name)
        for setting in read_env_example(tree, path):
            if (
                setting.name == (sources.port_env.value if sources.port_env else "PORT")
                and setting.value.isdecimal()
            ):
                return _valid(setting.value, Evidence(path, setting.line))
    return None


def _valid(text: str, evidence: Evidence) -> tuple[int, Evidence] | None:
    return (int(text), evidence) if text.isascii() and len(text) <= 5 and 1 <= int(text) <= 65535 else None


def _local_only(unit: Unit) -> list[Problem]:
    """Say when a server listens where nobody outside of its container can reach it."""
    sources = unit.sources
    if sources.any_host or sources.serves is None:
        return []
    if sources.local_only is not None:
        return [
            Problem(
                "The server listens on localhost, where nobody outside of its container reaches it: listen on 0.0.0.0",
                sources.local_only,
            )
        ]
    if unit.framework is not None and unit.framework.package == "fastify":
        return [
            Problem(
                "Fastify listens on localhost unless it is told otherwise, and nobody outside of its container reaches "
                "it: give listen a host of 0.0.0.0",
                sources.serves,
            )
        ]
    return []
