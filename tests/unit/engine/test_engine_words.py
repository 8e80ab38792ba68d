"""What goes wrong at an engine, as sentences with a way out."""

import errno
import socket
import ssl

import pytest
import requests

from slimdesk.basics.errors import EngineError, EngineUnreachable, StreamBroken
from slimdesk.engine.build_words import build_words
from slimdesk.engine.endpoint import Endpoint, TlsFiles
from slimdesk.engine.failures import engine_calls, translate, unreachable
from slimdesk.engine.pull import pull_words

LOCAL = Endpoint("default", "unix:///var/run/docker.sock")
FAR = Endpoint("far", "tcp://far:2376")


def wrapped(error):
    """As requests hands it over: the cause somewhere inside."""
    outer = requests.exceptions.ConnectionError(("Connection aborted.", error))
    outer.__context__ = error
    return outer


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (FileNotFoundError(errno.ENOENT, "No such file"), "nothing listens at unix:///var/run/docker.sock"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), "is not running"),
        (socket.gaierror(-2, "Name or service not known"), "there is no host"),
        (TimeoutError("timed out"), "does not answer"),
        (ssl.SSLError(1, "wrong version number"), "do not agree on TLS"),
        (OSError(errno.EHOSTUNREACH, "no route"), "cannot be reached over the network"),
    ],
)
def test_why_an_engine_does_not_answer(error, why):
    said, todo = unreachable(LOCAL, wrapped(error))
    assert why in said
    assert todo


def _tls(reason):
    error = ssl.SSLError(1, reason)
    error.reason = reason
    return error


def _untrusted(code, message):
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, message
    return error


@pytest.mark.parametrize(
    ("error", "why", "todo"),
    [
        (_tls("TLSV13_ALERT_CERTIFICATE_REQUIRED"), "asks for a certificate", "cert.pem and key.pem"),
        (_tls("TLSV1_ALERT_UNKNOWN_CA"), "another authority signed it", "the engine's authority"),
        (_tls("SSLV3_ALERT_CERTIFICATE_EXPIRED"), "it has expired", "the engine's authority"),
        (_tls("WRONG_VERSION_NUMBER"), "speaks no TLS", "2375"),
        (_tls("SOMETHING\x1bNEW"), r"do not agree on TLS (SOMETHING\x1bNEW)", "2376"),
        (_untrusted(20, "unable to get local issuer certificate"), "is not trusted", "ca.pem"),
        (_untrusted(10, "certificate has expired"), "certificate has expired", "new certificate"),
        (_untrusted(64, "IP address mismatch"), "IP address mismatch", "as its certificate does"),
        (ConnectionResetError(errno.ECONNRESET, "reset"), "closed the connection", "cert.pem"),
        (ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), "closed the connection", "cert.pem"),
    ],
)
def test_what_is_wrong_with_certificates(error, why, todo):
    files = TlsFiles("ca.pem", "cert.pem", "key.pem", verify=True)
    found = unreachable(Endpoint("far", "tcp://far:2376", files), wrapped(error))
    assert why in found[0]
    assert todo in found[1]


def test_a_socket_that_may_not_be_used_names_its_group(tmp_path, monkeypatch):
    import grp

    path = tmp_path / "d.sock"
    path.touch()
    monkeypatch.setenv("USER", "ada")
    group = grp.getgrgid(path.stat().st_gid).gr_name
    denied = PermissionError(errno.EACCES, "Permission denied")
    said, todo = unreachable(Endpoint("default", f"unix://{path}"), wrapped(denied))
    assert f"the group {group}" in said
    assert f"usermod -aG {group} ada" in todo


def test_a_lost_connection_is_told_by_where_it_was_lost():
    broken = requests.exceptions.ChunkedEncodingError("Connection broken: IncompleteRead")
    assert isinstance(translate("x", LOCAL, broken, streaming=True), StreamBroken)
    assert isinstance(translate("x", LOCAL, broken), EngineUnreachable)


def test_an_unforeseen_error_keeps_its_text_harmless():
    with pytest.raises(EngineError, match=r"It failed: KeyError: .*\\x1b"), engine_calls("It failed", LOCAL):
        raise KeyError("\x1b[31m")


