"""When a pod's probes are asked here, and what their answers mean, as the kubelet would judge them.

The kubelet asks after `initialDelaySeconds`, then every `periodSeconds`; after `failureThreshold` failures in a row it
acts. HTTP passes with 200 to 399 (kubernetes pkg/probe/http). Here the first good answer is waited for, and its time is
held against what the manifest allows; waits are bounded, since nobody sits out a delay of ten minutes.
"""

from __future__ import annotations

from dataclasses import dataclass

from slimdesk.basics.units import format_seconds
from slimdesk.debug.causes import Cause, of_probe
from slimdesk.debug.pod import Probe

ORDER = ("startup", "readiness", "liveness")


@dataclass(frozen=True, slots=True)
class Window:
    """Seconds since the start: not asked before `begins`, given up at `ends`. `allowed` is the manifest's own end."""

    begins: float
    ends: float
    allowed: float

    @property
    def cut(self) -> bool:
        """Whether the manifest allows longer than is waited here."""
        return self.ends < self.allowed


def window(probe: Probe, bound: float, startup: Probe | None = None) -> Window:
    """Return when to ask. `bound` is how long to wait at most; other probes begin when the startup probe has passed."""
    allowed = probe.initial_delay + probe.period * max(1, probe.failures)
    if startup is not None and startup is not probe:
        allowed += startup.initial_delay + startup.period * max(1, startup.failures)
    # A readiness probe may fail for as long as it likes: the pod gets no traffic meanwhile, and that is all.
    ends = bound if probe.kind == "readiness" else min(bound, allowed)
    return Window(min(probe.initial_delay, bound / 4), ends, allowed)


def in_order(probes: tuple[Probe, ...]) -> tuple[Probe, ...]:
    """Return startup before readiness before liveness."""
    return tuple(sorted(probes, key=lambda probe: ORDER.index(probe.kind)))


def passes(status: int) -> bool:
    """Whether an HTTP status makes a probe pass."""
    return 200 <= status < 400


def question(probe: Probe) -> str:
    """Return what the probe asks, in a few words."""
    if probe.how == "http":
        return f"GET {probe.path} on port {probe.port}"
    if probe.how == "exec":
        return " ".join(probe.command[:6]) or "an empty command"
    return f"port {probe.port}"


def late(probe: Probe, seconds: float, limits: Window) -> Cause | None:
    """Return what follows of a good answer that comes after the manifest's time; None if it came in time."""
    if probe.kind == "readiness" or seconds <= limits.allowed:
        return None
    return Cause(
        "probe-late",
        f"The {probe.kind} probe passes after {format_seconds(seconds)}, and the manifest allows {format_seconds(limits.allowed)}: "
        "Kubernetes kills it before.",
        "Raise failureThreshold of a startupProbe.",
    )


def failed(probe: Probe, message: str, limits: Window) -> Cause | None:
    """Return why a probe that never passed fails; None where the manifest allows longer than was waited."""
    if limits.cut and probe.kind != "readiness":
        return None
    return of_probe(probe.kind, message)
