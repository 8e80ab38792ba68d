"""Services beside the app: started in a network of their own, waited for, and removed again, whatever happens."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import uuid
from collections.abc import AsyncIterator, Sequence

from slimdesk.basics import clock
from slimdesk.basics.errors import EngineError
from slimdesk.basics.job import Reporter
from slimdesk.basics.owner import owner_mark
from slimdesk.engine.engine import Engine
from slimdesk.engine.model import LABEL_HELPER, ContainerSpec
from slimdesk.verify import diagnose
from slimdesk.verify.compose import Beside
from slimdesk.verify.masking import masker
from slimdesk.verify.probe import ask_tcp
from slimdesk.verify.run import LABEL, LOG_LINES, finished

READY = 60.0  # seconds that a service may take
_PAUSE = 0.2


class BesideFailed(EngineError):
    """A service beside the app did not start: nothing can be said of the app."""


@contextlib.asynccontextmanager
async def network_of(
    engine: Engine, services: Sequence[Beside], reporter: Reporter
) -> AsyncIterator[str | None]:
    """Start the services and give the network in which they are found by their names; None for no services.

    Raises BesideFailed if one ends or does not listen in time.
    """
    if not services:
        yield None
        return
    network = f"slimdesk-verify-{uuid.uuid4().hex[:12]}"
    names = {f"{network}-{number}": service for number, service in enumerate(services)}
    making = asyncio.ensure_future(_start_all(engine, network, names))
    try:
        # Shielded, so that what was being made when this task is cancelled is known and can be removed.
        await asyncio.shield(making)
        for name, service in names.items():
            reporter.progress(f"Waiting for {service.name}")
            await _wait_until_ready(engine, name, service)
        yield network
    finally:
        await finished(_remove_all(engine, making, network, names))


async def _start_all(engine: Engine, network: str, names: dict[str, Beside]) -> None:
    mark = {LABEL_HELPER: owner_mark()}
    await engine.create_network(network, mark)
    for name, service in names.items():
        spec = ContainerSpec(
            image=service.image,
            command=service.command,
            entrypoint=service.entrypoint,
            environment=service.environment,
            network=network,
            aliases=(service.name, *service.aliases),
            labels={LABEL: "beside", **mark},
            name=name,
        )
        await engine.create(spec)
        await engine.start(name)


async def _remove_all(
    engine: Engine, making: asyncio.Future[None], network: str, names: dict[str, Beside]
) -> None:
    with contextlib.suppress(EngineError):
        await making
    for name in names:
        with contextlib.suppress(EngineError):
            await engine.remove(name)
    with contextlib.suppress(EngineError):
        await engine.remove_network(network)


async def _wait_until_ready(engine: Engine, name: str, service: Beside) -> None:
    """Wait until the port that its image names accepts connections; without one, or from afar, until it stays up."""
    exposed = (await engine.inspect(service.image)).config.get("ExposedPorts") or {}
    ports = [int(str(one).partition("/")[0]) for one in exposed if str(one).endswith("/tcp")]
    near = sys.platform.startswith("linux") and engine.settings.socket_path is not None
    deadline = clock.monotonic() + READY
    while clock.monotonic() < deadline:
        record = await engine.inspect_container(name)
        if record.exit_code is not None:
            log = tuple(map(masker((service.environment,)), await engine.logs(name, LOG_LINES)))
            why = diagnose.of_end(record.exit_code, oom=record.oom, log=log).message
            raise BesideFailed(f"The service {service.name} beside it did not start", why)
        if not ports or not near or record.ip is None:
            await asyncio.sleep(1.0)
            if (await engine.inspect_container(name)).running:
                return
        elif await ask_tcp(record.ip, ports[0]):
            return
        await asyncio.sleep(_PAUSE)
    raise BesideFailed(f"The service {service.name} beside it did not listen in {READY:.0f} s", "")
