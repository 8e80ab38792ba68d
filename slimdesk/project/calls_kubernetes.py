"""What Kubernetes starts inside the components' images: probes, lifecycle hooks, command and args, init containers.

`command` replaces the image's ENTRYPOINT and `args` its CMD; both go without a shell (Kubernetes, Define a Command and
Arguments for a Container). A container is a component's if its image, its own name or its object's says so.
"""

from __future__ import annotations

from collections.abc import Iterable

from slimdesk.basics.escaping import slug
from slimdesk.project.calls_reading import Place, call_of_words
from slimdesk.project.kubernetes import UNKNOWN, Container, read_kubernetes
from slimdesk.project.model import Call, CallKind, Component, Evidence
from slimdesk.project.services import known_image
from slimdesk.project.walk import Tree
from slimdesk.project.yaml_nodes import Yaml

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
# Images that are helpers of many pods, whoever's they are.
_HELPERS = frozenset({
    "busybox", "alpine", "curl", "kubectl", "envoy", "fluent-bit", "fluentd", "cloud-sql-proxy", "cloudsql-proxy", "pause", "toolbox", "wait-for",
    "postgres-exporter", "oauth2-proxy", "istio-proxy", "proxyv2", "filebeat", "vault", "git-sync", "bash", "ubuntu", "debian", "git",
    "k8s-wait-for", "agent", "node-exporter", "aws-cli", "python", "node", "golang", "nginx-exporter", "redis-exporter",
})  # fmt: skip


def kubernetes_calls(tree: Tree, components: tuple[Component, ...]) -> Iterable[Call]:
    """Yield what every manifest starts in a component's image."""
    for container in read_kubernetes(tree):
        component = _owner(container, components)
        if component is not None:
            yield from _calls(tree, container, component)


def _owner(container: Container, components: tuple[Component, ...]) -> Component | None:
    image = slug(container.image.rsplit("/", 1)[-1])
    if container.image != UNKNOWN and (known_image(container.image) or image in _HELPERS):
        return None
    names = {image, slug(container.name), slug(container.owner)} - {UNKNOWN, "app"}
    for component in components:
        if component.name in names:
            return component
    if len(components) == 1:
        return components[0]
    folders = container.file.split("/")[:-1]
    near = [
        one
        for one in components
        if one.name in folders or (one.path != "." and container.file.startswith(f"{one.path}/"))
    ]
    ending = [
        one
        for one in components
        if image.endswith(f"-{one.name}") or container.owner.endswith(f"-{one.name}")
    ]
    found = ending or near
    return found[0] if len(found) == 1 else None


def _calls(tree: Tree, container: Container, component: Component) -> Iterable[Call]:
    node = container.node

    def call(kind: CallKind, value: Yaml, more: tuple[str, ...] = ()) -> Call | None:
        words = value.words() or ()
        place = Place(kind, "kubernetes", Evidence(container.file, value.line), component)
        return call_of_words(tree, place, (*words, *more)) if words else None

    command, args = node.get("command"), node.get("args")
    start: CallKind = "init" if container.init else "entrypoint"
    found = [call(start, command, args.words() or ()) if command.words() else call("arguments", args)]
    if not container.init:
        found += [call("probe", node.get(probe, "exec", "command")) for probe in _PROBES]
        found.append(call("post-start", node.get("lifecycle", "postStart", "exec", "command")))
        found.append(call("pre-stop", node.get("lifecycle", "preStop", "exec", "command")))
    yield from (one for one in found if one is not None)
