"""Which image an archive holds: docker save's manifest.json, or an OCI index, however deep, with the platform wanted."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from slimdesk.basics.errors import ArchiveError, BadInput
from slimdesk.basics.escaping import visible
from slimdesk.image.blobs import Blobs
from slimdesk.image.model import ImageConfig

MAX_DEPTH = 8
MAX_MANIFESTS = 1000
MAX_LAYERS = 1000
# What all manifests and configurations of one file may take together; links can give one document a thousand names.
MAX_BYTES = 64 << 20

_DIGEST = re.compile(r"[0-9a-f]{64}")
_MACHINES = {
    "x86_64": "amd64",
    "amd64": "amd64",
    "aarch64": "arm64",
    "arm64": "arm64",
    "armv7l": "arm",
    "i686": "386",
}
_INDEX_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_CONFIG_TYPES = (
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
)


@dataclass(frozen=True, slots=True)
class LayerReference:
    """A layer as a manifest names it: where it stands in the archive, and what is said of it (None = nothing)."""

    name: str
    digest: str | None = None
    media_type: str | None = None

    @property
    def may_be_left_out(self) -> bool:
        """Whether it is a foreign layer, which stays with who made it (OCI image-spec, layer.md: non-distributable)."""
        media_type = self.media_type or ""
        return "nondistributable" in media_type or "foreign" in media_type


@dataclass(frozen=True, slots=True)
class Candidate:
    """One image of an archive. forged: a document on the way to it is not what its digest says."""

    names: tuple[str, ...]
    image_id: str
    config: dict[str, Any]
    layers: tuple[LayerReference, ...]
    manifest_digest: str | None = None
    docker: bool = False
    forged: bool = False

    @property
    def platform(self) -> str | None:
        """os/architecture[/variant] as the configuration states it; None if it does not."""
        parts = [_text(self.config.get(key)) for key in ("os", "architecture", "variant")]
        if not parts[0] or not parts[1] or "unknown" in parts[:2]:
            return None
        return "/".join(part for part in parts if part)

    @property
    def title(self) -> str:
        """A name for people."""
        return visible(self.names[0] if self.names else self.image_id[:19], 200)


def choose(
    blobs: Blobs, label: str, platform: str | None = None, ref: str | None = None
) -> tuple[Candidate, tuple[str, ...]]:
    """Return the image wanted and warnings. Raises ArchiveError (no image in it), BadInput (none that fits)."""
    candidates = list(_candidates(blobs, label))
    if not candidates:
        raise ArchiveError(
            f"{label} holds no image", "its index names none that is in the file", "Save the image again"
        )
    warnings: list[str] = []
    if ref is not None:
        named = [candidate for candidate in candidates if _is_named(candidate, ref)]
        if not named:
            names = ", ".join(candidate.title for candidate in candidates[:10])
            raise BadInput(
                f"{label} holds no image {visible(ref)}", f"it holds {names}", "Choose one with --ref"
            )
        candidates = named
    fitting = _fitting(candidates, platform)
    if not fitting:
        if platform is None and len(candidates) == 1:
            fitting = candidates
        else:
            choices = ", ".join(sorted({candidate.platform or "none stated" for candidate in candidates}))
            wanted = platform or _default_platform()
            raise BadInput(
                f"{label} holds no image for {visible(wanted)}",
                f"it holds {visible(choices)}",
                "Choose one with --platform",
            )
    if len(fitting) > 1:
        others = ", ".join(candidate.title for candidate in fitting[1:11])
        warnings.append(
            f"{label} holds {len(fitting)} images that fit; {fitting[0].title} was read. "
            f"The others: {others}. Choose one with --ref."
        )
    if fitting[0].forged:
        warnings.append(
            "A manifest or the configuration is not what its name says it is: the digest differs. "
            "Do not trust this copy."
        )
    return fitting[0], tuple(warnings)


def config_of(config: dict[str, Any]) -> ImageConfig:
    """Read the parts that say how the image starts; whatever is of the wrong kind counts as not there."""
    inner = _mapping(config.get("config"))
    labels = _mapping(inner.get("Labels"))
    health = _mapping(inner.get("Healthcheck"))
    return ImageConfig(
        user=_text(inner.get("User")),
        entrypoint=_words(inner.get("Entrypoint")),
        command=_words(inner.get("Cmd")),
        environment=_words(inner.get("Env")) or (),
        working_dir=_text(inner.get("WorkingDir")),
        exposed_ports=tuple(_mapping(inner.get("ExposedPorts"))),
        volumes=tuple(_mapping(inner.get("Volumes"))),
        labels={key: value for key, value in labels.items() if isinstance(value, str)},
        stop_signal=_text(inner.get("StopSignal")) or None,
        shell=_words(inner.get("Shell")),
        healthcheck=_words(health.get("Test")),
        created=_text(config.get("created")) or None,
        architecture=_text(config.get("architecture")) or None,
        os=_text(config.get("os")) or None,
        variant=_text(config.get("variant")) or None,
    )


def diff_ids_of(config: dict[str, Any]) -> tuple[str, ...]:
    """Return the diff IDs that the configuration states, lowest layer first."""
    stated = _mapping(config.get("rootfs")).get("diff_ids")
    return tuple(text for text in stated if isinstance(text, str)) if isinstance(stated, list) else ()


def _candidates(blobs: Blobs, label: str) -> Iterator[Candidate]:
    if blobs.has("manifest.json"):
        yield from _docker(blobs, label)
    elif blobs.has("index.json"):
        index = _IndexWalk(blobs, label)
        candidates = list(index.walk(_json(blobs, "index.json", label)))
        if not candidates and index.missing:
            raise _missing(label, "manifest", index.missing[0])
        yield from candidates
    else:
        raise ArchiveError(
            f"{label} is not an image",
            "there is neither a manifest.json nor an index.json in it",
            "Choose an archive made by docker save, podman save, skopeo or buildx, or an OCI layout",
        )


def _docker(blobs: Blobs, label: str) -> Iterator[Candidate]:
    entries = _json(blobs, "manifest.json", label)
    # docker save since 25 writes an OCI index beside it, which knows digests and media types.
    described = _described(blobs, label) if blobs.has("index.json") else {}
    read: dict[str, bytes] = {}
    seen: set[str] = set()
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise _wrong(label, "manifest.json")
    for entry in entries[:MAX_MANIFESTS]:
        # kaniko and jib have written lower-case keys.
        fields = {str(key).lower(): value for key, value in entry.items()}
        config_name, names = _text(fields.get("config")), fields.get("layers")
        if not config_name or not isinstance(names, list) or len(names) > MAX_LAYERS:
            raise _wrong(label, "manifest.json")
        document = read.get(config_name) or blobs.document(config_name)
        if document is None:
            raise _missing(label, "configuration", config_name)
        read[config_name] = document
        if len(document) * (len(seen) + 1) > MAX_BYTES:
            raise _wrong(label, "manifest.json")
        image_id = f"sha256:{hashlib.sha256(document).hexdigest()}"
        layers = tuple(
            LayerReference(_text(name), _digest_in(_text(name)), _source_type(fields)) for name in names
        )
        more = described.get(image_id)
        if more and len(more.layers) == len(layers):
            layers = tuple(
                replace(layer, digest=known.digest, media_type=known.media_type)
                for layer, known in zip(layers, more.layers, strict=True)
            )
        yield Candidate(
            names=_words(fields.get("repotags")) or (more.names if more else ()),
            image_id=image_id,
            config=_mapping(_parsed(document, label, "configuration")),
            layers=layers,
            manifest_digest=more.manifest_digest if more else None,
            docker=True,
            forged=_is_forged(config_name, image_id) or bool(more and more.forged),
        )
        seen.add(image_id)
    # Of an image of several platforms, manifest.json has the engine's own; the index has all.
    for image_id, found in described.items():
        if image_id not in seen and all(blobs.has(layer.name) for layer in found.layers):
            yield found


def _is_forged(name: str, image_id: str) -> bool:
    """Whether a configuration's file name states a digest (<hex>.json, sha256:<hex>, blobs/sha256/<hex>) and it is another."""
    stated = name.rsplit("/", 1)[-1].removeprefix("sha256:").removesuffix(".json")
    return bool(_DIGEST.fullmatch(stated)) and f"sha256:{stated}" != image_id


