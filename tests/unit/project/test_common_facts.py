from __future__ import annotations

import pytest

from slimdesk.project.detect import with_unique_names
from slimdesk.project.model import Component, Evidence

GO = {"go.mod": "module example.com/shop\ngo 1.24\n", "main.go": "package main\nfunc main() {}\n"}
SERVING = {**GO, "main.go": "package main\nfunc main() { http.ListenAndServe(address, nil) }\n"}
TWO = {
    "go.mod": "module example.com/shop\ngo 1.24\n",
    "cmd/api/main.go": "package main\nfunc main() {}\n",
    "cmd/job/main.go": "package main\nfunc main() {}\n",
}


def dockerfiles(component):
    return [fact.value for fact in component.all("dockerfile")]


def test_the_dockerfiles_that_are_already_there(detect_files):
    files = {"Dockerfile": "FROM x\n", "Dockerfile.dev": "FROM x\n", "deploy/Containerfile": "FROM x\n"}
    noise = {"Dockerfile.dockerignore": "", "Dockerfile.orig": "", "docs/Dockerfile": "", "Dockerfile.md": ""}
    (component,) = detect_files({**GO, **files, **noise}).components
    assert dockerfiles(component) == ["Dockerfile", "Dockerfile.dev", "deploy/Containerfile"]
    assert component.fact("dockerfile").evidence == Evidence("Dockerfile")


def test_each_component_gets_its_own_dockerfile(detect_files):
    api, job = detect_files({
        **TWO, "Dockerfile.api": "FROM x\n", "cmd/job/Dockerfile": "FROM x\n", "build/job.Dockerfile": "FROM x\n",
    }).components  # fmt: skip
    assert dockerfiles(api) == ["Dockerfile.api"]
    assert dockerfiles(job) == ["cmd/job/Dockerfile", "build/job.Dockerfile"]


def test_compose_says_which_dockerfile_builds_what(detect_files):
    compose = "services:\n  job:\n    build:\n      context: .\n      dockerfile: docker/two\n"
    _, job = detect_files({**TWO, "compose.yaml": compose, "docker/two": "FROM x\n"}).components
    assert dockerfiles(job) == ["docker/two"]


@pytest.mark.parametrize(
    ("files", "port", "evidence"),
    [
        (
            {"Dockerfile": "FROM a AS b\nEXPOSE 1\nFROM c\n\nEXPOSE 8080/tcp\n"},
            8080,
            Evidence("Dockerfile", 5),
        ),
        ({"Dockerfile": "FROM a\nEXPOSE $PORT\n"}, None, None),
        ({"Dockerfile": "FROM a\nEXPOSE 99999\n"}, None, None),
        (
            {"compose.yaml": 'services:\n  x:\n    build: .\n    ports: ["80:3000"]\n'},
            3000,
            Evidence("compose.yaml", 4),
        ),
        (
            {"compose.yaml": "services:\n  x:\n    build: .\n    expose: [3001]\n"},
            3001,
            Evidence("compose.yaml", 4),
        ),
        (
            {"compose.yaml": "services:\n  x:\n    build: {context: .}\n    ports: [{target: 3002}]\n"},
            3002,
            Evidence("compose.yaml", 4),
        ),
        ({"compose.yaml": 'services:\n  x:\n    build: other\n    ports: ["80:3000"]\n'}, None, None),
        ({"Procfile": "web: bin/shop --port 5000\n"}, 5000, Evidence("Procfile", 1)),
    ],
)
def test_ports_that_the_code_does_not_say(detect_files, files, port, evidence):
    (component,) = detect_files({**SERVING, **files}).components
    assert component.port == port
    assert (component.fact("port").evidence if component.fact("port") else None) == evidence
    assert bool(component.problems) == (port is None)


def test_what_the_code_says_wins(detect_files):
    main = 'package main\nfunc main() { http.ListenAndServe(":8081", nil) }\n'
    (component,) = detect_files({**GO, "main.go": main, "Dockerfile": "FROM a\nEXPOSE 80\n"}).components
    assert component.port == 8081


def test_example_environments_name_variables_and_never_values(detect_files):
    project = detect_files({**GO, ".env.example": "# say\nAPI_KEY=changeme\n", ".env": "API_KEY=hunter2\n"})
    (component,) = project.components
    assert component.value("env_file") == ".env.example"
    assert component.fact("env").value == "API_KEY"
    assert component.fact("env").evidence == Evidence(".env.example", 2)
    assert "hunter2" not in repr(project)
    assert "changeme" not in repr(project)
    assert [problem.message for problem in project.problems] == [
        ".env looks like secrets and was left closed"
    ]


