"""How fast a shell beside a container opens, and how fast 100 MB of output come through it.

`python tests/benchmarks/bench_debug_shell.py` with DOCKER_HOST set, on an engine that has busybox:1-musl. "Nowhere" is the
same stream read with docker-py into a buffer, in a thread that does nothing else.
"""

import argparse
import asyncio
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import docker

from slimdesk.basics.job import Silent
from slimdesk.engine.engine import Engine
from slimdesk.engine.model import ContainerSpec
from slimdesk.operations.debug_shell import open_shell
from slimdesk.operations.sidecar import beside

TOOLBOX = "busybox:1-musl"
LINE = "2026-11-21T12:00:00Z INFO shop.orders request 4711 served in 12 ms"
TICK = 0.005
# Seconds to the prompt, times the bare stream, milliseconds of the loop's p99 delay.
LIMITS = (1.5, 1.5, 30.0)


def nowhere(host: str, helper: str, command: str) -> float:
    """Seconds that the bare stream takes."""
    client = docker.APIClient(base_url=host, version="auto")
    identity = client.exec_create(helper, ["sh", "-c", command], tty=True)["Id"]
    began = time.monotonic()
    opened = client.exec_start(identity, tty=True, socket=True)
    connection = getattr(opened, "_sock", opened)
    buffer = bytearray(1 << 18)
    while connection.recv_into(buffer):
        pass
    took = time.monotonic() - began
    opened.close()
    client.close()
    return took


async def through_a_shell(engine: Engine, target: str, command: str) -> tuple[float, float, float]:
    """Seconds to the first prompt, seconds that the output takes, and the loop's p99 delay in milliseconds."""
    began = time.monotonic()
    shell = await open_shell(engine, target, TOOLBOX)
    while b"# " not in await shell.read():
        pass
    opened = time.monotonic() - began
    delays: list[float] = []

    async def tick() -> None:
        while True:
            due = time.perf_counter() + TICK
            await asyncio.sleep(TICK)
            delays.append(time.perf_counter() - due)

    ticking = asyncio.ensure_future(tick())
    began = time.monotonic()
    await shell.write(f"{command}; exit\n".encode())
    while await shell.read():
        pass
    took = time.monotonic() - began
    ticking.cancel()
    await shell.close()
    delays.sort()
    return opened, took, delays[int(len(delays) * 0.99)] * 1000


async def measure(megabytes: int, rounds: int) -> bool:
    """Print a line per round; return whether the best of them is within the limits."""
    found: list[tuple[float, float, float]] = []
    command = f"yes '{LINE}' | head -c {megabytes * 1_000_000}"
    engine = await Engine.connect()
    target = await engine.create(ContainerSpec(TOOLBOX, command=("sleep", "3600"), init=True))
    try:
        await engine.start(target)
        for _ in range(rounds):
            helper = await beside(engine, target, TOOLBOX, Silent())
            bare = await asyncio.to_thread(nowhere, engine.settings.host, helper.container, command)
            await helper.close()
            opened, took, delay = await through_a_shell(engine, target, command)
            found.append((opened, took / bare, delay))
            print(
                f"opened in {opened:.2f} s; {megabytes} MB: nowhere {bare:.1f} s, shell {took:.1f} s ({took / bare:.2f} times); "
                f"p99 delay of the loop {delay:.1f} ms"
            )
    finally:
        await engine.remove(target)
    print(f"largest memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    return all(min(column) <= limit for column, limit in zip(zip(*found, strict=True), LIMITS, strict=True))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    sys.exit(not asyncio.run(measure(arguments.megabytes, arguments.rounds)))
