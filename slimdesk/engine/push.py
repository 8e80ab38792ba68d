"""Give an image to a registry with the person's credentials, with progress in bytes. Blocking; cancelled by `stop`.

`POST /images/NAME/push?tag=TAG` (moby, api/swagger.yaml): JSON lines as a pull has them; one of the last holds the digest.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from slimdesk.basics.errors import BadInput, PushFailed
from slimdesk.basics.escaping import visible
from slimdesk.engine.client import json_lines, open_client, release, request, shut
from slimdesk.engine.credentials import Credentials
from slimdesk.engine.endpoint import Endpoint
from slimdesk.engine.failures import engine_calls
from slimdesk.engine.pull import Told, auth_header, count_layer, failure_of, pull_words
from slimdesk.engine.registry import parse_reference

if TYPE_CHECKING:
    from requests import Response

_DIGEST = re.compile(r"(?<![0-9A-Za-z])sha256:[0-9a-f]{64}(?![0-9a-f])")


class Push:
    """One push of NAME:TAG, an image that the engine has; `run` in one thread, `stop` from any other."""

    def __init__(self, endpoint: Endpoint, reference: str, credentials: Credentials, told: Told) -> None:
        if "@" in reference:
            raise BadInput(
                f"{visible(reference)} cannot be pushed", "a registry is given a tag", "Leave the digest out"
            )
        self._endpoint = endpoint
        self._reference = reference
        self._credentials = credentials
        self._told = told
        self._response: Response | None = None
        self._stopped = threading.Event()

    def run(self) -> str | None:
        """Push, and return the digest that it has there; None if the engine does not tell.

        Raises PushFailed with what the registry says in words, ImageNotFound, StreamBroken, EngineUnreachable.
        """
        import docker.errors

        what = f"{visible(self._reference)} could not be pushed"
        with engine_calls(what, self._endpoint, streaming=True):
            opened = open_client(self._endpoint, None)
            try:
                return self._read(opened, what)
            except docker.errors.NotFound:
                raise
            except docker.errors.APIError as error:
                raise self._failed(what, str(error.explanation or error)) from error
            finally:
                release(self._response)
                opened.close()

    def stop(self) -> None:
        """End it: the engine stops sending when nobody listens any more."""
        self._stopped.set()
        if self._response is not None:
            shut(self._response)

    def _read(self, opened: Any, what: str) -> str | None:
        wanted = parse_reference(self._reference)
        head, slash, last = self._reference.rpartition("/")
        name = f"{head}{slash}{last.partition(':')[0]}"
        self._response = request(
            opened, "POST", f"/images/{quote(name, safe='/:')}/push", parameters={"tag": wanted.version},
            headers=auth_header(self._credentials, wanted.registry), stream=True, timeout=None,
        )  # fmt: skip
        layers: dict[str, tuple[int, int]] = {}
        digest = None
        for line in json_lines(self._response):
            if self._stopped.is_set():
                return None
            failure = failure_of(line)
            if failure:
                raise self._failed(what, failure)
            digest = _digest(line) or digest
            if count_layer(line, layers):
                self._told(
                    sum(done for done, _ in layers.values()), sum(size for _, size in layers.values()) or None
                )
        return digest

    def _failed(self, what: str, said: str) -> PushFailed:
        why, todo = pull_words(said, self._reference, None, known=self._credentials.known, pushing=True)
        note = self._credentials.note
        return PushFailed(what, why, f"{todo}. {note}" if note and todo else todo or note)


def _digest(line: Mapping[str, Any]) -> str | None:
    """The classic store tells the digest in `aux`, the containerd store at the end of a sentence only."""
    aux = line.get("aux")
    told = str(aux.get("Digest") if isinstance(aux, dict) else line.get("status") or "")
    found = _DIGEST.search(told)
    return found[0] if found else None
