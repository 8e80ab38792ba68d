"""What the servers of front ends answer: pages, assets, and what is missing; as nobody, and rebuilt from the cache."""

import asyncio
import shutil

import pytest
from engine.standins import build as standins
from engine.standins import trial

from slimdesk.operations.build import build_variant
from slimdesk.operations.detect import choose_component, open_project
from slimdesk.operations.verify import verify_image
from slimdesk.recipes.model import Options
from slimdesk.verify.model import RunProfile

SERVICE = trial.SERVICES["web-vite-react"]


@pytest.mark.parametrize("family", ["distroless", "alpine"])
async def test_a_missing_file_is_missing_and_a_missing_path_is_the_page(modern_engine, family):
    reason = SERVICE.why_not(family)
    if reason:
        pytest.skip(reason)
    tag = f"slimdesk-test/web-vite-react:{family}"
    async with trial.engine_at(modern_engine) as engine:
        await trial.build(engine, SERVICE, family, tag)
        for path, status, expected in (
            ("/", 200, 'id="root"'),
            ("/ships/7", 200, 'id="root"'),
            ("/harbour.svg", 200, "<svg"),
            ("/assets/gone.js", 404, None),
        ):
            profile = RunProfile(port=8080, http=path, status=status, expect=expected)
            found = await verify_image(engine, tag, profile)
            assert found.verdict == "runs", (path, found.reason, found.log)


async def test_a_changed_page_installs_nothing_again(modern_engine, tmp_path):
    reason = SERVICE.why_not("distroless")
    if reason:
        pytest.skip(reason)
    folder = tmp_path / "site"
    shutil.copytree(SERVICE.folder, folder)
    async with trial.engine_at(modern_engine) as engine:
        await asyncio.to_thread(standins.ensure, modern_engine, SERVICE.images("distroless"))
        for number in (1, 2):
            page = folder / "src/main.tsx"
            page.write_text(page.read_text() + f"\nconsole.log({number});\n")
            project = open_project(folder)
            component = choose_component(project, None)
            built = await build_variant(
                engine,
                project,
                component,
                "distroless",
                Options(),
                tag="slimdesk-test/web-rebuilt:distroless",
            )
            assert built.result.error is None, built.result.error
        steps = {step.name: step.cached for step in built.result.steps}
        (install,) = [cached for name, cached in steps.items() if "npm ci" in name]
        (compiled,) = [cached for name, cached in steps.items() if "npm run build" in name]
        assert (install, compiled) == (True, False)
