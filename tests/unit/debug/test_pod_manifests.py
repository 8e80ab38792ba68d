"""Manifests read and planned: what is reproduced, what is not, what Kubernetes would refuse, and hostile ones."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimdesk.basics.errors import BadInput
from slimdesk.debug.pod_checks import failed, in_order, late, window
from slimdesk.debug.pod_environment import expanded
from slimdesk.debug.pod_fixes import Folder, in_a_pod, may_use
from slimdesk.debug.pod_plan import RANDOM_USER, PodChoices, plan_pod
from slimdesk.debug.pod_quantities import quantity, whole_bytes
from slimdesk.debug.pod_read import choose, read_manifest

IMAGE = {
    "User": "65532:65532",
    "WorkingDir": "/app",
    "Env": ["HOME=/home"],
    "Entrypoint": ["/app/server"],
    "Cmd": ["serve"],
}
WHOLE = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web, namespace: shop}
spec:
  volumeClaimTemplates: [{metadata: {name: claimed}}]
  template:
    spec:
      hostNetwork: true
      serviceAccountName: web
      initContainers: [{name: migrate, image: shop/migrate}]
      securityContext: {runAsUser: 1000, fsGroup: 2000, supplementalGroups: [3000, 2000]}
      volumes:
        - {name: scratch, emptyDir: {medium: Memory, sizeLimit: 64Mi}}
        - {name: plain, emptyDir: {}}
        - {name: conf, configMap: {name: web-conf}}
        - {name: disk, persistentVolumeClaim: {claimName: data}}
      containers:
        - name: web
          image: shop/web:1
          command: [/app/server]
          args: ["--port", "$(PORT)", "$$(KEPT)", "$(UNKNOWN)"]
          workingDir: /srv
          env:
            - {name: PORT, value: "8080"}
            - {name: URL, value: "http://x:$(PORT)/"}
            - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
            - {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
            - {name: GREETING, valueFrom: {configMapKeyRef: {name: web-conf, key: greeting}}}
            - {name: PASSWORD, valueFrom: {secretKeyRef: {name: elsewhere, key: password}}}
            - {name: MAYBE, valueFrom: {secretKeyRef: {name: elsewhere, key: x, optional: true}}}
          envFrom:
            - {prefix: C_, configMapRef: {name: web-conf}}
            - {secretRef: {name: gone, optional: true}}
          ports: [{name: http, containerPort: 8080}, {containerPort: 9090}, {containerPort: 53, protocol: UDP}]
          securityContext:
            runAsUser: 1001
            runAsGroup: 1002
            readOnlyRootFilesystem: true
            allowPrivilegeEscalation: false
            capabilities: {drop: [all], add: [NET_BIND_SERVICE, CAP_CHOWN]}
          resources: {limits: {memory: 128Mi, cpu: 250m}, requests: {memory: 64Mi}}
          volumeMounts:
            - {name: scratch, mountPath: /tmp}
            - {name: plain, mountPath: /cache, readOnly: true}
            - {name: conf, mountPath: /conf}
            - {name: disk, mountPath: /data}
            - {name: claimed, mountPath: /mine}
          livenessProbe: {httpGet: {path: healthz, port: http, httpHeaders: [{name: X-Probe, value: "yes"}]}, initialDelaySeconds: 5}
          readinessProbe: {grpc: {port: 9090}}
          lifecycle: {preStop: {exec: {command: [sleep, "5"]}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web-conf}
data: {greeting: hello, "not a name": x}
"""


def _plan(text, config=None, **choices):
    manifest = read_manifest(text)
    return plan_pod(manifest, *choose(manifest), IMAGE if config is None else config, PodChoices(**choices))


def _pod(container="", pod="", more=""):
    return f"""
kind: Pod
metadata: {{name: web}}
spec:
  {pod or "restartPolicy: Always"}
  containers:
    - name: web
      image: shop/web:1
      {container}
{more}
"""


