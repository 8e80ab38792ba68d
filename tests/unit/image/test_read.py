"""Whole images: every kind of archive, what is chosen in it, what is measured, and archives that are broken."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from isal import isal_zlib
from unit.image.images import (
    Picture,
    archive,
    compressed,
    layer,
    oci_files,
    old_save,
    sha,
    write_folder,
)

from slimdesk.basics.errors import ArchiveError, BadInput, StreamBroken
from slimdesk.image import blobs
from slimdesk.image.model import Image
from slimdesk.image.read import Wanted, is_image_file, read_path, read_stream

LOWER = layer([("a/", 0o755), ("a/f", 1000), ("b", 10), ("c", 5)])
UPPER = layer([("a/.wh.f", 0), ("b", 20), ("l", "=b")])
HISTORY = [
    {"created_by": "/bin/sh -c #(nop) ADD file:" + "0" * 64 + " in / "},
    {"created_by": 'CMD ["sh"]', "empty_layer": True},
    {"created_by": "RUN /bin/sh -c rm /a/f # buildkit", "comment": "buildkit.dockerfile.v0"},
]
PICTURE = Picture([LOWER, UPPER], history=HISTORY, config={"User": "65532", "Entrypoint": ["/app"]})


def gz(picture: Picture) -> Picture:
    return Picture(picture.layers, picture.name, picture.history, picture.config, compression="gzip")


def zst(picture: Picture) -> Picture:
    return Picture(picture.layers, picture.name, picture.history, picture.config, compression="zstd")


FORMS: dict[str, Callable[[], bytes]] = {
    "docker save before 25": lambda: old_save([PICTURE]),
    "docker save before 25, manifest first": lambda: old_save([PICTURE], manifest_first=True),
    "docker save since 25": lambda: archive(oci_files([PICTURE], docker=True)),
    "containerd store": lambda: archive(oci_files([gz(PICTURE)], docker=True, nested=True, attestation=True)),
    "OCI tar": lambda: archive(oci_files([PICTURE])),
    "OCI tar, gzip": lambda: archive(oci_files([gz(PICTURE)])),
    "OCI tar, zstd, nested, attested": lambda: archive(
        oci_files([zst(PICTURE)], nested=True, attestation=True)
    ),
    "gzipped archive": lambda: compressed(old_save([PICTURE]), "gzip"),
    "zstd archive": lambda: compressed(archive(oci_files([gz(PICTURE)], docker=True)), "zstd"),
    "names with ./": lambda: archive([(f"./{name}", data) for name, data in oci_files([PICTURE])]),
}


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(data: bytes) -> Path:
        path = tmp_path / "image.tar"
        path.write_bytes(data)
        return path

    return write


def check(image: Image) -> None:
    assert image.sizes.files == 1035
    assert image.sizes.live == 25
    assert image.shadowed == 1010
    assert image.score == pytest.approx(25 / 1035)
    assert image.sizes.unpacked == len(LOWER) + len(UPPER)
    assert [layer.diff_id for layer in image.layers] == [sha(LOWER), sha(UPPER)]
    assert [layer.shadowed for layer in image.layers] == [1010, 0]
    assert [layer.entries for layer in image.layers] == [4, 3]
    assert [layer.instruction for layer in image.layers] == [f"ADD {'0' * 12} /", "RUN rm /a/f"]
    assert image.layers[1].created_by == "RUN /bin/sh -c rm /a/f # buildkit"
    assert image.platform == "linux/amd64"
    assert image.name == "app:1"
    assert image.image_id == sha(PICTURE.config_bytes())
    assert image.config.user == "65532"
    assert image.config.entrypoint == ("/app",)
    assert image.warnings == ()
    node = image.table.find("/l")
    assert node is not None
    assert image.table.link(node) == "/b"


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_image(form: str, saved: Callable[[bytes], Path]) -> None:
    data = FORMS[form]()
    path = saved(data)
    image = read_path(path)
    check(image)
    assert image.verified
    assert image.source == ("oci-archive" if form.startswith(("OCI", "names")) else "docker-archive")
    assert is_image_file(path)
    fast = read_path(path, Wanted(fast=True))
    check(fast)
    assert not fast.verified


@pytest.mark.parametrize("form", [form for form in FORMS if form not in ("gzipped archive", "zstd archive")])
def test_the_same_from_a_stream_in_pieces_of_any_length(form: str) -> None:
    data = FORMS[form]()
    for step in (1 << 20, 700, 37):
        pieces = (data[start : start + step] for start in range(0, len(data), step))
        image = read_stream(pieces, "app:1", "sha256:theirs")
        assert image.image_id == "sha256:theirs"
        assert image.source == "engine"
        assert image.verified
        assert (image.sizes.files, image.sizes.live) == (1035, 25)


@pytest.mark.parametrize("how", [None, "gzip", "zstd"])
def test_an_oci_layout_folder(how: str | None, tmp_path: Path) -> None:
    picture = Picture([LOWER, UPPER], history=HISTORY, config=PICTURE.config, compression=how)
    folder = write_folder(tmp_path / "layout", oci_files([picture]))
    image = read_path(folder)
    check(image)
    assert image.verified
    assert image.source == "oci-layout"
    assert is_image_file(folder)
    check(read_path(folder, Wanted(fast=True)))


def test_download_is_the_blobs_or_what_isal_makes_of_them(saved: Callable[[bytes], Path]) -> None:
    stored = read_path(saved(archive(oci_files([gz(PICTURE)]))))
    assert stored.sizes.download_from == "blobs"
    assert stored.sizes.download == sum(len(compressed(data, "gzip")) for data in (LOWER, UPPER))
    assert stored.layers[0].digest == sha(compressed(LOWER, "gzip"))
    plain = read_path(saved(old_save([PICTURE])))
    assert plain.sizes.download_from == "compressed"
    assert plain.sizes.download == sum(len(isal_zlib.compress(data, 1, wbits=31)) for data in (LOWER, UPPER))
    assert plain.layers[0].digest == sha(LOWER)
    headers = read_path(saved(old_save([PICTURE])), Wanted(fast=True))
    assert (headers.sizes.download, headers.sizes.download_from) == (None, None)
    headers = read_path(saved(archive(oci_files([gz(PICTURE)]))), Wanted(fast=True))
    assert headers.sizes.download == stored.sizes.download


def test_estargz_members_and_zstd_frames_are_one_layer(saved: Callable[[bytes], Path]) -> None:
    members = b"".join(
        gzip.compress(LOWER[start : start + 600], mtime=0) for start in range(0, len(LOWER), 600)
    )
    frames = b"\x50\x2a\x4d\x18\x04\0\0\0skip" + b"".join(
        compressed(UPPER[start : start + 600], "zstd") for start in range(0, len(UPPER), 600)
    )
    config = PICTURE.config_bytes()
    manifest = [{"config": "c.json", "repotags": ["app:1"], "layers": ["1.tar.gz", "2.tar.zst"]}]
    data = archive(
        [
            ("c.json", config),
            ("1.tar.gz", members),
            ("2.tar.zst", frames),
            ("manifest.json", json.dumps(manifest).encode()),
        ]
    )
    check(read_path(saved(data)))


def test_layers_that_are_links_and_shared_layers(saved: Callable[[bytes], Path]) -> None:
    picture = Picture([LOWER, LOWER])
    config = picture.config_bytes()
    manifest = [{"Config": "c.json", "RepoTags": None, "Layers": ["one/layer.tar", "two/layer.tar"]}]
    data = archive(
        [
            ("one/layer.tar", LOWER),
            ("two/layer.tar", "->../one/layer.tar"),
            ("c.json", config),
            ("manifest.json", json.dumps(manifest).encode()),
        ]
    )
    for image in (read_path(saved(data)), read_stream([data], "x")):
        assert image.sizes.files == 2 * 1015
        assert image.sizes.live == 1015
        assert image.layers[0].instruction is None
    assert image.name == "x"
    assert read_path(saved(data)).name is None


def test_an_image_without_layers(saved: Callable[[bytes], Path]) -> None:
    image = read_path(saved(archive(oci_files([Picture([])], docker=True))))
    assert (image.sizes.files, image.sizes.live, image.score, image.layers) == (0, 0, None, ())
    assert image.dive.efficiency == 1.0
    assert image.sizes.download == 0


# --- which image -----------------------------------------------------------------------------------------------------


def two_platforms() -> bytes:
    return archive(
        oci_files(
            [
                Picture([LOWER], name="app:1", platform=("linux", "arm64", "v8")),
                Picture([LOWER, UPPER], name="app:1", platform=("linux", "amd64", "")),
            ],
            nested=True,
        )
    )


@pytest.mark.parametrize(
    ("platform", "layers"), [("linux/arm64", 1), ("linux/amd64", 2), ("arm64", 1), ("linux/x86_64", 2)]
)
def test_the_platform_chooses(platform: str, layers: int, saved: Callable[[bytes], Path]) -> None:
    image = read_path(saved(two_platforms()), Wanted(platform=platform))
    assert len(image.layers) == layers
    assert image.warnings == ()


def test_this_machines_platform_is_the_default(
    saved: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert read_path(saved(two_platforms())).platform == "linux/arm64/v8"
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(BadInput, match=r"linux/amd64, linux/arm64/v8.*--platform"):
        read_path(saved(two_platforms()))


def test_the_only_image_is_read_whatever_its_platform_unless_another_is_asked_for(
    saved: Callable[[bytes], Path],
) -> None:
    path = saved(old_save([Picture([LOWER], platform=("linux", "s390x", ""))]))
    assert read_path(path).platform == "linux/s390x"
    with pytest.raises(BadInput, match="linux/s390x"):
        read_path(path, Wanted(platform="linux/amd64"))


def test_an_image_that_states_no_platform_fits(saved: Callable[[bytes], Path]) -> None:
    path = saved(old_save([Picture([LOWER], platform=None)]))
    assert read_path(path, Wanted(platform="linux/arm64")).platform is None


def test_several_images_in_one_file(saved: Callable[[bytes], Path]) -> None:
    one = Picture([LOWER], name="one:1")
    two = Picture([LOWER, UPPER], name="registry.example/two:latest")
    for data in (old_save([one, two]), archive(oci_files([one, two]))):
        path = saved(data)
        image = read_path(path)
        assert image.name == "one:1"
        assert len(image.warnings) == 1
        assert "registry.example/two:latest" in image.warnings[0]
        assert "--ref" in image.warnings[0]
        for ref in ("registry.example/two:latest", "registry.example/two", sha(two.config_bytes())):
            image = read_path(path, Wanted(ref=ref))
            assert len(image.layers) == 2
            assert image.warnings == ()
        with pytest.raises(BadInput, match="one:1, registry"):
            read_path(path, Wanted(ref="three"))


def test_the_base_is_told_by_its_diff_ids(saved: Callable[[bytes], Path]) -> None:
    path = saved(old_save([PICTURE]))
    image = read_path(path, Wanted(bases=((sha(b"other"),), (sha(LOWER),))))
    assert [layer.base for layer in image.layers] == [True, False]
    assert image.base_layers == 1
    image = read_path(path, Wanted(bases=((sha(b"other"),),)))
    assert [layer.base for layer in image.layers] == [None, None]
    assert image.base_layers is None


# --- what is wrong ----------------------------------------------------------------------------------------------------


def test_a_layer_that_is_not_what_the_configuration_says(saved: Callable[[bytes], Path]) -> None:
    lying = Picture([LOWER, UPPER], diff_ids=[sha(LOWER), sha(b"something else")])
    image = read_path(saved(old_save([lying])))
    assert not image.verified
    assert image.layers[1].diff_id == sha(UPPER)
    assert image.warnings == (
        "Layer 1 is not what the image says it is: the digest differs. Do not trust this copy.",
    )


def test_a_blob_under_a_wrong_name(saved: Callable[[bytes], Path]) -> None:
    files = oci_files([gz(PICTURE)])
    blob = compressed(UPPER, "gzip")
    other = gzip.compress(UPPER, compresslevel=1, mtime=1)
    image = read_path(saved(archive([(name, other if data == blob else data) for name, data in files])))
    assert not image.verified
    assert "Layer 1" in image.warnings[0]


def test_a_configuration_with_other_layers(saved: Callable[[bytes], Path]) -> None:
    image = read_path(saved(old_save([Picture([LOWER, UPPER], diff_ids=[sha(LOWER)])])))
    assert not image.verified
    assert "nothing could be checked" in image.warnings[0]


def broken() -> Iterator[tuple[str, bytes, str]]:
    whole = old_save([PICTURE])
    yield "cut off in a layer", whole[: len(whole) // 2], "cut off"
    yield "cut off in a header", whole[:5000], "cut off"
    yield "text", b"hello world\n" * 100, "not an image"
    yield "empty", b"", "not an image"
    yield "half a block", whole[:300], "not an image"
    yield "another tar", layer([("etc/passwd", 100)]), "not an image"
    yield "a gzipped text", gzip.compress(b"hello" * 1000), "not an image"
    yield "a cut gzip", gzip.compress(whole)[:-200], "cut off"
    yield "a damaged gzip", gzip.compress(whole)[:200] + b"\xff" * 300, "damaged"
    yield "a damaged zstd", compressed(whole, "zstd")[:-300] + b"\xff" * 300, "image.tar is"
    files = dict(oci_files([PICTURE], docker=True))
    blob = "blobs/" + sha(UPPER).replace(":", "/")
    yield (
        "without a layer",
        archive((n, d) for n, d in files.items() if n != blob),
        "names a layer that is not in it",
    )
    config = "blobs/" + sha(PICTURE.config_bytes()).replace(":", "/")
    yield (
        "without its configuration",
        archive((n, d) for n, d in files.items() if n != config),
        "names a configuration",
    )
    only = {name: data for name, data in files.items() if name in ("index.json", "oci-layout")}
    yield "an index alone", archive(only.items()), "names a manifest that is not in it"
    yield "an index of nothing", archive([("index.json", b'{"manifests": []}')]), "holds no image"
    yield "a manifest that is no JSON", archive([("manifest.json", b"{nothing")]), "manifest.json"
    yield "a manifest of the wrong kind", archive([("manifest.json", b'{"Config": 1}')]), "manifest.json"
    yield (
        "a manifest of wrong entries",
        archive([("manifest.json", b'[{"Config": 1, "Layers": [1]}]')]),
        "manifest.json",
    )
    yield "a deep manifest", archive([("manifest.json", b"[" * 100_000)]), "manifest.json"
    yield (
        "a layer that is text",
        archive((n, b"text" * 200 if n == blob else d) for n, d in files.items()),
        "neither a tar",
    )
    yield (
        "a layer that is cut off",
        archive((n, d[:700] if n == blob else d) for n, d in files.items()),
        "cut off",
    )


BROKEN = {name: (data, words) for name, data, words in broken()}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("fast", [False, True])
def test_broken_archives_give_one_sentence(name: str, fast: bool, saved: Callable[[bytes], Path]) -> None:
    data, words = BROKEN[name]
    with pytest.raises(ArchiveError) as caught:
        read_path(saved(data), Wanted(fast=fast))
    assert words in str(caught.value)
    assert caught.value.todo
    assert "\n" not in str(caught.value)


def test_a_stream_that_stops_is_the_engines_fault() -> None:
    whole = old_save([PICTURE])
    with pytest.raises(StreamBroken, match="the engine stopped sending"):
        read_stream([whole[: len(whole) // 2]], "app:1")


def test_a_path_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="No such file"):
        read_path(tmp_path / "nothing.tar")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ArchiveError, match="not an image"):
        read_path(tmp_path / "empty")
    assert not is_image_file(tmp_path / "empty")
    assert not is_image_file(tmp_path / "nothing")


def test_a_manifest_cannot_lead_out_of_a_layout_folder(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(LOWER)
    manifest = [{"Config": "config.json", "RepoTags": None, "Layers": ["../secret"]}]
    folder = write_folder(
        tmp_path / "layout",
        [("manifest.json", json.dumps(manifest).encode()), ("config.json", PICTURE.config_bytes())],
    )
    with pytest.raises(ArchiveError, match="not in it"):
        read_path(folder)


def test_an_archive_of_very_many_files_is_no_image(
    saved: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "MAX_MEMBERS", 50)
    data = layer([(f"f{number}", 1) for number in range(60)])
    with pytest.raises(ArchiveError, match="not an image"):
        read_path(saved(data))
    with pytest.raises(ArchiveError, match="not an image"):
        read_stream([data], "x")


def test_hostile_configurations_do_no_harm(saved: Callable[[bytes], Path]) -> None:
    config = {
        "config": {
            "User": 7,
            "Entrypoint": "text",
            "Cmd": [1, "a"],
            "Env": None,
            "Labels": {"a": 1, "b": "c"},
        },
        "rootfs": {"diff_ids": "no"},
        "history": [None, {"created_by": "RUN \x1b[31mred\x1b[0m\nnext"}, {"created_by": 5}],
        "os": ["linux"],
    }
    data = archive(
        [
            ("c.json", json.dumps(config).encode()),
            ("l.tar", LOWER),
            ("manifest.json", b'[{"Config": "c.json", "Layers": ["l.tar"]}]'),
        ]
    )
    image = read_path(saved(data))
    assert image.config.entrypoint == ("text",)
    assert image.config.command == ("a",)
    assert image.config.labels == {"b": "c"}
    assert image.platform is None
    assert image.layers[0].instruction == "RUN \\x1b[31mred\\x1b[0m next"


def test_a_layer_of_python_s_own_making(saved: Callable[[bytes], Path]) -> None:
    """An independent sum: what tarfile itself says of the layer."""
    entries = [(f"d{number % 7}/f{number}", number * 13) for number in range(300)]
    tar = layer(entries, tarfile.PAX_FORMAT)
    with tarfile.open(fileobj=io.BytesIO(tar)) as opened:
        expected = sum(info.size for info in opened if info.isreg())
    image = read_path(saved(old_save([Picture([tar])])))
    assert image.sizes.files == image.sizes.live == expected
    assert image.layers[0].diff_id == "sha256:" + hashlib.sha256(tar).hexdigest()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("form", ["docker save before 25", "gzipped archive"])
def test_a_pipe_is_read_as_it_flows(form: str, tmp_path: Path) -> None:
    pipe = tmp_path / "image.tar"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(FORMS[form](),))
    writer.start()
    try:
        check(read_path(pipe))
    finally:
        writer.join()


def test_progress_reaches_the_end(saved: Callable[[bytes], Path]) -> None:
    path = saved(old_save([PICTURE]))
    for fast in (False, True):
        told: list[tuple[str, int, int | None]] = []
        read_path(path, Wanted(fast=fast), lambda *words, told=told: told.append(words))
        assert told
        assert told[-1][1] <= path.stat().st_size
        assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
        assert told[-1][2] == path.stat().st_size
