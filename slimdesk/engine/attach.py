"""The standard input and output of a container's own first process."""

from __future__ import annotations

import urllib.parse

from slimdesk.engine.duplex import Duplex, connect
from slimdesk.engine.endpoint import Endpoint


async def attach(endpoint: Endpoint, container: str) -> Duplex:
    """Connect to it, also before it is started; without a terminal its output comes in frames (`Frames`).

    Where it was made with `stdin_open`, its standard input ends with the connection. Raises
    ImageNotFound where there is none, EngineError.
    """
    path = f"/containers/{urllib.parse.quote(container, safe='')}/attach"
    query = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
    return await connect(endpoint, "The container could not be attached to", path, query=query)
