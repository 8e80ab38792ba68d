"""What a registry says of an image before it is pulled: how many bytes its layers are.

The distribution API (opencontainers/distribution-spec): manifests, tokens after a 401. Docker Hub counts a manifest as a pull,
so there its web API is asked first, which counts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slimdesk.engine.credentials import HUB, Credentials, registry_of

if TYPE_CHECKING:
    from requests import Session

TIMEOUT = 8.0
_MANIFEST_KINDS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_MANIFESTS = ", ".join(_MANIFEST_KINDS)
_LARGEST_ANSWER = 4 << 20
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Reference:
    """An image's name in parts; `version` is a tag or a digest."""

    registry: str
    repository: str
    version: str

    @property
    def by_digest(self) -> bool:
        """Whether it is pinned."""
        return self.version.startswith("sha256:")


def parse_reference(text: str) -> Reference:
    """Split name:tag@digest as Docker does: docker.io/library/… where nothing else is said, `latest` without a tag."""
    registry = registry_of(text)
    rest = text.partition("/")[2] if text.startswith((f"{registry}/", "index.docker.io/")) else text
    name, _, digest = rest.partition("@")
    head, slash, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    repository = f"{head}{slash}{last}"
    if registry == HUB and "/" not in repository:
        repository = f"library/{repository}"
    return Reference(registry, repository, digest or tag or "latest")


def download_size(reference: str, platform: str | None, credentials: Credentials) -> int | None:
    """Return the bytes of the compressed layers for `platform` (os/arch); None where the registry does not tell.

    Never raises: that a registry cannot be reached is an answer too.
    """
    import requests

    wanted = parse_reference(reference)
    with requests.Session() as session:
        try:
            if wanted.registry == HUB and not credentials.known and not wanted.by_digest:
                return _from_hub(session, wanted, platform or "linux/amd64")
            return _from_registry(session, wanted, platform or "linux/amd64", credentials)
        except (requests.exceptions.RequestException, ValueError, KeyError, TypeError, AttributeError):
            return None


def _from_hub(session: Session, wanted: Reference, platform: str) -> int | None:
    space, _, name = wanted.repository.partition("/")
    address = f"https://hub.docker.com/v2/namespaces/{space}/repositories/{name}/tags/{wanted.version}"
    for image in _json(session, address, {}).get("images", []):
        if _fits(image.get("os"), image.get("architecture"), image.get("variant"), platform):
            return int(image["size"]) or None
    return None


def _from_registry(
    session: Session, wanted: Reference, platform: str, credentials: Credentials
) -> int | None:
    host = "registry-1.docker.io" if wanted.registry == HUB else wanted.registry
    local = host.partition(":")[0] in ("localhost", "127.0.0.1", "[::1]")
    base = f"{'http' if local else 'https'}://{host}/v2/{wanted.repository}/manifests"
    headers = {"Accept": _MANIFESTS, **_authorization(session, f"{base}/{wanted.version}", credentials)}
    manifest = _json(session, f"{base}/{wanted.version}", headers)
    if "manifests" in manifest:
        digest = _chosen(manifest["manifests"], platform)
        if digest is None:
            return None
        manifest = _json(session, f"{base}/{digest}", headers)
    return sum(int(layer["size"]) for layer in manifest["layers"])


def _chosen(manifests: list[dict[str, Any]], platform: str) -> str | None:
    for one in manifests:
        found = one.get("platform") or {}
        if _fits(found.get("os"), found.get("architecture"), found.get("variant"), platform):
            return str(one["digest"])
    return None


def _fits(system: Any, architecture: Any, variant: Any, platform: str) -> bool:
    wanted = platform.split("/")
    if [system, architecture] != wanted[:2]:
        return False
    return len(wanted) < 3 or variant in (None, "", wanted[2])


def _authorization(session: Session, address: str, credentials: Credentials) -> dict[str, str]:
    """Ask without credentials; a registry that wants some says where a token is to be had (Bearer) or Basic."""
    answer = session.head(address, headers={"Accept": _MANIFESTS}, timeout=TIMEOUT)
    if answer.status_code != 401:
        return {}
    challenge = answer.headers.get("WWW-Authenticate", "")
    scheme, _, rest = challenge.partition(" ")
    pair = (credentials.username, credentials.password) if credentials.username else None
    if scheme.lower() == "basic":
        if pair is None:
            return {}
        import requests

        prepared = requests.Request("GET", address, auth=pair).prepare()
        return {"Authorization": str(prepared.headers["Authorization"])}
    said = dict(_CHALLENGE.findall(rest))
    realm = said.pop("realm")
    if credentials.identity_token:
        form = {
            **said,
            "grant_type": "refresh_token",
            "refresh_token": credentials.identity_token,
            "client_id": "slimdesk",
        }
        token = session.post(realm, data=form, timeout=TIMEOUT).json()
    else:
        token = session.get(realm, params=said, auth=pair, timeout=TIMEOUT).json()
    return {"Authorization": f"Bearer {token.get('token') or token['access_token']}"}


def _json(session: Session, address: str, headers: Mapping[str, str]) -> dict[str, Any]:
    with session.get(address, headers=dict(headers), timeout=TIMEOUT, stream=True) as answer:
        answer.raise_for_status()
        read = b""
        for piece in answer.iter_content(1 << 16):
            read += piece
            if len(read) > _LARGEST_ANSWER:
                raise ValueError("the answer is too long")
    import json

    value = json.loads(read)
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value
