"""The words that `kubectl get pod` shows in STATUS, and reasons of states and events: what each means and what helps.

Sources: kubernetes pkg/kubelet/images/types.go, pkg/kubelet/container/sync_result.go, pkg/kubelet/events/event.go.
"""

from __future__ import annotations

from slimdesk.debug.causes import Cause

# Told by what stands beside them in the text, if it is known; else by these.
STATUS = {
    "OOMKilled": Cause(
        "out-of-memory",
        "The kernel ended it: it used more memory than its limit.",
        "Raise resources.limits.memory, or give the runtime less: -XX:MaxRAMPercentage=75 for Java, --max-old-space-size "
        "for Node.js, GOMEMLIMIT for Go, fewer workers for Python.",
    ),
    "CreateContainerConfigError": Cause(
        "config",
        "Kubernetes could not put the container's settings together, so it was not made.",
        "The event beside it names what is missing: a ConfigMap, a Secret, a key in one, or a numeric user.",
    ),
    "CreateContainerError": Cause(
        "not-created",
        "The container runtime could not make the container.",
        "The event beside it says why: mostly a mount, a device, or a program that is not in the image.",
    ),
    "RunContainerError": Cause(
        "no-start",
        "The container was made and could not be started.",
        "The event beside it says why: mostly the program, its interpreter or the working folder is missing.",
    ),
    "StartError": Cause(
        "no-start",
        "The container was made and could not be started.",
        "Its message says why: mostly the program, its interpreter or the working folder is missing.",
    ),
    "ContainerCannotRun": Cause(
        "no-start",
        "The container was made and its program could not be run.",
        "Its message says why: mostly the program or its interpreter is not in the image.",
    ),
    "ImagePullBackOff": Cause(
        "no-image",
        "The node could not fetch the image.",
        "The event beside it says why: a wrong name or tag, a login that is missing, or another processor.",
    ),
    "ErrImagePull": Cause(
        "no-image",
        "The node could not fetch the image.",
        "The event beside it says why: a wrong name or tag, a login that is missing, or another processor.",
    ),
    "ErrImageNeverPull": Cause(
        "no-image",
        "The image is not on the node, and imagePullPolicy: Never forbids to fetch it.",
        "Load it into the node (kind load docker-image, minikube image load), or set IfNotPresent.",
    ),
    "InvalidImageName": Cause(
        "no-image", "The image's name cannot be read.", "Write it as registry/name:tag, without https://."
    ),
    "CrashLoopBackOff": Cause(
        "crash-loop",
        "It ends again and again; Kubernetes waits longer before each new start.",
        "The last state beside it has the exit code, and `kubectl logs --previous` what it said.",
    ),
    "Evicted": Cause(
        "evicted",
        "The node sent the pod away, because it ran short of memory or disk.",
        "Set requests that the pod really needs; a sizeLimit on an emptyDir counts as well.",
    ),
    "DeadlineExceeded": Cause(
        "deadline",
        "It ran longer than activeDeadlineSeconds allows.",
        "Raise it, or see why the job does not end.",
    ),
    "FailedScheduling": Cause(
        "not-scheduled",
        "No node takes the pod.",
        "The event names what the nodes lack: processors, memory, a label, a toleration or a volume.",
    ),
    "FailedMount": Cause(
        "no-volume",
        "A volume could not be mounted, so the pod waits.",
        "See whether the ConfigMap, Secret or claim that it names exists in the namespace.",
    ),
}  # fmt: skip
