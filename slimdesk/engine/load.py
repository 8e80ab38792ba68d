"""Images out of an archive into the engine. Blocking."""

from __future__ import annotations

from pathlib import Path

from slimdesk.basics.errors import BadInput, EngineError
from slimdesk.basics.escaping import visible
from slimdesk.engine.client import client, json_lines, request
from slimdesk.engine.endpoint import Endpoint
from slimdesk.engine.failures import engine_calls

_LOADED = ("Loaded image: ", "Loaded image ID: ")


def load_images(endpoint: Endpoint, archive: Path) -> tuple[str, ...]:
    """Give the engine an archive as `docker save` writes it; return the names (or IDs) in it.

    Raises BadInput for a file that cannot be read, EngineError with what the engine says of its contents.
    """
    what = f"{visible(archive.name)} could not be loaded"
    try:
        file = archive.open("rb")
    except OSError as error:
        raise BadInput(what, error.strerror or "", "Name an archive that `docker save` wrote") from error
    names: list[str] = []
    with file, engine_calls(what, endpoint), client(endpoint, None) as opened:
        response = request(
            opened,
            "POST",
            "/images/load",
            headers={"Content-Type": "application/x-tar"},
            body=iter(lambda: file.read(1 << 20), b""),
            stream=True,
            timeout=None,
        )
        for line in json_lines(response):
            if line.get("error"):
                raise EngineError(
                    what, visible(str(line["error"]), 300), "See whether it is an image archive"
                )
            text = str(line.get("stream") or "").strip()
            names += [text.removeprefix(begin) for begin in _LOADED if text.startswith(begin)]
    return tuple(names)
