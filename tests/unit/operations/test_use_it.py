"""How to use an image: only what was proved is set, and nothing of a project's comes alive in a shell, YAML or an expression."""

import shlex

import pytest
import yaml

from slimdesk.debug.pod_read import read_manifest
from slimdesk.operations.push import why_no_name
from slimdesk.operations.use_it import Proven, ci_commands, limit, proven, recipes, registry_of
from slimdesk.verify.compose import read_compose_file
from slimdesk.verify.model import RunProfile, Verification

HOSTILE = 'x\'; rm -rf / #${{ secrets.TOKEN }}\n- &a *a: "$(id)" $HOME'
SERVICE = Proven(
    "slimdesk/shop:distroless", "slimdesk/shop:distroless", "shop", target="final", platform="linux/amd64", runs=True, port=8080,
    http="/healthz", http_status=200, stated_http=True, user="65532:65532", read_only=True, volumes=("/data",),
    variables=("DB_URL",), files=8_930_000,
)  # fmt: skip


def by_key(one):
    return {recipe.key: recipe for recipe in recipes(one)}


def with_(**values):
    from dataclasses import replace

    return replace(SERVICE, **values)


def verified(**values):
    return Verification(
        **{
            "verdict": "runs",
            "reason": "It answers.",
            "kind": "service",
            "port": 8080,
            "http_status": 200,
            "user": "65532",
            **values,
        }
    )


def test_only_what_was_proved_is_set():
    one = proven("shop:1", "shop", verified(), RunProfile(port=8080))
    made = by_key(one)
    words = shlex.split(made["docker"].text.splitlines()[1])
    assert words == ["docker", "run", "--rm", "--publish", "127.0.0.1:8080:8080", "--user", "65532", "shop:1"]
    container = yaml.safe_load(made["kubernetes"].text)["spec"]["template"]["spec"]["containers"][0]
    assert container["securityContext"] == {"runAsNonRoot": True, "runAsUser": 65532}
    assert container["readinessProbe"] == {"httpGet": {"path": "/", "port": 8080}}
    assert "read_only" not in yaml.safe_load(made["compose"].text)["services"]["shop"]
    assert "was not tried" in made["kubernetes"].note


@pytest.mark.parametrize("found", [None, verified(verdict="fails"), verified(verdict="not-proven")])
def test_what_was_not_proved_to_run_is_built_only(found):
    made = by_key(proven("shop:1", "shop", found, RunProfile(port=8080)))
    assert set(made) == {"docker", "buildx"}
    assert "docker run" not in made["docker"].text


def test_values_of_variables_are_nowhere():
    profile = RunProfile(port=8080, environment={"TOKEN": "hunter2", "bad name": "x"}, required=("DB_URL",))
    made = by_key(proven("shop:1", "shop", verified(), profile))
    for recipe in made.values():
        assert "hunter2" not in recipe.text + recipe.note
        assert "bad name" not in recipe.text
    assert "--env DB_URL --env TOKEN" in made["docker"].text


def test_the_probe_asks_what_was_seen():
    def probe(**values):
        text = by_key(with_(**values))["kubernetes"].text
        return yaml.safe_load(text)["spec"]["template"]["spec"]["containers"][0]["readinessProbe"]

    assert probe() == {"httpGet": {"path": "/healthz", "port": 8080}}
    assert probe(http=None, http_status=404) == {"tcpSocket": {"port": 8080}}
    assert probe(http=None, http_status=None) == {"tcpSocket": {"port": 8080}}


@pytest.mark.parametrize("user", ["0", "root", "app", None, "65532:65532"])
def test_a_user_is_set_where_it_is_a_number(user):
    security = yaml.safe_load(by_key(with_(user=user, read_only=False))["kubernetes"].text)["spec"]["template"]["spec"]["containers"][0].get("securityContext")  # fmt: skip
    expected = (
        {"runAsNonRoot": True, "runAsUser": 65532, "runAsGroup": 65532} if user and user[0] == "6" else None
    )
    assert security == expected


def test_kubernetes_is_read_by_our_own_checker():
    (pod,) = read_manifest(by_key(SERVICE)["kubernetes"].text).pods
    (container,) = pod.containers
    assert not pod.refused
    assert not container.refused
    assert (container.security.user, container.security.read_only, container.security.non_root) == (
        65532,
        True,
        True,
    )
    assert container.ports == (8080,)
    assert [mount.path for mount in container.mounts] == ["/data"]
    assert container.probes[0].path == "/healthz"


