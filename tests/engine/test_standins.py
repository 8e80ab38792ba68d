"""Stand-ins beside the real images: sizes, users, entry points, and that the same contents give the same image."""

import io
import tarfile

import pytest
from engine.standins import build as standins
from engine.standins import client, store

from slimdesk.catalog.catalog import load_catalog

pytestmark = pytest.mark.builds

# The catalogue's publishers state compressed sizes. Go and Debian come within two per cent; CPython is compiled without
# the optimisations, Node.js lacks what the real image's package manager leaves behind. Alpine's is no copy.
TOLERANCE = {"debian:trixie-slim": 0.04, "node:24-trixie-slim": 0.08, "python:3.13-slim-trixie": 0.08}


def _image(host, name):
    reason = standins.why_not(name)
    if reason:
        pytest.skip(reason)
    return standins.ensure(host, [name])[0]


@pytest.mark.parametrize("name", list(TOLERANCE))
def test_compressed_size_is_near_the_published_one(modern_engine, name):
    image = _image(modern_engine, name)
    real = next(
        one.size_download
        for one in load_catalog().images
        if one.reference == name and one.size_download is not None
    )
    measured = sum(layer.size for layer in image.layers)
    assert abs(measured - real) / real <= TOLERANCE[name], (
        f"{measured / 1e6:.1f} MB, the real one has {real / 1e6:.1f}"
    )


def test_distroless_static_is_about_2_mb_on_disk(modern_engine):
    image = _image(modern_engine, "gcr.io/distroless/static-debian13:nonroot")
    with tarfile.open(store.blob_path(image.layers[0].digest)) as archive:
        files = sum(member.size for member in archive if member.isfile())
    assert 1_500_000 < files < 3_000_000


def test_what_the_catalogue_says_of_user_entry_point_and_shell_holds(modern_engine):
    catalog = load_catalog()
    looked_at = 0
    for one in catalog.images:
        if one.own or one.reference not in standins.RECIPES or standins.why_not(one.reference):
            continue
        if not one.reference.startswith(("gcr.io/distroless/", "cgr.dev/", "debian:")):
            continue
        image = _image(modern_engine, one.reference)
        looked_at += 1
        assert int(image.config.get("User") or 0) == one.user, one.reference
        if one.entrypoint:
            assert tuple(image.config["Entrypoint"]) == one.entrypoint
        with_shell = any(_holds(layer, ("bin/sh", "usr/bin/sh")) for layer in image.layers)
        assert with_shell == one.shell, one.reference
    assert looked_at >= 6


def test_a_second_engine_takes_over_what_the_first_was_given(modern_engine, debian_engine):
    name = "busybox:1-musl"
    made = _image(modern_engine, name)
    given = _image(debian_engine, name)
    assert given == made
    assert client.lacks(debian_engine, [made]) == []


def test_a_layer_holds_each_path_once_and_is_the_same_when_written_again():
    def layer():
        tree = store.Tree()
        tree.file("etc/motd", "first")
        tree.file("etc/motd", "second")
        tree.link("etc/link", "motd")
        return tree.layer("test")

    one, two = layer(), layer()
    assert one == two
    with tarfile.open(store.blob_path(one.digest)) as archive:
        names = archive.getnames()
        assert archive.extractfile("etc/motd").read() == b"second"
    assert names == ["etc", "etc/link", "etc/motd"]


def test_an_archive_holds_a_shared_layer_once():
    tree = store.Tree()
    tree.file("a", "a")
    shared = tree.layer("test")
    images = [
        store.Image((f"localhost/test:{number}",), (shared,), {"User": str(number)}) for number in (1, 2)
    ]
    buffer = io.BytesIO()
    store.write_archive(images, buffer)
    buffer.seek(0)
    with tarfile.open(fileobj=buffer) as archive:
        names = archive.getnames()
    assert len([name for name in names if name.endswith("layer.tar")]) == 1
    assert names[-1] == "manifest.json"


@pytest.mark.parametrize(
    ("name", "word"),
    [("dhi.io/static:1", "login"), ("python:3.13-alpine3.24", "registry"), ("nobody/knows:1", "no stand-in")],
)
def test_what_has_no_stand_in_says_why(name, word):
    assert word in standins.why_not(name)


def _holds(layer, paths):
    with tarfile.open(store.blob_path(layer.digest)) as archive:
        return any(name.removeprefix("./") in paths for name in archive.getnames())
