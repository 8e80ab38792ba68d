"""The health checks that are told in place of curl's: run in the images that were built, beside the running service."""

import json
import shutil
from dataclasses import replace

import pytest
from engine.standins import build as standins
from engine.standins import trial

from slimdesk.catalog.catalog import load_catalog
from slimdesk.engine.model import BuildRequest, ContainerSpec
from slimdesk.recipes.generate import fits
from slimdesk.recipes.needs import verdicts

pytestmark = pytest.mark.builds

BUSYBOX = "busybox:1-musl"
COMPOSE = """services:
  app:
    build: .
    healthcheck:
      test: ["CMD-SHELL", "curl -f http://localhost:{port}{path} || exit 1"]
"""
# Those with an interpreter ask with it; the others are told to take a static program along.
CASES = (
    ("node-express", False),
    ("python-fastapi", False),
    ("go-web", True),
    pytest.param("java-lone", True, marks=pytest.mark.matrix),
)


def _told(service, folder, path, tmp_path):
    """What SlimDesk says in place of a compose file's curl, for the distroless image."""
    shutil.copytree(service.folder, folder)
    (folder / "compose.yaml").write_text(COMPOSE.format(port=service.open()[1].port, path=path))
    project, component = replace(service, folder=folder).open()
    catalog = load_catalog(tmp_path / "no-own-images")
    (fit,) = [one for one in fits(component, catalog) if one.family == "distroless"]
    (said,) = [one for one in verdicts(component, fit, project.calls) if one.call.kind == "healthcheck"]
    assert said.answer == "replace"
    return said.replacement


def _words(told):
    found = json.loads(told[told.index("test: ") + len("test: ") :])
    assert found[0] == "CMD"
    return tuple(found[1:])


async def _with_probe(engine, tag, told, folder):
    """The image with the line that is told, put in as a person would."""
    copying = told[told.index("COPY --from=") : told.index(", and test:")]
    assert copying == f"COPY --from={BUSYBOX} /bin/busybox /usr/bin/wget"
    text = f"FROM {tag}\n{copying}\n"
    request = BuildRequest(folder, text, "*", f"{tag}-probe")
    built = await engine.build(request)
    assert built.error is None, built.error
    return f"{tag}-probe"


async def _asked(engine, image, service, words):
    """The exit code of the words, run in the image in a container that shares the network of the service's own."""
    container = await engine.create(
        ContainerSpec(image=image, entrypoint=words[:1], command=words[1:], network=f"container:{service}")
    )
    try:
        await engine.start(container)
        return await engine.wait(container, 60)
    finally:
        await engine.remove(container)


@pytest.mark.parametrize(("name", "with_probe"), CASES)
async def test_the_told_health_check_tells_well_from_unwell(modern_engine, tmp_path, name, with_probe):
    service = trial.SERVICES[name]
    reason = service.why_not("distroless") or standins.why_not(BUSYBOX)
    if reason:
        pytest.skip(reason)
    well = _told(service, tmp_path / "well" / name, service.http, tmp_path)
    unwell = _told(service, tmp_path / "unwell" / name, "/no/such/page", tmp_path)
    tag = f"slimdesk-test/{name}:distroless"
    async with trial.engine_at(modern_engine) as engine:
        await trial.build(engine, service, "distroless", tag)
        image = tag
        if with_probe:
            standins.ensure(modern_engine, [BUSYBOX])
            image = await _with_probe(engine, tag, well, tmp_path)
        running = await engine.create(ContainerSpec(image=image))
        try:
            await engine.start(running)
            codes = []
            while 0 not in codes and len(codes) < trial.PATIENCE:
                codes.append(await _asked(engine, image, running, _words(well)))
            unwell_code = await _asked(engine, image, running, _words(unwell))
        finally:
            await engine.remove(running)
    assert codes[-1] == 0
    assert unwell_code not in (0, None)