def test_all_that_can_be_reproduced_is():
    plan = _plan(WHOLE)
    spec = plan.spec
    assert (spec.entrypoint, spec.command) == (("/app/server",), ("--port", "8080", "$(KEPT)", "$(UNKNOWN)"))
    assert spec.environment == {
        "PORT": "8080", "URL": "http://x:8080/", "POD": "web", "GREETING": "hello", "C_greeting": "hello",
    }  # fmt: skip
    assert (spec.user, spec.groups) == ("1001:1002", ("3000", "2000"))
    assert (spec.read_only, spec.no_new_privileges) == (True, True)
    assert (spec.cap_drop, spec.cap_add) == (("ALL",), ("NET_BIND_SERVICE", "CHOWN"))
    assert (spec.memory, spec.cpus) == (128 * 2**20, 0.25)
    assert spec.tmpfs == (
        "/tmp:rw,exec,nosuid,nodev,mode=2777,uid=1001,gid=2000,size=67108864",
        "/cache:ro,exec,nosuid,nodev,mode=2777,uid=1001,gid=2000",
    )
    assert spec.ports == (8080, 9090)
    assert (spec.working_dir, spec.hostname) == ("/srv", "web")


def test_what_is_not_reproduced_is_listed_with_its_line():
    told = "\n".join(_plan(WHOLE).omitted)
    for words in (
        "node's network (hostNetwork, line 9)", "migrate", "NODE (line 28): spec.nodeName", "PASSWORD (line 30): the key password of Secret elsewhere",
        "the configMap web-conf at /conf (line", "the persistentVolumeClaim data at /data", "the persistentVolumeClaim at /mine", "preStop hook", "gRPC",
    ):  # fmt: skip
        assert words in told
    assert "MAYBE" not in told
    assert "gone" not in told


def test_what_the_person_gives_goes_over_all():
    plan = _plan(WHOLE, image="other:2", environment={"PASSWORD": "p", "PORT": "9000"})
    assert plan.spec.environment["PASSWORD"] == "p"
    assert plan.spec.command[1] == "9000"
    assert plan.spec.image == plan.image == "other:2"
    assert "PASSWORD" not in "\n".join(plan.omitted)


def test_probes_have_kubernetes_defaults_and_their_order():
    readiness, liveness = in_order(_plan(WHOLE).probes)
    assert (liveness.path, liveness.port, liveness.headers) == ("/healthz", 8080, (("X-Probe", "yes"),))
    assert (liveness.initial_delay, liveness.period, liveness.timeout, liveness.failures) == (5, 10, 1, 3)
    assert (readiness.how, readiness.port) == ("grpc", 9090)


def test_the_users_of_image_pod_and_container():
    assert _plan(_pod()).user == "65532:65532"
    assert _plan(_pod(pod="securityContext: {runAsUser: 5}")).user == "5"
    assert _plan(_pod("securityContext: {runAsGroup: 7}")).user == "65532:7"
    assert _plan(_pod("securityContext: {runAsGroup: 7}"), {}).user == "0:7"
    random = _plan(_pod(), user=RANDOM_USER)
    assert (random.user, random.spec.groups) == (f"{RANDOM_USER}:0", (str(RANDOM_USER),))


@pytest.mark.parametrize(
    ("user", "context", "kind"),
    [
        ("app", "runAsNonRoot: true", "named-user"),
        ("", "runAsNonRoot: true", "root-user"),
        ("0:0", "runAsNonRoot: true", "root-user"),
        ("65532", "runAsNonRoot: true, runAsUser: 0", "root-user"),
        ("app", "runAsNonRoot: true, runAsUser: 5", None),
        ("65532:1", "runAsNonRoot: true", None),
        ("app", "runAsNonRoot: false", None),
    ],
)
def test_run_as_non_root_as_the_kubelet_sees_it(user, context, kind):
    plan = _plan(_pod(f"securityContext: {{{context}}}"), {"User": user, "Cmd": ["web"]})
    assert [one.kind for one in plan.refused] == ([kind] if kind else [])
    assert (plan.spec is None) is (kind is not None)


@pytest.mark.parametrize(
    ("container", "words"),
    [
        ("args: serve --port 8080", "takes a list of words"),
        ("args: [--port, 8080]", 'put it in quotes, "8080"'),
        ("env: [{name: DEBUG, value: true}]", 'put it in quotes, "true"'),
        ("volumeMounts: [{name: none, mountPath: /tmp}]", "which spec.volumes lacks"),
        ("resources: {limits: {memory: lots}}", "no quantity such as 128Mi"),
        ("resources: {limits: {cpu: -1}}", "no quantity such as 500m"),
        ('securityContext: {runAsUser: "1000"}', "takes a number"),
        ("livenessProbe: {httpGet: {port: web}}", "no port of the container"),
        ("livenessProbe: {periodSeconds: 1}", "neither httpGet"),
        ("securityContext: {privileged: true, allowPrivilegeEscalation: false}", "refuses both"),
        ("env: [{value: x}]", "has no name"),
    ],
)
def test_what_the_api_server_would_not_take_is_refused(container, words):
    (cause,) = _plan(_pod(container)).refused
    assert cause.kind == "not-accepted"
    assert words in cause.message