def _source_type(fields: dict[str, Any]) -> str | None:
    # LayerSources: {diff ID: descriptor}; it serves only where all layers have one type.
    sources = [_mapping(source) for source in _mapping(fields.get("layersources")).values()]
    types = {_text(source.get("mediaType")) for source in sources}
    return types.pop() or None if len(types) == 1 else None


def _described(blobs: Blobs, label: str) -> dict[str, Candidate]:
    try:
        index = _json(blobs, "index.json", label)
        return {found.image_id: found for found in _IndexWalk(blobs, label).walk(index)}
    except ArchiveError:
        return {}


class _IndexWalk:
    """The images of an OCI index, however deep; `missing` are the manifests that are named but not there."""

    def __init__(self, blobs: Blobs, label: str) -> None:
        self._blobs = blobs
        self._label = label
        self._seen: set[str] = set()
        self._bytes = 0
        self.missing: list[str] = []

    def walk(
        self, index: Any, names: tuple[str, ...] = (), depth: int = 0, *, forged: bool = False
    ) -> Iterator[Candidate]:
        """Yield them in the order of the index. Raises ArchiveError."""
        descriptors = _mapping(index).get("manifests")
        if not isinstance(descriptors, list):
            raise _wrong(self._label, "the index")
        for descriptor in descriptors[:MAX_MANIFESTS]:
            digest = _text(_mapping(descriptor).get("digest"))
            if not digest or _is_attestation(descriptor) or len(self._seen) > MAX_MANIFESTS:
                continue
            own = _names_of(descriptor) or names
            if digest in self._seen and not _names_of(descriptor):
                continue
            self._seen.add(digest)
            document = self._document(digest)
            if document is None:
                # An index of many platforms is often saved with the blobs of one.
                self.missing.append(digest)
                continue
            manifest = _mapping(_parsed(document, self._label, "manifest"))
            other = forged or _differs(document, digest)
            if "manifests" in manifest or _text(manifest.get("mediaType")) in _INDEX_TYPES:
                if depth < MAX_DEPTH:
                    yield from self.walk(manifest, own, depth + 1, forged=other)
                continue
            candidate = self._image(manifest, own, digest, forged=other)
            if candidate:
                yield candidate

    def _document(self, digest: str) -> bytes | None:
        document = self._blobs.document(_blob_name(digest))
        self._bytes += len(document or b"")
        if self._bytes > MAX_BYTES:
            raise _wrong(self._label, "the index")
        return document

    def _image(
        self, manifest: dict[str, Any], names: tuple[str, ...], digest: str, *, forged: bool
    ) -> Candidate | None:
        config = _mapping(manifest.get("config"))
        config_type, config_digest = _text(config.get("mediaType")), _text(config.get("digest"))
        layers = manifest.get("layers")
        # Signatures, SBOMs and charts are manifests as well.
        if (
            (config_type and config_type not in _CONFIG_TYPES)
            or not isinstance(layers, list)
            or not config_digest
        ):
            return None
        document = self._document(config_digest)
        if document is None:
            raise _missing(self._label, "configuration", config_digest)
        if len(layers) > MAX_LAYERS:
            raise _wrong(self._label, "a manifest")
        references = tuple(
            LayerReference(
                _blob_name(_text(_mapping(layer).get("digest"))),
                _text(_mapping(layer).get("digest")) or None,
                _text(_mapping(layer).get("mediaType")) or None,
            )
            for layer in layers
        )
        return Candidate(
            names=names,
            image_id=f"sha256:{hashlib.sha256(document).hexdigest()}",
            config=_mapping(_parsed(document, self._label, "configuration")),
            layers=references,
            manifest_digest=digest,
            forged=forged or _differs(document, config_digest),
        )


