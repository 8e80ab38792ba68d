"""A container for the tests of the Debug page's window, and a helper beside it that answers what the test wants."""

import datetime as dt
import types

from slimdesk.engine.model import ContainerRecord


def container(name="shop-api-1", state="running", identity="c" * 64, **more):
    """A container of an image without a shell, as 65532."""
    now = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
    ended = None if state == "running" else 1
    return ContainerRecord(
        identity, name, "api:distroless", "sha256:" + "1" * 64, state, ended, "", False, None, {8080: 18080}, "65532",
        now, now, None, **more
    )  # fmt: skip


class Helper:
    """Stands in for a sidecar; counts how often it was put away."""

    def __init__(self):
        self.closed = 0
        self.engine = types.SimpleNamespace()

    async def close(self):
        """Count."""
        self.closed += 1
