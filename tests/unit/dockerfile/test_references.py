"""Names of images and platforms, arguments of FROM."""

import pytest

from slimdesk.dockerfile.images import SCRATCH, image_facts
from slimdesk.dockerfile.parse import parse
from slimdesk.dockerfile.references import Reference, is_platform, parse_reference
from slimdesk.dockerfile.stages import bases, needed_stages

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("alpine", Reference("alpine")), ("alpine:3.24", Reference("alpine", "3.24")),
        (f"alpine:3@{DIGEST}", Reference("alpine", "3", DIGEST)), ("localhost:5000/a/b:c", Reference("localhost:5000/a/b", "c")),
        ("Registry.Example/a", Reference("Registry.Example/a")), ("a__b/c--d", Reference("a__b/c--d")),
        ("[::1]:5000/a", Reference("[::1]:5000/a")),
    ],
)  # fmt: skip
def test_reads_names(text, expected):
    assert parse_reference(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A",
        "a:",
        "a@sha256:1",
        "a//b",
        "/a",
        "a/",
        "a b",
        "a:b:c",
        "-a",
        "a___b",
        "f" * 64,
        "x" * 256,
    ],
)
def test_refuses_what_is_no_name(text):
    assert parse_reference(text) is None


@pytest.mark.parametrize(
    "text", ["linux/amd64", "linux/arm/v7", "linux", "arm64", "windows/amd64", "windows(10.0.17763)/amd64"]
)
def test_platforms(text):
    assert is_platform(text)


@pytest.mark.parametrize("text", ["", "nonsense", "a/b/c/d", "linux/*", "linux/"])
def test_no_platforms(text):
    assert not is_platform(text)


def test_bases_follow_arguments_and_stages():
    found = parse(
        "ARG V=3.24\nARG W\nFROM alpine:${V} AS a\nFROM a AS b\nFROM x:$W\nFROM --platform=$BUILDPLATFORM b\nFROM scratch\n"
    )
    assert bases(found) == ["alpine:3.24", 0, None, 1, "scratch"]
    assert needed_stages(found) == {4}
    assert needed_stages(found, 3) == {0, 1, 3}


@pytest.mark.parametrize(
    ("name", "shell", "libc", "user"),
    [
        ("scratch", False, "none", "0"), ("gcr.io/distroless/static-debian13:nonroot", False, "none", "65532"),
        ("gcr.io/distroless/cc-debian13", False, "glibc", "0"), ("gcr.io/distroless/base-debian13:debug", False, "glibc", "0"),
        ("cgr.dev/chainguard/static", False, "none", "65532"), ("cgr.dev/chainguard/node", True, "glibc", "65532"),
        ("cgr.dev/chainguard/python:latest-dev", True, "glibc", "65532"), ("cgr.dev/chainguard/go", True, "glibc", "0"),
        ("dhi.io/python:3.13", False, "glibc", "65532"), ("dhi.io/python:3.13-alpine3.24-dev", True, "musl", "0"),
        ("mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled", False, "glibc", "1654"),
        ("mcr.microsoft.com/dotnet/aspnet:10.0", True, "glibc", "0"), ("alpine:3.24", True, "musl", "0"),
        ("python:3.13-alpine", True, "musl", "0"), ("docker.io/library/python:3.13-slim", True, "glibc", "0"),
        ("busybox", True, None, "0"), ("registry.example/team/app:1", None, None, None),
    ],
)  # fmt: skip
def test_what_a_name_says(name, shell, libc, user):
    reference = parse_reference(name)
    assert reference is not None
    facts = image_facts(reference)
    assert (facts.shell, facts.libc, facts.user) == (shell, libc, user)
    assert (facts == SCRATCH) == (name == "scratch")


@pytest.mark.parametrize(
    ("name", "glibc"),
    [
        ("golang:1.27", (2, 41)), ("node:24-slim", (2, 36)), ("node:26", (2, 41)), ("debian:12", (2, 36)), ("ubuntu:24.04", (2, 39)),
        ("gcr.io/distroless/cc-debian12", (2, 36)), ("gcr.io/distroless/cc", (2, 41)), ("cgr.dev/chainguard/glibc-dynamic", (2, 43)),
        ("python:3.13-slim-bookworm", (2, 36)), ("eclipse-temurin:21-jre-noble", (2, 39)), ("alpine", None),
    ],
)  # fmt: skip
def test_glibc_of_a_name(name, glibc):
    reference = parse_reference(name)
    assert reference is not None
    assert image_facts(reference).glibc == glibc
