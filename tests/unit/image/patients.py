"""Images for the doctor: what each of them needs, this machine's C library, and the question whether they run."""

import platform as this_platform
import shutil
import subprocess
from pathlib import Path

from unit.image.images import Picture, layer, old_save, program

from slimdesk.operations.doctor import examine_here

SHELL = program("bin/sh", b"\x7fELF is not looked into here")
SOUND = [
    ("tmp/", 0o1777),
    ("etc/passwd", b"root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/app:/bin/sh\n"),
    ("etc/group", b"root:x:0:\napp:x:1000:\n"),
    ("usr/share/zoneinfo/Europe/Berlin", b"TZif"),
    ("app/", 0o755),
    SHELL,
]


def examine(tmp_path, members, config, *, platform=("linux", "amd64", ""), dockerfile=None):
    path = tmp_path / "image.tar"
    folders = [("tmp/", 0o1777)]
    path.write_bytes(old_save([Picture([layer([*folders, *members])], config=config, platform=platform)]))
    return examine_here(path, dockerfile=dockerfile)


def rules(found):
    return {finding.rule for finding in found.findings}


USER = {"User": "1000:1000"}


def libc():
    """The C library and loader of this machine, as files of an image."""
    told = subprocess.run(["ldd", shutil.which("true")], capture_output=True, text=True, check=True).stdout
    paths = [word for word in told.split() if word.startswith("/")]
    return [program(path.lstrip("/"), Path(path).read_bytes()) for path in paths]


def machine():
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(this_platform.machine(), this_platform.machine())
