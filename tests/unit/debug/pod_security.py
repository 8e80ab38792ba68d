"""The restricted Pod Security Standard as a checker, and what `kubectl debug` makes of its arguments; for tests.

Rules: kubernetes.io/docs/concepts/security/pod-security-standards (Baseline and Restricted, v1.34). What kubectl makes: its
pkg/cmd/debug/debug.go (generateDebugContainer, applyCustomProfileEphemeral) and profiles.go. What the kubelet refuses:
pkg/kubelet/kuberuntime/security_context_others.go.
"""

import argparse
import copy
import json

VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
SYSCTLS = {
    "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start", "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes",
}  # fmt: skip
SECCOMP = ("RuntimeDefault", "Localhost")


def denied(spec):
    """Why the restricted standard does not admit this pod spec; empty where it does."""
    found = [f"{key} is set" for key in ("hostNetwork", "hostPID", "hostIPC") if spec.get(key)]
    pod = spec.get("securityContext") or {}
    for volume in spec.get("volumes", ()):
        found += [f"volume {kind}" for kind in volume if kind != "name" and kind not in VOLUMES]
    found += [f"sysctl {one['name']}" for one in pod.get("sysctls", ()) if one["name"] not in SYSCTLS]
    for key in ("initContainers", "containers", "ephemeralContainers"):
        for container in spec.get(key, ()):
            found += [f"{container['name']}: {why}" for why in _denied_container(container, pod)]
    if pod.get("runAsUser") == 0:
        found.append("the pod runs as user 0")
    return found


def _denied_container(container, pod):
    own = container.get("securityContext") or {}
    capabilities = own.get("capabilities") or {}
    if own.get("privileged"):
        yield "privileged"
    if own.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation is not false"
    if "ALL" not in capabilities.get("drop", ()):
        yield "capabilities are not dropped"
    for added in capabilities.get("add", ()):
        if added != "NET_BIND_SERVICE":
            yield f"capability {added} is added"
    if own.get("runAsNonRoot", pod.get("runAsNonRoot")) is not True:
        yield "runAsNonRoot is not true"
    if own.get("runAsUser") == 0:
        yield "it runs as user 0"
    seccomp = (own.get("seccompProfile") or pod.get("seccompProfile") or {}).get("type")
    if seccomp not in SECCOMP:
        yield "no seccomp profile"
    if own.get("procMount", "Default") != "Default":
        yield "procMount"
    for port in container.get("ports", ()):
        if port.get("hostPort"):
            yield "hostPort"
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        handler = container.get(probe) or {}
        if any((handler.get(how) or {}).get("host") for how in ("httpGet", "tcpSocket")):
            yield f"{probe} names a host"


def kubelet_refuses(spec, container, image_user):
    """What the kubelet says of runAsNonRoot before it makes a container of an image that runs as `image_user`."""
    pod, own = spec.get("securityContext") or {}, container.get("securityContext") or {}
    if own.get("runAsNonRoot", pod.get("runAsNonRoot")) is not True:
        return None
    user = own.get("runAsUser", pod.get("runAsUser"))
    if user is not None:
        return "container's runAsUser breaks non-root policy" if user == 0 else None
    name = image_user.partition(":")[0]
    if name.isdigit():
        return "container has runAsNonRoot and image will run as root" if int(name) == 0 else None
    if name:
        return f"container has runAsNonRoot and image has non-numeric user ({name}), cannot verify user is non-root"
    return "container has runAsNonRoot and image will run as root"


def debugged(argv, files, pod):
    """The pod spec that this call of kubectl would send for the pod named in it; raises for what kubectl refuses."""
    words, _, command = (list(argv[:argv.index("--")]), "--", list(argv[argv.index("--") + 1 :])) if "--" in argv else (list(argv), "", [])  # fmt: skip
    assert words[:2] == ["kubectl", "debug"]
    parser = argparse.ArgumentParser(exit_on_error=False, allow_abbrev=False)
    parser.add_argument("-it", action="store_true")
    parser.add_argument("-n", "--namespace")
    parser.add_argument("pod")
    for name in ("image", "target", "profile", "custom", "copy-to", "container", "set-image"):
        parser.add_argument(f"--{name}")
    args = parser.parse_args(words[2:])
    assert not (args.target and args.copy_to), "--target is incompatible with --copy-to"
    custom = json.loads(files[args.custom]) if args.custom else {}
    assert not {"name", "command", "image", "lifecycle", "volumeDevices"} & set(custom)
    spec = copy.deepcopy(pod)
    if args.copy_to:
        made = next(one for one in spec["containers"] if one["name"] == args.container)
        name, _, image = args.set_image.partition("=")
        assert name == args.container
        made["image"], made["command"] = image, command
        spec["shareProcessNamespace"] = True
        for one in spec["containers"]:
            for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
                one.pop(probe, None)
    else:
        assert args.target in {one["name"] for one in spec["containers"]}
        made = {"name": "debugger-1", "image": args.image, "command": command, "stdin": args.it, "tty": args.it,
                "targetContainerName": args.target}  # fmt: skip
        spec.setdefault("ephemeralContainers", []).append(made)
    _profile(made, args.profile or "general")
    _merge(made, custom)
    return spec, made


def _profile(container, name):
    if name == "restricted":
        container["securityContext"] = {
            "runAsNonRoot": True, "capabilities": {"drop": ["ALL"]}, "allowPrivilegeEscalation": False,
            "seccompProfile": {"type": "RuntimeDefault"},
        }  # fmt: skip
    elif name == "general":
        capabilities = container.setdefault("securityContext", {}).setdefault("capabilities", {})
        capabilities["add"] = [*capabilities.get("add", ()), "SYS_PTRACE"]
    else:
        raise AssertionError(f"no profile {name} here")


def _merge(into, patch):
    """A strategic merge, as far as a partial container needs it: objects are merged, everything else is replaced."""
    for key, value in patch.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value
