"""What is told of an image beside its packages, what it would gain, and that no byte is gained twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from unit.image.images import Picture, layer, member, old_save, program
from unit.image.records import elf

from slimdesk.basics.finding import Finding
from slimdesk.basics.units import listed
from slimdesk.image.history import BASE_LAYERS_LABEL
from slimdesk.image.model import Image
from slimdesk.image.read import Wanted, read_path

USER: dict[str, Any] = {"User": "65532"}
KEY = b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"


def read(folder: Path, *layers: list, config: dict[str, Any] | None = None, fast: bool = False) -> Image:
    path = folder / "image.tar"
    path.write_bytes(old_save([Picture([layer(members) for members in layers], config=config or USER)]))
    return read_path(path, Wanted(fast=fast))


def rules(image: Image) -> list[str]:
    return [finding.rule for finding in image.findings]


def told(image: Image, rule: str) -> Finding:
    (finding,) = [one for one in image.findings if one.rule == rule]
    return finding


@pytest.mark.parametrize(
    ("members", "config", "rule"),
    [
        ([("x", 1)], {"Entrypoint": ["/app"]}, "entrypoint-missing"),
        ([("app/", 0)], {"Entrypoint": ["/app"]}, "entrypoint-missing"),
        ([("x", 1)], {"Cmd": ["app"]}, "entrypoint-missing"),
        ([("app", 1)], {"Cmd": ["/app"]}, "entrypoint-not-executable"),
        ([program("run.sh", b"#!/bin/sh\n")], {"Cmd": ["/run.sh"]}, "interpreter-missing"),
        ([program("app", elf(loader=b"/lib64/ld-linux-x86-64.so.2"))], {"Cmd": ["/app"]}, "loader-missing"),
        ([program("srv/app")], {"Cmd": ["./app"], "WorkingDir": "/srv"}, None),
        ([program("usr/bin/app")], {"Cmd": ["app"]}, None),
        ([program("usr/bin/app")], {"Cmd": ["app"], "Env": ["PATH=/srv"]}, "entrypoint-missing"),
        ([program("srv/app"), ("bin", "->srv")], {"Entrypoint": ["app"], "Env": ["PATH=/bin"]}, None),
        ([program("app", elf(loader=b"/lib/ld.so")), ("lib/ld.so", 9)], {"Cmd": ["/app"]}, None),
        ([program("app", b"#!/opt/py -u\n"), ("opt/py", "->../py"), program("py")], {"Cmd": ["/app"]}, None),
        ([program("a"), ("b", "=a")], {"Cmd": ["/b"]}, None),
        ([], {"Cmd": ["/app"]}, None),
    ],
)
def test_what_starts_must_be_there_with_all_it_needs(
    members: list, config: dict[str, Any], rule: str | None, tmp_path: Path
) -> None:
    image = read(tmp_path, members, config={**config, **USER})
    assert rules(image) == ([rule] if rule else [])
    assert all(finding.fix for finding in image.findings)


@pytest.mark.parametrize(
    ("name", "body", "line"),
    [
        ("root/.ssh/id_ed25519", KEY, 1),
        ("app/tls.key", b"\n\n-----BEGIN PRIVATE KEY-----\n", 3),
        ("app/.env", b"DEBUG=1\nDB_PASSWORD=hunter22\n", 2),
        ("app/.env.production", b"API=ghp_" + b"a" * 36, 1),
        ("root/.npmrc", b"//registry.npmjs.org/:_authToken=abc123\n", 1),
        ("root/.aws/credentials", b"[default]\naws_secret_access_key = abcdefghijklmnopqrst\n", 2),
        ("root/.docker/config.json", json.dumps({"auths": {"r": {"auth": "eA=="}}}).encode(), 1),
        ("root/.netrc", b"machine a login b password c\n", 1),
        ("root/.pypirc", b"[pypi]\npassword = x1\n", 2),
        ("app/.git/config", b'[remote "o"]\n url = https://me:hunter22@example.org/x\n', 2),
        ("app/store.p12", b"\x30\x82\x01\x02", None),
    ],
)
def test_secrets_are_told_with_their_line_and_never_shown(
    name: str, body: bytes, line: int | None, tmp_path: Path
) -> None:
    image = read(tmp_path, [(name, body)])
    secret = told(image, "secret")
    assert (secret.severity, secret.path, secret.line) == ("error", f"/{name}", line)
    assert secret.fix
    for word in ("hunter22", "abc123", "eA==", "abcdefghij"):
        assert word not in repr(image.findings)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("app/.env", b"PORT=80\nDB_PASSWORD=\nAPI_KEY=${API_KEY}\nTOKEN=changeme\n"),
        ("app/.env.example", b"DB_PASSWORD=hunter22\n"),
        ("root/.npmrc", b"//registry.npmjs.org/:_authToken=${NPM_TOKEN}\nsave-exact=true\n"),
        ("root/.docker/config.json", b'{"auths": {"r": {}}}'),
        ("root/.docker/config.json", b"[" * 50_000),
        ("app/config.json", json.dumps({"auths": {"r": {"auth": "eA=="}}}).encode()),
        ("etc/ssl/cert.pem", b"-----BEGIN CERTIFICATE-----\n"),
        ("app/tls.key", b"\x00" * 300_000),
    ],
)
def test_what_is_no_secret_is_let_be(name: str, body: bytes, tmp_path: Path) -> None:
    assert rules(read(tmp_path, [(name, body)])) == []


def test_a_secret_that_a_later_layer_deletes_is_still_in_the_image(tmp_path: Path) -> None:
    image = read(tmp_path, [("id_rsa", KEY)], [(".wh.id_rsa", b"")])
    assert "later layer" in told(image, "secret").message


def test_keys_that_a_published_package_brings_are_public(tmp_path: Path) -> None:
    modules = "app/node_modules/tls"
    members = [(f"{modules}/package.json", b'{"name": "tls", "version": "1"}'), (f"{modules}/test.key", KEY)]
    assert rules(read(tmp_path, members)) == []


def test_keys_that_the_base_image_brings_are_public(tmp_path: Path) -> None:
    config = {**USER, "Labels": {"io.slimdesk.base.layers": "1"}}
    image = read(tmp_path, [("test.key", KEY)], [("mine.key", KEY)], config=config)
    assert told(image, "secret").path == "/mine.key"


def test_secrets_in_the_environment(tmp_path: Path) -> None:
    environment = ["PATH=/bin", "API_TOKEN=x", "DB_PASSWORD=", "PASSWORD_FILE=/run/x", "TOKENIZERS=1"]
    image = read(tmp_path, [("a", 1)], config={**USER, "Env": environment})
    assert "API_TOKEN" in told(image, "secret").message


def test_modes(tmp_path: Path) -> None:
    image = read(
        tmp_path,
        [
            member("usr/bin/su", 10, mode=0o4755),
            member("tmp/", 0o1777),
            member("data/", 0o777),
            member("it's/", 0o777),
            member("link", "->x"),
        ],
    )
    assert told(image, "set-uid").message == "/usr/bin/su runs with the rights of its owner or group"
    assert told(image, "set-uid").fix == "RUN chmod a-s /usr/bin/su"
    assert told(image, "world-writable").path == "/data"
    assert "'/it'\"'\"'s'" in (told(image, "world-writable").fix or "")


def test_leftovers_with_their_bytes(tmp_path: Path) -> None:
    image = read(
        tmp_path,
        [
            ("var/lib/apt/lists/all", 50_000),
            ("root/.cache/pip/http/x", 40_000),
            ("root/.npm/_cacache/x", 30_000),
            ("app/pip/x", 30_000),
            ("app/__pycache__/x.pyc", 20_000),
            ("var/cache/apk/x", 9_000),
        ],
    )
    found = {finding.path: finding.bytes for finding in image.findings}
    assert found == {
        "/var/lib/apt/lists": 50_000,
        "/root/.cache/pip": 40_000,
        "/root/.npm/_cacache": 30_000,
        "/app/__pycache__": 20_000,
    }
    assert image.could_save == 140_000


def test_no_byte_is_saved_twice(tmp_path: Path) -> None:
    # A header in a tests folder of a documentation folder counts for three rules, and once in the sum.
    deep = "usr/share/doc/x/site-packages/y/tests"
    image = read(tmp_path, [(f"{deep}/lib.a", 200_000), (f"{deep}/other", 50_000)])
    assert sorted(rules(image)) == ["documentation", "headers", "tests-in-packages"]
    assert image.could_save == 250_000


def test_what_is_hidden_gains_nothing(tmp_path: Path) -> None:
    image = read(
        tmp_path, [("var/lib/apt/lists/all", 50_000), ("id", 1)], [("var/lib/apt/lists/.wh.all", b"")]
    )
    assert image.findings == ()
    assert image.could_save == 0


def test_tools_and_the_packages_that_bring_them(tmp_path: Path) -> None:
    status = b"Package: gcc-14\nStatus: install ok installed\nVersion: 14\n"
    image = read(
        tmp_path,
        [
            ("var/lib/dpkg/status", status),
            ("var/lib/dpkg/info/gcc-14.list", b"/usr/bin/gcc-14\n/usr/lib/gcc/cc1\n"),
            ("usr/bin/gcc", "->gcc-14"),
            program("usr/bin/gcc-14", b"g" * 1000),
            ("usr/lib/gcc/cc1", 300_000),
            program("bin/busybox", b"b" * 700),
            ("bin/sh", "->busybox"),
            ("bin/dpkg", "->busybox"),
        ],
    )
    assert rules(image) == ["compiler", "shell"]
    assert told(image, "compiler").bytes == 301_000 + len(b"/usr/bin/gcc-14\n/usr/lib/gcc/cc1\n")
    assert told(image, "shell").bytes == 700


def test_dev_dependencies_of_node_and_debian(tmp_path: Path) -> None:
    project = {
        "dependencies": {"express": "5"},
        "devDependencies": {"vite": "7", "express": "5", "gone": "1", "../x": "1"},
    }
    image = read(
        tmp_path,
        [
            ("app/package.json", json.dumps(project).encode()),
            ("app/node_modules/vite/package.json", b'{"name": "vite", "version": "7.0.0"}'),
            ("app/node_modules/vite/index.js", 5000),
            ("app/node_modules/express/package.json", b'{"name": "express", "version": "5.0.0"}'),
            ("var/lib/dpkg/status", b"Package: libx-dev\nStatus: install ok installed\nVersion: 1\n"),
            ("var/lib/dpkg/info/libx-dev.list", b"/usr/lib/x.so\n"),
            ("usr/lib/x.so", 800),
        ],
    )
    messages = [finding.message for finding in image.findings if finding.rule == "dev-dependencies"]
    assert len(messages) == 2
    assert "vite" in messages[0]
    assert "express" not in messages[0]
    assert "libx-dev" in messages[1]


def test_python_packages_for_development_are_counted_as_people_count(tmp_path: Path) -> None:
    site = "usr/lib/python3/site-packages"
    for names, words in (
        (("pytest",), "1 Python package for development: pytest"),
        (("Pytest_Cov", "ruff", "flask"), "2 Python packages for development: Pytest_Cov and ruff"),
    ):
        records = [
            (f"{site}/{name}-1.dist-info/METADATA", f"Name: {name}\nVersion: 1\n".encode()) for name in names
        ]
        assert words in told(read(tmp_path, records), "dev-dependencies").message


@pytest.mark.parametrize(
    ("below", "above", "words"),
    [
        (400_000, 900_000, "; 400\u2009kB of it came with the base image"),
        (10_000, 900_000, ""),
        (900_000, 400_000, "The base image brought most of it"),
    ],
)
def test_what_the_base_brought_of_a_finding_is_told(
    below: int, above: int, words: str, tmp_path: Path
) -> None:
    config = {**USER, "Labels": {BASE_LAYERS_LABEL: "1"}}
    image = read(
        tmp_path, [("usr/share/doc/a", below)], [("usr/share/doc/b", above), ("app", 1)], config=config
    )
    finding = told(image, "documentation")
    assert finding.bytes == below + above
    assert words in f"{finding.message} {finding.fix}"
    assert ("came with the base" in finding.message) == words.startswith(";")


def test_package_managers_of_languages_and_build_tools(tmp_path: Path) -> None:
    image = read(
        tmp_path,
        [
            program("usr/local/bin/uv"),
            program("usr/local/bin/composer"),
            program("usr/bin/mvn"),
            ("usr/share/maven/lib/core.jar", 9000),
        ],
    )
    assert "uv and composer" in told(image, "package-manager").message
    compiler = told(image, "compiler")
    assert "mvn" in compiler.message
    assert (compiler.bytes or 0) > 9000


@pytest.mark.parametrize(
    ("release", "severity"),
    [
        (b"ID=debian\nVERSION_ID=11\n", "error"),
        (b"ID=alpine\nVERSION_ID=3.20.3\n", "error"),
        (b'ID=debian\nVERSION_ID="13"\n', None),
        (b"ID=plan9\nVERSION_ID=4\n", None),
        (b"ID=\xff\nVERSION_ID=\n", None),
        (b"", None),
    ],
)
def test_a_base_that_gets_no_fixes_any_more(release: bytes, severity: str | None, tmp_path: Path) -> None:
    image = read(tmp_path, [("etc/os-release", release)])
    assert [(one.rule, one.severity) for one in image.findings] == (
        [("end-of-life", severity)] if severity else []
    )


def test_what_rubygems_and_others_fetched(tmp_path: Path) -> None:
    image = read(
        tmp_path,
        [
            ("usr/local/bundle/cache/rack-3.1.8.gem", 60_000),
            ("usr/local/bundle/specifications/rack-3.1.8.gemspec", b"# stub: rack 3.1.8 ruby lib\n"),
            ("srv/cache/page", 70_000),
            ("root/.cache/composer/files/a.zip", 80_000),
            ("root/.nuget/packages/a/a.nupkg", 90_000),
        ],
    )
    assert sorted((one.path, one.bytes) for one in image.findings if one.rule == "cache") == [
        ("/root/.cache/composer", 80_000),
        ("/root/.nuget/packages", 90_000),
        ("/usr/local/bundle/cache", 60_000),
    ]


def test_headers_alone_still_tell_what_they_can(tmp_path: Path) -> None:
    image = read(tmp_path, [("var/lib/apt/lists/all", 50_000), ("id_rsa", KEY)], fast=True)
    assert rules(image) == ["cache"]


def test_hostile_names_are_shown_harmlessly(tmp_path: Path) -> None:
    image = read(tmp_path, [(b"a\x1b[2J\n\xe2\x80\xae".decode() + "/.env", b"X_TOKEN=abcdef\n")])
    secret = told(image, "secret")
    assert secret.path is not None
    assert secret.path.isprintable()
    assert secret.message.isprintable()


def test_the_gravest_come_first_and_of_those_the_heaviest(tmp_path: Path) -> None:
    image = read(
        tmp_path,
        [
            ("id_rsa", KEY),
            ("root/.npm/_cacache/x", 30_000),
            ("var/lib/apt/lists/x", 90_000),
            ("usr/share/doc/x", 900_000),
        ],
    )
    assert rules(image) == ["secret", "cache", "cache", "documentation"]
    assert image.findings[1].bytes == 90_000


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b", "a"], "a and b"),
        (list("abcde"), "a, b, c, d and e"),
        (list("abcdef"), "a, b, c, d and 2 more"),
    ],
)
def test_lists_read_like_sentences(words: list[str], text: str) -> None:
    assert listed(words) == text
