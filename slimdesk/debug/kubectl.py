"""`kubectl debug` lines: an ephemeral container beside the target, or a copy of the pod with a debug image.

What a profile does to the new container is kubernetes pkg/cmd/debug/profiles.go of kubectl (2026-01): `general`, the default,
adds SYS_PTRACE; `restricted` drops all capabilities, forbids root and escalation, and takes RuntimeDefault. A partial
container in a file (`--custom`) is merged over it, and says as which user it runs: the flag --user does not exist.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from slimdesk.basics.escaping import shell_word
from slimdesk.debug.pod import Pod, PodContainer

PROFILE_FILE = "slimdesk-debug-profile.json"
_DEBUG_USER = 65532


@dataclass(frozen=True, slots=True)
class PodTarget:
    """A container of a pod in a cluster. `user` is UID[:GID] that it runs as, "" = root or not known.

    `restricted`: its namespace admits pods of the restricted standard alone, or the pod is set to run as non-root.
    """

    pod: str
    container: str
    namespace: str = ""
    user: str = ""
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class KubectlCommand:
    """The words of one call, the text of the custom profile that it reads (None without), and the line to copy."""

    argv: tuple[str, ...]
    line: str
    profile: str | None = None
    reason: str = ""


def target_of(pod: Pod, container: PodContainer, user: str) -> PodTarget:
    """Return where a manifest's container runs; the pods of a Deployment have names of their own: POD, to be filled in."""
    return PodTarget(
        pod=pod.name if pod.kind == "Pod" else "POD",
        container=container.name,
        namespace=pod.namespace if pod.namespace != "default" else "",
        user=user,
        restricted=container.security.non_root,
    )


def ephemeral(target: PodTarget, toolbox: str, shell: str = "sh") -> KubectlCommand:
    """Return the call that puts a container with tools beside the target; the pod is not restarted.

    A target that runs as a number gets a profile file: a toolbox runs as root, which a pod with runAsNonRoot refuses, and
    /proc/1/root can be read only as the same user and group.
    """
    uid, gid = _ids(target.user)
    plain = not target.restricted and uid == 0
    argv = [
        "kubectl",
        "debug",
        "-it",
        *_namespace(target),
        target.pod,
        f"--image={toolbox}",
        f"--target={target.container}",
    ]
    if plain:
        argv += ["--profile=general", "--", shell]
        return KubectlCommand(
            tuple(argv),
            _line(argv),
            reason="It shares the target's processes; its files are at /proc/1/root.",
        )
    profile = profile_text(uid or _DEBUG_USER, gid if uid else _DEBUG_USER)
    argv += ["--profile=restricted", f"--custom={PROFILE_FILE}", "--", shell]
    return KubectlCommand(
        tuple(argv),
        f"{_write(profile)} && {_line(argv)}",
        profile,
        f"It runs as {uid or _DEBUG_USER}:{gid if uid else _DEBUG_USER} with no rights: what the restricted standard admits, and what "
        "may read /proc/1/root of a target with that user and group.",
    )


def copy(target: PodTarget, debug_image: str, shell: str = "/busybox/sh") -> KubectlCommand:
    """Return the call that starts a copy of the pod with the debug variant in place of the image, and a shell in it.

    The copy has the pod's variables and volumes, no probes and no labels, so that no Service sends it traffic. It is for
    a pod that crashes: an ephemeral container has nothing to share there. Remove it with `kubectl delete pod`.
    """
    uid, gid = _ids(target.user)
    argv = [
        "kubectl", "debug", "-it", *_namespace(target), target.pod, f"--copy-to={target.pod}-debug",
        f"--container={target.container}", f"--set-image={target.container}={debug_image}",
    ]  # fmt: skip
    if not target.restricted and uid == 0:
        argv += ["--profile=general", "--", shell]
        return KubectlCommand(
            tuple(argv), _line(argv), reason="The image's entry point is held: the shell stands in its place."
        )
    profile = profile_text(uid or _DEBUG_USER, gid if uid else _DEBUG_USER)
    argv += ["--profile=restricted", f"--custom={PROFILE_FILE}", "--", shell]
    return KubectlCommand(
        tuple(argv),
        f"{_write(profile)} && {_line(argv)}",
        profile,
        "The image's entry point is held: the shell stands in its place, as the same user.",
    )


def profile_text(uid: int, gid: int) -> str:
    """Return the custom profile: a partial container that the restricted standard admits, run as uid:gid."""
    context = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "runAsGroup": gid,
        "runAsNonRoot": True,
        "runAsUser": uid,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    return json.dumps({"securityContext": context})


def _ids(user: str) -> tuple[int, int]:
    uid, _, gid = user.partition(":")
    if not uid.isdigit():
        # A name: which number it has is not known here; distroless and Chainguard call 65532 nonroot.
        return (_DEBUG_USER, _DEBUG_USER) if uid not in ("", "root") else (0, 0)
    # `USER 65532` alone: the group comes from the image's /etc/passwd, where such users have one of their own number.
    return int(uid), int(gid) if gid.isdigit() else int(uid)


def _namespace(target: PodTarget) -> list[str]:
    return ["-n", target.namespace] if target.namespace else []


def _write(profile: str) -> str:
    return f"printf %s {shell_word(profile)} > {PROFILE_FILE}"


def _line(words: list[str]) -> str:
    return " ".join(shell_word(word) for word in words)
