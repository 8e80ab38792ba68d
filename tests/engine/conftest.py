"""Fixtures of the engine tests: real engines, and images small enough to be made in a moment."""

import io
import os
import tarfile

import docker
import pytest
from engine import engines

BUSYBOX = "localhost/slimdesk-busybox:1"


def pytest_collection_modifyitems(items):
    for item in items:
        if "/tests/engine/" in item.path.as_posix():
            item.add_marker(pytest.mark.engine)


def _unavailable(reason):
    if os.environ.get("SLIMDESK_ENGINE") == "required":
        pytest.fail(f"SLIMDESK_ENGINE=required, but {reason}")
    pytest.skip(reason)


# Why an engine did not start: asked once, not for every test.
_refused: dict[str, str] = {}


def _started(kind, root, *, own_pids=False):
    """Start an engine that takes an image (in a chroot or a container without rights it may run and not do that)."""
    asked = f"{kind} with its own processes" if own_pids else kind
    if asked in _refused:
        _unavailable(_refused[asked])
    try:
        running = engines.start(kind, root, dies_with_us=True, own_pids=own_pids)
    except engines.EngineStartError as error:
        _refused[asked] = f"the {asked} engine did not start: {str(error)[:300]}"
        _unavailable(_refused[asked])
    client = docker.APIClient(base_url=running.host, version="auto")
    try:
        client.import_image_from_data(_small_tar(), repository="localhost/slimdesk-first", tag="1")
        client.remove_image("localhost/slimdesk-first:1")
    except docker.errors.APIError as error:
        engines.stop(running)
        _refused[asked] = f"the {asked} engine cannot take images here: {error.explanation}"
        _unavailable(_refused[asked])
    finally:
        client.close()
    return running


def _small_tar():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        archive.addfile(tarfile.TarInfo("first"))
    return buffer.getvalue()


def _engine(kind, tmp_path_factory):
    """Start an engine for this run of the tests; SLIMDESK_ENGINE_<KIND> names one that runs already."""
    given = os.environ.get(f"SLIMDESK_ENGINE_{kind.upper()}") or engines.shared.get(kind)
    if given:
        yield given
        return
    reason = engines.why_not(kind)
    if reason:
        _unavailable(reason)
    running = _started(kind, tmp_path_factory.mktemp(kind))
    # A module of another folder that names this fixture has one of its own, and shall have the same engine.
    engines.shared[kind] = running.host
    try:
        yield running.host
    finally:
        del engines.shared[kind]
        engines.stop(running)


@pytest.fixture(scope="session")
def modern_engine(tmp_path_factory):
    """DOCKER_HOST of a current engine with the containerd image store."""
    yield from _engine("modern", tmp_path_factory)


@pytest.fixture(scope="session")
def debian_engine(tmp_path_factory):
    """DOCKER_HOST of Debian's own engine: 20.10 on Debian 12, the oldest that SlimDesk works with."""
    yield from _engine("debian", tmp_path_factory)


@pytest.fixture(scope="module")
def isolated_engine(tmp_path_factory):
    """DOCKER_HOST of a modern engine whose host has no processes but the engine's own: for containers that see them all."""
    reason = engines.why_not("modern")
    if reason:
        _unavailable(reason)
    running = _started("modern", tmp_path_factory.mktemp("own"), own_pids=True)
    try:
        yield running.host
    finally:
        engines.stop(running)


@pytest.fixture(params=["modern", "debian"])
def each_engine(request):
    """DOCKER_HOST of both engines in turn."""
    return request.getfixturevalue(f"{request.param}_engine")


@pytest.fixture
def throwaway_engine(tmp_path_factory):
    """A modern engine that a test may kill (engines.kill)."""
    reason = engines.why_not("modern")
    if reason:
        _unavailable(reason)
    running = _started("modern", tmp_path_factory.mktemp("x"))
    try:
        yield running
    finally:
        engines.stop(running)


@pytest.fixture(scope="session")
def busybox_tar():
    """The root file system of a tiny image: a static busybox under its usual names."""
    applets = ("sh", "ls", "cat", "sleep", "echo", "seq", "stat", "find", "id", "head", "dd", "mkdir", "rm", "httpd",
               "chmod", "test", "true", "false", "nc", "ps", "touch", "wc", "sha256sum", "env")  # fmt: skip
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for folder, mode in (
            ("bin", 0o755),
            ("tmp", 0o1777),
            ("etc", 0o755),
            ("proc", 0o755),
            ("dev", 0o755),
        ):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, mode
            archive.addfile(entry)
        program = engines.busybox().read_bytes()
        entry = tarfile.TarInfo("bin/busybox")
        entry.size, entry.mode = len(program), 0o755
        archive.addfile(entry, io.BytesIO(program))
        for applet in applets:
            entry = tarfile.TarInfo(f"bin/{applet}")
            entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
            archive.addfile(entry)
    return buffer.getvalue()


def import_busybox(host, tar, name=BUSYBOX):
    """Give the engine the tiny image under `name`."""
    client = docker.APIClient(base_url=host, version="auto")
    try:
        repository, _, tag = name.rpartition(":")
        client.import_image_from_data(tar, repository=repository, tag=tag, changes=["ENV PATH=/bin"])
    finally:
        client.close()
    return name


@pytest.fixture
def busybox(each_engine, busybox_tar):
    """The tiny image's name, in the engine of `each_engine`."""
    return import_busybox(each_engine, busybox_tar)
