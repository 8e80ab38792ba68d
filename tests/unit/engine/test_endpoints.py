"""Which engine is in use, as the Docker CLI decides it."""

import hashlib
import json

import pytest

from slimdesk.basics.errors import EngineUnreachable
from slimdesk.engine.endpoint import client_configuration, default_host, endpoints, in_use
from slimdesk.engine.proxies import proxy_arguments


@pytest.fixture
def home(tmp_path):
    (tmp_path / ".docker").mkdir()
    return tmp_path


def environment(home, **more):
    return {"HOME": str(home), **more}


def add_context(home, name, host, *, tls=False, text=None):
    digest = hashlib.sha256(name.encode()).hexdigest()
    folder = home / ".docker" / "contexts" / "meta" / digest
    folder.mkdir(parents=True)
    meta = {"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": host, "SkipTLSVerify": False}}}
    (folder / "meta.json").write_text(text or json.dumps(meta), encoding="utf-8")
    if tls:
        certificates = home / ".docker" / "contexts" / "tls" / digest / "docker"
        certificates.mkdir(parents=True)
        for file in ("ca.pem", "cert.pem", "key.pem"):
            (certificates / file).write_text("x")


def configure(home, **settings):
    (home / ".docker" / "config.json").write_text(json.dumps(settings), encoding="utf-8")


def test_without_any_setting_the_default_socket(home):
    assert in_use(environment=environment(home)).host == default_host()


def test_docker_host_wins_over_everything_but_a_name(home):
    add_context(home, "far", "tcp://far:2375")
    configure(home, currentContext="far")
    set_ = environment(home, DOCKER_HOST="unix:///x.sock", DOCKER_CONTEXT="far")
    assert in_use(environment=set_).host == "unix:///x.sock"
    assert in_use("far", set_).host == "tcp://far:2375"


def test_then_docker_context_then_the_configuration(home):
    add_context(home, "far", "tcp://far:2375")
    add_context(home, "near", "unix:///near.sock")
    configure(home, currentContext="far")
    assert in_use(environment=environment(home)).context == "far"
    assert in_use(environment=environment(home, DOCKER_CONTEXT="near")).context == "near"


def test_an_unknown_context_is_a_sentence_with_those_there_are(home):
    add_context(home, "far", "tcp://far:2375")
    with pytest.raises(EngineUnreachable, match=r"no Docker context lost.*default, far"):
        in_use(environment=environment(home, DOCKER_CONTEXT="lost"))


def test_the_certificates_of_a_context(home):
    add_context(home, "far", "tcp://far:2376", tls=True)
    tls = in_use("far", environment(home)).tls
    assert tls is not None
    assert tls.verify
    assert tls.certificate.endswith("cert.pem")


def test_the_certificates_of_docker_host(home):
    for file in ("ca.pem", "cert.pem", "key.pem"):
        (home / file).write_text("x")
    found = in_use(
        environment=environment(
            home, DOCKER_HOST="tcp://h:2376", DOCKER_TLS_VERIFY="1", DOCKER_CERT_PATH=str(home)
        )
    )
    assert found.tls is not None
    assert found.tls.ca == str(home / "ca.pem")


@pytest.mark.parametrize(
    "text", ["{", "[]", "null", '{"Name": "x"}', '{"Name": "x", "Endpoints": {"docker": 3}}']
)
def test_a_broken_context_is_left_out(home, text):
    add_context(home, "broken", "", text=text)
    add_context(home, "good", "tcp://good:1")
    assert [
        one.context for one in endpoints(environment(home)) if not one.host.startswith("unix:///run")
    ] == ["default", "good"]


@pytest.mark.parametrize("text", ["", "{", "[1]", "null"])
def test_a_broken_configuration_is_none(home, text):
    (home / ".docker" / "config.json").write_text(text)
    assert client_configuration(environment(home)) == {}


def test_a_bare_path_or_address_becomes_a_url(home):
    assert in_use(environment=environment(home, DOCKER_HOST="/x.sock")).host == "unix:///x.sock"
    assert in_use(environment=environment(home, DOCKER_HOST="h:2375")).host == "tcp://h:2375"


def test_sockets_in_usual_places_are_offered_if_they_are_there(home):
    (home / ".colima" / "default").mkdir(parents=True)
    (home / ".colima" / "default" / "docker.sock").touch()
    (home / "run").mkdir()
    (home / "run" / "docker.sock").touch()
    found = {one.context for one in endpoints(environment(home, XDG_RUNTIME_DIR=str(home / "run")))}
    assert {"default", "colima", "rootless"} <= found
    assert "rancher-desktop" not in found


def test_proxies_of_the_configuration_become_build_arguments():
    configuration = {
        "proxies": {
            "default": {"httpProxy": "http://p:3128", "noProxy": "localhost"},
            "tcp://h:1": {"httpsProxy": "http://q"},
        }
    }
    assert proxy_arguments(configuration, "unix:///x") == {
        "HTTP_PROXY": "http://p:3128",
        "http_proxy": "http://p:3128",
        "NO_PROXY": "localhost",
        "no_proxy": "localhost",
    }
    assert proxy_arguments(configuration, "tcp://h:1") == {
        "HTTPS_PROXY": "http://q",
        "https_proxy": "http://q",
    }


@pytest.mark.parametrize(
    "configuration",
    [{}, {"proxies": []}, {"proxies": {"default": 1}}, {"proxies": {"default": {"httpProxy": 5}}}],
)
def test_proxies_that_are_none(configuration):
    assert proxy_arguments(configuration, "unix:///x") == {}


def test_a_folder_that_may_not_be_entered_holds_no_socket(home, monkeypatch):
    from pathlib import Path

    def refused(self, **_):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "exists", refused)
    assert [one.context for one in endpoints(environment(home, XDG_RUNTIME_DIR=str(home)))] == ["default"]
