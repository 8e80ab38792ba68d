"""Debug variants on a real engine: each gives a shell and still runs; the production target of the same Dockerfile has none.

What the matrix proved is kept in debug_variants.json, row by row as it comes.
"""

import asyncio
import datetime as dt
import json
from pathlib import Path

import pytest
from engine.standins import build as standins
from engine.standins import trial

from slimdesk.basics.errors import EngineError
from slimdesk.engine.model import BuildRequest, ContainerSpec
from slimdesk.image.gates import Limits, check
from slimdesk.operations.generate import generate_dockerfile
from slimdesk.operations.verify import LABEL_DEBUGGER
from slimdesk.recipes.model import Options
from slimdesk.recipes.references import images_needed

pytestmark = pytest.mark.builds

SHELLS = ("/busybox/sh", "/bin/sh", "/bin/bash")
# One with the base's debug tag and one with a busybox of its own; everything else with --matrix.
PUSHED = (("go-hello", "distroless"), ("cpp-hello", "scratch"))
MATRIX = [
    (name, family)
    for name, service in trial.SERVICES.items()
    for family in service.families
    if (name, family) not in PUSHED and family != trial.BASELINE
]
KEPT = Path(__file__).with_name("debug_variants.json")
WITH_SHELL = ("full", "slim", "alpine")


async def _images(engine, service, family, options):
    """Build both targets of one Dockerfile; return their tags."""
    project, component = service.open()
    generated = generate_dockerfile(project, component, family, options)
    needed = {*images_needed(generated.dockerfile, "debug"), *images_needed(generated.dockerfile, "final")}
    reason = next((why for name in needed if (why := standins.why_not(name))), None)
    if reason:
        pytest.skip(reason)
    await asyncio.to_thread(standins.ensure, engine.settings.host, sorted(needed))
    assert generated.target == "debug"
    tags = {}
    for target in ("final", "debug"):
        tags[target] = f"slimdesk-test/{service.name}:{family}-target-{target}"
        request = BuildRequest(
            project.root / generated.context,
            generated.text,
            generated.dockerignore,
            tags[target],
            target=target,
        )
        built = await engine.build(request)
        assert built.error is None, f"{built.error.step}: {built.error.message}\n" + "\n".join(
            built.error.log
        )
    return tags


async def _says(engine, image, shell):
    """Run a line in the image's shell as its user; None where it has no such shell."""
    spec = ContainerSpec(image, entrypoint=(shell,), command=("-c", "echo a shell of $(id -u)"))
    container = await engine.create(spec)
    try:
        await engine.start(container)
        await engine.wait(container, 20)
        out, _ = await engine.output(container)
        return out.decode().strip()
    except EngineError as error:
        if "no such file" in error.why or "not found" in error.why:
            return None
        raise
    finally:
        await engine.remove(container)


async def _debug_variant_gives_a_shell(host, name, family):
    service = trial.SERVICES[name]
    reason = service.why_not(family)
    if reason:
        pytest.skip(reason)
    async with trial.engine_at(host) as engine:
        tags = await _images(engine, service, family, Options(debug=True))
        said = [text for shell in SHELLS if (text := await _says(engine, tags["debug"], shell))]
        assert said, f"{tags['debug']} has no shell"
        assert said[0].startswith("a shell of ")
        assert said[0] != "a shell of 0"
        if family not in WITH_SHELL:
            assert [await _says(engine, tags["final"], shell) for shell in SHELLS] == [None] * len(SHELLS)
        found = await trial.prove(engine, service, tags["debug"])
        assert found.verdict == "runs", found.reason
        limits = Limits(forbid_debug=True)
        gates = {
            target: check(await trial.measure(engine, tag), (), limits)[0] for target, tag in tags.items()
        }
        assert not gates["debug"].passed
        assert gates["final"].passed


@pytest.mark.parametrize(("name", "family"), PUSHED, ids=["-".join(case) for case in PUSHED])
async def test_the_debug_target_gives_a_shell_and_production_none(modern_engine, name, family):
    await _debug_variant_gives_a_shell(modern_engine, name, family)


@pytest.mark.matrix
@pytest.mark.parametrize(("name", "family"), MATRIX, ids=["-".join(case) for case in MATRIX])
async def test_every_debug_variant_of_the_matrix_gives_a_shell(modern_engine, name, family):
    await _debug_variant_gives_a_shell(modern_engine, name, family)
    _keep(name, family)


def _keep(name, family):
    rows = [row for row in _kept() if (row["service"], row["family"]) != (name, family)]
    rows.append({"service": name, "family": family, "date": str(dt.datetime.now(dt.UTC).date())})
    rows.sort(key=lambda row: (row["service"], row["family"]))
    KEPT.write_text(json.dumps(rows, indent=1) + "\n")


def _kept():
    return json.loads(KEPT.read_text())


def test_what_was_proven_is_of_this_matrix():
    assert {(row["service"], row["family"]) for row in _kept()} <= {*MATRIX, *PUSHED}


# What each debugger answers to whoever connects; Delve waits for a request.
ASKED = {
    "java-lone": (b"JDWP-Handshake", b"JDWP-Handshake"),
    "node-express": (b"GET /json/version HTTP/1.1\r\nHost: localhost\r\n\r\n", b"Protocol-Version"),
    "python-fastapi": (b"", b'"event": "output"'),
    "go-web": (
        json.dumps({"method": "RPCServer.GetVersion", "params": [{}], "id": 1}).encode() + b"\n",
        b"DelveVersion",
    ),
}


@pytest.mark.matrix
@pytest.mark.parametrize("name", ASKED)
async def test_the_debugger_listens_beside_the_program(modern_engine, name):
    service = trial.SERVICES[name]
    question, answer = ASKED[name]
    async with trial.engine_at(modern_engine) as engine:
        tags = await _images(engine, service, "distroless", Options(debug=True, debugger=True))
        record = await engine.inspect(tags["debug"])
        port = int(record.labels[LABEL_DEBUGGER])
        assert LABEL_DEBUGGER not in (await engine.inspect(tags["final"])).labels
        found = await trial.prove(engine, service, tags["debug"])
        assert found.verdict == "runs", found.reason
        container = await engine.create(
            ContainerSpec(tags["debug"], ports=(port,), environment=service.environment)
        )
        try:
            await engine.start(container)
            said = await _answer(engine, container, port, question, answer)
            assert answer in said, (said, await engine.logs(container))
        finally:
            await engine.remove(container)


async def _answer(engine, container, port, question, wanted):
    """What the debugger says once it listens."""
    said = b""
    for _ in range(100):
        published = (await engine.inspect_container(container)).ports.get(port)
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", published)
        except OSError:
            await asyncio.sleep(0.2)
            continue
        writer.write(question)
        said = b""
        try:
            async with asyncio.timeout(2):
                while wanted not in said and (piece := await reader.read(4096)):
                    said += piece
        except (TimeoutError, OSError):
            continue
        finally:
            writer.close()
        if wanted in said:
            return said
        await asyncio.sleep(0.2)
    return said
