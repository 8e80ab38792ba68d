"""Who the person is at a registry: Docker's client configuration and its credential helpers.

Helpers are looked for on PATH and where their installers put them: a program that was started from a desktop often has a short
PATH. A helper that is missing or fails is a sentence, never an error: public images still come.
Protocol: docker/docker-credential-helpers (`docker-credential-NAME get`, the server on standard input, JSON on standard output).
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slimdesk.basics.escaping import visible
from slimdesk.basics.programs import find_program, install_places

HUB = "docker.io"
# What the CLI files Docker Hub's credentials under.
HUB_KEY = "https://index.docker.io/v1/"

_NO_CREDENTIALS = "credentials not found"
_TIMEOUT = 20.0


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a registry is shown. `note` says why there is nothing to show although the configuration promised it."""

    username: str = ""
    password: str = ""
    identity_token: str = ""
    note: str = ""

    @property
    def known(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.identity_token or (self.username and self.password))

    def for_engine(self, registry: str) -> dict[str, str]:
        """Return the object that the engine's X-Registry-Auth holds; empty = anonymous."""
        if not self.known:
            return {}
        server = HUB_KEY if registry == HUB else registry
        if self.identity_token:
            return {"identitytoken": self.identity_token, "serveraddress": server}
        return {"username": self.username, "password": self.password, "serveraddress": server}


def registry_of(reference: str) -> str:
    """Return the registry's host of an image reference: docker.io unless the first part looks like a host."""
    first, slash, _ = reference.partition("/")
    is_host = bool(slash) and ("." in first or ":" in first or first == "localhost")
    if not is_host or first == "index.docker.io":
        return HUB
    return first


def credentials_for(
    registry: str, configuration: Mapping[str, Any], environment: Mapping[str, str] = os.environ
) -> Credentials:
    """Return what the configuration has for that registry; asks its helper, which may take seconds."""
    helper = _helper(registry, configuration)
    note = ""
    if helper:
        found = _ask(helper, HUB_KEY if registry == HUB else registry, environment)
        if found.known:
            return found
        note = found.note
    stored = _stored(registry, configuration)
    return stored if stored.known else Credentials(note=note)


def find_helper(name: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the path of docker-credential-NAME."""
    return find_program(f"docker-credential-{name}", environment)


def _helper(registry: str, configuration: Mapping[str, Any]) -> str | None:
    helpers = configuration.get("credHelpers")
    if isinstance(helpers, dict):
        for key in _keys(registry):
            if isinstance(helpers.get(key), str) and helpers[key]:
                return str(helpers[key])
    store = configuration.get("credsStore")
    return store if isinstance(store, str) and store else None


def _ask(helper: str, server: str, environment: Mapping[str, str]) -> Credentials:
    shown = visible(f"docker-credential-{helper}", 80)
    # It comes from a file and becomes part of a program's name: nothing but a name.
    program = find_helper(helper, environment) if Path(helper).name == helper else None
    if program is None:
        return Credentials(
            note=f"The credential helper {shown} was not found, so images are fetched anonymously"
        )
    path = os.pathsep.join([environment.get("PATH", ""), *install_places(environment)])
    try:
        done = subprocess.run(
            [program, "get"],
            input=server,
            capture_output=True,
            text=True,
            check=False,
            timeout=_TIMEOUT,
            env={**environment, "PATH": path},
        )
        if done.returncode != 0:
            said = (done.stdout or done.stderr).strip()
            if _NO_CREDENTIALS in said.lower():
                return Credentials()
            return Credentials(note=f"The credential helper {shown} failed: {visible(said, 200)}")
        read = json.loads(done.stdout)
        username, secret = str(read.get("Username") or ""), str(read.get("Secret") or "")
    except (OSError, ValueError, AttributeError, subprocess.TimeoutExpired) as error:
        return Credentials(note=f"The credential helper {shown} failed: {visible(str(error), 200)}")
    return (
        Credentials(identity_token=secret)
        if username == "<token>"
        else Credentials(username=username, password=secret)
    )


def _stored(registry: str, configuration: Mapping[str, Any]) -> Credentials:
    stored = configuration.get("auths")
    if not isinstance(stored, dict):
        return Credentials()
    wanted = set(_keys(registry))
    for key, entry in stored.items():
        if not isinstance(entry, dict) or not (key in wanted or _host(str(key)) in wanted):
            continue
        if entry.get("identitytoken"):
            return Credentials(identity_token=str(entry["identitytoken"]))
        username, password = _decoded(str(entry.get("auth") or ""))
        if not username:
            username, password = str(entry.get("username") or ""), str(entry.get("password") or "")
        if username:
            return Credentials(username=username, password=password)
    return Credentials()


def _decoded(text: str) -> tuple[str, str]:
    try:
        username, _, password = base64.b64decode(text, validate=False).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return username, password.strip("\0")


def _keys(registry: str) -> tuple[str, ...]:
    if registry == HUB:
        return (HUB_KEY, HUB, "index.docker.io", "registry-1.docker.io", "https://index.docker.io/v1")
    return (registry, f"https://{registry}", f"http://{registry}")


def _host(key: str) -> str:
    return key.removeprefix("https://").removeprefix("http://").partition("/")[0]
