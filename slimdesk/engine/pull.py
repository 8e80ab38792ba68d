"""Fetch an image with the person's credentials, with progress in bytes. Blocking; cancelled by `stop`."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from slimdesk.basics.errors import PullFailed
from slimdesk.basics.escaping import visible
from slimdesk.engine.client import json_lines, open_client, release, request, shut
from slimdesk.engine.credentials import Credentials
from slimdesk.engine.endpoint import Endpoint
from slimdesk.engine.failures import FREE_SPACE, disk_full, engine_calls
from slimdesk.engine.registry import parse_reference

if TYPE_CHECKING:
    from requests import Response

# done and total bytes so far; total None until every layer said its size
Told = Callable[[int, int | None], None]


class Pull:
    """One fetch; `run` in one thread, `stop` from any other."""

    def __init__(
        self, endpoint: Endpoint, reference: str, platform: str | None, credentials: Credentials, told: Told
    ) -> None:
        self._endpoint = endpoint
        self._reference = reference
        self._platform = platform
        self._credentials = credentials
        self._told = told
        self._response: Response | None = None
        self._client: Any = None
        self._stopped = threading.Event()

    def run(self) -> None:
        """Fetch. Raises PullFailed with what the registry says in words, StreamBroken, EngineUnreachable."""
        import docker.errors

        what = f"{visible(self._reference)} could not be fetched"
        with engine_calls(what, self._endpoint, streaming=True):
            self._client = open_client(self._endpoint, None)
            try:
                self._read(what)
            except docker.errors.APIError as error:
                raise self._failed(what, str(error.explanation or error)) from error
            finally:
                release(self._response)
                self._client.close()

    def stop(self) -> None:
        """End it: the engine stops fetching when nobody listens any more."""
        self._stopped.set()
        if self._response is not None:
            shut(self._response)

    def _read(self, what: str) -> None:
        if self._client is None:
            return
        wanted = parse_reference(self._reference)
        name = self._reference.partition("@")[0]
        head, slash, last = name.rpartition("/")
        parameters = {"fromImage": f"{head}{slash}{last.partition(':')[0]}", "tag": wanted.version}
        if self._platform:
            parameters["platform"] = self._platform
        auth = json.dumps(self._credentials.for_engine(wanted.registry)).encode()
        headers = {"X-Registry-Auth": base64.urlsafe_b64encode(auth).decode()}
        self._response = request(
            self._client, "POST", "/images/create", parameters=parameters, headers=headers, stream=True, timeout=None
        )  # fmt: skip
        layers: dict[str, tuple[int, int]] = {}
        for line in json_lines(self._response):
            if self._stopped.is_set():
                return
            failure = line.get("errorDetail") or line.get("error")
            if failure:
                raise self._failed(
                    what, str(failure.get("message") if isinstance(failure, dict) else failure)
                )
            if _count(line, layers):
                total = sum(size for _, size in layers.values())
                self._told(sum(done for done, _ in layers.values()), total or None)

    def _failed(self, what: str, said: str) -> PullFailed:
        why, todo = pull_words(said, self._reference, self._platform)
        note = self._credentials.note
        return PullFailed(what, why, f"{todo}. {note}" if note and todo else todo or note)


def _count(line: Mapping[str, Any], layers: dict[str, tuple[int, int]]) -> bool:
    """Take one line of progress into account; whether it changed anything."""
    layer, state = str(line.get("id") or ""), str(line.get("status") or "")
    detail = line.get("progressDetail") or {}
    if state == "Downloading" and isinstance(detail, dict) and detail.get("total"):
        layers[layer] = (int(detail.get("current") or 0), int(detail["total"]))
        return True
    if state in ("Download complete", "Pull complete") and layer in layers:
        layers[layer] = (layers[layer][1], layers[layer][1])
        return True
    return False


def pull_words(said: str, reference: str, platform: str | None) -> tuple[str, str]:
    """Return why a registry or the way to it refused, and what to do."""
    low = said.lower()
    registry = parse_reference(reference).registry
    login = "`docker login`" if registry == "docker.io" else f"`docker login {visible(registry)}`"
    if disk_full(low):
        return "the engine's disk is full", FREE_SPACE
    if "toomanyrequests" in low or "rate limit" in low:
        return f"{visible(registry)} refuses more downloads for now", f"Log in with {login}, or wait an hour"
    if "no matching manifest" in low or "does not match the specified platform" in low:
        wanted = platform or "the engine's platform"
        return f"there is no such image for {wanted}", "Choose another platform or another family"
    if "manifest unknown" in low or "not found: manifest" in low or low.endswith(": not found"):
        return f"{visible(registry)} has no image of that name", "Correct the name or the tag"
    if "unauthorized" in low or "denied" in low or "authentication required" in low or "no basic auth" in low:
        return (
            f"{visible(registry)} wants to know who you are, or there is no such image",
            f"Log in with {login}",
        )
    if any(
        sign in low
        for sign in ("no such host", "dial tcp", "i/o timeout", "connection refused", "eof", "tls:")
    ):
        return (
            f"{visible(registry)} cannot be reached from the engine ({visible(said, 200)})",
            "See whether the engine has a network and a proxy, or set a mirror in Settings",
        )
    return visible(said, 300), ""
