"""Kubernetes manifests and Helm templates, as far as they can be read: pods, their containers, and whose image each runs.

A Helm template is no YAML before it is filled in: lines that only hold an action are dropped, an action inside of a line
becomes a word. What is still no YAML then is passed over without a problem: it was not written to be read by us.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from slimdesk.project.walk import Tree
from slimdesk.project.yaml_nodes import Yaml, yaml_documents

MAX_FILES = 200
MAX_SIZE = 262_144
MAX_TOTAL = 4_194_304
KINDS = frozenset({
    "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Pod", "Job", "CronJob", "Rollout", "PodTemplate",
})  # fmt: skip
_FOLDERS = frozenset({
    "k8s", ".k8s", "kubernetes", "kube", "deploy", "deployment", "deployments", "manifests", "manifest", "helm", "chart", "charts", "templates",
    "kustomize", "base", "overlays", "infra", "infrastructure", "ops", "gitops", "argocd", "flux", "cluster", "openshift",
})  # fmt: skip
_NAME = re.compile(
    r"(?:^|[-_.])(?:deploy(?:ment)?s?|statefulset|daemonset|cronjobs?|jobs?|pods?|k8s|kube(?:rnetes)?|rollout|worker|app|api|web|server|backend|all)(?:[-_.]|$)",
    re.IGNORECASE,
)
_ACTION_LINE = re.compile(r"(?m)^[ \t]*\{\{[^\n]*\}\}[ \t]*$")
_ACTION = re.compile(r"\{\{([^{}\n]{0,500})\}\}")
_DEFAULT = re.compile(r"default\s+[\"']?([\w./:-]+)[\"']?")
UNKNOWN = "templated"


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a pod. `image` has no tag and is `templated` where a template fills it in; `owner` names the object."""

    file: str
    owner: str
    name: str
    image: str
    node: Yaml
    init: bool = False


def read_kubernetes(tree: Tree) -> Iterable[Container]:
    """Yield the containers of every manifest in the tree."""
    read = total = 0
    for path in tree.named("*.yaml", "*.yml"):
        if not _looks_like_one(path) or tree.files[path].size > MAX_SIZE:
            continue
        read, total = read + 1, total + tree.files[path].size
        if read > MAX_FILES or total > MAX_TOTAL:
            return
        text = tree.text(path) or ""
        if "containers:" in text and "kind:" in text:
            yield from _containers(path, without_actions(text) if "{{" in text else text)


def without_actions(text: str) -> str:
    """Return a Helm template with its actions replaced, so that most of it is YAML; lines keep their numbers."""
    plain = _ACTION_LINE.sub("", text)
    return _ACTION.sub(_filled, plain)


def _filled(match: re.Match[str]) -> str:
    default = _DEFAULT.search(match.group(1))
    return default.group(1) if default else UNKNOWN


def _looks_like_one(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    if folder.startswith(".github") or name.startswith(("docker-compose", "compose.", ".")):
        return False
    return bool(_FOLDERS.intersection(folder.lower().split("/"))) or _NAME.search(name) is not None


def _containers(path: str, text: str) -> Iterable[Container]:
    for document in yaml_documents(text):
        objects = [document, *document.get("items").entries()]
        for one in objects:
            if one.get("kind").word() not in KINDS:
                continue
            owner = one.get("metadata", "name").word() or ""
            pod = pod_spec(one)
            for key, init in (("containers", False), ("initContainers", True)):
                for node in pod.get(key).entries():
                    name, image = node.get("name").word() or "", node.get("image").word() or UNKNOWN
                    yield Container(path, owner, name, _untagged(image), node, init)


def pod_spec(one: Yaml) -> Yaml:
    """Return the pod's specification inside of an object of KINDS; nothing where it has none."""
    spec = one.get("spec")
    for keys in (("jobTemplate", "spec", "template", "spec"), ("template", "spec")):
        found = spec.get(*keys)
        if found:
            return found
    return one.get("template", "spec") if one.get("kind").word() == "PodTemplate" else spec


def _untagged(image: str) -> str:
    name = image.partition("@")[0]
    folder, slash, last = name.rpartition("/")
    return folder + slash + last.partition(":")[0]
