"""A helper beside a container goes, also where the engine does not remove it at the first try."""

import pytest

from slimdesk.basics.errors import EngineError, EngineUnreachable
from slimdesk.operations import sidecar


class Refusing:
    """An engine that answers removals with these errors in turn, and then removes."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.asked = 0

    async def remove(self, _container):
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)


@pytest.mark.parametrize(
    ("errors", "asked"),
    [
        ((), 1),
        ((EngineError("it could not be killed"),), 2),
        ((EngineError("it could not be killed"),) * 5, 3),
        ((EngineUnreachable("nobody listens"), EngineUnreachable("nobody listens")), 1),
    ],
)
async def test_it_is_tried_again_while_there_is_an_engine(monkeypatch, errors, asked):
    monkeypatch.setattr(sidecar, "_TRIES", (0.0, 0.0, 0.0))
    engine = Refusing(*errors)
    await sidecar._put_away(engine, "helper", None)
    assert engine.asked == asked