def test_a_command_is_a_job():
    one = with_(port=None, http=None, http_status=None, command=("--report", "$(HOME)", "$X"), exit_code=3)
    made = by_key(one)
    (pod,) = read_manifest(made["kubernetes"].text).pods
    assert pod.kind == "Job"
    assert pod.containers[0].args == ("--report", "$$(HOME)", "$X")
    assert yaml.safe_load(made["compose"].text)["services"]["shop"]["command"] == [
        "--report",
        "$$(HOME)",
        "$$X",
    ]
    assert ci_commands(one)[2].endswith("--exit 3 --read-only --env DB_URL -- --report '$(HOME)' '$X'")


def test_compose_is_read_by_our_own_reader(tmp_path):
    path = tmp_path / "compose.yaml"
    path.write_text(by_key(SERVICE)["compose"].text)
    found = read_compose_file(path, {"DB_URL": "sqlite:"})
    assert found.environment == {"DB_URL": "sqlite:"}


@pytest.mark.parametrize(
    ("context", "dockerfile", "expected"),
    [
        (".", "Dockerfile", "Dockerfile"),
        ("api", "api/Dockerfile", "Dockerfile"),
        ("api/web", "docker/Dockerfile", "../../docker/Dockerfile"),
        (".", "api/Dockerfile", "api/Dockerfile"),
    ],
)
def test_compose_finds_the_dockerfile_from_the_context(context, dockerfile, expected):
    made = yaml.safe_load(by_key(with_(context=context, dockerfile=dockerfile))["compose"].text)
    assert made["services"]["shop"]["build"]["dockerfile"] == expected


def test_ci_jobs_are_yaml_with_the_same_commands():
    made = by_key(SERVICE)
    github = yaml.safe_load(made["github"].text.replace("\non:", "\n'on':"))
    assert github["on"] == ["push", "pull_request"]
    steps = [step["run"] for step in github["jobs"]["image"]["steps"] if "run" in step]
    gitlab = yaml.safe_load(made["gitlab"].text)
    assert "image" not in gitlab
    assert steps == gitlab["check-image"]["script"] == list(ci_commands(SERVICE))
    assert steps[1:] == [
        "slimdesk build . --component shop --dockerfile Dockerfile --tag shop:ci",
        "slimdesk verify shop:ci --port 8080 --http /healthz --status 200 --read-only --env DB_URL",
        "slimdesk analyze shop:ci --forbid-debug --max-files 9.38MB",
    ]


def test_hostile_words_stay_words(tmp_path):
    one = with_(
        component=HOSTILE, dockerfile=HOSTILE, context=HOSTILE, target=HOSTILE, command=(HOSTILE,), volumes=(HOSTILE,), http=f"/{HOSTILE}",
        image=HOSTILE, name=HOSTILE, platform=HOSTILE,
    )  # fmt: skip
    flat = HOSTILE.replace("\n", "")
    made = by_key(one)
    for text in (made["docker"].text, made["buildx"].text):
        for line in text.splitlines():
            words = shlex.split(line)
            assert words[0] == "docker"
            assert flat in words
    for key in ("compose", "kubernetes", "gitlab", "github"):
        text = made[key].text
        assert "\x00" not in text
        data = yaml.safe_load(text.replace("\non:", "\n'on':"))
        assert data
        assert "&a" not in [token.value for token in yaml.scan(text) if isinstance(token, yaml.AnchorToken)]
    for step in yaml.safe_load(made["github"].text.replace("\non:", "\n'on':"))["jobs"]["image"]["steps"]:
        assert "${{ secrets" not in step.get("run", "")
    assert (tmp_path / "x").exists() is False


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (8_930_000, "9.38MB"),
        (100_000_000, "105MB"),
        (9_999_999_999, "10.5GB"),
        (1000, "1.05kB"),
        (10, "11B"),
        (61_700_000, "64.8MB"),
    ],
)
def test_a_gate_leaves_a_little_room(size, expected):
    from slimdesk.basics.units import parse_size

    assert limit(size) == expected
    assert parse_size(limit(size)) >= size * 1.04


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("shop", True), ("localhost:5000/team/shop:1.0", True), ("registry.example.com/a/b__c:V1", True), ("[::1]:5000/a:1", True),
        ("", False), ("Shop", False), ("a b", False), ("a@sha256:" + "0" * 64, False), ("a:b:c", False), ("-a", False), ("a/" * 140 + "a", False),
        ("a\n", False), ("a:" + "x" * 129, False),
    ],
)  # fmt: skip
def test_names_of_images(name, good):
    assert (why_no_name(name) == "") is good


def test_a_registry_is_told_from_a_part_of_the_name():
    assert registry_of("localhost/shop") == "localhost"
    assert registry_of("ghcr.io/a/b:1") == "ghcr.io"
    assert registry_of("slimdesk/shop:1") is None
    assert registry_of("shop:1") is None
