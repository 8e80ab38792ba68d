"""The shipped catalogue answers for every language, and nothing that has ended comes out of it."""

import datetime as dt
import re
from dataclasses import replace

import pytest

from slimdesk.basics import clock
from slimdesk.catalog.catalog import Catalog, load_catalog
from slimdesk.catalog.model import FAMILIES

TODAY = dt.date(2026, 11, 21)
LANGUAGES = ("go", "node", "python", "java", "rust", "cpp", "dotnet", "php", "ruby", "web")
WORDS = (*LANGUAGES, "static", "glibc", "cxx", "musl", "jlink")
ROLES = ("runtime", "builder")

# Names that posts still recommend and that get no updates any more (base-images.md, 0 and 8).
DEAD = re.compile(
    r"debian1[012]|bookworm|bullseye|buster|openjdk|nodejs(14|16|18|20)|^node:(14|16|18|20|21|23|25)\b"
    r"|alpine-?3\.(1\d|20|21)\b|^alpine:3\.(1\d|20|21)$|^python:3\.([0-9]|10)\b|dotnet.*:[89]\.0|/distroless/java(8|11|:)"
    r"|ubuntu:(18|20)|^golang:1\.(\d|1\d|2[0-5])\b"
)


@pytest.fixture
def catalog(tmp_path, monkeypatch) -> Catalog:
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    return load_catalog(tmp_path)


def test_nothing_that_has_ended_comes_out(catalog):
    seen = 0
    for family in FAMILIES:
        for word in WORDS:
            for role in ROLES:
                cycles = (
                    [cycle.name for cycle in catalog.products[word].cycles]
                    if word in catalog.products
                    else []
                )
                for version in (None, *cycles, "20", "3.10", "8.0", "1.19"):
                    image = catalog.find(family, word, version, role)
                    if image is None:
                        continue
                    seen += 1
                    assert image.end_of_life is None or image.end_of_life > TODAY, image.reference
                    assert not DEAD.search(image.reference), image.reference
                    assert not DEAD.search(image.debug_reference or ""), image.debug_reference
                    assert not catalog.ended(word, image.version or ""), image.reference
    assert seen > 150


def test_an_image_leaves_when_its_life_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(clock, "today", lambda: dt.date(2027, 4, 29))
    assert "22" in load_catalog(tmp_path).versions("distroless", "node")
    monkeypatch.setattr(clock, "today", lambda: dt.date(2027, 4, 30))
    late = load_catalog(tmp_path)
    assert "22" not in late.versions("distroless", "node")
    assert late.ended("node", "22") == dt.date(2027, 4, 30)


def test_a_language_that_runs_on_an_ended_system_is_gone(tmp_path, monkeypatch):
    monkeypatch.setattr(clock, "today", lambda: dt.date(2028, 8, 9))
    late = load_catalog(tmp_path)
    assert late.find("slim", "python", "3.14") is None
    assert late.products["python"].cycle("3.14").ends > dt.date(2028, 8, 9)


@pytest.mark.parametrize(
    ("family", "serves", "version", "role", "reference"),
    [
        ("full", "go", "1.26", "builder", "golang:1.26-trixie"),
        ("alpine", "go", None, "builder", "golang:1.27-alpine3.24"),
        ("distroless", "static", None, "runtime", "gcr.io/distroless/static-debian13:nonroot"),
        ("distroless", "glibc", None, "runtime", "gcr.io/distroless/base-debian13:nonroot"),
        ("distroless", "cxx", None, "runtime", "gcr.io/distroless/cc-debian13:nonroot"),
        ("distroless", "node", "22", "runtime", "gcr.io/distroless/nodejs22-debian13:nonroot"),
        ("distroless", "python", None, "runtime", "gcr.io/distroless/python3-debian13:nonroot"),
        ("distroless", "java", None, "runtime", "gcr.io/distroless/java21-debian13:nonroot"),
        ("slim", "node", None, "runtime", "node:24-trixie-slim"),
        ("slim", "python", "3.12", "runtime", "python:3.12-slim-trixie"),
        ("alpine", "java", "21", "runtime", "eclipse-temurin:21-jre-alpine-3.24"),
        ("chainguard", "python", None, "runtime", "cgr.dev/chainguard/python:latest"),
        ("chiselled", "dotnet", None, "runtime", "mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled"),
        ("scratch", "static", None, "runtime", "scratch"),
    ],
)
def test_names_and_tags(catalog, family, serves, version, role, reference):
    assert catalog.find(family, serves, version, role).reference == reference


@pytest.mark.parametrize(
    ("family", "serves", "version"),
    [
        ("distroless", "python", "3.12"),  # one minor version only
        ("distroless", "php", None),
        ("distroless", "ruby", None),
        ("scratch", "glibc", None),
        ("scratch", "node", None),
        ("chiselled", "go", None),
        ("slim", "node", "20"),
        ("full", "go", "1.24"),
        ("slim", "cobol", None),
    ],
)
def test_what_there_is_not(catalog, family, serves, version):
    assert catalog.find(family, serves, version) is None


def test_versions_are_newest_first_by_number(catalog):
    assert catalog.versions("slim", "python") == ("3.14", "3.13", "3.12", "3.11")
    assert catalog.versions("distroless", "python") == ("3.13",)
    assert catalog.versions("full", "go", "builder") == ("1.27", "1.26")
    assert catalog.versions("scratch", "static") == ()


def test_entry_points_users_and_debug_images(catalog):
    node = catalog.find("distroless", "node", "24")
    assert node.interpreter == "/nodejs/bin/node"
    assert (node.user, node.run_user, node.run_group) == (65532, 65532, 65532)
    assert node.debug_reference == "gcr.io/distroless/nodejs24-debian13:debug-nonroot"
    slim = catalog.find("slim", "node", "24")
    assert (slim.user, slim.run_user) == (0, 1000)
    assert slim.debug_reference == slim.reference
    assert catalog.find("chainguard", "static").debug_reference is None
    assert catalog.find("distroless", "python").interpreter == "/usr/bin/python3.13"


def test_every_image_says_where_it_is_known_from_and_runs_unprivileged(catalog):
    for image in catalog.images:
        assert image.source, image.reference
        assert image.run_user != 0, image.reference
        assert (image.size_download is None) == (image.size_source is None), image.reference
        assert not (image.shell is False and image.package_manager), image.reference


def test_no_two_shipped_images_answer_the_same_question(catalog):
    questions = [
        (image.family, image.role, word, image.version) for image in catalog.images for word in image.serves
    ]
    assert len(questions) == len(set(questions))


def test_known_sizes_stand_with_their_source(catalog):
    slim = catalog.find("slim", "python", "3.13")
    assert slim.size_download == 43_000_000
    assert "repo-info" in slim.size_source
    assert catalog.find("slim", "python", "3.12").size_download is None


def test_age_is_told_after_ninety_days(catalog):
    assert catalog.age is None
    assert replace(catalog, today=catalog.checked + dt.timedelta(days=90)).age is None
    late = replace(catalog, today=catalog.checked + dt.timedelta(days=91)).age
    assert "2026-11-20" in late
    assert "91 days" in late
