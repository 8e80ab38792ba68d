"""Images for the tests, written by Python's own tarfile: layers from short lists, archives of every kind."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zstandard

Member = tuple[str, Any]
"""(name, size or bytes) a file; (name + "/", mode) a folder; (name, "->x") symbolic, (name, "=x") hard link."""


def member(name: str, what: Any = 0, **fields: Any) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name.rstrip("/") if name not in ("/", "./") else name)
    info.uid, info.gid, info.mtime = 0, 0, 1_700_000_000
    body = b""
    if name.endswith("/"):
        info.type, info.mode = tarfile.DIRTYPE, what or 0o755
    elif isinstance(what, str) and what.startswith("->"):
        info.type, info.linkname, info.mode = tarfile.SYMTYPE, what[2:], 0o777
    elif isinstance(what, str) and what.startswith("="):
        info.type, info.linkname = tarfile.LNKTYPE, what[1:]
    elif isinstance(what, str) and what in ("char", "block", "fifo"):
        info.type = {"char": tarfile.CHRTYPE, "block": tarfile.BLKTYPE, "fifo": tarfile.FIFOTYPE}[what]
    else:
        body = what if isinstance(what, bytes) else b"x" * what
        info.size = len(body)
    for key, value in fields.items():
        setattr(info, key, value)
    return info, body


def program(name: str, body: bytes = b"x" * 5) -> tuple[tarfile.TarInfo, bytes]:
    """A file that may be executed."""
    return member(name, body, mode=0o755)


def layer(members: Iterable[Member | tuple[tarfile.TarInfo, bytes]], kind: int = tarfile.GNU_FORMAT) -> bytes:
    """One layer's tar."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=kind) as tar:
        for entry in members:
            info, body = entry if isinstance(entry[0], tarfile.TarInfo) else member(*entry)
            tar.addfile(info, io.BytesIO(body))
    return buffer.getvalue()


def sha(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def compressed(data: bytes, how: str | None) -> bytes:
    if how == "gzip":
        return gzip.compress(data, mtime=0)
    return zstandard.compress(data) if how == "zstd" else data


@dataclass
class Picture:
    """An image to be written: layers as plain tars, and what the configuration says."""

    layers: Sequence[bytes]
    name: str | None = "app:1"
    history: Sequence[dict[str, Any]] | None = None
    config: dict[str, Any] = field(default_factory=dict)
    platform: tuple[str, str, str] | None = ("linux", "amd64", "")
    compression: str | None = None
    diff_ids: Sequence[str] | None = None

    def config_bytes(self) -> bytes:
        document: dict[str, Any] = {
            "config": self.config,
            "rootfs": {"type": "layers", "diff_ids": list(self.diff_ids or map(sha, self.layers))},
        }
        if self.platform:
            document |= {"os": self.platform[0], "architecture": self.platform[1]}
            if self.platform[2]:
                document["variant"] = self.platform[2]
        if self.history is not None:
            document["history"] = list(self.history)
        return json.dumps(document).encode()

    def blobs(self) -> list[bytes]:
        return [compressed(data, self.compression) for data in self.layers]


def archive(files: Iterable[tuple[str, bytes | str]]) -> bytes:
    """A tar of (name, bytes), or (name, "->target") for a link."""
    return layer((name, what) for name, what in files)


def old_save(pictures: Sequence[Picture], *, manifest_first: bool = False) -> bytes:
    """What engines before 25 write: ID/layer.tar, the manifest last."""
    files: list[tuple[str, bytes]] = []
    manifest = []
    for number, picture in enumerate(pictures):
        config = picture.config_bytes()
        config_name = sha(config)[7:] + ".json"
        names = []
        for index, data in enumerate(picture.blobs()):
            name = f"{hashlib.sha256(f'{number}/{index}'.encode()).hexdigest()}/layer.tar"
            files += [(name.replace("layer.tar", "VERSION"), b"1.0"), (name, data)]
            names.append(name)
        files.append((config_name, config))
        manifest.append(
            {"Config": config_name, "RepoTags": [picture.name] if picture.name else None, "Layers": names}
        )
    document = ("manifest.json", json.dumps(manifest).encode())
    return archive([document, *files] if manifest_first else [*files, document])


def oci_files(
    pictures: Sequence[Picture], *, nested: bool = False, attestation: bool = False, docker: bool = False
) -> list[tuple[str, bytes]]:
    """The files of an OCI layout; `docker`: with the manifest.json that docker save adds since 25."""
    blobs: dict[str, bytes] = {}
    entries = []
    manifest_json = []

    def put(data: bytes) -> str:
        blobs[sha(data)] = data
        return sha(data)

    kind = {None: "tar", "gzip": "tar+gzip", "zstd": "tar+zstd"}
    for picture in pictures:
        config = put(picture.config_bytes())
        layers = [
            {
                "mediaType": f"application/vnd.oci.image.layer.v1.{kind[picture.compression]}",
                "digest": put(data),
                "size": len(data),
            }
            for data in picture.blobs()
        ]
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": config, "size": 1},
            "layers": layers,
        }
        descriptor: dict[str, Any] = {
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": put(json.dumps(manifest).encode()),
            "size": 1,
        }
        if picture.platform:
            descriptor["platform"] = {"os": picture.platform[0], "architecture": picture.platform[1]}
        if picture.name:
            descriptor["annotations"] = {"org.opencontainers.image.ref.name": picture.name}
        group = [descriptor]
        if attestation:
            statement = {
                "schemaVersion": 2,
                "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": put(b"{}")},
                "layers": [{"mediaType": "application/vnd.in-toto+json", "digest": put(b'{"_type": "x"}')}],
            }
            group.append(
                {
                    "digest": put(json.dumps(statement).encode()),
                    "platform": {"os": "unknown", "architecture": "unknown"},
                    "annotations": {"vnd.docker.reference.type": "attestation-manifest"},
                }
            )
        if nested or attestation:
            inner = {"schemaVersion": 2, "manifests": group}
            descriptor = {
                "mediaType": "application/vnd.oci.image.index.v1+json",
                "digest": put(json.dumps(inner).encode()),
                "annotations": descriptor.get("annotations", {}),
            }
        entries.append(descriptor)
        manifest_json.append(
            {
                "Config": "blobs/" + config.replace(":", "/"),
                "RepoTags": [picture.name] if picture.name else None,
                "Layers": ["blobs/" + entry["digest"].replace(":", "/") for entry in layers],
            }
        )
    files = [("blobs/" + digest.replace(":", "/"), data) for digest, data in blobs.items()]
    files.append(("index.json", json.dumps({"schemaVersion": 2, "manifests": entries}).encode()))
    files.append(("oci-layout", b'{"imageLayoutVersion": "1.0.0"}'))
    if docker:
        files.append(("manifest.json", json.dumps(manifest_json).encode()))
    return files


def write_folder(folder: Path, files: Iterable[tuple[str, bytes]]) -> Path:
    for name, data in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder
