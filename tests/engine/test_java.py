"""Java on a real engine: built from Maven Central, started without root; its dependencies are fetched once.

Gradle is not built here: its distribution comes from services.gradle.org alone, and the wrapper fetches it from there
too. What is written for it is held by tests/unit/recipes/test_java_recipe.py. The rest of the families and frameworks are
rows of the matrix.
"""

import asyncio
import shutil

import pytest
from engine.standins import build as standins
from engine.standins import trial

from slimdesk.operations.build import build_variant
from slimdesk.operations.detect import choose_component, open_project
from slimdesk.operations.generate import generate_dockerfile
from slimdesk.operations.verify import profile_for, verify_image
from slimdesk.project.corrections import apply_settings
from slimdesk.recipes.model import Options
from slimdesk.recipes.references import images_needed


async def _built(engine, folder, tag, **corrections):
    project = apply_settings(open_project(folder), corrections)
    component = choose_component(project, None)
    generated = generate_dockerfile(project, component, "distroless", Options())
    names = images_needed(generated.dockerfile, generated.target)
    reason = next((reason for name in names if (reason := standins.why_not(name))), None)
    if reason:
        pytest.skip(reason)
    await asyncio.to_thread(standins.ensure, engine.settings.host, names)
    built = await build_variant(engine, project, component, "distroless", Options(), tag=tag)
    error = built.result.error
    assert error is None, "\n".join([error.message, *error.log])
    return component, built


async def _runs(engine, component, tag):
    found = await verify_image(engine, tag, profile_for(component))
    assert found.verdict == "runs", found.reason
    assert found.http_status == 200
    assert found.user == "65532:65532"


async def test_maven_program_runs_and_a_changed_source_fetches_nothing(modern_engine, tmp_path):
    folder = tmp_path / "java-maven"
    shutil.copytree(trial.DATA / "services" / "java-maven", folder)
    tag = "slimdesk-test/java-maven:distroless"
    async with trial.engine_at(modern_engine) as engine:
        component, _ = await _built(engine, folder, tag)
        await _runs(engine, component, tag)
        source = next(folder.rglob("Server.java"))
        source.write_text(source.read_text().replace('"ok"', '"fine"'))
        _, again = await _built(engine, folder, tag)
        states = {step.name: step.cached for step in again.result.steps if step.stage == "build"}
        fetched = [cached for name, cached in states.items() if "go-offline" in name]
        packed = [cached for name, cached in states.items() if "copy-dependencies" in name]
        assert (fetched, packed) == ([True], [False])


async def test_a_runtime_of_its_own_runs_on_java_base(modern_engine, tmp_path):
    folder = tmp_path / "java-lone"
    shutil.copytree(trial.DATA / "services" / "java-lone", folder)
    tag = "slimdesk-test/java-lone:jlink"
    async with trial.engine_at(modern_engine) as engine:
        component, built = await _built(engine, folder, tag, runtime="jlink")
        assert built.generated.base.name == "gcr.io/distroless/java-base-debian13"
        await _runs(engine, component, tag)
        image = await trial.measure(engine, tag)
        # Twice that is what the whole runtime takes.
        assert image.sizes.files < 120_000_000
