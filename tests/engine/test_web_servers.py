"""What the servers of front ends answer: pages, assets, and what is missing."""

import pytest
from engine.standins import trial

from slimdesk.operations.verify import verify_image
from slimdesk.verify.model import RunProfile

pytestmark = pytest.mark.builds

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
