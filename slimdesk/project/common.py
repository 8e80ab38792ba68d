"""Facts that every language shares: Dockerfiles, example environments, and ports that the code does not say."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from slimdesk.project.compose import ComposeService
from slimdesk.project.facts import FactList
from slimdesk.project.ignored import EXAMPLE_ENV
from slimdesk.project.manifests import read_env_example, read_procfile
from slimdesk.project.model import Component, Evidence, Problem
from slimdesk.project.walk import Tree, folder_of, join

_DOCKERFILE = re.compile(
    r"(?:Dockerfile|Containerfile)(?:\.[\w.-]+)?$|[\w.-]+\.(?:[Dd]ockerfile|[Cc]ontainerfile)$"
)
_NOT_A_DOCKERFILE = re.compile(r"\.(?:dockerignore|orig(?:\.\d+)?|bak|md|txt|tmpl|j2|template)$")
_EXPOSE = re.compile(r"(?im)^[ \t]*EXPOSE[ \t]+[\"']?(\d{1,5})(?:/tcp)?\b")
_PORT_OPTION = re.compile(r"(?:--port[ =]|-p[ =]?|--bind[ =]\S*:|-b[ =]?\S*:)\$?\{?(?:PORT:-)?(\d{2,5})")
_NAMES = ("*ockerfile*", "*ontainerfile*")
_ASIDE = frozenset({
    ".devcontainer", ".github", ".circleci", ".ci", "ci", "test", "tests", "testdata", "e2e", "examples", "example", "docs", "documentation",
    "hack", "contrib", "fixtures", "benchmark", "benchmarks",
})  # fmt: skip
MAX_DOCKERFILES = 100
_LAST_STAGE = re.compile(r"(?im)^[ \t]*FROM[ \t]")


def with_common_facts(
    tree: Tree, components: Iterable[Component], compose: Iterable[ComposeService]
) -> tuple[Component, ...]:
    """Return the components with what all languages share."""
    components, compose = tuple(components), tuple(compose)
    return tuple(_with_common_facts(tree, one, components, compose) for one in components)


def _with_common_facts(
    tree: Tree, component: Component, components: tuple[Component, ...], compose: tuple[ComposeService, ...]
) -> Component:
    facts = FactList()
    facts.extend(fact for fact in component.facts if fact.key != "port_guess")
    own = _own_services(component, components, compose)
    dockerfiles = _dockerfiles(tree, component, components, own)
    for path in dockerfiles:
        facts.add("dockerfile", path, path)
    _environment(tree, component, own, facts)
    port = component.port
    serves = component.fact("serves")
    if port is not None:
        facts.once("port", port)
    elif serves is not None or _alone(component, components):
        # Of several programs in one folder, one that does not listen has no use for the Dockerfile's EXPOSE.
        port = _stated_port(tree, component, own, dockerfiles, facts)
    problems = component.problems
    if port is None and serves is not None and serves.value is True:
        sentence = "It listens on a port, and nothing says on which: set port in slimdesk.toml"
        problems = (*problems, Problem(sentence, serves.evidence))
    return replace(component, port=port, facts=tuple(facts.facts), problems=problems)


def _stated_port(
    tree: Tree, component: Component, own: list[ComposeService], dockerfiles: list[str], facts: FactList
) -> int | None:
    """Return the port that a file other than the code states, else the language's guess."""
    for port, evidence in _stated_ports(tree, component, own, dockerfiles):
        facts.add("port", port, evidence.path, evidence.line)
        return port
    guess = component.fact("port_guess")
    if guess is None or not isinstance(guess.value, int):
        return None
    place = guess.evidence
    facts.add("port", guess.value, place.path if place else None, place.line if place else None)
    return guess.value


def _alone(component: Component, components: tuple[Component, ...]) -> bool:
    return not any(one.path == component.path and one is not component for one in components)


def _own_services(
    component: Component, components: tuple[Component, ...], compose: tuple[ComposeService, ...]
) -> list[ComposeService]:
    """Return the compose services that build this component: by folder, then by name where several share one."""
    here = [one for one in compose if one.context == component.path]
    if not here:
        here = [one for one in compose if one.context == component.context and one.name == component.name]
    sharing = [one for one in components if one.path == component.path]
    if len(sharing) > 1:
        here = [one for one in here if one.name == component.name]
    return here


