"""Why a container does not run, in a sentence with its fix: from an exit code, a refusal of the kubelet, or a reason word.

Sources: codes 126, 127 and 128+n of POSIX (XCU 2.8.2), signal(7); `docker run`'s exit status (docs.docker.com, 125 to 127);
reasons of containers in kubernetes pkg/kubelet (images/types.go, container/sync_result.go, kuberuntime).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from slimdesk.basics.escaping import visible

_SIGNALS = {
    1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE",
    9: "SIGKILL", 11: "SIGSEGV", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM", 31: "SIGSYS",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cause:
    """Why it does not run: a stable word, a sentence, and what to do (a sentence, may be empty)."""

    kind: str
    message: str
    fix: str = ""

    def __str__(self) -> str:
        """Both sentences."""
        return f"{self.message} {self.fix}".strip()


_CODES = {
    0: Cause(
        "ended",
        "It ended by itself and without an error.",
        "A service must stay in the foreground: start the server itself, not a script that puts it in the background. "
        "Kubernetes restarts what ends, unless it is a Job.",
    ),
    125: Cause(
        "not-created",
        "Exit code 125: the engine could not make the container, nothing of it ran.",
        "Read what `docker run` says: an option, a mount or a port that it refuses.",
    ),
    126: Cause(
        "not-executable",
        "Exit code 126: its program was found and may not be executed: no execute permission, or a folder.",
        "Set the mode in the image (COPY --chmod=0755), and see that the user that it runs as may read it.",
    ),
    127: Cause(
        "no-program",
        "Exit code 127: its program, or one that its start script calls, is not in the image or not on PATH.",
        "See whether the path in ENTRYPOINT or command is right. A slim image has no shell and no tools: name the "
        "program itself as a JSON list, or take a family that has what the script calls.",
    ),
    128: Cause(
        "no-start",
        "Exit code 128: the container could not be started, or its program gave an exit code that is none.",
        "Read the message beside the code: mostly the program, its interpreter or the working folder is missing.",
    ),
    130: Cause("interrupted", "Exit code 130: it was interrupted from a terminal (SIGINT).", ""),
    134: Cause(
        "aborted",
        "Exit code 134: it aborted itself (SIGABRT), as the C library does for a broken heap and runtimes for a fatal error.",
        "Read the last lines of its log.",
    ),
    137: Cause(
        "killed",
        "Exit code 137: it was killed (SIGKILL). Mostly it used more memory than its limit; else it did not end in time "
        "after SIGTERM, or a liveness probe failed.",
        "`kubectl describe pod` says OOMKilled in the first case: raise the memory limit, or give the runtime less heap. "
        "Else let it handle SIGTERM.",
    ),
    139: Cause(
        "crashed",
        "Exit code 139: it crashed (SIGSEGV). In a slim image that is mostly a library that was built for another C "
        "library (glibc against musl) or another release.",
        "Build on the release that the image runs, or take a glibc family instead of Alpine.",
    ),
    143: Cause(
        "stopped",
        "Exit code 143: it was told to end (SIGTERM) and did.",
        "That is how a container is stopped. If nobody stopped it, see whether a liveness probe failed or the node was drained.",
    ),
}  # fmt: skip


def of_exit_code(code: int, *, oom: bool = False) -> Cause:
    """Return what an exit code means. `oom`: the kernel ended it for its memory, as the engine or Kubernetes said."""
    if oom:
        return Cause(
            "out-of-memory",
            "The kernel ended it: it used more memory than its limit.",
            "Raise the memory limit, or give the runtime less: -XX:MaxRAMPercentage=75 for Java, --max-old-space-size "
            "for Node.js, GOMEMLIMIT for Go, fewer workers for Python.",
        )
    known = _CODES.get(code)
    if known is not None:
        return known
    signal = code - 128
    if 0 < signal < 65:
        name = _SIGNALS.get(signal, f"signal {signal}")
        return Cause(
            "signalled", f"Exit code {code}: it was ended by {name}.", "Read the last lines of its log."
        )
    return Cause(
        "ended",
        f"Exit code {code}: its own program ended with it.",
        "The reason is in its log: `docker logs`, or `kubectl logs --previous`.",
    )


# What the kubelet says before a container exists: (pattern, kind, sentence, fix). {0} is the pattern's first group.
_REFUSALS: tuple[tuple[re.Pattern[str], str, str, str], ...] = tuple(
    (re.compile(pattern), kind, message, fix)
    for pattern, kind, message, fix in (
        (
            r"exec failed[^\n]{0,200}exec: \"(?:/(?:usr/)?bin/)?((?:ba|a|da|z)?sh)\"",
            "no-shell-inside",
            "The image has no {0}: exec starts what it names inside of the image.",
            "Open a shell beside the container: slimdesk debug NAME for one that runs here, kubectl debug for one in a cluster.",
        ),
        (
            r"container not found \(\"([^\"]+)\"\)",
            "not-running",
            "The container {0} does not run at the moment, so nothing can be started in it.",
            "See why it ended: `kubectl describe pod`, `kubectl logs --previous`.",
        ),
        (
            r"error mounting \"([^\"]+)\"[^\n]*not a directory",
            "mount-mismatch",
            "{0} cannot be mounted where it should be: one of the two is a folder and the other a file.",
            "See whether the path exists on this machine: an engine makes a folder of what is missing.",
        ),
        (
            r"(?i)failed (?:to )?create pod sandbox|failed to start sandbox container",
            "node",
            "The node could not set up the pod, before any of its containers was started: the image is not at fault.",
            "See whether the node's container runtime and its network plugin are in order, or move the pod to another node.",
        ),
        (
            r"Insufficient ([\w./-]*\w)",
            "no-node",
            "No node takes the pod: none has enough {0} left for what it requests.",
            "Lower resources.requests, or make room on a node.",
        ),
        (
            r"unbound immediate PersistentVolumeClaims?",
            "no-claim",
            "No node takes the pod: a PersistentVolumeClaim of it is bound to no volume.",
            "See `kubectl get pvc`: the storage class may be missing, or no volume is large enough.",
        ),
        (
            r"untolerated taint|didn't tolerate|didn't match Pod's node affinity|didn't match node selector",
            "no-node",
            "No node takes the pod: its nodeSelector, affinity or tolerations fit none.",
            "Compare them with `kubectl get nodes --show-labels` and the nodes' taints.",
        ),
        (
            r"non-numeric user \(([^)]*)\)",
            "named-user",
            'runAsNonRoot is set and the image runs as "{0}", a name: Kubernetes cannot verify that a name is not root.',
            "Write the number into the image (USER 65532:65532), or set runAsUser in the manifest.",
        ),
        (
            r"image will run as root|runAsUser breaks non-root policy",
            "root-user",
            "runAsNonRoot is set and the container would run as root: Kubernetes refuses it.",
            "Give the image a numeric user (USER 65532:65532), or set runAsUser to a number above 0.",
        ),
        (
            r"couldn't find key ([^\s]+) in (?:ConfigMap|Secret) ([^\s\"]+)",
            "missing-key",
            "The key {0} is not in {1}, so the container is not made.",
            "Add the key, correct its name in the manifest, or mark the reference `optional: true`.",
        ),
        (
            r"(configmap|secret) \"([^\"]+)\" not found",
            "missing-object",
            "The {0} {1} does not exist in the pod's namespace, so the container is not made.",
            "Create it, correct its name, or mark the reference `optional: true`.",
        ),
        (
            r"references non-existent (?:secret|config) key: ([^\s\"]+)",
            "missing-key",
            "The key {0} is not in the Secret or ConfigMap that is mounted, so the container is not made.",
            "Add the key, correct its name under items, or mark the volume `optional: true`.",
        ),
        (
            r"MountVolume\.SetUp failed for volume \"([^\"]+)\"",
            "no-volume",
            "The volume {0} could not be mounted.",
            "See whether the ConfigMap, Secret or claim that it names exists in the namespace.",
        ),
        (
            r"violates PodSecurity \"([^\"]+)\"",
            "not-admitted",
            "The namespace's Pod Security standard ({0}) does not admit this pod.",
            "Set what the message names: runAsNonRoot, allowPrivilegeEscalation: false, capabilities drop ALL, seccompProfile RuntimeDefault.",
        ),
        (
            r"exceeded quota: ([^,\s]+)",
            "quota",
            "The namespace's quota {0} is used up.",
            "Ask for less in resources, or raise the quota.",
        ),
        (
            r"no match for platform in manifest|no matching manifest for ([\w/]+)",
            "wrong-platform",
            "The image was not built for the node's processor.",
            "Build it for that platform (slimdesk build --platform linux/arm64).",
        ),
        (
            r"(?:401|403)\b[^\n]{0,60}(?:Unauthorized|Forbidden)|pull access denied|authentication required|authorization failed",
            "no-access",
            "The registry does not give the image without a login.",
            "Name an imagePullSecret that may read it, and see that the image's name is right.",
        ),
        (
            r"manifest (?:for [^\s]+ )?(?:unknown|not found)|(?:pull|resolve|reference)\b[^\n]{0,400}: not found$|manifest unknown",
            "no-image",
            "The registry has no image of that name and tag.",
            "See whether the tag was pushed, and whether the name is spelled as it is in the registry.",
        ),
    )
)


def of_refusal(message: str) -> Cause | None:
    """Return what a message of the kubelet or the API server means; None if it is none that is known."""
    for pattern, kind, sentence, fix in _REFUSALS:
        match = pattern.search(message)
        if match:
            groups = [visible(group, 80) for group in match.groups() if group] + ["", ""]
            return Cause(kind, sentence.format(*groups), fix)
    return None


def of_probe(kind: str, message: str) -> Cause:
    """Return what a failing probe means; `message` is the kubelet's, or ours."""
    consequence = {
        "startup": "Kubernetes kills it and starts it again",
        "liveness": "Kubernetes kills it and starts it again",
    }.get(kind, "It gets no traffic")
    if re.search(r"executable file not found|no such file or directory", message):
        return Cause(
            "probe-program",
            f"The {kind} probe starts a program that is not in the image. {consequence}.",
            "A slim image has no shell and no curl: use httpGet, tcpSocket or grpc, which need nothing in the image.",
        )
    if re.search(r"connection refused", message):
        return Cause(
            "probe-refused",
            f"The {kind} probe finds nobody listening on its port. {consequence}.",
            "See whether the port is right, whether it listens on 0.0.0.0 and not on 127.0.0.1, and give it time with a startupProbe.",
        )
    status = re.search(r"statuscode: (\d{3})|HTTP (\d{3})", message)
    if status:
        number = status.group(1) or status.group(2)
        return Cause(
            "probe-status",
            f"The {kind} probe's path answers with HTTP {number}. {consequence}.",
            "See whether the path is right and asks for no login; any status from 200 to 399 passes.",
        )
    if re.search(r"(?i)timeout|deadline exceeded|timed out", message):
        return Cause(
            "probe-timeout",
            f"The {kind} probe gets no answer in its timeout. {consequence}.",
            "Raise timeoutSeconds (it is 1 s where the manifest is silent), or give it more processor time.",
        )
    return Cause(
        "probe-failed",
        f"The {kind} probe fails: {visible(message, 200)}. {consequence}.",
        "Run what it asks by hand.",
    )
