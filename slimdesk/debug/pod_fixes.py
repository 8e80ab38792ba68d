"""What to change in a manifest or an image for a failure that is known by its kind, told for a pod."""

from __future__ import annotations

import re
from dataclasses import dataclass

from slimdesk.debug.causes import Cause
from slimdesk.debug.pod_plan import PodPlan

_PATH = re.compile(r"/[\w./@+-]+")
_FIXES = {
    "no-shell": 'Name the program itself in command, such as ["/app/server"]; only a debug variant has a shell.',
    "no-program": "Name it by the path that it has in the image: it is looked for in the PATH of the image alone, and no shell takes a line of several words apart.",
    "not-executable": "Set its mode in the image (COPY --chmod=0755), or let the image's own ENTRYPOINT stand.",
    "wrong-platform": "Build the image for the node's processor (slimdesk build --platform).",
    "no-user": "Take a number in the image's USER, or set runAsUser.",
    "low-port": "Listen on a port above 1023 and map it in the Service (port: 80, targetPort: 8080).",
    "port-in-use": "Two containers of a pod share its network: give each its own port.",
    "out-of-memory": "Raise limits.memory, or give the runtime less heap.",
    "no-certificates": "Take a family that has the certificates, or copy them in.",
    "no-library": "Take a family that has the library, or copy it in from the stage that builds.",
    "no-loader": "Build it static (CGO_ENABLED=0 for Go, musl for Rust), or take a family with the C library that it was built for.",
    "no-class": "See whether the jar or the folder of classes was copied, and whether -cp and the name of the class are right.",
    "no-permission": "Give it to the user that it runs as (COPY --chown=65532:65532), or mount a volume there that the user may write.",
    "read-only": "Mount an emptyDir at the folder that it writes in, or switch readOnlyRootFilesystem off.",
}
_DENIED = ("no-permission", "no-folder", "ended", "not-started", "no-module")


@dataclass(frozen=True, slots=True)
class Folder:
    """Who a folder of the image belongs to: uid, gid and the mode's last nine bits."""

    path: str
    uid: int
    gid: int
    mode: int


def in_a_pod(kind: str, message: str, plan: PodPlan, closed: Folder | None = None) -> Cause:
    """Return the cause with a fix for the pod. `closed` is the working folder, if its user may not use it."""
    if closed is not None and kind in _DENIED:
        return closed_folder(closed, plan.user)
    if kind == "read-only":
        match = _PATH.search(message)
        place = match.group() if match else "that path"
        folder = _folder_to_mount(place)
        return Cause(
            kind,
            message.split(":", maxsplit=1)[0] + ".",
            f"Mount an emptyDir at {folder} (volumes: emptyDir with a sizeLimit, volumeMounts: mountPath {folder}).",
        )
    if kind == "no-permission":
        return Cause(
            kind,
            message,
            f"It runs as {plan.user}: give the file to that user in the image (COPY --chown), open it to group 0 and set "
            "the same mode for it (chmod g=u), or set fsGroup for a volume.",
        )
    return Cause(kind, message, _FIXES.get(kind, ""))


def fix_of(kind: str) -> str:
    """Return what helps against a failure of this kind, where neither manifest nor image is at hand; empty if nothing is known."""
    return _FIXES.get(kind, "")


def _folder_to_mount(place: str) -> str:
    """Return the folder that wants a volume, of a file or folder that could not be written."""
    first, _, rest = place.strip("/").partition("/")
    if first == "tmp":
        return "/tmp"  # noqa: S108 - a path in the container
    parent, _, name = place.rpartition("/")
    return parent if "." in name and rest else place


def closed_folder(folder: Folder, user: str) -> Cause:
    """Return what to say of a working folder that its user may not use."""
    return Cause(
        "closed-folder",
        f"Its working folder {folder.path} belongs to {folder.uid}:{folder.gid} with mode {folder.mode:04o}, and it runs as {user}: "
        "it may not use it.",
        "Platforms that pick a uid at random (OpenShift) run with group 0: let the image give the folder to group 0 with "
        "the owner's rights (chgrp -R 0 and chmod -R g=u, or COPY --chown=65532:0 --chmod=0755).",
    )


def may_use(folder: Folder, user: str, groups: tuple[str, ...]) -> bool:
    """Whether UID[:GID] may read and enter a folder. A name that is no number is taken for the owner."""
    uid, _, gid = user.partition(":")
    if not uid.isdigit():
        return True
    if int(uid) == 0:
        return True
    if int(uid) == folder.uid:
        return folder.mode & 0o500 == 0o500
    if str(folder.gid) in (gid or "0", *groups):
        return folder.mode & 0o050 == 0o050
    return folder.mode & 0o005 == 0o005
