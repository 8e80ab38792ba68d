"""What a pasted text or an exit code says about why a container does not run."""

import json

import pytest

from slimdesk.cli import main
from slimdesk.debug.causes import of_exit_code, of_probe
from slimdesk.debug.describe import read_description
from slimdesk.operations.explain_crash import explain

DESCRIBE = """\
Name:             web-7d9c6b8f5-x2k4q
Namespace:        shop
Status:           Running
Containers:
  web:
    Container ID:   containerd://3f2a
    Image:          shop/web:1
    State:          Waiting
      Reason:       {waiting}
      Message:      {message}
    Last State:     Terminated
      Reason:       {last}
      Exit Code:    {code}
      Started:      Sat, 21 Nov 2026 10:00:00 +0000
    Ready:          False
    Restart Count:  7
Conditions:
  Type              Status
  Ready             False
Events:
  Type     Reason     Age                  From               Message
  ----     ------     ----                 ----               -------
  Normal   Scheduled  5m2s                 default-scheduler  Successfully assigned shop/web to node-1
  {event}
"""


def _describe(
    waiting="CrashLoopBackOff",
    message="back-off 5m0s restarting failed container",
    last="Error",
    code=1,
    event="",
):
    return DESCRIBE.format(waiting=waiting, message=message, last=last, code=code, event=event)


def _first(text, **more):
    return explain(text, **more)[0]


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (126, "not-executable", "may not be executed"),
        (127, "no-program", "not in the image"),
        (128, "no-start", "could not be started"),
        (137, "killed", "more memory than its limit"),
        (139, "crashed", "SIGSEGV"),
        (143, "stopped", "SIGTERM"),
        (0, "ended", "without an error"),
        (132, "signalled", "SIGILL"),
        (163, "signalled", "signal 35"),
        (42, "ended", "Exit code 42"),
        (255, "ended", "Exit code 255"),
    ],
)
def test_every_exit_code_has_a_sentence(code, kind, words):
    found = of_exit_code(code)
    assert found.kind == kind
    assert words in found.message
    assert explain(str(code))[0].cause == found
    assert explain("", code)[0].cause == found


@pytest.mark.parametrize("text", ["137", "exit code 137", "Exit Code: 137", "exited (137)", "-9"])
def test_a_bare_code_is_read_in_many_forms(text):
    assert _first(text).cause.kind == "killed"


def test_killed_for_its_memory():
    found = _first(_describe(last="OOMKilled", code=137))
    assert found.cause.kind == "out-of-memory"
    assert found.container == "web"
    assert "MaxRAMPercentage" in found.cause.fix


def test_the_exit_code_of_the_last_state_stands_for_the_back_off():
    found = explain(_describe(last="Error", code=127))
    assert [one.cause.kind for one in found] == ["no-program"]
    assert found[0].line == 11


@pytest.mark.parametrize(
    ("event", "kind", "words"),
    [
        (
            'Warning  Failed     12s (x7 over 101s)   kubelet            Error: container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root (pod: "web", container: web)',
            "named-user",
            '"app"',
        ),
        (
            "Warning  Failed     12s                  kubelet            Error: container has runAsNonRoot and image will run as root",
            "root-user",
            "run as root",
        ),
        (
            "Warning  Failed     3s (x2 over 4s)      kubelet            Error: couldn't find key databse in Secret shop/keys",
            "missing-key",
            "databse",
        ),
        (
            'Warning  Failed     3s                   kubelet            Error: secret "keys" not found',
            "missing-object",
            "keys",
        ),
        (
            'Warning  FailedMount  3s                 kubelet            MountVolume.SetUp failed for volume "conf" : configmap "web" not found',
            "missing-object",
            "web",
        ),
        (
            'Warning  Unhealthy  3s (x9 over 1m)      kubelet            Liveness probe failed: Get "http://10.0.0.3:8080/": dial tcp 10.0.0.3:8080: connect: connection refused',
            "probe-refused",
            "liveness",
        ),
        (
            "Warning  Unhealthy  3s                   kubelet, node-1    Readiness probe failed: HTTP probe failed with statuscode: 503",
            "probe-status",
            "HTTP 503",
        ),
        (
            'Warning  Unhealthy  3s                   kubelet            Readiness probe errored: rpc error: exec: "curl": executable file not found in $PATH',
            "probe-program",
            "not in the image",
        ),
        (
            'Warning  Failed     3s                   kubelet            Error: failed to create containerd task: OCI runtime create failed: exec: "/bin/sh": stat /bin/sh: no such file or directory: unknown',
            "no-shell",
            "no",
        ),
        (
            'Warning  Failed     3s                   kubelet            Failed to pull image "shop/web:2": rpc error: code = NotFound desc = manifest unknown',
            "no-image",
            "no image of that name",
        ),
        (
            "Warning  Failed     3s                   kubelet            Failed to pull image: 401 Unauthorized",
            "no-access",
            "login",
        ),
        (
            "Warning  FailedScheduling  12s (x3 over 13s)  default-scheduler  0/1 nodes are available: 1 Insufficient memory.",
            "no-node",
            "enough memory left",
        ),
        (
            "Warning  FailedScheduling  2m  default-scheduler  pod has unbound immediate PersistentVolumeClaims",
            "no-claim",
            "PersistentVolumeClaim",
        ),
        (
            'Warning  FailedCreatePodSandBox  18m  kubelet  Failed create pod sandbox: exec: "docker-runc": executable file not found in $PATH',
            "node",
            "the image is not at fault",
        ),
    ],
)
def test_events_say_why(event, kind, words):
    found = _first(_describe("CreateContainerConfigError", "", event=event))
    assert found.cause.kind == kind
    assert words in found.cause.message
    assert found.line == 24


