"""Calls into the images: whose they are, what they need, where they stand; and files that are no good."""

import time

import pytest

APP = {
    "go.mod": "module example.com/app\n\ngo 1.26\n",
    "main.go": 'package main\n\nimport "net/http"\n\nfunc main() {\n\t_ = http.ListenAndServe(":8080", nil)\n}\n',
}
TWO = {
    "api/go.mod": "module example.com/api\n\ngo 1.26\n",
    "api/main.go": APP["main.go"],
    "web/package.json": '{"name": "web", "main": "server.js", "dependencies": {"express": "^4"}}',
    "web/server.js": 'require("express")().listen(3000);\n',
}


def test_compose_calls_belong_to_the_component_that_is_built(detect_files):
    files = {
        "compose.yaml": "x-check: &check\n  test: [CMD, curl, -f, http://localhost/]\nservices:\n  backend:\n    build: ./api\n    healthcheck:\n"
        "      <<: *check\n  front:\n    build: {context: web}\n    command: node worker.js\n  db:\n    image: postgres\n    command: sh -c x\n",
    }
    calls = detect_files({**TWO, **files}).calls
    assert [(one.kind, one.component, one.words[0], str(one.evidence)) for one in calls] == [
        ("healthcheck", "api", "curl", "compose.yaml:2"),
        ("arguments", "web", "node", "compose.yaml:10"),
    ]


def test_a_string_is_split_by_compose_and_no_shell_sees_it(detect_files):
    (call,) = detect_files(
        {
            **APP,
            "compose.yaml": "services:\n  app:\n    build: .\n    entrypoint: /app --name 'a b' $$HOME && x\n",
        }
    ).calls
    assert call.words == ("/app", "--name", "a b", "$HOME", "&&", "x")
    assert not call.shell
    assert call.variables == ()


def test_kubernetes_containers_belong_to_components_by_image_name_or_object(detect_files):
    container = "      - name: {name}\n        image: {image}\n        command: [sh, -c, run]\n"
    manifest = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\nspec:\n  template:\n    spec:\n      containers:\n"
        + container.format(name="one", image="ghcr.io/x/api:3")
        + container.format(name="web", image="ghcr.io/x/y@sha256:00")
        + container.format(name="db", image="bitnami/postgresql:17")
        + container.format(name="other", image="ghcr.io/x/unknown")
    )
    calls = detect_files({**TWO, "deploy/all.yaml": "# first\n---\n" + manifest}).calls
    assert [(one.component, str(one.evidence)) for one in calls] == [
        ("api", "deploy/all.yaml:12"),
        ("web", "deploy/all.yaml:15"),
    ]


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet", "Job"])
def test_workloads_of_every_kind(detect_files, kind):
    text = f"kind: {kind}\nmetadata: {{name: app}}\nspec: {{template: {{spec: {{containers: [{{name: app, image: app, args: [sh, -c, x]}}]}}}}}}\n"
    (call,) = detect_files({**APP, "k8s/one.yml": text}).calls
    assert (call.kind, call.source, call.shell) == ("arguments", "kubernetes", True)


def test_cron_jobs_pods_and_lists(detect_files):
    pod = "{containers: [{name: app, image: app, command: [sleep, '9']}]}"
    files = {
        "k8s/cron.yaml": f"kind: CronJob\nmetadata: {{name: app}}\nspec: {{jobTemplate: {{spec: {{template: {{spec: {pod}}}}}}}}}\n",
        "k8s/pod.yaml": f"kind: Pod\nmetadata: {{name: app}}\nspec: {pod}\n",
        "k8s/list.yaml": f"kind: List\nitems:\n- kind: Pod\n  metadata: {{name: app}}\n  spec: {pod}\n# containers:\n",
    }
    calls = detect_files({**APP, **{name: text + "# containers:\n" for name, text in files.items()}}).calls
    assert {one.evidence.path for one in calls} == set(files)


