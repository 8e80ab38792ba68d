"""What a registry tells of an image before it is pulled."""

import http.server
import json
import threading

import pytest

from slimdesk.engine.credentials import Credentials
from slimdesk.engine.registry import Reference, download_size, parse_reference

ANONYMOUS = Credentials()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("golang", ("docker.io", "library/golang", "latest")),
        ("golang:1.26-trixie", ("docker.io", "library/golang", "1.26-trixie")),
        ("team/app@sha256:ab", ("docker.io", "team/app", "sha256:ab")),
        ("localhost:5000/a/b:1@sha256:ab", ("localhost:5000", "a/b", "sha256:ab")),
        ("gcr.io/distroless/static-debian13:nonroot", ("gcr.io", "distroless/static-debian13", "nonroot")),
        ("docker.io/library/x:1", ("docker.io", "library/x", "1")),
    ],
)
def test_a_reference_in_parts(text, parts):
    assert parse_reference(text) == Reference(*parts)


@pytest.fixture
def registry():
    """A registry on this machine: an index of two platforms, behind a token."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.do_GET()

        def do_GET(self):
            path, _, query = self.path.partition("?")
            if path == "/token":
                seen.append((query, self.headers.get("Authorization")))
                return self.say(200, {"token": "good"})
            if self.headers.get("Authorization") != "Bearer good":
                realm = f"http://127.0.0.1:{server.server_port}/token"
                scope = "repository:app:pull"
                return self.say(
                    401, {}, {"WWW-Authenticate": f'Bearer realm="{realm}",service="here",scope="{scope}"'}
                )
            answer = answers.get(path)
            return self.say(200 if answer else 404, answer or {})

        def say(self, status, value, headers=None):
            body = json.dumps(value).encode()
            self.send_response(status)
            for name, text in (headers or {}).items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *_):
            pass

    seen = []
    platforms = [
        ("linux", "amd64", "sha256:a"),
        ("linux", "arm64", "sha256:b"),
        ("unknown", "unknown", "sha256:c"),
    ]
    answers = {
        "/v2/app/manifests/1": {
            "manifests": [
                {"digest": digest, "platform": {"os": system, "architecture": machine}}
                for system, machine, digest in platforms
            ]
        },
        "/v2/app/manifests/sha256:a": {"layers": [{"size": 100}, {"size": 23}]},
        "/v2/app/manifests/sha256:b": {"layers": [{"size": 7}]},
        "/v2/app/manifests/odd": {"layers": "none"},
        "/v2/app/manifests/old": {"layers": [{"size": 5}]},
    }
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_port}", seen
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_layers_of_the_platform_that_is_asked_for(registry):
    host, seen = registry
    assert download_size(f"{host}/app:1", "linux/amd64", ANONYMOUS) == 123
    assert download_size(f"{host}/app:1", "linux/arm64", ANONYMOUS) == 7
    assert download_size(f"{host}/app:old", "linux/amd64", ANONYMOUS) == 5
    assert "scope=repository%3Aapp%3Apull" in seen[0][0]


def test_credentials_go_to_the_token_server_alone(registry):
    host, seen = registry
    assert download_size(f"{host}/app:1", "linux/amd64", Credentials("me", "secret")) == 123
    assert seen[0][1].startswith("Basic ")


@pytest.mark.parametrize("tag", ["missing", "odd"])
def test_a_registry_that_does_not_tell(registry, tag):
    assert download_size(f"{registry[0]}/app:{tag}", "linux/amd64", ANONYMOUS) is None


def test_no_such_platform_and_no_registry(registry):
    assert download_size(f"{registry[0]}/app:1", "linux/s390x", ANONYMOUS) is None
    assert download_size("127.0.0.1:1/app:1", "linux/amd64", ANONYMOUS) is None