def test_a_message_over_several_lines_is_one():
    text = _describe(
        "RunContainerError",
        'failed to start:\n        exec: "/app/srv": stat /app/srv: no such file or directory',
    )
    assert _first(text).cause.message == "There is no program /app/srv in the image."


@pytest.mark.parametrize(
    ("log", "kind"),
    [
        (
            "starting\nstandard_init_linux.go:228: exec user process caused: exec format error\n",
            "wrong-platform",
        ),
        ("Traceback\nModuleNotFoundError: No module named 'flask'\n", "no-module"),
        ("open /tmp/lock: read-only file system\nbye\n", "read-only"),
        (
            "./app: error while loading shared libraries: libpq.so.5: cannot open shared object file\n",
            "no-library",
        ),
        ("command terminated with exit code 139", "crashed"),
        ("/bin/sh: 1: uvicorn: not found", "no-program"),
        ("env: \u2018node\\r\u2019: No such file or directory", "windows-line-ends"),
        ('Os { code: 13, kind: PermissionDenied, message: "Permission denied" }', "no-permission"),
        (
            "Error response from daemon: Bind for 0.0.0.0:8080 failed: port is already allocated.",
            "port-in-use",
        ),
        ('error: unable to upgrade connection: container not found ("web")', "not-running"),
        (
            'error mounting "/a" to rootfs at "/b": mount /a:/b, flags: 0x5000: not a directory: unknown',
            "mount-mismatch",
        ),
        ('volume "tls" : references non-existent secret key: tls.crt', "missing-key"),
        ("web   0/1   CrashLoopBackOff   7   5m", "crash-loop"),
        ("web   0/1   OOMKilled   7   5m", "out-of-memory"),
    ],
)
def test_logs_and_status_lines_are_read(log, kind):
    assert _first(log).cause.kind == kind


def test_a_shell_that_exec_did_not_find_is_asked_for_beside_the_container():
    said = (
        'OCI runtime exec failed: exec failed: unable to start container process: exec: "sh": executable file '
        "not found in $PATH: unknown\ncommand terminated with exit code 126\n"
    )
    (only,) = explain(said)
    assert only.cause.kind == "no-shell-inside"
    assert "slimdesk debug" in only.cause.fix


def test_what_a_log_tells_comes_with_what_helps():
    assert "COPY --chown" in _first("open /data/app.db: permission denied").cause.fix
    assert "CGO_ENABLED=0" in _first("exec /server: no such file or directory").cause.fix


def test_what_is_not_known_is_not_guessed():
    assert explain("all is well\nlistening on 8080\n") == ()
    assert explain("") == ()


@pytest.mark.parametrize(
    "text",
    ["\x00\x1b[31m" * 1000, "Containers:\n  web:\n" + "    State: Terminated\n      Exit Code: 9999999999\n", "State:" * 100_000,
     "Warning  " * 50_000, "Containers:\n" + "  a:\n    State: x\n" * 30_000, "Name:" + " " * 500_000 + "x",
     "Events:\n" + ("  Warning  x" + " " * 3_000 + "y\n") * 50, ("listen tcp:1 " * 300 + "\n") * 400, "Permission denied " * 200_000],
)  # fmt: skip
def test_hostile_text_ends_soon_and_quietly(text):
    for one in explain(text):
        assert "\x1b" not in one.evidence + one.cause.message


def test_nothing_hostile_gets_into_a_sentence():
    event = "Warning  Failed     12s                  kubelet            Error: image has non-numeric user (a\x1b[31mb\u202e)"
    found = _first(_describe(event=event))
    assert found.cause.kind == "named-user"
    assert "\x1b" not in found.cause.message + found.evidence
    assert "\u202e" not in found.cause.message + found.evidence


def test_states_know_their_container_and_events_their_kind():
    found = read_description(
        _describe(event="Warning  BackOff    2s (x8 over 90s)     kubelet            Back-off restarting")
    )
    assert [(state.container, state.name, state.exit_code, state.last) for state in found.states] == [
        ("web", "Waiting", None, False),
        ("web", "Terminated", 1, True),
    ]
    assert [(event.kind, event.reason) for event in found.events] == [
        ("Normal", "Scheduled"),
        ("Warning", "BackOff"),
    ]
    assert found.pod == "web-7d9c6b8f5-x2k4q"


def test_a_probe_that_is_not_understood_keeps_its_words():
    assert "odd thing" in of_probe("startup", "odd thing").message


def test_why_on_the_command_line(tmp_path, capsys):
    file = tmp_path / "describe.txt"
    file.write_text(_describe(last="OOMKilled", code=137))
    assert main(["why", str(file), "--json"]) == 0
    (cause,) = json.loads(capsys.readouterr().out)["causes"]
    assert cause["kind"] == "out-of-memory"
    assert cause["container"] == "web"
    assert main(["why", "143"]) == 0
    assert "SIGTERM" in capsys.readouterr().out
    assert main(["why", "CrashLoopBackOff"]) == 0
    file.write_text("fine\n")
    assert main(["why", str(file)]) == 1
    assert main(["why", str(tmp_path / "none")]) == 2
    assert "cannot be read" in capsys.readouterr().err
