"""trivy (github.com/aquasecurity/trivy): JSON of schema version 2, as pkg/types/report.go has it at dc3c56e (2026-08)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from slimdesk.scan.model import Scan, Unreadable, Vulnerability, gathered
from slimdesk.scan.read_json import bounded, document, fault, last_words, object_of, objects, purl_key, text
from slimdesk.scan.scanner import Form, Scanner

# Results of these classes are packages; the others are secrets and settings, which nobody asked for.
_CLASSES = ("os-pkgs", "lang-pkgs")
_TYPES = {
    **dict.fromkeys(("debian", "ubuntu", "echo"), "deb"),
    **dict.fromkeys(("alpine", "wolfi", "chainguard", "minimos"), "apk"),
    **dict.fromkeys(
        (
            "redhat", "centos", "rocky", "alma", "oracle", "fedora", "amazon", "photon", "azurelinux", "cbl-mariner",
            "opensuse", "opensuse.leap", "opensuse.tumbleweed", "suse linux enterprise server",
        ),
        "rpm",
    ),
    "gobinary": "golang", "jar": "maven", "node-pkg": "npm", "python-pkg": "pypi", "gemspec": "gem", "rustbinary": "cargo",
    "conda-pkg": "conda", "dotnet-core": "nuget", "composer-vendor": "composer",
}  # fmt: skip


def _command(program: Path, image: Path, _form: Form, answer: Path) -> list[str]:
    return [
        str(program), "image", "--input", str(image), "--scanners", "vuln", "--format", "json", "--list-all-pkgs",
        "--no-progress", "--output", str(answer),
    ]  # fmt: skip


def _update(program: Path, java: bool) -> list[list[str]]:
    # The index of Java archives is many times larger than all the rest, and of use for them alone.
    wanted = ["--download-db-only", *(["--download-java-db-only"] if java else [])]
    return [[str(program), "image", flag, "--no-progress"] for flag in wanted]


def _parse(data: bytes) -> Scan:
    whole = document(data)
    if whole.get("SchemaVersion") != 2:
        raise Unreadable("its answer is of a version that SlimDesk does not know")
    results = [one for one in objects(whole.get("Results")) if one.get("Class") in _CLASSES]
    found = list(_found(results))
    seen = {key for one in results for package in objects(one.get("Packages")) if (key := _key(package))}
    # What has a fault was seen, whatever the list says.
    seen |= {(one.type, one.package.lower()) for one in found if one.type}
    listed = any("Packages" in one for one in results) or not results
    return Scan(
        "trivy",
        text(object_of(whole.get("Trivy")).get("Version"), 40),
        gathered(found),
        seen=frozenset(seen) if listed else None,
        types=frozenset(_TYPES.values()),
    )


def _found(results: list[dict[str, Any]]) -> Iterator[Vulnerability]:
    for kind, one in bounded(
        (_TYPES.get(str(result.get("Type")), ""), one)
        for result in results
        for one in objects(result.get("Vulnerabilities"))
    ):
        yield fault(
            one.get("VulnerabilityID"),
            one.get("Severity"),
            one.get("PkgName"),
            one.get("InstalledVersion"),
            purl=object_of(one.get("PkgIdentifier")).get("PURL"),
            kind=kind,
            fixed=text(one.get("FixedVersion"), 200),
            path=_path(one.get("PkgPath")),
            layer=object_of(one.get("Layer")).get("DiffID"),
            title=one.get("Title"),
            url=one.get("PrimaryURL"),
        )


def _path(value: object) -> str | None:
    found = text(value, 4096)
    return f"/{found.lstrip('/')}" if found else None


def _key(package: dict[str, Any]) -> tuple[str, str] | None:
    return purl_key(object_of(package.get("Identifier")).get("PURL"))


def _refusal(status: int, said: str) -> tuple[str, str]:
    if (
        "skip-java-db-update cannot be specified" in said
        or "first run cannot skip downloading Java DB" in said
    ):
        return (
            "trivy has no index of Java archives here",
            "Let it fetch one: trivy image --download-java-db-only",
        )
    if "skip-db-update cannot be specified" in said or "first run cannot skip downloading DB" in said:
        return "trivy has no database here", "Let it fetch one: trivy image --download-db-only"
    if "failed to download vulnerability DB" in said or "DB error" in said:
        return "trivy could not fetch its database", "Look whether its registry can be reached from here"
    return f"trivy ended with status {status}: {last_words(said)}", ""


def _version(program: Path) -> list[str]:
    return [str(program), "--version", "--format", "json"]


def _about(data: bytes) -> tuple[str, str | None]:
    try:
        whole = json.loads(data)
    except ValueError:
        return "", None
    found = object_of(whole)
    made = text(object_of(found.get("VulnerabilityDB")).get("UpdatedAt"), 40)
    return text(found.get("Version"), 40), made or None


SCANNER = Scanner(
    name="trivy",
    command=_command,
    parse=_parse,
    refusal=_refusal,
    forms=("docker-archive", "oci-layout"),
    update=_update,
    version=_version,
    about_itself=_about,
    # Flags come and go between releases; variables that a release does not know are passed over.
    environment={
        "TRIVY_SKIP_DB_UPDATE": "true",
        "TRIVY_SKIP_JAVA_DB_UPDATE": "true",
        "TRIVY_OFFLINE_SCAN": "true",
        "TRIVY_SKIP_VERSION_CHECK": "true",
        "TRIVY_SKIP_VEX_REPO_UPDATE": "true",
        "TRIVY_DISABLE_TELEMETRY": "true",
    },
)
