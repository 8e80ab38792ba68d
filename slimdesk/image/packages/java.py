"""Java archives: Maven's pom.properties, else the manifest, else the file's name; jars in a jar as Spring Boot packs them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from slimdesk.image.bodies import MAX_BODY, Interest
from slimdesk.image.interests import Rule
from slimdesk.image.packages.look import Claim, Look
from slimdesk.image.packages.zips import ZipEntry, content, entries

_WORD = "java"
_ENDINGS = (b".jar", b".war", b".ear")
_MAX_TEXT = 1 << 20
_MAX_INSIDE = 2_000
_MAX_NESTED_BYTES = 512 << 20
_DEPTH = 3
_MAX_NEEDED = 1_000
_NOT_NEEDED = (
    ("<!--", "-->"),
    ("<dependencyManagement>", "</dependencyManagement>"),
    ("<build>", "</build>"),
    ("<reporting>", "</reporting>"),
    ("<profiles>", "</profiles>"),
)
_FILE_NAME = re.compile(r"^(?P<name>.+?)[-_](?P<version>\d[\w.+-]*)$")


@dataclass(frozen=True, slots=True)
class Artifact:
    """One archive or a library folded into one; inside: path in the outer file, empty for that itself; size: its bytes there; requires: as its pom.xml says."""

    group: str | None
    name: str
    version: str
    inside: str
    size: int
    licence: str | None = None
    requires: tuple[str, ...] = ()


@dataclass(slots=True)
class _Purse:
    """What may still be unpacked of one file."""

    archives: int = _MAX_INSIDE
    bytes: int = _MAX_NESTED_BYTES


def _look(key: bytes, body: bytes, _: int) -> tuple[Artifact, ...] | None:
    name = key.rpartition(b"\0")[2]
    return tuple(artifacts(body, name, "", len(body))) or None


def _weight(value: object) -> int:
    return sum(512 + 64 * len(one.requires) for one in _artifacts(value))


RULES = (Rule(Interest(_WORD, _look, MAX_BODY, weighs=_weight), endings=frozenset((b"jar", b"war", b"ear"))),)


def read(look: Look) -> Iterator[Claim]:
    """Yield artifacts; an archive's bytes less those of the archives inside it are its own."""
    for found in look.found(_WORD):
        inside = [one for one in _artifacts(found.value) if one.inside]
        for one in _artifacts(found.value):
            claim = Claim(
                one.name,
                one.version,
                "maven",
                f"{found.path}!/{one.inside}" if one.inside else found.path,
                found.node,
                namespace=one.group,
                licence=one.licence,
                requires=one.requires,
            )
            if one.inside:
                claim.size = one.size
            else:
                claim.nodes = [found.node]
                claim.less = sum(other.size for other in inside)
            yield claim


def _artifacts(value: object) -> tuple[Artifact, ...]:
    return value if isinstance(value, tuple) else ()


