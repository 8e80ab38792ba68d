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
        headers = auth_header(self._credentials, wanted.registry)
        self._response = request(
            self._client, "POST", "/images/create", parameters=parameters, headers=headers, stream=True, timeout=None
        )  # fmt: skip
        layers: dict[str, tuple[int, int]] = {}
        for line in json_lines(self._response):
            if self._stopped.is_set():
                return
            failure = failure_of(line)
            if failure:
                raise self._failed(what, failure)
            if count_layer(line, layers):
                total = sum(size for _, size in layers.values())
                self._told(sum(done for done, _ in layers.values()), total or None)

    def _failed(self, what: str, said: str) -> PullFailed:
        why, todo = pull_words(said, self._reference, self._platform, known=self._credentials.known)
        note = self._credentials.note
        return PullFailed(
            what, why, f"{todo}. {note}" if note and todo else todo or note, visible(said, 1_000)
        )


def count_layer(line: Mapping[str, Any], layers: dict[str, tuple[int, int]]) -> bool:
    """Take one line of progress into account: layer -> (bytes done, bytes in all). Whether it changed anything."""
    layer, state = str(line.get("id") or ""), str(line.get("status") or "")
    detail = line.get("progressDetail") or {}
    if state in ("Downloading", "Pushing") and isinstance(detail, dict) and detail.get("total"):
        total = int(detail["total"])
        layers[layer] = (min(int(detail.get("current") or 0), total), total)
        return True
    if state in ("Download complete", "Pull complete", "Pushed") and layer in layers:
        layers[layer] = (layers[layer][1], layers[layer][1])
        return True
    return False


def failure_of(line: Mapping[str, Any]) -> str:
    """Return what went wrong by one line of progress; empty for a good one."""
    failure = line.get("errorDetail") or line.get("error")
    if not failure:
        return ""
    return str(failure.get("message") if isinstance(failure, dict) else failure) or "it does not say why"


def auth_header(credentials: Credentials, registry: str) -> dict[str, str]:
    """Return the header that shows the person's credentials to a registry through the engine."""
    auth = json.dumps(credentials.for_engine(registry)).encode()
    return {"X-Registry-Auth": base64.urlsafe_b64encode(auth).decode()}


_REFUSED = ("unauthorized", "denied", "authentication required", "no basic auth", "401", "403 forbidden")
_GARBAGE = (
    "invalid character", "unexpected status", "unexpected http status", "unexpected end of json", "error parsing",
    "missing digest", "malformed http", "connection broken", "cannot unmarshal", "invalid checksum digest", "content type", "500 internal", "502 bad", "503 service",
)  # fmt: skip
_ADDRESS = "Check the registry's address and whether it is in order, or set a mirror"


def _refused(registry: str, login: str, *, known: bool, pushing: bool) -> tuple[str, str]:
    if known:
        what = "you may not write there" if pushing else "there is no such image"
        return (
            f"{registry} does not accept your user name and password, or {what}",
            f"Log in again with {login}",
        )
    if pushing:
        return f"{registry} wants to know who you are", f"Log in with {login}"
    return f"{registry} wants to know who you are, or there is no such image", f"Log in with {login}"


def pull_words(
    said: str, reference: str, platform: str | None, *, known: bool = False, pushing: bool = False
) -> tuple[str, str]:
    """Return why a registry or the way to it refused, and what to do; `known`: it was shown a name and a password."""
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
    if any(sign in low for sign in _REFUSED):
        return _refused(visible(registry), login, known=known, pushing=pushing)
    if any(sign in low for sign in _GARBAGE):
        return f"{visible(registry)} does not answer as a registry ({_cause(said)})", _ADDRESS
    if any(
        sign in low
        for sign in ("no such host", "dial tcp", "i/o timeout", "connection refused", "eof", "tls:")
    ):
        return (
            f"{visible(registry)} cannot be reached from the engine ({_cause(said)})",
            "See whether the engine has a network and a proxy, or set a mirror",
        )
    return visible(said, 300), ""


def _cause(said: str) -> str:
    """Return the end of a chain of causes, which names the first of them: Go writes `outer: inner`."""
    cause = said.strip().rsplit(": ", 1)[-1].strip()
    return visible(cause or said, 120)