def test_an_empty_folder_and_one_without_anything_known(detect_files, make_folder):
    empty = detect_files({})
    assert (empty.components, empty.services) == ((), ())
    assert "empty" in empty.problems[0].message
    other = detect_files({"letter.txt": "hello"})
    assert "it looks for projects of go" in other.problems[0].message


def test_two_languages_in_one_folder(detect_files):
    project = detect_files(
        {
            **GO,
            "package.json": '{"name": "shop", "scripts": {"start": "node server.js"}, "dependencies": {"express": "5"}}',
            "server.js": 'require("express")().listen(3000)\n',
        }
    )
    assert [(one.profile, one.path) for one in project.components] == [("go", "."), ("node", ".")]
    assert len({one.name for one in project.components}) == 2


def test_paths_with_spaces_and_other_letters(detect_files):
    files = {f"ein Dienst/größe/{name}": text for name, text in GO.items()}
    (component,) = detect_files(files).components
    assert component.path == "ein Dienst/größe"
    assert component.fact("version").evidence == Evidence("ein Dienst/größe/go.mod", 2)


def test_names_are_unique_and_well_formed():
    same = [Component(name, path, profile) for name, path, profile in (
        ("Api", "a/x", "go"), ("api", "a/y", "node"), ("api", "b/y", "node"), ("api", ".", "node"), ("api", ".", "node"),
        ("äöü \n", ".", "go"), ("🎈", ".", "go"), ("x" * 300, ".", "go"), ("x" * 300, ".", "go"), ("--", "..", "go"),
    )]  # fmt: skip
    names = [one.name for one in with_unique_names(same)]
    assert names[:4] == ["api", "y-api", "b-api", "api-node"]
    assert len(set(names)) == len(names)
    import re

    assert all(re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,62}", name) for name in names)


COMPOSE = """\
services:
  web:
    build: .
    environment:
      - CACHE_URL=redis://cache:6379
      - QUEUE_URL=amqp://queue
  db:
    image: "postgres:${PG:-17}-alpine"
  cache:
    image: docker.io/bitnami/valkey@sha256:0123
  odd:
    image: example.com/team/thing:1
  broken: 7
"""


def test_services_of_compose_files_and_connection_strings(detect_files):
    project = detect_files(
        {
            **GO,
            "compose.yaml": COMPOSE,
            ".env.example": "DATABASE_URL=postgresql+psycopg://u:p@h/db\nMONGO=mongodb://x\nSITE=https://example.com\n",
        }
    )
    assert [(one.name, one.kind, one.image) for one in project.services] == [
        ("db", "database", "postgres:17-alpine"),
        ("cache", "cache", "valkey/valkey"),
        ("odd", "other", "example.com/team/thing:1"),
        ("rabbitmq", "broker", "rabbitmq:4"),
        ("mongodb", "database", "mongo:8"),
    ]
    database = project.services[0]
    assert database.evidence == Evidence("compose.yaml", 7)
    assert database.advice.startswith("There is no distroless form of PostgreSQL")
    assert project.services[4].evidence == Evidence(".env.example", 2)
    assert "u:p@h" not in repr(project)
    (component,) = project.components
    assert [fact.value for fact in component.all("env")] == [
        "DATABASE_URL",
        "MONGO",
        "SITE",
        "CACHE_URL",
        "QUEUE_URL",
    ]


@pytest.mark.parametrize(
    "text",
    ["services: 7\n", "services:\n  - a\n", "services:\n  x: {image: [1], ports: 7, environment: 7, build: [1]}\n",
     "services:\n  x: {build: ../.., ports: ['a:b', 1.5, null]}\n", "services:\n  7: {image: 8}\n", "{"],
)  # fmt: skip
def test_odd_compose_files_do_no_harm(detect_files, text):
    assert len(detect_files({**GO, "compose.yaml": text}).components) == 1


def test_hostile_compose_names_are_harmless(detect_files):
    text = 'services:\n  "a\\nb\\e[31m":\n    image: "postgres\\nRUN x"\n'
    (service,) = detect_files({"compose.yaml": text}).services
    assert "\n" not in service.name + str(service.image)
    assert "\x1b" not in service.name
