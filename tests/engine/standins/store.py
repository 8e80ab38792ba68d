"""Images as files: layers addressed by their content, put together into an archive that `docker load` takes.

Every layer is kept once, gzipped as a registry would hold it, however many images share it; an archive exists only while
an engine reads it.
"""

import contextlib
import fcntl
import gzip
import hashlib
import io
import json
import os
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Self

from engine import engines

CREATED = "2026-01-01T00:00:00Z"  # fixed, so that equal contents give equal images
BLOCK = 1 << 20


@dataclass(frozen=True)
class Layer:
    """One layer: digest and size of the gzipped blob, digest and size of the tar, and what made it."""

    digest: str
    size: int
    diff_id: str
    unpacked: int
    created_by: str


@dataclass(frozen=True)
class Image:
    """One image: the names it goes by, its layers (lowest first), and the part of its config that containers see."""

    tags: tuple[str, ...]
    layers: tuple[Layer, ...]
    config: dict = field(default_factory=dict)

    def with_config(self, tags: Iterable[str], **changes: object) -> "Image":
        """The same layers under other names, with some keys of the config replaced (None removes)."""
        merged = {key: value for key, value in {**self.config, **changes}.items() if value is not None}
        return replace(self, tags=tuple(tags), config=merged)

    def plus(self, *layers: Layer) -> "Image":
        """This image with layers on top."""
        return replace(self, layers=(*self.layers, *layers))


def folder() -> Path:
    """The folder that keeps stand-ins between runs, outside the checkout."""
    path = engines.cache_folder() / "standins"
    path.mkdir(parents=True, exist_ok=True)
    return path


