"""grype (github.com/anchore/grype): JSON as grype/presenter/models/document.go has it at 4562c55 (2026-07)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from slimdesk.scan.model import Scan, Unreadable, Vulnerability, gathered
from slimdesk.scan.read_json import bounded, document, fault, last_words, object_of, objects, text
from slimdesk.scan.scanner import Form, Scanner

# syft's kinds of packages, as purls have them (syft/pkg/type.go).
_TYPES = {
    "deb": "deb", "apk": "apk", "rpm": "rpm", "python": "pypi", "npm": "npm", "java-archive": "maven", "jenkins-plugin": "maven",
    "go-module": "golang", "rust-crate": "cargo", "gem": "gem", "dotnet": "nuget", "php-composer": "composer", "conan": "conan",
    "binary": "generic",
}  # fmt: skip
_PREFIX: dict[Form, str] = {
    "docker-archive": "docker-archive",
    "oci-archive": "oci-archive",
    "oci-layout": "oci-dir",
}


def _command(program: Path, image: Path, form: Form, answer: Path) -> list[str]:
    return [str(program), f"{_PREFIX[form]}:{image}", "--output", "json", "--file", str(answer)]


def _update(program: Path, _java: bool) -> list[list[str]]:
    return [[str(program), "db", "update"]]


def _parse(data: bytes) -> Scan:
    whole = document(data)
    if not isinstance(whole.get("matches"), list) or not isinstance(whole.get("descriptor"), dict):
        raise Unreadable("its answer is not what it documents")
    descriptor = object_of(whole["descriptor"])
    database = object_of(descriptor.get("db"))
    made = object_of(database.get("status")).get("built") or database.get("built")
    return Scan(
        "grype",
        text(descriptor.get("version"), 40),
        gathered(_found(objects(whole["matches"]))),
        text(made, 40) or None,
        types=frozenset(_TYPES.values()) - {"generic"},
    )


def _found(matches: list[dict[str, Any]]) -> Iterator[Vulnerability]:
    for match in bounded(matches):
        known, package = object_of(match.get("vulnerability")), object_of(match.get("artifact"))
        fix = object_of(known.get("fix"))
        given = fix.get("versions")
        versions = [text(one, 60) for one in given if isinstance(one, str)] if isinstance(given, list) else []
        place = next(iter(objects(package.get("locations"))), {})
        yield fault(
            known.get("id"),
            known.get("severity"),
            package.get("name"),
            package.get("version"),
            purl=package.get("purl"),
            kind=_TYPES.get(str(package.get("type")), ""),
            fixed=", ".join(versions[:6]),
            path=place.get("path"),
            layer=place.get("layerID"),
            title=known.get("description"),
            url=known.get("dataSource"),
        )


def _refusal(status: int, said: str) -> tuple[str, str]:
    if "database does not exist" in said or "database not found" in said:
        return "grype has no database here", "Let it fetch one: grype db update"
    if "was built" in said and "max allowed age" in said:
        return "grype's database is too old", "Let it fetch a newer one: grype db update"
    if "vulnerability database error" in said or "unable to update vulnerability database" in said:
        return "grype has no database that it can use", "Let it fetch one: grype db update"
    return f"grype ended with status {status}: {last_words(said)}", ""


SCANNER = Scanner(
    name="grype",
    command=_command,
    parse=_parse,
    refusal=_refusal,
    forms=("docker-archive", "oci-archive", "oci-layout"),
    update=_update,
    environment={
        "GRYPE_DB_AUTO_UPDATE": "false",
        "GRYPE_CHECK_FOR_APP_UPDATE": "false",
        # An old database is a real answer, and its date stands beside it.
        "GRYPE_DB_VALIDATE_AGE": "false",
    },
)
