"""What other tools than docker write: kaniko, jib, podman, lazily pulled layers, foreign layers, several platforms."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard
from unit.image.images import Picture, archive, compressed, layer, oci_files, sha, write_folder

from slimdesk.basics.errors import ArchiveError
from slimdesk.image.model import Image
from slimdesk.image.read import Wanted, read_path, read_stream

LOWER = layer([("a/", 0o755), ("a/f", 1000), ("b", 10)])
UPPER = layer([("a/.wh.f", 0), ("b", 20)])
PICTURE = Picture([LOWER, UPPER])


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(data: bytes) -> Path:
        path = tmp_path / "image.tar"
        path.write_bytes(data)
        return path

    return write


def docker(
    config_name: str, layers: list[tuple[str, bytes]], picture: Picture = PICTURE, /, **keys: Any
) -> bytes:
    """An archive with a manifest.json; keys: what stands in it instead of Config, RepoTags and Layers."""
    manifest = keys or {"Config": config_name, "RepoTags": ["app:1"], "Layers": [name for name, _ in layers]}
    files = [
        (config_name, picture.config_bytes()),
        *layers,
        ("manifest.json", json.dumps([manifest]).encode()),
    ]
    return archive(files)


def gz(data: bytes) -> bytes:
    return compressed(data, "gzip")


def hexadecimal(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


CONFIG = hexadecimal(PICTURE.config_bytes())
TOOLS: dict[str, Callable[[], bytes]] = {
    # GoogleContainerTools/kaniko --tar-path (go-containerregistry's tarball): config sha256:<hex>, layers <hex>.tar.gz.
    "kaniko": lambda: docker(
        f"sha256:{CONFIG}", [(f"{hexadecimal(gz(tar))}.tar.gz", gz(tar)) for tar in (LOWER, UPPER)]
    ),
    # jib buildTar: config.json, gzipped layers.
    "jib": lambda: docker(
        "config.json", [(f"{hexadecimal(gz(tar))}.tar.gz", gz(tar)) for tar in (LOWER, UPPER)]
    ),
    "lower-case keys": lambda: docker(
        "config.json",
        [("one.tar.gz", gz(LOWER)), ("two.tar.gz", gz(UPPER))],
        config="config.json",
        repotags=["app:1"],
        layers=["one.tar.gz", "two.tar.gz"],
    ),
    # podman save: <hex>.tar; layers named <id>/layer.tar are links to them.
    "podman": lambda: archive(
        [
            (f"{hexadecimal(LOWER)}.tar", LOWER),
            ("1" * 64 + "/layer.tar", f"->../{hexadecimal(LOWER)}.tar"),
            (f"{hexadecimal(UPPER)}.tar", UPPER),
            ("2" * 64 + "/layer.tar", f"->../{hexadecimal(UPPER)}.tar"),
            (f"{CONFIG}.json", PICTURE.config_bytes()),
            (
                "manifest.json",
                json.dumps(
                    [
                        {
                            "Config": f"{CONFIG}.json",
                            "RepoTags": ["app:1"],
                            "Layers": ["1" * 64 + "/layer.tar", "2" * 64 + "/layer.tar"],
                        }
                    ]
                ).encode(),
            ),
        ]
    ),
    "gzipped layers under docker's names": lambda: docker(
        f"{CONFIG}.json", [("1/layer.tar", gz(LOWER)), ("2/layer.tar", compressed(UPPER, "zstd"))]
    ),
}


def check(image: Image) -> None:
    assert image.verified
    assert image.warnings == ()
    assert image.name == "app:1"
    assert image.image_id == f"sha256:{CONFIG}"
    assert [layer.diff_id for layer in image.layers] == [sha(LOWER), sha(UPPER)]
    assert [layer.created_by for layer in image.layers] == [None, None]
    assert (image.sizes.files, image.sizes.live, image.shadowed) == (1030, 20, 1010)


@pytest.mark.parametrize("tool", TOOLS)
def test_what_other_tools_write(tool: str, saved: Callable[[bytes], Path]) -> None:
    data = TOOLS[tool]()
    check(read_path(saved(data)))
    check(read_path(saved(compressed(data, "zstd"))))
    fast = read_path(saved(data), Wanted(fast=True))
    assert (fast.sizes.files, fast.sizes.live) == (1030, 20)
    assert not fast.verified


# --- layers made to be pulled lazily -------------------------------------------------------------------------------------


def estargz(entries: list[tuple[str, int]]) -> tuple[bytes, bytes]:
    """A layer as stargz-snapshotter's estargz.md describes it: one member per file, a landmark, the table of contents, a footer."""
    toc = json.dumps(
        {"version": 1, "entries": [{"name": name, "type": "reg"} for name, _ in entries]}
    ).encode()
    members = [*entries, (".prefetch.landmark", b"\xf0"), ("stargz.index.json", toc)]
    plain = layer(members)
    blob = b""
    start = 0
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        for info in tar:
            end = info.offset_data + (info.size + 511) // 512 * 512
            blob += gzip.compress(plain[start:end], mtime=0)
            start = end
    blob += gzip.compress(plain[start:], mtime=0)
    # The footer is an empty member that carries the offset of the table in its extra field.
    extra = b"SG" + (22).to_bytes(2, "little") + b"%016xSTARGZ" % 1234
    footer = b"\x1f\x8b\x08\x04" + bytes(5) + b"\xff" + len(extra).to_bytes(2, "little") + extra
    footer += b"\x01\x00\x00\xff\xff" + bytes(8)
    assert gzip.decompress(footer) == b""
    return plain, blob + footer