def test_an_image_without_a_program_needs_one_from_the_manifest():
    (cause,) = _plan(_pod(), config={}).refused
    assert cause.kind == "no-command"
    assert "no ENTRYPOINT and no CMD" in cause.message
    assert _plan(_pod("command: [/bin/web]"), config={}).refused == ()
    assert _plan(_pod(), config={"Cmd": ["/bin/web"]}).refused == ()
    plan = _plan(_pod("args: [--port=80]"), config={"Cmd": ["/bin/web"]})
    assert plan.refused == ()
    assert "--port=80, the first of args, is the program" in plan.notes[0]
    plan = _plan(_pod('command: ["/bin/web -port 80"]'))
    assert plan.notes[0].startswith("/bin/web -port 80 is one word to the runtime")


def test_a_missing_key_is_refused_and_an_optional_one_is_not():
    data = "---\nkind: Secret\nmetadata: {name: keys}\ndata: {database: c2VjcmV0}\n"
    ask = "env: [{{name: K, valueFrom: {{secretKeyRef: {{name: keys, key: {key}{more}}}}}}}]"
    (cause,) = _plan(_pod(ask.format(key="nope", more=""), more=data)).refused
    assert cause.kind == "missing-key"
    assert "It has database" in cause.fix
    assert _plan(_pod(ask.format(key="database", more=""), more=data)).spec.environment == {"K": "secret"}
    assert _plan(_pod(ask.format(key="nope", more=", optional: true"), more=data)).refused == ()


def test_shell_words_without_a_shell_are_noted():
    notes = _plan(_pod('args: ["--home=$HOME"]')).notes
    assert any("no shell reads command and args" in note for note in notes)
    assert not any("no shell" in note for note in _plan(_pod('command: [sh, -c, "a && b"]')).notes)
    assert not any("no shell" in note for note in _plan(_pod('args: ["--home=$(HOME)"]')).notes)


def test_several_pods_and_containers_are_a_choice():
    text = _pod() + "---\n" + _pod().replace("kind: Pod", "kind: Job").replace("name: web}", "name: work}")
    manifest = read_manifest(text)
    with pytest.raises(BadInput, match="Pod/web, Job/work"):
        choose(manifest)
    assert choose(manifest, "Job/work")[0].kind == "Job"
    with pytest.raises(BadInput, match="no pod nope"):
        choose(manifest, "nope")
    two = read_manifest("kind: Pod\nspec: {containers: [{name: a, image: x}, {name: b, image: y}]}")
    with pytest.raises(BadInput, match="a, b"):
        choose(two)
    assert choose(two, None, "b")[1].image == "y"
    with pytest.raises(BadInput, match="no container c"):
        choose(two, None, "c")


def test_lists_json_and_cron_jobs_are_read():
    pod = {"kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [{"name": "c", "image": "x"}]}}
    assert read_manifest(json.dumps({"kind": "List", "items": [pod, pod]})).pods[1].name == "a"
    job = {"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec": pod["spec"]}}}}}
    assert read_manifest(json.dumps(job)).pods[0].containers[0].image == "x"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no object"),
        ("kind: Service\n", "it holds Service"),
        ("a: [\n", "is not YAML"),
        ("a: &a [*a]\n", "cannot be read"),
        ("x" * (2 << 20), "more than a megabyte"),
        ("[" * 5000, "nested more than 100"),
        ("kind: Pod\nspec: {containers: []}\n", "has no containers"),
        ("- 1\n- 2\n", "holds no kind"),
    ],
)
def test_what_is_no_manifest_is_a_sentence(text, words):
    with pytest.raises(BadInput) as caught:
        choose(read_manifest(text))
    assert words in str(caught.value)