def _differs(document: bytes, digest: str) -> bool:
    """Whether a document has another digest than the one it is found under; False for kinds that we cannot compute."""
    kind, _, stated = digest.partition(":")
    return kind in ("sha256", "sha512") and hashlib.new(kind, document).hexdigest() != stated


def _is_attestation(descriptor: Any) -> bool:
    annotations = _mapping(_mapping(descriptor).get("annotations"))
    platform = _mapping(_mapping(descriptor).get("platform"))
    return (
        annotations.get("vnd.docker.reference.type") == "attestation-manifest"
        or (platform.get("os"), platform.get("architecture")) == ("unknown", "unknown")
        or bool(_mapping(descriptor).get("artifactType"))
    )


def _names_of(descriptor: Any) -> tuple[str, ...]:
    annotations = _mapping(_mapping(descriptor).get("annotations"))
    names = (
        annotations.get("io.containerd.image.name"),
        annotations.get("org.opencontainers.image.ref.name"),
    )
    return tuple(dict.fromkeys(name for name in names if isinstance(name, str) and name))


def _is_named(candidate: Candidate, ref: str) -> bool:
    wanted = {ref, ref.removeprefix("docker.io/library/").removeprefix("docker.io/")}
    for name in candidate.names:
        short = name.removeprefix("docker.io/library/").removeprefix("docker.io/")
        if name in wanted or short in wanted or short.removesuffix(":latest") in wanted:
            return True
    digests = [candidate.image_id, candidate.manifest_digest or ""]
    bare = ref.removeprefix("sha256:")
    return len(bare) >= 6 and any(digest.removeprefix("sha256:").startswith(bare) for digest in digests)


