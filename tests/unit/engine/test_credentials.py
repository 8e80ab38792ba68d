"""Who the person is at a registry."""

import base64
import json
import sys

import pytest

from slimdesk.engine.credentials import Credentials, credentials_for, find_helper, registry_of

posix = pytest.mark.skipif(sys.platform == "win32", reason="the helper is a shell script")


def helper(folder, name, script):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"docker-credential-{name}"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def environment(home, path="/usr/bin:/bin"):
    return {"HOME": str(home), "PATH": path}


@pytest.mark.parametrize(
    ("reference", "registry"),
    [
        ("golang:1.26", "docker.io"),
        ("library/golang", "docker.io"),
        ("gcr.io/distroless/static:nonroot", "gcr.io"),
        ("localhost/x", "localhost"),
        ("localhost:5000/x:1", "localhost:5000"),
        ("index.docker.io/library/x", "docker.io"),
        ("user/image@sha256:abc", "docker.io"),
    ],
)
def test_the_registry_of_a_reference(reference, registry):
    assert registry_of(reference) == registry


@posix
def test_a_helper_is_asked_and_gets_the_servers_name(tmp_path):
    helper(
        tmp_path / "tools", "fake", 'read server; echo "{\\"Username\\":\\"$server\\",\\"Secret\\":\\"s\\"}"'
    )
    place = environment(tmp_path, f"{tmp_path}/tools:/usr/bin:/bin")
    found = credentials_for("ghcr.io", {"credsStore": "fake"}, place)
    assert (found.username, found.password) == ("ghcr.io", "s")
    hub = credentials_for("docker.io", {"credsStore": "fake"}, place)
    assert hub.username == "https://index.docker.io/v1/"
    assert hub.for_engine("docker.io")["serveraddress"] == "https://index.docker.io/v1/"


@posix
def test_a_helper_is_found_where_its_installer_put_it(tmp_path):
    helper(tmp_path / ".docker" / "bin", "fake", 'echo "{\\"Username\\":\\"<token>\\",\\"Secret\\":\\"t\\"}"')
    assert find_helper("fake", environment(tmp_path)) is not None
    found = credentials_for("x.io", {"credHelpers": {"x.io": "fake"}}, environment(tmp_path))
    assert found == Credentials(identity_token="t")
    assert credentials_for("y.io", {"credHelpers": {"x.io": "fake"}}, environment(tmp_path)) == Credentials()


def test_a_missing_helper_is_a_sentence_and_not_an_error(tmp_path):
    found = credentials_for("docker.io", {"credsStore": "desktop-gone"}, environment(tmp_path))
    assert not found.known
    assert "docker-credential-desktop-gone was not found" in found.note
    assert found.for_engine("docker.io") == {}


@posix
def test_a_helper_that_fails_or_babbles_is_a_sentence(tmp_path):
    tools = tmp_path / "tools"
    place = environment(tmp_path, f"{tools}:/usr/bin:/bin")
    helper(tools, "none", "echo 'credentials not found in native keychain'; exit 1")
    helper(tools, "broken", "printf 'the keychain \\033[31mis locked'; exit 1")
    helper(tools, "babble", "echo hello")
    assert credentials_for("x.io", {"credsStore": "none"}, place) == Credentials()
    broken = credentials_for("x.io", {"credsStore": "broken"}, place).note
    assert "is locked" in broken
    assert "\x1b" not in broken
    assert "failed" in credentials_for("x.io", {"credsStore": "babble"}, place).note


@posix
def test_a_name_that_is_a_path_starts_nothing(tmp_path):
    helper(tmp_path / "docker-credential-..", "x", "echo no")
    place = environment(tmp_path, str(tmp_path))
    assert "was not found" in credentials_for("x.io", {"credsStore": "../docker-credential-x"}, place).note


def test_what_docker_login_stored(tmp_path):
    stored = base64.b64encode(b"me:pass:word").decode()
    configuration = {
        "auths": {
            "https://index.docker.io/v1/": {"auth": stored},
            "ghcr.io": {"identitytoken": "t"},
            "bad.io": {"auth": "%%"},
            "odd.io": 3,
        }
    }
    place = environment(tmp_path)
    hub = credentials_for("docker.io", configuration, place)
    assert (hub.username, hub.password) == ("me", "pass:word")
    assert credentials_for("ghcr.io", configuration, place).identity_token == "t"
    assert credentials_for("bad.io", configuration, place) == Credentials()
    assert credentials_for("odd.io", configuration, place) == Credentials()
    assert credentials_for("else.io", json.loads("{}"), place) == Credentials()
