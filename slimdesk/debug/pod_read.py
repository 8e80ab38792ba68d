"""Pods read from a manifest: Pod, Deployment, StatefulSet, DaemonSet, ReplicaSet, Job, CronJob, and `kubectl get -o yaml`.

The text is untrusted: nesting, aliases and size are bounded, and what has a wrong type becomes a sentence. Fields and
defaults are those of the Kubernetes API reference, core/v1 (PodSpec, Container, Probe, SecurityContext).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator

from slimdesk.basics.errors import BadInput
from slimdesk.basics.escaping import visible
from slimdesk.debug.pod import (
    Manifest,
    Mount,
    Pod,
    PodContainer,
    Security,
    Source,
    Variable,
    VariableSet,
)
from slimdesk.debug.pod_probes import read_probes
from slimdesk.debug.pod_quantities import quantity, whole_bytes
from slimdesk.project.kubernetes import KINDS, pod_spec
from slimdesk.project.manifests import MAX_YAML, Unreadable, check_yaml
from slimdesk.project.yaml_nodes import Yaml, yaml_documents

MAX_PODS = 50
_TRUE = frozenset({"true", "yes", "on", "y"})
_NUMBER = re.compile(r"-?\d{1,12}", re.ASCII)
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", re.ASCII)
# Settings of a pod that decide over what surrounds it, not over whether its image starts.
_POD_OMITTED = {
    "hostNetwork": "the node's network",
    "hostPID": "the node's processes",
    "hostIPC": "the node's shared memory",
    "serviceAccountName": "the service account and its token",
    "dnsConfig": "its DNS settings",
    "hostAliases": "its host aliases",
    "runtimeClassName": "its runtime class",
}


def read_manifest(text: str) -> Manifest:
    """Read every document. Raises BadInput if the text is no YAML, or names no pod."""
    if len(text) > MAX_YAML:
        raise BadInput(
            "The manifest cannot be read", "it has more than a megabyte", "Cut out the pod that you mean"
        )
    documents = list(_objects(text))
    pods: list[Pod] = []
    data: dict[tuple[str, str], dict[str, str | None]] = {}
    for one in documents:
        kind = one.get("kind").word() or ""
        if kind in KINDS and len(pods) < MAX_PODS:
            pods.append(_pod(one, kind))
        elif kind in ("ConfigMap", "Secret"):
            data[kind, one.get("metadata", "name").word() or ""] = _data(one, kind)
    if not pods:
        found = ", ".join(
            dict.fromkeys(visible(one.get("kind").word() or "no kind", 40) for one in documents)
        )
        why = f"it holds {found}" if found else "it holds no object"
        raise BadInput("The manifest names no pod", why, f"Give one of {', '.join(sorted(KINDS))}")
    return Manifest(tuple(pods), data)


def choose(
    manifest: Manifest, pod: str | None = None, container: str | None = None
) -> tuple[Pod, PodContainer]:
    """Return the pod and container of these names; a choice of one needs no name. `pod` is web or Deployment/web.

    Raises BadInput with the names if there are several, or none of that name.
    """
    pods = [one for one in manifest.pods if pod is None or pod in (one.name, one.title)]
    titles = ", ".join(dict.fromkeys(visible(one.title, 80) for one in manifest.pods))
    if not pods:
        raise BadInput(
            f"There is no pod {visible(pod or '', 80)} in the manifest",
            f"it has {titles}",
            "Choose one of them",
        )
    if len(pods) > 1:
        raise BadInput(
            "Which pod is meant is not said", f"the manifest has {titles}", "Choose one with --pod"
        )
    chosen = pods[0]
    if not chosen.containers:
        raise BadInput(f"{visible(chosen.title, 80)} has no containers", "", "Add one under spec.containers")
    containers = [one for one in chosen.containers if container is None or one.name == container]
    names = ", ".join(visible(one.name, 80) for one in chosen.containers)
    if not containers:
        raise BadInput(
            f"There is no container {visible(container or '', 80)}",
            f"the pod has {names}",
            "Choose one of them",
        )
    if len(containers) > 1:
        raise BadInput(
            "Which container is meant is not said", f"the pod has {names}", "Choose one with --container"
        )
    return chosen, containers[0]


def _objects(text: str) -> Iterator[Yaml]:
    """Every object, the items of a List too; a first document that is damaged is told, not passed over."""
    import yaml

    read = 0
    for document in yaml_documents(text):
        read += 1
        yield from document.get("items").entries() or [document]
    if read:
        return
    try:
        check_yaml(text)
        yaml.compose(text, Loader=yaml.CSafeLoader)
    except Unreadable as error:
        place = f"line {error.line}: " if error.line else ""
        raise BadInput(
            "The manifest cannot be read", f"{place}{error}", "Correct it and try again"
        ) from error
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}: " if mark is not None else ""
        why = visible(str(getattr(error, "problem", None) or type(error).__name__), 120)
        raise BadInput("The manifest is not YAML", f"{place}{why}", "Correct it and try again") from error


def _pod(one: Yaml, kind: str) -> Pod:
    spec = pod_spec(one)
    name = one.get("metadata", "name").word() or one.get("metadata", "generateName").word() or kind.lower()
    namespace = one.get("metadata", "namespace").word() or "default"
    shared = spec.get("securityContext")
    volumes = {
        volume.get("name").word() or "": _volume_kind(volume) for volume in spec.get("volumes").entries()
    }
    # A StatefulSet makes a claim for each of its pods.
    for claim in one.get("spec", "volumeClaimTemplates").entries():
        volumes[claim.get("metadata", "name").word() or ""] = ("persistentVolumeClaim", claim)
    containers = tuple(_container(node, shared, volumes) for node in spec.get("containers").entries())
    return Pod(kind, name, namespace, one.line, containers, tuple(_pod_omitted(spec, containers)))


def _pod_omitted(spec: Yaml, containers: tuple[PodContainer, ...]) -> Iterator[str]:
    for key, words in _POD_OMITTED.items():
        value = spec.get(key)
        if value and not value.node.tag.endswith(":null") and value.word() not in ("false", "default"):
            yield f"{words} ({key}, line {value.line})"
    inits = [node.get("name").word() or "?" for node in spec.get("initContainers").entries()]
    if inits:
        yield f"the init containers {', '.join(visible(name, 60) for name in inits)}: they do not run"
    if len(containers) > 1:
        yield f"the other containers of the pod ({len(containers) - 1}): one is started"


def _container(node: Yaml, shared: Yaml, volumes: dict[str, tuple[str, Yaml]]) -> PodContainer:
    refused: list[str] = []
    omitted: list[str] = []
    ports = _ports(node)
    limits = node.get("resources", "limits")
    security = _security(node.get("securityContext"), shared, refused)
    return PodContainer(
        name=node.get("name").word() or "container",
        image=node.get("image").word() or "",
        line=node.line,
        command=_argv(node, "command", refused),
        args=_argv(node, "args", refused),
        working_dir=node.get("workingDir").word(),
        variables=tuple(_variables(node, refused)),
        variable_sets=tuple(_variable_sets(node)),
        mounts=tuple(_mounts(node, volumes, refused)),
        security=security,
        memory=_limit(limits.get("memory"), "memory", refused),
        cpus=_processors(limits.get("cpu"), refused),
        ports=tuple(number for _, number in ports),
        probes=tuple(read_probes(node, dict(ports), refused)),
        refused=tuple(refused),
        omitted=tuple(omitted + list(_hooks(node))),
    )


def _hooks(node: Yaml) -> Iterator[str]:
    for key in ("postStart", "preStop"):
        hook = node.get("lifecycle", key)
        if hook:
            yield f"the {key} hook (line {hook.line})"
    for key in ("volumeDevices", "resizePolicy"):
        if node.get(key):
            yield f"{key} (line {node.get(key).line})"


def _argv(node: Yaml, key: str, refused: list[str]) -> tuple[str, ...] | None:
    value = node.get(key)
    if not value or value.node.tag.endswith(":null"):
        return None
    entries = value.entries()
    if getattr(value.node, "id", "") != "sequence":
        refused.append(
            f"{key} (line {value.line}) is one text, and Kubernetes takes a list of words: "
            f'write {key}: ["first", "second"]. No shell takes it apart.'
        )
        return None
    words = []
    for entry in entries:
        text = entry.text()
        if text is None:
            refused.append(f"{key} (line {entry.line}) holds something that is no text")
        elif not _is_text(entry):
            refused.append(
                f"{key} (line {entry.line}) holds {visible(text, 40)}, which YAML reads as a number or truth value: "
                f'put it in quotes, "{visible(text, 40)}"'
            )
        words.append(text or "")
    return tuple(words) or None


def _is_text(value: Yaml) -> bool:
    return bool(value.node.tag.endswith(":str"))


def _variables(node: Yaml, refused: list[str]) -> Iterable[Variable]:
    for entry in node.get("env").entries():
        name = entry.get("name").word()
        if name is None:
            refused.append(f"an entry of env (line {entry.line}) has no name")
            continue
        value, origin = entry.get("value"), entry.get("valueFrom")
        if not origin:
            text = value.text() if value else ""
            if value and text is not None and not _is_text(value) and not value.node.tag.endswith(":null"):
                refused.append(
                    f"the value of {visible(name, 60)} (line {value.line}) is read as a number or truth value, and "
                    f'Kubernetes takes text: put it in quotes, "{visible(text, 40)}"'
                )
            yield Variable(name, entry.line, value=text or "")
            continue
        yield _reference(name, entry.line, origin)


def _reference(name: str, line: int, origin: Yaml) -> Variable:
    keys: tuple[tuple[str, Source], ...] = (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret"))
    for key, source in keys:
        ref = origin.get(key)
        if ref:
            owner, entry = ref.get("name").word() or "", ref.get("key").word() or ""
            return Variable(
                name, line, source=source, owner=owner, key=entry, optional=_truth(ref.get("optional"))
            )
    if origin.get("fieldRef"):
        return Variable(name, line, source="field", key=origin.get("fieldRef", "fieldPath").word() or "")
    return Variable(
        name, line, source="resource", key=origin.get("resourceFieldRef", "resource").word() or ""
    )


def _variable_sets(node: Yaml) -> Iterator[VariableSet]:
    keys: tuple[tuple[str, Source], ...] = (("configMapRef", "ConfigMap"), ("secretRef", "Secret"))
    for entry in node.get("envFrom").entries():
        for key, source in keys:
            ref = entry.get(key)
            if ref:
                owner, prefix = ref.get("name").word() or "", entry.get("prefix").word() or ""
                yield VariableSet(source, owner, entry.line, prefix, _truth(ref.get("optional")))


def _mounts(node: Yaml, volumes: dict[str, tuple[str, Yaml]], refused: list[str]) -> Iterator[Mount]:
    for entry in node.get("volumeMounts").entries():
        name, path = entry.get("name").word() or "", entry.get("mountPath").word() or ""
        if name not in volumes:
            refused.append(
                f"the mount at {visible(path, 80)} (line {entry.line}) names the volume {visible(name, 60)}, which spec.volumes lacks"
            )
            continue
        if not path.startswith("/") or ":" in path:
            refused.append(
                f"the mount of {visible(name, 60)} (line {entry.line}) has no absolute path without a colon"
            )
            continue
        kind, what = volumes[name]
        size = _limit(what.get("sizeLimit"), f"sizeLimit of {visible(name, 60)}", refused)
        yield Mount(
            path=path,
            name=name,
            kind=kind,
            line=entry.line,
            owner=next(
                (
                    word
                    for key in ("name", "secretName", "claimName", "path")
                    if (word := what.get(key).word())
                ),
                "",
            ),
            size=size,
            read_only=_truth(entry.get("readOnly")),
            sub_path=entry.get("subPath").word() or entry.get("subPathExpr").word() or "",
        )


def _volume_kind(volume: Yaml) -> tuple[str, Yaml]:
    for key, value in volume.items():
        if key != "name":
            return visible(key, 40), value
    # A volume that says nothing else is an emptyDir (API reference, VolumeSource).
    return "emptyDir", Yaml(None, volume.line)


def _security(own: Yaml, shared: Yaml, refused: list[str]) -> Security:
    def number(key: str, *places: Yaml) -> int | None:
        for place in places:
            if place.get(key):
                return _whole(place.get(key), key, refused)
        return None

    non_root = own.get("runAsNonRoot") or shared.get("runAsNonRoot")
    groups = [
        _whole(one, "supplementalGroups", refused) for one in shared.get("supplementalGroups").entries()
    ]
    escalation = own.get("allowPrivilegeEscalation")
    privileged = _truth(own.get("privileged"))
    add = _capabilities(own, "add")
    no_new = bool(escalation) and not _truth(escalation)
    if no_new and (privileged or "SYS_ADMIN" in add):
        refused.append(
            "allowPrivilegeEscalation is false, and the container is privileged or gets SYS_ADMIN: Kubernetes refuses both together"
        )
    return Security(
        user=number("runAsUser", own, shared),
        group=number("runAsGroup", own, shared),
        non_root=_truth(non_root),
        read_only=_truth(own.get("readOnlyRootFilesystem")),
        privileged=privileged,
        no_new_privileges=no_new,
        drop=_capabilities(own, "drop"),
        add=add,
        file_group=number("fsGroup", shared),
        groups=tuple(one for one in groups if one is not None),
    )


def _capabilities(own: Yaml, key: str) -> tuple[str, ...]:
    words = (one.word() or "" for one in own.get("capabilities", key).entries())
    return tuple(word.upper().removeprefix("CAP_") for word in words if word)


def _ports(node: Yaml) -> list[tuple[str, int]]:
    found = []
    for entry in node.get("ports").entries():
        text = entry.get("containerPort").word() or ""
        if (
            (entry.get("protocol").word() or "TCP") == "TCP"
            and _NUMBER.fullmatch(text)
            and 0 < int(text) < 65_536
        ):
            found.append((entry.get("name").word() or text, int(text)))
    return found


def _limit(value: Yaml, what: str, refused: list[str]) -> int | None:
    text = value.word()
    if text is None:
        return None
    try:
        return whole_bytes(text) or None
    except ValueError:
        refused.append(
            f"{what} (line {value.line}) is {visible(text, 40)}, which is no quantity such as 128Mi"
        )
        return None


def _processors(value: Yaml, refused: list[str]) -> float | None:
    text = value.word()
    if text is None:
        return None
    try:
        found = quantity(text)
    except ValueError:
        found = -1.0
    if not 0 <= found < 100_000:
        refused.append(f"cpu (line {value.line}) is {visible(text, 40)}, which is no quantity such as 500m")
        return None
    return found or None


def _whole(value: Yaml, what: str, refused: list[str]) -> int | None:
    text = value.word() or ""
    if _NUMBER.fullmatch(text) and 0 <= int(text) < 2**31 and not _is_text(value):
        return int(text)
    refused.append(
        f"{what} (line {value.line}) is {visible(text, 40) or 'empty'}, and Kubernetes takes a number"
    )
    return None


def _truth(value: Yaml) -> bool:
    return (value.word() or "").lower() in _TRUE


def _data(one: Yaml, kind: str) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for key, value in one.get("data").items():
        text = value.text()
        found[key] = _decoded(text) if kind == "Secret" else text
    found.update((key, None) for key, _ in one.get("binaryData").items())
    for key, value in one.get("stringData").items():
        found[key] = value.text()
    return found


def _decoded(text: str | None) -> str | None:
    try:
        return base64.b64decode(text or "", validate=False).decode()
    except (binascii.Error, ValueError):
        return None
