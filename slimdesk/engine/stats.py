"""What containers use of processor and memory: a figure each, asked for now and then over one connection. Blocking."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slimdesk.engine.client import client, request
from slimdesk.engine.endpoint import Endpoint
from slimdesk.engine.failures import engine_calls


@dataclass(frozen=True, slots=True)
class Sample:
    """What a container had used when it was asked.

    `cpu` and `system` are nanoseconds since their starts: the container's, and all of the machine's processors'.
    `memory` is in bytes, without the cache of files that the kernel may drop; `memory_limit` None = none below the machine's.
    """

    cpu: int
    system: int
    processors: int
    memory: int
    memory_limit: int | None


@dataclass(frozen=True, slots=True)
class Usage:
    """`cpu` is in processors (1.0 = one fully used), None until there are two samples; memory in bytes."""

    cpu: float | None
    memory: int
    memory_limit: int | None


def sample(endpoint: Endpoint, containers: Sequence[str]) -> dict[str, Sample]:
    """Return a sample of each container that runs; one that has ended is left out."""
    import docker.errors

    found: dict[str, Sample] = {}
    with engine_calls("What the containers use could not be read", endpoint), client(endpoint) as opened:
        for container in containers:
            # Asked once: the engine would take a second to make two samples of its own.
            with contextlib.suppress(docker.errors.APIError):
                answer = request(
                    opened,
                    "GET",
                    f"/containers/{container}/stats",
                    parameters={"stream": 0, "one-shot": 1},
                ).json()
                read = parse_sample(answer)
                if read is not None:
                    found[container] = read
    return found


def parse_sample(answer: Mapping[str, Any]) -> Sample | None:
    """Read the engine's answer; None for a container that does not run."""
    cpu, memory = answer.get("cpu_stats") or {}, answer.get("memory_stats") or {}
    used = memory.get("usage")
    if not isinstance(used, int):
        return None
    inside = memory.get("stats") or {}
    # As `docker stats` has it: what the kernel may drop is no use (cgroup v2: inactive_file, v1: total_inactive_file).
    cache = inside.get("total_inactive_file", inside.get("inactive_file", 0))
    limit = memory.get("limit")
    total = (cpu.get("cpu_usage") or {}).get("total_usage")
    per_processor = (cpu.get("cpu_usage") or {}).get("percpu_usage") or ()
    return Sample(
        cpu=int(total or 0),
        system=int(cpu.get("system_cpu_usage") or 0),
        processors=int(cpu.get("online_cpus") or len(per_processor) or 1),
        memory=max(0, used - (cache if isinstance(cache, int) and cache < used else 0)),
        memory_limit=limit if isinstance(limit, int) and 0 < limit < 1 << 60 else None,
    )


def usage(before: Sample | None, now: Sample) -> Usage:
    """Return what was used between two samples."""
    cpu = None
    if before is not None and now.system > before.system and now.cpu >= before.cpu:
        cpu = (now.cpu - before.cpu) / (now.system - before.system) * now.processors
    return Usage(cpu, now.memory, now.memory_limit)
