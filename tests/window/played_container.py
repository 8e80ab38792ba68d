"""A container for the tests of shells in the window, and a helper beside it that does nothing."""

import types
from dataclasses import replace

from window.containers_played import record


def container(name="shop-api-1", state="running", identity="c" * 64, **more):
    """A container of an image without a shell, as 65532."""
    code = None if state == "running" else 1
    made = record(name, state=state, exit_code=code, ports={8080: 18080}, user="65532", **more)
    return replace(made, container_id=identity)


class Helper:
    """Stands in for a sidecar; counts how often it was put away."""

    def __init__(self):
        self.closed = 0
        self.engine = types.SimpleNamespace()

    async def close(self):
        """Count."""
        self.closed += 1