def _fitting(candidates: Sequence[Candidate], platform: str | None) -> list[Candidate]:
    wanted = platform or _default_platform()
    return [found for found in candidates if found.platform is None or same_platform(found.platform, wanted)]


def same_platform(one: str, other: str) -> bool:
    """Whether two platforms are the same; a variant that one of them does not state is no difference."""
    first, second = _normal(one), _normal(other)
    return first[:2] == second[:2] and (not first[2] or not second[2] or first[2] == second[2])


def _normal(platform: str) -> tuple[str, str, str]:
    parts = [*platform.lower().split("/"), "", ""]
    system, architecture, variant = parts[:3] if "/" in platform else ("linux", parts[0], "")
    architecture = _MACHINES.get(architecture, architecture)
    return system, architecture, "" if (architecture, variant) == ("arm64", "v8") else variant


def _default_platform() -> str:
    import platform as machine

    name = machine.machine().lower()
    return f"linux/{_MACHINES.get(name, name)}"


def _blob_name(digest: str) -> str:
    return "blobs/" + digest.replace(":", "/", 1)


def _digest_in(name: str) -> str | None:
    """The digest that a blob's own name states (blobs/sha256/<hex>)."""
    folder, _, hexadecimal = name.rpartition("/")
    return f"sha256:{hexadecimal}" if folder == "blobs/sha256" else None


def _json(blobs: Blobs, name: str, label: str) -> Any:
    document = blobs.document(name)
    if document is None:
        raise _wrong(label, name)
    return _parsed(document, label, name)


def _parsed(document: bytes, label: str, name: str) -> Any:
    try:
        return json.loads(document)
    except (ValueError, RecursionError) as error:
        raise _wrong(label, name) from error


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _words(value: Any) -> tuple[str, ...] | None:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list):
        return None
    return tuple(word for word in value if isinstance(word, str))


def _wrong(label: str, name: str) -> ArchiveError:
    return ArchiveError(
        f"{label} is not an image that SlimDesk can read",
        f"{name} in it is not as it should be",
        "Save it again",
    )


def _missing(label: str, what: str, name: str) -> ArchiveError:
    return ArchiveError(
        f"{label} names a {what} that is not in it", visible(name, 80), "Save or pull the image again"
    )
