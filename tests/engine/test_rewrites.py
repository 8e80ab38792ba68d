"""Single-stage Dockerfiles come out rewritten, build, run as another user than root, and are smaller."""

import pytest
from engine.standins import rewrites

pytestmark = pytest.mark.builds

# The smallest of a compiled and of an interpreted language on every push; all of them with --matrix.
PUSHED = ("go-greet", "node-greet")
REST = [name for name in rewrites.SINGLES if name not in PUSHED]


def _proven(row):
    assert row["verdict"] == "runs", row["reason"]
    assert row["new_files"] < row["old_files"]
    assert row["user"].partition(":")[0] not in ("0", "root")
    assert row["findings_after"] < row["findings_before"]


def _buildable(name):
    single = rewrites.SINGLES[name]
    reason = single.why_not()
    if reason:
        pytest.skip(reason)
    return single


@pytest.mark.parametrize("name", PUSHED)
async def test_a_rewritten_dockerfile_builds_runs_and_is_smaller(modern_engine, name):
    _proven(await rewrites.measured(modern_engine, _buildable(name)))


@pytest.mark.matrix
@pytest.mark.parametrize("name", REST)
async def test_every_rewritten_dockerfile_builds_runs_and_is_smaller(modern_engine, name):
    row = await rewrites.measured(modern_engine, _buildable(name))
    _proven(row)
    rewrites.keep(row)
