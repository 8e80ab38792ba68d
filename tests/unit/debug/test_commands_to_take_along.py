"""The commands that are shown: exact words, quoting, and pods that the restricted standard admits."""

import json
import os
import shlex
import stat
import subprocess
import sys

import pytest
from unit.debug import pod_security as security

from slimdesk.debug.commands import commands_for
from slimdesk.debug.kubectl import PROFILE_FILE, PodTarget, copy, ephemeral
from slimdesk.debug.ways import Rights
from slimdesk.engine.details import parse_details
from slimdesk.engine.model import ContainerRecord

POD = {
    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    "containers": [
        {
            "name": "web",
            "image": "shop/web:1",
            "livenessProbe": {"httpGet": {"path": "/", "port": 8080}},
            "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "runAsUser": 65532, "runAsGroup": 65532},
        }
    ],
}  # fmt: skip
TOOLBOX_USER = "0"  # busybox, Alpine and netshoot run as root


def _target(user="65532:65532", name="web-1", **host):
    record = ContainerRecord(
        container_id="c" * 64, name=name, image="shop/web:1", image_id="sha256:1", state="running", exit_code=None, error="", oom=False,
        ip=None, ports={}, user=user, created_at=None, started_at=None, finished_at=None,
    )  # fmt: skip
    return parse_details(record, {"Config": {"Env": ["A=b"]}, "HostConfig": host})


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    """A `kubectl` on PATH that writes down what it was called with, and the profile that it was given."""
    script = tmp_path / "kubectl"
    log = tmp_path / "called.json"
    script.write_text(
        f"#!{sys.executable}\nimport json, sys, pathlib\n"
        "files = {a.split('=', 1)[1]: pathlib.Path(a.split('=', 1)[1]).read_text() for a in sys.argv if a.startswith('--custom=')}\n"
        f"pathlib.Path({str(log)!r}).write_text(json.dumps([['kubectl', *sys.argv[1:]], files]))\n"
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)

    def run(line):
        done = subprocess.run(
            ["/bin/sh", "-c", line], capture_output=True, text=True, timeout=30, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(log.read_text())

    return run


def test_the_checker_knows_what_the_standard_forbids():
    assert security.denied(POD) == []
    plain = {"containers": [{"name": "web", "image": "x"}]}
    assert len(security.denied(plain)) == 4
    assert security.denied(
        {**POD, "hostPID": True, "volumes": [{"name": "v", "hostPath": {"path": "/"}}]}
    ) == [
        "hostPID is set",
        "volume hostPath",
    ]


@pytest.mark.parametrize("user", ["65532:65532", "65532", "1000:3000", "nonroot"])
def test_a_container_beside_a_pod_that_is_not_root_is_admitted(recorded, user):
    command = ephemeral(PodTarget("web-1", "web", "shop", user, restricted=True), "busybox:1-musl")
    argv, files = recorded(command.line)
    assert tuple(argv) == command.argv
    assert argv == [
        "kubectl", "debug", "-it", "-n", "shop", "web-1", "--image=busybox:1-musl", "--target=web", "--profile=restricted",
        f"--custom={PROFILE_FILE}", "--", "sh",
    ]  # fmt: skip
    assert files == {PROFILE_FILE: command.profile}
    spec, made = security.debugged(argv, files, POD)
    assert security.denied(spec) == []
    assert security.kubelet_refuses(spec, made, TOOLBOX_USER) is None
    uid, _, gid = {"nonroot": "65532:65532", "65532": "65532:65532"}.get(user, user).partition(":")
    context = made["securityContext"]
    # Both must be the target's own, or its files at /proc/1/root are denied.
    assert (context["runAsUser"], context["runAsGroup"]) == (int(uid), int(gid))


def test_busybox_with_the_general_profile_is_refused_in_such_a_pod():
    argv = (
        "kubectl",
        "debug",
        "-it",
        "web-1",
        "--image=busybox:1-musl",
        "--target=web",
        "--profile=general",
        "--",
        "sh",
    )
    spec, made = security.debugged(argv, {}, POD)
    assert (
        security.kubelet_refuses(spec, made, TOOLBOX_USER)
        == "container has runAsNonRoot and image will run as root"
    )
    assert "debugger-1: capability SYS_PTRACE is added" in security.denied(spec)


def test_the_restricted_profile_alone_is_refused_for_a_toolbox_that_runs_as_root():
    argv = (
        "kubectl",
        "debug",
        "-it",
        "web-1",
        "--image=busybox:1-musl",
        "--target=web",
        "--profile=restricted",
        "--",
        "sh",
    )
    spec, made = security.debugged(argv, {}, POD)
    assert security.denied(spec) == []
    assert (
        security.kubelet_refuses(spec, made, TOOLBOX_USER)
        == "container has runAsNonRoot and image will run as root"
    )


def test_a_root_pod_gets_the_general_profile(recorded):
    command = ephemeral(PodTarget("web-1", "web"), "alpine:3.24")
    argv, files = recorded(command.line)
    assert argv[-3:] == ["--profile=general", "--", "sh"]
    assert files == {}
    _, made = security.debugged(argv, files, {"containers": [{"name": "web", "image": "x"}]})
    assert made["securityContext"] == {"capabilities": {"add": ["SYS_PTRACE"]}}


def test_a_copy_with_the_debug_image_is_admitted_and_has_no_probes(recorded):
    command = copy(PodTarget("web-1", "web", "shop", "65532:65532", restricted=True), "shop/web:1-debug")
    argv, files = recorded(command.line)
    assert "--copy-to=web-1-debug" in argv
    assert "--set-image=web=shop/web:1-debug" in argv
    spec, made = security.debugged(argv, files, POD)
    assert security.denied(spec) == []
    assert security.kubelet_refuses(spec, made, "65532:65532") is None
    assert (made["image"], made["command"]) == ("shop/web:1-debug", ["/busybox/sh"])
    assert "livenessProbe" not in made


def test_docker_lines_share_what_the_target_has():
    found = commands_for(_target(IpcMode="shareable", UsernsMode="host"), "busybox:1-musl", "tools")
    words = shlex.split(found.docker)
    assert words[:8] == [
        "docker",
        "run",
        "--rm",
        "-it",
        "--pid",
        "container:web-1",
        "--network",
        "container:web-1",
    ]
    for pair in (
        ["--ipc", "container:web-1"],
        ["--user", "0:0"],
        ["--cap-add", "SYS_PTRACE"],
        ["--userns", "host"],
    ):
        at = words.index(pair[0])
        assert words[at : at + 2] == pair
    assert words[-1] == "export ROOT=/proc/1/root; exec sh -i"
    assert found.docker_debug == "docker debug web-1"
    assert found.cdebug == "cdebug exec -it --image busybox:1-musl --privileged docker://web-1"


def test_rights_and_process_can_be_others():
    given = Rights("65532:65532", ())
    words = shlex.split(commands_for(_target(), "busybox:1-musl", "files", pid=4711, given=given).docker)
    assert words[words.index("--user") + 1] == "65532:65532"
    assert "--cap-add" not in words
    assert "chroot /proc/4711/root" in words[-1]


def test_cdebug_is_left_out_where_it_cannot_work_and_a_group_is_asked_for():
    found = commands_for(_target(user="65532", ReadonlyRootfs=True), "busybox:1-musl")
    assert found.cdebug is None
    assert any("read-only" in note for note in found.notes)
    assert any("--user 65532 alone" in note for note in found.notes)
    assert "--privileged" not in commands_for(_target(user=""), "busybox:1-musl").cdebug


@pytest.mark.parametrize("name", ["a b", "x;touch /tmp/y", "$(id)", "it's", 'q"'])
def test_hostile_names_stay_one_word(name, recorded):
    found = commands_for(_target(name=name), "busybox:1-musl")
    assert f"container:{name}" in shlex.split(found.docker)
    command = ephemeral(PodTarget(name, "web", name, "65532:65532"), f"img:{name}")
    argv, _ = recorded(command.line)
    assert argv[4:7] == [name, name, f"--image=img:{name}"]