@contextlib.contextmanager
def locked(what: str = "making") -> Iterator[None]:
    """One process at a time does that; the others wait. Not to be nested with itself."""
    with (folder() / f"{what}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def remembered(label: str, seconds: float, ask: Callable[[], str]) -> str:
    """What `ask` said at most that long ago; the older answer too, where nobody can be asked now (OSError)."""
    path = folder() / "answers.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    when, value = known.get(label, (0, ""))
    if value and time.time() - when < seconds:
        return value
    try:
        value = ask()
    except OSError:
        if not value:
            raise
        return value
    with locked("answers"):
        known = json.loads(path.read_text()) if path.exists() else {}
        temporary = path.with_suffix(".new")
        temporary.write_text(json.dumps({**known, label: (time.time(), value)}, indent=1))
        temporary.replace(path)
    return value


class Tree:
    """The entries of one layer, each path once (an old engine refuses a layer that holds a path twice)."""

    def __init__(self) -> None:
        self.entries: dict[str, tuple[tarfile.TarInfo, bytes | Path | None]] = {}

    def folder(self, path: str, mode: int = 0o755, uid: int = 0, gid: int = 0) -> None:
        entry = _entry(path, tarfile.DIRTYPE, mode, uid, gid)
        self.entries[entry.name] = (entry, None)

    def file(
        self, path: str, content: bytes | str | Path, mode: int = 0o644, uid: int = 0, gid: int = 0
    ) -> None:
        data = content.encode() if isinstance(content, str) else content
        entry = _entry(path, tarfile.REGTYPE, mode, uid, gid)
        entry.size = data.stat().st_size if isinstance(data, Path) else len(data)
        self.entries[entry.name] = (entry, data)

    def link(self, path: str, target: str) -> None:
        entry = _entry(path, tarfile.SYMTYPE, 0o777, 0, 0)
        entry.linkname = target
        self.entries[entry.name] = (entry, None)

    def add(
        self, archive: tarfile.TarFile, *, strip: int = 0, under: str = "", keep=lambda _name: True
    ) -> None:
        """Add an archive's entries, without their first `strip` folders, below `under`; root owns them if moved."""
        for member in archive:
            name = _clean(member.name)
            words = name.split("/")[strip:] if name else []
            if not words or not keep("/".join(words)):
                continue
            entry = tarfile.TarInfo("/".join([*filter(None, [under]), *words]))
            entry.type, entry.mode, entry.linkname = member.type, member.mode & 0o7777, member.linkname
            if not under:
                entry.uid, entry.gid = member.uid, member.gid
            if member.islnk():
                target = _clean(member.linkname).split("/")[strip:]
                entry.linkname = "/".join([*filter(None, [under]), *target])
            data = None
            if member.isfile():
                data = archive.extractfile(member).read()
                entry.size = len(data)
            self.entries[entry.name] = (entry, data)

    def add_folder(self, root: Path, *, keep=lambda _name: True) -> None:
        """Add what lies in a folder of this machine, with owners, modes, links and hard links."""
        seen: dict[tuple[int, int], str] = {}
        for path in sorted(root.rglob("*")):
            name = path.relative_to(root).as_posix()
            if not keep(name):
                continue
            state = path.lstat()
            if path.is_symlink():
                self.link(name, str(path.readlink()))
            elif path.is_dir():
                self.folder(name, state.st_mode & 0o7777, state.st_uid, state.st_gid)
            elif path.is_file():
                first = seen.setdefault((state.st_dev, state.st_ino), name)
                if first == name:
                    self.file(name, path, state.st_mode & 0o7777, state.st_uid, state.st_gid)
                else:
                    entry = _entry(name, tarfile.LNKTYPE, state.st_mode & 0o7777, state.st_uid, state.st_gid)
                    entry.linkname = first
                    self.entries[name] = (entry, None)

    def layer(self, created_by: str) -> Layer:
        """Write the layer and return it; parents come first, hard links after what they point to."""
        for name in list(self.entries):
            for count in range(1, name.count("/") + 1):
                parent = name.rsplit("/", count)[0]
                if parent not in self.entries:
                    self.folder(parent)
        ordered = sorted(self.entries.values(), key=lambda item: (item[0].islnk(), item[0].name))
        with BlobWriter() as blob:
            with tarfile.open(fileobj=blob, mode="w|", format=tarfile.GNU_FORMAT) as archive:
                for entry, data in ordered:
                    if isinstance(data, Path):
                        with data.open("rb") as file:
                            archive.addfile(entry, file)
                    else:
                        archive.addfile(entry, None if data is None else io.BytesIO(data))
            return blob.layer(created_by)


class BlobWriter:
    """Takes an uncompressed layer and keeps it gzipped under its digest."""

    def __enter__(self) -> Self:
        folder().joinpath("blobs").mkdir(exist_ok=True)
        self._file = tempfile.NamedTemporaryFile(dir=folder() / "blobs", prefix="new.", delete=False)
        self._zip = gzip.GzipFile(filename="", mode="wb", fileobj=self._file, compresslevel=6, mtime=0)
        self._hash = hashlib.sha256()
        self._count = 0
        return self

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        self._count += len(data)
        return self._zip.write(data)

    def layer(self, created_by: str) -> Layer:
        self._zip.close()
        self._file.close()
        path = Path(self._file.name)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = path.stat().st_size
        path.replace(blob_path(f"sha256:{digest}"))
        return Layer(f"sha256:{digest}", size, f"sha256:{self._hash.hexdigest()}", self._count, created_by)

    def __exit__(self, *_error: object) -> None:
        self._zip.close()
        self._file.close()
        Path(self._file.name).unlink(missing_ok=True)


def blob_path(digest: str) -> Path:
    """Where the blob of that digest lies."""
    return folder() / "blobs" / digest.removeprefix("sha256:")


def read_file(image: Image, path: str) -> bytes:
    """The content of a regular file of the image, from the highest layer that holds it."""
    for layer in reversed(image.layers):
        with tarfile.open(blob_path(layer.digest), "r:gz") as archive:
            for member in archive:
                if _clean(member.name) == path and member.isfile():
                    return archive.extractfile(member).read()
    raise FileNotFoundError(path)


def kept(key: str) -> tuple[Image, ...] | None:
    """The images that were made under that key, if they and all their blobs are still there."""
    try:
        known = json.loads((folder() / f"{key}.json").read_text())
    except (OSError, ValueError):
        return None
    images = tuple(
        Image(tuple(one["tags"]), tuple(Layer(**layer) for layer in one["layers"]), one["config"])
        for one in known
    )
    os.utime(folder() / f"{key}.json")
    complete = all(blob_path(layer.digest).exists() for image in images for layer in image.layers)
    return images if complete else None


def keep(key: str, images: Iterable[Image]) -> None:
    """Remember the images under that key."""
    text = json.dumps([asdict(image) for image in images], indent=1)
    temporary = folder() / f"{key}.json.{os.getpid()}"
    temporary.write_text(text)
    temporary.replace(folder() / f"{key}.json")


def prune(days: float = 30) -> None:
    """Forget stand-ins that nobody asked for in that time, and the blobs that no other needs. Call it while locked."""
    oldest = time.time() - days * 24 * 3600
    needed = set()
    for path in folder().glob("*-????????????????.json"):
        if path.stat().st_mtime < oldest:
            path.unlink()
        else:
            known = json.loads(path.read_text())
            needed.update(layer["digest"].removeprefix("sha256:") for one in known for layer in one["layers"])
    for path in (folder() / "blobs").glob("*"):
        # A young blob may belong to a stand-in that is being made.
        if path.name not in needed and path.stat().st_mtime < time.time() - 3600:
            path.unlink()


def write_archive(images: Iterable[Image], file: io.BufferedIOBase) -> None:
    """Write an archive for `docker load`: one config per image, each blob once."""
    manifest, written = [], set()
    with tarfile.open(fileobj=file, mode="w|", format=tarfile.GNU_FORMAT) as archive:
        for image in images:
            config = _config(image)
            name = hashlib.sha256(config).hexdigest()
            if name not in written:
                written.add(name)
                _put(archive, f"{name}.json", config)
            layers = []
            for layer in image.layers:
                path = f"{layer.digest.removeprefix('sha256:')}/layer.tar"
                layers.append(path)
                if path not in written:
                    written.add(path)
                    entry = tarfile.TarInfo(path)
                    entry.size = layer.size
                    with blob_path(layer.digest).open("rb") as blob:
                        archive.addfile(entry, blob)
            manifest.append({"Config": f"{name}.json", "RepoTags": list(image.tags), "Layers": layers})
        _put(archive, "manifest.json", json.dumps(manifest).encode())


def take_from_save(stream: io.BufferedIOBase, tags: Iterable[str]) -> tuple[Image, ...]:
    """Keep what `docker save` writes, whatever the engine's layout; the images in the order of `tags`."""
    wanted = {tag: _familiar(tag) for tag in tags}
    with tempfile.TemporaryDirectory(dir=folder()) as work:
        parts: dict[str, Path] = {}
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for number, member in enumerate(archive):
                if member.isfile():
                    parts[member.name] = Path(work) / str(number)
                    with parts[member.name].open("wb") as file:
                        source = archive.extractfile(member)
                        while block := source.read(BLOCK):
                            file.write(block)
                elif member.issym():
                    parts[member.name] = parts[os.path.normpath(f"{member.name}/../{member.linkname}")]
        found = {}
        layers: dict[str, Layer] = {}
        for one in json.loads(parts["manifest.json"].read_bytes()):
            config = json.loads(parts[one["Config"]].read_bytes())
            steps = [step.get("created_by", "") for step in config["history"] if not step.get("empty_layer")]
            for path, step in zip(one["Layers"], steps, strict=True):
                if path not in layers:
                    layers[path] = _take_layer(parts[path], step)
            taken = tuple(
                replace(layers[path], created_by=step)
                for path, step in zip(one["Layers"], steps, strict=True)
            )
            image = Image((), taken, {key: value for key, value in config["config"].items() if value})
            for tag in one["RepoTags"] or ():
                found[_familiar(tag)] = image
        return tuple(replace(found[name], tags=(tag,)) for tag, name in wanted.items())


def _take_layer(path: Path, created_by: str) -> Layer:
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    if not zipped:
        with path.open("rb") as source, BlobWriter() as blob:
            while block := source.read(BLOCK):
                blob.write(block)
            return blob.layer(created_by)
    hashed, count = hashlib.sha256(), 0
    with gzip.open(path) as source:
        while block := source.read(BLOCK):
            hashed.update(block)
            count += len(block)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    folder().joinpath("blobs").mkdir(exist_ok=True)
    path.replace(blob_path(digest))
    size = blob_path(digest).stat().st_size
    return Layer(f"sha256:{digest}", size, f"sha256:{hashed.hexdigest()}", count, created_by)


def _config(image: Image) -> bytes:
    document = {
        "architecture": {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine),
        "os": "linux",
        "created": CREATED,
        "config": image.config,
        "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in image.layers]},
        "history": [{"created": CREATED, "created_by": layer.created_by} for layer in image.layers],
    }
    return json.dumps(document, sort_keys=True).encode()


def _put(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data))


def _entry(path: str, kind: bytes, mode: int, uid: int, gid: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(_clean(path))
    entry.type, entry.mode, entry.uid, entry.gid = kind, mode, uid, gid
    return entry


def _clean(name: str) -> str:
    path = os.path.normpath(name).lstrip("/")
    return "" if path == "." else path


def _familiar(tag: str) -> str:
    return tag.removeprefix("docker.io/").removeprefix("library/")
