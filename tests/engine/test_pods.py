"""Pods started on a real engine: one manifest that runs, and one with each fault that people make."""

import asyncio
import contextlib

import pytest
import pytest_asyncio
from engine.conftest import BUSYBOX, import_busybox
from engine.typed_lines import needs_docker, typed

from slimdesk.basics.job import Silent
from slimdesk.debug.commands import run_line
from slimdesk.debug.pod_plan import RANDOM_USER, PodChoices
from slimdesk.debug.pod_read import choose, read_manifest
from slimdesk.engine.engine import Engine
from slimdesk.engine.model import BuildRequest
from slimdesk.operations.run_pod import LABEL, plan_on, run_pod

DOCKERFILE = f"""
FROM {BUSYBOX} AS tools
RUN mkdir /scratch && chmod 1777 /scratch
FROM scratch AS base
COPY --from=tools /bin/busybox /busyboxapp
COPY --from=tools /scratch /tmp
COPY --chmod=0755 www /www
ENTRYPOINT ["/busyboxapp", "httpd", "-f", "-p", "8080", "-h", "/www"]
FROM base AS good
USER 65532:65532
FROM base AS named
COPY passwd /etc/passwd
USER app
FROM base AS closed
USER 65532:65532
COPY --chown=65532:65532 --chmod=0700 www /data
WORKDIR /data
ENTRYPOINT ["/busyboxapp", "httpd", "-f", "-p", "8080"]
"""


@contextlib.asynccontextmanager
async def connected_to(host):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_HOST", host)
        yield await Engine.connect()


class Started(Silent):
    """Tells when the container was made."""

    def __init__(self):
        self.started = asyncio.Event()

    def progress(self, step="", *_more):
        self.started.set()


POD = """
apiVersion: v1
kind: Pod
metadata: {{name: web}}
spec:
  securityContext: {{runAsNonRoot: true}}
  volumes: [{{name: scratch, emptyDir: {{sizeLimit: 1Mi}}}}]
  containers:
    - name: web
      image: slimdesk-test/pods:{image}
      ports: [{{name: http, containerPort: 8080}}]
      readinessProbe: {{httpGet: {{path: /, port: http}}}}
      livenessProbe: {{exec: {{command: [/busyboxapp, test, -d, /]}}}}
      startupProbe: {{tcpSocket: {{port: 8080}}, periodSeconds: 1, failureThreshold: 30}}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: {{drop: [ALL]}}
      resources: {{limits: {{memory: {memory}, cpu: 500m}}}}
      {more}
---
apiVersion: v1
kind: Secret
metadata: {{name: keys}}
stringData: {{database: secret}}
"""


async def _prepared(host, busybox_tar, folder):
    (folder / "www").mkdir()
    (folder / "www" / "index.html").write_text("ahoy")
    (folder / "passwd").write_text("app:x:1000:1000::/:/none\n")
    await asyncio.to_thread(import_busybox, host, busybox_tar)
    async with connected_to(host) as engine:
        for name in ("good", "named", "closed"):
            request = BuildRequest(folder, DOCKERFILE, "", f"slimdesk-test/pods:{name}", target=name)
            built = await engine.build(request)
            assert built.error is None, built.error
    return host


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def images(modern_engine, busybox_tar, tmp_path_factory):
    return await _prepared(modern_engine, busybox_tar, tmp_path_factory.mktemp("pods"))


async def _run(host, *, image="good", memory="64Mi", more="", **choices):
    manifest = read_manifest(POD.format(image=image, memory=memory, more=more))
    async with connected_to(host) as engine:
        found = await run_pod(engine, manifest, *choose(manifest), PodChoices(**choices), bound=20.0)
        assert await engine.containers(LABEL) == []
    return found


@pytest.mark.asyncio(loop_scope="module")
async def test_a_good_pod_runs_and_its_probes_pass(images):
    more = """
      env: [{name: KEY, valueFrom: {secretKeyRef: {name: keys, key: database}}}]
      volumeMounts: [{name: scratch, mountPath: /tmp}]
    """
    found = await _run(images, more=more.strip())
    assert found.verdict == "runs", found
    assert [check.name for check in found.checks if check.passed] == [
        "start", "startup probe", "readiness probe", "liveness probe", "up",
    ]  # fmt: skip
    assert found.plan.omitted == ()
    assert found.plan.user == "65532:65532"


