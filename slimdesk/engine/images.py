"""The engine's images: listed, inspected, with their history, removed. Blocking; `Engine` calls these in threads."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from slimdesk.basics.errors import EngineError, ImageNotFound
from slimdesk.basics.escaping import visible
from slimdesk.engine.client import client
from slimdesk.engine.credentials import Credentials, registry_of
from slimdesk.engine.endpoint import Endpoint
from slimdesk.engine.failures import engine_calls
from slimdesk.engine.model import HistoryEntry, ImageRecord, TagDigest
from slimdesk.engine.pull import pull_words

_NONE = "<none>"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_FRACTION = re.compile(r"\.(\d{6})\d*")


def list_images(endpoint: Endpoint, label: str | None = None) -> list[ImageRecord]:
    """Every image that has a tag or the label, newest first."""
    with engine_calls("The images could not be listed", endpoint), client(endpoint) as opened:
        listed = opened.images(filters={"label": label} if label else None)
    records = [_listed(one) for one in listed]
    shown = [record for record in records if record.tags or label]
    return sorted(shown, key=lambda one: one.created or dt.datetime.min.replace(tzinfo=dt.UTC), reverse=True)


def inspect_image(endpoint: Endpoint, name: str) -> ImageRecord:
    """Return one image by tag, digest or ID. Raises ImageNotFound."""
    try:
        with engine_calls(f"{name} could not be looked up", endpoint), client(endpoint) as opened:
            return _inspected(opened.inspect_image(name))
    except ImageNotFound as error:
        raise ImageNotFound(
            f"The engine has no image {name}", error.why, "Check the name, or pull or build it first"
        ) from error


def has_image(endpoint: Endpoint, name: str) -> bool:
    """Whether the engine has an image of that name."""
    try:
        inspect_image(endpoint, name)
    except ImageNotFound:
        return False
    return True


def history(endpoint: Endpoint, name: str) -> list[HistoryEntry]:
    """Return the instructions that made an image, oldest first. Raises ImageNotFound.

    Engines tell sizes, not which entries have no layer; an entry of size 0 may have one, so the image's number of diff IDs
    decides where it can.
    """
    with engine_calls(f"The engine has no image {name}", endpoint), client(endpoint) as opened:
        # Null for an image that tells no history.
        listed = list(reversed(opened.history(name) or []))
        layers = len((opened.inspect_image(name).get("RootFS") or {}).get("Layers") or [])
    return _with_layers(listed, layers)


def remove_image(endpoint: Endpoint, name: str) -> None:
    """Remove a tag, or by ID the image with all its tags; never one that a container uses. Raises ImageNotFound, EngineError."""
    with engine_calls(f"{name} could not be removed", endpoint), client(endpoint) as opened:
        opened.remove_image(name, force=_is_id(name), noprune=False)


def tag_image(endpoint: Endpoint, name: str, new: str) -> None:
    """Give an image another name. Raises ImageNotFound, EngineError."""
    head, slash, last = new.rpartition("/")
    last, _, tag = last.partition(":")
    with engine_calls(f"{name} could not be named {new}", endpoint), client(endpoint) as opened:
        opened.tag(name, f"{head}{slash}{last}", tag or "latest")


def tag_digest(endpoint: Endpoint, reference: str, credentials: Credentials) -> TagDigest:
    """Return the digest that the registry has under that name now, else the one it was pulled with.

    On the containerd store a local build has a digest too, its own ID: that is nobody's pin, so it is not returned.
    Never raises EngineError: that nobody tells is an answer too.
    """
    import docker.errors

    registry, note = registry_of(reference), credentials.note
    auth = credentials.for_engine(registry)

    try:
        with engine_calls(f"{reference} could not be looked up", endpoint), client(endpoint, 20) as opened:
            try:
                found = opened.inspect_distribution(reference, auth_config=auth)
                digest = str((found.get("Descriptor") or {}).get("digest") or "")
                if _DIGEST.fullmatch(digest):
                    return TagDigest(digest, from_registry=True)
                why, todo = f"{visible(registry)} answered something that is no digest", ""
            except (docker.errors.APIError, AttributeError, ValueError) as error:
                said = getattr(error, "explanation", None) or error
                why, todo = pull_words(str(said), reference, None, known=credentials.known)
            todo = f"{todo}. {note}" if note and todo else todo or note
            try:
                return TagDigest(_pulled_digest(opened, reference), why=why, todo=todo)
            except docker.errors.APIError:
                return TagDigest(None, why=why, todo=todo)
    except EngineError as error:
        return TagDigest(None, why=error.why or error.what, todo=error.todo)


def _pulled_digest(opened: Any, reference: str) -> str | None:
    read = opened.inspect_image(reference)
    for text in read.get("RepoDigests") or []:
        digest = str(text).rpartition("@")[2]
        if digest != read.get("Id"):
            return digest
    return None


def parse_time(text: Any) -> dt.datetime | None:
    """Return an engine's time (RFC 3339 with nanoseconds, or seconds since the epoch); None for its year 1."""
    if isinstance(text, int | float):
        return dt.datetime.fromtimestamp(text, dt.UTC) if text > 0 else None
    if not isinstance(text, str) or not text or text.startswith("0001-"):
        return None
    try:
        read = dt.datetime.fromisoformat(_FRACTION.sub(r".\1", text))
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=dt.UTC)


def _listed(one: Mapping[str, Any]) -> ImageRecord:
    return ImageRecord(
        image_id=str(one.get("Id", "")),
        tags=_tags(one),
        created=parse_time(one.get("Created")),
        size=int(one.get("Size") or 0),
        labels=_labels(one.get("Labels")),
    )


def _inspected(one: Mapping[str, Any]) -> ImageRecord:
    config = one.get("Config") or {}
    system, architecture, variant = one.get("Os"), one.get("Architecture"), one.get("Variant")
    platform = "/".join(str(part) for part in (system, architecture, variant) if part) if system else None
    return ImageRecord(
        image_id=str(one.get("Id", "")),
        tags=_tags(one),
        created=parse_time(one.get("Created")),
        size=int(one.get("Size") or 0),
        labels=_labels(config.get("Labels")),
        platform=platform,
        config=dict(config),
        diff_ids=tuple((one.get("RootFS") or {}).get("Layers") or ()),
    )


def _tags(one: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(tag) for tag in one.get("RepoTags") or () if not str(tag).startswith(_NONE))


def _labels(labels: Any) -> dict[str, str]:
    return {str(key): str(value) for key, value in labels.items()} if isinstance(labels, dict) else {}


def _with_layers(listed: list[dict[str, Any]], layers: int) -> list[HistoryEntry]:
    """Entries with bytes have a layer; of the others, those that write files have one as long as diff IDs are left."""
    left = layers - sum(1 for one in listed if one.get("Size"))
    found = []
    for one in listed:
        size, text = int(one.get("Size") or 0), str(one.get("CreatedBy") or "")
        empty = not size
        if empty and left > 0 and _writes_files(text):
            empty, left = False, left - 1
        found.append(HistoryEntry(text, size, empty))
    return found


def _writes_files(text: str) -> bool:
    """Whether a history entry of no bytes may still have a layer; the classic builder marks those that have none."""
    if "#(nop)" in text:
        return "#(nop) COPY" in text or "#(nop) ADD" in text or "#(nop) WORKDIR" in text
    return text.startswith(("/bin/sh -c ", "RUN ", "COPY ", "ADD ", "WORKDIR "))


def _is_id(name: str) -> bool:
    return name.startswith("sha256:")
