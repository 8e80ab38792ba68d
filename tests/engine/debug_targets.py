"""An image without a shell, for the tests of whoever looks into one: a static program, as 65532, and some files."""

import asyncio
import io
import tarfile
import time

import docker
from engine import engines

from slimdesk.debug.sidecar import LABEL_TARGET

TOOLBOX = "busybox:1-musl"
TARGET = "localhost/slimdesk-shell-less:1"


def give_target(host):
    """Put the image into the engine under its name."""
    client = docker.APIClient(base_url=host, version="auto")
    try:
        repository, _, tag = TARGET.rpartition(":")
        changes = ["USER 65532:65532", 'ENTRYPOINT ["/busybox-app","httpd","-f","-p","8080","-h","/srv"]']
        client.import_image_from_data(_tar(), repository=repository, tag=tag, changes=changes)
    finally:
        client.close()


async def helpers(engine, target):
    """The IDs of the helpers beside that container: whoever else uses the engine has its own."""
    return await engine.containers(f"{LABEL_TARGET}={target}")


async def none_left(engine, target, seconds=30.0):
    """Wait until no helper is left beside that container: five seconds, or so many times that on a busy machine."""
    began = time.monotonic()
    while await helpers(engine, target):
        if time.monotonic() - began > seconds:
            raise AssertionError(f"a helper is left after {seconds} s")
        await asyncio.sleep(0.05)


def _tar():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:

        def add(name, data=None, mode=0o755, owner=0, link=None):
            entry = tarfile.TarInfo(name)
            entry.mode, entry.uid, entry.gid = mode, owner, owner
            if link is not None:
                entry.type, entry.linkname = tarfile.SYMTYPE, link
            elif data is None:
                entry.type = tarfile.DIRTYPE
            else:
                entry.size = len(data)
            archive.addfile(entry, None if data is None else io.BytesIO(data))

        for folder in ("proc", "sys", "etc", "srv"):
            add(folder)
        add("tmp", mode=0o1777)
        # Told by its first word to be busybox; no other program is there, no shell, no library.
        add("busybox-app", engines.busybox().read_bytes())
        add("srv/index.html", b"harbour\n", 0o644)
        add("srv/key", b"of the app alone\n", 0o400, 65532)
        add("srv/odd\nname", b"", 0o644)
        # Leads somewhere else from the toolbox's root.
        add("etc/page", link="/srv/index.html")
    return buffer.getvalue()
