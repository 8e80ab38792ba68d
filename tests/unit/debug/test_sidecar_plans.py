"""How a helper is made, which way in is taken, and what a shell is started with."""

import os
import socket
import subprocess

import pytest
from unit.debug.containers_made import details

from slimdesk.basics.owner import is_orphan, owner_mark
from slimdesk.debug.plan import plan
from slimdesk.debug.sidecar import helper_spec, shell_request
from slimdesk.debug.survey import SCRIPT, Survey, parse
from slimdesk.debug.toolboxes import DEFAULT, TOOLBOXES, candidates
from slimdesk.debug.ways import Rights, choose, rights
from slimdesk.engine.model import LABEL_HELPER

SAID = "self 7\ninit 1\napp 6\npath /proc/7/root/bin\nshell /bin/sh\nroot yes\nfiles yes\nready\n"
SURVEY = Survey(own=7, init=1, app=6, root=True, files="yes", path="/proc/7/root/bin", shell="/bin/sh")


def test_the_survey_is_read():
    assert parse(SAID) == SURVEY
    assert parse(SAID.replace("files yes", "files dynamic")).files == "dynamic"


@pytest.mark.parametrize(
    "said",
    [
        "",
        "ready",
        SAID.replace("ready", ""),
        SAID.replace("self 7", "self -7"),
        SAID.replace("app 6", "app 6/../1"),
        "\0" * 100,
    ],
)
def test_a_survey_that_is_not_whole_is_none(said):
    assert parse(said) is None


def test_what_comes_first_counts_and_nothing_is_replaced_later():
    assert parse(SAID + "app 1\nready\n").app == 6


def test_the_script_is_one_that_a_shell_takes():
    done = subprocess.run(["sh", "-n"], input=SCRIPT, text=True, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_script_finds_this_process_by_its_control_group(tmp_path):
    # No container is named so: what is given for that case is taken.
    words = ["sh", "-s", "no-such-container", str(os.getpid())]
    done = subprocess.run(words, input=SCRIPT, text=True, capture_output=True, check=True)
    found = parse(done.stdout)
    assert (found.init, found.app) == (os.getpid(), os.getpid())
    assert found.shell.endswith("/sh")


def test_a_helper_shares_processes_and_network_and_ends_with_its_input():
    spec = helper_spec(details(), "box:1", Rights("0:0", ("SYS_PTRACE",)), "helper")
    beside = "container:" + "c" * 64
    assert (spec.pid_mode, spec.network, spec.ipc_mode) == (beside, beside, None)
    assert (spec.stdin_open, spec.auto_remove, spec.tty) == (True, True, False)
    assert (spec.user, spec.cap_add) == ("0:0", ("SYS_PTRACE",))
    assert spec.labels[LABEL_HELPER] == owner_mark()


def test_what_the_target_shares_is_shared_where_the_engine_allows_it():
    target = details(ipc_mode="shareable", userns_mode="host", app_armor="unconfined", pid_mode="host")
    spec = helper_spec(target, "box:1", Rights("0:0", ()), "helper")
    assert spec.ipc_mode == "container:" + "c" * 64
    assert spec.userns_mode == "host"
    assert spec.security == ("apparmor=unconfined",)
    assert spec.command[1] == "4711"


@pytest.mark.parametrize(
    ("user", "second"),
    [("65532:65532", "65532:65532"), ("65532", "65532:65532"), ("", None), ("nobody", None), ("1;x", None)],
)
def test_less_is_asked_for_where_an_engine_refuses_the_most(user, second):
    found = rights(details(user=user))
    assert found[0] == Rights("0:0", ("SYS_PTRACE",))
    assert [one.user for one in found[1:]] == ([second] if second else [])
    assert all(one.cap_add == () for one in found[1:])


def survey(files="yes", *, root=True):
    return Survey(7, 1, 1, root, files, "/proc/7/root/bin", "/bin/sh")


@pytest.mark.parametrize(
    ("found", "wanted", "way", "word"),
    [
        (survey(), None, "files", "are at /, and the tools"),
        (survey(), "files", "files", "nothing is written"),
        (survey(), "tools", "tools", "/proc/1/root"),
        (survey("dynamic"), "files", "tools", "need libraries"),
        (survey("no-chroot"), None, "tools", "no chroot"),
        (survey("forbidden"), None, "tools", "does not let a helper change"),
        (survey("forbidden", root=False), None, "tools", "does not let a helper look"),
    ],
)
def test_the_way_in_and_its_reason(found, wanted, way, word):
    chosen = choose(details(), found, "box:1", wanted)
    assert chosen.way == way
    assert word in chosen.reason
    assert chosen.reason.endswith(".")


def test_a_read_only_root_is_said_to_stay_as_it_is():
    assert "read-only" in choose(details(read_only=True), survey(), "box:1").reason


def test_a_shell_among_the_targets_files_has_tools_first_and_its_working_folder():
    wanted = shell_request(details(), SURVEY, "files")
    assert wanted.command[:3] == ("chroot", "/proc/6/root", "/proc/7/root/bin/sh")
    assert wanted.command[-1] == "/app"
    assert wanted.environment["PATH"] == "/proc/7/root/bin:/app/bin"
    assert wanted.tty


def test_a_shell_among_the_tools_knows_where_the_files_are():
    wanted = shell_request(details(name="sh'op\x1b]0;x$(id)"), SURVEY, "tools")
    assert wanted.environment["ROOT"] == "/proc/6/root"
    # A prompt is read by the shell: nothing of a name may mean something to it.
    assert wanted.environment["PS1"] == "shop0xid (tools):$PWD# "


def test_the_plan_says_the_way_as_far_as_it_is_known():
    assert plan(details(), DEFAULT).way == "files"
    assert plan(details(), DEFAULT, "tools").way == "tools"
    other = plan(details(pid_mode="host"), "debian:trixie")
    assert (other.way, other.pid) == ("tools", 4711)
    assert "4711" in other.reason
    assert plan(details(), "debian:trixie", "files").way == "files"


def test_orphans_are_those_of_this_machine_whose_process_is_gone():
    assert not is_orphan(owner_mark())
    child = subprocess.Popen(["true"])
    child.wait()
    assert is_orphan(f"{socket.gethostname()}/{child.pid}")
    assert not is_orphan(f"other-machine/{child.pid}")
    assert not is_orphan("")
    assert not is_orphan(f"{socket.gethostname()}/x")


def test_what_could_take_a_toolboxes_place_is_ranked():
    tags = [
        "mysql:8",
        "debian:trixie",
        "x/y:debug-nonroot",
        "cgr.dev/chainguard/go:latest-dev",
        "my/busybox:2",
        DEFAULT,
        "alpine:3.24",
    ]
    found = candidates(tags, "alpine:3.24")
    assert found[:3] == (DEFAULT, "my/busybox:2", "debian:trixie")
    assert set(found[3:]) == {"x/y:debug-nonroot", "cgr.dev/chainguard/go:latest-dev"}
    assert TOOLBOXES[0].static
