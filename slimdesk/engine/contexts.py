"""Which engine is in use, whether it answers, and why the others do not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Literal

from slimdesk.basics.errors import EngineError, EngineUnreachable
from slimdesk.basics.escaping import visible
from slimdesk.engine.client import client, request
from slimdesk.engine.endpoint import Endpoint, endpoints, in_use
from slimdesk.engine.failures import engine_calls
from slimdesk.engine.model import ContextState, EngineStatus, Store
from slimdesk.engine.threads import in_thread

# Docker 20.10, which Debian 11 and 12 have.
OLDEST_API = (1, 41)
PROBE_SECONDS = 4.0


async def status(context: str | None = None) -> EngineStatus:
    """Return the state of the engine in use (or of that context), and of every other context; never raises."""
    try:
        chosen = in_use(context)
    except EngineError as error:
        others = await _states(endpoints())
        return EngineStatus(False, str(error), context, None, contexts=others)
    known = endpoints()
    own, others = await asyncio.gather(
        in_thread(lambda: probe(chosen), name="status"),
        _states(tuple(one for one in known if one.context != chosen.context)),
    )
    states = {one.name: one for one in others}
    states[chosen.context] = ContextState(chosen.context, chosen.host, own.reachable, own.reason)
    return replace(own, contexts=tuple(states[one.context] for one in known if one.context in states))


def probe(endpoint: Endpoint, timeout: float = PROBE_SECONDS) -> EngineStatus:
    """Ask one engine what it is; blocking, never raises."""
    try:
        return _ask(endpoint, timeout)
    except EngineError as error:
        reason = error.why or error.what
        return EngineStatus(
            False, f"{reason}. {error.todo}" if error.todo else reason, endpoint.context, endpoint.host
        )


def connect(endpoint: Endpoint) -> tuple[Endpoint, EngineStatus]:
    """Return the endpoint with the agreed API version, and its state. Raises EngineUnreachable."""
    found = _ask(endpoint, PROBE_SECONDS)
    return replace(endpoint, api_version=found.api_version), found


def _ask(endpoint: Endpoint, timeout: float) -> EngineStatus:
    what = f"The engine {visible(endpoint.context)} cannot be used"
    with engine_calls(what, endpoint), client(endpoint, timeout) as opened:
        version = opened.version(api_version=False)
        info = opened.info()
        ping = request(opened, "GET", "/_ping", timeout=timeout)
    api = str(version.get("ApiVersion", ""))
    name = visible(str(version.get("Version", "")), 60)
    if _numbers(api) < OLDEST_API:
        raise EngineUnreachable(
            what,
            f"it is version {name} (API {visible(api, 20)}), too old",
            "SlimDesk needs Docker 20.10 or later: update the engine or choose another context",
        )
    return EngineStatus(
        reachable=True,
        reason=None,
        context=endpoint.context,
        endpoint=endpoint.host,
        version=name,
        api_version=api,
        store=_store(info),
        platform=f"{version.get('Os', 'linux')}/{version.get('Arch', 'amd64')}",
        builder=_builder(version, dict(ping.headers)),
        product="Podman" if any(name.startswith("Podman") for name in _components(version)) else "Docker",
        rootless=_rootless(info),
    )


async def _states(found: tuple[Endpoint, ...]) -> tuple[ContextState, ...]:
    probed = await asyncio.gather(*(in_thread(partial(probe, one), name="status") for one in found))
    return tuple(
        ContextState(endpoint.context, endpoint.host, one.reachable, one.reason)
        for endpoint, one in zip(found, probed, strict=True)
    )


def _store(info: Mapping[str, Any]) -> Store:
    """Return which image store: the containerd one names its snapshotter as the driver's type."""
    for pair in info.get("DriverStatus") or ():
        if list(pair)[:1] == ["driver-type"] and "containerd" in str(pair[1]):
            return "containerd"
    return "classic"


def _builder(version: Mapping[str, Any], headers: Mapping[str, str]) -> Literal["buildkit"] | None:
    """Return BuildKit for every Docker engine since 20.10 (which does not say so); Podman has none."""
    said = {key.lower(): value for key, value in headers.items()}.get("builder-version")
    return "buildkit" if said == "2" or "Engine" in _components(version) else None


def _components(version: Mapping[str, Any]) -> set[str]:
    return {str(one.get("Name")) for one in version.get("Components") or ()}


def _rootless(info: Mapping[str, Any]) -> bool:
    """Docker tells it among its security options, Podman by itself."""
    options = [str(one) for one in info.get("SecurityOptions") or ()]
    return bool(info.get("Rootless")) or any("name=rootless" in one.split(",") for one in options)


def _numbers(version: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in version.split("."))
    except ValueError:
        return ()
