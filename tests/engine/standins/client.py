"""The few calls to an engine that making stand-ins takes: build with BuildKit, save, load, look."""

import base64
import io
import json
import os
import re
import tarfile
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import docker
import docker.errors
from engine.standins import store
from engine.standins.store import Image

PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


class StandInBuildError(Exception):
    """A step of making a stand-in failed; the text ends with its log."""


@contextmanager
def connected(host: str) -> Iterator[docker.APIClient]:
    """A client of that engine."""
    api = docker.APIClient(base_url=host, version="auto", timeout=3600)
    try:
        yield api
    finally:
        api.close()


def build(host: str, dockerfile: str, tag: str, files: Mapping[str, Path] | None = None) -> None:
    """Build an image from a Dockerfile's text and a few files."""
    arguments = {name: os.environ[name] for name in PROXIES if name in os.environ}
    query = {"version": "2", "t": tag, "dockerfile": "Dockerfile", "buildargs": json.dumps(arguments)}
    with tempfile.TemporaryFile() as body, connected(host) as api:
        # A PAX header in front would be taken for the Dockerfile itself.
        with tarfile.open(fileobj=body, mode="w", format=tarfile.GNU_FORMAT) as archive:
            entry = tarfile.TarInfo("Dockerfile")
            entry.size = len(dockerfile.encode())
            archive.addfile(entry, io.BytesIO(dockerfile.encode()))
            for name, path in (files or {}).items():
                archive.add(path, name)
        body.seek(0)
        headers = {"Content-Type": "application/x-tar"}
        answer = api._post(api._url("/build"), data=body, params=query, headers=headers, stream=True)
        with answer:
            api._raise_for_status(answer)
            log: list[str] = []
            for line in answer.iter_lines():
                message = json.loads(line)
                if message.get("id") == "moby.buildkit.trace":
                    # Log lines sit in a protobuf message; for a failure its readable parts are enough.
                    found = re.findall(rb"[\x20-\x7e]{12,}", base64.b64decode(message["aux"]))
                    log = [*log, *(part.decode() for part in found)][-60:]
                elif "error" in message:
                    raise StandInBuildError("\n".join([f"{tag}: {message['error']}", *log]))


def save(host: str, tags: Iterable[str]) -> tuple[Image, ...]:
    """Keep images of the engine as stand-ins."""
    names = list(tags)
    with connected(host) as api:
        answer = api._get(api._url("/images/get"), params={"names": names}, stream=True)
        with answer:
            api._raise_for_status(answer)
            return store.take_from_save(answer.raw, names)


def lacks(host: str, images: Iterable[Image]) -> list[Image]:
    """Those of the images that the engine does not have with exactly these layers."""
    missing = []
    with connected(host) as api:
        for image in images:
            wanted = [layer.diff_id for layer in image.layers]
            for tag in image.tags:
                try:
                    known = api.inspect_image(tag)["RootFS"].get("Layers") or []
                except docker.errors.NotFound:
                    # Not there, or its blob is gone: another test may be removing it.
                    known = None
                if known != wanted:
                    missing.append(image)
                    break
    return missing


def load(host: str, images: Iterable[Image]) -> None:
    """Give the engine the images."""
    wanted = list(images)
    reading, writing = os.pipe()
    failure: list[BaseException] = []

    def write() -> None:
        try:
            with os.fdopen(writing, "wb") as file:
                store.write_archive(wanted, file)
        except Exception as error:  # noqa: BLE001 - raised again by the one who waits
            failure.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with os.fdopen(reading, "rb") as file, connected(host) as api:
            for message in api.load_image(file):
                if "error" in message:
                    raise StandInBuildError(f"the engine did not take {wanted[0].tags}: {message['error']}")
    finally:
        writer.join()
    if failure:
        raise failure[0]