def artifacts(  # noqa: PLR0917 - a step into an archive takes all of its place along
    body: bytes, file_name: bytes, inside: str, size: int, purse: _Purse | None = None, depth: int = _DEPTH
) -> Iterator[Artifact]:
    """Yield what an archive is, what is folded into it, and what the archives inside it are.

    file_name: last part of its path. inside: its place in the outer file. size: its bytes there.
    """
    purse = purse or _Purse()
    poms: list[dict[str, str]] = []
    needs: dict[str, tuple[str, ...]] = {}
    manifest: dict[str, str] = {}
    nested: list[ZipEntry] = []
    for entry in entries(body):
        if entry.name == b"META-INF/MANIFEST.MF":
            manifest = parse_manifest(content(body, entry, _MAX_TEXT) or b"")
        elif entry.name.endswith(b"/pom.properties") and entry.name.startswith(b"META-INF/maven/"):
            poms.append(_properties(content(body, entry, _MAX_TEXT) or b""))
        elif entry.name.endswith(b"/pom.xml") and entry.name.startswith(b"META-INF/maven/"):
            folder = entry.name.split(b"/")[-2].decode("utf-8", "replace")
            needs[folder] = needs_of_pom(content(body, entry, _MAX_TEXT) or b"")
        elif entry.name.endswith(_ENDINGS) and depth:
            nested.append(entry)
    stem = file_name.decode("utf-8", "replace").rpartition(".")[0]
    poms = [pom for pom in poms if pom.get("artifactId") and pom.get("version")]
    own = next((pom for pom in poms if stem.startswith(pom["artifactId"])), None)
    if own is None and len(poms) == 1:
        own = poms[0]
    licence = manifest.get("Bundle-License")
    found: list[Artifact] = []
    for entry in nested:
        purse.archives -= 1
        purse.bytes -= entry.size
        if purse.archives < 0 or purse.bytes < 0:
            break
        inner = content(body, entry, MAX_BODY)
        if inner is not None:
            path = entry.name.decode("utf-8", "replace")
            place = f"{inside}!/{path}" if inside else path
            found += artifacts(inner, entry.name.rpartition(b"/")[2], place, entry.stored, purse, depth - 1)
    if own is not None:
        name = own["artifactId"]
        yield Artifact(own.get("groupId"), name, own["version"], inside, size, licence, needs.get(name, ()))
    elif manifest or nested:
        yield _from_manifest(manifest, stem, inside, size, licence)
    for pom in poms:
        if pom is not own:
            # Folded in by the shade plugin: its bytes are the archive's.
            place = f"META-INF/maven/{pom.get('groupId', '')}/{pom['artifactId']}"
            place = f"{inside}!/{place}" if inside else place
            name = pom["artifactId"]
            yield Artifact(pom.get("groupId"), name, pom["version"], place, 0, requires=needs.get(name, ()))
    yield from found


def _from_manifest(
    manifest: dict[str, str], stem: str, inside: str, size: int, licence: str | None
) -> Artifact:
    match = _FILE_NAME.match(stem)
    bundle = manifest.get("Bundle-SymbolicName", "").partition(";")[0].strip()
    name = match["name"] if match else stem
    version = (
        (match["version"] if match else None)
        or manifest.get("Implementation-Version")
        or manifest.get("Bundle-Version")
        or "unknown"
    )
    group = manifest.get("Implementation-Vendor-Id")
    if not group and "." in bundle:
        # A bundle is most often named group.artifact.
        group = bundle.removesuffix(f".{name}") if bundle.endswith(f".{name}") else bundle
    return Artifact(group or None, name or "unknown", version, inside, size, licence)


def parse_manifest(body: bytes) -> dict[str, str]:
    """Return the main attributes; a line that begins with a blank goes on with the one before (JAR specification)."""
    attributes: dict[str, str] = {}
    for line in body.decode("utf-8", "replace").replace("\r\n", "\n").replace("\n ", "").split("\n"):
        if not line.strip():
            break
        key, colon, value = line.partition(":")
        if colon:
            attributes[key.strip()] = value.strip()
    return attributes


def needs_of_pom(body: bytes) -> tuple[str, ...]:
    """Return the artifact names of what a pom.xml needs when it runs (Maven's POM reference: dependencies, scope, optional).

    What it only manages, builds with, tests with or asks for in a profile is left out, and names that are made of properties.
    """
    text = body.decode("utf-8", "replace")
    for start, end in _NOT_NEEDED:
        text = _without(text, start, end)
    found: dict[str, None] = {}
    for part in text.split("<dependency>")[1 : _MAX_NEEDED + 1]:
        about = _without(part.partition("</dependency>")[0], "<exclusions>", "</exclusions>")
        name = _word(about, "artifactId")
        if (
            name
            and "$" not in name
            and _word(about, "scope") in ("", "compile", "runtime")
            and _word(about, "optional") != "true"
        ):
            found[name[:256]] = None
    return tuple(found)


def _without(text: str, start: str, end: str) -> str:
    """Cut out all that stands between two marks."""
    head, *rest = text.split(start)
    return head + "".join(part.partition(end)[2] for part in rest)


def _word(about: str, tag: str) -> str:
    return about.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0].strip()


def _properties(body: bytes) -> dict[str, str]:
    lines = body.decode("latin-1").splitlines()
    pairs = (line.partition("=") for line in lines if line.strip() and line.lstrip()[0] not in "#!")
    return {key.strip(): value.strip() for key, _, value in pairs}
