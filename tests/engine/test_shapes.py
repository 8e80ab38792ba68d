"""The smallest forms, measured: what an image holds beside its program.

A Python service on distroless with a Debian package is in test_packages_on_engine.py.
"""

import pytest
from engine.standins import trial

pytestmark = pytest.mark.builds

# What the program itself takes is in the last layer that has files.
SMALLEST = (
    # 1.1 times the program: a user's record is all that comes with it.
    ("go-hello", "scratch", 1.1, 0),
    ("cpp-hello", "scratch", 1.1, 0),
    # Rust on scratch gets the authorities' certificates, 225 kB, whether it asks anybody or not.
    pytest.param("rust-tally", "scratch", 1.1, 230_000, marks=pytest.mark.matrix),
    # On distroless the base is what it is: 3 MB for static programs, 35 MB with the C library.
    ("rust-tally", "distroless", 1, 35_000_000),
)


@pytest.mark.parametrize(("name", "family", "factor", "base"), SMALLEST)
async def test_a_command_is_its_program_and_little_else(modern_engine, name, family, factor, base):
    service = trial.SERVICES[name]
    reason = service.why_not(family)
    if reason:
        pytest.skip(reason)
    tag = f"slimdesk-test/{name}:{family}"
    async with trial.engine_at(modern_engine) as engine:
        await trial.build(engine, service, family, tag)
        found = await trial.prove(engine, service, tag)
        image = await trial.measure(engine, tag)
    assert found.verdict == "runs", (found.reason, found.log)
    assert found.user == "65532:65532"
    program = max(layer.sizes.files for layer in image.layers[-2:])
    assert program > 100_000
    assert image.sizes.files <= factor * program + base