FAULTS = {
    "named user": (
        {"image": "named"},
        "refused",
        "named-user",
        "cannot verify that a name is not root",
        "USER 65532:65532",
    ),
    "working folder closed to a random uid": (
        {"image": "closed", "user": RANDOM_USER},
        "fails",
        "closed-folder",
        "/data belongs to 65532:65532 with mode 0700, and it runs as 1000650000:0",
        "group 0",
    ),
    "read-only root and /tmp": (
        {"more": "command: [/busyboxapp, touch, /tmp/lock]"},
        "fails",
        "read-only",
        "It writes to /tmp/lock, and its root file system is read-only",
        "emptyDir at /tmp ",
    ),
    "shell args": (
        {"more": 'command: [sh, -c, "/busyboxapp httpd -f && echo up"]'},
        "fails",
        "no-shell",
        "It is started through a shell, and this image has none",
        "Name the program itself in command",
    ),
    "memory limit": (
        {
            "memory": "16Mi",
            "more": "command: [/busyboxapp, dd, if=/dev/zero, of=/dev/null, bs=256M, count=1]",
        },
        "fails",
        "out-of-memory",
        "used more memory than its limit",
        "Raise the memory limit",
    ),
    "missing key": (
        {"more": "env: [{name: KEY, valueFrom: {secretKeyRef: {name: keys, key: databse}}}]"},
        "refused",
        "missing-key",
        "has no such key",
        "It has database",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.asyncio(loop_scope="module")
async def test_each_fault_gives_its_sentence(images, fault):
    asked, verdict, kind, message, fix = FAULTS[fault]
    found = await _run(images, **asked)
    assert (found.verdict, found.cause and found.cause.kind) == (verdict, kind), found
    assert message in found.cause.message
    assert fix in found.cause.fix


@pytest.mark.asyncio(loop_scope="module")
async def test_a_probe_that_nobody_answers_is_told(images):
    more = "args: []\n      lifecycle: {}"
    text = POD.format(image="good", memory="64Mi", more=more).replace(
        "port: 8080}, periodSeconds: 1, failureThreshold: 30", "port: 9}, periodSeconds: 1"
    )
    manifest = read_manifest(text)
    async with connected_to(images) as engine:
        found = await run_pod(engine, manifest, *choose(manifest), bound=20.0)
    assert found.verdict == "fails"
    assert found.cause.kind == "probe-refused"
    assert "Kubernetes kills it" in found.cause.message


@pytest.mark.asyncio(loop_scope="module")
async def test_a_run_that_is_stopped_leaves_nothing(images):
    manifest = read_manifest(POD.format(image="good", memory="64Mi", more=""))
    async with connected_to(images) as engine:
        told = Started()
        running = asyncio.ensure_future(run_pod(engine, manifest, *choose(manifest), reporter=told))
        await told.started.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert await engine.containers(LABEL) == []


@needs_docker
@pytest.mark.asyncio(loop_scope="module")
async def test_the_docker_line_of_a_pod_runs_as_shown(images):
    more = """
      command: [/busyboxapp, sh, -c, 'id; echo "$A"; touch /x; /busyboxapp touch /tmp/y && echo in /tmp; echo over $']
      env: [{name: A, value: "it's $(B) \\"x\\""}]
      volumeMounts: [{name: scratch, mountPath: /tmp}]
    """
    manifest = read_manifest(POD.format(image="good", memory="64Mi", more=more.strip()))
    async with connected_to(images) as engine:
        plan = await plan_on(engine, manifest, *choose(manifest), PodChoices())
    said = await asyncio.to_thread(typed, images, run_line(plan.spec), "", "over $")
    for words in ("uid=65532 gid=65532", 'it\'s $(B) "x"', "/x: Read-only file system", "in /tmp"):
        assert words in said


@pytest.mark.asyncio(loop_scope="module")
async def test_the_oldest_engine_runs_a_pod_and_tells_a_fault(debian_engine, busybox_tar, tmp_path):
    await _prepared(debian_engine, busybox_tar, tmp_path)
    assert (await _run(debian_engine)).verdict == "runs"
    for fault in ("named user", "shell args", "read-only root and /tmp"):
        asked, verdict, kind, *_ = FAULTS[fault]
        found = await _run(debian_engine, **asked)
        assert (found.verdict, found.cause.kind) == (verdict, kind), found