def test_estargz_has_its_landmark_and_its_table_as_every_container_has_them(
    saved: Callable[[bytes], Path],
) -> None:
    plain, blob = estargz([("bin/app", 3000), ("etc/conf", 10)])
    data = docker("config.json", [("one.tar.gz", blob)], Picture([plain]))
    image = read_path(saved(data))
    assert image.verified
    assert image.sizes.download == len(blob)
    node = image.table.find("/stargz.index.json")
    assert node is not None
    assert image.sizes.live == 3010 + 1 + image.table.size[node]
    assert image.table.find("/.prefetch.landmark") is not None


@pytest.mark.parametrize("kind", range(16))
def test_zstd_chunked_has_frames_to_be_skipped(kind: int, saved: Callable[[bytes], Path]) -> None:
    """RFC 8878, 3.1.2; containers/storage puts its table of contents and footer into such frames."""

    def skipped(data: bytes) -> bytes:
        return (0x184D2A50 + kind).to_bytes(4, "little") + len(data).to_bytes(4, "little") + data

    middle = 1024
    blob = zstandard.compress(LOWER[:middle]) + skipped(b"") + zstandard.compress(LOWER[middle:])
    blob += skipped(b"table of contents" * 100) + skipped(b"GNUlInUx" * 8)
    data = docker("config.json", [("one", blob)], Picture([LOWER]))
    image = read_path(saved(data))
    assert image.verified
    assert image.sizes.download == len(blob)
    assert image.layers[0].diff_id == sha(LOWER)
    first = read_path(saved(docker("config.json", [("one", skipped(b"first") + blob)], Picture([LOWER]))))
    assert first.verified


# --- layers that are not there on purpose -----------------------------------------------------------------------------------


def foreign(tmp_path: Path, media_type: str) -> Path:
    files = dict(oci_files([PICTURE]))
    blob = "blobs/" + sha(LOWER).replace(":", "/")
    del files[blob]
    old_digest = json.loads(files["index.json"])["manifests"][0]["digest"]
    manifest = json.loads(files.pop("blobs/" + old_digest.replace(":", "/")))
    manifest["layers"][0] |= {"mediaType": media_type, "urls": ["https://example.org/base"]}
    document = json.dumps(manifest).encode()
    files["blobs/" + sha(document).replace(":", "/")] = document
    files["index.json"] = json.dumps({"manifests": [{"digest": sha(document)}]}).encode()
    return write_folder(tmp_path / "layout", files.items())


@pytest.mark.parametrize(
    "media_type",
    [
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    ],
)
def test_a_foreign_layer_is_said_not_read(media_type: str, tmp_path: Path) -> None:
    image = read_path(foreign(tmp_path, media_type))
    assert not image.verified
    assert len(image.layers) == 2
    assert image.layers[0].entries == 0
    assert image.layers[0].diff_id == sha(LOWER)
    assert image.sizes.live == 20
    assert image.sizes.download is None
    assert [text for text in image.warnings if text.startswith("Layer 0 is not in the file")]
    assert not [text for text in image.warnings if "Do not trust" in text]


def test_an_ordinary_layer_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="names a layer that is not in it"):
        read_path(foreign(tmp_path, "application/vnd.oci.image.layer.v1.tar"))


# --- several platforms in what docker saved ----------------------------------------------------------------------------------


def test_every_platform_of_a_docker_archive_can_be_chosen(saved: Callable[[bytes], Path]) -> None:
    """docker save of an image of several platforms: manifest.json names one, the index beside it all."""
    arm = Picture([UPPER], platform=("linux", "arm64", ""))
    amd = Picture([LOWER, UPPER])
    files = dict(oci_files([amd, arm], docker=True))
    files["manifest.json"] = json.dumps(json.loads(files["manifest.json"])[:1]).encode()
    path = saved(archive(files.items()))
    assert len(read_path(path, Wanted(platform="linux/amd64")).layers) == 2
    other = read_path(path, Wanted(platform="linux/arm64"))
    assert [layer.diff_id for layer in other.layers] == [sha(UPPER)]
    assert other.verified
    blob = "blobs/" + sha(arm.config_bytes()).replace(":", "/")
    del files[blob]
    partly = saved(archive(files.items()))
    assert len(read_path(partly, Wanted(platform="linux/amd64")).layers) == 2


# --- digests that do not match ------------------------------------------------------------------------------------------------


def test_a_configuration_that_is_not_what_its_name_says(saved: Callable[[bytes], Path]) -> None:
    for name in ("0" * 64 + ".json", "sha256:" + "0" * 64):
        image = read_path(saved(docker(name, [("1.tar", LOWER), ("2.tar", UPPER)])))
        assert not image.verified
        assert "Do not trust" in image.warnings[0]


@pytest.mark.parametrize("which", ["manifest", "configuration"])
def test_a_document_that_is_not_what_its_digest_says(which: str, saved: Callable[[bytes], Path]) -> None:
    files = dict(oci_files([PICTURE]))
    digest = json.loads(files["index.json"])["manifests"][0]["digest"]
    name = "blobs/" + (digest if which == "manifest" else sha(PICTURE.config_bytes())).replace(":", "/")
    files[name] += b" "
    image = read_path(saved(archive(files.items())))
    assert not image.verified
    assert "Do not trust" in image.warnings[0]
    fast = read_path(saved(archive(files.items())), Wanted(fast=True))
    assert "Do not trust" in fast.warnings[0]


def test_the_stream_of_an_engine_knows_these_forms_too() -> None:
    for make in TOOLS.values():
        image = read_stream([make()], "app:1", "sha256:id")
        assert image.verified
        assert image.sizes.live == 20
