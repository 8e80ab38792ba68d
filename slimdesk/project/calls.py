"""What calls into the images from around them: the files that start programs inside a component's container."""

from __future__ import annotations

from collections.abc import Iterable

from slimdesk.project.calls_compose import compose_calls
from slimdesk.project.calls_dockerfile import dockerfile_calls
from slimdesk.project.calls_kubernetes import kubernetes_calls
from slimdesk.project.calls_reading import Place, call_of_text
from slimdesk.project.calls_scripts import script_calls
from slimdesk.project.compose import ComposeService
from slimdesk.project.manifests import read_procfile
from slimdesk.project.model import Call, CallKind, Component, Evidence
from slimdesk.project.walk import Tree, join

MAX_CALLS = 500


def find_calls(
    tree: Tree, components: Iterable[Component], compose: Iterable[ComposeService]
) -> tuple[Call, ...]:
    """Return everything that starts a program inside a component's image, in the order of its source.

    A component of several processes has a Procfile's line for each; the one that its image starts is among them.
    """
    components = tuple(components)
    if not components:
        return ()
    pairs = (((one.file, one.name), _built(one, components)) for one in compose)
    built = {key: component for key, component in pairs if component is not None}
    services = {name: component for (_, name), component in built.items()}
    found: list[Call] = []
    for component in components:
        path = component.value("dockerfile")
        if isinstance(path, str):
            found += dockerfile_calls(tree, component, path)
        found += _procfile_calls(tree, component)
    found += compose_calls(tree, built)
    found += kubernetes_calls(tree, components)
    found += script_calls(tree, components, services)
    return tuple(dict.fromkeys(found))[:MAX_CALLS]


def _built(service: ComposeService, components: tuple[Component, ...]) -> Component | None:
    """Return the component that a compose service builds: by folder, then by name where several share one."""
    if service.context is None:
        return None
    here = [one for one in components if service.context in (one.path, one.context)]
    named = [one for one in here if one.name == service.name]
    exact = [one for one in here if one.path == service.context]
    if service.dockerfile:
        stated = [
            one for one in here if any(fact.value == service.dockerfile for fact in one.all("dockerfile"))
        ]
        exact = exact if len(exact) == 1 else stated or exact
    if named or len(exact) == 1:
        return (named or exact)[0]
    return here[0] if len(here) == 1 else None


def _procfile_calls(tree: Tree, component: Component) -> Iterable[Call]:
    path = join(component.path, "Procfile")
    for process in read_procfile(tree, path):
        # Heroku and its like give each line to a shell (devcenter.heroku.com/articles/procfile).
        kind: CallKind = "init" if process.name == "release" else "process"
        call = call_of_text(
            tree,
            Place(kind, "procfile", Evidence(path, process.line), component),
            process.command,
            by_shell=True,
        )
        if call is not None:
            yield call
