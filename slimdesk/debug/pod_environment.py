"""The environment of a pod's container: values, ConfigMaps, Secrets, fields, and $(NAME) filled in as Kubernetes does.

$(NAME) in command, args and values is replaced by the variable of that name; $$(NAME) stays $(NAME); one that is not
known stays as it stands (kubernetes third_party/forked/golang/expansion).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from slimdesk.basics.escaping import visible
from slimdesk.debug.causes import Cause
from slimdesk.debug.pod import Manifest, Pod, PodContainer, Variable

_REFERENCE = re.compile(r"\$(?:\$|\(([^()]*)\))")
_IDENTIFIER = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Environment:
    """`values` are what is set; `omitted` are sentences on what is not; `refused` is why Kubernetes makes no container."""

    values: dict[str, str]
    omitted: tuple[str, ...] = ()
    refused: tuple[Cause, ...] = ()


def environment_of(
    manifest: Manifest, pod: Pod, container: PodContainer, given: Mapping[str, str]
) -> Environment:
    """Resolve the container's variables; `given` go over all of them, and stand in for what only the cluster knows."""
    values: dict[str, str] = {}
    omitted: list[str] = []
    refused: list[Cause] = []
    for group in container.variable_sets:
        data = manifest.data.get((group.source, group.owner))
        if data is None:
            if not group.optional:
                omitted.append(
                    f"the variables of {group.source} {visible(group.owner, 80)} (line {group.line}): give them with --env"
                )
            continue
        values.update(
            {
                f"{group.prefix}{key}": value
                for key, value in data.items()
                if value is not None and _IDENTIFIER.fullmatch(group.prefix + key)
            }
        )
    for variable in container.variables:
        if variable.name in given:
            values[variable.name] = given[variable.name]
            continue
        found = _value(manifest, pod, variable)
        if isinstance(found, Cause):
            refused.append(found)
        elif found is None:
            if not variable.optional:
                omitted.append(_missing(variable))
        else:
            values[variable.name] = expanded(found, values) if variable.source is None else found
    return Environment({**values, **given}, tuple(omitted), tuple(refused))


def expanded(text: str, values: Mapping[str, str]) -> str:
    """Fill in $(NAME)."""

    def fill(match: re.Match[str]) -> str:
        name = match.group(1)
        if name is None:
            return "$"
        return values.get(name, match.group())

    return _REFERENCE.sub(fill, text)


def _value(manifest: Manifest, pod: Pod, variable: Variable) -> str | Cause | None:
    """Return the value; a Cause where the manifest itself shows that Kubernetes will not find it; None if not known here."""
    if variable.source is None:
        return variable.value or ""
    if variable.source == "field":
        return {"metadata.name": pod.name, "metadata.namespace": pod.namespace}.get(variable.key)
    if variable.source == "resource":
        return None
    data = manifest.data.get((variable.source, variable.owner))
    if data is None:
        return None
    if variable.key in data:
        return data[variable.key]
    if variable.optional:
        return None
    there = ", ".join(visible(key, 60) for key in list(data)[:12]) or "none"
    return Cause(
        "missing-key",
        f"{visible(variable.name, 60)} (line {variable.line}) is taken from the key {visible(variable.key, 80)} of {variable.source} "
        f"{visible(variable.owner, 80)}, which has no such key: Kubernetes does not make the container (CreateContainerConfigError).",
        f"It has {there}: correct the name, add the key, or mark the reference `optional: true`.",
    )


def _missing(variable: Variable) -> str:
    name = visible(variable.name, 60)
    if variable.source in ("field", "resource"):
        return f"{name} (line {variable.line}): {visible(variable.key, 60)}, which only a cluster knows; give it with --env"
    return (
        f"{name} (line {variable.line}): the key {visible(variable.key, 60)} of {variable.source} {visible(variable.owner, 60)}; "
        "give it with --env, or add the object to the file"
    )