HOSTILE = [
    "kind: Pod\nspec: 5\n",
    "kind: Pod\nspec: {containers: {a: b}}\n",
    "kind: Pod\nmetadata: [1]\nspec: {containers: [5, {name: {a: b}, image: [x], env: 3, envFrom: [4], args: {a: b}, ports: [[1]]}]}\n",
    'kind: Pod\nspec: {securityContext: x, volumes: [1, {name: v}], containers: [{name: "\\e[31m", image: "a\\u202eb", volumeMounts: [{name: v, mountPath: "/a\\0:b"}]}]}\n',
    "kind: Pod\nspec: {containers: [{name: a, image: b, livenessProbe: {httpGet: {port: 99999999999999999999}}, resources: {limits: {memory: 9e99, cpu: 1e99}}}]}\n",
    'kind: Pod\nspec: {containers: [&a {name: a, image: b, env: [{name: X, value: "$(X)$(X)"}]}]}\n',
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_manifests_give_sentences(text):
    try:
        plan = _plan(text)
    except BadInput:
        return
    for words in (plan.title, *plan.omitted, *plan.notes, *(str(one) for one in plan.refused)):
        assert "\u202e" not in words.replace(plan.title, "")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "image", "env", "args", "securityContext", "volumes", "volumeMounts", "livenessProbe", "httpGet", "port",
                             "resources", "limits", "memory", "ports", "valueFrom", "emptyDir", "capabilities", "drop"]), inner, max_size=4
        ),
        max_leaves=12,
    )
)  # fmt: skip
def test_no_shape_of_a_container_is_an_exception(value):
    text = json.dumps(
        {"kind": "Pod", "spec": {"containers": [value], "volumes": value, "securityContext": value}}
    )
    with contextlib.suppress(BadInput):
        _plan(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("128Mi", 128 * 2**20),
        ("1.5Gi", 1.5 * 2**30),
        ("500m", 0.5),
        ("1e3", 1000),
        ("2k", 2000),
        (".5", 0.5),
        ("100n", 1e-7),
    ],
)
def test_quantities(text, value):
    assert quantity(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "1MB", "1 Mi", "Mi", "0x10", "1e999", "-5", "9" * 40, "1Ki1"])
def test_what_is_no_number_of_bytes(text):
    with pytest.raises(ValueError):
        whole_bytes(text)


def test_dollar_names_are_filled_in_once():
    assert expanded("$(A)$$(A)$(B)$A$", {"A": "$(B)", "B": "b"}) == "$(B)$(A)b$A$"


def test_the_windows_of_probes():
    liveness, readiness = (
        next(one for one in _plan(WHOLE).probes if one.kind == kind) for kind in ("liveness", "readiness")
    )
    assert window(liveness, 60).ends == 35
    assert window(liveness, 10) == window(liveness, 10)
    assert window(liveness, 10).cut
    assert failed(liveness, "connection refused", window(liveness, 10)) is None
    assert failed(liveness, "connection refused", window(liveness, 60)).kind == "probe-refused"
    assert window(readiness, 60).ends == 60
    assert late(liveness, 36, window(liveness, 60)).kind == "probe-late"
    assert late(readiness, 59, window(readiness, 60)) is None


@pytest.mark.parametrize(
    ("mode", "user", "groups", "allowed"),
    [
        (0o700, "65532:65532", (), True), (0o700, "1000650000:0", (), False), (0o755, "1000650000:0", (), True),
        (0o700, "0", (), True), (0o750, "5:3000", (), True), (0o750, "5:1", ("3000",), True), (0o750, "5:1", (), False), (0o700, "name", (), True),
    ],
)  # fmt: skip
def test_who_may_use_a_folder(mode, user, groups, allowed):
    assert may_use(Folder("/app", 65532, 3000, mode), user, groups) is allowed


@pytest.mark.parametrize(
    ("message", "folder"),
    [
        (
            "It writes to /tmp/a/b.lock, and its root file system is read-only: give it a volume there.",
            "/tmp",
        ),
        (
            "It writes to /var/cache/app.pid, and its root file system is read-only: give it a volume there.",
            "/var/cache",
        ),
        ("It writes to /data, and its root file system is read-only: give it a volume there.", "/data"),
    ],
)
def test_a_read_only_root_asks_for_an_empty_dir(message, folder):
    cause = in_a_pod("read-only", message, _plan(_pod()))
    assert f"emptyDir at {folder} " in cause.fix
    assert "volume there" not in cause.message


def test_the_command_line_refuses_before_it_asks_an_engine(tmp_path, capsys):
    from slimdesk.cli import main

    file = tmp_path / "pod.yaml"
    file.write_text("kind: Service\n")
    assert main(["pod", str(file)]) == 2
    assert "names no pod" in capsys.readouterr().err
    assert main(["pod", str(tmp_path / "none.yaml")]) == 2
    assert main(["pod", str(file), "--timeout", "0"]) == 2