def _dockerfiles(
    tree: Tree, component: Component, components: tuple[Component, ...], own: list[ComposeService]
) -> list[str]:
    """Return the Dockerfiles that build this component, the likeliest first."""
    found = [one.dockerfile for one in own if one.dockerfile and tree.has(one.dockerfile)]
    package = component.value("package")
    package = package[2:] if isinstance(package, str) and package.startswith("./") else None
    if package:
        found += _in_folder(tree, join(component.path, package))
    sharing = [one.name for one in components if one.path == component.path and one is not component]
    for path in _in_folder(tree, component.path):
        # Dockerfile.worker is not that of api.
        if _mentions(path, component.name) or not any(_mentions(path, other) for other in sharing):
            found.append(path)
    elsewhere = {one.path for one in components if one.path != component.path}
    for path in _elsewhere(tree)[:MAX_DOCKERFILES]:
        inside = path if component.context == "." else path.removeprefix(component.context + "/")
        if folder_of(path) in elsewhere or (component.context != "." and inside == path):
            continue
        if len(components) == 1 or _mentions(inside, component.name) or _builds(tree, path, package):
            found.append(path)
    return list(dict.fromkeys(found))[:10]


def _builds(tree: Tree, path: str, package: str | None) -> bool:
    """Whether the Dockerfile names the component's package, as in `go build ./cmd/api`."""
    if package is None:
        return False
    return re.search(rf"(?<![\w.-]){re.escape(package)}(?![\w-])", tree.text(path) or "") is not None


def _elsewhere(tree: Tree) -> list[str]:
    """Return every Dockerfile outside of folders for tests, examples and development containers."""
    paths = (path for path in tree.named(*_NAMES) if _is_dockerfile(path))
    return [path for path in paths if not _ASIDE.intersection(path.split("/")[:-1])]


def _in_folder(tree: Tree, folder: str) -> list[str]:
    """Return the Dockerfiles directly in a folder, the plain name first."""
    paths = [path for path in tree.named(*_NAMES) if folder_of(path) == folder]
    names = [path for path in paths if _is_dockerfile(path)]
    return sorted(names, key=lambda path: (len(path), path))


def _is_dockerfile(path: str) -> bool:
    name = path.rsplit("/", 1)[-1]
    return _DOCKERFILE.match(name) is not None and _NOT_A_DOCKERFILE.search(name) is None


def _mentions(path: str, name: str) -> bool:
    return name in re.split(r"[./]", path.lower())


def _environment(tree: Tree, component: Component, own: list[ComposeService], facts: FactList) -> None:
    folders = dict.fromkeys((component.path, component.context))
    for folder in folders:
        for path in tree.named("*env*"):
            if folder_of(path) == folder and EXAMPLE_ENV.match(path.rsplit("/", 1)[-1]):
                facts.add("env_file", path, path)
                for setting in read_env_example(tree, path):
                    facts.add("env", setting.name, path, setting.line)
    for service in own:
        for name, _, line in service.environment:
            facts.add("env", name, service.file, line)


def _stated_ports(
    tree: Tree, component: Component, own: list[ComposeService], dockerfiles: list[str]
) -> Iterable[tuple[int, Evidence]]:
    for path in dockerfiles:
        text = tree.text(path) or ""
        # Only the last stage's EXPOSE reaches the image.
        starts = [match.start() for match in _LAST_STAGE.finditer(text)]
        match = _EXPOSE.search(text, starts[-1] if starts else 0)
        if match and 0 < int(match.group(1)) < 65_536:
            yield int(match.group(1)), Evidence(path, text.count("\n", 0, match.start(1)) + 1)
    for service in own:
        for port, line in service.ports:
            yield port, Evidence(service.file, line)
    path = join(component.path, "Procfile")
    for process in read_procfile(tree, path):
        match = _PORT_OPTION.search(process.command) if process.name == "web" else None
        if match:
            yield int(match.group(1)), Evidence(path, process.line)
