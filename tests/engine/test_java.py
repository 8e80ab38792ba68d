"""Java's other runtimes on a real engine: one of the project's own modules (jlink), and the newest release.

Gradle is not built here: its distribution comes from services.gradle.org alone, and the wrapper fetches it from there
too. What is written for it is held by tests/unit/recipes/test_java_recipe.py. The rest of the families and frameworks are
rows of the matrix.
"""

import pytest
from engine.standins import trial

pytestmark = pytest.mark.builds

LINKED = [
    (name, family)
    for name in ("java-lone", "java-spring", "java-quarkus")
    for family in ("distroless", "slim")
]
# What the whole runtime takes on the same base is more than this, whatever it runs.
SMALLER = {"distroless": 200_000_000, "slim": 260_000_000}
PUSHED = ("java-lone", "distroless")


def _case(name, family):
    return pytest.param(name, family, marks=() if (name, family) == PUSHED else pytest.mark.matrix)


@pytest.mark.parametrize(("name", "family"), [_case(*one) for one in LINKED])
async def test_a_runtime_of_its_own_modules_is_enough(modern_engine, name, family):
    service = trial.JAVA_RUNTIMES[name]
    reason = service.why_not(family)
    if reason:
        pytest.skip(reason)
    tag = f"slimdesk-test/{name}:{family}-jlink"
    async with trial.engine_at(modern_engine) as engine:
        built = await trial.build(engine, service, family, tag)
        assert "jlink" in built.generated.text
        found = await trial.prove(engine, service, tag)
        image = await trial.measure(engine, tag)
    assert found.verdict == "runs", (found.reason, found.log)
    assert found.http_status == 200
    assert found.user.partition(":")[0] not in ("0", "root")
    assert image.sizes.files < SMALLER[family]


@pytest.mark.matrix
@pytest.mark.parametrize("family", [trial.BASELINE, "full", "slim", "distroless"])
async def test_the_newest_java_runs(modern_engine, family):
    service = trial.JAVA_RUNTIMES["java-25"]
    reason = service.why_not(family)
    if reason:
        pytest.skip(reason)
    tag = f"slimdesk-test/java-25:{family}"
    async with trial.engine_at(modern_engine) as engine:
        built = await trial.build(engine, service, family, tag)
        assert "25" in built.generated.base.reference
        found = await trial.prove(engine, service, tag)
    assert found.verdict == "runs", (found.reason, found.log)