def test_the_last_stage_of_the_own_dockerfile_counts(detect_files):
    text = (
        'FROM a AS build\nCMD bash -c x\nFROM b\nENTRYPOINT ["/old"]\n# no\nENTRYPOINT ["/run.sh", \\\n  "--x"]\n'
        'HEALTHCHECK --timeout=3s --retries=2 CMD ["wget", "http://x/"]\nCMD ["serve"]\n'
    )
    calls = detect_files({**APP, "Dockerfile": text, "run.sh": '#!/bin/bash\njq . x\nexec /app "$@"\n'}).calls
    assert [(one.kind, str(one.evidence)) for one in calls] == [
        ("healthcheck", "Dockerfile:8"),
        ("entrypoint", "Dockerfile:6"),
    ]
    assert calls[1].words == ("/run.sh", "--x", "serve")
    assert (calls[1].file, calls[1].programs) == ("run.sh", ("bash", "jq", "app"))


def test_scripts_that_call_into_containers(detect_files):
    files = {
        "compose.yaml": "services:\n  backend:\n    build: .\n",
        "Makefile": "a:\n\tdocker compose -f x.yml exec -T -e A=b backend ls -la | sort\nb:\n\tdocker exec -it db psql\n\tdocker run --rm -v $$PWD:/x alpine sh\n",
        "push.sh": "docker run -d shop/backend:push 'https://example.com/key?status=up' 60\n",
        ".github/workflows/ci.yml": "jobs:\n  x:\n    steps:\n      - run: kubectl -n prod exec deploy/app -c app -- cat /etc/x\n",
        "package.json": '{"scripts": {"sh": "docker-compose run --entrypoint bash backend -c ls"}}',
    }
    calls = detect_files({**APP, **files}).calls
    found = {(one.kind, one.evidence.path, one.words) for one in calls if one.source == "script"}
    assert found == {
        ("exec", "Makefile", ("ls", "-la")),
        ("exec", ".github/workflows/ci.yml", ("cat", "/etc/x")),
        ("entrypoint", "package.json", ("bash", "-c", "ls")),
    }


@pytest.mark.parametrize(
    "files",
    [
        {"compose.yaml": "services:\n  app:\n    build: .\n    command: {a: [b]}\n    healthcheck: 7\n    entrypoint: [[1], {}]\n"},
        {"compose.yaml": "services:\n  app:\n    build: .\n    healthcheck: {test: []}\n    post_start: x\n    pre_stop: [{}]\n"},
        {"k8s/a.yaml": "kind: Pod\nspec: &a\n  containers: *a\n"},
        {"k8s/a.yaml": "kind: Pod\nspec: {containers: [1, {command: x}, {livenessProbe: {exec: {command: 5}}}, null]}\n"},
        {"k8s/a.yaml": "{{" * 50_000 + "kind: Pod\ncontainers:\n"},
        {"k8s/a.yaml": "kind: Pod\ncontainers:\n" + "[" * 50_000},
        {"Dockerfile": "FROM x\nCMD [\nENTRYPOINT [1, 2]\nHEALTHCHECK\nHEALTHCHECK CMD\nHEALTHCHECK NONE\n"},
        {"Procfile": "web:\n: x\nweb: " + "$(" * 5_000 + "\n"},
        {"Makefile": "x:\n\tdocker compose " * 5_000},
        {"Makefile": "x:\n\tdocker exec\n\tdocker run --entrypoint\n\tkubectl exec app --\n\tdocker exec app 'unbalanced\n"},
    ],
)  # fmt: skip
def test_hostile_files_raise_nothing(detect_files, files):
    started = time.process_time()
    project = detect_files({**APP, **files})
    assert len(project.components) == 1
    for call in project.calls:
        assert all(word.isprintable() for word in call.words)
    assert time.process_time() - started < 5


def test_a_folder_without_components_has_no_calls(detect_files):
    assert detect_files({"compose.yaml": "services:\n  a:\n    build: .\n    command: sh\n"}).calls == ()