def test_ssh_is_refused_with_the_way_around():
    from slimdesk.engine.client import open_client

    with pytest.raises(EngineUnreachable, match=r"ssh -nNT -L .*me@far"):
        open_client(Endpoint("far", "ssh://me@far"))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            'process "/bin/sh -c make" did not complete successfully: exit code: 2',
            "The command ended with exit code 2: /bin/sh -c make",
        ),
        (
            "executor failed running [/bin/sh -c make]: exit code: 2",
            "The command ended with exit code 2: /bin/sh -c make",
        ),
        ('process "/bin/sh -c make" did not complete successfully: exit code: 137', "it was killed"),
        ("write /x: no space left on device", "The engine's disk is full"),
        (
            'failed to compute cache key: failed to calculate checksum of ref a::b: "/nothere": not found',
            "nothere is not in the build context",
        ),
        (
            'failed to compute cache key: "/nothere" not found: not found',
            "nothere is not in the build context",
        ),
        (
            "failed to solve with frontend dockerfile.v0: failed to create LLB definition: dockerfile parse error line 1: unknown instruction: FRO",
            "dockerfile parse error line 1: unknown instruction: FRO",
        ),
        (
            "gcr.io/a/b:1: failed to resolve source metadata for gcr.io/a/b:1: failed to do request: Head: dial tcp: lookup gcr.io: no such host",
            "The base image gcr.io/a/b:1 could not be fetched: gcr.io cannot be reached",
        ),
        (
            'failed to create LLB definition: failed to do request: Head "https://gcr.io/v2/a/b/manifests/1": dial tcp: no such host',
            "The base image gcr.io/a/b:1 could not be fetched",
        ),
        (
            'failed to do request: Head "https://registry-1.docker.io/v2/library/golang/manifests/1": dial tcp: no such host',
            "The base image golang:1 could not be fetched",
        ),
        (
            'failed to do request: Head "https://registry-1.docker.io/v2/docker/dockerfile/manifests/1.4": dial tcp: no such host',
            "docker/dockerfile:1.4, which the Dockerfile's `# syntax=` line asks for, could not be fetched",
        ),
        ("something \x1b[31mnew", "something \\x1b[31mnew"),
    ],
)
def test_why_a_build_failed(said, words):
    assert words in build_words(said)


@pytest.mark.parametrize(
    ("said", "why", "todo"),
    [
        ("toomanyrequests: You have reached your pull rate limit", "refuses more downloads", "docker login"),
        (
            "no matching manifest for linux/arm64/v8 in the manifest list entries",
            "no such image for linux/arm64",
            "platform",
        ),
        (
            "manifest for x:1 not found: manifest unknown: manifest unknown",
            "has no image of that name",
            "tag",
        ),
        (
            "pull access denied for x, repository does not exist or may require 'docker login'",
            "who you are",
            "docker login",
        ),
        (
            "Get https://r.io/v2/: dial tcp: lookup r.io: no such host",
            "r.io cannot be reached from the engine (no such host)",
            "mirror",
        ),
        (
            'failed to do request: Head "https://r.io/v2/": tls: failed to verify certificate: x509: unknown authority',
            "(unknown authority)",
            "mirror",
        ),
        (
            "error parsing HTTP 200 response body: invalid character '<' looking for beginning of value",
            "does not answer as a registry (invalid character '<' looking for beginning of value)",
            "address",
        ),
        (
            "failed to register layer: write /x: no space left on device",
            "disk is full",
            "docker system prune",
        ),
    ],
)
def test_why_a_pull_failed(said, why, todo):
    found = pull_words(said, "r.io/x:1", "linux/arm64")
    assert why in found[0]
    assert todo in found[1]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("E: Unable to locate package libpq55", "libpq55"),
        ("E: Package 'python' has no installation candidate", "python"),
        ("  ffmpegg (no such package):", "ffmpegg"),
    ],
)
def test_a_package_that_does_not_exist_is_named(line, name):
    said = 'process "/bin/sh -c apt-get install -y x" did not complete successfully: exit code: 100'
    words = build_words(said, ("Reading package lists...", line))
    assert words.startswith(f"There is no package {name} for this base image.")
    assert "packages.debian.org" in words
    assert "exit code 100" in build_words(said, ("Reading package lists...",))


def test_several_packages_that_do_not_exist_are_named_once():
    log = (
        "E: Unable to locate package a1",
        "E: Unable to locate package b2",
        "E: Unable to locate package a1",
    )
    words = build_words("exit code: 100", log)
    assert words.startswith("There are no packages a1, b2 for this base image. Correct the names:")
