"""The probes of a pod's container, read from its manifest with Kubernetes' own defaults (API reference, core/v1 Probe)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimdesk.basics.escaping import visible
from slimdesk.debug.pod import Probe, ProbeHow, ProbeKind
from slimdesk.project.yaml_nodes import Yaml

_PROBES: tuple[tuple[str, ProbeKind], ...] = (
    ("startupProbe", "startup"),
    ("readinessProbe", "readiness"),
    ("livenessProbe", "liveness"),
)
_NUMBER = re.compile(r"-?\d{1,12}", re.ASCII)


def read_probes(node: Yaml, names: dict[str, int], refused: list[str]) -> Iterator[Probe]:
    """Yield a container's probes; `names` are its ports by name, `refused` takes sentences on what Kubernetes refuses."""
    for key, kind in _PROBES:
        probe = node.get(key)
        if probe:
            found = _probe(probe, kind, names, refused)
            if found is not None:
                yield found


def _probe(node: Yaml, kind: ProbeKind, names: dict[str, int], refused: list[str]) -> Probe | None:
    handlers: tuple[tuple[str, ProbeHow], ...] = (
        ("httpGet", "http"), ("tcpSocket", "tcp"), ("exec", "exec"), ("grpc", "grpc"),
    )  # fmt: skip
    for key, how in handlers:
        value = node.get(key)
        if not value:
            continue
        port = None
        if how != "exec":
            port = _port_of(value.get("port"), names)
            if port is None:
                asked = visible(value.get("port").word() or "no port", 60)
                refused.append(
                    f"the {kind} probe (line {value.line}) names {asked}, which is no port of the container"
                )
                return None
        headers = tuple(
            (one.get("name").word() or "", one.get("value").word() or "")
            for one in value.get("httpHeaders").entries()
        )
        path = value.get("path").word() or "/"
        return Probe(
            kind=kind,
            how=how,
            line=value.line,
            port=port,
            path=path if path.startswith("/") else f"/{path}",
            https=(value.get("scheme").word() or "").upper() == "HTTPS",
            headers=headers,
            command=value.get("command").words() or (),
            initial_delay=_times(node, "initialDelaySeconds", 0),
            period=_times(node, "periodSeconds", 10) or 10.0,
            timeout=_times(node, "timeoutSeconds", 1) or 1.0,
            successes=int(_times(node, "successThreshold", 1)) or 1,
            failures=int(_times(node, "failureThreshold", 3)) or 3,
        )
    refused.append(f"the {kind} probe (line {node.line}) says neither httpGet, tcpSocket, exec nor grpc")
    return None


def _port_of(value: Yaml, names: dict[str, int]) -> int | None:
    text = value.word() or ""
    if text in names:
        return names[text]
    return int(text) if _NUMBER.fullmatch(text) and 0 < int(text) < 65_536 else None


def _times(node: Yaml, key: str, default: float) -> float:
    text = node.get(key).word() or ""
    return float(max(0, int(text))) if _NUMBER.fullmatch(text) else float(default)
